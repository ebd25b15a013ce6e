#include "frontend/json_check.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum {
    MAX_DEPTH = 64, /* a compile database needs 3 */
};

struct scan {
    const char *at;
    const char *end;
    const char *what;  /* the first mistake; NULL: none */
    const char *where; /* of it */
    unsigned depth;
};

static bool scan_value(struct scan *scan);

static bool mistake(struct scan *scan, const char *where, const char *what)
{
    if (scan->what == NULL) {
        scan->what = what;
        scan->where = where;
    }
    return false;
}

static char peek(struct scan *scan)
{
    while (scan->at < scan->end && *scan->at != '\0' && strchr(" \t\r\n", *scan->at) != NULL) {
        scan->at++;
    }
    return scan->at < scan->end ? *scan->at : '\0';
}

/* Length of the escape sequence at `at`, which is a backslash; 0: there is no such one. */
static size_t escape_length(const char *at, const char *end)
{
    size_t room = (size_t)(end - at);

    if (room >= 2 && at[1] != '\0' && strchr("\"\\/bfnrt", at[1]) != NULL) {
        return 2;
    }
    bool unicode = room >= 6 && at[1] == 'u';
    for (size_t i = 2; unicode && i < 6; i++) {
        unicode = isxdigit((unsigned char)at[i]) != 0;
    }
    return unicode ? 6 : 0;
}

static bool scan_string(struct scan *scan)
{
    const char *start = scan->at++;

    while (scan->at < scan->end && *scan->at != '"') {
        size_t n = *scan->at == '\\' ? escape_length(scan->at, scan->end) : 1;

        if ((unsigned char)*scan->at < ' ' && *scan->at != '\t') {
            return mistake(scan, start, "this string has no end on its line");
        }
        if (n == 0) {
            return mistake(scan, scan->at, "JSON has no such escape sequence");
        }
        scan->at += n;
    }
    if (scan->at >= scan->end) {
        return mistake(scan, start, "this string has no end");
    }
    scan->at++;
    return true;
}

/* A number, true, false or null: not checked further, for no key that we read has one. */
static bool scan_word(struct scan *scan)
{
    static const char letters[] = "+-.0123456789Eaeflnrstu";
    const char *start = scan->at;

    while (scan->at < scan->end && *scan->at != '\0' && strchr(letters, *scan->at) != NULL) {
        scan->at++;
    }
    return scan->at > start || mistake(scan, start, "expected a value");
}

static bool scan_key(struct scan *scan)
{
    if (peek(scan) != '"') {
        return mistake(scan, scan->at, "expected a key in quotes");
    }
    if (!scan_string(scan)) {
        return false;
    }
    if (peek(scan) != ':') {
        return mistake(scan, scan->at, "expected ':' after a key");
    }
    scan->at++;
    return true;
}

/* An array or object, from its opening bracket. */
static bool scan_items(struct scan *scan)
{
    const char *start = scan->at++;
    bool object = *start == '{';
    char close = object ? '}' : ']';

    if (scan->depth == MAX_DEPTH) {
        return mistake(scan, start, "brackets are nested too deep");
    }
    scan->depth++;
    while (peek(scan) != close) {
        if (scan->at == scan->end) {
            return mistake(scan, start,
                           object ? "this '{' is not closed" : "this '[' is not closed");
        }
        if ((object && !scan_key(scan)) || !scan_value(scan)) {
            return false;
        }
        if (peek(scan) == ',') {
            scan->at++;
        } else if (scan->at < scan->end && *scan->at != close) {
            return mistake(scan, scan->at, object ? "expected ',' or '}'" : "expected ',' or ']'");
        }
    }
    scan->at++;
    scan->depth--;
    return true;
}

static bool scan_value(struct scan *scan)
{
    char first = peek(scan);

    if (first == '"') {
        return scan_string(scan);
    }
    return first == '{' || first == '[' ? scan_items(scan) : scan_word(scan);
}

static struct json_mistake place_of(const char *text, const struct scan *scan)
{
    struct json_mistake found = {.what = scan->what, .line = 1, .column = 1};

    for (const char *p = text; p < scan->where; p++) {
        found.column++;
        if (*p == '\n') {
            found.line++;
            found.column = 1;
        }
    }
    return found;
}

struct json_mistake json_check_array(const char *text, size_t n)
{
    struct scan scan = {.at = text, .end = text + n};

    if (n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        scan.at += 3; /* a byte order mark, which libclang skips too */
    }
    if (peek(&scan) != '[') {
        (void)mistake(&scan, scan.at, "expected '[': a compile database is a JSON array");
    } else if (scan_items(&scan)) {
        (void)peek(&scan);
        if (scan.at < scan.end) {
            (void)mistake(&scan, scan.at, "there is more after the end of the array");
        }
    }
    if (scan.what == NULL) {
        return (struct json_mistake){0};
    }
    return place_of(text, &scan);
}
