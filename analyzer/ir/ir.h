/* ir.h - what one translation unit says, as far as concurrency cares: the data model.
 *
 * A unit (struct ir_unit) owns everything below it; all strings are interned in the table the unit
 * was made with, so == compares names across units. Nothing points into libclang. The front end
 * builds units, facts/ stores them, program/ joins them and reads them as const.
 *
 * A function body is a control-flow graph. A block is a run of ops and one terminator. Ops are
 * numbered in the order they were lowered; the ops of a block are consecutive. Values are a DAG of
 * small nodes: a value that was read from memory names the op that read it, so that "this branch
 * depends on that read" is a walk over values. Locals are not turned into SSA form: they are places
 * like any other, written by IR_WRITE and read by IR_READ.
 */
#pragma once

#include "base/intern.h"
#include "base/mem.h"
#include "ir/ids.h"

/* ---- places ---------------------------------------------------------------------------------- */

enum ir_base {
    IR_BASE_GLOBAL, /* base is a sym_id: a variable with static storage (also a static local) */
    IR_BASE_LOCAL,  /* base is a local_id: parameter, local, or a temporary of the lowering */
    IR_BASE_VALUE,  /* base is a value_id: what an expression yielded, e.g. f()->x */
};

enum ir_step_kind {
    IR_STEP_DEREF,     /* what the pointer points to: `*p`, the first step of `p->x` */
    IR_STEP_FIELD,     /* arg is a field_id; also of a union */
    IR_STEP_INDEX,     /* arg is a value_id: the index; p[i] with p a pointer is DEREF INDEX */
    IR_STEP_CONTAINER, /* arg is a field_id: the object whose member this is, or an element of
                          whose member array (container_of) */
};

struct ir_step {
    enum ir_step_kind kind;
    uint32_t arg;
};

/* An access path: where an lvalue lies. `server.clients->fd` is GLOBAL server, FIELD clients,
 * DEREF, FIELD fd. Equal paths need not share a place_id. */
struct ir_place {
    enum ir_base base_kind;
    uint32_t base;       /* sym_id, local_id or value_id, by base_kind */
    uint32_t first_step; /* into ir_fn.steps */
    uint32_t n_steps;
};

/* ---- values ---------------------------------------------------------------------------------- */

enum ir_value_kind {
    IR_VALUE_UNKNOWN, /* nothing known (floats, sizeof of a VLA, ...) */
    IR_VALUE_INT,     /* integer, character, enum constant; NULL is INT 0 */
    IR_VALUE_STRING,  /* a string literal */
    IR_VALUE_FN,      /* a function's address; a direct call's callee */
    IR_VALUE_ADDR,    /* &place, or an array that decayed */
    IR_VALUE_READ,    /* what op `op` (IR_READ, IR_RMW) read */
    IR_VALUE_CALL,    /* what op `op` (IR_CALL) returned */
    IR_VALUE_UNARY,   /* opcode a */
    IR_VALUE_BINARY,  /* a opcode b */
};

enum ir_opcode {
    IR_OP_NONE,
    IR_OP_NEG,
    IR_OP_NOT,    /* logical: ! */
    IR_OP_BITNOT, /* ~ */
    IR_OP_ADD,    /* pointer arithmetic too */
    IR_OP_SUB,
    IR_OP_MUL,
    IR_OP_DIV,
    IR_OP_REM,
    IR_OP_SHL,
    IR_OP_SHR,
    IR_OP_AND, /* bitwise */
    IR_OP_OR,
    IR_OP_XOR,
    IR_OP_EQ,
    IR_OP_NE,
    IR_OP_LT,
    IR_OP_LE,
    IR_OP_GT,
    IR_OP_GE,
    IR_OP_EXCHANGE, /* IR_RMW only: the new value replaces the old one whatever it was */
    IR_OP_CAS,      /* IR_RMW only: compare and exchange; `value` is the new one */
};

struct ir_value {
    enum ir_value_kind kind;
    enum ir_opcode opcode; /* IR_VALUE_UNARY, IR_VALUE_BINARY; else IR_OP_NONE */
    union {
        int64_t number;   /* IR_VALUE_INT */
        const char *text; /* IR_VALUE_STRING */
        sym_id sym;       /* IR_VALUE_FN */
        place_id place;   /* IR_VALUE_ADDR */
        op_id op;         /* IR_VALUE_READ, IR_VALUE_CALL */
        struct {
            value_id a;
            value_id b; /* ID_NONE for IR_VALUE_UNARY */
        } of;
    } u;
};

/* ---- ops ------------------------------------------------------------------------------------- */

enum ir_op_kind {
    IR_READ,  /* place; the value is IR_VALUE_READ of this op */
    IR_WRITE, /* value goes to place */
    IR_RMW,   /* `place opcode= value` in one step of the source (x++, x += 1, atomics) */
    IR_CALL,  /* a call */
};

enum ir_order {                /* memory order, C11 7.17.3 */
                IR_ORDER_NONE, /* not atomic */
                IR_ORDER_RELAXED,
                IR_ORDER_CONSUME,
                IR_ORDER_ACQUIRE,
                IR_ORDER_RELEASE,
                IR_ORDER_ACQ_REL,
                IR_ORDER_SEQ_CST,
};

enum ir_op_flag {
    IR_OPF_VOLATILE = 1u << 0, /* the place is volatile */
    IR_OPF_INIT = 1u << 1,     /* IR_WRITE by the initialiser of a declaration */
    IR_OPF_CLEANUP = 1u << 2,  /* IR_CALL inserted at a scope's end by __attribute__((cleanup)) */
    IR_OPF_SETJMP = 1u << 3,   /* IR_CALL that can return again: setjmp() and its like */
    IR_OPF_LONGJMP = 1u << 4,  /* IR_CALL that goes on after such a call, in this or another
                                  function;  the block ends here */
    IR_OPF_WEAK = 1u << 5,     /* IR_RMW, a compare-and-exchange that may fail though the values are
                                  equal (C11 7.17.7.4) */
};

/* One step of a function body that matters for concurrency. Lives in ir_fn.ops. */
struct ir_op {
    enum ir_op_kind kind;
    enum ir_order order; /* atomic accesses; IR_ORDER_NONE for plain ones and calls */
    uint32_t flags;      /* enum ir_op_flag, or-ed */
    loc_id where;
    union {
        struct {
            place_id place;
            value_id value;        /* IR_WRITE, IR_RMW (ID_NONE: unknown); ID_NONE for IR_READ */
            enum ir_opcode opcode; /* IR_RMW; else IR_OP_NONE */
        } access;                  /* IR_READ, IR_WRITE, IR_RMW */
        struct {
            value_id callee;    /* IR_VALUE_FN when direct, else the pointer's value */
            uint32_t first_arg; /* into ir_fn.args */
            uint32_t n_args;
            uint32_t n_macro_args; /* after the call's: those written in the use of the macro that
                                      the call comes from (ir_loc.macro); ID_NONE for one that is
                                      no value of the call */
        } call;                    /* IR_CALL */
    } u;
};

/* ---- control flow ---------------------------------------------------------------------------- */

enum ir_term {
    IR_JUMP,        /* one successor */
    IR_BRANCH,      /* on cond: successor 0 if it is not 0, successor 1 if it is */
    IR_SWITCH,      /* on cond: one successor a case, and one for "no case matched" (see ir_case) */
    IR_ANY,         /* computed goto, asm goto: any of the successors */
    IR_RETURN,      /* no successor; cond is the returned value, ID_NONE without */
    IR_UNREACHABLE, /* no successor: __builtin_unreachable, falling off after a noreturn call */
};

/* One successor of a block. */
struct ir_succ {
    block_id block;
    bool is_default; /* IR_SWITCH: taken when no case matches */
    int64_t low;     /* IR_SWITCH case range, inclusive; 0 elsewhere */
    int64_t high;
};

/* A run of ops without a jump, then a terminator. Block 0 is the entry. */
struct ir_block {
    uint32_t first_op; /* into ir_fn.ops */
    uint32_t n_ops;
    enum ir_term term;
    value_id cond;
    loc_id where;        /* of the terminator: the condition, the return */
    uint32_t first_succ; /* into ir_fn.succs */
    uint32_t n_succs;
};

/* Where something stands in the source. Lines and columns count from 1, columns in bytes. */
struct ir_loc {
    file_id file; /* expansion: what the user sees; ID_NONE: nowhere (compiler-made) */
    uint32_t line;
    uint32_t column;
    file_id spell_file; /* spelling: inside the macro's definition; the same outside macros */
    uint32_t spell_line;
    uint32_t spell_column;
    const char *macro; /* name of the outermost macro whose expansion it is from; NULL: none, or it
                          is what the user wrote as the macro's argument */
};

/* ---- functions, symbols, types --------------------------------------------------------------- */

enum ir_local_flag {
    IR_LOCAL_PARAM = 1u << 0,
    IR_LOCAL_TEMP = 1u << 1,          /* made by the lowering (?:, &&, ||, compound literal) */
    IR_LOCAL_ADDRESS_TAKEN = 1u << 2, /* &x occurs (other than &x->y, which reads x) */
    IR_LOCAL_VOLATILE = 1u << 3,
    IR_LOCAL_CLEANUP = 1u << 4, /* has a cleanup function, which gets its address: alone that does
                                   not make it IR_LOCAL_ADDRESS_TAKEN, for what it is behind the
                                   call nobody sees */
};

struct ir_local {
    const char *name; /* NULL for temporaries */
    const char *type; /* see "type names" below */
    uint32_t flags;
};

/* A function with a body. Parameters are locals 0 .. n_params-1. */
struct ir_fn {
    sym_id sym; /* ID_NONE in ir_unit.init */
    loc_id where;
    uint32_t n_params;
    VEC(struct ir_local) locals;
    VEC(struct ir_place) places;
    VEC(struct ir_step) steps;
    VEC(struct ir_value) values;
    VEC(struct ir_op) ops;
    VEC(value_id) args;
    VEC(struct ir_block) blocks;
    VEC(struct ir_succ) succs;
    VEC(struct ir_loc) locs;
};

/* Type names: the type as written, then each step of undoing its typedefs, separated by '|':
 * "lock_t|pthread_mutex_t", "struct conn *". Qualifiers and array bounds are left out; an array
 * has the type name of its element. */

enum ir_sym_kind {
    IR_SYM_FN,
    IR_SYM_VAR,
};

enum ir_sym_flag {
    IR_SYM_INTERNAL = 1u << 0,     /* internal linkage or static local */
    IR_SYM_DEFINED = 1u << 1,      /* this unit defines it (a tentative definition counts) */
    IR_SYM_THREAD_LOCAL = 1u << 2, /* _Thread_local, __thread */
    IR_SYM_CONST = 1u << 3,        /* a variable; a function (attributes const, pure) whose calls
                                      change nothing */
    IR_SYM_ATOMIC = 1u << 4,
    IR_SYM_VOLATILE = 1u << 5,
    IR_SYM_NORETURN = 1u << 6,
    IR_SYM_CONSTRUCTOR = 1u << 7, /* __attribute__((constructor)) */
    IR_SYM_STATIC_LOCAL = 1u << 8,
    IR_SYM_ARRAY = 1u << 9,
    IR_SYM_SYSTEM = 1u << 10, /* declared in a system header */
};

struct ir_sym {
    enum ir_sym_kind kind;
    const char *name;
    const char *key;  /* its identity over units: the USR; with internal linkage, file and USR */
    const char *type; /* IR_SYM_VAR: type name; IR_SYM_FN: the type of the function as written */
    uint32_t flags;
    file_id file; /* of the declaration, or the definition when there is one */
    uint32_t line;
    uint32_t column;
};

/* A struct or union type. */
struct ir_record {
    const char *name; /* "struct conn", "conn_t" for an unnamed one with a typedef, "" without */
    const char *key;  /* USR; with the file for types without external identity */
    bool is_union;
};

enum ir_field_flag {
    IR_FIELD_ATOMIC = 1u << 0,
    IR_FIELD_VOLATILE = 1u << 1,
    IR_FIELD_CONST = 1u << 2,
    IR_FIELD_BITS = 1u << 3, /* bit-field */
    IR_FIELD_ARRAY = 1u << 4,
    IR_FIELD_BASE = 1u << 5, /* first member, a struct, and pointers to the two are cast into each
                                other: one object by two names (C11 6.7.2.1) */
};

struct ir_field {
    record_id record;
    uint32_t index;   /* position in the record */
    const char *name; /* "" for an anonymous struct or union member */
    const char *type;
    uint32_t flags;
    file_id file; /* of its declaration; ID_NONE: nowhere */
    uint32_t line;
};

/* What the source says about locking and waiting, in attributes: clang's Thread Safety Analysis and
 * Function Effect Analysis, and annotate. The names it had before "capability" mean the same. */
enum ir_attr_kind {
    IR_ATTR_CAPABILITY,     /* capability("mutex"), lockable: the type is a lock */
    IR_ATTR_GUARDED_BY,     /* guarded_by(mu) */
    IR_ATTR_PT_GUARDED_BY,  /* pt_guarded_by(mu): what it points to */
    IR_ATTR_GUARDED,        /* guarded_var: by some lock */
    IR_ATTR_PT_GUARDED,     /* pt_guarded_var */
    IR_ATTR_ACQUIRED_AFTER, /* acquired_after(other) */
    IR_ATTR_ACQUIRED_BEFORE,
    IR_ATTR_ACQUIRE, /* acquire_capability(mu), exclusive_lock_function(mu) */
    IR_ATTR_ACQUIRE_SHARED,
    IR_ATTR_RELEASE, /* release_capability(mu), */
    IR_ATTR_RELEASE_SHARED,
    IR_ATTR_RELEASE_GENERIC, /* either: unlock_function(mu) */
    IR_ATTR_TRY_ACQUIRE,     /* try_acquire_capability(value on success, mu) */
    IR_ATTR_TRY_ACQUIRE_SHARED,
    IR_ATTR_REQUIRES, /* requires_capability(mu), exclusive_locks_required(mu) */
    IR_ATTR_REQUIRES_SHARED,
    IR_ATTR_EXCLUDES, /* locks_excluded(mu) */
    IR_ATTR_ASSERT,   /* assert_capability(mu) */
    IR_ATTR_ASSERT_SHARED,
    IR_ATTR_RETURNS,     /* lock_returned(mu) */
    IR_ATTR_NO_ANALYSIS, /* no_thread_safety_analysis */
    IR_ATTR_NONBLOCKING, /* nonblocking, nonblocking(true) */
    IR_ATTR_BLOCKING,    /* blocking, nonblocking(false) */
    IR_ATTR_ANNOTATE,    /* annotate("text") */
};

/* What an attribute is about. */
enum ir_attr_target {
    IR_ATTR_ON_SYM,
    IR_ATTR_ON_FIELD,
    IR_ATTR_ON_RECORD,
};

struct ir_attr {
    enum ir_attr_kind kind;
    enum ir_attr_target target_kind;
    uint32_t target;  /* sym_id, field_id or record_id, by target_kind */
    const char *args; /* the text between its brackets, arguments of macros put in; "" without */
};

/* Something the reader of the source should know: a diagnostic, a function that was lost. */
struct ir_problem {
    bool is_error;
    file_id file; /* ID_NONE: the unit as a whole */
    uint32_t line;
    uint32_t column;
    const char *text;
};

/* A comment that begins with `snarl:`, in a file of the project (not in a system header). Those in
 * code that #if leaves out count as well. */
struct ir_note {
    file_id file;
    uint32_t line; /* where the comment begins */
    uint32_t column;
    uint32_t last_line; /* where it ends */
    bool alone;         /* nothing stands before it on its line: it is about what follows */
    const char *text;   /* what comes after `snarl:`, or from a NOLINT(snarl-...) on, in one line
                         * without blanks at the ends */
};

/* One translation unit. */
struct ir_unit {
    const char *path;        /* main file, as the compile database names it (absolute) */
    VEC(const char *) files; /* file_id -> path; the main file and all it includes */
    VEC(struct ir_sym) syms; /* functions and static-storage variables it mentions */
    VEC(struct ir_record) records;
    VEC(struct ir_field) fields;
    VEC(struct ir_attr) attrs; /* of the symbols, fields and records above */
    VEC(struct ir_note) notes; /* by file, in the order of the text */
    VEC(struct ir_fn *) fns;
    struct ir_fn *init; /* static initialisers, as writes: function pointers, addresses, and
                           objects initialised by a macro (locs[].macro tells which) */
    VEC(struct ir_problem) problems;
    uint32_t n_fns_lost; /* bodies that could not be lowered; each has a problem */
};

/* An empty unit owned by `owner`, with an empty `init` function. `names` must outlive it. */
struct ir_unit *ir_unit_new(void *owner, struct intern *names, const char *path);

/* An empty function owned by `unit` (not yet in unit->fns). */
struct ir_fn *ir_fn_new(struct ir_unit *unit, sym_id sym);

/* The id of the place with this base and these steps; adds it when it is new. */
place_id ir_place_add(struct ir_fn *fn, enum ir_base base_kind, uint32_t base,
                      const struct ir_step *steps, uint32_t n_steps);

/* Appends a value and returns its id. */
value_id ir_value_add(struct ir_fn *fn, struct ir_value value);

/* The attribute's name, e.g. "guarded_by"; never NULL. */
const char *ir_attr_name(enum ir_attr_kind kind);

/* Is `type` (a type name) the same as, or a typedef of, `name`? */
bool ir_type_is(const char *type, const char *name);
