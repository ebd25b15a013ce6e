#include "program/double_inits.h"

const struct op_list *double_deciding(struct double_pass *pass, fn_id fn, uint32_t block)
{
    if (pass->depends[fn.i] == NULL) {
        pass->depends[fn.i] = depends_new(pass->owner, &pass->flows->linked->fns.v[fn.i]);
    }
    return depends_of_block(pass->depends[fn.i], block);
}

bool double_is_fence(const struct double_pass *pass, fn_id fn, op_id op)
{
    const struct ir_fn *ir = pass->flows->linked->fns.v[fn.i].ir;

    if (ir->ops.v[op.i].kind != IR_CALL) {
        return false;
    }
    const struct call *call = calls_at(pass->flows->calls, fn, op);
    return call->model != NULL && call->model->fence;
}

const struct double_calls *double_callers(struct double_pass *pass, fn_id fn)
{
    const struct calls *calls = pass->flows->calls;

    if (pass->callers == NULL) {
        pass->callers = mem_array(pass->owner, struct double_calls, pass->flows->linked->fns.n + 1);
        for (size_t c = 0; c < calls->v.n; c++) {
            const struct call *call = &calls->v.v[c];
            bool direct = call->model == NULL && !call->indirect && call->callees.n == 1;
            if (direct && call->callees.v[0].i != call->fn.i) {
                vec_push(pass->callers, &pass->callers[call->callees.v[0].i], call);
            }
        }
    }
    return &pass->callers[fn.i];
}

/* A lock that is held at both, taken at the same place; PATH_NONE. *ret_callers: what is held is
 * not this function's. */
static path_id common_lock(const struct double_pass *pass, fn_id fn, op_id test, op_id store,
                           bool *ret_callers)
{
    const struct held *a = flow_held_at(pass->flows, fn, test);
    const struct held *b = flow_held_at(pass->flows, fn, store);

    *ret_callers = a != NULL && b != NULL && a->must->n == 0 && b->must->n == 0 &&
                   a->gone->n == 0 && b->gone->n == 0;
    for (uint32_t i = 0; a != NULL && b != NULL && i < a->must->n; i++) {
        const struct token *token = &a->must->v[i];
        const struct token *later = lockset_find(b->must, token->lock);
        if (later != NULL && site_eq(token->taken, later->taken) &&
            token->mode == TOKEN_EXCLUSIVE) {
            return token->lock;
        }
    }
    return PATH_NONE;
}

static void add_init(struct double_pass *pass, const struct locked_init *init)
{
    for (size_t i = 0; i < pass->out->inits.n; i++) {
        const struct locked_init *other = pass->out->inits.v[i];
        if (other->fn.i == init->fn.i && other->act.i == init->act.i &&
            other->test.i == init->test.i && other->variable == init->variable) {
            return;
        }
    }
    struct locked_init *own = mem_new(pass->out, struct locked_init);
    *own = *init;
    vec_push(pass->out, &pass->out->inits, own);
}

/* The tests that decide about the act: `init` tells which store it leads to. */
static void search_tests(struct double_pass *pass, const struct locked_init *init)
{
    const struct prog_fn *body = &pass->flows->linked->fns.v[init->fn.i];
    uint32_t at = cfg_block_of(body->cfg, init->act);

    for (uint32_t b = 0; b < body->ir->blocks.n; b++) {
        if (body->ir->blocks.v[b].term != IR_BRANCH || !cfg_dominates(body->cfg, b, at) ||
            cfg_side_of(body->cfg, b, at) == ID_NONE) {
            continue;
        }
        const struct op_list *ops = double_deciding(pass, init->fn, b);
        for (size_t i = 0; i < ops->n; i++) {
            const struct ir_op *op = &body->ir->ops.v[ops->v[i].i];
            struct locked_init found = *init;
            bool callers;
            found.test = ops->v[i];
            found.branch = b;
            found.lock = common_lock(pass, init->fn, found.test, init->act, &callers);
            if (op->kind == IR_READ && (!path_is_none(found.lock) || callers) &&
                path_eq(flow_place(pass->flows, init->fn, op->u.access.place), init->path)) {
                add_init(pass, &found);
            }
        }
    }
}

static void search_function(struct double_pass *pass, const struct variable *variable, fn_id fn,
                            op_id store)
{
    const struct ir_fn *ir = pass->flows->linked->fns.v[fn.i].ir;
    struct locked_init init = {.fn = fn,
                               .act = store,
                               .store_fn = fn,
                               .store = store,
                               .path =
                                   flow_place(pass->flows, fn, ir->ops.v[store.i].u.access.place),
                               .variable = variable};
    path_id pointees[MAX_PARAMS];

    search_tests(pass, &init);
    const struct double_calls *callers = double_callers(pass, fn);
    for (size_t i = 0; i < callers->n; i++) {
        const struct call *call = callers->v[i];
        size_t n = flow_pointees(pass->flows, call, pointees);
        struct locked_init by_call = init;
        by_call.fn = call->fn;
        by_call.act = call->op;
        by_call.path = path_substitute(pass->flows->paths, init.path, pointees, n);
        if (!path_is_none(by_call.path)) {
            search_tests(pass, &by_call);
        }
    }
}

void double_inits_find(struct double_pass *pass)
{
    for (size_t i = 0; i < pass->map->v.n; i++) {
        const struct variable *variable = &pass->map->v.v[i];
        struct site last = SITE_NONE;
        for (size_t w = 0; w < variable->sure_writes.n && variable->shared; w++) {
            const struct access *access = &variable->accesses.v[variable->sure_writes.v[w]];
            struct site site = {access->fn.i, access->op.i};
            if (access->held->n > 0 && !site_eq(site, last)) { /* nobody's lock: no init */
                last = site;
                search_function(pass, variable, access->fn, access->op);
            }
        }
    }
}
