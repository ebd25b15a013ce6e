/* loop-affinity and nested-loop: whose thread touches a loop, and what runs one in a callback. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

#define TIMER                                                                                      \
    "#include <uv.h>\n"                                                                            \
    "int uv_loop_init(uv_loop_t *loop); int uv_is_active(const uv_timer_t *handle);\n"             \
    "static uv_loop_t loop; static uv_timer_t t; static pthread_t p;\n"                            \
    "static void tick(uv_timer_t *timer) { (void)timer; }\n"
#define TOUCHES(line, name)                                                                        \
    line " [loop-affinity] '" name "' touches a libuv loop that another thread runs"

static void check_affinity(const char *source, const char *want)
{
    harness_check_rule("loop-affinity", source, want);
}

static void check_nested(const char *source, const char *want)
{
    harness_check_rule("nested-loop", source, want);
}

/* ---- loop-affinity --------------------------------------------------------------------------- */

static void a_thread_beside_the_loop(void **state)
{
    (void)state;
    check_affinity(TIMER
                   "static void *work(void *a) { uv_timer_start(&t, tick, 1, 0); return a; }\n"
                   "int main(void) {\n"
                   "  uv_timer_init(&loop, &t);\n"
                   "  pthread_create(&p, NULL, work, NULL);\n"
                   "  return uv_run(&loop, UV_RUN_DEFAULT);\n"
                   "}\n",
                   TOUCHES("5", "uv_timer_start") "\n");
}

/* A channel belongs to a loop once that watches it. */
static void what_a_loop_has_been_given(void **state)
{
    (void)state;
#define CHANNEL(watched)                                                                           \
    "#include <glib.h>\n"                                                                          \
    "static GIOChannel *channel, *other;\n"                                                        \
    "static gboolean on_text(GIOChannel *c, int what, gpointer d) { return c != d; }\n"            \
    "static gpointer work(gpointer d) { g_io_channel_write_chars(channel, \"a\", 1, 0, 0); "       \
    "return d; }\n"                                                                                \
    "int main(void) {\n"                                                                           \
    "  channel = g_io_channel_unix_new(1);\n"                                                      \
    "  other = g_io_channel_unix_new(2);\n"                                                        \
    "  g_io_add_watch(" watched ", 1, on_text, NULL);\n"                                           \
    "  g_thread_new(\"w\", work, NULL);\n"                                                         \
    "  g_main_loop_run(g_main_loop_new(NULL, 0));\n"                                               \
    "}\n"
    check_affinity(CHANNEL("channel"), "4 [loop-affinity] 'g_io_channel_write_chars' touches a "
                                       "GLib loop that another thread runs\n");
    check_affinity(CHANNEL("other"), "");
#undef CHANNEL
}

static void before_the_start_and_after_the_join(void **state)
{
    (void)state;
    check_affinity(TIMER
                   "static void *serve(void *a) { uv_run(&loop, UV_RUN_DEFAULT); return a; }\n"
                   "int main(void) {\n"
                   "  uv_timer_init(&loop, &t);\n"
                   "  pthread_create(&p, NULL, serve, NULL);\n"
                   "  uv_stop(&loop);\n"
                   "  pthread_join(p, NULL);\n"
                   "  uv_stop(&loop);\n"
                   "}\n",
                   TOUCHES("9", "uv_stop") "\n");
}

static void calls_that_only_read(void **state)
{
    (void)state;
    check_affinity(TIMER "static void *work(void *a) { hits = uv_is_active(&t); return a; }\n"
                         "int main(void) {\n"
                         "  pthread_create(&p, NULL, work, NULL);\n"
                         "  return uv_run(&loop, UV_RUN_DEFAULT);\n"
                         "}\n",
                   "");
}

static void a_request_without_a_callback(void **state)
{
    (void)state;
    check_affinity(TIMER "static uv_fs_t r;\n"
                         "static void done(uv_fs_t *f) { (void)f; }\n"
                         "static void *work(void *a) {\n"
                         "  uv_fs_unlink(&loop, &r, \"x\", NULL);\n"
                         "  uv_fs_unlink(&loop, &r, \"x\", done);\n"
                         "  return a;\n"
                         "}\n"
                         "int main(void) {\n"
                         "  pthread_create(&p, NULL, work, NULL);\n"
                         "  return uv_run(&loop, UV_RUN_DEFAULT);\n"
                         "}\n",
                   TOUCHES("9", "uv_fs_unlink") "\n");
}

static void the_pool_and_its_after_callback(void **state)
{
    (void)state;
    check_affinity(TIMER
                   "static void job(uv_work_t *w) { (void)w; uv_stop(&loop); }\n"
                   "static void done(uv_work_t *w, int s) { (void)w; (void)s; uv_stop(&loop); }\n"
                   "int main(void) {\n"
                   "  static uv_work_t w;\n"
                   "  uv_queue_work(&loop, &w, job, done);\n"
                   "  return uv_run(&loop, UV_RUN_DEFAULT);\n"
                   "}\n",
                   TOUCHES("5", "uv_stop") "\n");
}

static void a_loop_for_each_thread(void **state)
{
    (void)state;
    check_affinity(TIMER "static void *work(void *a) {\n"
                         "  uv_loop_t mine; uv_timer_t own;\n"
                         "  uv_loop_init(&mine);\n"
                         "  uv_timer_init(&mine, &own);\n"
                         "  uv_timer_start(&own, tick, 1, 0);\n"
                         "  uv_run(&mine, UV_RUN_DEFAULT);\n"
                         "  return a;\n"
                         "}\n"
                         "int main(void) {\n"
                         "  pthread_create(&p, NULL, work, NULL);\n"
                         "  return uv_run(&loop, UV_RUN_DEFAULT);\n"
                         "}\n",
                   "");
}

#define EVENT(start)                                                                               \
    "#include <event2/event.h>\n"                                                                  \
    "int evthread_use_pthreads(void);\n"                                                           \
    "static struct event *e; static pthread_t p;\n"                                                \
    "static void *work(void *a) { event_add(e, NULL); return a; }\n"                               \
    "int main(void) {\n" start "  struct event_base *base = event_base_new();\n"                   \
    "  pthread_create(&p, NULL, work, NULL);\n"                                                    \
    "  return event_base_dispatch(base);\n"                                                        \
    "}\n"

static void a_library_that_locks_when_it_is_told_to(void **state)
{
    (void)state;
    check_affinity(EVENT(""), "4 [loop-affinity] 'event_add' touches a libevent loop that another "
                              "thread runs\n");
    check_affinity(EVENT("  evthread_use_pthreads();\n"), "");
}

static void curls_multi_handle(void **state)
{
    (void)state;
    check_affinity("#include <curl/curl.h>\n"
                   "static CURLM *all; static pthread_t p;\n"
                   "static void *work(void *a) {\n"
                   "  curl_multi_add_handle(all, a);\n"
                   "  curl_multi_wakeup(all);\n"
                   "  return a;\n"
                   "}\n"
                   "int main(void) {\n"
                   "  all = curl_multi_init();\n"
                   "  pthread_create(&p, NULL, work, NULL);\n"
                   "  while (more) curl_multi_perform(all, &hits);\n"
                   "}\n",
                   "4 [loop-affinity] 'curl_multi_add_handle' touches a libcurl loop that another "
                   "thread runs\n");
}

/* ---- nested-loop ----------------------------------------------------------------------------- */

static void the_same_loop(void **state)
{
    (void)state;
    check_nested(TIMER "static void low(void) { uv_run(&loop, UV_RUN_DEFAULT); }\n"
                       "static void work(uv_timer_t *timer) { (void)timer; low(); }\n"
                       "int main(void) {\n"
                       "  uv_timer_init(&loop, &t);\n"
                       "  uv_timer_start(&t, work, 1, 0);\n"
                       "  uv_run(&loop, UV_RUN_DEFAULT);\n"
                       "  return uv_run(&loop, UV_RUN_DEFAULT);\n"
                       "}\n",
                 "5 [nested-loop] 'uv_run' runs the libuv loop inside its callback 'work'\n");
}

static void where_no_callback_comes(void **state)
{
    (void)state;
    check_nested(TIMER "static void low(int drain) { if (drain) uv_run(&loop, UV_RUN_DEFAULT); }\n"
                       "static void work(uv_timer_t *timer) { (void)timer; low(0); }\n"
                       "static void fail(uv_timer_t *timer) { (void)timer; low(1); exit(1); }\n"
                       "int main(void) {\n"
                       "  uv_timer_init(&loop, &t);\n"
                       "  uv_timer_start(&t, work, 1, 0);\n"
                       "  if (hits) uv_timer_start(&t, tick, 1, 0);\n"
                       "  uv_run(&loop, UV_RUN_DEFAULT);\n"
                       "  low(1);\n"
                       "  if (more) fail(&t);\n"
                       "}\n",
                 "");
}

static void a_job_of_the_pool_runs_another(void **state)
{
    (void)state;
    check_nested(TIMER
                 "static uv_loop_t second;\n"
                 "static void job(uv_work_t *w) { (void)w; uv_run(&second, UV_RUN_DEFAULT); }\n"
                 "static void done(uv_work_t *w, int s) { (void)w; (void)s; }\n"
                 "static void work(uv_timer_t *timer) { static uv_work_t w; (void)timer; "
                 "uv_queue_work(&loop, &w, job, done); }\n"
                 "int main(void) {\n"
                 "  uv_timer_init(&loop, &t);\n"
                 "  uv_timer_start(&t, work, 1, 0);\n"
                 "  return uv_run(&loop, UV_RUN_DEFAULT);\n"
                 "}\n",
                 "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thread_beside_the_loop),
        cmocka_unit_test(what_a_loop_has_been_given),
        cmocka_unit_test(before_the_start_and_after_the_join),
        cmocka_unit_test(calls_that_only_read),
        cmocka_unit_test(a_request_without_a_callback),
        cmocka_unit_test(the_pool_and_its_after_callback),
        cmocka_unit_test(a_loop_for_each_thread),
        cmocka_unit_test(a_library_that_locks_when_it_is_told_to),
        cmocka_unit_test(curls_multi_handle),
        cmocka_unit_test(the_same_loop),
        cmocka_unit_test(where_no_callback_comes),
        cmocka_unit_test(a_job_of_the_pool_runs_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
