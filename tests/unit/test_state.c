/* state.h: branch facts, and lists of states that are told apart by their tokens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "program/state.h"

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

static struct state fresh(const struct lockset_pool *pool)
{
    return state_at_entry(pool);
}

static struct fact local_is(uint32_t local, int64_t value)
{
    return (struct fact){FACT_LOCAL, local, true, value, 0, PATH_NONE, false};
}

static struct fact local_is_not(uint32_t local, int64_t value)
{
    return (struct fact){FACT_LOCAL, local, false, value, 0, PATH_NONE, false};
}

static const struct lockset *hold(struct lockset_pool *pool, uint32_t lock)
{
    return lockset_add(pool, lockset_empty(pool),
                       (struct token){{lock}, TOKEN_EXCLUSIVE, 1, {0, 0}});
}

static void contradictions_end_a_way(void **state)
{
    struct lockset_pool *pool = *state;
    struct state s = fresh(pool);

    assert_true(state_learn(&s, pool, local_is_not(1, 0)));
    assert_true(state_learn(&s, pool, local_is(1, 5)));
    assert_true(state_learn(&s, pool, local_is(2, 0)));
    assert_false(state_learn(&s, pool, local_is(1, 0)));
    assert_false(state_learn(&s, pool, local_is(1, 6)));
    assert_false(state_learn(&s, pool, local_is_not(1, 5)));
    assert_true(state_learn(&s, pool, local_is_not(1, 7)));
    /* a local and a call of the same number are different things */
    assert_true(state_learn(&s, pool, (struct fact){FACT_CALL, 1, true, 0, 0, PATH_NONE, false}));
}

/* "local & mask == value" (or !=). */
static struct fact bits(uint32_t local, int64_t mask, bool equal, int64_t value)
{
    return (struct fact){FACT_LOCAL, local, equal, value, mask, PATH_NONE, false};
}

static void bits_are_told_apart(void **state)
{
    struct lockset_pool *pool = *state;
    struct state s = fresh(pool);

    assert_true(state_learn(&s, pool, bits(1, 4, true, 0)));
    assert_false(state_learn(&s, pool, bits(1, 4, false, 0)));
    assert_true(state_learn(&s, pool, bits(1, 8, false, 0)));
    assert_false(state_learn(&s, pool, local_is(1, 4)));
    assert_false(state_learn(&s, pool, local_is(1, 3)));
    assert_true(state_learn(&s, pool, local_is(1, 9)));
    assert_false(state_learn(&s, pool, bits(1, 1, true, 0)));
}

static void what_is_known_is_told(void **state)
{
    struct lockset_pool *pool = *state;
    struct state s = fresh(pool);

    assert_int_equal(state_equals(&s, FACT_LOCAL, 1, 0), TRUTH_UNKNOWN);
    (void)state_learn(&s, pool, local_is_not(1, 0));
    assert_int_equal(state_equals(&s, FACT_LOCAL, 1, 0), TRUTH_FALSE);
    assert_int_equal(state_equals(&s, FACT_LOCAL, 1, 1), TRUTH_UNKNOWN);
    (void)state_learn(&s, pool, local_is(1, 3));
    assert_int_equal(state_equals(&s, FACT_LOCAL, 1, 3), TRUTH_TRUE);
    assert_int_equal(state_equals(&s, FACT_LOCAL, 1, 4), TRUTH_FALSE);
    state_forget(&s, FACT_LOCAL, 1);
    assert_int_equal(state_equals(&s, FACT_LOCAL, 1, 3), TRUTH_UNKNOWN);
    assert_int_equal(s.n_facts, 0);
}

static void an_assumption_gives_way_with_its_lock(void **state)
{
    struct lockset_pool *pool = *state;
    struct state s = fresh(pool);
    struct fact assumed = {FACT_CALL, 9, true, 0, 0, {4}, false};

    s.held = hold(pool, 4);
    assert_true(state_learn(&s, pool, assumed));
    assumed.equal = false;
    assumed.assumes = PATH_NONE;
    assert_true(state_learn(&s, pool, assumed)); /* lock() failed after all */
    assert_ptr_equal(s.held, lockset_empty(pool));
    assert_int_equal(state_equals(&s, FACT_CALL, 9, 0), TRUTH_FALSE);
}

static void only_the_newest_facts_are_kept(void **state)
{
    struct lockset_pool *pool = *state;
    struct state s = fresh(pool);

    for (uint32_t i = 0; i < MAX_FACTS + 2; i++) {
        (void)state_learn(&s, pool, local_is(i, 1));
        (void)state_learn(&s, pool, local_is(i, 1)); /* not kept twice */
    }
    assert_int_equal(s.n_facts, MAX_FACTS);
    assert_int_equal(state_equals(&s, FACT_LOCAL, 1, 1), TRUTH_UNKNOWN);
    assert_int_equal(state_equals(&s, FACT_LOCAL, 2, 1), TRUTH_TRUE);
}

static void assignments_copy_what_is_known(void **state)
{
    struct lockset_pool *pool = *state;
    struct state s = fresh(pool);

    (void)state_learn(&s, pool, (struct fact){FACT_CALL, 3, true, 0, 0, PATH_NONE, false});
    state_copy_facts(&s, FACT_CALL, 3, FACT_LOCAL, 1);
    assert_int_equal(state_equals(&s, FACT_LOCAL, 1, 0), TRUTH_TRUE);
    state_forget(&s, FACT_CALL, 3);
    assert_int_equal(state_equals(&s, FACT_LOCAL, 1, 0), TRUTH_TRUE);
}

static void states_that_hold_the_same_are_merged(void **state)
{
    struct lockset_pool *pool = *state;
    struct state_list list = {.n = 0};
    struct state a = fresh(pool);
    struct state b = fresh(pool);
    struct state c = fresh(pool);
    bool capped = false;

    (void)state_learn(&a, pool, local_is(1, 1));
    (void)state_learn(&a, pool, local_is(2, 2));
    (void)state_learn(&b, pool, local_is(2, 2));
    (void)state_learn(&b, pool, local_is(1, 0));
    c.held = hold(pool, 4);
    assert_true(states_add(&list, pool, &a, &capped));
    assert_true(states_add(&list, pool, &c, &capped));
    assert_int_equal(list.n, 2);
    assert_true(states_add(&list, pool, &b, &capped));
    assert_int_equal(list.n, 2);
    assert_int_equal(state_equals(&list.v[0], FACT_LOCAL, 2, 2), TRUTH_TRUE);
    assert_int_equal(state_equals(&list.v[0], FACT_LOCAL, 1, 1), TRUTH_UNKNOWN);
    assert_false(states_add(&list, pool, &b, &capped)); /* nothing new */
    assert_false(states_add(&list, pool, &c, &capped));
    assert_false(capped);
}

static void different_errors_are_still_not_zero(void **state)
{
    struct lockset_pool *pool = *state;
    struct state_list list = {.n = 0};
    struct state a = fresh(pool);
    struct state b = fresh(pool);
    struct state c = fresh(pool);
    bool capped = false;

    (void)state_learn(&a, pool, local_is(1, -1));
    (void)state_learn(&b, pool, local_is(1, -2));
    (void)state_learn(&c, pool, local_is(1, 0));
    (void)states_add(&list, pool, &a, &capped);
    assert_true(states_add(&list, pool, &b, &capped));
    assert_int_equal(state_equals(&list.v[0], FACT_LOCAL, 1, 0), TRUTH_FALSE);
    assert_int_equal(state_equals(&list.v[0], FACT_LOCAL, 1, -1), TRUTH_UNKNOWN);
    assert_false(states_add(&list, pool, &a, &capped));
    assert_true(states_add(&list, pool, &c, &capped));
    assert_int_equal(list.v[0].n_facts, 0);
}

static void too_many_states_become_one(void **state)
{
    struct lockset_pool *pool = *state;
    struct state_list list = {.n = 0};
    bool capped = false;

    for (uint32_t i = 0; i < MAX_STATES + 1; i++) {
        struct state s = fresh(pool);
        s.held = lockset_add(pool, hold(pool, 99), (struct token){{i}, TOKEN_EXCLUSIVE, 1, {0, 0}});
        s.gone = i == 3 ? hold(pool, 50) : s.gone;
        assert_false(capped);
        assert_true(states_add(&list, pool, &s, &capped));
    }
    assert_true(capped);
    assert_int_equal(list.n, 1);
    assert_ptr_equal(list.v[0].held, hold(pool, 99)); /* what all held */
    assert_ptr_equal(list.v[0].gone, hold(pool, 50)); /* what any gave back */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(contradictions_end_a_way, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bits_are_told_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_known_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_assumption_gives_way_with_its_lock, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_the_newest_facts_are_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(assignments_copy_what_is_known, set_up, tear_down),
        cmocka_unit_test_setup_teardown(states_that_hold_the_same_are_merged, set_up, tear_down),
        cmocka_unit_test_setup_teardown(different_errors_are_still_not_zero, set_up, tear_down),
        cmocka_unit_test_setup_teardown(too_many_states_become_one, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
