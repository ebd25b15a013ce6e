#include "program/late_acts.h"

#include <stdlib.h>

/* Further down is code that starts requests now and then, whatever was tested up here. */
enum { MAX_START_DEPTH = 2, MAX_ACT_DEPTH = 4 };

/* A call of a function that starts a request, itself or below. */
struct start {
    op_id op;
    const struct request *request;
    unsigned depth; /* calls down to the one that starts it */
};

struct starts {
    VEC(struct start) v;
};

/* The search for one test: what has been decided, and the turns on the way so far. */
struct search {
    struct late_acts *out;
    struct class_ops *ops;
    const struct requests *requests;
    const struct flows *flows;
    struct starts *starts; /* by fn */
    struct late_act found;
    path_id class;
    struct demand demand;
    bool pointer;
    bool alone; /* the starter sees to it that there is only one such request at a time */
};

static const struct ir_fn *ir_of(const struct search *s, fn_id fn)
{
    return s->flows->linked->fns.v[fn.i].ir;
}

static const struct loop_turn *turn_of(const struct search *s, fn_id callback)
{
    return &s->requests->turns.v[s->requests->turn_of[callback.i]];
}

/* ---- what starts a request ------------------------------------------------------------------- */

static bool has_start(const struct starts *starts, struct start start)
{
    for (size_t i = 0; i < starts->v.n; i++) {
        if (starts->v.v[i].op.i == start.op.i && starts->v.v[i].request == start.request) {
            return true;
        }
    }
    return false;
}

/* What the callees of the call start, it starts. */
static void add_below(struct search *s, const struct call *call)
{
    if (call->indirect || call->callees.n != 1 || call->callees.v[0].i == call->fn.i) {
        return;
    }
    const struct starts below = s->starts[call->callees.v[0].i];
    for (size_t i = 0; i < below.v.n; i++) {
        struct start start = {call->op, below.v.v[i].request, below.v.v[i].depth + 1};
        if (start.depth <= MAX_START_DEPTH && !has_start(&s->starts[call->fn.i], start)) {
            vec_push(s->starts, &s->starts[call->fn.i].v, start);
        }
    }
}

static void find_starts(struct search *s)
{
    const struct calls *calls = s->flows->calls;

    s->starts = mem_array(s->out, struct starts, s->flows->linked->fns.n + 1);
    for (size_t i = 0; i < s->requests->v.n; i++) {
        const struct request *request = &s->requests->v.v[i];
        vec_push(s->starts, &s->starts[request->call->fn.i].v,
                 (struct start){request->call->op, request, 0});
    }
    for (unsigned depth = 0; depth < MAX_START_DEPTH; depth++) {
        for (size_t i = 0; i < calls->v.n; i++) {
            add_below(s, &calls->v.v[i]);
        }
    }
}

/* ---- the turn that tests --------------------------------------------------------------------- */

/* Does the op change a variable of the class, itself or in what it calls? */
static bool op_changes(struct search *s, fn_id fn, op_id op, path_id class)
{
    const struct ir_op *o = &ir_of(s, fn)->ops.v[op.i];

    if (o->kind == IR_CALL) {
        return class_ops_call_writes(s->ops, calls_at(s->flows->calls, fn, op), class);
    }
    const struct class_op *used = o->kind == IR_READ ? NULL : class_ops_at(s->ops, fn, op);
    return used != NULL && path_eq(used->class, class);
}

/* Does an op behind side `side` of the branch change such a variable, in a way that ends `demand`
 * (NULL: in any way)? */
static bool changes_behind(struct search *s, fn_id fn, uint32_t branch, uint32_t side,
                           path_id class, const struct demand *demand)
{
    const struct ir_fn *ir = ir_of(s, fn);
    const struct cfg *cfg = s->flows->linked->fns.v[fn.i].cfg;
    uint32_t head = ir->succs.v[ir->blocks.v[branch].first_succ + side].block.i;
    bool *seen = mem_array(NULL, bool, cfg->n + 1);
    bool changes = false;

    cfg_reach(cfg, head, branch, seen);
    seen[head] = true;
    for (uint32_t i = 0; i < ir->ops.n && !changes; i++) {
        changes = seen[cfg_block_of(cfg, (op_id){i})] && op_changes(s, fn, (op_id){i}, class) &&
                  (demand == NULL || change_ends(change_of(s->flows, fn, (op_id){i}), *demand));
    }
    talloc_free(seen);
    return changes;
}

/* Has the function always counted before it looks (`n++; if (n < MAX) start();`)? Then what it
 * found has its own change in it. */
static bool changes_before(struct search *s, fn_id fn, op_id read)
{
    const struct ir_fn *ir = ir_of(s, fn);

    for (uint32_t i = 0; i < ir->ops.n; i++) {
        if (i != read.i && cfg_op_before(s->flows->linked->fns.v[fn.i].cfg, (op_id){i}, read) &&
            op_changes(s, fn, (op_id){i}, s->class)) {
            return true;
        }
    }
    return false;
}

/* Does the other side of the branch end the process? Then it is a claim, not a decision. */
static bool is_assertion(const struct search *s, fn_id fn, uint32_t branch, uint32_t side)
{
    const struct ir_fn *ir = ir_of(s, fn);
    const struct ir_block *block = &ir->blocks.v[branch];

    for (uint32_t e = 0; e < block->n_succs; e++) {
        const struct ir_block *to = &ir->blocks.v[ir->succs.v[block->first_succ + e].block.i];
        if (e != side && to->n_ops > 0 &&
            doom_at(s->requests->contexts->doom, fn, (op_id){to->first_op + to->n_ops - 1})) {
            return true;
        }
    }
    return false;
}

/* Does the object outlive the turn: does `fn` get it from what the callback is handed, or from a
 * variable of the program, and not from a caller's own variables? */
static bool outlives(const struct search *s, const struct loop_turn *turn, fn_id fn, path_id path)
{
    struct paths *paths = s->flows->paths;
    path_id pointees[MAX_PARAMS];

    path = calls_sharpen(s->flows->calls, paths, fn, path);
    while (turn->reach[fn.i].caller.i != UINT32_MAX && !path_is_none(path) &&
           !path_is_global(paths, path)) {
        const struct turn_reach *reach = &turn->reach[fn.i];
        const struct call *call = calls_at(s->flows->calls, reach->caller, reach->call);
        if (call->model != NULL) {
            return true;
        }
        size_t n = flow_pointees(s->flows, call, pointees);
        path = flow_substitute(s->flows, call, path, pointees, n);
        fn = reach->caller;
        path = path_is_none(path) ? path : calls_sharpen(s->flows->calls, paths, fn, path);
    }
    return !path_is_none(path) && path_get(paths, path_root_of(paths, path))->kind != ROOT_LOCAL;
}

/* Does one of the functions by which the turn came to `fn` change the variable itself? It may well
 * be the one that takes what it has asked for. */
static bool callers_change(struct search *s, const struct loop_turn *turn, fn_id fn)
{
    for (fn = turn->reach[fn.i].caller; fn.i != UINT32_MAX; fn = turn->reach[fn.i].caller) {
        const struct class_op_list *list = class_ops_of(s->ops, fn);
        for (size_t i = 0; i < list->n; i++) {
            if (path_eq(list->v[i].class, s->class) &&
                ir_of(s, fn)->ops.v[list->v[i].op.i].kind != IR_READ) {
                return true;
            }
        }
    }
    return false;
}

/* Is there a flag that is tested and set before the start (`if (!busy) { busy = 1; start(); }`)?
 * Then no second request is started while this one is under way. */
static bool starts_alone(struct search *s, fn_id fn, op_id start)
{
    const struct ir_fn *ir = ir_of(s, fn);
    const struct cfg *cfg = s->flows->linked->fns.v[fn.i].cfg;

    for (uint32_t b = 0; b < ir->blocks.n; b++) {
        uint32_t side = ir->blocks.v[b].term == IR_BRANCH
                            ? cfg_side_of(cfg, b, cfg_block_of(cfg, start))
                            : ID_NONE;
        if (side == ID_NONE) {
            continue;
        }
        const struct op_list *ops = class_ops_depends(s->ops, fn, b);
        for (size_t i = 0; i < ops->n; i++) {
            const struct class_op *used = class_ops_at(s->ops, fn, ops->v[i]);
            struct demand demand = demand_of(s->flows, fn, b, side, ops->v[i]);
            if (used != NULL && demand.kind == DEMAND_IS &&
                changes_behind(s, fn, b, side, used->class, &demand)) {
                return true;
            }
        }
    }
    return false;
}

/* ---- the turn that acts, and the one in between ---------------------------------------------- */

/* Can both be callbacks of one loop? */
static bool share_loop(const struct loop_turn *a, const struct loop_turn *b)
{
    return a->known == NULL || b->known == NULL || (a->known->loops & b->known->loops) != 0;
}

/* Fills in the turn's first change that ends what was demanded. */
static bool finds_rival_in(struct search *s, const struct loop_turn *turn)
{
    for (size_t f = 0; f < turn->fns.n; f++) {
        fn_id fn = turn->fns.v[f];
        const struct class_op_list *list = class_ops_of(s->ops, fn);
        for (size_t i = 0; i < list->n; i++) {
            op_id op = list->v[i].op;
            bool act = fn.i == s->found.act_fn.i && op.i == s->found.act.i;
            if (!path_eq(list->v[i].class, s->class) || (act && s->alone) ||
                !change_ends(change_of(s->flows, fn, op), s->demand) ||
                !outlives(s, turn, fn, list->v[i].path)) {
                continue;
            }
            s->found.rival = turn->callback;
            s->found.rival_fn = fn;
            s->found.rival_op = op;
            s->found.again = act;
            return true;
        }
    }
    return false;
}

/* Another callback's turn, best one that has nothing to do with the request; else the same again.
 */
static bool finds_rival(struct search *s)
{
    fn_id answer = s->found.hops[s->found.n_hops - 1]->callback;
    const struct loop_turn *mine = turn_of(s, s->found.starter);

    for (size_t t = 0; t < s->requests->turns.n; t++) {
        const struct loop_turn *turn = &s->requests->turns.v[t];
        if (turn->callback.i != answer.i && share_loop(mine, turn) &&
            requests_can_mix(s->requests, s->found.starter, answer, turn->callback) &&
            finds_rival_in(s, turn)) {
            return true;
        }
    }
    return requests_can_mix(s->requests, s->found.starter, answer, answer) &&
           finds_rival_in(s, turn_of(s, answer));
}

/* Has the turn looked again before it comes to the act? */
static bool tests_again(struct search *s, const struct loop_turn *turn, fn_id fn, op_id op)
{
    if (class_ops_tested_before(s->ops, fn, op, s->class)) {
        return true;
    }
    while (turn->reach[fn.i].caller.i != UINT32_MAX) {
        op = turn->reach[fn.i].call;
        fn = turn->reach[fn.i].caller;
        if (class_ops_tested_before(s->ops, fn, op, s->class)) {
            return true;
        }
    }
    return false;
}

static void add(struct search *s)
{
    for (size_t i = 0; i < s->out->v.n; i++) {
        const struct late_act *known = &s->out->v.v[i];
        if (known->act_fn.i == s->found.act_fn.i && known->act.i == s->found.act.i) {
            return;
        }
    }
    vec_push(s->out, &s->out->v, s->found);
}

static void search_acts(struct search *s, const struct loop_turn *turn)
{
    for (size_t f = 0; f < turn->fns.n; f++) {
        fn_id fn = turn->fns.v[f];
        const struct class_op_list *list = class_ops_of(s->ops, fn);
        for (size_t i = 0; i < list->n && turn->reach[fn.i].depth <= MAX_ACT_DEPTH; i++) {
            op_id op = list->v[i].op;
            if (!path_eq(list->v[i].class, s->class) ||
                !change_relies_on(change_of(s->flows, fn, op), s->demand, s->pointer) ||
                tests_again(s, turn, fn, op) || !outlives(s, turn, fn, list->v[i].path)) {
                continue;
            }
            s->found.act_fn = fn;
            s->found.act = op;
            if (finds_rival(s)) {
                add(s);
            }
        }
    }
}

static void follow_chain(struct search *s, const struct request *request)
{
    const struct loop_turn *turn = turn_of(s, request->callback);
    bool writes = false;

    s->found.hops[s->found.n_hops++] = request;
    search_acts(s, turn);
    for (size_t f = 0; f < turn->fns.n; f++) {
        writes = writes || class_ops_writes(s->ops, turn->fns.v[f], s->class);
    }
    for (size_t f = 0; f < turn->fns.n && !writes && s->found.n_hops < MAX_HOPS; f++) {
        const struct starts *starts = &s->starts[turn->fns.v[f].i];
        for (size_t i = 0; i < starts->v.n; i++) {
            const struct request *next = starts->v.v[i].request;
            if (next->call->fn.i == turn->fns.v[f].i &&
                !tests_again(s, turn, turn->fns.v[f], starts->v.v[i].op)) {
                follow_chain(s, next);
            }
        }
    }
    s->found.n_hops--;
}

/* ---- tests ----------------------------------------------------------------------------------- */

static bool is_pointer(const struct search *s, path_id path)
{
    const struct path_node *node = path_get(s->flows->paths, path);
    const char *type = node->kind == STEP_FIELD ? s->flows->linked->fields.v[node->a].type
                       : node->kind == ROOT_VAR ? s->flows->linked->syms.v[node->a].ir->type
                                                : NULL;

    for (; type != NULL && *type != '\0'; type++) {
        if (*type == '*') {
            return true;
        }
    }
    return false;
}

/* One read that the branch depends on, and one request that is started on one side of it. */
static void search_test(struct search *s, fn_id fn, uint32_t b, op_id read,
                        const struct start *start)
{
    uint32_t side = cfg_side_of(s->flows->linked->fns.v[fn.i].cfg, b,
                                cfg_block_of(s->flows->linked->fns.v[fn.i].cfg, start->op));
    const struct class_op *used = side == ID_NONE || ir_of(s, fn)->ops.v[read.i].kind != IR_READ
                                      ? NULL
                                      : class_ops_at(s->ops, fn, read);

    if (used == NULL) {
        return;
    }
    s->class = used->class;
    s->demand = demand_of(s->flows, fn, b, side, read);
    if (s->demand.kind == DEMAND_NONE || is_assertion(s, fn, b, side) ||
        changes_behind(s, fn, b, side, s->class, NULL) || changes_before(s, fn, read)) {
        return;
    }
    s->pointer = is_pointer(s, used->path);
    s->alone = starts_alone(s, fn, start->op);
    for (size_t t = 0; t < s->requests->turns.n; t++) {
        const struct loop_turn *turn = &s->requests->turns.v[t];
        if (turn->reach[fn.i].yes && !callers_change(s, turn, fn) &&
            outlives(s, turn, fn, used->path)) {
            s->found = (struct late_act){.path = used->path,
                                         .starter = turn->callback,
                                         .fn = fn,
                                         .read = read,
                                         .branch = b,
                                         .start = start->op};
            follow_chain(s, start->request);
        }
    }
}

static void search_fn(struct search *s, fn_id fn)
{
    const struct ir_fn *ir = ir_of(s, fn);

    for (uint32_t b = 0; b < ir->blocks.n; b++) {
        if (ir->blocks.v[b].term != IR_BRANCH) {
            continue;
        }
        const struct op_list *ops = class_ops_depends(s->ops, fn, b);
        for (size_t i = 0; i < ops->n; i++) {
            for (size_t k = 0; k < s->starts[fn.i].v.n; k++) {
                search_test(s, fn, b, ops->v[i], &s->starts[fn.i].v.v[k]);
            }
        }
    }
}

static int by_act(const void *a, const void *b)
{
    const struct late_act *x = a;
    const struct late_act *y = b;

    if (x->act_fn.i != y->act_fn.i) {
        return x->act_fn.i < y->act_fn.i ? -1 : 1;
    }
    return x->act.i < y->act.i ? -1 : x->act.i > y->act.i;
}

struct late_acts *late_acts_find(void *owner, struct class_ops *ops,
                                 const struct requests *requests)
{
    struct late_acts *out = mem_new(owner, struct late_acts);
    struct search s = {
        .out = out, .ops = ops, .requests = requests, .flows = requests->contexts->flows};

    find_starts(&s);
    for (uint32_t f = 0; f < s.flows->linked->fns.n; f++) {
        if (s.starts[f].v.n > 0 && requests_in_turn(requests, (fn_id){f})) {
            search_fn(&s, (fn_id){f});
        }
    }
    if (out->v.n > 0) {
        qsort(out->v.v, out->v.n, sizeof *out->v.v, by_act);
    }
    return out;
}
