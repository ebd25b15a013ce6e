/* The arguments of the macro that a call comes from.
 *
 * `#define mutex_lock(m) ({ lock_fn *f = mutex_lock_hook; f(m, __FILE__); })` is known by its own
 * name only, and what it locks is the macro's argument. Its text is where the macro is used, and
 * clang says of each expression of the expansion where its tokens were written: the argument is the
 * expression that begins and ends there.
 */
#include "frontend/body.h"

#include "frontend/scan.h"

/* The use of the macro: its arguments as parts of the file's text. */
struct usage {
    CXFile file;
    size_t offset; /* of the macro's name; parts count from here */
    struct scan_part parts[MACRO_ARGS_MAX];
    unsigned n;
};

static bool read_usage(struct builder *b, CXCursor call, struct usage *usage)
{
    struct scan scan = {NULL, 0, 0};
    struct scan_part name;
    unsigned offset = 0;

    clang_getExpansionLocation(clang_getCursorLocation(call), &usage->file, NULL, NULL, &offset);
    scan.text = source_text_at(b->lower, usage->file, offset, &scan.size);
    usage->offset = offset;
    return scan.text != NULL && scan_word(&scan, &name) &&
           scan_arguments(&scan, usage->parts, MACRO_ARGS_MAX, &usage->n);
}

/* Where the location lies in the text of the usage; false: not after its name. */
static bool offset_in(const struct usage *usage, CXSourceLocation where, size_t *ret_offset)
{
    CXFile file = NULL;
    unsigned offset = 0;

    clang_getFileLocation(where, &file, NULL, NULL, &offset);
    if (file != usage->file || offset <= usage->offset) {
        return false;
    }
    *ret_offset = offset - usage->offset;
    return true;
}

/* Is the expression what was written as this argument? Of an argument that comes from a macro
 * itself, begin and end are where that macro's name begins. */
static bool is_argument(const struct usage *usage, CXCursor expr, unsigned arg)
{
    CXSourceRange extent = clang_getCursorExtent(expr);
    const struct scan_part *part = &usage->parts[arg];
    size_t begin = 0;
    size_t end = 0;

    return part->end > part->begin && offset_in(usage, clang_getRangeStart(extent), &begin) &&
           offset_in(usage, clang_getRangeEnd(extent), &end) && begin == part->begin &&
           end <= part->end;
}

/* ---- in the call's arguments ----------------------------------------------------------------- */

/* Can the expression be lowered a second time: no effects, no control flow? */
static bool is_pure(CXCursor expr)
{
    struct kids kids;
    CXCursor child;
    bool pure = false;

    switch ((int)clang_getCursorKind(expr)) { /* libclang's enum is open */
    case CXCursor_DeclRefExpr:
    case CXCursor_IntegerLiteral:
    case CXCursor_TypeRef:
        return true;
    case CXCursor_UnexposedExpr:
    case CXCursor_CStyleCastExpr:
        return cursor_is_cast(expr, &child) && is_pure(child);
    case CXCursor_UnaryOperator: {
        enum CXUnaryOperatorKind kind = clang_getCursorUnaryOperatorKind(expr);
        pure = kind == CXUnaryOperator_AddrOf || kind == CXUnaryOperator_Deref;
        break;
    }
    case CXCursor_ParenExpr:
    case CXCursor_MemberRefExpr:
    case CXCursor_ArraySubscriptExpr:
        pure = true;
        break;
    default:
        break;
    }
    kids_get(&kids, expr);
    for (unsigned i = 0; i < kids.n && pure; i++) {
        pure = is_pure(kids.v[i]);
    }
    kids_free(&kids);
    return pure;
}

/* The part of `expr` that was written as the argument; parts are looked at up to `*budget`. */
static bool find_inside(const struct usage *usage, CXCursor expr, unsigned arg, unsigned *budget,
                        CXCursor *ret_expr)
{
    struct kids kids;
    bool found = false;

    if (*budget == 0) {
        return false;
    }
    --*budget;
    if (is_argument(usage, expr, arg)) {
        *ret_expr = expr;
        return true;
    }
    kids_get(&kids, expr);
    for (unsigned i = 0; i < kids.n && !found; i++) {
        found = clang_isExpression(clang_getCursorKind(kids.v[i])) &&
                find_inside(usage, kids.v[i], arg, budget, ret_expr);
    }
    kids_free(&kids);
    return found;
}

/* Is it the whole argument of the call, but for brackets and casts? */
static bool is_whole(const struct usage *usage, CXCursor expr, unsigned arg)
{
    CXCursor child;

    for (;;) {
        if (is_argument(usage, expr, arg)) {
            return true;
        }
        CXCursor stripped = cursor_strip(expr);
        if (!clang_equalCursors(stripped, expr)) {
            expr = clang_getCursorKind(expr) == CXCursor_ParenExpr && cursor_first(expr, &child)
                       ? child
                       : stripped;
        } else if (cursor_is_cast(expr, &child)) {
            expr = child;
        } else {
            return false;
        }
    }
}

static bool reads_memory(const struct builder *b, size_t first_op)
{
    for (size_t i = first_op; i < b->fn->ops.n; i++) {
        if (!place_is_plain_local(b, b->fn->ops.v[i].u.access.place)) {
            return true;
        }
    }
    return false;
}

/* The value of a part of an argument, lowered once more. ID_NONE, and nothing is left of it, when
 * it reads memory: that read is there already, and two of them would be two accesses. */
static value_id lower_again(struct builder *b, CXCursor expr)
{
    struct ir_fn *fn = b->fn;
    size_t n_ops = fn->ops.n;
    size_t n_values = fn->values.n;
    size_t n_places = fn->places.n;
    size_t n_steps = fn->steps.n;

    if (type_is_record(clang_getCursorType(expr)) || !is_pure(expr)) {
        return (value_id){ID_NONE};
    }
    value_id value = lower_value(b, expr);
    if (reads_memory(b, n_ops)) {
        fn->ops.n = n_ops;
        fn->values.n = n_values;
        fn->places.n = n_places;
        fn->steps.n = n_steps;
        value.i = ID_NONE;
    }
    return value;
}

/* The value of the macro's argument `arg`; ID_NONE: it is no value of the call. */
static value_id value_of(struct builder *b, const struct usage *usage, unsigned arg,
                         const CXCursor *args, const value_id *values, unsigned n_args)
{
    for (unsigned i = 0; i < n_args; i++) {
        if (is_whole(usage, args[i], arg)) {
            return values[i];
        }
    }
    for (unsigned i = 0; i < n_args; i++) {
        CXCursor expr;
        unsigned budget = 32;
        if (find_inside(usage, args[i], arg, &budget, &expr)) {
            return lower_again(b, expr);
        }
    }
    return (value_id){ID_NONE};
}

unsigned macro_args(struct builder *b, CXCursor call, const CXCursor *args, const value_id *values,
                    unsigned n_args, value_id ret_values[MACRO_ARGS_MAX])
{
    struct usage usage = {.n = 0};
    bool any = false;

    if (!read_usage(b, call, &usage)) {
        return 0;
    }
    for (unsigned i = 0; i < usage.n; i++) {
        ret_values[i] = value_of(b, &usage, i, args, values, n_args);
        any = any || ret_values[i].i != ID_NONE;
    }
    return any ? usage.n : 0;
}
