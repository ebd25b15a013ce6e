#include "config/model_set.h"

#include <string.h>

/* The n-th active library; NULL: there are no more. */
static const struct library *next_active(const struct models *models, size_t *n)
{
    while (*n < models->libraries.n && !models->libraries.v[*n]->active) {
        ++*n;
    }
    return *n < models->libraries.n ? models->libraries.v[(*n)++] : NULL;
}

const char *models_gil(const struct models *models)
{
    size_t n = 0;
    const struct library *library;

    while ((library = next_active(models, &n)) != NULL) {
        if (library->lock != NULL && library->lock_kind == LOCK_GIL) {
            return library->lock;
        }
    }
    return NULL;
}

bool models_is_gil_header(const struct models *models, const char *file)
{
    const char *slash = strrchr(file, '/');
    const char *base = slash == NULL ? file : slash + 1;
    struct activator *activator = NULL;

    HASH_FIND_STR(models->activators, base, activator);
    for (size_t i = 0; activator != NULL && i < activator->headers.n; i++) {
        if (activator->headers.v[i].library->lock_kind == LOCK_GIL) {
            return true;
        }
    }
    return false;
}

bool models_needs_gil(const struct models *models, const char *name)
{
    const struct model_fn *fn = models_fn(models, name);
    bool needs = fn != NULL && fn->needs_gil;
    size_t n = 0;
    const struct library *library;

    while ((library = next_active(models, &n)) != NULL) {
        needs = needs || patterns_match(&library->gil_needs, name);
    }
    for (n = 0; needs && (library = next_active(models, &n)) != NULL;) {
        needs = !patterns_match(&library->gil_free, name);
    }
    return needs;
}

bool models_runs_python(const struct models *models, const char *name)
{
    bool runs = false;
    size_t n = 0;
    const struct library *library;

    while (!runs && (library = next_active(models, &n)) != NULL) {
        runs = patterns_match(&library->gil_runs_python, name);
    }
    return runs;
}

const char *models_enters(const struct models *models, const char *name)
{
    size_t n = 0;
    const struct library *library;

    while ((library = next_active(models, &n)) != NULL) {
        if (patterns_match(&library->entered, name)) {
            return library->name;
        }
    }
    return NULL;
}
