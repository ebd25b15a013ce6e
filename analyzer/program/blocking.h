/* blocking.h - what a call can wait for. */
#pragma once

#include "program/contexts.h"

/* What the call itself waits for, as far as the attributes of the function called, its model, its
 * arguments and where its descriptor comes from tell. */
enum blocks_what blocking_what(const struct contexts *contexts, const struct call *call,
                               bool *ret_sure);

/* Do the attributes of the function called say whether it waits? Then its body is not asked. */
bool blocking_is_claimed(const struct contexts *contexts, const struct call *call);
