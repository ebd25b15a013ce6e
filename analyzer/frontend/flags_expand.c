#include "frontend/flags_expand.h"

#include "frontend/path.h"

#include <stdio.h>
#include <string.h>

enum {
    MAX_NESTING = 8,           /* of @files; one that names itself must end */
    MAX_FILE_BYTES = 16 << 20, /* far above any real one */
};

struct expansion {
    struct flags *flags;
    struct intern *names;
    const char *directory;
    struct flag_tokens tokens;
    unsigned nesting;
};

static void add_argument(struct expansion *ex, const char *arg);

/* The text of `path`, or NULL. */
static char *read_text(void *owner, const char *path)
{
    FILE *file = fopen(path, "re");
    char *text = NULL;

    if (file == NULL) {
        return NULL;
    }
    char chunk[4096];
    size_t n = 0;
    size_t got;
    do {
        got = fread(chunk, 1, sizeof chunk, file);
        mem_append(owner, &text, "%.*s", (int)got, chunk);
        n += got;
    } while (got == sizeof chunk && n < MAX_FILE_BYTES);
    if (ferror(file) != 0) {
        talloc_free(text);
        text = NULL;
    }
    (void)fclose(file);
    return text;
}

/* Cuts the next word off `*text`, unquoted in place as gcc does it (libiberty's buildargv): both
 * quotes group, a backslash takes the next character as it is. NULL: there is none. */
static char *next_word(char **text)
{
    char *from = *text + strspn(*text, " \t\r\n\f\v");
    char *word = from;
    char *to = from;
    char quote = '\0';

    if (*from == '\0') {
        return NULL;
    }
    for (; *from != '\0' && (quote != '\0' || strchr(" \t\r\n\f\v", *from) == NULL); from++) {
        if (*from == '\\' && from[1] != '\0') {
            *to++ = *++from;
        } else if (quote == '\0' && (*from == '"' || *from == '\'')) {
            quote = *from;
        } else if (quote != '\0' && *from == quote) {
            quote = '\0';
        } else {
            *to++ = *from;
        }
    }
    *text = *from == '\0' ? from : from + 1;
    *to = '\0';
    return word;
}

static void add_file(struct expansion *ex, const char *arg)
{
    void *owner = mem_owner(ex->flags, "response file");
    char *text = ex->nesting == MAX_NESTING
                     ? NULL
                     : read_text(owner, path_absolute(owner, ex->directory, arg + 1));

    if (text == NULL) {
        vec_push(ex->flags, &ex->flags->dropped,
                 (struct flag_dropped){intern_str(ex->names, arg), "this file can't be read"});
    } else {
        ex->nesting++;
        for (char *word = next_word(&text); word != NULL; word = next_word(&text)) {
            add_argument(ex, word);
        }
        ex->nesting--;
    }
    talloc_free(owner);
}

/* -Wp,-DA,-MD,x.d */
static void add_listed(struct expansion *ex, const char *list)
{
    while (*list != '\0') {
        size_t n = strcspn(list, ",");

        if (n > 0) {
            vec_push(ex->flags, &ex->tokens, intern_strn(ex->names, list, n));
        }
        list += n + (list[n] == ',');
    }
}

static void add_argument(struct expansion *ex, const char *arg)
{
    if (strcmp(arg, "-Xclang") == 0 || strcmp(arg, "-Xpreprocessor") == 0) {
        return; /* what it passes on is looked at like any other flag */
    }
    if (strncmp(arg, "-Wp,", 4) == 0) {
        add_listed(ex, arg + 4);
    } else if (arg[0] == '@' && arg[1] != '\0') {
        add_file(ex, arg);
    } else {
        vec_push(ex->flags, &ex->tokens, intern_str(ex->names, arg));
    }
}

struct flag_tokens flags_expand(struct flags *flags, struct intern *names,
                                const struct flags_command *command, size_t first)
{
    struct expansion ex = {.flags = flags, .names = names, .directory = command->directory};

    for (size_t i = first; i < command->n; i++) {
        add_argument(&ex, command->argv[i]);
    }
    return ex.tokens;
}
