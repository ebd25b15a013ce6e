/* flow_update.c - flows brought up to date when bodies have changed: what goes into each function
 * is compared with what went into it before, callees first, and what comes out of those that are
 * analysed again with what their callers have seen. So the work ends where nothing is new (early
 * cutoff: Mokhov, Mitchell, Peyton Jones, "Build Systems a la Carte", ICFP 2018).
 */
#include "program/flow_pass.h"
#include "program/pointsto.h"

/* What callers go by. */
struct summary {
    struct outcome *outcomes;
    size_t n_outcomes;
    bool returns;
    bool fresh;
    bool capped;
    path_id returned;
    bool has_parts; /* that they point to: acquisitions, wants, givings */
};

static struct summary summary_of(void *owner, const struct fn_flow *flow)
{
    struct summary summary = {.n_outcomes = flow->outcomes.n,
                              .returns = flow->returns,
                              .fresh = flow->fresh,
                              .capped = flow->capped,
                              .returned = flow->returned};

    summary.outcomes = mem_array(owner, struct outcome, flow->outcomes.n + 1);
    for (size_t i = 0; i < flow->outcomes.n; i++) {
        summary.outcomes[i] = flow->outcomes.v[i];
    }
    summary.has_parts = flow->acquisitions.n + flow->wants.n + flow->givings.n > 0;
    return summary;
}

static bool same_outcome(const struct outcome *a, const struct outcome *b)
{
    bool same = a->result == b->result && a->held == b->held && a->gone == b->gone &&
                a->constant == b->constant && (!a->constant || a->value == b->value) &&
                a->freed == b->freed && a->missed == b->missed && a->n_when == b->n_when;

    for (uint32_t i = 0; i < a->n_when && same; i++) {
        same = fact_is(&a->when[i], &b->when[i]);
    }
    return same;
}

static bool same_summary(const struct summary *a, const struct summary *b)
{
    bool same = !a->has_parts && !b->has_parts && a->returns == b->returns &&
                a->fresh == b->fresh && a->capped == b->capped &&
                path_eq(a->returned, b->returned) && a->n_outcomes == b->n_outcomes;

    for (size_t i = 0; i < a->n_outcomes && same; i++) {
        same = same_outcome(&a->outcomes[i], &b->outcomes[i]);
    }
    return same;
}

/* What the flows are brought up to date by. */
struct update {
    struct flows *flows;
    struct written *written; /* before */
    bool *dirty;             /* by fn: it is to be analysed again */
    bool *news;              /* by fn: callers are, too */
    bool *writes_others;     /* by fn: other variables than before */
};

/* Has the callee begun to write, or stopped writing, what the function has asked for? */
static bool answers_otherwise(const struct update *update, fn_id fn, fn_id callee)
{
    const struct fn_flow *flow = &update->flows->v[fn.i];
    bool otherwise = false;

    for (size_t i = 0; i < flow->asked.n && !otherwise; i++) {
        otherwise = written_by(update->written, callee, flow->asked.v[i]) !=
                    written_by(update->flows->written, callee, flow->asked.v[i]);
    }
    return otherwise;
}

static bool calls_news(const struct update *update, fn_id fn)
{
    const struct calls *calls = update->flows->calls;

    for (uint32_t c = calls->first[fn.i]; c < calls->first[fn.i + 1]; c++) {
        const struct call *call = &calls->v.v[c];
        for (size_t i = 0; i < call->callees.n; i++) {
            fn_id callee = call->callees.v[i];
            if (update->news[callee.i] ||
                (update->writes_others[callee.i] && answers_otherwise(update, fn, callee))) {
                return true;
            }
        }
    }
    return false;
}

static void update_component(const struct update *update, const fn_id *fns, size_t n)
{
    struct flows *flows = update->flows;
    void *scratch = mem_owner(NULL, "summaries");
    struct summary *before = mem_array(scratch, struct summary, n);
    bool dirty = false;

    for (size_t i = 0; i < n && !dirty; i++) {
        dirty = update->dirty[fns[i].i] || calls_news(update, fns[i]);
    }
    for (size_t i = 0; i < n && dirty; i++) {
        before[i] = summary_of(scratch, &flows->v[fns[i].i]);
        flow_prepare(flows, fns[i]);
    }
    if (dirty) {
        flow_analyse_component(flows, fns, n);
    }
    for (size_t i = 0; i < n && dirty; i++) {
        struct summary now = summary_of(scratch, &flows->v[fns[i].i]);
        update->news[fns[i].i] = update->news[fns[i].i] || !same_summary(&before[i], &now);
    }
    talloc_free(scratch);
}

/* Marks what has to be analysed again, whatever its callees do. */
static void find_dirty(const struct update *update, const struct calls *before,
                       const struct params *params, const bool *changed)
{
    const struct flows *flows = update->flows;
    size_t n = flows->linked->fns.n;
    bool all = !pointsto_compare(before->pointsto, flows->calls->pointsto, update->dirty);

    for (uint32_t f = 0; f < n; f++) {
        update->dirty[f] = update->dirty[f] || all || changed[f] ||
                           before->digest[f] != flows->calls->digest[f] ||
                           !params_same(params, flows->params, (fn_id){f});
    }
}

void flows_update(struct flows *flows, struct calls *calls, const bool *changed)
{
    struct calls *calls_before = flows->calls;
    struct params *params = flows->params;
    size_t n = flows->linked->fns.n;
    struct update update = {.flows = flows, .written = flows->written};

    update.dirty = mem_array(NULL, bool, n + 1);
    update.news = mem_array(update.dirty, bool, n + 1);
    update.writes_others = mem_array(update.dirty, bool, n + 1);
    talloc_free(flows->pointees);
    flows->pointees = NULL; /* they are asked for anew */
    flows->calls = calls;
    flows->params = params_build(flows, flows->linked, calls);
    find_dirty(&update, calls_before, params, changed);
    struct bottom_up order = calls_bottom_up(flows, flows->linked, calls);
    flows->written = written_build(flows, flows->linked, flows->paths, calls, &order);
    for (uint32_t f = 0; f < n; f++) {
        update.writes_others[f] = !written_same(update.written, flows->written, (fn_id){f});
    }
    for (size_t i = 0; i < order.n;) {
        size_t end = bottom_up_end(&order, i);
        update_component(&update, order.order + i, end - i);
        i = end;
    }
    talloc_free(order.order);
    talloc_free(order.component);
    talloc_free(params);
    talloc_free(update.written);
    talloc_free(update.dirty);
    flow_finish(flows);
}
