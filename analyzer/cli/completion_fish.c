#include "completion.h"

#include "commands.h"

/* Within single quotes fish knows \' and \\ only. */
static void put_quoted(FILE *out, const char *text)
{
    (void)fputc('\'', out);
    for (; *text != '\0'; text++) {
        if (*text == '\'' || *text == '\\') {
            (void)fputc('\\', out);
        }
        (void)fputc(*text, out);
    }
    (void)fputc('\'', out);
}

static void put_option(FILE *out, void *owner, const struct command *command,
                       const struct command_option *option)
{
    const char *words = argument_words(owner, option->arg);

    (void)fprintf(out, "complete -c snarl -n '__fish_seen_subcommand_from %s' -l %s", command->name,
                  option->name);
    if (option->letter != '\0' && option->letter != '?') {
        (void)fprintf(out, " -s %c", option->letter);
    }
    if (words[0] != '\0') {
        (void)fprintf(out, " -x -a '%s'", words);
    } else if (option->arg != NULL) {
        (void)fputs(" -r", out);
    }
    (void)fputs(" -d ", out);
    put_quoted(out, option->doc);
    (void)fputc('\n', out);
}

static void put_command(FILE *out, const struct command *command)
{
    void *owner = mem_owner(NULL, "completion of a command");
    const char *words = command_words(owner, command);
    command_options options;

    (void)fprintf(out, "complete -c snarl -n __fish_use_subcommand -f -a %s -d ", command->name);
    put_quoted(out, command->summary);
    (void)fputc('\n', out);
    command_options_of(owner, command, &options);
    for (size_t i = 0; i < options.n; i++) {
        put_option(out, owner, command, &options.v[i]);
    }
    if (words[0] != '\0') {
        (void)fprintf(out, "complete -c snarl -n '__fish_seen_subcommand_from %s' -f -a '%s'\n",
                      command->name, words);
    }
    talloc_free(owner);
}

void completion_fish(FILE *out)
{
    size_t n;
    const struct command *commands = commands_all(&n);

    (void)fputs("# fish completion for snarl; made by `snarl completion fish`\n"
                "complete -c snarl -n __fish_use_subcommand -l help -d 'list the commands'\n"
                "complete -c snarl -n __fish_use_subcommand -l version -d 'print the version'\n",
                out);
    for (size_t i = 0; i < n; i++) {
        put_command(out, &commands[i]);
    }
}
