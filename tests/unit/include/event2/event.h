/* event.h - as much of libevent's interface as the tests use. */
#pragma once

struct event_base;
struct event;
struct timeval;
typedef void (*event_callback_fn)(int fd, short events, void *data);

struct event *event_new(struct event_base *base, int fd, short events, event_callback_fn callback,
                        void *data);
int event_add(struct event *event, const struct timeval *timeout);
int event_base_dispatch(struct event_base *base);
