/* completion.h - scripts with which shells complete snarl's command line. Each shell's own manual
 * tells the syntax: bash(1) "Programmable Completion", zshcompsys(1), fish's complete(1).
 */
#pragma once

#include <stdio.h>

/* Each writes the whole script. */
void completion_bash(FILE *out);
void completion_fish(FILE *out);
void completion_zsh(FILE *out);
