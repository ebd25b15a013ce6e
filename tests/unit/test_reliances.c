/* reliances.h: old values written back, used as an index or a size, or deciding about others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

#include "program/reliances.h"

static const char *const kinds[] = {
    [RELIES_TO_WRITE_BACK] = "write back",
    [RELIES_FOR_INDEX] = "index",
    [RELIES_TO_DECIDE] = "decide",
    [RELIES_FOR_SIZE] = "size",
};

static char *dump(void *owner, const struct prog *prog)
{
    struct effects *effects = effects_new(owner, prog->accessmap);
    struct reliances *all = mem_new(owner, struct reliances);
    char *text = mem_strdup(owner, "");

    for (uint32_t f = 0; f < prog->linked->fns.n; f++) {
        struct fn_view *view = fn_view_new(owner, prog->accessmap, effects, (fn_id){f});
        if (view != NULL) {
            reliances_find(all, view);
        }
    }
    for (size_t i = 0; i < all->v.n; i++) {
        const struct reliance *r = &all->v.v[i];
        mem_append(owner, &text, "%s: read %u, act %u, %s%s%s\n",
                   prog_path_name(owner, prog, r->fn, r->path),
                   prog_loc_of(prog, (struct site){r->fn.i, r->read.i}).line,
                   prog_loc_of(prog, (struct site){r->fn.i, r->act.i}).line, kinds[r->kind],
                   path_is_none(r->acted) || path_eq(r->acted, r->path) ? "" : " ",
                   path_is_none(r->acted) || path_eq(r->acted, r->path)
                       ? ""
                       : prog_path_name(owner, prog, r->fn, r->acted));
    }
    return text;
}

/* "NAME: read LINE, act LINE, KIND OTHER" for each. */
static void check(const char *body, const char *want)
{
    char *source = mem_printf(NULL,
                              "static int slots[9];\n"
                              "%s"
                              "static void *work(void *a) { f(); return a; }\n"
                              "int main(void) {\n"
                              "  pthread_t t[2];\n"
                              "  for (int i = 0; i < 2; i++)\n"
                              "    pthread_create(&t[i], NULL, work, NULL);\n"
                              "}\n",
                              body);

    harness_check(dump, source, want);
    talloc_free(source);
}

static void written_back_in_another_section(void **state)
{
    (void)state;
    check("static void f(void) {\n"
          "  pthread_mutex_lock(&m);\n"
          "  int old = hits;\n"
          "  pthread_mutex_unlock(&m);\n"
          "  int next = old + 1;\n"
          "  pthread_mutex_lock(&m);\n"
          "  hits = next;\n"
          "  pthread_mutex_unlock(&m);\n"
          "}\n",
          "hits: read 4, act 8, write back\n");
}

static void one_section_is_none(void **state)
{
    (void)state;
    check("static void f(void) {\n"
          "  pthread_mutex_lock(&m);\n"
          "  int old = hits;\n"
          "  hits = old + 1;\n"
          "  slots[old] = more;\n"
          "  if (old) more++;\n"
          "  pthread_mutex_unlock(&m);\n"
          "}\n",
          "");
}

static void written_back_by_a_call(void **state)
{
    (void)state;
    check("static int get(void) {\n"
          "  pthread_mutex_lock(&m); int n = hits; pthread_mutex_unlock(&m); return n;\n"
          "}\n"
          "static void set(int n) {\n"
          "  pthread_mutex_lock(&m); hits = n; pthread_mutex_unlock(&m);\n"
          "}\n"
          "static void f(void) { set(get() + 1); set(more); }\n",
          "hits: read 8, act 8, write back\n");
}

static void what_is_put_back_is_no_result(void **state)
{
    (void)state;
    check("static void f(void) {\n"
          "  pthread_mutex_lock(&m);\n"
          "  int old = hits;\n"
          "  hits = 0;\n"
          "  pthread_mutex_unlock(&m);\n"
          "  pthread_mutex_lock(&m);\n"
          "  hits = old;\n"
          "  pthread_mutex_unlock(&m);\n"
          "}\n",
          "");
}

static void an_old_index(void **state)
{
    (void)state;
    check("static void f(void) {\n"
          "  pthread_mutex_lock(&m);\n"
          "  int i = hits;\n"
          "  int mine = more++;\n"
          "  pthread_mutex_unlock(&m);\n"
          "  pthread_mutex_lock(&m);\n"
          "  slots[i] = 1;\n"
          "  slots[mine] = 2;\n"
          "  hits++;\n"
          "  pthread_mutex_unlock(&m);\n"
          "}\n",
          "hits: read 4, act 8, index slots[]\n");
}

static void an_old_reason(void **state)
{
    (void)state;
    check("static void f(void) {\n"
          "  pthread_mutex_lock(&m);\n"
          "  int old = hits;\n"
          "  pthread_mutex_unlock(&m);\n"
          "  if (old == 0) return;\n"
          "  pthread_mutex_lock(&m);\n"
          "  more = 7;\n"
          "  hits++;\n"
          "  pthread_mutex_unlock(&m);\n"
          "}\n",
          "hits: read 4, act 8, decide more\n");
}

static void memory_of_the_old_size(void **state)
{
    (void)state;
    check("extern void *memcpy(void *, const void *, unsigned long);\n"
          "static void f(void) {\n"
          "  pthread_mutex_lock(&m);\n"
          "  int n = hits;\n"
          "  pthread_mutex_unlock(&m);\n"
          "  int *p = malloc(n * sizeof *p);\n"
          "  pthread_mutex_lock(&m);\n"
          "  memcpy(p, slots, hits * sizeof *p);\n"
          "  for (int i = 0; i < hits; i++)\n"
          "    p[i] = 0;\n"
          "  for (int i = 0; i < n; i++)\n"
          "    p[i] = 0;\n"
          "  hits++;\n"
          "  pthread_mutex_unlock(&m);\n"
          "}\n",
          "hits: read 5, act 9, size\n"
          "hits: read 5, act 11, size\n");
}

static void a_size_that_is_looked_at_again(void **state)
{
    (void)state;
    check("extern void *memcpy(void *, const void *, unsigned long);\n"
          "static void f(void) {\n"
          "  pthread_mutex_lock(&m);\n"
          "  int n = hits;\n"
          "  pthread_mutex_unlock(&m);\n"
          "  int *p = malloc(n * sizeof *p);\n"
          "  pthread_mutex_lock(&m);\n"
          "  if (hits <= n) memcpy(p, slots, hits * sizeof *p);\n"
          "  pthread_mutex_unlock(&m);\n"
          "  hits++;\n"
          "}\n",
          "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_back_in_another_section),
        cmocka_unit_test(one_section_is_none),
        cmocka_unit_test(written_back_by_a_call),
        cmocka_unit_test(what_is_put_back_is_no_result),
        cmocka_unit_test(an_old_index),
        cmocka_unit_test(an_old_reason),
        cmocka_unit_test(memory_of_the_old_size),
        cmocka_unit_test(a_size_that_is_looked_at_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
