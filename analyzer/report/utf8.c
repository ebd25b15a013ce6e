#include "report/utf8.h"

#include "base/mem.h"

#include <string.h>

/* What may follow a first byte (Unicode Standard, table 3-7). */
struct lead {
    unsigned char first, last;            /* the first byte */
    unsigned char second_min, second_max; /* bounds of the second; later ones are 80..BF */
    size_t length;
};

static const struct lead leads[] = {
    {0x00, 0x7F, 0, 0, 1},       {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
    {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
    {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
};

static const struct lead *find_lead(unsigned char byte)
{
    for (size_t i = 0; i < sizeof leads / sizeof leads[0]; i++) {
        if (byte >= leads[i].first && byte <= leads[i].last) {
            return &leads[i];
        }
    }
    return NULL;
}

size_t utf8_next(const char *text, size_t n, bool *ret_valid)
{
    *ret_valid = false;
    if (n == 0) {
        return 0;
    }
    const struct lead *lead = find_lead((unsigned char)text[0]);
    if (lead == NULL) {
        return 1;
    }
    size_t length = 1;
    while (length < lead->length && length < n) {
        unsigned char byte = (unsigned char)text[length];
        unsigned char min = length == 1 ? lead->second_min : 0x80;
        unsigned char max = length == 1 ? lead->second_max : 0xBF;
        if (byte < min || byte > max) {
            return length;
        }
        length++;
    }
    *ret_valid = length == lead->length;
    return length;
}

/* C0, DEL and C1 (U+0080 to U+009F, which some terminals obey). */
static bool is_control(const char *text, size_t length)
{
    unsigned char first = (unsigned char)text[0];

    if (length == 1) {
        return first < 0x20 || first == 0x7F;
    }
    return length == 2 && first == 0xC2 && (unsigned char)text[1] < 0xA0;
}

static char *replace(void *owner, const char *text, bool controls_too)
{
    size_t n = strlen(text);
    char *clean = mem_array(owner, char, n *strlen(UTF8_REPLACEMENT) + 1);
    char *end = clean;

    for (size_t at = 0, length; at < n; at += length) {
        bool valid;
        length = utf8_next(text + at, n - at, &valid);
        bool keep = valid && !(controls_too && is_control(text + at, length));
        const char *from = keep ? text + at : UTF8_REPLACEMENT;
        size_t size = keep ? length : strlen(UTF8_REPLACEMENT);
        memcpy(end, from, size);
        end += size;
    }
    return clean;
}

char *utf8_clean(void *owner, const char *text)
{
    return replace(owner, text, false);
}

char *utf8_printable(void *owner, const char *text)
{
    return replace(owner, text, true);
}

size_t utf8_count(const char *text, size_t n)
{
    size_t count = 0;
    bool valid;

    for (size_t at = 0; at < n; at += utf8_next(text + at, n - at, &valid)) {
        count++;
    }
    return count;
}
