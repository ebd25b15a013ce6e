/* contexts.h: where threads and callbacks begin, what they reach, and how many there are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

static void check(const char *source, const char *want)
{
    harness_check(harness_dump_contexts, source, want);
}

static void a_thread_created_once(void **state)
{
    (void)state;
    check("static void *work(void *a) { hits = 1; return a; }\n"
          "int main(void) {\n"
          "  pthread_t t;\n"
          "  pthread_create(&t, NULL, work, NULL);\n"
          "  pthread_join(t, NULL);\n"
          "}\n",
          "main once [main]\n"
          "thread work once [work]\n");
}

static void created_in_a_loop(void **state)
{
    (void)state;
    check("static void *work(void *a) { return a; }\n"
          "int main(void) {\n"
          "  pthread_t t[4];\n"
          "  for (int i = 0; i < 4; i++) pthread_create(&t[i], NULL, work, NULL);\n"
          "}\n",
          "main once [main]\n"
          "thread work many [work]\n");
}

static void a_loop_that_runs_once_is_none(void **state)
{
    (void)state;
    check("static void *work(void *a) { return a; }\n"
          "int main(void) {\n"
          "  pthread_t t;\n"
          "  do { pthread_create(&t, NULL, work, NULL); } while (0);\n"
          "}\n",
          "main once [main]\n"
          "thread work once [work]\n");
}

static void joined_before_the_next_is_created(void **state)
{
    (void)state;
    check("static void *work(void *a) { return a; }\n"
          "static int run(void) {\n"
          "  pthread_t t;\n"
          "  if (pthread_create(&t, NULL, work, NULL) != 0) return -1;\n"
          "  pthread_join(t, NULL);\n"
          "  return 0;\n"
          "}\n"
          "int main(void) {\n"
          "  for (int i = 0; i < 4; i++) run();\n"
          "}\n",
          "main once [run, main]\n"
          "thread work once [work]\n");
}

/* The hard twins: one way on which it is not joined; itself called before the join. */
static void joined_too_late_for_the_next(void **state)
{
    (void)state;
    check("static void *work(void *a) { return a; }\n"
          "static int run(void) {\n"
          "  pthread_t t;\n"
          "  pthread_create(&t, NULL, work, NULL);\n"
          "  if (flag) return -1;\n"
          "  pthread_join(t, NULL);\n"
          "  return 0;\n"
          "}\n"
          "int main(void) {\n"
          "  for (int i = 0; i < 4; i++) run();\n"
          "}\n",
          "main once [run, main]\n"
          "thread work many [work]\n");
    check("static void *work(void *a) { return a; }\n"
          "static void run(int depth) {\n"
          "  pthread_t t;\n"
          "  pthread_create(&t, NULL, work, NULL);\n"
          "  if (depth > 0) run(depth - 1);\n"
          "  pthread_join(t, NULL);\n"
          "}\n"
          "int main(void) { run(4); }\n",
          "main once [run, main]\n"
          "thread work many [work]\n");
}

static void created_twice(void **state)
{
    (void)state;
    check("static void *work(void *a) { return a; }\n"
          "int main(void) {\n"
          "  pthread_t t, u;\n"
          "  pthread_create(&t, NULL, work, NULL);\n"
          "  pthread_create(&u, NULL, work, NULL);\n"
          "}\n",
          "main once [main]\n"
          "thread work many [work]\n");
}

static void created_on_one_side_or_the_other(void **state)
{
    (void)state;
    check("static void *work(void *a) { return a; }\n"
          "int main(int argc, char **argv) {\n"
          "  pthread_t t;\n"
          "  if (argc > 1) pthread_create(&t, NULL, work, argv);\n"
          "  else pthread_create(&t, NULL, work, NULL);\n"
          "}\n",
          "main once [main]\n"
          "thread work once [work]\n");
}

static void the_starting_function_is_called_twice(void **state)
{
    (void)state;
    check("static void *work(void *a) { return a; }\n"
          "static void start(pthread_t *t) { pthread_create(t, NULL, work, NULL); }\n"
          "int main(void) {\n"
          "  pthread_t t, u;\n"
          "  start(&t);\n"
          "  start(&u);\n"
          "}\n",
          "main once [start, main]\n"
          "thread work many [work]\n");
}

static void the_starting_function_is_called_in_a_loop(void **state)
{
    (void)state;
    check("static void *work(void *a) { return a; }\n"
          "static void start(pthread_t *t) { pthread_create(t, NULL, work, NULL); }\n"
          "static void start_all(pthread_t *t) { start(t); }\n"
          "int main(void) {\n"
          "  pthread_t t[3];\n"
          "  for (int i = 0; i < 3; i++) start_all(&t[i]);\n"
          "}\n",
          "main once [start, start_all, main]\n"
          "thread work many [work]\n");
}

static void the_starting_function_is_called_on_one_side_or_the_other(void **state)
{
    (void)state;
    check("static void *work(void *a) { return a; }\n"
          "static void start(pthread_t *t) { pthread_create(t, NULL, work, NULL); }\n"
          "int main(int argc, char **argv) {\n"
          "  pthread_t t;\n"
          "  (void)argv;\n"
          "  if (argc > 1) start(&t); else start(&t);\n"
          "}\n",
          "main once [start, main]\n"
          "thread work once [work]\n");
}

static void a_thread_of_many_starts_many(void **state)
{
    (void)state;
    check(
        "static void *leaf(void *a) { return a; }\n"
        "static void *work(void *a) { pthread_t t; pthread_create(&t, NULL, leaf, a); return a; }\n"
        "int main(void) {\n"
        "  pthread_t t[2];\n"
        "  for (int i = 0; i < 2; i++) pthread_create(&t[i], NULL, work, NULL);\n"
        "}\n",
        "main once [main]\n"
        "thread leaf many [leaf]\n"
        "thread work many [work]\n");
}

static void recursive_starters_end(void **state)
{
    (void)state;
    check("static void *work(void *a) { return a; }\n"
          "static void start(int n) {\n"
          "  pthread_t t;\n"
          "  if (n > 0) { pthread_create(&t, NULL, work, NULL); start(n - 1); }\n"
          "}\n"
          "int main(void) { start(3); }\n",
          "main once [start, main]\n"
          "thread work many [work]\n");
}

static void start_routines_from_a_table(void **state)
{
    (void)state;
    check("static void *reader(void *a) { return a; }\n"
          "static void *writer(void *a) { return a; }\n"
          "static void *(*const routines[])(void *) = {reader, writer};\n"
          "int main(void) {\n"
          "  pthread_t t[2];\n"
          "  for (int i = 0; i < 2; i++) pthread_create(&t[i], NULL, routines[i], NULL);\n"
          "}\n",
          "main once [main]\n"
          "thread reader many [reader]\n"
          "thread writer many [writer]\n");
}

static void start_routine_through_a_wrapper(void **state)
{
    (void)state;
    check("static int spawn(void *(*run)(void *), void *arg) { pthread_t t; return "
          "pthread_create(&t, NULL, run, arg); }\n"
          "static void *reader(void *a) { return a; }\n"
          "static void *writer(void *a) { return a; }\n"
          "int main(void) { spawn(reader, NULL); spawn(writer, NULL); }\n",
          "main once [spawn, main]\n"
          "thread reader once [reader]\n"
          "thread writer once [writer]\n");
}

/* One call of the wrapper starts several, or one after the other. */
static void a_wrapper_with_a_loop(void **state)
{
    (void)state;
    check("static pthread_t t[4];\n"
          "static void spawn(void *(*run)(void *)) {\n"
          "  for (int i = 0; i < 4; i++) pthread_create(&t[i], NULL, run, NULL);\n"
          "}\n"
          "static void in_turn(void *(*run)(void *)) {\n"
          "  for (int i = 0; i < 4; i++) {\n"
          "    pthread_create(&t[i], NULL, run, NULL); pthread_join(t[i], NULL);\n"
          "  }\n"
          "}\n"
          "static void *reader(void *a) { return a; }\n"
          "static void *writer(void *a) { return a; }\n"
          "int main(void) { spawn(reader); in_turn(writer); }\n",
          "main once [spawn, in_turn, main]\n"
          "thread reader many [reader]\n"
          "thread writer once [writer]\n");
}

/* What is started goes into a box that a routine of the wrapper's own opens. */
static void start_routine_through_a_trampoline(void **state)
{
    (void)state;
    check(
        "struct box { void (*run)(void *); void *arg; };\n"
        "static void *open_it(void *a) {\n"
        "  struct box box = *(struct box *)a;\n"
        "  free(a); box.run(box.arg); return NULL;\n"
        "}\n"
        "static int spawn(pthread_t *t, void (*run)(void *), void *arg) {\n"
        "  struct box *box = malloc(sizeof *box);\n"
        "  box->run = run; box->arg = arg;\n"
        "  return pthread_create(t, NULL, open_it, box);\n"
        "}\n"
        "static int spawn_one(void (*run)(void *)) { pthread_t t; return spawn(&t, run, NULL); }\n"
        "static void reader(void *a) { (void)a; }\n"
        "static void writer(void *a) { (void)a; }\n"
        "int main(void) { spawn_one(reader); for (int i = 0; i < 4; i++) spawn_one(writer); }\n",
        "main once [spawn, spawn_one, main]\n"
        "thread reader once [open_it, reader]\n"
        "thread writer many [open_it, writer]\n");
}

static void pthread_once_runs_in_its_caller(void **state)
{
    (void)state;
    check("static pthread_once_t once = PTHREAD_ONCE_INIT;\n"
          "static void set_up(void) { hits = 1; }\n"
          "int main(void) { pthread_once(&once, set_up); }\n",
          "main once [set_up, main]\n");
}

static void signal_and_exit_handlers(void **state)
{
    (void)state;
    check("#include <signal.h>\n"
          "static void on_term(int sig) { hits = sig; }\n"
          "static void on_usr(int sig) { hits = sig; }\n"
          "static void bye(void) { hits = 0; }\n"
          "int main(void) {\n"
          "  struct sigaction action = {.sa_handler = on_usr};\n"
          "  sigaction(SIGUSR1, &action, NULL);\n"
          "  signal(SIGTERM, on_term);\n"
          "  atexit(bye);\n"
          "}\n",
          "main once [main]\n"
          "signal on_usr once [on_usr]\n"
          "signal on_term once [on_term]\n"
          "exit bye once [bye]\n");
}

static void qsort_calls_back_in_its_caller(void **state)
{
    (void)state;
    check("static int compare(const void *a, const void *b) { return *(const int *)a - *(const int "
          "*)b; }\n"
          "int main(void) { int v[3] = {3, 2, 1}; qsort(v, 3, sizeof v[0], compare); }\n",
          "main once [compare, main]\n");
}

/* ---- event loops ----------------------------------------------------------------------------- */

static void libuv_callbacks_run_inside_uv_run(void **state)
{
    (void)state;
    check("#include <uv.h>\n"
          "static void tick(uv_timer_t *t) { hits++; (void)t; }\n"
          "static void job(uv_work_t *w) { (void)w; }\n"
          "static void done(uv_work_t *w, int status) { (void)w; hits = status; }\n"
          "int main(void) {\n"
          "  static uv_timer_t timer;\n"
          "  static uv_work_t work;\n"
          "  uv_timer_start(&timer, tick, 1, 1);\n"
          "  uv_queue_work(uv_default_loop(), &work, job, done);\n"
          "  return uv_run(uv_default_loop(), UV_RUN_DEFAULT);\n"
          "}\n",
          "main once [tick, done, main]\n"
          "worker job once [job]\n");
}

static void a_job_queued_by_a_callback_runs_often(void **state)
{
    (void)state;
    check("#include <uv.h>\n"
          "static uv_work_t work;\n"
          "static void job(uv_work_t *w) { (void)w; }\n"
          "static void tick(uv_timer_t *t) { uv_queue_work(uv_default_loop(), &work, job, NULL); "
          "(void)t; }\n"
          "int main(void) {\n"
          "  static uv_timer_t timer;\n"
          "  uv_timer_start(&timer, tick, 1, 1);\n"
          "  return uv_run(uv_default_loop(), UV_RUN_DEFAULT);\n"
          "}\n",
          "main once [tick, main]\n"
          "worker job many [job]\n");
}

static void libevent_callbacks_run_inside_the_dispatcher(void **state)
{
    (void)state;
    check("#include <event2/event.h>\n"
          "static void on_read(int fd, short what, void *data) { hits = fd + what; (void)data; }\n"
          "static void *loop(void *base) { event_base_dispatch(base); return NULL; }\n"
          "int main(void) {\n"
          "  struct event_base *base = NULL;\n"
          "  pthread_t t;\n"
          "  event_add(event_new(base, 0, 2, on_read, NULL), NULL);\n"
          "  pthread_create(&t, NULL, loop, base);\n"
          "}\n",
          "main once [main]\n"
          "thread loop once [on_read, loop]\n");
}

#define TWO_BASES                                                                                  \
    "#include <event2/event.h>\n"                                                                  \
    "struct worker { struct event_base *base; struct event *event; };\n"                           \
    "static struct event_base *main_base;\n"                                                       \
    "static struct event main_event;\n"                                                            \
    "static struct worker w;\n"                                                                    \
    "static void on_main(int fd, short what, void *data) { hits = fd + what; (void)data; }\n"      \
    "static void on_worker(int fd, short what, void *data) { more = fd + what; (void)data; }\n"    \
    "static void *work(void *arg) {\n"                                                             \
    "  struct worker *me = arg;\n"                                                                 \
    "  event_base_dispatch(me->base);\n"                                                           \
    "  return NULL;\n"                                                                             \
    "}\n"                                                                                          \
    "static void run(void) {\n"                                                                    \
    "  pthread_t t;\n"                                                                             \
    "  pthread_create(&t, NULL, work, &w);\n"                                                      \
    "  event_base_dispatch(main_base);\n"                                                          \
    "}\n"

static void a_callback_runs_where_its_base_is_run(void **state)
{
    (void)state;
    check(TWO_BASES "int main(void) {\n"
                    "  main_base = event_base_new();\n"
                    "  w.base = event_base_new();\n"
                    "  event_new(main_base, 0, 2, on_main, NULL);\n"
                    "  event_new(w.base, 0, 2, on_worker, NULL);\n"
                    "  run();\n"
                    "}\n",
          "main once [on_main, run, main]\n"
          "thread work once [on_worker, work]\n");
}

static void a_base_that_goes_through_variables_and_parameters(void **state)
{
    (void)state;
    check(TWO_BASES
          "static void watch(struct event_base *base, void (*callback)(int, short, void *)) {\n"
          "  event_new(base, 0, 2, callback, NULL);\n"
          "}\n"
          "static struct event_base *fresh(void) { return event_base_new(); }\n"
          "int main(void) {\n"
          "  struct event_base *base = event_base_new();\n"
          "  main_base = base;\n"
          "  w.base = fresh();\n"
          "  event_new(base, 0, 2, on_main, NULL);\n"
          "  watch(w.base, on_worker);\n"
          "  run();\n"
          "}\n",
          "main once [on_main, run, watch, fresh, main]\n"
          "thread work once [on_worker, work]\n");
}

/* The hard twin: one base behind two names, or one of two, or one that nobody knows. */
static void a_base_that_can_be_either_runs_in_both(void **state)
{
    (void)state;
    check(TWO_BASES "int main(int argc, char **argv) {\n"
                    "  main_base = event_base_new();\n"
                    "  w.base = argc > 1 ? main_base : event_base_new();\n"
                    "  event_new(main_base, 0, 2, on_main, NULL);\n"
                    "  event_new((struct event_base *)argv[1], 0, 2, on_worker, NULL);\n"
                    "  run();\n"
                    "}\n",
          "main once [on_main, on_worker, run, main]\n"
          "thread work once [on_main, on_worker, work]\n");
}

static void the_base_of_an_event_is_set_by_another_call(void **state)
{
    (void)state;
    check(TWO_BASES "int main(void) {\n"
                    "  main_base = event_init();\n"
                    "  w.base = event_base_new();\n"
                    "  event_set(&main_event, 0, 2, on_main, NULL);\n"
                    "  event_base_set(main_base, &main_event);\n"
                    "  event_set(w.event, 0, 2, on_worker, NULL);\n"
                    "  run();\n"
                    "}\n",
          "main once [on_main, on_worker, run, main]\n"
          "thread work once [on_worker, work]\n");
}

static void a_callback_of_two_bases_runs_in_both(void **state)
{
    (void)state;
    check(TWO_BASES "int main(void) {\n"
                    "  main_base = event_base_new();\n"
                    "  w.base = event_base_new();\n"
                    "  event_new(main_base, 0, 2, on_main, NULL);\n"
                    "  event_new(w.base, 0, 2, on_main, NULL);\n"
                    "  run();\n"
                    "}\n",
          "main once [on_main, run, main]\n"
          "thread work once [on_main, work]\n");
}

static void loops_with_a_name(void **state)
{
    (void)state;
    check("#include <uv.h>\n"
          "static uv_loop_t other;\n"
          "static uv_timer_t slow, fast;\n"
          "static void tick(uv_timer_t *t) { hits++; (void)t; }\n"
          "static void tock(uv_timer_t *t) { more++; (void)t; }\n"
          "static void *work(void *arg) { uv_run(&other, UV_RUN_DEFAULT); return arg; }\n"
          "int main(void) {\n"
          "  pthread_t t;\n"
          "  uv_timer_init(uv_default_loop(), &slow);\n"
          "  uv_timer_init(&other, &fast);\n"
          "  uv_timer_start(&slow, tick, 1, 1);\n"
          "  uv_timer_start(&fast, tock, 1, 1);\n"
          "  pthread_create(&t, NULL, work, NULL);\n"
          "  return uv_run(uv_default_loop(), UV_RUN_DEFAULT);\n"
          "}\n",
          "main once [tick, main]\n"
          "thread work once [tock, work]\n");
}

static void the_default_context_of_glib(void **state)
{
    (void)state;
    check("#include <glib.h>\n"
          "static gboolean tick(gpointer data) { hits++; return data != NULL; }\n"
          "static gboolean tock(gpointer data) { more++; return data != NULL; }\n"
          "static gpointer work(gpointer context) {\n"
          "  g_main_loop_run(g_main_loop_new(context, 0));\n"
          "  return NULL;\n"
          "}\n"
          "int main(void) {\n"
          "  GMainContext *context = g_main_context_new();\n"
          "  g_timeout_add(10, tick, NULL);\n"
          "  g_main_context_invoke(context, tock, NULL);\n"
          "  GThread *t = g_thread_new(\"w\", work, context);\n"
          "  g_main_loop_run(g_main_loop_new(NULL, 0));\n"
          "  g_thread_join(t);\n"
          "}\n",
          "main once [tick, main]\n"
          "thread work once [tock, work]\n");
}

static void glib_callbacks_run_inside_the_main_loop(void **state)
{
    (void)state;
    check("#include <glib.h>\n"
          "static gboolean tick(gpointer data) { hits++; return data != NULL; }\n"
          "static gpointer work(gpointer data) { return data; }\n"
          "int main(void) {\n"
          "  g_timeout_add(10, tick, NULL);\n"
          "  GThread *t = g_thread_new(\"w\", work, NULL);\n"
          "  g_main_loop_run(NULL);\n"
          "  g_thread_join(t);\n"
          "}\n",
          "main once [tick, main]\n"
          "thread work once [work]\n");
}

static void a_static_table_of_callbacks(void **state)
{
    (void)state;
    check("#include <glib.h>\n"
          "static gboolean ready(GSource *s) { hits++; return s != NULL; }\n"
          "static gboolean go(GSource *s, GSourceFunc f, gpointer d) { more++; return f(d); }\n"
          "static void end(GSource *s) { hits = s == NULL; }\n"
          "static GSourceFuncs functions = {NULL, ready, go, .finalize = end};\n"
          "int main(void) {\n"
          "  g_source_attach(g_source_new(&functions, 64), NULL);\n"
          "  g_main_loop_run(g_main_loop_new(NULL, 0));\n"
          "}\n",
          "main once [ready, go, main]\n");
}

static void a_static_table_whose_loop_nobody_runs(void **state)
{
    (void)state;
    check("#include <glib.h>\n"
          "static gboolean go(GSource *s, GSourceFunc f, gpointer d) { more++; return f(d); }\n"
          "static GSourceFuncs functions[] = {{.dispatch = go}, {.dispatch = go}};\n"
          "void plugin_start(void) { g_source_attach(g_source_new(functions, 64), NULL); }\n",
          "loop go once [go]\n");
}

static void a_static_sigaction(void **state)
{
    (void)state;
    check("#include <signal.h>\n"
          "static void on_usr(int sig) { hits = sig; }\n"
          "static const struct sigaction action = {.sa_handler = on_usr};\n"
          "int main(void) { sigaction(SIGUSR1, &action, NULL); }\n",
          "main once [main]\n"
          "signal on_usr once [on_usr]\n");
}

#define ON_DATA                                                                                    \
    "#include <curl/curl.h>\n"                                                                     \
    "static size_t on_data(char *v, size_t s, size_t n, void *d) { hits++; return n; }\n"          \
    "static void ask(CURL *easy) { curl_easy_setopt(easy, 20011, on_data); }\n"

static void a_call_that_waits_for_its_callbacks(void **state)
{
    (void)state;
    check(ON_DATA "int main(void) { CURL *c = malloc(1); ask(c); curl_easy_perform(c); }\n",
          "main once [on_data, ask, main]\n");
    check(ON_DATA "int main(void) { ask(NULL); curl_multi_perform(curl_multi_init(), &more); }\n",
          "main once [on_data, ask, main]\n");
    check(ON_DATA "void set_up(CURL *easy) { ask(easy); }\n", "loop on_data once [on_data]\n");
}

static void functions_of_a_table_that_the_library_fills(void **state)
{
    (void)state;
    check("#include <avahi-common/simple-watch.h>\n"
          "static void tick(AvahiTimeout *t, void *data) { hits++; }\n"
          "int main(void) {\n"
          "  AvahiSimplePoll *loop = avahi_simple_poll_new();\n"
          "  const AvahiPoll *api = avahi_simple_poll_get(loop);\n"
          "  api->timeout_new(api, NULL, tick, NULL);\n"
          "  avahi_simple_poll_loop(loop);\n"
          "}\n",
          "main once [tick, main]\n");
}

/* The program's own main loop: its functions are what the table calls, as ever. */
static void functions_of_a_table_that_the_program_fills(void **state)
{
    (void)state;
    check("#include <avahi-common/simple-watch.h>\n"
          "static void tick(AvahiTimeout *t, void *data) { hits++; }\n"
          "static AvahiTimeout *later(const AvahiPoll *api, const void *when,\n"
          "                           AvahiTimeoutCallback call, void *data) {\n"
          "  call(NULL, data);\n"
          "  return NULL;\n"
          "}\n"
          "static const AvahiPoll own = {.timeout_new = later};\n"
          "int main(void) { own.timeout_new(&own, NULL, tick, NULL); }\n",
          "main once [tick, later, main]\n");
}

#define ON_CLIENT                                                                                  \
    "#include <avahi-common/simple-watch.h>\n"                                                     \
    "#include <glib.h>\n"                                                                          \
    "static void on_client(AvahiClient *c, int state, void *data) { hits++; }\n"                   \
    "int main(void) {\n"

static void callbacks_in_another_librarys_loop(void **state)
{
    (void)state;
    check(ON_CLIENT "  AvahiGLibPoll *poll = avahi_glib_poll_new(NULL, 0);\n"
                    "  avahi_client_new(avahi_glib_poll_get(poll), 0, on_client, NULL, NULL);\n"
                    "  g_main_loop_run(g_main_loop_new(NULL, 0));\n"
                    "}\n",
          "main once [on_client, main]\n");
    check(ON_CLIENT "  avahi_client_new(NULL, 0, on_client, NULL, NULL);\n"
                    "  g_main_loop_run(g_main_loop_new(NULL, 0));\n"
                    "}\n",
          "main once [main]\n"
          "loop on_client once [on_client]\n");
}

static void watch_functions_of_dbus(void **state)
{
    (void)state;
    check("#include <dbus/dbus.h>\n"
          "static unsigned add(DBusWatch *w, void *d) { hits++; return 1; }\n"
          "static void drop(DBusWatch *w, void *d) { more++; }\n"
          "int main(void) {\n"
          "  dbus_connection_set_watch_functions(NULL, add, drop, NULL, NULL, NULL);\n"
          "  while (dbus_watch_handle(NULL, 1)) {}\n"
          "}\n",
          "main once [add, drop, main]\n");
}

static void a_loop_that_nobody_runs(void **state)
{
    (void)state;
    check("#include <glib.h>\n"
          "static gboolean tick(gpointer data) { hits++; return data != NULL; }\n"
          "void plugin_start(void) { g_timeout_add(10, tick, NULL); }\n",
          "loop tick once [tick]\n");
}

static void two_mains_are_two_programs(void **state)
{
    (void)state;
    void *owner = mem_owner(NULL, "test");
    struct prog *prog = harness_link_two(
        owner,
        "static void *work_a(void *p) { hits = 1; return p; }\n"
        "int main(void) { pthread_t t; pthread_create(&t, NULL, work_a, NULL); return 0; }\n",
        "static void *work_b(void *p) { hits = 2; return p; }\n"
        "int main(void) { pthread_t t; pthread_create(&t, NULL, work_b, NULL); return 0; }\n");
    char *text = mem_strdup(owner, "");

    for (uint32_t a = 0; a < prog->contexts->v.n; a++) {
        for (uint32_t b = a; b < prog->contexts->v.n; b++) {
            if (contexts_overlap(prog->contexts, (context_id){a}, (context_id){b})) {
                mem_append(owner, &text, "%s %s\n", prog->contexts->v.v[a].name,
                           prog->contexts->v.v[b].name);
            }
        }
    }
    assert_string_equal(text, "main work_a\nmain work_b\n");
    talloc_free(owner);
}

/* The pointer stands in a struct that another call takes. */
static void a_callback_in_a_member_runs_in_its_librarys_loop(void **state)
{
    (void)state;
    check("#include <uv.h>\n"
          "static void ended(void *p, int64_t status, int signal) { hits = signal; }\n"
          "int main(void) {\n"
          "  uv_process_options_t options = {.exit_cb = ended};\n"
          "  return uv_run(uv_default_loop(), UV_RUN_DEFAULT) + (options.exit_cb == 0);\n"
          "}\n",
          "main once [ended, main]\n");
}

/* The library itself is what is checked: its loop calls what was registered. */
static void a_loop_with_a_body_needs_no_model(void **state)
{
    (void)state;
    check("#include <uv.h>\n"
          "static uv_process_options_t *known;\n"
          "int uv_run(uv_loop_t *loop, uv_run_mode mode) { known->exit_cb(0, 1, 2); return 0; }\n"
          "static void ended(void *p, int64_t status, int signal) { hits = signal; }\n"
          "int main(void) {\n"
          "  static uv_process_options_t options = {.exit_cb = ended};\n"
          "  options.exit_cb = ended;\n"
          "  known = &options;\n"
          "  return uv_run(0, UV_RUN_DEFAULT);\n"
          "}\n",
          "main once [uv_run, ended, main]\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thread_created_once),
        cmocka_unit_test(created_in_a_loop),
        cmocka_unit_test(a_loop_that_runs_once_is_none),
        cmocka_unit_test(joined_before_the_next_is_created),
        cmocka_unit_test(joined_too_late_for_the_next),
        cmocka_unit_test(created_twice),
        cmocka_unit_test(created_on_one_side_or_the_other),
        cmocka_unit_test(the_starting_function_is_called_twice),
        cmocka_unit_test(the_starting_function_is_called_in_a_loop),
        cmocka_unit_test(the_starting_function_is_called_on_one_side_or_the_other),
        cmocka_unit_test(a_thread_of_many_starts_many),
        cmocka_unit_test(recursive_starters_end),
        cmocka_unit_test(start_routines_from_a_table),
        cmocka_unit_test(start_routine_through_a_wrapper),
        cmocka_unit_test(a_wrapper_with_a_loop),
        cmocka_unit_test(start_routine_through_a_trampoline),
        cmocka_unit_test(pthread_once_runs_in_its_caller),
        cmocka_unit_test(signal_and_exit_handlers),
        cmocka_unit_test(qsort_calls_back_in_its_caller),
        cmocka_unit_test(libuv_callbacks_run_inside_uv_run),
        cmocka_unit_test(a_job_queued_by_a_callback_runs_often),
        cmocka_unit_test(libevent_callbacks_run_inside_the_dispatcher),
        cmocka_unit_test(a_callback_runs_where_its_base_is_run),
        cmocka_unit_test(a_base_that_goes_through_variables_and_parameters),
        cmocka_unit_test(a_base_that_can_be_either_runs_in_both),
        cmocka_unit_test(the_base_of_an_event_is_set_by_another_call),
        cmocka_unit_test(a_callback_of_two_bases_runs_in_both),
        cmocka_unit_test(loops_with_a_name),
        cmocka_unit_test(the_default_context_of_glib),
        cmocka_unit_test(glib_callbacks_run_inside_the_main_loop),
        cmocka_unit_test(a_static_table_of_callbacks),
        cmocka_unit_test(a_static_table_whose_loop_nobody_runs),
        cmocka_unit_test(a_static_sigaction),
        cmocka_unit_test(a_call_that_waits_for_its_callbacks),
        cmocka_unit_test(functions_of_a_table_that_the_library_fills),
        cmocka_unit_test(functions_of_a_table_that_the_program_fills),
        cmocka_unit_test(callbacks_in_another_librarys_loop),
        cmocka_unit_test(watch_functions_of_dbus),
        cmocka_unit_test(a_loop_that_nobody_runs),
        cmocka_unit_test(two_mains_are_two_programs),
        cmocka_unit_test(a_callback_in_a_member_runs_in_its_librarys_loop),
        cmocka_unit_test(a_loop_with_a_body_needs_no_model),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
