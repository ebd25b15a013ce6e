#include "program/lockgraph_build.h"

uint32_t lockgraph_node(struct lockgraph_build *b, path_id path)
{
    if (path.i >= b->n_node_of) {
        size_t n = paths_count(b->flows->paths) + 64;
        b->node_of = mem_grow(b->out, b->node_of, sizeof *b->node_of, n);
        for (size_t i = b->n_node_of; i < n; i++) {
            b->node_of[i] = ID_NONE;
        }
        b->n_node_of = n;
    }
    if (b->node_of[path.i] == ID_NONE) {
        b->node_of[path.i] = (uint32_t)b->out->locks.n;
        vec_push(b->out, &b->out->locks, (struct lock_node){.path = path});
    }
    return b->node_of[path.i];
}

struct lock_edge *lockgraph_edge(struct lockgraph_build *b, uint32_t from, uint32_t to)
{
    struct lock_node *node = &b->out->locks.v[from];

    for (size_t i = 0; i < node->out.n; i++) {
        struct lock_edge *edge = &b->out->edges.v[node->out.v[i]];
        if (edge->to == to) {
            return edge;
        }
    }
    vec_push(b->out, &node->out, (uint32_t)b->out->edges.n);
    vec_push(b->out, &b->out->edges, (struct lock_edge){.from = from, .to = to});
    return &b->out->edges.v[b->out->edges.n - 1];
}

void lockgraph_witness(struct lockgraph_build *b, struct lock_edge *edge,
                       struct lock_witness witness)
{
    for (size_t i = 0; i < edge->witnesses.n; i++) {
        const struct lock_witness *known = &edge->witnesses.v[i];
        if (known->phase.i == witness.phase.i && known->acquisition == witness.acquisition) {
            return;
        }
    }
    if (edge->witnesses.n < MAX_WITNESSES) {
        vec_push(b->out, &edge->witnesses, witness);
    }
}

/* The pointer behind which the object with the lock lies: `a->from` of `a->from->mu`. The path
 * itself when no pointer is on the way. */
static path_id object_of(const struct flows *flows, path_id lock)
{
    for (path_id at = lock; !path_is_none(at); at = path_get(flows->paths, at)->parent) {
        if (path_get(flows->paths, at)->kind == STEP_DEREF) {
            return path_get(flows->paths, at)->parent;
        }
    }
    return lock;
}

static bool is_prefix(const struct flows *flows, path_id prefix, path_id path)
{
    for (; !path_is_none(path); path = path_get(flows->paths, path)->parent) {
        if (path_eq(path, prefix)) {
            return true;
        }
    }
    return false;
}

/* Two instances of one class, reached by different pointers: from->mu and to->mu. Not a->mu and
 * a->next->mu: that is hand-over-hand down a structure, and has its order. */
static bool two_instances(const struct flows *flows, path_id held, path_id wanted)
{
    path_id x = object_of(flows, held);
    path_id y = object_of(flows, wanted);

    return !path_eq(held, wanted) && !is_prefix(flows, x, y) && !is_prefix(flows, y, x);
}

/* The held token of `a` (in its function's terms) that became `lock` in absolute terms. */
static const struct token *relative_of(const struct contexts *contexts, fn_id fn,
                                       const struct acquisition *a, path_id lock)
{
    for (uint32_t i = 0; i < a->held->n; i++) {
        if (path_eq(contexts_absolute(contexts, fn, a->held->v[i].lock), lock)) {
            return &a->held->v[i];
        }
    }
    return NULL;
}

static bool has_unknown_index(const struct flows *flows, path_id path)
{
    for (; !path_is_none(path); path = path_get(flows->paths, path)->parent) {
        const struct path_node *node = path_get(flows->paths, path);
        if (node->kind == STEP_INDEX && node->a == PATH_INDEX_ANY) {
            return true;
        }
    }
    return false;
}

/* bank[i].mu and bank[j].mu, taken at two places. At one place it is a loop that takes them all, in
 * the order of the array. */
static bool two_items(const struct flows *flows, fn_id fn, const struct acquisition *a,
                      const struct token *held)
{
    return path_eq(held->lock, a->lock) && has_unknown_index(flows, a->lock) && !a->recursive &&
           !site_eq(held->taken, (struct site){fn.i, a->op.i}) && !site_eq(held->taken, SITE_NONE);
}

/* Is the held token the wanted lock itself, taken again, and not another lock of its class? */
static bool is_same_lock(const struct lockgraph_build *b, fn_id fn, const struct acquisition *a,
                         path_id lock, path_id held)
{
    if (!path_eq(held, lock)) {
        return false;
    }
    const struct token *relative = relative_of(b->contexts, fn, a, lock);
    return path_is_exact(b->flows->paths, lock) || relative == NULL ||
           (!two_instances(b->flows, relative->lock, a->lock) &&
            !two_items(b->flows, fn, a, relative));
}

/* Does nobody else know one of the two yet? Then nobody can hold it, or wait for it. */
static bool is_private(const struct lockgraph_build *b, fn_id fn, const struct acquisition *a,
                       path_id held)
{
    const struct ownership *ownership = b->contexts->ownership;
    const struct token *relative = relative_of(b->contexts, fn, a, held);

    return ownership_is_private(ownership, fn, a->lock, a->op) ||
           (relative != NULL && ownership_is_private(ownership, fn, relative->lock, a->op));
}

/* An edge needs its first lock held on some way to the place only; what keeps others out (a gate)
 * must be held on all. */
static void add_acquisition(struct lockgraph_build *b, phase_id phase, fn_id fn,
                            const struct acquisition *a)
{
    const struct held *at = flow_held_at(b->flows, fn, a->op);
    path_id lock = contexts_absolute(b->contexts, fn, a->lock);

    if (path_is_none(lock) || at == NULL ||
        !contexts_comes_to(b->contexts, (struct moment){phase, fn, a->op})) {
        return;
    }
    const struct lockset *must = contexts_with_entry(b->contexts, phase, fn, a->held, a->gone);
    const struct lockset *may = contexts_may_with_entry(b->contexts, phase, fn, a->held, a->gone);
    if (a->recursive && lockset_find(must, lock) != NULL) {
        return; /* PyGILState_Ensure() with the GIL in hand waits for nobody */
    }
    context_id context = b->contexts->phases.v[phase.i].context;
    for (uint32_t i = 0; i < may->n && a->waits; i++) {
        const struct token *token = &may->v[i];
        if (is_same_lock(b, fn, a, lock, token->lock) || is_private(b, fn, a, token->lock) ||
            !path_is_global(b->flows->paths, token->lock)) { /* its callers know which */
            continue;
        }
        const struct lockset *held = lockset_find(must, token->lock) != NULL
                                         ? must
                                         : lockset_add(b->flows->pool, must, *token);
        uint32_t from = lockgraph_node(b, token->lock);
        uint32_t to = lockgraph_node(b, lock);
        lockgraph_witness(
            b, lockgraph_edge(b, from, to),
            (struct lock_witness){context, phase, fn, a, held, token->mode, token->taken});
    }
}

/* An acquisition that every caller sees as its own is theirs to tell: they know the lock better. */
static bool is_told_by_callers(const struct lockgraph_build *b, const struct acquisition *a)
{
    return a->lifted && !a->kept && !path_is_global(b->flows->paths, a->lock);
}

static void add_acquisitions(struct lockgraph_build *b, fn_id fn, const struct acquisition *a)
{
    const struct contexts *contexts = b->contexts;
    bool reached = false;

    for (uint32_t p = 0; p < contexts->phases.n; p++) {
        if (contexts->phases.v[p].reach[fn.i].yes) {
            add_acquisition(b, (phase_id){p}, fn, a);
            reached = true;
        }
    }
    path_id lock = contexts_absolute(contexts, fn, a->lock);
    if (reached && !path_is_none(lock)) {
        uint32_t node = lockgraph_node(b, lock);
        b->out->locks.v[node].acquisitions++;
    }
}

struct lockgraph *lockgraph_build(void *owner, const struct contexts *contexts)
{
    struct lockgraph *out = mem_new(owner, struct lockgraph);
    struct lockgraph_build b = {.out = out, .contexts = contexts, .flows = contexts->flows};

    out->contexts = contexts;
    for (uint32_t f = 0; f < b.flows->linked->fns.n; f++) {
        const struct fn_flow *flow = &b.flows->v[f];
        for (size_t i = 0; i < flow->acquisitions.n; i++) {
            if (!is_told_by_callers(&b, flow->acquisitions.v[i])) {
                add_acquisitions(&b, (fn_id){f}, flow->acquisitions.v[i]);
            }
        }
    }
    lockgraph_add_joins(&b);
    lockgraph_add_waits(&b);
    return out;
}
