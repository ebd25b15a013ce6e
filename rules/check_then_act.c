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

/* Looks at each function once, for all that it may rely on. */
static void search(const struct accessmap *map, struct forms *forms)
{
    uint32_t n = (uint32_t)map->contexts->flows->linked->fns.n;

    for (uint32_t f = 0; f < n; f++) {
        void *scratch = mem_owner(NULL, "view");
        struct fn_view *view = fn_view_new(scratch, map, forms->effects, (fn_id){f});
        if (view != NULL) {
            decisions_find(forms->decisions, view);
            reliances_find(forms->reliances, view);
        }
        talloc_free(scratch);
    }
}

void rule_check_then_act(struct rule_run *run)
{
    void *scratch = mem_owner(NULL, "check-then-act");
    struct forms forms = {.effects = effects_build(scratch, run->prog->accessmap),
                          .frees = frees_build(scratch, run->prog->flows),
                          .gaps = gil_gaps_find(scratch, run->prog->contexts),
                          .decisions = mem_new(scratch, struct decisions),
                          .reliances = mem_new(scratch, struct reliances)};

    forms.reliances->gaps = forms.gaps;
    search(run->prog->accessmap, &forms);
    check_decisions(run, &forms);
    check_stale_pointers(run, &forms);
    check_counts(run, &forms);
    check_reliances(run, &forms);
    check_turns(run);
    check_halves(run, &forms);
    talloc_free(forms.told.v);
    talloc_free(scratch);
}
