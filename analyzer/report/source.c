#include "report/source.h"

#include "base/map.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Above this a file is generated; an excerpt of it isn't worth the memory. */
enum { SOURCE_MAX_BYTES = 64 << 20 };

/* One file as it is on disk now. */
struct source {
    char *path; /* the key */
    char *text; /* `size` bytes; NULL: could not be read */
    size_t size;
    VEC(size_t) starts; /* offset of each line */
    UT_hash_handle hh;
};

struct sources {
    struct source *by_path;
};

static int drop_table(struct sources *sources)
{
    HASH_CLEAR(hh, sources->by_path);
    return 0;
}

struct sources *sources_new(void *owner)
{
    struct sources *sources = mem_new(owner, struct sources);

    talloc_set_destructor(sources, drop_table);
    return sources;
}

/* Fills text and size; leaves text NULL for what isn't a regular file of sane size. */
static void read_open(struct source *source, int fd)
{
    struct stat st;

    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > SOURCE_MAX_BYTES) {
        return;
    }
    size_t want = (size_t)st.st_size;
    source->text = mem_array(source, char, want + 1);
    while (source->size < want) {
        ssize_t got = read(fd, source->text + source->size, want - source->size);
        if (got <= 0) {
            break;
        }
        source->size += (size_t)got;
    }
}

static void find_lines(struct source *source)
{
    const char *text = source->text;
    const char *end = text + source->size;

    while (text < end) {
        vec_push(source, &source->starts, (size_t)(text - source->text));
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        text = newline == NULL ? end : newline + 1;
    }
}

static struct source *source_open(struct sources *sources, const char *path)
{
    struct source *source;

    HASH_FIND_STR(sources->by_path, path, source);
    if (source != NULL) {
        return source;
    }
    source = mem_new(sources, struct source);
    source->path = mem_strdup(source, path);
    /* O_NONBLOCK: a fifo with that name must not hold up the report. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0) {
        read_open(source, fd);
        (void)close(fd);
    }
    if (source->text != NULL) {
        find_lines(source);
    }
    HASH_ADD_KEYPTR(hh, sources->by_path, source->path, strlen(source->path), source);
    return source;
}

const char *sources_text(struct sources *sources, const char *path, size_t *ret_n)
{
    const struct source *source = source_open(sources, path);

    *ret_n = source->size;
    return source->text;
}

void sources_put(struct sources *sources, const char *path, const char *text, size_t n)
{
    struct source *source = NULL;

    HASH_FIND_STR(sources->by_path, path, source);
    if (source == NULL) {
        source = mem_new(sources, struct source);
        source->path = mem_strdup(source, path);
        source->text = mem_strndup(source, text, n);
        source->size = n;
        find_lines(source);
        HASH_ADD_KEYPTR(hh, sources->by_path, source->path, strlen(source->path), source);
    }
}

const char *sources_line(struct sources *sources, struct loc where, size_t *ret_n)
{
    if (where.file == NULL || where.line == 0) {
        return NULL;
    }
    const struct source *source = source_open(sources, where.file);
    if (where.line > source->starts.n) {
        return NULL;
    }
    size_t start = source->starts.v[where.line - 1];
    size_t end = where.line < source->starts.n ? source->starts.v[where.line] : source->size;
    while (end > start && (source->text[end - 1] == '\n' || source->text[end - 1] == '\r')) {
        end--;
    }
    *ret_n = end - start;
    return source->text + start;
}
