/* glib.h - as much of GLib's interface as the tests use. */
#pragma once

typedef int gboolean;
typedef void *gpointer;
typedef struct _GMainLoop GMainLoop;
typedef struct _GThread GThread;
typedef gboolean (*GSourceFunc)(gpointer data);
typedef gpointer (*GThreadFunc)(gpointer data);

unsigned g_timeout_add(unsigned interval, GSourceFunc function, gpointer data);
void g_main_loop_run(GMainLoop *loop);
GThread *g_thread_new(const char *name, GThreadFunc function, gpointer data);
gpointer g_thread_join(GThread *thread);
