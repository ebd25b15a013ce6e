/* explain_flags.c - `snarl check --explain-flags FILE`: what libclang is told of a compiler's
 * command line, and why the rest is left out.
 */
#include "cmd.h"
#include "frontend/explain.h"
#include "frontend/frontend.h"
#include "frontend/path.h"
#include "run/run.h"

#include <stdio.h>
#include <string.h>

static const char *use_text(enum explained_use use)
{
    switch (use) {
    case EXPLAINED_USED:
        return "";
    case EXPLAINED_DUPLICATE:
        return " (not used: the first entry for a file counts)";
    case EXPLAINED_CXX:
        return " (left out: not C, by its name, -x, or the compiler's name)";
    case EXPLAINED_ASM:
        return " (left out: assembler)";
    case EXPLAINED_MISSING:
        return " (left out: there is no such file)";
    }
    return "";
}

/* A flag and its value on one line. */
static void print_args(const char *const *args, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool is_value = i > 0 && args[i][0] != '-' && args[i - 1][0] == '-';
        (void)printf(is_value ? " %s" : i == 0 ? "    %s" : "\n    %s", args[i]);
    }
    (void)puts(n == 0 ? "    nothing" : "");
}

static void print_own_args(const char *directory)
{
    void *owner = mem_owner(NULL, "own args");
    const char *const *args = frontend_own_args(owner, directory);
    size_t n = 0;

    while (args[n] != NULL) {
        n++;
    }
    (void)puts("  given to libclang by snarl itself:");
    print_args(args + 1, n - 1); /* the first is a program's name */
    talloc_free(owner);
}

static void print_dropped(const struct flags *flags)
{
    size_t width = 0;

    for (size_t i = 0; i < flags->dropped.n; i++) {
        size_t n = strlen(flags->dropped.v[i].flag);
        width = n > width && n <= 40 ? n : width; /* a longer one sticks out */
    }
    (void)puts("  left out:");
    for (size_t i = 0; i < flags->dropped.n; i++) {
        const struct flag_dropped *dropped = &flags->dropped.v[i];
        (void)printf("    %-*s  %s\n", (int)width, dropped->flag, dropped->reason);
    }
    if (flags->dropped.n == 0) {
        (void)puts("    nothing");
    }
}

static void print_said(const char *text, size_t n_before)
{
    (void)printf("%s    %s\n", n_before == 0 ? "  said by libclang:\n" : "", text);
}

/* Some flags libclang only refuses when it gets them: parses the file, for what is said of none of
 * its lines. */
static void print_refused(const struct common_options *options,
                          const struct explanation *explanation, const struct explained *entry)
{
    void *owner = mem_owner(NULL, "refused flags");
    struct compile_unit unit = {explanation->path, entry->directory, entry->flags->args.v,
                                entry->flags->args.n};
    struct err err = {0};
    const struct ir_unit *ir = run_one_unit(owner, options, &unit, &err);
    size_t n = 0;

    if (ir == NULL) {
        print_said(err.text, n++);
    }
    for (size_t i = 0; ir != NULL && i < ir->problems.n; i++) {
        if (ir->problems.v[i].file.i == ID_NONE) {
            print_said(ir->problems.v[i].text, n++);
        }
    }
    talloc_free(owner);
}

static void print_entry(const struct common_options *options, const struct explanation *explanation,
                        size_t i, const char *root)
{
    const struct explained *entry = &explanation->entries.v[i];

    (void)printf("%s, ", prog_relative(root, explanation->path));
    if (explanation->entries.n > 1) {
        (void)printf("entry %zu of %zu, ", i + 1, explanation->entries.n);
    }
    (void)printf("compiled in %s%s\n",
                 strcmp(entry->directory, root) == 0 ? "." : prog_relative(root, entry->directory),
                 use_text(entry->use));
    (void)puts("  given to libclang:");
    print_args(entry->flags->args.v, entry->flags->args.n);
    if (entry->use == EXPLAINED_USED) {
        print_own_args(entry->directory);
        print_refused(options, explanation, entry);
    }
    print_dropped(entry->flags);
}

int explain_flags(const struct common_options *options, const char *file)
{
    void *owner = mem_owner(NULL, "explain flags");
    struct err err = {0};
    const struct explanation *explanation =
        options->has_cflags ? explain_cflags(owner, file, options->cflags.v, options->cflags.n)
                            : explain_entries(owner, options->build_dir, file, &err);
    int status = explanation == NULL ? run_fail(&err) : EXIT_CLEAN;
    const char *root = path_current(owner);

    for (size_t i = 0; explanation != NULL && i < explanation->entries.n; i++) {
        print_entry(options, explanation, i, root);
    }
    talloc_free(owner);
    return status;
}
