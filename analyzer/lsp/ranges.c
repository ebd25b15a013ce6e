/* ranges.c - places of ours as the protocol has them. */
#include "lsp/snapshot.h"

#include "lsp/uri.h"
#include "report/tree.h"

json_t *position_json(struct position position)
{
    json_t *object = tree_object();

    tree_put(object, "line", tree_number(position.line));
    tree_put(object, "character", tree_number(position.character));
    return object;
}

json_t *range_json(struct position start, struct position end)
{
    json_t *object = tree_object();

    tree_put(object, "start", position_json(start));
    tree_put(object, "end", position_json(end));
    return object;
}

/* The range in a file that is not open, of which single lines are read. */
static json_t *range_on_disk(const struct snapshot *snapshot, struct loc where)
{
    size_t n = 0;
    const char *line = sources_line(snapshot->sources, where, &n);
    struct position_text text = {line == NULL ? "" : line, line == NULL ? 0 : n,
                                 snapshot->documents->utf16};
    struct position start = position_of(&text, 1, where.column);
    struct position end = position_word_end(&text, start);

    start.line = end.line = where.line == 0 ? 0 : where.line - 1;
    return range_json(start, end);
}

json_t *snapshot_range(const struct snapshot *snapshot, struct loc where)
{
    const struct document *document = documents_of_path(snapshot->documents, where.file);

    if (document == NULL) {
        return range_on_disk(snapshot, where);
    }
    struct position_text text = document_text(snapshot->documents, document);
    struct position start = position_of(&text, where.line, where.column);
    return range_json(start, position_word_end(&text, start));
}

const char *snapshot_uri(void *owner, const struct snapshot *snapshot, const char *path)
{
    const struct document *document = documents_of_path(snapshot->documents, path);

    return document != NULL ? document->uri : uri_of_path(owner, path);
}

json_t *snapshot_location(const struct snapshot *snapshot, struct loc where)
{
    void *scratch = mem_owner(NULL, "location");
    json_t *object = tree_object();

    tree_put(object, "uri", tree_text(snapshot_uri(scratch, snapshot, where.file)));
    tree_put(object, "range", snapshot_range(snapshot, where));
    talloc_free(scratch);
    return object;
}
