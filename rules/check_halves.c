/* check-then-act on atomics: every access is whole, and what is made of two of them is not. */
#include "program/halves.h"
#include "program/sharing.h"
#include "rules/check_then_act.h"
#include "rules/stretch.h"

/* Two steps as they are taken in one phase of a context. */
struct gap {
    const struct half *half;
    const struct variable *variable;
    struct stretch stretch;
};

/* Does the access only store a constant with which the condition would be met as well? */
static bool leaves_it_so(const struct rule_run *run, const struct gap *gap,
                         const struct access *other)
{
    const struct ir_fn *ir = run->prog->linked->fns.v[other->fn.i].ir;
    const struct ir_op *op = &ir->ops.v[other->op.i];

    if (gap->half->kind != HALF_RELIES || op->kind != IR_WRITE || op->u.access.value.i == ID_NONE) {
        return false;
    }
    const struct ir_value *stored = &ir->values.v[op->u.access.value.i];
    return stored->kind == IR_VALUE_INT &&
           decision_stands(run->prog->flows, &gap->half->decision, stored->u.number);
}

/* A write by a context that runs at the same time; NULL: nobody comes in between. */
static const struct access *find_rival(const struct rule_run *run, const struct gap *gap)
{
    const struct prog *prog = run->prog;
    const struct decision *d = &gap->half->decision;
    path_id path = contexts_absolute(prog->contexts, d->fn, d->path);
    const struct access *found = NULL;

    for (size_t i = 0; i < gap->variable->sure_writes.n; i++) {
        const struct access *other = &gap->variable->accesses.v[gap->variable->sure_writes.v[i]];
        struct moment theirs = {other->phase, other->fn, other->op};
        if (!contexts_overlap(prog->contexts, gap->stretch.context, other->context) ||
            !path_may_alias(prog->paths, path, other->path) ||
            stretch_keeps_out(&gap->stretch, other) || leaves_it_so(run, gap, other) ||
            !contexts_meet_at(prog->contexts, stretch_end(&gap->stretch), theirs, other->path)) {
            continue;
        }
        if (other->fn.i != d->fn.i) {
            return other;
        }
        found = found == NULL ? other : found;
    }
    return found;
}

/* ---- saying it ------------------------------------------------------------------------------- */

static char *message_about(void *owner, enum half_kind kind, const char *name, unsigned line)
{
    switch (kind) {
    case HALF_UPDATE:
        return mem_printf(owner,
                          "'%s' is read on line %u and written here, in two steps: what another "
                          "thread stores in between is lost",
                          name, line);
    case HALF_TWICE:
        return mem_printf(owner,
                          "'%s' is read on line %u and once more here, for one value: it can have "
                          "changed in between",
                          name, line);
    case HALF_RELIES:
        return mem_printf(owner,
                          "'%s' is tested on line %u and read once more here: it can have changed "
                          "in between",
                          name, line);
    case HALF_UNCHECKED:
        return mem_printf(
            owner,
            "'%s' is read on line %u and exchanged here only if it is still the same, "
            "and nobody asks whether it was",
            name, line);
    case HALF_WEAK:
        return mem_printf(owner,
                          "'%s': this exchange is a weak one, which can fail though nothing has "
                          "changed, and it is not tried again",
                          name);
    }
    return NULL;
}

static const char *cure_of(enum half_kind kind)
{
    static const char *const texts[] = {
        [HALF_UPDATE] = "make it one step: fetch_add, 'x += n', or a loop around compare_exchange",
        [HALF_TWICE] = "read it once, into a local, and use that twice",
        [HALF_RELIES] = "read it once, into a local, and test and use that",
        [HALF_UNCHECKED] = "try again while compare_exchange fails, or use fetch_add or its like",
        [HALF_WEAK] = "use the strong compare_exchange, or try again in a loop",
    };

    return texts[kind];
}

static void tell_story(struct rule_run *run, struct finding *finding, const struct gap *gap,
                       const struct access *rival, const char *name)
{
    const struct prog *prog = run->prog;
    const struct decision *d = &gap->half->decision;
    bool writes = prog->linked->fns.v[d->fn.i].ir->ops.v[d->act.i].kind != IR_READ;
    unsigned depth;
    size_t thread = finding_add_context(run, finding, stretch_end(&gap->stretch), &depth);

    if (d->read.i != d->act.i) {
        finding_add_step(run, finding, thread, prog_loc_of(prog, (struct site){d->fn.i, d->read.i}),
                         depth, gap->stretch.at_read, "reads '%s'", name);
    }
    stretch_add_gap(run, finding, thread, depth, &gap->stretch, 0, UINT32_MAX);
    finding_add_step(run, finding, thread, prog_loc_of(prog, (struct site){d->fn.i, d->act.i}),
                     depth, gap->stretch.at_act,
                     gap->half->kind == HALF_WEAK ? "exchanges '%s', or fails for nothing"
                     : writes                     ? "then changes '%s'"
                                                  : "reads '%s' once more",
                     name);
    if (gap->half->kind == HALF_WEAK) {
        return; /* that takes nobody else */
    }
    thread = finding_add_context(run, finding, (struct moment){rival->phase, rival->fn, rival->op},
                                 &depth);
    finding_add_step(run, finding, thread,
                     prog_loc_of(prog, (struct site){rival->fn.i, rival->op.i}), depth, rival->held,
                     "changes '%s' in between", name);
}

/* The same step as an access; NULL: the map has none. */
static const struct access *access_of(const struct gap *gap)
{
    for (size_t i = 0; i < gap->variable->accesses.n; i++) {
        const struct access *access = &gap->variable->accesses.v[i];
        if (access->phase.i == gap->stretch.phase.i && access->fn.i == gap->half->decision.fn.i &&
            access->op.i == gap->half->decision.act.i) {
            return access;
        }
    }
    return NULL;
}

static enum level weigh(struct rule_run *run, struct finding *finding, const struct gap *gap,
                        const struct access *rival)
{
    const struct prog *prog = run->prog;
    const struct access *mine = access_of(gap);

    if (path_is_exact(prog->paths, contexts_absolute(prog->contexts, gap->half->decision.fn,
                                                     gap->half->decision.path))) {
        finding_add_reason(run, finding, "it is one object of the whole program");
        return gap->half->kind == HALF_WEAK ? LEVEL_MEDIUM : LEVEL_HIGH;
    }
    if (mine != NULL && sharing_is_certain(prog->contexts, mine, rival)) {
        finding_add_reason(run, finding, "both certainly use the same object");
        return LEVEL_MEDIUM;
    }
    finding_add_reason(run, finding, "nothing shows that both use the same object at once");
    return LEVEL_LOW;
}

static struct finding *tell(struct rule_run *run, const struct gap *gap, const struct access *rival)
{
    const struct prog *prog = run->prog;
    const struct decision *d = &gap->half->decision;
    void *scratch = mem_owner(NULL, "names");
    const char *name = prog_path_name(scratch, prog, d->fn, d->path);
    unsigned line = prog_loc_of(prog, (struct site){d->fn.i, d->read.i}).line;
    struct finding *finding =
        finding_new(run, prog_loc_of(prog, (struct site){d->fn.i, d->act.i}), "%s",
                    message_about(scratch, gap->half->kind, name, line));

    tell_story(run, finding, gap, rival, name);
    finding->confidence = weigh(run, finding, gap, rival);
    finding_doubt_locks(run, finding);
    finding->severity = gap->half->kind == HALF_UPDATE ? LEVEL_HIGH : LEVEL_MEDIUM;
    finding->cure = cure_of(gap->half->kind);
    finding_weigh_cure(finding, name, CURE_FUNCTION);
    finding_identify(run, finding, "%s|%s|%s", run->rule->id, prog_fn_name(prog, d->fn), name);
    talloc_free(scratch);
    return finding;
}

static void examine(struct rule_run *run, struct forms *forms, struct gap *gap)
{
    const struct contexts *contexts = run->prog->contexts;
    const struct decision *d = &gap->half->decision;

    for (uint32_t p = 0; p < contexts->phases.n; p++) {
        const struct access *rival =
            stretch_make(contexts, NULL, (phase_id){p}, d->fn, d->read, d->act, &gap->stretch)
                ? find_rival(run, gap)
                : NULL;
        if (rival != NULL) {
            struct told_read told = {{d->fn.i, d->read.i}, d->path, tell(run, gap, rival)};
            vec_push(NULL, &forms->told, told);
            return;
        }
    }
}

void check_halves(struct rule_run *run, struct forms *forms)
{
    const struct prog *prog = run->prog;
    struct halves *halves = halves_find(NULL, prog->accessmap, prog->focus);

    for (size_t i = 0; i < halves->v.n; i++) {
        const struct decision *d = &halves->v.v[i].decision;
        struct gap gap = {.half = &halves->v.v[i]};
        gap.variable = accessmap_find(prog->accessmap, d->fn, d->path);
        if (gap.variable != NULL &&
            forms_told_of(forms, (struct site){d->fn.i, d->read.i}, d->path) == NULL) {
            examine(run, forms, &gap);
        }
    }
    talloc_free(halves);
}
