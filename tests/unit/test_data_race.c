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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_counter_without_a_lock),
        cmocka_unit_test(a_counter_with_a_lock),
        cmocka_unit_test(another_objects_lock),
        cmocka_unit_test(one_finding_a_variable),
        cmocka_unit_test(bit_fields_of_one_unit),
        cmocka_unit_test(atomic_on_both_sides),
        cmocka_unit_test(every_store_puts_the_same_function),
        cmocka_unit_test(a_lock_behind_a_pointer),
        cmocka_unit_test(a_pointer_that_means_something_else_by_then),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
