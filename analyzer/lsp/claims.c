#include "lsp/claims.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *line_after(const char *line)
{
    const char *end = strchr(line, '\n');

    return end == NULL ? line + strlen(line) : end + 1;
}

/* The line on which the top-level key stands; NULL: none. */
static const char *find_key(const char *text, const char *key, size_t n)
{
    for (const char *line = text; *line != '\0'; line = line_after(line)) {
        if (strncmp(line, key, n) == 0 && line[n] == ':') {
            return line;
        }
    }
    return NULL;
}

/* Spaces before the dash of a list's item; SIZE_MAX: the line is none. */
static size_t dash_of(const char *line)
{
    size_t indent = strspn(line, " ");

    return line[indent] == '-' && line[indent + 1] == ' ' ? indent : SIZE_MAX;
}

const char *claim_text(void *owner, const char *before, const char *claim, size_t *ret_at)
{
    size_t n = strcspn(claim, ":");
    const char *item = claim + n + strspn(claim + n, ": ");
    const char *line = find_key(before, claim, n);
    size_t length = strlen(before);

    if (line == NULL) {
        *ret_at = length;
        return mem_printf(owner, "%s%.*s:\n  - %s\n",
                          length == 0 || before[length - 1] == '\n' ? "" : "\n", (int)n, claim,
                          item);
    }
    const char *first = line_after(line);
    size_t indent = dash_of(first);
    size_t rest = n + 1 + strspn(line + n + 1, " ");
    if (indent == SIZE_MAX || (line[rest] != '\n' && line[rest] != '#')) {
        return NULL;
    }
    *ret_at = (size_t)(first - before);
    return mem_printf(owner, "%*s- %s\n", (int)indent, "", item);
}

/* What the editor, or the disk, has of the file; NULL: neither has it. */
static const char *text_of(void *owner, const struct snapshot *snapshot, const char *path)
{
    const struct document *document = documents_of_path(snapshot->documents, path);
    char bytes[4096];
    size_t n;

    if (document != NULL) {
        return document->text;
    }
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return NULL;
    }
    char *text = mem_strdup(owner, "");
    while ((n = fread(bytes, 1, sizeof bytes, file)) > 0) {
        mem_append(owner, &text, "%.*s", (int)n, bytes);
    }
    (void)fclose(file);
    return text;
}

bool claim_edit_of(void *owner, const struct snapshot *snapshot,
                   const struct finding_assumption *assumption, struct claim_edit *ret)
{
    const struct run *run = snapshot->project->run;

    ret->path =
        run->config.path != NULL ? run->config.path : mem_printf(owner, "%s/.snarl.yml", run->root);
    ret->uri = snapshot_uri(owner, snapshot, ret->path);
    ret->before = text_of(owner, snapshot, ret->path);
    ret->is_new = ret->before == NULL;
    ret->before = ret->is_new ? "" : ret->before;
    ret->text = claim_text(owner, ret->before, assumption->claim, &ret->at);
    return ret->text != NULL && (!ret->is_new || snapshot->documents->creates_files);
}

char *claim_applied(void *owner, const struct claim_edit *edit)
{
    return mem_printf(owner, "%.*s%s%s", (int)edit->at, edit->before, edit->text,
                      edit->before + edit->at);
}
