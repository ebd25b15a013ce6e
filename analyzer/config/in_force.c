#include "config/in_force.h"

#include "config/settings.h"

#include <string.h>

/* ---- what was said --------------------------------------------------------------------------- */

static void tell(void *owner, const struct yaml_text *text, struct config *config,
                 struct config_told told, const yaml_node *name, const yaml_node *value)
{
    told.line = yaml_loc(text, name).line;
    told.text = yaml_flow(owner, text, value);
    vec_push(owner, &config->told, told);
}

void in_force_read(void *owner, const struct yaml_text *text, struct config *config)
{
    const yaml_node *root = yaml_root(text);

    for (size_t i = 0; root != NULL && i < yaml_count(root); i++) {
        const yaml_node *name = yaml_key(text, root, i);
        const yaml_node *value = yaml_value(text, root, i);
        struct config_told told = {.key = mem_strdup(owner, yaml_scalar(name))};
        if (!yaml_is_map(value)) {
            tell(owner, text, config, told, name, value);
        }
        for (size_t k = 0; yaml_is_map(value) && k < yaml_count(value); k++) {
            const yaml_node *entry = yaml_key(text, value, k);
            told.name = yaml_flow(owner, text, entry);
            tell(owner, text, config, told, entry, yaml_value(text, value, k));
        }
    }
}

/* ---- what holds ------------------------------------------------------------------------------ */

/* What was said last of it, with `text` as its value; nothing: the default. */
static struct config_told said_of(const struct config *config, const char *key, const char *name,
                                  const char *text)
{
    struct config_told said = {.key = key, .name = name};

    for (size_t i = 0; i < config->told.n; i++) {
        const struct config_told *told = &config->told.v[i];
        if (strcmp(told->key, key) == 0 &&
            (name == NULL || (told->name != NULL && strcmp(told->name, name) == 0))) {
            said = *told;
        }
    }
    said.text = text;
    return said;
}

static void add_rules(void *owner, struct config_lines *lines, const struct config *config,
                      const struct key *key, const char *const *known_rules)
{
    for (; *known_rules != NULL; known_rules++) {
        const char *text = settings_word(key->words, (int)config_rule(config, *known_rules));
        struct config_told told = said_of(config, key->name, *known_rules, text);
        vec_push(owner, &lines->v, (struct config_line){told, key->about});
    }
}

static void add_word(void *owner, struct config_lines *lines, const struct config *config,
                     const struct key *key)
{
    int value = *(const int *)(const void *)((const char *)config + key->member);
    const char *text = settings_word(key->words, value);

    vec_push(owner, &lines->v,
             (struct config_line){said_of(config, key->name, NULL, text), key->about});
}

static const char *list_of(void *owner, const struct name_list *names)
{
    char *text = mem_strdup(owner, "[");

    for (size_t i = 0; i < names->n; i++) {
        mem_append(owner, &text, "%s%s", i == 0 ? "" : ", ", yaml_flow_text(owner, names->v[i]));
    }
    mem_append(owner, &text, "]");
    return text;
}

static void add_lists(void *owner, struct config_lines *lines, const struct config *config,
                      const struct key *key)
{
    for (const struct key *part = key->keys; part->name != NULL; part++) {
        const void *list = (const char *)config + part->member;
        const char *text = list_of(owner, list);
        struct config_told told = said_of(config, key->name, part->name, text);
        vec_push(owner, &lines->v, (struct config_line){told, part->about});
    }
}

static void add_told(void *owner, struct config_lines *lines, const struct config *config,
                     const struct key *key)
{
    bool any = false;

    for (size_t i = 0; i < config->told.n; i++) {
        if (strcmp(config->told.v[i].key, key->name) == 0) {
            vec_push(owner, &lines->v, (struct config_line){config->told.v[i], key->about});
            any = true;
        }
    }
    if (!any) {
        struct config_told nothing = {.key = key->name, .text = "[]"};
        vec_push(owner, &lines->v, (struct config_line){nothing, key->about});
    }
}

static void add_setting(void *owner, struct config_lines *lines, const struct config *config,
                        const struct key *key, const char *const *known_rules)
{
    if (key->shape == KEY_RULES) {
        add_rules(owner, lines, config, key, known_rules);
    } else if (key->shape == KEY_MAP) {
        add_lists(owner, lines, config, key);
    } else if (key->shape == KEY_ENTRIES || key->shape == KEY_PAIRS) {
        add_told(owner, lines, config, key);
    } else {
        add_word(owner, lines, config, key);
    }
}

struct config_lines *config_in_force(void *owner, const struct config *config,
                                     const char *const *known_rules)
{
    struct config_lines *lines = mem_new(owner, struct config_lines);

    for (const struct key *key = keys_settings; key->name != NULL; key++) {
        add_setting(lines, lines, config, key, known_rules);
    }
    for (size_t i = 0; i < config->told.n; i++) {
        if (keys_find(keys_settings, config->told.v[i].key) == NULL) {
            vec_push(lines, &lines->v, (struct config_line){config->told.v[i], NULL});
        }
    }
    return lines;
}
