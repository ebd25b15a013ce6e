#include "config/config.h"

#include "config/claims_read.h"
#include "config/in_force.h"
#include "config/keys_read.h"
#include "config/models_read.h"
#include "config/nearest.h"
#include "config/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_NAME ".snarl.yml"
#define MOST_BYTES ((size_t)16 << 20) /* a settings file of more is some other file */

/* ---- finding and reading the file ------------------------------------------------------------ */

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

/* The nearest settings file above `dir`, which is absolute; NULL: none. */
static const char *find_above(void *owner, const char *dir)
{
    char *at = mem_strdup(owner, dir);

    for (char *slash = strrchr(at, '/'); slash != NULL; slash = strrchr(at, '/')) {
        *slash = '\0';
        const char *path = mem_printf(owner, "%s/" FILE_NAME, at);
        if (is_there(path)) {
            return path;
        }
    }
    return NULL;
}

/* The nearest settings file, as the user knows it when it lies in `dir` itself; NULL: none. */
static const char *find_file(void *owner, const char *dir)
{
    const char *near = strcmp(dir, ".") == 0 ? FILE_NAME : mem_printf(owner, "%s/" FILE_NAME, dir);

    if (is_there(near)) {
        return near;
    }
    char *full = realpath(dir, NULL);
    const char *found = full == NULL ? NULL : find_above(owner, full);
    free(full);
    return found;
}

/* All bytes of `in`, with a NUL after them; NULL: more than MOST_BYTES. */
static char *read_all(void *owner, FILE *in, size_t *ret_size)
{
    size_t room = 4096;
    size_t size = 0;
    char *text = mem_grow(owner, NULL, 1, room);

    while (feof(in) == 0 && ferror(in) == 0) {
        if (size + 1 == room) {
            room *= 2;
            text = mem_grow(owner, text, 1, room);
        }
        if (room > MOST_BYTES) {
            return NULL;
        }
        size += fread(text + size, 1, room - size - 1, in);
    }
    text[size] = '\0';
    *ret_size = size;
    return text;
}

static char *read_file(void *owner, const char *path, size_t *ret_size, struct err *err)
{
    struct loc where = {.file = path};
    FILE *in = fopen(path, "rb");

    if (in == NULL) {
        err_set(err, ERR_CONFIG, where, "can't read these settings: %s", strerror(errno));
        return NULL;
    }
    errno = 0;
    char *text = read_all(owner, in, ret_size);
    if (ferror(in) != 0) {
        err_set(err, ERR_CONFIG, where, "can't read these settings: %s", strerror(errno));
        text = NULL;
    } else if (text == NULL) {
        err_set(err, ERR_CONFIG, where, "this is no settings file: it has more than 16 MB");
    }
    (void)fclose(in);
    return text;
}

/* ---- what it says ---------------------------------------------------------------------------- */

static bool check_rule(const struct key_reader *at, const yaml_node *name,
                       const char *const *known_rules)
{
    struct nearest search = nearest_start(yaml_scalar(name));

    for (; *known_rules != NULL; known_rules++) {
        if (strcmp(*known_rules, yaml_scalar(name)) == 0) {
            return true;
        }
        nearest_try(&search, *known_rules);
    }
    return yaml_fail(at->text, name, at->err, "unknown rule '%s'%s", yaml_scalar(name),
                     nearest_question(at->owner, &search));
}

static bool read_rules(const struct key_reader *at, const yaml_node *rules,
                       const char *const *known_rules, struct config *config)
{
    if (!yaml_is_map(rules)) {
        return yaml_fail(at->text, rules, at->err,
                         "'rules' takes a map, { RULE-ID: on, off, high, medium or low }");
    }
    for (size_t i = 0; i < yaml_count(rules); i++) {
        const yaml_node *name = yaml_key(at->text, rules, i);
        if (!check_rule(at, name, known_rules)) {
            return false;
        }
        const struct word *word = keys_read_word(at, yaml_value(at->text, rules, i), words_rule);
        if (word == NULL) {
            return false;
        }
        vec_push(at->owner, &config->rules,
                 (struct rule_setting){mem_strdup(at->owner, yaml_scalar(name)),
                                       (enum rule_word)word->value});
    }
    return true;
}

static bool read_setting(const struct key_reader *at, const struct key *key, const yaml_node *value,
                         const char *const *known_rules, struct models *models,
                         struct config *config)
{
    if (key->shape == KEY_RULES) {
        return read_rules(at, value, known_rules, config);
    }
    if (key->shape == KEY_ENTRIES || key->shape == KEY_PAIRS) {
        const char *path = intern_str(models->strings, config->path);
        return claims_read(at, key, value, yaml_root(at->text), path, models);
    }
    return keys_read_value(at, value, key, config);
}

/* What is said replaces the default. */
static void forget_default(const struct key_reader *at, const yaml_node *paths,
                           struct config_paths *config)
{
    config->says_report = yaml_get(at->text, paths, "report") != NULL;
    if (config->says_report) {
        config->report = (struct name_list){NULL, 0};
    }
    config->says_hide = yaml_get(at->text, paths, "hide") != NULL;
    if (config->says_hide) {
        config->hide = (struct name_list){NULL, 0};
    }
}

static bool read_settings(const struct key_reader *at, const char *const *known_rules,
                          struct models *models, struct config *config)
{
    const yaml_node *root = yaml_root(at->text);
    const yaml_node *paths = root == NULL ? NULL : yaml_get(at->text, root, "paths");
    bool ok = true;

    if (paths != NULL) {
        forget_default(at, paths, &config->paths);
    }
    for (const struct key *key = keys_settings; ok && root != NULL && key->name != NULL; key++) {
        const yaml_node *value = yaml_get(at->text, root, key->name);
        ok = value == NULL || read_setting(at, key, value, known_rules, models, config);
    }
    return ok;
}

static bool read_text(void *owner, const char *text, size_t size, const char *const *known_rules,
                      struct models *models, struct config *config, struct err *err)
{
    struct yaml_text *yaml = yaml_read(owner, config->path, text, size, err);
    struct key_reader at = {.text = yaml, .names = models->strings, .owner = owner, .err = err};
    bool ok = yaml != NULL && models_read(models, yaml, keys_settings, err) &&
              read_settings(&at, known_rules, models, config);

    if (ok) {
        in_force_read(owner, yaml, config);
    }
    model_set_resolve(models);
    vec_push(models, &models->texts, mem_strndup(models, text, size));
    talloc_free(yaml);
    return ok;
}

bool config_load(void *owner, const char *dir, const char *path, const char *const *known_rules,
                 struct models *models, struct config *ret_config, struct err *err)
{
    size_t size = 0;

    *ret_config = (struct config){.min_confidence = LEVEL_MEDIUM, .is_found = path == NULL};
    settings_default_paths(owner, &ret_config->paths);
    ret_config->path = path != NULL ? mem_strdup(owner, path) : find_file(owner, dir);
    if (ret_config->path == NULL) {
        return true;
    }
    char *text = read_file(owner, ret_config->path, &size, err);
    return text != NULL && read_text(owner, text, size, known_rules, models, ret_config, err);
}

bool config_read(void *owner, const char *path, const char *text, const char *const *known_rules,
                 struct models *models, struct config *ret_config, struct err *err)
{
    *ret_config = (struct config){.min_confidence = LEVEL_MEDIUM};
    settings_default_paths(owner, &ret_config->paths);
    ret_config->path = mem_strdup(owner, path);
    return read_text(owner, text, strlen(text), known_rules, models, ret_config, err);
}

void config_override(void *owner, struct config *config, const char *key, const char *text,
                     const char *flag)
{
    const struct key *setting = keys_find(keys_settings, key);

    *(int *)(void *)((char *)config + setting->member) = words_find(setting->words, text)->value;
    vec_push(owner, &config->told, (struct config_told){.key = key, .text = text, .flag = flag});
}

enum rule_word config_rule(const struct config *config, const char *rule_id)
{
    for (size_t i = 0; i < config->rules.n; i++) {
        if (strcmp(config->rules.v[i].id, rule_id) == 0) {
            return config->rules.v[i].word;
        }
    }
    return RULE_ON;
}
