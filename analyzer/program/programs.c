#include "program/programs.h"

#include <string.h>

static void find_mains(struct linked *linked)
{
    uint32_t n = 0;

    for (size_t i = 0; i < linked->fns.n; i++) {
        const struct prog_fn *fn = &linked->fns.v[i];
        if (strcmp(fn->name, "main") == 0) {
            linked->has_main[fn->unit_index] = true;
            linked->programs[fn->unit_index] |= 1ull << (n++ % 64);
        }
    }
}

/* Bodies in units without a main first; both groups stay in the order of their units. */
static void sort_bodies(struct linked *linked, struct prog_sym *sym)
{
    VEC(fn_id) sorted = {NULL, 0};

    for (int with_main = 0; with_main < 2; with_main++) {
        for (size_t i = 0; i < sym->bodies.n; i++) {
            uint32_t unit = linked->fns.v[sym->bodies.v[i].i].unit_index;
            if (linked->has_main[unit] == (with_main == 1)) {
                vec_push(linked, &sorted, sym->bodies.v[i]);
            }
        }
        sym->n_shared = with_main == 0 ? (uint32_t)sorted.n : sym->n_shared;
    }
    if (sym->bodies.n > 1) {
        memcpy(sym->bodies.v, sorted.v, sorted.n * sizeof *sorted.v);
    }
    talloc_free(sorted.v);
}

static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? 0 : (size_t)(slash - path);
}

static bool in_one_folder(const struct linked *linked, uint32_t a, uint32_t b)
{
    const char *x = linked->units[a]->path;
    const char *y = linked->units[b]->path;
    size_t n = folder_length(x);

    return n == folder_length(y) && strncmp(x, y, n) == 0;
}

static uint32_t unit_of_body(const struct linked *linked, const struct prog_sym *sym, size_t b)
{
    return linked->fns.v[sym->bodies.v[b].i].unit_index;
}

/* Of several bodies of one name a program has one: that of the user's own folder, if there is one
 * (a library and a server with a log_printf() each). */
static bool has_body_nearby(const struct linked *linked, const struct prog_sym *sym, uint32_t unit)
{
    for (size_t b = 0; b < sym->n_shared; b++) {
        if (in_one_folder(linked, unit, unit_of_body(linked, sym, b))) {
            return true;
        }
    }
    return false;
}

/* The unit's programs need the units that define what it uses. False: nothing new. */
static bool pull_in(struct linked *linked, uint32_t unit)
{
    bool changed = false;

    for (size_t i = 0; i < linked->units[unit]->syms.n; i++) {
        const struct prog_sym *sym = &linked->syms.v[linked->maps[unit].syms[i]];
        bool nearby = sym->n_shared > 1 && has_body_nearby(linked, sym, unit);
        for (size_t b = 0; b < sym->n_shared; b++) {
            uint32_t to = unit_of_body(linked, sym, b);
            if (nearby && !in_one_folder(linked, unit, to)) {
                continue;
            }
            uint64_t all = linked->programs[to] | linked->programs[unit];
            changed |= all != linked->programs[to];
            linked->programs[to] = all;
        }
    }
    return changed;
}

void programs_find(struct linked *linked)
{
    talloc_free(linked->programs);
    talloc_free(linked->has_main);
    linked->programs = mem_array(linked, uint64_t, linked->n_units + 1);
    linked->has_main = mem_array(linked, bool, linked->n_units + 1);
    find_mains(linked);
    for (size_t i = 0; i < linked->syms.n; i++) {
        sort_bodies(linked, &linked->syms.v[i]);
    }
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t unit = 0; unit < linked->n_units; unit++) {
            changed |= linked->programs[unit] != 0 && pull_in(linked, unit);
        }
    }
}
