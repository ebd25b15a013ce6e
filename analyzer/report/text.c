/* text.c - findings for people: a compiler's first line, then the story. */
#include "report/text.h"

#include "report/story.h"
#include "report/utf8.h"
#include "report/write.h"

#include <stdlib.h>
#include <string.h>

enum {
    EXCERPT_WIDTH = 160, /* a longer source line is cut */
    TAB_WIDTH = 8,
};

struct text_run {
    const struct report *report;
    struct sources *sources;
    FILE *out;
    void *scratch; /* strings of the finding that is being written */
};

enum style {
    STYLE_PLAIN,
    STYLE_BOLD,
    STYLE_WARNING,
    STYLE_NOTE,
    STYLE_CARET,
};

/* ECMA-48 "select graphic rendition", in the colours compilers use. */
static const char *const style_codes[] = {
    [STYLE_PLAIN] = "\x1b[0m",   [STYLE_BOLD] = "\x1b[1m",     [STYLE_WARNING] = "\x1b[1;35m",
    [STYLE_NOTE] = "\x1b[1;36m", [STYLE_CARET] = "\x1b[1;32m",
};

static void set_style(const struct text_run *run, enum style style)
{
    if (run->report->colour) {
        fputs(style_codes[style], run->out);
    }
}

static void put_styled(const struct text_run *run, enum style style, const char *text)
{
    set_style(run, style);
    fputs(text, run->out);
    set_style(run, STYLE_PLAIN);
}

static void pad(const struct text_run *run, size_t from, size_t to)
{
    for (; from < to; from++) {
        fputc(' ', run->out);
    }
}

/* A source line made fit for a terminal. */
struct excerpt {
    char *text;
    size_t caret; /* columns before the caret; SIZE_MAX: no caret */
};

static struct excerpt excerpt_of(const struct text_run *run, const char *line, size_t n,
                                 uint32_t column)
{
    struct excerpt excerpt = {mem_strdup(run->scratch, ""), SIZE_MAX};
    size_t width = 0;

    for (size_t at = 0, length; at <= n && width < EXCERPT_WIDTH; at += length) {
        bool valid;
        if (column > 0 && at + 1 == column) {
            excerpt.caret = width;
        }
        length = utf8_next(line + at, n - at, &valid);
        if (length == 0) {
            break;
        }
        if (line[at] == '\t') {
            int spaces = TAB_WIDTH - (int)(width % TAB_WIDTH);
            mem_append(run->scratch, &excerpt.text, "%*s", spaces, "");
            width += (size_t)spaces;
            continue;
        }
        char *character = mem_strndup(run->scratch, line + at, length);
        mem_append(run->scratch, &excerpt.text, "%s", utf8_printable(run->scratch, character));
        width++;
    }
    return excerpt;
}

/* The primary line and a caret below its column; nothing when the line can't be read. */
static void write_excerpt(const struct text_run *run, struct loc where)
{
    size_t n;
    const char *line = sources_line(run->sources, where, &n);

    if (line == NULL) {
        return;
    }
    struct excerpt excerpt = excerpt_of(run, line, n, where.column);
    int gutter = fprintf(run->out, "%5u", where.line);
    fprintf(run->out, " | %s\n", excerpt.text);
    if (excerpt.caret == SIZE_MAX) {
        return;
    }
    pad(run, 0, gutter > 0 ? (size_t)gutter : 0);
    fputs(" | ", run->out);
    pad(run, 0, excerpt.caret);
    put_styled(run, STYLE_CARET, "^");
    fputc('\n', run->out);
}

static void write_headline(const struct text_run *run, const struct finding *finding)
{
    bool is_note = finding->severity == LEVEL_LOW;
    char *place = story_place(run->scratch, run->report->root, finding->where, true);

    if (place[0] != '\0') {
        set_style(run, STYLE_BOLD);
        fprintf(run->out, "%s:", place);
        set_style(run, STYLE_PLAIN);
        fputc(' ', run->out);
    }
    put_styled(run, is_note ? STYLE_NOTE : STYLE_WARNING, is_note ? "note:" : "warning:");
    fputc(' ', run->out);
    put_styled(run, STYLE_BOLD, utf8_printable(run->scratch, finding->message));
    fprintf(run->out, " [%s]\n", finding->rule->id);
}

/* "also: a.c:12 reads it" */
static void write_related(const struct text_run *run, const struct finding *finding)
{
    for (size_t i = 0; i < finding->related.n; i++) {
        const struct finding_place *place = &finding->related.v[i];
        fprintf(run->out, "  also: %s %s\n",
                story_place(run->scratch, run->report->root, place->where, false),
                utf8_printable(run->scratch, place->text));
    }
}

static void write_confidence(const struct text_run *run, const struct finding *finding)
{
    fprintf(run->out, "  severity %s, confidence %s", level_name(finding->severity),
            level_name(finding->confidence));
    for (size_t i = 0; i < finding->reasons.n; i++) {
        fprintf(run->out, "%s%s", i == 0 ? ": " : "; ",
                utf8_printable(run->scratch, finding->reasons.v[i]));
    }
    fputc('\n', run->out);
}

/* What it rests on, and how to say that it is not so. */
static void write_assumptions(const struct text_run *run, const struct finding *finding)
{
    for (size_t i = 0; i < finding->assumptions.n; i++) {
        fprintf(run->out, "  assumes that %s\n",
                utf8_printable(run->scratch, finding->assumptions.v[i].text));
        fprintf(run->out, "    if not, say so in .snarl.yml: %s\n",
                utf8_printable(run->scratch, finding->assumptions.v[i].claim));
    }
}

/* All below the headline. */
static void write_body(const struct text_run *run, const struct finding *finding,
                       const struct finding *like)
{
    write_excerpt(run, finding->where);
    story_write(run->out, run->report->root, run->report->width, finding, like);
    write_related(run, finding);
    if (finding->cure != NULL) {
        fprintf(run->out, "  cure: %s\n", utf8_printable(run->scratch, finding->cure));
    }
    write_assumptions(run, finding);
    write_confidence(run, finding);
}

static void write_finding(struct text_run *run, const struct ranked_finding *ranked)
{
    run->scratch = mem_owner(NULL, "text of a finding");
    write_headline(run, ranked->finding);
    write_body(run, ranked->finding, ranked->like);
    fputc('\n', run->out);
    talloc_free(run->scratch);
}

char *text_of_finding(void *owner, const struct report *report, struct sources *sources,
                      const struct finding *finding)
{
    struct report plain = *report;
    struct text_run run = {.report = &plain, .sources = sources};
    char *bytes = NULL;
    size_t size = 0;

    plain.colour = false;
    plain.width = 0;
    run.out = mem_checked(open_memstream(&bytes, &size));
    run.scratch = mem_owner(NULL, "text of a finding");
    write_body(&run, finding, NULL);
    talloc_free(run.scratch);
    (void)fclose(run.out);
    char *text = mem_strdup(owner, mem_checked(bytes));
    free(bytes);
    return text;
}

/* ---- the end --------------------------------------------------------------------------------- */

/* How many findings of each severity a rule has. */
struct tally {
    const struct rule *rule;
    size_t n[LEVEL_HIGH + 1];
};

/* Rules with more of what is worst come first, then by name. */
static int by_harm(const void *left, const void *right)
{
    const struct tally *a = left;
    const struct tally *b = right;

    for (size_t i = LEVEL_HIGH + 1; i-- > 0;) {
        if (a->n[i] != b->n[i]) {
            return a->n[i] > b->n[i] ? -1 : 1;
        }
    }
    return strcmp(a->rule->id, b->rule->id);
}

/* The findings, told apart by rule; gives the number of rules that have any. */
static size_t count_by_rule(const struct report *report, struct tally *ret)
{
    size_t n = 0;

    for (size_t i = 0; i < report->n_findings; i++) {
        const struct finding *finding = report->findings[i];
        size_t at = 0;
        while (at < n && ret[at].rule != finding->rule) {
            at++;
        }
        if (at == n) {
            ret[n++] = (struct tally){.rule = finding->rule};
        }
        ret[at].n[finding->severity]++;
    }
    qsort(ret, n, sizeof ret[0], by_harm);
    return n;
}

static void write_count(const struct text_run *run, size_t n, int width)
{
    if (n > 0) {
        fprintf(run->out, "  %*zu", width, n);
    } else {
        fprintf(run->out, "  %*s", width, "-");
    }
}

/* A line for each rule: how many findings of high, medium and low severity. */
static void write_table(const struct text_run *run)
{
    const struct report *report = run->report;
    struct tally *tallies = mem_array(NULL, struct tally, report->n_findings);
    size_t n = count_by_rule(report, tallies);
    int width = (int)strlen("severity");

    for (size_t i = 0; i < n; i++) {
        int length = (int)strlen(tallies[i].rule->id);
        width = length > width ? length : width;
    }
    fprintf(run->out, "%-*s  high  medium  low\n", width, "severity");
    for (size_t i = 0; i < n; i++) {
        fprintf(run->out, "%-*s", width, tallies[i].rule->id);
        write_count(run, tallies[i].n[LEVEL_HIGH], 4);
        write_count(run, tallies[i].n[LEVEL_MEDIUM], 6);
        write_count(run, tallies[i].n[LEVEL_LOW], 3);
        fputc('\n', run->out);
    }
    fputc('\n', run->out);
    talloc_free(tallies);
}

/* "3 findings (2 of high confidence, 1 of medium); 4 of lower confidence are not shown (...)" */
static void write_summary(const struct text_run *run)
{
    const struct report *report = run->report;
    size_t counts[LEVEL_HIGH + 1] = {0};
    const char *between = " (";
    const char *word = " confidence";

    for (size_t i = 0; i < report->n_findings; i++) {
        counts[report->findings[i]->confidence]++;
    }
    fprintf(run->out, "%zu finding%s", report->n_findings, report->n_findings == 1 ? "" : "s");
    for (size_t i = LEVEL_HIGH + 1; i-- > 0;) {
        if (counts[i] > 0) {
            fprintf(run->out, "%s%zu of %s%s", between, counts[i], level_name((enum level)i), word);
            between = ", ";
            word = "";
        }
    }
    if (report->n_findings > 0) {
        fputc(')', run->out);
    }
    if (report->n_ranked < report->n_findings) {
        fprintf(run->out, "; the worst %zu %s told, %zu more %s left out by --max",
                report->n_ranked, report->n_ranked == 1 ? "is" : "are",
                report->n_findings - report->n_ranked,
                report->n_findings - report->n_ranked == 1 ? "is" : "are");
    }
    if (report->n_hidden > 0) {
        fprintf(run->out, "; %zu of lower confidence %s not shown (--confidence=low shows %s)",
                report->n_hidden, report->n_hidden == 1 ? "is" : "are",
                report->n_hidden == 1 ? "it" : "them");
    }
    if (report->n_foreign > 0) {
        fprintf(run->out,
                "; %zu in files that are not the project's own %s not shown (--all-files "
                "shows %s)",
                report->n_foreign, report->n_foreign == 1 ? "is" : "are",
                report->n_foreign == 1 ? "it" : "them");
    }
    if (report->n_allowed > 0) {
        fprintf(run->out, "; %zu allowed by comments", report->n_allowed);
    }
    if (report->n_known > 0) {
        fprintf(run->out, "; %zu known", report->n_known);
    }
    if (report->n_absent > 0) {
        fprintf(run->out, "; %zu of the baseline %s gone", report->n_absent,
                report->n_absent == 1 ? "is" : "are");
    }
    fputc('\n', run->out);
}

bool text_write(const struct report *report, struct sources *sources, FILE *out)
{
    struct text_run run = {.report = report, .sources = sources, .out = out};

    for (size_t i = 0; i < report->n_ranked; i++) {
        write_finding(&run, &report->ranked[i]);
    }
    if (report->n_findings > 1) {
        write_table(&run);
    }
    write_summary(&run);
    return !ferror(out);
}
