#include "config/claims_read.h"

#include "config/model_set.h"

#include <string.h>

struct reading {
    const struct key_reader *at;
    const struct key *key;
    const yaml_node *root;
    const char *path;
    struct models *models;
};

static struct loc place_of(const struct reading *reading, const yaml_node *node)
{
    struct loc where = yaml_loc(reading->at->text, node);

    where.file = reading->path; /* the text's own name goes with it */
    return where;
}

static bool read_entry(const struct reading *reading, const yaml_node *node)
{
    const struct yaml_text *text = reading->at->text;
    struct entry_words words = {.runs = RUNS_OTHER};

    if (!keys_read(reading->at, node, reading->key->keys, &words)) {
        return false;
    }
    const yaml_node *library = yaml_get(text, reading->root, "library");
    const char *name = library == NULL ? NULL : yaml_scalar(library);
    struct model_entry entry = {
        .function = words.function,
        .runs = words.runs,
        .many = yaml_get(text, node, "many") == NULL ? SAID_NOT
                : words.many                         ? SAID_YES
                                                     : SAID_NO,
        .library = intern_str(reading->models->strings, name == NULL ? "user" : name),
        .where = place_of(reading, yaml_get(text, node, "function"))};
    if (entry.runs == RUNS_OTHER && entry.many == SAID_NOT) {
        return yaml_fail(text, node, reading->at->err,
                         "say what runs '%s' or if several do: runs_on, many", words.function);
    }
    vec_push(reading->models, &reading->models->claims.entries, entry);
    return true;
}

static bool read_pair(const struct reading *reading, const yaml_node *node)
{
    const struct yaml_text *text = reading->at->text;
    struct model_apart apart;

    if (!yaml_is_list(node) || yaml_count(node) != 2) {
        return yaml_fail(text, node, reading->at->err,
                         "'%s' takes two functions, [a, b], or a list of such pairs",
                         reading->key->name);
    }
    for (size_t i = 0; i < 2; i++) {
        const yaml_node *name = yaml_item(text, node, i);
        apart.functions[i] = keys_read_text(reading->at, name);
        if (apart.functions[i] == NULL) {
            return false;
        }
        apart.where[i] = place_of(reading, name);
    }
    vec_push(reading->models, &reading->models->claims.apart, apart);
    return true;
}

/* Is it a list of what the key takes, not one of them? */
static bool is_list_of(const struct reading *reading, const yaml_node *node)
{
    return yaml_is_list(node) && (reading->key->shape == KEY_ENTRIES || yaml_count(node) == 0 ||
                                  yaml_is_list(yaml_item(reading->at->text, node, 0)));
}

static bool read_one(const struct reading *reading, const yaml_node *node)
{
    return reading->key->shape == KEY_ENTRIES ? read_entry(reading, node)
                                              : read_pair(reading, node);
}

bool claims_read(const struct key_reader *at, const struct key *key, const yaml_node *node,
                 const yaml_node *root, const char *path, struct models *models)
{
    const struct reading reading = {at, key, root, path, models};
    bool ok = true;

    if (!is_list_of(&reading, node)) {
        return read_one(&reading, node);
    }
    for (size_t i = 0; ok && i < yaml_count(node); i++) {
        ok = read_one(&reading, yaml_item(at->text, node, i));
    }
    return ok;
}
