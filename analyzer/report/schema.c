#include "report/schema.h"

#include "config/settings.h"
#include "report/tree.h"

#include <string.h>

static json_t *of_type(const char *type)
{
    json_t *schema = tree_object();

    tree_put(schema, "type", tree_text(type));
    return schema;
}

/* Any scalar: YAML reads `0` and `yes` as other types than a text. */
static json_t *any_text(void)
{
    json_t *schema = tree_object();
    json_t *types = tree_put(schema, "type", tree_array());

    tree_push(types, tree_text("string"));
    tree_push(types, tree_text("number"));
    tree_push(types, tree_text("boolean"));
    return schema;
}

static json_t *list_of(json_t *item)
{
    json_t *schema = of_type("array");

    tree_put(schema, "items", item);
    return schema;
}

static json_t *either(json_t *a, json_t *b)
{
    json_t *schema = tree_object();
    json_t *list = tree_put(schema, "anyOf", tree_array());

    tree_push(list, a);
    tree_push(list, b);
    return schema;
}

/* One value, or a list of such. */
static json_t *one_or_more(json_t *item)
{
    json_t *list = list_of(json_deep_copy(item));

    return either(item, list);
}

/* One of the words; `true` and `false` are no texts in YAML. */
static json_t *one_of(const struct word *words)
{
    json_t *schema = tree_object();
    json_t *list = tree_put(schema, "enum", tree_array());

    for (; words->text != NULL; words++) {
        bool yes = strcmp(words->text, "true") == 0;
        bool is_flag = yes || strcmp(words->text, "false") == 0;
        tree_push(list, is_flag ? json_boolean(yes) : tree_text(words->text));
    }
    return schema;
}

/* The number of an argument, `ret`, or one of `words`. */
static json_t *argument(const struct word *words)
{
    json_t *number = of_type("integer");
    json_t *names = tree_object();
    json_t *list = tree_put(names, "enum", tree_array());

    tree_put(number, "minimum", tree_number(0));
    tree_push(list, tree_text("ret"));
    for (; words != NULL && words->text != NULL; words++) {
        tree_push(list, tree_text(words->text));
    }
    return either(number, names);
}

/* A map whose keys are names of the program. */
static json_t *table_of(json_t *value)
{
    json_t *schema = of_type("object");

    tree_put(schema, "additionalProperties", value);
    return schema;
}

/* A map with no other keys than these words. */
static json_t *lists_by(const struct word *words)
{
    json_t *schema = of_type("object");
    json_t *properties = tree_put(schema, "properties", tree_object());

    for (; words->text != NULL; words++) {
        tree_put(properties, words->text, one_or_more(any_text()));
    }
    tree_put(schema, "additionalProperties", json_false());
    return schema;
}

static json_t *by_rule(const char *const *rules, const struct word *words)
{
    json_t *schema = of_type("object");
    json_t *properties = tree_put(schema, "properties", tree_object());

    for (; *rules != NULL; rules++) {
        tree_put(properties, *rules, one_of(words));
    }
    tree_put(schema, "additionalProperties", json_false());
    return schema;
}

static json_t *pair(void)
{
    json_t *schema = list_of(of_type("string"));

    tree_put(schema, "minItems", tree_number(2));
    tree_put(schema, "maxItems", tree_number(2));
    return schema;
}

static json_t *map_of(const char *const *rules, const struct key *keys);

static json_t *value_of(const char *const *rules, const struct key *key)
{
    switch (key->shape) {
    case KEY_ARG:
        return argument(key->words);
    case KEY_ARGS:
        return one_or_more(argument(key->words));
    case KEY_FLAG:
        return of_type("boolean");
    case KEY_TEXT:
        return any_text();
    case KEY_WORD:
        return one_of(key->words);
    case KEY_NAMES:
        return one_or_more(any_text());
    case KEY_MAP:
        return map_of(rules, key->keys);
    case KEY_CALLBACKS:
    case KEY_PATHS:
    case KEY_ENTRIES:
        return one_or_more(map_of(rules, key->keys));
    case KEY_TABLE:
        return table_of(map_of(rules, key->keys));
    case KEY_FLAGS:
        return table_of(of_type("boolean"));
    case KEY_TEXTS:
        return table_of(any_text());
    case KEY_WORDS:
        return table_of(one_of(key->words));
    case KEY_LISTS:
        return lists_by(key->words);
    case KEY_RULES:
        return by_rule(rules, key->words);
    case KEY_PAIRS:
        return either(pair(), list_of(pair()));
    }
    return tree_object();
}

static void put_keys(const char *const *rules, json_t *properties, const struct key *keys)
{
    for (; keys->name != NULL; keys++) {
        json_t *value = tree_put(properties, keys->name, value_of(rules, keys));
        if (keys->about != NULL) {
            tree_put(value, "description", tree_text(keys->about));
        }
    }
}

static json_t *map_of(const char *const *rules, const struct key *keys)
{
    json_t *schema = of_type("object");
    json_t *required = NULL;

    put_keys(rules, tree_put(schema, "properties", tree_object()), keys);
    for (; keys->name != NULL; keys++) {
        if (keys->needed) {
            required = required == NULL ? tree_put(schema, "required", tree_array()) : required;
            tree_push(required, tree_text(keys->name));
        }
    }
    tree_put(schema, "additionalProperties", json_false());
    return schema;
}

bool schema_write(const char *const *rules, FILE *out)
{
    json_t *root = tree_object();

    tree_put(root, "$schema", tree_text("http://json-schema.org/draft-07/schema#"));
    tree_put(root, "title", tree_text("snarl's settings (.snarl.yml)"));
    tree_put(root, "type", tree_text("object"));
    json_t *properties = tree_put(root, "properties", tree_object());
    put_keys(rules, properties, keys_settings);
    put_keys(rules, properties, keys_models);
    tree_put(root, "additionalProperties", json_false());
    return tree_write(root, out);
}
