/* main.c - finds the subcommand. */
#include "cmd.h"
#include "frontend/frontend.h"
#include "manual.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The command of this name; NULL: there is none. */
static const struct command *find_command(const char *name)
{
    size_t n;
    const struct command *commands = commands_all(&n);

    for (size_t i = 0; i < n; i++) {
        if (strcmp(commands[i].name, name) == 0) {
            return &commands[i];
        }
    }
    return NULL;
}

static void print_help(FILE *out)
{
    size_t n;
    const struct command *commands = commands_all(&n);

    (void)fputs("Usage: snarl COMMAND [OPTION...] [FILES...] [-- CFLAGS...]\n"
                "Find concurrency hazards in C programs.\n\n",
                out);
    for (size_t i = 0; i < n; i++) {
        (void)fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
    }
    (void)fputs("\n'snarl COMMAND --help' says more. Exit status: 0 nothing found, 1 findings, "
                "2 command\nline or configuration, 3 some input was not analysed, 4 disk or "
                "memory.\n",
                out);
}

static void print_version(void)
{
    char *libclang = frontend_libclang_version(NULL);

    (void)printf("snarl %s (libclang %s)\n", SNARL_VERSION, libclang);
    talloc_free(libclang);
}

/* What was printed is on its way, not yet there: a full disk shows when it is flushed. */
static int finish(int status)
{
    if (status == EXIT_FAILED || (fflush(stdout) == 0 && ferror(stdout) == 0)) {
        return status;
    }
    (void)fprintf(stderr, "snarl: error: can't write the output: %s\n", strerror(errno));
    return EXIT_FAILED;
}

/* `argv[0]` is what the command calls itself in its messages. */
static int run_command(const struct command *command, int argc, char **argv)
{
    char title[32];

    (void)snprintf(title, sizeof title, "snarl %s", command->name);
    argv[0] = title;
    return finish(command->run(argc, argv));
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";

    argp_err_exit_status = EXIT_USAGE;
    if (strcmp(name, "--version") == 0) {
        print_version();
        return finish(EXIT_CLEAN);
    }
    if (strcmp(name, "help") == 0 && argc == 3 && find_command(argv[2]) != NULL) {
        static char help[] = "--help"; /* `snarl help check` is `snarl check --help` */
        char *words[] = {argv[0], help, NULL};
        return run_command(find_command(argv[2]), 2, words);
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "help") == 0) {
        print_help(stdout);
        return finish(EXIT_CLEAN);
    }
    if (strcmp(name, "--man") == 0) {
        manual_write(stdout);
        return finish(EXIT_CLEAN);
    }
    const struct command *command = find_command(name);
    if (command != NULL) {
        return run_command(command, argc - 1, argv + 1);
    }
    if (argc > 1) {
        (void)fprintf(stderr, "snarl: error: unknown command '%s'\n", name);
    }
    print_help(stderr);
    return EXIT_USAGE;
}
