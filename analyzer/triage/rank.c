#include "triage/rank.h"

#include <stdlib.h>
#include <string.h>

/* A finding on its way to its place. */
struct candidate {
    const struct finding *finding;
    size_t at; /* in the order of places */
    bool told;
};

static int by_worth(const void *left, const void *right)
{
    const struct candidate *a = left;
    const struct candidate *b = right;

    if (a->finding->severity != b->finding->severity) {
        return a->finding->severity > b->finding->severity ? -1 : 1;
    }
    if (a->finding->confidence != b->finding->confidence) {
        return a->finding->confidence > b->finding->confidence ? -1 : 1;
    }
    if (a->finding->reach != b->finding->reach) {
        return a->finding->reach < b->finding->reach ? -1 : 1;
    }
    return a->at < b->at ? -1 : a->at > b->at;
}

static bool is_same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static bool is_like(const struct finding *a, const struct finding *b)
{
    return a->rule == b->rule && is_same(a->subject, b->subject) &&
           is_same(a->where.file, b->where.file);
}

/* Puts candidate `first` into the order, and behind it those of the others that are like it. */
static void tell_row(void *owner, struct candidate *all, size_t n, size_t first,
                     struct ranking *ret)
{
    const struct finding *head = all[first].finding;

    vec_push(owner, &ret->order, ((struct ranked_finding){head, NULL}));
    for (size_t i = first + 1; i < n; i++) {
        if (!all[i].told && is_like(head, all[i].finding)) {
            vec_push(owner, &ret->order, ((struct ranked_finding){all[i].finding, head}));
            all[i].told = true;
        }
    }
}

void rank_findings(void *owner, const struct finding *const *findings, size_t n, size_t max,
                   struct ranking *ret)
{
    struct candidate *all = mem_array(owner, struct candidate, n);

    *ret = (struct ranking){0};
    for (size_t i = 0; i < n; i++) {
        all[i] = (struct candidate){findings[i], i, false};
    }
    if (n > 0) {
        qsort(all, n, sizeof all[0], by_worth);
    }
    n = max > 0 && max < n ? max : n;
    for (size_t i = 0; i < n; i++) {
        if (!all[i].told) {
            tell_row(owner, all, n, i, ret);
        }
    }
    talloc_free(all);
}
