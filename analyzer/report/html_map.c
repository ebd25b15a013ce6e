/* html_map.c - the access map: a table of each record's shared variables by the contexts that use
 * them, with the tokens held.
 */
#include "program/prog.h"
#include "report/html.h"
#include "report/map_pick.h"

#include <string.h>

enum {
    MAX_VARIABLES = 1000, /* of the whole program; `snarl map` tells of all */
    MAX_HOLDINGS = 3,     /* of one cell */
};

/* Variables of one record, or those of none, and who uses them. */
struct group {
    const char *name; /* "" for variables of no record */
    const struct map_item *items;
    size_t n;
    VEC(context_id) contexts; /* the columns */
};

/* "conn" of "conn.fd": what the variable is part of. */
static size_t record_length(const char *name)
{
    size_t n = strcspn(name, ".");

    return name[n] == '\0' ? 0 : n;
}

static bool is_same_record(const char *a, const char *b)
{
    size_t n = record_length(a);

    return n == record_length(b) && strncmp(a, b, n) == 0;
}

static void add_context(const struct html *h, struct group *group, context_id context)
{
    for (size_t i = 0; i < group->contexts.n; i++) {
        if (group->contexts.v[i].i == context.i) {
            return;
        }
    }
    vec_push(h->scratch, &group->contexts, context);
}

static void find_contexts(const struct html *h, struct group *group)
{
    for (size_t i = 0; i < group->n; i++) {
        const struct variable *variable = group->items[i].variable;
        for (size_t a = 0; a < variable->accesses.n; a++) {
            add_context(h, group, variable->accesses.v[a].context);
        }
    }
}

/* ---- a cell ---------------------------------------------------------------------------------- */

/* How often the same tokens were held. */
struct holding {
    const char *tokens;
    size_t n;
};

/* What one context does to one variable. */
struct use {
    size_t reads;
    size_t writes;
    VEC(struct holding) holdings;
};

static void add_access(const struct html *h, struct use *use, const struct access *access)
{
    const char *tokens = prog_tokens_text(h->scratch, h->report->prog, access->held);

    use->reads += access->writes ? 0 : 1;
    use->writes += access->writes ? 1 : 0;
    for (size_t i = 0; i < use->holdings.n; i++) {
        if (strcmp(use->holdings.v[i].tokens, tokens) == 0) {
            use->holdings.v[i].n++;
            return;
        }
    }
    vec_push(h->scratch, &use->holdings, (struct holding){tokens, 1});
}

static void put_cell(const struct html *h, const struct variable *variable, context_id context)
{
    struct use use = {.reads = 0};

    for (size_t i = 0; i < variable->accesses.n; i++) {
        if (variable->accesses.v[i].context.i == context.i) {
            add_access(h, &use, &variable->accesses.v[i]);
        }
    }
    if (use.holdings.n == 0) {
        html_put(h, "<td></td>");
        return;
    }
    html_put(h, "<td>");
    if (use.reads > 0) {
        html_put(h, "%zu read%s", use.reads, map_plural(use.reads));
    }
    if (use.writes > 0) {
        html_put(h, "%s<b>%zu write%s</b>", use.reads > 0 ? ", " : "", use.writes,
                 map_plural(use.writes));
    }
    for (size_t i = 0; i < use.holdings.n && i < MAX_HOLDINGS; i++) {
        html_put(h, "<br>");
        html_tokens(h, use.holdings.v[i].tokens);
        if (use.holdings.n > 1) {
            html_put(h, " in %zu", use.holdings.v[i].n);
        }
    }
    html_put(h, use.holdings.n > MAX_HOLDINGS ? "<br>and others</td>" : "</td>");
}

/* ---- a table --------------------------------------------------------------------------------- */

static void put_row(const struct html *h, const struct group *group, const struct map_item *item)
{
    const struct variable *variable = item->variable;

    html_put(h, "<tr><th scope=\"row\"><code>%s</code></th><td>", item->name);
    if (!path_is_none(variable->guard)) {
        html_tokens(h, prog_path_name(h->scratch, h->report->prog, FN_NONE, variable->guard));
        html_put(h, "<br>%u of %zu", variable->guarded, variable->accesses.n);
    } else {
        html_put(h, "<span class=\"none\">%s</span>", map_is_atomic(variable) ? "atomic" : "none");
    }
    html_put(h, "</td>");
    for (size_t i = 0; i < group->contexts.n; i++) {
        put_cell(h, variable, group->contexts.v[i]);
    }
    html_put(h, "</tr>\n");
}

static void put_group(const struct html *h, struct group *group)
{
    find_contexts(h, group);
    html_put(h,
             "<details><summary><code>%s</code> <span class=\"soft\">%zu variable%s, %zu "
             "context%s</span></summary><div class=\"wide\" tabindex=\"0\" role=\"region\" "
             "aria-label=\"Accesses\"><table class=\"map\">\n<thead><tr><th "
             "scope=\"col\">variable</th><th scope=\"col\">guard</th>",
             group->name[0] == '\0' ? "single variables" : group->name, group->n,
             map_plural(group->n), group->contexts.n, map_plural(group->contexts.n));
    for (size_t i = 0; i < group->contexts.n; i++) {
        html_put(h, "<th scope=\"col\">");
        html_prose(h, prog_context_title(h->scratch, h->report->prog, group->contexts.v[i]));
        html_put(h, "</th>");
    }
    html_put(h, "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < group->n; i++) {
        put_row(h, group, &group->items[i]);
    }
    html_put(h, "</tbody></table></div></details>\n");
}

/* Variables of no record first: they lie between the records in the order of names. */
static void put_single(const struct html *h, const struct map_items *items)
{
    struct map_item *single = mem_array(h->scratch, struct map_item, items->n + 1);
    struct group group = {.name = "", .items = single};

    for (size_t i = 0; i < items->n; i++) {
        if (record_length(items->v[i].name) == 0) {
            single[group.n++] = items->v[i];
        }
    }
    if (group.n > 0) {
        put_group(h, &group);
    }
}

static void put_records(const struct html *h, const struct map_items *items)
{
    for (size_t i = 0, n; i < items->n; i += n) {
        const char *name = items->v[i].name;
        size_t length = record_length(name);
        n = 1;
        while (i + n < items->n && is_same_record(name, items->v[i + n].name)) {
            n++;
        }
        if (length > 0) {
            struct group group = {
                .name = mem_strndup(h->scratch, name, length), .items = &items->v[i], .n = n};
            put_group(h, &group);
        }
    }
}

void html_map(struct html *h)
{
    struct map_options options = {.n_names = 0};
    struct map_items items = map_pick(h->scratch, h->report->prog, &options);
    size_t n = items.n;

    items.n = n > MAX_VARIABLES ? MAX_VARIABLES : n;
    html_put(h, "<section id=\"map\" aria-labelledby=\"map-title\">\n<h2 "
                "id=\"map-title\">Shared variables</h2>\n");
    html_put(h,
             "<p class=\"soft\">%zu variable%s that contexts which can run at once share: who "
             "uses %s, and what is held then.</p>\n<div class=\"folds\">\n",
             n, map_plural(n), n == 1 ? "it" : "them");
    put_single(h, &items);
    put_records(h, &items);
    html_put(h, "</div>\n");
    if (n > items.n) {
        html_put(h, "<p>%zu more are not shown; <code>snarl map</code> tells of all.</p>\n",
                 n - items.n);
    }
    html_put(h, "</section>\n");
    talloc_free_children(h->scratch);
}
