#include "program/absolute.h"

#include "program/pointsto.h"

#include <string.h>

enum { FIRST_SLOTS = 1024 };

struct answer {
    uint32_t fn; /* ID_NONE: the same for all functions */
    uint32_t path;
    path_id absolute;
};

struct absolutes {
    const struct flows *flows;
    struct answer *slots; /* open addressing, at most half full; path ID_NONE: free */
    size_t n_slots;       /* a power of two */
    size_t n;
};

static struct answer *slot_of(const struct absolutes *absolutes, uint32_t fn, uint32_t path)
{
    uint64_t mixed = ((uint64_t)fn << 32 | path) * 0x9e3779b97f4a7c15u;

    for (size_t i = (size_t)(mixed >> 32);; i++) { /* Fibonacci hashing */
        struct answer *slot = &absolutes->slots[i & (absolutes->n_slots - 1)];
        if (slot->path == ID_NONE || (slot->path == path && slot->fn == fn)) {
            return slot;
        }
    }
}

static void grow_slots(struct absolutes *absolutes)
{
    struct answer *old = absolutes->slots;
    size_t n_old = absolutes->n_slots;

    absolutes->n_slots = n_old == 0 ? FIRST_SLOTS : n_old * 2;
    absolutes->slots = mem_array(absolutes, struct answer, absolutes->n_slots);
    memset(absolutes->slots, 0xff, absolutes->n_slots * sizeof *absolutes->slots);
    for (size_t i = 0; i < n_old; i++) {
        if (old[i].path != ID_NONE) {
            *slot_of(absolutes, old[i].fn, old[i].path) = old[i];
        }
    }
    talloc_free(old);
}

struct absolutes *absolutes_new(void *owner, const struct flows *flows)
{
    struct absolutes *absolutes = mem_new(owner, struct absolutes);

    absolutes->flows = flows;
    grow_slots(absolutes);
    return absolutes;
}

/* `*e->lock` is what every `lock` of such an object points to, where that is one object, or an
 * element of one array. */
static path_id sharpen_field(const struct flows *flows, fn_id fn, path_id path)
{
    const struct path_node *node = path_get(flows->paths, path);

    if (node->kind != STEP_DEREF || path_get(flows->paths, node->parent)->kind != STEP_FIELD) {
        return path;
    }
    path_id object = pointsto_only_object(flows->calls->pointsto, fn, node->parent);
    return path_is_none(object) ? path : object;
}

static path_id work_out(const struct flows *flows, fn_id fn, path_id path)
{
    path = calls_sharpen(flows->calls, flows->paths, fn, path);
    path = path_is_none(path) ? path : sharpen_field(flows, fn, path);
    if (path_is_none(path) || path_is_exact(flows->paths, path)) {
        return path;
    }
    return path_class(flows->paths, path);
}

path_id absolutes_find(struct absolutes *absolutes, fn_id fn, path_id path)
{
    const struct paths *paths = absolutes->flows->paths;

    if (path_is_none(path)) {
        return path;
    }
    bool is_param = path_get(paths, path_root_of(paths, path))->kind == ROOT_PARAM;
    uint32_t of_fn = is_param ? fn.i : ID_NONE;
    struct answer *slot = slot_of(absolutes, of_fn, path.i);
    if (slot->path == ID_NONE) {
        struct answer answer = {of_fn, path.i, work_out(absolutes->flows, fn, path)};
        *slot = answer;
        absolutes->n++;
        if (absolutes->n * 2 > absolutes->n_slots) {
            grow_slots(absolutes);
        }
        return answer.absolute;
    }
    return slot->absolute;
}
