/* flags.h - a compiler's command line, cut down to what changes the meaning of the source.
 *
 * Builds are made with gcc as often as with clang, and libclang stops at, or complains of, flags
 * that it does not know. What warns, links, optimises or writes files is left out; what defines
 * macros, finds headers or picks the language and the target stays.
 */
#pragma once

#include "base/intern.h"
#include "base/mem.h"

#include <stdbool.h>

enum flags_language {
    FLAGS_C,
    FLAGS_CXX, /* and Objective-C, CUDA, Fortran, ...: whatever is not C */
    FLAGS_ASM,
};

/* A flag that was left out, for people who ask why. */
struct flag_dropped {
    const char *flag;   /* with its value: "-o x.o" */
    const char *reason; /* a constant, "linker" */
};

/* Strings belong to the table given to flags_read(). */
struct flags {
    VEC(const char *) args; /* in the order of the command line */
    VEC(struct flag_dropped) dropped;
    const char *language; /* value of the last -x; NULL: the file's name decides */
    bool cxx_compiler;    /* g++, clang++: takes x.c for C++ */
};

/* A command line as it was written. */
struct flags_command {
    const char *directory; /* absolute; @files are relative to it */
    const char *const *argv;
    size_t n;
    bool has_compiler; /* argv starts with launchers (ccache, env X=1) and the compiler's name */
};

/* Never NULL: what is not understood is dropped with a reason. Owned by `owner`. */
struct flags *flags_read(void *owner, struct intern *names, const struct flags_command *command);

/* What a compiler with these flags takes `path` for. */
enum flags_language flags_language_of(const struct flags *flags, const char *path);
