#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void log_debug(const char *format, ...)
{
    va_list args;

    if (getenv("SNARL_DEBUG") == NULL) {
        return;
    }
    (void)fputs("snarl: debug: ", stderr);
    va_start(args, format);
    (void)vfprintf(stderr, format, args);
    va_end(args);
    (void)fputc('\n', stderr);
}
