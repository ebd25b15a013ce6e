/* flags_table.h - what each compiler flag is to us: data. */
#pragma once

#include <stdbool.h>

/* How a flag and its value are written. */
enum flag_form {
    FLAG_ALONE,  /* -c */
    FLAG_PREFIX, /* -std=c11: the name and anything behind it, in one argument */
    FLAG_NEXT,   /* -Xlinker X: the value is the next argument */
    FLAG_EITHER, /* -o X or -oX */
};

struct flag_rule {
    const char *name;
    enum flag_form form;
    const char *drop;    /* why it is left out; NULL: it is kept */
    const char *instead; /* kept under this name, which clang knows; NULL: as it is */
};

/* The rule for the argument `arg`, which starts with '-'. Never NULL: what no rule knows has one
 * that drops it. */
const struct flag_rule *flag_rule_of(const char *arg);

/* Wrappers that are put before a compiler's name: ccache and friends. */
bool flag_is_launcher(const char *name);

/* Whether clang can compile for the CPU that a target triple ("arm-none-eabi") starts with. */
bool flag_is_known_target(const char *triple, unsigned long n);
