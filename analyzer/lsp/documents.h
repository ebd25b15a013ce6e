/* documents.h - the texts that the editor has open: they count instead of the files on disk. */
#pragma once

#include "lsp/position.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct document {
    char *uri;  /* as the client writes it */
    char *path; /* normalised where the file exists */
    char *text;
    size_t n;        /* bytes; no NUL among them, for the protocol's texts have none */
    int64_t version; /* the client's */
    bool changed;    /* since it was last lowered */
    int64_t told;    /* the version that the snapshot that answers knows of; -1: none */
};

/* Open documents, in the order they were opened; each owned by the list. */
struct documents {
    struct document **v;
    size_t n;
    bool utf16;         /* how positions count */
    bool creates_files; /* the editor can, where an edit asks for it */
};

struct documents *documents_new(void *owner);

/* The document of this URI, or of this path; NULL: not open. */
struct document *documents_find(const struct documents *documents, const char *uri);
struct document *documents_of_path(const struct documents *documents, const char *path);

/* Opens one, or gives it anew what it holds. NULL: the URI names no file. */
struct document *documents_open(struct documents *documents, const char *uri, int64_t version,
                                const char *text);
void documents_close(struct documents *documents, struct document *document);

/* Applies the contentChanges of textDocument/didChange, in their order: ranges or whole texts.
 * False: they are not as the protocol has them; what came before the bad one is applied. */
bool documents_change(const struct documents *documents, struct document *document, int64_t version,
                      const json_t *changes);

/* Its text for positions. */
struct position_text document_text(const struct documents *documents,
                                   const struct document *document);

/* Reads {"line": L, "character": C}. False: it is none. */
bool position_read(const json_t *json, struct position *ret);
