#include "config/models.h"

#include "base/embed.h"
#include "config/models_read.h"
#include "config/words.h"

#include <stdio.h>
#include <string.h>

extern const struct embedded_file models_files[]; /* analyzer/models, by snarl_embed */

/* Reads without resolving, which is for the end of a series. */
static bool add_text(struct models *models, const char *path, const char *text, size_t size,
                     struct err *err)
{
    struct yaml_text *yaml = yaml_read(models, path, text, size, err);
    bool ok = yaml != NULL && models_read(models, yaml, NULL, err);

    talloc_free(yaml);
    return ok;
}

struct models *models_builtin(void *owner, struct intern *names, struct err *err)
{
    struct models *models = model_set_new(owner, names);

    for (const struct embedded_file *file = models_files; file->name != NULL; file++) {
        if (!add_text(models, file->name, file->text, file->size, err)) {
            talloc_free(models);
            return NULL;
        }
        vec_push(models, &models->texts, file->text);
    }
    model_set_resolve(models);
    models->builtin_done = true;
    return models;
}

bool models_add(struct models *models, const char *path, const char *text, size_t size,
                struct err *err)
{
    bool ok = add_text(models, path, text, size, err);

    vec_push(models, &models->texts, mem_strndup(models, text, size));
    model_set_resolve(models);
    return ok;
}

static bool ends_as_path(const char *path, const char *header)
{
    size_t n = strlen(path);
    size_t m = strlen(header);

    return n >= m && strcmp(path + n - m, header) == 0 && (n == m || path[n - m - 1] == '/');
}

/* Turns on what `path` stands for; true when that was off. */
static bool activate_file(struct models *models, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash == NULL ? path : slash + 1;
    struct activator *activator = NULL;
    bool changed = false;

    HASH_FIND_STR(models->activators, base, activator);
    for (size_t i = 0; activator != NULL && i < activator->headers.n; i++) {
        const struct header *header = &activator->headers.v[i];
        if (!header->library->active && ends_as_path(path, header->name)) {
            header->library->active = true;
            changed = true;
        }
    }
    return changed;
}

void models_activate(struct models *models, const char *const *files, size_t n_files)
{
    bool changed = false;

    for (size_t i = 0; i < n_files; i++) {
        changed |= activate_file(models, files[i]);
    }
    if (changed) {
        model_set_resolve(models);
    }
}

const struct model_fn *models_fn(const struct models *models, const char *name)
{
    const struct model_name *found = model_set_name(models, name);

    return found == NULL ? NULL : found->fn;
}

bool models_library_active(const struct models *models, const char *library)
{
    for (size_t i = 0; i < models->libraries.n; i++) {
        const struct library *known = models->libraries.v[i];
        if (known->active && strcmp(known->name, library) == 0) {
            return true;
        }
    }
    return false;
}

const struct model_callback *models_field_callback(const struct models *models,
                                                   const char *record_dot_field,
                                                   const char **ret_library)
{
    const struct entry *entry = model_set_find(models, ENTRY_FIELD, record_dot_field);
    char all[256];

    if (entry == NULL) { /* "struct _typeobject.*" */
        int n = (int)strcspn(record_dot_field, ".");
        (void)snprintf(all, sizeof all, "%.*s.*", n, record_dot_field);
        entry = model_set_find(models, ENTRY_FIELD, all);
    }
    if (entry == NULL) {
        return NULL;
    }
    *ret_library = entry->library->name;
    return &entry->u.callback;
}

bool name_list_has(const struct name_list *list, const char *name)
{
    for (size_t i = 0; i < list->n; i++) {
        size_t n = strlen(list->v[i]);
        bool is_start = n > 0 && list->v[i][n - 1] == '*';
        if (is_start ? strncmp(list->v[i], name, n - 1) == 0 : strcmp(list->v[i], name) == 0) {
            return true;
        }
    }
    return false;
}

const struct model_loop *models_loop_of_call(const struct models *models, const char *name)
{
    for (size_t i = models->libraries.n; i-- > 0;) {
        const struct library *library = models->libraries.v[i];
        if (library->active && name_list_has(&library->loop.calls, name)) {
            return &library->loop;
        }
    }
    return NULL;
}

const char *models_hint(const struct models *models, const char *library, const char *callee)
{
    const struct model_name *name = model_set_name(models, callee);

    if (name == NULL) {
        return NULL;
    }
    for (const struct entry *entry = name->newest; entry != NULL; entry = entry->older) {
        if (entry->kind == ENTRY_HINT &&
            (entry->library->is_user ||
             (library != NULL && strcmp(entry->library->name, library) == 0))) {
            return entry->u.text;
        }
    }
    return name->fn == NULL ? NULL : name->fn->use;
}

/* The entry of the first of the names of `type` that is known. */
static const struct entry *find_type(const struct models *models, const char *type)
{
    char name[256];

    while (type != NULL && *type != '\0') {
        size_t n = strcspn(type, "|");
        if (n < sizeof name) {
            memcpy(name, type, n);
            name[n] = '\0';
            const struct entry *entry = model_set_find(models, ENTRY_TYPE, name);
            if (entry != NULL) {
                return entry;
            }
        }
        type += n + (type[n] == '|');
    }
    return NULL;
}

enum lock_kind models_type_lock(const struct models *models, const char *type)
{
    const struct entry *entry = find_type(models, type);
    bool is_lock = entry != NULL && entry->u.kind != TYPE_NOT_SYNC;

    return is_lock ? (enum lock_kind)entry->u.kind : LOCK_KIND_NONE;
}

bool models_type_is_sync(const struct models *models, const char *type)
{
    const struct entry *entry = find_type(models, type);

    return entry != NULL && entry->u.kind != TYPE_NOT_SYNC;
}

bool models_static_init_recursive(const struct models *models, const char *macro)
{
    const struct entry *entry = model_set_find(models, ENTRY_STATIC_INIT, macro);

    return entry != NULL && entry->u.lock.recursive;
}

bool models_static_init_checks(const struct models *models, const char *macro)
{
    const struct entry *entry = model_set_find(models, ENTRY_STATIC_INIT, macro);

    return entry != NULL && entry->u.lock.checks;
}

bool models_is_static_init(const struct models *models, const char *macro)
{
    const struct entry *entry = model_set_find(models, ENTRY_STATIC_INIT, macro);

    return entry != NULL && entry->u.lock.is_lock;
}

static bool is_type_value(const struct entry *entry, int64_t value)
{
    int64_t mine = entry->u.lock.value;

    return entry->u.lock.is_flag ? (value & mine) != 0 : value == mine;
}

bool models_type_recursive(const struct models *models, const char *library, int64_t value,
                           bool *ret_checks)
{
    bool recursive = false;

    *ret_checks = false;
    for (const struct model_name *name = models->names; name != NULL; name = name->hh.next) {
        const struct entry *entry = model_set_find(models, ENTRY_LOCK_TYPE, name->text);
        if (entry != NULL && entry->u.lock.value != ARG_NONE &&
            strcmp(entry->library->name, library) == 0 && is_type_value(entry, value)) {
            recursive = recursive || entry->u.lock.recursive;
            *ret_checks = *ret_checks || entry->u.lock.checks;
        }
    }
    return recursive;
}

/* The entry of the longest beginning of the path `name`, made of whole parts (/tmpfiles is not
 * /tmp); NULL: none. */
static const struct entry *entry_of_path(const struct models *models, const char *name,
                                         enum entry_kind kind)
{
    char start[64];
    const struct entry *found = NULL;

    for (size_t n = 1; n < sizeof start && n <= strlen(name); n++) {
        if (name[n] != '/' && name[n] != '\0') {
            continue;
        }
        memcpy(start, name, n);
        start[n] = '\0';
        const struct entry *entry = model_set_find(models, kind, start);
        if (entry != NULL && (kind != ENTRY_PLACE || entry->u.kind != PLACE_VARIABLE)) {
            found = entry;
        }
    }
    return found;
}

enum file_place models_place(const struct models *models, const char *name)
{
    const struct entry *entry = entry_of_path(models, name, ENTRY_PLACE);

    return entry == NULL ? PLACE_UNKNOWN : (enum file_place)entry->u.kind;
}

bool models_is_memory_file(const struct models *models, const char *name)
{
    return entry_of_path(models, name, ENTRY_MEMORY_FILE) != NULL;
}

bool models_is_watch_field(const struct models *models, const char *record_dot_field)
{
    return model_set_find(models, ENTRY_WATCH_FIELD, record_dot_field) != NULL;
}

bool models_is_shared_variable(const struct models *models, const char *name)
{
    const struct entry *entry = model_set_find(models, ENTRY_PLACE, name);

    return entry != NULL && entry->u.kind == PLACE_VARIABLE;
}

const char *models_text(const struct models *models, size_t i)
{
    return i < models->texts.n ? models->texts.v[i] : NULL;
}

const struct model_claims *models_claims(const struct models *models)
{
    return &models->claims;
}
