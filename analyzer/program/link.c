#include "program/link.h"

#include "base/map.h"
#include "program/programs.h"

#include <string.h>

struct named {
    UT_hash_handle hh;
    const char *key; /* interned: the pointer is the key */
    uint32_t id;
};

struct field_key {
    uint32_t record;
    const char *name;
    uint32_t index; /* anonymous members share the name "" */
};

struct field_named {
    UT_hash_handle hh;
    struct field_key key;
    uint32_t id;
};

/* Tables that are needed only while linking. */
struct linker {
    struct linked *out;
    struct named *syms;
    struct named *records;
    struct field_named *fields;
};

static struct named *named_find(struct named **table, void *owner, const char *key, bool *ret_new)
{
    struct named *named = NULL;

    HASH_FIND(hh, *table, &key, sizeof(const char *), named);
    *ret_new = named == NULL;
    if (named == NULL) {
        named = mem_new(owner, struct named);
        named->key = key;
        HASH_ADD(hh, *table, key, sizeof(const char *), named);
    }
    return named;
}

static uint32_t link_sym(struct linker *linker, const struct ir_sym *ir)
{
    bool is_new;
    struct named *named = named_find(&linker->syms, linker, ir->key, &is_new);

    if (is_new) {
        named->id = (uint32_t)linker->out->syms.n;
        vec_push(linker->out, &linker->out->syms, (struct prog_sym){.ir = NULL});
    }
    return named->id;
}

static uint32_t link_record(struct linker *linker, const struct ir_record *ir)
{
    bool is_new;
    struct named *named = named_find(&linker->records, linker, ir->key, &is_new);

    if (is_new) {
        named->id = (uint32_t)linker->out->records.n;
        vec_push(linker->out, &linker->out->records,
                 (struct prog_record){ir->name, ir->key, ID_NONE, ID_NONE});
    }
    return named->id;
}

static uint32_t add_field(struct linked *out, uint32_t record, const struct ir_field *ir)
{
    uint32_t id = (uint32_t)out->fields.n;
    struct prog_record *of = &out->records.v[record];

    vec_push(out, &out->fields,
             (struct prog_field){record, ir->name, ir->type, ir->flags, ID_NONE, ID_NONE});
    if (of->first == ID_NONE) {
        of->first = id;
    } else {
        out->fields.v[of->last].next = id;
    }
    of->last = id;
    return id;
}

static uint32_t link_field(struct linker *linker, uint32_t record, const struct ir_field *ir)
{
    struct field_named *named = NULL;
    struct field_key key;

    memset(&key, 0, sizeof key);
    key.record = record;
    key.name = ir->name;
    key.index = ir->name[0] == '\0' ? ir->index : 0;
    HASH_FIND(hh, linker->fields, &key, sizeof key, named);
    if (named == NULL) {
        named = mem_new(linker, struct field_named);
        named->key = key;
        named->id = add_field(linker->out, record, ir);
        HASH_ADD(hh, linker->fields, key, sizeof key, named);
    }
    linker->out->fields.v[named->id].flags |=
        ir->flags & IR_FIELD_BASE; /* one unit's word is enough */
    return named->id;
}

/* Field `i` of the unit is number `id`: which bit-fields does it share its memory location with?
 * The fields of a record follow each other, and one of no width is no bit-field. */
static void join_bits(struct linker *linker, const struct ir_unit *unit, const uint32_t *ids,
                      size_t i)
{
    const struct ir_field *field = &unit->fields.v[i];
    struct prog_field *mine = &linker->out->fields.v[ids[i]];

    if ((field->flags & IR_FIELD_BITS) == 0 || mine->unit != ID_NONE) {
        return;
    }
    mine->unit = ids[i];
    if (i > 0 && unit->fields.v[i - 1].record.i == field->record.i &&
        unit->fields.v[i - 1].index + 1 == field->index) {
        uint32_t unit_before = linker->out->fields.v[ids[i - 1]].unit;
        mine->unit = unit_before == ID_NONE ? ids[i] : unit_before;
    }
}

/* What one more unit says of the symbol. */
static void join_sym(struct prog_sym *sym, uint32_t unit, const struct ir_sym *ir)
{
    bool defines = (ir->flags & IR_SYM_DEFINED) != 0;

    if (sym->ir == NULL || (defines && (sym->ir->flags & IR_SYM_DEFINED) == 0)) {
        sym->ir = ir;
        sym->unit = unit;
    }
    sym->flags |= ir->flags;
}

/* What the unit's attributes say of functions and waiting. */
static void join_claims(struct linked *linked, const struct ir_unit *unit,
                        const struct unit_map *map)
{
    for (size_t i = 0; i < unit->attrs.n; i++) {
        const struct ir_attr *attr = &unit->attrs.v[i];
        if (attr->target_kind == IR_ATTR_ON_SYM) {
            struct prog_sym *sym = &linked->syms.v[map->syms[attr->target]];
            sym->claims_nonblocking |= attr->kind == IR_ATTR_NONBLOCKING;
            sym->claims_blocking |= attr->kind == IR_ATTR_BLOCKING;
        }
    }
}

void linked_join_syms(struct linked *linked)
{
    for (size_t i = 0; i < linked->syms.n; i++) {
        struct prog_sym *sym = &linked->syms.v[i];
        sym->ir = NULL;
        sym->flags = 0;
        sym->claims_nonblocking = sym->claims_blocking = false;
    }
    for (uint32_t u = 0; u < linked->n_units; u++) {
        const struct ir_unit *unit = linked->units[u];
        for (size_t i = 0; i < unit->syms.n; i++) {
            join_sym(&linked->syms.v[linked->maps[u].syms[i]], u, &unit->syms.v[i]);
        }
        join_claims(linked, unit, &linked->maps[u]);
    }
}

static void link_names(struct linker *linker, uint32_t index, const struct ir_unit *unit)
{
    struct unit_map *map = &linker->out->maps[index];
    uint32_t *records = mem_array(linker, uint32_t, unit->records.n + 1);

    map->syms = mem_array(linker->out, uint32_t, unit->syms.n + 1);
    map->fields = mem_array(linker->out, uint32_t, unit->fields.n + 1);
    for (size_t i = 0; i < unit->syms.n; i++) {
        map->syms[i] = link_sym(linker, &unit->syms.v[i]);
    }
    for (size_t i = 0; i < unit->records.n; i++) {
        records[i] = link_record(linker, &unit->records.v[i]);
    }
    for (size_t i = 0; i < unit->fields.n; i++) {
        const struct ir_field *field = &unit->fields.v[i];
        map->fields[i] = link_field(linker, records[field->record.i], field);
        join_bits(linker, unit, map->fields, i);
    }
    talloc_free(records);
}

/* The same text in two units: a header's static inline, or a file compiled twice. */
static bool same_place(const struct prog_fn *a, const struct ir_unit *unit, const struct ir_fn *fn)
{
    const struct ir_sym *mine = &a->unit->syms.v[a->ir->sym.i];
    const struct ir_sym *other = &unit->syms.v[fn->sym.i];

    return mine->line == other->line && mine->file.i != ID_NONE && other->file.i != ID_NONE &&
           a->unit->files.v[mine->file.i] == unit->files.v[other->file.i];
}

static bool body_is_known(const struct linked *out, const struct prog_sym *sym,
                          const struct ir_unit *unit, const struct ir_fn *fn)
{
    for (size_t i = 0; i < sym->bodies.n; i++) {
        if (same_place(&out->fns.v[sym->bodies.v[i].i], unit, fn)) {
            return true;
        }
    }
    return false;
}

static void link_bodies(struct linked *out, uint32_t index, const struct ir_unit *unit)
{
    for (size_t i = 0; i < unit->fns.n; i++) {
        const struct ir_fn *ir = unit->fns.v[i];
        uint32_t sym_index = out->maps[index].syms[ir->sym.i];
        struct prog_sym *sym = &out->syms.v[sym_index];
        if (ir->blocks.n == 0 || body_is_known(out, sym, unit, ir)) {
            continue;
        }
        struct prog_fn fn = {.unit = unit,
                             .unit_index = index,
                             .ir = ir,
                             .cfg = cfg_build(out, ir),
                             .sym = sym_index,
                             .name = unit->syms.v[ir->sym.i].name};
        vec_push(out, &sym->bodies, (fn_id){(uint32_t)out->fns.n});
        vec_push(out, &out->fns, fn);
    }
    struct prog_fn init = {.unit = unit, .unit_index = index, .ir = unit->init, .sym = ID_NONE};
    init.name = "static initialisers";
    vec_push(out, &out->inits, init);
}

struct linked *link_units(void *owner, const struct ir_unit *const *units, size_t n_units)
{
    struct linked *out = mem_new(owner, struct linked);
    struct linker *linker = mem_new(NULL, struct linker);

    linker->out = out;
    out->units = mem_array(out, const struct ir_unit *, n_units + 1);
    for (size_t i = 0; i < n_units; i++) {
        out->units[i] = units[i];
    }
    out->n_units = n_units;
    out->maps = mem_array(out, struct unit_map, n_units + 1);
    for (uint32_t i = 0; i < n_units; i++) {
        link_names(linker, i, units[i]);
    }
    linked_join_syms(out);
    for (uint32_t i = 0; i < n_units; i++) {
        link_bodies(out, i, units[i]);
    }
    programs_find(out);
    HASH_CLEAR(hh, linker->syms);
    HASH_CLEAR(hh, linker->records);
    HASH_CLEAR(hh, linker->fields);
    talloc_free(linker);
    return out;
}

uint32_t linked_sym(const struct linked *linked, const struct prog_fn *fn, uint32_t unit_sym)
{
    return linked->maps[fn->unit_index].syms[unit_sym];
}

uint32_t linked_field(const struct linked *linked, const struct prog_fn *fn, uint32_t unit_field)
{
    return linked->maps[fn->unit_index].fields[unit_field];
}

char *linked_field_name(void *owner, const struct linked *linked, uint32_t field)
{
    const struct prog_field *f = &linked->fields.v[field];
    const char *record = linked->records.v[f->record].name;

    record = strncmp(record, "struct ", 7) == 0 ? record + 7 : record;
    return mem_printf(owner, "%s%s%s", record, *record == '\0' ? "" : ".", f->name);
}

struct loc linked_loc(const struct prog_fn *fn, uint32_t op)
{
    loc_id where = fn->ir->ops.v[op].where;
    const struct ir_loc *at = where.i == ID_NONE ? NULL : &fn->ir->locs.v[where.i];

    return at == NULL || at->file.i == ID_NONE
               ? (struct loc){.file = NULL}
               : (struct loc){fn->unit->files.v[at->file.i], at->line, at->column};
}

struct loc linked_init_loc(const struct linked *linked, struct init_site site)
{
    return site.unit == ID_NONE ? (struct loc){.file = NULL}
                                : linked_loc(&linked->inits.v[site.unit], site.op);
}

struct bodies linked_bodies(const struct linked *linked, uint32_t sym_index, uint32_t unit_index)
{
    const struct prog_sym *sym = &linked->syms.v[sym_index];
    uint64_t mine = linked->programs[unit_index];
    size_t first = sym->n_shared;
    size_t n = 0;

    for (size_t i = 0; i < sym->bodies.n; i++) {
        if (linked->fns.v[sym->bodies.v[i].i].unit_index == unit_index) {
            return (struct bodies){&sym->bodies.v[i], 1};
        }
    }
    if (sym->n_shared > 0) { /* what else there is are a test program's own stand-ins */
        return (struct bodies){sym->bodies.v, sym->n_shared};
    }
    for (size_t i = first; i < sym->bodies.n; i++) {
        uint32_t unit = linked->fns.v[sym->bodies.v[i].i].unit_index;
        if ((linked->programs[unit] & mine) != 0) {
            first = n == 0 ? i : first;
            n++;
        }
    }
    bool together = n == 1; /* one program only: that one; else all, which may be too many */
    return together ? (struct bodies){&sym->bodies.v[first], 1}
                    : (struct bodies){sym->bodies.v, sym->bodies.n};
}
