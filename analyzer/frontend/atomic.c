/* Atomic builtins: __atomic_*, __c11_atomic_* (clang's AtomicExpr) and __sync_* (calls).
 *
 * The IR has them as accesses of the object, with the memory order. Meaning: GCC manual, "Built-in
 * Functions for Memory Model Aware Atomic Operations"; C11 7.17.7.
 */
#include "frontend/body.h"

#include <string.h>

enum atomic_kind {
    ATOMIC_LOAD,
    ATOMIC_STORE,
    ATOMIC_EXCHANGE,
    ATOMIC_CAS,
    ATOMIC_FETCH,     /* yields the old value */
    ATOMIC_FETCH_NEW, /* yields the new value */
    ATOMIC_INIT,
    ATOMIC_CLEAR, /* stores 0 */
    ATOMIC_SET,   /* exchanges with 1 */
};

struct atomic {
    const char *name; /* without its prefix; a prefix of longer names when it ends in '*' */
    enum atomic_kind kind;
    enum ir_opcode opcode; /* IR_OP_NONE: no opcode of the IR (nand, min, max) */
};

static const struct atomic atomics[] = {
    {"load*", ATOMIC_LOAD, IR_OP_NONE},
    {"store*", ATOMIC_STORE, IR_OP_NONE},
    {"exchange*", ATOMIC_EXCHANGE, IR_OP_EXCHANGE},
    {"compare_exchange*", ATOMIC_CAS, IR_OP_CAS},
    {"fetch_add", ATOMIC_FETCH, IR_OP_ADD},
    {"fetch_sub", ATOMIC_FETCH, IR_OP_SUB},
    {"fetch_and", ATOMIC_FETCH, IR_OP_AND},
    {"fetch_or", ATOMIC_FETCH, IR_OP_OR},
    {"fetch_xor", ATOMIC_FETCH, IR_OP_XOR},
    {"fetch_*", ATOMIC_FETCH, IR_OP_NONE},
    {"add_fetch", ATOMIC_FETCH_NEW, IR_OP_ADD},
    {"sub_fetch", ATOMIC_FETCH_NEW, IR_OP_SUB},
    {"and_fetch", ATOMIC_FETCH_NEW, IR_OP_AND},
    {"or_fetch", ATOMIC_FETCH_NEW, IR_OP_OR},
    {"xor_fetch", ATOMIC_FETCH_NEW, IR_OP_XOR},
    {"nand_fetch", ATOMIC_FETCH_NEW, IR_OP_NONE},
    {"min_fetch", ATOMIC_FETCH_NEW, IR_OP_NONE},
    {"max_fetch", ATOMIC_FETCH_NEW, IR_OP_NONE},
    {"init", ATOMIC_INIT, IR_OP_NONE},
};

/* The calls among them; all but the last two take (pointer, value, ...). */
static const struct atomic syncs[] = {
    {"__sync_fetch_and_add*", ATOMIC_FETCH, IR_OP_ADD},
    {"__sync_fetch_and_sub*", ATOMIC_FETCH, IR_OP_SUB},
    {"__sync_fetch_and_or*", ATOMIC_FETCH, IR_OP_OR},
    {"__sync_fetch_and_and*", ATOMIC_FETCH, IR_OP_AND},
    {"__sync_fetch_and_xor*", ATOMIC_FETCH, IR_OP_XOR},
    {"__sync_fetch_and_*", ATOMIC_FETCH, IR_OP_NONE},
    {"__sync_add_and_fetch*", ATOMIC_FETCH_NEW, IR_OP_ADD},
    {"__sync_sub_and_fetch*", ATOMIC_FETCH_NEW, IR_OP_SUB},
    {"__sync_or_and_fetch*", ATOMIC_FETCH_NEW, IR_OP_OR},
    {"__sync_and_and_fetch*", ATOMIC_FETCH_NEW, IR_OP_AND},
    {"__sync_xor_and_fetch*", ATOMIC_FETCH_NEW, IR_OP_XOR},
    {"__sync_nand_and_fetch*", ATOMIC_FETCH_NEW, IR_OP_NONE},
    {"__sync_bool_compare_and_swap*", ATOMIC_CAS, IR_OP_CAS},
    {"__sync_val_compare_and_swap*", ATOMIC_CAS, IR_OP_CAS},
    {"__sync_lock_test_and_set*", ATOMIC_EXCHANGE, IR_OP_EXCHANGE},
    {"__sync_swap*", ATOMIC_EXCHANGE, IR_OP_EXCHANGE},
    {"__sync_lock_release*", ATOMIC_CLEAR, IR_OP_NONE},
    {"__atomic_test_and_set", ATOMIC_SET, IR_OP_EXCHANGE},
    {"__atomic_clear", ATOMIC_CLEAR, IR_OP_NONE},
};

static const struct atomic *find(const struct atomic *table, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        size_t length = strlen(table[i].name) - 1;
        bool is = table[i].name[length] == '*' ? strncmp(name, table[i].name, length) == 0
                                               : strcmp(name, table[i].name) == 0;
        if (is) {
            return &table[i];
        }
    }
    return NULL;
}

/* An order that is no constant may be any: the strongest one is what a compiler would take. */
static enum ir_order order_of(CXCursor order)
{
    static const enum ir_order orders[] = {IR_ORDER_RELAXED, IR_ORDER_CONSUME, IR_ORDER_ACQUIRE,
                                           IR_ORDER_RELEASE, IR_ORDER_ACQ_REL, IR_ORDER_SEQ_CST};
    int64_t number = 0;

    if (!cursor_constant(order, &number) || number < 0 || number > 5) {
        return IR_ORDER_SEQ_CST;
    }
    return orders[number];
}

/* One atomic operation while it is lowered. */
struct operation {
    const struct atomic *what;
    CXCursor pointer;
    CXCursor operands[2]; /* value; for CAS: expected, desired */
    unsigned n_operands;
    bool indirect;        /* __atomic_exchange and its like: values come and go through pointers */
    bool expects_pointer; /* CAS: `expected` points to the value, and gets the old one */
    bool yields_old;      /* CAS: the result is the old value, not "it was equal" */
    bool weak;            /* CAS: may fail for nothing */
    enum ir_order order;
    loc_id where;
};

static value_id operand(struct builder *b, const struct operation *op, unsigned i)
{
    if (i >= op->n_operands) {
        return value_unknown(b);
    }
    if (op->indirect) {
        place_id place = lower_pointee(b, op->operands[i]);
        return op_read(b, place, (struct access){.where = op->where});
    }
    return lower_value(b, op->operands[i]);
}

static value_id compare_exchange(struct builder *b, const struct operation *op,
                                 struct access access)
{
    struct access plain = {.where = op->where};
    place_id expected = {ID_NONE};
    value_id wanted;

    if (op->expects_pointer) {
        expected = lower_pointee(b, op->operands[0]);
        wanted = op_read(b, expected, plain);
    } else {
        wanted = lower_value(b, op->operands[0]);
    }
    value_id desired = operand(b, op, 1);
    place_id place = lower_pointee(b, op->pointer);
    access.flags |= op->weak ? IR_OPF_WEAK : 0u;
    value_id old = op_rmw(b, place, IR_OP_CAS, desired, access);
    if (op->expects_pointer) {
        /* On success this writes what was there already. */
        op_write(b, expected, old, plain);
    }
    return op->yields_old ? old : value_binary(b, IR_OP_EQ, old, wanted);
}

static value_id emit(struct builder *b, const struct operation *op)
{
    struct access access = {.order = op->order, .where = op->where};
    value_id value = {ID_NONE};

    if (op->what->kind == ATOMIC_CAS) {
        return compare_exchange(b, op, access);
    }
    if (op->what->kind == ATOMIC_CLEAR || op->what->kind == ATOMIC_SET) {
        value = value_int(b, op->what->kind == ATOMIC_SET ? 1 : 0);
    } else if (op->what->kind != ATOMIC_LOAD) {
        value = operand(b, op, 0);
    }
    place_id place = lower_pointee(b, op->pointer);
    switch (op->what->kind) {
    case ATOMIC_LOAD:
        return op_read(b, place, access);
    case ATOMIC_INIT: /* C11 7.17.2.2: not itself atomic */
        access = (struct access){.where = op->where, .flags = IR_OPF_INIT};
        op_write(b, place, value, access);
        return value_unknown(b);
    case ATOMIC_STORE:
    case ATOMIC_CLEAR:
        op_write(b, place, value, access);
        return value_unknown(b);
    case ATOMIC_EXCHANGE:
    case ATOMIC_SET:
    case ATOMIC_FETCH:
        return op_rmw(b, place, op->what->opcode, value, access);
    case ATOMIC_FETCH_NEW: {
        value_id old = op_rmw(b, place, op->what->opcode, value, access);
        return op->what->opcode == IR_OP_NONE ? value_unknown(b)
                                              : value_binary(b, op->what->opcode, old, value);
    }
    case ATOMIC_CAS: /* above */
        break;
    }
    return value_unknown(b);
}

/* The generic forms give their result through a last pointer: load(p, order, ret), and
 * exchange(p, order, value, ret). */
static void give_result(struct builder *b, const struct operation *op, const CXCursor *args,
                        unsigned n_args, value_id value)
{
    unsigned at = op->what->kind == ATOMIC_LOAD ? 2 : 3;

    if ((op->what->kind == ATOMIC_LOAD || op->what->kind == ATOMIC_EXCHANGE) && n_args > at) {
        place_id place = lower_pointee(b, args[at]);
        op_write(b, place, value, (struct access){.where = op->where});
    }
}

/* What an AtomicExpr is, by the token it begins with: its name is in no cursor. Pasted tokens give
 * no name; then the number of operands has to do. */
static const struct atomic *atomic_of(CXCursor expr, unsigned n_args, bool *ret_indirect)
{
    static const char *const prefixes[] = {"__c11_atomic_", "__atomic_", "__scoped_atomic_",
                                           "__opencl_atomic_"};
    char word[CURSOR_NAME_MAX];

    cursor_word(expr, word);
    *ret_indirect = false;
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        size_t n = strlen(prefixes[i]);
        if (strncmp(word, prefixes[i], n) == 0) {
            const char *name = word + n;
            *ret_indirect =
                (i == 1 || i == 2) &&
                (strcmp(name, "load") == 0 || strcmp(name, "store") == 0 ||
                 strcmp(name, "exchange") == 0 || strcmp(name, "compare_exchange") == 0);
            return find(atomics, sizeof atomics / sizeof atomics[0], name);
        }
    }
    size_t size = 0;
    if (cursor_text(expr, &size) != NULL || n_args < 2) {
        return NULL;
    }
    return n_args == 2                               ? find(atomics, 1, "load")
           : n_args > 3                              ? find(atomics, 4, "compare_exchange")
           : type_is_void(clang_getCursorType(expr)) ? find(atomics, 2, "store")
                                                     : find(atomics, 3, "exchange");
}

/* By its name, or by GNU's argument for it. */
static bool is_weak(CXCursor expr, const CXCursor *args, unsigned n_args)
{
    char word[CURSOR_NAME_MAX];
    int64_t number = 0;

    cursor_word(expr, word);
    return strstr(word, "compare_exchange_weak") != NULL ||
           (n_args > 5 && cursor_constant(args[5], &number) && number != 0);
}

bool lower_atomic(struct builder *b, CXCursor expr, const CXCursor *args, unsigned n_args,
                  value_id *ret_value)
{
    struct operation op = {.where = {ID_NONE}, .n_operands = 1};

    if (n_args < 2 || !cursor_is_pointer(args[0])) {
        return false;
    }
    op.what = atomic_of(expr, n_args, &op.indirect);
    if (op.what == NULL) {
        return false;
    }
    op.pointer = args[0];
    op.where = loc_of(b, expr);
    op.order = op.what->kind == ATOMIC_INIT ? IR_ORDER_NONE : order_of(args[1]);
    op.operands[0] = args[op.what->kind == ATOMIC_INIT || n_args < 3 ? 1 : 2];
    if (op.what->kind == ATOMIC_CAS) { /* pointer, order, expected, order on failure, desired */
        if (n_args < 5) {
            return false;
        }
        op.operands[1] = args[4];
        op.weak = is_weak(expr, args, n_args);
        op.n_operands = 2;
        op.expects_pointer = true;
    }
    *ret_value = emit(b, &op);
    if (op.indirect) {
        give_result(b, &op, args, n_args, *ret_value);
    }
    return true;
}

bool lower_sync(struct builder *b, CXCursor call, const char *name, const CXCursor *args,
                unsigned n_args, value_id *ret_value)
{
    struct operation op = {.what = find(syncs, sizeof syncs / sizeof syncs[0], name)};

    if (op.what == NULL || n_args < (op.what->kind == ATOMIC_CAS ? 3u : 1u)) {
        return false;
    }
    op.pointer = args[0];
    op.where = loc_of(b, call);
    op.order = IR_ORDER_SEQ_CST;
    for (unsigned i = 1; i < n_args && i < 3; i++) {
        op.operands[op.n_operands++] = args[i];
    }
    op.yields_old = strncmp(name, "__sync_val", 10) == 0;
    if (strncmp(name, "__atomic", 8) == 0) {
        op.order = n_args > 1 ? order_of(args[1]) : IR_ORDER_SEQ_CST;
    } else if (strncmp(name, "__sync_lock_test", 16) == 0) {
        op.order = IR_ORDER_ACQUIRE;
    } else if (op.what->kind == ATOMIC_CLEAR) {
        op.order = IR_ORDER_RELEASE;
    }
    *ret_value = emit(b, &op);
    return true;
}
