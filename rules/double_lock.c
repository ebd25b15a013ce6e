/* double-lock: a wait for a lock that the same thread holds already, in the function itself or in
 * what it calls: nobody else can give it back.
 */
#include "rules/rule.h"

#include <string.h>

/* One wait, with all that is needed to tell of it. */
struct wait {
    fn_id fn; /* that holds the lock */
    const struct relock *relock;
    enum lock_again again;
};

/* A lock call that waits for its own thread is told of once, however many ways lead to it. */
struct told_wait {
    struct site site;
    struct finding *finding;
    unsigned more; /* other places with the lock in hand that lead to it */
};
struct told {
    struct told_wait *v;
    size_t n;
};

/* Is a call on the way one that only runs while the process is being ended? */
static bool is_doomed(const struct prog *prog, const struct wait *wait)
{
    const struct doom *doom = prog->contexts->doom;
    fn_id fn = wait->fn;

    for (const struct want *want = &wait->relock->want; want != NULL; want = want->inner) {
        if (doom_at(doom, fn, want->op)) {
            return true;
        }
        fn = want->inner_fn;
    }
    return false;
}

/* The lock call that waits. */
static struct site innermost(const struct wait *wait)
{
    const struct want *want = &wait->relock->want;
    fn_id fn = wait->fn;

    for (; want->inner != NULL; want = want->inner) {
        fn = want->inner_fn;
    }
    return (struct site){fn.i, want->op.i};
}

/* Does the program look at the result of the innermost lock call? An error-checking lock that is
 * taken twice says so. */
static bool is_result_used(const struct prog *prog, const struct wait *wait)
{
    return prog_result_is_used(prog, innermost(wait));
}

/* A function concerned in which too many lock states were merged to be sure of any; FN_NONE. */
static fn_id blurred_fn(const struct prog *prog, const struct wait *wait)
{
    fn_id fn = wait->fn;

    for (const struct want *want = &wait->relock->want; want != NULL; want = want->inner) {
        if (prog->flows->v[fn.i].capped) {
            return fn;
        }
        fn = want->inner_fn;
    }
    return FN_NONE;
}

static void lower(struct finding *finding, enum level to)
{
    finding->confidence = finding->confidence < to ? finding->confidence : to;
}

static void weigh(struct rule_run *run, struct finding *finding, const struct wait *wait)
{
    const struct prog *prog = run->prog;
    const struct relock *relock = wait->relock;
    fn_id blurred = blurred_fn(prog, wait);

    finding->confidence = LEVEL_HIGH;
    if (relock->n_with < relock->n_states) {
        lower(finding, LEVEL_MEDIUM);
        finding_add_reason(run, finding, "it is held on some ways to this place, not on all");
    } else {
        finding_add_reason(run, finding, "it is held on every way to this place");
    }
    if (!relock->want.sure) {
        lower(finding, LEVEL_MEDIUM);
        finding_add_reason(
            run, finding, "'%s' does not always come to the wait",
            prog_fn_name(prog, relock->want.inner != NULL ? relock->want.inner_fn : wait->fn));
    }
    if (wait->again == LOCK_AGAIN_UNKNOWN) {
        lower(finding, LEVEL_MEDIUM);
        finding_add_reason(run, finding,
                           "the place that makes the lock is not known, so it could "
                           "be a recursive one");
    }
    if (flow_lock_in_memory(prog->paths, relock->want.lock)) {
        lower(finding, LEVEL_MEDIUM);
        finding_add_reason(run, finding,
                           "another thread could change the pointer to the lock in "
                           "between");
    }
    if (relock->want.by_choice) {
        lower(finding, LEVEL_LOW);
        finding_add_reason(run, finding,
                           "a condition decides if the lock is taken; it may know of "
                           "the holder");
    }
    if (blurred.i != UINT32_MAX || relock->merged) {
        lower(finding, LEVEL_LOW);
        finding_add_reason(run, finding, "'%s' has more lock states than are kept apart",
                           prog_fn_name(prog, blurred.i != UINT32_MAX ? blurred : wait->fn));
    }
}

static bool is_upgrade(const struct relock *relock)
{
    return relock->token.mode == TOKEN_SHARED && relock->want.mode == TOKEN_EXCLUSIVE;
}

static const char *mode_words(const struct relock *relock)
{
    if (is_upgrade(relock)) {
        return " for writing while it is held for reading";
    }
    return relock->want.mode == TOKEN_SHARED ? " for reading while it is held for writing"
                                             : " again while it is held";
}

static void tell_story(struct rule_run *run, struct finding *finding, const struct wait *wait,
                       const char *name)
{
    const struct prog *prog = run->prog;
    const struct token *token = &wait->relock->token;
    unsigned depth;
    size_t thread = finding_add_thread_of(run, finding, wait->fn, &depth);
    const struct want *want = &wait->relock->want;
    fn_id fn = wait->fn;

    if (token->taken.fn != UINT32_MAX) {
        finding_add_step(run, finding, thread, prog_loc_of(prog, token->taken), depth, NULL,
                         "takes '%s'%s", name, token->mode == TOKEN_SHARED ? " for reading" : "");
    }
    for (; want->inner != NULL; want = want->inner) {
        finding_add_step(run, finding, thread, prog_loc_of(prog, (struct site){fn.i, want->op.i}),
                         depth++, NULL, "calls '%s'", prog_fn_name(prog, want->inner_fn));
        fn = want->inner_fn;
    }
    finding_add_step(run, finding, thread, prog_loc_of(prog, (struct site){fn.i, want->op.i}),
                     depth, NULL, "waits for '%s', which it holds", name);
}

static struct finding *tell(struct rule_run *run, const struct wait *wait)
{
    const struct prog *prog = run->prog;
    const struct want *want = &wait->relock->want;
    struct site site = {wait->fn.i, want->op.i};
    char *name = prog_path_name(run->owner, prog, wait->fn, want->lock);
    const char *words = mode_words(wait->relock);
    struct finding *finding;

    if (wait->again == LOCK_AGAIN_FAILS) {
        finding = finding_new(run, prog_loc_of(prog, site),
                              "'%s' is taken%s: the call fails, and nobody looks at its result",
                              name, words);
    } else if (want->inner == NULL) {
        finding = finding_new(run, prog_loc_of(prog, site),
                              "'%s' is taken%s: the thread waits for itself", name, words);
    } else {
        finding = finding_new(run, prog_loc_of(prog, site),
                              "'%s' is taken in '%s'%s here: the thread waits for itself", name,
                              prog_fn_name(prog, want->inner_fn), words);
    }
    finding->severity = LEVEL_HIGH;
    tell_story(run, finding, wait, name);
    weigh(run, finding, wait);
    finding->cure = is_upgrade(wait->relock)
                        ? "take it for writing from the start, or give it back before and test "
                          "again after"
                    : want->inner == NULL
                        ? "give the lock back before, or leave out the second lock call"
                        : "give the lock back before the call, or call a variant that expects it "
                          "to be held";
    finding_weigh_cure(finding, name, CURE_FUNCTION);
    finding_identify(run, finding, "%s|%s|%s|%s", run->rule->id, prog_fn_name(prog, wait->fn), name,
                     want->inner == NULL ? "" : prog_fn_name(prog, want->inner_fn));
    return finding;
}

/* Keeps the surer one of two findings about one lock call, in the place of the first. The second is
 * the last of the run. */
static struct finding *keep_surer(struct rule_run *run, struct finding *first)
{
    struct finding *second = run->findings.v[--run->findings.n];

    for (size_t i = 0; i < run->findings.n && second->confidence > first->confidence; i++) {
        if (run->findings.v[i] == first) {
            run->findings.v[i] = second;
            return second;
        }
    }
    return first;
}

static void tell_new(struct rule_run *run, struct told *told, const struct wait *wait)
{
    struct site site = innermost(wait);
    struct finding *finding = tell(run, wait);

    for (size_t i = 0; i < told->n; i++) {
        if (site_eq(told->v[i].site, site)) {
            told->v[i].finding = keep_surer(run, told->v[i].finding);
            told->v[i].more++;
            return;
        }
    }
    vec_push(run->owner, told, (struct told_wait){site, finding, 0});
}

static void check(struct rule_run *run, struct told *told, fn_id fn, const struct relock *relock)
{
    const struct prog *prog = run->prog;
    path_id lock = contexts_absolute(prog->contexts, fn, relock->want.lock);
    struct wait wait = {fn, relock, lock_kinds_of(prog->lock_kinds, lock)};

    if (wait.again == LOCK_AGAIN_NESTS || is_doomed(prog, &wait) ||
        (wait.again == LOCK_AGAIN_FAILS && is_result_used(prog, &wait))) {
        return;
    }
    tell_new(run, told, &wait);
}

void rule_double_lock(struct rule_run *run)
{
    const struct flows *flows = run->prog->flows;
    struct told told = {NULL, 0};

    for (uint32_t f = 0; f < flows->linked->fns.n; f++) {
        for (size_t i = 0; i < flows->v[f].relocks.n; i++) {
            check(run, &told, (fn_id){f}, &flows->v[f].relocks.v[i]);
        }
    }
    for (size_t i = 0; i < told.n; i++) {
        if (told.v[i].more > 0) {
            finding_add_reason(run, told.v[i].finding, "the wait is reached so from %u places more",
                               told.v[i].more);
        }
    }
}
