/* test_codec.c - facts/codec.c: units to bytes and back, and what becomes of other bytes. */
#include "facts/codec.h"
#include "facts/facts.h"
#include "ir/print.h"

#include "sample_unit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
// cmocka wants the headers above
#include <cmocka.h>

/* Reading gives the same unit: it prints the same and is written as the same bytes. */
static void check_round_trip(void *owner, const struct ir_unit *unit)
{
    size_t size = 0;
    size_t again_size = 0;
    const void *bytes = facts_encode(owner, unit, &size);
    const struct ir_unit *back = facts_decode(owner, intern_new(owner), bytes, size);

    assert_non_null(back);
    assert_string_equal(ir_print_unit(owner, back, NULL), ir_print_unit(owner, unit, NULL));
    const void *again = facts_encode(owner, back, &again_size);
    assert_int_equal(again_size, size);
    assert_memory_equal(again, bytes, size);
}

static void unit_survives(void **state)
{
    (void)state;
    void *owner = talloc_new(NULL);
    struct intern *names = NULL;

    check_round_trip(owner, sample_unit(owner, &names));
    check_round_trip(owner, ir_unit_new(owner, names, "empty.c"));
    talloc_free(owner);
}

/* Member by member: what lies between members is nobody's. */
static void same_sym(const struct ir_sym *is, const struct ir_sym *was)
{
    assert_int_equal(is->kind, was->kind);
    assert_ptr_equal(is->name, was->name);
    assert_ptr_equal(is->key, was->key);
    assert_ptr_equal(is->type, was->type);
    assert_int_equal(is->flags, was->flags);
    assert_int_equal(is->file.i, was->file.i);
    assert_int_equal(is->line, was->line);
    assert_int_equal(is->column, was->column);
}

static void same_field(const struct ir_field *is, const struct ir_field *was)
{
    assert_int_equal(is->record.i, was->record.i);
    assert_int_equal(is->index, was->index);
    assert_ptr_equal(is->name, was->name);
    assert_ptr_equal(is->type, was->type);
    assert_int_equal(is->flags, was->flags);
}

static void same_local(const struct ir_local *is, const struct ir_local *was)
{
    assert_ptr_equal(is->name, was->name);
    assert_ptr_equal(is->type, was->type);
    assert_int_equal(is->flags, was->flags);
}

static void same_problem(const struct ir_problem *is, const struct ir_problem *was)
{
    assert_int_equal(is->is_error, was->is_error);
    assert_int_equal(is->file.i, was->file.i);
    assert_int_equal(is->line, was->line);
    assert_int_equal(is->column, was->column);
    assert_ptr_equal(is->text, was->text);
}

static void same_note(const struct ir_note *is, const struct ir_note *was)
{
    assert_int_equal(is->file.i, was->file.i);
    assert_int_equal(is->line, was->line);
    assert_int_equal(is->column, was->column);
    assert_int_equal(is->last_line, was->last_line);
    assert_int_equal(is->alone, was->alone);
    assert_ptr_equal(is->text, was->text);
}

/* What the printer doesn't show. */
static void every_member_survives(void **state)
{
    (void)state;
    void *owner = talloc_new(NULL);
    struct intern *names = NULL;
    struct ir_unit *unit = sample_unit(owner, &names);
    size_t size = 0;

    unit->syms.v[0].flags = IR_SYM_SYSTEM | IR_SYM_INTERNAL;
    unit->fields.v[2].flags = IR_FIELD_ARRAY;
    unit->records.v[0].is_union = true;
    unit->fns.v[0]->where.i = 1;
    const void *bytes = facts_encode(owner, unit, &size);
    const struct ir_unit *back = facts_decode(owner, names, bytes, size);
    assert_non_null(back);
    assert_ptr_equal(back->path, unit->path); /* the same intern table: the same string */
    assert_int_equal(back->n_fns_lost, 1);
    assert_int_equal(back->files.n, 2);
    assert_memory_equal(back->files.v, unit->files.v, 2 * sizeof *unit->files.v);
    assert_int_equal(back->syms.n, unit->syms.n);
    for (size_t i = 0; i < unit->syms.n; i++) {
        same_sym(&back->syms.v[i], &unit->syms.v[i]);
    }
    for (size_t i = 0; i < unit->fields.n; i++) {
        same_field(&back->fields.v[i], &unit->fields.v[i]);
    }
    assert_true(back->records.v[0].is_union);
    assert_ptr_equal(back->records.v[0].key, unit->records.v[0].key);
    same_problem(&back->problems.v[0], &unit->problems.v[0]);
    same_note(&back->notes.v[0], &unit->notes.v[0]);
    same_note(&back->notes.v[1], &unit->notes.v[1]);
    const struct ir_fn *was = unit->fns.v[0];
    const struct ir_fn *is = back->fns.v[0];
    assert_int_equal(is->where.i, 1);
    assert_int_equal(is->n_params, 2);
    assert_int_equal(is->locs.n, was->locs.n);
    assert_memory_equal(is->locs.v, was->locs.v, was->locs.n * sizeof *was->locs.v);
    for (size_t i = 0; i < was->locals.n; i++) {
        same_local(&is->locals.v[i], &was->locals.v[i]);
    }
    talloc_free(owner);
}

/* Numbers at the ends of their ranges. */
static void extreme_numbers_survive(void **state)
{
    (void)state;
    static const int64_t numbers[] = {0,   1,         -1,        63,        64,       -64,
                                      -65, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN};
    enum { N = sizeof numbers / sizeof numbers[0] };
    void *owner = talloc_new(NULL);
    struct sample s = sample_new(owner, "x.c");
    size_t size = 0;

    sample_fn(&s, "f");
    for (size_t i = 0; i < N; i++) {
        (void)sample_int(&s, numbers[i]);
    }
    s.line = UINT32_MAX;
    sample_end(&s, IR_RETURN, (value_id){N - 1});
    s.fn->locs.v[0].file.i = ID_NONE;
    const void *bytes = facts_encode(owner, s.unit, &size);
    const struct ir_unit *back = facts_decode(owner, s.names, bytes, size);
    assert_non_null(back);
    for (size_t i = 0; i < N; i++) {
        assert_true(back->fns.v[0]->values.v[i].u.number == numbers[i]);
    }
    assert_int_equal(back->fns.v[0]->locs.v[0].line, UINT32_MAX);
    assert_int_equal(back->fns.v[0]->locs.v[0].file.i, ID_NONE);
    talloc_free(owner);
}

/* More strings than the writer's hash starts with. */
static void many_strings_survive(void **state)
{
    (void)state;
    void *owner = talloc_new(NULL);
    struct sample s = sample_new(owner, "x.c");

    for (int i = 0; i < 5000; i++) {
        (void)sample_sym(&s, IR_SYM_VAR, mem_printf(owner, "variable_%d", i % 3000));
    }
    check_round_trip(owner, s.unit);
    talloc_free(owner);
}

static void sealed_bytes_with_a_flipped_bit_are_refused(void **state)
{
    (void)state;
    void *owner = talloc_new(NULL);
    struct intern *names = NULL;
    size_t size = 0;
    uint8_t *bytes = facts_encode(owner, sample_unit(owner, &names), &size);

    for (size_t i = 0; i < size; i++) {
        bytes[i] ^= 1;
        assert_null(facts_decode(owner, names, bytes, size));
        bytes[i] ^= 1;
        assert_null(facts_decode(owner, names, bytes, i));
    }
    assert_null(facts_decode(owner, names, NULL, 0));
    assert_non_null(facts_decode(owner, names, bytes, size));
    talloc_free(owner);
}

/* Past the seal: whatever decodes can be printed and written again. */
static void try_bytes(const uint8_t *bytes, size_t size, size_t *n_decoded)
{
    void *owner = talloc_new(NULL);
    uint8_t *exact = talloc_memdup(owner, bytes, size); /* AddressSanitizer guards its end */
    const struct ir_unit *unit = codec_decode(owner, intern_new(owner), exact, size);

    if (unit != NULL) {
        size_t again = 0;
        (void)ir_print_unit(owner, unit, NULL);
        (void)facts_encode(owner, unit, &again);
        *n_decoded += 1;
    }
    talloc_free(owner);
}

static void any_bytes_are_safe(void **state)
{
    (void)state;
    void *owner = talloc_new(NULL);
    struct intern *names = NULL;
    size_t size = 0;
    size_t n_decoded = 0;
    uint8_t *bytes = facts_encode(owner, sample_unit(owner, &names), &size);

    bytes += CODEC_SEAL;
    size -= CODEC_SEAL;
    for (size_t i = 0; i < size; i++) {
        uint8_t was = bytes[i];
        for (unsigned value = 0; value < 256; value += i % 4 == 0 ? 1 : 7) {
            bytes[i] = (uint8_t)value;
            try_bytes(bytes, size, &n_decoded);
        }
        bytes[i] = was;
        try_bytes(bytes, i, &n_decoded);
    }
    assert_true(n_decoded > 100); /* some changes are harmless: else nothing above was tried */
    talloc_free(owner);
}

/* A fixed sequence of noise (xorshift; Marsaglia 2003), so that a failure can be repeated. */
static uint32_t noise(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static void noise_is_safe(void **state)
{
    (void)state;
    void *owner = talloc_new(NULL);
    struct intern *names = NULL;
    size_t size = 0;
    size_t n_decoded = 0;
    uint32_t seed = 2463534242u;
    const uint8_t *good = facts_encode(owner, sample_unit(owner, &names), &size);
    uint8_t *bytes = mem_array(owner, uint8_t, size);

    for (int round = 0; round < 20000; round++) {
        memcpy(bytes, good, size);
        for (uint32_t n = noise(&seed) % 6 + 1; n > 0; n--) {
            bytes[noise(&seed) % size] = (uint8_t)(noise(&seed) % (n % 2 == 0 ? 256 : 8));
        }
        try_bytes(bytes + CODEC_SEAL, size - CODEC_SEAL, &n_decoded);
    }
    talloc_free(owner);
}

static void hashes_tell_contents_apart(void **state)
{
    (void)state;
    const char *ab_c[] = {"ab", "c", NULL};
    const char *a_bc[] = {"a", "bc", NULL};
    struct facts_hash one = facts_hash_strings(ab_c);
    struct facts_hash two = facts_hash_strings(a_bc);
    struct facts_hash bytes = facts_hash_bytes("ab\0c", 5);

    assert_memory_equal(&one, &bytes, sizeof one);
    assert_memory_not_equal(&one, &two, sizeof one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unit_survives),
        cmocka_unit_test(every_member_survives),
        cmocka_unit_test(extreme_numbers_survive),
        cmocka_unit_test(many_strings_survive),
        cmocka_unit_test(sealed_bytes_with_a_flipped_bit_are_refused),
        cmocka_unit_test(any_bytes_are_safe),
        cmocka_unit_test(noise_is_safe),
        cmocka_unit_test(hashes_tell_contents_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
