#include "ir/print.h"

#include "ir/print_expr.h"
#include "ir/print_fold.h"

#include <string.h>

enum { WHERE_COLUMN = 42 }; /* where the places in the source begin */

/* One function on its way to text. */
struct dump {
    struct expr_printer printer;
    struct fold fold;
    void *scratch; /* of the current line */
    void *owner;   /* of `out` */
    char *out;
};

static void append_where(const struct dump *dump, char **line, loc_id where)
{
    const struct ir_loc *loc = where.i == ID_NONE ? NULL : &dump->printer.fn->locs.v[where.i];

    if (loc == NULL || loc->file.i == ID_NONE) {
        return;
    }
    int pad = WHERE_COLUMN - (int)strlen(*line);
    mem_append(dump->scratch, line, "%*s ; %s:%u:%u", pad > 0 ? pad : 0, "",
               dump->printer.unit->files.v[loc->file.i], loc->line, loc->column);
    if (loc->macro != NULL) {
        mem_append(dump->scratch, line, " [%s]", loc->macro);
    }
}

static void print_line(struct dump *dump, const char *text, loc_id where)
{
    char *line = mem_strdup(dump->scratch, text);

    append_where(dump, &line, where);
    mem_append(dump->owner, &dump->out, "%s\n", line);
    talloc_free_children(dump->scratch);
}

/* ---- ops ------------------------------------------------------------------------------------- */

static const char *kind_word(enum ir_op_kind kind)
{
    switch (kind) {
    case IR_READ:
        return "read";
    case IR_WRITE:
        return "write";
    case IR_RMW:
        return "rmw";
    case IR_CALL:
        return "call";
    }
    return "?";
}

static const char *order_suffix(enum ir_order order)
{
    switch (order) {
    case IR_ORDER_NONE:
        return "";
    case IR_ORDER_RELAXED:
        return ".relaxed";
    case IR_ORDER_CONSUME:
        return ".consume";
    case IR_ORDER_ACQUIRE:
        return ".acquire";
    case IR_ORDER_RELEASE:
        return ".release";
    case IR_ORDER_ACQ_REL:
        return ".acq_rel";
    case IR_ORDER_SEQ_CST:
        return ".seq_cst";
    }
    return "";
}

/* " as lock(m)": the macro's name and arguments, where the call has some of them. */
static void append_macro_use(struct dump *dump, char **text, const struct ir_op *op)
{
    const struct ir_fn *fn = dump->printer.fn;
    const char *macro = op->where.i == ID_NONE ? NULL : fn->locs.v[op->where.i].macro;

    if (op->u.call.n_macro_args == 0) {
        return;
    }
    mem_append(dump->scratch, text, " as %s(", macro == NULL ? "?" : macro);
    for (uint32_t i = 0; i < op->u.call.n_macro_args; i++) {
        value_id arg = fn->args.v[op->u.call.first_arg + op->u.call.n_args + i];
        mem_append(dump->scratch, text, "%s%s", i > 0 ? ", " : "",
                   expr_value(&dump->printer, dump->scratch, arg));
    }
    mem_append(dump->scratch, text, ")");
}

static const char *flag_suffix(uint32_t flags)
{
    static const struct {
        uint32_t flag;
        const char *suffix;
    } suffixes[] = {
        {IR_OPF_INIT, ".init"},       {IR_OPF_CLEANUP, ".cleanup"}, {IR_OPF_SETJMP, ".setjmp"},
        {IR_OPF_LONGJMP, ".longjmp"}, {IR_OPF_WEAK, ".weak"},
    };

    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        if ((flags & suffixes[i].flag) != 0) { /* no two of them go together */
            return suffixes[i].suffix;
        }
    }
    return "";
}

/* What follows the verb: "x", "x = 1", "x add 1", "f(1)". */
static char *op_rest(struct dump *dump, const struct ir_op *op)
{
    void *scratch = dump->scratch;

    if (op->kind == IR_CALL) {
        char *call = expr_call(&dump->printer, scratch, op);
        append_macro_use(dump, &call, op);
        return call;
    }
    char *text = expr_place(&dump->printer, scratch, op->u.access.place);
    if (op->kind == IR_WRITE) {
        mem_append(scratch, &text, " = ");
    } else if (op->kind == IR_RMW) {
        const char *word = expr_opcode_word(op->u.access.opcode);
        mem_append(scratch, &text, " %s%s", word, word[0] == '\0' ? "" : " ");
    }
    if (op->kind != IR_READ) {
        mem_append(scratch, &text, "%s", expr_value(&dump->printer, scratch, op->u.access.value));
    }
    return text;
}

static void print_op(struct dump *dump, uint32_t i)
{
    const struct ir_op *op = &dump->printer.fn->ops.v[i];
    char *text = mem_strdup(dump->scratch, "    ");

    if (dump->fold.folded[i]) {
        return;
    }
    if (dump->fold.used[i]) {
        mem_append(dump->scratch, &text, "r%u = ", i);
    }
    mem_append(dump->scratch, &text, "%s%s%s%s %s", kind_word(op->kind), order_suffix(op->order),
               (op->flags & IR_OPF_VOLATILE) != 0 ? ".volatile" : "", flag_suffix(op->flags),
               op_rest(dump, op));
    print_line(dump, text, op->where);
}

/* ---- terminators ----------------------------------------------------------------------------- */

static void append_case(struct dump *dump, char **text, const struct ir_succ *succ)
{
    if (succ->is_default) {
        mem_append(dump->scratch, text, "default: b%u", succ->block.i);
    } else if (succ->low == succ->high) {
        mem_append(dump->scratch, text, "%lld: b%u", (long long)succ->low, succ->block.i);
    } else {
        mem_append(dump->scratch, text, "%lld..%lld: b%u", (long long)succ->low,
                   (long long)succ->high, succ->block.i);
    }
}

/* "b1, b2", or with the cases of a switch. */
static char *succ_list(struct dump *dump, const struct ir_block *block)
{
    char *text = mem_strdup(dump->scratch, "");

    for (uint32_t i = 0; i < block->n_succs; i++) {
        const struct ir_succ *succ = &dump->printer.fn->succs.v[block->first_succ + i];
        mem_append(dump->scratch, &text, "%s", i > 0 ? ", " : "");
        if (block->term == IR_SWITCH) {
            append_case(dump, &text, succ);
        } else {
            mem_append(dump->scratch, &text, "b%u", succ->block.i);
        }
    }
    return text;
}

static char *branch_text(struct dump *dump, const struct ir_block *block, const char *cond)
{
    const struct ir_succ *succs = dump->printer.fn->succs.v + block->first_succ;

    return mem_printf(dump->scratch, "    branch %s ? b%u : b%u", cond, succs[0].block.i,
                      succs[1].block.i);
}

static char *term_text(struct dump *dump, const struct ir_block *block)
{
    void *scratch = dump->scratch;
    const char *cond = expr_value(&dump->printer, scratch, block->cond);

    switch (block->term) {
    case IR_JUMP:
        return mem_printf(scratch, "    jump %s", succ_list(dump, block));
    case IR_BRANCH:
        return branch_text(dump, block, cond);
    case IR_SWITCH:
        return mem_printf(scratch, "    switch %s [%s]", cond, succ_list(dump, block));
    case IR_ANY:
        return mem_printf(scratch, "    jump any of %s", succ_list(dump, block));
    case IR_RETURN:
        return block->cond.i == ID_NONE ? mem_strdup(scratch, "    return")
                                        : mem_printf(scratch, "    return %s", cond);
    case IR_UNREACHABLE:
        return mem_strdup(scratch, "    unreachable");
    }
    return mem_strdup(scratch, "    ?");
}

/* ---- functions ------------------------------------------------------------------------------- */

static struct dump dump_start(void *owner, const struct ir_unit *unit, const struct ir_fn *fn,
                              char *out)
{
    struct dump dump = {.owner = owner, .out = out, .scratch = mem_owner(NULL, "ir_print")};

    dump.fold = fold_of(NULL, fn);
    dump.printer = (struct expr_printer){
        .unit = unit, .fn = fn, .style = EXPR_DUMP, .folded = dump.fold.folded};
    return dump;
}

static char *dump_end(struct dump *dump)
{
    talloc_free(dump->fold.used);
    talloc_free(dump->fold.folded);
    talloc_free(dump->scratch);
    return dump->out;
}

static void print_head(struct dump *dump)
{
    const struct ir_fn *fn = dump->printer.fn;
    char *text = mem_printf(dump->scratch, "fn %s(", dump->printer.unit->syms.v[fn->sym.i].name);

    for (uint32_t i = 0; i < fn->n_params; i++) {
        mem_append(dump->scratch, &text, "%s%s", i > 0 ? ", " : "",
                   expr_local(&dump->printer, dump->scratch, (local_id){i}));
    }
    mem_append(dump->scratch, &text, ")");
    print_line(dump, text, (loc_id){ID_NONE});
}

/* Where a terminator stands is told for returns only: a jump's place helps nobody. */
static void print_block(struct dump *dump, uint32_t number)
{
    const struct ir_block *block = &dump->printer.fn->blocks.v[number];
    loc_id nowhere = {ID_NONE};

    print_line(dump, mem_printf(dump->scratch, "  b%u:", number), nowhere);
    for (uint32_t i = 0; i < block->n_ops; i++) {
        print_op(dump, block->first_op + i);
    }
    print_line(dump, term_text(dump, block), block->term == IR_RETURN ? block->where : nowhere);
}

static char *print_fn(void *owner, const struct ir_unit *unit, const struct ir_fn *fn, char *out)
{
    struct dump dump = dump_start(owner, unit, fn, out);

    print_head(&dump);
    for (uint32_t i = 0; i < fn->blocks.n; i++) {
        print_block(&dump, i);
    }
    return dump_end(&dump);
}

/* Initialisers run in no order that matters, so their blocks, if any, aren't shown. */
static char *print_init(void *owner, const struct ir_unit *unit, char *out)
{
    struct dump dump = dump_start(owner, unit, unit->init, out);

    print_line(&dump, "static initialisers", (loc_id){ID_NONE});
    for (uint32_t i = 0; i < unit->init->ops.n; i++) {
        print_op(&dump, i);
    }
    return dump_end(&dump);
}

static const char *attr_target(void *scratch, const struct ir_unit *unit,
                               const struct ir_attr *attr)
{
    switch (attr->target_kind) {
    case IR_ATTR_ON_SYM:
        return unit->syms.v[attr->target].name;
    case IR_ATTR_ON_FIELD: {
        const struct ir_field *field = &unit->fields.v[attr->target];
        return mem_printf(scratch, "%s.%s", unit->records.v[field->record.i].name, field->name);
    }
    case IR_ATTR_ON_RECORD:
        return unit->records.v[attr->target].name;
    }
    return "?";
}

static char *print_attrs(void *owner, const struct ir_unit *unit, char *out)
{
    void *scratch = mem_owner(NULL, "ir_print");

    mem_append(owner, &out, "attributes\n");
    for (size_t i = 0; i < unit->attrs.n; i++) {
        const struct ir_attr *attr = &unit->attrs.v[i];
        mem_append(owner, &out, "    %s: %s", attr_target(scratch, unit, attr),
                   ir_attr_name(attr->kind));
        mem_append(owner, &out, attr->args[0] == '\0' ? "%s\n" : "(%s)\n", attr->args);
    }
    talloc_free(scratch);
    return out;
}

static char *print_notes(void *owner, const struct ir_unit *unit, char *out)
{
    mem_append(owner, &out, "notes\n");
    for (size_t i = 0; i < unit->notes.n; i++) {
        const struct ir_note *note = &unit->notes.v[i];
        mem_append(owner, &out, "    %s:%u:%u%s: %s\n", unit->files.v[note->file.i], note->line,
                   note->column, note->alone ? " alone" : "", note->text);
    }
    return out;
}

char *ir_print_unit(void *owner, const struct ir_unit *unit, const char *function)
{
    char *out = mem_strdup(owner, "");

    for (size_t i = 0; i < unit->fns.n; i++) {
        const struct ir_fn *fn = unit->fns.v[i];
        if (function == NULL || strcmp(unit->syms.v[fn->sym.i].name, function) == 0) {
            out = print_fn(owner, unit, fn, out);
        }
    }
    if (function == NULL && unit->init->ops.n > 0) {
        out = print_init(owner, unit, out);
    }
    if (function == NULL && unit->attrs.n > 0) {
        out = print_attrs(owner, unit, out);
    }
    if (function == NULL && unit->notes.n > 0) {
        out = print_notes(owner, unit, out);
    }
    return out;
}
