/* baseline.h - what an earlier run found, and what of it is there again.
 *
 * A finding is known again by its rule and identity (functions, variables, locks), which moved and
 * reformatted lines don't change. Several of one identity are told apart by their file and the text
 * of their line, as far as that goes, then by their order.
 *
 * The file is JSON, sorted, one finding a few lines, so that it can be committed and its changes be
 * read:
 *
 *   { "tool": "snarl", "version": 1,
 *     "findings": [ { "rule": ..., "file": ..., "message": ..., "identity": ...,
 *                     "source": the line's text, "fingerprint": ... } ] }
 */
#pragma once

#include "report/source.h"
#include "rules/rule.h"

/* A finding of another run, in what it is known by. */
struct past_finding {
    const char *rule;
    const char *file; /* relative to the run's root, where it lies below it */
    const char *message;
    const char *identity;
    const char *source;      /* text of its line, each run of blanks one blank; "" unknown */
    const char *fingerprint; /* in hex, as of that run */
    bool found;              /* baseline_compare(): it is there again */
};

struct baseline {
    VEC(struct past_finding) v;
};

/* What these findings would be known by, in the same order; owned by `owner`. */
void baseline_of(void *owner, const char *root, struct sources *sources,
                 const struct finding *const *findings, size_t n, struct baseline *ret);

/* Finds the findings again that `old` knows: marks them there as found, and sets each finding's
 * `baseline`. `now` is baseline_of() the findings. */
void baseline_compare(struct baseline *old, const struct baseline *now, struct finding *const *v);

/* How many of `old` were not found again. */
size_t baseline_n_gone(const struct baseline *old);

/* Those as findings, for reports: no line, no story. Owned by `owner`. */
struct finding_list baseline_gone(void *owner, const char *root, const struct baseline *old);

/* False and `*err` (ERR_CONFIG: bad file, another program's file, a newer version's). */
bool baseline_read(void *owner, const char *path, struct baseline *ret, struct err *err);

/* Sorted by file, rule, identity. False and `*err` (ERR_IO). */
bool baseline_write(const struct baseline *baseline, const char *path, struct err *err);

/* The same from and to text, for runs to come. baseline_parse() fails silently. */
bool baseline_parse(void *owner, const char *text, size_t n, struct baseline *ret);
char *baseline_text(void *owner, const struct baseline *baseline);
