#include "lsp/documents.h"

#include "base/mem.h"
#include "lsp/uri.h"

#include <stdlib.h>
#include <string.h>

struct documents *documents_new(void *owner)
{
    struct documents *documents = mem_new(owner, struct documents);

    documents->utf16 = true;
    return documents;
}

struct document *documents_of_path(const struct documents *documents, const char *path)
{
    for (size_t i = 0; i < documents->n; i++) {
        if (strcmp(documents->v[i]->path, path) == 0) {
            return documents->v[i];
        }
    }
    return NULL;
}

/* The path of a URI, without links and ".." where the file exists. NULL: none. */
static char *path_of(void *owner, const char *uri)
{
    char *path = uri_to_path(owner, uri);
    char *real = path == NULL ? NULL : realpath(path, NULL);

    if (real != NULL) {
        talloc_free(path);
        path = mem_strdup(owner, real);
        free(real);
    }
    return path;
}

struct document *documents_find(const struct documents *documents, const char *uri)
{
    for (size_t i = 0; i < documents->n; i++) {
        if (strcmp(documents->v[i]->uri, uri) == 0) {
            return documents->v[i];
        }
    }
    return NULL;
}

static void set_text(struct document *document, const char *text, size_t n)
{
    char *copy = mem_strndup(document, text, n);

    talloc_free(document->text);
    document->text = copy;
    document->n = strlen(copy);
    document->changed = true;
}

struct document *documents_open(struct documents *documents, const char *uri, int64_t version,
                                const char *text)
{
    struct document *document = documents_find(documents, uri);

    if (document == NULL) {
        document = mem_new(documents, struct document);
        document->uri = mem_strdup(document, uri);
        document->path = path_of(document, uri);
        if (document->path == NULL) {
            talloc_free(document);
            return NULL;
        }
        document->told = -1;
        vec_push(documents, documents, document);
    }
    document->version = version;
    set_text(document, text, strlen(text));
    return document;
}

void documents_close(struct documents *documents, struct document *document)
{
    size_t i = 0;

    while (documents->v[i] != document) {
        i++;
    }
    documents->n--;
    memmove(&documents->v[i], &documents->v[i + 1], (documents->n - i) * sizeof documents->v[0]);
    talloc_free(document);
}

struct position_text document_text(const struct documents *documents,
                                   const struct document *document)
{
    return (struct position_text){document->text, document->n, documents->utf16};
}

bool position_read(const json_t *json, struct position *ret)
{
    const json_t *line = json_object_get(json, "line");
    const json_t *character = json_object_get(json, "character");

    if (!json_is_integer(line) || !json_is_integer(character) || json_integer_value(line) < 0 ||
        json_integer_value(character) < 0 || json_integer_value(line) > INT32_MAX ||
        json_integer_value(character) > INT32_MAX) {
        return false;
    }
    ret->line = (uint32_t)json_integer_value(line);
    ret->character = (uint32_t)json_integer_value(character);
    return true;
}

/* Puts `text` in the place of a range of the document. False: it is no range. */
static bool replace(const struct documents *documents, struct document *document,
                    const json_t *range, const char *text)
{
    struct position_text before = document_text(documents, document);
    struct position start;
    struct position end;

    if (!position_read(json_object_get(range, "start"), &start) ||
        !position_read(json_object_get(range, "end"), &end)) {
        return false;
    }
    size_t from = position_offset(&before, start);
    size_t to = position_offset(&before, end);
    if (to < from) {
        return false;
    }
    char *whole = mem_strndup(document, document->text, from);
    mem_append(document, &whole, "%s%s", text, document->text + to);
    set_text(document, whole, strlen(whole));
    talloc_free(whole);
    return true;
}

bool documents_change(const struct documents *documents, struct document *document, int64_t version,
                      const json_t *changes)
{
    size_t i;
    const json_t *change;

    document->version = version;
    json_array_foreach(changes, i, change)
    {
        const char *text = json_string_value(json_object_get(change, "text"));
        const json_t *range = json_object_get(change, "range");
        if (text == NULL || (range != NULL && !replace(documents, document, range, text))) {
            return false;
        }
        if (range == NULL) {
            set_text(document, text, strlen(text));
        }
    }
    return json_is_array(changes);
}
