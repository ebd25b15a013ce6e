#include "frontend/scan.h"

#include <ctype.h>
#include <string.h>

void scan_quoted(struct scan *scan)
{
    char quote = scan->text[scan->at++];

    while (scan->at < scan->size && scan->text[scan->at] != quote && scan->text[scan->at] != '\n') {
        scan->at += scan->text[scan->at] == '\\' ? 2 : 1;
    }
    scan->at = scan->at < scan->size ? scan->at + 1 : scan->size;
}

bool scan_comment(struct scan *scan)
{
    if (scan->size - scan->at < 2 || scan->text[scan->at] != '/') {
        return false;
    }
    if (scan->text[scan->at + 1] == '/') {
        while (scan->at < scan->size && scan->text[scan->at] != '\n') {
            scan->at++;
        }
        return true;
    }
    if (scan->text[scan->at + 1] != '*') {
        return false;
    }
    scan->at += 2;
    while (scan->size - scan->at >= 2 && strncmp(scan->text + scan->at, "*/", 2) != 0) {
        scan->at++;
    }
    scan->at = scan->size - scan->at >= 2 ? scan->at + 2 : scan->size;
    return true;
}

void scan_blank(struct scan *scan)
{
    while (scan->at < scan->size && (isspace((unsigned char)scan->text[scan->at]) ||
                                     scan->text[scan->at] == '\\' || scan_comment(scan))) {
        if (scan->at < scan->size &&
            (isspace((unsigned char)scan->text[scan->at]) || scan->text[scan->at] == '\\')) {
            scan->at++;
        }
    }
}

bool scan_word(struct scan *scan, struct scan_part *ret_word)
{
    ret_word->begin = scan->at;
    while (scan->at < scan->size &&
           (isalnum((unsigned char)scan->text[scan->at]) || scan->text[scan->at] == '_')) {
        scan->at++;
    }
    ret_word->end = scan->at;
    return ret_word->end > ret_word->begin && !isdigit((unsigned char)scan->text[ret_word->begin]);
}

bool scan_char(struct scan *scan, char c)
{
    scan_blank(scan);
    if (scan->at >= scan->size || scan->text[scan->at] != c) {
        return false;
    }
    scan->at++;
    return true;
}

char scan_to(struct scan *scan, const char *ends, struct scan_part *ret_part)
{
    unsigned depth = 0;

    scan_blank(scan);
    ret_part->begin = ret_part->end = scan->at;
    for (; scan->at < scan->size; scan_blank(scan)) {
        char c = scan->text[scan->at];
        if (depth == 0 && c != '\0' && strchr(ends, c) != NULL) {
            scan->at++;
            return c;
        }
        if (c == '"' || c == '\'') {
            scan_quoted(scan);
        } else {
            depth += c == '(' || c == '{' || c == '[' ? 1u : 0u;
            depth -= (c == ')' || c == '}' || c == ']') && depth > 0 ? 1u : 0u;
            scan->at++;
        }
        ret_part->end = scan->at;
    }
    return '\0';
}

bool scan_arguments(struct scan *scan, struct scan_part *ret_parts, unsigned max, unsigned *ret_n)
{
    char end = ',';

    *ret_n = 0;
    if (!scan_char(scan, '(')) {
        return false;
    }
    while (end == ',') {
        struct scan_part part;
        end = scan_to(scan, ",)", &part);
        bool nothing = end == ')' && *ret_n == 0 && part.begin == part.end;
        if (end != '\0' && !nothing && *ret_n < max) {
            ret_parts[(*ret_n)++] = part;
        }
    }
    return end == ')';
}
