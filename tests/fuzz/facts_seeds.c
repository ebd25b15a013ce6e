/* facts_seeds FOLDER FILE.c ... -- CFLAGS...: the facts of these sources, as inputs for fuzz_facts.
 * They are made anew from C each time, because their form changes with the IR.
 */
#include "facts/codec.h"
#include "facts/facts.h"
#include "frontend/frontend.h"

#include <stdio.h>
#include <string.h>

static bool write_seed(void *owner, const char *path, const struct compile_unit *unit)
{
    size_t size = 0;
    const struct ir_unit *ir = frontend_lower(owner, intern_new(owner), unit);
    const char *bytes = facts_encode(owner, ir, &size);
    FILE *file = fopen(path, "wb");

    if (file == NULL) {
        return false;
    }
    size_t put = fwrite(bytes + CODEC_SEAL, 1, size - CODEC_SEAL, file);
    return fclose(file) == 0 && put == size - CODEC_SEAL;
}

/* The place of "--" among the arguments, or `argc`. */
static size_t end_of_files(size_t argc, const char *const *argv)
{
    size_t i = 0;

    while (i < argc && strcmp(argv[i], "--") != 0) {
        i++;
    }
    return i;
}

int main(int argc, char **argv)
{
    const char *const *words = (const char *const *)argv + 2;
    size_t n = argc < 3 ? 0 : (size_t)argc - 2;
    size_t n_files = end_of_files(n, words);
    size_t n_flags = n_files == n ? 0 : n - n_files - 1;
    void *owner = mem_owner(NULL, "facts seeds");

    const struct compdb *db = compdb_of_files(owner, words, n_files, words + n - n_flags, n_flags);
    for (size_t i = 0; i < db->units.n; i++) {
        const char *path = mem_printf(owner, "%s/%zu", argv[1], i);
        if (!write_seed(owner, path, &db->units.v[i])) {
            (void)fprintf(stderr, "can't write %s\n", path);
            return 2;
        }
    }
    bool all = db->missing.n == 0 && db->units.n > 0;
    talloc_free(owner);
    return all ? 0 : 2;
}
