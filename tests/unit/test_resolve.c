/* resolve.h: locals stand for what was written to them once; the rest are roots of their own. */
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

#define TYPES "struct acc { int n; struct acc *next; struct acc *all[4]; };\n"

static void a_local_written_once_is_what_was_written(void **state)
{
    (void)state;
    check(TYPES "void f(struct acc *a) { struct acc *b = a; struct acc *c = b->next; c->n = 1; }\n",
          "2 a->next {}\n"
          "2 a->next->n {}\n");
}

static void a_local_written_twice_is_itself(void **state)
{
    (void)state;
    check(TYPES
          "void f(struct acc *a, int k) { struct acc *b = a; if (k) b = a->next; b->n = 1; }\n",
          "2 a->next {}\n"
          "2 b->n {}\n");
}

static void a_parameter_that_is_written_is_no_argument(void **state)
{
    (void)state;
    check(TYPES "static struct acc one;\n"
                "static void g(struct acc *a) { a = a->next; a->n = 1; }\n"
                "void f(void) { one.next = malloc(sizeof one); g(&one); }\n",
          "3 a->next {}\n"
          "3 a->n {}\n"
          "4 one.next {}\n");
}

static void walking_a_list(void **state)
{
    (void)state;
    check(TYPES "static struct acc head;\n"
                "void f(void) { for (struct acc *a = &head; a != NULL; a = a->next) a->n++; }\n"
                "void g(void) { head.next = malloc(sizeof head); }\n",
          "3 a->n {}\n"
          "3 a->next {}\n"
          "4 head.next {}\n");
}

static void a_pointer_whose_address_is_taken(void **state)
{
    (void)state;
    check(TYPES "void move(struct acc **p);\n"
                "void f(struct acc *a) { struct acc *b = a; move(&b); b->n = 1; }\n",
          "3 b->n {}\n");
}

static void indices(void **state)
{
    (void)state;
    check(TYPES "void f(struct acc *a, int i) {\n"
                "  const int two = 2;\n"
                "  a->all[two]->n = 1;\n"
                "  a->all[i]->n = 2;\n"
                "  a[0].n = 3;\n"
                "  a[1].n = 4;\n"
                "  (a + i)->n = 5;\n"
                "}\n",
          "4 a->all[2] {}\n"
          "4 a->all[2]->n {}\n"
          "5 a->all[] {}\n"
          "5 a->all[]->n {}\n"
          "6 a->n {}\n"
          "7 a[1].n {}\n"
          "8 a[].n {}\n");
}

static void a_call_result_is_named_by_the_call(void **state)
{
    (void)state;
    check(TYPES "struct acc *find(int k);\n"
                "void f(void) { find(1)->n = 1; struct acc *a = find(2); a->n = 2; }\n",
          "3 find()->n {}\n");
}

static void casts_change_nothing(void **state)
{
    (void)state;
    check(TYPES "void f(void *data) { ((struct acc *)data)->n = 1; char *c = data; ((struct acc "
                "*)(void *)c)->n = 2; }\n",
          "2 data->n {}\n");
}

static void a_container_is_the_object_that_its_member_came_from(void **state)
{
    (void)state;
    check(
        "struct link { struct link *next; };\n"
        "struct item { int n; struct link link; };\n"
        "#define item_of(p) ({ const struct link *l_ = (p); \\\n"
        "  (struct item *)((char *)l_ - __builtin_offsetof(struct item, link)); })\n"
        "static struct item one;\n"
        "static void g(struct link *l) { struct item *i = item_of(l); i->n = 1; }\n"
        "void f(struct item *i) { item_of(&i->link)->n = 2; item_of(&one.link)->n = 3; g(NULL); }\n"
        "void h(struct item *i) { item_of(i->link.next)->n = 4; }\n",
        "6 item.n {}\n"
        "7 i->n {}\n"
        "7 one.n {}\n"
        "8 i->link.next {}\n"
        "8 item.n {}\n");
}

static void a_struct_and_its_first_member_are_one_object(void **state)
{
    (void)state;
    check("struct base { int n; }; struct all { struct base base; int m; };\n"
          "void f(struct all *a) { ((struct base *)a)->n = 1;\n"
          "  a->base.n = 2; }\n"
          "void g(struct base *b) { ((struct all *)b)->base.n = 3; ((struct all *)b)->m = 4; }\n",
          "2 a->n {}\n"
          "3 a->n {}\n"
          "4 b->n {}\n"
          "4 b->m {}\n");
}

static void endless_chains_end(void **state)
{
    (void)state;
    check(TYPES "void f(struct acc *a) {\n"
                "  struct acc *b = a, *c = b;\n"
                "  for (;;) { b = c->next; c = b->next; c->n = 1; }\n"
                "}\n",
          "4 c->next {}\n"
          "4 b->next {}\n"
          "4 c->n {}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_local_written_once_is_what_was_written),
        cmocka_unit_test(a_local_written_twice_is_itself),
        cmocka_unit_test(a_parameter_that_is_written_is_no_argument),
        cmocka_unit_test(walking_a_list),
        cmocka_unit_test(a_pointer_whose_address_is_taken),
        cmocka_unit_test(indices),
        cmocka_unit_test(a_call_result_is_named_by_the_call),
        cmocka_unit_test(casts_change_nothing),
        cmocka_unit_test(a_container_is_the_object_that_its_member_came_from),
        cmocka_unit_test(a_struct_and_its_first_member_are_one_object),
        cmocka_unit_test(endless_chains_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
