#include "frontend/macro_use.h"

#include <ctype.h>
#include <string.h>

/* Where the line of a preprocessor directive begins that the place at `offset` is in. */
static size_t directive_start(const char *text, size_t offset)
{
    while (offset > 0 && (text[offset - 1] != '\n' || (offset > 1 && text[offset - 2] == '\\'))) {
        offset--;
    }
    return offset;
}

static bool next_word(struct scan *scan, struct scan_part *ret_word)
{
    scan_blank(scan);
    return scan_word(scan, ret_word);
}

/* Reads "#define NAME(params)" around the spelling, and "NAME(args)" at the expansion. */
bool macro_use_read(struct lower *lower, CXSourceLocation where, struct macro_use *use)
{
    CXFile file = NULL;
    unsigned offset = 0;
    struct scan_part word;
    struct scan scan = {NULL, 0, 0};

    clang_getSpellingLocation(where, &file, NULL, NULL, &offset);
    scan.text = source_text_at(lower, file, 0, &scan.size);
    if (scan.text == NULL) {
        return false;
    }
    scan.at = directive_start(scan.text, offset);
    use->params = scan.text;
    if (!scan_char(&scan, '#') || !next_word(&scan, &word) || !next_word(&scan, &word) ||
        !scan_arguments(&scan, use->names, MACRO_USE_MAX, &use->n_names)) {
        return false;
    }
    clang_getExpansionLocation(where, &file, NULL, NULL, &offset);
    scan = (struct scan){NULL, 0, 0};
    scan.text = source_text_at(lower, file, offset, &scan.size);
    use->args = scan.text;
    return scan.text != NULL && scan_word(&scan, &word) &&
           scan_arguments(&scan, use->values, MACRO_USE_MAX, &use->n_values);
}

static bool is_param(const struct macro_use *use, unsigned i, const char *word, size_t n)
{
    const struct scan_part *name = &use->names[i];
    size_t length = name->end - name->begin;

    if (length == 3 && strncmp(use->params + name->begin, "...", 3) == 0) {
        return n == 11 && strncmp(word, "__VA_ARGS__", n) == 0;
    }
    return n == length && strncmp(use->params + name->begin, word, n) == 0;
}

/* Appends the word, or what the use has for it: for the last parameter, all that is left. */
static void append_word(void *owner, char **text, const struct macro_use *use, const char *word,
                        size_t n)
{
    for (unsigned i = 0; use != NULL && i < use->n_names && i < use->n_values; i++) {
        if (is_param(use, i, word, n)) {
            size_t end = use->values[i + 1 == use->n_names ? use->n_values - 1 : i].end;
            mem_append(owner, text, "%.*s", (int)(end - use->values[i].begin),
                       use->args + use->values[i].begin);
            return;
        }
    }
    mem_append(owner, text, "%.*s", (int)n, word);
}

char *macro_use_text(void *owner, const char *from, struct scan_part part,
                     const struct macro_use *use)
{
    char *text = mem_strdup(owner, "");
    struct scan scan = {from, part.end, part.begin};

    while (scan.at < scan.size) {
        struct scan_part word;
        if (scan_word(&scan, &word) || word.end > word.begin) {
            append_word(owner, &text, use, from + word.begin, word.end - word.begin);
        } else if (from[scan.at] == '"') {
            size_t begin = scan.at;
            scan_quoted(&scan);
            mem_append(owner, &text, "%.*s", (int)(scan.at - begin), from + begin);
        } else if (isspace((unsigned char)from[scan.at]) || from[scan.at] == '\\') {
            scan_blank(&scan);
            mem_append(owner, &text, " ");
        } else {
            mem_append(owner, &text, "%c", from[scan.at++]);
        }
    }
    return text;
}
