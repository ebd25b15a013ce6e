/* codec.c - a unit as bytes, and back. Its functions are in codec_fn.c. */
#include "facts/codec.h"

#include "base/log.h"
#include "base/wire.h"
#include "facts/check.h"
#include "facts/facts.h"
#include "facts/hash.h"

#include <assert.h>
#include <string.h>

struct unit_codec {
    struct wire *wire;
    struct ir_unit *unit;
};

static void code_file(struct unit_codec *c, const char **path)
{
    wire_str(c->wire, path);
    if (*path == NULL) {
        wire_fail(c->wire);
    }
}

static void code_sym(struct unit_codec *c, struct ir_sym *sym)
{
    WIRE_ENUM(c->wire, sym->kind, IR_SYM_VAR);
    wire_str(c->wire, &sym->name);
    wire_str(c->wire, &sym->key);
    wire_str(c->wire, &sym->type);
    wire_u32(c->wire, &sym->flags);
    wire_id(c->wire, &sym->file.i, c->unit->files.n);
    wire_u32(c->wire, &sym->line);
    wire_u32(c->wire, &sym->column);
}

static void code_record(struct unit_codec *c, struct ir_record *record)
{
    wire_str(c->wire, &record->name);
    wire_str(c->wire, &record->key);
    wire_bool(c->wire, &record->is_union);
}

static void code_field(struct unit_codec *c, struct ir_field *field)
{
    wire_below(c->wire, &field->record.i, c->unit->records.n);
    wire_u32(c->wire, &field->index);
    wire_str(c->wire, &field->name);
    wire_str(c->wire, &field->type);
    wire_u32(c->wire, &field->flags);
    wire_id(c->wire, &field->file.i, c->unit->files.n);
    wire_u32(c->wire, &field->line);
}

static size_t attr_limit(const struct ir_unit *unit, enum ir_attr_target kind)
{
    switch (kind) {
    case IR_ATTR_ON_SYM:
        return unit->syms.n;
    case IR_ATTR_ON_FIELD:
        return unit->fields.n;
    case IR_ATTR_ON_RECORD:
        return unit->records.n;
    }
    return 0;
}

static void code_attr(struct unit_codec *c, struct ir_attr *attr)
{
    WIRE_ENUM(c->wire, attr->kind, IR_ATTR_ANNOTATE);
    WIRE_ENUM(c->wire, attr->target_kind, IR_ATTR_ON_RECORD);
    wire_below(c->wire, &attr->target, attr_limit(c->unit, attr->target_kind));
    wire_str(c->wire, &attr->args);
}

static void code_note(struct unit_codec *c, struct ir_note *note)
{
    wire_below(c->wire, &note->file.i, c->unit->files.n);
    wire_u32(c->wire, &note->line);
    wire_u32(c->wire, &note->column);
    wire_near(c->wire, &note->last_line, note->line);
    wire_bool(c->wire, &note->alone);
    wire_str(c->wire, &note->text);
}

static void code_problem(struct unit_codec *c, struct ir_problem *problem)
{
    wire_bool(c->wire, &problem->is_error);
    wire_id(c->wire, &problem->file.i, c->unit->files.n);
    wire_u32(c->wire, &problem->line);
    wire_u32(c->wire, &problem->column);
    wire_str(c->wire, &problem->text);
}

static void code_fn_of_unit(struct unit_codec *c, struct ir_fn **fn)
{
    if (c->wire->reading) {
        *fn = ir_fn_new(c->unit, (sym_id){ID_NONE});
    }
    codec_fn(c->wire, c->unit, *fn);
}

bool codec_unit(struct wire *wire, struct ir_unit *unit)
{
    struct unit_codec c = {wire, unit};

    wire_str(wire, &unit->path);
    wire_u32(wire, &unit->n_fns_lost);
    WIRE_LENGTH(wire, unit, &unit->files);
    WIRE_LENGTH(wire, unit, &unit->syms);
    WIRE_LENGTH(wire, unit, &unit->records);
    WIRE_LENGTH(wire, unit, &unit->fields);
    WIRE_LENGTH(wire, unit, &unit->attrs);
    WIRE_LENGTH(wire, unit, &unit->notes);
    WIRE_LENGTH(wire, unit, &unit->fns);
    WIRE_LENGTH(wire, unit, &unit->problems);
    WIRE_EACH(&c, wire, &unit->files, code_file);
    WIRE_EACH(&c, wire, &unit->syms, code_sym);
    WIRE_EACH(&c, wire, &unit->records, code_record);
    WIRE_EACH(&c, wire, &unit->fields, code_field);
    WIRE_EACH(&c, wire, &unit->attrs, code_attr);
    WIRE_EACH(&c, wire, &unit->notes, code_note);
    WIRE_EACH(&c, wire, &unit->problems, code_problem);
    WIRE_EACH(&c, wire, &unit->fns, code_fn_of_unit);
    if (!wire->bad) {
        codec_fn(wire, unit, unit->init);
    }
    return !wire->bad;
}

struct ir_unit *codec_decode(void *owner, struct intern *names, const void *bytes, size_t size)
{
    void *scratch = mem_owner(NULL, "facts_decode");
    struct wire wire = wire_reader(scratch, names, bytes, size);
    struct ir_unit *unit = ir_unit_new(owner, names, NULL);
    const char *wrong = "not the bytes of a unit";

    if (codec_unit(&wire, unit) && wire.at == wire.end) {
        wrong = check_unit(unit);
    }
    talloc_free(scratch);
    if (wrong != NULL) {
        log_debug("facts: stored unit dropped: %s", wrong);
        talloc_free(unit);
        return NULL;
    }
    return unit;
}

/* What is wrong with a unit that was just written; NULL: nothing. */
static const char *mistake(const struct wire *wire, const struct ir_unit *unit)
{
    return wire->bad ? "an id lies outside its array" : check_unit(unit);
}

void *facts_encode(void *owner, const struct ir_unit *unit, size_t *ret_size)
{
    void *scratch = mem_owner(NULL, "facts_encode");
    struct wire wire = wire_writer(scratch);
    struct ir_unit copy = *unit; /* writing changes nothing, but shares its code with reading */

    wire.size = CODEC_SEAL;
    (void)codec_unit(&wire, &copy);
    const char *wrong = mistake(&wire, &copy);
    if (wrong != NULL) {
        log_debug("facts: %s: %s", unit->path, wrong);
    }
    assert(wrong == NULL); /* with SNARL_DEBUG=1 the log tells; without asserts, decoding fails */
    uint64_t seal = facts_seal(wire.out + CODEC_SEAL, wire.size - CODEC_SEAL);
    seal = wrong != NULL ? ~seal : seal;
    memcpy(wire.out, &seal, CODEC_SEAL);
    *ret_size = wire.size;
    void *bytes = memcpy(mem_grow(owner, NULL, 1, wire.size), wire.out, wire.size);
    talloc_free(scratch);
    return bytes;
}

struct ir_unit *facts_decode(void *owner, struct intern *names, const void *blob, size_t size)
{
    const uint8_t *bytes = blob;
    uint64_t seal = 0;

    if (size < CODEC_SEAL) {
        return NULL;
    }
    memcpy(&seal, bytes, CODEC_SEAL);
    if (seal != facts_seal(bytes + CODEC_SEAL, size - CODEC_SEAL)) {
        return NULL;
    }
    return codec_decode(owner, names, bytes + CODEC_SEAL, size - CODEC_SEAL);
}
