#include "program/params.h"

#include "program/pointsto.h"
#include "program/resolve.h"

#include <string.h>

struct fn_params {
    bool candidate;         /* all its calls are known */
    struct param_values *v; /* by parameter; NULL: not a candidate, or it has none */
};

struct params {
    const struct linked *linked;
    const struct pointsto *pointsto;
    struct fn_params *v; /* by fn */
};

/* ---- whose calls are all known --------------------------------------------------------------- */

/* What uses of functions in one body say. */
struct uses {
    const struct linked *linked;
    const struct prog_fn *body;
    bool *taken; /* by symbol: its address goes somewhere */
};

static void take(const struct uses *uses, value_id value)
{
    const struct ir_value *v = value.i == ID_NONE ? NULL : &uses->body->ir->values.v[value.i];

    if (v != NULL && v->kind == IR_VALUE_FN) {
        uses->taken[linked_sym(uses->linked, uses->body, v->u.sym.i)] = true;
    }
}

/* Everything but the callee of a call takes the address. */
static void look_at_body(const struct uses *uses)
{
    const struct ir_fn *ir = uses->body->ir;

    for (size_t i = 0; i < ir->ops.n; i++) {
        if (ir->ops.v[i].kind != IR_CALL) {
            take(uses, ir->ops.v[i].u.access.value);
        }
    }
    for (size_t i = 0; i < ir->args.n; i++) {
        take(uses, ir->args.v[i]);
    }
    for (size_t i = 0; i < ir->values.n; i++) {
        const struct ir_value *v = &ir->values.v[i];
        if (v->kind == IR_VALUE_UNARY || v->kind == IR_VALUE_BINARY) {
            take(uses, v->u.of.a);
            take(uses, v->u.of.b);
        }
    }
    for (size_t i = 0; i < ir->blocks.n; i++) {
        take(uses, ir->blocks.v[i].cond);
    }
}

static bool *find_taken(void *owner, const struct linked *linked)
{
    bool *taken = mem_array(owner, bool, linked->syms.n + 1);

    for (size_t i = 0; i < linked->fns.n; i++) {
        look_at_body(&(struct uses){linked, &linked->fns.v[i], taken});
    }
    for (size_t i = 0; i < linked->inits.n; i++) {
        look_at_body(&(struct uses){linked, &linked->inits.v[i], taken});
    }
    return taken;
}

static void find_candidates(struct params *params)
{
    const struct linked *linked = params->linked;
    bool *taken = find_taken(NULL, linked);

    for (size_t i = 0; i < linked->fns.n; i++) {
        const struct prog_fn *fn = &linked->fns.v[i];
        bool internal = (linked->syms.v[fn->sym].flags & IR_SYM_INTERNAL) != 0;
        if (!taken[fn->sym] && fn->ir->n_params > 0 &&
            (internal || linked->programs[fn->unit_index] != 0)) {
            params->v[i].candidate = true;
            params->v[i].v = mem_array(params, struct param_values, fn->ir->n_params);
            for (uint32_t p = 0; p < fn->ir->n_params; p++) {
                params->v[i].v[p].known = true; /* no value yet */
            }
        }
    }
    talloc_free(taken);
}

/* ---- values ---------------------------------------------------------------------------------- */

/* True: it changed. */
static bool add_value(struct param_values *values, int64_t number)
{
    for (uint32_t i = 0; i < values->n; i++) {
        if (values->v[i] == number) {
            return false;
        }
    }
    if (values->n == MAX_PARAM_VALUES) {
        values->known = false;
    } else {
        values->v[values->n++] = number;
    }
    return true;
}

static bool add_values(struct param_values *values, const struct param_values *more)
{
    bool changed = false;

    if (!more->known) {
        values->known = false;
        return true;
    }
    for (uint32_t i = 0; i < more->n && values->known; i++) {
        changed |= add_value(values, more->v[i]);
    }
    return changed;
}

/* Adds what the call hands over as this argument. True: it changed. */
static bool add_argument(struct params *params, const struct call *call, uint32_t arg,
                         struct param_values *values)
{
    static const struct param_values anything = {.known = false};
    const struct ir_fn *ir = params->linked->fns.v[call->fn.i].ir;
    const struct ir_op *op = &ir->ops.v[call->op.i];
    uint32_t local;

    if (arg >= op->u.call.n_args) {
        return add_values(values, &anything);
    }
    const struct resolver *resolver = pointsto_resolver(params->pointsto, call->fn);
    value_id value = resolve_value(resolver, ir->args.v[op->u.call.first_arg + arg]);
    const struct ir_value *v = value.i == ID_NONE ? NULL : &ir->values.v[value.i];
    if (v != NULL && v->kind == IR_VALUE_INT) {
        return add_value(values, v->u.number);
    }
    if (v != NULL && v->kind == IR_VALUE_READ && ir->ops.v[v->u.op.i].kind == IR_READ &&
        place_is_local(ir, ir->ops.v[v->u.op.i].u.access.place, &local) &&
        resolve_is_argument(resolver, local)) {
        return add_values(values, params_of(params, call->fn, local));
    }
    return add_values(values, &anything);
}

/* True: some callee has new values; it is in `dirty`, too. */
static bool add_call(struct params *params, const struct call *call, bool *dirty)
{
    bool changed = false;

    for (size_t c = 0; c < call->callees.n; c++) {
        fn_id callee = call->callees.v[c];
        struct fn_params *of = &params->v[callee.i];
        uint32_t n = of->candidate ? params->linked->fns.v[callee.i].ir->n_params : 0;
        for (uint32_t p = 0; p < n; p++) {
            if (of->v[p].known && add_argument(params, call, p, &of->v[p])) {
                dirty[callee.i] = changed = true;
            }
        }
    }
    return changed;
}

/* What a call hands over is new only when its function has got new values. */
static void find_values(struct params *params, const struct calls *calls)
{
    uint32_t n_fns = (uint32_t)params->linked->fns.n;
    bool *dirty = mem_array(NULL, bool, n_fns + 1);

    memset(dirty, true, n_fns * sizeof *dirty);
    for (bool changed = true; changed;) { /* ends: sets only grow, up to MAX_PARAM_VALUES */
        changed = false;
        for (uint32_t f = 0; f < n_fns; f++) {
            bool look = dirty[f];
            dirty[f] = false;
            for (uint32_t i = calls->first[f]; i < calls->first[f + 1] && look; i++) {
                changed |= add_call(params, &calls->v.v[i], dirty);
            }
        }
    }
    talloc_free(dirty);
}

struct params *params_build(void *owner, const struct linked *linked, const struct calls *calls)
{
    struct params *params = mem_new(owner, struct params);

    params->linked = linked;
    params->pointsto = calls->pointsto;
    params->v = mem_array(params, struct fn_params, linked->fns.n + 1);
    find_candidates(params);
    find_values(params, calls);
    return params;
}

const struct param_values *params_of(const struct params *params, fn_id fn, uint32_t param)
{
    static const struct param_values anything = {.known = false};
    const struct fn_params *of = &params->v[fn.i];

    return of->candidate ? &of->v[param] : &anything;
}

static bool same_values(const struct param_values *a, const struct param_values *b)
{
    bool same = a->known == b->known && a->n == b->n;

    for (uint32_t i = 0; i < a->n && same; i++) {
        same = a->v[i] == b->v[i];
    }
    return same;
}

bool params_same(const struct params *a, const struct params *b, fn_id fn)
{
    const struct fn_params *x = &a->v[fn.i];
    const struct fn_params *y = &b->v[fn.i];
    uint32_t n = a->linked->fns.v[fn.i].ir->n_params;
    bool same = x->candidate == y->candidate;

    for (uint32_t p = 0; p < n && same && x->candidate; p++) {
        same = same_values(&x->v[p], &y->v[p]);
    }
    return same;
}

bool params_leave_one(const struct params *params, fn_id fn, const struct state *state,
                      uint32_t param)
{
    const struct param_values *values = params_of(params, fn, param);
    bool left = !values->known || values->n == 0;

    for (uint32_t v = 0; v < values->n && !left; v++) {
        left = true;
        for (uint32_t i = 0; i < state->n_facts && left; i++) {
            const struct fact *fact = &state->facts[i];
            left =
                fact->about != FACT_LOCAL || fact->id != param || !fact_denies(fact, values->v[v]);
        }
    }
    return left;
}
