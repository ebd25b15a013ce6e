#include "report/settings.h"

#include "report/tree.h"

#include <string.h>

enum { ORIGIN_COLUMN = 34 };

/* ---- text ------------------------------------------------------------------------------------ */

static void put_origin(const struct config_told *told, const char *path, FILE *out)
{
    if (told->flag != NULL) {
        fprintf(out, "# %s\n", told->flag);
    } else if (told->line > 0) {
        fprintf(out, "# %s:%u\n", path, told->line);
    } else {
        fputs("# default\n", out);
    }
}

/* A table's first line has its name above it. */
static void put_line(const struct config_lines *lines, size_t i, const char *path, FILE *out)
{
    const struct config_told *told = &lines->v.v[i].told;
    bool is_first = i == 0 || strcmp(told->key, lines->v.v[i - 1].told.key) != 0;

    if (told->name != NULL && is_first) {
        fprintf(out, "%s:\n", told->key);
    }
    int n = told->name == NULL ? fprintf(out, "%s: %s", told->key, told->text)
                               : fprintf(out, "  %s: %s", told->name, told->text);
    fprintf(out, "%*s  ", n < ORIGIN_COLUMN ? ORIGIN_COLUMN - n : 0, "");
    put_origin(told, path, out);
}

bool settings_write_text(const struct config_lines *lines, const char *path, FILE *out)
{
    if (path != NULL) {
        fprintf(out, "# settings file: %s\n", path);
    } else {
        fputs("# no .snarl.yml here or in a folder above\n", out);
    }
    for (size_t i = 0; i < lines->v.n; i++) {
        put_line(lines, i, path, out);
    }
    return !ferror(out);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static json_t *line_json(const struct config_told *told)
{
    bool in_file = told->flag == NULL && told->line > 0;
    json_t *object = tree_object();

    tree_put(object, "key", tree_text(told->key));
    tree_put(object, "name", tree_text(told->name));
    tree_put(object, "value", tree_text(told->text));
    tree_put(object, "from", tree_text(in_file ? "file" : told->flag != NULL ? "flag" : "default"));
    tree_put(object, "line", in_file ? tree_number(told->line) : tree_text(NULL));
    tree_put(object, "flag", tree_text(told->flag));
    return object;
}

bool settings_write_json(const struct config_lines *lines, const char *path, FILE *out)
{
    json_t *root = tree_object();

    tree_put(root, "version", tree_number(1));
    tree_put(root, "file", tree_text(path));
    json_t *settings = tree_put(root, "settings", tree_array());
    for (size_t i = 0; i < lines->v.n; i++) {
        tree_push(settings, line_json(&lines->v.v[i].told));
    }
    return tree_write(root, out);
}
