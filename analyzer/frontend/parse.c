#include "frontend/parse.h"

#include <string.h>

/* What may be left out, in the order of tries: code generation first, which hardly changes what the
 * source says; then what changes predefined macros and keywords. */
static const char *const processor_flags[] = {
    "-march=", "-mcpu=", "-mtune=", "-mfpu=", "-mabi=", "-mcmodel=", "-mfloat-abi=",
};
static const char *const language_flags[] = {"-std=", "--std=", "--target="};

static bool is_one_of(const char *arg, const char *const *flags, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strncmp(arg, flags[i], strlen(flags[i])) == 0) {
            return true;
        }
    }
    return false;
}

static bool may_drop(const char *arg, bool language_too)
{
    return is_one_of(arg, processor_flags, sizeof processor_flags / sizeof processor_flags[0]) ||
           (language_too &&
            is_one_of(arg, language_flags, sizeof language_flags / sizeof language_flags[0]));
}

static void try_parse(CXIndex index, const char *path, const char *const *args, size_t n,
                      struct CXUnsavedFile *unsaved, size_t n_unsaved, struct parsed *parsed)
{
    parsed->tu = NULL;
    parsed->code =
        clang_parseTranslationUnit2FullArgv(index, path, args, (int)n, unsaved, (unsigned)n_unsaved,
                                            CXTranslationUnit_KeepGoing, &parsed->tu);
}

/* A further try, unless there is nothing new to leave out. */
static void try_without(void *owner, CXIndex index, const char *path, const char *const *args,
                        size_t n, struct CXUnsavedFile *unsaved, size_t n_unsaved,
                        bool language_too, struct parsed *parsed)
{
    const char **fewer = mem_array(owner, const char *, n);
    size_t n_fewer = 0;
    struct parsed next = {.tu = NULL};

    for (size_t i = 0; i < n; i++) {
        if (may_drop(args[i], language_too)) {
            vec_push(owner, &next.dropped, args[i]);
        } else {
            fewer[n_fewer++] = args[i];
        }
    }
    if (next.dropped.n > parsed->dropped.n) {
        try_parse(index, path, fewer, n_fewer, unsaved, n_unsaved, &next);
        *parsed = next;
    }
}

/* An unknown processor is CXError_Failure, an unknown standard CXError_ASTReadError. */
static bool may_be_flags(const struct parsed *parsed)
{
    return parsed->tu == NULL && parsed->code != CXError_Crashed;
}

void parse_source(void *owner, CXIndex index, const char *path, const char *const *args, size_t n,
                  struct CXUnsavedFile *unsaved, size_t n_unsaved, struct parsed *ret_parsed)
{
    *ret_parsed = (struct parsed){.tu = NULL};
    try_parse(index, path, args, n, unsaved, n_unsaved, ret_parsed);
    for (int further = 0; further < 2 && may_be_flags(ret_parsed); further++) {
        try_without(owner, index, path, args, n, unsaved, n_unsaved, further == 1, ret_parsed);
    }
}

bool parse_is_about_flag(const char *message)
{
    static const char *const beginnings[] = {"unsupported option ", "unsupported argument ",
                                             "unknown argument", "invalid value "};

    return is_one_of(message, beginnings, sizeof beginnings / sizeof beginnings[0]);
}
