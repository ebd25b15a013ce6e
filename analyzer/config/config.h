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

/* What the settings say of a rule. */
enum rule_word {
    RULE_LOW = LEVEL_LOW, /* on, and all its findings are of this severity */
    RULE_MEDIUM = LEVEL_MEDIUM,
    RULE_HIGH = LEVEL_HIGH,
    RULE_ON, /* the default: the rule judges how bad a finding is */
    RULE_OFF,
};

struct rule_setting {
    const char *id;
    enum rule_word word;
};

/* Files whose findings are shown: patterns of paths relative to the settings' folder, or of the
 * name of a folder or file below it (triage/own.h). */
struct config_paths {
    struct name_list report; /* the default is the whole project */
    struct name_list hide; /* not these; the default: what is vendored, usually, or the system's */
    bool says_report;      /* they are not the default */
    bool says_hide;
};

/* One thing that .snarl.yml says, or the command line instead. Owned by the config's owner. */
struct config_told {
    const char *key;  /* "rules", "fn" */
    const char *name; /* in a table: "data-race", "shop_lock"; else NULL */
    const char *text; /* the value, as YAML in one line */
    uint32_t line;    /* of the settings file; 0: an option says it */
    const char *flag; /* that option: "--confidence"; NULL: the file says it */
};

/* Settings of a run. Filled by config_load(), owned by its `owner`. */
struct config {
    const char *path;               /* the .snarl.yml that was read; NULL: none was found */
    bool is_found;                  /* nobody named it */
    VEC(struct rule_setting) rules; /* those that the file names */
    enum level min_confidence;      /* findings below are not shown; default LEVEL_MEDIUM */
    enum fail_on fail_on;           /* default FAIL_ON_LOW */
    struct config_paths paths;
    VEC(struct config_told)
    told; /* in the order of the file; a later one outranks an earlier one
             of the same key and name */
};

/* Reads the nearest `.snarl.yml` in `dir` or a folder above it (or the file `path` when it is not
 * NULL) and adds its models to `models`. The file may hold
 *
 *   fn: { ... }            functions, in the words of the models   (also type:, field:, hint:, ...)
 *   library: NAME          optional, default "user"
 *   rules: { RULE-ID: on|off|high|medium|low, ... }
 *   confidence: high|medium|low
 *   fail_on: high|medium|low|none
 *   paths: { report: [...], hide: [...] }
 *   entry: [{ function: NAME, runs_on: thread, many: true }, ...]    become models_claims()
 *   never_together: [[NAME, NAME], ...]
 *
 * No file: defaults, true. False and `*err` (ERR_CONFIG, file:line:column and the nearest known
 * key or value) on bad input. `known_rules` ends with NULL. */
bool config_load(void *owner, const char *dir, const char *path, const char *const *known_rules,
                 struct models *models, struct config *ret_config, struct err *err);

/* The same from the text that the file `path` would hold. */
bool config_read(void *owner, const char *path, const char *text, const char *const *known_rules,
                 struct models *models, struct config *ret_config, struct err *err);

/* An option outranks the file: `text` is one of the words that `key`, a setting, may have. */
void config_override(void *owner, struct config *config, const char *key, const char *text,
                     const char *flag);

/* What they say of this rule; RULE_ON: nothing. */
enum rule_word config_rule(const struct config *config, const char *rule_id);

/* One line of the settings in force. */
struct config_line {
    struct config_told told; /* `text` is the value in force; no `line`, no `flag`: the default */
    const char *about;       /* settings: what it is for; NULL: a model */
};
struct config_lines {
    VEC(struct config_line) v;
};

/* All settings in force, then the file's models, each with where it is from. Owned by `owner`. */
struct config_lines *config_in_force(void *owner, const struct config *config,
                                     const char *const *known_rules);
