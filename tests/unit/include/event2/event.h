/* event.h - as much of libevent's interface as the tests use. */
#pragma once

struct event_base;
struct event {
    struct event_base *ev_base;
};
struct timeval;
typedef void (*event_callback_fn)(int fd, short events, void *data);

struct event *event_new(struct event_base *base, int fd, short events, event_callback_fn callback,
                        void *data);
struct event_base *event_base_new(void);
struct event_base *event_init(void);
void event_set(struct event *event, int fd, short events, event_callback_fn callback, void *data);
int event_base_set(struct event_base *base, struct event *event);
int event_add(struct event *event, const struct timeval *timeout);
int event_base_dispatch(struct event_base *base);
int event_base_once(struct event_base *base, int fd, short events, event_callback_fn callback,
                    void *data, const struct timeval *timeout);
