#include "program/path.h"

#include <string.h>

enum { MAX_DEPTH = 12, FIRST_SLOTS = 1024 };

#define ID_FREE UINT32_MAX

struct paths {
    VEC(struct path_node) nodes;
    VEC(path_id) classes; /* by path; PATH_NONE: not computed yet */
    uint32_t *slots;      /* ids by content, open addressing, at most half full; ID_FREE: free */
    size_t n_slots;       /* a power of two */
    paths_record_of_fn *record_of;
    paths_is_base_fn *is_base; /* NULL: no field is */
    void *user;
};

static bool same_content(const struct path_node *x, const struct path_node *y)
{
    return x->kind == y->kind && x->parent.i == y->parent.i && x->a == y->a && x->b == y->b;
}

/* The slot that holds the node's id, or a free one for it. */
static uint32_t *slot_of(const struct paths *paths, const struct path_node *node)
{
    uint64_t mixed = ((uint64_t)node->parent.i << 32 | node->a) * 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ ((uint64_t)node->b << 4 | (uint64_t)node->kind)) * 0x9e3779b97f4a7c15u;
    size_t i = (size_t)(mixed >> 32); /* Fibonacci hashing */

    for (;; i++) {
        uint32_t *slot = &paths->slots[i & (paths->n_slots - 1)];
        if (*slot == ID_FREE || same_content(&paths->nodes.v[*slot], node)) {
            return slot;
        }
    }
}

static void grow_slots(struct paths *paths)
{
    paths->n_slots = paths->n_slots == 0 ? FIRST_SLOTS : paths->n_slots * 2;
    talloc_free(paths->slots);
    paths->slots = mem_array(paths, uint32_t, paths->n_slots);
    memset(paths->slots, 0xff, paths->n_slots * sizeof *paths->slots);
    for (size_t i = 0; i < paths->nodes.n; i++) {
        *slot_of(paths, &paths->nodes.v[i]) = (uint32_t)i;
    }
}

struct paths *paths_new(void *owner, paths_record_of_fn *record_of, void *user)
{
    struct paths *paths = mem_new(owner, struct paths);

    paths->record_of = record_of;
    paths->user = user;
    grow_slots(paths);
    return paths;
}

void paths_leave_out(struct paths *paths, paths_is_base_fn *is_base)
{
    paths->is_base = is_base;
}

size_t paths_count(const struct paths *paths)
{
    return paths->nodes.n;
}

const struct path_node *path_get(const struct paths *paths, path_id path)
{
    return &paths->nodes.v[path.i];
}

bool path_eq(path_id a, path_id b)
{
    return a.i == b.i;
}

bool path_is_none(path_id path)
{
    return path.i == UINT32_MAX;
}

static path_id find_or_add(struct paths *paths, const struct path_node *node)
{
    uint32_t *slot = slot_of(paths, node);

    if (*slot != ID_FREE) {
        return (path_id){*slot};
    }
    path_id id = {(uint32_t)paths->nodes.n};
    *slot = id.i;
    vec_push(paths, &paths->nodes, *node);
    paths->nodes.v[id.i].root =
        path_is_none(node->parent) ? id : path_get(paths, node->parent)->root;
    vec_push(paths, &paths->classes, PATH_NONE);
    if (paths->nodes.n * 2 > paths->n_slots) {
        grow_slots(paths);
    }
    return id;
}

path_id path_root(struct paths *paths, enum path_kind kind, uint32_t a, uint32_t b)
{
    return find_or_add(paths, &(struct path_node){kind, PATH_NONE, a, b, 0, PATH_NONE});
}

/* Has the way to `path` passed the field twice behind a pointer? Then it goes down a recursive
 * structure (p->next->next), and one object more says no more than "one of them". */
static bool is_repeated(const struct paths *paths, path_id path, uint32_t field)
{
    unsigned n = 0;

    for (; !path_is_none(path); path = path_get(paths, path)->parent) {
        const struct path_node *node = path_get(paths, path);
        n += node->kind == STEP_FIELD && node->a == field ? 1 : 0;
    }
    return n >= 2;
}

static bool is_base(const struct paths *paths, uint32_t field)
{
    return paths->is_base != NULL && paths->is_base(paths->user, field);
}

/* The container whose member `field` the object is, where that is a way back; PATH_NONE. */
static path_id known_container(const struct paths *paths, path_id object, uint32_t field)
{
    const struct path_node *node = path_get(paths, object);
    const struct path_node *member =
        node->kind == STEP_INDEX ? path_get(paths, node->parent) : node;

    if (member->kind == STEP_FIELD && member->a == field) {
        return member->parent;
    }
    return is_base(paths, field) ? object : PATH_NONE; /* it begins where its container does */
}

path_id path_step(struct paths *paths, path_id parent, enum path_kind kind, uint32_t a)
{
    if (path_is_none(parent)) {
        return parent;
    }
    while (kind == STEP_FIELD && path_get(paths, parent)->kind == STEP_FIELD &&
           is_base(paths, path_get(paths, parent)->a)) {
        parent = path_get(paths, parent)->parent;
    }
    /* p[0] is *p, and an unknown index of an unknown index says no more than one */
    const struct path_node *up = path_get(paths, parent);
    if (kind == STEP_INDEX && up->kind == STEP_DEREF && a == 0) {
        return parent;
    }
    if (kind == STEP_INDEX && up->kind == STEP_INDEX && up->a == PATH_INDEX_ANY) {
        return parent;
    }
    if (kind == STEP_CONTAINER) {
        path_id container = known_container(paths, parent, a);
        if (!path_is_none(container)) {
            return container;
        }
    }
    if (kind == STEP_FIELD && up->kind == STEP_CONTAINER && up->a == a) {
        return up->parent;
    }
    if (kind == STEP_FIELD && up->kind == STEP_DEREF && is_repeated(paths, parent, a)) {
        parent = path_root(paths, ROOT_OBJECT, paths->record_of(paths->user, a), 0);
        up = path_get(paths, parent);
    }
    if (up->depth >= MAX_DEPTH) {
        bool member = kind == STEP_FIELD && up->kind == STEP_DEREF; /* of what it points to */
        path_id class = path_class(paths, parent);
        if (member) {
            class = path_root(paths, ROOT_OBJECT, paths->record_of(paths->user, a), 0);
        }
        if (path_get(paths, class)->depth >= MAX_DEPTH) {
            return PATH_NONE;
        }
        parent = class;
    }
    return find_or_add(paths, &(struct path_node){kind, parent, a, 0,
                                                  path_get(paths, parent)->depth + 1, PATH_NONE});
}

path_id path_root_of(const struct paths *paths, path_id path)
{
    return path_get(paths, path)->root;
}

/* The steps of `path` below `top`, appended to `base` with unknown indices. */
static path_id replay(struct paths *paths, path_id base, path_id path, path_id top, bool forget)
{
    if (path_eq(path, top)) {
        return base;
    }
    struct path_node node = *path_get(paths, path);
    path_id parent = replay(paths, base, node.parent, top, forget);
    uint32_t a = forget && node.kind == STEP_INDEX ? PATH_INDEX_ANY : node.a;
    return path_step(paths, parent, node.kind, a);
}

static path_id compute_class(struct paths *paths, path_id path)
{
    path_id first_field = PATH_NONE; /* outermost field after the last pointer */
    path_id at = path;

    for (; !path_is_none(at); at = path_get(paths, at)->parent) {
        enum path_kind kind = path_get(paths, at)->kind;
        if (kind == STEP_DEREF || kind == STEP_CONTAINER) {
            break;
        }
        if (kind == STEP_FIELD) {
            first_field = at;
        }
    }
    if (!path_is_none(first_field)) {
        uint32_t field = path_get(paths, first_field)->a;
        path_id object = path_root(paths, ROOT_OBJECT, paths->record_of(paths->user, field), 0);
        path_id base = path_step(paths, object, STEP_FIELD, field);
        return replay(paths, base, path, first_field, true);
    }
    const struct path_node *last = path_get(paths, path);
    if (last->kind == STEP_DEREF && path_get(paths, last->parent)->kind == STEP_FIELD) {
        return path_step(paths, path_class(paths, last->parent), STEP_DEREF, 0);
    }
    if (last->kind == STEP_INDEX) {
        return replay(paths, path_root_of(paths, path), path, path_root_of(paths, path), true);
    }
    return path;
}

path_id path_class(struct paths *paths, path_id path)
{
    if (path_is_none(path)) {
        return path;
    }
    if (path_is_none(paths->classes.v[path.i])) {
        path_id class = compute_class(paths, path);
        paths->classes.v[path.i] = class;
    }
    return paths->classes.v[path.i];
}

bool path_has_deref(const struct paths *paths, path_id path)
{
    for (; !path_is_none(path); path = path_get(paths, path)->parent) {
        enum path_kind kind = path_get(paths, path)->kind;
        if (kind == STEP_DEREF || kind == STEP_CONTAINER) {
            return true;
        }
    }
    return false;
}

bool path_is_exact(const struct paths *paths, path_id path)
{
    for (; !path_is_none(path); path = path_get(paths, path)->parent) {
        const struct path_node *node = path_get(paths, path);
        if (node->kind == STEP_DEREF || node->kind == STEP_CONTAINER ||
            (node->kind == STEP_INDEX && node->a == PATH_INDEX_ANY)) {
            return false;
        }
        if (path_is_none(node->parent)) {
            return node->kind == ROOT_VAR || node->kind == ROOT_NAMED;
        }
    }
    return false;
}

bool path_is_global(const struct paths *paths, path_id path)
{
    if (path_is_none(path)) {
        return false;
    }
    enum path_kind kind = path_get(paths, path_root_of(paths, path))->kind;
    return kind == ROOT_VAR || kind == ROOT_NAMED || kind == ROOT_OBJECT;
}

bool path_may_alias(struct paths *paths, path_id a, path_id b)
{
    if (path_eq(a, b)) {
        return true;
    }
    if (path_is_none(a) || path_is_none(b)) {
        return false;
    }
    if (path_is_exact(paths, a) && path_is_exact(paths, b)) {
        return false;
    }
    return path_eq(path_class(paths, a), path_class(paths, b));
}

/* The root of `path`, and in *ret_below the step right below it (PATH_NONE: path is its root). */
static path_id split_root(const struct paths *paths, path_id path, path_id *ret_below)
{
    path_id root = PATH_NONE;

    for (path_id at = path; !path_is_none(at); at = path_get(paths, at)->parent) {
        *ret_below = root;
        root = at;
    }
    return root;
}

static bool begins_with_deref(const struct paths *paths, path_id below)
{
    return !path_is_none(below) && path_get(paths, below)->kind == STEP_DEREF;
}

path_id path_substitute(struct paths *paths, path_id path, const path_id *pointees, size_t n)
{
    if (path_is_none(path)) {
        return path;
    }
    path_id below = PATH_NONE;
    const struct path_node *root = path_get(paths, split_root(paths, path, &below));
    if (root->kind != ROOT_PARAM) {
        return path;
    }
    if (!begins_with_deref(paths, below) || root->a >= n) {
        return PATH_NONE;
    }
    path_id base = pointees[root->a];
    return path_is_none(base) ? base : replay(paths, base, path, below, false);
}

path_id path_replace_pointee(struct paths *paths, path_id path, path_id object)
{
    path_id below = PATH_NONE;

    (void)split_root(paths, path, &below);
    if (!begins_with_deref(paths, below) || path_is_none(object)) {
        return path;
    }
    return replay(paths, object, path, below, false);
}
