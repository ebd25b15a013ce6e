/* html.c - the report that people look at: one file with all in it, that asks no network. */
#include "report/html.h"

#include "base/embed.h"
#include "report/write.h"

#include <assert.h>
#include <string.h>

extern const struct embedded_file html_files[];

/* A file of html/, which is the program's own: no text to escape. */
static void put_file(const struct html *h, const char *name)
{
    const struct embedded_file *file = html_files;

    while (file->name != NULL && strcmp(file->name, name) != 0) {
        file++;
    }
    assert(file->name != NULL);
    (void)fwrite(file->text, 1, file->size, h->out);
}

static unsigned hex_digit(char digit)
{
    return (unsigned)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

/* The hash of html/filter.js as the policy wants it: base64. */
static void put_script_hash(const struct html *h)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *hex = SNARL_FILTER_SHA256;
    size_t n = strlen(hex);

    for (size_t at = 0; at < n; at += 6) {
        unsigned bits = 0;
        for (size_t i = at; i < at + 6; i++) {
            bits = bits << 4 | (i < n ? hex_digit(hex[i]) : 0);
        }
        for (size_t i = 0; i < 4; i++) {
            bool is_padding = at + i * 3 / 2 >= n;
            (void)fputc(is_padding ? '=' : digits[bits >> (18 - 6 * i) & 63], h->out);
        }
    }
}

/* The last part of the root's path: what the program is called, likely. */
static const char *project_of(const struct html *h)
{
    const char *root = h->report->root == NULL ? "" : h->report->root;
    const char *slash = strrchr(root, '/');

    return slash == NULL ? root : slash + 1;
}

static void put_head(const struct html *h)
{
    html_put(h, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                "style-src 'unsafe-inline'; script-src 'sha256-");
    put_script_hash(h);
    html_put(h,
             "'; base-uri 'none'; form-action 'none'\">\n"
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
             "<meta name=\"color-scheme\" content=\"light dark\">\n"
             "<meta name=\"generator\" content=\"snarl " SNARL_VERSION "\">\n"
             "<title>%s: %zu finding%s of snarl</title>\n<style>\n",
             project_of(h), h->report->n_findings, h->report->n_findings == 1 ? "" : "s");
    put_file(h, "report.css");
    html_put(h, "</style>\n</head>\n<body>\n");
}

static void put_navigation(const struct html *h)
{
    html_put(h,
             "<header>\n<h1>Concurrency hazards in <strong>%s</strong></h1>\n<nav "
             "aria-label=\"Sections\"><a href=\"#summary\">Summary</a> <a "
             "href=\"#findings\">Findings</a>",
             project_of(h));
    html_put(h, h->report->prog == NULL ? ""
                                        : " <a href=\"#locks\">Order of locks</a> <a "
                                          "href=\"#map\">Shared variables</a> <a "
                                          "href=\"#loops\">Event loops</a>");
    html_put(h, "</nav>\n</header>\n<main>\n");
}

bool html_write(const struct report *report, struct sources *sources, FILE *out)
{
    struct html h = {.out = out,
                     .report = report,
                     .sources = sources,
                     .scratch = mem_owner(NULL, "part of an HTML report")};

    put_head(&h);
    put_navigation(&h);
    html_summary(&h);
    html_list(&h);
    if (report->prog != NULL) {
        html_graph(&h);
        html_map(&h);
        html_loops(&h);
    }
    html_put(&h, "</main>\n<footer>Written by snarl " SNARL_VERSION
                 ". <code>snarl explain RULE</code> tells how a rule decides.</footer>\n<script>");
    put_file(&h, "filter.js");
    html_put(&h, "</script>\n</body>\n</html>\n");
    talloc_free(h.scratch);
    return !ferror(out);
}
