#include "program/loops.h"

#include "program/pointsto.h"

#include <string.h>

struct loops {
    const struct linked *linked;
    struct paths *paths;
    struct pointsto *pointsto;
    VEC(struct loop_origin) v; /* unique; at most MAX_TAGS */
};

struct loops *loops_new(void *owner, const struct linked *linked, struct paths *paths,
                        struct pointsto *pointsto)
{
    struct loops *loops = mem_new(owner, struct loops);

    loops->linked = linked;
    loops->paths = paths;
    loops->pointsto = pointsto;
    return loops;
}

/* Number of the loop; MAX_TAGS: there are too many. */
static unsigned number_of(struct loops *loops, struct loop_origin origin)
{
    for (size_t i = 0; i < loops->v.n; i++) {
        const struct loop_origin *known = &loops->v.v[i];
        if (known->library == origin.library && site_eq(known->made, origin.made) &&
            path_eq(known->object, origin.object)) {
            return (unsigned)i;
        }
    }
    if (loops->v.n < MAX_TAGS) {
        vec_push(loops, &loops->v, origin);
        return (unsigned)loops->v.n - 1;
    }
    return MAX_TAGS;
}

static unsigned default_of(struct loops *loops, const char *library)
{
    return number_of(loops, (struct loop_origin){library, SITE_NONE, PATH_NONE});
}

static unsigned made_by(struct loops *loops, const struct call *call)
{
    struct site site = {call->fn.i, call->op.i};

    return call->model->default_loop
               ? default_of(loops, call->model->library)
               : number_of(loops, (struct loop_origin){NULL, site, PATH_NONE});
}

static bool is_null(const struct loops *loops, fn_id fn, value_id value)
{
    const struct ir_value *v = &loops->linked->fns.v[fn.i].ir->values.v[value.i];

    return v->kind == IR_VALUE_INT && v->u.number == 0;
}

/* The result stands for the loop that an argument is: a GMainLoop for its context. */
static bool read_alias(struct loops *loops, const struct call *call)
{
    value_id of = call_arg(loops->linked, call, call->model->loop_of);

    if (of.i == ID_NONE) {
        return false;
    }
    if (!is_null(loops, call->fn, of)) {
        pointsto_return_value(loops->pointsto, call->fn, call->op, of);
        return true;
    }
    unsigned number = default_of(loops, call->model->library);
    if (number < MAX_TAGS) {
        pointsto_return_tagged(loops->pointsto, call->fn, call->op, number);
    }
    return number < MAX_TAGS;
}

bool loops_read_call(struct loops *loops, const struct call *call)
{
    const struct model_fn *model = call->model;

    if (model == NULL) {
        return false;
    }
    if (model->loop_of != ARG_NONE) {
        return read_alias(loops, call);
    }
    if (!model->returns_loop && model->makes_loop == ARG_NONE) {
        return false;
    }
    unsigned number = made_by(loops, call);
    if (number < MAX_TAGS && model->makes_loop != ARG_NONE) {
        value_id where = call_arg(loops->linked, call, model->makes_loop);
        if (where.i != ID_NONE) {
            pointsto_store_tagged(loops->pointsto, call->fn, where, number);
        }
    }
    if (number < MAX_TAGS && model->returns_loop) {
        pointsto_return_tagged(loops->pointsto, call->fn, call->op, number);
    }
    return number < MAX_TAGS && model->returns_loop;
}

static loop_set only(unsigned number)
{
    return number < MAX_TAGS ? 1ull << number : LOOPS_ANY;
}

loop_set loops_of(struct loops *loops, const struct call *call, int arg)
{
    if (arg == ARG_SINGLETON) {
        return only(default_of(loops, call->model->library));
    }
    value_id value = call_arg(loops->linked, call, arg);
    if (value.i == ID_NONE) {
        return LOOPS_ANY;
    }
    if (is_null(loops, call->fn, value)) {
        return only(default_of(loops, call->model->library));
    }
    path_id object;
    uint64_t tags = pointsto_tags(loops->pointsto, call->fn, value, &object);
    if ((tags & TAG_UNKNOWN) != 0) {
        return LOOPS_ANY;
    }
    if (!path_is_none(object)) {
        /* the class: `a.loop` and `p->loop` may be one */
        struct loop_origin origin = {NULL, SITE_NONE, path_class(loops->paths, object)};
        return only(number_of(loops, origin));
    }
    return tags != 0 ? tags : LOOPS_ANY;
}

size_t loops_count(const struct loops *loops)
{
    return loops->v.n;
}

struct loop_origin loops_origin(const struct loops *loops, size_t i)
{
    return loops->v.v[i];
}
