/* A compile_commands.json of any bytes: it is refused with a message, or every unit of it can be
 * used. libclang reads it too, after json_check.c has let it through.
 */
#include "fuzz.h"

#include "frontend/frontend.h"

#include <assert.h>
#include <string.h>

static void read_units(const struct compdb *compdb)
{
    for (size_t i = 0; i < compdb->units.n; i++) {
        const struct compile_unit *unit = &compdb->units.v[i];
        assert(unit->path[0] == '/' && unit->directory[0] == '/');
        for (size_t k = 0; k < unit->n_args; k++) {
            assert(unit->args[k] != NULL);
        }
        assert(unit->args[unit->n_args] == NULL);
    }
    for (size_t i = 0; i < compdb->missing.n; i++) {
        assert(compdb->missing.v[i][0] == '/');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    void *owner = mem_owner(NULL, "fuzz");
    struct err err = {0};

    (void)fuzz_file("compile_commands.json", size == 0 ? (const uint8_t *)"" : bytes, size);
    const struct compdb *compdb = compdb_find(owner, fuzz_folder(), fuzz_folder(), &err);
    if (compdb != NULL) {
        read_units(compdb);
    } else {
        assert(err_is_set(&err));
        assert(strlen(err_text(owner, &err)) > 0);
    }
    talloc_free(owner);
    return 0;
}
