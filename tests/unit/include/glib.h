/* glib.h - as much of GLib's interface as the tests use. */
#pragma once

typedef int gboolean;
typedef void *gpointer;
typedef struct _GMainLoop GMainLoop;
typedef struct _GMainContext GMainContext;
typedef struct _GThread GThread;
typedef struct _GSource GSource;
typedef gboolean (*GSourceFunc)(gpointer data);
typedef gpointer (*GThreadFunc)(gpointer data);

typedef struct _GSourceFuncs {
    gboolean (*prepare)(GSource *source, int *timeout);
    gboolean (*check)(GSource *source);
    gboolean (*dispatch)(GSource *source, GSourceFunc callback, gpointer data);
    void (*finalize)(GSource *source);
} GSourceFuncs;

typedef struct _GIOChannel GIOChannel;
typedef gboolean (*GIOFunc)(GIOChannel *source, int condition, gpointer data);

GIOChannel *g_io_channel_unix_new(int fd);
unsigned g_io_add_watch(GIOChannel *channel, int condition, GIOFunc function, gpointer data);
int g_io_channel_write_chars(GIOChannel *channel, const char *text, long n, unsigned long *written,
                             void **error);
GSource *g_source_new(GSourceFuncs *functions, unsigned size);
unsigned g_source_attach(GSource *source, GMainContext *context);
unsigned g_timeout_add(unsigned interval, GSourceFunc function, gpointer data);
void g_main_context_invoke(GMainContext *context, GSourceFunc function, gpointer data);
GMainContext *g_main_context_new(void);
GMainLoop *g_main_loop_new(GMainContext *context, gboolean is_running);
void g_main_loop_run(GMainLoop *loop);
GThread *g_thread_new(const char *name, GThreadFunc function, gpointer data);
gpointer g_thread_join(GThread *thread);
