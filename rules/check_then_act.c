/* check-then-act: what was true when a context looked can be otherwise when it acts upon it. */
#include "rules/check_then_act.h"

void rule_check_then_act(struct rule_run *run)
{
    void *scratch = mem_owner(NULL, "check-then-act");
    const struct effects *effects = effects_build(scratch, run->prog->accessmap);

    check_decisions(run, effects);
    talloc_free(scratch);
}
