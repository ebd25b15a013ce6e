#include "answer.h"

#include <stdio.h>

const char *answer_hash_of_file(void *owner, const char *path)
{
    FILE *in = fopen(path, "rb");
    char *bytes = NULL;
    size_t size = 0;
    size_t got = 0;

    if (in == NULL) {
        return NULL;
    }
    do {
        bytes = mem_grow(owner, bytes, 1, size + (1 << 20));
        got = fread(bytes + size, 1, 1 << 20, in);
        size += got;
    } while (got > 0);
    bool read = ferror(in) == 0;
    (void)fclose(in);
    struct facts_hash hash = facts_hash_bytes(bytes, size);
    talloc_free(bytes);
    return read ? facts_hash_text(owner, hash) : NULL;
}

struct parts {
    void *owner;
    VEC(const char *) v;
};

static bool add_files(struct parts *parts, const struct run *run)
{
    const char *config = run->config.path;
    const char *self = answer_hash_of_file(parts->owner, "/proc/self/exe"); /* proc(5) */
    const char *settings = config == NULL ? "" : answer_hash_of_file(parts->owner, config);

    if (self == NULL || settings == NULL) {
        return false;
    }
    vec_push(parts->owner, &parts->v, self);
    vec_push(parts->owner, &parts->v, config == NULL ? "" : config);
    vec_push(parts->owner, &parts->v, settings);
    return true;
}

/* Row ids are never used twice: the same id is the same facts. */
static bool add_units(struct parts *parts, const struct run *run)
{
    for (size_t i = 0; i < run->compdb->units.n; i++) {
        const struct compile_unit *unit = &run->compdb->units.v[i];
        int64_t id = run_unit_id(run, unit);
        if (id == 0) {
            return false;
        }
        vec_push(parts->owner, &parts->v, unit->path);
        vec_push(parts->owner, &parts->v, mem_printf(parts->owner, "%lld", (long long)id));
    }
    return true;
}

bool answer_key(const struct run *run, const char *question, struct facts_hash *ret_key)
{
    struct parts parts = {.owner = mem_owner(NULL, "answer")};
    bool known = false;

    vec_push(parts.owner, &parts.v, question);
    vec_push(parts.owner, &parts.v, run->root);
    if (add_files(&parts, run) && add_units(&parts, run)) {
        vec_push(parts.owner, &parts.v, NULL);
        *ret_key = facts_hash_strings(parts.v.v);
        known = true;
    }
    talloc_free(parts.owner);
    return known;
}
