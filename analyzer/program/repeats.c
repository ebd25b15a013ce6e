#include "program/repeats.h"

#include "base/map.h"

struct seen {
    UT_hash_handle hh;
    struct {
        const char *sym;  /* ir_sym.key, interned */
        const char *file; /* interned */
        uintptr_t line;
    } key;
};

struct all_seen {
    struct seen *table;
};

static bool is_repeat(struct all_seen *all, const struct ir_unit *unit, const struct ir_fn *fn)
{
    const struct ir_sym *sym = &unit->syms.v[fn->sym.i];
    struct seen *seen = NULL;

    if (sym->file.i == ID_NONE || fn->blocks.n == 0) {
        return false;
    }
    struct seen asked = {.key = {sym->key, unit->files.v[sym->file.i], sym->line}};
    HASH_FIND(hh, all->table, &asked.key, sizeof asked.key, seen);
    if (seen != NULL) {
        return true;
    }
    seen = mem_new(all, struct seen);
    seen->key = asked.key;
    HASH_ADD(hh, all->table, key, sizeof seen->key, seen);
    return false;
}

void repeats_drop(struct ir_unit *const *units, size_t n_units)
{
    struct all_seen *all = mem_new(NULL, struct all_seen);

    for (size_t u = 0; u < n_units; u++) {
        struct ir_unit *unit = units[u];
        size_t n_kept = 0;
        for (size_t i = 0; i < unit->fns.n; i++) {
            if (is_repeat(all, unit, unit->fns.v[i])) {
                talloc_free(unit->fns.v[i]);
            } else {
                unit->fns.v[n_kept++] = unit->fns.v[i];
            }
        }
        unit->fns.n = n_kept;
    }
    HASH_CLEAR(hh, all->table);
    talloc_free(all);
}
