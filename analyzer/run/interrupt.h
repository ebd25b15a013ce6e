/* interrupt.h - Ctrl-C in the middle of a run.
 *
 * Signals that end a process are held back while there is something to be put in order first; they
 * do what they always do when they are let go. So whoever started snarl sees it ended by the signal
 * (a shell: status 130 for Ctrl-C).
 */
#pragma once

#include <signal.h>

struct interrupt {
    sigset_t held; /* blocked by interrupt_hold() */
    sigset_t before;
};

/* Holds back SIGINT, SIGTERM and SIGHUP, each unless the process ignores or handles it. */
struct interrupt interrupt_hold(void);

/* Does not return when one came meanwhile. */
void interrupt_release(const struct interrupt *interrupt);
