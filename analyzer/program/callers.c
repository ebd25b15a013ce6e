#include "program/callers.h"

struct callers *callers_build(void *owner, const struct calls *calls)
{
    struct callers *out = mem_new(owner, struct callers);
    size_t n_fns = calls->linked->fns.n;
    uint32_t *next = mem_array(NULL, uint32_t, n_fns + 1);
    uint32_t n = 0;

    for (size_t i = 0; i < calls->v.n; i++) {
        for (size_t c = 0; c < calls->v.v[i].callees.n; c++) {
            next[calls->v.v[i].callees.v[c].i]++;
        }
    }
    out->first = mem_array(out, uint32_t, n_fns + 1);
    for (size_t f = 0; f < n_fns; f++) {
        out->first[f] = n;
        n += next[f];
        next[f] = out->first[f];
    }
    out->first[n_fns] = n;
    out->v = mem_array(out, const struct call *, n + 1);
    for (size_t i = 0; i < calls->v.n; i++) {
        for (size_t c = 0; c < calls->v.v[i].callees.n; c++) {
            out->v[next[calls->v.v[i].callees.v[c].i]++] = &calls->v.v[i];
        }
    }
    talloc_free(next);
    return out;
}
