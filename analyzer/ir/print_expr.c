#include "ir/print_expr.h"

#include "ir/print.h"

enum {
    DEPTH_MAX = 8, /* values are a DAG: as a tree they may be of any size */
    VALUES_MAX = 200,
    STRING_MAX = 40, /* bytes of a string literal that are shown */
};

/* Each opcode as a word and as C's operator. */
static const struct {
    const char *word;
    const char *sign;
} opcodes[] = {
    [IR_OP_NONE] = {"", "?"},
    [IR_OP_NEG] = {"neg", "-"},
    [IR_OP_NOT] = {"not", "!"},
    [IR_OP_BITNOT] = {"bitnot", "~"},
    [IR_OP_ADD] = {"add", "+"},
    [IR_OP_SUB] = {"sub", "-"},
    [IR_OP_MUL] = {"mul", "*"},
    [IR_OP_DIV] = {"div", "/"},
    [IR_OP_REM] = {"rem", "%"},
    [IR_OP_SHL] = {"shl", "<<"},
    [IR_OP_SHR] = {"shr", ">>"},
    [IR_OP_AND] = {"and", "&"},
    [IR_OP_OR] = {"or", "|"},
    [IR_OP_XOR] = {"xor", "^"},
    [IR_OP_EQ] = {"eq", "=="},
    [IR_OP_NE] = {"ne", "!="},
    [IR_OP_LT] = {"lt", "<"},
    [IR_OP_LE] = {"le", "<="},
    [IR_OP_GT] = {"gt", ">"},
    [IR_OP_GE] = {"ge", ">="},
    [IR_OP_EXCHANGE] = {"exchange", "="},
    [IR_OP_CAS] = {"cas", "="},
};

const char *expr_opcode_word(enum ir_opcode opcode)
{
    return opcodes[opcode].word;
}

/* ---- places ---------------------------------------------------------------------------------- */

char *expr_local(const struct expr_printer *printer, void *owner, local_id local)
{
    const struct ir_local *locals = printer->fn->locals.v;
    unsigned n_temps = 0;

    if ((locals[local.i].flags & IR_LOCAL_TEMP) == 0) {
        const char *name = locals[local.i].name;
        return mem_strdup(owner, name != NULL ? name : "<unnamed>");
    }
    for (uint32_t i = 0; i < local.i; i++) {
        n_temps += (locals[i].flags & IR_LOCAL_TEMP) != 0 ? 1 : 0;
    }
    return mem_printf(owner, "%%%u", n_temps);
}

static bool needs_brackets(const struct ir_fn *fn, value_id value)
{
    enum ir_value_kind kind = value.i == ID_NONE ? IR_VALUE_UNKNOWN : fn->values.v[value.i].kind;

    return kind == IR_VALUE_UNARY || kind == IR_VALUE_BINARY || kind == IR_VALUE_ADDR;
}

/* A value as an operand: in brackets where it has an operator of its own. */
static char *operand(struct expr_printer *printer, void *owner, value_id value)
{
    char *text = expr_value(printer, owner, value);

    return needs_brackets(printer->fn, value) ? mem_printf(owner, "(%s)", text) : text;
}

static char *place_base(struct expr_printer *printer, void *owner, const struct ir_place *place)
{
    switch (place->base_kind) {
    case IR_BASE_GLOBAL:
        return mem_strdup(owner, printer->unit->syms.v[place->base].name);
    case IR_BASE_LOCAL:
        return expr_local(printer, owner, (local_id){place->base});
    case IR_BASE_VALUE:
        return operand(printer, owner, (value_id){place->base});
    }
    return mem_strdup(owner, "?");
}

/* A place on its way to text. */
struct path {
    char *text;
    bool starred;       /* begins with `*`: brackets are due before what binds tighter */
    const char *joiner; /* due before the next field: "->" or "."; NULL: none */
};

static void path_append(void *owner, struct path *path, const char *joiner, const char *text)
{
    path->text = path->starred ? mem_printf(owner, "(%s)%s%s", path->text, joiner, text)
                               : mem_printf(owner, "%s%s%s", path->text, joiner, text);
    path->starred = false;
}

/* Members of an anonymous struct are reached as if they were its owner's: `p->x`. */
static void append_field(struct expr_printer *printer, void *owner, struct path *path,
                         uint32_t field)
{
    const char *name = printer->unit->fields.v[field].name;

    path->joiner = path->joiner != NULL ? path->joiner : ".";
    if (name[0] != '\0') {
        path_append(owner, path, path->joiner, name);
        path->joiner = NULL;
    }
}

static void append_star(void *owner, struct path *path)
{
    path->text = mem_printf(owner, "*%s", path->text);
    path->starred = true;
}

/* `next` is the step after a DEREF, or NULL: `->` and `[]` of a pointer hold the DEREF. */
static void append_deref(void *owner, struct path *path, const struct ir_step *next)
{
    if (next != NULL && next->kind == IR_STEP_FIELD) {
        path->joiner = "->";
    } else if (next == NULL || next->kind == IR_STEP_DEREF) {
        append_star(owner, path);
    }
}

static void finish_anonymous(void *owner, struct path *path)
{
    if (path->joiner != NULL) {
        path_append(owner, path, path->joiner, "<anonymous>");
        path->joiner = NULL;
    }
}

/* As in C, with pointers: `container_of(p, struct conn, link)->fd`. `previous` is the step before,
 * or NULL; a DEREF there left its pointer as it is. */
static void append_container(struct expr_printer *printer, void *owner, struct path *path,
                             const struct ir_step *previous, uint32_t field)
{
    const struct ir_field *member = &printer->unit->fields.v[field];
    const char *record = printer->unit->records.v[member->record.i].name;
    bool pointer = previous != NULL &&
                   (previous->kind == IR_STEP_DEREF || previous->kind == IR_STEP_CONTAINER);

    path->text = mem_printf(owner, "container_of(%s%s, %s, %s)", pointer ? "" : "&", path->text,
                            record[0] == '\0' ? "<unnamed>" : record,
                            member->name[0] == '\0' ? "<anonymous>" : member->name);
    path->starred = false;
}

char *expr_place(struct expr_printer *printer, void *owner, place_id id)
{
    if (id.i == ID_NONE) {
        return mem_strdup(owner, "?");
    }
    const struct ir_place *place = &printer->fn->places.v[id.i];
    const struct ir_step *steps = printer->fn->steps.v;
    struct path path = {.text = place_base(printer, owner, place)};

    for (uint32_t i = 0; i < place->n_steps; i++) {
        const struct ir_step *step = &steps[place->first_step + i];
        const struct ir_step *next = i + 1 < place->n_steps ? step + 1 : NULL;
        if (step->kind != IR_STEP_FIELD) {
            finish_anonymous(owner, &path);
        }
        switch (step->kind) {
        case IR_STEP_DEREF:
            append_deref(owner, &path, next);
            break;
        case IR_STEP_CONTAINER:
            append_container(printer, owner, &path, i > 0 ? step - 1 : NULL, step->arg);
            append_deref(owner, &path, next);
            break;
        case IR_STEP_FIELD:
            append_field(printer, owner, &path, step->arg);
            break;
        case IR_STEP_INDEX:
            path_append(
                owner, &path, "",
                mem_printf(owner, "[%s]", expr_value(printer, owner, (value_id){step->arg})));
            break;
        }
    }
    finish_anonymous(owner, &path);
    return path.text;
}

/* ---- values ---------------------------------------------------------------------------------- */

static char *string_literal(void *owner, const char *text)
{
    char *out = mem_strdup(owner, "\"");

    for (size_t i = 0; text[i] != '\0'; i++) {
        unsigned char c = (unsigned char)text[i];
        if (i == STRING_MAX) {
            mem_append(owner, &out, "\"...");
            return out;
        }
        if (c == '\n') {
            mem_append(owner, &out, "\\n");
        } else if (c == '"' || c == '\\') {
            mem_append(owner, &out, "\\%c", c);
        } else if (c < ' ' || c >= 0x7f) {
            mem_append(owner, &out, "\\x%02x", c);
        } else {
            mem_append(owner, &out, "%c", c);
        }
    }
    mem_append(owner, &out, "\"");
    return out;
}

/* `&p->x`; a pointer's own target, `&*p`, is `p`. */
static char *address(struct expr_printer *printer, void *owner, place_id place)
{
    const char *text = expr_place(printer, owner, place);

    return text[0] == '*' ? mem_strdup(owner, text + 1) : mem_printf(owner, "&%s", text);
}

char *expr_call(struct expr_printer *printer, void *owner, const struct ir_op *op)
{
    value_id callee = op->u.call.callee;
    bool direct = callee.i != ID_NONE && printer->fn->values.v[callee.i].kind == IR_VALUE_FN;
    char *name = expr_value(printer, owner, callee);
    char *text = direct ? mem_printf(owner, "%s(", name) : mem_printf(owner, "(*%s)(", name);

    for (uint32_t i = 0; i < op->u.call.n_args; i++) {
        value_id arg = printer->fn->args.v[op->u.call.first_arg + i];
        mem_append(owner, &text, "%s%s", i > 0 ? ", " : "", expr_value(printer, owner, arg));
    }
    mem_append(owner, &text, ")");
    return text;
}

static char *yielded(struct expr_printer *printer, void *owner, op_id id)
{
    const struct ir_op *op = &printer->fn->ops.v[id.i];
    bool folded = printer->folded != NULL && printer->folded[id.i];

    if (printer->style == EXPR_DUMP && !folded) {
        return mem_printf(owner, "r%u", id.i);
    }
    return op->kind == IR_CALL ? expr_call(printer, owner, op)
                               : expr_place(printer, owner, op->u.access.place);
}

static char *value_text(struct expr_printer *printer, void *owner, const struct ir_value *value)
{
    switch (value->kind) {
    case IR_VALUE_UNKNOWN:
        return mem_strdup(owner, "?");
    case IR_VALUE_INT:
        return mem_printf(owner, "%lld", (long long)value->u.number);
    case IR_VALUE_STRING:
        return string_literal(owner, value->u.text);
    case IR_VALUE_FN:
        return mem_strdup(owner, printer->unit->syms.v[value->u.sym.i].name);
    case IR_VALUE_ADDR:
        return address(printer, owner, value->u.place);
    case IR_VALUE_READ:
    case IR_VALUE_CALL:
        return yielded(printer, owner, value->u.op);
    case IR_VALUE_UNARY:
        return mem_printf(owner, "%s%s", opcodes[value->opcode].sign,
                          operand(printer, owner, value->u.of.a));
    case IR_VALUE_BINARY:
        return mem_printf(owner, "%s %s %s", operand(printer, owner, value->u.of.a),
                          opcodes[value->opcode].sign, operand(printer, owner, value->u.of.b));
    }
    return mem_strdup(owner, "?");
}

char *expr_value(struct expr_printer *printer, void *owner, value_id id)
{
    if (id.i == ID_NONE) {
        return mem_strdup(owner, "?");
    }
    printer->n_values = printer->depth == 0 ? 0 : printer->n_values + 1;
    if (printer->depth == DEPTH_MAX || printer->n_values > VALUES_MAX) {
        return mem_strdup(owner, "...");
    }
    printer->depth++;
    char *text = value_text(printer, owner, &printer->fn->values.v[id.i]);
    printer->depth--;
    return text;
}

/* ---- for the rest of snarl ------------------------------------------------------------------- */

char *ir_print_place(void *owner, const struct ir_unit *unit, const struct ir_fn *fn,
                     place_id place)
{
    struct expr_printer printer = {.unit = unit, .fn = fn, .style = EXPR_INLINE};
    void *scratch = mem_owner(NULL, "ir_print_place");
    char *text = mem_strdup(owner, expr_place(&printer, scratch, place));

    talloc_free(scratch);
    return text;
}

char *ir_print_value(void *owner, const struct ir_unit *unit, const struct ir_fn *fn,
                     value_id value)
{
    struct expr_printer printer = {.unit = unit, .fn = fn, .style = EXPR_INLINE};
    void *scratch = mem_owner(NULL, "ir_print_value");
    char *text = mem_strdup(owner, expr_value(&printer, scratch, value));

    talloc_free(scratch);
    return text;
}
