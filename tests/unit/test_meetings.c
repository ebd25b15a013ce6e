/* meetings.h: what keeps two functions apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"
#include "program/meetings.h"

static const char *const names[] = {
    [APART_NOT] = "at once",
    [APART_INTERRUPTS] = "interrupts",
    [APART_LOCK] = "lock",
    [APART_ONE_THREAD] = "one thread",
    [APART_PROGRAMS] = "programs",
    [APART_LOADED] = "loaded",
    [APART_NOT_RUNNING] = "not running",
    [APART_BARRIER] = "barrier",
    [APART_SETTINGS] = "settings",
    [APART_ERRANDS] = "errands",
    [APART_SAID] = "said",
};

/* "ENTRY ENTRY: why {common}{alike}" for each pair of contexts that come to f and g. */
static void check(const char *source, const char *want)
{
    void *owner = talloc_new(NULL);
    const struct prog *prog = harness_link(owner, source);
    struct meetings *meetings =
        meetings_of(owner, prog->contexts, harness_fn(prog, "f"), harness_fn(prog, "g"));
    char *text = mem_strdup(owner, "");

    for (size_t i = 0; i < meetings->v.n; i++) {
        const struct meeting *meeting = &meetings->v.v[i];
        mem_append(owner, &text, "%s %s: %s {%s}{%s}\n",
                   prog->contexts->v.v[meeting->a.context.i].name,
                   prog->contexts->v.v[meeting->b.context.i].name, names[meeting->apart],
                   prog_tokens_text(owner, prog, meeting->common),
                   prog_tokens_text(owner, prog, meeting->alike));
    }
    assert_string_equal(text, want);
    talloc_free(owner);
}

#define THREADS                                                                                    \
    "void *one(void *p) { f(); return p; }\n"                                                      \
    "void *two(void *p) { g(); return p; }\n"                                                      \
    "int main(void) { pthread_t t, u; pthread_create(&t, 0, one, 0);"                              \
    " pthread_create(&u, 0, two, 0); return 0; }\n"

static void two_threads_meet(void **state)
{
    (void)state;
    check("void f(void) { hits++; }\nvoid g(void) { hits++; }\n" THREADS,
          "one two: at once {}{}\n");
}

static void a_lock_in_parts_of_both(void **state)
{
    (void)state;
    check("void f(void) { hits = 1; pthread_mutex_lock(&m); hits = 2; pthread_mutex_unlock(&m); }\n"
          "void g(void) { hits = 1; pthread_mutex_lock(&m); hits = 2; pthread_mutex_unlock(&m); "
          "}\n" THREADS,
          "one two: at once {m}{}\n");
}

static void a_lock_around_both(void **state)
{
    (void)state;
    check(
        "void f(void) { hits++; }\nvoid g(void) { hits++; }\n"
        "void *one(void *p) { pthread_mutex_lock(&m); f(); pthread_mutex_unlock(&m); return p; }\n"
        "void *two(void *p) { pthread_mutex_lock(&m); g(); pthread_mutex_unlock(&m); return p; }\n"
        "int main(void) { pthread_t t, u; pthread_create(&t, 0, one, 0);"
        " pthread_create(&u, 0, two, 0); return 0; }\n",
        "one two: lock {m}{m}\n");
}

static void a_lock_that_can_be_another(void **state)
{
    (void)state;
    check("struct s { pthread_mutex_t mu; int n; };\n"
          "void f(struct s *s) { s->n++; }\nvoid g(struct s *s) { s->n++; }\n"
          "void *one(void *p) { struct s *s = p; pthread_mutex_lock(&s->mu); f(s);"
          " pthread_mutex_unlock(&s->mu); return p; }\n"
          "void *two(void *p) { struct s *s = p; pthread_mutex_lock(&s->mu); g(s);"
          " pthread_mutex_unlock(&s->mu); return p; }\n"
          "int main(void) { static struct s all[9]; pthread_t t, u;"
          " for (int i = 0; i < 9; i++) { pthread_create(&t, 0, one, &all[i]);"
          " pthread_create(&u, 0, two, &all[i]); } return 0; }\n",
          "one two: at once {}{s.mu}\n");
}

static void one_thread_runs_both(void **state)
{
    (void)state;
    check("void f(void) { hits++; }\nvoid g(void) { hits++; }\n"
          "int main(void) { f(); g(); return 0; }\n",
          "main main: one thread {}{}\n");
}

static void a_thread_that_is_joined_before(void **state)
{
    (void)state;
    check("void f(void) { hits++; }\nvoid g(void) { hits++; }\n"
          "void *one(void *p) { f(); return p; }\n"
          "int main(void) { pthread_t t; pthread_create(&t, 0, one, 0); pthread_join(t, 0); g();"
          " return 0; }\n",
          "one main: not running {}{}\n");
}

static void a_handler_comes_in(void **state)
{
    (void)state;
    check("#include <signal.h>\n"
          "void f(int n) { hits = n; }\nvoid g(void) { hits++; }\n"
          "int main(void) { signal(SIGINT, f); g(); return 0; }\n",
          "f main: interrupts {}{}\n");
}

static void nobody_comes(void **state)
{
    (void)state;
    check("void f(void) { hits++; }\nvoid g(void) { hits++; }\nint main(void) { f(); return 0; }\n",
          "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_threads_meet),     cmocka_unit_test(a_lock_in_parts_of_both),
        cmocka_unit_test(a_lock_around_both),   cmocka_unit_test(a_lock_that_can_be_another),
        cmocka_unit_test(one_thread_runs_both), cmocka_unit_test(a_thread_that_is_joined_before),
        cmocka_unit_test(a_handler_comes_in),   cmocka_unit_test(nobody_comes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
