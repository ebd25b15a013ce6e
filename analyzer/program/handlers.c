#include "program/handlers.h"

#include "program/picked.h"
#include "program/resolve.h"

#include <string.h>

/* Calls below the loop: where an object that was picked counts, where a registered one does. */
enum { MAX_NEAR = 4, MAX_FAR = 8, MAX_FOLLOWED = 3, MAX_BODIES = 8 };

struct seen_fn {
    bool yes;
    uint32_t depth;
    uint64_t params; /* see pick_scope.params */
};

struct walk {
    const struct handler_search *search;
    const struct contexts *contexts;
    const struct linked *linked;
    struct handler_list *out;
    struct seen_fn *seen; /* by fn */
    fn_id loop;
    VEC(uint32_t) queue;
    uint32_t near; /* depth up to which a picked object is enough */
};

/* ---- what a pointer is read from ------------------------------------------------------------- */

/* What is known of a pointer to a function. */
struct pointer {
    slot_id slot;
    bool picked;
    bool handed; /* it is read through a pointer: not a setting of the whole program */
};

static void look_at_pointer(const struct walk *walk, const struct pick_scope *scope, value_id value,
                            struct pointer *ret, unsigned depth);

static void look_at_writes(const struct walk *walk, const struct pick_scope *scope, uint32_t local,
                           struct pointer *ret, unsigned depth)
{
    const struct ir_fn *ir = walk->linked->fns.v[scope->fn.i].ir;

    for (uint32_t i = 0; i < ir->ops.n; i++) {
        const struct ir_op *op = &ir->ops.v[i];
        uint32_t written;
        if (op->kind == IR_WRITE && place_is_local(ir, op->u.access.place, &written) &&
            written == local) {
            look_at_pointer(walk, scope, op->u.access.value, ret, depth + 1);
        }
    }
}

/* The pointer is a parameter: what do the callers hand over (call_handler(conn, conn->on_read))? */
static void look_at_callers(const struct walk *walk, const struct pick_scope *scope, uint32_t param,
                            struct pointer *ret, unsigned depth)
{
    const struct callers *callers = walk->search->callers;

    for (uint32_t i = callers->first[scope->fn.i]; i < callers->first[scope->fn.i + 1]; i++) {
        const struct call *call = callers->v[i];
        struct pick_scope theirs = {scope->contexts, call->fn, 0, scope->loop};
        if (!call->indirect && call->model == NULL && walk->seen[call->fn.i].yes) {
            theirs.params = walk->seen[call->fn.i].params;
            look_at_pointer(walk, &theirs, call_arg(walk->linked, call, (int)param + 1), ret,
                            depth + 1);
        }
    }
}

static void look_at_pointer(const struct walk *walk, const struct pick_scope *scope, value_id value,
                            struct pointer *ret, unsigned depth)
{
    const struct prog_fn *fn = &walk->linked->fns.v[scope->fn.i];
    uint32_t local;

    value = resolve_value(walk->contexts->flows->v[scope->fn.i].resolver, value);
    if (value.i == ID_NONE || depth > MAX_FOLLOWED ||
        fn->ir->values.v[value.i].kind != IR_VALUE_READ) {
        return;
    }
    place_id place = fn->ir->ops.v[fn->ir->values.v[value.i].u.op.i].u.access.place;
    if (!place_is_local(fn->ir, place, &local)) {
        slot_id slot = registered_slot(walk->linked, fn, place);
        ret->slot = slot.i != ID_NONE ? slot : ret->slot;
        ret->handed = ret->handed || fn->ir->places.v[place.i].base_kind != IR_BASE_GLOBAL;
        ret->picked = ret->picked || picked_holder(scope, place);
    } else if (local < fn->ir->n_params) {
        look_at_callers(walk, scope, local, ret, depth);
    } else {
        look_at_writes(walk, scope, local, ret, depth);
    }
}

/* ---- what is no handler ---------------------------------------------------------------------- */

/* Does the type of a function, as written, say that it returns a value and can write through none
 * of its arguments: "int (const void *, const void *)"? */
static bool only_looks(const char *type)
{
    const char *open = type == NULL ? NULL : strchr(type, '(');
    bool any = false;

    if (open == NULL || strncmp(type, "void (", 6) == 0) {
        return false;
    }
    for (const char *at = open + 1; *at != '\0' && *at != ')';) {
        size_t n = strcspn(at, ",)");
        const char *star = memchr(at, '*', n);
        if (star != NULL && strncmp(at, "const ", 6) != 0) {
            return false;
        }
        any = any || star != NULL;
        at += n;
        at += strspn(at, ", ");
    }
    return any;
}

static bool returns_pointer(const char *type)
{
    const char *open = type == NULL ? NULL : strchr(type, '(');

    return open != NULL && memchr(type, '*', (size_t)(open - type)) != NULL;
}

static bool is_helper(const struct walk *walk, const struct call *call)
{
    const struct ir_fn *ir = walk->linked->fns.v[call->fn.i].ir;
    bool used = calls_uses_result(ir, call->op);

    for (size_t c = 0; c < call->callees.n; c++) {
        const struct prog_fn *fn = &walk->linked->fns.v[call->callees.v[c].i];
        const char *type = fn->sym == ID_NONE ? NULL : walk->linked->syms.v[fn->sym].ir->type;
        if (used && (only_looks(type) || returns_pointer(type))) {
            return true;
        }
    }
    return false;
}

/* ---- the walk -------------------------------------------------------------------------------- */

/* Is the function in a program that the loop's function is in? */
static bool is_linked(const struct walk *walk, fn_id fn)
{
    const struct linked *linked = walk->linked;
    uint64_t theirs = linked->programs[linked->fns.v[fn.i].unit_index];
    uint64_t ours = linked->programs[linked->fns.v[walk->loop.i].unit_index];

    return theirs == 0 || ours == 0 || (theirs & ours) != 0;
}

static void visit(struct walk *walk, fn_id fn, uint32_t depth, uint64_t params)
{
    struct seen_fn *seen = &walk->seen[fn.i];

    if (depth > MAX_FAR || !is_linked(walk, fn) || (seen->yes && (params & ~seen->params) == 0)) {
        return;
    }
    *seen = (struct seen_fn){true, seen->yes && seen->depth < depth ? seen->depth : depth,
                             seen->params | params};
    vec_push(walk->out, &walk->queue, fn.i);
}

bool handlers_call_waits(const struct handler_search *search, const struct call *call)
{
    for (size_t c = 0; c < call->callees.n; c++) {
        if (!search->waits[call->callees.v[c].i]) {
            return false;
        }
    }
    return call->model == NULL && call->callees.n > 0;
}

static uint64_t picked_arguments(const struct walk *walk, const struct pick_scope *scope,
                                 const struct call *call)
{
    const struct ir_op *op = &walk->linked->fns.v[call->fn.i].ir->ops.v[call->op.i];
    uint64_t params = 0;

    for (uint32_t a = 0; a < op->u.call.n_args && a < 64; a++) {
        if (picked_by_value(scope, call_arg(walk->linked, call, (int)a + 1))) {
            params |= 1ull << a;
        }
    }
    return params;
}

/* Bit i: parameter i of the function is the loop's own object. */
static uint64_t own_parameters(const struct walk *walk, const struct pick_scope *scope, fn_id fn)
{
    const struct ir_fn *ir = walk->linked->fns.v[fn.i].ir;
    uint64_t own = 0;

    for (uint32_t i = 0; i < ir->n_params && i < 64; i++) {
        const char *type = ir->locals.v[i].type;
        own |= type != NULL && picked_is_own_type(scope, type) ? 1ull << i : 0;
    }
    return own;
}

static void add_handler(struct walk *walk, struct handler_call handler)
{
    for (size_t i = 0; i < walk->out->v.n; i++) {
        if (walk->out->v.v[i].call == handler.call) {
            walk->out->v.v[i].picked |= handler.picked;
            return;
        }
    }
    vec_push(walk->out, &walk->out->v, handler);
}

static bool is_handler(const struct walk *walk, const struct pick_scope *scope,
                       const struct call *call, uint32_t depth, struct pointer *ret)
{
    const struct ir_fn *ir = walk->linked->fns.v[call->fn.i].ir;

    *ret = (struct pointer){SLOT_NONE, false, false};
    if (handlers_call_waits(walk->search, call) || is_helper(walk, call)) {
        return false;
    }
    look_at_pointer(walk, scope, ir->ops.v[call->op.i].u.call.callee, ret, 0);
    ret->picked = ret->picked && depth <= walk->near;
    bool is_member = ret->handed && registered_record(walk->linked, ret->slot) != ID_NONE;
    return ret->picked || (is_member && registered_by_call(walk->search->registered, ret->slot));
}

static void look_at_call(struct walk *walk, const struct call *call)
{
    const struct seen_fn here = walk->seen[call->fn.i];
    struct pick_scope scope = {walk->contexts, call->fn, here.params, walk->loop};
    struct pointer pointer;

    if (flow_held_at(walk->contexts->flows, call->fn, call->op) == NULL ||
        doom_at(walk->contexts->doom, call->fn, call->op)) {
        return;
    }
    if (call->indirect) {
        if (is_handler(walk, &scope, call, here.depth, &pointer)) {
            add_handler(walk,
                        (struct handler_call){call, pointer.slot, pointer.picked, here.depth});
            return;
        }
        if (!handlers_call_waits(walk->search, call) || call->callees.n > MAX_BODIES) {
            return;
        }
    }
    uint64_t params = here.depth < walk->near ? picked_arguments(walk, &scope, call) : 0;
    for (size_t c = 0; c < call->callees.n && call->model == NULL; c++) {
        fn_id callee = call->callees.v[c];
        visit(walk, callee, here.depth + 1, params & ~own_parameters(walk, &scope, callee));
    }
}

static struct walk walk_from(void *owner, const struct handler_search *search, fn_id fn)
{
    const struct linked *linked = search->contexts->flows->linked;
    struct walk walk = {
        .search = search, .contexts = search->contexts, .linked = linked, .loop = fn};

    walk.out = mem_new(owner, struct handler_list);
    walk.seen = mem_array(NULL, struct seen_fn, linked->fns.n + 1);
    walk.seen[fn.i] = (struct seen_fn){true, 0, 0};
    return walk;
}

static struct handler_list *finish(struct walk *walk)
{
    const struct calls *calls = walk->contexts->flows->calls;

    for (size_t next = 0; next < walk->queue.n; next++) {
        uint32_t fn = walk->queue.v[next];
        for (uint32_t i = calls->first[fn]; i < calls->first[fn + 1]; i++) {
            look_at_call(walk, &calls->v.v[i]);
        }
    }
    talloc_free(walk->seen);
    return walk->out;
}

struct handler_list *handlers_of_loop(void *owner, const struct handler_search *search, fn_id fn,
                                      uint32_t head)
{
    struct walk walk = walk_from(owner, search, fn);
    const struct calls *calls = search->contexts->flows->calls;
    const struct cfg *cfg = walk.linked->fns.v[fn.i].cfg;

    walk.near = MAX_NEAR;
    for (uint32_t i = calls->first[fn.i]; i < calls->first[fn.i + 1]; i++) {
        if (cfg_in_loop(cfg, cfg_block_of(cfg, calls->v.v[i].op), head)) {
            look_at_call(&walk, &calls->v.v[i]);
        }
    }
    return finish(&walk);
}

struct handler_list *handlers_below(void *owner, const struct handler_search *search, fn_id fn)
{
    struct walk walk = walk_from(owner, search, fn);

    vec_push(walk.out, &walk.queue, fn.i);
    return finish(&walk);
}
