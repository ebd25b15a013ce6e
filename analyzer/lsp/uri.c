#include "lsp/uri.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

char *uri_to_path(void *owner, const char *uri)
{
    static const char scheme[] = "file://";

    if (strncmp(uri, scheme, strlen(scheme)) != 0) {
        return NULL;
    }
    const char *at = strchr(uri + strlen(scheme), '/'); /* after the host, which is this one */
    if (at == NULL) {
        return NULL;
    }
    char *path = mem_strdup(owner, at);
    char *to = path;
    for (; *at != '\0'; at++) {
        if (*at != '%') {
            *to++ = *at;
            continue;
        }
        int high = hex_digit(at[1]);
        int low = high < 0 ? -1 : hex_digit(at[2]);
        if (low < 0 || high + low == 0) { /* a NUL is in no path */
            talloc_free(path);
            return NULL;
        }
        *to++ = (char)(high * 16 + low);
        at += 2;
    }
    *to = '\0';
    return path;
}

char *uri_of_path(void *owner, const char *path)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
    char *uri = mem_strdup(owner, "file://");

    while (*path != '\0') {
        size_t n = strspn(path, plain);
        mem_append(owner, &uri, "%.*s", (int)n, path);
        path += n;
        if (*path != '\0') {
            mem_append(owner, &uri, "%%%02X", (unsigned char)*path++);
        }
    }
    return uri;
}
