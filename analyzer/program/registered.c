#include "program/registered.h"

#include "program/resolve.h"

#include <string.h>

enum { MAX_WRAPPED = 8, MAX_CALLEES = 16 };

/* A write of a slot. */
struct slot_write {
    uint32_t slot;
    uint32_t fn; /* linked.fns; behind them, linked.inits */
    uint32_t op;
};

struct slot_info {
    bool known;
    bool by_call;
    VEC(struct registration_of) v;
};

struct registered {
    const struct contexts *contexts;
    const struct linked *linked;
    const struct callers *callers;
    void *names;                   /* owner of texts that outlive this */
    VEC(struct slot_write) writes; /* sorted by slot */
    struct slot_info *slots;       /* by slot */
    struct slot_info mentions;     /* any place that names a function */
};

/* ---- slots ----------------------------------------------------------------------------------- */

slot_id registered_slot(const struct linked *linked, const struct prog_fn *fn, place_id id)
{
    const struct ir_place *place = &fn->ir->places.v[id.i];

    for (uint32_t i = place->n_steps; i > 0; i--) {
        const struct ir_step *step = &fn->ir->steps.v[place->first_step + i - 1];
        if (step->kind == IR_STEP_FIELD) {
            return (slot_id){linked_field(linked, fn, step->arg)};
        }
        if (step->kind != IR_STEP_INDEX) {
            return SLOT_NONE;
        }
    }
    return place->base_kind == IR_BASE_GLOBAL && place->n_steps > 0
               ? (slot_id){(uint32_t)linked->fields.n + linked_sym(linked, fn, place->base)}
               : SLOT_NONE;
}

uint32_t registered_record(const struct linked *linked, slot_id slot)
{
    return slot.i < linked->fields.n ? linked->fields.v[slot.i].record : ID_NONE;
}

static const char *slot_name(const struct registered *r, slot_id slot)
{
    if (slot.i >= r->linked->fields.n) {
        return r->linked->syms.v[slot.i - r->linked->fields.n].ir->name;
    }
    return linked_field_name(r->names, r->linked, slot.i);
}

static const struct prog_fn *body_of(const struct linked *linked, uint32_t fn)
{
    return fn < linked->fns.n ? &linked->fns.v[fn] : &linked->inits.v[fn - linked->fns.n];
}

static int by_slot(const void *a, const void *b)
{
    const struct slot_write *x = a;
    const struct slot_write *y = b;

    if (x->slot != y->slot) {
        return x->slot < y->slot ? -1 : 1;
    }
    if (x->fn != y->fn) {
        return x->fn < y->fn ? -1 : 1;
    }
    return x->op < y->op ? -1 : x->op > y->op;
}

static void list_writes(struct registered *r, uint32_t fn)
{
    const struct prog_fn *body = body_of(r->linked, fn);

    for (uint32_t i = 0; i < body->ir->ops.n; i++) {
        const struct ir_op *op = &body->ir->ops.v[i];
        if (op->kind != IR_WRITE || op->u.access.value.i == ID_NONE) {
            continue;
        }
        slot_id slot = registered_slot(r->linked, body, op->u.access.place);
        if (slot.i != ID_NONE) {
            vec_push(r, &r->writes, (struct slot_write){slot.i, fn, i});
        }
    }
}

struct registered *registered_build(void *owner, struct contexts *contexts,
                                    const struct callers *callers)
{
    struct registered *r = mem_new(owner, struct registered);

    r->contexts = contexts;
    r->names = contexts;
    r->linked = contexts->flows->linked;
    r->callers = callers;
    r->slots = mem_array(r, struct slot_info, r->linked->fields.n + r->linked->syms.n + 1);
    for (uint32_t f = 0; f < r->linked->fns.n + r->linked->inits.n; f++) {
        list_writes(r, f);
    }
    qsort(r->writes.v, r->writes.n, sizeof *r->writes.v, by_slot);
    return r;
}

/* ---- who is put there ------------------------------------------------------------------------ */

static void add(struct registered *r, struct slot_info *info, fn_id fn, uint32_t in, uint32_t op,
                const char *by)
{
    bool is_init = in >= r->linked->fns.n;
    struct site site = is_init ? SITE_NONE : (struct site){in, op};
    struct init_site init =
        is_init ? (struct init_site){in - (uint32_t)r->linked->fns.n, op} : INIT_SITE_NONE;

    vec_push(r->slots, &info->v, (struct registration_of){fn, site, init, by});
}

/* A function named in the source: all bodies that it can be. */
static void add_named(struct registered *r, struct slot_info *info, uint32_t in, uint32_t op,
                      const struct ir_value *v, const char *by)
{
    const struct prog_fn *body = body_of(r->linked, in);
    uint32_t sym = linked_sym(r->linked, body, v->u.sym.i);
    struct bodies bodies = linked_bodies(r->linked, sym, body->unit_index);

    for (size_t i = 0; i < bodies.n; i++) {
        add(r, info, bodies.v[i], in, op, by);
    }
}

static void follow(struct registered *r, struct slot_info *info, uint32_t in, uint32_t op,
                   value_id value, const char *by, unsigned depth);

static void follow_place(struct registered *r, struct slot_info *info, uint32_t in, uint32_t op,
                         place_id place, const char *by, unsigned depth);

/* The value is the function's parameter: what do its callers hand over? */
static void follow_callers(struct registered *r, struct slot_info *info, uint32_t fn,
                           uint32_t param, unsigned depth)
{
    for (uint32_t i = r->callers->first[fn]; i < r->callers->first[fn + 1]; i++) {
        const struct call *call = r->callers->v[i];
        value_id given = call_arg(r->linked, call, (int)param + 1);
        if (call->callees.n <= MAX_CALLEES && call->model == NULL && given.i != ID_NONE) {
            const char *by = call->indirect ? r->linked->fns.v[fn].name : call->name;
            follow(r, info, call->fn.i, call->op.i, given, by, depth + 1);
        }
    }
}

static void follow(struct registered *r, struct slot_info *info, uint32_t in, uint32_t op,
                   value_id value, const char *by, unsigned depth)
{
    const struct prog_fn *body = body_of(r->linked, in);
    bool is_init = in >= r->linked->fns.n;

    if (!is_init) {
        value = resolve_value(r->contexts->flows->v[in].resolver, value);
    }
    if (value.i == ID_NONE || depth > MAX_WRAPPED) {
        return;
    }
    const struct ir_value *v = &body->ir->values.v[value.i];
    if (v->kind == IR_VALUE_FN) {
        add_named(r, info, in, op, v, by);
        return;
    }
    if (!is_init && v->kind == IR_VALUE_READ) {
        follow_place(r, info, in, op, body->ir->ops.v[v->u.op.i].u.access.place, by, depth);
    }
}

/* The first write of the slot. */
static size_t first_write(const struct registered *r, slot_id slot)
{
    size_t low = 0;
    size_t high = r->writes.n;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (r->writes.v[mid].slot < slot.i) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

static void follow_slot(struct registered *r, struct slot_info *info, slot_id slot, unsigned depth)
{
    size_t i = first_write(r, slot);

    for (; i < r->writes.n && r->writes.v[i].slot == slot.i; i++) {
        const struct slot_write *w = &r->writes.v[i];
        const struct ir_op *op = &body_of(r->linked, w->fn)->ir->ops.v[w->op];
        follow(r, info, w->fn, w->op, op->u.access.value, slot_name(r, slot), depth);
    }
}

static void follow_place(struct registered *r, struct slot_info *info, uint32_t in, uint32_t op,
                         place_id place, const char *by, unsigned depth)
{
    const struct prog_fn *body = body_of(r->linked, in);
    uint32_t local;

    if (!place_is_local(body->ir, place, &local)) { /* reply->callback = request->callback */
        slot_id slot = registered_slot(r->linked, body, place);
        if (slot.i != ID_NONE) {
            follow_slot(r, info, slot, depth + MAX_WRAPPED / 2);
        }
        return;
    }
    if (local < body->ir->n_params) {
        info->by_call = true;
        follow_callers(r, info, in, local, depth);
        return;
    }
    for (uint32_t i = 0; i < body->ir->ops.n; i++) { /* cb = udp ? on_udp : on_tcp */
        const struct ir_op *write = &body->ir->ops.v[i];
        uint32_t written;
        if (write->kind == IR_WRITE && place_is_local(body->ir, write->u.access.place, &written) &&
            written == local) {
            follow(r, info, in, op, write->u.access.value, by, depth + MAX_WRAPPED / 2);
        }
    }
}

static struct slot_info *info_of(struct registered *r, slot_id slot)
{
    struct slot_info *info = &r->slots[slot.i];

    if (!info->known) {
        info->known = true;
        follow_slot(r, info, slot, 0);
    }
    return info;
}

bool registered_by_call(struct registered *r, slot_id slot)
{
    return slot.i != ID_NONE && info_of(r, slot)->by_call;
}

/* ---- where ----------------------------------------------------------------------------------- */

static void list_mentions_in(struct registered *r, uint32_t fn)
{
    const struct prog_fn *body = body_of(r->linked, fn);

    for (uint32_t i = 0; i < body->ir->ops.n; i++) {
        const struct ir_op *op = &body->ir->ops.v[i];
        if (op->kind == IR_WRITE && op->u.access.value.i != ID_NONE) {
            const struct ir_value *v = &body->ir->values.v[op->u.access.value.i];
            slot_id slot = registered_slot(r->linked, body, op->u.access.place);
            if (v->kind == IR_VALUE_FN) {
                add_named(r, &r->mentions, fn, i, v,
                          slot.i == ID_NONE ? "a variable" : slot_name(r, slot));
            }
        }
        for (uint32_t a = 0; op->kind == IR_CALL && a < op->u.call.n_args; a++) {
            value_id arg = body->ir->args.v[op->u.call.first_arg + a];
            const struct ir_value *v = arg.i == ID_NONE ? NULL : &body->ir->values.v[arg.i];
            if (v != NULL && v->kind == IR_VALUE_FN) {
                const char *by = calls_at(r->contexts->flows->calls, (fn_id){fn}, (op_id){i})->name;
                add_named(r, &r->mentions, fn, i, v, by);
            }
        }
    }
}

static const struct slot_info *mentions_of(struct registered *r)
{
    if (!r->mentions.known) {
        r->mentions.known = true;
        for (uint32_t f = 0; f < r->linked->fns.n + r->linked->inits.n; f++) {
            list_mentions_in(r, f);
        }
    }
    return &r->mentions;
}

static struct loc loc_of(const struct linked *linked, const struct registration_of *one)
{
    return one->site.fn == UINT32_MAX ? linked_init_loc(linked, one->init)
                                      : linked_loc(&linked->fns.v[one->site.fn], one->site.op);
}

static bool comes_first(struct loc a, struct loc b)
{
    int order = strcmp(a.file, b.file);

    return order != 0 ? order < 0 : a.line != b.line ? a.line < b.line : a.column < b.column;
}

static const struct registration_of *first_of(const struct linked *linked,
                                              const struct slot_info *info, fn_id fn)
{
    const struct registration_of *first = NULL;
    struct loc first_loc = {.file = NULL};

    for (size_t i = 0; i < info->v.n; i++) {
        const struct registration_of *one = &info->v.v[i];
        struct loc loc = one->fn.i == fn.i ? loc_of(linked, one) : (struct loc){.file = NULL};
        if (loc.file != NULL && (first == NULL || comes_first(loc, first_loc))) {
            first = one;
            first_loc = loc;
        }
    }
    return first;
}

const struct registration_of *registered_where(struct registered *r, slot_id slot, fn_id fn)
{
    const struct registration_of *first =
        slot.i == ID_NONE ? NULL : first_of(r->linked, info_of(r, slot), fn);

    return first != NULL ? first : first_of(r->linked, mentions_of(r), fn);
}
