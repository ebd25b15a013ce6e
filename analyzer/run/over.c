#include "run/over.h"

#include <string.h>

struct facts_hash over_key(struct facts_hash key)
{
    struct facts_hash parts[] = {key, {1, 1}};

    return facts_hash_bytes(parts, sizeof parts);
}

int64_t run_unit_id(const struct run *run, const struct compile_unit *unit)
{
    struct facts_hash key = run_key_of(run, unit);
    int64_t id = facts_unit_id(run->facts, unit->path, key);

    return id == 0 && run->overlay != NULL ? facts_unit_id(run->facts, unit->path, over_key(key))
                                           : id;
}

/* Facts of the overlay's texts that are there already must outlive those of the files. */
static bool put_aside(struct run *run, struct err *err)
{
    for (size_t i = 0; i < run->compdb->units.n; i++) {
        const struct compile_unit *unit = &run->compdb->units.v[i];
        struct facts_hash key = run_key_of(run, unit);
        if (!facts_put_aside(run->facts, unit->path, key, over_key(key), err)) {
            return false;
        }
    }
    return facts_flush(run->facts, err);
}

bool over_facts(struct run *run, struct err *err)
{
    for (size_t i = 0; run->overlay != NULL && i < run->overlay->files.n; i++) {
        const struct frontend_unsaved *file = &run->overlay->files.v[i];
        facts_pretend(run->facts, file->path, file->text, file->size);
    }
    return run->overlay == NULL || put_aside(run, err);
}

static bool is_absent(const struct run *run, const char *path)
{
    for (size_t i = 0; i < run->absent.n; i++) {
        if (strcmp(run->absent.v[i], path) == 0) {
            return true;
        }
    }
    return false;
}

void over_drop_absent(struct run *run)
{
    size_t n = 0;

    for (size_t i = 0; i < run->compdb->units.n; i++) {
        if (!is_absent(run, run->compdb->units.v[i].path)) {
            run->compdb->units.v[n++] = run->compdb->units.v[i];
        }
    }
    run->compdb->units.n = n;
}
