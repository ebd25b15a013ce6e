/* in_force.h - what a settings file says, kept for those who ask where a setting comes from. */
#pragma once

#include "config/config.h"
#include "config/yaml.h"

/* Fills config->told; `text` was read without a mistake. */
void in_force_read(void *owner, const struct yaml_text *text, struct config *config);
