#include "program/stale.h"

#include "program/resolve.h"
#include "program/trail.h"

enum { FEW = 3 }; /* bodies behind a call that returns a pointer */

/* What a function returns that it has looked up. */
struct returned {
    const char *type; /* NULL: nothing */
    struct containers from;
    uint32_t n_locks; /* held at the lookup, in absolute terms */
    path_id locks[MAX_GUARDS];
    bool kept; /* with a reference */
};

/* Is a pointer of that type ever freed? */
enum freed { NOT_ASKED, FREED, NEVER_FREED };

/* The search in one function. */
struct search {
    struct stale_uses *out;
    const struct frees *frees;
    uint8_t *freed_field;      /* by program field: enum freed */
    struct returned *returned; /* by fn */
    struct depends *depends;   /* NULL until needed */
    const char *type;          /* of the pointer that is followed */
    struct trail trail;
};

/* ---- what is found --------------------------------------------------------------------------- */

/* The last call before the use at which a lock was held that is free by then. */
static op_id let_go_before(const struct trail *t, const struct mark *mark, op_id use)
{
    for (uint32_t i = use.i; i-- > t->seed.i + 1;) {
        const struct held *held = flow_held_at(t->flows, t->fn, (op_id){i});
        bool was_held = false;
        for (uint32_t g = 0; g < t->n_guards && held != NULL; g++) {
            was_held =
                was_held || ((mark->free >> g & 1u) != 0 && trail_is_held(t, &t->guards[g], held));
        }
        if (was_held && t->body->ir->ops.v[i].kind == IR_CALL) {
            return (op_id){i};
        }
    }
    return (op_id){ID_NONE};
}

static bool is_known(const struct search *s, op_id use)
{
    for (size_t i = s->out->v.n; i > 0 && s->out->v.v[i - 1].fn.i == s->trail.fn.i; i--) {
        if (s->out->v.v[i - 1].use.i == use.i) {
            return true; /* the first lookup stands for all that come here */
        }
    }
    return false;
}

static void add_use(struct search *s, op_id use, const struct mark *mark, uint32_t used)
{
    const struct trail *t = &s->trail;
    struct stale_use found = {.fn = t->fn, .found = t->seed, .use = use, .type = s->type};

    for (uint32_t i = 0; i < t->n_holders; i++) {
        if ((used >> i & 1u) != 0 && t->body->ir->locals.v[t->holders[i]].name != NULL) {
            found.name = t->body->ir->locals.v[t->holders[i]].name;
        }
    }
    found.from = t->from;
    for (uint32_t g = 0; g < t->n_guards; g++) {
        if ((mark->free >> g & 1u) != 0) {
            found.locks[found.n_locks++] = t->guards[g].absolute;
        }
    }
    found.let_go = let_go_before(t, mark, use);
    vec_push(s->out, &s->out->v, found);
}

/* The first use in a block after a lock was let go; ID_NONE. *mark is then the state before it. */
static op_id first_use(struct trail *t, uint32_t b, struct mark *mark, uint32_t *ret_used)
{
    const struct ir_block *block = &t->body->ir->blocks.v[b];

    *mark = t->in[b];
    for (uint32_t i = block->first_op; i < block->first_op + block->n_ops; i++) {
        trail_note_free(t, (op_id){i}, mark);
        *ret_used =
            mark->free != 0 && i != t->seed.i ? mark->open & trail_bits_used(t, (op_id){i}) : 0;
        if (*ret_used != 0) {
            return (op_id){i};
        }
        trail_step(t, (op_id){i}, mark);
    }
    return (op_id){ID_NONE};
}

/* Keeps the first one of the lookup. */
static void find_use(struct search *s)
{
    struct trail *t = &s->trail;
    op_id first = {ID_NONE};
    struct mark at = {0};
    uint32_t by = 0;

    for (uint32_t b = 0; b < t->body->cfg->n; b++) {
        struct mark mark;
        uint32_t used;
        op_id use = first_use(t, b, &mark, &used);
        if (use.i < first.i) {
            first = use;
            at = mark;
            by = used;
        }
    }
    if (first.i != ID_NONE && !is_known(s, first)) {
        add_use(s, first, &at, by);
    }
}

/* ---- what is returned ------------------------------------------------------------------------ */

static void add_returned(struct search *s)
{
    const struct trail *t = &s->trail;
    struct returned *returned = &s->returned[t->fn.i];

    returned->type = s->type;
    containers_join(&returned->from, &t->from);
    for (uint32_t g = 0; g < t->n_guards; g++) {
        bool known = false;
        for (uint32_t k = 0; k < returned->n_locks; k++) {
            known = known || path_eq(returned->locks[k], t->guards[g].absolute);
        }
        if (!known && returned->n_locks < MAX_GUARDS) {
            returned->locks[returned->n_locks++] = t->guards[g].absolute;
        }
    }
}

static void find_returned(struct search *s)
{
    struct trail *t = &s->trail;

    for (uint32_t b = 0; b < t->body->cfg->n; b++) {
        const struct ir_block *block = &t->body->ir->blocks.v[b];
        if (block->term != IR_RETURN || block->cond.i == ID_NONE ||
            t->body->cfg->position[b] == ID_NONE) {
            continue;
        }
        struct mark mark = trail_run_block(t, b);
        uint32_t bits = trail_bits_of(t, block->cond);
        if ((bits & mark.open) != 0) {
            add_returned(s);
        } else if ((bits & mark.safe) != 0) {
            s->returned[t->fn.i].kept = true;
        }
    }
}

/* ---- lookups --------------------------------------------------------------------------------- */

static bool is_freed(const struct search *s, const char *type)
{
    size_t first;

    return type != NULL && frees_of_type(s->frees, type, &first) > 0;
}

/* The same of what a place holds: asked for each read, so the answer for a field is kept. */
static bool is_place_freed(struct search *s, place_id place)
{
    const struct prog_fn *body = s->trail.body;
    const struct ir_place *p = &body->ir->places.v[place.i];
    const struct ir_step *last = &body->ir->steps.v[p->first_step + p->n_steps - 1];
    uint8_t unkept = NOT_ASKED;
    uint8_t *kept = p->n_steps > 0 && last->kind == IR_STEP_FIELD
                        ? &s->freed_field[linked_field(s->trail.flows->linked, body, last->arg)]
                        : &unkept;

    s->type = NULL;
    if (*kept != NEVER_FREED) {
        s->type = frees_type_of_place(s->trail.flows, s->trail.fn, place);
        *kept = *kept == FREED || is_freed(s, s->type) ? FREED : NEVER_FREED;
    }
    return *kept == FREED;
}

static void begin(struct search *s, op_id seed)
{
    s->trail.seed = seed;
    s->trail.from = (struct containers){0};
    s->trail.taken = false;
    s->trail.n_guards = 0;
    s->trail.n_holders = 0;
}

static void follow(struct search *s)
{
    struct trail *t = &s->trail;
    const struct held *held = flow_held_at(t->flows, t->fn, t->seed);

    for (uint32_t i = 0; held != NULL && i < held->must->n; i++) {
        path_id lock = held->must->v[i].lock;
        trail_add_guard(t, lock, contexts_absolute(t->contexts, t->fn, lock));
    }
    trail_follow(t);
    if (t->n_guards > 0) {
        find_use(s);
    }
    find_returned(s);
}

/* Does the function write the variable that `read` reads? */
static bool writes_same(const struct trail *t, op_id read)
{
    path_id path = flow_place(t->flows, t->fn, t->body->ir->ops.v[read.i].u.access.place);

    for (uint32_t i = 0; i < t->body->ir->ops.n && !path_is_none(path); i++) {
        const struct ir_op *op = &t->body->ir->ops.v[i];
        if ((op->kind == IR_WRITE || op->kind == IR_RMW) &&
            path_eq(flow_place(t->flows, t->fn, op->u.access.place), path)) {
            return true;
        }
    }
    return false;
}

/* Is it the item at an index that the function moves: a stack's top (`n--; return v[n];`), a ring's
 * head? Who moves it takes the item out. */
static bool is_taken(const struct search *s, place_id place)
{
    const struct trail *t = &s->trail;
    const struct ir_fn *ir = t->body->ir;
    const struct ir_place *p = &ir->places.v[place.i];

    for (uint32_t i = 0; i < p->n_steps; i++) {
        const struct ir_step *step = &ir->steps.v[p->first_step + i];
        const struct op_list *ops = step->kind == IR_STEP_INDEX
                                        ? depends_of_value(s->depends, (value_id){step->arg})
                                        : NULL;
        for (size_t k = 0; ops != NULL && k < ops->n; k++) {
            if (ir->ops.v[ops->v[k].i].kind == IR_RMW ||
                (ir->ops.v[ops->v[k].i].kind == IR_READ && writes_same(t, ops->v[k]))) {
                return true;
            }
        }
    }
    return false;
}

/* A read of a shared pointer to what is freed somewhere. */
static void look_at_read(struct search *s, op_id op)
{
    struct trail *t = &s->trail;
    const struct ir_op *o = &t->body->ir->ops.v[op.i];
    uint32_t local;

    if (o->kind != IR_READ || place_is_local(t->body->ir, o->u.access.place, &local) ||
        !is_place_freed(s, o->u.access.place)) {
        return;
    }
    if (s->depends == NULL) {
        s->depends = depends_new(s->out, t->body);
    }
    begin(s, op);
    t->taken = is_taken(s, o->u.access.place);
    containers_of_read(t->contexts, s->depends, t->fn, op, s->type, &t->from);
    follow(s);
}

/* A call that returns what it has looked up. */
static void look_at_call(struct search *s, op_id op)
{
    struct trail *t = &s->trail;
    const struct call *call = calls_at(t->flows->calls, t->fn, op);

    if (call->model != NULL || call->callees.n == 0 || call->callees.n > FEW) {
        return;
    }
    begin(s, op);
    for (size_t c = 0; c < call->callees.n; c++) {
        const struct returned *returned = &s->returned[call->callees.v[c].i];
        if (returned->kept || returned->type == NULL) {
            return;
        }
        s->type = returned->type;
        containers_join(&t->from, &returned->from);
        for (uint32_t k = 0; k < returned->n_locks; k++) {
            trail_add_guard(t, PATH_NONE, returned->locks[k]);
        }
    }
    follow(s);
}

/* Can the function look something up for its caller, or let a lock go itself? */
static bool is_of_interest(const struct flows *flows, fn_id fn)
{
    const struct fn_flow *flow = &flows->v[fn.i];
    const struct ir_fn *ir = flows->linked->fns.v[fn.i].ir;

    for (size_t i = 0; i < flow->helds.n; i++) {
        if (flow->helds.v[i].must->n > 0) {
            return true;
        }
    }
    for (size_t b = 0; b < ir->blocks.n; b++) {
        const struct ir_block *block = &ir->blocks.v[b];
        if (block->term == IR_RETURN && block->cond.i != ID_NONE &&
            ir->values.v[block->cond.i].kind != IR_VALUE_INT) {
            return true;
        }
    }
    return false;
}

static void search_fn(struct search *s, fn_id fn)
{
    struct trail *t = &s->trail;

    t->fn = fn;
    t->body = &t->flows->linked->fns.v[fn.i];
    t->in = mem_array(NULL, struct mark, t->body->cfg->n + 1);
    for (uint32_t i = 0; i < t->body->ir->ops.n; i++) {
        if (t->body->ir->ops.v[i].kind == IR_CALL) {
            look_at_call(s, (op_id){i});
        } else {
            look_at_read(s, (op_id){i});
        }
    }
    talloc_free(s->depends);
    s->depends = NULL;
    talloc_free(t->in);
}

struct stale_uses *stale_find(void *owner, const struct accessmap *map, const struct frees *frees,
                              const struct focus *focus)
{
    const struct contexts *contexts = map->contexts;
    const struct flows *flows = contexts->flows;
    struct stale_uses *out = mem_new(owner, struct stale_uses);
    struct search *s = mem_new(NULL, struct search);
    const struct bottom_up *order = calls_bottom_up(flows->calls);
    const bool *below = focus_below(s, focus, flows->calls); /* callees tell what they return */

    s->out = out;
    s->frees = frees;
    s->freed_field = mem_array(s, uint8_t, flows->linked->fields.n + 1);
    s->returned = mem_array(s, struct returned, flows->linked->fns.n + 1);
    s->trail =
        (struct trail){.contexts = contexts, .flows = flows, .touches = touches_new(s, flows)};
    for (size_t i = 0; i < order->n && frees->v.n > 0; i++) {
        if ((below == NULL || below[order->order[i].i]) && is_of_interest(flows, order->order[i])) {
            search_fn(s, order->order[i]);
        }
    }
    talloc_free(s);
    return out;
}
