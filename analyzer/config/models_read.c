#include "config/models_read.h"

#include "config/fn_words.h"

#include <string.h>

/* One file on its way into the set. */
struct reading {
    struct key_reader at;
    struct models *models;
    struct library *library;
    struct singleton singleton;
};

static struct entry *add(struct reading *reading, enum entry_kind kind, const yaml_node *name)
{
    const char *text = intern_str(reading->models->strings, yaml_scalar(name));

    return model_set_add(reading->models, reading->library, kind, text);
}

/* Adds what `fn` says of the function `name`. */
static struct entry *add_fn(struct reading *reading, enum entry_kind kind, const yaml_node *name,
                            const struct model_fn *fn)
{
    struct entry *entry = add(reading, kind, name);
    struct model_fn *copy = mem_new(reading->models, struct model_fn);

    *copy = *fn;
    copy->name = intern_str(reading->models->strings, yaml_scalar(name));
    copy->library = reading->library->name;
    copy->overrides_body = reading->library->is_user;
    entry->u.fn = copy;
    return entry;
}

static bool fail(const struct reading *reading, const yaml_node *node, const char *sentence)
{
    return yaml_fail(reading->at.text, node, reading->at.err, "%s", sentence);
}

/* ---- tables of the form name: value ---------------------------------------------------------- */

/* Reads one pair of such a table. */
typedef bool pair_fn(struct reading *reading, const yaml_node *name, const yaml_node *value);

static bool for_each_pair(struct reading *reading, const yaml_node *table, pair_fn *read)
{
    if (!yaml_is_map(table)) {
        return fail(reading, table, "expected a map here, with a name in each line");
    }
    for (size_t i = 0; i < yaml_count(table); i++) {
        if (!read(reading, yaml_key(reading->at.text, table, i),
                  yaml_value(reading->at.text, table, i))) {
            return false;
        }
    }
    return true;
}

static bool read_line(struct reading *reading, const yaml_node *name, const yaml_node *value,
                      const struct key *keys, enum entry_kind kind)
{
    struct fn_words line = fn_words_new();

    if (!keys_read(&reading->at, value, keys, &line) ||
        !fn_words_finish(&reading->at, value, &reading->singleton, &line)) {
        return false;
    }
    if (line.blocks == BLOCKS_NOTHING && reading->library->is_user && line.fn.why == NULL) {
        return yaml_fail(
            reading->at.text, value, reading->at.err,
            "'%s' is said not to wait: say why, as in { blocks: none, why: \"one page, "
            "always cached\" }",
            yaml_scalar(name));
    }
    add_fn(reading, kind, name, &line.fn)->says_blocks = line.blocks != KIND_UNSAID;
    return true;
}

static bool read_fn(struct reading *reading, const yaml_node *name, const yaml_node *value)
{
    return read_line(reading, name, value, keys_fn, ENTRY_FN);
}

static bool read_builtin(struct reading *reading, const yaml_node *name, const yaml_node *value)
{
    return read_line(reading, name, value, keys_builtin, ENTRY_BUILTIN);
}

static bool read_field(struct reading *reading, const yaml_node *name, const yaml_node *value)
{
    struct model_callback callback = MODEL_CALLBACK_NONE;

    if (strchr(yaml_scalar(name), '.') == NULL) {
        return fail(reading, name, "expected \"TYPE.MEMBER\" here, as in \"struct conn.on_read\"");
    }
    if (!keys_read(&reading->at, value, keys_field, &callback)) {
        return false;
    }
    add(reading, ENTRY_FIELD, name)->u.callback = callback;
    return true;
}

static bool read_hint(struct reading *reading, const yaml_node *name, const yaml_node *value)
{
    const char *text = keys_read_text(&reading->at, value);

    if (text == NULL) {
        return false;
    }
    add(reading, ENTRY_HINT, name)->u.text = text;
    return true;
}

static bool read_type(struct reading *reading, const yaml_node *name, const yaml_node *value)
{
    const struct word *word = keys_read_word(&reading->at, value, words_type);

    if (word == NULL) {
        return false;
    }
    add(reading, ENTRY_TYPE, name)->u.kind = word->value;
    return true;
}

static bool read_static_init(struct reading *reading, const yaml_node *name, const yaml_node *value)
{
    struct init_words words = {.kind = KIND_UNSAID};

    if (!keys_read(&reading->at, value, keys_static_init, &words)) {
        return false;
    }
    struct entry *entry = add(reading, ENTRY_STATIC_INIT, name);
    entry->u.lock.recursive = words.recursive;
    entry->u.lock.checks = words.checks;
    entry->u.lock.is_lock = words.kind != KIND_UNSAID;
    return true;
}

static bool read_lock_type(struct reading *reading, const yaml_node *name, const yaml_node *value)
{
    struct init_words words = {.kind = KIND_UNSAID, .value = ARG_NONE};

    if (!keys_read(&reading->at, value, keys_lock_type, &words)) {
        return false;
    }
    struct entry *entry = add(reading, ENTRY_LOCK_TYPE, name);
    entry->u.lock.recursive = words.recursive;
    entry->u.lock.checks = words.checks;
    entry->u.lock.is_flag = words.is_flag;
    entry->u.lock.value = words.value;
    return true;
}

/* Adds the names of a list (checked) that `map` may have under `key`. */
static void add_patterns(struct reading *reading, const yaml_node *map, const char *key,
                         struct patterns *patterns)
{
    const yaml_node *list = yaml_get(reading->at.text, map, key);

    for (size_t i = 0; list != NULL && i < (yaml_is_list(list) ? yaml_count(list) : 1); i++) {
        const yaml_node *name = yaml_is_list(list) ? yaml_item(reading->at.text, list, i) : list;
        vec_push(reading->models, &patterns->v,
                 intern_str(reading->models->strings, yaml_scalar(name)));
    }
}

static bool read_singleton(struct reading *reading, const yaml_node *name, const yaml_node *value)
{
    struct init_words words = {.kind = KIND_UNSAID};

    if (reading->singleton.name != NULL) {
        return fail(reading, name,
                    "one lock without an argument can be described here: give the "
                    "others a 'lock: NAME' of their own");
    }
    if (!keys_read(&reading->at, value, keys_lock, &words)) {
        return false;
    }
    reading->singleton.name = intern_str(reading->models->strings, yaml_scalar(name));
    reading->singleton.kind = words.kind;
    reading->library->lock = reading->singleton.name;
    reading->library->lock_kind = (enum lock_kind)words.kind;
    add_patterns(reading, value, "held_at_entry", &reading->library->entered);
    return true;
}

static bool read_gil(struct reading *reading, const yaml_node *table)
{
    struct library *library = reading->library;

    if (!keys_read(&reading->at, table, keys_gil, NULL)) {
        return false;
    }
    add_patterns(reading, table, "needs", &library->gil_needs);
    add_patterns(reading, table, "free", &library->gil_free);
    add_patterns(reading, table, "runs_python", &library->gil_runs_python);
    return true;
}

/* ---- lists of names -------------------------------------------------------------------------- */

static const struct key key_names = {.name = "names", .shape = KEY_NAMES, .member = KEY_CHECKED};

/* Adds each name of `list` as a function that waits for `what`. */
static bool add_blocking(struct reading *reading, const yaml_node *list, enum blocks_what what)
{
    struct fn_words line = fn_words_new();

    line.fn.blocks = what;
    line.fn.blocks_surely = true;
    if (!keys_read_value(&reading->at, list, &key_names, NULL)) {
        return false;
    }
    for (size_t i = 0; i < (yaml_is_list(list) ? yaml_count(list) : 1); i++) {
        const yaml_node *name = yaml_is_list(list) ? yaml_item(reading->at.text, list, i) : list;
        add_fn(reading, ENTRY_BLOCKS, name, &line.fn);
    }
    return true;
}

static bool read_category(struct reading *reading, const yaml_node *name, const yaml_node *value)
{
    const struct word *what = keys_read_word(&reading->at, name, words_blocks);

    return what != NULL && add_blocking(reading, value, (enum blocks_what)what->value);
}

/* Tables that hold nothing but `names`. */
static bool check_names(struct reading *reading, const yaml_node *key, const yaml_node *list)
{
    if (strcmp(yaml_scalar(key), "names") != 0) {
        return fail(reading, key, "unknown key: use 'names'");
    }
    return keys_read_value(&reading->at, list, &key_names, NULL);
}

static bool read_not_blocking(struct reading *reading, const yaml_node *key, const yaml_node *list)
{
    if (strcmp(yaml_scalar(key), "why") == 0) {
        return keys_read_text(&reading->at, list) != NULL;
    }
    return check_names(reading, key, list) && add_blocking(reading, list, BLOCKS_NOTHING);
}

/* Directories by who can put files there. */
static bool read_place(struct reading *reading, const yaml_node *key, const yaml_node *list)
{
    const struct word *place = keys_read_word(&reading->at, key, words_place);

    if (place == NULL || !keys_read_value(&reading->at, list, &key_names, NULL)) {
        return false;
    }
    for (size_t i = 0; i < (yaml_is_list(list) ? yaml_count(list) : 1); i++) {
        const yaml_node *name = yaml_is_list(list) ? yaml_item(reading->at.text, list, i) : list;
        add(reading, ENTRY_PLACE, name)->u.kind = place->value;
    }
    return true;
}

static bool add_names(struct reading *reading, const yaml_node *key, const yaml_node *list,
                      enum entry_kind kind)
{
    if (!check_names(reading, key, list)) {
        return false;
    }
    for (size_t i = 0; i < yaml_count(list); i++) {
        add(reading, kind, yaml_item(reading->at.text, list, i));
    }
    return true;
}

/* Files that are nothing but memory: the beginnings of their names. */
static bool read_memory_files(struct reading *reading, const yaml_node *key, const yaml_node *list)
{
    return add_names(reading, key, list, ENTRY_MEMORY_FILE);
}

static bool read_watch_fields(struct reading *reading, const yaml_node *key, const yaml_node *list)
{
    return add_names(reading, key, list, ENTRY_WATCH_FIELD);
}

/* The replacement of each of these is the name with "_async". */
static bool read_sync_of_async(struct reading *reading, const yaml_node *key, const yaml_node *list)
{
    if (!check_names(reading, key, list)) {
        return false;
    }
    for (size_t i = 0; i < yaml_count(list); i++) {
        const yaml_node *name = yaml_item(reading->at.text, list, i);
        char *async = mem_printf(reading->at.owner, "%s_async", yaml_scalar(name));
        add(reading, ENTRY_USE, name)->u.text = intern_str(reading->models->strings, async);
    }
    return true;
}

/* What the library says of its event loops. */
static bool read_loop(struct reading *reading, const yaml_node *table)
{
    struct model_loop *loop = &reading->library->loop;

    loop->library = reading->library->name;
    return keys_read(&reading->at, table, keys_loop, loop);
}

/* ---- the file -------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    pair_fn *read;
} pair_tables[] = {
    {"fn", read_fn},
    {"builtin", read_builtin},
    {"field", read_field},
    {"hint", read_hint},
    {"type", read_type},
    {"static_init", read_static_init},
    {"lock_type", read_lock_type},
    {"blocks", read_category},
    {"not_blocking", read_not_blocking},
    {"sync_of_async", read_sync_of_async},
    {"places", read_place},
    {"memory_files", read_memory_files},
    {"watch_fields", read_watch_fields},
};

#define N_OF(array) (sizeof(array) / sizeof(array)[0])

static bool read_active(struct reading *reading, const yaml_node *list)
{
    if (!keys_read_value(&reading->at, list, &key_names, NULL)) {
        return false;
    }
    if (!yaml_is_list(list)) {
        model_set_activator(reading->models, reading->library,
                            intern_str(reading->models->strings, yaml_scalar(list)));
    }
    for (size_t i = 0; i < yaml_count(list); i++) {
        const char *header = yaml_scalar(yaml_item(reading->at.text, list, i));
        model_set_activator(reading->models, reading->library,
                            intern_str(reading->models->strings, header));
    }
    return true;
}

static bool read_head(struct reading *reading, const yaml_node *root)
{
    const struct yaml_text *text = reading->at.text;
    const yaml_node *schema = yaml_get(text, root, "schema");
    const yaml_node *library = yaml_get(text, root, "library");
    const yaml_node *active = yaml_get(text, root, "active");
    const yaml_node *lock = yaml_get(text, root, "lock");
    const yaml_node *loop = yaml_get(text, root, "loop");
    const char *name = "user";

    if (schema != NULL && (yaml_scalar(schema) == NULL || strcmp(yaml_scalar(schema), "1") != 0)) {
        return fail(reading, schema, "this snarl reads models of schema 1");
    }
    if (library != NULL) {
        name = keys_read_text(&reading->at, library);
        if (name == NULL) {
            return false;
        }
    }
    reading->library =
        model_set_library(reading->models, intern_str(reading->models->strings, name));
    return (active == NULL || read_active(reading, active)) &&
           (lock == NULL || for_each_pair(reading, lock, read_singleton)) &&
           (loop == NULL || read_loop(reading, loop));
}

/* A user who says of functions that they don't wait says why. */
static bool has_reason(const struct reading *reading, const yaml_node *table,
                       const yaml_node *value)
{
    return !reading->library->is_user || strcmp(yaml_scalar(table), "not_blocking") != 0 ||
           !yaml_is_map(value) || yaml_get(reading->at.text, value, "why") != NULL ||
           fail(reading, value,
                "say why these don't wait, as in { names: [...], why: \"they only look at a "
                "cache\" }");
}

/* What read_head() has read, and tables of facts for rules to come, are only checked here. */
static bool read_top(struct reading *reading, const yaml_node *name, const yaml_node *value,
                     const struct key *others)
{
    const char *text = yaml_scalar(name);
    const struct key *key = keys_find(keys_models, text);

    if (key == NULL) {
        return (others != NULL && keys_find(others, text) != NULL) ||
               keys_unknown(&reading->at, name, keys_models, others);
    }
    for (size_t i = 0; i < N_OF(pair_tables); i++) {
        if (strcmp(pair_tables[i].name, text) == 0) {
            return has_reason(reading, name, value) &&
                   for_each_pair(reading, value, pair_tables[i].read);
        }
    }
    if (strcmp(text, "gil") == 0) {
        return read_gil(reading, value);
    }
    return keys_read_value(&reading->at, value, key, NULL);
}

bool models_read(struct models *models, const struct yaml_text *text, const struct key *others,
                 struct err *err)
{
    const yaml_node *root = yaml_root(text);
    struct reading reading = {
        .at = {.text = text, .names = models->strings, .owner = models, .err = err},
        .models = models,
    };

    if (root == NULL) {
        return true;
    }
    if (!yaml_is_map(root)) {
        return fail(&reading, root, "expected keys at the top, as in 'fn: { ... }'");
    }
    bool ok = read_head(&reading, root);
    for (size_t i = 0; ok && i < yaml_count(root); i++) {
        ok = read_top(&reading, yaml_key(text, root, i), yaml_value(text, root, i), others);
    }
    return ok;
}
