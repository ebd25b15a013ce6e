#include "base/err.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>

void err_set(struct err *err, enum err_kind kind, struct loc where, const char *format, ...)
{
    va_list args;

    if (err_is_set(err)) {
        return;
    }
    err->kind = kind;
    err->where = where;
    if (where.file != NULL) {
        (void)snprintf(err->path, sizeof err->path, "%s", where.file);
        err->where.file = err->path;
    }
    va_start(args, format);
    (void)vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
}

bool err_is_set(const struct err *err)
{
    return err->kind != ERR_NONE;
}

char *err_text(void *owner, const struct err *err)
{
    char *text = mem_strdup(owner, "");

    if (err->where.file == NULL) {
        mem_append(owner, &text, "snarl: ");
    } else {
        mem_append(owner, &text, "%s:", err->path);
        if (err->where.line > 0) {
            mem_append(owner, &text, "%u:", err->where.line);
        }
        if (err->where.line > 0 && err->where.column > 0) {
            mem_append(owner, &text, "%u:", err->where.column);
        }
        mem_append(owner, &text, " ");
    }
    mem_append(owner, &text, "error: %s", err->text);
    return text;
}
