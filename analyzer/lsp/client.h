/* client.h - the editor's end of the line: what is said to it (JSON-RPC 2.0). */
#pragma once

#include <jansson.h>
#include <stdbool.h>

/* The errors that are answered (JSON-RPC 2.0, 5.1; LSP 3.17, "Response Message"). */
enum client_error {
    CLIENT_PARSE_ERROR = -32700,
    CLIENT_INVALID_REQUEST = -32600,
    CLIENT_METHOD_NOT_FOUND = -32601,
    CLIENT_INVALID_PARAMS = -32602,
    CLIENT_NOT_INITIALIZED = -32002,
    CLIENT_REQUEST_FAILED = -32803,
    CLIENT_CANCELLED = -32800,
};

struct client {
    int fd;
    bool gone;           /* it takes nothing more */
    bool progress;       /* it shows progress */
    unsigned n_requests; /* that it was sent */
};

/* `result` and `params` are taken over; `id` is not. */
void client_answer(struct client *client, const json_t *id, json_t *result);
void client_refuse(struct client *client, const json_t *id, enum client_error code,
                   const char *text);
void client_notify(struct client *client, const char *method, json_t *params);
void client_request(struct client *client, const char *method, json_t *params);

/* Shows the user a message (`type` 1: error, 2: warning, 3: information), or writes it to the log.
 */
void client_show(struct client *client, unsigned type, const char *text);
void client_log(struct client *client, unsigned type, const char *text);
