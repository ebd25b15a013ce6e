/* gil-misuse: a function of the interpreter is called by a thread that surely does not hold its
 * lock: it was given back, or the thread is the program's own and never took it.
 */
#include "rules/gil_story.h"

/* The calls of one function that lack the lock for one reason. */
struct misuse {
    fn_id fn;
    struct site let_go;          /* in the function; SITE_NONE: it is entered so */
    const struct gil_walk *walk; /* who enters it so; NULL */
    VEC(const struct call *) calls;
    bool told; /* of another context, then */
};

struct search {
    struct rule_run *run;
    struct gil_api *api;
    path_id lock;
    void *scratch;
    VEC(struct misuse) found;
};

static struct misuse *misuse_of(struct search *search, fn_id fn, struct site let_go,
                                const struct gil_walk *walk)
{
    for (size_t i = 0; i < search->found.n; i++) {
        struct misuse *known = &search->found.v[i];
        if (known->fn.i == fn.i && site_eq(known->let_go, let_go)) {
            return known->told ? NULL : known;
        }
    }
    vec_push(search->scratch, &search->found,
             (struct misuse){.fn = fn, .let_go = let_go, .walk = walk});
    return &search->found.v[search->found.n - 1];
}

/* Does the way in hand over arguments with which the function comes to the call? */
static bool is_come_to(const struct search *search, const struct gil_way *way,
                       const struct call *call)
{
    const struct flows *flows = search->run->prog->flows;
    const struct need *need = flow_need_of(flows, call->fn, call->op);

    return need == NULL || way->caller.i == UINT32_MAX ||
           flow_can_meet(flows, calls_at(flows->calls, way->caller, way->call), need);
}

/* Looks at a function's calls: as it is by itself (`walk` is NULL), or entered without the lock. */
static void look_at(struct search *search, fn_id fn, const struct gil_walk *walk)
{
    const struct contexts *contexts = search->run->prog->contexts;
    const struct calls *calls = contexts->flows->calls;
    const struct gil_way *way = walk == NULL ? NULL : gil_way(walk, fn, GIL_FREE);

    if ((walk != NULL && way == NULL) || gil_api_owns(search->api, fn)) {
        return;
    }
    for (uint32_t i = calls->first[fn.i]; i < calls->first[fn.i + 1]; i++) {
        const struct call *call = &calls->v.v[i];
        if (!gil_api_needs(search->api, call) || doom_at(contexts->doom, fn, call->op)) {
            continue;
        }
        bool own = gil_at(contexts, search->lock, fn, call->op, GIL_UNKNOWN) == GIL_FREE;
        bool entered = walk != NULL && !own &&
                       gil_at(contexts, search->lock, fn, call->op, GIL_FREE) == GIL_FREE &&
                       is_come_to(search, way, call);
        if (walk == NULL ? own : entered) {
            struct site let_go =
                own ? gil_let_go_at(search->run->prog, search->lock, fn, call->op) : SITE_NONE;
            struct misuse *misuse = misuse_of(search, fn, let_go, walk);
            if (misuse != NULL) {
                vec_push(search->scratch, &misuse->calls, call);
            }
        }
    }
}

/* ---- telling --------------------------------------------------------------------------------- */

/* Where the lock was let go on the way to a function that is entered without it; SITE_NONE: the
 * thread never had it. */
static struct site let_go_before(const struct search *search, const struct misuse *misuse)
{
    const struct gil_way *way = gil_way(misuse->walk, misuse->fn, GIL_FREE);

    while (way != NULL && way->caller.i != UINT32_MAX) {
        struct site site = gil_let_go_at(search->run->prog, search->lock, way->caller, way->call);
        if (site.fn != UINT32_MAX) {
            return site;
        }
        way = gil_way(misuse->walk, way->caller, way->before);
    }
    return SITE_NONE;
}

static void weigh(struct search *search, struct finding *finding, const struct misuse *misuse,
                  struct site let_go)
{
    struct rule_run *run = search->run;
    const struct gil_way *way =
        misuse->walk == NULL ? NULL : gil_way(misuse->walk, misuse->fn, GIL_FREE);

    finding->severity = LEVEL_HIGH;
    finding->confidence = LEVEL_HIGH;
    finding_add_reason(run, finding,
                       let_go.fn != UINT32_MAX ? "it is let go on every way to this place"
                                               : "a thread of the program's own starts without it");
    if (way != NULL && !way->sure) {
        finding->confidence = LEVEL_MEDIUM;
        finding_add_reason(run, finding, "a pointer on the way may mean several functions");
    }
    if (run->prog->flows->v[misuse->fn.i].capped) {
        finding->confidence = LEVEL_LOW;
        finding_add_reason(run, finding, "the function has more lock states than are kept apart");
    }
}

static void tell(struct search *search, struct misuse *misuse)
{
    struct rule_run *run = search->run;
    const struct prog *prog = run->prog;
    const struct call *call = misuse->calls.v[0];
    struct loc where = prog_loc_of(prog, (struct site){call->fn.i, call->op.i});
    const char *lock = prog_path_name(run->owner, prog, FN_NONE, search->lock);
    const char *name = gil_api_name(search->api, call);
    struct site let_go = misuse->walk == NULL ? misuse->let_go : let_go_before(search, misuse);
    struct finding *finding;
    size_t thread;
    unsigned depth;

    misuse->told = true;
    if (let_go.fn == UINT32_MAX) {
        finding = finding_new(run, where, "'%s' is called by a thread that does not hold '%s'",
                              name, lock);
    } else {
        struct loc at = prog_loc_of(prog, let_go);
        finding = finding_new(run, where, "'%s' is called without '%s', which is let go at %s%s%u",
                              name, lock, let_go.fn == misuse->fn.i ? "" : prog_file(prog, at.file),
                              let_go.fn == misuse->fn.i ? "line " : ":", at.line);
    }
    if (misuse->walk != NULL) {
        thread = gil_story_way(run, finding, misuse->walk, misuse->fn, GIL_FREE, &depth);
    } else {
        thread = finding_add_thread_of(run, finding, misuse->fn, &depth);
    }
    gil_story_let_go(run, finding, thread, search->lock, call->fn, call->op, depth);
    finding_add_step(run, finding, thread, where, depth, NULL, "calls '%s' without '%s'", name,
                     lock);
    for (size_t i = 1; i < misuse->calls.n; i++) {
        const struct call *other = misuse->calls.v[i];
        finding_add_related(run, finding,
                            prog_loc_of(prog, (struct site){other->fn.i, other->op.i}),
                            "calls '%s' without it, too", gil_api_name(search->api, other));
    }
    weigh(search, finding, misuse, let_go);
    finding->cure = let_go.fn == UINT32_MAX
                        ? "call PyGILState_Ensure before, and PyGILState_Release behind"
                        : "call it behind Py_END_ALLOW_THREADS, or between Py_BLOCK_THREADS and "
                          "Py_UNBLOCK_THREADS";
    finding_weigh_cure(finding, name, CURE_LINE);
    finding_identify(run, finding, "%s|%s|%s", run->rule->id, prog_fn_name(prog, misuse->fn), name);
}

void rule_gil_misuse(struct rule_run *run)
{
    const struct prog *prog = run->prog;
    struct search search = {.run = run, .lock = gil_lock(prog->contexts)};

    if (path_is_none(search.lock)) {
        return;
    }
    search.scratch = mem_owner(NULL, "gil");
    search.api = gil_api_new(search.scratch, prog->contexts);
    for (uint32_t f = 0; f < prog->linked->fns.n; f++) {
        look_at(&search, (fn_id){f}, NULL);
    }
    for (size_t i = 0; i < search.found.n; i++) {
        tell(&search, &search.found.v[i]);
    }
    for (uint32_t c = 0; c < prog->contexts->v.n; c++) {
        struct gil_walk *walk =
            gil_walk(search.scratch, prog->contexts, (context_id){c}, search.lock);
        size_t before = search.found.n;
        for (uint32_t f = 0; f < prog->linked->fns.n; f++) {
            look_at(&search, (fn_id){f}, walk);
        }
        for (size_t i = before; i < search.found.n; i++) {
            tell(&search, &search.found.v[i]);
        }
        talloc_free(walk);
    }
    talloc_free(search.scratch);
}
