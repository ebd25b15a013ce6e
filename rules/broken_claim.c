/* broken-claim: the source says how a variable or function is protected (an attribute of Clang's
 * thread-safety analysis, or a `// snarl:` comment), and some code does not keep to it.
 */
#include "rules/rule.h"

static const char *subject_name(void *owner, const struct prog *prog, const struct claim *claim)
{
    const struct linked *linked = prog->linked;

    if (!claim->of_field) {
        return linked->syms.v[claim->subject].ir->name;
    }
    const struct prog_field *field = &linked->fields.v[claim->subject];
    path_id object = path_root(prog->paths, ROOT_OBJECT, field->record, 0);
    return prog_path_name(owner, prog, FN_NONE,
                          path_step(prog->paths, object, STEP_FIELD, claim->subject));
}

/* "the claim", as a person wrote it. */
static const char *claim_text(void *owner, const struct claim *claim)
{
    static const char *const names[] = {
        [CLAIM_GUARDED_BY] = "guarded_by", [CLAIM_REQUIRES] = "requires",
        [CLAIM_EXCLUDES] = "excludes",     [CLAIM_INIT_ONLY] = "init_only",
        [CLAIM_RUNS_ON] = "runs_on",
    };

    return claim->text[0] == '\0' ? names[claim->kind]
                                  : mem_printf(owner, "%s(%s)", names[claim->kind], claim->text);
}

/* The thread whose story it is, and what it does there. */
static struct finding *tell(struct rule_run *run, const struct broken_claim *broken,
                            const char *message, const char *step)
{
    const struct prog *prog = run->prog;
    struct loc where = broken->op.i == ID_NONE
                           ? prog_loc_of_fn(prog, broken->fn)
                           : prog_loc_of(prog, (struct site){broken->fn.i, broken->op.i});
    struct finding *finding = finding_new(run, where, "%s", message);
    context_id context = prog->contexts->phases.v[broken->phase.i].context;
    size_t thread = finding_add_thread(finding, prog_context_title(finding, prog, context));
    unsigned depth = finding_add_way(run, finding, thread, broken->phase, broken->fn);

    finding_add_step(run, finding, thread, where, depth, broken->held, "%s", step);
    finding->confidence = LEVEL_HIGH;
    finding_add_reason(run, finding, "the source claims it");
    return finding;
}

static void report(struct rule_run *run, const struct broken_claim *broken)
{
    const struct prog *prog = run->prog;
    const struct claim *claim = broken->claim;
    void *scratch = mem_owner(NULL, "names");
    const char *name = subject_name(scratch, prog, claim);
    const char *text = claim_text(scratch, claim);
    const char *message = NULL;
    const char *step = NULL;
    const char *cure = NULL;
    bool writes = broken->op.i != ID_NONE &&
                  prog->linked->fns.v[broken->fn.i].ir->ops.v[broken->op.i].kind != IR_READ;

    switch (claim->kind) {
    case CLAIM_GUARDED_BY:
        message = mem_printf(scratch, "'%s' is claimed to be %s and is %s without it", name, text,
                             writes ? "changed" : "read");
        step = mem_printf(scratch, "%s '%s'", writes ? "changes" : "reads", name);
        cure = mem_printf(scratch, "hold '%s' here", claim->text);
        break;
    case CLAIM_INIT_ONLY:
        message = mem_printf(scratch, "'%s' is claimed to be %s and is changed here", name, text);
        step = mem_printf(scratch, "changes '%s' while others can see it", name);
        cure = "move this before the first thread is started, or drop the claim";
        break;
    case CLAIM_REQUIRES:
        message = mem_printf(scratch, "'%s' %s and is called without it", name, text);
        step = mem_printf(scratch, "calls '%s'", name);
        cure = mem_printf(scratch, "hold '%s' around the call", claim->text);
        break;
    case CLAIM_EXCLUDES:
        message = mem_printf(scratch, "'%s' %s and is called with it held", name, text);
        step = mem_printf(scratch, "calls '%s'", name);
        cure = mem_printf(scratch, "let go of '%s' before the call", claim->text);
        break;
    case CLAIM_RUNS_ON: {
        context_id context = prog->contexts->phases.v[broken->phase.i].context;
        message = mem_printf(scratch, "'%s' is claimed to run on '%s' only; '%s' gets there, too",
                             name, claim->text, prog->contexts->v.v[context.i].name);
        step = mem_printf(scratch, "calls '%s'", name);
        cure = mem_printf(scratch, "hand the work to '%s'", claim->text);
        break;
    }
    }
    struct finding *finding = tell(run, broken, message, step);
    finding->cure = mem_strdup(finding, cure);
    finding_weigh_cure(finding, name, CURE_LINE);
    finding_identify(run, finding, "%s|%s|%s|%s", run->rule->id, prog_fn_name(prog, broken->fn),
                     name, text);
    talloc_free(scratch);
}

void rule_broken_claim(struct rule_run *run)
{
    struct broken_claims *broken = claims_check(NULL, run->prog->claims, run->prog->accessmap);

    for (size_t i = 0; i < broken->v.n; i++) {
        report(run, &broken->v.v[i]);
    }
    talloc_free(broken);
}
