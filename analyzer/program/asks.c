#include "program/asks.h"

#include "program/depends.h"

enum { MAX_DEEP = 3 };

/* By one function: what it asks, as far as calls of a certain depth. */
struct answer {
    bool known;
    struct asked_list v;
};

struct asks {
    const struct flows *flows;
    struct answer *by_depth[MAX_DEEP + 1]; /* then by fn */
};

struct asks *asks_new(void *owner, const struct flows *flows)
{
    struct asks *asks = mem_new(owner, struct asks);

    asks->flows = flows;
    for (unsigned d = 0; d <= MAX_DEEP; d++) {
        asks->by_depth[d] = mem_array(asks, struct answer, flows->linked->fns.n + 1);
    }
    return asks;
}

path_id asks_class(const struct asks *asks, fn_id fn, op_id op)
{
    const struct ir_op *o = &asks->flows->linked->fns.v[fn.i].ir->ops.v[op.i];

    return path_class(asks->flows->paths, flow_place(asks->flows, fn, o->u.access.place));
}

static void add(struct asks *asks, struct asked_list *list, path_id class)
{
    for (size_t i = 0; i < list->n; i++) {
        if (path_eq(list->v[i], class)) {
            return;
        }
    }
    if (!path_is_none(class)) {
        vec_push(asks, list, class);
    }
}

/* Adds what one block's condition, or returned value, depends on. What calls return is theirs. */
static void add_block(struct asks *asks, fn_id fn, const struct op_list *ops,
                      struct asked_list *list)
{
    const struct ir_fn *ir = asks->flows->linked->fns.v[fn.i].ir;

    for (size_t i = 0; i < ops->n; i++) {
        if (ir->ops.v[ops->v[i].i].kind != IR_CALL) {
            add(asks, list, asks_class(asks, fn, ops->v[i]));
        }
    }
}

static struct asked_list find(struct asks *asks, fn_id fn, unsigned depth);

static void add_calls(struct asks *asks, fn_id fn, unsigned depth, struct asked_list *list)
{
    const struct calls *calls = asks->flows->calls;

    for (uint32_t c = calls->first[fn.i]; c < calls->first[fn.i + 1]; c++) {
        const struct call *call = &calls->v.v[c];
        for (size_t i = 0; i < call->callees.n && call->model == NULL; i++) {
            struct asked_list theirs = find(asks, call->callees.v[i], depth - 1);
            for (size_t k = 0; k < theirs.n; k++) {
                add(asks, list, theirs.v[k]);
            }
        }
    }
}

static struct asked_list find(struct asks *asks, fn_id fn, unsigned depth)
{
    struct answer *answer = &asks->by_depth[depth][fn.i];

    if (answer->known) {
        return answer->v;
    }
    answer->known = true;
    const struct prog_fn *body = &asks->flows->linked->fns.v[fn.i];
    struct depends *depends = depends_new(NULL, body);
    for (uint32_t b = 0; b < body->ir->blocks.n; b++) {
        enum ir_term term = body->ir->blocks.v[b].term;
        if (term == IR_BRANCH || term == IR_SWITCH || term == IR_RETURN) {
            add_block(asks, fn, depends_of_block(depends, b), &answer->v);
        }
    }
    talloc_free(depends);
    if (depth > 0) {
        add_calls(asks, fn, depth, &answer->v);
    }
    return answer->v;
}

struct asked_list asks_of(struct asks *asks, fn_id fn)
{
    return find(asks, fn, MAX_DEEP);
}
