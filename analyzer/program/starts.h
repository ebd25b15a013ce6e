/* starts.h - where a thread has not been started after all. */
#pragma once

#include "program/flow.h"

/* The call that starts a thread and, as the branch at the end of block `block` found out, failed
 * on the way over its successor number `edge`. NULL: none. A call that comes again has failed only
 * this time: NULL, too. */
const struct call *starts_failed_call(const struct flows *flows, fn_id fn, uint32_t block,
                                      uint32_t edge);
