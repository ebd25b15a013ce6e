#include "program/relink.h"

#include "base/map.h"
#include "ir/places.h"
#include "program/programs.h"
#include "program/same_body.h"

#include <string.h>

/* ---- what must be the same ------------------------------------------------------------------- */

static bool same_files(const struct ir_unit *a, const struct ir_unit *b)
{
    bool same = a->files.n == b->files.n;

    for (size_t i = 0; i < a->files.n && same; i++) {
        same = a->files.v[i] == b->files.v[i];
    }
    return same;
}

static bool same_types(const struct ir_unit *a, const struct ir_unit *b)
{
    bool same = a->records.n == b->records.n && a->fields.n == b->fields.n;

    for (size_t i = 0; i < a->records.n && same; i++) {
        const struct ir_record *x = &a->records.v[i];
        const struct ir_record *y = &b->records.v[i];
        same = x->name == y->name && x->is_union == y->is_union && ir_is_same_key(x->key, y->key);
    }
    for (size_t i = 0; i < a->fields.n && same; i++) {
        const struct ir_field *x = &a->fields.v[i];
        const struct ir_field *y = &b->fields.v[i];
        same = x->record.i == y->record.i && x->index == y->index && x->name == y->name &&
               x->type == y->type && x->flags == y->flags;
    }
    return same;
}

/* Attributes of symbols go by number, which new ones can shift: then they are not the same. */
static bool same_attrs(const struct ir_unit *a, const struct ir_unit *b)
{
    bool same = a->attrs.n == b->attrs.n;

    for (size_t i = 0; i < a->attrs.n && same; i++) {
        const struct ir_attr *x = &a->attrs.v[i];
        const struct ir_attr *y = &b->attrs.v[i];
        same = x->kind == y->kind && x->target_kind == y->target_kind && x->target == y->target &&
               x->args == y->args;
    }
    return same;
}

/* ---- functions ------------------------------------------------------------------------------- */

static const char *key_of(const struct ir_unit *unit, const struct ir_fn *fn)
{
    return unit->syms.v[fn->sym.i].key;
}

/* Does another unit have the body, so that this one's is dropped (see repeats.h)? */
static bool is_elsewhere(const struct linked *linked, uint32_t index, const struct ir_unit *unit,
                         const struct ir_fn *fn, uint32_t sym)
{
    const struct ir_sym *mine = &unit->syms.v[fn->sym.i];
    const struct prog_sym *all = &linked->syms.v[sym];
    bool elsewhere = false;

    for (size_t i = 0; sym != ID_NONE && i < all->bodies.n && !elsewhere; i++) {
        const struct prog_fn *other = &linked->fns.v[all->bodies.v[i].i];
        const struct ir_sym *theirs = &other->unit->syms.v[other->ir->sym.i];
        elsewhere = other->unit_index != index && mine->line == theirs->line &&
                    mine->file.i != ID_NONE && theirs->file.i != ID_NONE &&
                    unit->files.v[mine->file.i] == other->unit->files.v[theirs->file.i];
    }
    return elsewhere;
}

/* The unit's bodies that the program has, and those of `unit` that are to take their places. */
struct pairs {
    VEC(fn_id) old;
    VEC(struct ir_fn *) new;
};

/* `syms`: the program's numbers of the unit's symbols, ID_NONE: a new one. False: the functions are
 * others. */
static bool pair_up(const struct linked *linked, uint32_t index, const struct ir_unit *unit,
                    const uint32_t *syms, struct pairs *pairs)
{
    const struct ir_unit *before = linked->units[index];
    size_t next = 0;

    for (uint32_t f = 0; f < linked->fns.n; f++) {
        if (linked->fns.v[f].unit_index == index) {
            vec_push(NULL, &pairs->old, (fn_id){f});
        }
    }
    for (size_t i = 0; i < unit->fns.n; i++) {
        struct ir_fn *fn = unit->fns.v[i];
        const struct prog_fn *old =
            next < pairs->old.n ? &linked->fns.v[pairs->old.v[next].i] : NULL;
        if (fn->blocks.n == 0) {
            continue;
        }
        if (old != NULL && ir_is_same_key(key_of(before, old->ir), key_of(unit, fn))) {
            vec_push(NULL, &pairs->new, fn);
            next++;
        } else if (!is_elsewhere(linked, index, unit, fn, syms[fn->sym.i])) {
            return false;
        }
    }
    return next == pairs->old.n;
}

/* ---- symbols --------------------------------------------------------------------------------- */

/* The number, in the program, of the old unit's symbol with this key, which is looked for from
 * *from on; ID_NONE. */
static uint32_t old_number(const struct linked *linked, uint32_t index, const char *key,
                           bool *taken, size_t *from)
{
    const struct ir_unit *before = linked->units[index];
    size_t n = before->syms.n;

    for (size_t k = 0; k < n; k++) {
        size_t i = (*from + k) % n;
        if (!taken[i] && ir_is_same_key(before->syms.v[i].key, key)) {
            taken[i] = true;
            *from = i + 1;
            return linked->maps[index].syms[i];
        }
    }
    return ID_NONE;
}

struct known_sym {
    UT_hash_handle hh;
    const char *key; /* interned */
    uint32_t id;
};

/* The number of the symbol of some other unit with this key; ID_NONE. The table is made when it is
 * needed first. */
static uint32_t number_elsewhere(const struct linked *linked, void *owner, struct known_sym **table,
                                 const char *key)
{
    size_t n = *table == NULL ? linked->syms.n : 0;
    struct known_sym *known = NULL;

    for (uint32_t i = 0; i < n; i++) {
        struct known_sym *one = mem_new(owner, struct known_sym);
        one->key = linked->syms.v[i].ir->key;
        one->id = i;
        HASH_ADD(hh, *table, key, sizeof(const char *), one);
    }
    HASH_FIND(hh, *table, &key, sizeof(const char *), known);
    return known == NULL ? ID_NONE : known->id;
}

/* By symbol of the unit: its number in the program; ID_NONE: it is new. Owned by `owner`. */
static uint32_t *number_syms(const struct linked *linked, void *owner, uint32_t index,
                             const struct ir_unit *unit)
{
    uint32_t *numbers = mem_array(owner, uint32_t, unit->syms.n + 1);
    void *scratch = mem_owner(NULL, "symbols");
    bool *taken = mem_array(scratch, bool, linked->units[index]->syms.n + 1);
    struct known_sym *table = NULL;
    size_t from = 0;

    for (size_t i = 0; i < unit->syms.n; i++) {
        const char *key = unit->syms.v[i].key;
        numbers[i] = old_number(linked, index, key, taken, &from);
        if (numbers[i] == ID_NONE) {
            numbers[i] = number_elsewhere(linked, scratch, &table, key);
        }
    }
    HASH_CLEAR(hh, table);
    talloc_free(scratch);
    return numbers;
}

static void add_new_syms(struct linked *linked, const struct ir_unit *unit, uint32_t *numbers)
{
    for (size_t i = 0; i < unit->syms.n; i++) {
        if (numbers[i] == ID_NONE) {
            numbers[i] = (uint32_t)linked->syms.n;
            vec_push(linked, &linked->syms,
                     (struct prog_sym){.ir = &unit->syms.v[i], .unit = ID_NONE});
        }
    }
}

/* A symbol as it was. */
struct was {
    struct ir_sym ir;
    uint32_t flags;
    bool mentioned; /* by any unit */
};

/* Gathers again what all units say of each symbol. True: of one that was there before they say
 * something else now. */
static bool join_again(struct linked *linked)
{
    struct was *was = mem_array(NULL, struct was, linked->syms.n);
    bool other = false;

    for (size_t i = 0; i < linked->syms.n; i++) {
        const struct prog_sym *sym = &linked->syms.v[i];
        was[i] = (struct was){*sym->ir, sym->flags, sym->unit != ID_NONE};
    }
    linked_join_syms(linked);
    for (size_t i = 0; i < linked->syms.n; i++) {
        struct prog_sym *sym = &linked->syms.v[i];
        if (sym->ir == NULL) { /* nobody mentions it any more */
            struct ir_sym *kept = mem_new(linked, struct ir_sym);
            *kept = was[i].ir;
            sym->ir = kept;
            sym->unit = ID_NONE;
        } else if (was[i].mentioned) {
            other = other || was[i].flags != sym->flags || was[i].ir.type != sym->ir->type;
        }
    }
    talloc_free(was);
    return other;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void put_body(struct linked *linked, fn_id fn, const struct ir_unit *unit,
                     const struct ir_fn *ir, bool changed)
{
    struct prog_fn *body = &linked->fns.v[fn.i];

    body->unit = unit;
    body->ir = ir;
    body->name = unit->syms.v[ir->sym.i].name;
    if (changed) {
        talloc_free(body->cfg);
        body->cfg = cfg_build(linked, ir);
    } else {
        body->cfg->fn = ir;
    }
}

static void put_bodies(struct linked *linked, uint32_t index, struct ir_unit *unit,
                       const uint32_t *syms, const struct pairs *pairs, bool *changed)
{
    for (size_t i = 0; i < pairs->old.n; i++) {
        fn_id fn = pairs->old.v[i];
        const struct body old = {linked->fns.v[fn.i].ir, linked->maps[index].syms};
        const struct body new = {pairs->new.v[i], syms};
        changed[fn.i] = !same_body(&old, &new);
        put_body(linked, fn, unit, new.fn, changed[fn.i]);
    }
    linked->inits.v[index].unit = unit;
    linked->inits.v[index].ir = unit->init;
}

/* Keeps the bodies that are the program's. */
static void drop_others(struct ir_unit *unit, const struct pairs *pairs)
{
    size_t next = 0;

    for (size_t i = 0; i < unit->fns.n; i++) {
        if (next < pairs->new.n && unit->fns.v[i] == pairs->new.v[next]) {
            unit->fns.v[next++] = unit->fns.v[i];
        } else {
            talloc_free(unit->fns.v[i]);
        }
    }
    unit->fns.n = next;
}

bool linked_replace(struct linked *linked, uint32_t index, struct ir_unit *unit, bool *changed)
{
    const struct ir_unit *before = linked->units[index];
    struct pairs pairs = {{NULL, 0}, {NULL, 0}};

    bool possible =
        same_files(before, unit) && same_types(before, unit) && same_attrs(before, unit);
    uint32_t *syms = possible ? number_syms(linked, linked, index, unit) : NULL;
    possible = possible && pair_up(linked, index, unit, syms, &pairs);
    if (possible) {
        add_new_syms(linked, unit, syms);
        put_bodies(linked, index, unit, syms, &pairs, changed);
        drop_others(unit, &pairs);
        linked->units[index] = unit;
        talloc_free(linked->maps[index].syms);
        linked->maps[index].syms = syms;
        if (join_again(linked)) {
            memset(changed, true, linked->fns.n * sizeof *changed);
        }
        programs_find(linked);
    } else {
        talloc_free(syms);
    }
    talloc_free(pairs.old.v);
    talloc_free(pairs.new.v);
    return possible;
}
