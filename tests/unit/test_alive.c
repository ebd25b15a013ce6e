/* alive.h: what runs before the first thread starts and after the last was joined has no company.
 * Only accesses that have company are in the map that is printed here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

static void check(const char *source, const char *want)
{
    harness_check(harness_dump_map, source, want);
}

static void main_is_alone_before_create_and_after_join(void **state)
{
    (void)state;
    check("static void *work(void *a) { hits = 1; return a; }\n"
          "int main(void) {\n"
          "  pthread_t t;\n"
          "  hits = 2;\n"
          "  pthread_create(&t, NULL, work, NULL);\n"
          "  hits = 3;\n"
          "  pthread_join(t, NULL);\n"
          "  hits = 4;\n"
          "}\n",
          "1 thread work writes hits {}\n"
          "6 main writes hits {}\n");
}

/* A function that gives up where the start has failed leaves no thread behind. */
static void a_start_that_failed_starts_nothing(void **state)
{
    (void)state;
    check("static void *work(void *a) { hits = 1; return a; }\n"
          "static int run(void) {\n"
          "  pthread_t t;\n"
          "  int ret = 0;\n"
          "  if ((ret = pthread_create(&t, NULL, work, NULL)) != 0) return ret;\n"
          "  hits = 2;\n"
          "  pthread_join(t, NULL);\n"
          "  return 0;\n"
          "}\n"
          "int main(void) {\n"
          "  int failed = run();\n"
          "  hits = 3;\n"
          "  return failed;\n"
          "}\n",
          "1 thread work writes hits {}\n"
          "6 main writes hits {}\n");
}

static void a_start_that_succeeded_and_is_not_joined(void **state)
{
    (void)state;
    check("static void *work(void *a) { hits = 1; return a; }\n"
          "static int run(void) {\n"
          "  pthread_t t;\n"
          "  if (pthread_create(&t, NULL, work, NULL) == 0) return 0;\n"
          "  hits = 2;\n"
          "  return -1;\n"
          "}\n"
          "int main(void) {\n"
          "  run();\n"
          "  hits = 3;\n"
          "}\n",
          "1 thread work writes hits {}\n"
          "10 main writes hits {}\n");
}

/* The first ones run, whichever one could not be started. */
static void a_start_in_a_loop_that_failed(void **state)
{
    (void)state;
    check("static void *work(void *a) { hits = 1; return a; }\n"
          "int main(void) {\n"
          "  pthread_t t[4];\n"
          "  for (int i = 0; i < 4; i++) {\n"
          "    if (pthread_create(&t[i], NULL, work, NULL)) { hits = 2; return 1; }\n"
          "  }\n"
          "}\n",
          "1 thread work writes hits {}\n"
          "5 main writes hits {}\n");
}

static void an_array_of_threads(void **state)
{
    (void)state;
    check("static void *work(void *a) { hits = 1; return a; }\n"
          "int main(void) {\n"
          "  pthread_t t[4];\n"
          "  hits = 2;\n"
          "  for (int i = 0; i < 4; i++) pthread_create(&t[i], NULL, work, NULL);\n"
          "  hits = 3;\n"
          "  for (int i = 0; i < 4; i++) pthread_join(t[i], NULL);\n"
          "  hits = 4;\n"
          "}\n",
          "1 thread work writes hits {}\n"
          "6 main writes hits {}\n");
}

static void the_second_thread_keeps_running(void **state)
{
    (void)state;
    check("static void *work(void *a) { hits = 1; return a; }\n"
          "static void *other(void *a) { return a; }\n"
          "int main(void) {\n"
          "  pthread_t t, u;\n"
          "  pthread_create(&t, NULL, work, NULL);\n"
          "  pthread_create(&u, NULL, other, NULL);\n"
          "  pthread_join(t, NULL);\n"
          "  hits = 2;\n"
          "  pthread_join(u, NULL);\n"
          "  hits = 3;\n"
          "}\n",
          "1 thread work writes hits {}\n"
          "8 main writes hits {}\n");
}

static void set_up_in_a_callee_is_alone(void **state)
{
    (void)state;
    check("static void *work(void *a) { hits = 1; return a; }\n"
          "static void set_up(void) { hits = 2; }\n"
          "int main(void) {\n"
          "  pthread_t t;\n"
          "  set_up();\n"
          "  pthread_create(&t, NULL, work, NULL);\n"
          "}\n",
          "1 thread work writes hits {}\n");
}

static void a_callee_called_before_and_after(void **state)
{
    (void)state;
    check("static void *work(void *a) { hits = 1; return a; }\n"
          "static void both(void) { hits = 2; }\n"
          "int main(void) {\n"
          "  pthread_t t;\n"
          "  both();\n"
          "  pthread_create(&t, NULL, work, NULL);\n"
          "  both();\n"
          "}\n",
          "1 thread work writes hits {}\n"
          "2 main writes hits {}\n");
}

static void started_in_a_callee(void **state)
{
    (void)state;
    check("static pthread_t t;\n"
          "static void *work(void *a) { hits = 1; return a; }\n"
          "static void start(void) { hits = 2; pthread_create(&t, NULL, work, NULL); hits = 3; }\n"
          "int main(void) {\n"
          "  hits = 4;\n"
          "  start();\n"
          "  hits = 5;\n"
          "  pthread_join(t, NULL);\n"
          "  hits = 6;\n"
          "}\n",
          "2 thread work writes hits {}\n"
          "3 main writes hits {}\n"
          "7 main writes hits {}\n"
          "8 main reads t {}\n");
}

static void joined_in_a_callee(void **state)
{
    (void)state;
    check("static pthread_t t;\n"
          "static void *work(void *a) { hits = 1; return a; }\n"
          "static void stop(void) { pthread_join(t, NULL); }\n"
          "int main(void) {\n"
          "  pthread_create(&t, NULL, work, NULL);\n"
          "  hits = 3;\n"
          "  stop();\n"
          "  hits = 4;\n"
          "}\n",
          "2 thread work writes hits {}\n"
          "3 main reads t {}\n"
          "6 main writes hits {}\n");
}

static void array_joined_in_a_callee(void **state)
{
    (void)state;
    check("static pthread_t t[4];\n"
          "static void *work(void *a) { hits = 1; return a; }\n"
          "static void start(void) { for (int i = 0; i < 4; i++) pthread_create(&t[i], NULL, work, "
          "NULL); }\n"
          "static void stop(void) { for (int i = 0; i < 4; i++) pthread_join(t[i], NULL); }\n"
          "int main(void) {\n"
          "  start();\n"
          "  hits = 3;\n"
          "  stop();\n"
          "  hits = 4;\n"
          "}\n",
          "2 thread work writes hits {}\n"
          "4 main reads t[] {}\n"
          "7 main writes hits {}\n");
}

static void a_detached_thread_never_ends(void **state)
{
    (void)state;
    check("static void *work(void *a) { hits = 1; return a; }\n"
          "int main(void) {\n"
          "  pthread_t t;\n"
          "  pthread_create(&t, NULL, work, NULL);\n"
          "  pthread_detach(t);\n"
          "  hits = 2;\n"
          "}\n",
          "1 thread work writes hits {}\n"
          "6 main writes hits {}\n");
}

static void joined_on_one_way_only(void **state)
{
    (void)state;
    check("static void *work(void *a) { hits = 1; return a; }\n"
          "int main(int argc, char **argv) {\n"
          "  pthread_t t;\n"
          "  (void)argv;\n"
          "  pthread_create(&t, NULL, work, NULL);\n"
          "  if (argc > 1) { pthread_join(t, NULL); hits = 2; }\n"
          "  hits = 3;\n"
          "}\n",
          "1 thread work writes hits {}\n"
          "7 main writes hits {}\n");
}

static void created_where_creation_can_fail(void **state)
{
    (void)state;
    check("static void *work(void *a) { hits = 1; return a; }\n"
          "int main(void) {\n"
          "  pthread_t t;\n"
          "  if (pthread_create(&t, NULL, work, NULL) != 0) { hits = 2; return 1; }\n"
          "  hits = 3;\n"
          "  pthread_join(t, NULL);\n"
          "  hits = 4;\n"
          "}\n",
          "1 thread work writes hits {}\n"
          "5 main writes hits {}\n");
}

static void handles_in_objects(void **state)
{
    (void)state;
    check("struct worker { pthread_t t; int n; };\n"
          "static void *work(void *a) { hits = 1; return a; }\n"
          "int main(void) {\n"
          "  struct worker w[3];\n"
          "  for (int i = 0; i < 3; i++) pthread_create(&w[i].t, NULL, work, &w[i]);\n"
          "  hits = 2;\n"
          "  for (int i = 0; i < 3; i++) pthread_join(w[i].t, NULL);\n"
          "  hits = 3;\n"
          "}\n",
          "2 thread work writes hits {}\n"
          "6 main writes hits {}\n"
          "7 main reads worker.t {}\n");
}

static void handles_on_the_heap(void **state)
{
    (void)state;
    check("static void *work(void *a) { hits = 1; return a; }\n"
          "int main(void) {\n"
          "  pthread_t *t = malloc(4 * sizeof *t);\n"
          "  for (int i = 0; i < 4; i++) pthread_create(&t[i], NULL, work, NULL);\n"
          "  hits = 2;\n"
          "  for (int i = 0; i < 4; i++) pthread_join(t[i], NULL);\n"
          "  hits = 3;\n"
          "}\n",
          "1 thread work writes hits {}\n"
          "5 main writes hits {}\n");
}

static void a_pool_never_ends(void **state)
{
    (void)state;
    check("#include <uv.h>\n"
          "static void job(uv_work_t *w) { (void)w; hits = 1; }\n"
          "int main(void) {\n"
          "  static uv_work_t work;\n"
          "  hits = 2;\n"
          "  uv_queue_work(uv_default_loop(), &work, job, NULL);\n"
          "  hits = 3;\n"
          "}\n",
          "2 worker job writes hits {}\n"
          "7 main writes hits {}\n");
}

static void returned_handles(void **state)
{
    (void)state;
    check("#include <glib.h>\n"
          "static gpointer work(gpointer a) { hits = 1; return a; }\n"
          "int main(void) {\n"
          "  GThread *t = g_thread_new(\"w\", work, NULL);\n"
          "  hits = 2;\n"
          "  g_thread_join(t);\n"
          "  hits = 3;\n"
          "}\n",
          "2 thread work writes hits {}\n"
          "5 main writes hits {}\n");
}

static void alone_in_the_callee_that_joins(void **state)
{
    (void)state;
    check("static pthread_t t;\n"
          "static void *work(void *a) { hits = 1; return a; }\n"
          "static void stop(void) { pthread_join(t, NULL); hits = 2; }\n"
          "int main(void) {\n"
          "  pthread_create(&t, NULL, work, NULL);\n"
          "  stop();\n"
          "  hits = 3;\n"
          "}\n",
          "2 thread work writes hits {}\n"
          "3 main reads t {}\n");
}

static void only_some_of_an_array(void **state)
{
    (void)state;
    check("static void *work(void *a) { hits = 1; return a; }\n"
          "int main(void) {\n"
          "  pthread_t t[4];\n"
          "  for (int i = 0; i < 4; i++) pthread_create(&t[i], NULL, work, NULL);\n"
          "  for (int i = 0; i < 3; i++) pthread_join(t[i], NULL);\n"
          "  hits = 3;\n"
          "  pthread_join(t[3], NULL);\n"
          "}\n",
          "1 thread work writes hits {}\n"
          "6 main writes hits {}\n");
}

static void a_thread_that_a_joined_one_has_left(void **state)
{
    (void)state;
    check("static pthread_t u;\n"
          "static void *help(void *a) { hits = 1; return a; }\n"
          "static void *work(void *a) { pthread_create(&u, NULL, help, NULL); return a; }\n"
          "int main(void) {\n"
          "  pthread_t t;\n"
          "  pthread_create(&t, NULL, work, NULL);\n"
          "  pthread_join(t, NULL);\n"
          "  hits = 2;\n"
          "  pthread_join(u, NULL);\n"
          "  hits = 3;\n"
          "}\n",
          "2 thread help writes hits {}\n"
          "8 main writes hits {}\n"
          "9 main reads u {}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_some_of_an_array),
        cmocka_unit_test(a_thread_that_a_joined_one_has_left),
        cmocka_unit_test(main_is_alone_before_create_and_after_join),
        cmocka_unit_test(a_start_that_failed_starts_nothing),
        cmocka_unit_test(a_start_that_succeeded_and_is_not_joined),
        cmocka_unit_test(a_start_in_a_loop_that_failed),
        cmocka_unit_test(an_array_of_threads),
        cmocka_unit_test(the_second_thread_keeps_running),
        cmocka_unit_test(set_up_in_a_callee_is_alone),
        cmocka_unit_test(a_callee_called_before_and_after),
        cmocka_unit_test(started_in_a_callee),
        cmocka_unit_test(joined_in_a_callee),
        cmocka_unit_test(array_joined_in_a_callee),
        cmocka_unit_test(a_detached_thread_never_ends),
        cmocka_unit_test(joined_on_one_way_only),
        cmocka_unit_test(created_where_creation_can_fail),
        cmocka_unit_test(handles_in_objects),
        cmocka_unit_test(handles_on_the_heap),
        cmocka_unit_test(a_pool_never_ends),
        cmocka_unit_test(returned_handles),
        cmocka_unit_test(alone_in_the_callee_that_joins),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
