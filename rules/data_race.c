/* data-race: two contexts that can run at once use one variable, at least one of them writes it,
 * and no token that both hold keeps them apart (C11 5.1.2.4p25).
 */
#include "program/interrupts.h"
#include "program/protect.h"
#include "program/races.h"
#include "program/steady.h"
#include "rules/rule.h"

/* Fewer accesses than this are no evidence for a guard. */
enum { MIN_GUARDED = 3 };

/* ---- what the accesses are ------------------------------------------------------------------- */

static const struct ir_op *op_of(const struct prog *prog, const struct access *access)
{
    return &prog->linked->fns.v[access->fn.i].ir->ops.v[access->op.i];
}

static struct loc loc_of(const struct prog *prog, const struct access *access)
{
    return prog_loc_of(prog, (struct site){access->fn.i, access->op.i});
}

/* A plain `x++`: reads, changes and writes in steps of its own. */
static bool is_counted(const struct prog *prog, const struct access *access)
{
    return op_of(prog, access)->kind == IR_RMW && !access->atomic;
}

static const char *verb_of(const struct prog *prog, const struct access *access)
{
    switch (op_of(prog, access)->kind) {
    case IR_READ:
        return access->atomic ? "atomically reads" : "reads";
    case IR_WRITE:
        return access->atomic ? "atomically writes" : "writes";
    case IR_RMW:
        return access->atomic ? "atomically changes" : "reads and writes";
    case IR_CALL:
        break;
    }
    return "uses";
}

/* ---- how sure ---------------------------------------------------------------------------------
 */

/* Calls between a thread's start routine and what it certainly does itself. Farther away is code
 * that main runs too, and whether a thread ever comes there may hang on settings that are not
 * followed. */
enum { NEAR = 2 };

static bool writes_constant(const struct prog *prog, const struct access *access)
{
    const struct ir_op *op = op_of(prog, access);

    return op->kind == IR_WRITE && op->u.access.value.i != ID_NONE &&
           prog->linked->fns.v[access->fn.i].ir->values.v[op->u.access.value.i].kind ==
               IR_VALUE_INT;
}

/* A flag: all that is ever stored in it are constants, so its readers see an old value at worst. */
static bool is_flag(const struct prog *prog, const struct variable *variable)
{
    for (size_t i = 0; i < variable->accesses.n; i++) {
        const struct access *access = &variable->accesses.v[i];
        if (access->writes && !writes_constant(prog, access)) {
            return false;
        }
    }
    return true;
}

/* Is the guard held nearly everywhere else? Another object's lock that happens to be held is no
 * guard: it has to be the object's own, or of the program. */
static bool has_strong_guard(const struct prog *prog, const struct race *race)
{
    struct paths *paths = prog->paths;
    path_id guard = race->variable->guard;

    if (path_is_none(guard) || race->n_guarded < MIN_GUARDED ||
        race->n_guarded * 3 < race->n_places * 2) {
        return false;
    }
    path_id theirs = path_root_of(paths, path_class(paths, guard));
    path_id mine = path_root_of(paths, race->variable->class);
    return path_get(paths, theirs)->kind != ROOT_OBJECT || path_eq(theirs, mine) ||
           path_is_exact(paths, guard);
}

/* Does the set hold a lock that would keep `other` out? */
static bool has_lock_of(const struct prog *prog, fn_id fn, const struct lockset *set,
                        const struct access *other)
{
    for (uint32_t i = 0; i < set->n; i++) {
        path_id lock = contexts_absolute(prog->contexts, fn, set->v[i].lock);
        if (accessmap_holds(prog->paths, other->held, lock)) {
            return true;
        }
    }
    return false;
}

/* Have lock states been merged on the way, and may a lock that would keep `other` out be lost? */
static bool is_blurred(const struct prog *prog, const struct access *access,
                       const struct access *other)
{
    struct moment at = {access->phase, access->fn, access->op};

    while (at.fn.i != UINT32_MAX) {
        const struct reach *reach = &prog->contexts->phases.v[at.phase.i].reach[at.fn.i];
        const struct held *held = flow_held_at(prog->flows, at.fn, at.op);
        if (prog->flows->v[at.fn.i].capped && has_lock_of(prog, at.fn, held->may, other)) {
            return true;
        }
        at = (struct moment){reach->caller_phase, reach->caller, reach->call};
    }
    return false;
}

static bool takes_lock(const struct prog *prog, fn_id fn)
{
    const struct fn_flow *flow = &prog->flows->v[fn.i];

    for (size_t i = 0; i < flow->outcomes.n; i++) {
        if (flow->outcomes.v[i].held->n > 0) {
            return true;
        }
    }
    return false;
}

/* Was the token got from a call through a pointer that may mean several functions, which all take
 * locks (`ops->lock(m)`)? Each its own, or fails in its own way: what they have in common is lost.
 */
static bool is_by_interface(const struct prog *prog, const struct token *token)
{
    if (site_eq(token->taken, SITE_NONE)) {
        return false;
    }
    const struct call *call =
        calls_at(prog->calls, (fn_id){token->taken.fn}, (op_id){token->taken.op});
    for (size_t i = 0; i < call->callees.n; i++) {
        if (!takes_lock(prog, call->callees.v[i])) {
            return false;
        }
    }
    return call->indirect && call->callees.n > 1;
}

/* Locks of interfaces that may be held at the access, in absolute terms. Owned by `owner`. */
struct lock_list {
    path_id *v;
    size_t n;
};

static struct lock_list interface_locks(void *owner, const struct prog *prog,
                                        const struct access *access)
{
    struct moment at = {access->phase, access->fn, access->op};
    struct lock_list list = {NULL, 0};

    while (at.fn.i != UINT32_MAX) {
        const struct reach *reach = &prog->contexts->phases.v[at.phase.i].reach[at.fn.i];
        const struct held *held = flow_held_at(prog->flows, at.fn, at.op);
        for (uint32_t i = 0; i < held->may->n; i++) {
            if (is_by_interface(prog, &held->may->v[i])) {
                vec_push(owner, &list,
                         contexts_absolute(prog->contexts, at.fn, held->may->v[i].lock));
            }
        }
        at = (struct moment){reach->caller_phase, reach->caller, reach->call};
    }
    return list;
}

/* May both hold the same lock, which they took through an interface? */
static bool may_share_interface_lock(const struct prog *prog, const struct race *race)
{
    void *scratch = mem_owner(NULL, "locks");
    struct lock_list mine = interface_locks(scratch, prog, race->a);
    struct lock_list theirs = interface_locks(scratch, prog, race->b);
    bool shared = false;

    for (size_t i = 0; i < mine.n; i++) {
        for (size_t j = 0; j < theirs.n; j++) {
            shared = shared || path_eq(mine.v[i], theirs.v[j]);
        }
    }
    talloc_free(scratch);
    return shared;
}

/* Code that holds so many locks at once stops everybody else, or means to. */
static bool stops_others(const struct race *race)
{
    enum { MANY_LOCKS = 4 };

    return race->a->held->n >= MANY_LOCKS || race->b->held->n >= MANY_LOCKS;
}

static bool is_volatile(const struct prog *prog, const struct race *race)
{
    return (op_of(prog, race->a)->flags & IR_OPF_VOLATILE) != 0;
}

static bool holds_guard(const struct prog *prog, const struct race *race,
                        const struct access *access)
{
    return !path_is_none(race->variable->guard) &&
           protect_bond(prog->contexts, access, race->variable->guard) > BOND_OTHER;
}

static bool main_runs(const struct prog *prog, fn_id fn)
{
    for (size_t i = 0; i < prog->contexts->v.n; i++) {
        const struct context *context = &prog->contexts->v.v[i];
        if (context->kind == CONTEXT_MAIN && contexts_reaches(prog->contexts, context, fn)) {
            return true;
        }
    }
    return false;
}

/* Does a pointer decide if the thread comes there that may mean several functions, and that main
 * goes by, too? It can mean one thing while the thread runs and another when main is alone, which
 * is not followed. */
static bool is_by_pointer(const struct prog *prog, const struct access *access)
{
    const struct phase *phase = &prog->contexts->phases.v[access->phase.i];
    const struct reach *reach = &phase->reach[access->fn.i];
    fn_id fn = access->fn;

    while (reach->caller.i != UINT32_MAX) {
        const struct call *call = calls_at(prog->calls, reach->caller, reach->call);
        if (call->indirect && call->callees.n > 1 && main_runs(prog, fn)) {
            return true;
        }
        fn = reach->caller;
        reach = &prog->contexts->phases.v[reach->caller_phase.i].reach[reach->caller.i];
    }
    return false;
}

/* Is it certain that this context does it? */
static bool is_near(const struct prog *prog, const struct access *access)
{
    const struct phase *phase = &prog->contexts->phases.v[access->phase.i];
    bool is_main = prog->contexts->v.v[phase->context.i].kind == CONTEXT_MAIN;

    return is_main || !main_runs(prog, access->fn) ||
           (phase->reach[access->fn.i].depth <= NEAR && !is_by_pointer(prog, access));
}

/* Is it a library's function that any thread may call (exports.h)? Whether two do at once, only its
 * users know. */
static bool is_export(const struct prog *prog, const struct access *access)
{
    return prog->contexts->v.v[access->context.i].kind == CONTEXT_EXPORT;
}

/* Is the guard a lock that one side holds because everybody does who comes in there (the GIL)? That
 * it is held so often is no sign that it guards just this. */
static bool is_held_anyway(const struct prog *prog, const struct race *race)
{
    const struct contexts *contexts = prog->contexts;
    bool by_entry = contexts->v.v[race->a->context.i].holds != NULL ||
                    contexts->v.v[race->b->context.i].holds != NULL;

    return by_entry && !path_is_none(race->variable->guard) &&
           path_get(prog->paths, race->variable->guard)->kind == ROOT_NAMED;
}

static enum level weigh(struct rule_run *run, struct finding *finding, const struct race *race)
{
    const struct prog *prog = run->prog;
    bool broken = has_strong_guard(prog, race) && !holds_guard(prog, race, race->a) &&
                  !is_held_anyway(prog, race);
    bool near = is_near(prog, race->a) && is_near(prog, race->b);

    if (!path_is_none(race->variable->guard) && race->n_guarded >= MIN_GUARDED) {
        finding_add_reason(run, finding, "%u of %u accesses hold '%s'", race->n_guarded,
                           race->n_places,
                           prog_path_name(finding, prog, FN_NONE, race->variable->guard));
    }
    if (is_blurred(prog, race->a, race->b) || is_blurred(prog, race->b, race->a)) {
        finding_add_reason(run, finding, "lock states were merged on the way: one may be lost");
        return LEVEL_LOW;
    }
    if (may_share_interface_lock(prog, race)) {
        finding_add_reason(run, finding,
                           "both may hold a lock that a pointer of several meanings takes");
        return LEVEL_LOW;
    }
    if (!broken && stops_others(race)) {
        finding_add_reason(run, finding,
                           "one side holds so many locks that it may have stopped "
                           "the others");
        return LEVEL_LOW;
    }
    if (steady_is(prog->contexts, race->a->path)) {
        finding_add_reason(run, finding, "every store puts the function that it starts with");
        return LEVEL_LOW;
    }
    if (!broken && (is_export(prog, race->a) || is_export(prog, race->b))) {
        finding_add_reason(run, finding, "nothing shows that threads call the library at once");
        return LEVEL_LOW;
    }
    if (!race->one_object) {
        finding_add_reason(run, finding, "nothing shows that both use the same object at once");
        return broken ? LEVEL_MEDIUM : LEVEL_LOW;
    }
    finding_add_reason(run, finding,
                       path_is_exact(prog->paths, race->a->path)
                           ? "it is one object of the whole program"
                           : "both certainly use the same object");
    if (is_flag(prog, race->variable)) {
        bool polled = is_volatile(prog, race) && !broken;
        finding_add_reason(run, finding, "only constants are stored in it: a flag, most likely");
        return (broken || near) && !polled ? LEVEL_MEDIUM : LEVEL_LOW;
    }
    if (!near) {
        finding_add_reason(run, finding, "the threads only share code that main runs too");
    }
    bool loses = (race->a->writes && race->b->writes) || is_counted(prog, race->a) ||
                 is_counted(prog, race->b);
    if (broken || (near && loses)) {
        return LEVEL_HIGH;
    }
    return near ? LEVEL_MEDIUM : LEVEL_LOW;
}

/* ---- saying it --------------------------------------------------------------------------------
 */

static size_t tell_side(struct rule_run *run, struct finding *finding, const struct access *access,
                        const char *name)
{
    const struct prog *prog = run->prog;
    unsigned depth;
    size_t thread = finding_add_context(
        run, finding, (struct moment){access->phase, access->fn, access->op}, &depth);

    finding_add_step(run, finding, thread, loc_of(prog, access), depth, access->held, "%s '%s'",
                     verb_of(prog, access), name);
    return thread;
}

static void tell_others(struct rule_run *run, struct finding *finding, const struct race *race)
{
    for (size_t i = 0; i < race->others.n; i++) {
        const struct access *other = race->others.v[i];
        const char *held = prog_tokens_text(finding, run->prog, other->held);
        finding_add_related(run, finding, loc_of(run->prog, other), "%s it in '%s', holding %s",
                            verb_of(run->prog, other), prog_fn_name(run->prog, other->fn),
                            held[0] == '\0' ? "nothing" : held);
    }
}

static char *message_of(struct rule_run *run, const struct race *race, const char *name,
                        const char *beside)
{
    const struct prog *prog = run->prog;
    struct loc there = loc_of(prog, race->b);
    const char *does = verb_of(prog, race->b);

    if (race->variable != race->beside) {
        return mem_printf(run->owner,
                          "'%s' shares its memory with the bit-field '%s', which another thread "
                          "%s at the same time",
                          name, beside, does);
    }
    if (race->a->fn.i == race->b->fn.i && race->a->op.i == race->b->op.i) {
        return mem_printf(run->owner, "'%s' can be %s here by several threads at once", name,
                          is_counted(prog, race->a) ? "changed" : "written");
    }
    return mem_printf(run->owner,
                      "'%s' is used here while another thread %s it (%s:%u), with no lock that "
                      "keeps them apart",
                      name, does, prog_file(prog, there.file), there.line);
}

/* Can it be mended at one place: this access, or the declaration? */
static bool cure_is_local(const struct prog *prog, const struct race *race)
{
    bool is_forgotten = has_strong_guard(prog, race) && !holds_guard(prog, race, race->a);

    return is_forgotten || (race->variable == race->beside && is_flag(prog, race->variable));
}

static const char *cure_of(struct rule_run *run, struct finding *finding, const struct race *race)
{
    const struct prog *prog = run->prog;

    if (has_strong_guard(prog, race) && !holds_guard(prog, race, race->a)) {
        return mem_printf(finding, "hold '%s' here, as elsewhere",
                          prog_path_name(finding, prog, FN_NONE, race->variable->guard));
    }
    if (race->variable != race->beside) {
        return "one lock for all bit-fields of the unit, or separate members";
    }
    if (is_flag(prog, race->variable)) {
        return "make it atomic, or use one lock on both sides";
    }
    return "hold one lock on both sides";
}

static void tell(struct rule_run *run, const struct race *race)
{
    const struct prog *prog = run->prog;
    void *scratch = mem_owner(NULL, "names");
    bool exact = path_is_exact(prog->paths, race->a->path) && race->one_object;
    path_id path = exact ? race->a->path : race->variable->class;
    path_id path_there = exact ? race->b->path : race->beside->class;
    const char *name = prog_path_name(scratch, prog, FN_NONE, path);
    const char *beside = prog_path_name(scratch, prog, FN_NONE, path_there);
    struct finding *finding =
        finding_new(run, loc_of(prog, race->a), "%s", message_of(run, race, name, beside));

    tell_side(run, finding, race->a, name);
    tell_side(run, finding, race->b, beside);
    tell_others(run, finding, race);
    finding->confidence = weigh(run, finding, race);
    finding_doubt_locks(run, finding);
    finding->severity = race->b->writes || is_counted(prog, race->a) ? LEVEL_HIGH : LEVEL_MEDIUM;
    if (is_counted(prog, race->a) || is_counted(prog, race->b)) {
        bool is_volatile = (op_of(prog, race->a)->flags & IR_OPF_VOLATILE) != 0;
        finding_add_reason(run, finding, "a change like '++' reads and writes in two steps%s",
                           is_volatile ? ", and volatile does not make them one" : "");
    }
    finding->cure = cure_of(run, finding, race);
    finding->variable = prog_path_name(finding, prog, FN_NONE, race->variable->class);
    finding_weigh_cure(finding, finding->variable,
                       cure_is_local(prog, race) ? CURE_LINE : CURE_PLACES);
    finding_identify(run, finding, "%s|%s|%s", run->rule->id, finding->variable,
                     prog_fn_name(prog, race->a->fn));
    talloc_free(scratch);
}

static size_t tell_moment(struct rule_run *run, struct finding *finding, struct moment m,
                          const char *does, const char *name)
{
    const struct prog *prog = run->prog;
    unsigned depth;
    size_t thread = finding_add_context(run, finding, m, &depth);

    finding_add_step(run, finding, thread, prog_loc_of(prog, (struct site){m.fn.i, m.op.i}), depth,
                     NULL, "%s '%s'", does, name);
    return thread;
}

/* A variable that a handler writes in the middle of what a thread does with it. */
static void tell_interrupt(struct rule_run *run, const struct interrupt *interrupt)
{
    const struct prog *prog = run->prog;
    struct moment read = interrupt->read;
    struct moment write = interrupt->write;
    void *scratch = mem_owner(NULL, "names");
    const char *name = prog_path_name(scratch, prog, FN_NONE, interrupt->path);
    struct loc there = prog_loc_of(prog, (struct site){write.fn.i, write.op.i});
    context_id handler = prog->contexts->phases.v[write.phase.i].context;
    bool changes = prog->linked->fns.v[read.fn.i].ir->ops.v[read.op.i].kind == IR_RMW;
    struct finding *finding = finding_new(
        run, prog_loc_of(prog, (struct site){read.fn.i, read.op.i}),
        "'%s' is used here, and signal handler '%s' can write it at that moment (%s:%u)", name,
        prog->contexts->v.v[handler.i].name, prog_file(prog, there.file), there.line);

    tell_moment(run, finding, read, changes ? "reads and writes" : "reads", name);
    tell_moment(run, finding, write, "writes", name);
    finding->severity = LEVEL_MEDIUM;
    finding->confidence = LEVEL_MEDIUM;
    finding_add_reason(run, finding,
                       "it is neither volatile nor atomic: the compiler may keep an "
                       "old value");
    finding->cure = "make it 'volatile sig_atomic_t' (or atomic), or hold the signal back here";
    finding_weigh_cure(finding, name, CURE_LINE);
    finding_identify(run, finding, "%s|signal|%s", run->rule->id, name);
    talloc_free(scratch);
}

void rule_data_race(struct rule_run *run)
{
    struct races *races = races_find(NULL, run->prog->accessmap, run->prog->focus);
    struct interrupts *interrupts = interrupts_find(races, run->prog->accessmap, run->prog->focus);

    for (size_t i = 0; i < interrupts->v.n; i++) {
        tell_interrupt(run, &interrupts->v.v[i]);
    }

    for (size_t i = 0; i < races->v.n; i++) {
        tell(run, &races->v.v[i]);
    }
    talloc_free(races);
}
