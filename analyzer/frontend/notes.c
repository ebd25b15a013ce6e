/* Comments that speak to snarl. They are read off the text of the files: libclang hands out the
 * tokens of a file only by lexing it anew, which costs more than all the rest of a header. */
#include "frontend/lower.h"
#include "frontend/scan.h"

#include <ctype.h>
#include <string.h>

static const char mark[] = "snarl:";
static const char tidy_mark[] = "snarl-";

/* Past blanks and what comment styles put at the beginning of a comment or of its lines. */
static void skip_decoration(struct scan *scan)
{
    while (scan->at < scan->size && (isspace((unsigned char)scan->text[scan->at]) ||
                                     strchr("*/!", scan->text[scan->at]) != NULL)) {
        scan->at++;
    }
}

/* Does it end in a closing mark of its own? One that is cut off by the file's end doesn't. */
static bool is_closed(const struct scan *comment)
{
    return comment->size >= 4 && comment->text[1] == '*' &&
           strncmp(comment->text + comment->size - 2, "*/", 2) == 0;
}

/* Where in the comment begins what clang-tidy and others read, too: NOLINT(snarl-RULE, ...) or
 * NOLINTNEXTLINE(...); without a rule of snarl's it is theirs alone. SIZE_MAX: nowhere. */
static size_t find_nolint(const struct scan *comment)
{
    static const char word[] = "NOLINT";
    static const char next[] = "NEXTLINE";
    const char *end = comment->text + comment->size;
    const char *from = comment->text + comment->at;
    const char *at = memmem(from, (size_t)(end - from), word, sizeof word - 1);

    if (at == NULL) {
        return SIZE_MAX;
    }
    const char *list = at + sizeof word - 1;
    if ((size_t)(end - list) >= sizeof next - 1 && strncmp(list, next, sizeof next - 1) == 0) {
        list += sizeof next - 1;
    }
    const char *close = memchr(list, ')', (size_t)(end - list));
    bool ours = list < end && *list == '(' && close != NULL &&
                memmem(list, (size_t)(close - list), tidy_mark, sizeof tidy_mark - 1) != NULL;
    return ours ? (size_t)(at - comment->text) : SIZE_MAX;
}

/* Goes to what the comment says to snarl. False: nothing. */
static bool find_text(struct scan *comment)
{
    comment->at = 2;
    skip_decoration(comment);
    if (comment->size - comment->at >= sizeof mark - 1 &&
        strncmp(comment->text + comment->at, mark, sizeof mark - 1) == 0) {
        comment->at += sizeof mark - 1;
        return true;
    }
    size_t nolint = find_nolint(comment);
    comment->at = nolint == SIZE_MAX ? comment->at : nolint;
    return nolint != SIZE_MAX;
}

/* What the comment says to snarl, in one line: a break, with the blanks and the `*` around it,
 * becomes a blank. NULL: nothing. */
static char *text_of(void *owner, struct scan comment)
{
    size_t n = 0;

    comment.size -= is_closed(&comment) ? 2 : 0;
    if (!find_text(&comment)) {
        return NULL;
    }
    char *text = mem_array(owner, char, comment.size + 1);
    while (comment.at < comment.size) {
        char c = comment.text[comment.at++];
        bool is_blank = isspace((unsigned char)c) || c == '\0';
        if (c == '\n') {
            skip_decoration(&comment);
        }
        if (!is_blank || (n > 0 && text[n - 1] != ' ')) {
            text[n++] = is_blank ? ' ' : c;
        }
    }
    text[n - (n > 0 && text[n - 1] == ' ' ? 1 : 0)] = '\0';
    return text;
}

/* One file on its way to notes. */
struct notes {
    struct lower *lower;
    file_id file;
    size_t line_begin; /* of the line that `line` counts */
    uint32_t line;
};

/* Counts lines up to `to`, from where the last count ended. */
static void count_lines(struct notes *notes, const struct scan *scan, size_t to)
{
    for (size_t at = notes->line_begin; at < to; at++) {
        if (scan->text[at] == '\n') {
            notes->line++;
            notes->line_begin = at + 1;
        }
    }
}

static bool only_blanks(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!isspace((unsigned char)text[i])) {
            return false;
        }
    }
    return true;
}

/* The comment from `begin` to scan->at, when it speaks to snarl. */
static void note_comment(struct notes *notes, const struct scan *scan, size_t begin)
{
    struct lower *lower = notes->lower;
    char *text = text_of(NULL, (struct scan){scan->text + begin, scan->at - begin, 0});
    if (text == NULL) {
        return;
    }
    struct ir_note note = {.file = notes->file, .text = intern_str(lower->names, text)};

    talloc_free(text);
    count_lines(notes, scan, begin);
    note.line = notes->line;
    note.column = (uint32_t)(begin - notes->line_begin) + 1;
    note.alone = only_blanks(scan->text + notes->line_begin, begin - notes->line_begin);
    count_lines(notes, scan, scan->at);
    note.last_line = notes->line;
    vec_push(lower->unit, &lower->unit->notes, note);
}

void notes_read(struct lower *lower, CXFile file)
{
    struct scan scan = {.text = NULL};

    scan.text = source_text_at(lower, file, 0, &scan.size);
    if (scan.text == NULL ||
        (memmem(scan.text, scan.size, mark, sizeof mark - 1) == NULL &&
         memmem(scan.text, scan.size, tidy_mark, sizeof tidy_mark - 1) == NULL)) {
        return; /* hardly any file has one: a look for the word is all that they cost */
    }
    struct notes notes = {lower, source_file_id(lower, file), 0, 1};
    while (scan.at < scan.size) {
        size_t begin = scan.at;
        if (scan_comment(&scan)) {
            note_comment(&notes, &scan, begin);
        } else if (scan.text[scan.at] == '"' || scan.text[scan.at] == '\'') {
            scan_quoted(&scan);
        } else {
            scan.at++;
        }
    }
}
