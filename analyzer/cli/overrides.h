/* overrides.h - options that outrank what .snarl.yml says: --confidence, --fail-on. */
#pragma once

#include "config/config.h"

#include <argp.h>

/* Words of the settings' tables; NULL: not given. */
struct overrides {
    const char *confidence;
    const char *fail_on;
};

/* Its options; its input is a struct overrides. */
extern const struct argp overrides_argp;

/* Puts them in force. */
void overrides_apply(void *owner, const struct overrides *overrides, struct config *config);
