/* check-then-act: what was true when a context looked can be otherwise when it acts upon it. */
#include "rules/check_then_act.h"

struct finding *forms_told_of(const struct forms *forms, struct site read, path_id path)
{
    for (size_t i = forms->told.n; i-- > 0;) {
        if (site_eq(forms->told.v[i].read, read) && path_eq(forms->told.v[i].path, path)) {
            return forms->told.v[i].finding;
        }
    }
    return NULL;
}

static void look_at(struct forms *forms, fn_id fn, bool relies)
{
    void *scratch = mem_owner(NULL, "view");
    struct fn_view *view = fn_view_new(scratch, forms->map, forms->effects, fn);

    forms->decisions[fn.i] = mem_new(forms->decisions, struct decisions);
    if (view != NULL) {
        decisions_find(forms->decisions[fn.i], view);
    }
    if (view != NULL && relies) {
        reliances_find(forms->reliances, view);
    }
    talloc_free(scratch);
}

const struct decisions *forms_decisions(struct forms *forms, fn_id fn)
{
    if (forms->decisions[fn.i] == NULL) {
        look_at(forms, fn, false);
    }
    return forms->decisions[fn.i];
}

/* Looks at each function once, for all that it may rely on. */
static void search(const struct rule_run *run, struct forms *forms)
{
    uint32_t n = (uint32_t)run->prog->linked->fns.n;

    for (uint32_t f = 0; f < n; f++) {
        if (focus_has(run->prog->focus, (fn_id){f})) {
            look_at(forms, (fn_id){f}, true);
        }
    }
}

void rule_check_then_act(struct rule_run *run)
{
    void *scratch = mem_owner(NULL, "check-then-act");
    const struct prog *prog = run->prog;
    struct forms forms = {.map = prog->accessmap,
                          .effects = prog->effects,
                          .frees = frees_build(scratch, prog->flows),
                          .gaps = gil_gaps_find(scratch, prog->contexts),
                          .reliances = mem_new(scratch, struct reliances)};

    forms.decisions = mem_array(scratch, struct decisions *, prog->linked->fns.n + 1);
    forms.reliances->gaps = forms.gaps;
    search(run, &forms);
    check_decisions(run, &forms);
    check_stale_pointers(run, &forms);
    check_counts(run, &forms);
    check_reliances(run, &forms);
    check_turns(run);
    check_halves(run, &forms);
    talloc_free(forms.told.v);
    talloc_free(scratch);
}
