/* flow_update.c - flows brought up to date when bodies have changed: what goes into each function
 * is compared with what went into it before, callees first, and what comes out of those that are
 * analysed again with what their callers have seen. So the work ends where nothing is new (early
 * cutoff: Mokhov, Mitchell, Peyton Jones, "Build Systems a la Carte", ICFP 2018).
 */
#include "program/flow_answer.h"
#include "program/flow_pass.h"
#include "program/pointsto.h"

#include <string.h>

/* What the flows are brought up to date by. */
struct update {
    struct flows *flows;
    struct written *written;       /* before */
    const struct bottom_up *order; /* before */
    uint32_t *position;            /* by fn: in that order */
    bool *dirty;                   /* by fn: it is to be, or has been, analysed again */
    bool *news;                    /* by fn: callers are, too */
    bool *writes_others;           /* by fn: other variables than before */
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

/* ---- one component --------------------------------------------------------------------------- */

/* A cycle's members are analysed twice, in order: each goes by the answers that those before it
 * have given in the same round, those behind it in the round before. So their answers of both
 * rounds are gone through again, and a member is analysed again where something new goes in. */
struct component {
    const struct update *update;
    const fn_id *fns;
    size_t n;
    void *scratch;
    struct answer *last; /* by member: its answer before */
    bool *again;         /* by member: it is analysed again */
    bool *first_is_new;  /* by member: its first answer is another one than before */
};

static struct fn_flow *flow_of(const struct component *c, size_t i)
{
    return &c->update->flows->v[c->fns[i].i];
}

static void analyse_again(const struct component *c, size_t i)
{
    c->again[i] = true;
    answer_put_unknown(c->update->flows, c->update->flows, flow_of(c, i));
    flow_prepare(c->update->flows, c->fns[i]);
}

/* Nothing is known of the members, and nothing is new. */
static void start_anew(const struct component *c)
{
    for (size_t i = 0; i < c->n; i++) {
        c->update->news[c->fns[i].i] = false;
        if (c->again[i]) {
            flow_prepare(c->update->flows, c->fns[i]);
        } else {
            answer_put_unknown(c->scratch, c->update->flows, flow_of(c, i));
        }
    }
}

static void find_first(const struct component *c)
{
    struct flows *flows = c->update->flows;

    for (size_t i = 0; i < c->n; i++) {
        struct fn_flow *flow = flow_of(c, i);
        if (!c->again[i] && calls_news(c->update, c->fns[i])) {
            analyse_again(c, i);
        }
        if (c->again[i]) {
            flow_analyse(flows, c->fns[i]);
            c->first_is_new[i] |= flow->first == NULL || !answer_adopt(flow->first, flow);
            talloc_free(flow->first);
            flow->first = answer_copy(flows, flow);
        } else {
            answer_put(flow, flow->first);
        }
        c->update->news[c->fns[i].i] = c->first_is_new[i];
    }
}

/* False: one more is to be analysed again, and has to be so from the first round on. */
static bool find_last(const struct component *c)
{
    for (size_t i = 0; i < c->n; i++) {
        struct fn_flow *flow = flow_of(c, i);
        if (!c->again[i] && calls_news(c->update, c->fns[i])) {
            analyse_again(c, i);
            return false;
        }
        if (c->again[i]) {
            flow_analyse(c->update->flows, c->fns[i]);
            c->update->news[c->fns[i].i] = !answer_adopt(&c->last[i], flow);
        } else {
            answer_put(flow, &c->last[i]);
            c->update->news[c->fns[i].i] = false;
        }
    }
    return true;
}

static void find_answers(const struct component *c)
{
    do {
        start_anew(c);
        if (c->n > 1) {
            find_first(c);
        }
    } while (!find_last(c));
}

/* Did the same functions, in this order, make up a component before? */
static bool was_component(const struct update *update, const fn_id *fns, size_t n)
{
    const struct bottom_up *order = update->order;
    uint32_t from = update->position[fns[0].i];
    bool same = bottom_up_end(order, from) == from + n &&
                (from == 0 || order->component[from - 1] != order->component[from]);

    for (size_t i = 0; i < n && same; i++) {
        same = order->order[from + i].i == fns[i].i;
    }
    return same;
}

static void update_component(const struct update *update, const fn_id *fns, size_t n)
{
    bool same = was_component(update, fns, n);
    bool dirty = !same;

    for (size_t i = 0; i < n && !dirty; i++) {
        dirty = update->dirty[fns[i].i] || calls_news(update, fns[i]);
    }
    if (!dirty) {
        return;
    }
    void *scratch = mem_owner(NULL, "component");
    struct component c = {.update = update,
                          .fns = fns,
                          .n = n,
                          .scratch = scratch,
                          .last = mem_array(scratch, struct answer, n),
                          .again = mem_array(scratch, bool, n),
                          .first_is_new = mem_array(scratch, bool, n)};
    for (size_t i = 0; i < n; i++) {
        c.last[i] = answer_of(flow_of(&c, i));
        answer_put_unknown(scratch, update->flows, flow_of(&c, i));
        c.again[i] = !same || update->dirty[fns[i].i];
        if (!same) {
            talloc_free(flow_of(&c, i)->first);
            flow_of(&c, i)->first = NULL;
        }
    }
    find_answers(&c);
    for (size_t i = 0; i < n; i++) {
        update->dirty[fns[i].i] = c.again[i];
        if (c.again[i]) {
            answer_free_lists(&c.last[i]);
        }
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

void flows_update(struct flows *flows, struct calls *calls, bool *changed)
{
    struct calls *calls_before = flows->calls;
    struct params *params = flows->params;
    size_t n = flows->linked->fns.n;
    struct update update = {.flows = flows, .written = flows->written, .order = flows->order};

    void *scratch = mem_owner(NULL, "update");
    update.dirty = mem_array(scratch, bool, n + 1);
    update.news = mem_array(scratch, bool, n + 1);
    update.writes_others = mem_array(scratch, bool, n + 1);
    update.position = mem_array(scratch, uint32_t, n + 1);
    for (uint32_t i = 0; i < update.order->n; i++) {
        update.position[update.order->order[i].i] = i;
    }
    talloc_free(flows->pointees);
    flows->pointees = NULL; /* they are asked for anew */
    flows->calls = calls;
    flows->params = params_build(flows, flows->linked, calls);
    find_dirty(&update, calls_before, params, changed);
    flows->order = calls_bottom_up(calls);
    flows->written = written_build(flows, flows->linked, flows->paths, calls, flows->order);
    for (uint32_t f = 0; f < n; f++) {
        update.writes_others[f] = !written_same(update.written, flows->written, (fn_id){f});
    }
    for (size_t i = 0; i < flows->order->n;) {
        size_t end = bottom_up_end(flows->order, i);
        update_component(&update, flows->order->order + i, end - i);
        i = end;
    }
    talloc_free(params);
    talloc_free(update.written);
    memcpy(changed, update.dirty, n * sizeof *changed);
    talloc_free(scratch);
    flow_finish(flows);
}
