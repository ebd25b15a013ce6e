#include "program/nested_runs.h"

enum { MAX_RUN_DEPTH = 2 };

struct search {
    struct nested_runs *out;
    struct class_ops *ops;
    const struct requests *requests;
    const struct flows *flows;
    const struct ir_fn *ir;
    const struct cfg *cfg;
    struct nested_run found;
    path_id class;
    struct demand demand;
};

/* The call by which `call` runs a loop, itself or in the one function that it calls; NULL: none. */
static const struct call *loop_run_of(const struct search *s, const struct call *call,
                                      unsigned depth)
{
    const struct calls *calls = s->flows->calls;

    if (call->model != NULL) {
        return call->model->runs_loop != ARG_NONE && call->callees.n > 0 ? call : NULL;
    }
    if (depth == 0 || call->indirect || call->callees.n != 1) {
        return NULL;
    }
    uint32_t fn = call->callees.v[0].i;
    for (uint32_t i = calls->first[fn]; i < calls->first[fn + 1]; i++) {
        const struct call *run = loop_run_of(s, &calls->v.v[i], depth - 1);
        if (run != NULL) {
            return run;
        }
    }
    return NULL;
}

/* Fills in a change that ends the demand, in a turn of one of the callbacks that the call runs. */
static bool finds_rival(struct search *s, const struct call *run)
{
    for (size_t c = 0; c < run->callees.n; c++) {
        uint32_t t = s->requests->turn_of[run->callees.v[c].i];
        const struct loop_turn *turn = t == ID_NONE ? NULL : &s->requests->turns.v[t];
        for (size_t f = 0; turn != NULL && f < turn->fns.n; f++) {
            fn_id fn = turn->fns.v[f];
            const struct class_op_list *list = class_ops_of(s->ops, fn);
            for (size_t i = 0; i < list->n && fn.i != s->found.fn.i; i++) {
                if (path_eq(list->v[i].class, s->class) &&
                    change_ends(change_of(s->flows, fn, list->v[i].op), s->demand)) {
                    s->found.rival = turn->callback;
                    s->found.rival_fn = fn;
                    s->found.rival_op = list->v[i].op;
                    return true;
                }
            }
        }
    }
    return false;
}

/* Does a branch on every way to the act look at the variable as it is behind the run? */
static bool tests_again(struct search *s)
{
    uint32_t b = cfg_block_of(s->cfg, s->found.act);

    while (s->cfg->idom[b] != ID_NONE && s->cfg->idom[b] != b) {
        b = s->cfg->idom[b];
        const struct op_list *ops = class_ops_depends(s->ops, s->found.fn, b);
        for (size_t i = 0; i < ops->n; i++) {
            const struct class_op *used = class_ops_at(s->ops, s->found.fn, ops->v[i]);
            bool here = used == NULL ? s->ir->ops.v[ops->v[i].i].kind == IR_CALL
                                     : path_eq(used->class, s->class);
            if (here && ops->v[i].i != s->found.read.i &&
                cfg_op_before(s->cfg, s->found.run, ops->v[i])) {
                return true;
            }
        }
    }
    return false;
}

/* Has the function changed the variable itself before it runs the loop? */
static bool reserves(struct search *s)
{
    const struct class_op_list *list = class_ops_of(s->ops, s->found.fn);

    for (size_t i = 0; i < list->n; i++) {
        if (path_eq(list->v[i].class, s->class) && s->ir->ops.v[list->v[i].op.i].kind != IR_READ &&
            cfg_op_between(s->cfg, s->found.read, list->v[i].op, s->found.run)) {
            return true;
        }
    }
    return false;
}

static bool is_known(const struct search *s)
{
    for (size_t i = 0; i < s->out->v.n; i++) {
        if (s->out->v.v[i].fn.i == s->found.fn.i && s->out->v.v[i].act.i == s->found.act.i) {
            return true;
        }
    }
    return false;
}

/* The acts that rely on one read, behind one run of the loop. */
static void search_acts(struct search *s, uint32_t branch, const struct call *run)
{
    const struct class_op_list *list = class_ops_of(s->ops, s->found.fn);
    const struct class_op *read = class_ops_at(s->ops, s->found.fn, s->found.read);

    for (size_t i = 0; read != NULL && i < list->n; i++) {
        uint32_t side = cfg_side_of(s->cfg, branch, cfg_block_of(s->cfg, list->v[i].op));
        if (side == ID_NONE || !path_eq(list->v[i].path, read->path)) {
            continue;
        }
        s->class = read->class;
        s->demand = demand_of(s->flows, s->found.fn, branch, side, s->found.read);
        s->found.path = read->path;
        s->found.act = list->v[i].op;
        if (change_relies_on(change_of(s->flows, s->found.fn, s->found.act), s->demand, true) &&
            cfg_op_between(s->cfg, s->found.read, s->found.run, s->found.act) && !is_known(s) &&
            !tests_again(s) && !reserves(s) && finds_rival(s, run)) {
            vec_push(s->out, &s->out->v, s->found);
        }
    }
}

static void search_run(struct search *s, const struct call *call, const struct call *run)
{
    s->found = (struct nested_run){.fn = call->fn, .run = call->op};
    s->ir = s->flows->linked->fns.v[call->fn.i].ir;
    s->cfg = s->flows->linked->fns.v[call->fn.i].cfg;
    for (uint32_t b = 0; b < s->ir->blocks.n; b++) {
        if (s->ir->blocks.v[b].term != IR_BRANCH) {
            continue;
        }
        const struct op_list *ops = class_ops_depends(s->ops, call->fn, b);
        for (size_t i = 0; i < ops->n; i++) {
            if (s->ir->ops.v[ops->v[i].i].kind == IR_READ) {
                s->found.branch = b;
                s->found.read = ops->v[i];
                search_acts(s, b, run);
            }
        }
    }
}

struct nested_runs *nested_runs_find(void *owner, struct class_ops *ops,
                                     const struct requests *requests)
{
    struct nested_runs *out = mem_new(owner, struct nested_runs);
    struct search s = {
        .out = out, .ops = ops, .requests = requests, .flows = requests->contexts->flows};

    for (size_t i = 0; i < s.flows->calls->v.n; i++) {
        const struct call *call = &s.flows->calls->v.v[i];
        const struct call *run = loop_run_of(&s, call, MAX_RUN_DEPTH);
        if (run != NULL) {
            search_run(&s, call, run);
        }
    }
    return out;
}
