/* print.h - the IR as text: for `snarl ir`, --trace and golden tests. */
#pragma once

#include "ir/ir.h"

/* The functions of `unit` as text (only `function` when it is not NULL), then its static
 * initialisers, attributes and notes (without `function`), owned by `owner`. Deterministic; paths
 * are as in the unit. */
char *ir_print_unit(void *owner, const struct ir_unit *unit, const char *function);

/* One place or value of `fn` in C-like notation, e.g. "server.clients->fd", owned by `owner`. */
char *ir_print_place(void *owner, const struct ir_unit *unit, const struct ir_fn *fn,
                     place_id place);
char *ir_print_value(void *owner, const struct ir_unit *unit, const struct ir_fn *fn,
                     value_id value);
