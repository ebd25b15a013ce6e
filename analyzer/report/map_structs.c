/* map_structs.c - the access map by record: which lock guards most of a struct's fields. */
#include "report/map.h"
#include "report/map_pick.h"

#include <stdlib.h>
#include <string.h>

/* Fields of one record that have the same guard. */
struct share {
    path_id guard; /* PATH_NONE: those without */
    const char *lock;
    VEC(const struct map_item *) items;
};

struct shares {
    VEC(struct share) v;
};

struct structs_run {
    const struct prog *prog;
    FILE *out;
    void *scratch; /* what belongs to the record that is being written */
};

static path_id root_of(const struct prog *prog, const struct map_item *item)
{
    return path_root_of(prog->paths, item->variable->class);
}

static bool is_record(const struct prog *prog, path_id root)
{
    return path_get(prog->paths, root)->kind == ROOT_OBJECT;
}

/* "struct conn", or the name of a global. */
static const char *root_name(void *owner, const struct prog *prog, path_id root)
{
    return is_record(prog, root) ? prog->linked->records.v[path_get(prog->paths, root)->a].name
                                 : prog_path_name(owner, prog, FN_NONE, root);
}

/* The field's name without its record's; a global is called by its own. */
static const char *field_name(const struct map_item *item)
{
    const char *dot = strchr(item->name, '.');

    return dot == NULL ? item->name : dot + 1;
}

static struct share *share_of(const struct structs_run *run, struct shares *shares, path_id guard)
{
    for (size_t i = 0; i < shares->v.n; i++) {
        if (path_eq(shares->v.v[i].guard, guard)) {
            return &shares->v.v[i];
        }
    }
    const char *lock =
        path_is_none(guard) ? "" : prog_path_name(run->scratch, run->prog, FN_NONE, guard);
    vec_push(run->scratch, &shares->v, (struct share){.guard = guard, .lock = lock});
    return &shares->v.v[shares->v.n - 1];
}

/* The most fields first; the fields without a guard last. */
static int compare_shares(const void *a, const void *b)
{
    const struct share *x = a;
    const struct share *y = b;

    if (path_is_none(x->guard) != path_is_none(y->guard)) {
        return path_is_none(x->guard) ? 1 : -1;
    }
    if (x->items.n != y->items.n) {
        return x->items.n < y->items.n ? 1 : -1;
    }
    return strcmp(x->lock, y->lock);
}

static void write_share(const struct structs_run *run, const struct share *share)
{
    if (path_is_none(share->guard)) {
        (void)fputs("  no guard: ", run->out);
    } else {
        (void)fprintf(run->out, "  %s: ", share->lock);
    }
    for (size_t i = 0; i < share->items.n; i++) {
        const struct map_item *item = share->items.v[i];
        const struct variable *v = item->variable;
        (void)fprintf(run->out, "%s%s", i > 0 ? ", " : "", field_name(item));
        if (path_is_none(v->guard)) {
            (void)fputs(map_is_atomic(v) ? " (atomic)" : "", run->out);
        } else if (v->guarded < v->accesses.n) {
            (void)fprintf(run->out, " (%u of %zu)", v->guarded, v->accesses.n);
        }
    }
    (void)fputs("\n", run->out);
}

/* "hits: guard m (3 of 4 accesses)". */
static void write_global(const struct structs_run *run, const struct map_item *item)
{
    const struct variable *v = item->variable;

    if (path_is_none(v->guard)) {
        (void)fprintf(run->out, "%s: no guard%s\n", item->name,
                      map_is_atomic(v) ? " (atomic)" : "");
        return;
    }
    const char *lock = prog_path_name(run->scratch, run->prog, FN_NONE, v->guard);
    (void)fprintf(run->out, "%s: guard %s (%u of %zu accesses)\n", item->name, lock, v->guarded,
                  v->accesses.n);
}

/* Writes the record of items[0..n). */
static void write_record(const struct structs_run *run, const struct map_item *items, size_t n)
{
    struct shares shares = {{NULL, 0}};

    for (size_t i = 0; i < n; i++) {
        struct share *share = share_of(run, &shares, items[i].variable->guard);
        vec_push(run->scratch, &share->items, &items[i]);
    }
    qsort(shares.v.v, shares.v.n, sizeof *shares.v.v, compare_shares);
    const struct share *first = &shares.v.v[0];
    const char *name = root_name(run->scratch, run->prog, root_of(run->prog, &items[0]));
    if (path_is_none(first->guard)) {
        (void)fprintf(run->out, "%s: no guard\n", name);
    } else {
        (void)fprintf(run->out, "%s: guard %s (%zu of %zu field%s)\n", name, first->lock,
                      first->items.n, n, map_plural(n));
    }
    for (size_t i = 0; i < shares.v.n; i++) {
        write_share(run, &shares.v.v[i]);
    }
}

struct record_item {
    const char *name; /* of the record or global */
    path_id root;
    struct map_item item;
};

static int compare_records(const void *a, const void *b)
{
    const struct record_item *x = a;
    const struct record_item *y = b;
    int order = strcmp(x->name, y->name);

    if (order == 0) { /* two records of different files can share a name */
        order = (x->root.i > y->root.i) - (x->root.i < y->root.i);
    }
    return order != 0 ? order : strcmp(x->item.name, y->item.name);
}

/* Puts the items of each record next to each other. */
static void sort_by_record(void *owner, const struct prog *prog, struct map_items *items)
{
    struct record_item *sorted = mem_array(owner, struct record_item, items->n + 1);

    for (size_t i = 0; i < items->n; i++) {
        path_id root = root_of(prog, &items->v[i]);
        sorted[i] = (struct record_item){root_name(owner, prog, root), root, items->v[i]};
    }
    qsort(sorted, items->n, sizeof *sorted, compare_records);
    for (size_t i = 0; i < items->n; i++) {
        items->v[i] = sorted[i].item;
    }
}

bool map_write_structs(const struct prog *prog, const struct map_options *options, FILE *out)
{
    void *owner = mem_owner(NULL, "map_write_structs");
    struct map_items items = map_pick(owner, prog, options);
    struct structs_run run = {.prog = prog, .out = out, .scratch = mem_owner(owner, "record")};
    size_t n_groups = 0;

    sort_by_record(owner, prog, &items);
    for (size_t at = 0, end; at < items.n; at = end) {
        path_id root = root_of(prog, &items.v[at]);
        for (end = at + 1; end < items.n && path_eq(root_of(prog, &items.v[end]), root);) {
            end++;
        }
        if (is_record(prog, root)) {
            write_record(&run, &items.v[at], end - at);
        } else { /* an array and its elements can be two variables of one root */
            for (size_t i = at; i < end; i++) {
                write_global(&run, &items.v[i]);
            }
        }
        talloc_free_children(run.scratch);
        n_groups++;
    }
    (void)fprintf(out, "\n%zu struct%s or global%s\n", n_groups, map_plural(n_groups),
                  map_plural(n_groups));
    talloc_free(owner);
    return !ferror(out);
}
