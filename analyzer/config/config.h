/* config.h - the user's own settings: .snarl.yml. */
#pragma once

#include "base/err.h"
#include "config/models.h"

/* How sure snarl is of a finding, and how bad it is. */
enum level {
    LEVEL_LOW,
    LEVEL_MEDIUM,
    LEVEL_HIGH,
};

/* The least severity of a shown finding that makes a run fail. */
enum fail_on {
    FAIL_ON_LOW = LEVEL_LOW, /* any finding */
    FAIL_ON_MEDIUM = LEVEL_MEDIUM,
    FAIL_ON_HIGH = LEVEL_HIGH,
    FAIL_ON_NONE, /* none does */
};

/* Settings of a run. Filled by config_load(), owned by its `owner`. */
struct config {
    const char *path;          /* the .snarl.yml that was read; NULL: none was found */
    VEC(const char *) off;     /* rule ids that are switched off */
    enum level min_confidence; /* findings below are not shown; default LEVEL_MEDIUM */
    enum fail_on fail_on;      /* default FAIL_ON_LOW */
};

/* Reads the nearest `.snarl.yml` in `dir` or a folder above it (or the file `path` when it is not
 * NULL) and adds its models to `models`. The file may hold
 *
 *   fn: { ... }            functions, in the words of the models   (also type:, field:, hint:, ...)
 *   library: NAME          optional, default "user"
 *   rules: { RULE-ID: on|off, ... }
 *   confidence: high|medium|low
 *   fail_on: high|medium|low|none
 *
 * No file: defaults, true. False and `*err` (ERR_CONFIG, file:line:column and the nearest known
 * key or value) on bad input. `known_rules` ends with NULL. */
bool config_load(void *owner, const char *dir, const char *path, const char *const *known_rules,
                 struct models *models, struct config *ret_config, struct err *err);
