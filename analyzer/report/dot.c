#include "report/dot.h"

#include "report/dot_plan.h"
#include "report/utf8.h"

enum { MAX_PLACES = 5 }; /* places that an edge's tooltip lists */

/* Graphviz's two of the ways to end a line of text. */
#define LINE_CENTERED "\\n"
#define LINE_LEFT "\\l"

struct drawing {
    struct dot_plan plan;
    const struct prog *prog;
    FILE *out;
    void *owner;
};

/* ---- text ------------------------------------------------------------------------------------ */

/* `text` as a quoted string: Graphviz reads backslashes and HTML's entities in labels and
 * tooltips. `line_end` is what a newline becomes: LINE_CENTERED or LINE_LEFT. */
static void put_quoted(const struct drawing *d, const char *text, const char *line_end)
{
    (void)fputc('"', d->out);
    for (const char *at = text; *at != '\0'; at++) {
        switch (*at) {
        case '"':
            (void)fputs("\\\"", d->out);
            break;
        case '\\':
            (void)fputs("\\\\", d->out);
            break;
        case '&':
            (void)fputs("&amp;", d->out);
            break;
        case '\n':
            (void)fputs(line_end, d->out);
            break;
        default:
            (void)fputc(*at, d->out);
        }
    }
    (void)fputc('"', d->out);
}

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

static void append_place(const struct drawing *d, char **text, fn_id fn, op_id op)
{
    struct loc loc = prog_loc_of(d->prog, (struct site){fn.i, op.i});
    const char *file = utf8_printable(d->owner, prog_file(d->prog, loc.file));

    mem_append(d->owner, text, "%s:%u in '%s'", file, loc.line, prog_fn_name(d->prog, fn));
}

/* Is an earlier witness of the same place? Several contexts can come through it. */
static bool is_repeated(const struct lock_edge *edge, size_t i)
{
    const struct lock_witness *witness = &edge->witnesses.v[i];

    for (size_t j = 0; j < i; j++) {
        const struct lock_witness *known = &edge->witnesses.v[j];
        if (known->fn.i == witness->fn.i &&
            known->acquisition->op.i == witness->acquisition->op.i) {
            return true;
        }
    }
    return false;
}

static size_t count_places(const struct lock_edge *edge)
{
    size_t n = 0;

    for (size_t i = 0; i < edge->witnesses.n; i++) {
        n += is_repeated(edge, i) ? 0 : 1;
    }
    return n;
}

/* "+" when the graph has stopped counting. */
static const char *or_more(const struct lock_edge *edge)
{
    return edge->witnesses.n == MAX_WITNESSES ? "+" : "";
}

/* "a.c:12 in 'move', which calls down to b.c:40 in 'take'". */
static void append_witness(const struct drawing *d, char **text, const struct lock_witness *witness)
{
    const struct acquisition *a = witness->acquisition;
    fn_id fn = witness->fn;

    append_place(d, text, fn, a->op);
    if (a->inner == NULL) {
        return;
    }
    for (; a->inner != NULL; a = a->inner) {
        fn = a->inner_fn;
    }
    mem_append(d->owner, text, ", which calls down to ");
    append_place(d, text, fn, a->op);
}

static char *edge_tooltip(const struct drawing *d, const struct dot_line *line)
{
    const struct lock_edge *edge = &d->plan.graph->edges.v[line->edge];
    size_t n = count_places(edge);
    size_t n_shown = 0;
    char *text = mem_printf(d->owner, "holds %s, waits for %s%s", d->plan.nodes[line->from].name,
                            d->plan.nodes[line->to].name, line->on_cycle ? " (on a cycle)" : "");

    for (size_t i = 0; i < edge->witnesses.n && n_shown < MAX_PLACES; i++) {
        if (!is_repeated(edge, i)) {
            mem_append(d->owner, &text, "\n");
            append_witness(d, &text, &edge->witnesses.v[i]);
            n_shown++;
        }
    }
    if (n > n_shown) {
        mem_append(d->owner, &text, "\nand %zu%s more", n - n_shown, or_more(edge));
    }
    return text;
}

/* ---- DOT ------------------------------------------------------------------------------------- */

static void write_node(const struct drawing *d, uint32_t i)
{
    const struct dot_node *node = &d->plan.nodes[i];
    const struct lock_node *lock = &d->plan.graph->locks.v[node->lock];
    bool exact = path_is_exact(d->prog->paths, lock->path);
    enum path_kind kind = path_get(d->prog->paths, lock->path)->kind;
    bool is_end = kind == ROOT_END || kind == ROOT_EVENT;
    const char *label = is_end ? mem_printf(d->owner, "%s\n(%s)", node->name,
                                            kind == ROOT_END ? "joined" : "waited for")
                               : mem_printf(d->owner, "%s\n%u acquisition%s", node->name,
                                            lock->acquisitions, plural(lock->acquisitions));
    const char *tooltip =
        mem_printf(d->owner, "%s: %s", node->name,
                   exact ? "one lock" : "many locks, one in each object or array element");

    (void)fprintf(d->out, "    n%u [label=", i);
    put_quoted(d, label, LINE_CENTERED);
    (void)fputs(exact    ? ""
                : is_end ? ", shape=hexagon, fillcolor=\"#e7f3e7\""
                         : ", shape=ellipse, fillcolor=\"#fff4dc\"",
                d->out);
    (void)fputs(node->on_cycle ? ", color=\"#c8102e\", penwidth=2" : "", d->out);
    (void)fputs(", tooltip=", d->out);
    put_quoted(d, tooltip, LINE_CENTERED);
    (void)fputs("];\n", d->out);
}

static void write_line(const struct drawing *d, const struct dot_line *line)
{
    const struct lock_edge *edge = &d->plan.graph->edges.v[line->edge];
    const char *tooltip = edge_tooltip(d, line);

    /* xlabel and not label: dot makes room for a label by bending the edge. */
    (void)fprintf(d->out, "    n%u -> n%u [xlabel=\"%zu%s\"", line->from, line->to,
                  count_places(edge), or_more(edge));
    if (line->on_cycle) {
        (void)fputs(", color=\"#c8102e\", fontcolor=\"#c8102e\", style=bold, penwidth=2.2", d->out);
    }
    /* An edge is thin: its number should answer the pointer, too. */
    (void)fputs(", tooltip=", d->out);
    put_quoted(d, tooltip, LINE_CENTERED);
    (void)fputs(", labeltooltip=", d->out);
    put_quoted(d, tooltip, LINE_CENTERED);
    (void)fputs("];\n", d->out);
}

static char *title(const struct drawing *d, bool all)
{
    size_t n = d->plan.graph->locks.n;
    size_t n_edges = d->plan.graph->edges.n;
    char *text = mem_printf(d->owner, "%zu lock%s, %zu order%s, %zu on a cycle\n", n, plural(n),
                            n_edges, plural(n_edges), d->plan.n_on_cycle);

    mem_append(d->owner, &text,
               "A to B: B was waited for while A was held; number: places; red: on a cycle\n"
               "box: one lock; ellipse: many, one in each object or array element; hexagon: a "
               "thread's end, for which somebody waits with a lock held\n");
    if (!all && d->plan.n_alone > 0) {
        mem_append(d->owner, &text, "not drawn: %zu lock%s never held together with another\n",
                   d->plan.n_alone, plural(d->plan.n_alone));
    }
    return text;
}

static void write_head(const struct drawing *d, bool all)
{
    (void)fputs("digraph locks {\n"
                "    graph [rankdir=LR, outputorder=edgesfirst, nodesep=0.25, ranksep=0.8,\n"
                "        pad=0.3, fontname=\"Helvetica\", fontsize=15, labelloc=t, labeljust=l,\n"
                "        tooltip=\"lock-acquisition graph\", label=",
                d->out);
    put_quoted(d, title(d, all), LINE_LEFT);
    (void)fputs("];\n"
                "    node [fontname=\"Helvetica\", fontsize=13, shape=box, "
                "style=\"rounded,filled\",\n"
                "        margin=\"0.12,0.06\", fillcolor=\"#eaf1fb\", color=\"#5b6b7f\"];\n"
                "    edge [fontname=\"Helvetica\", fontsize=12, color=\"#5b6b7f\", "
                "fontcolor=\"#44505e\", arrowsize=0.8];\n",
                d->out);
}

static void write_alone(const struct drawing *d)
{
    (void)fputs("    subgraph cluster_alone {\n"
                "    label=\"never held together with another lock\";\n"
                "    tooltip=\"never held together with another lock\";\n"
                "    color=\"#c5ccd6\"; style=rounded;\n",
                d->out);
    for (uint32_t i = 0; i < d->plan.graph->locks.n; i++) {
        if (!d->plan.nodes[i].has_edges) {
            write_node(d, i);
        }
    }
    (void)fputs("    }\n", d->out);
}

static void write_all(const struct drawing *d, bool all)
{
    write_head(d, all);
    for (uint32_t i = 0; i < d->plan.graph->locks.n; i++) {
        if (d->plan.nodes[i].has_edges) {
            write_node(d, i);
        }
    }
    for (size_t i = 0; i < d->plan.graph->edges.n; i++) {
        write_line(d, &d->plan.lines[i]);
    }
    if (all && d->plan.n_alone > 0) {
        write_alone(d);
    }
    (void)fputs("}\n", d->out);
}

bool dot_write(const struct prog *prog, bool all, FILE *out)
{
    struct drawing d = {.prog = prog, .out = out, .owner = mem_owner(NULL, "dot_write")};

    d.plan = dot_plan_of(d.owner, prog);
    write_all(&d, all);
    talloc_free(d.owner);
    return !ferror(out);
}
