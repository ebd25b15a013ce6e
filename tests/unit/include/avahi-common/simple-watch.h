/* simple-watch.h - as much of Avahi's interface as the tests use. */
#pragma once

#include <stddef.h>

typedef struct AvahiSimplePoll AvahiSimplePoll;
typedef struct AvahiThreadedPoll AvahiThreadedPoll;
typedef struct AvahiGLibPoll AvahiGLibPoll;
typedef struct AvahiClient AvahiClient;
typedef struct AvahiTimeout AvahiTimeout;
typedef struct AvahiPoll AvahiPoll;
typedef void (*AvahiTimeoutCallback)(AvahiTimeout *timeout, void *data);
typedef void (*AvahiClientCallback)(AvahiClient *client, int state, void *data);

struct AvahiPoll {
    void *userdata;
    AvahiTimeout *(*timeout_new)(const AvahiPoll *api, const void *when, AvahiTimeoutCallback call,
                                 void *data);
};

AvahiSimplePoll *avahi_simple_poll_new(void);
const AvahiPoll *avahi_simple_poll_get(AvahiSimplePoll *poll);
int avahi_simple_poll_loop(AvahiSimplePoll *poll);
AvahiThreadedPoll *avahi_threaded_poll_new(void);
const AvahiPoll *avahi_threaded_poll_get(AvahiThreadedPoll *poll);
void avahi_threaded_poll_lock(AvahiThreadedPoll *poll);
void avahi_threaded_poll_unlock(AvahiThreadedPoll *poll);
AvahiGLibPoll *avahi_glib_poll_new(void *context, int priority);
const AvahiPoll *avahi_glib_poll_get(AvahiGLibPoll *poll);
AvahiClient *avahi_client_new(const AvahiPoll *api, int flags, AvahiClientCallback call, void *data,
                              int *error);
