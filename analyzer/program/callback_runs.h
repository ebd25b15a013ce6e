/* callback_runs.h - which calls of the program run an event loop's callbacks.
 *
 * A call that runs a loop of the callback's library (uv_run), or one of another library that it was
 * told to use (avahi_glib_poll_new(): then GLib's run Avahi's). A call that runs callbacks and is
 * no loop, because who makes it waits anyway (curl_easy_perform()). Or the library's own source.
 */
#pragma once

#include "program/contexts.h"

enum callback_runner {
    RUNNER_LOOP,   /* a call that runs a loop, or the library's own source */
    RUNNER_WAITER, /* only calls that wait for the callbacks' end: nothing else is kept waiting */
    RUNNER_UNSEEN, /* no call of the program */
};

struct callback_runs;

struct callback_runs *callback_runs_new(void *owner, struct flows *flows);

/* Lets the calls that run the callback have it among their callees. Who that is. Where only loops
 * of another library do, it is that one's callback from then on. */
enum callback_runner callback_runs_link(struct callback_runs *runs, struct callback *callback);
