#include "report/xml.h"

#include "report/utf8.h"

#include <stdbool.h>
#include <string.h>

/* What stands for a character; NULL: it does itself. */
static const char *reference_of(char c, bool in_attribute)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '\r': /* a reader would make it a newline */
        return "&#13;";
    case '"':
        return in_attribute ? "&quot;" : NULL;
    case '\n':
        return in_attribute ? "&#10;" : NULL;
    case '\t':
        return in_attribute ? "&#9;" : NULL;
    default:
        return NULL;
    }
}

/* Has XML this character? `text` is valid UTF-8. */
static bool is_allowed(const char *text, size_t length)
{
    if (length == 1) {
        return (unsigned char)text[0] >= 0x20 || strchr("\t\n\r", text[0]) != NULL;
    }
    return length != 3 ||
           (memcmp(text, "\xEF\xBF\xBE", 3) != 0 && memcmp(text, "\xEF\xBF\xBF", 3) != 0);
}

static void put(FILE *out, const char *text, bool in_attribute)
{
    size_t n = strlen(text);

    for (size_t at = 0, length; at < n; at += length) {
        bool valid;
        length = utf8_next(text + at, n - at, &valid);
        const char *reference = reference_of(text[at], in_attribute);
        if (!valid || !is_allowed(text + at, length)) {
            fputs(UTF8_REPLACEMENT, out);
        } else if (reference != NULL) {
            fputs(reference, out);
        } else {
            fwrite(text + at, 1, length, out);
        }
    }
}

void xml_text(FILE *out, const char *text)
{
    put(out, text, false);
}

void xml_attribute(FILE *out, const char *name, const char *value)
{
    fprintf(out, " %s=\"", name);
    put(out, value, true);
    fputc('"', out);
}
