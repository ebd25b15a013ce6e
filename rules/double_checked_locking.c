/* double-checked-locking: tested without the lock, tested again with it and set; who finds it set
 * the first time uses what it stands for, and nothing makes sure that this is there by then (C11
 * 5.1.2.4p25; CERT POS47-C's cousin CON07).
 */
#include "program/double_checks.h"
#include "rules/rule.h"

static struct loc loc_at(const struct prog *prog, fn_id fn, op_id op)
{
    return prog_loc_of(prog, (struct site){fn.i, op.i});
}

static bool is_plain(const struct prog *prog, fn_id fn, op_id op)
{
    return prog->linked->fns.v[fn.i].ir->ops.v[op.i].order == IR_ORDER_NONE;
}

/* What is missing, as a cure. */
static const char *cure_of(void *owner, const struct prog *prog, const struct double_check *check)
{
    unsigned test = loc_at(prog, check->fn, check->test).line;
    unsigned store = loc_at(prog, check->init->store_fn, check->init->store).line;

    if (!check->weak_store) {
        return mem_printf(owner, "load it with memory_order_acquire on line %u", test);
    }
    if (!check->weak_test) {
        return mem_printf(owner, "store it with memory_order_release on line %u, last of all",
                          store);
    }
    return mem_printf(
        owner,
        "store it with memory_order_release on line %u, last of all, and load it with "
        "memory_order_acquire on line %u; or use pthread_once",
        store, test);
}

static void tell_reader(struct rule_run *run, struct finding *finding,
                        const struct double_check *check, const char *name, const char *used)
{
    const struct prog *prog = run->prog;
    const struct access *at = check->tester;
    unsigned depth;
    size_t thread =
        finding_add_context(run, finding, (struct moment){at->phase, at->fn, at->op}, &depth);

    finding_add_step(run, finding, thread, loc_at(prog, at->fn, at->op), depth, at->held,
                     "tests '%s' without the lock, and finds it set", name);
    if (check->use.i != ID_NONE) {
        finding_add_step(run, finding, thread, loc_at(prog, check->use_fn, check->use), depth, NULL,
                         "uses %s, which it may see as it was before", used);
    } else {
        finding_add_step(run, finding, thread,
                         prog_loc_of_condition(prog, check->use_fn, check->use_block), depth, NULL,
                         "returns it to a caller, who may see %s as it was before", used);
    }
}

static void tell_writer(struct rule_run *run, struct finding *finding,
                        const struct double_check *check, const char *name)
{
    const struct prog *prog = run->prog;
    const struct locked_init *init = check->init;
    const struct access *at = check->setter;
    unsigned depth;
    size_t thread =
        finding_add_context(run, finding, (struct moment){at->phase, at->fn, at->op}, &depth);

    finding_add_step(run, finding, thread, loc_at(prog, init->fn, init->test), depth, NULL,
                     "tests '%s' again, with the lock", name);
    if (check->filled != NULL) {
        finding_add_step(run, finding, thread, loc_at(prog, check->filled->fn, check->filled->op),
                         depth, NULL, "fills in what it stands for");
    }
    finding_add_step(run, finding, thread, loc_at(prog, init->store_fn, init->store), depth,
                     at->held, check->weak_store ? "sets '%s', without release" : "sets '%s'",
                     name);
}

static void weigh(struct rule_run *run, struct finding *finding, const struct double_check *check)
{
    const struct prog *prog = run->prog;
    path_id path = contexts_absolute(prog->contexts, check->fn, check->path);
    bool is_volatile =
        (prog->linked->fns.v[check->fn.i].ir->ops.v[check->test.i].flags & IR_OPF_VOLATILE) != 0;

    finding->confidence = path_is_exact(prog->paths, path) ? LEVEL_HIGH : LEVEL_MEDIUM;
    finding_add_reason(run, finding,
                       path_is_exact(prog->paths, path) ? "it is one object of the whole program"
                                                        : "both tests are of one object");
    if (is_volatile) {
        finding_add_reason(run, finding, "volatile orders nothing between threads");
    }
    if (!check->weak_store) {
        finding->confidence = LEVEL_MEDIUM;
        finding_add_reason(run, finding, "it is stored with release, but not loaded with acquire");
    }
}

/* That the variable, and what it stands for, are raced for there says nothing more. */
static void cover_races(struct rule_run *run, struct finding *finding,
                        const struct double_check *check)
{
    const struct prog *prog = run->prog;
    const struct variable *variable = check->init->variable;
    const char *name = prog_path_name(finding, prog, FN_NONE, variable->class);

    for (size_t i = 0; i < variable->accesses.n; i++) {
        const struct access *at = &variable->accesses.v[i];
        if (at->fn.i == check->fn.i || at->fn.i == check->init->fn.i) {
            finding_cover(finding, loc_at(prog, at->fn, at->op), name);
        }
    }
    if (check->used != NULL) {
        name = prog_path_name(finding, prog, FN_NONE, check->used->class);
        finding_cover(finding, loc_at(prog, check->use_fn, check->use), name);
        finding_cover(finding, loc_at(prog, check->filled->fn, check->filled->op), name);
    }
}

static void tell(struct rule_run *run, const struct double_check *check)
{
    const struct prog *prog = run->prog;
    void *scratch = mem_owner(NULL, "names");
    const char *name = prog_path_name(scratch, prog, check->fn, check->path);
    struct loc store = loc_at(prog, check->init->store_fn, check->init->store);
    const char *used = check->used == NULL
                           ? mem_printf(scratch, "what '%s' points to", name)
                           : mem_printf(scratch, "'%s'",
                                        prog_path_name(scratch, prog, FN_NONE, check->used->class));
    struct finding *finding = finding_new(
        run, loc_at(prog, check->fn, check->test),
        check->weak_store
            ? "'%s' is tested here without '%s', and %s used if it is set: line %u sets it without "
              "release"
            : "'%s' is tested here without '%s' and without acquire, and %s used if it is set, as "
              "on "
              "line %u",
        name, prog_path_name(scratch, prog, FN_NONE, check->lock), used, store.line);

    finding->severity = LEVEL_HIGH;
    tell_reader(run, finding, check, name, used);
    tell_writer(run, finding, check, name);
    weigh(run, finding, check);
    finding_doubt_locks(run, finding);
    if (is_plain(prog, check->fn, check->test)) {
        finding_add_reason(run, finding, "the test is no atomic one: a data race besides");
    }
    finding->cure = cure_of(finding, prog, check);
    cover_races(run, finding, check);
    finding_weigh_cure(finding, name, CURE_FUNCTION);
    finding_identify(run, finding, "%s|%s|%s", run->rule->id, prog_fn_name(prog, check->fn), name);
    talloc_free(scratch);
}

void rule_double_checked_locking(struct rule_run *run)
{
    struct double_checks *checks = double_checks_find(NULL, run->prog->accessmap);

    for (size_t i = 0; i < checks->v.n; i++) {
        tell(run, &checks->v.v[i]);
    }
    talloc_free(checks);
}
