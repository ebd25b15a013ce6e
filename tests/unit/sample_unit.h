/* sample_unit.h - units built by hand, for the tests of what prints, stores and reads them. */
#pragma once

#include "ir/ir.h"

/* Adders that return what other parts refer to. Every op is a line further down than the one
 * before. */
struct sample {
    struct intern *names;
    struct ir_unit *unit;
    struct ir_fn *fn; /* the function being built */
    uint32_t line;
};

static inline struct sample sample_new(void *owner, const char *path)
{
    struct sample s = {.names = intern_new(owner), .line = 10};

    s.unit = ir_unit_new(owner, s.names, path);
    s.fn = s.unit->init;
    vec_push(s.unit, &s.unit->files, s.unit->path);
    return s;
}

static inline sym_id sample_sym(struct sample *s, enum ir_sym_kind kind, const char *name)
{
    struct ir_sym sym = {.kind = kind, .file = {0}, .line = 1, .column = 5};

    sym.name = intern_str(s->names, name);
    sym.key = sym.name;
    sym.type = intern_str(s->names, "int");
    vec_push(s->unit, &s->unit->syms, sym);
    return (sym_id){(uint32_t)s->unit->syms.n - 1};
}

static inline field_id sample_field(struct sample *s, uint32_t record, const char *name)
{
    struct ir_field field = {
        .record = {record}, .file = {ID_NONE}, .index = (uint32_t)s->unit->fields.n};

    field.name = intern_str(s->names, name);
    field.type = intern_str(s->names, "int");
    vec_push(s->unit, &s->unit->fields, field);
    return (field_id){(uint32_t)s->unit->fields.n - 1};
}

static inline void sample_record(struct sample *s, const char *name)
{
    struct ir_record record = {.name = intern_str(s->names, name)};

    record.key = record.name;
    vec_push(s->unit, &s->unit->records, record);
}

static inline void sample_fn(struct sample *s, const char *name)
{
    s->fn = ir_fn_new(s->unit, sample_sym(s, IR_SYM_FN, name));
    vec_push(s->unit, &s->unit->fns, s->fn);
}

static inline uint32_t sample_local(struct sample *s, const char *name, uint32_t flags)
{
    struct ir_local local = {.name = intern_str(s->names, name), .flags = flags};

    local.type = intern_str(s->names, "int");
    vec_push(s->fn, &s->fn->locals, local);
    s->fn->n_params += (flags & IR_LOCAL_PARAM) != 0 ? 1 : 0;
    return (uint32_t)s->fn->locals.n - 1;
}

/* A new line of the main file. */
static inline loc_id sample_loc(struct sample *s, const char *macro)
{
    struct ir_loc loc = {.line = s->line, .column = 5, .spell_line = s->line, .spell_column = 5};

    loc.macro = intern_str(s->names, macro);
    loc.spell_line += macro != NULL ? 100 : 0;
    s->line++;
    vec_push(s->fn, &s->fn->locs, loc);
    return (loc_id){(uint32_t)s->fn->locs.n - 1};
}

#define SAMPLE_STEPS(...)                                                                          \
    (const struct ir_step[]){__VA_ARGS__},                                                         \
        (uint32_t)(sizeof((const struct ir_step[]){__VA_ARGS__}) / sizeof(struct ir_step))
#define DEREF {IR_STEP_DEREF, 0}
#define FIELD(field) {IR_STEP_FIELD, (field).i}
#define CONTAINER(field) {IR_STEP_CONTAINER, (field).i}
#define INDEX(value) {IR_STEP_INDEX, (value).i}

static inline place_id sample_global(struct sample *s, sym_id sym)
{
    return ir_place_add(s->fn, IR_BASE_GLOBAL, sym.i, NULL, 0);
}

static inline place_id sample_local_place(struct sample *s, uint32_t local)
{
    return ir_place_add(s->fn, IR_BASE_LOCAL, local, NULL, 0);
}

static inline value_id sample_int(struct sample *s, int64_t number)
{
    return ir_value_add(s->fn, (struct ir_value){.kind = IR_VALUE_INT, .u.number = number});
}

static inline value_id sample_addr(struct sample *s, place_id place)
{
    return ir_value_add(s->fn, (struct ir_value){.kind = IR_VALUE_ADDR, .u.place = place});
}

static inline value_id sample_binary(struct sample *s, value_id a, enum ir_opcode opcode,
                                     value_id b)
{
    struct ir_value value = {.kind = IR_VALUE_BINARY, .opcode = opcode};

    value.u.of.a = a;
    value.u.of.b = b;
    return ir_value_add(s->fn, value);
}

/* Appends an op to the function and returns what it yielded (nothing is yielded by a write). */
static inline value_id sample_op(struct sample *s, struct ir_op op)
{
    struct ir_value value = {.kind = op.kind == IR_CALL ? IR_VALUE_CALL : IR_VALUE_READ};

    vec_push(s->fn, &s->fn->ops, op);
    value.u.op.i = (uint32_t)s->fn->ops.n - 1;
    return op.kind == IR_WRITE ? (value_id){ID_NONE} : ir_value_add(s->fn, value);
}

static inline value_id sample_access(struct sample *s, enum ir_op_kind kind, enum ir_order order,
                                     uint32_t flags, place_id place, enum ir_opcode opcode,
                                     value_id value)
{
    struct ir_op op = {.kind = kind, .order = order, .flags = flags, .where = sample_loc(s, NULL)};

    op.u.access.place = place;
    op.u.access.value = value;
    op.u.access.opcode = opcode;
    return sample_op(s, op);
}

static inline value_id sample_read(struct sample *s, place_id place)
{
    return sample_access(s, IR_READ, IR_ORDER_NONE, 0, place, IR_OP_NONE, (value_id){ID_NONE});
}

static inline void sample_write(struct sample *s, place_id place, value_id value)
{
    (void)sample_access(s, IR_WRITE, IR_ORDER_NONE, 0, place, IR_OP_NONE, value);
}

/* A call of `callee` with up to one argument (ID_NONE: without). */
static inline value_id sample_call(struct sample *s, sym_id callee, value_id arg, const char *macro,
                                   uint32_t flags)
{
    struct ir_op op = {.kind = IR_CALL, .flags = flags, .where = sample_loc(s, macro)};

    op.u.call.callee = ir_value_add(s->fn, (struct ir_value){.kind = IR_VALUE_FN, .u.sym = callee});
    op.u.call.first_arg = (uint32_t)s->fn->args.n;
    if (arg.i != ID_NONE) {
        vec_push(s->fn, &s->fn->args, arg);
        op.u.call.n_args = 1;
    }
    return sample_op(s, op);
}

/* Ends the block that holds all ops since the last end. Successors follow with sample_succ(). */
static inline void sample_end(struct sample *s, enum ir_term term, value_id cond)
{
    struct ir_block block = {.term = term, .cond = cond, .where = sample_loc(s, NULL)};
    const struct ir_block *last =
        s->fn->blocks.n > 0 ? &s->fn->blocks.v[s->fn->blocks.n - 1] : NULL;

    block.first_op = last != NULL ? last->first_op + last->n_ops : 0;
    block.n_ops = (uint32_t)s->fn->ops.n - block.first_op;
    block.first_succ = (uint32_t)s->fn->succs.n;
    vec_push(s->fn, &s->fn->blocks, block);
}

static inline void sample_succ(struct sample *s, struct ir_succ succ)
{
    vec_push(s->fn, &s->fn->succs, succ);
    s->fn->blocks.v[s->fn->blocks.n - 1].n_succs++;
}

/* if (balance >= n) { usleep(1000); balance -= n; } */
static inline void sample_withdraw(struct sample *s)
{
    const value_id none = {ID_NONE};
    sym_id balance = sample_sym(s, IR_SYM_VAR, "balance");
    sym_id usleep_fn = sample_sym(s, IR_SYM_FN, "usleep");

    sample_fn(s, "withdraw");
    (void)sample_local(s, "account", IR_LOCAL_PARAM);
    uint32_t n = sample_local(s, "n", IR_LOCAL_PARAM);
    value_id seen = sample_read(s, sample_global(s, balance));
    value_id wanted = sample_read(s, sample_local_place(s, n));
    sample_end(s, IR_BRANCH, sample_binary(s, seen, IR_OP_GE, wanted));
    sample_succ(s, (struct ir_succ){.block = {1}});
    sample_succ(s, (struct ir_succ){.block = {2}});
    (void)sample_call(s, usleep_fn, sample_int(s, 1000), "NAP", 0);
    wanted = sample_read(s, sample_local_place(s, n));
    (void)sample_access(s, IR_RMW, IR_ORDER_NONE, 0, sample_global(s, balance), IR_OP_SUB, wanted);
    sample_end(s, IR_JUMP, none);
    sample_succ(s, (struct ir_succ){.block = {2}});
    sample_end(s, IR_RETURN, none);
}

/* A call that comes from a macro with two arguments, of which the first is not known. */
static inline void sample_jump(struct sample *s, sym_id callee, place_id place)
{
    value_id seven = sample_int(s, 7);

    (void)sample_call(s, callee, sample_addr(s, place), "JUMP", IR_OPF_LONGJMP);
    vec_push(s->fn, &s->fn->args, (value_id){ID_NONE});
    vec_push(s->fn, &s->fn->args, seven);
    s->fn->ops.v[s->fn->ops.n - 1].u.call.n_macro_args = 2;
}

static inline void sample_attr(struct sample *s, enum ir_attr_kind kind,
                               enum ir_attr_target target_kind, uint32_t target, const char *args)
{
    struct ir_attr attr = {kind, target_kind, target, intern_str(s->names, args)};

    vec_push(s->unit, &s->unit->attrs, attr);
}

/* One of everything that sample_withdraw() lacks. */
static inline void sample_everything(struct sample *s)
{
    const value_id none = {ID_NONE};
    sample_record(s, "struct server");
    field_id clients = sample_field(s, 0, "clients");
    field_id anonymous = sample_field(s, 0, "");
    field_id fd = sample_field(s, 0, "fd");
    sym_id server = sample_sym(s, IR_SYM_VAR, "server");
    sym_id unlock = sample_sym(s, IR_SYM_FN, "unlock");

    sample_fn(s, "serve");
    uint32_t p = sample_local(s, "p", IR_LOCAL_PARAM);
    uint32_t i = sample_local(s, "i", IR_LOCAL_ADDRESS_TAKEN);
    uint32_t temp = sample_local(s, NULL, IR_LOCAL_TEMP);
    value_id index = sample_read(s, sample_local_place(s, i));
    place_id path = ir_place_add(s->fn, IR_BASE_GLOBAL, server.i,
                                 SAMPLE_STEPS(FIELD(clients), DEREF, FIELD(anonymous), FIELD(fd)));
    place_id element = ir_place_add(s->fn, IR_BASE_LOCAL, p, SAMPLE_STEPS(DEREF, INDEX(index)));
    place_id star = ir_place_add(s->fn, IR_BASE_LOCAL, p, SAMPLE_STEPS(DEREF, DEREF));
    value_id old = sample_access(s, IR_RMW, IR_ORDER_ACQ_REL, 0, path, IR_OP_CAS, index);
    (void)sample_access(s, IR_WRITE, IR_ORDER_RELEASE, IR_OPF_INIT, element, IR_OP_NONE, none);
    value_id loaded =
        sample_access(s, IR_READ, IR_ORDER_SEQ_CST, IR_OPF_VOLATILE, star, IR_OP_NONE, none);
    struct ir_value text = {.kind = IR_VALUE_STRING, .u.text = intern_str(s->names, "a\n\"b\"")};
    sample_write(s, sample_local_place(s, temp), ir_value_add(s->fn, text));
    struct ir_value negated = {.kind = IR_VALUE_UNARY, .opcode = IR_OP_NOT};
    negated.u.of.a = sample_binary(s, old, IR_OP_ADD, loaded);
    negated.u.of.b = none;
    sample_end(s, IR_SWITCH, ir_value_add(s->fn, negated));
    sample_succ(s, (struct ir_succ){.block = {1}, .low = -4, .high = -4});
    sample_succ(s, (struct ir_succ){.block = {1}, .low = INT64_MIN, .high = INT64_MAX});
    sample_succ(s, (struct ir_succ){.block = {2}, .is_default = true});
    (void)sample_call(s, unlock, sample_addr(s, path), NULL, IR_OPF_CLEANUP);
    sample_jump(s, unlock,
                ir_place_add(s->fn, IR_BASE_LOCAL, p, SAMPLE_STEPS(DEREF, CONTAINER(fd))));
    sample_end(s, IR_ANY, none);
    sample_succ(s, (struct ir_succ){.block = {0}});
    sample_succ(s, (struct ir_succ){.block = {2}});
    sample_end(s, IR_UNREACHABLE, none);
}

static inline void sample_note(struct sample *s, uint32_t file, uint32_t line, bool alone,
                               const char *text)
{
    struct ir_note note = {{file}, line, 5, line + 2, alone, intern_str(s->names, text)};

    vec_push(s->unit, &s->unit->notes, note);
}

/* A unit with all of the above, an initialiser, a problem and more than one file. */
static inline struct ir_unit *sample_unit(void *owner, struct intern **ret_names)
{
    struct sample s = sample_new(owner, "bank.c");
    struct ir_problem problem = {.is_error = true, .file = {ID_NONE}, .line = 3, .column = 1};

    sample_withdraw(&s);
    sample_everything(&s);
    vec_push(s.unit, &s.unit->files, intern_str(s.names, "bank.h"));
    problem.text = intern_str(s.names, "'gone.h' file not found");
    vec_push(s.unit, &s.unit->problems, problem);
    s.unit->n_fns_lost = 1;
    sample_attr(&s, IR_ATTR_GUARDED_BY, IR_ATTR_ON_FIELD, 2, "mu");
    sample_attr(&s, IR_ATTR_NONBLOCKING, IR_ATTR_ON_SYM, 1, "");
    sample_attr(&s, IR_ATTR_CAPABILITY, IR_ATTR_ON_RECORD, 0, "\"mutex\"");
    sample_note(&s, 0, 7, true, "allow(data-race) a count for show");
    sample_note(&s, 1, 3, false, "");
    s.fn = s.unit->init;
    sample_write(&s, sample_global(&s, (sym_id){0}), sample_int(&s, 100));
    *ret_names = s.names;
    return s.unit;
}
