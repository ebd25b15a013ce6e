/* The facts reader: any bytes either are refused or give a unit that can be walked, printed and
 * written again. The seal in front of them is left out, for no fuzzer guesses a checksum.
 */
#include "fuzz.h"

#include "facts/codec.h"
#include "facts/facts.h"
#include "ir/print.h"

#include <assert.h>
#include <string.h>

static void check_round_trip(void *owner, struct intern *names, const struct ir_unit *unit)
{
    size_t size = 0;
    size_t again = 0;
    const uint8_t *bytes = facts_encode(owner, unit, &size);
    const struct ir_unit *back = facts_decode(owner, names, bytes, size);

    assert(back != NULL);
    const uint8_t *twice = facts_encode(owner, back, &again);
    assert(again == size && memcmp(bytes, twice, size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    void *owner = mem_owner(NULL, "fuzz");
    struct intern *names = intern_new(owner);
    const struct ir_unit *unit = codec_decode(owner, names, bytes, size);

    (void)facts_decode(owner, names, bytes, size);
    if (unit != NULL) {
        (void)ir_print_unit(owner, unit, NULL);
        check_round_trip(owner, names, unit);
    }
    talloc_free(owner);
    return 0;
}
