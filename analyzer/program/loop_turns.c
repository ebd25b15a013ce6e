#include "program/loop_turns.h"

#include "program/surely.h"

enum { MAX_TURN_DEPTH = 8 };

struct walk {
    void *owner;
    const struct contexts *contexts;
    struct loop_turn turn;
};

static void visit(struct walk *walk, fn_id fn, struct turn_reach how)
{
    if (!walk->turn.reach[fn.i].yes) {
        walk->turn.reach[fn.i] = how;
        vec_push(walk->owner, &walk->turn.fns, fn);
    }
}

/* Does the call run a loop? Also where the library's own source is part of the program. */
static bool runs_loop(const struct call *call)
{
    const struct model_fn *model = calls_model(call);

    return model != NULL && model->runs_loop != ARG_NONE;
}

static void follow(struct walk *walk, const struct call *call)
{
    const struct contexts *contexts = walk->contexts;
    uint32_t depth = walk->turn.reach[call->fn.i].depth + 1;
    struct fn_list callees = {call->callees.v, call->callees.n};

    if (callees.n == 0 || depth > MAX_TURN_DEPTH || !surely_few(call, callees) || runs_loop(call) ||
        flow_held_at(contexts->flows, call->fn, call->op) == NULL ||
        doom_at(contexts->doom, call->fn, call->op)) {
        return;
    }
    for (size_t i = 0; i < callees.n; i++) {
        visit(walk, callees.v[i], (struct turn_reach){true, call->fn, call->op, depth});
    }
}

struct loop_turn loop_turn_of(void *owner, const struct contexts *contexts, fn_id callback)
{
    const struct calls *calls = contexts->flows->calls;
    struct walk walk = {owner, contexts, {.callback = callback}};

    walk.turn.reach = mem_array(owner, struct turn_reach, contexts->flows->linked->fns.n + 1);
    for (size_t i = 0; i < contexts->callbacks.n; i++) {
        const struct callback *known = &contexts->callbacks.v[i];
        walk.turn.known = known->fn.i == callback.i ? known : walk.turn.known;
    }
    visit(&walk, callback, (struct turn_reach){true, FN_NONE, {ID_NONE}, 0});
    for (size_t next = 0; next < walk.turn.fns.n; next++) {
        uint32_t fn = walk.turn.fns.v[next].i;
        for (uint32_t i = calls->first[fn]; i < calls->first[fn + 1]; i++) {
            follow(&walk, &calls->v.v[i]);
        }
    }
    return walk.turn;
}

static bool calls_fn(const struct call *call, fn_id fn)
{
    for (size_t c = 0; c < call->callees.n; c++) {
        if (call->callees.v[c].i == fn.i) {
            return true;
        }
    }
    return false;
}

bool loop_turn_comes_to(const struct contexts *contexts, const struct loop_turn *turn, fn_id fn,
                        op_id op)
{
    const struct flows *flows = contexts->flows;
    const struct calls *calls = flows->calls;
    const struct need *need = flow_need_of(flows, fn, op);

    if (!turn->reach[fn.i].yes || need == NULL || turn->reach[fn.i].caller.i == UINT32_MAX) {
        return turn->reach[fn.i].yes;
    }
    for (size_t q = 0; q < turn->fns.n; q++) {
        uint32_t caller = turn->fns.v[q].i;
        for (uint32_t i = calls->first[caller]; i < calls->first[caller + 1]; i++) {
            const struct call *call = &calls->v.v[i];
            if (calls_fn(call, fn) && !runs_loop(call) && flow_can_meet(flows, call, need)) {
                return true;
            }
        }
    }
    return false;
}
