#include "frontend/flags.h"

#include "frontend/flags_expand.h"
#include "frontend/flags_table.h"
#include "frontend/path.h"

#include <ctype.h>
#include <string.h>

struct reading {
    struct flags *flags;
    struct intern *names;
    struct flag_tokens tokens;
    size_t at;            /* the token that is looked at */
    bool has_target;      /* the command line names one */
    bool foreign_machine; /* a compiler for a CPU that clang does not know: no -m flag fits */
};

static void keep(struct reading *r, const char *arg)
{
    vec_push(r->flags, &r->flags->args, arg);
}

static void drop(struct reading *r, const char *flag, const char *value, const char *reason)
{
    if (value != NULL) {
        char *text = mem_printf(r->flags, "%s %s", flag, value);
        flag = intern_str(r->names, text);
        talloc_free(text);
    }
    vec_push(r->flags, &r->flags->dropped, (struct flag_dropped){flag, reason});
}

/* The -m flags of a compiler for another CPU mean nothing, or worse, for ours. */
static const char *reason_to_drop(const struct reading *r, const struct flag_rule *rule,
                                  const char *arg)
{
    if (rule->drop == NULL && r->foreign_machine && strncmp(arg, "-m", 2) == 0) {
        return "for a CPU that clang doesn't know";
    }
    return rule->drop;
}

static void note_meaning(struct reading *r, const char *arg, const char *value)
{
    if (strncmp(arg, "-x", 2) == 0) {
        const char *language = value == NULL ? arg + 2 : value;
        r->flags->language = strcmp(language, "none") == 0 ? NULL : language;
    } else if (strncmp(arg, "--target=", 9) == 0 || strcmp(arg, "-target") == 0) {
        r->has_target = true;
    }
}

static void take_flag(struct reading *r, const char *arg)
{
    const struct flag_rule *rule = flag_rule_of(arg);
    const char *reason = reason_to_drop(r, rule, arg);
    const char *value = NULL;

    if (rule->form == FLAG_NEXT || (rule->form == FLAG_EITHER && strcmp(arg, rule->name) == 0)) {
        if (r->at + 1 >= r->tokens.n) {
            drop(r, arg, NULL, "its value is missing");
            return;
        }
        value = r->tokens.v[++r->at];
    }
    if (reason != NULL) {
        drop(r, arg, value, reason);
        return;
    }
    note_meaning(r, arg, value);
    keep(r, rule->instead != NULL ? rule->instead : arg);
    if (value != NULL) {
        keep(r, value);
    }
}

/* "-D X" as "-DX", so that one rule sees both. */
static const char *joined_define(struct reading *r, const char *arg)
{
    if ((strcmp(arg, "-D") != 0 && strcmp(arg, "-U") != 0) || r->at + 1 >= r->tokens.n) {
        return arg;
    }
    char *text = mem_printf(r->flags, "%s%s", arg, r->tokens.v[++r->at]);
    arg = intern_str(r->names, text);
    talloc_free(text);
    return arg;
}

static void take_tokens(struct reading *r)
{
    bool only_inputs = false; /* after "--" */

    for (r->at = 0; r->at < r->tokens.n; r->at++) {
        const char *arg = r->tokens.v[r->at];

        if (only_inputs || arg[0] != '-' || arg[1] == '\0') {
            drop(r, arg, NULL, "an input");
        } else if (strcmp(arg, "--") == 0) {
            only_inputs = true;
        } else {
            take_flag(r, joined_define(r, arg));
        }
    }
}

static bool is_assignment(const char *arg)
{
    size_t n = strcspn(arg, "=");

    return arg[n] == '=' && n > 0 && memchr(arg, '/', n) == NULL;
}

/* Number of leading arguments that are a launcher and its options: "env X=1", "nice -n 5". */
static size_t count_launchers(const struct flags_command *command)
{
    size_t i = 0;

    while (i < command->n && flag_is_launcher(path_name(command->argv[i]))) {
        i++;
        while (i < command->n && (command->argv[i][0] == '-' || is_assignment(command->argv[i]))) {
            const char *option = command->argv[i];
            bool has_value = strcmp(option, "-u") == 0 || strcmp(option, "-n") == 0;
            i += has_value && i + 1 < command->n ? 2 : 1;
        }
    }
    return i;
}

/* "arm-none-eabi-gcc-12.2.exe" as "arm-none-eabi-gcc". */
static char *bare_compiler(void *owner, const char *path)
{
    char *name = mem_strdup(owner, path_name(path));
    size_t n = strlen(name);

    if (n > 4 && strcmp(name + n - 4, ".exe") == 0) {
        n -= 4;
    }
    size_t end = n;
    while (end > 0 && (isdigit((unsigned char)name[end - 1]) || name[end - 1] == '.')) {
        end--;
    }
    if (end > 1 && end < n && name[end - 1] == '-') {
        n = end - 1;
    }
    name[n] = '\0';
    return name;
}

/* A cross compiler carries its target in front of its name; clang wants it said. */
static void take_target(struct reading *r, const char *compiler)
{
    static const char *const families[] = {"gcc", "g++", "cc", "c++", "clang", "clang++"};
    const char *dash = strrchr(compiler, '-');
    bool is_family = false;

    for (size_t i = 0; dash != NULL && i < sizeof families / sizeof families[0]; i++) {
        is_family = is_family || strcmp(dash + 1, families[i]) == 0;
    }
    if (!is_family || dash == compiler) {
        return;
    }
    size_t n = (size_t)(dash - compiler);
    if (flag_is_known_target(compiler, n)) {
        char *text = mem_printf(r->flags, "--target=%.*s", (int)n, compiler);
        keep(r, intern_str(r->names, text));
        talloc_free(text);
    } else if (memchr(compiler, '-', n) != NULL) { /* sh-elf-gcc; not afl-gcc, musl-gcc */
        r->foreign_machine = true;
    }
}

/* The number of arguments before the first flag. */
static size_t take_compiler(struct reading *r, const struct flags_command *command)
{
    size_t i = count_launchers(command);

    for (size_t k = 0; k < i; k++) {
        drop(r, intern_str(r->names, command->argv[k]), NULL, "a launcher of the compiler");
    }
    if (i == command->n || command->argv[i][0] == '-') {
        return i;
    }
    char *compiler = bare_compiler(r->flags, command->argv[i]);
    size_t n = strlen(compiler);
    r->flags->cxx_compiler = n > 2 && strcmp(compiler + n - 2, "++") == 0;
    take_target(r, compiler);
    talloc_free(compiler);
    drop(r, intern_str(r->names, command->argv[i]), NULL, "the compiler");
    return i + 1;
}

struct flags *flags_read(void *owner, struct intern *names, const struct flags_command *command)
{
    struct flags *flags = mem_new(owner, struct flags);
    struct reading r = {.flags = flags, .names = names};
    size_t first = command->has_compiler ? take_compiler(&r, command) : 0;
    size_t n_guessed = flags->args.n;

    r.tokens = flags_expand(flags, names, command, first);
    take_tokens(&r);
    if (r.has_target && n_guessed > 0) { /* said by the user: the guess is first, take it away */
        drop(&r, flags->args.v[0], NULL, "the command line names another target");
        flags->args.n--;
        memmove(flags->args.v, flags->args.v + 1, flags->args.n * sizeof *flags->args.v);
    }
    return flags;
}

static enum flags_language language_of_option(const char *language)
{
    if (strcmp(language, "c") == 0 || strcmp(language, "c-header") == 0 ||
        strcmp(language, "cpp-output") == 0) {
        return FLAGS_C;
    }
    return strncmp(language, "assembler", 9) == 0 ? FLAGS_ASM : FLAGS_CXX;
}

enum flags_language flags_language_of(const struct flags *flags, const char *path)
{
    const char *dot = strrchr(path_name(path), '.');

    if (flags->language != NULL) {
        return language_of_option(flags->language);
    }
    if (dot == NULL) {
        return FLAGS_CXX;
    }
    if (strcmp(dot, ".c") == 0 || strcmp(dot, ".i") == 0 || strcmp(dot, ".h") == 0) {
        return flags->cxx_compiler ? FLAGS_CXX : FLAGS_C;
    }
    bool assembler = strcmp(dot, ".s") == 0 || strcmp(dot, ".S") == 0 || strcmp(dot, ".asm") == 0 ||
                     strcmp(dot, ".sx") == 0;
    return assembler ? FLAGS_ASM : FLAGS_CXX;
}
