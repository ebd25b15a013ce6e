#include "report/story.h"

#include "report/utf8.h"

#include <string.h>

/* Columns are padded up to these widths; what is longer just pushes its line to the right. */
enum {
    PLACE_WIDTH_MAX = 48,
    STEP_WIDTH_MAX = 64,
    DEPTH_MAX = 8,       /* calls deeper than this are not indented further */
    CELL_WIDTH_MIN = 48, /* of two columns; with less they are no pleasure to read */
    CELL_WIDTH_MAX = 84,
};

struct story {
    FILE *out;
    const char *root;
    unsigned width;
    const struct finding *finding;
    const struct finding *like; /* told before; NULL: none */
    void *scratch;
};

static void pad(const struct story *story, size_t from, size_t to)
{
    for (; from < to; from++) {
        fputc(' ', story->out);
    }
}

static size_t width_of(const char *text)
{
    return utf8_count(text, strlen(text));
}

static size_t at_most(size_t n, size_t max)
{
    return n < max ? n : max;
}

char *story_place(void *owner, const char *root, struct loc where, bool with_column)
{
    char *text = mem_strdup(owner, "");

    if (where.file == NULL) {
        return text;
    }
    mem_append(owner, &text, "%s", utf8_printable(owner, report_path(root, where.file)));
    if (where.line > 0) {
        mem_append(owner, &text, ":%u", where.line);
    }
    if (with_column && where.line > 0 && where.column > 0) {
        mem_append(owner, &text, ":%u", where.column);
    }
    return text;
}

static char *place_of(const struct story *story, const struct finding_step *step)
{
    return story_place(story->scratch, story->root, step->where, false);
}

static size_t step_indent(const struct finding_step *step)
{
    return 2 * (size_t)(step->depth < DEPTH_MAX ? step->depth : DEPTH_MAX);
}

/* ---- one under the other --------------------------------------------------------------------- */

/* Widths of the columns of a finding's steps. */
struct columns {
    size_t place;
    size_t text; /* of steps that say what is held, their indentation included */
};

static void widen(struct columns *columns, const struct story *story,
                  const struct finding_step *step)
{
    size_t place = at_most(width_of(place_of(story, step)), PLACE_WIDTH_MAX);
    size_t text = at_most(step_indent(step) + width_of(step->text), STEP_WIDTH_MAX);

    if (place > columns->place) {
        columns->place = place;
    }
    if (step->held != NULL && text > columns->text) {
        columns->text = text;
    }
}

static void write_step(const struct story *story, const struct finding_step *step,
                       struct columns columns)
{
    char *place = place_of(story, step);
    char *text = utf8_printable(story->scratch, step->text);

    fprintf(story->out, "    %s", place);
    pad(story, width_of(place), columns.place);
    pad(story, 0, 2 + step_indent(step));
    fputs(text, story->out);
    if (step->held != NULL) {
        pad(story, step_indent(step) + width_of(text), columns.text);
        fprintf(story->out, "  holds {%s}", utf8_printable(story->scratch, step->held));
    }
    fputc('\n', story->out);
}

static bool is_same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool is_same_step(const struct finding_step *a, const struct finding_step *b)
{
    return is_same_text(a->where.file, b->where.file) && a->where.line == b->where.line &&
           a->depth == b->depth && is_same_text(a->text, b->text) && is_same_text(a->held, b->held);
}

/* How many of its first steps a context has in common with the same one of the finding told before:
 * 0 when it is another context, or too few to be worth a reference. */
static size_t steps_told(const struct story *story, size_t thread)
{
    enum { WORTH = 2 };
    const struct finding_thread *mine = &story->finding->threads.v[thread];
    const struct finding_thread *told = story->like == NULL || thread >= story->like->threads.n
                                            ? NULL
                                            : &story->like->threads.v[thread];
    size_t n = 0;

    if (told == NULL || !is_same_text(mine->title, told->title)) {
        return 0;
    }
    while (n < mine->steps.n && n < told->steps.n &&
           is_same_step(&mine->steps.v[n], &told->steps.v[n])) {
        n++;
    }
    return n >= WORTH || n == mine->steps.n ? n : 0;
}

/* The title of a context, and what stands for the steps that were told before. */
static void write_title(const struct story *story, const struct finding_thread *thread, size_t told)
{
    fprintf(story->out, "  %s\n", utf8_printable(story->scratch, thread->title));
    if (told > 0) {
        fprintf(story->out, "    %zu step%s as for %s%s\n", told, told == 1 ? "" : "s",
                story_place(story->scratch, story->root, story->like->where, false),
                told < thread->steps.n ? ", then" : "");
    }
}

static void write_stacked(const struct story *story)
{
    const struct finding *finding = story->finding;
    struct columns columns = {0};

    for (size_t i = 0; i < finding->threads.n; i++) {
        const struct finding_thread *thread = &finding->threads.v[i];
        for (size_t j = steps_told(story, i); j < thread->steps.n; j++) {
            widen(&columns, story, &thread->steps.v[j]);
        }
    }
    for (size_t i = 0; i < finding->threads.n; i++) {
        const struct finding_thread *thread = &finding->threads.v[i];
        size_t told = steps_told(story, i);
        write_title(story, thread, told);
        for (size_t j = told; j < thread->steps.n; j++) {
            write_step(story, &thread->steps.v[j], columns);
        }
    }
}

/* ---- side by side ---------------------------------------------------------------------------- */

/* Do the two contexts' steps come between each other? */
static bool is_interleaved(const struct finding *finding)
{
    if (finding->threads.n != 2 || finding->threads.v[0].steps.n == 0 ||
        finding->threads.v[1].steps.n == 0) {
        return false;
    }
    const struct finding_thread *a = &finding->threads.v[0];
    const struct finding_thread *b = &finding->threads.v[1];
    return a->steps.v[a->steps.n - 1].order > b->steps.v[0].order &&
           b->steps.v[b->steps.n - 1].order > a->steps.v[0].order;
}

/* The part of `text` that fits into `width` columns, ending at a blank if there is one; bytes. */
static size_t fitting(const char *text, size_t width)
{
    size_t n = strlen(text);
    size_t at = 0;
    size_t blank = 0;
    bool valid;

    for (size_t columns = 0; at < n && columns < width; columns++) {
        blank = text[at] == ' ' ? at : blank;
        at += utf8_next(text + at, n - at, &valid);
    }
    return at == n || text[at] == ' ' || blank == 0 ? at : blank;
}

/* Text in the left or right column, on as many lines as it needs; the first begins with `indent`
 * blanks, further ones with four more. */
static void write_cell(const struct story *story, bool right, size_t cell, size_t indent,
                       const char *text)
{
    enum { FURTHER = 4 };

    for (bool first = true; first || text[0] != '\0'; first = false) {
        size_t before = first ? indent : indent + FURTHER;
        size_t n = fitting(text, cell > before ? cell - before : 1);
        fputs("  ", story->out);
        if (right) {
            pad(story, 0, cell);
            fputs(" | ", story->out);
        }
        pad(story, 0, before);
        fwrite(text, 1, n, story->out);
        if (!right) {
            pad(story, before + utf8_count(text, n), cell);
            fputs(" |", story->out);
        }
        fputc('\n', story->out);
        for (text += n; text[0] == ' ';) {
            text++;
        }
    }
}

static void write_step_beside(const struct story *story, bool right, size_t cell,
                              const struct finding_step *step)
{
    char *text = place_of(story, step);
    size_t indent = 2 + step_indent(step) / 2;

    mem_append(story->scratch, &text, "  %s", utf8_printable(story->scratch, step->text));
    if (step->held != NULL) {
        mem_append(story->scratch, &text, ", holding {%s}",
                   utf8_printable(story->scratch, step->held));
    }
    write_cell(story, right, cell, indent, text);
}

static void write_beside(const struct story *story, size_t cell)
{
    const struct finding_thread *left = &story->finding->threads.v[0];
    const struct finding_thread *right = &story->finding->threads.v[1];
    size_t l = 0;
    size_t r = 0;

    write_cell(story, false, cell, 0, utf8_printable(story->scratch, left->title));
    while (l < left->steps.n || r < right->steps.n) {
        bool is_right = l == left->steps.n ||
                        (r < right->steps.n && right->steps.v[r].order < left->steps.v[l].order);
        if (is_right && r == 0) {
            write_cell(story, true, cell, 0, utf8_printable(story->scratch, right->title));
        }
        const struct finding_step *step = is_right ? &right->steps.v[r++] : &left->steps.v[l++];
        write_step_beside(story, is_right, cell, step);
    }
}

void story_write(FILE *out, const char *root, unsigned width, const struct finding *finding,
                 const struct finding *like)
{
    enum { FRAME = 2 + 3 }; /* the margin, the bar */
    struct story story = {
        .out = out, .root = root, .width = width, .finding = finding, .like = like};
    size_t cell = width > FRAME ? (width - FRAME) / 2 : 0;

    story.scratch = mem_owner(NULL, "story");
    if (cell >= CELL_WIDTH_MIN && is_interleaved(finding)) {
        write_beside(&story, at_most(cell, CELL_WIDTH_MAX));
    } else {
        write_stacked(&story);
    }
    talloc_free(story.scratch);
}
