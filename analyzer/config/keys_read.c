#include "config/keys_read.h"

#include "config/nearest.h"

#include <stdlib.h>
#include <string.h>

#define MOST_ARGS 127 /* C11 5.2.4.1: parameters that any compiler takes */

static bool is_plain(const yaml_node *node)
{
    return node->type == YAML_SCALAR_NODE && node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

static void try_keys(struct nearest *search, const struct key *keys)
{
    for (; keys != NULL && keys->name != NULL; keys++) {
        nearest_try(search, keys->name);
    }
}

bool keys_unknown(const struct key_reader *reader, const yaml_node *name, const struct key *keys,
                  const struct key *more)
{
    struct nearest search = nearest_start(yaml_scalar(name));

    try_keys(&search, keys);
    try_keys(&search, more);
    return yaml_fail(reader->text, name, reader->err, "unknown key '%s'%s", yaml_scalar(name),
                     nearest_question(reader->owner, &search));
}

/* Where the value of `key` goes; NULL: nowhere. */
static void *slot(const struct key *key, void *object)
{
    return object == NULL || key->member == KEY_CHECKED ? NULL : (char *)object + key->member;
}

static void put_int(const struct key *key, void *object, int value)
{
    int *into = slot(key, object);

    if (into != NULL) {
        *into = value;
    }
}

const struct word *keys_read_word(const struct key_reader *reader, const yaml_node *node,
                                  const struct word *words)
{
    const char *text = yaml_scalar(node);
    const struct word *word = text == NULL ? NULL : words_find(words, text);

    if (word == NULL) {
        const char *shown = text == NULL ? "a list or map" : text;
        yaml_fail(reader->text, node, reader->err, "unknown value '%s'%s", shown,
                  words_advice(reader->owner, words, shown));
    }
    return word;
}

const char *keys_read_text(const struct key_reader *reader, const yaml_node *node)
{
    if (yaml_scalar(node) == NULL) {
        yaml_fail(reader->text, node, reader->err, "expected a single text here");
        return NULL;
    }
    return intern_str(reader->names, yaml_scalar(node));
}

static bool read_arg(const struct key_reader *reader, const yaml_node *node, const struct key *key,
                     void *object)
{
    const char *text = is_plain(node) ? yaml_scalar(node) : "";
    const struct word *word = key->words == NULL ? NULL : words_find(key->words, text);
    bool is_number = *text != '\0' && text[strspn(text, "0123456789")] == '\0';
    long number = is_number ? strtol(text, NULL, 10) : -1;

    if (word != NULL) {
        put_int(key, object, word->value);
    } else if (strcmp(text, "ret") == 0) {
        put_int(key, object, ARG_RETURNED);
    } else if (number >= 0 && number <= MOST_ARGS) {
        put_int(key, object, (int)number);
    } else {
        return yaml_fail(reader->text, node, reader->err,
                         "'%s' takes the number of an argument (1 is the first) or 'ret'",
                         key->name);
    }
    return true;
}

/* The engine follows one lock a call: of a list it takes the first. */
static bool read_args(const struct key_reader *reader, const yaml_node *node, const struct key *key,
                      void *object)
{
    if (!yaml_is_list(node)) {
        return read_arg(reader, node, key, object);
    }
    if (yaml_count(node) == 0) {
        return yaml_fail(reader->text, node, reader->err, "'%s' needs an argument", key->name);
    }
    for (size_t i = 0; i < yaml_count(node); i++) {
        if (!read_arg(reader, yaml_item(reader->text, node, i), key, i == 0 ? object : NULL)) {
            return false;
        }
    }
    return true;
}

static bool read_flag(const struct key_reader *reader, const yaml_node *node, const struct key *key,
                      void *object)
{
    const char *text = is_plain(node) ? yaml_scalar(node) : "";
    bool yes = strcmp(text, "true") == 0;
    bool *into = slot(key, object);

    if (!yes && strcmp(text, "false") != 0) {
        return yaml_fail(reader->text, node, reader->err, "'%s' takes true or false", key->name);
    }
    if (into != NULL) {
        *into = yes;
    }
    return true;
}

static bool read_text(const struct key_reader *reader, const yaml_node *node, const struct key *key,
                      void *object)
{
    const char *text = keys_read_text(reader, node);
    const char **into = slot(key, object);

    if (into != NULL) {
        *into = text;
    }
    return text != NULL;
}

static bool read_name(const struct key_reader *reader, const yaml_node *node,
                      struct name_list *into)
{
    const char *name = keys_read_text(reader, node);

    if (name != NULL && into != NULL) {
        vec_push(reader->owner, into, name);
    }
    return name != NULL;
}

static bool read_names(const struct key_reader *reader, const yaml_node *node,
                       const struct key *key, void *object)
{
    struct name_list *into = slot(key, object);

    if (!yaml_is_list(node)) {
        return read_name(reader, node, into);
    }
    for (size_t i = 0; i < yaml_count(node); i++) {
        if (!read_name(reader, yaml_item(reader->text, node, i), into)) {
            return false;
        }
    }
    return true;
}

static bool read_callback(const struct key_reader *reader, const yaml_node *node,
                          const struct key *key, struct fn_words *line)
{
    struct model_callback callback = MODEL_CALLBACK_NONE;

    if (!keys_read(reader, node, key->keys, &callback)) {
        return false;
    }
    vec_push(reader->owner, &line->fn.callbacks, callback);
    return true;
}

static bool read_callbacks(const struct key_reader *reader, const yaml_node *node,
                           const struct key *key, void *object)
{
    if (!yaml_is_list(node)) {
        return read_callback(reader, node, key, object);
    }
    for (size_t i = 0; i < yaml_count(node); i++) {
        if (!read_callback(reader, yaml_item(reader->text, node, i), key, object)) {
            return false;
        }
    }
    return true;
}

static bool read_path(const struct key_reader *reader, const yaml_node *node, const struct key *key,
                      struct fn_words *line)
{
    struct model_path path = MODEL_PATH_NONE;

    if (!keys_read(reader, node, key->keys, &path)) {
        return false;
    }
    vec_push(reader->owner, &line->fn.paths, path);
    return true;
}

static bool read_paths(const struct key_reader *reader, const yaml_node *node,
                       const struct key *key, void *object)
{
    if (!yaml_is_list(node)) {
        return read_path(reader, node, key, object);
    }
    for (size_t i = 0; i < yaml_count(node); i++) {
        if (!read_path(reader, yaml_item(reader->text, node, i), key, object)) {
            return false;
        }
    }
    return true;
}

static bool check_map(const struct key_reader *reader, const yaml_node *node, const struct key *key)
{
    return yaml_is_map(node) || yaml_fail(reader->text, node, reader->err,
                                          "'%s' takes a map, { key: value }", key->name);
}

static bool read_table(const struct key_reader *reader, const yaml_node *node,
                       const struct key *key)
{
    static const struct key flag = {.name = "each flag", .shape = KEY_FLAG, .member = KEY_CHECKED};

    if (!check_map(reader, node, key)) {
        return false;
    }
    for (size_t i = 0; i < yaml_count(node); i++) {
        const yaml_node *value = yaml_value(reader->text, node, i);
        bool ok = key->shape == KEY_FLAGS ? read_flag(reader, value, &flag, NULL)
                                          : keys_read(reader, value, key->keys, NULL);
        if (!ok) {
            return false;
        }
    }
    return true;
}

bool keys_read_value(const struct key_reader *reader, const yaml_node *node, const struct key *key,
                     void *object)
{
    switch (key->shape) {
    case KEY_ARG:
        return read_arg(reader, node, key, object);
    case KEY_ARGS:
        return read_args(reader, node, key, object);
    case KEY_FLAG:
        return read_flag(reader, node, key, object);
    case KEY_TEXT:
        return read_text(reader, node, key, object);
    case KEY_WORD: {
        const struct word *word = keys_read_word(reader, node, key->words);
        put_int(key, object, word == NULL ? 0 : word->value);
        return word != NULL;
    }
    case KEY_NAMES:
        return read_names(reader, node, key, object);
    case KEY_MAP:
        return keys_read(reader, node, key->keys, object);
    case KEY_CALLBACKS:
        return read_callbacks(reader, node, key, object);
    case KEY_PATHS:
        return read_paths(reader, node, key, object);
    case KEY_TABLE:
    case KEY_FLAGS:
        return read_table(reader, node, key);
    case KEY_TEXTS:
    case KEY_WORDS:
    case KEY_LISTS:
    case KEY_RULES:
        return check_map(reader, node, key);
    case KEY_ENTRIES:
    case KEY_PAIRS:
        return true;
    }
    return false;
}

const struct key *keys_find(const struct key *keys, const char *name)
{
    for (; keys->name != NULL; keys++) {
        if (strcmp(keys->name, name) == 0) {
            return keys;
        }
    }
    return NULL;
}

static bool check_needed(const struct key_reader *reader, const yaml_node *map,
                         const struct key *keys)
{
    for (const struct key *key = keys; key->name != NULL; key++) {
        if (key->needed && yaml_get(reader->text, map, key->name) == NULL) {
            return yaml_fail(reader->text, map, reader->err, "the key '%s' is missing here",
                             key->name);
        }
    }
    return true;
}

bool keys_read(const struct key_reader *reader, const yaml_node *node, const struct key *keys,
               void *object)
{
    if (!yaml_is_map(node)) {
        return yaml_fail(reader->text, node, reader->err,
                         "expected a map here, with keys like '%s': { %s: ... }", keys->name,
                         keys->name);
    }
    for (size_t i = 0; i < yaml_count(node); i++) {
        const yaml_node *name = yaml_key(reader->text, node, i);
        const struct key *key = keys_find(keys, yaml_scalar(name));
        if (key == NULL) {
            return keys_unknown(reader, name, keys, NULL);
        }
        if (!keys_read_value(reader, yaml_value(reader->text, node, i), key, object)) {
            return false;
        }
    }
    return check_needed(reader, node, keys);
}
