#include "program/blocking.h"

#include "program/host_constants.h"

enum { MOST_FOR_A_WAKE_UP = 16 }; /* bytes */

/* Does the model's condition on an argument hold? */
static enum {
    HOLDS,
    FAILS,
    MAYBE
} test_argument(const struct contexts *contexts, const struct call *call)
{
    const struct model_fn *model = call->model;
    const struct linked *linked = contexts->flows->linked;
    value_id value = call_arg(linked, call, model->blocks_test_arg);
    int64_t number;

    if (model->blocks_test == TEST_NONE) {
        return HOLDS;
    }
    if (value.i == ID_NONE || !host_constant(model->blocks_test_value, &number)) {
        return MAYBE;
    }
    const struct ir_value *v = &linked->fns.v[call->fn.i].ir->values.v[value.i];
    bool not_null = v->kind == IR_VALUE_FN || v->kind == IR_VALUE_ADDR;
    if (v->kind != IR_VALUE_INT && !(not_null && number == 0)) {
        return model->blocks_test == TEST_ABOVE ? HOLDS : MAYBE;
    }
    int64_t given = not_null ? 1 : v->u.number;
    bool holds = true;
    switch (model->blocks_test) {
    case TEST_IS:
        holds = given == number;
        break;
    case TEST_IS_NOT:
        holds = given != number;
        break;
    case TEST_HAS:
        holds = (given & number) != 0;
        break;
    case TEST_LACKS:
        holds = (given & number) == 0;
        break;
    case TEST_ABOVE:
        holds = given > number;
        break;
    case TEST_NONE:
        break;
    }
    return holds ? HOLDS : FAILS;
}

/* A byte or a few, to wake somebody up, seldom fill a pipe. */
static bool writes_little(const struct contexts *contexts, const struct call *call)
{
    const struct linked *linked = contexts->flows->linked;
    value_id size = call_arg(linked, call, call->model->writes);
    const struct ir_value *v =
        size.i == ID_NONE ? NULL : &linked->fns.v[call->fn.i].ir->values.v[size.i];

    return v != NULL && v->kind == IR_VALUE_INT && v->u.number <= MOST_FOR_A_WAKE_UP;
}

/* What a call on a descriptor or stream that blocks waits for. */
static enum blocks_what by_kind(const struct contexts *contexts, const struct call *call,
                                struct fd_answer fd, bool *sure)
{
    const struct model_fn *model = call->model;
    bool writes = model->writes != ARG_NONE;
    bool stream = model->stream != ARG_NONE;

    switch (fd.kind) {
    case FD_MEMORY:
        return BLOCKS_NOTHING;
    case FD_FILE:
        return stream ? model->blocks : BLOCKS_FILE;
    case FD_STANDARD:
        *sure = *sure && !fd.watched;
        return writes ? BLOCKS_TTY : stream ? model->blocks : BLOCKS_FD;
    case FD_PROCESS:
        return writes ? model->blocks : BLOCKS_PROC;
    case FD_DATAGRAM:
        *sure = *sure && !fd.watched;
        return writes ? BLOCKS_NOTHING : model->blocks;
    case FD_EVENT:
        *sure = *sure && !fd.watched && !writes;
        return model->blocks;
    case FD_PIPE:
    case FD_SOCKET:
    case FD_UNKNOWN:
        *sure = *sure && (writes ? !writes_little(contexts, call) : !fd.watched);
        return stream && !writes ? BLOCKS_FD : model->blocks;
    }
    return model->blocks;
}

/* What a call that can wait waits for, going by its descriptor or stream. */
static enum blocks_what by_descriptor(const struct contexts *contexts, const struct call *call,
                                      bool *sure)
{
    const struct model_fn *model = call->model;
    bool stream = model->blocks_fd == ARG_NONE;

    if (stream && model->stream == ARG_NONE) {
        return model->blocks;
    }
    struct fd_answer fd =
        descriptors_ask(contexts->descriptors, call, stream ? model->stream : model->blocks_fd);
    switch (fd.state) {
    case FD_NEVER_BLOCKS:
        return BLOCKS_NOTHING;
    case FD_BLOCKS:
        return by_kind(contexts, call, fd, sure);
    case FD_MAY_BLOCK:
        break;
    }
    *sure = *sure && stream;
    return model->blocks;
}

/* The function called, if its attributes say whether it waits; NULL: they don't. */
static const struct prog_sym *claim_of(const struct contexts *contexts, const struct call *call)
{
    const struct linked *linked = contexts->flows->linked;
    const struct prog_fn *fn = &linked->fns.v[call->fn.i];
    const struct ir_value *callee = &fn->ir->values.v[fn->ir->ops.v[call->op.i].u.call.callee.i];

    if (callee->kind != IR_VALUE_FN) {
        return NULL;
    }
    const struct prog_sym *sym = &linked->syms.v[linked_sym(linked, fn, callee->u.sym.i)];
    return sym->claims_nonblocking || sym->claims_blocking ? sym : NULL;
}

enum blocks_what blocking_what(const struct contexts *contexts, const struct call *call,
                               bool *ret_sure)
{
    const struct prog_sym *claim = claim_of(contexts, call);

    if (claim != NULL && !(call->model != NULL && call->model->overrides_body)) {
        *ret_sure = true;
        return claim->claims_blocking ? BLOCKS_ANY : BLOCKS_NOTHING;
    }
    if (call->model == NULL || call->model->blocks == BLOCKS_NOTHING) {
        return BLOCKS_NOTHING;
    }
    switch (test_argument(contexts, call)) {
    case FAILS:
        return BLOCKS_NOTHING;
    case MAYBE:
        *ret_sure = false;
        break;
    case HOLDS:
        *ret_sure = call->model->blocks_surely;
        break;
    }
    return by_descriptor(contexts, call, ret_sure);
}

/* ---- the walk -------------------------------------------------------------------------------- */

struct walk {
    const struct contexts *contexts;
    struct callback_blocking *out;
    uint64_t programs; /* bit i: the callback is in the i-th main's program; 0: not known */
    VEC(uint32_t) queue;
};

static uint64_t programs_of(const struct contexts *contexts, fn_id fn)
{
    const struct linked *linked = contexts->flows->linked;

    return linked->programs[linked->fns.v[fn.i].unit_index];
}

/* Can the function be in one program with the callback? */
static bool is_linked(const struct walk *walk, fn_id fn)
{
    uint64_t theirs = programs_of(walk->contexts, fn);

    return theirs == 0 || walk->programs == 0 || (theirs & walk->programs) != 0;
}

static void visit(struct walk *walk, fn_id fn, fn_id caller, op_id call, uint32_t depth)
{
    struct callback_reach *reach = &walk->out->reach[fn.i];

    if (!reach->yes && is_linked(walk, fn)) {
        *reach = (struct callback_reach){true, caller, call, depth};
        vec_push(walk->out, &walk->queue, fn.i);
    }
}

static void look_at(struct walk *walk, const struct call *call, uint32_t depth)
{
    const struct flows *flows = walk->contexts->flows;
    bool sure = false;
    enum blocks_what what = blocking_what(walk->contexts, call, &sure);

    if (flow_held_at(flows, call->fn, call->op) == NULL ||
        (call->model != NULL && call->model->runs_loop != ARG_NONE) ||
        own_loops_call_handler(walk->contexts->own_loops, call)) {
        return;
    }
    if ((what != BLOCKS_NOTHING || call->callees.n > 0) &&
        (doom_at(walk->contexts->doom, call->fn, call->op) ||
         !loop_time_at(walk->contexts->loop_time, call->fn, call->op))) {
        return;
    }
    if (what != BLOCKS_NOTHING) {
        vec_push(walk->out, &walk->out->calls, (struct blocking_call){call, what, sure, depth});
    }
    for (size_t i = 0; i < call->callees.n && claim_of(walk->contexts, call) == NULL; i++) {
        visit(walk, call->callees.v[i], call->fn, call->op, depth + 1);
    }
}

/* Does any way that the walk has found lead to the call, given the constants that are handed over
 * on it? `if (wait) pthread_join(...)` in a function that callbacks call with `wait` false is no
 * wait. */
static bool is_come_to(const struct walk *walk, const struct blocking_call *blocked)
{
    const struct flows *flows = walk->contexts->flows;
    fn_id fn = blocked->call->fn;
    const struct need *need = flow_need_of(flows, fn, blocked->call->op);

    if (need == NULL || walk->out->reach[fn.i].caller.i == UINT32_MAX) {
        return true;
    }
    for (size_t q = 0; q < walk->queue.n; q++) {
        uint32_t caller = walk->queue.v[q];
        for (uint32_t i = flows->calls->first[caller]; i < flows->calls->first[caller + 1]; i++) {
            const struct call *call = &flows->calls->v.v[i];
            for (size_t c = 0; c < call->callees.n; c++) {
                if (call->callees.v[c].i == fn.i && flow_can_meet(flows, call, need)) {
                    return true;
                }
            }
        }
    }
    return false;
}

static void drop_impossible(struct walk *walk)
{
    struct callback_blocking *out = walk->out;
    size_t kept = 0;

    for (size_t i = 0; i < out->calls.n; i++) {
        if (is_come_to(walk, &out->calls.v[i])) {
            out->calls.v[kept++] = out->calls.v[i];
        }
    }
    out->calls.n = kept;
}

struct callback_blocking *blocking_of(void *owner, const struct contexts *contexts,
                                      const struct callback *callback)
{
    struct callback_blocking *out = mem_new(owner, struct callback_blocking);
    const struct calls *calls = contexts->flows->calls;
    struct walk walk = {
        .contexts = contexts, .out = out, .programs = programs_of(contexts, callback->fn)};

    out->reach = mem_array(out, struct callback_reach, contexts->flows->linked->fns.n + 1);
    visit(&walk, callback->fn, FN_NONE, (op_id){ID_NONE}, 0);
    for (size_t next = 0; next < walk.queue.n; next++) {
        uint32_t fn = walk.queue.v[next];
        for (uint32_t i = calls->first[fn]; i < calls->first[fn + 1]; i++) {
            look_at(&walk, &calls->v.v[i], out->reach[fn].depth);
        }
    }
    drop_impossible(&walk);
    return out;
}
