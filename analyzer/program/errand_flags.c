#include "program/errand_flags.h"

#include "program/depends.h"
#include "program/resolve.h"

#include <stdlib.h>
#include <string.h>

/* A store of a parameter, in a function that is a setter if it does nothing else to the flag. */
struct setter {
    uint32_t flag;
    fn_id fn;
    op_id op;
    uint32_t param;
    path_id path; /* in terms of the setter */
};

struct search {
    struct errand_flags *out;
    const struct accessmap *map;
    const struct flows *flows;
    uint32_t *flag_of; /* by variable of the map: index in out->v; ID_NONE */
    bool *spoilt;      /* by flag: something else is done to it, too */
    VEC(struct setter) setters;
};

static const struct prog_fn *body_of(const struct flows *flows, fn_id fn)
{
    return &flows->linked->fns.v[fn.i];
}

/* ---- touches --------------------------------------------------------------------------------- */

static bool is_synchronised(const struct accessmap *map, const struct variable *variable)
{
    bool atomic = true;

    for (size_t i = 0; i < variable->accesses.n; i++) {
        const struct access *access = &variable->accesses.v[i];
        const struct ir_fn *ir = map->contexts->flows->linked->fns.v[access->fn.i].ir;
        atomic = atomic && ir->ops.v[access->op.i].order > IR_ORDER_RELAXED;
    }
    return atomic || variable->guarded == variable->accesses.n;
}

/* The flag that the op of `fn` is about; ID_NONE. */
static uint32_t flag_at(const struct search *s, fn_id fn, uint32_t op, path_id *ret_path)
{
    const struct ir_fn *ir = body_of(s->flows, fn)->ir;
    uint32_t local;

    if (ir->ops.v[op].kind == IR_CALL || place_is_local(ir, ir->ops.v[op].u.access.place, &local)) {
        return ID_NONE;
    }
    *ret_path = flow_place(s->flows, fn, ir->ops.v[op].u.access.place);
    const struct variable *variable =
        path_is_none(*ret_path) ? NULL : accessmap_find(s->map, fn, *ret_path);
    return variable == NULL ? ID_NONE : s->flag_of[variable - s->map->v.v];
}

static void add_touch(struct search *s, uint32_t flag, struct touch touch)
{
    vec_push(s->out, &s->out->v.v[flag].touches, touch);
}

static void note_access(struct search *s, fn_id fn, uint32_t op)
{
    const struct ir_fn *ir = body_of(s->flows, fn)->ir;
    path_id path;
    uint32_t flag = flag_at(s, fn, op, &path);

    if (flag == ID_NONE) {
        return;
    }
    const struct ir_op *o = &ir->ops.v[op];
    struct touch touch = {fn, {op}, TOUCH_LOOK, path};
    if (o->kind == IR_WRITE) {
        uint32_t param = errand_stored_param(s->flows, fn, o->u.access.value);
        if (param != ID_NONE) {
            vec_push(s, &s->setters, (struct setter){flag, fn, {op}, param, path});
            return;
        }
        touch.kind = errand_is_zero(ir, o->u.access.value) ? TOUCH_RESET : TOUCH_GIVE;
    }
    s->spoilt[flag] = s->spoilt[flag] || o->kind == IR_RMW;
    add_touch(s, flag, touch);
}

static path_id in_caller(const struct search *s, const struct call *call, path_id path)
{
    path_id pointees[MAX_PARAMS];
    size_t n = flow_pointees(s->flows, call, pointees);

    return path_substitute(s->flows->paths, path, pointees, n);
}

static bool touches(const struct errand_flag *flag, fn_id fn)
{
    for (size_t i = 0; i < flag->touches.n; i++) {
        if (flag->touches.v[i].fn.i == fn.i) {
            return true;
        }
    }
    return false;
}

/* Keeps the setters; what others store of their parameters they give themselves. */
static void sort_out_setters(struct search *s)
{
    size_t n = 0;

    for (size_t i = 0; i < s->setters.n; i++) {
        struct setter setter = s->setters.v[i];
        if (touches(&s->out->v.v[setter.flag], setter.fn)) {
            add_touch(s, setter.flag,
                      (struct touch){setter.fn, setter.op, TOUCH_GIVE, setter.path});
        } else {
            s->setters.v[n++] = setter;
        }
    }
    s->setters.n = n;
}

/* Calls of setters are stores themselves. */
static void note_setter_calls(struct search *s, const struct call *call)
{
    for (size_t i = 0; i < s->setters.n; i++) {
        const struct setter *setter = &s->setters.v[i];
        for (size_t c = 0; c < call->callees.n; c++) {
            if (call->callees.v[c].i != setter->fn.i) {
                continue;
            }
            value_id value = call_arg(s->flows->linked, call, (int)setter->param + 1);
            bool zero = errand_is_zero(body_of(s->flows, call->fn)->ir, value);
            s->spoilt[setter->flag] |= call->indirect || call->callees.n != 1;
            add_touch(s, setter->flag,
                      (struct touch){call->fn, call->op, zero ? TOUCH_RESET : TOUCH_GIVE,
                                     in_caller(s, call, setter->path)});
        }
    }
}

static int by_op(const void *a, const void *b)
{
    const struct touch *x = a;
    const struct touch *y = b;

    if (x->fn.i != y->fn.i) {
        return x->fn.i < y->fn.i ? -1 : 1;
    }
    return x->op.i < y->op.i ? -1 : x->op.i > y->op.i;
}

const struct touch *errand_flag_touch(const struct errand_flag *flag, fn_id fn, op_id op)
{
    struct touch key = {.fn = fn, .op = op};

    return flag->touches.n == 0
               ? NULL
               : bsearch(&key, flag->touches.v, flag->touches.n, sizeof key, by_op);
}

/* The flag's path, if the function returns what it has read there. */
static path_id returned_flag(const struct search *s, const struct errand_flag *flag, fn_id fn)
{
    const struct prog_fn *body = body_of(s->flows, fn);
    struct depends *depends = depends_new(NULL, body);
    path_id path = PATH_NONE;

    for (uint32_t b = 0; b < body->ir->blocks.n; b++) {
        if (body->ir->blocks.v[b].term != IR_RETURN) {
            continue;
        }
        if (body->ir->blocks.v[b].cond.i == ID_NONE || !errand_tells_only(flag, fn, depends, b)) {
            path = PATH_NONE;
            break;
        }
        path = errand_flag_touch(flag, fn, depends_of_block(depends, b)->v[0])->path;
    }
    talloc_free(depends);
    return path;
}

/* Calls of getters are looks themselves. */
static void note_getter_calls(struct search *s, uint32_t flag)
{
    const struct calls *calls = s->flows->calls;
    uint32_t n_fns = (uint32_t)s->flows->linked->fns.n;
    path_id *got = mem_array(NULL, path_id, n_fns + 1);

    for (uint32_t f = 0; f < n_fns; f++) {
        got[f] = PATH_NONE;
    }
    for (size_t i = 0; i < s->out->v.v[flag].touches.n; i++) {
        fn_id fn = s->out->v.v[flag].touches.v[i].fn;
        if (s->out->v.v[flag].touches.v[i].kind == TOUCH_LOOK && path_is_none(got[fn.i])) {
            got[fn.i] = returned_flag(s, &s->out->v.v[flag], fn);
        }
    }
    for (size_t i = 0; i < calls->v.n; i++) {
        const struct call *call = &calls->v.v[i];
        if (call->callees.n == 1 && !call->indirect && !path_is_none(got[call->callees.v[0].i])) {
            add_touch(s, flag,
                      (struct touch){call->fn, call->op, TOUCH_LOOK,
                                     in_caller(s, call, got[call->callees.v[0].i])});
        }
    }
    talloc_free(got);
}

static void sort_touches(struct errand_flag *flag)
{
    if (flag->touches.n > 0) {
        qsort(flag->touches.v, flag->touches.n, sizeof *flag->touches.v, by_op);
    }
}

/* ---- the flags ------------------------------------------------------------------------------- */

/* Spreads `resets` from the functions with a reset to all that call them. */
static void find_resetting(const struct flows *flows, struct errand_flag *flag)
{
    const struct calls *calls = flows->calls;
    const struct bottom_up *order = calls_bottom_up(flows->calls);

    for (bool changed = true; changed;) { /* again for circles of calls */
        changed = false;
        for (size_t i = 0; i < order->n; i++) {
            uint32_t f = order->order[i].i;
            for (uint32_t c = calls->first[f]; c < calls->first[f + 1] && !flag->resets[f]; c++) {
                flag->resets[f] = errand_call_resets(flag, &calls->v.v[c]);
                changed |= flag->resets[f];
            }
        }
    }
}

static bool has_kind(const struct errand_flag *flag, enum touch_kind kind)
{
    for (size_t i = 0; i < flag->touches.n; i++) {
        if (flag->touches.v[i].kind == kind) {
            return true;
        }
    }
    return false;
}

static void complete(const struct search *s, struct errand_flag *flag)
{
    const struct flows *flows = s->flows;

    flag->resets = mem_array(s->out, bool, flows->linked->fns.n + 1);
    flag->fns = mem_array(s->out, struct errand_fn *, flows->linked->fns.n + 1);
    for (size_t i = 0; i < flag->touches.n; i++) {
        const struct touch *touch = &flag->touches.v[i];
        flag->resets[touch->fn.i] |= touch->kind == TOUCH_RESET;
    }
    find_resetting(flows, flag);
    for (size_t i = 0; i < flag->touches.n; i++) {
        fn_id fn = flag->touches.v[i].fn;
        if (flag->fns[fn.i] == NULL) {
            flag->fns[fn.i] = errand_fn_new(s->out, flows, flag, fn);
        }
    }
}

static void list_touches(struct search *s)
{
    const struct calls *calls = s->flows->calls;

    for (uint32_t f = 0; f < s->flows->linked->fns.n; f++) {
        for (uint32_t i = 0; i < body_of(s->flows, (fn_id){f})->ir->ops.n; i++) {
            note_access(s, (fn_id){f}, i);
        }
    }
    sort_out_setters(s);
    for (size_t i = 0; i < calls->v.n; i++) {
        note_setter_calls(s, &calls->v.v[i]);
    }
    for (uint32_t i = 0; i < s->out->v.n; i++) {
        sort_touches(&s->out->v.v[i]);
        note_getter_calls(s, i);
        sort_touches(&s->out->v.v[i]);
    }
}

struct errand_flags *errand_flags_find(void *owner, const struct accessmap *map)
{
    struct errand_flags *out = mem_new(owner, struct errand_flags);
    struct search *s = mem_new(NULL, struct search);
    size_t n = 0;

    out->map = map;
    *s = (struct search){.out = out, .map = map, .flows = map->contexts->flows};
    s->flag_of = mem_array(s, uint32_t, map->v.n + 1);
    for (size_t i = 0; i < map->v.n; i++) {
        bool may = map->v.v[i].shared && is_synchronised(map, &map->v.v[i]);
        s->flag_of[i] = may ? (uint32_t)out->v.n : ID_NONE;
        if (may) {
            vec_push(out, &out->v, (struct errand_flag){.variable = &map->v.v[i]});
        }
    }
    s->spoilt = mem_array(s, bool, out->v.n + 1);
    list_touches(s);
    for (size_t i = 0; i < out->v.n; i++) {
        struct errand_flag *flag = &out->v.v[i];
        if (!s->spoilt[i] && has_kind(flag, TOUCH_GIVE) && has_kind(flag, TOUCH_RESET) &&
            has_kind(flag, TOUCH_LOOK)) {
            complete(s, flag);
            out->v.v[n++] = *flag;
        }
    }
    out->v.n = n;
    talloc_free(s);
    return out;
}

bool errand_flag_is_waited_for(const struct errand_flag *flag)
{
    for (size_t i = 0; i < flag->touches.n; i++) {
        if (!flag->fns[flag->touches.v[i].fn.i]->waits) {
            return false;
        }
    }
    return true;
}

uint32_t errand_stored_param(const struct flows *flows, fn_id fn, value_id value)
{
    const struct ir_fn *ir = body_of(flows, fn)->ir;
    const struct resolver *resolver = flows->v[fn.i].resolver;
    uint32_t local;

    value = resolve_value(resolver, value);
    if (value.i == ID_NONE || ir->values.v[value.i].kind != IR_VALUE_READ) {
        return ID_NONE;
    }
    const struct ir_op *read = &ir->ops.v[ir->values.v[value.i].u.op.i];
    bool is_argument = read->kind == IR_READ && place_is_local(ir, read->u.access.place, &local) &&
                       resolve_is_argument(resolver, local);
    return is_argument && local < ir->n_params ? local : ID_NONE;
}

bool errand_is_zero(const struct ir_fn *ir, value_id value)
{
    return value.i != ID_NONE && ir->values.v[value.i].kind == IR_VALUE_INT &&
           ir->values.v[value.i].u.number == 0;
}

bool errand_is_look(const struct errand_flag *flag, fn_id fn, op_id op)
{
    const struct touch *touch = errand_flag_touch(flag, fn, op);

    return touch != NULL && touch->kind == TOUCH_LOOK;
}

bool errand_tells_only(const struct errand_flag *flag, fn_id fn, struct depends *depends,
                       uint32_t block)
{
    const struct op_list *ops = depends_of_block(depends, block);
    bool only = ops->n > 0;

    for (size_t i = 0; i < ops->n && only; i++) {
        only = errand_is_look(flag, fn, ops->v[i]);
    }
    return only;
}

bool errand_call_resets(const struct errand_flag *flag, const struct call *call)
{
    bool resets = false;

    for (size_t i = 0; i < call->callees.n; i++) {
        resets = resets || flag->resets[call->callees.v[i].i];
    }
    return resets;
}
