#include "manual.h"

#include "base/embed.h"
#include "commands.h"

#include <string.h>

extern const struct embedded_file manual_frame[];

/* Text for roff: a backslash and a hyphen that is typed as one are escaped, and a line must not
 * begin as a request does. */
static void put_text(FILE *out, const char *text)
{
    if (*text == '.' || *text == '\'') {
        (void)fputs("\\&", out);
    }
    for (; *text != '\0'; text++) {
        if (*text == '\\') {
            (void)fputs("\\e", out);
        } else if (*text == '-') {
            (void)fputs("\\-", out);
        } else {
            (void)fputc(*text, out);
        }
    }
}

/* "[FORMAT:]FILE" in italics. */
static void put_argument(FILE *out, const char *before, const char *arg)
{
    if (arg != NULL) {
        (void)fprintf(out, "%s\\fI", before);
        put_text(out, arg);
        (void)fputs("\\fR", out);
    }
}

static void put_option(FILE *out, const struct command_option *option)
{
    (void)fputs(".TP\n", out);
    if (option->letter != '\0') {
        (void)fprintf(out, "\\fB\\-%c\\fR", option->letter);
        put_argument(out, " ", option->arg);
        (void)fputs(", ", out);
    }
    (void)fputs("\\fB\\-\\-", out);
    put_text(out, option->name);
    (void)fputs("\\fR", out);
    put_argument(out, "=", option->arg);
    (void)fputc('\n', out);
    put_text(out, option->doc);
    (void)fputc('\n', out);
}

static void put_paragraph(FILE *out, const char *text)
{
    if (*text != '\0') {
        (void)fputs(".PP\n", out);
        put_text(out, text);
        (void)fputc('\n', out);
    }
}

static void put_command(FILE *out, const struct command *command)
{
    void *owner = mem_owner(NULL, "manual of a command");
    struct command_text text = command_text_of(owner, command);
    command_options options;

    (void)fprintf(out, ".SS \"snarl %s", command->name);
    if (command->argp->args_doc != NULL) {
        (void)fputs(" ", out);
        put_text(out, command->argp->args_doc);
    }
    (void)fputs("\"\n", out);
    put_text(out, text.before);
    (void)fputc('\n', out);
    command_options_of(owner, command, &options);
    for (size_t i = 0; i < options.n; i++) {
        put_option(out, &options.v[i]);
    }
    put_paragraph(out, text.after);
    talloc_free(owner);
}

void manual_write(FILE *out)
{
    static const char mark[] = "@COMMANDS@\n";
    const char *frame = manual_frame[0].text;
    const char *at = strstr(frame, mark);
    size_t n;
    const struct command *commands = commands_all(&n);

    (void)fprintf(out, ".TH SNARL 1 \"\" \"snarl %s\" \"User Commands\"\n", SNARL_VERSION);
    (void)fwrite(frame, 1, (size_t)(at - frame), out);
    for (size_t i = 0; i < n; i++) {
        put_command(out, &commands[i]);
    }
    (void)fputs(at + strlen(mark), out);
}
