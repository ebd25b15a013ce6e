#include "program/claims.h"

#include <stdlib.h>
#include <string.h>

struct checker {
    struct broken_claims *out;
    const struct claims *claims;
    const struct accessmap *map;
    const struct contexts *contexts;
    const struct flows *flows;
};

static bool is_exempt(const struct checker *c, fn_id fn)
{
    for (size_t i = 0; i < c->claims->exempt.n; i++) {
        if (c->claims->exempt.v[i] == c->flows->linked->fns.v[fn.i].sym) {
            return true;
        }
    }
    return false;
}

static void add_broken(struct checker *c, const struct broken_claim *broken)
{
    if (is_exempt(c, broken->fn)) {
        return;
    }
    for (size_t i = c->out->v.n; i-- > 0;) {
        const struct broken_claim *known = &c->out->v.v[i];
        if (known->claim == broken->claim && known->fn.i == broken->fn.i &&
            known->op.i == broken->op.i) {
            return; /* another context does the same */
        }
    }
    vec_push(c->out, &c->out->v, *broken);
}

static bool holds(const struct lockset *held, path_id lock, bool shared_is_enough)
{
    const struct token *token = path_is_none(lock) ? NULL : lockset_find(held, lock);

    return token != NULL && (shared_is_enough || token->mode == TOKEN_EXCLUSIVE);
}

/* ---- variables ------------------------------------------------------------------------------- */

static bool is_subject(const struct claim *claim, const struct path_node *node)
{
    return claim->of_field ? node->kind == STEP_FIELD && node->a == claim->subject
                           : node->kind == ROOT_VAR && node->a == claim->subject;
}

/* The part of `path` that the claim is about; PATH_NONE: it is not about this variable. Behind a
 * pointer another variable begins. */
static path_id subject_in(const struct paths *paths, const struct claim *claim, path_id path)
{
    for (; !path_is_none(path); path = path_get(paths, path)->parent) {
        const struct path_node *node = path_get(paths, path);
        if (is_subject(claim, node)) {
            return path;
        }
        if (node->kind == STEP_DEREF || node->kind == STEP_CONTAINER) {
            break;
        }
    }
    return PATH_NONE;
}

/* The steps of `lock` below its root, in the object `in`. */
static path_id in_object(struct paths *paths, path_id lock, path_id in)
{
    struct path_node node = *path_get(paths, lock);

    if (path_is_none(node.parent)) {
        return in;
    }
    return path_step(paths, in_object(paths, node.parent, in), node.kind, node.a);
}

/* The claimed lock as it is called at an access of `subject`, in absolute terms. */
static path_id lock_at_access(const struct checker *c, const struct claim *claim, fn_id fn,
                              path_id subject)
{
    struct paths *paths = c->flows->paths;
    path_id lock = claim->lock;

    if (path_get(paths, path_root_of(paths, lock))->kind == ROOT_OBJECT) {
        lock = in_object(paths, lock, path_get(paths, subject)->parent);
    }
    return contexts_absolute(c->contexts, fn, lock);
}

/* Does `fn` claim that its callers hold the lock? Then it is for them to keep the claim. */
static bool is_callers_duty(const struct checker *c, fn_id fn, path_id lock)
{
    for (size_t i = 0; i < c->claims->v.n; i++) {
        const struct claim *claim = &c->claims->v.v[i];
        if (claim->kind == CLAIM_REQUIRES && claim->subject == c->flows->linked->fns.v[fn.i].sym &&
            path_eq(contexts_absolute(c->contexts, fn, claim->lock), lock)) {
            return true;
        }
    }
    return false;
}

static bool keeps(const struct checker *c, const struct claim *claim, const struct access *access,
                  path_id subject)
{
    if (claim->kind == CLAIM_INIT_ONLY) {
        return !access->writes;
    }
    path_id lock = lock_at_access(c, claim, access->fn, subject);
    return holds(access->held, lock, !access->writes) || is_callers_duty(c, access->fn, lock);
}

static void check_accesses(struct checker *c, const struct claim *claim,
                           const struct variable *variable)
{
    for (size_t i = 0; i < variable->accesses.n; i++) {
        const struct access *access = &variable->accesses.v[i];
        const struct ir_op *op = &c->flows->linked->fns.v[access->fn.i].ir->ops.v[access->op.i];
        path_id path = flow_place(c->flows, access->fn, op->u.access.place);
        path_id subject = subject_in(c->flows->paths, claim, path);
        if (!path_is_none(subject) && access->sure && !keeps(c, claim, access, subject)) {
            add_broken(c, &(struct broken_claim){claim, access->phase, access->fn, access->op,
                                                 access->held});
        }
    }
}

static void check_variable(struct checker *c, const struct claim *claim)
{
    for (size_t i = 0; i < c->map->v.n; i++) {
        if (!path_is_none(subject_in(c->flows->paths, claim, c->map->v.v[i].class))) {
            check_accesses(c, claim, &c->map->v.v[i]);
        }
    }
}

/* ---- functions ------------------------------------------------------------------------------- */

/* The function that a direct call names, as a symbol of the program; ID_NONE: it goes through a
 * pointer. */
static uint32_t called_symbol(const struct linked *linked, const struct call *call)
{
    const struct prog_fn *fn = &linked->fns.v[call->fn.i];
    const struct ir_value *callee = &fn->ir->values.v[fn->ir->ops.v[call->op.i].u.call.callee.i];

    return callee->kind == IR_VALUE_FN ? linked_sym(linked, fn, callee->u.sym.i) : ID_NONE;
}

static bool calls_subject(const struct checker *c, const struct call *call,
                          const struct claim *claim)
{
    if (called_symbol(c->flows->linked, call) == claim->subject) {
        return true;
    }
    for (size_t i = 0; i < call->callees.n; i++) {
        if (c->flows->linked->fns.v[call->callees.v[i].i].sym == claim->subject) {
            return true;
        }
    }
    return false;
}

/* The claimed lock in the caller's terms, absolute; PATH_NONE: it cannot be named there. */
static path_id lock_at_call(const struct checker *c, const struct claim *claim,
                            const struct call *call)
{
    path_id pointees[MAX_PARAMS];
    size_t n = flow_pointees(c->flows, call, pointees);
    path_id lock = path_substitute(c->flows->paths, claim->lock, pointees, n);

    return path_is_none(lock) ? lock : contexts_absolute(c->contexts, call->fn, lock);
}

static void check_call_in(struct checker *c, const struct claim *claim, const struct call *call,
                          path_id lock, phase_id phase)
{
    const struct lockset *held = contexts_held_at(c->contexts, phase, call->fn, call->op);
    const struct reach *reach = &c->contexts->phases.v[phase.i].reach[call->fn.i];
    bool alone;

    if (held == NULL || !reach->sure) {
        return;
    }
    alone = contexts_alone_at(c->contexts, (struct moment){phase, call->fn, call->op});
    bool broken = claim->kind == CLAIM_REQUIRES
                      ? !alone && !holds(held, lock, claim->shared_is_enough)
                      : holds(held, lock, true);
    if (broken) {
        add_broken(c, &(struct broken_claim){claim, phase, call->fn, call->op, held});
    }
}

static void check_calls(struct checker *c, const struct claim *claim)
{
    for (size_t i = 0; i < c->flows->calls->v.n; i++) {
        const struct call *call = &c->flows->calls->v.v[i];
        path_id lock = calls_subject(c, call, claim) ? lock_at_call(c, claim, call) : PATH_NONE;
        for (uint32_t p = 0; p < c->contexts->phases.n && !path_is_none(lock); p++) {
            check_call_in(c, claim, call, lock, (phase_id){p});
        }
    }
}

/* Is it the context that the claim names: "main", or a thread by its start routine? */
static bool is_named(const struct context *context, const char *name)
{
    return strcmp(context->name, name) == 0;
}

static void check_runner(struct checker *c, const struct claim *claim, phase_id phase, fn_id fn)
{
    const struct phase *p = &c->contexts->phases.v[phase.i];
    const struct reach *reach = &p->reach[fn.i];

    if (!reach->sure || is_named(&c->contexts->v.v[p->context.i], claim->text)) {
        return;
    }
    if (reach->caller.i == UINT32_MAX) {
        add_broken(c, &(struct broken_claim){claim, phase, fn, {ID_NONE}, reach->held});
        return;
    }
    const struct lockset *held =
        contexts_held_at(c->contexts, reach->caller_phase, reach->caller, reach->call);
    add_broken(
        c, &(struct broken_claim){claim, reach->caller_phase, reach->caller, reach->call, held});
}

static void check_runners(struct checker *c, const struct claim *claim)
{
    for (uint32_t f = 0; f < c->flows->linked->fns.n; f++) {
        for (uint32_t p = 0;
             p < c->contexts->phases.n && c->flows->linked->fns.v[f].sym == claim->subject; p++) {
            check_runner(c, claim, (phase_id){p}, (fn_id){f});
        }
    }
}

static int by_claim(const void *a, const void *b)
{
    const struct broken_claim *x = a;
    const struct broken_claim *y = b;

    if (x->claim != y->claim) {
        return x->claim < y->claim ? -1 : 1; /* both in claims->v */
    }
    if (x->fn.i != y->fn.i) {
        return x->fn.i < y->fn.i ? -1 : 1;
    }
    return x->op.i < y->op.i ? -1 : x->op.i > y->op.i;
}

struct broken_claims *claims_check(void *owner, const struct claims *claims,
                                   const struct accessmap *map)
{
    struct checker c = {.out = mem_new(owner, struct broken_claims),
                        .claims = claims,
                        .map = map,
                        .contexts = map->contexts,
                        .flows = map->contexts->flows};

    for (size_t i = 0; i < claims->v.n; i++) {
        const struct claim *claim = &claims->v.v[i];
        switch (claim->kind) {
        case CLAIM_GUARDED_BY:
        case CLAIM_INIT_ONLY:
            check_variable(&c, claim);
            break;
        case CLAIM_REQUIRES:
        case CLAIM_EXCLUDES:
            check_calls(&c, claim);
            break;
        case CLAIM_RUNS_ON:
            check_runners(&c, claim);
            break;
        }
    }
    if (c.out->v.n > 0) {
        qsort(c.out->v.v, c.out->v.n, sizeof *c.out->v.v, by_claim);
    }
    return c.out;
}
