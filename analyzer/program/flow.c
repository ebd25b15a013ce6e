#include "program/flow_pass.h"

#include "base/log.h"
#include "program/flow_answer.h"
#include "program/resolve.h"

#include <string.h>

enum { MAX_ROUNDS = 4000 };

/* A function that takes or gives back more locks of its caller than this has not been understood (a
 * recursion, a pointer that may mean anything): it is taken for one that does neither. */
enum { MAX_EFFECTS = 8 };

/* ---- arguments ------------------------------------------------------------------------------- */

static path_id find_place(const struct flows *flows, fn_id fn, place_id place)
{
    path_id path = resolve_place(flows->v[fn.i].resolver, place);

    return calls_sharpen(flows->calls, flows->paths, fn, path);
}

#define NOT_ASKED (UINT32_MAX - 1)

path_id flow_place(const struct flows *flows, fn_id fn, place_id place)
{
    struct fn_flow *flow = &flows->v[fn.i];
    size_t n = flows->linked->fns.v[fn.i].ir->places.n;

    if (flows->pointees == NULL) { /* what calls return is not known of all */
        return find_place(flows, fn, place);
    }
    if (flow->places == NULL) {
        flow->places = mem_array(flows->v, path_id, n);
        for (size_t i = 0; i < n; i++) {
            flow->places[i].i = NOT_ASKED;
        }
    }
    if (flow->places[place.i].i == NOT_ASKED) {
        flow->places[place.i] = find_place(flows, fn, place);
    }
    return flow->places[place.i];
}

static path_id pointee(const struct flows *flows, fn_id fn, value_id value)
{
    path_id path = resolve_pointee(flows->v[fn.i].resolver, value);

    return calls_sharpen(flows->calls, flows->paths, fn, path);
}

path_id flow_arg_path(const struct flows *flows, const struct call *call, int arg)
{
    if (arg == ARG_RETURNED) {
        path_id root = path_root(flows->paths, ROOT_CALL, call->fn.i, call->op.i);
        return path_step(flows->paths, root, STEP_DEREF, 0);
    }
    return pointee(flows, call->fn, call_arg(flows->linked, call, arg));
}

/* What an argument points to. "Some element of that array" says less than the pointer itself, which
 * is the same one in caller and callee. */
static path_id handed_over(const struct flows *flows, fn_id fn, value_id value)
{
    path_id path = resolve_pointee(flows->v[fn.i].resolver, value);
    path_id sharp = calls_sharpen(flows->calls, flows->paths, fn, path);

    return path_is_none(sharp) || path_is_exact(flows->paths, sharp) ? sharp : path;
}

/* Answers, as they are asked for: what a call returns is known when its callees are analysed. */
struct pointees {
    uint32_t *first; /* by call: of its first argument, in the next two */
    path_id *v;
    bool *known;
};

static size_t n_pointees(const struct flows *flows, const struct call *call)
{
    uint32_t n = flows->linked->fns.v[call->fn.i].ir->ops.v[call->op.i].u.call.n_args;

    return n < MAX_PARAMS ? n : MAX_PARAMS;
}

static struct pointees *pointees_new(struct flows *flows)
{
    const struct calls *calls = flows->calls;
    struct pointees *pointees = mem_new(flows, struct pointees);
    uint32_t n = 0;

    pointees->first = mem_array(pointees, uint32_t, calls->v.n + 1);
    for (size_t i = 0; i < calls->v.n; i++) {
        pointees->first[i] = n;
        n += (uint32_t)n_pointees(flows, &calls->v.v[i]);
    }
    pointees->v = mem_array(pointees, path_id, n + 1);
    pointees->known = mem_array(pointees, bool, n + 1);
    return pointees;
}

static path_id pointee_of_arg(const struct flows *flows, const struct call *call, size_t i)
{
    struct pointees *known = flows->pointees;
    value_id arg = call_arg(flows->linked, call, (int)i + 1);

    if (known == NULL) {
        return handed_over(flows, call->fn, arg);
    }
    size_t at = known->first[call - flows->calls->v.v] + i;
    if (!known->known[at]) {
        known->v[at] = handed_over(flows, call->fn, arg);
        known->known[at] = true;
    }
    return known->v[at];
}

size_t flow_pointees_of(const struct flows *flows, const struct call *call, uint32_t mask,
                        path_id *ret)
{
    size_t n = n_pointees(flows, call);

    for (size_t i = 0; i < n; i++) {
        if ((mask & (1u << i)) != 0) {
            ret[i] = pointee_of_arg(flows, call, i);
        }
    }
    return n;
}

size_t flow_pointees(const struct flows *flows, const struct call *call, path_id *ret)
{
    return flow_pointees_of(flows, call, UINT32_MAX, ret);
}

/* What a local pointer of `fn` at the start of the path points to, if that is one object: it was
 * written once, or points-to knows no other. */
static path_id behind_local(const struct flows *flows, fn_id fn, path_id path)
{
    const struct path_node *root = path_get(flows->paths, path_root_of(flows->paths, path));
    struct resolver *resolver = flows->v[fn.i].resolver;
    value_id value = {ID_NONE};

    if (root->kind == ROOT_LOCAL && root->a == fn.i) {
        value = resolve_single_def(resolver, root->b);
    }
    path_id object = value.i == ID_NONE ? PATH_NONE : resolve_pointee(resolver, value);
    if (!path_is_none(object)) {
        return path_replace_pointee(flows->paths, path, object);
    }
    path_id sharp = calls_sharpen(flows->calls, flows->paths, fn, path);
    return !path_is_none(sharp) && path_is_exact(flows->paths, sharp) ? sharp : path;
}

path_id flow_substitute(const struct flows *flows, const struct call *call, path_id path,
                        const path_id *pointees, size_t n)
{
    path = path_substitute(flows->paths, path, pointees, n);
    return path_is_none(path) ? path : behind_local(flows, call->fn, path);
}

static path_id returned_by(void *user, fn_id fn, op_id op)
{
    const struct flows *flows = user;
    const struct call *call = calls_at(flows->calls, fn, op);
    path_id pointees[MAX_PARAMS];

    if (call->callees.n != 1) {
        return PATH_NONE;
    }
    path_id path = flows->v[call->callees.v[0].i].returned;
    if (path_is_none(path)) {
        return path;
    }
    size_t n = flow_pointees(flows, call, pointees);
    return path_substitute(flows->paths, path, pointees, n);
}

bool flow_call_ends(const struct flows *flows, const struct call *call)
{
    if (call->model != NULL) {
        return call->model->noreturn;
    }
    for (size_t i = 0; i < call->callees.n; i++) {
        if (flows->v[call->callees.v[i].i].returns) {
            return false;
        }
    }
    return call->callees.n > 0;
}

/* ---- what values tell ------------------------------------------------------------------------ */

static enum result result_of(const struct pass *pass, const struct state *state, value_id value)
{
    struct state other;

    if (value.i == ID_NONE) {
        return RESULT_ANY;
    }
    state_copy(&other, state);
    if (!branch_learn(&pass->branch, &other, value, true) || other.held != state->held) {
        return RESULT_ZERO;
    }
    state_copy(&other, state);
    if (!branch_learn(&pass->branch, &other, value, false) || other.held != state->held) {
        return RESULT_NONZERO;
    }
    return RESULT_ANY;
}

/* ---- what the other ops do ------------------------------------------------------------------- */

/* Does the state say anything about memory, or about locks? */
static bool tells_of_memory(const struct state *state)
{
    bool tells = state->held->n + state->freed->n + state->missed->n > 0;

    for (uint32_t i = 0; i < state->n_facts && !tells; i++) {
        tells = state->facts[i].about == FACT_PATH;
    }
    return tells;
}

static void write_memory(struct pass *pass, struct state *state, path_id written)
{
    pass_forget_written(pass, state, written);
    pass_lose_written(pass, state, written);
}

static void step_write(struct pass *pass, struct state *state, const struct ir_op *op)
{
    bool tells = tells_of_memory(state);
    uint32_t local;

    if (!place_is_local(pass->body->ir, op->u.access.place, &local)) {
        if (tells) {
            write_memory(pass, state, resolve_place(pass->out->resolver, op->u.access.place));
        }
        return;
    }
    if (tells) {
        write_memory(pass, state, path_root(pass->flows->paths, ROOT_LOCAL, pass->fn.i, local));
    }
    value_id value = op->kind == IR_WRITE ? op->u.access.value : (value_id){ID_NONE};
    branch_assign(&pass->branch, state, local, value);
}

/* Facts about parameters that still have the value the caller gave them; gives their number. */
uint32_t pass_conditions(const struct pass *pass, const struct state *state,
                         struct fact ret[MAX_WHEN])
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < state->n_facts && n < MAX_WHEN; i++) {
        const struct fact *fact = &state->facts[i];
        if (fact->about == FACT_LOCAL && fact->id < pass->body->ir->n_params &&
            resolve_is_argument(pass->out->resolver, fact->id)) {
            ret[n++] = *fact;
        }
    }
    return n;
}

static bool has_condition(const struct fact *when, uint32_t n_when, const struct fact *fact)
{
    for (uint32_t i = 0; i < n_when; i++) {
        if (fact_is(&when[i], fact)) {
            return true;
        }
    }
    return false;
}

void pass_meet_conditions(struct fact *when, uint32_t *n_when, const struct fact *other,
                          uint32_t n_other)
{
    for (uint32_t i = *n_when; i-- > 0;) {
        if (!has_condition(other, n_other, &when[i])) {
            when[i] = when[--*n_when];
        }
    }
}

/* Does the call end the thread, or go on in another function, while the process lives? */
static bool leaves(const struct ir_op *op, const struct call *call)
{
    bool ends_thread = call->model != NULL && call->model->noreturn && !call->model->exits_process;

    return ends_thread || (op->flags & IR_OPF_LONGJMP) != 0;
}

static void step_call(struct pass *pass, struct state_list *states, const struct call *call)
{
    const struct ir_op *op = &pass->body->ir->ops.v[call->op.i];
    struct state_list out;

    if (pass->recording && states->n > 0 && leaves(op, call)) {
        pass_note_leavings(pass, cfg_block_of(pass->body->cfg, call->op), call->op, states);
    }

    states_clear(&out);
    for (uint32_t s = 0; s < states->n; s++) {
        pass_call(pass, &states->v[s], call, &out);
    }
    states_copy(states, &out);
}

/* The states behind the ops of block `b`, into *states (which holds those before it). */
static void step_block(struct pass *pass, uint32_t b, struct state_list *states)
{
    const struct ir_block *block = &pass->body->ir->blocks.v[b];
    bool moved = true; /* since the op before */

    if (pass->recording) {
        pass_record_need(pass, b, states);
    }
    for (uint32_t i = block->first_op; i < block->first_op + block->n_ops && states->n > 0; i++) {
        const struct ir_op *op = &pass->body->ir->ops.v[i];
        if (pass->recording && moved) {
            pass_record_held(pass, i, states);
        } else if (pass->recording) {
            pass->out->held_at[i] = pass->out->held_at[i - 1];
        }
        moved = op->kind != IR_READ;
        if (op->kind == IR_CALL && pass->recording) {
            pass_note_waits(pass, states, calls_at(pass->flows->calls, pass->fn, (op_id){i}));
        }
        if (op->kind == IR_CALL) {
            step_call(pass, states, calls_at(pass->flows->calls, pass->fn, (op_id){i}));
        } else if (op->kind != IR_READ) {
            for (uint32_t s = 0; s < states->n; s++) {
                step_write(pass, &states->v[s], op);
            }
        }
    }
}

/* No case matched: the value is none of theirs. */
static bool follow_default(struct pass *pass, struct state *state, const struct ir_block *block)
{
    bool possible = true;

    for (uint32_t i = 0; i < block->n_succs && possible; i++) {
        const struct ir_succ *other = &pass->body->ir->succs.v[block->first_succ + i];
        if (!other->is_default && other->low == other->high) {
            possible = branch_learn_case(&pass->branch, state, block->cond, other->low, false);
        }
    }
    return possible;
}

/* Is the edge possible in this state? Adds what it tells. */
static bool follow_edge(struct pass *pass, struct state *state, const struct ir_block *block,
                        uint32_t which)
{
    const struct ir_succ *succ = &pass->body->ir->succs.v[block->first_succ + which];

    if (block->term == IR_BRANCH) {
        return branch_learn(&pass->branch, state, block->cond, which == 0);
    }
    if (block->term == IR_SWITCH && succ->is_default) {
        return block->n_succs > MAX_FACTS || follow_default(pass, state, block);
    }
    if (block->term == IR_SWITCH && succ->low == succ->high) {
        return branch_learn_case(&pass->branch, state, block->cond, succ->low, true);
    }
    return true;
}

/* Of locks that are not held, those that a caller can name. */
static const struct lockset *nameable(struct pass *pass, const struct lockset *set)
{
    const struct lockset *kept = lockset_empty(pass->flows->pool);

    for (uint32_t i = 0; i < set->n && kept->n < MAX_EFFECTS; i++) {
        if (flow_is_callers(pass->flows->paths, set->v[i].lock)) {
            kept = lockset_add(pass->flows->pool, kept, set->v[i]);
        }
    }
    return kept;
}

/* `known` now stands for `other`, too: keeps what both say. */
static void merge_outcome(struct pass *pass, struct outcome *known, const struct outcome *other)
{
    known->freed = lockset_meet(pass->flows->pool, known->freed, other->freed);
    known->missed = lockset_meet(pass->flows->pool, known->missed, other->missed);
    known->result = known->result == other->result ? known->result : RESULT_ANY;
    known->constant = known->constant && other->constant && known->value == other->value;
    pass_meet_conditions(known->when, &known->n_when, other->when, other->n_when);
}

static void add_outcome(struct pass *pass, const struct state *state, value_id returned)
{
    struct outcome outcome = {
        .result = result_of(pass, state, returned), .held = state->held, .gone = state->gone};

    outcome.freed = nameable(pass, state->freed);
    outcome.missed = nameable(pass, state->missed);

    if (outcome.held->n > MAX_EFFECTS || outcome.gone->n > MAX_EFFECTS) {
        outcome.held = outcome.gone = lockset_empty(pass->flows->pool);
        outcome.freed = outcome.missed = outcome.held;
        pass->out->capped = true;
    }
    outcome.constant = branch_constant(&pass->branch, state, returned, &outcome.value);
    outcome.n_when = pass_conditions(pass, state, outcome.when);
    for (size_t i = 0; i < pass->endings.n; i++) {
        struct outcome *known = &pass->endings.v[i];
        if (known->held == outcome.held && known->gone == outcome.gone) {
            merge_outcome(pass, known, &outcome);
            return;
        }
    }
    vec_push(pass->scratch, &pass->endings, outcome);
}

/* ---- the pass -------------------------------------------------------------------------------- */

enum sent {
    SENT_NOTHING, /* no state can go this way */
    SENT_KNOWN,   /* nothing new */
    SENT_NEWS,
};

/* Sends the states behind block `b` along its edge number `e`. With `forgetful`, memory may have
 * changed since it was looked at. */
static enum sent send(struct pass *pass, const struct state_list *states, uint32_t b, uint32_t e,
                      bool forgetful)
{
    const struct ir_block *block = &pass->body->ir->blocks.v[b];
    uint32_t to = pass->body->ir->succs.v[block->first_succ + e].block.i;
    bool goes_back = cfg_dominates(pass->body->cfg, to, b);
    enum sent sent = SENT_NOTHING;

    for (uint32_t s = 0; s < states->n; s++) {
        struct state state;
        state_copy(&state, &states->v[s]);
        if (forgetful) {
            pass_forget_memory(pass, &state);
        }
        if (!follow_edge(pass, &state, block, e)) {
            continue;
        }
        if (goes_back) {
            pass_forget_looped(pass, &state, to);
        }
        bool news = states_add(&pass->in[to], pass->flows->pool, &state, &pass->out->capped);
        sent = news || sent == SENT_NEWS ? SENT_NEWS : SENT_KNOWN;
    }
    return sent;
}

/* Sends the states behind block `b` to its successors; marks those whose input changed. What is
 * known of memory tells ways apart, but makes none impossible: another thread can have written. */
static void spread(struct pass *pass, uint32_t b, const struct state_list *states, bool *dirty)
{
    const struct ir_block *block = &pass->body->ir->blocks.v[b];

    for (uint32_t e = 0; e < block->n_succs; e++) {
        enum sent sent = send(pass, states, b, e, false);
        if (sent == SENT_NOTHING) {
            sent = send(pass, states, b, e, true);
        }
        if (sent == SENT_NEWS) {
            dirty[pass->body->ir->succs.v[block->first_succ + e].block.i] = true;
        }
    }
}

/* Does an edge lead back to where control may have come from? */
static bool has_loop(const struct cfg *cfg)
{
    bool loop = false;

    for (uint32_t i = 0; i < cfg->n_order && !loop; i++) {
        const struct ir_block *block = &cfg->fn->blocks.v[cfg->order[i]];
        for (uint32_t e = 0; e < block->n_succs && !loop; e++) {
            loop = cfg->position[cfg->fn->succs.v[block->first_succ + e].block.i] <= i;
        }
    }
    return loop;
}

/* What the function did before is not known any more. */
static void start_recording(struct pass *pass)
{
    pass->recording = true;
    pass->endings.n = 0;
    pass->out->acquisitions.n = 0;
    pass->out->lifts.n = 0;
    talloc_free(pass->out->needs);
    pass->out->needs = NULL;
    pass->out->wants.n = 0;
    pass->out->relocks.n = 0;
    pass->out->givings.n = 0;
    pass->out->leavings.n = 0;
}

/* Block `b` with the states in front of it, which are gone on with from behind it. */
static void run_block(struct pass *pass, uint32_t b, struct state_list *states)
{
    const struct ir_block *block = &pass->body->ir->blocks.v[b];

    states_copy(states, &pass->in[b]);
    step_block(pass, b, states);
    if (!pass->recording || block->term != IR_RETURN) {
        return;
    }
    if (states->n > 0) {
        pass_note_leavings(pass, b, (op_id){ID_NONE}, states);
    }
    for (uint32_t s = 0; s < states->n; s++) {
        add_outcome(pass, &states->v[s], block->cond);
    }
}

/* Until nothing is new. Without a loop one round does: each block's states are complete when it is
 * come to. */
static void find_fixpoint(struct pass *pass)
{
    const struct cfg *cfg = pass->body->cfg;
    bool *dirty = mem_array(NULL, bool, cfg->n + 1);
    bool again = true;

    pass->in[0].n = 1;
    pass->in[0].v[0] = state_at_entry(pass->flows->pool);
    dirty[0] = true;
    for (unsigned round = 0; again && round < MAX_ROUNDS; round++) {
        again = false;
        for (uint32_t i = 0; i < cfg->n_order; i++) {
            uint32_t b = cfg->order[i];
            struct state_list states;
            if (!dirty[b]) {
                continue;
            }
            dirty[b] = false;
            again = !pass->recording;
            run_block(pass, b, &states);
            spread(pass, b, &states, dirty);
        }
    }
    talloc_free(dirty);
}

static void record(struct pass *pass)
{
    const struct cfg *cfg = pass->body->cfg;

    start_recording(pass);
    for (uint32_t i = 0; i < cfg->n_order; i++) {
        struct state_list states;
        run_block(pass, cfg->order[i], &states);
    }
}

/* Writes down how the function can end. Until here its calls of itself go by what was known before.
 */
static void keep_outcomes(struct pass *pass)
{
    pass->out->returns = pass->endings.n > 0;
    talloc_free(pass->out->outcomes.v); /* most functions end in one way: no room for more */
    pass->out->outcomes.n = pass->endings.n;
    pass->out->outcomes.v = mem_array(pass->flows, struct outcome, pass->endings.n);
    for (size_t i = 0; i < pass->endings.n; i++) {
        pass->out->outcomes.v[i] = pass->endings.v[i];
    }
}

/* What a returned value says of where the object comes from. */
enum origin {
    ORIGIN_FRESH,   /* from an allocator, or taken out of where others could find it */
    ORIGIN_UNKNOWN, /* from a function that nobody knows: an allocator of the user's, perhaps */
    ORIGIN_OTHER,
};

static enum origin origin_of(const struct pass *pass, const struct ir_value *v)
{
    const struct ir_fn *ir = pass->body->ir;
    uint32_t local;

    if (v->kind == IR_VALUE_READ &&
        place_is_local(ir, ir->ops.v[v->u.op.i].u.access.place, &local) &&
        resolve_taken_out(pass->out->resolver, local).i != ID_NONE) {
        return ORIGIN_FRESH;
    }
    if (v->kind != IR_VALUE_CALL) {
        return ORIGIN_OTHER;
    }
    const struct call *call = calls_at(pass->flows->calls, pass->fn, v->u.op);
    bool fresh = call->model != NULL && call->model->fresh;
    if (fresh || (call->callees.n == 1 && pass->flows->v[call->callees.v[0].i].fresh)) {
        return ORIGIN_FRESH;
    }
    return call->indirect && call->callees.n == 0 ? ORIGIN_UNKNOWN : ORIGIN_OTHER;
}

/* What the function returns, when all its returns agree. */
static void find_returned(struct pass *pass)
{
    const struct ir_fn *ir = pass->body->ir;
    struct fn_flow *out = pass->out;
    path_id only = PATH_NONE;
    unsigned n = 0;
    unsigned n_fresh = 0;
    bool other = false;

    for (size_t b = 0; b < ir->blocks.n; b++) {
        value_id value = ir->blocks.v[b].cond;
        if (ir->blocks.v[b].term != IR_RETURN || value.i == ID_NONE) {
            continue;
        }
        value = resolve_value(out->resolver, value);
        const struct ir_value *v = &ir->values.v[value.i];
        if (v->kind == IR_VALUE_INT && v->u.number == 0) {
            continue; /* NULL beside one object is still that object */
        }
        path_id path = resolve_pointee(out->resolver, value);
        only = n == 0 || path_eq(only, path) ? path : PATH_NONE;
        n++;
        enum origin origin = origin_of(pass, v);
        n_fresh += origin == ORIGIN_FRESH ? 1 : 0;
        other = other || origin == ORIGIN_OTHER;
    }
    bool tellable =
        !path_is_none(only) &&
        path_get(pass->flows->paths, path_root_of(pass->flows->paths, only))->kind != ROOT_LOCAL &&
        path_get(pass->flows->paths, path_root_of(pass->flows->paths, only))->kind != ROOT_CALL;
    out->returned = tellable ? only : PATH_NONE;
    out->fresh = n_fresh > 0 && !other;
}

/* Lists of states in front of `n` blocks, all empty: big, so the same for all functions. */
static struct state_list *room_for(struct flows *flows, size_t n)
{
    if (n > flows->n_room) {
        talloc_free(flows->room);
        flows->n_room = n * 2;
        flows->room = mem_array(flows, struct state_list, flows->n_room);
    }
    for (size_t i = 0; i < n; i++) {
        states_clear(&flows->room[i]);
    }
    return flows->room;
}

void flow_analyse(struct flows *flows, fn_id fn)
{
    struct pass pass = {
        .flows = flows, .fn = fn, .body = &flows->linked->fns.v[fn.i], .out = &flows->v[fn.i]};

    pass.branch =
        (struct branch){pass.body->ir, pass.out->resolver, flows->pool, fn, flows->params};
    pass.scratch = mem_owner(NULL, "pass");
    pass.in = room_for(flows, pass.body->cfg->n);
    if (pass.out->held_at == NULL) {
        pass.out->held_at = mem_array(flows, uint32_t, pass.body->ir->ops.n + 1);
    }
    memset(pass.out->held_at, 0xff, pass.body->ir->ops.n * sizeof *pass.out->held_at);
    pass.out->helds.n = 0;
    pass.out->capped = false;
    if (has_loop(pass.body->cfg)) {
        find_fixpoint(&pass);
        record(&pass);
    } else {
        start_recording(&pass);
        find_fixpoint(&pass);
    }
    keep_outcomes(&pass);
    pass_finish_waits(&pass);
    pass_finish_givings(&pass);
    find_returned(&pass);
    talloc_free(pass.scratch);
}

void flow_prepare(struct flows *flows, fn_id fn)
{
    struct fn_flow *flow = &flows->v[fn.i];
    struct answer before = answer_of(flow);

    answer_free_lists(&before);
    talloc_free(flow->resolver);
    talloc_free(flow->places);
    talloc_free(flow->held_at);
    flow->resolver = resolver_new(flows, flows->linked, flows->paths, fn, returned_by, flows);
    flow->places = NULL;
    flow->held_at = NULL;
    flow->asked.n = flow->lifts.n = 0;
    answer_put_unknown(flows, flows, flow);
}

/* Of a cycle's members each goes by the first answers of those behind it. */
static void analyse_component(struct flows *flows, const fn_id *fns, size_t n)
{
    for (size_t i = 0; i < n && n > 1; i++) {
        flow_analyse(flows, fns[i]);
        flows->v[fns[i].i].first = answer_copy(flows, &flows->v[fns[i].i]);
    }
    for (size_t i = 0; i < n; i++) {
        flow_analyse(flows, fns[i]);
    }
}

/* Says of each acquisition what callers make of it. */
static void settle_lifts(struct flows *flows)
{
    for (size_t f = 0; f < flows->linked->fns.n; f++) {
        struct fn_flow *flow = &flows->v[f];
        for (size_t i = 0; i < flow->acquisitions.n; i++) {
            flow->acquisitions.v[i]->lifted = flow->acquisitions.v[i]->kept = false;
        }
    }
    for (size_t f = 0; f < flows->linked->fns.n; f++) {
        struct fn_flow *flow = &flows->v[f];
        for (size_t i = 0; i < flow->lifts.n; i++) {
            struct lift lift = flow->lifts.v[i];
            lift.inner->lifted = lift.inner->lifted || lift.lifted;
            lift.inner->kept = lift.inner->kept || !lift.lifted;
        }
    }
}

void flow_finish(struct flows *flows)
{
    talloc_free(flows->room);
    flows->room = NULL;
    flows->n_room = 0;
    settle_lifts(flows);
    flows->pointees = pointees_new(flows);
    flows->n_capped = 0;
    for (size_t i = 0; i < flows->linked->fns.n; i++) {
        flows->n_capped += flows->v[i].capped ? 1 : 0;
        if (flows->v[i].capped) {
            log_debug("too many lock states: %s, %zu outcomes", flows->linked->fns.v[i].name,
                      flows->v[i].outcomes.n);
        }
    }
}

struct flows *flows_build(void *owner, const struct linked *linked, struct paths *paths,
                          const struct models *models, struct calls *calls)
{
    struct flows *flows = mem_new(owner, struct flows);

    flows->linked = linked;
    flows->paths = paths;
    flows->models = models;
    flows->calls = calls;
    flows->pool = lockset_pool_new(flows);
    flows->params = params_build(flows, linked, calls);
    flows->v = mem_array(flows, struct fn_flow, linked->fns.n + 1);
    for (uint32_t i = 0; i < linked->fns.n; i++) {
        flow_prepare(flows, (fn_id){i});
    }
    if (models_gil(models) != NULL) {
        (void)flow_named_lock(flows, models_gil(models)); /* known though nothing here takes it */
    }
    flows->order = calls_bottom_up(calls);
    flows->written = written_build(flows, linked, paths, calls, flows->order);
    for (size_t i = 0; i < flows->order->n;) {
        size_t end = bottom_up_end(flows->order, i);
        analyse_component(flows, flows->order->order + i, end - i);
        i = end;
    }
    flow_finish(flows);
    return flows;
}
