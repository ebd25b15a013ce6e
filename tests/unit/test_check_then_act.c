/* check-then-act: what it reports, and the twins it must not report. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

static void check(const char *source, const char *want)
{
    harness_check_rule("check-then-act", source, want);
}

/* Two workers run 'work'. */
#define TWO                                                                                        \
    "int main(void) {\n"                                                                           \
    "  pthread_t t[2];\n"                                                                          \
    "  for (int i = 0; i < 2; i++) pthread_create(&t[i], NULL, work, NULL);\n"                     \
    "  for (int i = 0; i < 2; i++) pthread_join(t[i], NULL);\n"                                    \
    "}\n"

/* The one finding all bad programs here have, with the lines of the act and of the test. */
#define FOUND(act, test)                                                                           \
    act " [check-then-act] 'seats' can have changed between the test on line " test                \
        " and this act on it"
#define STALE(act, test) FOUND(act, test) "\n"
/* No lock is held at the test: it may be meant so. */
#define UNLOCKED(act, test) FOUND(act, test) " (medium)\n"

/* ---- found ----------------------------------------------------------------------------------- */

static void look_and_sale_in_two_critical_sections(void **state)
{
    (void)state;
    check("static int seats = 1;\n"
          "static void *work(void *a) {\n"
          "  pthread_mutex_lock(&m);\n"
          "  int seen = seats;\n"
          "  pthread_mutex_unlock(&m);\n"
          "  if (seen > 0) {\n"
          "    pthread_mutex_lock(&m);\n"
          "    seats--;\n"
          "    pthread_mutex_unlock(&m);\n"
          "  }\n"
          "  return a;\n"
          "}\n" TWO,
          STALE("8", "4"));
}

static void no_lock_at_all(void **state)
{
    (void)state;
    check("static int seats = 1;\n"
          "static void *work(void *a) { if (seats > 0) { elsewhere(); seats--; } return a; }\n" TWO,
          UNLOCKED("2", "2"));
}

static void tested_outside_the_lock(void **state)
{
    (void)state;
    check("static int seats = 1;\n"
          "static void *work(void *a) {\n"
          "  if (seats > 0) {\n"
          "    pthread_mutex_lock(&m);\n"
          "    seats--;\n"
          "    pthread_mutex_unlock(&m);\n"
          "  }\n"
          "  return a;\n"
          "}\n" TWO,
          UNLOCKED("5", "3"));
}

static void the_wait_lets_go_in_between(void **state)
{
    (void)state;
    check("static int seats = 1;\n"
          "static void *work(void *a) {\n"
          "  pthread_mutex_lock(&m);\n"
          "  int seen = seats;\n"
          "  pthread_cond_wait(&cond, &m);\n"
          "  if (seen > 0) seats--;\n"
          "  pthread_mutex_unlock(&m);\n"
          "  return a;\n"
          "}\n" TWO,
          STALE("6", "4"));
}

static void a_helper_lets_go_in_between(void **state)
{
    (void)state;
    check("static int seats = 1;\n"
          "static void pause_it(void) { pthread_mutex_unlock(&m); sleep(1); "
          "pthread_mutex_lock(&m); }\n"
          "static void *work(void *a) {\n"
          "  pthread_mutex_lock(&m);\n"
          "  int seen = seats;\n"
          "  pause_it();\n"
          "  if (seen > 0) seats--;\n"
          "  pthread_mutex_unlock(&m);\n"
          "  return a;\n"
          "}\n" TWO,
          STALE("7", "5"));
}

static void a_helper_waits_in_between(void **state)
{
    (void)state;
    check("static int seats = 1;\n"
          "static void wait_for_it(void) { pthread_cond_wait(&cond, &m); }\n"
          "static void *work(void *a) {\n"
          "  pthread_mutex_lock(&m);\n"
          "  int seen = seats;\n"
          "  wait_for_it();\n"
          "  if (seen > 0) seats--;\n"
          "  pthread_mutex_unlock(&m);\n"
          "  return a;\n"
          "}\n" TWO,
          STALE("7", "5"));
}

static void different_locks_for_look_and_sale(void **state)
{
    (void)state;
    check("static int seats = 1;\n"
          "static void *work(void *a) {\n"
          "  pthread_mutex_lock(&m);\n"
          "  int seen = seats;\n"
          "  if (seen > 0) {\n"
          "    pthread_mutex_unlock(&m);\n"
          "    pthread_mutex_lock(&m2);\n"
          "    seats--;\n"
          "    pthread_mutex_unlock(&m2);\n"
          "  } else pthread_mutex_unlock(&m);\n"
          "  return a;\n"
          "}\n" TWO,
          UNLOCKED("8", "4"));
}

static void readers_become_writers(void **state)
{
    (void)state;
    check("static int seats = 1;\n"
          "static void *work(void *a) {\n"
          "  pthread_rwlock_rdlock(&rw);\n"
          "  int seen = seats;\n"
          "  pthread_rwlock_unlock(&rw);\n"
          "  pthread_rwlock_wrlock(&rw);\n"
          "  if (seen > 0) seats--;\n"
          "  pthread_rwlock_unlock(&rw);\n"
          "  return a;\n"
          "}\n" TWO,
          STALE("7", "4"));
}

static void readers_that_write(void **state)
{
    (void)state;
    check("static int seats = 1;\n"
          "static void *work(void *a) {\n"
          "  pthread_rwlock_rdlock(&rw);\n"
          "  if (seats > 0) {\n"
          "    elsewhere();\n"
          "    seats--;\n"
          "  }\n"
          "  pthread_rwlock_unlock(&rw);\n"
          "  return a;\n"
          "}\n" TWO,
          STALE("6", "4"));
}

static void the_look_is_a_getter(void **state)
{
    (void)state;
    check("static int seats = 1;\n"
          "static int look(void) {\n"
          "  pthread_mutex_lock(&m);\n"
          "  int seen = seats;\n"
          "  pthread_mutex_unlock(&m);\n"
          "  return seen;\n"
          "}\n"
          "static void *work(void *a) {\n"
          "  if (look() > 0) {\n"
          "    pthread_mutex_lock(&m);\n"
          "    seats--;\n"
          "    pthread_mutex_unlock(&m);\n"
          "  }\n"
          "  return a;\n"
          "}\n" TWO,
          STALE("11", "9"));
}

static void a_flag_guards_work_that_runs_once(void **state)
{
    (void)state;
    check("static int seats;\n"
          "static void *work(void *a) {\n"
          "  if (!seats) { elsewhere(); seats = 1; }\n"
          "  return a;\n"
          "}\n" TWO,
          UNLOCKED("3", "3"));
}

static void another_thread_changes_it(void **state)
{
    (void)state;
    check("static int seats = 1;\n"
          "static void *work(void *a) {\n"
          "  pthread_mutex_lock(&m); int seen = seats; pthread_mutex_unlock(&m);\n"
          "  pthread_mutex_lock(&m); if (seen > 0) seats = seen - 1; pthread_mutex_unlock(&m);\n"
          "  return a;\n"
          "}\n"
          "static void *refund(void *a) {\n"
          "  pthread_mutex_lock(&m); seats++; pthread_mutex_unlock(&m);\n"
          "  return a;\n"
          "}\n"
          "int main(void) {\n"
          "  pthread_t t, u;\n"
          "  pthread_create(&t, NULL, work, NULL);\n"
          "  pthread_create(&u, NULL, refund, NULL);\n"
          "}\n",
          STALE("4", "3"));
}

static void a_field_of_shared_objects(void **state)
{
    (void)state;
    check("struct show { pthread_mutex_t mu; int seats; };\n"
          "static struct show show;\n"
          "static void *work(void *p) {\n"
          "  struct show *s = p;\n"
          "  pthread_mutex_lock(&s->mu);\n"
          "  int seen = s->seats;\n"
          "  pthread_mutex_unlock(&s->mu);\n"
          "  if (seen > 0) {\n"
          "    pthread_mutex_lock(&s->mu);\n"
          "    s->seats--;\n"
          "    pthread_mutex_unlock(&s->mu);\n"
          "  }\n"
          "  return NULL;\n"
          "}\n"
          "int main(void) {\n"
          "  pthread_t t[2];\n"
          "  for (int i = 0; i < 2; i++) pthread_create(&t[i], NULL, work, &show);\n"
          "}\n",
          "10 [check-then-act] 'show.seats' can have changed between the test on line 6 and this "
          "act on it\n");
}

static void through_a_conditional_expression(void **state)
{
    (void)state;
    check("static int seats = 1;\n"
          "static void *work(void *a) {\n"
          "  int seen = seats;\n"
          "  bool sell = seen > 0 && a == NULL;\n"
          "  if (sell) seats--;\n"
          "  return a;\n"
          "}\n" TWO,
          UNLOCKED("5", "3"));
}

/* ---- not found ------------------------------------------------------------------------------- */

static void held_from_look_to_sale(void **state)
{
    (void)state;
    check("static int seats = 1;\n"
          "static void *work(void *a) {\n"
          "  pthread_mutex_lock(&m);\n"
          "  int seen = seats;\n"
          "  if (seen > 0) seats--;\n"
          "  pthread_mutex_unlock(&m);\n"
          "  return a;\n"
          "}\n" TWO,
          "");
}

static void held_by_the_caller(void **state)
{
    (void)state;
    check("static int seats = 1;\n"
          "static void sell(void) { if (seats > 0) seats--; }\n"
          "static void *work(void *a) {\n"
          "  pthread_mutex_lock(&m); sell(); pthread_mutex_unlock(&m);\n"
          "  return a;\n"
          "}\n" TWO,
          "");
}

static void another_lock_held_throughout(void **state)
{
    (void)state;
    check("static int seats = 1;\n"
          "static void *work(void *a) {\n"
          "  pthread_mutex_lock(&m2);\n"
          "  pthread_mutex_lock(&m); int seen = seats; pthread_mutex_unlock(&m);\n"
          "  pthread_mutex_lock(&m); if (seen > 0) seats--; pthread_mutex_unlock(&m);\n"
          "  pthread_mutex_unlock(&m2);\n"
          "  return a;\n"
          "}\n" TWO,
          "");
}

static void tested_again_under_the_lock(void **state)
{
    (void)state;
    check("static int seats = 1;\n"
          "static void *work(void *a) {\n"
          "  if (seats > 0) {\n"
          "    pthread_mutex_lock(&m);\n"
          "    if (seats > 0) seats--;\n"
          "    pthread_mutex_unlock(&m);\n"
          "  }\n"
          "  return a;\n"
          "}\n" TWO,
          "");
}

static void read_again_into_the_same_variable(void **state)
{
    (void)state;
    check("static int seats = 1;\n"
          "static void *work(void *a) {\n"
          "  pthread_mutex_lock(&m); int seen = seats; pthread_mutex_unlock(&m);\n"
          "  if (seen == 0) return a;\n"
          "  pthread_mutex_lock(&m);\n"
          "  seen = seats;\n"
          "  if (seen > 0) seats--;\n"
          "  pthread_mutex_unlock(&m);\n"
          "  return a;\n"
          "}\n" TWO,
          "");
}

static void one_thread_only(void **state)
{
    (void)state;
    check("static int seats = 1;\n"
          "static void *work(void *a) { if (seats > 0) { elsewhere(); seats--; } return a; }\n"
          "int main(void) {\n"
          "  pthread_t t;\n"
          "  pthread_create(&t, NULL, work, NULL);\n"
          "  pthread_join(t, NULL);\n"
          "  if (seats > 0) seats--;\n"
          "}\n",
          "");
}

static void only_one_writes(void **state)
{
    (void)state;
    check("static int seats = 1;\n"
          "static void *work(void *a) { if (seats > 0) { elsewhere(); seats--; } return a; }\n"
          "static void *show(void *a) { hits = seats; return a; }\n"
          "int main(void) {\n"
          "  pthread_t t, u;\n"
          "  pthread_create(&t, NULL, work, NULL);\n"
          "  pthread_create(&u, NULL, show, NULL);\n"
          "}\n",
          "");
}

static void a_flag_that_is_only_set(void **state)
{
    (void)state;
    check("static int seats;\n"
          "static void *work(void *a) { if (!seats) seats = 1; return a; }\n" TWO,
          "");
}

static void compare_and_swap_acts(void **state)
{
    (void)state;
    check("#include <stdatomic.h>\n"
          "static atomic_int seats = 1;\n"
          "static void *work(void *a) {\n"
          "  int seen = atomic_load(&seats);\n"
          "  while (seen > 0 && !atomic_compare_exchange_weak(&seats, &seen, seen - 1)) { }\n"
          "  return a;\n"
          "}\n" TWO,
          "");
}

static void an_atomic_counter_that_claims(void **state)
{
    (void)state;
    check("#include <stdatomic.h>\n"
          "static atomic_int seats = 1;\n"
          "static void *work(void *a) {\n"
          "  if (atomic_fetch_sub(&seats, 1) <= 0) atomic_fetch_add(&seats, 1);\n"
          "  return a;\n"
          "}\n" TWO,
          "");
}

static void the_act_is_on_another_variable(void **state)
{
    (void)state;
    check("static int seats = 1;\n"
          "static void *work(void *a) { if (seats > 0) { elsewhere(); hits++; } seats = 2; return "
          "a; }\n" TWO,
          "");
}

static void set_up_before_the_threads(void **state)
{
    (void)state;
    check("static int seats;\n"
          "static void *work(void *a) { hits = seats; return a; }\n"
          "static void set_up(void) { if (seats == 0) { elsewhere(); seats = 5; } }\n"
          "int main(void) {\n"
          "  pthread_t t[2];\n"
          "  set_up();\n"
          "  for (int i = 0; i < 2; i++) pthread_create(&t[i], NULL, work, NULL);\n"
          "}\n",
          "");
}

static void callbacks_of_one_loop_take_turns(void **state)
{
    (void)state;
    check("#include <uv.h>\n"
          "static int seats = 1;\n"
          "static void buy(uv_timer_t *t) { (void)t; if (seats > 0) { elsewhere(); seats--; } }\n"
          "static void refund(uv_timer_t *t) { (void)t; seats++; }\n"
          "int main(void) {\n"
          "  static uv_timer_t a, b;\n"
          "  uv_timer_start(&a, buy, 1, 1);\n"
          "  uv_timer_start(&b, refund, 1, 1);\n"
          "  return uv_run(uv_default_loop(), UV_RUN_DEFAULT);\n"
          "}\n",
          "");
}

static void writers_all_keep_the_gate(void **state)
{
    (void)state;
    check("static int seats = 1;\n"
          "static void *work(void *a) {\n"
          "  pthread_rwlock_rdlock(&rw);\n"
          "  if (seats > 0) hits = 1;\n"
          "  pthread_rwlock_unlock(&rw);\n"
          "  pthread_rwlock_wrlock(&rw);\n"
          "  if (seats > 0) seats--;\n"
          "  pthread_rwlock_unlock(&rw);\n"
          "  return a;\n"
          "}\n" TWO,
          "");
}

static void loops_that_look_each_time(void **state)
{
    (void)state;
    check("static int seats = 9;\n"
          "static void *work(void *a) {\n"
          "  pthread_mutex_lock(&m);\n"
          "  while (seats > 0) {\n"
          "    seats--;\n"
          "    pthread_mutex_unlock(&m);\n"
          "    elsewhere();\n"
          "    pthread_mutex_lock(&m);\n"
          "  }\n"
          "  pthread_mutex_unlock(&m);\n"
          "  return a;\n"
          "}\n" TWO,
          "");
}

static void waiting_for_a_condition(void **state)
{
    (void)state;
    check("static int seats;\n"
          "static void *work(void *a) {\n"
          "  pthread_mutex_lock(&m);\n"
          "  while (seats == 0) pthread_cond_wait(&cond, &m);\n"
          "  seats--;\n"
          "  pthread_mutex_unlock(&m);\n"
          "  return a;\n"
          "}\n" TWO,
          "");
}

static void thread_local_and_fresh(void **state)
{
    (void)state;
    check("struct show { int seats; };\n"
          "static _Thread_local int seats = 1;\n"
          "static void *work(void *a) {\n"
          "  struct show *s = calloc(1, sizeof *s);\n"
          "  if (s->seats == 0) { elsewhere(); s->seats++; }\n"
          "  if (seats > 0) { elsewhere(); seats--; }\n"
          "  free(s);\n"
          "  return a;\n"
          "}\n" TWO,
          "");
}

static void once_routines(void **state)
{
    (void)state;
    check(
        "static pthread_once_t once = PTHREAD_ONCE_INIT;\n"
        "static int seats;\n"
        "static void set_up(void) { if (seats == 0) { elsewhere(); seats = 5; } }\n"
        "static void *work(void *a) { pthread_once(&once, set_up); hits = seats; return a; }\n" TWO,
        "");
}

/* ---- rivals that change nothing -------------------------------------------------------------- */

#define RIVAL(stored)                                                                              \
    "static int seats;\n"                                                                          \
    "static void *work(void *a) {\n"                                                               \
    "  pthread_mutex_lock(&m);\n"                                                                  \
    "  int seen = seats;\n"                                                                        \
    "  pthread_mutex_unlock(&m);\n"                                                                \
    "  if (seen == 0) {\n"                                                                         \
    "    pthread_mutex_lock(&m);\n"                                                                \
    "    seats = 7;\n"                                                                             \
    "    elsewhere();\n"                                                                           \
    "    pthread_mutex_unlock(&m);\n"                                                              \
    "  }\n"                                                                                        \
    "  return a;\n"                                                                                \
    "}\n"                                                                                          \
    "static void *clear(void *a) {\n"                                                              \
    "  pthread_mutex_lock(&m); seats = " stored "; pthread_mutex_unlock(&m);\n"                    \
    "  return a;\n"                                                                                \
    "}\n"                                                                                          \
    "int main(void) {\n"                                                                           \
    "  pthread_t t, u;\n"                                                                          \
    "  pthread_create(&t, NULL, work, NULL);\n"                                                    \
    "  pthread_create(&u, NULL, clear, NULL);\n"                                                   \
    "  pthread_join(t, NULL);\n"                                                                   \
    "  pthread_join(u, NULL);\n"                                                                   \
    "}\n"

static void a_rival_that_stores_what_was_tested_for(void **state)
{
    (void)state;
    check(RIVAL("0"), "");
}

static void a_rival_that_stores_something_else(void **state)
{
    (void)state;
    check(RIVAL("3"), STALE("8", "4"));
}

static void a_rival_that_stores_what_the_act_stores(void **state)
{
    (void)state;
    check("static int seats = 1;\n"
          "static void *reset(void *a) {\n"
          "  pthread_mutex_lock(&m); seats = 0; pthread_mutex_unlock(&m); return a; }\n"
          "int main(void) {\n"
          "  pthread_t t;\n"
          "  pthread_create(&t, NULL, reset, NULL);\n"
          "  pthread_mutex_lock(&m); int seen = seats; pthread_mutex_unlock(&m);\n"
          "  if (seen > 0) {\n"
          "    elsewhere();\n"
          "    pthread_mutex_lock(&m); seats = 0; pthread_mutex_unlock(&m);\n"
          "  }\n"
          "}\n",
          FOUND("10", "7") " (low)\n");
}

#define COUNTER(type)                                                                              \
    "static " type " seats = 1;\n"                                                                 \
    "static void take(void) { seats--; }\n"                                                        \
    "static void trim(void) { take(); }\n"                                                         \
    "static void *work(void *a) {\n"                                                               \
    "  if (seats > 0) trim();\n"                                                                   \
    "  if (seats > 2) take();\n"                                                                   \
    "  return a;\n"                                                                                \
    "}\n" TWO

static void an_atomic_counter_that_is_kept_two_calls_down(void **state)
{
    (void)state;
    check(COUNTER("_Atomic int"), FOUND("5", "5") " (low)\n" UNLOCKED("6", "6"));
    check(COUNTER("int"), UNLOCKED("6", "6")); /* farther away it is for data-race */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(look_and_sale_in_two_critical_sections),
        cmocka_unit_test(no_lock_at_all),
        cmocka_unit_test(tested_outside_the_lock),
        cmocka_unit_test(the_wait_lets_go_in_between),
        cmocka_unit_test(a_helper_lets_go_in_between),
        cmocka_unit_test(a_helper_waits_in_between),
        cmocka_unit_test(different_locks_for_look_and_sale),
        cmocka_unit_test(readers_become_writers),
        cmocka_unit_test(readers_that_write),
        cmocka_unit_test(the_look_is_a_getter),
        cmocka_unit_test(a_flag_guards_work_that_runs_once),
        cmocka_unit_test(another_thread_changes_it),
        cmocka_unit_test(a_field_of_shared_objects),
        cmocka_unit_test(through_a_conditional_expression),
        cmocka_unit_test(held_from_look_to_sale),
        cmocka_unit_test(held_by_the_caller),
        cmocka_unit_test(another_lock_held_throughout),
        cmocka_unit_test(tested_again_under_the_lock),
        cmocka_unit_test(read_again_into_the_same_variable),
        cmocka_unit_test(one_thread_only),
        cmocka_unit_test(only_one_writes),
        cmocka_unit_test(a_flag_that_is_only_set),
        cmocka_unit_test(compare_and_swap_acts),
        cmocka_unit_test(an_atomic_counter_that_claims),
        cmocka_unit_test(the_act_is_on_another_variable),
        cmocka_unit_test(set_up_before_the_threads),
        cmocka_unit_test(callbacks_of_one_loop_take_turns),
        cmocka_unit_test(writers_all_keep_the_gate),
        cmocka_unit_test(loops_that_look_each_time),
        cmocka_unit_test(waiting_for_a_condition),
        cmocka_unit_test(thread_local_and_fresh),
        cmocka_unit_test(once_routines),
        cmocka_unit_test(a_rival_that_stores_what_was_tested_for),
        cmocka_unit_test(a_rival_that_stores_something_else),
        cmocka_unit_test(a_rival_that_stores_what_the_act_stores),
        cmocka_unit_test(an_atomic_counter_that_is_kept_two_calls_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
