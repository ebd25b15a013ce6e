/* report_scene.h - one finding with a story, in a folder with its source, to try the writers on. */
#pragma once

#include "report/report.h"

#include <jansson.h>

extern const struct rule scene_rules[2];

/* A folder with one source file, and a report on it. */
struct scene {
    char root[64];
    char *file; /* absolute */
    struct finding finding;
    const struct finding *list[1];
    struct ranked_finding ranked[1];
    struct report report;
};

/* A scene whose source file is called `name`; its primary place is line 5, column 2. Free it with
 * scene_free(), which removes the files, too. */
struct scene *scene_new(const char *name);
void scene_free(struct scene *scene);

/* The page of the first rule; the second has none. */
const char *scene_help(const char *rule_id);

/* Replaces a file. */
void scene_write(const char *path, const char *text);

/* The report as text, owned by the scene. */
char *scene_render(struct scene *scene, enum report_format format);

/* Reads JSON; fails the test when it isn't. The caller drops the reference. */
json_t *scene_parse(const char *text);
