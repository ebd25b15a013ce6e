/* print_expr.h - places and values as C-like text (private to ir/). */
#pragma once

#include "ir/ir.h"

/* How a value that an op yielded is shown. */
enum expr_style {
    EXPR_INLINE, /* as the source might: `locks[hv]`, `next(q)->fd`; for messages */
    EXPR_DUMP,   /* by the op that yielded it: `locks[r4]`, unless `folded` says otherwise */
};

struct expr_printer {
    const struct ir_unit *unit;
    const struct ir_fn *fn;
    enum expr_style style;
    const bool *folded; /* by op: shown as the local it read; NULL: none */
    unsigned depth;     /* of the expression being printed: past a bound it is "..." */
    unsigned n_values;  /* printed of it so far: bounded too */
};

/* Text owned by `owner`. An id of ID_NONE is shown as "?". */
char *expr_place(struct expr_printer *printer, void *owner, place_id place);
char *expr_value(struct expr_printer *printer, void *owner, value_id value);

/* "f(a, b)" for an IR_CALL. */
char *expr_call(struct expr_printer *printer, void *owner, const struct ir_op *op);

/* "x", or "%0" for the first temporary. */
char *expr_local(const struct expr_printer *printer, void *owner, local_id local);

/* "add", "cas": an opcode as a word; "" for IR_OP_NONE. */
const char *expr_opcode_word(enum ir_opcode opcode);
