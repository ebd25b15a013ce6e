/* cursor.h - what lowering asks of libclang's cursors: children, shape, constants, text.
 *
 * libclang shows implicit casts, atomic builtins, `a ?: b`, designated initialisers and more as
 * CXCursor_UnexposedExpr: cursor_is_cast() and lower_unexposed() tell them apart.
 */
#pragma once

#include "base/intern.h"
#include "base/mem.h"

#include <clang-c/Index.h>

/* The children of a cursor, in source order. Taken all at once, so that the depth of the stack is
 * that of our own recursion only. Free with kids_free(). */
enum { KIDS_FEW = 4 };
struct kids {
    CXCursor *v; /* `few` or memory of its own: the struct must stay where it is */
    unsigned n;
    CXCursor few[KIDS_FEW];
};
void kids_get(struct kids *kids, CXCursor parent);
void kids_free(struct kids *kids);

/* The first child; false: none. The last child that is an expression; false: none. */
bool cursor_first(CXCursor parent, CXCursor *ret_child);
bool cursor_last_expr(CXCursor parent, CXCursor *ret_child);

/* The expression without parentheses, __extension__, _Generic and __builtin_choose_expr. */
CXCursor cursor_strip(CXCursor expr);

/* Does the expression (stripped) name an object, so that using its value reads memory? */
bool cursor_is_lvalue(CXCursor expr);

/* Does this implicit or explicit cast only pass on the value of `*ret_child`, with or without
 * reading it from memory? */
bool cursor_is_cast(CXCursor expr, CXCursor *ret_child);

/* Is the expression an array, or a pointer? Its type alone does not tell: libclang says of the
 * parameter `int a[]`, and of what is made from it, that it is an array. */
bool cursor_is_array(CXCursor expr);
bool cursor_is_pointer(CXCursor expr);

/* What a pointer points to. */
CXType cursor_pointee(CXCursor pointer);

/* The value of an integer constant expression. */
bool cursor_constant(CXCursor expr, int64_t *ret_number);

/* The text at the cursor's spelling location, up to the end of the file; NULL: in no file. */
const char *cursor_text(CXCursor cursor, size_t *ret_size);

/* The identifier at the cursor's spelling location, in a buffer; "" when there is none. */
enum { CURSOR_NAME_MAX = 128 };
void cursor_word(CXCursor cursor, char ret_word[CURSOR_NAME_MAX]);

/* Its spelling, interned; "" without one. Takes the string over in cx_intern(). */
const char *cursor_name(struct intern *names, CXCursor cursor);
const char *cx_intern(struct intern *names, CXString text);

/* Does the cursor's name begin with `prefix`? */
bool cursor_named(CXCursor cursor, const char *prefix);

/* Kinds of the canonical type. */
bool type_is_array(CXType type);
bool type_is_function(CXType type);
bool type_is_record(CXType type);
bool type_is_pointer(CXType type);
bool type_is_void(CXType type);

/* Is there a variable-length array in it (C11 6.7.6: variably modified)? */
bool type_is_variable(CXType type);

/* Qualifiers of the canonical type; those of an array are its elements'. */
bool type_is_atomic(CXType type);
bool type_is_volatile(CXType type);
bool type_is_const(CXType type);
