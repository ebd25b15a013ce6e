#include "program/exports.h"

/* By fn: does it take a lock, itself or in what it calls by name? */
static bool *find_takers(const struct flows *flows)
{
    const struct calls *calls = flows->calls;
    bool *takes = mem_array(NULL, bool, flows->linked->fns.n + 1);

    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < calls->v.n; i++) {
            const struct call *call = &calls->v.v[i];
            bool takes_one = call->model != NULL && call->model->acquire != ARG_NONE;
            for (size_t c = 0; c < call->callees.n && !call->indirect; c++) {
                takes_one = takes_one || takes[call->callees.v[c].i];
            }
            changed = changed || (takes_one && !takes[call->fn.i]);
            takes[call->fn.i] = takes[call->fn.i] || takes_one;
        }
    }
    return takes;
}

/* By fn: is it called in here, or is it known as the entry of something else? */
static bool *find_called(const struct contexts *contexts, const struct flows *flows)
{
    const struct calls *calls = flows->calls;
    bool *called = mem_array(NULL, bool, flows->linked->fns.n + 1);

    for (size_t i = 0; i < calls->v.n; i++) {
        for (size_t c = 0; c < calls->v.v[i].callees.n; c++) {
            called[calls->v.v[i].callees.v[c].i] = true;
        }
    }
    for (size_t i = 0; i < contexts->v.n; i++) {
        for (size_t e = 0; e < contexts->v.v[i].entries.n; e++) {
            called[contexts->v.v[i].entries.v[e].i] = true;
        }
    }
    return called;
}

static bool is_exported(const struct linked *linked, uint32_t fn)
{
    uint32_t sym = linked->fns.v[fn].sym;

    return sym != ID_NONE && (linked->syms.v[sym].flags & IR_SYM_INTERNAL) == 0;
}

void exports_find(struct contexts *contexts, const struct flows *flows)
{
    if (contexts->n_programs > 0) {
        return;
    }
    bool *takes = find_takers(flows);
    bool *called = find_called(contexts, flows);
    for (uint32_t f = 0; f < flows->linked->fns.n; f++) {
        if (takes[f] && !called[f] && is_exported(flows->linked, f)) {
            struct context context = {.kind = CONTEXT_EXPORT,
                                      .name = flows->linked->fns.v[f].name,
                                      .many = true,
                                      .many_site = SITE_NONE,
                                      .hop_to = FN_NONE};
            vec_push(contexts, &context.entries, (fn_id){f});
            vec_push(contexts, &contexts->v, context);
        }
    }
    talloc_free(takes);
    talloc_free(called);
}
