/* html_source.c - lines of the sources, beside what is said of them. */
#include "report/html.h"

#include <string.h>

enum { LINE_MAX_BYTES = 200 }; /* what is longer is generated, or a table: its start will do */

static void put_line(const struct html *h, const char *text, size_t n)
{
    html_text(h, text, n < LINE_MAX_BYTES ? n : LINE_MAX_BYTES);
    if (n > LINE_MAX_BYTES) {
        html_put(h, "&hellip;");
    }
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\f';
}

void html_source_line(const struct html *h, struct loc where)
{
    size_t n = 0;
    const char *text = sources_line(h->sources, where, &n);

    while (text != NULL && n > 0 && is_blank(text[0])) {
        text++;
        n--;
    }
    if (text != NULL && n > 0) {
        html_put(h, "<code class=\"src\">");
        put_line(h, text, n);
        html_put(h, "</code>");
    }
}

/* The blanks before the code are not marked. */
static void put_numbered(const struct html *h, struct loc at, bool is_it)
{
    size_t n = 0;
    size_t n_blank = 0;
    const char *text = sources_line(h->sources, at, &n);

    if (text == NULL) {
        return;
    }
    while (n_blank < n && is_blank(text[n_blank])) {
        n_blank++;
    }
    html_put(h, "<i>%u</i>", at.line);
    html_text(h, text, n_blank);
    html_put(h, is_it ? "<mark>" : "");
    put_line(h, text + n_blank, n - n_blank);
    html_put(h, is_it ? "</mark>\n" : "\n");
}

void html_excerpt(const struct html *h, struct loc where, uint32_t around)
{
    size_t n = 0;

    if (sources_line(h->sources, where, &n) == NULL) {
        return;
    }
    uint32_t first = where.line > around ? where.line - around : 1;
    html_put(h, "<pre tabindex=\"0\">");
    for (uint32_t line = first; line <= where.line + around; line++) {
        put_numbered(h, (struct loc){.file = where.file, .line = line}, line == where.line);
    }
    html_put(h, "</pre>");
}
