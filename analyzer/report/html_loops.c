/* html_loops.c - the event loops, their callbacks, and what these wait for. */
#include "program/prog.h"
#include "report/html.h"
#include "report/map.h"
#include "rules/cost.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_CALLS = 6 }; /* of one callback, the nearest ones */

/* The map of loops, a block for each: its first line is the loop, the indented ones are about it.
 */
static void put_block(const struct html *h, const char *block)
{
    bool is_open = false;

    for (const char *line = block; *line != '\0';) {
        size_t n = strcspn(line, "\n");
        const char *text = mem_strndup(h->scratch, line, n);
        bool is_detail = text[0] == ' ';
        if (!is_detail && is_open) {
            html_put(h, "</ul></details>\n");
        }
        if (!is_detail && n > 0) {
            html_put(h, "<details><summary>");
            html_prose(h, text);
            html_put(h, "</summary><ul class=\"also\">\n");
        } else if (is_detail) {
            html_put(h, "<li>");
            html_prose(h, text + strspn(text, " "));
            html_put(h, "</li>\n");
        }
        is_open = is_detail || n > 0;
        line += n + (line[n] == '\n');
    }
    html_put(h, is_open ? "</ul></details>\n" : "");
}

/* All but the map's last line, which only counts. */
static void put_loops(const struct html *h)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL) {
        return;
    }
    bool ok = map_write_loops(h->report->prog, out);
    if (fclose(out) == 0 && ok && size > 0) {
        text[size - 1] = '\0';
        char *last = strrchr(text, '\n');
        if (last != NULL) {
            last[1] = '\0';
            html_put(h, "<div class=\"folds\">\n");
            put_block(h, text);
            html_put(h, "</div>\n");
        }
    }
    free(text);
}

static void put_call(const struct html *h, const struct blocking_call *blocked)
{
    const struct call *call = blocked->call;
    struct loc where = prog_loc_of(h->report->prog, (struct site){call->fn.i, call->op.i});

    html_put(h, "<li><span class=\"at\">%s</span> <code>%s</code> %s%s", html_place(h, where),
             call->name, cost_of(blocked->what).what, blocked->sure ? "" : ", perhaps");
    if (blocked->depth > 0) {
        html_put(h, ", %u call%s down", blocked->depth, blocked->depth == 1 ? "" : "s");
    }
    html_source_line(h, where);
    html_put(h, "</li>\n");
}

/* Gives whether it waits for anything. */
static bool put_callback(const struct html *h, size_t number)
{
    const struct prog *prog = h->report->prog;
    const struct callback *callback = &prog->contexts->callbacks.v[number];
    const struct callback_blocking *blocking = callback_waits_of(prog->callback_waits, number);
    size_t n = 0;

    for (size_t i = 0; i < blocking->calls.n; i++) {
        const struct blocking_call *blocked = &blocking->calls.v[i];
        if (cost_of(blocked->what).what == NULL) {
            continue;
        }
        if (n == 0) {
            html_put(h, "<details><summary>");
            html_prose(h, prog_callback_title(h->scratch, prog, callback));
            html_put(h, "</summary><ul class=\"also\">\n");
        }
        if (n++ < MAX_CALLS) {
            put_call(h, blocked);
        }
    }
    if (n > MAX_CALLS) {
        html_put(h, "<li>and %zu more, farther down</li>\n", n - MAX_CALLS);
    }
    html_put(h, n > 0 ? "</ul></details>\n" : "");
    return n > 0;
}

void html_loops(struct html *h)
{
    const struct contexts *contexts = h->report->prog->contexts;
    size_t n = 0;

    html_put(h, "<section id=\"loops\" aria-labelledby=\"loops-title\">\n<h2 "
                "id=\"loops-title\">Event loops</h2>\n");
    if (contexts->callbacks.n == 0) {
        html_put(h, "<p>No callback of an event loop is known.</p></section>\n");
        return;
    }
    put_loops(h);
    html_put(h, "<h3>What callbacks wait for</h3>\n<p class=\"soft\">All that can wait is here, "
                "also what no finding speaks of, the nearest first.</p>\n<div class=\"folds\">\n");
    for (size_t i = 0; i < contexts->callbacks.n; i++) {
        n += put_callback(h, i) ? 1 : 0;
        talloc_free_children(h->scratch);
    }
    html_put(h, "</div>\n%s</section>\n", n == 0 ? "None is seen to wait for anything." : "");
}
