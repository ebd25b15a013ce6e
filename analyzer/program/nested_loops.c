#include "program/nested_loops.h"

#include "program/requests.h"
#include "program/resolve.h"

struct search {
    struct nested_loops *out;
    const struct loop_uses *uses;
    const struct contexts *contexts;
    VEC(struct loop_callback) callbacks;
    struct loop_turn *turns; /* by callback */
};

static bool is_known(const struct search *s, fn_id fn, const struct model_loop *of)
{
    for (size_t i = 0; i < s->callbacks.n; i++) {
        if (s->callbacks.v[i].fn.i == fn.i && s->callbacks.v[i].of == of) {
            return true;
        }
    }
    return false;
}

static void add_callback(struct search *s, struct loop_callback callback)
{
    if (callback.of != NULL && !is_known(s, callback.fn, callback.of)) {
        vec_push(s->out, &s->callbacks, callback);
    }
}

/* What the library whose function has registered the callback says of its loops. A callback in a
 * member of a struct is of the library of that name. */
static const struct model_loop *loop_of_library(const struct search *s, const char *library)
{
    for (size_t i = 0; i < s->uses->v.n; i++) {
        if (s->uses->v.v[i].of->library == library) {
            return s->uses->v.v[i].of;
        }
    }
    return NULL;
}

/* Those that contexts.h knows, and those of a library whose own source is part of the program. */
static void find_callbacks(struct search *s)
{
    const struct contexts *contexts = s->contexts;
    struct requests *requests = requests_find(NULL, contexts);

    for (size_t i = 0; i < contexts->callbacks.n; i++) {
        const struct callback *c = &contexts->callbacks.v[i];
        bool is_table = c->registered.fn == UINT32_MAX && c->own != ID_NONE; /* an own loop's */
        if (!is_table && !c->by_name) {
            add_callback(s, (struct loop_callback){c->fn, loop_of_library(s, c->library), c->loops,
                                                   c->registered, c->init, c->by});
        }
    }
    for (size_t i = 0; requests != NULL && i < requests->v.n; i++) {
        const struct request *request = &requests->v.v[i];
        struct site site = {request->call->fn.i, request->call->op.i};
        add_callback(
            s, (struct loop_callback){request->callback,
                                      models_loop_of_call(contexts->flows->models, request->by),
                                      LOOPS_ANY, site, INIT_SITE_NONE, request->by});
    }
    talloc_free(requests);
}

static bool is_one(loop_set loops)
{
    return loops != 0 && (loops & (loops - 1)) == 0;
}

/* Does the program make more than one loop of the library, as far as anything tells? */
static bool makes_several(const struct search *s, const struct model_loop *of)
{
    const struct calls *calls = s->contexts->flows->calls;
    bool uses_default = false;
    size_t n = 0;

    for (size_t i = 0; i < calls->v.n; i++) {
        const struct model_fn *model = calls_model(&calls->v.v[i]);
        if (model == NULL || !name_list_has(&of->calls, calls->v.v[i].name)) {
            continue;
        }
        uses_default = uses_default || model->default_loop;
        n += !model->default_loop && (model->returns_loop || model->makes_loop != ARG_NONE ||
                                      model->inits_loop != ARG_NONE);
    }
    return n + uses_default > 1;
}

/* The callback whose turn comes to the call by the fewest calls; `s->callbacks.n`: none. Of one
 * that may be of the same loop rather than of another. */
static size_t nearest_callback(const struct search *s, const struct loop_use *run)
{
    size_t best = s->callbacks.n;

    for (size_t i = 0; i < s->callbacks.n; i++) {
        const struct loop_turn *turn = &s->turns[i];
        if (s->callbacks.v[i].of != run->of ||
            !loop_turn_comes_to(s->contexts, turn, run->call->fn, run->call->op)) {
            continue;
        }
        bool same = (s->callbacks.v[i].loops & run->loops) != 0;
        bool best_same = best < s->callbacks.n && (s->callbacks.v[best].loops & run->loops) != 0;
        if (best == s->callbacks.n || (same && !best_same) ||
            (same == best_same &&
             turn->reach[run->call->fn.i].depth < s->turns[best].reach[run->call->fn.i].depth)) {
            best = i;
        }
    }
    return best;
}

/* Which parameter of `fn` the object is found by that argument `arg` of the call points to;
 * ID_NONE: none. */
static uint32_t param_of(const struct search *s, const struct call *call, int arg)
{
    const struct flows *flows = s->contexts->flows;
    value_id value = call_arg(flows->linked, call, arg);
    path_id path =
        value.i == ID_NONE ? PATH_NONE : resolve_pointee(flows->v[call->fn.i].resolver, value);

    if (path_is_none(path)) {
        return ID_NONE;
    }
    const struct path_node *root = path_get(flows->paths, path_root_of(flows->paths, path));
    return root->kind == ROOT_PARAM ? root->a : ID_NONE;
}

/* Does the callback get the loop that is run by its own arguments: timer->loop, the data that it
 * was registered with? */
static bool is_handed(const struct search *s, const struct loop_turn *turn, const struct call *run,
                      int arg)
{
    const struct call *call = run;

    for (uint32_t param = param_of(s, call, arg); param != ID_NONE;
         param = param_of(s, call, (int)param + 1)) {
        const struct turn_reach *reach = &turn->reach[call->fn.i];
        if (reach->caller.i == UINT32_MAX) {
            return true;
        }
        call = calls_at(s->contexts->flows->calls, reach->caller, reach->call);
    }
    return false;
}

static void look_at(struct search *s, const struct loop_use *run)
{
    const struct call *call = run->call;
    size_t i = nearest_callback(s, run);

    if (i == s->callbacks.n || flow_held_at(s->contexts->flows, call->fn, call->op) == NULL ||
        doom_at(s->contexts->doom, call->fn, call->op)) {
        return;
    }
    loop_set loops = s->callbacks.v[i].loops;
    struct nested_loop nested = {.run = run,
                                 .callback = s->callbacks.v[i],
                                 .turn = s->turns[i],
                                 .same = (loops & run->loops) != 0};
    nested.known = !nested.same || (is_one(loops) && loops == run->loops) ||
                   is_handed(s, &nested.turn, call, run->arg) || !makes_several(s, run->of);
    vec_push(s->out, &s->out->v, nested);
}

struct nested_loops *nested_loops_find(void *owner, const struct loop_uses *uses)
{
    struct nested_loops *out = mem_new(owner, struct nested_loops);
    struct search s = {.out = out, .uses = uses, .contexts = uses->contexts};

    find_callbacks(&s);
    s.turns = mem_array(out, struct loop_turn, s.callbacks.n + 1);
    for (size_t i = 0; i < s.callbacks.n; i++) {
        s.turns[i] = loop_turn_of(out, uses->contexts, s.callbacks.v[i].fn);
    }
    for (size_t i = 0; i < uses->v.n; i++) {
        if (uses->v.v[i].runs) {
            look_at(&s, &uses->v.v[i]);
        }
    }
    return out;
}
