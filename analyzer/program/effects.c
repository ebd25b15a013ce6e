#include "program/effects_look.h"

#include <stdlib.h>
#include <string.h>

/* ---- calls ----------------------------------------------------------------------------------- */

/* The bits of the parameters by which these variables are told. */
static uint32_t params_in(const struct paths *paths, uint32_t n, const struct effect *of)
{
    uint32_t mask = 0;

    for (uint32_t i = 0; i < n; i++) {
        const struct path_node *root = path_get(paths, path_root_of(paths, of[i].path));
        mask |= root->kind == ROOT_PARAM && root->a < MAX_PARAMS ? 1u << root->a : 0;
    }
    return mask;
}

static void find_effects(struct effects *effects, fn_id fn);

const struct fn_effects *effects_of_fn(struct effects *effects, fn_id fn)
{
    if (!effects->found[fn.i]) {
        find_effects(effects, fn);
    }
    return effects->v[fn.i];
}

/* The effects of one callee on the caller's side. */
static void lift_callee(struct effects *effects, const struct call *call, fn_id callee,
                        struct fn_effects *ret)
{
    const struct fn_effects *of = effects_of_fn(effects, callee);
    struct paths *paths = effects->flows->paths;
    path_id pointees[MAX_PARAMS];

    ret->n_told = 0;
    ret->n_changed = 0;
    if (of != NULL) {
        uint32_t mask =
            params_in(paths, of->n_told, of->told) | params_in(paths, of->n_changed, of->changed);
        size_t n = flow_pointees_of(effects->flows, call, mask, pointees);
        effects_lift(paths, of->n_told, of->told, pointees, n, &ret->n_told, ret->told);
        effects_lift(paths, of->n_changed, of->changed, pointees, n, &ret->n_changed, ret->changed);
    }
}

/* What all of many do is mostly nothing, which the first few tell. */
bool effects_of_call(struct effects *effects, const struct call *call, struct fn_effects *ret)
{
    bool few = call->callees.n <= FEW_BODIES;

    ret->n_told = 0;
    ret->n_changed = 0;
    if (call->model != NULL || call->callees.n == 0) {
        return false;
    }
    lift_callee(effects, call, call->callees.v[0], ret);
    for (size_t i = 1; i < call->callees.n && (few || ret->n_told + ret->n_changed > 0); i++) {
        struct fn_effects other;
        lift_callee(effects, call, call->callees.v[i], &other);
        effects_unite(&ret->n_told, ret->told, other.n_told, other.told, few, call->indirect);
        effects_unite(&ret->n_changed, ret->changed, other.n_changed, other.changed, few,
                      call->indirect);
    }
    return ret->n_told + ret->n_changed > 0;
}

/* ---- one function --------------------------------------------------------------------------- */

struct depends *look_depends(struct look *look)
{
    if (look->depends == NULL) {
        look->depends = depends_new(look->effects, look->body);
        look->tested = mem_array(look->depends, struct tested, look->body->ir->blocks.n + 1);
    }
    return look->depends;
}

/* Can a caller say which variable it is, is it one that is shared, and is it near enough? */
bool look_is_worth_it(const struct look *look, const struct effect *effect)
{
    const struct paths *paths = look->effects->flows->paths;
    enum path_kind root = path_get(paths, path_root_of(paths, effect->path))->kind;
    enum standing standing = root == ROOT_LOCAL || root == ROOT_CALL
                                 ? STANDING_NONE
                                 : memo_standing(look->effects, look->fn, effect->path);

    return standing == STANDING_GUARDED ||
           (standing == STANDING_SHARED && (effect->depth <= NEAR_EFFECT || effect->atomic));
}

bool look_is_atomic(const struct look *look, op_id op)
{
    return look->body->ir->ops.v[op.i].order != IR_ORDER_NONE;
}

/* ---- all functions ----------------------------------------------------------------------------
 */

/* Finds out what each op does, once. NULL: none does anything. */
static struct deed_of_op *list_deeds(struct effects *effects, fn_id fn)
{
    const struct calls *calls = effects->flows->calls;
    const struct seen_ops *seen = accessmap_seen_ops(effects->map, fn);
    size_t n_ops = effects->flows->linked->fns.v[fn.i].ir->ops.n;
    struct deed_of_op *deeds = mem_array(NULL, struct deed_of_op, n_ops + 1);
    struct fn_effects of_call;
    bool any = seen->v.n > 0;

    for (size_t i = 0; i < n_ops; i++) {
        deeds[i].own = PATH_NONE;
    }
    for (size_t i = 0; i < seen->v.n; i++) {
        deeds[seen->v.v[i].op.i].own = seen->v.v[i].path;
    }
    for (uint32_t i = calls->first[fn.i]; i < calls->first[fn.i + 1]; i++) {
        if (effects_of_call(effects, &calls->v.v[i], &of_call)) {
            struct fn_effects *kept = mem_new(deeds, struct fn_effects);
            *kept = of_call;
            deeds[calls->v.v[i].op.i].call = kept;
            any = true;
        }
    }
    if (!any) {
        talloc_free(deeds);
        return NULL;
    }
    return deeds;
}

/* Looks at the function. NULL: it has no effects. */
static const struct fn_effects *look_at(struct effects *effects, fn_id fn, uint32_t round)
{
    struct look look = {.effects = effects, .fn = fn, .body = &effects->flows->linked->fns.v[fn.i]};
    struct deed_of_op *deeds = list_deeds(effects, fn);

    if (deeds != NULL) {
        look.ops = deeds;
        look_find_told(&look);
        look_find_changed(&look);
        talloc_free(look.depends);
        talloc_free(look.looked_for.v);
        talloc_free(deeds);
    }
    bool none = look.found.n_told + look.found.n_changed == 0;
    return memo_put(effects, fn, round, none ? NULL : &look.found);
}

/* False: nothing new is known of the function after this round. */
static bool find_in_round(struct effects *effects, fn_id fn, uint32_t round)
{
    const struct fn_effects *known = effects->v[fn.i];
    const struct fn_effects *found;

    if (!memo_recall(effects, fn, round, &found)) {
        found = look_at(effects, fn, round);
    }
    effects->v[fn.i] = effects_join(known, found);
    return effects->v[fn.i] != known;
}

/* Does the function call one whose effects are new in this round, or the one before? */
static bool calls_news(const struct effects *effects, fn_id fn, uint32_t round)
{
    const struct calls *calls = effects->flows->calls;

    for (uint32_t c = calls->first[fn.i]; c < calls->first[fn.i + 1]; c++) {
        for (size_t i = 0; i < calls->v.v[c].callees.n; i++) {
            if (effects->news_in[calls->v.v[c].callees.v[i].i] + 1 >= round) {
                return true;
            }
        }
    }
    return false;
}

/* The functions of a component call each other in a circle, or are one. `news_in`: the round, from
 * 2 on, in which a function's effects were last seen to be others; 0: before these. */
static void look_at_component(struct effects *effects, const struct component *component)
{
    const fn_id *fns = component->fns;
    bool news = true;

    memo_begin(effects, component);
    for (uint32_t round = 0; round < MAX_ROUNDS && news; round++) {
        news = false;
        for (uint32_t i = 0; i < component->n; i++) {
            if ((round == 0 || calls_news(effects, fns[i], round + 2)) &&
                find_in_round(effects, fns[i], round)) {
                effects->news_in[fns[i].i] = round + 2;
                news = true;
            }
            memo_passed(effects, fns[i], round);
        }
        news = news && component->n > 1;
    }
    memo_end(effects, component);
    for (uint32_t i = 0; i < component->n; i++) {
        effects->news_in[fns[i].i] = 0;
    }
}

/* Components, each once. */
struct components {
    bool *has;
    VEC(uint32_t) v;
};

static void add_component_of(const struct effects *effects, struct components *components, fn_id fn)
{
    uint32_t component = effects->component[fn.i];

    if (!effects->found[fn.i] && !components->has[component]) {
        components->has[component] = true;
        vec_push(components->has, &components->v, component);
    }
}

static void add_callees_of(const struct effects *effects, struct components *components, fn_id fn)
{
    const struct calls *calls = effects->flows->calls;

    for (uint32_t c = calls->first[fn.i]; c < calls->first[fn.i + 1]; c++) {
        const struct call *call = &calls->v.v[c];
        size_t n = call->callees.n <= FEW_BODIES ? call->callees.n : 1; /* more if they matter */
        for (size_t i = 0; i < n && call->model == NULL; i++) {
            add_component_of(effects, components, call->callees.v[i]);
        }
    }
}

static int by_number(const void *a, const void *b)
{
    const uint32_t *x = a;
    const uint32_t *y = b;

    return *x < *y ? -1 : *x > *y;
}

static void number_components(struct effects *effects)
{
    const struct bottom_up *order = calls_bottom_up(effects->flows->calls);

    effects->component = mem_array(effects, uint32_t, order->n + 1);
    effects->first = mem_array(effects, uint32_t, order->n + 2);
    for (uint32_t i = 0; i < order->n; i++) {
        uint32_t component = order->component[i];
        effects->component[order->order[i].i] = component;
        if (i == 0 || order->component[i - 1] != component) {
            effects->first[component] = i;
        }
        effects->first[component + 1] = i + 1;
    }
}

/* What is needed for the first question. */
static void prepare(struct effects *effects)
{
    const struct flows *flows = effects->flows;

    effects->news_in = mem_array(effects, uint32_t, flows->linked->fns.n + 1);
    effects->out_params = out_params_build(effects, flows);
    number_components(effects);
}

/* The effects of a function, after those of all that it calls: components are numbered bottom-up.
 */
static void find_effects(struct effects *effects, fn_id fn)
{
    struct components all = {NULL, {NULL, 0}};

    if (effects->component == NULL) {
        prepare(effects);
    }
    const struct bottom_up *order = calls_bottom_up(effects->flows->calls);
    all.has = mem_array(NULL, bool, order->n + 1);
    add_component_of(effects, &all, fn);
    for (size_t next = 0; next < all.v.n; next++) {
        uint32_t component = all.v.v[next];
        for (uint32_t i = effects->first[component]; i < effects->first[component + 1]; i++) {
            add_callees_of(effects, &all, order->order[i]);
        }
    }
    qsort(all.v.v, all.v.n, sizeof *all.v.v, by_number);
    for (size_t i = 0; i < all.v.n; i++) {
        uint32_t from = effects->first[all.v.v[i]];
        uint32_t end = effects->first[all.v.v[i] + 1];
        look_at_component(effects, &(struct component){order->order + from, end - from});
    }
    talloc_free(all.has);
}

struct effects *effects_new(void *owner, const struct accessmap *map)
{
    struct effects *effects = mem_new(owner, struct effects);
    size_t n = map->contexts->flows->linked->fns.n;

    effects->map = map;
    effects->flows = map->contexts->flows;
    effects->v = mem_array(effects, const struct fn_effects *, n + 1);
    effects->found = mem_array(effects, bool, n + 1);
    effects->memos = mem_array(effects, struct memo *, n + 1);
    effects->edition = 1;
    return effects;
}

void effects_update(struct effects *effects, const struct accessmap *map, const bool *touched)
{
    size_t n = effects->flows->linked->fns.n;

    memo_touch(effects, touched);
    effects->map = map;
    memset(effects->v, 0, (n + 1) * sizeof(const struct fn_effects *));
    memset(effects->found, 0, (n + 1) * sizeof *effects->found);
    TALLOC_FREE(effects->out_params);
    TALLOC_FREE(effects->component);
    TALLOC_FREE(effects->first);
    TALLOC_FREE(effects->news_in);
}
