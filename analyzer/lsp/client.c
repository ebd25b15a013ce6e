#include "lsp/client.h"

#include "base/frame.h"
#include "report/tree.h"

#include <stdlib.h>
#include <string.h>

static void send_message(struct client *client, json_t *message)
{
    tree_put(message, "jsonrpc", tree_text("2.0"));
    char *text = json_dumps(message, JSON_COMPACT);

    if (!client->gone && (text == NULL || !frame_write(client->fd, text, strlen(text)))) {
        client->gone = true;
    }
    free(text);
    json_decref(message);
}

void client_answer(struct client *client, const json_t *id, json_t *result)
{
    json_t *message = tree_object();

    tree_put(message, "id", json_deep_copy(id));
    tree_put(message, "result", result);
    send_message(client, message);
}

void client_refuse(struct client *client, const json_t *id, enum client_error code,
                   const char *text)
{
    json_t *message = tree_object();

    tree_put(message, "id", id == NULL ? json_null() : json_deep_copy(id));
    json_t *error = tree_put(message, "error", tree_object());
    tree_put(error, "code", json_integer(code));
    tree_put(error, "message", tree_text(text));
    send_message(client, message);
}

void client_notify(struct client *client, const char *method, json_t *params)
{
    json_t *message = tree_object();

    tree_put(message, "method", tree_text(method));
    tree_put(message, "params", params);
    send_message(client, message);
}

void client_request(struct client *client, const char *method, json_t *params)
{
    json_t *message = tree_object();

    tree_put(message, "id", tree_number(++client->n_requests));
    tree_put(message, "method", tree_text(method));
    tree_put(message, "params", params);
    send_message(client, message);
}

static json_t *message_params(unsigned type, const char *text)
{
    json_t *params = tree_object();

    tree_put(params, "type", tree_number(type));
    tree_put(params, "message", tree_text(text));
    return params;
}

void client_show(struct client *client, unsigned type, const char *text)
{
    client_notify(client, "window/showMessage", message_params(type, text));
}

void client_log(struct client *client, unsigned type, const char *text)
{
    client_notify(client, "window/logMessage", message_params(type, text));
}
