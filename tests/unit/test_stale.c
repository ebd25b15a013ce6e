/* stale.h: pointers that are used after the lock under which they were found was let go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

#include "program/stale.h"

static char *dump(void *owner, const struct prog *prog)
{
    struct frees *frees = frees_build(owner, prog->flows);
    struct stale_uses *uses = stale_find(owner, prog->accessmap, frees, NULL);
    char *text = mem_strdup(owner, "");

    for (size_t i = 0; i < uses->v.n; i++) {
        const struct stale_use *use = &uses->v.v[i];
        mem_append(owner, &text, "%s: found %u, used %u, in", use->name == NULL ? "-" : use->name,
                   prog_loc_of(prog, (struct site){use->fn.i, use->found.i}).line,
                   prog_loc_of(prog, (struct site){use->fn.i, use->use.i}).line);
        for (uint32_t k = 0; k < use->from.n; k++) {
            mem_append(owner, &text, " %s", prog_path_name(owner, prog, FN_NONE, use->from.v[k]));
        }
        mem_append(owner, &text, "\n");
    }
    return text;
}

/* "NAME: found LINE, used LINE, in CONTAINERS". */
static void check(const char *source, const char *want)
{
    harness_check(dump, source, want);
}

#define TABLE                                                                                      \
    "struct obj { struct obj *next; int id, x, refs; }; static struct obj *table[4], *head;\n"     \
    "static void end(struct obj *o) { free(o); }\n"                                                \
    "static void *rival(void *a) {\n"                                                              \
    "  pthread_mutex_lock(&m); struct obj *o = table[0]; table[0] = NULL; head = o->next;\n"       \
    "  end(o); pthread_mutex_unlock(&m); return a;\n"                                              \
    "}\n"
#define START                                                                                      \
    "int main(void) {\n"                                                                           \
    "  pthread_t t[2];\n"                                                                          \
    "  pthread_create(&t[0], NULL, work, NULL); pthread_create(&t[1], NULL, rival, NULL);\n"       \
    "}\n"

static void used_after_the_unlock(void **state)
{
    (void)state;
    check(TABLE "static void *work(void *a) {\n"
                "  pthread_mutex_lock(&m);\n"
                "  struct obj *o = table[1];\n"
                "  o->x = 0;\n"
                "  pthread_mutex_unlock(&m);\n"
                "  o->x = 0;\n"
                "  return a;\n"
                "}\n" START,
          "o: found 9, used 12, in table[]\n");
}

static void the_lock_taken_again_does_not_help(void **state)
{
    (void)state;
    check(TABLE "static void *work(void *a) {\n"
                "  pthread_mutex_lock(&m);\n"
                "  struct obj *o = table[1];\n"
                "  pthread_mutex_unlock(&m);\n"
                "  pthread_mutex_lock(&m);\n"
                "  end(o);\n"
                "  pthread_mutex_unlock(&m);\n"
                "  return a;\n"
                "}\n" START,
          "o: found 9, used 12, in table[]\n");
}

static void a_new_look_does(void **state)
{
    (void)state;
    check(TABLE "static void *work(void *a) {\n"
                "  pthread_mutex_lock(&m);\n"
                "  struct obj *o = table[1];\n"
                "  pthread_mutex_unlock(&m);\n"
                "  pthread_mutex_lock(&m);\n"
                "  if (table[1] == o) o->x = 0;\n"
                "  o = table[2];\n"
                "  o->x = 0;\n"
                "  pthread_mutex_unlock(&m);\n"
                "  return a;\n"
                "}\n" START,
          "");
}

static void found_by_a_function_that_locks_by_itself(void **state)
{
    (void)state;
    check(TABLE "static struct obj *find(int id) {\n"
                "  struct obj *o;\n"
                "  pthread_mutex_lock(&m);\n"
                "  for (o = head; o; o = o->next) if (o->id == id) break;\n"
                "  pthread_mutex_unlock(&m);\n"
                "  return o;\n"
                "}\n"
                "static struct obj *again(int id) { return find(id); }\n"
                "static void *work(void *a) {\n"
                "  struct obj *o = again(1);\n"
                "  if (o != NULL) o->x = 0;\n"
                "  find(2)->x = 0;\n"
                "  return a;\n"
                "}\n" START,
          "o: found 16, used 17, in head obj.next\n"
          "-: found 18, used 18, in head obj.next\n");
}

static void the_lock_of_the_caller_counts(void **state)
{
    (void)state;
    check(TABLE "static struct obj *find(int id) { return table[id]; }\n"
                "static void *work(void *a) {\n"
                "  pthread_mutex_lock(&m);\n"
                "  struct obj *o = find(1);\n"
                "  o->x = 0;\n"
                "  pthread_mutex_unlock(&m);\n"
                "  o->x = 0;\n"
                "  return a;\n"
                "}\n" START,
          "o: found 10, used 13, in table[]\n");
}

static void a_reference_before_the_unlock(void **state)
{
    (void)state;
    check(TABLE "static void take(struct obj *o) { __sync_fetch_and_add(&o->refs, 1); }\n"
                "static struct obj *get(int id) {\n"
                "  pthread_mutex_lock(&m);\n"
                "  struct obj *o = table[id];\n"
                "  if (o) take(o);\n"
                "  pthread_mutex_unlock(&m);\n"
                "  return o;\n"
                "}\n"
                "static void *work(void *a) {\n"
                "  struct obj *o = get(1);\n"
                "  o->x = 0;\n"
                "  pthread_mutex_lock(&m);\n"
                "  struct obj *p = table[2];\n"
                "  p->refs = p->refs + 1;\n"
                "  pthread_mutex_unlock(&m);\n"
                "  p->x = 0;\n"
                "  return a;\n"
                "}\n" START,
          "");
}

static void a_reference_after_it_is_a_use(void **state)
{
    (void)state;
    check(TABLE "static void *work(void *a) {\n"
                "  pthread_mutex_lock(&m);\n"
                "  struct obj *o = table[1];\n"
                "  pthread_mutex_unlock(&m);\n"
                "  o->refs++;\n"
                "  o->x = 0;\n"
                "  return a;\n"
                "}\n" START,
          "o: found 9, used 11, in table[]\n");
}

static void taken_out_by_the_finder(void **state)
{
    (void)state;
    check(TABLE "static int n; static struct obj *stack[4];\n"
                "static void *work(void *a) {\n"
                "  pthread_mutex_lock(&m);\n"
                "  struct obj *o = head;\n"
                "  if (o) head = o->next;\n"
                "  pthread_mutex_unlock(&m);\n"
                "  if (o) { o->x = 0; free(o); }\n"
                "  pthread_mutex_lock(&m);\n"
                "  struct obj *top = stack[--n];\n"
                "  pthread_mutex_unlock(&m);\n"
                "  top->x = 0;\n"
                "  return a;\n"
                "}\n" START,
          "");
}

static void the_neighbours_of_a_link_are_of_its_list(void **state)
{
    (void)state;
    check("struct obj { struct { struct obj *next, **prev; int n; } link; int x; };\n"
          "static struct { struct obj *first, **last; } list;\n"
          "static void *rival(void *a) { free(list.first); return a; }\n"
          "static void *work(void *a) {\n"
          "  pthread_mutex_lock(&m);\n"
          "  struct obj *o = list.first;\n"
          "  pthread_mutex_unlock(&m);\n"
          "  o->x = 0;\n"
          "  pthread_mutex_lock(&m);\n"
          "  o = list.first;\n"
          "  list.last = &list.first;\n"
          "  pthread_mutex_unlock(&m);\n"
          "  o->x = 0;\n"
          "  return a;\n"
          "}\n" START,
          "o: found 6, used 8, in first last\n");
}

static void only_the_value_is_taken_along(void **state)
{
    (void)state;
    check(TABLE "static void *work(void *a) {\n"
                "  pthread_mutex_lock(&m);\n"
                "  struct obj *o = table[1];\n"
                "  int x = o->x;\n"
                "  pthread_mutex_unlock(&m);\n"
                "  if (o != NULL && x) elsewhere();\n"
                "  return a;\n"
                "}\n" START,
          "");
}

static void a_wait_for_a_condition_lets_go(void **state)
{
    (void)state;
    check(TABLE "static void *work(void *a) {\n"
                "  pthread_mutex_lock(&m);\n"
                "  struct obj *o = table[1];\n"
                "  while (o->x == 0)\n"
                "    pthread_cond_wait(&cond, &m);\n"
                "  pthread_mutex_unlock(&m);\n"
                "  return a;\n"
                "}\n" START,
          "o: found 9, used 10, in table[]\n");
}

static void what_is_never_freed_stays(void **state)
{
    (void)state;
    check("struct fix { int x; }; static struct fix store[4], *table[4];\n"
          "static void *rival(void *a) {\n"
          "  pthread_mutex_lock(&m); table[1] = &store[2]; pthread_mutex_unlock(&m); return a;\n"
          "}\n"
          "static void *work(void *a) {\n"
          "  pthread_mutex_lock(&m);\n"
          "  struct fix *f = table[1];\n"
          "  pthread_mutex_unlock(&m);\n"
          "  f->x = 0;\n"
          "  return a;\n"
          "}\n" START,
          "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(used_after_the_unlock),
        cmocka_unit_test(the_lock_taken_again_does_not_help),
        cmocka_unit_test(a_new_look_does),
        cmocka_unit_test(found_by_a_function_that_locks_by_itself),
        cmocka_unit_test(the_lock_of_the_caller_counts),
        cmocka_unit_test(a_reference_before_the_unlock),
        cmocka_unit_test(a_reference_after_it_is_a_use),
        cmocka_unit_test(taken_out_by_the_finder),
        cmocka_unit_test(the_neighbours_of_a_link_are_of_its_list),
        cmocka_unit_test(only_the_value_is_taken_along),
        cmocka_unit_test(a_wait_for_a_condition_lets_go),
        cmocka_unit_test(what_is_never_freed_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
