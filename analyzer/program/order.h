/* order.h - two objects of one type that are locked in an order: by address, by a member, by index.
 */
#pragma once

#include "program/flow.h"

/* Does a comparison of two such objects (`a < b`, `a->id > b->id`, `i < j` for indices) decide
 * which of them `op` of `fn`, a call that locks one or leads there, is about? It does when only one
 * of the two outcomes comes to `op`, or makes another choice of locals: `if (a > b) { swap }`, `a <
 * b ? a : b`. `class` is the lock's. */
bool order_decides(const struct flows *flows, fn_id fn, path_id class, op_id op);
