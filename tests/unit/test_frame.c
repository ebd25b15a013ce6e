/* lsp/frame.c */
#include "base/frame.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* What comes of `text`, fed `step` bytes at a time: each body in brackets, "skip" and "lost". */
static char *read_all(const char *text, size_t step)
{
    struct frame_reader *reader = frame_reader_new(NULL);
    char *said = mem_strdup(NULL, "");
    size_t n = strlen(text);

    for (size_t at = 0; at < n; at += step) {
        const char *body;
        size_t size;
        enum frame_state state;
        frame_feed(reader, text + at, n - at < step ? n - at : step);
        while ((state = frame_next(reader, &body, &size)) != FRAME_MORE) {
            if (state == FRAME_BODY) {
                mem_append(NULL, &said, "[%.*s]", (int)size, body);
            } else {
                mem_append(NULL, &said, "%s ", state == FRAME_SKIP ? "skip" : "lost");
            }
            if (state == FRAME_LOST) {
                talloc_free(reader);
                return said;
            }
        }
    }
    talloc_free(reader);
    return said;
}

static void check(const char *text, const char *want)
{
    static const size_t steps[] = {1, 2, 3, 7, 4096};

    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        char *said = read_all(text, steps[i]);
        assert_string_equal(said, want);
        talloc_free(said);
    }
}

static void frames_come_in_pieces_and_together(void **state)
{
    (void)state;
    check("Content-Length: 2\r\n\r\nabContent-Length: 0\r\n\r\nContent-Length: 3\r\n\r\nxyz",
          "[ab][][xyz]");
    check("Content-Length: 3\r\n\r\nab", "");
}

static void headers_have_other_lines_and_cases(void **state)
{
    (void)state;
    check("Content-Type: application/vscode-jsonrpc; charset=utf-8\r\ncontent-length:1\r\n\r\na",
          "[a]");
}

static void a_header_without_a_length_is_skipped(void **state)
{
    (void)state;
    check("Content-Length: no\r\n\r\nContent-Length: 1\r\n\r\na", "skip [a]");
    check("Content-Length: -4\r\n\r\nContent-Length: 1\r\n\r\na", "skip [a]");
    check("Content-Length:\r\n\r\n", "skip ");
    check("X: y\r\n\r\n", "skip ");
    check("Content-Length: 99999999999999999999999\r\n\r\n", "skip ");
}

static void what_is_no_header_loses_the_stream(void **state)
{
    char text[9000];

    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    char *said = read_all(text, 4096);
    assert_string_equal(said, "lost ");
    talloc_free(said);
}

static void what_is_written_can_be_read(void **state)
{
    int ends[2];
    char bytes[64] = {0};

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_true(frame_write(ends[1], "{}", 2));
    assert_int_equal(read(ends[0], bytes, sizeof bytes - 1), 23);
    assert_string_equal(bytes, "Content-Length: 2\r\n\r\n{}");
    (void)close(ends[0]);
    (void)close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_come_in_pieces_and_together),
        cmocka_unit_test(headers_have_other_lines_and_cases),
        cmocka_unit_test(a_header_without_a_length_is_skipped),
        cmocka_unit_test(what_is_no_header_loses_the_stream),
        cmocka_unit_test(what_is_written_can_be_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
