#include "completion.h"

#include "commands.h"

#include <string.h>

/* Text within an _arguments specification within single quotes: brackets and colons have a meaning
 * there. */
static void put_text(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            (void)fputs("'\\''", out);
            continue;
        }
        if (strchr("[]:\\", *text) != NULL) {
            (void)fputc('\\', out);
        }
        (void)fputc(*text, out);
    }
}

/* "[doc]:ARG:(words)", with _files for words where there are none. */
static void put_meaning(FILE *out, void *owner, const struct command_option *option)
{
    const char *words = argument_words(owner, option->arg);

    (void)fputc('[', out);
    put_text(out, option->doc);
    (void)fputc(']', out);
    if (option->arg == NULL) {
        return;
    }
    (void)fputc(':', out);
    put_text(out, option->arg);
    if (words[0] != '\0') {
        (void)fprintf(out, ":(%s)", words);
    } else {
        (void)fputs(":_files", out);
    }
}

static void put_option(FILE *out, void *owner, const struct command_option *option)
{
    (void)fprintf(out, "        '--%s%s", option->name, option->arg == NULL ? "" : "=");
    put_meaning(out, owner, option);
    (void)fputs("' \\\n", out);
    if (option->letter != '\0' && option->letter != '?') {
        (void)fprintf(out, "        '-%c%s", option->letter, option->arg == NULL ? "" : "+");
        put_meaning(out, owner, option);
        (void)fputs("' \\\n", out);
    }
}

static void put_command(FILE *out, const struct command *command)
{
    void *owner = mem_owner(NULL, "completion of a command");
    const char *words = command_words(owner, command);
    command_options options;

    (void)fprintf(out, "    %s)\n      _arguments -s \\\n", command->name);
    command_options_of(owner, command, &options);
    for (size_t i = 0; i < options.n; i++) {
        put_option(out, owner, &options.v[i]);
    }
    if (words[0] != '\0') {
        (void)fprintf(out, "        '*:word:(%s)'\n", words);
    } else {
        (void)fputs("        '*:file:_files'\n", out);
    }
    (void)fputs("      ;;\n", out);
    talloc_free(owner);
}

static void put_commands(FILE *out, const struct command *commands, size_t n)
{
    (void)fputs("  commands=(\n", out);
    for (size_t i = 0; i < n; i++) {
        (void)fprintf(out, "    '%s:", commands[i].name);
        put_text(out, commands[i].summary);
        (void)fputs("'\n", out);
    }
    (void)fputs("  )\n", out);
}

void completion_zsh(FILE *out)
{
    size_t n;
    const struct command *commands = commands_all(&n);

    (void)fputs("#compdef snarl\n"
                "# zsh completion for snarl; made by `snarl completion zsh`\n"
                "_snarl()\n"
                "{\n"
                "  local state line\n"
                "  local -a commands\n",
                out);
    put_commands(out, commands, n);
    (void)fputs("  _arguments -C '--help[list the commands]' '--version[print the version]' \\\n"
                "    '1: :->command' '*:: :->rest' && return\n"
                "  if [[ $state == command ]]; then\n"
                "    _describe command commands\n"
                "    return\n"
                "  fi\n"
                "  case $words[1] in\n",
                out);
    for (size_t i = 0; i < n; i++) {
        put_command(out, &commands[i]);
    }
    (void)fputs("  esac\n"
                "}\n"
                "if [ \"$funcstack[1]\" = _snarl ]; then\n"
                "  _snarl \"$@\"\n"
                "else\n"
                "  compdef _snarl snarl\n"
                "fi\n",
                out);
}
