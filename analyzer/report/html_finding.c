/* html_finding.c - the findings: what is wrong, and the story step by step, time running downwards,
 * a column for each context.
 */
#include "report/html.h"
#include "report/write.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_COLUMNS = 4, /* with more contexts a story is told in one column */
    FOLD_MIN = 4,    /* so many steps on the way in a row are folded */
    /* Excerpts grow a report: the worst findings have two lines around each step, the next ones
     * one. */
    TWO_LINES = 500,
    ONE_LINE = 2000,
};

/* A step and whose it is. */
struct told {
    const struct finding_step *step;
    size_t thread;
    size_t number; /* in its thread */
    bool is_way;
};

struct story {
    const struct html *h;
    const struct finding *finding;
    struct told *v;
    size_t n;
    uint32_t around; /* lines of an excerpt before and after its step */
};

static int compare_told(const void *left, const void *right)
{
    const struct told *a = left;
    const struct told *b = right;

    if (a->step->order != b->step->order) {
        return a->step->order < b->step->order ? -1 : 1;
    }
    if (a->thread != b->thread) {
        return a->thread < b->thread ? -1 : 1;
    }
    return (a->number > b->number) - (a->number < b->number);
}

/* Does the step only tell how the context gets to where it matters? */
static bool is_way(const struct finding_thread *thread, size_t number)
{
    const char *held = thread->steps.v[number].held;
    bool is_start = number == 0 && held != NULL && held[0] == '\0';

    return (held == NULL || is_start) && number + 1 < thread->steps.n;
}

/* All steps in the order in which they happen. */
static void gather(struct story *story)
{
    const struct finding *finding = story->finding;
    size_t n = 0;

    for (size_t i = 0; i < finding->threads.n; i++) {
        n += finding->threads.v[i].steps.n;
    }
    story->v = mem_array(story->h->scratch, struct told, n + 1);
    for (size_t i = 0; i < finding->threads.n; i++) {
        const struct finding_thread *thread = &finding->threads.v[i];
        for (size_t j = 0; j < thread->steps.n; j++) {
            const struct finding_step *step = &thread->steps.v[j];
            story->v[story->n++] = (struct told){step, i, j, is_way(thread, j)};
        }
    }
    qsort(story->v, story->n, sizeof *story->v, compare_told);
}

/* "c1" .. "c4": the column of a context. */
static unsigned column_of(size_t thread)
{
    return (unsigned)(thread % MAX_COLUMNS) + 1;
}

/* The letter that a context goes by. */
static void put_letter(const struct story *story, size_t thread)
{
    char letter[] = {(char)('A' + thread % 26), '\0'};

    if (story->finding->threads.n > 1) {
        html_put(story->h, "<b class=\"who\">%s</b> ", letter);
    }
}

static void put_contexts(const struct story *story)
{
    const struct finding *finding = story->finding;

    html_put(story->h, "<ul class=\"contexts\">");
    for (size_t i = 0; i < finding->threads.n; i++) {
        html_put(story->h, "<li class=\"c%u\">", column_of(i));
        put_letter(story, i);
        html_prose(story->h, finding->threads.v[i].title);
        html_put(story->h, "</li>");
    }
    html_put(story->h, "</ul>\n");
}

static void put_what(const struct story *story, const struct told *told)
{
    html_put(story->h, "<p><span class=\"at\">%s</span>", html_place(story->h, told->step->where));
    put_letter(story, told->thread);
    html_prose(story->h, told->step->text);
    html_put(story->h, "</p>");
}

/* A call on the way: one line, and what the source says there. */
static void put_way(const struct story *story, const struct told *told)
{
    html_put(story->h, "<li class=\"c%u way\">", column_of(told->thread));
    put_what(story, told);
    html_source_line(story->h, told->step->where);
    html_put(story->h, "</li>\n");
}

static void put_step(const struct story *story, const struct told *told)
{
    html_put(story->h, "<li class=\"c%u\">", column_of(told->thread));
    put_what(story, told);
    html_excerpt(story->h, told->step->where, story->around);
    if (told->step->held != NULL) {
        html_put(story->h, "<p class=\"held\">holds ");
        html_tokens(story->h, told->step->held);
        html_put(story->h, "</p>");
    }
    html_put(story->h, "</li>\n");
}

/* How many steps from `i` on are calls within calls on one context's way. */
static size_t way_length(const struct story *story, size_t i)
{
    const struct told *v = story->v;
    size_t end = i;

    while (end < story->n && v[end].is_way && v[end].thread == v[i].thread &&
           (end <= i + 1 || v[end].step->depth > v[end - 1].step->depth)) {
        end++;
    }
    return end - i;
}

/* The first one tells where it starts; the others are there for whoever wants to follow. */
static void put_folded(const struct story *story, size_t first, size_t n)
{
    put_way(story, &story->v[first]);
    html_put(story->h,
             "<li class=\"c%u fold\"><details><summary>%zu calls further down</summary><ol>\n",
             column_of(story->v[first].thread), n - 1);
    for (size_t i = first + 1; i < first + n; i++) {
        put_way(story, &story->v[i]);
    }
    html_put(story->h, "</ol></details></li>\n");
}

static void put_story(struct story *story)
{
    size_t n_threads = story->finding->threads.n;

    gather(story);
    if (story->n == 0) {
        html_excerpt(story->h, story->finding->where, 2);
        return;
    }
    html_put(story->h, "<div class=\"story of%zu\">", n_threads > MAX_COLUMNS ? 1 : n_threads);
    put_contexts(story);
    html_put(story->h, "<ol class=\"steps\">\n");
    for (size_t i = 0, n; i < story->n; i += n) {
        n = way_length(story, i);
        if (n >= FOLD_MIN) {
            put_folded(story, i, n);
        } else if (n > 0) {
            put_way(story, &story->v[i]);
            n = 1;
        } else {
            put_step(story, &story->v[i]);
            n = 1;
        }
    }
    html_put(story->h, "</ol></div>\n");
}

/* ---- around it ------------------------------------------------------------------------------- */

/* Attributes are what the filters go by. */
static void put_headline(const struct html *h, const struct ranked_finding *ranked, size_t number)
{
    const struct finding *finding = ranked->finding;
    const char *file =
        finding->where.file == NULL ? "" : report_path(h->report->root, finding->where.file);

    html_put(h, "<details class=\"finding%s\" id=\"f%zu\" data-rule=\"%s\" data-severity=\"%s\"",
             ranked->like != NULL ? " like" : "", number, finding->rule->id,
             level_name(finding->severity));
    html_put(h, " data-confidence=\"%s\" data-file=\"%s\"%s>\n", level_name(finding->confidence),
             file, number == 1 ? " open=\"\"" : "");
    html_put(h, "<summary><span class=\"level %s\">%s</span> <span class=\"what\">",
             level_name(finding->severity), level_name(finding->severity));
    html_prose(h, finding->message);
    html_put(h,
             "</span> <span class=\"meta\"><span class=\"at\">%s</span> <span "
             "class=\"rule\">%s</span>%s</span></summary>\n",
             html_place(h, finding->where), finding->rule->id,
             ranked->like != NULL ? " same subject as the one before" : "");
}

static void put_related(const struct html *h, const struct finding *finding)
{
    for (size_t i = 0; i < finding->related.n; i++) {
        const struct finding_place *place = &finding->related.v[i];
        html_put(h, "<li><span class=\"at\">%s</span> ", html_place(h, place->where));
        html_prose(h, place->text);
        html_source_line(h, place->where);
        html_put(h, "</li>\n");
    }
}

static void put_reasons(const struct html *h, const struct finding *finding)
{
    if (finding->reasons.n == 0 && finding->confidence == LEVEL_HIGH) {
        return;
    }
    html_put(h, "<p class=\"why\">Confidence %s", level_name(finding->confidence));
    for (size_t i = 0; i < finding->reasons.n; i++) {
        html_put(h, i == 0 ? ": " : "; ");
        html_prose(h, finding->reasons.v[i]);
    }
    html_put(h, "</p>\n");
}

static void put_assumptions(const struct html *h, const struct finding *finding)
{
    for (size_t i = 0; i < finding->assumptions.n; i++) {
        html_put(h, "<p class=\"why\">Assumes that ");
        html_prose(h, finding->assumptions.v[i].text);
        html_put(h, "; if not, say so in <code>.snarl.yml</code>: <code>");
        const char *claim = finding->assumptions.v[i].claim;
        html_text(h, claim, strlen(claim));
        html_put(h, "</code></p>\n");
    }
}

void html_finding(const struct html *h, const struct ranked_finding *ranked, size_t number)
{
    const struct finding *finding = ranked->finding;
    uint32_t around = number <= TWO_LINES ? 2 : number <= ONE_LINE ? 1 : 0;
    struct story story = {.h = h, .finding = finding, .around = around};

    put_headline(h, ranked, number);
    html_put(h, "<div class=\"body\">");
    if (finding->cure != NULL) {
        html_put(h, "<p class=\"cure\"><b>Cure</b> ");
        html_prose(h, finding->cure);
        html_put(h, "</p>\n");
    }
    put_story(&story);
    if (finding->related.n > 0) {
        html_put(h, "<h4>Also</h4><ul class=\"also\">\n");
        put_related(h, finding);
        html_put(h, "</ul>\n");
    }
    put_assumptions(h, finding);
    put_reasons(h, finding);
    html_put(h, "</div></details>\n");
}
