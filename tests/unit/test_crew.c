/* crew.h, finding_wire.h: several processes find what one does, whatever becomes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"
#include "rules/crew.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

/* Findings of several rules, with stories of two threads, related places, and one that covers
 * another. */
static const char PROGRAM[] = "static pthread_mutex_t a, b;\n"
                              "static int left, sold;\n"
                              "static void sell(void) { if (left > 0) { left--; sold++; } }\n"
                              "static void *one(void *arg) {\n"
                              "  pthread_mutex_lock(&a); pthread_mutex_lock(&b); sell();\n"
                              "  pthread_mutex_unlock(&b); pthread_mutex_unlock(&a);\n"
                              "  return arg;\n"
                              "}\n"
                              "static void *two(void *arg) {\n"
                              "  pthread_mutex_lock(&b); pthread_mutex_lock(&a);\n"
                              "  if (left > 5) return arg;\n"
                              "  pthread_mutex_unlock(&a); pthread_mutex_unlock(&b);\n"
                              "  sell();\n"
                              "  return arg;\n"
                              "}\n"
                              "int main(void) {\n"
                              "  pthread_t t[2];\n"
                              "  pthread_create(&t[0], NULL, one, NULL);\n"
                              "  pthread_create(&t[1], NULL, two, NULL);\n"
                              "  pthread_join(t[0], NULL);\n"
                              "  pthread_join(t[1], NULL);\n"
                              "}\n";

/* The findings with their stories. */
static char *text_of(void *owner, struct finding_list list, size_t *ret_n)
{
    char *text = talloc_strdup(owner, "");

    for (size_t i = 0; i < list.n; i++) {
        text = talloc_asprintf_append(text, "%s %s %s\n", list.v[i]->rule->id, list.v[i]->message,
                                      list.v[i]->identity);
        for (size_t t = 0; t < list.v[i]->threads.n; t++) {
            const struct finding_thread *thread = &list.v[i]->threads.v[t];
            text = talloc_asprintf_append(text, " %s %u\n", thread->title, thread->context);
            for (size_t s = 0; s < thread->steps.n; s++) {
                const struct finding_step *step = &thread->steps.v[s];
                text = talloc_asprintf_append(text, "  %s:%u:%u %s %s %u %u\n", step->where.file,
                                              step->where.line, step->where.column, step->text,
                                              step->held == NULL ? "-" : step->held, step->depth,
                                              step->order);
            }
        }
    }
    *ret_n = list.n;
    return text;
}

static void as_one(void **state)
{
    (void)state;
    static const struct config config = {.min_confidence = LEVEL_LOW};
    void *owner = talloc_new(NULL);
    struct prog *prog = harness_link(owner, PROGRAM);
    size_t n = 0;
    size_t n_alone = 0;
    const char *alone = text_of(owner, rules_run(owner, prog, &config, 1), &n_alone);

    assert_true(n_alone > 3);
    for (unsigned processes = 2; processes < 7; processes++) {
        struct finding_list list = rules_run(owner, prog, &config, processes);
        assert_string_equal(text_of(owner, list, &n), alone);
        assert_int_equal(n, n_alone);
    }
    talloc_free(owner);
}

/* ---- what goes wrong ------------------------------------------------------------------------- */

enum { N = 12, FIRST = 7, SECOND = 3, N_OWN = 2 };

static pid_t parent;

static struct finding_list one_finding(void *owner, const struct prog *prog,
                                       const struct config *config, size_t rule)
{
    struct rule_run run = {.prog = prog, .rule = &rules_all(&(size_t){0})[rule], .owner = owner};

    (void)config;
    (void)finding_new(&run, (struct loc){"a.c", (unsigned)rule + 1, 1}, "number %zu", rule);
    return (struct finding_list){run.findings.v, run.findings.n, NULL};
}

static bool first_is_done; /* here */

/* Says something else where the first two of the plan are not done here, one after the other. */
static struct finding_list own_ones(void *owner, const struct prog *prog,
                                    const struct config *config, size_t rule)
{
    bool here = getpid() == parent;
    bool right = (rule != FIRST && rule != SECOND) || (here && first_is_done == (rule == SECOND));

    first_is_done = first_is_done || rule == FIRST;
    return one_finding(owner, prog, config, right ? rule : N);
}

/* Other processes die of it; this one waits until they have begun. */
static struct finding_list deadly(void *owner, const struct prog *prog, const struct config *config,
                                  size_t rule)
{
    if (getpid() != parent) {
        (void)raise(SIGKILL);
    }
    (void)usleep(2000);
    return one_finding(owner, prog, config, rule);
}

static void check_all(crew_fn *work, unsigned n_processes)
{
    void *owner = talloc_new(NULL);
    struct prog *prog = harness_link(owner, "int main(void) { return 0; }\n");
    const size_t order[N] = {FIRST, SECOND, 11, 10, 9, 8, 6, 5, 4, 2, 1, 0};
    const struct crew_plan plan = {order, N, N_OWN};
    const struct finding_list *lists = crew_run(owner, prog, NULL, work, &plan, n_processes);

    for (size_t rule = 0; rule < N; rule++) {
        char *message = talloc_asprintf(owner, "number %zu", rule);
        assert_int_equal(lists[rule].n, 1);
        assert_string_equal(lists[rule].v[0]->message, message);
        assert_int_equal(lists[rule].v[0]->where.line, rule + 1);
        assert_ptr_equal(lists[rule].v[0]->rule, &rules_all(&(size_t){0})[rule]);
    }
    talloc_free(owner);
}

static void who_dies_is_replaced(void **state)
{
    (void)state;
    parent = getpid();
    check_all(one_finding, 1);
    check_all(one_finding, 3);
    check_all(deadly, 2);
    check_all(deadly, 4);
}

static void the_first_ones_are_done_here(void **state)
{
    (void)state;
    parent = getpid();
    for (unsigned n_processes = 2; n_processes < 5; n_processes++) {
        first_is_done = false;
        check_all(own_ones, n_processes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_one),
        cmocka_unit_test(who_dies_is_replaced),
        cmocka_unit_test(the_first_ones_are_done_here),
    };
    return cmocka_run_group_tests_name("crew", tests, NULL, NULL);
}
