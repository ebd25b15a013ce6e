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

void rule_check_then_act(struct rule_run *run)
{
    void *scratch = mem_owner(NULL, "check-then-act");
    struct forms forms = {.effects = effects_build(scratch, run->prog->accessmap),
                          .frees = frees_build(scratch, run->prog->flows)};

    check_decisions(run, &forms);
    check_stale_pointers(run, &forms);
    check_counts(run, &forms);
    check_reliances(run, &forms);
    check_turns(run);
    check_halves(run, &forms);
    talloc_free(forms.told.v);
    talloc_free(scratch);
}
