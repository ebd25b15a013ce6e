#include "program/kept.h"

#include "program/asked.h"
#include "program/written.h"

/* A field that is `value` while the thread of context `thread` runs; nobody but `keeper`, the
 * context that starts it, ever writes it. */
struct field {
    context_id thread;
    context_id keeper;
    path_id class;
    int64_t value;
    bool *starts; /* by function: can it start the thread, itself or in what it calls? */
    bool **lives; /* by phase, then function: do the two contexts get there, going by the field,
                     while the thread runs? NULL: another context's phase */
};

/* A function of a phase whose calls have to be followed. */
struct visit {
    phase_id phase;
    fn_id fn;
};

struct kept {
    const struct accessmap *map;
    const struct contexts *contexts;
    const struct flows *flows;
    VEC(struct field) v;
    VEC(struct visit) work; /* while `lives` is filled */
};

/* ---- which fields are kept ------------------------------------------------------------------- */

static bool begins_with(const struct paths *paths, path_id path, path_id start)
{
    while (!path_is_none(path) && !path_eq(path, start)) {
        path = path_get(paths, path)->parent;
    }
    return !path_is_none(path);
}

/* Does `first` come before `then` on every way, each time? */
static bool comes_before(const struct cfg *cfg, op_id first, op_id then)
{
    uint32_t x = cfg_block_of(cfg, first);
    uint32_t y = cfg_block_of(cfg, then);

    return x == y ? first.i < then.i
                  : cfg_dominates(cfg, x, y) && cfg->loop_head[x] == cfg->loop_head[y];
}

/* Can the op of `fn` change variables of this class? */
static bool changes(const struct kept *kept, fn_id fn, op_id op, path_id class)
{
    const struct flows *flows = kept->flows;
    const struct ir_op *o = &flows->linked->fns.v[fn.i].ir->ops.v[op.i];
    bool changed = false;

    if (o->kind == IR_CALL) {
        const struct call *call = calls_at(flows->calls, fn, op);
        for (size_t i = 0; i < call->callees.n; i++) {
            changed = changed || written_by(flows->written, call->callees.v[i], class);
        }
        return changed;
    }
    return o->kind != IR_READ &&
           path_eq(path_class(flows->paths, flow_place(flows, fn, o->u.access.place)), class);
}

/* Is the store the only change of the class that comes before the start? */
static bool stands_alone(const struct kept *kept, const struct call *start, op_id store,
                         path_id class)
{
    const struct prog_fn *body = &kept->flows->linked->fns.v[start->fn.i];

    for (uint32_t i = 0; i < body->ir->ops.n; i++) {
        op_id op = {i};
        if (i != store.i && i != start->op.i && changes(kept, start->fn, op, class) &&
            !comes_before(body->cfg, start->op, op)) {
            return false;
        }
    }
    return true;
}

static bool is_running(const struct kept *kept, const struct field *field, struct moment m)
{
    const struct contexts *contexts = kept->contexts;
    const struct lockset *running = contexts_running_at(contexts, m);
    struct site started = contexts->v.v[field->thread.i].created.v[0];

    for (uint32_t i = 0; i < running->n; i++) {
        const struct call *starter = alive_starter(contexts->alive, running->v[i].lock);
        if (site_eq((struct site){starter->fn.i, starter->op.i}, started)) {
            return true;
        }
    }
    return false;
}

/* Do all writes of the field keep to it: by the keeper, while the thread is not running? */
static bool is_kept(const struct kept *kept, const struct field *field, struct site store)
{
    const struct accessmap *map = kept->map;

    if (field->class.i >= map->n_by_class || map->by_class[field->class.i] == ID_NONE) {
        return false;
    }
    const struct variable *variable = &map->v.v[map->by_class[field->class.i]];
    for (size_t i = 0; i < variable->accesses.n; i++) {
        const struct access *access = &variable->accesses.v[i];
        struct moment at = {access->phase, access->fn, access->op};
        bool is_store = site_eq((struct site){access->fn.i, access->op.i}, store);
        if (access->writes &&
            (access->context.i != field->keeper.i || (!is_store && is_running(kept, field, at)))) {
            return false;
        }
    }
    return true;
}

/* Finds the fields that the function which starts the thread sets before it does. */
static void find_stores(struct kept *kept, context_id thread, context_id keeper,
                        const struct call *start)
{
    const struct flows *flows = kept->flows;
    const struct prog_fn *body = &flows->linked->fns.v[start->fn.i];
    path_id object = flow_arg_path(flows, start, start->model->thread_data);

    for (uint32_t i = 0; i < body->ir->ops.n && !path_is_none(object); i++) {
        const struct ir_op *op = &body->ir->ops.v[i];
        value_id value = op->kind == IR_WRITE ? op->u.access.value : (value_id){ID_NONE};
        if (value.i == ID_NONE || body->ir->values.v[value.i].kind != IR_VALUE_INT ||
            !comes_before(body->cfg, (op_id){i}, start->op)) {
            continue;
        }
        path_id path = flow_place(flows, start->fn, op->u.access.place);
        path_id class = path_class(flows->paths, path);
        struct field field = {thread, keeper, class, body->ir->values.v[value.i].u.number,
                              NULL,   NULL};
        if (!path_is_none(path) && begins_with(flows->paths, path, object) &&
            path_get(flows->paths, path_root_of(flows->paths, class))->kind == ROOT_OBJECT &&
            stands_alone(kept, start, (op_id){i}, class) &&
            is_kept(kept, &field, (struct site){start->fn.i, i})) {
            vec_push(kept, &kept->v, field);
        }
    }
}

/* The one context that gets to the function; UINT32_MAX: several do, or none. */
static context_id only_context_at(const struct contexts *contexts, fn_id fn)
{
    context_id found = {UINT32_MAX};

    for (uint32_t c = 0; c < contexts->v.n; c++) {
        if (contexts_reaches(contexts, &contexts->v.v[c], fn)) {
            if (found.i != UINT32_MAX) {
                return (context_id){UINT32_MAX};
            }
            found = (context_id){c};
        }
    }
    return found;
}

/* ---- what the contexts do while the thread runs ---------------------------------------------- */

/* For is_of_class(). */
struct wanted {
    struct paths *paths;
    path_id class;
};

static bool is_of_class(const void *user, path_id path)
{
    const struct wanted *wanted = user;

    return path_eq(path_class(wanted->paths, path), wanted->class);
}

/* Is the op behind a branch that needs another value of the field? */
static bool is_ruled_out(const struct kept *kept, const struct field *field, fn_id fn, op_id op)
{
    const struct flows *flows = kept->flows;
    const struct cfg *cfg = flows->linked->fns.v[fn.i].cfg;
    const struct wanted wanted = {flows->paths, field->class};
    const struct condition is = {field->class, true, field->value};
    uint32_t b = cfg_block_of(cfg, op);

    if (field->starts[fn.i] || cfg->idom[b] == ID_NONE) {
        return false;
    }
    for (uint32_t at = b; cfg->idom[at] != at; at = cfg->idom[at]) {
        struct condition said;
        if (asked_by(flows, fn, cfg->idom[at], b, is_of_class, &wanted, &said)) {
            said.variable = field->class;
            if (condition_contradict(&said, &is)) {
                return true;
            }
        }
    }
    return false;
}

/* Which functions can start the thread, themselves or in what they call. */
static bool *find_starters(struct kept *kept, fn_id starter)
{
    const struct calls *calls = kept->flows->calls;
    bool *starts = mem_array(kept, bool, kept->flows->linked->fns.n + 1);

    starts[starter.i] = true;
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < calls->v.n; i++) {
            const struct call *call = &calls->v.v[i];
            for (size_t c = 0; c < call->callees.n && !starts[call->fn.i]; c++) {
                starts[call->fn.i] = starts[call->callees.v[c].i];
                changed = changed || starts[call->fn.i];
            }
        }
    }
    return starts;
}

static void enter(struct kept *kept, struct field *field, phase_id phase, fn_id fn)
{
    if (!field->lives[phase.i][fn.i]) {
        field->lives[phase.i][fn.i] = true;
        vec_push(kept, &kept->work, (struct visit){phase, fn});
    }
}

/* Goes on in the phases of the call's context in which the callee is called so. */
static void follow(struct kept *kept, struct field *field, phase_id phase, const struct call *call)
{
    const struct contexts *contexts = kept->contexts;
    const struct context *context = &contexts->v.v[contexts->phases.v[phase.i].context.i];
    struct moment now = {phase, call->fn, call->op};
    const struct lockset *running = contexts_running_at(contexts, now);
    bool found = false;

    for (size_t i = 0; i < context->phases.n; i++) {
        found = found || contexts->phases.v[context->phases.v[i].i].running == running;
    }
    for (size_t i = 0; i < context->phases.n; i++) {
        phase_id then = context->phases.v[i];
        if (found && contexts->phases.v[then.i].running != running) {
            continue;
        }
        for (size_t c = 0; c < call->callees.n; c++) {
            enter(kept, field, then, call->callees.v[c]);
        }
    }
}

static void visit(struct kept *kept, struct field *field, struct visit at)
{
    const struct calls *calls = kept->flows->calls;

    for (uint32_t i = calls->first[at.fn.i]; i < calls->first[at.fn.i + 1]; i++) {
        const struct call *call = &calls->v.v[i];
        if (call->callees.n > 0 && !is_ruled_out(kept, field, at.fn, call->op)) {
            follow(kept, field, at.phase, call);
        }
    }
}

static void find_lives(struct kept *kept, struct field *field, context_id c)
{
    const struct context *context = &kept->contexts->v.v[c.i];

    for (size_t i = 0; i < context->phases.n; i++) {
        field->lives[context->phases.v[i].i] =
            mem_array(kept, bool, kept->flows->linked->fns.n + 1);
    }
    for (size_t i = 0; i < context->entries.n; i++) {
        enter(kept, field, context->phases.v[0], context->entries.v[i]);
    }
    while (kept->work.n > 0) {
        visit(kept, field, kept->work.v[--kept->work.n]);
    }
}

static void find_fields_of(struct kept *kept, context_id c)
{
    const struct contexts *contexts = kept->contexts;
    const struct context *context = &contexts->v.v[c.i];

    if (context->kind != CONTEXT_THREAD || context->many || context->created.n != 1) {
        return;
    }
    struct site site = context->created.v[0];
    const struct call *start = calls_at(kept->flows->calls, (fn_id){site.fn}, (op_id){site.op});
    context_id keeper = only_context_at(contexts, start->fn);
    if (start->model != NULL && start->model->thread_data > 0 && keeper.i != UINT32_MAX &&
        contexts->v.v[keeper.i].kind == CONTEXT_MAIN) {
        find_stores(kept, c, keeper, start);
    }
}

struct kept *kept_build(void *owner, const struct accessmap *map)
{
    struct kept *kept = mem_new(owner, struct kept);

    kept->map = map;
    kept->contexts = map->contexts;
    kept->flows = map->contexts->flows;
    for (uint32_t c = 0; c < kept->contexts->v.n; c++) {
        find_fields_of(kept, (context_id){c});
    }
    for (size_t i = 0; i < kept->v.n; i++) {
        struct field *field = &kept->v.v[i];
        struct site site = kept->contexts->v.v[field->thread.i].created.v[0];
        field->starts = find_starters(kept, (fn_id){site.fn});
        field->lives = mem_array(kept, bool *, kept->contexts->phases.n + 1);
        find_lives(kept, field, field->keeper);
        find_lives(kept, field, field->thread);
    }
    return kept;
}

static context_id context_of(const struct kept *kept, struct moment m)
{
    return kept->contexts->phases.v[m.phase.i].context;
}

static bool is_out(const struct kept *kept, const struct field *field, struct moment m)
{
    return !field->lives[m.phase.i][m.fn.i] || is_ruled_out(kept, field, m.fn, m.op);
}

bool kept_exclude(const struct kept *kept, struct moment a, struct moment b, path_id about)
{
    struct paths *paths = kept->flows->paths;
    context_id x = context_of(kept, a);
    context_id y = context_of(kept, b);

    for (size_t i = 0; i < kept->v.n; i++) {
        const struct field *field = &kept->v.v[i];
        bool concerns = (x.i == field->thread.i && y.i == field->keeper.i) ||
                        (x.i == field->keeper.i && y.i == field->thread.i);
        if (concerns &&
            path_eq(path_root_of(paths, path_class(paths, about)),
                    path_root_of(paths, field->class)) &&
            (is_out(kept, field, a) || is_out(kept, field, b))) {
            return true;
        }
    }
    return false;
}
