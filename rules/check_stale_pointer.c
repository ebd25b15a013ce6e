/* check-then-act by a pointer: it was looked up under a lock, the lock was let go, and by the time
 * it is used another context can have freed what it points to.
 */
#include "program/stale.h"
#include "rules/check_then_act.h"

enum { MAX_BELOW = 3 }; /* calls between who frees an object and who takes it out of its list */

/* Who may free the object, in one phase of a context. */
struct rival {
    const struct free_event *event; /* NULL: nobody */
    phase_id phase;
    const struct access *removal; /* takes the object out under the same lock; NULL: not seen */
    path_id lock;
};

/* A lookup and its use in one phase of a context. */
struct sight {
    const struct stale_use *use;
    phase_id phase;
    context_id context;
    const struct lockset *at_found;
    const struct lockset *at_use;
};

/* The lock of the lookup that is in the set; PATH_NONE: none is. */
static path_id lock_held(const struct prog *prog, const struct stale_use *use,
                         const struct lockset *held)
{
    for (uint32_t i = 0; i < use->n_locks; i++) {
        if (accessmap_holds(prog->paths, held, use->locks[i])) {
            return use->locks[i];
        }
    }
    return PATH_NONE;
}

/* Is there a lock that the finder holds all the way and the other one, too? */
static bool is_kept_out(const struct sight *sight, const struct lockset *theirs)
{
    for (uint32_t i = 0; i < sight->at_found->n; i++) {
        const struct token *mine = &sight->at_found->v[i];
        const struct token *later = lockset_find(sight->at_use, mine->lock);
        const struct token *other = lockset_find(theirs, mine->lock);
        bool let_go = false;
        for (uint32_t k = 0; k < sight->use->n_locks; k++) {
            let_go = let_go || path_eq(sight->use->locks[k], mine->lock);
        }
        if (!let_go && later != NULL && site_eq(later->taken, mine->taken) && other != NULL &&
            (mine->mode == TOKEN_EXCLUSIVE || other->mode == TOKEN_EXCLUSIVE)) {
            return true;
        }
    }
    return false;
}

/* ---- who takes the object out ---------------------------------------------------------------- */

static bool calls_down_to(const struct prog *prog, fn_id from, fn_id to, unsigned below)
{
    const struct calls *calls = prog->calls;

    if (from.i == to.i) {
        return true;
    }
    for (uint32_t i = calls->first[from.i]; i < calls->first[from.i + 1] && below > 0; i++) {
        const struct call *call = &calls->v.v[i];
        for (size_t c = 0; c < call->callees.n && !call->indirect; c++) {
            if (calls_down_to(prog, call->callees.v[c], to, below - 1)) {
                return true;
            }
        }
    }
    return false;
}

/* A write of where the pointer was found, under its lock, by who frees the object. */
static const struct access *find_removal(const struct prog *prog, const struct sight *sight,
                                         const struct free_event *event, phase_id phase)
{
    const struct accessmap *map = prog->accessmap;
    context_id context = prog->contexts->phases.v[phase.i].context;
    const struct stale_use *use = sight->use;

    for (uint32_t k = 0; k < use->from.n; k++) {
        uint32_t at =
            use->from.v[k].i < map->n_by_class ? map->by_class[use->from.v[k].i] : ID_NONE;
        for (size_t i = 0; at != ID_NONE && i < map->v.v[at].sure_writes.n; i++) {
            const struct variable *variable = &map->v.v[at];
            const struct access *access = &variable->accesses.v[variable->sure_writes.v[i]];
            if (access->context.i == context.i &&
                !path_is_none(lock_held(prog, use, access->held)) &&
                !is_kept_out(sight, access->held) &&
                calls_down_to(prog, event->fn, access->fn, MAX_BELOW)) {
                return access;
            }
        }
    }
    return NULL;
}

/* Can the event come in between, in that phase? */
static bool can_interfere(const struct prog *prog, const struct sight *sight,
                          const struct free_event *event, phase_id phase, struct rival *ret)
{
    const struct contexts *contexts = prog->contexts;
    struct moment mine = {sight->phase, sight->use->fn, sight->use->use};
    struct moment theirs = {phase, event->fn, event->op};

    if (!contexts->phases.v[phase.i].reach[event->fn.i].sure ||
        !contexts_meet(contexts, mine, theirs)) {
        return false;
    }
    const struct lockset *held = contexts_held_at(contexts, phase, event->fn, event->op);
    if (held == NULL || is_kept_out(sight, held) || doom_at(contexts->doom, event->fn, event->op)) {
        return false;
    }
    *ret =
        (struct rival){.event = event, .phase = phase, .lock = lock_held(prog, sight->use, held)};
    ret->removal = find_removal(prog, sight, event, phase);
    if (ret->removal != NULL) {
        ret->lock = lock_held(prog, sight->use, ret->removal->held);
    }
    return !path_is_none(ret->lock);
}

/* The one that shows the most: it takes the object out of where it was found. */
static struct rival find_rival(const struct rule_run *run, const struct frees *frees,
                               const struct sight *sight)
{
    const struct contexts *contexts = run->prog->contexts;
    struct rival found = {.event = NULL};
    size_t first;
    size_t n = frees_of_type(frees, sight->use->type, &first);

    for (uint32_t p = 0; p < contexts->phases.n; p++) {
        if (!contexts_overlap(contexts, sight->context, contexts->phases.v[p].context)) {
            continue;
        }
        for (size_t i = first; i < first + n; i++) {
            struct rival rival;
            if (!can_interfere(run->prog, sight, &frees->v.v[i], (phase_id){p}, &rival)) {
                continue;
            }
            if (rival.removal != NULL) {
                return rival;
            }
            found = found.event == NULL ? rival : found;
        }
    }
    return found;
}

/* ---- saying it ------------------------------------------------------------------------------- */

static const char *fn_called(const struct prog *prog, fn_id fn, op_id op)
{
    return calls_at(prog->calls, fn, op)->name;
}

static bool is_call(const struct prog *prog, fn_id fn, op_id op)
{
    return prog->linked->fns.v[fn.i].ir->ops.v[op.i].kind == IR_CALL;
}

static struct loc line_of(const struct prog *prog, fn_id fn, op_id op)
{
    return prog_loc_of(prog, (struct site){fn.i, op.i});
}

static void tell_finder(struct rule_run *run, struct finding *finding, const struct sight *sight,
                        const char *name, const char *lock)
{
    const struct prog *prog = run->prog;
    const struct stale_use *use = sight->use;
    unsigned depth;
    size_t thread =
        finding_add_context(run, finding, (struct moment){sight->phase, use->fn, use->use}, &depth);

    if (is_call(prog, use->fn, use->found)) {
        finding_add_step(
            run, finding, thread, line_of(prog, use->fn, use->found), depth, sight->at_found,
            "gets '%s' from '%s'%s%s%s", name, fn_called(prog, use->fn, use->found),
            use->let_go.i == ID_NONE ? ", which lets '" : "", use->let_go.i == ID_NONE ? lock : "",
            use->let_go.i == ID_NONE ? "' go" : "");
    } else {
        finding_add_step(run, finding, thread, line_of(prog, use->fn, use->found), depth,
                         sight->at_found, "looks '%s' up", name);
    }
    if (use->let_go.i != ID_NONE) {
        finding_add_step(run, finding, thread, line_of(prog, use->fn, use->let_go), depth, NULL,
                         "lets '%s' go", lock);
    }
    finding_add_step(run, finding, thread, line_of(prog, use->fn, use->use), depth, sight->at_use,
                     "then uses '%s'", name);
}

static void tell_rival(struct rule_run *run, struct finding *finding, const struct rival *rival,
                       const char *name)
{
    const struct prog *prog = run->prog;
    const struct free_event *event = rival->event;
    const struct access *removal = rival->removal;
    unsigned depth;
    size_t thread = finding_add_context(
        run, finding, (struct moment){rival->phase, event->fn, event->op}, &depth);

    if (removal != NULL) {
        char *where = prog_path_name(finding, prog, removal->fn, removal->path);
        finding_add_step(run, finding, thread, line_of(prog, removal->fn, removal->op),
                         depth + (removal->fn.i == event->fn.i ? 0 : 1), removal->held,
                         "changes '%s', by which it was found", where);
    }
    finding_add_step(run, finding, thread, line_of(prog, event->fn, event->op), depth,
                     contexts_held_at(prog->contexts, rival->phase, event->fn, event->op),
                     event->depth > 0 ? "calls '%s', which frees what '%s' points to"
                                      : "calls '%s' for what '%s' points to",
                     fn_called(prog, event->fn, event->op), name);
    if (event->depth > 0) {
        finding_add_step(run, finding, thread, prog_loc_of(prog, event->at), depth + event->depth,
                         NULL, "frees it");
    }
}

/* How much shows that both mean one object. */
static enum level weigh(struct rule_run *run, struct finding *finding, const struct sight *sight,
                        const struct rival *rival)
{
    if (rival->removal == NULL) {
        finding_add_reason(run, finding, "nothing shows that what is freed was found there");
        return LEVEL_LOW;
    }
    finding_add_reason(run, finding, "what frees it also takes it out of where it was found");
    if (!sight->use->from.rooted) {
        finding_add_reason(run, finding, "nothing shows that both look into the same object");
        return LEVEL_MEDIUM;
    }
    return path_is_exact(run->prog->paths, rival->lock) ? LEVEL_HIGH : LEVEL_MEDIUM;
}

static void tell(struct rule_run *run, const struct sight *sight, const struct rival *rival)
{
    const struct prog *prog = run->prog;
    const struct stale_use *use = sight->use;
    struct loc at_use = line_of(prog, use->fn, use->use);
    struct loc at_found = line_of(prog, use->fn, use->found);
    void *scratch = mem_owner(NULL, "names");
    const char *lock = prog_path_name(scratch, prog, FN_NONE, rival->lock);
    const char *name = use->name != NULL ? use->name
                       : is_call(prog, use->fn, use->found)
                           ? fn_called(prog, use->fn, use->found)
                           : prog_path_name(scratch, prog, FN_NONE, use->from.v[0]);
    struct finding *finding = finding_new(
        run, at_use,
        "'%s', looked up on line %u, can be freed before this use: '%s' is let go in between", name,
        at_found.line, lock);

    tell_finder(run, finding, sight, name, lock);
    tell_rival(run, finding, rival, name);
    finding->confidence = weigh(run, finding, sight, rival);
    finding->severity = LEVEL_HIGH;
    finding->cure =
        use->let_go.i != ID_NONE
            ? mem_printf(
                  finding,
                  "hold '%s' from line %u to the last use of '%s', or take a reference to it "
                  "before line %u",
                  lock, at_found.line, name, line_of(prog, use->fn, use->let_go).line)
            : mem_printf(finding, "let '%s' take a reference for its caller before it lets '%s' go",
                         fn_called(prog, use->fn, use->found), lock);
    finding_weigh_cure(finding, use->type, CURE_FUNCTION);
    finding_identify(run, finding, "%s|stale|%s|%s|%s", run->rule->id, prog_fn_name(prog, use->fn),
                     use->type, lock);
    talloc_free(scratch);
}

/* ---- the rule -------------------------------------------------------------------------------- */

static bool see(const struct prog *prog, const struct stale_use *use, phase_id phase,
                struct sight *sight)
{
    const struct contexts *contexts = prog->contexts;

    if (!contexts->phases.v[phase.i].reach[use->fn.i].sure) {
        return false;
    }
    *sight = (struct sight){.use = use, .phase = phase};
    sight->context = contexts->phases.v[phase.i].context;
    sight->at_found = contexts_held_at(contexts, phase, use->fn, use->found);
    sight->at_use = contexts_held_at(contexts, phase, use->fn, use->use);
    return sight->at_found != NULL && sight->at_use != NULL &&
           !contexts_alone_at(contexts, (struct moment){phase, use->fn, use->use}) &&
           !doom_at(contexts->doom, use->fn, use->use);
}

void check_stale_pointers(struct rule_run *run, struct forms *forms)
{
    void *scratch = mem_owner(NULL, "stale");
    struct stale_uses *uses =
        stale_find(scratch, run->prog->accessmap, forms->frees, run->prog->focus);

    for (size_t i = 0; i < uses->v.n; i++) {
        struct rival best = {.event = NULL};
        struct sight best_sight = {.use = NULL};
        for (uint32_t p = 0; p < run->prog->contexts->phases.n && best.removal == NULL; p++) {
            struct sight sight;
            if (!see(run->prog, &uses->v.v[i], (phase_id){p}, &sight)) {
                continue;
            }
            struct rival rival = find_rival(run, forms->frees, &sight);
            if (rival.event != NULL && (best.event == NULL || rival.removal != NULL)) {
                best = rival;
                best_sight = sight;
            }
        }
        if (best.event != NULL) {
            tell(run, &best_sight, &best);
        }
    }
    talloc_free(scratch);
}
