/* html_graph.c - the lock-acquisition graph, drawn, and below it the places that made each edge. */
#include "program/prog.h"
#include "report/dot_plan.h"
#include "report/html.h"
#include "report/html_layout.h"

#include <string.h>

enum {
    MAX_NODES = 200, /* nobody reads a drawing of more */
    NAME_MAX_CHARS = 36,
    CHAR_WIDTH = 8, /* pixels, of the drawing's font */
    MAX_PLACES = 8,
};

struct graph {
    const struct html *h;
    const struct prog *prog;
    struct dot_plan plan;
    bool only_cycles; /* the graph is too big to draw the rest */
    struct layout layout;
    uint32_t *number; /* plan.nodes -> layout.nodes; UINT32_MAX: not drawn */
    uint32_t *node;   /* the reverse */
    size_t *line;     /* layout.edges -> plan.lines */
};

static bool is_drawn(const struct graph *graph, const struct dot_node *node)
{
    return graph->only_cycles ? node->on_cycle : node->has_edges;
}

static size_t count_drawn(const struct graph *graph)
{
    size_t n = 0;

    for (size_t i = 0; i < graph->plan.graph->locks.n; i++) {
        n += is_drawn(graph, &graph->plan.nodes[i]) ? 1 : 0;
    }
    return n;
}

/* What is drawn, and where. */
static void lay_out(struct graph *graph)
{
    void *owner = graph->h->scratch;
    size_t n_locks = graph->plan.graph->locks.n;
    size_t n_lines = graph->plan.graph->edges.n;
    struct layout *layout = &graph->layout;
    struct layout_edge *edges = mem_array(owner, struct layout_edge, n_lines + 1);

    layout->nodes = mem_array(owner, struct layout_node, n_locks + 1);
    graph->number = mem_array(owner, uint32_t, n_locks + 1);
    graph->node = mem_array(owner, uint32_t, n_locks + 1);
    graph->line = mem_array(owner, size_t, n_lines + 1);
    for (uint32_t i = 0; i < n_locks; i++) {
        size_t length = strlen(graph->plan.nodes[i].name);
        graph->number[i] = UINT32_MAX;
        if (is_drawn(graph, &graph->plan.nodes[i])) {
            length = length > NAME_MAX_CHARS ? NAME_MAX_CHARS : length;
            graph->number[i] = (uint32_t)layout->n_nodes;
            graph->node[layout->n_nodes] = i;
            layout->nodes[layout->n_nodes++].width = length * CHAR_WIDTH + 24;
        }
    }
    for (size_t i = 0; i < n_lines; i++) {
        const struct dot_line *line = &graph->plan.lines[i];
        if (graph->number[line->from] != UINT32_MAX && graph->number[line->to] != UINT32_MAX) {
            graph->line[layout->n_edges] = i;
            edges[layout->n_edges++] =
                (struct layout_edge){graph->number[line->from], graph->number[line->to]};
        }
    }
    layout->edges = edges;
    layout_compute(layout);
}

/* ---- drawing --------------------------------------------------------------------------------- */

/* A cubic curve from the right of a node to the left of another; to itself, and back, below. */
static void put_curve(const struct graph *graph, const struct layout_edge *edge)
{
    const struct layout_node *a = &graph->layout.nodes[edge->from];
    const struct layout_node *b = &graph->layout.nodes[edge->to];
    size_t half = LAYOUT_NODE_HEIGHT / 2;

    if (edge->from == edge->to) {
        html_put(graph->h, "M%zu %zuc28 -32 28 32 2 8", a->x + a->width, a->y + half - 4);
    } else if (b->layer > a->layer) {
        size_t from = a->x + a->width;
        size_t bend = (b->x - from) / 2;
        html_put(graph->h, "M%zu %zuC%zu %zu %zu %zu %zu %zu", from, a->y + half, from + bend,
                 a->y + half, b->x - bend, b->y + half, b->x - 3, b->y + half);
    } else {
        size_t low = (a->y > b->y ? a->y : b->y) + LAYOUT_NODE_HEIGHT + 34;
        size_t from = a->x + a->width / 2;
        size_t to = b->x + b->width / 2;
        html_put(graph->h, "M%zu %zuC%zu %zu %zu %zu %zu %zu", from, a->y + LAYOUT_NODE_HEIGHT,
                 from, low, to, low, to, b->y + LAYOUT_NODE_HEIGHT + 3);
    }
}

static void put_edge(const struct graph *graph, size_t i)
{
    const struct dot_line *line = &graph->plan.lines[graph->line[i]];
    const char *from = graph->plan.nodes[line->from].name;
    const char *to = graph->plan.nodes[line->to].name;

    html_put(graph->h,
             "<a href=\"#e%zu\" class=\"edge%s\" aria-label=\"holds %s, waits for %s%s\"><title>"
             "holds %s, waits for %s</title>",
             graph->line[i] + 1, line->on_cycle ? " cycle" : "", from, to,
             line->on_cycle ? ", on a cycle" : "", from, to);
    html_put(graph->h, "<path class=\"near\" d=\"");
    put_curve(graph, &graph->layout.edges[i]);
    html_put(graph->h, "\"/><path marker-end=\"url(#arrow%s)\" d=\"", line->on_cycle ? "2" : "1");
    put_curve(graph, &graph->layout.edges[i]);
    html_put(graph->h, "\"/></a>\n");
}

static void put_node(const struct graph *graph, size_t i)
{
    const struct layout_node *at = &graph->layout.nodes[i];
    const struct dot_node *node = &graph->plan.nodes[graph->node[i]];
    const struct lock_node *lock = &graph->plan.graph->locks.v[node->lock];
    bool exact = path_is_exact(graph->prog->paths, lock->path);
    size_t length = strlen(node->name);

    html_put(graph->h,
             "<g class=\"node%s\"><title>%s: %s</title><rect x=\"%zu\" y=\"%zu\" width=\"%zu\" "
             "height=\"%u\" rx=\"%u\"/>",
             node->on_cycle ? " cycle" : "", node->name,
             exact ? "one lock" : "many locks, one in each object or array element", at->x, at->y,
             at->width, (unsigned)LAYOUT_NODE_HEIGHT, exact ? 4U : 15U);
    html_put(graph->h, "<text x=\"%zu\" y=\"%zu\">", at->x + at->width / 2, at->y + 20);
    html_text(graph->h, node->name, length > NAME_MAX_CHARS ? NAME_MAX_CHARS - 1 : length);
    html_put(graph->h, "%s</text></g>\n", length > NAME_MAX_CHARS ? "\xE2\x80\xA6" : "");
}

static void put_arrow(const struct html *h, const char *number)
{
    html_put(h,
             "<marker id=\"arrow%s\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" "
             "markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0 8 4 0 8z\"/>"
             "</marker>",
             number);
}

static void put_drawing(const struct graph *graph)
{
    const struct layout *layout = &graph->layout;

    html_put(graph->h,
             "<div class=\"wide drawing\" tabindex=\"0\" role=\"region\" aria-label=\"Drawing of "
             "the lock graph\"><svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%zu\" "
             "height=\"%zu\" viewBox=\"0 0 %zu %zu\"><defs>",
             layout->width, layout->height + 40, layout->width, layout->height + 40);
    put_arrow(graph->h, "1");
    put_arrow(graph->h, "2");
    html_put(graph->h, "</defs>\n");
    for (size_t i = 0; i < layout->n_edges; i++) {
        put_edge(graph, i);
    }
    for (size_t i = 0; i < layout->n_nodes; i++) {
        put_node(graph, i);
    }
    html_put(graph->h, "</svg></div>\n");
}

/* ---- the places ------------------------------------------------------------------------------ */

static bool is_repeated(const struct lock_edge *edge, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (edge->witnesses.v[j].fn.i == edge->witnesses.v[i].fn.i &&
            edge->witnesses.v[j].acquisition->op.i == edge->witnesses.v[i].acquisition->op.i) {
            return true;
        }
    }
    return false;
}

static void put_place(const struct graph *graph, const struct lock_witness *witness)
{
    const struct html *h = graph->h;
    const struct prog *prog = graph->prog;
    const struct acquisition *acquisition = witness->acquisition;
    fn_id fn = witness->fn;
    struct loc where = prog_loc_of(prog, (struct site){fn.i, acquisition->op.i});

    html_put(h, "<li><span class=\"at\">%s</span> in <code>%s</code>", html_place(h, where),
             prog_fn_name(prog, fn));
    html_source_line(h, where);
    if (acquisition->inner != NULL) {
        for (; acquisition->inner != NULL; acquisition = acquisition->inner) {
            fn = acquisition->inner_fn;
        }
        where = prog_loc_of(prog, (struct site){fn.i, acquisition->op.i});
        html_put(h, "calls down to <span class=\"at\">%s</span> in <code>%s</code>",
                 html_place(h, where), prog_fn_name(prog, fn));
        html_source_line(h, where);
    }
    html_put(h, "<span class=\"soft\">");
    html_prose(h, prog_context_title(h->scratch, prog, witness->context));
    html_put(h, "</span> holds ");
    html_tokens(h, prog_tokens_text(h->scratch, prog, witness->held));
    html_put(h, "</li>\n");
}

static void put_places(const struct graph *graph, size_t i)
{
    const struct html *h = graph->h;
    const struct dot_line *line = &graph->plan.lines[i];
    const struct lock_edge *edge = &graph->plan.graph->edges.v[line->edge];
    size_t n = 0;

    html_put(h,
             "<details%s><summary>holds <span class=\"lock\">%s</span>, waits for <span "
             "class=\"lock\">%s</span>%s</summary><ul class=\"also\" id=\"e%zu\">\n",
             line->on_cycle ? " class=\"cycle\"" : "", graph->plan.nodes[line->from].name,
             graph->plan.nodes[line->to].name, line->on_cycle ? " (on a cycle)" : "", i + 1);
    for (size_t w = 0; w < edge->witnesses.n; w++) {
        if (!is_repeated(edge, w) && n++ < MAX_PLACES) {
            put_place(graph, &edge->witnesses.v[w]);
        }
    }
    if (n > MAX_PLACES) {
        html_put(h, "<li>and %zu places more</li>\n", n - MAX_PLACES);
    }
    html_put(h, "</ul></details>\n");
}

void html_graph(struct html *h)
{
    struct graph graph = {.h = h, .prog = h->report->prog};

    graph.plan = dot_plan_of(h->scratch, graph.prog);
    size_t n_edges = graph.plan.graph->edges.n;
    graph.only_cycles = count_drawn(&graph) > MAX_NODES;
    html_put(h, "<section id=\"locks\" aria-labelledby=\"locks-title\">\n<h2 "
                "id=\"locks-title\">Order of locks</h2>\n");
    if (n_edges == 0) {
        html_put(h, "<p>No lock is waited for while another one is held.</p></section>\n");
        return;
    }
    html_put(h, "<p class=\"soft\">A to B: B was waited for while A was held. Red: on a cycle. "
                "Round: many locks, one in each object. An arrow leads to its places.</p>\n");
    size_t n = count_drawn(&graph);
    if (graph.only_cycles) {
        html_put(h, "<p>The graph is big: only locks on a cycle are drawn.</p>\n");
    }
    if (n > 0 && n <= MAX_NODES) {
        lay_out(&graph);
        put_drawing(&graph);
    }
    html_put(h, "<h3>%zu order%s</h3>\n<div class=\"folds\">\n", n_edges, n_edges == 1 ? "" : "s");
    for (size_t i = n_edges; i-- > 0;) { /* those on a cycle come last in the plan */
        put_places(&graph, i);
    }
    html_put(h, "</div></section>\n");
    talloc_free_children(h->scratch);
}
