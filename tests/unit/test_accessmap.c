/* accessmap.h: which variables threads share, who uses them, and with what in hand. */
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

static void check_variables(const char *source, const char *want)
{
    harness_check(harness_dump_variables, source, want);
}

#define START                                                                                      \
    "int main(void) {\n"                                                                           \
    "  pthread_t t[2];\n"                                                                          \
    "  for (int i = 0; i < 2; i++) pthread_create(&t[i], NULL, work, NULL);\n"                     \
    "}\n"

static void thread_locals_constants_and_locks_are_left_out(void **state)
{
    (void)state;
    check("static _Thread_local int mine;\n"
          "static __thread int also_mine;\n"
          "static const int fixed = 3;\n"
          "static pthread_mutex_t lock;\n"
          "static void *work(void *a) {\n"
          "  int local = fixed;\n"
          "  mine = 1; also_mine = 2; local++;\n"
          "  pthread_mutex_lock(&lock);\n"
          "  hits = local;\n"
          "  pthread_mutex_unlock(&lock);\n"
          "  return a;\n"
          "}\n" START,
          "9 thread work writes hits {lock}\n");
}

static void fresh_objects_are_left_out(void **state)
{
    (void)state;
    check("struct box { int n; struct box *next; };\n"
          "static struct box *all;\n"
          "static struct box *make(int n) { struct box *b = malloc(sizeof *b); b->n = n; return b; "
          "}\n"
          "static void *work(void *a) {\n"
          "  struct box *b = malloc(sizeof *b);\n"
          "  b->n = 1;\n"
          "  b->next = NULL;\n"
          "  all = b;\n"
          "  b->n = 2;\n"
          "  struct box *c = make(3);\n"
          "  c->n = 4;\n"
          "  return a;\n"
          "}\n" START,
          "8 thread work writes all {}\n"
          "9 thread work writes box.n {}\n");
}

static void locals_whose_address_is_kept_to_themselves(void **state)
{
    (void)state;
    check("struct box { int n; };\n"
          "static void fill(struct box *b) { b->n = 1; }\n"
          "static void *work(void *a) {\n"
          "  struct box b;\n"
          "  b.n = 2;\n"
          "  fill(&b);\n"
          "  return a;\n"
          "}\n" START,
          "");
}

static void what_a_caller_holds_counts(void **state)
{
    (void)state;
    check("struct acc { pthread_mutex_t mu; int n; };\n"
          "static struct acc acc;\n"
          "static void add(struct acc *a) { a->n++; }\n"
          "static void *work(void *a) {\n"
          "  pthread_mutex_lock(&acc.mu);\n"
          "  add(&acc);\n"
          "  pthread_mutex_unlock(&acc.mu);\n"
          "  return a;\n"
          "}\n" START,
          "3 thread work writes acc.n {acc.mu}\n");
}

static void what_all_callers_hold_counts(void **state)
{
    (void)state;
    check("static void add(void) { hits++; }\n"
          "static void *work(void *a) {\n"
          "  pthread_mutex_lock(&m);\n"
          "  pthread_mutex_lock(&m2);\n"
          "  add();\n"
          "  pthread_mutex_unlock(&m2);\n"
          "  add();\n"
          "  pthread_mutex_unlock(&m);\n"
          "  return a;\n"
          "}\n" START,
          "1 thread work writes hits {m}\n");
}

static void a_lock_the_callee_lets_go(void **state)
{
    (void)state;
    check("static void add(void) { more = 1; pthread_mutex_unlock(&m); hits++; "
          "pthread_mutex_lock(&m); more = 2; }\n"
          "static void *work(void *a) {\n"
          "  pthread_mutex_lock(&m);\n"
          "  add();\n"
          "  more = 3;\n"
          "  pthread_mutex_unlock(&m);\n"
          "  return a;\n"
          "}\n" START,
          "1 thread work writes hits {}\n"
          "1 thread work writes more {m}\n"
          "5 thread work writes more {m}\n");
}

static void objects_of_a_type_share_a_class(void **state)
{
    (void)state;
    check("struct acc { pthread_mutex_t mu; int n; };\n"
          "static void *work(void *p) {\n"
          "  struct acc *a = p;\n"
          "  pthread_mutex_lock(&a->mu);\n"
          "  a->n++;\n"
          "  pthread_mutex_unlock(&a->mu);\n"
          "  return p;\n"
          "}\n"
          "int main(int argc, char **argv) {\n"
          "  struct acc *a = calloc((size_t)argc, sizeof *a);\n"
          "  pthread_t t[2];\n"
          "  (void)argv;\n"
          "  for (int i = 0; i < 2; i++) pthread_create(&t[i], NULL, work, &a[i]);\n"
          "}\n",
          "5 thread work writes acc.n {acc.mu}\n");
}

static void atomics_and_read_modify_write(void **state)
{
    (void)state;
    check("#include <stdatomic.h>\n"
          "static atomic_int count;\n"
          "static int old;\n"
          "static void *work(void *a) {\n"
          "  atomic_fetch_add(&count, 1);\n"
          "  __sync_fetch_and_add(&old, 1);\n"
          "  old += 1;\n"
          "  if (__atomic_load_n(&old, __ATOMIC_ACQUIRE)) count = 0;\n"
          "  return a;\n"
          "}\n" START,
          "5 thread work writes count {}\n"
          "6 thread work writes old {}\n"
          "7 thread work writes old {}\n"
          "8 thread work reads old {}\n"
          "8 thread work writes count {}\n");
}

static void variables_and_their_guards(void **state)
{
    (void)state;
    check_variables("static int read_only = 3, only_main, by_both, guarded;\n"
                    "static void *work(void *a) {\n"
                    "  by_both = read_only;\n"
                    "  pthread_mutex_lock(&m);\n"
                    "  guarded++;\n"
                    "  hits = guarded;\n"
                    "  pthread_mutex_unlock(&m);\n"
                    "  return a;\n"
                    "}\n"
                    "int main(void) {\n"
                    "  pthread_t t;\n"
                    "  pthread_create(&t, NULL, work, NULL);\n"
                    "  only_main = read_only;\n"
                    "  by_both = 1;\n"
                    "  pthread_mutex_lock(&m);\n"
                    "  guarded++;\n"
                    "  pthread_mutex_unlock(&m);\n"
                    "}\n",
                    "read_only private\n"
                    "only_main private\n"
                    "by_both shared\n"
                    "guarded shared guard m (3)\n"
                    "hits private\n");
}

static void static_locals_are_shared(void **state)
{
    (void)state;
    check("static void *work(void *a) { static int calls; calls++; return a; }\n" START,
          "1 thread work writes calls {}\n");
}

static void members_of_an_embedded_struct(void **state)
{
    (void)state;
    check("struct stats { int n; };\n"
          "static struct { pthread_mutex_t mu; struct stats stats; } server;\n"
          "static void bump(struct stats *s) { s->n++; }\n"
          "static void *work(void *a) {\n"
          "  pthread_mutex_lock(&server.mu);\n"
          "  bump(&server.stats);\n"
          "  pthread_mutex_unlock(&server.mu);\n"
          "  server.stats.n = 0;\n"
          "  return a;\n"
          "}\n" START,
          "3 thread work writes server.stats.n {server.mu}\n"
          "8 thread work writes server.stats.n {}\n");
}

static void locals_that_a_callee_shows(void **state)
{
    (void)state;
    check("struct box { int n; pthread_t t; };\n"
          "static struct box *kept;\n"
          "static void *work(void *p) { struct box *b = p; b->n = 1; return p; }\n"
          "static void start(struct box *b) { pthread_create(&b->t, NULL, work, b); }\n"
          "static void keep(struct box *b) { kept = b; }\n"
          "static void keep_too(struct box *b) { keep(b); }\n"
          "int main(void) {\n"
          "  struct box mine = {0}, started = {0}, stored = {0};\n"
          "  start(&started);\n"
          "  keep_too(&stored);\n"
          "  mine.n = 2;\n"
          "  started.n = 3;\n"
          "  stored.n = 4;\n"
          "}\n",
          "3 thread work writes box.n {}\n"
          "5 main writes kept {}\n"
          "12 main writes box.n {}\n"
          "13 main writes box.n {}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thread_locals_constants_and_locks_are_left_out),
        cmocka_unit_test(fresh_objects_are_left_out),
        cmocka_unit_test(locals_whose_address_is_kept_to_themselves),
        cmocka_unit_test(what_a_caller_holds_counts),
        cmocka_unit_test(what_all_callers_hold_counts),
        cmocka_unit_test(a_lock_the_callee_lets_go),
        cmocka_unit_test(objects_of_a_type_share_a_class),
        cmocka_unit_test(atomics_and_read_modify_write),
        cmocka_unit_test(variables_and_their_guards),
        cmocka_unit_test(static_locals_are_shared),
        cmocka_unit_test(members_of_an_embedded_struct),
        cmocka_unit_test(locals_that_a_callee_shows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
