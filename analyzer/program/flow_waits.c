#include "program/flow_pass.h"

#include <string.h>

enum { MAX_WANTS = 48 }; /* locks that a function is known to wait for, of its caller's */

/* ---- which locks can be told from others ----------------------------------------------------- */

bool flow_is_one_lock(const struct paths *paths, path_id lock)
{
    for (; !path_is_none(lock); lock = path_get(paths, lock)->parent) {
        const struct path_node *node = path_get(paths, lock);
        if (node->kind == ROOT_OBJECT || (node->kind == STEP_INDEX && node->a == PATH_INDEX_ANY)) {
            return false;
        }
        if (path_is_none(node->parent)) {
            return true;
        }
    }
    return false;
}

bool flow_is_callers(const struct paths *paths, path_id lock)
{
    enum path_kind kind = path_get(paths, path_root_of(paths, lock))->kind;

    return kind == ROOT_VAR || kind == ROOT_PARAM || kind == ROOT_NAMED;
}

bool flow_lock_in_memory(const struct paths *paths, path_id lock)
{
    for (; !path_is_none(lock); lock = path_get(paths, lock)->parent) {
        const struct path_node *node = path_get(paths, lock);
        if (node->kind == STEP_DEREF) {
            const struct path_node *pointer = path_get(paths, node->parent);
            if (!path_is_none(pointer->parent) || pointer->kind == ROOT_VAR) {
                return true;
            }
        }
    }
    return false;
}

/* ---- noting ---------------------------------------------------------------------------------- */

/* Does every way through the function that comes back pass the op? */
static bool is_unavoidable(const struct pass *pass, op_id op)
{
    const struct cfg *cfg = pass->body->cfg;
    uint32_t block = cfg_block_of(cfg, op);
    bool *seen = mem_array(NULL, bool, cfg->n + 1);
    bool avoided = false;

    if (block != 0) {
        cfg_reach(cfg, 0, block, seen);
        for (uint32_t b = 0; b < cfg->n; b++) {
            avoided =
                avoided || ((seen[b] || b == 0) && pass->body->ir->blocks.v[b].term == IR_RETURN);
        }
    }
    talloc_free(seen);
    return !avoided;
}

static struct want *find_want(const struct fn_flow *flow, const struct want *want)
{
    for (size_t i = 0; i < flow->wants.n; i++) {
        struct want *known = flow->wants.v[i];
        if (path_eq(known->lock, want->lock) && known->mode == want->mode) {
            return known;
        }
    }
    return NULL;
}

static void add_test(struct want *want, struct fact test)
{
    for (uint32_t i = 0; i < want->n_tests; i++) {
        if (fact_is(&want->tests[i], &test)) {
            return;
        }
    }
    if (want->n_tests < MAX_WHEN) {
        want->tests[want->n_tests++] = test;
    }
}

/* What the way to the wait has been told of variables that others know, too. */
static void add_tests(const struct pass *pass, const struct state *state, struct want *want)
{
    for (uint32_t i = 0; i < state->n_facts; i++) {
        struct fact test = state->facts[i];
        if (test.about == FACT_PATH) {
            test.id = path_class(pass->flows->paths, (path_id){test.id}).i;
            add_test(want, test);
        }
    }
}

/* The constant that the last write before `op` on every way gives to variables of this class. */
static bool last_written(const struct pass *pass, op_id op, path_id class, int64_t *ret_value)
{
    const struct ir_fn *ir = pass->body->ir;
    const struct cfg *cfg = pass->body->cfg;
    bool known = false;

    for (uint32_t i = 0; i < op.i; i++) {
        const struct ir_op *write = &ir->ops.v[i];
        if (write->kind != IR_WRITE || write->u.access.value.i == ID_NONE ||
            !cfg_dominates(cfg, cfg_block_of(cfg, (op_id){i}), cfg_block_of(cfg, op)) ||
            !path_eq(path_class(pass->flows->paths,
                                resolve_place(pass->out->resolver, write->u.access.place)),
                     class)) {
            continue;
        }
        const struct ir_value *value = &ir->values.v[write->u.access.value.i];
        known = value->kind == IR_VALUE_INT;
        *ret_value = known ? value->u.number : 0;
    }
    return known;
}

/* Has this function set a flag that the way to the wait finds unset: `in_callback = true`? */
static bool is_ruled_out(const struct pass *pass, const struct want *want)
{
    for (uint32_t i = 0; want->inner != NULL && i < want->inner->n_tests; i++) {
        const struct fact *test = &want->inner->tests[i];
        int64_t value;
        if (last_written(pass, want->op, (path_id){test->id}, &value) && fact_denies(test, value)) {
            return true;
        }
    }
    return false;
}

/* The caller of this function may hold the lock as well. */
static void add_want(struct pass *pass, const struct state *state, struct want want)
{
    struct fn_flow *out = pass->out;

    want.n_when = pass_conditions(pass, state, want.when);
    add_tests(pass, state, &want);
    want.sure = want.sure && is_unavoidable(pass, want.op);
    struct want *known = find_want(out, &want);
    if (known == NULL && out->wants.n < MAX_WANTS) {
        struct want *kept = mem_new(pass->flows, struct want);
        *kept = want;
        vec_push(pass->flows, &out->wants, kept);
    } else if (known != NULL && known->op.i == want.op.i) {
        pass_meet_conditions(known->when, &known->n_when, want.when, want.n_when);
        pass_meet_conditions(known->tests, &known->n_tests, want.tests, want.n_tests);
    } else if (known != NULL && want.n_when == 0 && known->n_when > 0) {
        *known = want; /* one that asks for less */
    }
}

static bool are_readers(enum token_mode a, enum token_mode b)
{
    return a == TOKEN_SHARED && b == TOKEN_SHARED;
}

/* Notes that `want` is waited for in all these states. */
static void note(struct pass *pass, const struct state_list *states, const struct call *call,
                 const struct want *want)
{
    struct relock relock = {.want = *want, .n_states = states->n, .merged = states->merged};

    for (uint32_t s = 0; s < states->n; s++) {
        const struct state *state = &states->v[s];
        const struct token *token = lockset_find(state->held, want->lock);
        if (want->inner != NULL &&
            !pass_can_be(pass, state, call, want->inner->when, want->inner->n_when)) {
            relock.n_states--;
        } else if (token != NULL) {
            relock.token = *token;
            relock.n_with += are_readers(token->mode, want->mode) ? 0 : 1;
        } else if (lockset_find(state->gone, want->lock) == NULL &&
                   flow_is_callers(pass->flows->paths, want->lock)) {
            add_want(pass, state, *want);
        }
    }
    if (relock.n_with > 0) {
        vec_push(pass->flows, &pass->out->relocks, relock);
    }
}

static bool can_wait_for_ever(const struct model_fn *model)
{
    bool kind = model->kind == LOCK_MUTEX || model->kind == LOCK_RWLOCK || model->kind == LOCK_SPIN;

    return model->acquire > 0 && kind && !model->is_try && !model->timed && !model->recursive;
}

/* Can what the callee does before it takes the lock have put another lock in its place? */
static bool may_be_replaced(struct pass *pass, fn_id callee, path_id lock)
{
    struct paths *paths = pass->flows->paths;

    for (; !path_is_none(lock); lock = path_get(paths, lock)->parent) {
        const struct path_node *node = path_get(paths, lock);
        if (node->kind == STEP_DEREF &&
            pass_callee_writes(pass, callee, path_class(paths, node->parent))) {
            return true;
        }
    }
    return false;
}

static void note_callee(struct pass *pass, const struct state_list *states, const struct call *call,
                        fn_id callee)
{
    const struct fn_flow *flow = &pass->flows->v[callee.i];
    path_id pointees[MAX_PARAMS];
    size_t n = flow->wants.n > 0 ? flow_pointees(pass->flows, call, pointees) : 0;

    for (size_t i = 0; i < flow->wants.n && callee.i != pass->fn.i; i++) {
        const struct want *inner = flow->wants.v[i];
        struct want want = {.op = call->op,
                            .lock = flow_substitute(pass->flows, call, inner->lock, pointees, n),
                            .mode = inner->mode,
                            .sure = inner->sure,
                            .inner = inner,
                            .inner_fn = callee};
        memcpy(want.tests, inner->tests, sizeof want.tests);
        want.n_tests = inner->n_tests;
        if (flow_is_one_lock(pass->flows->paths, want.lock) &&
            !may_be_replaced(pass, callee, want.lock) && !is_ruled_out(pass, &want)) {
            note(pass, states, call, &want);
        }
    }
}

void pass_note_waits(struct pass *pass, const struct state_list *states, const struct call *call)
{
    const struct model_fn *model = call->model;

    if (model != NULL && can_wait_for_ever(model)) {
        struct want want = {.op = call->op,
                            .lock = flow_arg_path(pass->flows, call, model->acquire),
                            .mode = model->shared ? TOKEN_SHARED : TOKEN_EXCLUSIVE,
                            .sure = true,
                            .inner_fn = FN_NONE};
        if (flow_is_one_lock(pass->flows->paths, want.lock)) {
            note(pass, states, call, &want);
        }
    }
    for (size_t i = 0; i < call->callees.n && (!call->indirect || call->callees.n == 1); i++) {
        note_callee(pass, states, call, call->callees.v[i]);
    }
}

/* Is the lock held on some of the ways through the function only, behind the call that takes it?
 * Then a condition decides about it that can also know of a holder. */
static bool is_taken_by_choice(const struct pass *pass, path_id lock)
{
    const struct fn_flow *out = pass->out;
    size_t with = 0;

    for (size_t i = 0; i < out->helds.n; i++) {
        if (lockset_find(out->helds.v[i].may, lock) != NULL &&
            lockset_find(out->helds.v[i].must, lock) == NULL) {
            return true;
        }
    }
    for (size_t i = 0; i < out->outcomes.n; i++) {
        with += lockset_find(out->outcomes.v[i].held, lock) != NULL ? 1 : 0;
    }
    return with > 0 && with < out->outcomes.n;
}

void pass_finish_waits(struct pass *pass)
{
    for (size_t i = 0; i < pass->out->wants.n; i++) {
        struct want *want = pass->out->wants.v[i];
        want->by_choice =
            want->inner != NULL ? want->inner->by_choice : is_taken_by_choice(pass, want->lock);
    }
    for (size_t i = 0; i < pass->out->relocks.n; i++) {
        struct want *want = &pass->out->relocks.v[i].want;
        want->by_choice = want->inner != NULL && want->inner->by_choice;
    }
}
