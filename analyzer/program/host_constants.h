/* host_constants.h - names of constants that the models use, with their values in the headers of
 * the machine that snarl runs on.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* "O_NONBLOCK", "NULL", or a number; false: not known. */
bool host_constant(const char *name, int64_t *ret);
