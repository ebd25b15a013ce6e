/* stalls.h: who waits with a lock in hand, and who needs the lock meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

/* "LINE CALL {locks}": each wait that is made with a lock in hand. */
static char *dump_held(void *owner, const struct prog *prog)
{
    char *text = mem_strdup(owner, "");
    struct held_waits *held = held_waits_find(owner, blocking_sites_all(prog->blocking_sites));

    for (size_t i = 0; i < held->v.n; i++) {
        const struct held_wait *wait = &held->v.v[i];
        const struct call *call = wait->site->call;
        struct loc at = prog_loc_of(prog, (struct site){call->fn.i, call->op.i});
        mem_append(owner, &text, "%u %s under %s of %s%s\n", at.line, call->name,
                   prog_path_name(owner, prog, FN_NONE, wait->lock), prog_fn_name(prog, wait->fn),
                   wait->always ? "" : ", perhaps");
    }
    return text;
}

/* "LINE CALL under LOCK, needed by FUNCTION": those of them that others stand in line for. */
static char *dump_stalls(void *owner, const struct prog *prog)
{
    char *text = mem_strdup(owner, "");
    const struct stalls *stalls = stalls_all(prog->stalls);

    for (size_t i = 0; i < stalls->v.n; i++) {
        const struct stall *stall = &stalls->v.v[i];
        const struct call *call = stall->wait->site->call;
        struct loc at = prog_loc_of(prog, (struct site){call->fn.i, call->op.i});
        mem_append(owner, &text, "%u %s under %s, needed by %s%s\n", at.line, call->name,
                   prog_path_name(owner, prog, FN_NONE, stall->wait->lock),
                   prog_fn_name(prog, stall->wanter.at.fn), stall->has_loop ? " and a loop" : "");
    }
    return text;
}

static void check_held(const char *source, const char *want)
{
    harness_check(dump_held, source, want);
}

static void check_stalls(const char *source, const char *want)
{
    harness_check(dump_stalls, source, want);
}

static void what_is_below_a_section(void **state)
{
    (void)state;
    check_held("static void low(void) { sleep(1); }\n"
               "static void middle(void) { low(); }\n"
               "void f(void) {\n"
               "  pthread_mutex_lock(&m);\n"
               "  middle();\n"
               "  pthread_mutex_unlock(&m);\n"
               "  sleep(2);\n"
               "}\n"
               "void g(int c) {\n"
               "  if (c) pthread_mutex_lock(&m);\n"
               "  sleep(3);\n"
               "  if (c) pthread_mutex_unlock(&m);\n"
               "}\n",
               "1 sleep under m of f\n"
               "11 sleep under m of g, perhaps\n");
}

static void a_callee_gives_the_lock_back(void **state)
{
    (void)state;
    check_held("static void wait(pthread_mutex_t *mu) {\n"
               "  pthread_mutex_unlock(mu);\n"
               "  sleep(1);\n"
               "  pthread_mutex_lock(mu);\n"
               "}\n"
               "void f(void) {\n"
               "  pthread_mutex_lock(&m);\n"
               "  wait(&m);\n"
               "  pthread_mutex_unlock(&m);\n"
               "  pthread_mutex_lock(&m);\n"
               "  pthread_mutex_lock(&m2);\n"
               "  wait(&m);\n"
               "  pthread_mutex_unlock(&m2);\n"
               "  pthread_mutex_unlock(&m);\n"
               "}\n",
               "3 sleep under m2 of f\n");
}

static void a_condition_gives_up_its_own_lock(void **state)
{
    (void)state;
    check_held("static void await(pthread_cond_t *c, pthread_mutex_t *mu) {\n"
               "  pthread_cond_wait(c, mu);\n"
               "}\n"
               "void f(void) {\n"
               "  pthread_mutex_lock(&m2);\n"
               "  pthread_mutex_lock(&m);\n"
               "  pthread_cond_wait(&cond, &m);\n"
               "  pthread_mutex_unlock(&m);\n"
               "  pthread_mutex_unlock(&m2);\n"
               "}\n"
               "void g(void) {\n"
               "  pthread_mutex_lock(&m);\n"
               "  await(&cond, &m);\n"
               "  pthread_mutex_unlock(&m);\n"
               "}\n",
               "7 pthread_cond_wait under m2 of f\n");
}

static void arguments_lead_there(void **state)
{
    (void)state;
    check_held("static void stop(int wait) { if (wait) sleep(1); hits++; }\n"
               "void f(void) {\n"
               "  pthread_mutex_lock(&m); stop(0); pthread_mutex_unlock(&m);\n"
               "  stop(1);\n"
               "}\n"
               "void g(void) { pthread_mutex_lock(&m); stop(1); pthread_mutex_unlock(&m); }\n",
               "1 sleep under m of g\n");
}

#define THREAD "void *other(void *a) { (void)a; "
#define MAIN                                                                                       \
    "int main(void) { pthread_t t; pthread_create(&t, NULL, other, NULL);\n"                       \
    "  pthread_mutex_lock(&m); sleep(1); hits++; pthread_mutex_unlock(&m); return 0; }\n"

static void who_needs_the_lock(void **state)
{
    (void)state;
    check_stalls(THREAD
                 "pthread_mutex_lock(&m); hits++; pthread_mutex_unlock(&m); return 0; }\n" MAIN,
                 "3 sleep under m, needed by other\n");
    check_stalls(THREAD
                 "pthread_mutex_lock(&m2); hits++; pthread_mutex_unlock(&m2); return 0; }\n" MAIN,
                 "");
    check_stalls(THREAD
                 "if (pthread_mutex_trylock(&m) == 0) { hits++; pthread_mutex_unlock(&m); }\n"
                 "return 0; }\n" MAIN,
                 "");
}

static void who_means_to_wait(void **state)
{
    (void)state;
    check_stalls(THREAD "pthread_mutex_lock(&m); pthread_mutex_unlock(&m); return 0; }\n" MAIN, "");
    check_stalls("static int stop;\n"
                 "void *worker(void *a) {\n"
                 "  pthread_mutex_lock(&m);\n"
                 "  while (!stop) sleep(1);\n"
                 "  pthread_mutex_unlock(&m);\n"
                 "  return a;\n"
                 "}\n"
                 "int main(void) {\n"
                 "  pthread_t t;\n"
                 "  pthread_create(&t, NULL, worker, NULL);\n"
                 "  pthread_mutex_lock(&m); stop = 1; pthread_mutex_unlock(&m);\n"
                 "  pthread_join(t, NULL);\n"
                 "  return 0;\n"
                 "}\n",
                 "");
}

static void a_gate_keeps_them_apart(void **state)
{
    (void)state;
    check_stalls("void *other(void *a) {\n"
                 "  pthread_mutex_lock(&m2); pthread_mutex_lock(&m); hits++;\n"
                 "  pthread_mutex_unlock(&m); pthread_mutex_unlock(&m2); return a;\n"
                 "}\n"
                 "int main(void) { pthread_t t; pthread_create(&t, NULL, other, NULL);\n"
                 "  pthread_mutex_lock(&m2); pthread_mutex_lock(&m); sleep(1); hits++;\n"
                 "  pthread_mutex_unlock(&m); pthread_mutex_unlock(&m2); return 0; }\n",
                 "6 sleep under m2, needed by other\n");
}

static void locks_that_serialise(void **state)
{
    (void)state;
    const char *log = "static int fd;\n"
                      "static void say(void) {\n"
                      "  pthread_mutex_lock(&m); fsync(fd); pthread_mutex_unlock(&m);\n"
                      "}\n"
                      "void *other(void *a) { say(); return a; }\n"
                      "int main(void) { pthread_t t;\n"
                      "  pthread_create(&t, NULL, other, NULL); say(); return 0; }\n";
    check_stalls(log, "");
    check_stalls("static int fd;\n"
                 "static void say(void) {\n"
                 "  pthread_mutex_lock(&m); fsync(fd); hits++; pthread_mutex_unlock(&m);\n"
                 "}\n"
                 "static void count(void) {\n"
                 "  pthread_mutex_lock(&m); hits++; pthread_mutex_unlock(&m);\n"
                 "}\n"
                 "void *other(void *a) { count(); return a; }\n"
                 "int main(void) { pthread_t t;\n"
                 "  pthread_create(&t, NULL, other, NULL); say(); return 0; }\n",
                 "3 fsync under m, needed by count\n");
}

static void memory_is_no_handle(void **state)
{
    (void)state;
#define READER(into)                                                                               \
    "static char text[8];\n"                                                                       \
    "static char *line = text;\n"                                                                  \
    "static void fetch(void) {\n"                                                                  \
    "  pthread_mutex_lock(&m); (void)read(0, " into ", 8); pthread_mutex_unlock(&m);\n"            \
    "}\n"
#define WITH_MAIN                                                                                  \
    "int main(void) { pthread_t t;\n"                                                              \
    "  pthread_create(&t, NULL, other, NULL); fetch(); line = NULL; return 0; }\n"
    check_stalls(READER("line") "void *other(void *a) {\n"
                                "  pthread_mutex_lock(&m); line = text; pthread_mutex_unlock(&m);\n"
                                "  return a; }\n" WITH_MAIN,
                 "4 read under m, needed by other\n");
    check_stalls(READER("text") "void *other(void *a) {\n"
                                "  pthread_mutex_lock(&m); memcpy(a, text, 8);\n"
                                "  pthread_mutex_unlock(&m); return a; }\n" WITH_MAIN,
                 "4 read under m, needed by other\n");
}

static void nobody_joins_himself(void **state)
{
    (void)state;
    check_stalls("static pthread_t threads[4];\n"
                 "static void stop(void) {\n"
                 "  for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);\n"
                 "}\n"
                 "void *worker(void *a) {\n"
                 "  pthread_mutex_lock(&m); hits++; if (hits == 9) stop();\n"
                 "  pthread_mutex_unlock(&m); return a;\n"
                 "}\n"
                 "int main(void) {\n"
                 "  for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, worker, NULL);\n"
                 "  return 0;\n"
                 "}\n",
                 "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_below_a_section),
        cmocka_unit_test(a_callee_gives_the_lock_back),
        cmocka_unit_test(a_condition_gives_up_its_own_lock),
        cmocka_unit_test(arguments_lead_there),
        cmocka_unit_test(who_needs_the_lock),
        cmocka_unit_test(who_means_to_wait),
        cmocka_unit_test(a_gate_keeps_them_apart),
        cmocka_unit_test(locks_that_serialise),
        cmocka_unit_test(memory_is_no_handle),
        cmocka_unit_test(nobody_joins_himself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
