/* flags_expand.h - a command line with what is packed into single arguments unpacked. */
#pragma once

#include "frontend/flags.h"

struct flag_tokens {
    const char **v;
    size_t n;
};

/* The arguments of `command` from number `first` on: @files replaced by what they hold, -Xclang X
 * and -Xpreprocessor X by X, -Wp,A,B by A B. A file that cannot be read goes to `flags->dropped`.
 * The array is owned by `flags`, the strings by `names`. */
struct flag_tokens flags_expand(struct flags *flags, struct intern *names,
                                const struct flags_command *command, size_t first);
