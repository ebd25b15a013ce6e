/* select.h - which of all findings a run shows. */
#pragma once

#include "base/mem.h"
#include "rules/rule.h"
#include "triage/own.h"

/* What is asked for. */
struct select_options {
    enum level min_confidence;
    const struct own_files *own; /* only findings in these; NULL: in all files */
    VEC(const char *)
    files; /* only findings that touch one of them; none: all findings; who
              names files wants theirs, whosever they are */
};

/* All findings, told apart; each list in the order of the rules' list, owned by its owner. */
struct selection {
    VEC(const struct finding *) shown;
    VEC(const struct finding *) allowed; /* comments allow them */
    VEC(const struct finding *) known;   /* a baseline has them, too */
    size_t n_hidden;                     /* new, but below min_confidence */
    size_t n_foreign; /* would be shown, but for the file that they are in: not the project's own */
};

/* Tells them apart. `ret` is owned by `owner`. */
void select_findings(void *owner, const struct select_options *options,
                     const struct finding_list *all, struct selection *ret);

/* Do both names stand for one file? One file has many names: links and ".." count. */
bool select_is_same_file(const char *a, const char *b);
