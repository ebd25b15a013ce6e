/* manual.h - the manual page, snarl(1). */
#pragma once

#include <stdio.h>

/* Writes it in man(7) macros: the frame in snarl.1.in, the commands and options as the program
 * itself knows them. */
void manual_write(FILE *out);
