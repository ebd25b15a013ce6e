/* counts.h: objects freed because a count was read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

#include "program/counts.h"

static char *dump(void *owner, const struct prog *prog)
{
    struct effects *effects = effects_new(owner, prog->accessmap);
    struct frees *frees = frees_build(owner, prog->flows);
    struct count_tests *tests = counts_find(owner, prog->accessmap, effects, frees, NULL);
    char *text = mem_strdup(owner, "");

    for (size_t i = 0; i < tests->v.n; i++) {
        const struct count_test *test = &tests->v.v[i];
        mem_append(owner, &text, "%s: test %u, end %u",
                   prog_path_name(owner, prog, test->fn, test->path),
                   prog_loc_of(prog, (struct site){test->fn.i, test->test.i}).line,
                   prog_loc_of(prog, (struct site){test->fn.i, test->end.i}).line);
        if (test->drop.i != ID_NONE) {
            mem_append(owner, &text, ", drop %u",
                       prog_loc_of(prog, (struct site){test->fn.i, test->drop.i}).line);
        }
        mem_append(owner, &text, "\n");
    }
    return text;
}

/* "NAME: test LINE, end LINE[, drop LINE]". */
static void check(const char *source, const char *want)
{
    harness_check(dump, source, want);
}

#define OBJECT                                                                                     \
    "#include <stdatomic.h>\n"                                                                     \
    "struct obj { atomic_int refs; int n; }; static struct obj *one;\n"                            \
    "static void end(struct obj *o) { free(o); }\n"
#define WORK                                                                                       \
    "static void *work(void *a) { drop(one); return a; }\n"                                        \
    "int main(void) {\n"                                                                           \
    "  pthread_t t[2];\n"                                                                          \
    "  for (int i = 0; i < 2; i++) pthread_create(&t[i], NULL, work, NULL);\n"                     \
    "}\n"

static void lowered_and_then_read(void **state)
{
    (void)state;
    check(OBJECT "static void drop(struct obj *o) {\n"
                 "  atomic_fetch_sub(&o->refs, 1);\n"
                 "  if (atomic_load(&o->refs) == 0)\n"
                 "    end(o);\n"
                 "}\n" WORK,
          "o->refs: test 6, end 7, drop 5\n");
}

static void read_into_a_local(void **state)
{
    (void)state;
    check(OBJECT "static void drop(struct obj *o) {\n"
                 "  o->n = o->n - 1;\n"
                 "  int left = o->n;\n"
                 "  if (!left)\n"
                 "    free(o);\n"
                 "}\n" WORK,
          "o->n: test 6, end 8, drop 5\n");
}

static void what_the_change_yields_is_right(void **state)
{
    (void)state;
    check(OBJECT "static void drop(struct obj *o) {\n"
                 "  if (atomic_fetch_sub(&o->refs, 1) == 1) end(o);\n"
                 "}\n"
                 "static void drop2(struct obj *o) { if (--o->n == 0) end(o); }\n"
                 "static void drop3(struct obj *o) {\n"
                 "  int left = __sync_sub_and_fetch(&o->n, 1);\n"
                 "  if (left == 0 && o->refs == 0) end(o);\n"
                 "}\n"
                 "static void *work(void *a) { drop(one); drop2(one); drop3(one); return a; }\n"
                 "int main(void) {\n"
                 "  pthread_t t[2];\n"
                 "  for (int i = 0; i < 2; i++) pthread_create(&t[i], NULL, work, NULL);\n"
                 "}\n",
          "");
}

static void read_without_a_change(void **state)
{
    (void)state;
    check(OBJECT "static void drop(struct obj *o) {\n"
                 "  o->refs++;\n"
                 "  if (o->refs == 1)\n"
                 "    end(o);\n"
                 "}\n" WORK,
          "o->refs: test 6, end 7\n");
}

static void another_object_or_a_big_number(void **state)
{
    (void)state;
    check(OBJECT "static struct obj *two;\n"
                 "static void drop(struct obj *o) {\n"
                 "  o->refs--;\n"
                 "  if (o->refs == 0) end(two);\n"
                 "  if (o->refs > 1000) end(o);\n"
                 "}\n" WORK,
          "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lowered_and_then_read),           cmocka_unit_test(read_into_a_local),
        cmocka_unit_test(what_the_change_yields_is_right), cmocka_unit_test(read_without_a_change),
        cmocka_unit_test(another_object_or_a_big_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
