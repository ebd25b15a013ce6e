#include "base/frame.h"

#include "base/mem.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/uio.h>
#include <unistd.h>

enum { MAX_HEADER = 4096 }; /* bytes: real ones have some dozen */

struct frame_reader {
    char *bytes;
    size_t n;
    size_t taken; /* of them, by messages that were given out */
    size_t room;
};

struct frame_reader *frame_reader_new(void *owner)
{
    return mem_new(owner, struct frame_reader);
}

/* Messages that were given out make room. */
static void compact(struct frame_reader *reader)
{
    if (reader->taken > 0) {
        memmove(reader->bytes, reader->bytes + reader->taken, reader->n - reader->taken);
        reader->n -= reader->taken;
        reader->taken = 0;
    }
}

void frame_feed(struct frame_reader *reader, const char *bytes, size_t n)
{
    compact(reader);
    if (reader->n + n > reader->room) {
        reader->room = 2 * (reader->n + n);
        reader->bytes = mem_grow(reader, reader->bytes, 1, reader->room);
    }
    memcpy(reader->bytes + reader->n, bytes, n);
    reader->n += n;
}

/* The length that a header of `n` bytes names. False: none, or none that can be. */
static bool read_length(const char *header, size_t n, size_t *ret)
{
    static const char name[] = "Content-Length:";
    const char *end = header + n;
    bool found = false;

    for (const char *line = header; line < end;) {
        const char *stop = memmem(line, (size_t)(end - line), "\r\n", 2);
        stop = stop == NULL ? end : stop;
        if ((size_t)(stop - line) >= strlen(name) && strncasecmp(line, name, strlen(name)) == 0) {
            size_t value = 0;
            const char *at = line + strlen(name);
            while (at < stop && (*at == ' ' || *at == '\t')) {
                at++;
            }
            found = at < stop;
            for (; at < stop && value <= FRAME_MAX_BODY; at++) {
                found = found && *at >= '0' && *at <= '9';
                value = 10 * value + (size_t)(*at - '0');
            }
            found = found && value <= FRAME_MAX_BODY;
            *ret = value;
        }
        line = stop + 2;
    }
    return found;
}

enum frame_state frame_next(struct frame_reader *reader, const char **ret_body, size_t *ret_size)
{
    const char *at = reader->bytes + reader->taken;
    size_t n = reader->n - reader->taken;
    const char *end = n == 0 ? NULL : memmem(at, n, "\r\n\r\n", 4);
    size_t size;

    if (end == NULL) {
        return n > MAX_HEADER ? FRAME_LOST : FRAME_MORE;
    }
    size_t header = (size_t)(end - at) + 4;
    if (header > MAX_HEADER) {
        return FRAME_LOST;
    }
    if (!read_length(at, header - 4, &size)) {
        reader->taken += header;
        return FRAME_SKIP;
    }
    if (n - header < size) {
        return FRAME_MORE;
    }
    *ret_body = at + header;
    *ret_size = size;
    reader->taken += header + size;
    return FRAME_BODY;
}

/* Waits until the other end takes more. */
static bool wait_for_room(int fd)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLOUT};

    return poll(&poll_fd, 1, -1) >= 0 || errno == EINTR;
}

static bool write_all(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t written = write(fd, bytes, n);
        if (written >= 0) {
            bytes += written;
            n -= (size_t)written;
        } else if (errno == EAGAIN ? !wait_for_room(fd) : errno != EINTR) {
            return false;
        }
    }
    return true;
}

bool frame_write(int fd, const char *body, size_t n)
{
    char header[64];
    int length = snprintf(header, sizeof header, "Content-Length: %zu\r\n\r\n", n);

    return write_all(fd, header, (size_t)length) && write_all(fd, body, n);
}
