/* frame.h - messages in a stream of bytes: "Content-Length: N\r\n\r\n" and N bytes (LSP 3.17, "Base
 * Protocol").
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { FRAME_MAX_BODY = 256 << 20 }; /* bytes; a longer one is a mistake, not a file */

/* Bytes that came, and no message yet. */
struct frame_reader;

enum frame_state {
    FRAME_MORE, /* no whole message is there */
    FRAME_BODY, /* one is */
    FRAME_SKIP, /* a header without a usable length was skipped: ask again */
    FRAME_LOST, /* what comes is no header at all: the stream can't be read on */
};

struct frame_reader *frame_reader_new(void *owner);

/* Appends bytes that came. */
void frame_feed(struct frame_reader *reader, const char *bytes, size_t n);

/* The next message: `*ret_body` points into the reader until the next call of either function. */
enum frame_state frame_next(struct frame_reader *reader, const char **ret_body, size_t *ret_size);

/* Writes one message to a descriptor, all of it, waiting where it must. False: the other end is
 * gone (errno). */
bool frame_write(int fd, const char *body, size_t n);
