#include "program/held_waits.h"

#include "program/arguments.h"
#include "program/surely.h"

/* How far a section is followed. */
enum { MAX_DEPTH = 12, MAX_LOOKS = 4000, MAX_VISITS = 4 };

/* How often a section has entered a function: once, but where arguments decide what it does. */
struct entered {
    uint32_t section; /* the last one, from 1 */
    uint32_t times;
};

/* A call that is made with the lock held. */
struct step {
    const struct call *call;
    uint32_t
        from; /* the step whose call runs the function of this one; ID_NONE: the section's own */
    uint32_t depth;
};

struct search {
    const struct contexts *contexts;
    const struct flows *flows;
    const struct blocking_sites *sites;
    struct held_waits *out;
    bool *leads;             /* by fn: can it come to a wait? */
    struct entered *entered; /* by fn */
    uint32_t n_sections;
    VEC(struct step) steps;
    struct token token; /* of the section that is looked at */
    path_id lock;
    struct section section;
};

/* ---- which functions can wait at all ----------------------------------------------------------
 */

static bool runs_loop(const struct call *call)
{
    return call->model != NULL && call->model->runs_loop != ARG_NONE;
}

/* Are the bodies behind the call looked into? What a loop runs is the loop's; behind a pointer of
 * many meanings is mostly what this call never runs. */
static bool is_followed(const struct call *call)
{
    return surely_few(call, (struct fn_list){call->callees.v, call->callees.n}) && !runs_loop(call);
}

static bool can_wait(const struct search *s, const struct call *call)
{
    bool waits = blocking_site_of(s->sites, call) != NULL;

    for (size_t c = 0; c < call->callees.n && !waits && is_followed(call); c++) {
        waits = s->leads[call->callees.v[c].i];
    }
    return waits;
}

/* Callees first; once more for each call that closes a circle. */
static void find_leading(struct search *s)
{
    const struct calls *calls = s->flows->calls;
    const struct bottom_up *up = calls_bottom_up(s->flows->calls);

    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < up->n; i++) {
            uint32_t fn = up->order[i].i;
            for (uint32_t c = calls->first[fn]; c < calls->first[fn + 1] && !s->leads[fn]; c++) {
                s->leads[fn] = can_wait(s, &calls->v.v[c]);
                changed |= s->leads[fn];
            }
        }
    }
}

/* ---- does the lock stay held on the way? ------------------------------------------------------
 */

/* `path` of the function that the step's call is in, in terms of the section's function, as far as
 * it can be said there: global, PATH_NONE, or of that function. */
static path_id in_section_terms(const struct search *s, const struct step *step, path_id path)
{
    path_id pointees[MAX_PARAMS];

    while (step->from != ID_NONE && !path_is_none(path) && !path_is_global(s->flows->paths, path)) {
        step = &s->steps.v[step->from];
        size_t n = flow_pointees(s->flows, step->call, pointees);
        path = flow_substitute(s->flows, step->call, path, pointees, n);
    }
    return path;
}

/* Can `path` of the step's function be the section's lock? One that can't be told can. */
static bool can_be_the_lock(const struct search *s, const struct step *step, path_id path)
{
    path_id there = in_section_terms(s, step, path);
    path_id lock = contexts_absolute(s->contexts, s->section.fn, there);

    return path_is_none(lock) || path_eq(there, s->token.lock) ||
           path_may_alias(s->flows->paths, lock, s->lock);
}

static bool is_given_back(const struct search *s, const struct step *step)
{
    const struct held *held = flow_held_at(s->flows, step->call->fn, step->call->op);
    bool given = held == NULL;

    for (uint32_t i = 0; !given && step->from != ID_NONE && i < held->gone->n; i++) {
        given = can_be_the_lock(s, step, held->gone->v[i].lock);
    }
    return given;
}

/* A condition wait gives up the lock that it is handed. */
static bool gives_up(const struct search *s, const struct step *step)
{
    const struct model_fn *model = step->call->model;

    return model != NULL && model->wait_lock >= 1 &&
           can_be_the_lock(s, step, flow_arg_path(s->flows, step->call, model->wait_lock));
}

/* Do the arguments on the way lead to the step's call? */
static bool is_come_to(const struct search *s, const struct step *step)
{
    const struct need *need = flow_need_of(s->flows, step->call->fn, step->call->op);
    struct need up;
    struct need here;

    while (need != NULL && need->n_when > 0 && step->from != ID_NONE) {
        step = &s->steps.v[step->from];
        if (!arguments_can_hand_over(s->flows, step->call, need, &up)) {
            return false;
        }
        here = up;
        need = &here;
    }
    return true;
}

/* Does the set have the lock, taken at the same place? */
static bool has_token(const struct lockset *set, const struct token *token)
{
    const struct token *found = lockset_find(set, token->lock);

    return found != NULL && site_eq(found->taken, token->taken);
}

/* ---- one section ------------------------------------------------------------------------------
 */

static void add_wait(struct search *s, uint32_t last, const struct blocking_site *site)
{
    struct held_wait wait = {.site = site, .fn = s->section.fn, .token = s->token, .lock = s->lock};
    size_t n = s->steps.v[last].depth + 1;
    const struct call **way = mem_array(s->out, const struct call *, n);

    wait.way.v = way;
    wait.way.n = n;
    for (uint32_t at = last; n > 0; at = s->steps.v[at].from) {
        way[--n] = s->steps.v[at].call;
        wait.by_pointer |= way[n]->callees.n > 1 && way[n]->indirect;
    }
    const struct held *held = flow_held_at(s->flows, s->section.fn, way[0]->op);
    wait.always = has_token(held->must, &s->token);
    vec_push(s->out, &s->out->v, wait);
    s->section.n++;
}

/* Of each kind the nearest one, and the nearest one that surely waits. */
static bool is_known(const struct search *s, const struct blocking_site *site)
{
    for (uint32_t i = s->section.first; i < s->section.first + s->section.n; i++) {
        const struct blocking_site *other = s->out->v.v[i].site;
        if (other->what == site->what && (other->sure || !site->sure)) {
            return true;
        }
    }
    return false;
}

static void add_step(struct search *s, const struct call *call, uint32_t from, uint32_t depth)
{
    if (s->steps.n < MAX_LOOKS && can_wait(s, call)) {
        vec_push(s, &s->steps, (struct step){call, from, depth});
    }
}

static void enter(struct search *s, uint32_t from, fn_id fn)
{
    const struct calls *calls = s->flows->calls;
    struct entered *entered = &s->entered[fn.i];
    uint32_t most = s->flows->v[fn.i].needs != NULL ? MAX_VISITS : 1;

    if (entered->section != s->n_sections) {
        *entered = (struct entered){s->n_sections, 0};
    }
    if (!s->leads[fn.i] || entered->times++ >= most) {
        return;
    }
    for (uint32_t c = calls->first[fn.i]; c < calls->first[fn.i + 1]; c++) {
        add_step(s, &calls->v.v[c], from, s->steps.v[from].depth + 1);
    }
}

static void look_at(struct search *s, uint32_t index)
{
    struct step step = s->steps.v[index];
    const struct blocking_site *site = blocking_site_of(s->sites, step.call);

    if (is_given_back(s, &step) || doom_at(s->contexts->doom, step.call->fn, step.call->op) ||
        !is_come_to(s, &step)) {
        return;
    }
    if (site != NULL && !gives_up(s, &step)) {
        s->section.kinds |= 1u << site->what;
        if (!is_known(s, site)) {
            add_wait(s, index, site);
        }
    }
    for (size_t c = 0; c < step.call->callees.n && is_followed(step.call); c++) {
        if (step.depth < MAX_DEPTH) {
            enter(s, index, step.call->callees.v[c]);
        }
    }
}

/* The calls that the function makes with the lock in hand, and all below. */
static void search_section(struct search *s, fn_id fn, const struct token *token)
{
    const struct calls *calls = s->flows->calls;

    s->n_sections++;
    s->token = *token;
    s->lock = contexts_absolute(s->contexts, fn, token->lock);
    s->section = (struct section){.fn = fn, .lock = s->lock, .first = (uint32_t)s->out->v.n};
    s->steps.n = 0;
    for (uint32_t c = calls->first[fn.i]; c < calls->first[fn.i + 1]; c++) {
        const struct call *call = &calls->v.v[c];
        const struct held *held = flow_held_at(s->flows, fn, call->op);
        if (held != NULL && has_token(held->may, token)) {
            add_step(s, call, ID_NONE, 0);
        }
    }
    for (uint32_t i = 0; i < s->steps.n; i++) {
        look_at(s, i);
    }
    vec_push(s->out, &s->out->sections, s->section);
}

/* ---- all sections ------------------------------------------------------------------------------
 */

/* A lock without an address (the GIL, a routine that runs once) is for other rules. */
static bool is_looked_at(const struct search *s, fn_id fn, const struct token *token)
{
    path_id lock = contexts_absolute(s->contexts, fn, token->lock);

    return !path_is_none(lock) && path_is_global(s->flows->paths, lock) &&
           path_get(s->flows->paths, lock)->kind != ROOT_NAMED;
}

/* Each lock that the function has taken at some point, once for each place that takes it. */
static void search_fn(struct search *s, fn_id fn)
{
    const struct fn_flow *flow = &s->flows->v[fn.i];
    VEC(const struct token *) known = {NULL, 0};

    for (size_t h = 0; h < flow->helds.n; h++) {
        const struct lockset *may = flow->helds.v[h].may;
        for (uint32_t i = 0; i < may->n; i++) {
            bool is_new = is_looked_at(s, fn, &may->v[i]);
            for (size_t k = 0; k < known.n && is_new; k++) {
                is_new = !path_eq(known.v[k]->lock, may->v[i].lock) ||
                         !site_eq(known.v[k]->taken, may->v[i].taken);
            }
            if (is_new) {
                vec_push(s, &known, &may->v[i]);
                search_section(s, fn, &may->v[i]);
            }
        }
    }
    talloc_free(known.v);
}

struct held_waits *held_waits_find(void *owner, const struct blocking_sites *sites)
{
    struct search *s = mem_new(NULL, struct search);
    size_t n_fns = sites->contexts->flows->linked->fns.n;

    s->contexts = sites->contexts;
    s->flows = sites->contexts->flows;
    s->sites = sites;
    s->out = mem_new(owner, struct held_waits);
    s->leads = mem_array(s, bool, n_fns + 1);
    s->entered = mem_array(s, struct entered, n_fns + 1);
    find_leading(s);
    for (uint32_t fn = 0; fn < n_fns; fn++) {
        search_fn(s, (fn_id){fn});
    }
    struct held_waits *out = s->out;
    talloc_free(s);
    return out;
}
