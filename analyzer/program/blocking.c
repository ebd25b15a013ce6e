#include "program/blocking.h"

#include "program/host_constants.h"
#include "program/told_by_member.h"

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

/* Calls that the walk has come by. */
struct ways_in {
    VEC(const struct call *) v;
    bool waiting; /* a call of the function waits for one that hands over other arguments */
};

struct walk {
    const struct contexts *contexts;
    struct callback_blocking *out;
    uint64_t programs;    /* bit i: the callback is in the i-th main's program; 0: not known */
    struct ways_in *ways; /* by fn */
    bool *looked_at;      /* by call */
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

static void visit(struct walk *walk, fn_id fn, fn_id caller, const struct call *call,
                  uint32_t depth)
{
    struct callback_reach *reach = &walk->out->reach[fn.i];
    struct ways_in *ways = &walk->ways[fn.i];
    bool again = reach->yes && ways->waiting;

    if (!is_linked(walk, fn)) {
        return;
    }
    if (call != NULL) {
        vec_push(walk->ways, &ways->v, call);
    }
    if (!reach->yes) {
        *reach = (struct callback_reach){true, caller, call == NULL ? (op_id){ID_NONE} : call->op,
                                         depth};
    }
    if (again || ways->v.n <= 1) {
        ways->waiting = false;
        vec_push(walk->out, &walk->queue, fn.i);
    }
}

/* Can the call hand over arguments of which that holds? The address of something is not NULL. */
static bool can_meet(const struct flows *flows, const struct call *call, const struct need *need)
{
    const struct ir_fn *ir = flows->linked->fns.v[call->fn.i].ir;

    for (uint32_t i = 0; i < need->n_when; i++) {
        value_id value = call_arg(flows->linked, call, (int)need->when[i].id + 1);
        const struct ir_value *v = value.i == ID_NONE ? NULL : &ir->values.v[value.i];
        bool address = v != NULL && (v->kind == IR_VALUE_FN || v->kind == IR_VALUE_ADDR ||
                                     v->kind == IR_VALUE_STRING);
        if (address && need->when[i].equal && need->when[i].value == 0 && need->when[i].mask == 0) {
            return false;
        }
    }
    return flow_can_meet(flows, call, need);
}

/* Does any way that the walk has found lead to the call, given the constants that are handed over
 * on it, or stored for it? `if (wait) pthread_join(...)` in a function that callbacks call with
 * `wait` false is no wait. */
static bool is_come_to(const struct walk *walk, const struct call *call)
{
    const struct flows *flows = walk->contexts->flows;
    const struct need *need = flow_need_of(flows, call->fn, call->op);
    const struct ways_in *ways = &walk->ways[call->fn.i];
    bool come = walk->out->reach[call->fn.i].caller.i == UINT32_MAX;

    for (size_t i = 0; i < ways->v.n && !come; i++) {
        come = (need == NULL || can_meet(flows, ways->v.v[i], need)) &&
               !told_by_member(flows, ways->v.v[i], call->fn, call->op);
    }
    return come;
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
        visit(walk, call->callees.v[i], call->fn, call, depth + 1);
    }
}

/* Looks at the calls of a function that the ways in found so far lead to, and at each once. */
static void look_into(struct walk *walk, fn_id fn)
{
    const struct calls *calls = walk->contexts->flows->calls;

    for (uint32_t i = calls->first[fn.i]; i < calls->first[fn.i + 1]; i++) {
        if (walk->looked_at[i]) {
            continue;
        }
        walk->looked_at[i] = is_come_to(walk, &calls->v.v[i]);
        if (walk->looked_at[i]) {
            look_at(walk, &calls->v.v[i], walk->out->reach[fn.i].depth);
        } else {
            walk->ways[fn.i].waiting = true;
        }
    }
}

struct callback_blocking *blocking_of(void *owner, const struct contexts *contexts,
                                      const struct callback *callback)
{
    struct callback_blocking *out = mem_new(owner, struct callback_blocking);
    const struct flows *flows = contexts->flows;
    struct walk walk = {.contexts = contexts,
                        .out = out,
                        .programs = programs_of(contexts, callback->fn),
                        .ways = mem_array(NULL, struct ways_in, flows->linked->fns.n + 1)};

    walk.looked_at = mem_array(walk.ways, bool, flows->calls->v.n + 1);
    out->reach = mem_array(out, struct callback_reach, flows->linked->fns.n + 1);
    visit(&walk, callback->fn, FN_NONE, NULL, 0);
    for (size_t next = 0; next < walk.queue.n; next++) {
        look_into(&walk, (fn_id){walk.queue.v[next]});
    }
    talloc_free(walk.ways);
    return out;
}
