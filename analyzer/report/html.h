/* html.h - what the parts of the HTML report share: the writing of escaped text.
 *
 * All that comes from the analysed program (names, paths, lines) goes through these functions; only
 * literals of the writers are markup.
 */
#pragma once

#include "report/report.h"
#include "report/source.h"

struct html {
    FILE *out;
    const struct report *report;
    struct sources *sources;
    void *scratch; /* strings of the part that is being written */
};

/* Writes `format`, which is markup. Understands %s (a string, escaped for text and for values in
 * double quotes), %zu and %u, and nothing else. */
void html_put(const struct html *h, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* `n` bytes of text, escaped. Invalid UTF-8 and control characters become U+FFFD, but for tabs. */
void html_text(const struct html *h, const char *text, size_t n);

/* A sentence of a finding: what it puts in single quotes becomes code. */
void html_prose(const struct html *h, const char *sentence);

/* Names with ", " between them, a badge each; "" writes "nothing". */
void html_tokens(const struct html *h, const char *names);

/* "file:line", relative to the report's root; owned by h->scratch. "" for no place. */
const char *html_place(const struct html *h, struct loc where);

/* The line `where` as excerpt, with `around` lines before and after it; nothing if there is none.
 */
void html_excerpt(const struct html *h, struct loc where, uint32_t around);

/* The line `where` without the blanks around it; nothing if there is none. */
void html_source_line(const struct html *h, struct loc where);

/* One finding, the `number`-th from 1, whose id is "f<number>". */
void html_finding(const struct html *h, const struct ranked_finding *ranked, size_t number);

/* The sections of the report, in their order. */
void html_summary(struct html *h);
void html_list(struct html *h);

/* The same for what was found out about the program; report->prog is not NULL. */
void html_graph(struct html *h);
void html_map(struct html *h);
void html_loops(struct html *h);
