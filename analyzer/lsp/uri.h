/* uri.h - files as the protocol names them: "file:///home/x/a%20b.c" (RFC 8089). */
#pragma once

/* The path of a file URI; NULL: it is of another kind, or not well-formed. Owned by `owner`. */
char *uri_to_path(void *owner, const char *uri);

/* The URI of an absolute path. Owned by `owner`. */
char *uri_of_path(void *owner, const char *path);
