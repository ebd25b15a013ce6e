#include "report/map_pick.h"

#include <stdlib.h>
#include <string.h>

bool map_is_atomic(const struct variable *variable)
{
    for (size_t i = 0; i < variable->accesses.n; i++) {
        if (!variable->accesses.v[i].atomic) {
            return false;
        }
    }
    return variable->accesses.n > 0;
}

const char *map_plural(size_t n)
{
    return n == 1 ? "" : "s";
}

static int compare_items(const void *a, const void *b)
{
    const struct map_item *x = a;
    const struct map_item *y = b;
    int order = strcmp(x->name, y->name);

    return order != 0 ? order : (x->variable > y->variable) - (x->variable < y->variable);
}

/* All variables of the program. */
static struct map_items name_all(void *owner, const struct prog *prog)
{
    size_t n = prog->accessmap->v.n;
    struct map_items all = {mem_array(owner, struct map_item, n + 1), n};

    for (size_t i = 0; i < n; i++) {
        const struct variable *variable = &prog->accessmap->v.v[i];
        all.v[i].name = prog_path_name(owner, prog, FN_NONE, variable->class);
        all.v[i].variable = variable;
    }
    qsort(all.v, n, sizeof *all.v, compare_items);
    return all;
}

/* A name the user gave. */
struct wish {
    const char *name;
    bool is_whole; /* some variable, or record, is called just so */
};

/* Is the item, or the record or array it is part of, called so? "conn" is for "conn.fd", too. */
static bool is_called(const struct map_item *item, const char *name)
{
    size_t n = strlen(name);

    return strncmp(item->name, name, n) == 0 &&
           (item->name[n] == '\0' || item->name[n] == '.' || item->name[n] == '[');
}

static struct wish wish_for(const struct map_items *all, const char *name)
{
    struct wish wish = {name, false};

    for (size_t i = 0; i < all->n && !wish.is_whole; i++) {
        wish.is_whole = is_called(&all->v[i], name);
    }
    return wish;
}

static bool wish_meets(const struct wish *wish, const struct map_item *item, bool also_unshared)
{
    if (wish->is_whole) {
        return is_called(item, wish->name);
    }
    return (item->variable->shared || also_unshared) && strstr(item->name, wish->name) != NULL;
}

struct map_items map_pick(void *owner, const struct prog *prog, const struct map_options *options)
{
    struct map_items all = name_all(owner, prog);
    struct map_items picked = {mem_array(owner, struct map_item, all.n + 1), 0};
    struct wish *wishes = mem_array(owner, struct wish, options->n_names + 1);

    for (size_t w = 0; w < options->n_names; w++) {
        wishes[w] = wish_for(&all, options->names[w]);
    }
    for (size_t i = 0; i < all.n; i++) {
        bool wanted = options->n_names == 0 && (all.v[i].variable->shared || options->all);
        for (size_t w = 0; w < options->n_names && !wanted; w++) {
            wanted = wish_meets(&wishes[w], &all.v[i], options->all);
        }
        if (wanted) {
            picked.v[picked.n++] = all.v[i];
        }
    }
    return picked;
}

const char *map_unknown_name(const struct prog *prog, const struct map_options *options)
{
    void *owner = mem_owner(NULL, "map_unknown_name");
    struct map_items all = name_all(owner, prog);
    const char *unknown = NULL;

    for (size_t w = 0; w < options->n_names && unknown == NULL; w++) {
        struct wish wish = wish_for(&all, options->names[w]);
        bool met = false;
        for (size_t i = 0; i < all.n && !met; i++) {
            met = wish_meets(&wish, &all.v[i], options->all);
        }
        unknown = met ? NULL : options->names[w];
    }
    talloc_free(owner);
    return unknown;
}
