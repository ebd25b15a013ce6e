/* lock-in-loop and blocking-under-lock: who tells what of a wait under a lock, and how surely. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

static void check_loop(const char *source, const char *want)
{
    harness_check_rule("lock-in-loop", source, want);
}

static void check_under(const char *source, const char *want)
{
    harness_check_rule("blocking-under-lock", source, want);
}

/* A thread that does `does`, beside a loop whose timer runs 'tick'. */
#define WITH_LOOP(does)                                                                            \
    "#include <uv.h>\n"                                                                            \
    "static void *work(void *a) {\n" does "  return a;\n}\n"                                       \
    "int main(void) {\n"                                                                           \
    "  static uv_timer_t t; pthread_t thread;\n"                                                   \
    "  pthread_create(&thread, NULL, work, NULL);\n"                                               \
    "  uv_timer_start(&t, tick, 1, 1);\n"                                                          \
    "  return uv_run(uv_default_loop(), UV_RUN_DEFAULT);\n"                                        \
    "}\n"
#define TICK                                                                                       \
    "static void count(void) { pthread_mutex_lock(&m); hits++; pthread_mutex_unlock(&m); }\n"      \
    "static void tick(uv_timer_t *t) { (void)t; count(); }\n"
#define SLEEP_UNDER                                                                                \
    "  pthread_mutex_lock(&m);\n"                                                                  \
    "  sleep(1); hits++;\n"                                                                        \
    "  pthread_mutex_unlock(&m);\n"

static void the_loop_s_wait_covers_the_other(void **state)
{
    (void)state;
    const char *source = "#include <uv.h>\n" TICK WITH_LOOP(SLEEP_UNDER);

    check_loop(source, "2 [lock-in-loop] callback 'tick' waits here for 'm', which 'work' holds "
                       "while 'sleep' sleeps (a.c:7)\n");
    check_under(source, "");
}

static void a_callback_that_waits_itself_is_another_rule_s(void **state)
{
    (void)state;
    const char *source =
        "#include <uv.h>\n"
        "static void tick(uv_timer_t *t) { (void)t;\n"
        "  pthread_mutex_lock(&m); sleep(1); hits++; pthread_mutex_unlock(&m); }\n" WITH_LOOP(
            "  pthread_mutex_lock(&m); hits++; pthread_mutex_unlock(&m);\n");

    check_loop(source, "");
    check_under(source, "");
}

static void a_try_is_no_wait(void **state)
{
    (void)state;
    check_loop("#include <uv.h>\n"
               "static void tick(uv_timer_t *t) { (void)t;\n"
               "  if (pthread_mutex_trylock(&m) == 0) { hits++; pthread_mutex_unlock(&m); } "
               "}\n" WITH_LOOP(SLEEP_UNDER),
               "");
}

/* Two threads that need `m`, one of which waits with it in hand. */
#define THREADS                                                                                    \
    "void *other(void *a) { pthread_mutex_lock(&m); hits++; pthread_mutex_unlock(&m);\n"           \
    "  return a; }\n"                                                                              \
    "int main(void) { pthread_t t; pthread_create(&t, NULL, other, NULL); work(); return 0; }\n"

static void one_finding_for_one_wait(void **state)
{
    (void)state;
    check_under(
        "static void work(void) {\n"
        "  pthread_mutex_lock(&m); pthread_mutex_lock(&m2);\n"
        "  sleep(1); sleep(2); hits++;\n"
        "  pthread_mutex_unlock(&m2); pthread_mutex_unlock(&m); }\n"
        "void *third(void *a) { pthread_mutex_lock(&m2); hits++;\n"
        "  pthread_mutex_unlock(&m2); return a; }\n"
        "void start(void) { pthread_t t; pthread_create(&t, NULL, third, NULL); }\n" THREADS,
        "3 [blocking-under-lock] 'sleep' sleeps while 'm' is held, which 'other' needs "
        "(a.c:8)\n");
}

static void what_seldom_takes_long_is_low(void **state)
{
    (void)state;
    check_under("#include <sys/stat.h>\n"
                "static void work(void) {\n"
                "  struct stat s;\n"
                "  pthread_mutex_lock(&m); hits += stat(\"x\", &s); pthread_mutex_unlock(&m);\n"
                "}\n" THREADS,
                "4 [blocking-under-lock] 'stat' waits for the file system while 'm' is held, which "
                "'other' needs (a.c:6) (low)\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_loop_s_wait_covers_the_other),
        cmocka_unit_test(a_callback_that_waits_itself_is_another_rule_s),
        cmocka_unit_test(a_try_is_no_wait),
        cmocka_unit_test(one_finding_for_one_wait),
        cmocka_unit_test(what_seldom_takes_long_is_low),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
