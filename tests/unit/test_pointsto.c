/* pointsto.h: which one object a pointer is known to mean. Seen in the names that accesses get. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

static void check(const char *source, const char *want)
{
    harness_check(harness_dump_accesses, source, want);
}

#define TYPES "struct acc { pthread_mutex_t mu; int n; };\n"

static void a_parameter_that_is_always_one_object(void **state)
{
    (void)state;
    check(TYPES "static struct acc bank;\n"
                "static void add(struct acc *a) { pthread_mutex_lock(&a->mu); a->n++; "
                "pthread_mutex_unlock(&a->mu); }\n"
                "void f(void) { add(&bank); }\n"
                "void g(void) { add(&bank); }\n",
          "3 bank.n {bank.mu}\n");
}

static void a_parameter_that_is_one_of_two(void **state)
{
    (void)state;
    check(TYPES "static struct acc bank, purse;\n"
                "static void add(struct acc *a) { pthread_mutex_lock(&a->mu); a->n++; "
                "pthread_mutex_unlock(&a->mu); }\n"
                "void f(void) { add(&bank); add(&purse); }\n",
          "3 a->n {a->mu}\n");
}

static void a_parameter_that_can_be_from_the_heap(void **state)
{
    (void)state;
    check(TYPES "static struct acc bank;\n"
                "static void add(struct acc *a) { a->n++; }\n"
                "void f(void) { add(&bank); add(malloc(sizeof(struct acc))); }\n",
          "3 a->n {}\n");
}

static void a_global_pointer(void **state)
{
    (void)state;
    check(TYPES "static struct acc bank;\n"
                "static struct acc *current = &bank;\n"
                "void f(void) { pthread_mutex_lock(&current->mu); current->n++; bank.n++; "
                "pthread_mutex_unlock(&bank.mu); }\n",
          "4 current {}\n"
          "4 current {bank.mu}\n"
          "4 bank.n {bank.mu}\n");
}

static void the_data_of_a_thread(void **state)
{
    (void)state;
    check(TYPES "static struct acc bank;\n"
                "static void *work(void *p) { struct acc *a = p; a->n++; return p; }\n"
                "int main(void) { pthread_t t; pthread_create(&t, NULL, work, &bank); }\n",
          "3 bank.n {}\n");
}

static void the_data_of_a_callback(void **state)
{
    (void)state;
    check("#include <uv.h>\n"
          "struct box { uv_work_t work; int n; };\n"
          "static struct box box;\n"
          "static void job(uv_work_t *w) { struct box *b = w->data; b->n++; }\n"
          "void f(void) { box.work.data = &box; uv_queue_work(uv_default_loop(), &box.work, job, "
          "NULL); }\n",
          "4 box.work.data {}\n"
          "4 box.work.data->n {}\n"
          "5 box.work.data {}\n");
}

static void members_of_arrays(void **state)
{
    (void)state;
    check(TYPES "static struct acc banks[4];\n"
                "static void add(struct acc *a) { a->n++; }\n"
                "void f(int i) { add(&banks[i]); add(&banks[2]); banks[1].n = 0; }\n",
          "3 a->n {}\n"
          "4 banks[1].n {}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_parameter_that_is_always_one_object),
        cmocka_unit_test(a_parameter_that_is_one_of_two),
        cmocka_unit_test(a_parameter_that_can_be_from_the_heap),
        cmocka_unit_test(a_global_pointer),
        cmocka_unit_test(the_data_of_a_thread),
        cmocka_unit_test(the_data_of_a_callback),
        cmocka_unit_test(members_of_arrays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
