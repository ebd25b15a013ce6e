#include "triage/select.h"

#include <string.h>
#include <sys/stat.h>

bool select_is_same_file(const char *a, const char *b)
{
    struct stat left;
    struct stat right;

    return strcmp(a, b) == 0 || (stat(a, &left) == 0 && stat(b, &right) == 0 &&
                                 left.st_ino == right.st_ino && left.st_dev == right.st_dev);
}

static bool is_asked_for(const struct select_options *options, const char *file)
{
    bool found = options->files.n == 0;

    for (size_t i = 0; i < options->files.n && !found; i++) {
        found = file != NULL && select_is_same_file(options->files.v[i], file);
    }
    return found;
}

/* Is one of its places in the files asked for? */
static bool touches_files(const struct select_options *options, const struct finding *finding)
{
    bool touches = is_asked_for(options, finding->where.file);

    for (size_t t = 0; t < finding->threads.n; t++) {
        const struct finding_thread *thread = &finding->threads.v[t];
        for (size_t s = 0; s < thread->steps.n && !touches; s++) {
            touches = is_asked_for(options, thread->steps.v[s].where.file);
        }
    }
    return touches;
}

static bool is_own(const struct select_options *options, const struct finding *finding)
{
    return options->own == NULL || options->files.n > 0 ||
           own_files_has(options->own, finding->where.file);
}

void select_findings(void *owner, const struct select_options *options,
                     const struct finding_list *all, struct selection *ret)
{
    *ret = (struct selection){.n_hidden = 0};
    for (size_t i = 0; i < all->n; i++) {
        if (!touches_files(options, all->v[i])) {
            continue;
        }
        if (all->v[i]->allowed != NULL) {
            vec_push(owner, &ret->allowed, all->v[i]);
        } else if (all->v[i]->baseline == BASELINE_UNCHANGED) {
            vec_push(owner, &ret->known, all->v[i]);
        } else if (all->v[i]->confidence < options->min_confidence) {
            ret->n_hidden++;
        } else if (!is_own(options, all->v[i])) {
            ret->n_foreign++;
        } else {
            vec_push(owner, &ret->shown, all->v[i]);
        }
    }
}
