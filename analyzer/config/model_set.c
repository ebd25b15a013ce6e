#include "config/model_set.h"

#include <string.h>

static int forget_tables(struct models *models)
{
    HASH_CLEAR(hh, models->names);
    HASH_CLEAR(hh, models->activators);
    return 0;
}

struct models *model_set_new(void *owner, struct intern *strings)
{
    struct models *models = mem_new(owner, struct models);

    models->strings = strings;
    talloc_set_destructor(models, forget_tables);
    return models;
}

struct library *model_set_library(struct models *models, const char *name)
{
    struct library *library = mem_new(models, struct library);

    library->name = name;
    library->active = true;
    library->is_user = models->builtin_done;
    vec_push(models, &models->libraries, library);
    return library;
}

void model_set_activator(struct models *models, struct library *library, const char *header)
{
    const char *slash = strrchr(header, '/');
    const char *base = slash == NULL ? header : slash + 1;
    struct activator *activator = NULL;

    HASH_FIND_STR(models->activators, base, activator);
    if (activator == NULL) {
        activator = mem_new(models, struct activator);
        activator->base = base;
        HASH_ADD_KEYPTR(hh, models->activators, base, strlen(base), activator);
    }
    vec_push(models, &activator->headers, (struct header){header, library});
    library->active = false;
}

struct entry *model_set_add(struct models *models, const struct library *library,
                            enum entry_kind kind, const char *name)
{
    struct model_name *found = NULL;
    struct entry *entry = mem_new(models, struct entry);

    HASH_FIND_STR(models->names, name, found);
    if (found == NULL) {
        found = mem_new(models, struct model_name);
        found->text = name;
        HASH_ADD_KEYPTR(hh, models->names, name, strlen(name), found);
    }
    entry->kind = kind;
    entry->library = library;
    entry->older = found->newest;
    found->newest = entry;
    return entry;
}

static bool is_active(const struct entry *entry)
{
    return entry->library->active || entry->kind == ENTRY_BUILTIN;
}

static const struct entry *newest_active(const struct model_name *name, enum entry_kind kind)
{
    const struct entry *entry = name == NULL ? NULL : name->newest;

    while (entry != NULL && !(entry->kind == kind && is_active(entry))) {
        entry = entry->older;
    }
    return entry;
}

const struct model_name *model_set_name(const struct models *models, const char *name)
{
    struct model_name *found = NULL;

    HASH_FIND_STR(models->names, name, found);
    return found;
}

const struct entry *model_set_find(const struct models *models, enum entry_kind kind,
                                   const char *name)
{
    return newest_active(model_set_name(models, name), kind);
}

static bool is_older(const struct entry *entry, const struct entry *than)
{
    for (than = than->older; than != NULL; than = than->older) {
        if (than == entry) {
            return true;
        }
    }
    return false;
}

/* What a name does: its newest line of `fn`. A `blocks` list adds to a line that says nothing of
 * waiting, whichever came first, and overrides an older line that does. */
static void resolve_name(struct models *models, struct model_name *name)
{
    const struct entry *line = newest_active(name, ENTRY_FN);
    const struct entry *builtin = newest_active(name, ENTRY_BUILTIN);
    const struct entry *blocks = newest_active(name, ENTRY_BLOCKS);
    const struct entry *use = newest_active(name, ENTRY_USE);
    const struct entry *base = line != NULL ? line : builtin != NULL ? builtin : blocks;

    name->fn = base == NULL ? NULL : base->u.fn;
    if (base == NULL || (base == blocks && blocks->u.fn->blocks == BLOCKS_NOTHING)) {
        name->fn = NULL; /* a `not_blocking` list alone says nothing of a function */
        return;
    }
    bool add_blocks =
        blocks != NULL && base != blocks && (!base->says_blocks || is_older(base, blocks));
    bool add_use = use != NULL && base->u.fn->use == NULL;
    if (!add_blocks && !add_use) {
        return;
    }
    if (name->merged == NULL) {
        name->merged = mem_new(models, struct model_fn);
    }
    *name->merged = *base->u.fn;
    if (add_blocks) {
        name->merged->blocks = blocks->u.fn->blocks;
        name->merged->blocks_surely = true;
        name->merged->blocks_fd = ARG_NONE;
        name->merged->blocks_test = TEST_NONE;
        name->merged->overrides_body |= blocks->u.fn->overrides_body;
    }
    if (add_use) {
        name->merged->use = use->u.text;
    }
    name->fn = name->merged;
}

void model_set_resolve(struct models *models)
{
    struct model_name *name = NULL;
    struct model_name *next = NULL;

    HASH_ITER(hh, models->names, name, next)
    {
        resolve_name(models, name);
    }
}
