/* Calls. */
#include "frontend/body.h"

#include <string.h>

/* Builtins that are not calls. */
enum builtin {
    BUILTIN_NONE,
    BUILTIN_VALUE,       /* the first argument's value */
    BUILTIN_CONSTANT,    /* folded by the compiler; the arguments are not evaluated */
    BUILTIN_NOTHING,     /* no effect; the arguments are not evaluated */
    BUILTIN_UNREACHABLE, /* control ends here */
};

static enum builtin builtin_named(const char *name)
{
    static const struct {
        const char *name;
        enum builtin what;
    } builtins[] = {
        {"__builtin_expect", BUILTIN_VALUE},
        {"__builtin_expect_with_probability", BUILTIN_VALUE},
        {"__builtin_unpredictable", BUILTIN_VALUE},
        {"__builtin_assume_aligned", BUILTIN_VALUE},
        {"__builtin_launder", BUILTIN_VALUE},
        {"__builtin_constant_p", BUILTIN_CONSTANT},
        {"__builtin_object_size", BUILTIN_CONSTANT},
        {"__builtin_dynamic_object_size", BUILTIN_CONSTANT},
        {"__builtin_classify_type", BUILTIN_CONSTANT},
        {"__builtin_assume", BUILTIN_NOTHING},
        {"__builtin_prefetch", BUILTIN_NOTHING},
        {"__builtin_va_start", BUILTIN_NOTHING},
        {"__builtin_va_end", BUILTIN_NOTHING},
        {"__builtin_va_copy", BUILTIN_NOTHING},
        {"__builtin_unreachable", BUILTIN_UNREACHABLE},
        {"__builtin_trap", BUILTIN_UNREACHABLE},
    };

    if (strncmp(name, "__builtin_", 10) == 0) {
        for (size_t i = 0; i < sizeof builtins / sizeof builtins[0]; i++) {
            if (strcmp(name, builtins[i].name) == 0) {
                return builtins[i].what;
            }
        }
    }
    return BUILTIN_NONE;
}

static value_id lower_builtin(struct builder *b, CXCursor call, enum builtin what,
                              const CXCursor *args, unsigned n_args)
{
    int64_t number = 0;

    switch (what) {
    case BUILTIN_VALUE:
        return n_args > 0 ? lower_value(b, args[0]) : value_unknown(b);
    case BUILTIN_CONSTANT:
        return cursor_constant(call, &number) ? value_int(b, number) : value_unknown(b);
    case BUILTIN_UNREACHABLE:
        block_end(b, IR_UNREACHABLE, (value_id){ID_NONE}, loc_of(b, call));
        return value_unknown(b);
    case BUILTIN_NOTHING:
    case BUILTIN_NONE:
        break;
    }
    return value_unknown(b);
}

/* setjmp() and longjmp() by their names: what a compiler knows of them, it knows by name, too. The
 * calls are flagged; no edge leads from one to the other, for most are in different functions. */
static uint32_t jump_flags(const struct builder *b, value_id callee)
{
    static const struct {
        const char *name;
        uint32_t flag;
    } jumps[] = {
        {"setjmp", IR_OPF_SETJMP},           {"sigsetjmp", IR_OPF_SETJMP},
        {"builtin_setjmp", IR_OPF_SETJMP},   {"getcontext", IR_OPF_SETJMP},
        {"longjmp", IR_OPF_LONGJMP},         {"siglongjmp", IR_OPF_LONGJMP},
        {"builtin_longjmp", IR_OPF_LONGJMP}, {"longjmp_chk", IR_OPF_LONGJMP},
        {"setcontext", IR_OPF_LONGJMP},
    };
    const struct ir_value *fn = value_get(b, callee);

    if (fn->kind != IR_VALUE_FN) {
        return 0;
    }
    const char *name = b->lower->unit->syms.v[fn->u.sym.i].name;
    name += strspn(name, "_"); /* _setjmp, __sigsetjmp, ____longjmp_chk */
    for (size_t i = 0; i < sizeof jumps / sizeof jumps[0]; i++) {
        if (strcmp(name, jumps[i].name) == 0) {
            return jumps[i].flag;
        }
    }
    return 0;
}

static bool is_noreturn(const struct builder *b, value_id callee)
{
    const struct ir_value *fn = value_get(b, callee);

    return fn->kind == IR_VALUE_FN &&
           (b->lower->unit->syms.v[fn->u.sym.i].flags & IR_SYM_NORETURN) != 0;
}

static value_id call_fn(struct builder *b, CXCursor call, CXCursor callee, const CXCursor *args,
                        unsigned n_args)
{
    value_id few[8];
    value_id *values = n_args <= 8 ? few : mem_array(NULL, value_id, n_args);
    value_id fn = lower_value(b, callee);

    for (unsigned i = 0; i < n_args; i++) {
        values[i] = lower_value(b, args[i]);
    }
    loc_id where = loc_of(b, call);
    value_id written[MACRO_ARGS_MAX];
    unsigned n_written = b->fn->locs.v[where.i].macro == NULL
                             ? 0
                             : macro_args(b, call, args, values, n_args, written);
    uint32_t flags = jump_flags(b, fn);
    value_id result = op_call(b, fn, values, n_args, flags, where);
    op_macro_args(b, written, n_written);
    if ((flags & IR_OPF_LONGJMP) != 0 || is_noreturn(b, fn)) {
        block_end(b, IR_UNREACHABLE, (value_id){ID_NONE}, where);
    }
    if (values != few) {
        talloc_free(values);
    }
    return result;
}

/* The value of a call by its children: the callee, then the arguments. */
static value_id call_kids(struct builder *b, CXCursor call, const struct kids *kids)
{
    const CXCursor *args = kids->v + 1;
    unsigned n_args = kids->n - 1;
    value_id value = {ID_NONE};

    if (cursor_named(call, "__")) {
        const char *name = cursor_name(b->lower->names, call);
        enum builtin what = builtin_named(name);
        if (what != BUILTIN_NONE) {
            return lower_builtin(b, call, what, args, n_args);
        }
        if (lower_sync(b, call, name, args, n_args, &value)) {
            return value;
        }
    }
    return call_fn(b, call, kids->v[0], args, n_args);
}

value_id lower_call(struct builder *b, CXCursor call)
{
    struct kids kids;

    kids_get(&kids, call);
    value_id value = kids.n == 0 ? value_unknown(b) : call_kids(b, call, &kids);
    kids_free(&kids);
    return value;
}
