/* settings.h - the keys of .snarl.yml that are no models: the one table of them. */
#pragma once

#include "config/keys.h"

extern const struct key keys_settings[]; /* fill a struct config; KEY_RULES: config.c does */

extern const struct word words_level[];   /* enum level */
extern const struct word words_fail_on[]; /* enum fail_on */
extern const struct word words_rule[];    /* enum rule_word */
extern const struct word words_entry[];   /* enum runs_where */

struct config_paths;

/* What `paths` is where nobody says anything else; lists owned by `owner`. */
void settings_default_paths(void *owner, struct config_paths *ret);

/* The first word that stands for `value`, which one does. */
const char *settings_word(const struct word *words, int value);
