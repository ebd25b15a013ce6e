#include "program/class_ops.h"

#include "base/map.h"

enum { MAX_OPS_DEPTH = 4 }; /* calls down */

/* Which functions read, or write, a variable of a class. */
struct doers_key {
    path_id class;
    uint32_t writes; /* 1: writes, 0: reads */
};

struct doers {
    struct doers_key key;
    uint8_t *near; /* by fn: 1: it does so itself, 2: in what it calls, ...; 0: it does not */
    UT_hash_handle hh;
};

/* What is known of one function. */
struct of_fn {
    bool listed;
    struct class_op_list ops;
    struct depends *depends; /* NULL: not asked for yet */
};

struct class_ops {
    const struct accessmap *map;
    const struct flows *flows;
    struct of_fn *fns;
    struct doers *doers; /* those that were asked for */
};

static int clear(struct class_ops *known)
{
    HASH_CLEAR(hh, known->doers);
    return 0;
}

struct class_ops *class_ops_new(void *owner, const struct accessmap *map)
{
    struct class_ops *known = mem_new(owner, struct class_ops);

    known->map = map;
    known->flows = map->contexts->flows;
    known->fns = mem_array(known, struct of_fn, known->flows->linked->fns.n + 1);
    talloc_set_destructor(known, clear);
    return known;
}

const struct class_op_list *class_ops_of(struct class_ops *known, fn_id fn)
{
    struct of_fn *of = &known->fns[fn.i];
    uint32_t n_ops = (uint32_t)known->flows->linked->fns.v[fn.i].ir->ops.n;
    path_id path;

    for (uint32_t i = 0; i < n_ops && !of->listed; i++) {
        if (accessmap_is_shared_access(known->map, fn, (op_id){i}, &path)) {
            path_id class =
                path_class(known->flows->paths,
                           calls_sharpen(known->flows->calls, known->flows->paths, fn, path));
            vec_push(known, &of->ops, (struct class_op){{i}, path, class});
        }
    }
    of->listed = true;
    return &of->ops;
}

const struct class_op *class_ops_at(struct class_ops *known, fn_id fn, op_id op)
{
    const struct class_op_list *list = class_ops_of(known, fn);

    for (size_t i = 0; i < list->n; i++) {
        if (list->v[i].op.i == op.i) {
            return &list->v[i];
        }
    }
    return NULL;
}

/* ---- in callees --------------------------------------------------------------------------------
 */

/* Lists the functions that do it themselves. */
static void seed(struct class_ops *known, const struct doers *doers, uint8_t *near)
{
    const struct linked *linked = known->flows->linked;

    for (uint32_t f = 0; f < linked->fns.n; f++) {
        const struct class_op_list *list = class_ops_of(known, (fn_id){f});
        for (size_t i = 0; i < list->n && near[f] == 0; i++) {
            enum ir_op_kind kind = linked->fns.v[f].ir->ops.v[list->v[i].op.i].kind;
            bool does = path_eq(list->v[i].class, doers->key.class) &&
                        kind != (doers->key.writes ? IR_READ : IR_WRITE);
            near[f] = does ? 1 : 0;
        }
    }
}

/* Adds those that call one which came in the round before. */
static void add_callers(const struct calls *calls, uint8_t *near, uint8_t round)
{
    for (size_t i = 0; i < calls->v.n; i++) {
        const struct call *call = &calls->v.v[i];
        for (size_t c = 0; c < call->callees.n && near[call->fn.i] == 0; c++) {
            if (near[call->callees.v[c].i] == round) {
                near[call->fn.i] = (uint8_t)(round + 1);
            }
        }
    }
}

static const struct doers *doers_of(struct class_ops *known, struct doers_key key)
{
    struct doers *doers;

    HASH_FIND(hh, known->doers, &key, sizeof key, doers);
    if (doers == NULL) {
        doers = mem_new(known, struct doers);
        doers->key = key;
        doers->near = mem_array(doers, uint8_t, known->flows->linked->fns.n + 1);
        seed(known, doers, doers->near);
        for (uint8_t round = 1; round <= MAX_OPS_DEPTH; round++) {
            add_callers(known->flows->calls, doers->near, round);
        }
        HASH_ADD(hh, known->doers, key, sizeof doers->key, doers);
    }
    return doers;
}

bool class_ops_writes(struct class_ops *known, fn_id fn, path_id class)
{
    return doers_of(known, (struct doers_key){class, 1})->near[fn.i] != 0;
}

bool class_ops_reads(struct class_ops *known, fn_id fn, path_id class)
{
    return doers_of(known, (struct doers_key){class, 0})->near[fn.i] != 0;
}

bool class_ops_call_writes(struct class_ops *known, const struct call *call, path_id class)
{
    for (size_t c = 0; c < call->callees.n; c++) {
        if (class_ops_writes(known, call->callees.v[c], class)) {
            return true;
        }
    }
    return false;
}

const struct op_list *class_ops_depends(struct class_ops *known, fn_id fn, uint32_t block)
{
    struct of_fn *of = &known->fns[fn.i];

    if (of->depends == NULL) {
        of->depends = depends_new(known, &known->flows->linked->fns.v[fn.i]);
    }
    return depends_of_block(of->depends, block);
}

/* Does the op tell of the variable: does it read it, or call somebody who does? */
static bool tells_of(struct class_ops *known, fn_id fn, op_id op, path_id class)
{
    if (known->flows->linked->fns.v[fn.i].ir->ops.v[op.i].kind != IR_CALL) {
        const struct class_op *used = class_ops_at(known, fn, op);
        return used != NULL && path_eq(used->class, class);
    }
    const struct call *call = calls_at(known->flows->calls, fn, op);
    for (size_t c = 0; c < call->callees.n; c++) {
        if (class_ops_reads(known, call->callees.v[c], class)) {
            return true;
        }
    }
    return false;
}

bool class_ops_tested_at(struct class_ops *known, fn_id fn, uint32_t b, path_id class)
{
    const struct ir_block *block = &known->flows->linked->fns.v[fn.i].ir->blocks.v[b];

    if (block->term != IR_BRANCH && block->term != IR_SWITCH) {
        return false;
    }
    const struct op_list *ops = class_ops_depends(known, fn, b);
    for (size_t i = 0; i < ops->n; i++) {
        if (tells_of(known, fn, ops->v[i], class)) {
            return true;
        }
    }
    return false;
}

/* Does a branch look at what the op itself found: `if (--left < 0)`? */
static bool result_is_tested(struct class_ops *known, fn_id fn, op_id op)
{
    const struct ir_fn *ir = known->flows->linked->fns.v[fn.i].ir;

    for (uint32_t b = 0; b < ir->blocks.n && ir->ops.v[op.i].kind == IR_RMW; b++) {
        if (ir->blocks.v[b].term != IR_BRANCH && ir->blocks.v[b].term != IR_SWITCH) {
            continue;
        }
        const struct op_list *ops = class_ops_depends(known, fn, b);
        for (size_t i = 0; i < ops->n; i++) {
            if (ops->v[i].i == op.i) {
                return true;
            }
        }
    }
    return false;
}

bool class_ops_tested_before(struct class_ops *known, fn_id fn, op_id op, path_id class)
{
    const struct cfg *cfg = known->flows->linked->fns.v[fn.i].cfg;
    uint32_t b = cfg_block_of(cfg, op);

    while (cfg->idom[b] != ID_NONE && cfg->idom[b] != b) {
        b = cfg->idom[b];
        if (class_ops_tested_at(known, fn, b, class)) {
            return true;
        }
    }
    return result_is_tested(known, fn, op);
}
