#include "program/focus.h"

#include <string.h>

struct focus {
    const char *const *files;
    size_t n_files;
    size_t n_fns;
    bool *fns; /* by fn */
};

bool focus_has_file(const struct focus *focus, const char *file)
{
    bool has = focus == NULL;

    for (size_t i = 0; !has && file != NULL && i < focus->n_files; i++) {
        has = strcmp(focus->files[i], file) == 0;
    }
    return has;
}

/* By file of the unit: is it one of those? */
static bool *mark_files(void *owner, const struct focus *focus, const struct ir_unit *unit)
{
    bool *marks = mem_array(owner, bool, unit->files.n + 1);

    for (size_t i = 0; i < unit->files.n; i++) {
        marks[i] = focus_has_file(focus, unit->files.v[i]);
    }
    return marks;
}

/* Where no file is given it is the unit's own. */
static bool is_marked(const struct focus *focus, const struct prog_fn *fn, const bool *marks,
                      const struct ir_loc *at)
{
    return at->file.i == ID_NONE ? focus_has_file(focus, fn->unit->path) : marks[at->file.i];
}

/* A body is seldom of one file: macros, and tables that are included. */
static bool has_text(const struct focus *focus, const struct prog_fn *fn, const bool *marks)
{
    bool has = false;

    for (size_t i = 0; i < fn->ir->locs.n && !has; i++) {
        has = is_marked(focus, fn, marks, &fn->ir->locs.v[i]);
    }
    return has || fn->ir->locs.n == 0;
}

struct focus *focus_new(void *owner, const struct linked *linked, const char *const *files,
                        size_t n)
{
    struct focus *focus = mem_new(owner, struct focus);
    const struct ir_unit *unit = NULL; /* functions of one unit follow each other */
    bool *marks = NULL;

    focus->files = files;
    focus->n_files = n;
    focus->n_fns = linked->fns.n;
    focus->fns = mem_array(focus, bool, linked->fns.n + 1);
    for (size_t i = 0; i < linked->fns.n; i++) {
        const struct prog_fn *fn = &linked->fns.v[i];
        if (fn->unit != unit) {
            talloc_free(marks);
            unit = fn->unit;
            marks = mark_files(focus, focus, unit);
        }
        focus->fns[i] = has_text(focus, fn, marks);
    }
    talloc_free(marks);
    return focus;
}

bool focus_has(const struct focus *focus, fn_id fn)
{
    return focus == NULL || focus->fns[fn.i];
}

const bool *focus_below(void *owner, const struct focus *focus, const struct calls *calls)
{
    if (focus == NULL) {
        return NULL;
    }
    bool *below = mem_array(owner, bool, focus->n_fns + 1);
    fn_id *queue = mem_array(NULL, fn_id, focus->n_fns + 1);
    size_t n = 0;

    for (uint32_t f = 0; f < focus->n_fns; f++) {
        if (focus->fns[f]) {
            below[f] = true;
            queue[n++].i = f;
        }
    }
    for (size_t next = 0; next < n; next++) {
        for (uint32_t c = calls->first[queue[next].i]; c < calls->first[queue[next].i + 1]; c++) {
            const struct call *call = &calls->v.v[c];
            for (size_t i = 0; i < call->callees.n; i++) {
                if (!below[call->callees.v[i].i]) {
                    below[call->callees.v[i].i] = true;
                    queue[n++] = call->callees.v[i];
                }
            }
        }
    }
    talloc_free(queue);
    return below;
}
