#include "program/interrupts.h"

#include "program/arguments.h"
#include "program/masks.h"

enum { NEAR = 1 }; /* calls from the handler's entry: what is farther off is code for all */

struct search {
    const struct accessmap *map;
    const struct contexts *contexts;
    struct interrupts *found; /* `read` is {0} until it is known */
};

static const struct ir_op *op_at(const struct search *s, fn_id fn, op_id op)
{
    return &s->contexts->flows->linked->fns.v[fn.i].ir->ops.v[op.i];
}

/* The variable that the access is about, if it is a plain one of one certain object; PATH_NONE. */
static path_id plain_access(const struct search *s, fn_id fn, const struct seen_op *seen)
{
    const struct ir_op *o = op_at(s, fn, seen->op);

    if ((o->flags & IR_OPF_VOLATILE) != 0 || o->order != IR_ORDER_NONE) {
        return PATH_NONE;
    }
    path_id path = contexts_absolute(s->contexts, fn, seen->path);
    return path_is_exact(s->contexts->flows->paths, path) ? path : PATH_NONE;
}

static struct interrupt *known(const struct search *s, path_id path)
{
    for (size_t i = 0; i < s->found->v.n; i++) {
        if (path_eq(s->found->v.v[i].path, path)) {
            return &s->found->v.v[i];
        }
    }
    return NULL;
}

/* Does the way there lead to the end of the process? Then nobody goes on with what he read. */
static bool is_doomed(const struct search *s, struct moment m)
{
    const struct reach *reach = s->contexts->phases.v[m.phase.i].reach;

    for (; m.fn.i != FN_NONE.i;
         m = (struct moment){m.phase, reach[m.fn.i].caller, reach[m.fn.i].call}) {
        if (doom_at(s->contexts->doom, m.fn, m.op)) {
            return true;
        }
    }
    return false;
}

/* Is the op at the moment surely run? */
static bool is_sure(const struct search *s, struct moment m)
{
    return s->contexts->phases.v[m.phase.i].reach[m.fn.i].sure &&
           contexts_comes_to(s->contexts, m) && arguments_surely_lead_to(s->contexts->arguments, m);
}

static void find_writes(struct search *s, phase_id phase, fn_id fn)
{
    const struct seen_ops *seen = accessmap_seen_ops(s->map, fn);

    for (size_t i = 0; i < seen->v.n; i++) {
        struct moment m = {phase, fn, seen->v.v[i].op};
        bool writes = op_at(s, fn, m.op)->kind != IR_READ;
        path_id path = writes ? plain_access(s, fn, &seen->v.v[i]) : PATH_NONE;
        if (!path_is_none(path) && known(s, path) == NULL && is_sure(s, m) && !is_doomed(s, m)) {
            vec_push(s->found, &s->found->v, (struct interrupt){.path = path, .write = m});
        }
    }
}

static void find_handlers(struct search *s)
{
    const struct contexts *contexts = s->contexts;

    for (uint32_t c = 0; c < contexts->v.n; c++) {
        if (contexts->v.v[c].kind != CONTEXT_SIGNAL) {
            continue;
        }
        phase_id phase = contexts->v.v[c].phases.v[0];
        const struct reach *reach = contexts->phases.v[phase.i].reach;
        for (uint32_t f = 0; f < contexts->flows->linked->fns.n; f++) {
            bool goes_on = s->contexts->flows->v[contexts->v.v[c].entries.v[0].i].returns;
            if (reach[f].yes && reach[f].depth <= NEAR && goes_on) {
                find_writes(s, phase, (fn_id){f});
            }
        }
    }
}

static uint64_t programs_at(const struct search *s, struct moment m)
{
    return s->contexts->phases.v[m.phase.i].reach[m.fn.i].programs;
}

/* Is the handler installed in this function? */
static bool installs(const struct search *s, fn_id fn, const struct interrupt *interrupt)
{
    context_id handler = s->contexts->phases.v[interrupt->write.phase.i].context;
    const struct context *context = &s->contexts->v.v[handler.i];

    for (size_t i = 0; i < context->created.n; i++) {
        if (context->created.v[i].fn == fn.i) {
            return true;
        }
    }
    return false;
}

/* Notes the read if it is the first one of a variable that a handler writes, or the first one where
 * the handler is installed: there it is known to be. */
static void note_read(struct search *s, struct masks *masks, const struct context *context,
                      fn_id fn, const struct seen_op *seen)
{
    op_id op = seen->op;
    path_id path = plain_access(s, fn, seen);
    struct interrupt *interrupt = path_is_none(path) ? NULL : known(s, path);

    if (interrupt == NULL ||
        (interrupt->read.fn.i != FN_NONE.i &&
         (installs(s, interrupt->read.fn, interrupt) || !installs(s, fn, interrupt)))) {
        return;
    }
    for (size_t p = 0; p < context->phases.n; p++) {
        struct moment m = {context->phases.v[p], fn, op};
        if (is_sure(s, m) && !doom_at(s->contexts->doom, fn, op) &&
            (programs_at(s, m) & programs_at(s, interrupt->write)) != 0 &&
            !masks_blocked_at(masks, fn, op)) {
            interrupt->read = m;
            return;
        }
    }
}

static void find_reads(struct search *s, struct masks *masks, const struct context *context)
{
    masks_explore(masks, context);
    for (uint32_t f = 0; f < s->contexts->flows->linked->fns.n; f++) {
        if (!masks_reaches(masks, (fn_id){f})) {
            continue;
        }
        const struct seen_ops *seen = accessmap_seen_ops(s->map, (fn_id){f});
        for (size_t i = 0; i < seen->v.n; i++) {
            if (op_at(s, (fn_id){f}, seen->v.v[i].op)->kind != IR_WRITE) {
                note_read(s, masks, context, (fn_id){f}, &seen->v.v[i]);
            }
        }
    }
}

/* Takes out the variables that nobody else reads. */
static void keep_read_ones(struct interrupts *found)
{
    size_t n = 0;

    for (size_t i = 0; i < found->v.n; i++) {
        if (found->v.v[i].read.fn.i != FN_NONE.i) {
            found->v.v[n++] = found->v.v[i];
        }
    }
    found->v.n = n;
}

/* Takes out the variables that nobody in focus uses. */
static void keep_focused(struct search *s, const struct focus *focus)
{
    uint32_t n_fns = (uint32_t)s->contexts->flows->linked->fns.n;
    bool *used = mem_array(NULL, bool, s->found->v.n + 1);
    size_t n = 0;

    for (uint32_t f = 0; f < n_fns; f++) {
        const struct seen_ops *seen =
            focus_has(focus, (fn_id){f}) ? accessmap_seen_ops(s->map, (fn_id){f}) : NULL;
        for (size_t i = 0; seen != NULL && i < seen->v.n; i++) {
            struct interrupt *interrupt = known(s, plain_access(s, (fn_id){f}, &seen->v.v[i]));
            if (interrupt != NULL) {
                used[interrupt - s->found->v.v] = true;
            }
        }
    }
    for (size_t i = 0; i < s->found->v.n; i++) {
        if (used[i]) {
            s->found->v.v[n++] = s->found->v.v[i];
        }
    }
    s->found->v.n = n;
    talloc_free(used);
}

struct interrupts *interrupts_find(void *owner, const struct accessmap *map,
                                   const struct focus *focus)
{
    struct search s = {map, map->contexts, mem_new(owner, struct interrupts)};

    find_handlers(&s);
    if (focus != NULL) {
        keep_focused(&s, focus);
    }
    if (s.found->v.n == 0) {
        return s.found;
    }
    for (size_t i = 0; i < s.found->v.n; i++) {
        s.found->v.v[i].read.fn = FN_NONE;
    }
    struct masks *masks = masks_new(NULL, s.contexts);
    for (uint32_t c = 0; c < s.contexts->v.n; c++) {
        enum context_kind kind = s.contexts->v.v[c].kind;
        if (kind != CONTEXT_SIGNAL && kind != CONTEXT_EXIT) {
            find_reads(&s, masks, &s.contexts->v.v[c]);
        }
    }
    talloc_free(masks);
    keep_read_ones(s.found);
    return s.found;
}
