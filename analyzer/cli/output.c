#include "output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const names[] = {
#define FORMAT(NAME, name) #name,
#include "report/formats.def"
#undef FORMAT
};

/* The format whose name are the first `n` bytes of `text`. */
static bool find_format(const char *text, size_t n, enum report_format *ret)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strlen(names[i]) == n && strncmp(names[i], text, n) == 0) {
            *ret = (enum report_format)i;
            return true;
        }
    }
    return false;
}

bool output_format(const char *name, enum report_format *ret)
{
    return find_format(name, strlen(name), ret);
}

const char *output_format_words(void)
{
#define FORMAT(NAME, name) " " #name
    static const char words[] =
#include "report/formats.def"
        ;
#undef FORMAT
    return words + 1;
}

struct output output_of(const char *text, enum report_format format)
{
    struct output output = {format, text};
    size_t n = strcspn(text, ":");

    if (text[n] == ':' && text[n + 1] != '\0' && find_format(text, n, &output.format)) {
        output.path = text + n + 1;
    }
    if (strcmp(output.path, "-") == 0) {
        output.path = NULL;
    }
    return output;
}

static bool is_terminal(const struct output *output)
{
    return output->path == NULL && isatty(STDOUT_FILENO) == 1;
}

bool output_has_colour(const struct output *output)
{
    const char *no_colour = getenv("NO_COLOR");

    return is_terminal(output) && (no_colour == NULL || no_colour[0] == '\0');
}

unsigned output_width(const struct output *output)
{
    const char *columns = getenv("COLUMNS");
    struct winsize size;

    if (!is_terminal(output)) {
        return 0;
    }
    if (columns != NULL && atoi(columns) > 0) {
        return (unsigned)atoi(columns);
    }
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/* Ends the writing. `ok`: it went well so far; `out` is NULL if the file could not be opened. */
static bool finish(const struct output *output, FILE *out, bool ok, struct err *err)
{
    ok = out != NULL && (out == stdout ? fflush(out) : fclose(out)) == 0 && ok;
    if (!ok && !err_is_set(err)) {
        const char *file = output->path == NULL ? "the report" : output->path;
        err_set(err, ERR_IO, (struct loc){.file = file}, "can't write this file: %s",
                strerror(errno));
    }
    return ok;
}

/* "report/" is a folder, and so is what is one already: the report is index.html in it. */
static char *file_of(void *owner, const struct output *output)
{
    const char *path = output->path;
    size_t n = strlen(path);
    struct stat st;
    bool is_named = n > 0 && path[n - 1] == '/';

    if (output->format != REPORT_HTML ||
        (!is_named && (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)))) {
        return mem_strdup(owner, path);
    }
    if (is_named) {
        (void)mkdir(path, 0777); /* what goes wrong shows when the file is opened */
    }
    return mem_printf(owner, "%s%sindex.html", path, is_named ? "" : "/");
}

static FILE *open_output(const struct output *output)
{
    if (output->path == NULL) {
        return stdout;
    }
    char *file = file_of(NULL, output);
    FILE *out = fopen(file, "w");
    int error = errno;
    talloc_free(file);
    errno = error;
    return out;
}

bool output_write(const struct output *output, const struct report *report, struct err *err)
{
    FILE *out = open_output(output);
    bool ok = out != NULL && report_write(output->format, report, out, err);

    return finish(output, out, ok, err);
}

bool output_put(const struct output *output, const char *bytes, size_t n, struct err *err)
{
    FILE *out = open_output(output);
    bool ok = out != NULL && fwrite(bytes, 1, n, out) == n;

    return finish(output, out, ok, err);
}
