/* lower_check.h - for the tests of lowering: C source in, printed IR out. */
#pragma once

#include "ir/ir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* The file that lower_text() pretends to read. */
#define PATH "/src/a.c"

struct ir_unit *lower_text(void *owner, const char *source);

/* The body of the function `f` of the source is `want`: one block's name, op or terminator a line,
 * without places in the source. */
void check_ir(const char *source, const char *want);

/* The static initialisers of the source are `want`, one write a line. */
void check_init(const char *source, const char *want);

/* The unit's symbol with this name; the test fails without one. */
const struct ir_sym *sym_named(const struct ir_unit *unit, const char *name);
