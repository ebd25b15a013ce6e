/* check-then-act: what was true when a context looked can be otherwise when it acts upon it. */
#include "rules/check_then_act.h"

void rule_check_then_act(struct rule_run *run)
{
    check_decisions(run);
}
