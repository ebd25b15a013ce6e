#include "program/accessmap.h"

#include "program/resolve.h"

#include <string.h>

/* An access of a function that other threads can see, in whatever phase it runs. */
struct seen_access {
    op_id op;
    path_id class;
    path_id path; /* in absolute terms, or its class */
};

struct fn_accesses {
    VEC(struct seen_access) v;
    bool known;
};

/* Of a symbol or field: may several threads use it as they like? */
enum change { CHANGE_NOT_ASKED, CHANGE_NO, CHANGE_YES };

struct build {
    struct accessmap *out;
    const struct contexts *contexts;
    const struct flows *flows;
    struct fn_accesses *of_fn; /* found when the first phase gets to it */
};

/* ---- which places other threads can see ------------------------------------------------------ */

static bool sym_can_change(const struct accessmap *map, uint32_t sym)
{
    const struct flows *flows = map->contexts->flows;
    const struct prog_sym *s = &flows->linked->syms.v[sym];

    if (map->sym_changes[sym] == CHANGE_NOT_ASKED) {
        bool can = (s->flags & (IR_SYM_CONST | IR_SYM_THREAD_LOCAL)) == 0 &&
                   !models_type_is_sync(flows->models, s->ir->type);
        map->sym_changes[sym] = can ? CHANGE_YES : CHANGE_NO;
    }
    return map->sym_changes[sym] == CHANGE_YES;
}

static bool field_can_change(const struct accessmap *map, uint32_t field)
{
    const struct flows *flows = map->contexts->flows;
    const struct prog_field *f = &flows->linked->fields.v[field];

    if (map->field_changes[field] == CHANGE_NOT_ASKED) {
        bool can = (f->flags & IR_FIELD_CONST) == 0 && !models_type_is_sync(flows->models, f->type);
        map->field_changes[field] = can ? CHANGE_YES : CHANGE_NO;
    }
    return map->field_changes[field] == CHANGE_YES;
}

/* Is op a write (or read) of a variable that other threads could see? *ret_path is which. */
static bool can_be_seen(const struct accessmap *map, fn_id fn, op_id op, path_id *ret_path)
{
    const struct flows *flows = map->contexts->flows;
    const struct ir_op *o = &flows->linked->fns.v[fn.i].ir->ops.v[op.i];
    uint32_t local;

    if (o->kind == IR_CALL ||
        place_is_local(flows->linked->fns.v[fn.i].ir, o->u.access.place, &local)) {
        return false;
    }
    path_id path = flow_place(flows, fn, o->u.access.place);
    if (path_is_none(path) || ownership_is_private(map->ownership, fn, path, op)) {
        return false;
    }
    for (path_id at = path; !path_is_none(at); at = path_get(flows->paths, at)->parent) {
        const struct path_node *node = path_get(flows->paths, at);
        if (node->kind == STEP_FIELD && !field_can_change(map, node->a)) {
            return false;
        }
        if (node->kind == STEP_DEREF || node->kind == STEP_CONTAINER) {
            break;
        }
        if (node->kind == ROOT_VAR && !sym_can_change(map, node->a)) {
            return false;
        }
    }
    *ret_path = path;
    path_id class = path_class(flows->paths, path);
    return path_is_global(flows->paths, class);
}

/* The function's ops of which can_be_seen() holds: several rules ask for them, op by op. */
const struct seen_ops *accessmap_seen_ops(const struct accessmap *map, fn_id fn)
{
    struct seen_ops *seen = &map->seen[fn.i];
    uint32_t n_ops = (uint32_t)map->contexts->flows->linked->fns.v[fn.i].ir->ops.n;
    struct seen_op op;

    for (uint32_t i = 0; i < n_ops && !seen->known; i++) {
        op.op.i = i;
        if (can_be_seen(map, fn, op.op, &op.path)) {
            vec_push(map->seen, &seen->v, op);
        }
    }
    seen->known = true;
    return seen;
}

bool accessmap_is_shared_access(const struct accessmap *map, fn_id fn, op_id op, path_id *ret_path)
{
    const struct seen_ops *seen = accessmap_seen_ops(map, fn);
    size_t from = 0;
    size_t end = seen->v.n;

    while (from < end) {
        size_t middle = from + (end - from) / 2;
        if (seen->v.v[middle].op.i < op.i) {
            from = middle + 1;
        } else {
            end = middle;
        }
    }
    if (from == seen->v.n || seen->v.v[from].op.i != op.i) {
        return false;
    }
    *ret_path = seen->v.v[from].path;
    return true;
}

/* ---- the map --------------------------------------------------------------------------------- */

static struct variable *variable_of(struct build *b, path_id class)
{
    struct accessmap *map = b->out;

    if (class.i >= map->n_by_class) {
        size_t n = paths_count(b->flows->paths) * 2 + 64;
        map->by_class = mem_grow(map, map->by_class, sizeof *map->by_class, n);
        for (size_t i = map->n_by_class; i < n; i++) {
            map->by_class[i] = ID_NONE;
        }
        map->n_by_class = n;
    }
    if (map->by_class[class.i] == ID_NONE) {
        map->by_class[class.i] = (uint32_t)map->v.n;
        vec_push(map, &map->v, (struct variable){.class = class, .guard = PATH_NONE});
    }
    return &map->v.v[map->by_class[class.i]];
}

static const struct fn_accesses *accesses_of(struct build *b, fn_id fn)
{
    struct fn_accesses *found = &b->of_fn[fn.i];
    const struct seen_ops *seen = accessmap_seen_ops(b->out, fn);

    for (size_t i = 0; i < seen->v.n && !found->known; i++) {
        path_id path = seen->v.v[i].path;
        struct seen_access access = {seen->v.v[i].op, path_class(b->flows->paths, path),
                                     contexts_absolute(b->contexts, fn, path)};
        vec_push(b->of_fn, &found->v, access);
    }
    found->known = true;
    return found;
}

static void add_access(struct build *b, phase_id phase, fn_id fn, const struct seen_access *seen,
                       const struct lockset *held)
{
    const struct ir_op *o = &b->flows->linked->fns.v[fn.i].ir->ops.v[seen->op.i];
    struct variable *variable = variable_of(b, seen->class);
    struct access access = {.context = b->contexts->phases.v[phase.i].context,
                            .phase = phase,
                            .fn = fn,
                            .op = seen->op,
                            .path = seen->path,
                            .writes = o->kind != IR_READ,
                            .atomic = o->order != IR_ORDER_NONE,
                            .sure = b->contexts->phases.v[phase.i].reach[fn.i].sure,
                            .held = held};

    if (access.writes && access.sure) {
        vec_push(b->out, &variable->sure_writes, (uint32_t)variable->accesses.n);
    }
    vec_push(b->out, &variable->accesses, access);
    variable->reads += access.writes ? 0 : 1;
    variable->writes += access.writes ? 1 : 0;
}

/* What the phase does in one function that it gets to. */
static void add_accesses(struct build *b, phase_id phase, fn_id fn)
{
    const struct fn_accesses *found = accesses_of(b, fn);
    const struct cfg *cfg = b->flows->linked->fns.v[fn.i].cfg;
    const struct held *last = NULL; /* neighbours mostly hold the same */
    uint32_t last_block = ID_NONE;
    const struct lockset *held = NULL;

    for (size_t i = 0; i < found->v.n; i++) {
        op_id op = found->v.v[i].op;
        const struct held *at = flow_held_at(b->flows, fn, op);
        if (at == NULL || contexts_alone_at(b->contexts, (struct moment){phase, fn, op})) {
            continue;
        }
        if (at != last || cfg_block_of(cfg, op) != last_block) {
            held = contexts_held_at(b->contexts, phase, fn, op);
        }
        last = at;
        last_block = cfg_block_of(cfg, op);
        if (held != NULL) {
            add_access(b, phase, fn, &found->v.v[i], held);
        }
    }
}

/* ---- shared, and guarded by what --------------------------------------------------------------
 */

/* What a context surely does to a variable. */
struct use {
    bool reads;
    bool writes;
};

/* Is there a context that writes, and one that can use it at the same time? */
static void decide_shared(const struct contexts *contexts, struct variable *variable,
                          struct use *uses)
{
    size_t n = contexts->v.n;

    memset(uses, 0, n * sizeof *uses);
    for (size_t i = 0; i < variable->accesses.n && variable->sure_writes.n > 0; i++) {
        const struct access *access = &variable->accesses.v[i];
        struct use *use = &uses[access->context.i];
        use->reads |= access->sure && !access->writes;
        use->writes |= access->sure && access->writes;
    }
    for (uint32_t w = 0; w < n && !variable->shared; w++) {
        for (uint32_t o = 0; o < n && uses[w].writes && !variable->shared; o++) {
            variable->shared = (uses[o].reads || uses[o].writes) &&
                               contexts_overlap(contexts, (context_id){w}, (context_id){o});
        }
    }
}

/* How a variable and a lock go together. */
struct bond {
    path_id lock;
    unsigned accesses; /* that hold the lock */
    unsigned writes;
    size_t last; /* the access that was counted last, from 1 */
    bool own;    /* the lock lies in the same object */
};

/* One for each lock that is held at some access. */
struct bonds {
    VEC(struct bond) v;
};

static struct bond *bond_with(void *owner, struct bonds *bonds, path_id lock)
{
    for (size_t i = 0; i < bonds->v.n; i++) {
        if (path_eq(bonds->v.v[i].lock, lock)) {
            return &bonds->v.v[i];
        }
    }
    vec_push(owner, &bonds->v, (struct bond){.lock = lock});
    return &bonds->v.v[bonds->v.n - 1];
}

bool accessmap_holds(struct paths *paths, const struct lockset *held, path_id lock)
{
    for (uint32_t i = 0; i < held->n; i++) {
        path_id token = held->v[i].lock;
        if (path_eq(token, lock) || path_eq(path_class(paths, token), lock)) {
            return true;
        }
    }
    return false;
}

/* A lock of the object itself stands for that lock of every object of the type. */
static path_id guard_of(struct paths *paths, path_id lock, path_id object)
{
    path_id class = path_class(paths, lock);

    return path_eq(path_root_of(paths, class), object) ? class : lock;
}

static void find_bonds(void *owner, struct paths *paths, const struct variable *variable,
                       struct bonds *bonds)
{
    path_id mine = path_root_of(paths, variable->class);
    bool in_object = path_get(paths, mine)->kind == ROOT_OBJECT;

    for (size_t i = 0; i < variable->accesses.n; i++) {
        const struct access *access = &variable->accesses.v[i];
        for (uint32_t t = 0; t < access->held->n; t++) {
            path_id lock = guard_of(paths, access->held->v[t].lock, mine);
            struct bond *bond = bond_with(owner, bonds, lock);
            bool counted = bond->last == i + 1;
            bond->last = i + 1;
            bond->accesses += counted ? 0 : 1;
            bond->writes += access->writes && !counted ? 1 : 0;
        }
    }
    for (size_t i = 0; i < bonds->v.n; i++) {
        struct bond *bond = &bonds->v.v[i];
        bond->own = in_object && path_eq(path_root_of(paths, bond->lock), mine);
    }
}

/* Held at half of the accesses, and of the writes, and at two at least: less is chance. */
static bool can_be_guard(const struct variable *variable, const struct bond *bond)
{
    return bond->accesses >= 2 && bond->accesses * 2 >= variable->accesses.n &&
           bond->writes * 2 >= variable->writes;
}

/* A lock that is held at more writes guards more than one that is often held by the way; of equal
 * ones the object's own. */
static bool is_stronger(const struct bond *a, const struct bond *b)
{
    if (a->writes != b->writes) {
        return a->writes > b->writes;
    }
    return a->own != b->own ? a->own : a->accesses > b->accesses;
}

static void infer_guard(void *owner, struct paths *paths, struct variable *variable)
{
    struct bonds bonds = {.v = {NULL, 0}};
    const struct bond *best = NULL;

    find_bonds(owner, paths, variable, &bonds);
    for (size_t i = 0; i < bonds.v.n; i++) {
        const struct bond *bond = &bonds.v.v[i];
        if (can_be_guard(variable, bond) && (best == NULL || is_stronger(bond, best))) {
            best = bond;
        }
    }
    if (best != NULL) {
        variable->guard = best->lock;
        variable->guarded = best->accesses;
    }
    talloc_free(bonds.v.v);
}

/* Nothing is added any more. */
static void trim(struct accessmap *map, struct variable *variable)
{
    variable->accesses.v =
        mem_grow(map, variable->accesses.v, sizeof *variable->accesses.v, variable->accesses.n);
}

static void count_tokens(struct accessmap *map, const struct variable *variable)
{
    for (size_t i = 0; i < variable->accesses.n && variable->shared; i++) {
        const struct access *access = &variable->accesses.v[i];
        const struct ir_fn *ir = map->contexts->flows->linked->fns.v[access->fn.i].ir;
        map->n_locked += access->held->n > 0 ? 1 : 0;
        map->n_atomic += access->atomic && ir->ops.v[access->op.i].kind == IR_RMW ? 1 : 0;
    }
}

size_t accessmap_first_write(const struct variable *variable, phase_id phase, fn_id fn)
{
    size_t from = 0;
    size_t end = variable->sure_writes.n;

    while (from < end) { /* they are in the order in which accessmap_build() comes by */
        size_t middle = from + (end - from) / 2;
        const struct access *a = &variable->accesses.v[variable->sure_writes.v[middle]];
        if (a->phase.i < phase.i || (a->phase.i == phase.i && a->fn.i < fn.i)) {
            from = middle + 1;
        } else {
            end = middle;
        }
    }
    return from;
}

bool accessmap_has_own_locks(const struct accessmap *map)
{
    enum { MANY_ATOMIC = 20, TIMES_MORE = 20 };

    return map->n_atomic >= MANY_ATOMIC && map->n_atomic > map->n_locked * TIMES_MORE;
}

struct accessmap *accessmap_build(void *owner, const struct contexts *contexts)
{
    struct accessmap *out = mem_new(owner, struct accessmap);
    struct build b = {.out = out, .contexts = contexts, .flows = contexts->flows};

    out->contexts = contexts;
    out->ownership = contexts->ownership;
    out->sym_changes = mem_array(out, uint8_t, b.flows->linked->syms.n + 1);
    out->field_changes = mem_array(out, uint8_t, b.flows->linked->fields.n + 1);
    out->seen = mem_array(out, struct seen_ops, b.flows->linked->fns.n + 1);
    b.of_fn = mem_array(NULL, struct fn_accesses, b.flows->linked->fns.n + 1);
    for (uint32_t p = 0; p < contexts->phases.n; p++) {
        for (uint32_t f = 0; f < b.flows->linked->fns.n; f++) {
            if (contexts->phases.v[p].reach[f].yes) {
                add_accesses(&b, (phase_id){p}, (fn_id){f});
            }
        }
    }
    struct use *uses = mem_array(b.of_fn, struct use, contexts->v.n + 1);
    for (size_t i = 0; i < out->v.n; i++) {
        decide_shared(contexts, &out->v.v[i], uses);
        infer_guard(b.of_fn, b.flows->paths, &out->v.v[i]);
        count_tokens(out, &out->v.v[i]);
        trim(out, &out->v.v[i]);
    }
    talloc_free(b.of_fn);
    return out;
}

const struct variable *accessmap_find(const struct accessmap *map, fn_id fn, path_id path)
{
    const struct flows *flows = map->contexts->flows;
    path_id class = path_class(flows->paths, calls_sharpen(flows->calls, flows->paths, fn, path));

    if (path_is_none(class) || class.i >= map->n_by_class || map->by_class[class.i] == ID_NONE) {
        return NULL;
    }
    return &map->v.v[map->by_class[class.i]];
}
