/* data-race: what it reports, and the twins it must not report. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

static void check(const char *source, const char *want)
{
    harness_check_rule("data-race", source, want);
}

/* Two workers run 'work'. */
#define TWO                                                                                        \
    "int main(void) {\n"                                                                           \
    "  pthread_t t[2];\n"                                                                          \
    "  for (int i = 0; i < 2; i++) pthread_create(&t[i], NULL, work, NULL);\n"                     \
    "  for (int i = 0; i < 2; i++) pthread_join(t[i], NULL);\n"                                    \
    "}\n"

static void a_counter_without_a_lock(void **state)
{
    (void)state;
    check("static int n;\n"
          "static void *work(void *a) { n++; return a; }\n" TWO,
          "2 [data-race] 'n' can be changed here by several threads at once\n");
}

static void a_counter_with_a_lock(void **state)
{
    (void)state;
    check("static int n;\n"
          "static void *work(void *a) {\n"
          "  pthread_mutex_lock(&m); n++; pthread_mutex_unlock(&m);\n"
          "  return a;\n"
          "}\n" TWO,
          "");
}

/* `launch` gets a job, does something with it, starts a thread for it, and does something else. */
#define LAUNCH(get, before, after)                                                                 \
    "struct job { int n; }; extern struct job *make(void);\n"                                      \
    "static void *work(void *a) { struct job *j = a; return j->n ? a : 0; }\n"                     \
    "static void launch(pthread_t *t) {\n"                                                         \
    "  struct job *j = " get "; " before "\n"                                                      \
    "  pthread_create(t, NULL, work, j);\n"                                                        \
    "  " after "\n"                                                                                \
    "}\n"                                                                                          \
    "int main(void) {\n"                                                                           \
    "  pthread_t t[2]; for (int i = 0; i < 2; i++) launch(&t[i]); }\n"

static void what_is_made_for_a_thread(void **state)
{
    (void)state;
    check(LAUNCH("make()", "j->n = 1;", ""), "");
    check(LAUNCH("make()", "", "j->n = 1;"), "6 [data-race] 'job.n' is used here while another "
                                             "thread reads it (a.c:2), with no lock that "
                                             "keeps them apart (medium)\n");
}

/* The hard twin: what the function returns is known to others. */
static void what_is_only_handed_to_a_thread(void **state)
{
    (void)state;
    check("static struct job { int n; } one;\n"
          "static struct job *get(void) { return &one; }\n"
          "static void *work(void *a) { struct job *j = a; one.n = j->n; return a; }\n"
          "static void launch(pthread_t *t) {\n"
          "  struct job *j = get(); j->n = 1;\n"
          "  pthread_create(t, NULL, work, j);\n"
          "}\n"
          "int main(void) {\n"
          "  pthread_t t[2]; for (int i = 0; i < 2; i++) launch(&t[i]); }\n",
          "5 [data-race] 'one.n' is used here while another thread writes it (a.c:3), with no lock "
          "that "
          "keeps them apart\n");
}

#define ATOMIC "__atomic_fetch_add(&word, 1, __ATOMIC_SEQ_CST);"
#define FIVE ATOMIC ATOMIC ATOMIC ATOMIC ATOMIC

/* Hardly a lock that snarl knows, and many atomic changes: it may be the program's own lock. */
static void locks_of_the_programs_own(void **state)
{
    (void)state;
    check("static int word, n;\n"
          "static void *work(void *a) { n++;" FIVE FIVE FIVE FIVE " return a; }\n" TWO,
          "2 [data-race] 'n' can be changed here by several threads at once (low)\n");
    check("static int word, n;\n"
          "static void *work(void *a) { n++;" FIVE FIVE " return a; }\n" TWO,
          "2 [data-race] 'n' can be changed here by several threads at once\n");
    check("static int word, n, k;\n"
          "static void *work(void *a) { n++;" FIVE FIVE FIVE FIVE "\n"
          "  pthread_mutex_lock(&m); k++; pthread_mutex_unlock(&m); return a; }\n" TWO,
          "2 [data-race] 'n' can be changed here by several threads at once\n");
}

static void another_objects_lock(void **state)
{
    (void)state;
    check("struct box { pthread_mutex_t mu; int n; };\n"
          "static struct box boxes[9];\n"
          "static void add(struct box *b) {\n"
          "  pthread_mutex_lock(&b->mu); b->n++; pthread_mutex_unlock(&b->mu);\n"
          "}\n"
          "static int get(struct box *b) {\n"
          "  pthread_mutex_lock(&b->mu); int n = b->n; pthread_mutex_unlock(&b->mu);\n"
          "  return n;\n"
          "}\n"
          "static void move(struct box *a, struct box *b) {\n"
          "  pthread_mutex_lock(&a->mu); a->n--; b->n++; pthread_mutex_unlock(&a->mu);\n"
          "}\n"
          "static void *work(void *a) {\n"
          "  add(&boxes[1]); move(&boxes[get(&boxes[0])], &boxes[2]);\n"
          "  return a;\n"
          "}\n" TWO,
          "11 [data-race] 'box.n' is used here while another thread reads and writes it (a.c:11), "
          "with no lock that keeps them apart (medium)\n");
}

static void locks_of_another_index(void **state)
{
    (void)state;
    check(
        "static pthread_mutex_t mu[4]; static int v[4];\n"
        "static void add(int i) {\n"
        "  pthread_mutex_lock(&mu[i]); v[i]++; pthread_mutex_unlock(&mu[i]);\n"
        "}\n"
        "static void sub(int i) {\n"
        "  pthread_mutex_lock(&mu[i]); v[i]--; pthread_mutex_unlock(&mu[i]);\n"
        "}\n"
        "static void move(int i, int j) {\n"
        "  pthread_mutex_lock(&mu[i]); v[i]--; v[j]++; pthread_mutex_unlock(&mu[i]);\n"
        "}\n"
        "static void *work(void *a) { add(rand()); sub(rand()); move(rand(), 1); return a; }\n" TWO,
        "9 [data-race] 'v[]' is used here while another thread reads and writes it (a.c:3), with "
        "no lock that keeps them apart (medium)\n");
}

static void a_lock_that_nobody_else_has(void **state)
{
    (void)state;
    check("static int n;\n"
          "static void *work(void *a) {\n"
          "  pthread_mutex_t *mine = malloc(sizeof *mine);\n"
          "  pthread_mutex_lock(mine); n++; pthread_mutex_unlock(mine);\n"
          "  return a;\n"
          "}\n" TWO,
          "4 [data-race] 'n' can be changed here by several threads at once\n");
}

#define ADD                                                                                        \
    "static pthread_mutex_t l; static int n;\n"                                                    \
    "static void add(pthread_mutex_t *mu) {\n"                                                     \
    "  pthread_mutex_lock(mu); n++; pthread_mutex_unlock(mu);\n"                                   \
    "}\n"                                                                                          \
    "static void add_one(pthread_mutex_t *mu) { add(mu); }\n"
#define START_BOTH                                                                                 \
    "int main(void) {\n"                                                                           \
    "  pthread_t t; pthread_create(&t, NULL, one, NULL);\n"                                        \
    "  pthread_t u; pthread_create(&u, NULL, two, NULL);\n"                                        \
    "}\n"

static void a_lock_handed_from_call_to_call(void **state)
{
    (void)state;
    check(ADD "static void *one(void *a) { add_one(&m); return a; }\n"
              "static void *two(void *a) { add_one(&l); return a; }\n" START_BOTH,
          "3 [data-race] 'n' can be changed here by several threads at once\n");
    check(ADD "static void *one(void *a) { add_one(&m); return a; }\n"
              "static void *two(void *a) { add_one(&m); return a; }\n" START_BOTH,
          "");
    check(ADD "static void *one(void *a) { add_one(&m); add(a == NULL ? &l : &m); return a; }\n"
              "static void *two(void *a) { add_one(&m); return a; }\n" START_BOTH,
          ""); /* which one is not certain */
}

#define ITEMS                                                                                      \
    "struct item { struct item *next; int n; };\n"                                                 \
    "static struct item *queue;\n"                                                                 \
    "static void push(struct item *i) {\n"                                                         \
    "  pthread_mutex_lock(&m); i->n = 1; i->next = queue; queue = i; pthread_mutex_unlock(&m);\n"  \
    "}\n"                                                                                          \
    "static void touch(void) {\n"                                                                  \
    "  pthread_mutex_lock(&m); if (queue) queue->n += 2; pthread_mutex_unlock(&m);\n"              \
    "}\n"

static void an_item_taken_out_of_a_queue(void **state)
{
    (void)state;
    check(ITEMS "static struct item *pop(void) {\n"
                "  pthread_mutex_lock(&m);\n"
                "  struct item *i = queue;\n"
                "  if (i != NULL) { queue = i->next; i->n = 3; }\n"
                "  pthread_mutex_unlock(&m);\n"
                "  return i;\n"
                "}\n"
                "static void *work(void *a) {\n"
                "  touch(); struct item *i = pop(); i->n = 4; push(i);\n"
                "  return a;\n"
                "}\n" TWO,
          "");
    check(ITEMS "static void *work(void *a) {\n"
                "  touch(); push(a);\n"
                "  pthread_mutex_lock(&m);\n"
                "  struct item *i = queue; queue = i->next; i->n = 3;\n"
                "  pthread_mutex_unlock(&m);\n"
                "  i->n = 4;\n"
                "  return a;\n"
                "}\n" TWO,
          "");
    check(ITEMS "static void *work(void *a) {\n"
                "  touch(); push(a);\n"
                "  pthread_mutex_lock(&m);\n"
                "  struct item *i = queue; i->n = 3;\n" /* it stays in there */
                "  pthread_mutex_unlock(&m);\n"
                "  i->n = 4;\n"
                "  return a;\n"
                "}\n" TWO,
          "14 [data-race] 'item.n' is used here while another thread writes it (a.c:4), "
          "with no lock that keeps them apart (medium)\n");
}

static void the_lock_that_a_member_points_to(void **state)
{
    (void)state;
    check(
        "struct e { pthread_mutex_t *mu; int n; };\n"
        "static void add(struct e *e) {\n"
        "  pthread_mutex_lock(e->mu); e->n++; pthread_mutex_unlock(e->mu);\n"
        "}\n"
        "static void sub(struct e *e) {\n"
        "  pthread_mutex_lock(e->mu); e->n--; pthread_mutex_unlock(e->mu);\n"
        "}\n"
        "static void half(struct e *e) {\n"
        "  pthread_mutex_lock(e->mu); e->n /= 2; pthread_mutex_unlock(e->mu);\n"
        "}\n"
        "static void clear(struct e *e) { e->n = 0; }\n"
        "static void both(struct e *e, struct e *f) {\n" /* of one bucket, perhaps */
        "  pthread_mutex_lock(e->mu); f->n = 7; pthread_mutex_unlock(e->mu);\n"
        "}\n"
        "struct e *find(void);\n"
        "static void *work(void *a) {\n"
        "  add(find()); sub(find()); half(find()); clear(find()); both(find(), find());\n"
        "  return a;\n"
        "}\n" TWO,
        "11 [data-race] 'e.n' is used here while another thread reads and writes it (a.c:3), with "
        "no lock that keeps them apart (medium)\n");
}

static void a_new_object_that_others_can_find(void **state)
{
    (void)state;
    check(
        "struct s { int n; };\n"
        "static struct s *current;\n"
        "static void *one(void *a) {\n"
        "  struct s *s = malloc(sizeof *s);\n"
        "  s->n = 1; current = s; s->n++;\n"
        "  return a;\n"
        "}\n"
        "static void *two(void *a) { current->n++; return a; }\n" START_BOTH,
        "5 [data-race] 'current' is used here while another thread reads it (a.c:8), with no lock "
        "that keeps them apart (medium)\n"
        "5 [data-race] 's.n' is used here while another thread reads and writes it (a.c:8), with "
        "no lock that keeps them apart\n");
}

/* Functions that others can call, nobody here calls, and that take a lock. */
static void a_library_without_main(void **state)
{
    (void)state;
    check(
        "static int n, k;\n"
        "static pthread_mutex_t l;\n"
        "void add(void) { pthread_mutex_lock(&m); n++; pthread_mutex_unlock(&m); }\n"
        "void sub(void) { pthread_mutex_lock(&m); n--; pthread_mutex_unlock(&m); }\n"
        "int get(void) { pthread_mutex_lock(&m); int i = n; pthread_mutex_unlock(&m); return i; }\n"
        "void set_up(void) { n = 1; k = 1; }\n" /* takes none: before there are threads */
        "static void add_other(void) { pthread_mutex_lock(&l); k++; pthread_mutex_unlock(&l); }\n"
        "int sum(void) { add_other(); return n; }\n",
        "8 [data-race] 'n' is used here while another thread reads and writes it (a.c:3), with no "
        "lock that keeps them apart\n");
    check(
        "static int n;\n"
        "void add(void) { pthread_mutex_lock(&m); n++; pthread_mutex_unlock(&m); }\n"
        "int sum(void) { pthread_mutex_lock(&m); pthread_mutex_unlock(&m); return n; }\n",
        "3 [data-race] 'n' is used here while another thread reads and writes it (a.c:2), with no "
        "lock that keeps them apart (low)\n");
}

static void one_finding_a_variable(void **state)
{
    (void)state;
    check("static int n;\n"
          "static void *work(void *a) { n = 1; n += 2; n = 3; return a; }\n" TWO,
          "2 [data-race] 'n' is used here while another thread reads and writes it (a.c:2), with "
          "no lock that keeps them apart\n");
}

static void bit_fields_of_one_unit(void **state)
{
    (void)state;
    check("static struct { unsigned a : 1; unsigned b : 1; unsigned : 0; unsigned c : 1; } f;\n"
          "static void *other(void *a) { f.b = 1; return a; }\n"
          "static void *third(void *a) { f.c = 1; return a; }\n"
          "int main(void) {\n"
          "  pthread_t t; pthread_create(&t, NULL, other, NULL);\n"
          "  pthread_t u; pthread_create(&u, NULL, third, NULL);\n"
          "  f.a = 1;\n"
          "}\n",
          "7 [data-race] 'f.a' shares its memory with the bit-field 'f.b', which another thread "
          "writes at the same time (medium)\n");
}

static void atomic_on_both_sides(void **state)
{
    (void)state;
    check("static _Atomic int n;\n"
          "static void *work(void *a) { n++; return a; }\n" TWO,
          "");
}

#define STORES(function)                                                                           \
    "int main(void) {\n"                                                                           \
    "  pthread_t t; pthread_create(&t, NULL, work, NULL);\n"                                       \
    "\n"                                                                                           \
    "  f = " function "; pthread_join(t, NULL); return two();\n"                                   \
    "}\n"

static void every_store_puts_the_same_function(void **state)
{
    (void)state;
    check("static int one(void) { return 1; } static int two(void) { return 2; }\n"
          "static int (*f)(void) = one;\n"
          "static void *work(void *a) { return f() ? a : 0; }\n" STORES("one"),
          "7 [data-race] 'f' is used here while another thread reads it (a.c:3), with no lock that "
          "keeps them apart (low)\n");
    check("static int one(void) { return 1; } static int two(void) { return 2; }\n"
          "static int (*f)(void) = one;\n"
          "static void *work(void *a) { return f() ? a : 0; }\n" STORES("two"),
          "7 [data-race] 'f' is used here while another thread reads it (a.c:3), with no lock that "
          "keeps them apart (medium)\n");
}

static void check_interface(const char *work, const char *want)
{
    void *owner = talloc_new(NULL);
    char *source = mem_printf(
        owner,
        "struct box { pthread_mutex_t m; int n; }; static struct box box; static int sold;\n"
        "static int lock_box(void *l) { return pthread_mutex_lock(&((struct box *)l)->m); }\n"
        "static int lock_plain(void *l) { return pthread_mutex_lock(l); }\n"
        "static int (*lock)(void *) = lock_plain;\n"
        "static void *work(void *a) { %s return a; }\n"
        "int main(int argc, char **argv) {\n"
        "  if (argc > 1) lock = lock_box;\n"
        "  pthread_t t; pthread_create(&t, NULL, work, NULL);\n"
        "  pthread_t u; pthread_create(&u, NULL, work, NULL);\n"
        "  pthread_join(t, NULL); pthread_join(u, NULL); return argv[0][0];\n"
        "}\n",
        work);

    check(source, want);
    talloc_free(owner);
}

static void a_lock_behind_a_pointer(void **state)
{
    (void)state;
    check_interface("lock(&box); sold++;",
                    "5 [data-race] 'sold' can be changed here by several threads at once (low)\n");
    check_interface("sold++; lock(&box);",
                    "5 [data-race] 'sold' can be changed here by several threads at once\n");
}

/* `work` is behind a pointer that main goes by before there is a thread. */
static void a_pointer_that_means_something_else_by_then(void **state)
{
    (void)state;
    check("static int n; static int k;\n"
          "static void first(void) { n++; }\n"
          "static void later(void) { k = 2; }\n"
          "static void (*step)(void) = first;\n"
          "static void *work(void *a) { step(); return a; }\n"
          "int main(void) {\n"
          "  step(); step = later;\n"
          "  pthread_t t; pthread_create(&t, NULL, work, NULL);\n"
          "  pthread_t u; pthread_create(&u, NULL, work, NULL);\n"
          "  pthread_join(t, NULL); pthread_join(u, NULL);\n"
          "  return n + k;\n"
          "}\n",
          "2 [data-race] 'n' can be changed here by several threads at once (low)\n"
          "3 [data-race] 'k' can be written here by several threads at once (low)\n");
}

static void check_handler(const char *variable, const char *handler, const char *loop,
                          const char *want)
{
    void *owner = talloc_new(NULL);
    char *source = mem_printf(owner,
                              "#include <signal.h>\n"
                              "%s; static int other;\n"
                              "static void on_signal(int s) { %s }\n"
                              "int main(void) {\n"
                              "  sigset_t set; sigemptyset(&set); signal(SIGTERM, on_signal);\n"
                              "  %s\n"
                              "  return other;\n"
                              "}\n",
                              variable, handler, loop);

    check(source, want);
    talloc_free(owner);
}

#define HANDLER                                                                                    \
    "6 [data-race] 'asked' is used here, and signal handler 'on_signal' can write it at that "     \
    "moment (a.c:3) (medium)\n"

/* Avahi's own thread has its lock while it runs a callback. */
static void a_lock_that_the_loops_thread_has(void **state)
{
    (void)state;
#define ON_CLIENT(lock, unlock)                                                                    \
    "#include <avahi-common/simple-watch.h>\n"                                                     \
    "static int n; static AvahiThreadedPoll *poll;\n"                                              \
    "static void on_client(AvahiClient *c, int state, void *data) { n++; }\n"                      \
    "static void *work(void *a) { " lock " n++; " unlock " return a; }\n"                          \
    "int main(void) {\n"                                                                           \
    "  pthread_t t;\n"                                                                             \
    "  avahi_client_new(avahi_threaded_poll_get(poll), 0, on_client, NULL, NULL);\n"               \
    "  pthread_create(&t, NULL, work, NULL);\n"                                                    \
    "  pthread_join(t, NULL);\n"                                                                   \
    "}\n"
    check(ON_CLIENT("avahi_threaded_poll_lock(poll);", "avahi_threaded_poll_unlock(poll);"), "");
    check(ON_CLIENT("", ""), "4 [data-race] 'n' is used here while another thread reads and writes "
                             "it (a.c:3), with no lock that keeps them apart\n");
#undef ON_CLIENT
}

static void what_a_handler_writes(void **state)
{
    (void)state;
    check_handler("static int asked", "asked = 1;", "while (!asked) { pause(); }", HANDLER);
    check_handler("static int asked", "asked++;", "asked++;", HANDLER);
    check_handler("static int asked", "", "while (!asked) { pause(); }", "");
    check_handler("static int asked", "asked = 1;", "asked = 0;", "");
    check_handler("static int asked", "if (asked) _exit(1);", "asked = 1;", "");
}

static void what_a_handler_may_write(void **state)
{
    (void)state;
    check_handler("static volatile sig_atomic_t asked", "asked = 1;", "while (!asked) { pause(); }",
                  "");
    check_handler("static _Atomic int asked", "asked = 1;", "while (!asked) { pause(); }", "");
    check_handler("static int asked", "asked = 1; _exit(1);", "while (!asked) { pause(); }", "");
}

static void with_the_signal_held_back(void **state)
{
    (void)state;
    check_handler("static int asked", "asked++;",
                  "sigprocmask(SIG_BLOCK, &set, 0); asked++; sigprocmask(SIG_UNBLOCK, &set, 0);",
                  "");
    check_handler("static int asked", "asked++;",
                  "sigprocmask(SIG_BLOCK, &set, 0); sigprocmask(SIG_UNBLOCK, &set, 0); asked++;",
                  HANDLER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_counter_without_a_lock),
        cmocka_unit_test(a_counter_with_a_lock),
        cmocka_unit_test(what_is_made_for_a_thread),
        cmocka_unit_test(what_is_only_handed_to_a_thread),
        cmocka_unit_test(locks_of_the_programs_own),
        cmocka_unit_test(another_objects_lock),
        cmocka_unit_test(locks_of_another_index),
        cmocka_unit_test(a_lock_that_nobody_else_has),
        cmocka_unit_test(a_lock_handed_from_call_to_call),
        cmocka_unit_test(an_item_taken_out_of_a_queue),
        cmocka_unit_test(the_lock_that_a_member_points_to),
        cmocka_unit_test(a_new_object_that_others_can_find),
        cmocka_unit_test(a_library_without_main),
        cmocka_unit_test(one_finding_a_variable),
        cmocka_unit_test(bit_fields_of_one_unit),
        cmocka_unit_test(atomic_on_both_sides),
        cmocka_unit_test(every_store_puts_the_same_function),
        cmocka_unit_test(a_lock_behind_a_pointer),
        cmocka_unit_test(a_pointer_that_means_something_else_by_then),
        cmocka_unit_test(a_lock_that_the_loops_thread_has),
        cmocka_unit_test(what_a_handler_writes),
        cmocka_unit_test(what_a_handler_may_write),
        cmocka_unit_test(with_the_signal_held_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
