/* sarif_flow.h - a finding's story as a SARIF code flow (3.36). */
#pragma once

#include "report/sarif_places.h"

/* Adds codeFlows to the result: one, with a thread flow for each context; none for a finding
 * without steps. */
void sarif_put_code_flow(json_t *result, const struct sarif_run *run,
                         const struct finding *finding);
