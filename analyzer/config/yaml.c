#include "config/yaml.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct yaml_text {
    const char *path;
    const char *text; /* without a byte order mark */
    size_t size;
    yaml_document_t document;
};

static int delete_document(struct yaml_text *text)
{
    yaml_document_delete(&text->document);
    return 0;
}

/* libyaml counts columns in characters from 0, we count bytes from 1. */
static uint32_t byte_column(const struct yaml_text *text, size_t line, size_t column)
{
    size_t at = 0;

    while (line > 0 && at < text->size) {
        bool crlf = text->text[at] == '\r' && at + 1 < text->size && text->text[at + 1] == '\n';
        line -= !crlf && (text->text[at] == '\n' || text->text[at] == '\r');
        at++;
    }
    size_t start = at;
    while (column > 0 && at < text->size) {
        at++;
        while (at < text->size && ((unsigned char)text->text[at] & 0xc0u) == 0x80u) {
            at++; /* the rest of a UTF-8 sequence */
        }
        column--;
    }
    return (uint32_t)(at - start + 1);
}

static struct loc loc_of_mark(const struct yaml_text *text, yaml_mark_t mark)
{
    return (struct loc){.file = text->path,
                        .line = (uint32_t)mark.line + 1,
                        .column = byte_column(text, mark.line, mark.column)};
}

/* The reader (bad UTF-8, control characters) knows a byte offset only. */
static struct loc loc_of_offset(const struct yaml_text *text, size_t offset)
{
    struct loc loc = {.file = text->path, .line = 1, .column = 1};

    for (size_t i = 0; i < offset && i < text->size; i++) {
        bool newline = text->text[i] == '\n';
        loc.line += newline;
        loc.column = newline ? 1 : loc.column + 1;
    }
    return loc;
}

static void set_syntax_error(const struct yaml_text *text, const yaml_parser_t *parser,
                             struct err *err)
{
    if (parser->error == YAML_MEMORY_ERROR) {
        mem_checked(NULL);
    }
    const char *problem = parser->problem != NULL ? parser->problem : "unreadable";
    struct loc where = parser->error == YAML_READER_ERROR
                           ? loc_of_offset(text, parser->problem_offset)
                           : loc_of_mark(text, parser->problem_mark);
    if (parser->context != NULL) {
        err_set(err, ERR_CONFIG, where, "not YAML: %s %s", problem, parser->context);
    } else {
        err_set(err, ERR_CONFIG, where, "not YAML: %s", problem);
    }
}

/* Everything after the first document is a mistake: it would be ignored silently. */
static bool check_end(const struct yaml_text *text, yaml_parser_t *parser, struct err *err)
{
    yaml_document_t more;

    if (yaml_parser_load(parser, &more) == 0) {
        set_syntax_error(text, parser, err);
        return false;
    }
    const yaml_node *root = yaml_document_get_root_node(&more);
    if (root != NULL) {
        err_set(err, ERR_CONFIG, loc_of_mark(text, root->start_mark),
                "a second document: put everything in one");
    }
    yaml_document_delete(&more);
    return root == NULL;
}

static bool load(struct yaml_text *text, struct err *err)
{
    yaml_parser_t parser;

    mem_checked(yaml_parser_initialize(&parser) != 0 ? &parser : NULL);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text->text, text->size);
    bool ok = yaml_parser_load(&parser, &text->document) != 0;
    if (!ok) {
        set_syntax_error(text, &parser, err);
    } else {
        talloc_set_destructor(text, delete_document);
        ok = yaml_root(text) == NULL || check_end(text, &parser, err);
    }
    yaml_parser_delete(&parser);
    return ok;
}

static bool same_scalar(const yaml_node *a, const yaml_node *b)
{
    return a->data.scalar.length == b->data.scalar.length &&
           memcmp(a->data.scalar.value, b->data.scalar.value, a->data.scalar.length) == 0;
}

static bool check_map(const struct yaml_text *text, const yaml_node *map, struct err *err)
{
    for (size_t i = 0; i < yaml_count(map); i++) {
        const yaml_node *key = yaml_key(text, map, i);
        if (key->type != YAML_SCALAR_NODE || strlen(yaml_scalar(key)) != key->data.scalar.length) {
            return yaml_fail(text, key, err, "a key must be a plain word");
        }
        for (size_t j = 0; j < i; j++) {
            const yaml_node *other = yaml_key(text, map, j);
            if (same_scalar(key, other)) {
                return yaml_fail(text, key, err, "'%s' is there already, in line %zu: keep one",
                                 yaml_scalar(key), other->start_mark.line + 1);
            }
        }
    }
    return true;
}

struct yaml_text *yaml_read(void *owner, const char *path, const char *text, size_t size,
                            struct err *err)
{
    struct yaml_text *read = mem_new(owner, struct yaml_text);
    bool has_mark = size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0;

    read->path = mem_strdup(read, path);
    read->text = has_mark ? text + 3 : text;
    read->size = has_mark ? size - 3 : size;
    bool ok = load(read, err);
    /* The nodes of a document lie in one array: no recursion, whatever the nesting. */
    for (const yaml_node *node = read->document.nodes.start;
         ok && node != NULL && node != read->document.nodes.top; node++) {
        ok = node->type != YAML_MAPPING_NODE || check_map(read, node, err);
    }
    if (!ok) {
        talloc_free(read);
        return NULL;
    }
    return read;
}

/* libyaml's getters take documents that are not const, but only read them. */
static const yaml_node *node_at(const struct yaml_text *text, int index)
{
    return &text->document.nodes.start[index - 1];
}

const yaml_node *yaml_root(const struct yaml_text *text)
{
    bool empty = text->document.nodes.start == text->document.nodes.top;

    return empty ? NULL : node_at(text, 1);
}

struct loc yaml_loc(const struct yaml_text *text, const yaml_node *node)
{
    return loc_of_mark(text, node->start_mark);
}

const char *yaml_scalar(const yaml_node *node)
{
    return node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : NULL;
}

bool yaml_is_map(const yaml_node *node)
{
    return node->type == YAML_MAPPING_NODE;
}

bool yaml_is_list(const yaml_node *node)
{
    return node->type == YAML_SEQUENCE_NODE;
}

size_t yaml_count(const yaml_node *node)
{
    switch (node->type) {
    case YAML_MAPPING_NODE:
        return (size_t)(node->data.mapping.pairs.top - node->data.mapping.pairs.start);
    case YAML_SEQUENCE_NODE:
        return (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
    case YAML_SCALAR_NODE:
    case YAML_NO_NODE:
        break;
    }
    return 0;
}

const yaml_node *yaml_key(const struct yaml_text *text, const yaml_node *map, size_t i)
{
    return node_at(text, map->data.mapping.pairs.start[i].key);
}

const yaml_node *yaml_value(const struct yaml_text *text, const yaml_node *map, size_t i)
{
    return node_at(text, map->data.mapping.pairs.start[i].value);
}

const yaml_node *yaml_get(const struct yaml_text *text, const yaml_node *map, const char *key)
{
    for (size_t i = 0; yaml_is_map(map) && i < yaml_count(map); i++) {
        if (strcmp(yaml_scalar(yaml_key(text, map, i)), key) == 0) {
            return yaml_value(text, map, i);
        }
    }
    return NULL;
}

const yaml_node *yaml_item(const struct yaml_text *text, const yaml_node *list, size_t i)
{
    return node_at(text, list->data.sequence.items.start[i]);
}

bool yaml_fail(const struct yaml_text *text, const yaml_node *node, struct err *err,
               const char *format, ...)
{
    char sentence[sizeof err->text];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    err_set(err, ERR_CONFIG, yaml_loc(text, node), "%s", sentence);
    return false;
}
