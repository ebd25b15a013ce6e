/* descriptors.h - what a descriptor or stream leads to, and whether it blocks.
 *
 * The evidence is collected at what hands it out (open, socket, pipe, accept4, a library's
 * callback): the flags there, and the calls that make it non-blocking later (fcntl, ioctl, helpers
 * of the program that do so with a parameter). A use asks where its descriptor comes from.
 */
#pragma once

#include "program/sources.h"

struct descriptors;

enum fd_state {
    FD_MAY_BLOCK, /* not known */
    FD_NEVER_BLOCKS,
    FD_BLOCKS,
};

struct fd_answer {
    enum fd_state state;
    enum fd_kind kind; /* of FD_BLOCKS */
    bool watched;      /* some loop tells when it is ready */
};

struct descriptors *descriptors_build(void *owner, const struct flows *flows,
                                      struct sources *sources);

/* Of argument `arg` of the call, a descriptor or stream. */
struct fd_answer descriptors_ask(struct descriptors *descriptors, const struct call *call, int arg);
