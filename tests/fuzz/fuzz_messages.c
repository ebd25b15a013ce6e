/* Any bytes as what an editor sends: first through the reader of frames, in pieces of a size that
 * the first byte picks, then as the body of one message. */
#include "fuzz.h"

#include "lsp/server.h"

#include <fcntl.h>
#include <unistd.h>

static struct server *server_new(void)
{
    struct server *server = mem_new(NULL, struct server);

    server->client.fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    server->reader = frame_reader_new(server);
    server->documents = documents_new(server);
    server->published = json_object();
    return server;
}

static void server_free(struct server *server)
{
    (void)close(server->client.fd);
    json_decref(server->published);
    for (size_t i = 0; i < server->questions.n; i++) {
        json_decref(server->questions.v[i].id);
        json_decref(server->questions.v[i].message);
    }
    talloc_free(server->questions.v);
    talloc_free(server->project);
    talloc_free(server);
}

static void as_stream(struct server *server, const char *bytes, size_t n, size_t step)
{
    for (size_t at = 0; at < n && !server->ended; at += step) {
        enum frame_state state;
        const char *body;
        size_t size;
        frame_feed(server->reader, bytes + at, n - at < step ? n - at : step);
        while ((state = frame_next(server->reader, &body, &size)) != FRAME_MORE &&
               state != FRAME_LOST) {
            if (state == FRAME_BODY) {
                server_handle(server, body, size);
            }
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct server *server = server_new();

    if (size > 0) {
        (void)chdir(fuzz_folder()); /* no project is to be found there */
        as_stream(server, (const char *)bytes + 1, size - 1, bytes[0] + 1U);
        server_handle(server, (const char *)bytes, size);
    }
    server_free(server);
    return 0;
}
