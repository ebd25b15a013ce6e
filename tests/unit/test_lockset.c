/* lockset.h: immutable sets of tokens; equal sets are one pointer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "program/lockset.h"

#include <stdio.h>
#include <string.h>

static int set_up(void **state)
{
    *state = lockset_pool_new(NULL);
    return 0;
}

static int tear_down(void **state)
{
    talloc_free(*state);
    return 0;
}

static struct token token(uint32_t lock, enum token_mode mode, uint32_t op)
{
    return (struct token){{lock}, mode, 1, {0, op}};
}

/* "1x 2s": exclusive, shared; "1x2": two deep; "@5": taken at op 5, "@?" at several places. */
static const struct lockset *make(struct lockset_pool *pool, const char *text)
{
    const struct lockset *set = lockset_empty(pool);

    for (; *text != '\0'; text += *text == ' ' ? 1 : 0) {
        uint32_t lock = (uint32_t)(*text++ - '0');
        enum token_mode mode = *text++ == 's' ? TOKEN_SHARED : TOKEN_EXCLUSIVE;
        uint32_t op = 0;
        if (*text == '@') {
            op = (uint32_t)(text[1] - '0');
            text += 2;
        }
        set = lockset_add(pool, set, token(lock, mode, op));
    }
    return set;
}

static void check(const struct lockset *set, const char *want)
{
    char text[256] = "";

    for (uint32_t i = 0; i < set->n; i++) {
        const struct token *t = &set->v[i];
        size_t n = strlen(text);
        (void)snprintf(text + n, sizeof text - n, "%s%u%s", i > 0 ? " " : "", t->lock.i,
                       t->mode == TOKEN_SHARED ? "s" : "x");
        n = strlen(text);
        if (t->depth > 1) {
            (void)snprintf(text + n, sizeof text - n, "%u", t->depth);
            n = strlen(text);
        }
        if (site_eq(t->taken, SITE_NONE)) {
            (void)snprintf(text + n, sizeof text - n, "@?");
        } else if (t->taken.op != 0) {
            (void)snprintf(text + n, sizeof text - n, "@%u", t->taken.op);
        }
    }
    assert_string_equal(text, want);
}

static void equal_sets_are_one_pointer(void **state)
{
    struct lockset_pool *pool = *state;

    assert_ptr_equal(make(pool, "1x 2s"), make(pool, "2s 1x"));
    assert_ptr_not_equal(make(pool, "1x"), make(pool, "1s"));
    assert_ptr_not_equal(make(pool, "1x@3"), make(pool, "1x@4"));
    assert_ptr_equal(lockset_remove(pool, make(pool, "1x"), (path_id){1}), lockset_empty(pool));
    assert_ptr_equal(lockset_meet(pool, make(pool, "1x"), make(pool, "2x")), lockset_empty(pool));
}

static void sorted_by_lock(void **state)
{
    struct lockset_pool *pool = *state;

    check(make(pool, "3x 1s 2x"), "1s 2x 3x");
    check(lockset_empty(pool), "");
    assert_null(lockset_find(make(pool, "1x"), (path_id){2}));
    assert_int_equal(lockset_find(make(pool, "1x 2s"), (path_id){2})->mode, TOKEN_SHARED);
}

static void taking_again_goes_deeper_and_keeps_the_place(void **state)
{
    struct lockset_pool *pool = *state;
    const struct lockset *set = make(pool, "1x@3 1x@5 2x");

    check(set, "1x2@3 2x");
    set = lockset_remove(pool, set, (path_id){1});
    check(set, "1x@3 2x");
    set = lockset_remove(pool, set, (path_id){1});
    check(set, "2x");
    assert_ptr_equal(lockset_remove(pool, set, (path_id){1}), set);
    check(lockset_drop(pool, make(pool, "1x 1x 1x 2x"), (path_id){1}), "2x");
}

static void depth_has_a_bound(void **state)
{
    struct lockset_pool *pool = *state;
    const struct lockset *set = make(pool, "1x");

    for (unsigned i = 0; i < 100; i++) {
        set = lockset_add(pool, set, token(1, TOKEN_EXCLUSIVE, 0));
    }
    assert_ptr_equal(lockset_add(pool, set, token(1, TOKEN_EXCLUSIVE, 0)), set);
}

static void shared_then_exclusive_is_exclusive(void **state)
{
    struct lockset_pool *pool = *state;

    check(make(pool, "1s 1x"), "1x2");
    check(make(pool, "1x 1s"), "1x2");
}

static void meet_is_what_both_hold_in_the_weaker_form(void **state)
{
    struct lockset_pool *pool = *state;

    check(lockset_meet(pool, make(pool, "1x 2x 3s"), make(pool, "2s 3x 4x")), "2s 3s");
    check(lockset_meet(pool, make(pool, "1x 1x"), make(pool, "1x")), "1x");
    check(lockset_meet(pool, make(pool, "1x@3"), make(pool, "1x@4")), "1x@?");
    check(lockset_meet(pool, make(pool, "1x@3"), make(pool, "1s@3")), "1s@3");
    check(lockset_meet(pool, make(pool, "1x"), lockset_empty(pool)), "");
}

static void join_is_what_either_holds_in_the_stronger_form(void **state)
{
    struct lockset_pool *pool = *state;

    check(lockset_join(pool, make(pool, "1x 3s"), make(pool, "2s 3x 4x")), "1x 2s 3x 4x");
    check(lockset_join(pool, make(pool, "1x 1x"), make(pool, "1x")), "1x2");
    check(lockset_join(pool, make(pool, "1x@3"), make(pool, "1x@4 2x@5")), "1x@? 2x@5");
    check(lockset_join(pool, lockset_empty(pool), make(pool, "1s")), "1s");
    check(lockset_join(pool, make(pool, "1s"), lockset_empty(pool)), "1s");
}

static void minus_forgets_whole_locks(void **state)
{
    struct lockset_pool *pool = *state;

    check(lockset_minus(pool, make(pool, "1x 1x 2s 3x"), make(pool, "1s 3x")), "2s");
    check(lockset_minus(pool, make(pool, "1x"), lockset_empty(pool)), "1x");
    check(lockset_minus(pool, lockset_empty(pool), make(pool, "1x")), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(equal_sets_are_one_pointer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sorted_by_lock, set_up, tear_down),
        cmocka_unit_test_setup_teardown(taking_again_goes_deeper_and_keeps_the_place, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(depth_has_a_bound, set_up, tear_down),
        cmocka_unit_test_setup_teardown(shared_then_exclusive_is_exclusive, set_up, tear_down),
        cmocka_unit_test_setup_teardown(meet_is_what_both_hold_in_the_weaker_form, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(join_is_what_either_holds_in_the_stronger_form, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(minus_forgets_whole_locks, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
