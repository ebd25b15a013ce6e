/* path.h: access paths over the whole program, their classes and substitution. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "program/path.h"

/* Fields below 10 belong to record 1, the others to record 2. */
static uint32_t record_of(void *user, uint32_t field)
{
    (void)user;
    return field < 10 ? 1 : 2;
}

static int set_up(void **state)
{
    *state = paths_new(NULL, record_of, NULL);
    return 0;
}

static int tear_down(void **state)
{
    talloc_free(*state);
    return 0;
}

static path_id var(struct paths *paths, uint32_t n)
{
    return path_root(paths, ROOT_VAR, n, 0);
}

static path_id param(struct paths *paths, uint32_t n)
{
    return path_root(paths, ROOT_PARAM, n, 0);
}

static path_id deref(struct paths *paths, path_id path)
{
    return path_step(paths, path, STEP_DEREF, 0);
}

static path_id field(struct paths *paths, path_id path, uint32_t n)
{
    return path_step(paths, path, STEP_FIELD, n);
}

static path_id item(struct paths *paths, path_id path, uint32_t n)
{
    return path_step(paths, path, STEP_INDEX, n);
}

static path_id container(struct paths *paths, path_id path, uint32_t n)
{
    return path_step(paths, path, STEP_CONTAINER, n);
}

static void equal_paths_are_one(void **state)
{
    struct paths *p = *state;
    size_t n;

    assert_true(path_eq(field(p, var(p, 1), 2), field(p, var(p, 1), 2)));
    n = paths_count(p);
    assert_false(path_eq(field(p, var(p, 1), 2), field(p, var(p, 1), 3)));
    assert_false(path_eq(var(p, 1), param(p, 1)));
    assert_true(paths_count(p) > n);
    assert_true(path_eq(path_root_of(p, field(p, deref(p, param(p, 4)), 2)), param(p, 4)));
    assert_true(path_is_none(field(p, PATH_NONE, 1)));
}

static void indices_that_say_nothing(void **state)
{
    struct paths *p = *state;
    path_id pointee = deref(p, param(p, 0));
    path_id any = item(p, var(p, 1), PATH_INDEX_ANY);

    assert_true(path_eq(item(p, pointee, 0), pointee)); /* p[0] is *p */
    assert_false(path_eq(item(p, pointee, 1), pointee));
    assert_false(path_eq(item(p, var(p, 1), 0), var(p, 1)));
    assert_true(path_eq(item(p, any, 3), any));
}

static void class_is_the_fields_behind_the_last_pointer(void **state)
{
    struct paths *p = *state;
    path_id object = path_root(p, ROOT_OBJECT, 1, 0);
    path_id by_param = field(p, deref(p, param(p, 0)), 2);
    path_id by_var = field(p, var(p, 7), 2);
    path_id far = field(p, deref(p, field(p, deref(p, param(p, 1)), 12)), 2);

    assert_true(path_eq(path_class(p, by_param), field(p, object, 2)));
    assert_true(path_eq(path_class(p, by_var), field(p, object, 2)));
    assert_true(path_eq(path_class(p, far), field(p, object, 2)));
    /* outer.inner.lock: of the outer record */
    path_id outer = path_root(p, ROOT_OBJECT, 2, 0);
    assert_true(path_eq(path_class(p, field(p, field(p, var(p, 7), 12), 2)),
                        field(p, field(p, outer, 12), 2)));
    /* a class is its own class */
    assert_true(path_eq(path_class(p, field(p, object, 2)), field(p, object, 2)));
}

static void class_of_arrays_and_plain_things(void **state)
{
    struct paths *p = *state;
    path_id locks = var(p, 3);

    assert_true(path_eq(path_class(p, item(p, locks, 2)), item(p, locks, PATH_INDEX_ANY)));
    assert_true(path_eq(path_class(p, locks), locks));
    assert_true(path_eq(path_class(p, deref(p, param(p, 0))), deref(p, param(p, 0))));
    assert_true(path_eq(path_class(p, field(p, item(p, var(p, 3), 2), 4)),
                        field(p, path_root(p, ROOT_OBJECT, 1, 0), 4)));
    assert_true(path_is_none(path_class(p, PATH_NONE)));
}

static void exact_global_and_deref(void **state)
{
    struct paths *p = *state;
    path_id plain = field(p, var(p, 1), 2);
    path_id behind = field(p, deref(p, var(p, 1)), 2);

    assert_true(path_is_exact(p, plain));
    assert_true(path_is_exact(p, item(p, var(p, 1), 3)));
    assert_false(path_is_exact(p, item(p, var(p, 1), PATH_INDEX_ANY)));
    assert_false(path_is_exact(p, behind));
    assert_true(path_is_exact(p, path_root(p, ROOT_NAMED, 0, 0)));
    assert_false(path_is_exact(p, field(p, path_root(p, ROOT_OBJECT, 1, 0), 2)));
    assert_false(path_is_exact(p, path_root(p, ROOT_LOCAL, 1, 1)));
    assert_true(path_is_global(p, behind));
    assert_false(path_is_global(p, field(p, deref(p, param(p, 0)), 2)));
    assert_false(path_is_global(p, PATH_NONE));
    assert_true(path_has_deref(p, behind));
    assert_false(path_has_deref(p, plain));
}

static void certain_objects_are_not_each_other(void **state)
{
    struct paths *p = *state;
    path_id a = field(p, var(p, 1), 2);
    path_id b = field(p, var(p, 2), 2);
    path_id some = field(p, deref(p, param(p, 0)), 2);
    path_id other_field = field(p, deref(p, param(p, 0)), 3);

    assert_true(path_may_alias(p, a, a));
    assert_false(path_may_alias(p, a, b));
    assert_true(path_may_alias(p, a, some));
    assert_false(path_may_alias(p, a, other_field));
    assert_false(path_may_alias(p, a, PATH_NONE));
    assert_false(path_may_alias(p, item(p, var(p, 1), 1), item(p, var(p, 1), 2)));
    assert_true(path_may_alias(p, item(p, var(p, 1), 1), item(p, var(p, 1), PATH_INDEX_ANY)));
}

static void substitution_puts_arguments_in(void **state)
{
    struct paths *p = *state;
    path_id arguments[] = {field(p, var(p, 5), 3), PATH_NONE};
    path_id inner = field(p, deref(p, param(p, 0)), 2);

    assert_true(path_eq(path_substitute(p, inner, arguments, 2), field(p, arguments[0], 2)));
    assert_true(path_is_none(path_substitute(p, field(p, deref(p, param(p, 1)), 2), arguments, 2)));
    assert_true(path_is_none(path_substitute(p, field(p, deref(p, param(p, 2)), 2), arguments, 2)));
    assert_true(path_is_none(path_substitute(p, param(p, 0), arguments, 2)));
    assert_true(path_eq(path_substitute(p, var(p, 9), arguments, 2), var(p, 9)));
    assert_true(path_is_none(path_substitute(p, PATH_NONE, arguments, 2)));
}

static void containers_and_members_are_ways_back(void **state)
{
    struct paths *p = *state;
    path_id object = deref(p, param(p, 0));
    path_id node = deref(p, param(p, 1));
    path_id around = container(p, node, 12);

    assert_true(path_eq(container(p, field(p, object, 3), 3), object));
    assert_true(path_eq(container(p, item(p, field(p, object, 3), 2), 3), object));
    assert_false(path_eq(container(p, field(p, object, 3), 4), object));
    assert_false(path_eq(around, node));
    assert_true(path_eq(field(p, around, 12), node));
    assert_false(path_eq(field(p, around, 13), node));
    /* the class begins at the container: container_of(node, ...)->mu is some record 2's mu */
    assert_true(path_eq(path_class(p, field(p, around, 13)), path_class(p, field(p, object, 13))));
    assert_true(path_has_deref(p, container(p, var(p, 1), 3)));
    assert_false(path_is_exact(p, container(p, var(p, 1), 3)));
}

static void a_callee_s_container_is_the_caller_s_object(void **state)
{
    struct paths *p = *state;
    path_id object = var(p, 5);
    path_id arguments[] = {field(p, object, 12)};
    path_id inner = field(p, container(p, deref(p, param(p, 0)), 12), 13);

    assert_true(path_eq(path_substitute(p, inner, arguments, 1), field(p, object, 13)));
}

/* Field 4 of record 1 is the first member, of type record 2, and pointers are cast. */
static bool is_field_4(void *user, uint32_t n)
{
    (void)user;
    return n == 4;
}

static void first_members_are_left_out_where_casts_do(void **state)
{
    struct paths *p = *state;
    path_id object = deref(p, param(p, 0));

    assert_false(path_eq(field(p, field(p, object, 4), 11), field(p, object, 11)));
    paths_leave_out(p, is_field_4);
    assert_true(path_eq(field(p, field(p, object, 4), 12), field(p, object, 12)));
    assert_true(path_eq(path_class(p, field(p, field(p, object, 4), 12)),
                        path_class(p, field(p, deref(p, param(p, 1)), 12))));
    assert_true(path_eq(container(p, object, 4), object));
    assert_true(path_eq(container(p, field(p, object, 4), 4), object));
    assert_false(path_eq(field(p, object, 4), object)); /* the member itself keeps its name */
}

static void replacing_a_pointee(void **state)
{
    struct paths *p = *state;
    path_id object = var(p, 5);
    path_id path = field(p, deref(p, param(p, 0)), 2);

    assert_true(path_eq(path_replace_pointee(p, path, object), field(p, object, 2)));
    assert_true(path_eq(path_replace_pointee(p, path, PATH_NONE), path));
    assert_true(path_eq(path_replace_pointee(p, object, var(p, 6)), object));
    assert_true(
        path_eq(path_replace_pointee(p, field(p, object, 2), var(p, 6)), field(p, object, 2)));
}

static void recursive_structures_end(void **state)
{
    struct paths *p = *state;
    path_id path = param(p, 0);

    for (unsigned i = 0; i < 1000; i++) { /* p->next->next->... */
        path = field(p, deref(p, path), 2);
        assert_false(path_is_none(path));
        assert_true(path_get(p, path)->depth <= 12);
    }
    assert_true(paths_count(p) < 100);
    path = var(p, 0);
    for (unsigned i = 0; i < 100; i++) { /* a struct in a struct can't go on for ever */
        path = field(p, path, 2);
    }
    assert_true(path_is_none(path) || path_get(p, path)->depth <= 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(equal_paths_are_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(indices_that_say_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(class_is_the_fields_behind_the_last_pointer, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(class_of_arrays_and_plain_things, set_up, tear_down),
        cmocka_unit_test_setup_teardown(exact_global_and_deref, set_up, tear_down),
        cmocka_unit_test_setup_teardown(certain_objects_are_not_each_other, set_up, tear_down),
        cmocka_unit_test_setup_teardown(substitution_puts_arguments_in, set_up, tear_down),
        cmocka_unit_test_setup_teardown(containers_and_members_are_ways_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_callee_s_container_is_the_caller_s_object, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(first_members_are_left_out_where_casts_do, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(replacing_a_pointee, set_up, tear_down),
        cmocka_unit_test_setup_teardown(recursive_structures_end, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
