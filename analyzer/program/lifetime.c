#include "program/lifetime.h"

#include "program/locktypes.h"

enum { MAX_LIVES = 32, MAX_ROUNDS = 50 };

enum life {
    LIFE_ENTRY, /* nothing was done to it since the function was entered */
    LIFE_FRESH, /* memory of which nobody has made a lock */
    LIFE_MADE,
    LIFE_ENDED,
    LIFE_COPIED,
    LIFE_UNKNOWN,
};

/* What is known of a place, and of all that lies in it (not behind pointers in it). */
struct life_of {
    path_id place;
    enum life life;
    op_id by; /* the op that made it so; ID_NONE */
};

struct lives {
    bool reached;
    uint32_t n;
    struct life_of v[MAX_LIVES];
};

enum deed {
    DEED_USE,
    DEED_MAKE,
    DEED_END,
};

/* What a function does to a lock of its caller's. */
struct effect {
    path_id lock;
    enum deed first; /* the first thing it does, if `sure` on every way */
    bool sure;
    fn_id at_fn; /* where that is */
    op_id at_op;
    enum life after; /* LIFE_ENTRY: as it was */
};

struct effects_of {
    bool known;
    VEC(struct effect) v;
};

struct pass {
    const struct flows *flows;
    struct lifetimes *out;
    struct locktypes *types;
    struct effects_of *effects; /* by fn */
    fn_id fn;
    const struct prog_fn *body;
    struct lives *in; /* by block */
    bool recording;
    VEC(struct effect) firsts;
};

/* ---- places ---------------------------------------------------------------------------------- */

/* Does `place` lie in `whole`, with no pointer between the two? */
static bool lies_in(const struct paths *paths, path_id place, path_id whole)
{
    while (!path_is_none(place) && !path_eq(place, whole)) {
        const struct path_node *node = path_get(paths, place);
        if (node->kind == STEP_DEREF || node->kind == STEP_CONTAINER) {
            return false;
        }
        place = node->parent;
    }
    return !path_is_none(place);
}

static bool lies_behind(const struct paths *paths, path_id place, path_id whole)
{
    while (!path_is_none(place) && !path_eq(place, whole)) {
        place = path_get(paths, place)->parent;
    }
    return !path_is_none(place);
}

/* Is it one object each time the function is at it? Not one of an array by an index that changes.
 */
static bool is_one_place(const struct paths *paths, path_id path)
{
    for (path_id at = path; !path_is_none(at); at = path_get(paths, at)->parent) {
        const struct path_node *node = path_get(paths, at);
        if (node->kind == STEP_INDEX && node->a == PATH_INDEX_ANY) {
            return false;
        }
    }
    return !path_is_none(path);
}

/* ---- states ---------------------------------------------------------------------------------- */

/* What is known of a place: by its own entry, or the smallest place around it that has one. */
static struct life_of find_life(const struct pass *pass, const struct lives *lives, path_id place)
{
    const struct paths *paths = pass->flows->paths;
    struct life_of found = {place, LIFE_ENTRY, {ID_NONE}};
    uint32_t depth = 0;

    for (uint32_t i = 0; i < lives->n; i++) {
        const struct life_of *mine = &lives->v[i];
        uint32_t own_depth = path_get(paths, mine->place)->depth + 1;
        if (own_depth > depth && lies_in(paths, place, mine->place)) {
            found = *mine;
            depth = own_depth;
        }
    }
    return found;
}

/* The same, for a place that is most often number `i`. */
static struct life_of find_life_near(const struct pass *pass, const struct lives *lives, uint32_t i,
                                     path_id place)
{
    return i < lives->n && path_eq(lives->v[i].place, place) ? lives->v[i]
                                                             : find_life(pass, lives, place);
}

static void set_life(struct lives *lives, path_id place, enum life life, op_id by)
{
    for (uint32_t i = 0; i < lives->n; i++) {
        if (path_eq(lives->v[i].place, place)) {
            lives->v[i].life = life;
            lives->v[i].by = by;
            return;
        }
    }
    if (lives->n < MAX_LIVES) {
        lives->v[lives->n++] = (struct life_of){place, life, by};
    } else { /* too many to follow: nothing is known any more */
        for (uint32_t i = 0; i < lives->n; i++) {
            lives->v[i].life = LIFE_UNKNOWN;
        }
    }
}

/* `written` gets another content: what lies in it, or behind pointers in it, is not known. */
static void overwrite(const struct pass *pass, struct lives *lives, path_id written)
{
    const struct paths *paths = pass->flows->paths;

    for (uint32_t i = 0; i < lives->n; i++) {
        if (lies_behind(paths, lives->v[i].place, written)) {
            lives->v[i].life = LIFE_UNKNOWN;
        }
    }
    if (find_life(pass, lives, written).life != LIFE_ENTRY) {
        set_life(lives, written, LIFE_UNKNOWN, (op_id){ID_NONE});
    }
}

/* Something was done to `lock`: other names of perhaps the same object say nothing any more. */
static void forget_others(const struct pass *pass, struct lives *lives, path_id lock)
{
    for (uint32_t i = 0; i < lives->n; i++) {
        path_id place = lives->v[i].place;
        if (!path_eq(place, lock) && path_may_alias(pass->flows->paths, place, lock)) {
            lives->v[i].life = LIFE_UNKNOWN;
        }
    }
}

/* True: `into` changed. */
static bool join(const struct pass *pass, struct lives *into, const struct lives *from)
{
    bool changed = !into->reached;

    if (!into->reached) {
        *into = *from;
        into->reached = true;
        return true;
    }
    for (uint32_t i = 0; i < into->n; i++) {
        if (into->v[i].life != LIFE_UNKNOWN &&
            find_life_near(pass, from, i, into->v[i].place).life != into->v[i].life) {
            into->v[i].life = LIFE_UNKNOWN;
            changed = true;
        }
    }
    for (uint32_t i = 0; i < from->n; i++) {
        struct life_of mine = find_life_near(pass, into, i, from->v[i].place);
        if (mine.life != from->v[i].life && mine.life != LIFE_UNKNOWN) {
            set_life(into, from->v[i].place, LIFE_UNKNOWN, (op_id){ID_NONE});
            changed = true;
        }
    }
    return changed;
}

/* ---- faults ---------------------------------------------------------------------------------- */

static void add_fault(struct pass *pass, struct lifetime_fault fault)
{
    fault.fn = pass->fn;
    if (pass->recording) {
        vec_push(pass->out, &pass->out->faults, fault);
    }
}

/* What is wrong with a deed in this state; false: nothing. */
static bool is_wrong(enum deed deed, enum life life, enum lifetime_fault_kind *ret_kind)
{
    switch (deed) {
    case DEED_USE:
        *ret_kind = life == LIFE_FRESH    ? LIFETIME_USED_UNMADE
                    : life == LIFE_COPIED ? LIFETIME_COPIED_USED
                                          : LIFETIME_USED_ENDED;
        return life == LIFE_FRESH || life == LIFE_COPIED || life == LIFE_ENDED;
    case DEED_MAKE:
        *ret_kind = LIFETIME_MADE_TWICE;
        return life == LIFE_MADE;
    case DEED_END:
        *ret_kind = LIFETIME_ENDED_TWICE;
        return life == LIFE_ENDED;
    }
    return false;
}

/* The call that took a lock that is surely held before `op`; false: it is not held. */
static bool is_held(const struct pass *pass, op_id op, path_id whole, op_id *ret_taken)
{
    const struct held *held = flow_held_at(pass->flows, pass->fn, op);

    for (uint32_t i = 0; held != NULL && i < held->must->n; i++) {
        const struct token *token = &held->must->v[i];
        if (lies_in(pass->flows->paths, token->lock, whole)) {
            ret_taken->i = token->taken.fn == pass->fn.i ? token->taken.op : ID_NONE;
            return true;
        }
    }
    return false;
}

/* A deed at `op` (or below it, at `inner`): tells what is wrong with it. */
static void judge(struct pass *pass, struct lives *lives, path_id lock, enum deed deed, op_id op,
                  const struct effect *inner)
{
    struct life_of now = find_life(pass, lives, lock);
    struct lifetime_fault fault = {.lock = lock, .op = op, .other = now.by, .inner_fn = FN_NONE};
    op_id taken;

    if (inner != NULL) {
        fault.inner_fn = inner->at_fn;
        fault.inner_op = inner->at_op;
    }
    if (deed == DEED_END && is_held(pass, op, lock, &taken)) {
        fault.kind = LIFETIME_ENDED_HELD;
        fault.other = taken;
        add_fault(pass, fault);
        set_life(lives, lock, LIFE_UNKNOWN, op);
        return;
    }
    if (!is_wrong(deed, now.life, &fault.kind)) {
        return;
    }
    if (fault.kind == LIFETIME_COPIED_USED) { /* the copy is the mistake */
        fault.op = now.by;
        fault.other = op;
        fault.inner_fn = FN_NONE;
    }
    add_fault(pass, fault);
    set_life(lives, now.place, LIFE_UNKNOWN, op); /* once is enough */
}

/* Does every way through the function come by the op? */
static bool is_on_every_way(const struct cfg *cfg, op_id op)
{
    uint32_t b = cfg_block_of(cfg, op);

    for (uint32_t i = 0; i < cfg->n_order; i++) {
        uint32_t end = cfg->order[i];
        if (cfg->fn->blocks.v[end].term == IR_RETURN && !cfg_dominates(cfg, b, end)) {
            return false;
        }
    }
    return true;
}

/* Keeps what is done first to a lock of the caller's. */
static void note_first(struct pass *pass, const struct lives *lives, path_id lock, enum deed deed,
                       op_id op, const struct effect *inner)
{
    const struct paths *paths = pass->flows->paths;
    enum path_kind root = path_get(paths, path_root_of(paths, lock))->kind;
    struct effect effect = {lock, deed, true, pass->fn, op, LIFE_ENTRY};

    if (!pass->recording || (root != ROOT_PARAM && root != ROOT_VAR) ||
        find_life(pass, lives, lock).life != LIFE_ENTRY) {
        return;
    }
    if (inner != NULL) {
        effect.at_fn = inner->at_fn;
        effect.at_op = inner->at_op;
    }
    effect.sure = is_on_every_way(pass->body->cfg, op) && (inner == NULL || inner->sure);
    for (size_t i = 0; i < pass->firsts.n; i++) {
        if (path_eq(pass->firsts.v[i].lock, lock)) {
            return; /* of two on one way the first one dominates; of two ways neither is sure */
        }
    }
    vec_push(pass->out, &pass->firsts, effect);
}

/* ---- what ops do ----------------------------------------------------------------------------- */

static void do_deed(struct pass *pass, struct lives *lives, path_id lock, enum deed deed, op_id op)
{
    bool tried =
        calls_uses_result(pass->body->ir, op); /* it can have failed: made by another try */

    if (!is_one_place(pass->flows->paths, lock)) {
        return;
    }
    judge(pass, lives, lock, deed, op, NULL);
    note_first(pass, lives, lock, deed, op, NULL);
    if (deed == DEED_USE) {
        return;
    }
    if (pass->recording) {
        vec_push(pass->out, &pass->out->events,
                 (struct lifetime_event){pass->fn, op, lock, deed == DEED_MAKE});
    }
    forget_others(pass, lives, lock);
    if (find_life(pass, lives, lock).life != LIFE_UNKNOWN || deed == DEED_MAKE) {
        enum life life = deed == DEED_END ? LIFE_ENDED : tried ? LIFE_UNKNOWN : LIFE_MADE;
        set_life(lives, lock, life, op);
    }
}

static bool lock_of(const struct pass *pass, const struct call *call, int arg, path_id *ret)
{
    *ret = arg >= 1 ? flow_arg_path(pass->flows, call, arg) : PATH_NONE;
    return !path_is_none(*ret);
}

/* Bytes of one object are copied over another: the locks in it, too. */
static void copy(struct pass *pass, struct lives *lives, path_id to, path_id from, op_id op)
{
    const struct paths *paths = pass->flows->paths;
    struct lifetime_fault fault = {.kind = LIFETIME_COPIED_HELD, .op = op, .inner_fn = FN_NONE};

    overwrite(pass, lives, to);
    if (path_is_none(to) || path_is_none(from) || !is_one_place(paths, to)) {
        return;
    }
    if (is_held(pass, op, from, &fault.other)) {
        const struct held *held = flow_held_at(pass->flows, pass->fn, op);
        for (uint32_t i = 0; i < held->must->n; i++) {
            fault.lock =
                lies_in(paths, held->must->v[i].lock, from) ? held->must->v[i].lock : fault.lock;
        }
        add_fault(pass, fault);
        set_life(lives, to, LIFE_UNKNOWN, op);
        return;
    }
    const struct path_node *root = path_get(paths, path_root_of(paths, from));
    bool is_own = root->kind == ROOT_LOCAL || root->kind == ROOT_CALL; /* nobody locks it yet */
    set_life(lives, to, is_own ? LIFE_UNKNOWN : LIFE_COPIED, op);
}

/* Does the write copy an object with locks in it? */
static bool is_lock_copy(const struct pass *pass, const struct ir_op *op)
{
    value_id value = op->kind == IR_WRITE ? op->u.access.value : (value_id){ID_NONE};

    return value.i != ID_NONE && pass->body->ir->values.v[value.i].kind == IR_VALUE_READ &&
           locktypes_in_place(pass->types, pass->body, op->u.access.place);
}

static void step_write(struct pass *pass, struct lives *lives, const struct ir_op *op, op_id id)
{
    const struct ir_fn *ir = pass->body->ir;
    bool copies = is_lock_copy(pass, op);

    if (lives->n == 0 && !copies) {
        return;
    }
    path_id to = flow_place(pass->flows, pass->fn, op->u.access.place);
    if (path_is_none(to)) {
        return;
    }
    if (copies) {
        const struct ir_op *read = &ir->ops.v[ir->values.v[op->u.access.value.i].u.op.i];
        copy(pass, lives, to, flow_place(pass->flows, pass->fn, read->u.access.place), id);
    } else {
        overwrite(pass, lives, to);
    }
}

/* Whoever is handed the object can do anything to what is no lock yet; strangers to all of it. */
static void hand_over(struct pass *pass, struct lives *lives, const struct call *call)
{
    const struct ir_op *op = &pass->body->ir->ops.v[call->op.i];
    bool is_stranger = call->model == NULL && call->callees.n == 0;
    const struct paths *paths = pass->flows->paths;

    for (int arg = 1; arg <= (int)op->u.call.n_args && lives->n > 0; arg++) {
        path_id object = flow_arg_path(pass->flows, call, arg);
        for (uint32_t i = 0; i < lives->n && !path_is_none(object); i++) {
            struct life_of *mine = &lives->v[i];
            bool meets =
                lies_behind(paths, mine->place, object) || lies_in(paths, object, mine->place);
            if (meets && (is_stranger || mine->life == LIFE_FRESH || mine->life == LIFE_COPIED)) {
                mine->life = LIFE_UNKNOWN;
            }
        }
    }
}

static const struct effect *effect_on(const struct effects_of *effects, path_id lock)
{
    for (size_t i = 0; i < effects->v.n; i++) {
        if (path_eq(effects->v.v[i].lock, lock)) {
            return &effects->v.v[i];
        }
    }
    return NULL;
}

/* What one callee does, of which all others behind the same pointer do the same. */
static void step_body(struct pass *pass, struct lives *lives, const struct call *call)
{
    const struct effects_of *effects = &pass->effects[call->callees.v[0].i];
    path_id pointees[MAX_PARAMS];

    if (effects->v.n == 0) {
        hand_over(pass, lives, call);
        return;
    }
    size_t n = flow_pointees(pass->flows, call, pointees);

    for (size_t i = 0; i < effects->v.n; i++) {
        const struct effect *effect = &effects->v.v[i];
        path_id lock = path_substitute(pass->flows->paths, effect->lock, pointees, n);
        if (path_is_none(lock) || !is_one_place(pass->flows->paths, lock)) {
            continue;
        }
        if (effect->sure) {
            judge(pass, lives, lock, effect->first, call->op, effect);
        }
        note_first(pass, lives, lock, effect->first, call->op, effect);
    }
    hand_over(pass, lives, call);
    for (size_t i = 0; i < effects->v.n; i++) {
        const struct effect *effect = &effects->v.v[i];
        path_id lock = path_substitute(pass->flows->paths, effect->lock, pointees, n);
        if (!path_is_none(lock) && effect->after != LIFE_ENTRY) {
            forget_others(pass, lives, lock);
            set_life(lives, lock, effect->after, call->op);
        }
    }
}

static bool is_known(const struct pass *pass, const struct call *call)
{
    return call->callees.n == 1 && pass->effects[call->callees.v[0].i].known;
}

/* Several bodies, or one that is being looked at (a recursion): what they touch is not known. */
static void step_unknown_bodies(struct pass *pass, struct lives *lives, const struct call *call)
{
    hand_over(pass, lives, call);
    for (uint32_t i = 0; i < lives->n; i++) {
        lives->v[i].life = LIFE_UNKNOWN;
    }
}

static void step_call(struct pass *pass, struct lives *lives, const struct call *call)
{
    const struct model_fn *model = call->model;
    path_id lock;

    if (model == NULL) {
        if (call->callees.n == 0) {
            hand_over(pass, lives, call);
        } else if (is_known(pass, call)) {
            step_body(pass, lives, call);
        } else {
            step_unknown_bodies(pass, lives, call);
        }
        return;
    }
    if (model->copies_to != ARG_NONE) {
        path_id to = flow_arg_path(pass->flows, call, model->copies_to);
        if (locktypes_behind(pass->types, call, model->copies_to) ||
            locktypes_behind(pass->types, call, model->copies_from)) {
            copy(pass, lives, to, flow_arg_path(pass->flows, call, model->copies_from), call->op);
        } else if (!path_is_none(to)) {
            overwrite(pass, lives, to);
        }
        return;
    }
    if (model->fresh) {
        path_id made = flow_arg_path(pass->flows, call, ARG_RETURNED);
        set_life(lives, made, model->zeroed ? LIFE_UNKNOWN : LIFE_FRESH, call->op);
        return;
    }
    if (lock_of(pass, call, model->init, &lock)) {
        do_deed(pass, lives, lock, DEED_MAKE, call->op);
    } else if (lock_of(pass, call, model->destroy, &lock)) {
        do_deed(pass, lives, lock, DEED_END, call->op);
    } else if (lock_of(pass, call, model->acquire, &lock) ||
               lock_of(pass, call, model->release, &lock) ||
               lock_of(pass, call, model->wait_lock, &lock)) {
        do_deed(pass, lives, lock, DEED_USE, call->op);
    } else {
        hand_over(pass, lives, call);
    }
}

static void step_block(struct pass *pass, uint32_t b, struct lives *lives)
{
    const struct ir_block *block = &pass->body->ir->blocks.v[b];

    for (uint32_t i = block->first_op; i < block->first_op + block->n_ops; i++) {
        const struct ir_op *op = &pass->body->ir->ops.v[i];
        if (op->kind == IR_CALL) {
            step_call(pass, lives, calls_at(pass->flows->calls, pass->fn, (op_id){i}));
        } else if (op->kind != IR_READ) {
            step_write(pass, lives, op, (op_id){i});
        }
    }
}

/* ---- the pass -------------------------------------------------------------------------------- */

static void find_fixpoint(struct pass *pass)
{
    const struct cfg *cfg = pass->body->cfg;
    bool changed = true;

    pass->in[0].reached = true;
    for (unsigned round = 0; changed && round < MAX_ROUNDS; round++) {
        changed = false;
        for (uint32_t i = 0; i < cfg->n_order; i++) {
            uint32_t b = cfg->order[i];
            const struct ir_block *block = &pass->body->ir->blocks.v[b];
            struct lives lives = pass->in[b];
            if (!lives.reached) {
                continue;
            }
            step_block(pass, b, &lives);
            for (uint32_t e = 0; e < block->n_succs; e++) {
                uint32_t to = pass->body->ir->succs.v[block->first_succ + e].block.i;
                changed |= join(pass, &pass->in[to], &lives);
            }
        }
    }
}

/* What the function leaves behind, in its caller's sight. */
static void sum_up(struct pass *pass, const struct lives *end)
{
    struct effects_of *effects = &pass->effects[pass->fn.i];
    const struct paths *paths = pass->flows->paths;

    for (size_t i = 0; i < pass->firsts.n; i++) {
        struct effect effect = pass->firsts.v[i];
        effect.after = find_life(pass, end, effect.lock).life;
        vec_push(pass->out, &effects->v, effect);
    }
    for (uint32_t i = 0; i < end->n; i++) { /* written over, or by several ways */
        enum path_kind root = path_get(paths, path_root_of(paths, end->v[i].place))->kind;
        if ((root == ROOT_PARAM || root == ROOT_VAR) &&
            effect_on(effects, end->v[i].place) == NULL) {
            vec_push(
                pass->out, &effects->v,
                (struct effect){end->v[i].place,
                                DEED_USE,
                                false,
                                FN_NONE,
                                {ID_NONE},
                                end->v[i].life == LIFE_COPIED ? LIFE_UNKNOWN : end->v[i].life});
        }
    }
    effects->known = true;
}

/* Does the call do anything to locks, as far as is known? (New memory alone is no lock yet.) */
static bool concerns_locks(const struct pass *pass, const struct call *call)
{
    const struct model_fn *model = call->model;
    bool concerns = false;

    if (model != NULL) {
        return model->copies_to != ARG_NONE || model->init != ARG_NONE ||
               model->destroy != ARG_NONE || model->acquire != ARG_NONE ||
               model->release != ARG_NONE || model->wait_lock != ARG_NONE;
    }
    for (size_t i = 0; i < call->callees.n && !concerns; i++) {
        concerns = pass->effects[call->callees.v[i].i].v.n > 0;
    }
    return concerns;
}

static bool copies_locks(const struct pass *pass)
{
    const struct ir_fn *ir = pass->body->ir;
    bool copies = false;

    for (size_t i = 0; i < ir->ops.n && !copies; i++) {
        copies = ir->ops.v[i].kind == IR_WRITE && is_lock_copy(pass, &ir->ops.v[i]);
    }
    return copies;
}

/* Can anything come of looking at the function? */
static bool is_of_interest(const struct pass *pass)
{
    const struct calls *calls = pass->flows->calls;
    bool interest = false;

    for (uint32_t i = calls->first[pass->fn.i]; i < calls->first[pass->fn.i + 1] && !interest;
         i++) {
        interest = concerns_locks(pass, &calls->v.v[i]);
    }
    return interest || copies_locks(pass);
}

static void analyse(struct pass *pass, fn_id fn)
{
    struct lives end = {.reached = false};

    pass->fn = fn;
    pass->body = &pass->flows->linked->fns.v[fn.i];
    if (!is_of_interest(pass)) {
        pass->effects[fn.i].known = true;
        return;
    }
    pass->in = mem_array(NULL, struct lives, pass->body->cfg->n + 1);
    pass->recording = false;
    pass->firsts.n = 0;
    find_fixpoint(pass);
    pass->recording = true;
    for (uint32_t i = 0; i < pass->body->cfg->n_order; i++) {
        uint32_t b = pass->body->cfg->order[i];
        struct lives lives = pass->in[b];
        if (!lives.reached) {
            continue;
        }
        step_block(pass, b, &lives);
        if (pass->body->ir->blocks.v[b].term == IR_RETURN) {
            (void)join(pass, &end, &lives);
        }
    }
    sum_up(pass, &end);
    talloc_free(pass->in);
}

struct lifetimes *lifetimes_find(void *owner, const struct flows *flows)
{
    struct lifetimes *out = mem_new(owner, struct lifetimes);
    const struct bottom_up *order = calls_bottom_up(flows->calls);
    struct pass pass = {.flows = flows, .out = out, .types = locktypes_new(out, flows)};

    pass.effects = mem_array(out, struct effects_of, flows->linked->fns.n + 1);
    for (size_t i = 0; i < order->n; i++) {
        analyse(&pass, order->order[i]);
    }
    return out;
}
