/* told.h - what a snapshot has to tell: the findings, of the open documents first (somebody waits
 * for them), then of all files. In the snapshot's process only: bodies that several units have are
 * dropped, and the server's units are to stay whole.
 */
#pragma once

#include "lsp/project.h"
#include "rules/rule.h"

struct snapshot;

struct told {
    bool everywhere; /* else only of the documents that were open */
    struct finding_list all;
    VEC(const struct finding *) shown;
};

/* Links the program: snapshot->prog. */
void told_link(struct snapshot *snapshot);

/* The number that the linked program has for a unit of the project, which has facts. */
uint32_t told_number(const struct snapshot *snapshot, size_t index);

/* Finds what there is to tell of the open documents; drops what was told before. */
void told_find(struct snapshot *snapshot);

/* Of all files, if that is not known yet. */
void told_find_everywhere(const struct snapshot *snapshot);

/* All findings of a program of these units. Owned by `owner`. */
struct finding_list told_with(void *owner, const struct project *project,
                              struct ir_unit *const *units, size_t n);
