/* github.c - findings as annotations of a GitHub workflow, by its workflow commands:
 *
 *   ::warning file=src/a.c,line=3,endLine=3,col=5,title=snarl%3A data-race::message%0Amore lines
 *
 * GitHub shows the first ten errors, ten warnings and ten notices of a step. So the worst come
 * first, and what is left is told in plain lines of the log.
 */
#include "report/story.h"
#include "report/text.h"
#include "report/utf8.h"
#include "report/write.h"

#include <string.h>

enum { ANNOTATIONS_MAX = 10 }; /* of one kind */

static const char *const commands[] = {
    [LEVEL_LOW] = "notice",
    [LEVEL_MEDIUM] = "warning",
    [LEVEL_HIGH] = "error",
};

/* The text as a command takes it: `special` characters as %XX. */
static void put_escaped(FILE *out, const char *text, const char *special)
{
    void *scratch = mem_owner(NULL, "text");
    const char *clean = utf8_clean(scratch, text);

    for (; *clean != '\0'; clean++) {
        if (strchr(special, *clean) != NULL) {
            fprintf(out, "%%%02X", (unsigned)*clean);
        } else {
            fputc(*clean, out);
        }
    }
    talloc_free(scratch);
}

static void put_data(FILE *out, const char *text)
{
    put_escaped(out, text, "%\r\n");
}

static void put_property(FILE *out, const char *text)
{
    put_escaped(out, text, "%\r\n:,");
}

/* "file=a.c,line=3,": columns count characters. */
static void put_place(const struct report *report, struct sources *sources, struct loc where,
                      FILE *out)
{
    size_t n;
    const char *line = sources_line(sources, where, &n);

    if (where.file == NULL) {
        return;
    }
    fputs("file=", out);
    put_property(out, report_path(report->root, where.file));
    fputc(',', out);
    if (where.line > 0) {
        fprintf(out, "line=%u,endLine=%u,", where.line, where.line);
    }
    if (line != NULL && where.column > 0 && where.column - 1 <= n) {
        fprintf(out, "col=%zu,", utf8_count(line, where.column - 1) + 1);
    }
}

static void put_annotation(const struct report *report, struct sources *sources,
                           const struct finding *finding, FILE *out)
{
    void *scratch = mem_owner(NULL, "annotation");

    fprintf(out, "::%s ", commands[finding->severity]);
    put_place(report, sources, finding->where, out);
    fputs("title=", out);
    put_property(out, mem_printf(scratch, "snarl: %s", finding->rule->id));
    fputs("::", out);
    put_data(out, finding->message);
    put_data(out, "\n");
    put_data(out, text_of_finding(scratch, report, sources, finding));
    fputc('\n', out);
    talloc_free(scratch);
}

/* Begins with a word, so that no file's name is taken for a command. */
static void put_line(const struct report *report, const struct finding *finding, FILE *out)
{
    void *scratch = mem_owner(NULL, "line");

    fprintf(out, "%s, too: %s: %s [%s]\n", commands[finding->severity],
            story_place(scratch, report->root, finding->where, true),
            utf8_printable(scratch, finding->message), finding->rule->id);
    talloc_free(scratch);
}

bool github_write(const struct report *report, struct sources *sources, FILE *out)
{
    size_t n[LEVEL_HIGH + 1] = {0};

    for (size_t i = 0; i < report->n_ranked; i++) {
        const struct finding *finding = report->ranked[i].finding;
        if (n[finding->severity]++ < ANNOTATIONS_MAX) {
            put_annotation(report, sources, finding, out);
        } else {
            put_line(report, finding, out);
        }
    }
    fprintf(out, "snarl: %zu finding%s", report->n_findings, report->n_findings == 1 ? "" : "s");
    if (report->n_ranked < report->n_findings) {
        fprintf(out, ", %zu left out by --max", report->n_findings - report->n_ranked);
    }
    fputc('\n', out);
    return !ferror(out);
}
