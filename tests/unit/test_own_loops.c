/* own_loops.h: which loops around a wait are event loops, and what they call. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

static char *dump(void *owner, const struct prog *prog)
{
    const struct contexts *contexts = prog->contexts;
    char *text = mem_strdup(owner, "");

    for (uint32_t i = 0; i < contexts->own_loops->v.n; i++) {
        const struct own_loop *loop = &contexts->own_loops->v.v[i];
        mem_append(owner, &text, "%s waits at %u, calls at", prog_fn_name(prog, loop->fn),
                   prog_loc_of(prog, loop->wait).line);
        for (size_t c = 0; c < loop->calls.n; c++) {
            mem_append(owner, &text, " %u", prog_loc_of(prog, loop->calls.v[c]).line);
        }
        for (size_t a = 0; a < loop->also.n; a++) {
            mem_append(owner, &text, ", also %s", prog_fn_name(prog, loop->also.v[a]));
        }
        mem_append(owner, &text, "\n");
        for (size_t c = 0; c < contexts->callbacks.n; c++) {
            const struct callback *callback = &contexts->callbacks.v[c];
            if (callback->own == i) {
                mem_append(owner, &text, "  %s by %s at %u\n", prog_fn_name(prog, callback->fn),
                           callback->by == NULL ? "?" : callback->by,
                           prog_callback_loc(prog, callback).line);
            }
        }
    }
    return text;
}

static void check(const char *source, const char *want)
{
    harness_check(dump, source, want);
}

#define POLL "#include <poll.h>\n"
#define WATCH                                                                                      \
    POLL "struct watch { int fd; void (*run)(struct watch *); struct watch *next; };\n"            \
         "extern struct watch *watches;\n"                                                         \
         "static void on_input(struct watch *w) { (void)w; hits++; }\n"                            \
         "void add(struct watch *w) { w->run = on_input; w->next = watches; watches = w; }\n"

/* ---- what is one ----------------------------------------------------------------------------- */

static void a_list_that_is_polled(void **state)
{
    (void)state;
    check(WATCH "void serve(struct pollfd *fds, nfds_t n) {\n"
                "  for (;;) {\n"
                "    poll(fds, n, -1);\n"
                "    for (struct watch *w = watches; w; w = w->next) w->run(w);\n"
                "  }\n"
                "}\n",
          "serve waits at 8, calls at 9\n"
          "  on_input by watch.run at 5\n");
}

static void what_it_calls_by_name(void **state)
{
    (void)state;
    check(WATCH "static void tick(void) { hits++; }\n"
                "static void end(void) { hits = 0; }\n"
                "void serve(struct pollfd *fds, nfds_t n) {\n"
                "  while (!flag) {\n"
                "    poll(fds, n, -1);\n"
                "    for (struct watch *w = watches; w; w = w->next) w->run(w);\n"
                "    tick();\n"
                "  }\n"
                "  end();\n"
                "}\n",
          "serve waits at 10, calls at 11\n"
          "  on_input by watch.run at 5\n"
          "  tick by ? at 12\n");
}

static void the_wait_and_the_calls_are_below(void **state)
{
    (void)state;
    check(WATCH "static int pause_(struct pollfd *fds, nfds_t n) {\n"
                "  int got;\n"
                "  do { got = poll(fds, n, -1); } while (got < 0 && flag);\n"
                "  return got;\n"
                "}\n"
                "static void run_one(struct watch *w) { w->run(w); }\n"
                "static void turn(struct pollfd *fds, nfds_t n) {\n"
                "  pause_(fds, n);\n"
                "  for (struct watch *w = watches; w; w = w->next) run_one(w);\n"
                "}\n"
                "void serve(struct pollfd *fds, nfds_t n) { while (!more) turn(fds, n); }\n"
                "void once(struct pollfd *fds, nfds_t n) { turn(fds, n); }\n",
          "serve waits at 8, calls at 11\n"
          "  on_input by watch.run at 5\n");
}

static void two_that_run_the_same_handlers(void **state)
{
    (void)state;
    check(WATCH "static void turn(struct pollfd *fds, nfds_t n) {\n"
                "  poll(fds, n, -1);\n"
                "  for (struct watch *w = watches; w; w = w->next) w->run(w);\n"
                "}\n"
                "void drain(struct pollfd *fds, nfds_t n) { while (flag) turn(fds, n); }\n"
                "void serve(struct pollfd *fds, nfds_t n) { while (!more) turn(fds, n); }\n",
          "drain waits at 7, calls at 8, also serve\n"
          "  on_input by watch.run at 5\n");
}

static void two_loops_with_handlers_of_their_own(void **state)
{
    (void)state;
    check(WATCH "struct job { void (*fire)(void); };\n"
                "static void on_job(void) { more++; }\n"
                "static struct job jobs[2] = {{on_job}};\n"
                "void serve(struct pollfd *fds, nfds_t n) {\n"
                "  while (poll(fds, n, -1) >= 0)\n"
                "    for (struct watch *w = watches; w; w = w->next) w->run(w);\n"
                "}\n"
                "void work(struct pollfd *fds, nfds_t n) {\n"
                "  while (poll(fds, n, -1) >= 0) jobs[fds[0].revents].fire();\n"
                "}\n",
          "serve waits at 10, calls at 11\n"
          "  on_input by watch.run at 5\n"
          "work waits at 14, calls at 14\n"
          "  on_job by job.fire at 8\n");
}

static void registered_through_wrappers_and_below_handlers(void **state)
{
    (void)state;
    check("#include <sys/epoll.h>\n"
          "struct event { void (*run)(void *); void *data; };\n"
          "struct conn { void (*on_read)(struct conn *); struct event event; };\n"
          "static void event_set(struct event *e, void (*run)(void *), void *data) {\n"
          "  e->run = run; e->data = data;\n"
          "}\n"
          "static void on_event(void *data) { struct conn *c = data; c->on_read(c); }\n"
          "static void conn_on_read(struct conn *c, void (*f)(struct conn *)) { c->on_read = f; }\n"
          "static void on_line(struct conn *c) { (void)c; hits++; }\n"
          "void use(struct conn *c) {\n"
          "  event_set(&c->event, on_event, c);\n"
          "  conn_on_read(c, on_line);\n"
          "}\n"
          "void serve(int set) {\n"
          "  struct epoll_event got;\n"
          "  while (epoll_wait(set, &got, 1, -1) >= 0) {\n"
          "    struct event *e = got.data.ptr;\n"
          "    e->run(e->data);\n"
          "  }\n"
          "}\n",
          "serve waits at 16, calls at 18\n"
          "  on_event by event_set at 11\n"
          "  on_line by conn_on_read at 12\n");
}

static void timers_until_the_next_is_due(void **state)
{
    (void)state;
    check(POLL "struct timer { int due; void (*fire)(void); struct timer *next; };\n"
               "extern struct timer *timers;\n"
               "static void on_time(void) { hits++; }\n"
               "void add(struct timer *t) { t->fire = on_time; t->next = timers; timers = t; }\n"
               "void run(int wake_up) {\n"
               "  while (!flag) {\n"
               "    struct pollfd one = {.fd = wake_up, .events = POLLIN};\n"
               "    poll(&one, 1, timers->due - hits);\n"
               "    for (struct timer *t = timers; t; t = t->next) t->fire();\n"
               "  }\n"
               "}\n",
          "run waits at 9, calls at 10\n"
          "  on_time by timer.fire at 5\n");
}

static void a_step_of_its_callers_loop(void **state)
{
    (void)state;
    check(WATCH "struct loop { struct pollfd fds[8]; nfds_t n; struct watch *idle; };\n"
                "static void on_idle(struct watch *w) { (void)w; more++; }\n"
                "void idle(struct loop *l, struct watch *w) {\n"
                "  w->run = on_idle; w->next = l->idle; l->idle = w;\n"
                "}\n"
                "static void io(struct loop *l) {\n"
                "  while (poll(l->fds, l->n, -1) >= 0)\n"
                "    for (struct watch *w = watches; w; w = w->next) w->run(w);\n"
                "}\n"
                "void run(struct loop *l) {\n"
                "  while (!flag) {\n"
                "    io(l);\n"
                "    for (struct watch *w = l->idle; w; w = w->next) w->run(w);\n"
                "  }\n"
                "}\n",
          "run waits at 12, calls at 13 18\n"
          "  on_input by watch.run at 5\n"
          "  on_idle by watch.run at 9\n");
}

/* ---- what is none ---------------------------------------------------------------------------- */

static void a_wait_that_is_not_repeated(void **state)
{
    (void)state;
    check(WATCH "void serve(struct pollfd *fds, nfds_t n) {\n"
                "  poll(fds, n, -1);\n"
                "  for (struct watch *w = watches; w; w = w->next) w->run(w);\n"
                "}\n",
          "");
}

static void a_look_that_does_not_wait(void **state)
{
    (void)state;
    check(WATCH "void serve(struct pollfd *fds, nfds_t n) {\n"
                "  while (poll(fds, n, 0) >= 0)\n"
                "    for (struct watch *w = watches; w; w = w->next) w->run(w);\n"
                "}\n",
          "");
}

static void methods_of_the_one_connection(void **state)
{
    (void)state;
    check(POLL "struct conn { int fd; int (*recv)(struct conn *); };\n"
               "static int plain(struct conn *c) { return c->fd; }\n"
               "void use(struct conn *c, int (*recv)(struct conn *)) { c->recv = recv; }\n"
               "void start(struct conn *c) { use(c, plain); }\n"
               "void get(struct conn *c) {\n"
               "  do {\n"
               "    struct pollfd one = {.fd = c->fd, .events = POLLIN};\n"
               "    poll(&one, 1, -1);\n"
               "  } while (c->recv(c) > 0);\n"
               "}\n",
          "");
}

static void jobs_between_sleeps(void **state)
{
    (void)state;
    check(WATCH "void keep_house(int stop) {\n"
                "  struct pollfd one = {.fd = stop, .events = POLLIN};\n"
                "  while (poll(&one, 1, 1000) == 0)\n"
                "    for (struct watch *w = watches; w; w = w->next) w->run(w);\n"
                "}\n",
          "");
}

static void what_only_compares(void **state)
{
    (void)state;
    check(POLL "struct item { int (*compare)(const struct item *, const struct item *); };\n"
               "static int by_age(const struct item *a, const struct item *b) { return a < b; }\n"
               "static struct item items[4] = {{by_age}};\n"
               "void gather(struct pollfd *fds, nfds_t n) {\n"
               "  while (poll(fds, n, -1) >= 0)\n"
               "    for (int i = 1; i < 4; i++)\n"
               "      hits += items[i].compare(&items[i], &items[i - 1]);\n"
               "}\n",
          "");
}

/* A hook that is called for each error far below. */
static void a_hook_far_below_a_retry_loop(void **state)
{
    (void)state;
    check(WATCH
          "void on_error(struct watch *w, void (*f)(struct watch *)) { w->run = f; }\n"
          "static void d(void) { for (struct watch *w = watches; w; w = w->next) w->run(w); }\n"
          "static void c(void) { d(); }\n"
          "static void b(void) { c(); }\n"
          "static void a(void) { b(); }\n"
          "void get(struct pollfd *fds, nfds_t n) {\n"
          "  while (poll(fds, n, -1) < 0) a();\n"
          "}\n",
          "");
}

static void work_that_a_thread_does(void **state)
{
    (void)state;
    check(WATCH "static void *work(void *arg) { struct watch *w = arg; w->run(w); return arg; }\n"
                "void serve(struct pollfd *fds, nfds_t n) {\n"
                "  while (poll(fds, n, -1) >= 0)\n"
                "    for (struct watch *w = watches; w; w = w->next) {\n"
                "      pthread_t t;\n"
                "      pthread_create(&t, NULL, work, w);\n"
                "    }\n"
                "}\n",
          "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_that_is_polled),
        cmocka_unit_test(what_it_calls_by_name),
        cmocka_unit_test(the_wait_and_the_calls_are_below),
        cmocka_unit_test(two_that_run_the_same_handlers),
        cmocka_unit_test(two_loops_with_handlers_of_their_own),
        cmocka_unit_test(registered_through_wrappers_and_below_handlers),
        cmocka_unit_test(timers_until_the_next_is_due),
        cmocka_unit_test(a_step_of_its_callers_loop),
        cmocka_unit_test(a_wait_that_is_not_repeated),
        cmocka_unit_test(a_look_that_does_not_wait),
        cmocka_unit_test(methods_of_the_one_connection),
        cmocka_unit_test(jobs_between_sleeps),
        cmocka_unit_test(what_only_compares),
        cmocka_unit_test(a_hook_far_below_a_retry_loop),
        cmocka_unit_test(work_that_a_thread_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
