/* gil-held-blocking: a call that can wait, made with an interpreter's lock in hand: none of the
 * interpreter's other threads runs meanwhile.
 */
#include "rules/cost.h"
#include "rules/gil_story.h"

enum { MAX_DOWN = 8 }; /* callees that are asked who took the lock */

struct search {
    struct rule_run *run;
    struct gil_api *api;
    path_id lock;
    void *scratch;
    VEC(struct wait {
        const struct call *call;
        enum blocks_what what;
    })
    told;
};

/* ---- who took the lock ----------------------------------------------------------------------- */

/* Was it taken there by starting the interpreter? Who does that and goes on by himself may have the
 * only thread. */
static bool starts(const struct prog *prog, path_id lock, struct site site, unsigned depth)
{
    if (site.fn == UINT32_MAX || depth == MAX_DOWN) {
        return false;
    }
    const struct call *call = calls_at(prog->calls, (fn_id){site.fn}, (op_id){site.op});
    if (call->model != NULL) {
        return call->model->starts_interpreter;
    }
    for (size_t c = 0; c < call->callees.n; c++) {
        const struct fn_flow *flow = &prog->flows->v[call->callees.v[c].i];
        for (size_t i = 0; i < flow->outcomes.n; i++) {
            const struct token *token = lockset_find(flow->outcomes.v[i].held, lock);
            if (token != NULL && starts(prog, lock, token->taken, depth + 1)) {
                return true;
            }
        }
    }
    return false;
}

/* The lock as it is held before the op, if its function took it; NULL. */
static const struct token *taken_before(const struct prog *prog, path_id lock, fn_id fn, op_id op)
{
    const struct held *held = flow_held_at(prog->flows, fn, op);

    return held == NULL ? NULL : lockset_find(held->must, lock);
}

/* Is it held on the way to the call because the interpreter was started there? */
static bool is_starters(const struct search *search, const struct gil_walk *walk,
                        const struct call *call)
{
    const struct prog *prog = search->run->prog;
    const struct token *token = taken_before(prog, search->lock, call->fn, call->op);
    const struct gil_way *way = gil_way(walk, call->fn, GIL_HELD);

    while (token == NULL && way != NULL && way->caller.i != UINT32_MAX) {
        token = taken_before(prog, search->lock, way->caller, way->call);
        way = gil_way(walk, way->caller, way->before);
    }
    return token != NULL && starts(prog, search->lock, token->taken, 0);
}

/* ---- telling --------------------------------------------------------------------------------- */

/* One finding for a function and a thing waited for: mending it often mends the rest. */
static bool is_told(struct search *search, const struct call *call, enum blocks_what what)
{
    for (size_t i = 0; i < search->told.n; i++) {
        if (search->told.v[i].call->fn.i == call->fn.i && search->told.v[i].what == what) {
            return true;
        }
    }
    vec_push(search->scratch, &search->told, (struct wait){call, what});
    return false;
}

static void lower(struct rule_run *run, struct finding *finding, enum level to, const char *reason)
{
    finding->confidence = finding->confidence < to ? finding->confidence : to;
    finding_add_reason(run, finding, "%s", reason);
}

static void weigh(struct search *search, struct finding *finding, const struct gil_walk *walk,
                  const struct call *call, struct cost cost, bool sure)
{
    struct rule_run *run = search->run;
    const struct gil_way *way = gil_way(walk, call->fn, GIL_HELD);

    finding->severity = cost.severity;
    finding->confidence = LEVEL_HIGH;
    finding_add_reason(run, finding, "the lock is held on every way to this place");
    if (way != NULL && !way->sure) {
        lower(run, finding, LEVEL_MEDIUM, "a pointer on the way may mean several functions");
    }
    if (!sure) {
        lower(run, finding, LEVEL_LOW, "whether it waits depends on an argument or descriptor");
    }
    if (!cost.shown || cost.if_offered) {
        lower(run, finding, LEVEL_LOW, cost.quick);
    }
    if (run->prog->contexts->v.v[walk->context.i].at_start) {
        lower(run, finding, LEVEL_LOW, "it is done once, when the module is loaded");
    }
    if (run->prog->flows->v[call->fn.i].capped) {
        lower(run, finding, LEVEL_LOW, "the function has more lock states than are kept apart");
    }
}

static void tell(struct search *search, const struct gil_walk *walk, const struct call *call,
                 struct cost cost, bool sure)
{
    struct rule_run *run = search->run;
    const struct prog *prog = run->prog;
    struct loc where = prog_loc_of(prog, (struct site){call->fn.i, call->op.i});
    const char *lock = prog_path_name(run->owner, prog, FN_NONE, search->lock);
    const struct token *token = taken_before(prog, search->lock, call->fn, call->op);
    unsigned depth;
    struct finding *finding = finding_new(
        run, where, "'%s' is held while '%s' %s: no other thread of the interpreter runs", lock,
        call->name, cost.what);
    size_t thread =
        gil_story_way(run, finding, walk, call->fn, token == NULL ? GIL_HELD : GIL_UNKNOWN, &depth);

    if (token != NULL && token->taken.fn != UINT32_MAX) {
        finding_add_step(run, finding, thread, prog_loc_of(prog, token->taken), depth, NULL,
                         "takes '%s'", lock);
    }
    finding_add_step(run, finding, thread, where, depth, NULL, "'%s' %s", call->name, cost.what);
    weigh(search, finding, walk, call, cost, sure);
    finding->cure = "let the lock go around it: Py_BEGIN_ALLOW_THREADS before, "
                    "Py_END_ALLOW_THREADS behind";
    finding_weigh_cure(finding, call->name, CURE_LINE);
    finding_identify(run, finding, "%s|%s|%s", run->rule->id, prog_fn_name(prog, call->fn),
                     call->name);
}

/* ---- looking --------------------------------------------------------------------------------- */

/* Does the way in hand over arguments with which the function comes to the call? */
static bool is_come_to(const struct search *search, const struct gil_way *way,
                       const struct call *call)
{
    const struct flows *flows = search->run->prog->flows;
    const struct need *need = flow_need_of(flows, call->fn, call->op);

    return need == NULL || way == NULL || way->caller.i == UINT32_MAX ||
           flow_can_meet(flows, calls_at(flows->calls, way->caller, way->call), need);
}

static void look_at(struct search *search, const struct gil_walk *walk,
                    const struct blocking_site *site)
{
    const struct contexts *contexts = search->run->prog->contexts;
    const struct call *call = site->call;
    struct cost cost = cost_of(site->what);
    const struct gil_way *way = gil_way(walk, call->fn, GIL_HELD);
    enum gil_state entry = way == NULL ? GIL_UNKNOWN : GIL_HELD;

    if (cost.what != NULL &&
        gil_at(contexts, search->lock, call->fn, call->op, entry) == GIL_HELD &&
        is_come_to(search, way, call) && !is_starters(search, walk, call) &&
        !is_told(search, call, site->what)) {
        tell(search, walk, call, cost, site->sure);
    }
}

static void look_at_context(struct search *search, context_id id)
{
    const struct prog *prog = search->run->prog;
    const struct context *context = &prog->contexts->v.v[id.i];
    const struct blocking_sites *sites = blocking_sites_all(prog->blocking_sites);
    struct gil_walk *walk = gil_walk(search->scratch, prog->contexts, id, search->lock);

    for (size_t i = 0; i < sites->v.n; i++) {
        fn_id fn = sites->v.v[i].call->fn;
        if (contexts_reaches(prog->contexts, context, fn) && !gil_api_owns(search->api, fn)) {
            look_at(search, walk, &sites->v.v[i]);
        }
    }
    talloc_free(walk);
}

void rule_gil_held_blocking(struct rule_run *run)
{
    const struct contexts *contexts = run->prog->contexts;
    struct search search = {.run = run, .lock = gil_lock(contexts)};

    if (path_is_none(search.lock)) {
        return;
    }
    search.scratch = mem_owner(NULL, "gil");
    search.api = gil_api_new(search.scratch, contexts);
    for (int at_start = 0; at_start <= 1; at_start++) { /* what counts less comes last */
        for (uint32_t c = 0; c < contexts->v.n; c++) {
            if (contexts->v.v[c].at_start == (at_start == 1)) {
                look_at_context(&search, (context_id){c});
            }
        }
    }
    talloc_free(search.scratch);
}
