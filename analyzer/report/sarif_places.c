#include "report/sarif_places.h"

#include "report/utf8.h"

#include <string.h>

json_t *sarif_uri(const char *prefix, const char *path, const char *suffix)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
    char *uri = mem_strdup(NULL, prefix);

    while (*path != '\0') {
        size_t n = strspn(path, plain);
        mem_append(NULL, &uri, "%.*s", (int)n, path);
        path += n;
        if (*path != '\0') {
            mem_append(NULL, &uri, "%%%02X", (unsigned char)*path++);
        }
    }
    mem_append(NULL, &uri, "%s", suffix);
    json_t *text = tree_text(uri);
    talloc_free(uri);
    return text;
}

/* artifactLocation (3.4): relative to the root where possible. */
static json_t *artifact_location(const struct sarif_run *run, const char *path)
{
    const char *shown = report_path(run->report->root, path);
    json_t *location = tree_object();

    tree_put(location, "uri", sarif_uri(shown[0] == '/' ? "file://" : "", shown, ""));
    if (shown[0] != '/') {
        tree_put(location, "uriBaseId", tree_text(SARIF_ROOT));
    }
    return location;
}

/* region (3.30): from the place to the end of its line; GitHub wants all four numbers. Our columns
 * are bytes, SARIF's are characters: without the line there is no way from the one to the other,
 * and the columns are left out. */
static json_t *region_of(const struct sarif_run *run, struct loc where)
{
    json_t *region = tree_object();
    size_t n;
    const char *line = sources_line(run->sources, where, &n);

    tree_put(region, "startLine", tree_number(where.line));
    if (line != NULL && where.column > 0 && where.column - 1 <= n) {
        tree_put(region, "startColumn", tree_number(utf8_count(line, where.column - 1) + 1));
        tree_put(region, "endLine", tree_number(where.line));
        tree_put(region, "endColumn", tree_number(utf8_count(line, n) + 1));
    }
    return region;
}

json_t *sarif_location(const struct sarif_run *run, struct loc where)
{
    json_t *location = tree_object();

    if (where.file == NULL) {
        return location;
    }
    json_t *physical = tree_put(location, "physicalLocation", tree_object());
    tree_put(physical, "artifactLocation", artifact_location(run, where.file));
    if (where.line > 0) {
        tree_put(physical, "region", region_of(run, where));
    }
    return location;
}

json_t *sarif_locations(const struct sarif_run *run, struct loc where)
{
    json_t *locations = tree_array();

    if (where.file != NULL) {
        tree_push(locations, sarif_location(run, where));
    }
    return locations;
}
