/* report/map.h: the access map as text, by variable and by struct. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"
#include "report/map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef bool write_fn(const struct prog *prog, const struct map_options *options, FILE *out);

static void check(write_fn *write, const char *source, struct map_options options, const char *want)
{
    void *owner = talloc_new(NULL);
    char *got = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&got, &n);

    assert_non_null(out);
    assert_true(write(harness_link(owner, source), &options, out));
    assert_int_equal(fclose(out), 0);
    assert_string_equal(got, want);
    free(got);
    talloc_free(owner);
}

static void check_map(const char *source, const char *want)
{
    check(map_write, source, (struct map_options){0}, want);
}

static void check_names(const char *source, const char *name, const char *want)
{
    check(map_write, source, (struct map_options){.names = &name, .n_names = 1}, want);
}

#define MAIN                                                                                       \
    "int main(void) {\n"                                                                           \
    "  pthread_t t;\n"                                                                             \
    "  pthread_create(&t, NULL, worker, NULL);\n"                                                  \
    "  run();\n"                                                                                   \
    "}\n"

#define LOCKED(what) "  pthread_mutex_lock(&m); " what " pthread_mutex_unlock(&m);\n"

/* ---- variables ------------------------------------------------------------------------------- */

static void a_guarded_variable(void **state)
{
    (void)state;
    check_map("static void *worker(void *arg) {\n" LOCKED("hits++;") //
              "  return arg;\n"
              "}\n"
              "static void run(void) {\n" LOCKED("hits = 2;") //
              LOCKED("more = hits;") "}\n" MAIN,
              "hits: guard m (3 of 3 accesses)\n"
              "  main thread 'main': 1 read, 1 write; holds {m}\n"
              "  thread 'worker', started at a.c:11: 1 write; holds {m}\n"
              "\n"
              "1 variable: 1 with a guard, 0 atomic, 0 without\n");
}

static void places_without_the_guard(void **state)
{
    (void)state;
    check_map("static void *worker(void *arg) {\n" LOCKED("hits++;") LOCKED("hits--;") //
              "  return arg;\n"
              "}\n"
              "static void run(void) {\n" LOCKED("hits = 2;") //
              "  hits = hits + 1;\n"
              "}\n" MAIN,
              "hits: guard m (3 of 5 accesses)\n"
              "  main thread 'main': 1 read, 2 writes; holds {} in 2, {m} in 1\n"
              "  thread 'worker', started at a.c:12: 2 writes; holds {m}\n"
              "  without it: a.c:8 in 'run' (write)\n"
              "\n"
              "1 variable: 1 with a guard, 0 atomic, 0 without\n");
}

static void many_places_without_the_guard_are_cut(void **state)
{
    const char *name = "hits";

    (void)state;
    check(map_write,
          "static void *worker(void *arg) {\n" LOCKED("hits++;") LOCKED("hits++;") LOCKED("hits++;")
              LOCKED("hits++;") LOCKED("hits++;") LOCKED("hits++;") LOCKED("hits++;") //
          "  return arg;\n"
          "}\n"
          "static void run(void) {\n"
          "  hits = 1;\n  hits = 2;\n  hits = 3;\n  hits = 4;\n  hits = 5;\n  hits = 6;\n"
          "  hits = 7;\n"
          "}\n" MAIN,
          (struct map_options){.names = &name, .n_names = 1},
          "hits: guard m (7 of 14 accesses)\n"
          "  main thread 'main': 7 writes; holds {}\n"
          "  thread 'worker', started at a.c:22: 7 writes; holds {m}\n"
          "  without it: a.c:12 in 'run' (write)\n"
          "  without it: a.c:13 in 'run' (write)\n"
          "  without it: a.c:14 in 'run' (write)\n"
          "  without it: a.c:15 in 'run' (write)\n"
          "  without it: a.c:16 in 'run' (write)\n"
          "  without it: 2 more places\n"
          "\n"
          "1 variable: 1 with a guard, 0 atomic, 0 without\n");
}

static void no_guard_and_atomics(void **state)
{
    (void)state;
    check_map("static _Atomic int users;\n"
              "static void *worker(void *arg) {\n"
              "  hits = 1;\n"
              "  users++;\n"
              "  return arg;\n"
              "}\n"
              "static void run(void) {\n"
              "  hits = 2;\n"
              "  users++;\n"
              "}\n" MAIN,
              "hits: no guard\n"
              "  main thread 'main': 1 write; holds {}\n"
              "  thread 'worker', started at a.c:13: 1 write; holds {}\n"
              "\n"
              "users: atomic, no guard\n"
              "  main thread 'main': 1 write; holds {}\n"
              "  thread 'worker', started at a.c:13: 1 write; holds {}\n"
              "\n"
              "2 variables: 0 with a guard, 1 atomic, 1 without\n");
}

/* The same lock taken in two places is one set to the reader. */
static void sets_are_told_apart_by_their_locks(void **state)
{
    (void)state;
    check_map(
        "static void *worker(void *arg) {\n"
        "  pthread_mutex_lock(&m); hits++; pthread_mutex_lock(&m2); hits++;\n"
        "  pthread_mutex_unlock(&m2); hits++; pthread_mutex_unlock(&m);\n" LOCKED("hits++;") //
        "  return arg;\n"
        "}\n"
        "static void run(void) {\n" LOCKED("hits = 2;") "}\n" MAIN,
        "hits: guard m (5 of 5 accesses)\n"
        "  main thread 'main': 1 write; holds {m}\n"
        "  thread 'worker', started at a.c:12: 4 writes; holds {m} in 3, {m, m2} in 1\n"
        "\n"
        "1 variable: 1 with a guard, 0 atomic, 0 without\n");
}

/* ---- which ones ------------------------------------------------------------------------------ */

static const char CONNS[] = "struct conn { int fd; int refs; };\n"
                            "struct connector { int tries; };\n"
                            "extern struct conn *first;\n"
                            "extern struct connector *plug;\n"
                            "static void *worker(void *arg) {\n" //
    LOCKED("first->fd = 1;")                                     //
    LOCKED("first->refs++;")                                     //
    "  plug->tries++; hits++;\n"
    "  return arg;\n"
    "}\n"
    "static void run(void) {\n" LOCKED("first->fd = 2;") //
    "  first->refs++; plug->tries++; more++;\n"
    "}\n" MAIN;

static void unshared_variables_on_request(void **state)
{
    const char *name = "hits";
    const char *want = "hits: no guard; not shared\n"
                       "  thread 'worker', started at a.c:17: 1 write; holds {}\n"
                       "\n"
                       "1 variable: 0 with a guard, 0 atomic, 1 without\n";

    (void)state;
    check_names(CONNS, "its", "0 variables: 0 with a guard, 0 atomic, 0 without\n");
    check_names(CONNS, name, want); /* named in full */
    name = "its";
    check(map_write, CONNS, (struct map_options){.names = &name, .n_names = 1, .all = true}, want);
}

static void names_and_parts_of_names(void **state)
{
    const char *const fd = "conn.fd: guard m (2 of 2 accesses)\n"
                           "  main thread 'main': 1 write; holds {m}\n"
                           "  thread 'worker', started at a.c:17: 1 write; holds {m}\n"
                           "\n"
                           "1 variable: 1 with a guard, 0 atomic, 0 without\n";
    const char *const tries = "connector.tries: no guard\n"
                              "  main thread 'main': 1 write; holds {}\n"
                              "  thread 'worker', started at a.c:17: 1 write; holds {}\n"
                              "\n"
                              "1 variable: 0 with a guard, 0 atomic, 1 without\n";

    (void)state;
    check_names(CONNS, "conn.fd", fd);
    check_names(CONNS, ".fd", fd);
    check_names(CONNS, "connector", tries);
    check_names(CONNS, "ctor", tries);
}

/* "conn" is a struct: its fields, and not those of connector. */
static void a_struct_stands_for_its_fields(void **state)
{
    (void)state;
    check_names(CONNS, "conn",
                "conn.fd: guard m (2 of 2 accesses)\n"
                "  main thread 'main': 1 write; holds {m}\n"
                "  thread 'worker', started at a.c:17: 1 write; holds {m}\n"
                "\n"
                "conn.refs: no guard\n"
                "  main thread 'main': 1 write; holds {}\n"
                "  thread 'worker', started at a.c:17: 1 write; holds {m}\n"
                "\n"
                "2 variables: 1 with a guard, 0 atomic, 1 without\n");
}

static void check_unknown(const char *const *names, size_t n, bool all, const char *want)
{
    void *owner = talloc_new(NULL);
    struct map_options options = {.names = names, .n_names = n, .all = all};
    const char *unknown = map_unknown_name(harness_link(owner, CONNS), &options);

    if (want == NULL) {
        assert_null(unknown);
    } else {
        assert_string_equal(unknown, want);
    }
    talloc_free(owner);
}

static void unknown_names_are_told(void **state)
{
    static const char *const NAMES[] = {"conn.fd", "refs", "hits", "its", "nothing"};

    (void)state;
    check_unknown(NAMES, 0, false, NULL);
    check_unknown(NAMES, 3, false, NULL);
    check_unknown(NAMES, 5, false, "its"); /* part of a name that is not shared */
    check_unknown(NAMES, 5, true, "nothing");
}

/* ---- structs --------------------------------------------------------------------------------- */

static void a_struct_and_its_guards(void **state)
{
    (void)state;
    check(map_write_structs,
          "struct conn { pthread_mutex_t mu; int fd; int refs; int state; int odd; };\n"
          "static _Atomic int users;\n"
          "extern struct conn *first;\n"
          "static void both(struct conn *c) {\n"
          "  pthread_mutex_lock(&c->mu);\n"
          "  c->fd++;\n"
          "  c->refs++;\n"
          "  pthread_mutex_unlock(&c->mu);\n" LOCKED("c->odd++; hits++;") //
          "  c->state++;\n"
          "  users++;\n"
          "}\n"
          "static void *worker(void *arg) { both(first); return arg; }\n"
          "static void run(void) { both(first); first->refs = 0; }\n" MAIN,
          (struct map_options){0},
          "hits: guard m (2 of 2 accesses)\n"
          "struct conn: guard conn.mu (2 of 4 fields)\n"
          "  conn.mu: fd, refs (2 of 3)\n"
          "  m: odd\n"
          "  no guard: state\n"
          "users: no guard (atomic)\n"
          "\n"
          "3 structs or globals\n");
}

static void a_struct_without_any_guard(void **state)
{
    const char *name = "connector";

    (void)state;
    check(map_write_structs, CONNS, (struct map_options){.names = &name, .n_names = 1},
          "struct connector: no guard\n"
          "  no guard: tries\n"
          "\n"
          "1 struct or global\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_guarded_variable),
        cmocka_unit_test(places_without_the_guard),
        cmocka_unit_test(many_places_without_the_guard_are_cut),
        cmocka_unit_test(no_guard_and_atomics),
        cmocka_unit_test(sets_are_told_apart_by_their_locks),
        cmocka_unit_test(unshared_variables_on_request),
        cmocka_unit_test(names_and_parts_of_names),
        cmocka_unit_test(a_struct_stands_for_its_fields),
        cmocka_unit_test(unknown_names_are_told),
        cmocka_unit_test(a_struct_and_its_guards),
        cmocka_unit_test(a_struct_without_any_guard),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
