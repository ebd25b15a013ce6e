#include "program/rounds.h"

enum {
    ROUND_UNSEEN = -2, /* the context does not get there */
    ROUND_UNKNOWN = -1,
};

/* A call that waits at a barrier. */
struct wait {
    const struct call *call;
    path_id barrier; /* in absolute terms */
};

struct barrier {
    path_id path;
    bool *waits;     /* by fn: it waits there, itself or in a callee */
    int16_t **entry; /* by context, by fn: waits that came before it is entered; NULL: the context
                        does not wait at this barrier */
};

struct rounds {
    const struct contexts *contexts;
    const struct flows *flows;
    VEC(struct wait) waits;
    VEC(struct barrier) barriers;
};

static void find_waits(struct rounds *rounds)
{
    const struct calls *calls = rounds->flows->calls;

    for (size_t i = 0; i < calls->v.n; i++) {
        const struct call *call = &calls->v.v[i];
        if (call->model == NULL || call->model->barrier < 1) {
            continue;
        }
        path_id path = flow_arg_path(rounds->flows, call, call->model->barrier);
        path = contexts_absolute(rounds->contexts, call->fn, path);
        if (path_is_none(path) || !path_is_exact(rounds->flows->paths, path)) {
            continue;
        }
        vec_push(rounds, &rounds->waits, (struct wait){call, path});
        bool known = false;
        for (size_t b = 0; b < rounds->barriers.n; b++) {
            known |= path_eq(rounds->barriers.v[b].path, path);
        }
        if (!known) {
            vec_push(rounds, &rounds->barriers, (struct barrier){.path = path});
        }
    }
}

static void find_waiting_fns(struct rounds *rounds, struct barrier *barrier)
{
    const struct calls *calls = rounds->flows->calls;

    barrier->waits = mem_array(rounds, bool, rounds->flows->linked->fns.n + 1);
    for (size_t i = 0; i < rounds->waits.n; i++) {
        if (path_eq(rounds->waits.v[i].barrier, barrier->path)) {
            barrier->waits[rounds->waits.v[i].call->fn.i] = true;
        }
    }
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < calls->v.n; i++) {
            const struct call *call = &calls->v.v[i];
            for (size_t c = 0; c < call->callees.n && !barrier->waits[call->fn.i]; c++) {
                if (barrier->waits[call->callees.v[c].i]) {
                    barrier->waits[call->fn.i] = changed = true;
                }
            }
        }
    }
}

static bool waits_at(const struct rounds *rounds, const struct barrier *barrier,
                     const struct call *call)
{
    for (size_t i = 0; i < rounds->waits.n; i++) {
        if (rounds->waits.v[i].call == call) {
            return path_eq(rounds->waits.v[i].barrier, barrier->path);
        }
    }
    return false;
}

static bool waits_inside(const struct barrier *barrier, const struct call *call)
{
    for (size_t i = 0; i < call->callees.n; i++) {
        if (barrier->waits[call->callees.v[i].i]) {
            return true;
        }
    }
    return false;
}

/* Can `from` have run, in this call of the function, when control comes to `to`? */
static bool can_precede(const struct cfg *cfg, op_id from, op_id to)
{
    uint32_t a = cfg_block_of(cfg, from);
    uint32_t b = cfg_block_of(cfg, to);
    bool *seen = mem_array(NULL, bool, cfg->n + 1);

    cfg_reach(cfg, a, ID_NONE, seen);
    bool can = (a == b && from.i < to.i) || seen[b];
    talloc_free(seen);
    return can;
}

/* How many waits have come before `op`, the same number on every way; ROUND_UNKNOWN. */
static int round_at(const struct rounds *rounds, const struct barrier *barrier, fn_id fn, op_id op,
                    int entry)
{
    const struct calls *calls = rounds->flows->calls;
    const struct cfg *cfg = rounds->flows->linked->fns.v[fn.i].cfg;
    uint32_t to = cfg_block_of(cfg, op);
    int round = entry;

    for (uint32_t i = calls->first[fn.i]; i < calls->first[fn.i + 1] && round >= 0; i++) {
        const struct call *call = &calls->v.v[i];
        bool waits = waits_at(rounds, barrier, call);
        if ((!waits && !waits_inside(barrier, call)) || !can_precede(cfg, call->op, op)) {
            continue;
        }
        uint32_t from = cfg_block_of(cfg, call->op);
        bool always = from == to ? call->op.i < op.i : cfg_dominates(cfg, from, to);
        bool again = cfg_op_repeats(cfg, call->op);
        round = waits && always && !again ? round + 1 : ROUND_UNKNOWN;
    }
    return round;
}

static void hand_down(const struct rounds *rounds, const struct barrier *barrier, int16_t *entry,
                      uint32_t fn, bool *ret_changed)
{
    const struct calls *calls = rounds->flows->calls;

    for (uint32_t i = calls->first[fn]; i < calls->first[fn + 1]; i++) {
        const struct call *call = &calls->v.v[i];
        if (call->callees.n == 0) {
            continue;
        }
        int round = round_at(rounds, barrier, (fn_id){fn}, call->op, entry[fn]);
        for (size_t c = 0; c < call->callees.n; c++) {
            int16_t *to = &entry[call->callees.v[c].i];
            int16_t met = *to == ROUND_UNSEEN || *to == round ? (int16_t)round : ROUND_UNKNOWN;
            *ret_changed |= met != *to;
            *to = met;
        }
    }
}

static void explore(struct rounds *rounds, struct barrier *barrier, context_id id)
{
    const struct context *context = &rounds->contexts->v.v[id.i];
    uint32_t n = (uint32_t)rounds->flows->linked->fns.n;
    int16_t *entry = mem_array(rounds, int16_t, n + 1);
    bool changed = true;

    for (uint32_t f = 0; f < n; f++) {
        entry[f] = ROUND_UNSEEN;
    }
    for (size_t i = 0; i < context->entries.n; i++) {
        entry[context->entries.v[i].i] = 0;
    }
    while (changed) {
        changed = false;
        for (uint32_t f = 0; f < n; f++) {
            if (entry[f] != ROUND_UNSEEN) {
                hand_down(rounds, barrier, entry, f, &changed);
            }
        }
    }
    barrier->entry[id.i] = entry;
}

static bool waits_in(const struct barrier *barrier, const struct context *context)
{
    for (size_t i = 0; i < context->entries.n; i++) {
        if (barrier->waits[context->entries.v[i].i]) {
            return true;
        }
    }
    return false;
}

/* The number of threads that the barrier waits for; 0: not known. */
static unsigned count_of(const struct rounds *rounds, const struct barrier *barrier)
{
    const struct calls *calls = rounds->flows->calls;

    for (size_t i = 0; i < calls->v.n; i++) {
        const struct call *call = &calls->v.v[i];
        if (call->model == NULL || call->model->init < 1 || call->model->count < 1) {
            continue;
        }
        path_id path = flow_arg_path(rounds->flows, call, call->model->init);
        value_id value = call_arg(rounds->flows->linked, call, call->model->count);
        path = contexts_absolute(rounds->contexts, call->fn, path);
        if (path_is_none(path) || !path_eq(path, barrier->path) || value.i == ID_NONE) {
            continue;
        }
        const struct ir_value *v = &rounds->flows->linked->fns.v[call->fn.i].ir->values.v[value.i];
        return v->kind == IR_VALUE_INT && v->u.number > 0 ? (unsigned)v->u.number : 0;
    }
    return 0;
}

/* A barrier that more threads use than it waits for keeps none of them apart. */
static bool is_for_all(const struct rounds *rounds, const struct barrier *barrier)
{
    unsigned threads = 0;

    for (uint32_t c = 0; c < rounds->contexts->v.n; c++) {
        threads += waits_in(barrier, &rounds->contexts->v.v[c]) ? 1 : 0;
    }
    unsigned count = count_of(rounds, barrier);
    return count == 0 || threads <= count;
}

struct rounds *rounds_build(void *owner, const struct contexts *contexts)
{
    struct rounds *rounds = mem_new(owner, struct rounds);

    rounds->contexts = contexts;
    rounds->flows = contexts->flows;
    find_waits(rounds);
    for (size_t b = 0; b < rounds->barriers.n; b++) {
        struct barrier *barrier = &rounds->barriers.v[b];
        find_waiting_fns(rounds, barrier);
        barrier->entry = mem_array(rounds, int16_t *, contexts->v.n + 1);
        for (uint32_t c = 0; c < contexts->v.n && is_for_all(rounds, barrier); c++) {
            if (waits_in(barrier, &contexts->v.v[c])) {
                explore(rounds, barrier, (context_id){c});
            }
        }
    }
    return rounds;
}

static int round_of(const struct rounds *rounds, const struct barrier *barrier, struct moment m)
{
    context_id context = rounds->contexts->phases.v[m.phase.i].context;
    const int16_t *entry = barrier->entry[context.i];

    return entry == NULL ? ROUND_UNKNOWN : round_at(rounds, barrier, m.fn, m.op, entry[m.fn.i]);
}

bool rounds_apart(const struct rounds *rounds, struct moment a, struct moment b)
{
    for (size_t i = 0; i < rounds->barriers.n; i++) {
        int x = round_of(rounds, &rounds->barriers.v[i], a);
        int y = round_of(rounds, &rounds->barriers.v[i], b);
        if (x >= 0 && y >= 0 && x != y) {
            return true;
        }
    }
    return false;
}
