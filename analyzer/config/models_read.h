/* models_read.h - a YAML tree in the language of models/README.md → entries of a set. */
#pragma once

#include "config/keys.h"
#include "config/model_set.h"
#include "config/yaml.h"

/* Adds what `text` says to `models`; the keys of `others` (may be NULL) are left to the caller.
 * Without a `library` key the name is "user". False and `*err` on bad input. */
bool models_read(struct models *models, const struct yaml_text *text, const struct key *others,
                 struct err *err);
