#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

void *mem_checked(void *ptr)
{
    if (ptr == NULL) {
        static const char text[] = "snarl: error: out of memory\n";
        (void)!write(STDERR_FILENO, text, sizeof text - 1);
        _exit(4);
    }
    return ptr;
}

void *mem_owner(void *parent, const char *name)
{
    return mem_checked(talloc_named_const(parent, 0, name));
}

char *mem_strdup(void *owner, const char *text)
{
    return mem_checked(talloc_strdup(owner, text));
}

char *mem_strndup(void *owner, const char *text, size_t n)
{
    return mem_checked(talloc_strndup(owner, text, n));
}

char *mem_printf(void *owner, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    char *text = mem_checked(talloc_vasprintf(owner, format, args));
    va_end(args);
    return text;
}

void mem_append(void *owner, char **text, const char *format, ...)
{
    va_list args;

    if (*text == NULL) {
        *text = mem_strdup(owner, "");
    }
    va_start(args, format);
    *text = mem_checked(talloc_vasprintf_append_buffer(*text, format, args));
    va_end(args);
}

void *mem_grow(void *owner, void *v, size_t size, size_t n)
{
    return mem_checked(talloc_realloc_size(owner, v, size * n));
}

void *mem_steal(void *owner, void *item)
{
    return __extension__ talloc_steal(owner, item); /* a macro of GNU C */
}
