/* blocking-in-callback: what it reports, and the twins it must not report. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

static void check(const char *source, const char *want)
{
    harness_check_rule("blocking-in-callback", source, want);
}

/* 'tick' is a timer callback of libuv. */
#define UV                                                                                         \
    "int main(void) {\n"                                                                           \
    "  static uv_timer_t t;\n"                                                                     \
    "  uv_timer_start(&t, tick, 1, 1);\n"                                                          \
    "  return uv_run(uv_default_loop(), UV_RUN_DEFAULT);\n"                                        \
    "}\n"
#define SLEEPS(line, name, library, callback)                                                      \
    line " [blocking-in-callback] '" name "' sleeps while the " library                            \
         " loop waits for callback '" callback "'\n"
#define FILE_WAIT(line, name)                                                                      \
    line " [blocking-in-callback] '" name "' waits for a file while the libuv loop waits for "     \
         "callback 'tick'\n"

/* ---- found ----------------------------------------------------------------------------------- */

static void sleep_in_a_libuv_callback(void **state)
{
    (void)state;
    check("#include <uv.h>\n"
          "static void tick(uv_timer_t *t) { (void)t; sleep(1); }\n" UV,
          SLEEPS("2", "sleep", "libuv", "tick"));
}

static void deep_below_a_callback(void **state)
{
    (void)state;
    check("#include <uv.h>\n"
          "static void low(void) { usleep(20000); }\n"
          "static void middle(int n) { if (n) low(); }\n"
          "static void tick(uv_timer_t *t) { (void)t; middle(hits); }\n" UV,
          SLEEPS("2", "usleep", "libuv", "tick"));
}

static void libevent(void **state)
{
    (void)state;
    check("#include <event2/event.h>\n"
          "static void on_read(int fd, short what, void *data) { (void)fd; (void)what; (void)data; "
          "sleep(1); }\n"
          "int main(void) {\n"
          "  event_add(event_new(NULL, 0, 2, on_read, NULL), NULL);\n"
          "  return event_base_dispatch(NULL);\n"
          "}\n",
          SLEEPS("2", "sleep", "libevent", "on_read"));
}

static void glib(void **state)
{
    (void)state;
    check("#include <glib.h>\n"
          "static gboolean tick(gpointer data) { sleep(1); return data != NULL; }\n"
          "int main(void) { g_timeout_add(10, tick, NULL); g_main_loop_run(NULL); }\n",
          SLEEPS("2", "sleep", "GLib", "tick"));
}

/* Who calls curl_easy_perform() waits anyway: only a loop's callback keeps others waiting. */
static void curl(void **state)
{
    (void)state;
#define ON_DATA                                                                                    \
    "#include <curl/curl.h>\n"                                                                     \
    "static size_t on_data(char *v, size_t s, size_t n, void *d) { sleep(1); return n; }\n"        \
    "static void ask(CURL *easy) { curl_easy_setopt(easy, 20011, on_data); }\n"
    check(ON_DATA "int main(void) { ask(NULL); curl_multi_perform(curl_multi_init(), &more); }\n",
          SLEEPS("2", "sleep", "libcurl", "on_data"));
    check(ON_DATA "int main(void) { ask(NULL); curl_easy_perform(NULL); }\n", "");
#undef ON_DATA
}

static void through_a_function_pointer(void **state)
{
    (void)state;
    check("#include <uv.h>\n"
          "struct step { void (*run)(void); };\n"
          "static void nap(void) { sleep(1); }\n"
          "static const struct step steps[] = {{nap}};\n"
          "static void tick(uv_timer_t *t) { (void)t; steps[0].run(); }\n" UV,
          SLEEPS("3", "sleep", "libuv", "tick"));
}

static void a_file_call_without_a_callback(void **state)
{
    (void)state;
    check("#include <uv.h>\n"
          "static uv_fs_t request;\n"
          "static void tick(uv_timer_t *t) { (void)t; uv_fs_unlink(uv_default_loop(), &request, "
          "\"x\", NULL); }\n" UV,
          FILE_WAIT("3", "uv_fs_unlink"));
}

static void waiting_for_a_child(void **state)
{
    (void)state;
    check("#include <sys/wait.h>\n"
          "#include <uv.h>\n"
          "static void tick(uv_timer_t *t) { int status; (void)t; waitpid(-1, &status, 0); }\n" UV,
          "3 [blocking-in-callback] 'waitpid' waits for a process while the libuv loop waits for "
          "callback 'tick'\n");
}

static void joining_a_thread(void **state)
{
    (void)state;
    check("#include <uv.h>\n"
          "static pthread_t worker;\n"
          "static void tick(uv_timer_t *t) { (void)t; pthread_join(worker, NULL); }\n" UV,
          "3 [blocking-in-callback] 'pthread_join' waits for a thread to end while the libuv loop "
          "waits for callback 'tick'\n");
}

static void waiting_for_a_condition(void **state)
{
    (void)state;
    check("#include <uv.h>\n"
          "static void tick(uv_timer_t *t) {\n"
          "  (void)t;\n"
          "  pthread_mutex_lock(&m);\n"
          "  while (!flag) pthread_cond_wait(&cond, &m);\n"
          "  pthread_mutex_unlock(&m);\n"
          "}\n" UV,
          "5 [blocking-in-callback] 'pthread_cond_wait' waits for a condition while the libuv loop "
          "waits for callback 'tick'\n");
}

static void a_loop_that_somebody_else_runs(void **state)
{
    (void)state;
    check("#include <glib.h>\n"
          "static gboolean tick(gpointer data) { sleep(1); return data != NULL; }\n"
          "void plugin(void) { g_timeout_add(10, tick, NULL); }\n",
          SLEEPS("2", "sleep", "GLib", "tick"));
}

static void two_callbacks_and_one_place(void **state)
{
    (void)state;
    check("#include <uv.h>\n"
          "static void nap(void) { sleep(1); }\n"
          "static void tack(uv_timer_t *t) { (void)t; nap(); }\n"
          "static void tick(uv_timer_t *t) { uv_timer_start(t, tack, 1, 1); nap(); }\n" UV,
          SLEEPS("2", "sleep", "libuv", "tack"));
}

static void an_unknown_flag_is_not_sure(void **state)
{
    (void)state;
    check("#include <sys/wait.h>\n"
          "#include <uv.h>\n"
          "static void tick(uv_timer_t *t) { (void)t; waitpid(-1, NULL, hits); }\n" UV,
          "3 [blocking-in-callback] 'waitpid' waits for a process while the libuv loop waits for "
          "callback 'tick' (low)\n");
}

static void a_local_file_where_the_library_offers_nothing_else(void **state)
{
    (void)state;
    check("#include <stdio.h>\n"
          "#include <event2/event.h>\n"
          "static void tick(int fd, short what, void *arg) { (void)fopen(arg, \"r\"); }\n"
          "int main(void) {\n"
          "  struct event_base *base = event_base_new();\n"
          "  event_new(base, 0, 2, tick, NULL);\n"
          "  return event_base_dispatch(base);\n"
          "}\n",
          "3 [blocking-in-callback] 'fopen' opens a file while the libevent loop waits for "
          "callback 'tick' (low)\n");
}

static void a_sleep_of_a_number_that_is_not_known(void **state)
{
    (void)state;
    check("#include <uv.h>\n"
          "static void tick(uv_timer_t *t) { (void)t; usleep((unsigned)hits); usleep(1000); }\n" UV,
          SLEEPS("2", "usleep", "libuv", "tick"));
}

/* ---- not found ------------------------------------------------------------------------------- */

static void half_a_millisecond(void **state)
{
    (void)state;
    check("#include <uv.h>\n"
          "static void tick(uv_timer_t *t) { (void)t; usleep(500); }\n" UV,
          "");
}

static void a_file_call_with_a_callback(void **state)
{
    (void)state;
    check("#include <uv.h>\n"
          "static uv_fs_t request;\n"
          "static void done(uv_fs_t *r) { (void)r; }\n"
          "static void tick(uv_timer_t *t) { (void)t; uv_fs_unlink(uv_default_loop(), &request, "
          "\"x\", done); }\n" UV,
          "");
}

static void a_child_that_is_only_asked(void **state)
{
    (void)state;
    check("#include <sys/wait.h>\n"
          "#include <uv.h>\n"
          "static void tick(uv_timer_t *t) { int status; (void)t; waitpid(-1, &status, WNOHANG); "
          "}\n" UV,
          "");
}

static void a_job_of_the_pool(void **state)
{
    (void)state;
    check("#include <uv.h>\n"
          "static void job(uv_work_t *w) { (void)w; sleep(1); }\n"
          "static void done(uv_work_t *w, int status) { (void)w; (void)status; }\n"
          "static void tick(uv_timer_t *t) { static uv_work_t w; (void)t; "
          "uv_queue_work(uv_default_loop(), &w, job, done); }\n" UV,
          "");
}

static void a_thread_that_a_callback_starts(void **state)
{
    (void)state;
    check(
        "#include <uv.h>\n"
        "static void *work(void *a) { sleep(1); return a; }\n"
        "static void tick(uv_timer_t *t) { pthread_t p; pthread_create(&p, NULL, work, t); }\n" UV,
        "");
}

static void before_the_loop_runs(void **state)
{
    (void)state;
    check("#include <uv.h>\n"
          "static void tick(uv_timer_t *t) { (void)t; }\n"
          "static void set_up(void) { sleep(1); }\n"
          "int main(void) {\n"
          "  static uv_timer_t t;\n"
          "  set_up();\n"
          "  uv_timer_start(&t, tick, 1, 1);\n"
          "  return uv_run(uv_default_loop(), UV_RUN_DEFAULT);\n"
          "}\n",
          "");
}

static void on_the_way_out(void **state)
{
    (void)state;
    check("#include <uv.h>\n"
          "static void die(void) { sleep(1); exit(1); }\n"
          "static void tick(uv_timer_t *t) {\n"
          "  if (hits) { sleep(1); abort(); }\n"
          "  if (more) die();\n"
          "  (void)t;\n"
          "}\n" UV,
          "");
}

static void a_short_critical_section(void **state)
{
    (void)state;
    check("#include <uv.h>\n"
          "static void tick(uv_timer_t *t) { (void)t; pthread_mutex_lock(&m); hits++; "
          "pthread_mutex_unlock(&m); }\n" UV,
          "");
}

static void a_callback_that_is_never_registered(void **state)
{
    (void)state;
    check("#include <uv.h>\n"
          "void unused(uv_timer_t *t) { (void)t; sleep(1); }\n"
          "static void tick(uv_timer_t *t) { (void)t; }\n" UV,
          "");
}

static void dead_code(void **state)
{
    (void)state;
    check("#include <uv.h>\n"
          "static void tick(uv_timer_t *t) { (void)t; if (0) sleep(1); return; sleep(2); }\n" UV,
          "");
}

static void the_callers_own_sleep_function(void **state)
{
    (void)state;
    check("#include <uv.h>\n"
          "static int nap(int n) { return n + 1; }\n"
          "#define sleep nap\n"
          "static void tick(uv_timer_t *t) { (void)t; sleep(1); }\n" UV,
          "");
}

/* ---- constants that are handed over ------------------------------------------------------------
 */

#define STOPS                                                                                      \
    "#include <uv.h>\n"                                                                            \
    "static void stop(int wait) { hits = 0; if (wait) sleep(1); }\n"

static void a_wait_not_asked_for(void **state)
{
    (void)state;
    check(STOPS "static void tick(uv_timer_t *t) { (void)t; stop(0); }\n" UV, "");
}

static void a_wait_asked_for_elsewhere(void **state)
{
    (void)state;
    check(STOPS "static void later(void) { stop(1); }\n"
                "static void tick(uv_timer_t *t) { (void)t; stop(0); later(); }\n" UV,
          SLEEPS("2", "sleep", "libuv", "tick"));
}

static void a_wait_by_a_variable(void **state)
{
    (void)state;
    check(STOPS "static void tick(uv_timer_t *t) { (void)t; stop(hits); }\n" UV,
          SLEEPS("2", "sleep", "libuv", "tick"));
}

/* ---- descriptors ----------------------------------------------------------------------------- */

#define FD_WAIT(line, name)                                                                        \
    line " [blocking-in-callback] '" name "' waits for its descriptor while the libuv loop waits " \
         "for callback 'tick'"
#define SAVE                                                                                       \
    "#include <uv.h>\n"                                                                            \
    "#include <sys/types.h>\n"                                                                     \
    "static void save(void) { sleep(1); hits++; }\n"

static void a_pipe_that_blocks(void **state)
{
    (void)state;
    check("#include <uv.h>\n"
          "static int ends[2];\n"
          "static void open_pipe(void) { pipe(ends); }\n"
          "static void tick(uv_timer_t *t) { open_pipe(); read(ends[0], t, 1); }\n" UV,
          FD_WAIT("4", "read") "\n");
}

static void a_byte_to_wake_somebody_up(void **state)
{
    (void)state;
    check("#include <uv.h>\n"
          "static int ends[2];\n"
          "static void open_pipe(void) { pipe(ends); }\n"
          "static void tick(uv_timer_t *t) { open_pipe(); write(ends[1], \"\", 1); (void)t; }\n" UV,
          FD_WAIT("4", "write") " (low)\n");
}

/* ---- not the loop's time --------------------------------------------------------------------- */

static void in_a_forked_child(void **state)
{
    (void)state;
    check(SAVE "static void tick(uv_timer_t *t) {\n"
               "  pid_t pid = fork();\n"
               "  if (pid == 0) { for (;;) save(); }\n"
               "  (void)t;\n"
               "}\n" UV,
          "");
    check(SAVE "static int fork_child(void) {\n"
               "  int pid = fork();\n"
               "  if (pid == 0) hits = 0;\n"
               "  return pid;\n"
               "}\n"
               "static void tick(uv_timer_t *t) {\n"
               "  int pid;\n"
               "  (void)t;\n"
               "  if ((pid = fork_child()) > 0) return;\n"
               "  for (;;) save();\n"
               "}\n" UV,
          "");
    check(
        SAVE
        "static void tick(uv_timer_t *t) {\n"
        "  switch (fork()) { case -1: return; case 0: save(); for (;;) save(); default: break; }\n"
        "  (void)t;\n"
        "}\n" UV,
        "");
}

static void in_the_parent(void **state)
{
    (void)state;
    check(SAVE "static void tick(uv_timer_t *t) {\n"
               "  (void)t;\n"
               "  if (fork() != 0) save();\n"
               "}\n" UV,
          SLEEPS("3", "sleep", "libuv", "tick"));
}

static void after_the_loop_is_told_to_stop(void **state)
{
    (void)state;
    check(SAVE
          "static void tick(uv_timer_t *t) { (void)t; uv_stop(uv_default_loop()); save(); }\n" UV,
          "");
    check(SAVE "static void tick(uv_timer_t *t) { (void)t; if (flag) uv_stop(uv_default_loop()); "
               "save(); }\n" UV,
          SLEEPS("3", "sleep", "libuv", "tick"));
}

/* ---- ways that the arguments rule out -------------------------------------------------------- */

/* work() waits in place of the caller who gives no callback. */
#define REQUESTS                                                                                   \
    "#include <uv.h>\n"                                                                            \
    "struct request { int type; };\n"                                                              \
    "static void work(struct request *r) {\n"                                                      \
    "  switch (r->type) { case 1: sleep(1); break; case 2: hits++; break; default: break; }\n"     \
    "}\n"                                                                                          \
    "static int submit(struct request *r, int type, void (*done)(void)) {\n"                       \
    "  if (done != NULL) { elsewhere(); return 0; }\n"                                             \
    "  work(r);\n"                                                                                 \
    "  return type;\n"                                                                             \
    "}\n"                                                                                          \
    "static struct request one;\n"                                                                 \
    "static void ready(void) { hits++; }\n"

static void a_callback_further_up(void **state)
{
    (void)state;
    check(REQUESTS
          "static void tick(uv_timer_t *t) { (void)t; one.type = 1; submit(&one, 1, ready); }\n" UV,
          "");
    check(REQUESTS
          "static void tick(uv_timer_t *t) { (void)t; one.type = 1; submit(&one, 1, NULL); }\n" UV,
          SLEEPS("4", "sleep", "libuv", "tick"));
}

static void a_case_that_the_caller_has_chosen(void **state)
{
    (void)state;
    check(REQUESTS "static void tick(uv_timer_t *t) { (void)t; one.type = 2; work(&one); }\n" UV,
          "");
    check(REQUESTS "static void tick(uv_timer_t *t) { (void)t; one.type = 1; work(&one); }\n" UV,
          SLEEPS("4", "sleep", "libuv", "tick"));
    check(REQUESTS "static void tick(uv_timer_t *t) { (void)t; one.type = hits; work(&one); }\n" UV,
          SLEEPS("4", "sleep", "libuv", "tick"));
}

/* ---- what functions say of themselves -------------------------------------------------------- */

static void attributes(void **state)
{
    (void)state;
    check("#include <uv.h>\n"
          "void can(void) __attribute__((blocking));\n"
          "void never(void) __attribute__((nonblocking));\n"
          "void never(void) { sleep(1); }\n"
          "static void tick(uv_timer_t *t) { (void)t; never(); can(); }\n" UV,
          "5 [blocking-in-callback] 'can' waits, says its attribute while the libuv loop waits for "
          "callback 'tick'\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sleep_in_a_libuv_callback),
        cmocka_unit_test(deep_below_a_callback),
        cmocka_unit_test(libevent),
        cmocka_unit_test(glib),
        cmocka_unit_test(curl),
        cmocka_unit_test(through_a_function_pointer),
        cmocka_unit_test(a_file_call_without_a_callback),
        cmocka_unit_test(waiting_for_a_child),
        cmocka_unit_test(joining_a_thread),
        cmocka_unit_test(waiting_for_a_condition),
        cmocka_unit_test(a_loop_that_somebody_else_runs),
        cmocka_unit_test(two_callbacks_and_one_place),
        cmocka_unit_test(an_unknown_flag_is_not_sure),
        cmocka_unit_test(a_local_file_where_the_library_offers_nothing_else),
        cmocka_unit_test(a_sleep_of_a_number_that_is_not_known),
        cmocka_unit_test(half_a_millisecond),
        cmocka_unit_test(a_file_call_with_a_callback),
        cmocka_unit_test(a_child_that_is_only_asked),
        cmocka_unit_test(a_job_of_the_pool),
        cmocka_unit_test(a_thread_that_a_callback_starts),
        cmocka_unit_test(before_the_loop_runs),
        cmocka_unit_test(on_the_way_out),
        cmocka_unit_test(a_short_critical_section),
        cmocka_unit_test(a_callback_that_is_never_registered),
        cmocka_unit_test(dead_code),
        cmocka_unit_test(the_callers_own_sleep_function),
        cmocka_unit_test(a_wait_not_asked_for),
        cmocka_unit_test(a_wait_asked_for_elsewhere),
        cmocka_unit_test(a_wait_by_a_variable),
        cmocka_unit_test(a_pipe_that_blocks),
        cmocka_unit_test(a_byte_to_wake_somebody_up),
        cmocka_unit_test(in_a_forked_child),
        cmocka_unit_test(in_the_parent),
        cmocka_unit_test(after_the_loop_is_told_to_stop),
        cmocka_unit_test(a_callback_further_up),
        cmocka_unit_test(a_case_that_the_caller_has_chosen),
        cmocka_unit_test(attributes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
