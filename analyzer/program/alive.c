#include "program/alive.h"

#include "program/joins.h"
#include "program/starts.h"

#include <string.h>

struct fn_alive {
    const struct lockset **before; /* by op; NULL: the function starts no thread */
    const struct lockset *left;    /* running when it returns */
    const struct lockset *joined;  /* handles that it joins on every way; NULL: none */
    bool joins;                    /* it joins threads, on some way, itself or in a callee */
};

struct alive {
    const struct flows *flows;
    const struct spawners *spawners;
    struct fn_alive *v;               /* by fn */
    path_id nobody_joins;             /* a thread whose handle is not known */
    const struct lockset *everything; /* all threads that any call starts */
};

static path_id handle_of(const struct alive *alive, const struct call *call, int arg)
{
    const struct flows *flows = alive->flows;
    value_id value = call_arg(flows->linked, call, arg);
    path_id path;

    if (arg == ARG_RETURNED) { /* named by the variable that it is stored in */
        return path_root(flows->paths, ROOT_CALL, call->fn.i, call->op.i);
    }
    if (value.i == ID_NONE) {
        return alive->nobody_joins;
    }
    const struct ir_fn *ir = flows->linked->fns.v[call->fn.i].ir;
    const struct ir_value *v = &ir->values.v[value.i];
    if (v->kind == IR_VALUE_READ) { /* pthread_join(t[i], ...): the handle itself */
        path = flow_place(flows, call->fn, ir->ops.v[v->u.op.i].u.access.place);
    } else if (v->kind == IR_VALUE_CALL) {
        path = path_root(flows->paths, ROOT_CALL, call->fn.i, v->u.op.i);
    } else {
        path = flow_arg_path(flows, call, arg);
    }
    return path_is_none(path) ? alive->nobody_joins : path;
}

/* The place a returned handle is stored in: `t[i] = start(...)`. */
static path_id stored_in(const struct alive *alive, const struct call *call)
{
    const struct ir_fn *ir = alive->flows->linked->fns.v[call->fn.i].ir;

    for (size_t i = call->op.i + 1u; i < ir->ops.n; i++) {
        const struct ir_op *op = &ir->ops.v[i];
        if (op->kind != IR_WRITE || op->u.access.value.i == ID_NONE) {
            continue;
        }
        const struct ir_value *v = &ir->values.v[op->u.access.value.i];
        if (v->kind == IR_VALUE_CALL && v->u.op.i == call->op.i) {
            path_id path = flow_place(alive->flows, call->fn, op->u.access.place);
            return path_is_none(path) ? alive->nobody_joins : path_class(alive->flows->paths, path);
        }
    }
    return alive->nobody_joins;
}

/* The handle that the call fills: what its argument points to. */
static path_id filled_handle(const struct alive *alive, const struct call *call)
{
    path_id path = flow_arg_path(alive->flows, call, call->model->thread_handle);

    return path_is_none(path) ? alive->nobody_joins : path;
}

path_id alive_handle(const struct alive *alive, const struct call *call)
{
    if (call->model == NULL || call->model->thread_entry == ARG_NONE) {
        return alive->nobody_joins;
    }
    return call->model->thread_handle == ARG_RETURNED ? stored_in(alive, call)
                                                      : filled_handle(alive, call);
}

path_id alive_joined_handle(const struct alive *alive, const struct call *call)
{
    return handle_of(alive, call, call->model->join);
}

bool alive_is_joined(const struct alive *alive, path_id handle)
{
    const struct calls *calls = alive->flows->calls;

    for (size_t i = 0; i < calls->v.n; i++) {
        const struct call *call = &calls->v.v[i];
        if (call->model != NULL && call->model->join != ARG_NONE &&
            path_eq(handle_of(alive, call, call->model->join), handle)) {
            return true;
        }
    }
    return false;
}

static bool starts_worker(const struct model_fn *model)
{
    for (size_t i = 0; i < model->callbacks.n; i++) {
        enum runs_where runs = model->callbacks.v[i].runs;
        if (runs == RUNS_WORKER || runs == RUNS_THREAD) {
            return true;
        }
    }
    return false;
}

const struct lockset *alive_left(const struct alive *alive, fn_id fn)
{
    return alive->v[fn.i].left;
}

const struct call *alive_starter(const struct alive *alive, path_id thread)
{
    return &alive->flows->calls->v.v[path_get(alive->flows->paths, thread)->b];
}

static path_id handle_of_thread(const struct alive *alive, path_id thread)
{
    return (path_id){path_get(alive->flows->paths, thread)->a};
}

/* `set` and the thread with this handle, started by `starter`. */
static const struct lockset *with(const struct alive *alive, const struct lockset *set,
                                  path_id handle, const struct call *starter)
{
    const struct flows *flows = alive->flows;
    uint32_t call = (uint32_t)(starter - flows->calls->v.v);
    path_id thread = path_root(flows->paths, ROOT_THREAD, handle.i, call);
    struct token token = {thread, TOKEN_EXCLUSIVE, 1, SITE_NONE};

    return lockset_find(set, thread) != NULL ? set : lockset_add(flows->pool, set, token);
}

/* `set` and the threads that the one started by `starter` has left running at its end. */
static const struct lockset *with_orphans(const struct alive *alive, const struct lockset *set,
                                          const struct call *starter)
{
    void *scratch = mem_owner(NULL, "entries");
    struct fn_list entries = {NULL, 0};

    if (starter->model == NULL || starter->model->thread_entry > 0) {
        value_id entry = spawners_entry(alive->spawners, starter);
        entries = calls_functions_of(alive->flows->calls, scratch, starter->fn, entry);
    }
    for (size_t i = 0; i < entries.n; i++) {
        const struct lockset *left = alive->v[entries.v[i].i].left;
        for (uint32_t t = 0; left != NULL && t < left->n; t++) {
            path_id handle = handle_of_thread(alive, left->v[t].lock);
            bool is_global = path_is_global(alive->flows->paths, handle);
            set = with(alive, set, is_global ? handle : alive->nobody_joins,
                       alive_starter(alive, left->v[t].lock));
        }
    }
    talloc_free(scratch);
    return set;
}

/* `set` without the threads that a join of `handle`, by the call `join` itself (NULL: below it),
 * waits for. */
static const struct lockset *without(const struct alive *alive, const struct lockset *set,
                                     path_id handle, const struct call *join)
{
    struct paths *paths = alive->flows->paths;
    const struct lockset *left = set;

    for (uint32_t i = 0; i < set->n; i++) {
        path_id own = handle_of_thread(alive, set->v[i].lock);
        const struct call *starter = alive_starter(alive, set->v[i].lock);
        if (path_eq(path_class(paths, own), path_class(paths, handle)) &&
            (join == NULL || !joins_only_some(alive->flows, starter, own, join, handle))) {
            left = lockset_drop(alive->flows->pool, left, set->v[i].lock);
            left = with_orphans(alive, left, starter);
        }
    }
    return left;
}

/* What `callee` leaves running, in the caller's terms. */
static const struct lockset *with_left(const struct alive *alive, const struct lockset *running,
                                       const struct call *call, const struct lockset *left)
{
    path_id pointees[MAX_PARAMS];
    size_t n = flow_pointees(alive->flows, call, pointees);

    for (uint32_t i = 0; i < left->n; i++) {
        path_id handle = path_substitute(alive->flows->paths,
                                         handle_of_thread(alive, left->v[i].lock), pointees, n);
        const struct call *starter = alive_starter(alive, left->v[i].lock);
        running = with(alive, running, path_is_none(handle) ? alive->nobody_joins : handle,
                       spawners_is_handed_on(alive->spawners, starter) ? call : starter);
    }
    return running;
}

/* `running` without the threads that the call, or its callee, waits for. */
static const struct lockset *without_joined(const struct alive *alive,
                                            const struct lockset *running, const struct call *call)
{
    path_id pointees[MAX_PARAMS];

    if (call->model != NULL) {
        return call->model->join == ARG_NONE
                   ? running
                   : without(alive, running, handle_of(alive, call, call->model->join), call);
    }
    const struct lockset *joined =
        call->callees.n == 1 ? alive->v[call->callees.v[0].i].joined : NULL;
    size_t n = joined == NULL ? 0 : flow_pointees(alive->flows, call, pointees);
    for (uint32_t i = 0; joined != NULL && i < joined->n; i++) {
        path_id handle = path_substitute(alive->flows->paths, joined->v[i].lock, pointees, n);
        if (!path_is_none(handle)) {
            running = without(alive, running, handle, NULL);
        }
    }
    return running;
}

static const struct lockset *after_call(const struct alive *alive, const struct lockset *running,
                                        const struct call *call)
{
    const struct model_fn *model = call->model;

    running = without_joined(alive, running, call);
    for (size_t i = 0; i < call->callees.n && model == NULL; i++) {
        const struct lockset *left = alive->v[call->callees.v[i].i].left;
        if (left != NULL && left->n > 0) {
            running = with_left(alive, running, call, left);
        }
    }
    if (model == NULL) {
        return running;
    }
    if (model->thread_entry > 0) {
        running = with(alive, running, alive_handle(alive, call), call);
    }
    if (starts_worker(model)) {
        running = with(alive, running, alive->nobody_joins, call);
    }
    return running;
}

/* Handles that are joined inside the loop with this head: the loop's end joins all of them (the
 * loops that start and join an array of threads are taken to have the same bounds). */
static const struct lockset *leave_loop(const struct alive *alive, fn_id fn, uint32_t head,
                                        const struct lockset *running)
{
    const struct calls *calls = alive->flows->calls;
    const struct cfg *cfg = alive->flows->linked->fns.v[fn.i].cfg;

    for (uint32_t i = calls->first[fn.i]; i < calls->first[fn.i + 1] && running->n > 0; i++) {
        const struct call *call = &calls->v.v[i];
        if (cfg_in_loop(cfg, cfg_block_of(cfg, call->op), head)) {
            running = without_joined(alive, running, call);
        }
    }
    return running;
}

static const struct lockset *through_block(struct alive *alive, fn_id fn, uint32_t b,
                                           const struct lockset *running,
                                           const struct lockset **before)
{
    const struct ir_fn *ir = alive->flows->linked->fns.v[fn.i].ir;
    const struct ir_block *block = &ir->blocks.v[b];

    for (uint32_t i = block->first_op; i < block->first_op + block->n_ops; i++) {
        before[i] = running;
        if (ir->ops.v[i].kind == IR_CALL) {
            running = after_call(alive, running, calls_at(alive->flows->calls, fn, (op_id){i}));
        }
    }
    return running;
}

/* `running` on the way over an edge, without the thread whose start has failed there. */
static const struct lockset *without_failed(const struct alive *alive, fn_id fn, uint32_t block,
                                            uint32_t edge, const struct lockset *running)
{
    const struct call *failed = starts_failed_call(alive->flows, fn, block, edge);
    const struct lockset *left = running;

    for (uint32_t i = 0; i < running->n && failed != NULL; i++) {
        if (alive_starter(alive, running->v[i].lock) == failed) {
            left = lockset_drop(alive->flows->pool, left, running->v[i].lock);
        }
    }
    return left;
}

static void analyse(struct alive *alive, fn_id fn)
{
    const struct prog_fn *body = &alive->flows->linked->fns.v[fn.i];
    const struct cfg *cfg = body->cfg;
    struct lockset_pool *pool = alive->flows->pool;
    const struct lockset **in = mem_array(NULL, const struct lockset *, cfg->n + 1);
    const struct lockset **before = mem_array(alive, const struct lockset *, body->ir->ops.n + 1);
    const struct lockset *left = lockset_empty(pool);

    in[0] = left;
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = 0; i < cfg->n_order; i++) {
            uint32_t b = cfg->order[i];
            const struct ir_block *block = &body->ir->blocks.v[b];
            if (in[b] == NULL) {
                continue;
            }
            const struct lockset *out = through_block(alive, fn, b, in[b], before);
            left = block->term == IR_RETURN ? lockset_join(pool, left, out) : left;
            for (uint32_t e = 0; e < block->n_succs; e++) {
                uint32_t to = body->ir->succs.v[block->first_succ + e].block.i;
                const struct lockset *along = without_failed(alive, fn, b, e, out);
                uint32_t head = cfg->loop_head[b];
                if (alive->v[fn.i].joins && head != ID_NONE && !cfg_in_loop(cfg, to, head)) {
                    along = leave_loop(alive, fn, head, along);
                }
                const struct lockset *met =
                    in[to] == NULL ? along : lockset_join(pool, in[to], along);
                changed |= met != in[to];
                in[to] = met;
            }
        }
    }
    talloc_free(in);
    alive->v[fn.i].before = before;
    alive->v[fn.i].left = left;
}

/* The head of the outermost loop that block `b` is in; `b` itself outside of loops. */
static uint32_t outermost(const struct cfg *cfg, uint32_t b)
{
    for (uint32_t head = cfg->loop_head[b]; head != ID_NONE; head = cfg->loop_up[head]) {
        b = head;
    }
    return b;
}

/* Does every way through the function come by this op, or by the loop it is in? */
static bool is_on_every_way(const struct cfg *cfg, op_id op)
{
    uint32_t b = outermost(cfg, cfg_block_of(cfg, op));

    for (uint32_t i = 0; i < cfg->n_order; i++) {
        uint32_t end = cfg->order[i];
        if (cfg->fn->blocks.v[end].term == IR_RETURN && !cfg_dominates(cfg, b, end)) {
            return false;
        }
    }
    return true;
}

/* Has `first` always been done, with all rounds of its loops, when `second` begins? */
static bool comes_before(const struct cfg *cfg, op_id first, op_id second)
{
    uint32_t to = cfg_block_of(cfg, second);
    uint32_t from = cfg_block_of(cfg, first);
    uint32_t head = outermost(cfg, from);

    if (cfg->loop_head[from] == ID_NONE) {
        return from == to ? first.i < second.i : cfg_dominates(cfg, from, to);
    }
    return cfg_dominates(cfg, head, to) && !cfg_in_loop(cfg, to, head);
}

static void add_handle(const struct alive *alive, const struct lockset **set, path_id handle)
{
    struct token token = {handle, TOKEN_EXCLUSIVE, 1, SITE_NONE};

    if (*set == NULL) {
        *set = lockset_empty(alive->flows->pool);
    }
    if (!path_is_none(handle) && lockset_find(*set, handle) == NULL) {
        *set = lockset_add(alive->flows->pool, *set, token);
    }
}

static void find_joined(struct alive *alive, fn_id fn)
{
    const struct calls *calls = alive->flows->calls;
    const struct cfg *cfg = alive->flows->linked->fns.v[fn.i].cfg;
    const struct lockset **joined = &alive->v[fn.i].joined;
    path_id pointees[MAX_PARAMS];

    for (uint32_t i = calls->first[fn.i]; i < calls->first[fn.i + 1]; i++) {
        const struct call *call = &calls->v.v[i];
        bool joins = call->model != NULL && call->model->join != ARG_NONE;
        const struct lockset *inner = call->model == NULL && call->callees.n == 1
                                          ? alive->v[call->callees.v[0].i].joined
                                          : NULL;
        alive->v[fn.i].joins |= joins || inner != NULL;
        if ((!joins && inner == NULL) || !is_on_every_way(cfg, call->op)) {
            continue;
        }
        if (joins) {
            add_handle(alive, joined, handle_of(alive, call, call->model->join));
            continue;
        }
        size_t n = flow_pointees(alive->flows, call, pointees);
        for (uint32_t h = 0; h < inner->n; h++) {
            add_handle(alive, joined,
                       path_substitute(alive->flows->paths, inner->v[h].lock, pointees, n));
        }
    }
}

static bool concerns_threads(const struct alive *alive, fn_id fn)
{
    const struct calls *calls = alive->flows->calls;

    for (uint32_t i = calls->first[fn.i]; i < calls->first[fn.i + 1]; i++) {
        const struct call *call = &calls->v.v[i];
        if (call->model != NULL && (call->model->thread_entry > 0 || starts_worker(call->model))) {
            return true;
        }
        for (size_t c = 0; c < call->callees.n; c++) {
            const struct fn_alive *callee = &alive->v[call->callees.v[c].i];
            if (callee->left != NULL && callee->left->n > 0) {
                return true;
            }
        }
    }
    return false;
}

static const struct lockset *find_everything(const struct alive *alive)
{
    const struct calls *calls = alive->flows->calls;
    const struct lockset *all = lockset_empty(alive->flows->pool);

    for (size_t i = 0; i < calls->v.n; i++) {
        const struct call *call = &calls->v.v[i];
        if (call->model != NULL && (call->model->thread_entry > 0 || starts_worker(call->model))) {
            all = with(alive, all, alive_handle(alive, call), call);
        } else if (call->model == NULL && spawners_entry(alive->spawners, call).i != ID_NONE) {
            all = with(alive, all, alive->nobody_joins, call);
        }
    }
    return all;
}

struct alive *alive_build(void *owner, const struct flows *flows, const struct spawners *spawners)
{
    struct alive *alive = mem_new(owner, struct alive);

    alive->flows = flows;
    alive->spawners = spawners;
    alive->v = mem_array(alive, struct fn_alive, flows->linked->fns.n + 1);
    alive->nobody_joins = path_root(flows->paths, ROOT_NAMED, UINT32_MAX, 0);
    const struct bottom_up *order = calls_bottom_up(flows->calls);
    for (unsigned round = 0; round < 2; round++) { /* what a thread leaves behind is known then */
        for (size_t i = 0; i < order->n; i++) {
            if (round == 0) {
                find_joined(alive, order->order[i]);
            }
            if (concerns_threads(alive, order->order[i])) {
                analyse(alive, order->order[i]);
            }
        }
    }
    alive->everything = find_everything(alive);
    return alive;
}

const struct lockset *alive_running_at(const struct alive *alive, fn_id fn, op_id op,
                                       const struct lockset *entry)
{
    const struct calls *calls = alive->flows->calls;
    const struct fn_alive *own = &alive->v[fn.i];
    const struct cfg *cfg = alive->flows->linked->fns.v[fn.i].cfg;

    for (uint32_t i = calls->first[fn.i]; i < calls->first[fn.i + 1] && own->joins; i++) {
        if (entry->n > 0 && comes_before(cfg, calls->v.v[i].op, op)) {
            entry = without_joined(alive, entry, &calls->v.v[i]);
        }
    }
    if (own->before == NULL || own->before[op.i] == NULL) {
        return entry;
    }
    return lockset_join(alive->flows->pool, entry, own->before[op.i]);
}

const struct lockset *alive_everything(const struct alive *alive)
{
    return alive->everything;
}
