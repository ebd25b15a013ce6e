/* html_out.c - escaped text. */
#include "report/html.h"
#include "report/utf8.h"

#include <assert.h>
#include <ctype.h>
#include <stdarg.h>
#include <string.h>

/* What a byte has to be written as; NULL: as it is. */
static const char *entity_of(char byte)
{
    switch (byte) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return (unsigned char)byte < ' ' && byte != '\t' ? UTF8_REPLACEMENT : NULL;
    }
}

/* DEL and C1 (U+0080 to U+009F) are no text either. */
static bool is_late_control(const char *text, size_t n)
{
    return (n == 1 && text[0] == 0x7F) ||
           (n == 2 && (unsigned char)text[0] == 0xC2 && (unsigned char)text[1] < 0xA0);
}

void html_text(const struct html *h, const char *text, size_t n)
{
    for (size_t at = 0, length; at < n; at += length) {
        bool valid;
        length = utf8_next(text + at, n - at, &valid);
        const char *entity = entity_of(text[at]);
        if (!valid || is_late_control(text + at, length)) {
            (void)fputs(UTF8_REPLACEMENT, h->out);
        } else if (length == 1 && entity != NULL) {
            (void)fputs(entity, h->out);
        } else {
            (void)fwrite(text + at, 1, length, h->out);
        }
    }
}

void html_put(const struct html *h, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    for (const char *at = format; *at != '\0'; at++) {
        if (*at != '%') {
            (void)fputc(*at, h->out);
        } else if (*++at == 's') {
            const char *text = va_arg(args, const char *);
            html_text(h, text, strlen(text));
        } else if (*at == 'u') {
            (void)fprintf(h->out, "%u", va_arg(args, unsigned));
        } else {
            assert(at[0] == 'z' && at[1] == 'u');
            at++;
            (void)fprintf(h->out, "%zu", va_arg(args, size_t));
        }
    }
    va_end(args);
}

/* The quote that ends the name which begins after the quote `open`; NULL: that is an apostrophe. */
static const char *closing_quote(const char *sentence, const char *open)
{
    bool begins = open == sentence || strchr(" (\"", open[-1]) != NULL;
    const char *close = begins ? strchr(open + 1, '\'') : NULL;

    while (close != NULL && isalnum((unsigned char)close[1])) {
        close = strchr(close + 1, '\'');
    }
    return close == open + 1 ? NULL : close;
}

void html_prose(const struct html *h, const char *sentence)
{
    const char *at = sentence;

    for (const char *open = at; (open = strchr(open, '\'')) != NULL; open++) {
        const char *close = closing_quote(sentence, open);
        if (close != NULL) {
            html_text(h, at, (size_t)(open - at));
            html_put(h, "<code>");
            html_text(h, open + 1, (size_t)(close - open - 1));
            html_put(h, "</code>");
            open = close;
            at = close + 1;
        }
    }
    html_text(h, at, strlen(at));
}

void html_tokens(const struct html *h, const char *names)
{
    static const char between[] = ", ";

    if (names[0] == '\0') {
        html_put(h, "<span class=\"none\">nothing</span>");
        return;
    }
    for (;;) {
        const char *end = strstr(names, between);
        html_put(h, "<span class=\"lock\">");
        html_text(h, names, end == NULL ? strlen(names) : (size_t)(end - names));
        html_put(h, "</span>");
        if (end == NULL) {
            return;
        }
        html_put(h, " ");
        names = end + strlen(between);
    }
}

const char *html_place(const struct html *h, struct loc where)
{
    if (where.file == NULL) {
        return "";
    }
    const char *path = report_path(h->report->root, where.file);
    return where.line == 0 ? path : mem_printf(h->scratch, "%s:%u", path, where.line);
}
