/* A compiler's command line, one argument a line, through flags.h. What follows a line "%%" is the
 * content of the response file r.rsp.
 */
#include "fuzz.h"

#include "frontend/flags.h"

#include <assert.h>
#include <string.h>

static const char MARK[] = "\n%%\n";

struct argv {
    VEC(const char *) list;
};

static struct argv split_lines(void *owner, const uint8_t *bytes, size_t size)
{
    struct argv argv = {.list = {NULL, 0}};
    char *text = mem_strndup(owner, size == 0 ? "" : (const char *)bytes, size);

    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        vec_push(owner, &argv.list, line);
    }
    return argv;
}

/* As a caller does: every string is read to its end. */
static size_t read_result(const struct flags *flags)
{
    size_t n = flags->language == NULL ? 0 : strlen(flags->language);

    for (size_t i = 0; i < flags->args.n; i++) {
        n += strlen(flags->args.v[i]);
    }
    for (size_t i = 0; i < flags->dropped.n; i++) {
        assert(flags->dropped.v[i].reason != NULL);
        n += strlen(flags->dropped.v[i].flag);
    }
    return n;
}

static void try_command(struct flags_command command)
{
    for (int with_compiler = 0; with_compiler < 2; with_compiler++) {
        void *owner = mem_owner(NULL, "fuzz");
        command.has_compiler = with_compiler == 1;
        const struct flags *flags = flags_read(owner, intern_new(owner), &command);
        (void)read_result(flags);
        for (size_t i = 0; i < command.n; i++) {
            (void)flags_language_of(flags, command.argv[i]);
        }
        talloc_free(owner);
    }
}

/* The response file has this content, also when the input before had another. */
static void put_response_file(const uint8_t *content, size_t size)
{
    static size_t last = SIZE_MAX;

    if (size > 0 || last > 0) {
        (void)fuzz_file("r.rsp", content, size);
    }
    last = size;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    void *owner = mem_owner(NULL, "fuzz");
    const uint8_t *mark = size == 0 ? NULL : memmem(bytes, size, MARK, sizeof MARK - 1);
    size_t n_words = mark == NULL ? size : (size_t)(mark - bytes);
    size_t n_content = mark == NULL ? 0 : size - n_words - (sizeof MARK - 1);

    put_response_file(mark == NULL ? (const uint8_t *)"" : bytes + size - n_content, n_content);
    struct argv argv = split_lines(owner, bytes, n_words);
    try_command((struct flags_command){fuzz_folder(), argv.list.v, argv.list.n, false});
    talloc_free(owner);
    return 0;
}
