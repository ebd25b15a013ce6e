/* finding_wire.h - findings as bytes, and back: from one process to another of the same program. */
#pragma once

#include "base/wire.h"
#include "rules/finding.h"

/* A rule's list of findings, before comments or a baseline have said anything of them. Reading:
 * they are owned by `owner`, their strings by the wire's names. */
void finding_wire(struct wire *wire, void *owner, const struct rule *rule,
                  struct finding_list *list);
