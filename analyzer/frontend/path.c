#include "frontend/path.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Appends the name [name, name + n) to the path of length `*len` in `out`; ".." cuts one off. */
static void add_name(char *out, size_t *len, const char *name, size_t n)
{
    if (n == 0 || (n == 1 && name[0] == '.')) {
        return;
    }
    if (n == 2 && name[0] == '.' && name[1] == '.') {
        while (*len > 0 && out[*len - 1] != '/') {
            (*len)--;
        }
        *len -= *len > 0; /* the slash */
        return;
    }
    out[(*len)++] = '/';
    memcpy(out + *len, name, n);
    *len += n;
}

static void add_names(char *out, size_t *len, const char *path)
{
    while (*path != '\0') {
        size_t n = strcspn(path, "/");

        add_name(out, len, path, n);
        path += n + (path[n] == '/');
    }
}

char *path_absolute(void *owner, const char *dir, const char *path)
{
    char *out = mem_array(owner, char, strlen(dir) + strlen(path) + 3);
    size_t len = 0;

    if (path[0] != '/') {
        add_names(out, &len, dir);
    }
    add_names(out, &len, path);
    if (len == 0) {
        out[len++] = '/';
    }
    out[len] = '\0';
    return out;
}

char *path_source(void *owner, const char *dir, const char *file)
{
    char *path = path_absolute(owner, dir, file);

    if (access(path, F_OK) == 0) {
        return path;
    }
    char *raw = file[0] == '/' ? mem_strdup(owner, file) : path_join(owner, dir, file);
    char *real = realpath(raw, NULL);
    if (real != NULL) {
        path = mem_strdup(owner, real);
        free(real);
    }
    return path;
}

char *path_folder(void *owner, const char *path)
{
    const char *slash = strrchr(path, '/');

    if (slash == NULL || slash == path) {
        return mem_strdup(owner, "/");
    }
    return mem_strndup(owner, path, (size_t)(slash - path));
}

char *path_join(void *owner, const char *dir, const char *name)
{
    size_t n = strlen(dir);

    return mem_printf(owner, "%s%s%s", dir, n > 0 && dir[n - 1] == '/' ? "" : "/", name);
}

const char *path_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

char *path_current(void *owner)
{
    char *here = getcwd(NULL, 0);
    char *copy = mem_strdup(owner, here == NULL ? "/" : here);

    free(here);
    return copy;
}
