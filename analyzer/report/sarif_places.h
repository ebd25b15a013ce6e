/* sarif_places.h - files and places in a SARIF log. Numbers in comments as in sarif.c. */
#pragma once

#include "report/line_hash.h"
#include "report/report.h"
#include "report/source.h"
#include "report/tree.h"

#define SARIF_ROOT "%SRCROOT%"

/* What is written, and where from. */
struct sarif_run {
    const struct report *report;
    struct sources *sources;
    struct line_hashes *hashes;
};

/* `prefix`, then `path` percent-encoded but for its slashes (RFC 3986, 2.3: "unreserved"; a colon
 * in the first segment of a relative reference would look like a scheme), then `suffix`. */
json_t *sarif_uri(const char *prefix, const char *path, const char *suffix);

/* location (3.28): empty for no place, which means "unknown" there. */
json_t *sarif_location(const struct sarif_run *run, struct loc where);

/* The locations array of a result or notification. */
json_t *sarif_locations(const struct sarif_run *run, struct loc where);
