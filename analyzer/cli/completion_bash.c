#include "completion.h"

#include "commands.h"

/* What stands before the tables: `option` is the word whose value is completed. The shell splits
 * --name=value in three. Without an answer readline completes file names. */
static const char head[] =
    "# bash completion for snarl; made by `snarl completion bash`\n"
    "_snarl()\n"
    "{\n"
    "  local cur=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD-1]} words=\n"
    "  if [ \"$cur\" = '=' ]; then\n"
    "    cur=\n"
    "  elif [ \"$option\" = '=' ]; then\n"
    "    option=${COMP_WORDS[COMP_CWORD-2]}\n"
    "  fi\n"
    "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
    "    option=command\n"
    "  fi\n"
    "  case \"${COMP_WORDS[1]} $option $cur\" in\n";

static const char tail[] = "  esac\n"
                           "  COMPREPLY=()\n"
                           "  if [ -n \"$words\" ]; then\n"
                           "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
                           "  fi\n"
                           "}\n"
                           "complete -o default -F _snarl snarl\n";

static void put_commands(FILE *out)
{
    size_t n;
    const struct command *commands = commands_all(&n);

    (void)fputs("    *' command '*) words='", out);
    for (size_t i = 0; i < n; i++) {
        (void)fprintf(out, "%s ", commands[i].name);
    }
    (void)fputs("help --help --version' ;;\n", out);
}

/* Values of the options that have fixed ones. */
static void put_values(FILE *out, void *owner, const struct command *command,
                       const command_options *options)
{
    for (size_t i = 0; i < options->n; i++) {
        const struct command_option *o = &options->v[i];
        const char *words = argument_words(owner, o->arg);
        if (words[0] == '\0') {
            if (o->arg != NULL) { /* a file, or a number */
                (void)fprintf(out, "    '%s --%s '*) ;;\n", command->name, o->name);
            }
            continue;
        }
        (void)fprintf(out, "    '%s --%s '*) words='%s' ;;\n", command->name, o->name, words);
        if (o->letter != '\0') {
            (void)fprintf(out, "    '%s -%c '*) words='%s' ;;\n", command->name, o->letter, words);
        }
    }
}

static void put_command(FILE *out, const struct command *command)
{
    void *owner = mem_owner(NULL, "completion of a command");
    command_options options;

    command_options_of(owner, command, &options);
    put_values(out, owner, command, &options);
    (void)fprintf(out, "    '%s '*' -'*) words='", command->name);
    for (size_t i = 0; i < options.n; i++) {
        (void)fprintf(out, "%s--%s%s", i == 0 ? "" : " ", options.v[i].name,
                      options.v[i].arg == NULL ? "" : "=");
    }
    (void)fputs("' ;;\n", out);
    const char *words = command_words(owner, command);
    if (words[0] != '\0') {
        (void)fprintf(out, "    '%s '*) words='%s' ;;\n", command->name, words);
    }
    talloc_free(owner);
}

void completion_bash(FILE *out)
{
    size_t n;
    const struct command *commands = commands_all(&n);

    (void)fputs(head, out);
    put_commands(out);
    for (size_t i = 0; i < n; i++) {
        put_command(out, &commands[i]);
    }
    (void)fputs(tail, out);
}
