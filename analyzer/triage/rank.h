/* rank.h - the order in which people read findings: what is worth the next hour comes first.
 *
 * Worse ones come first (severity), then surer ones (confidence), then those that are cheaper to
 * mend (enum cure_reach: one line before one function, that before several, that before another
 * design); what is equal so far stays in the order of places. Findings of one rule about the same
 * subject in the same file are told in a row, which stands where its first one does.
 */
#pragma once

#include "rules/finding.h"

struct ranking {
    VEC(struct ranked_finding) order;
};

/* The `max` first ones (0: all) of the findings, which are in the order of places. `ret` is owned
 * by `owner`. */
void rank_findings(void *owner, const struct finding *const *findings, size_t n, size_t max,
                   struct ranking *ret);
