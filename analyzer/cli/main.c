/* main.c - the table of subcommands. */
#include "cmd.h"
#include "frontend/frontend.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct command commands[] = {
    {"check", cmd_check, "find concurrency hazards"},
    {"graph", cmd_graph, "draw the lock-acquisition graph (DOT, SVG)"},
    {"map", cmd_map, "show who reads and writes shared variables, holding which locks"},
    {"ir", cmd_ir, "print what snarl reads from a source file"},
    {"rules", cmd_rules, "list the rules"},
    {"explain", cmd_explain, "print a rule's page"},
};

static void print_help(FILE *out)
{
    (void)fputs("Usage: snarl COMMAND [OPTION...] [FILES...] [-- CFLAGS...]\n"
                "Find concurrency hazards in C programs.\n\n",
                out);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        (void)fprintf(out, "  %-8s %s\n", commands[i].name, commands[i].summary);
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

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";

    argp_err_exit_status = EXIT_USAGE;
    if (strcmp(name, "--version") == 0) {
        print_version();
        return finish(EXIT_CLEAN);
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "help") == 0) {
        print_help(stdout);
        return finish(EXIT_CLEAN);
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(commands[i].name, name) == 0) {
            char title[32];
            (void)snprintf(title, sizeof title, "snarl %s", name);
            argv[1] = title;
            return finish(commands[i].run(argc - 1, argv + 1));
        }
    }
    if (argc > 1) {
        (void)fprintf(stderr, "snarl: error: unknown command '%s'\n", name);
    }
    print_help(stderr);
    return EXIT_USAGE;
}
