#include "frontend/flags_expand.h"

#include "frontend/path.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    MAX_NESTING = 8,       /* of @files; one that names itself must end */
    MAX_BYTES = 16 << 20,  /* of all @files of a command: far above any real one */
    FILE_BYTES = 64 << 10, /* what a file counts at least: many small ones take time, too */
};

struct expansion {
    struct flags *flags;
    struct intern *names;
    const char *directory;
    struct flag_tokens tokens;
    unsigned nesting;
    size_t bytes_left; /* of MAX_BYTES */
};

static void add_argument(struct expansion *ex, const char *arg);

/* The text of the regular file `path` of at most `max` bytes, or NULL. Opening a pipe would wait
 * for somebody to write into it. */
static char *read_text(void *owner, const char *path, size_t max)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;
    char *text = NULL;
    size_t n = 0;
    ssize_t got = 1;

    if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
        (size_t)status.st_size <= max) {
        size_t size = (size_t)status.st_size;
        text = mem_array(owner, char, size + 1);
        while (n < size && (got > 0 || (got < 0 && errno == EINTR))) {
            got = read(fd, text + n, size - n);
            n += got > 0 ? (size_t)got : 0;
        }
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return got < 0 ? NULL : text;
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

static void count_bytes(struct expansion *ex, size_t n)
{
    n = n < FILE_BYTES ? FILE_BYTES : n;
    ex->bytes_left -= n < ex->bytes_left ? n : ex->bytes_left;
}

static void add_file(struct expansion *ex, const char *arg)
{
    void *owner = mem_owner(ex->flags, "response file");
    const char *path = path_absolute(owner, ex->directory, arg + 1);
    bool too_much = ex->nesting == MAX_NESTING || ex->bytes_left == 0;
    char *text = too_much ? NULL : read_text(owner, path, ex->bytes_left);

    if (text == NULL) {
        vec_push(ex->flags, &ex->flags->dropped,
                 (struct flag_dropped){intern_str(ex->names, arg),
                                       too_much ? "too many files like this one"
                                                : "this file can't be read"});
    } else {
        count_bytes(ex, strlen(text));
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
    struct expansion ex = {
        .flags = flags, .names = names, .directory = command->directory, .bytes_left = MAX_BYTES};

    for (size_t i = first; i < command->n; i++) {
        add_argument(&ex, command->argv[i]);
    }
    return ex.tokens;
}
