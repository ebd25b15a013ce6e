/* check-then-act: what was true when a context looked can be otherwise when it acts upon it. */
#include "rules/check_then_act.h"

bool forms_have_told(const struct forms *forms, struct site read)
{
    for (size_t i = 0; i < forms->told.n; i++) {
        if (site_eq(forms->told.v[i], read)) {
            return true;
        }
    }
    return false;
}

void rule_check_then_act(struct rule_run *run)
{
    void *scratch = mem_owner(NULL, "check-then-act");
    struct forms forms = {.effects = effects_build(scratch, run->prog->accessmap)};

    check_decisions(run, &forms);
    check_reliances(run, &forms);
    talloc_free(forms.told.v);
    talloc_free(scratch);
}
