/* report/dot.h: the lock-acquisition graph as DOT. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "frontend/frontend.h"
#include "harness.h"
#include "report/dot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *draw(void *owner, const struct prog *prog, bool all)
{
    char *bytes = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&bytes, &n);

    assert_non_null(out);
    assert_true(dot_write(prog, all, out));
    assert_int_equal(fclose(out), 0);
    char *text = mem_strdup(owner, bytes);
    free(bytes);
    return text;
}

/* The lines of nodes and edges, without the second copy of the tooltip. */
static char *parts_of(void *owner, const char *dot)
{
    char *text = mem_strdup(owner, "");

    for (const char *line = dot; *line != '\0';) {
        size_t n = strcspn(line, "\n");
        char *copy = mem_strndup(owner, line, n);
        char *again = strstr(copy, ", labeltooltip=");
        if (again != NULL) {
            strcpy(again, "];");
        }
        if (strncmp(copy, "    n", 5) == 0 && copy[5] != 'o') {
            mem_append(owner, &text, "%s\n", copy + 4);
        }
        line += n + (line[n] == '\n' ? 1 : 0);
    }
    return text;
}

static void check_parts(const char *source, bool all, const char *want)
{
    void *owner = talloc_new(NULL);
    const char *dot = draw(owner, harness_link(owner, source), all);

    assert_string_equal(parts_of(owner, dot), want);
    talloc_free(owner);
}

static void check_has(const char *source, bool all, const char *want)
{
    void *owner = talloc_new(NULL);
    const char *dot = draw(owner, harness_link(owner, source), all);

    if (strstr(dot, want) == NULL) {
        fail_msg("no %s in\n%s", want, dot);
    }
    talloc_free(owner);
}

#define STARTS(thread)                                                                             \
    "int main(void) {\n"                                                                           \
    "  pthread_t t;\n"                                                                             \
    "  pthread_create(&t, NULL, " thread ", NULL);\n"                                              \
    "  other();\n"                                                                                 \
    "}\n"

/* ---- nodes and edges ------------------------------------------------------------------------- */

static void an_edge_names_its_places(void **state)
{
    (void)state;
    check_parts("static void inner(void) {\n"
                "  pthread_mutex_lock(&m2);\n"
                "  pthread_mutex_unlock(&m2);\n"
                "}\n"
                "int main(void) {\n"
                "  pthread_mutex_lock(&m);\n"
                "  inner();\n"
                "  pthread_mutex_unlock(&m);\n"
                "}\n",
                false,
                "n0 [label=\"m\\n1 acquisition\", tooltip=\"m: one lock\"];\n"
                "n1 [label=\"m2\\n1 acquisition\", tooltip=\"m2: one lock\"];\n"
                "n0 -> n1 [xlabel=\"1\", tooltip=\"holds m, waits for m2\\na.c:2 in 'inner'\"];\n");
}

static void a_wrapper_tells_where_it_leads(void **state)
{
    (void)state;
    check_has("static void take(pthread_mutex_t *lock) {\n"
              "  pthread_mutex_lock(lock);\n"
              "}\n"
              "int main(void) {\n"
              "  pthread_mutex_lock(&m);\n"
              "  take(&m2);\n"
              "  take(&m3);\n"
              "}\n",
              false,
              "tooltip=\"holds m, waits for m2\\na.c:6 in 'main', which calls down to a.c:2 in "
              "'take'\"");
}

static void a_place_of_two_threads_counts_once(void **state)
{
    (void)state;
    check_has("static void *other(void *arg) {\n"
              "  pthread_mutex_lock(&m);\n"
              "  pthread_mutex_lock(&m2);\n"
              "  return arg;\n"
              "}\n"
              "int main(void) {\n"
              "  pthread_t t;\n"
              "  pthread_create(&t, NULL, other, NULL);\n"
              "  other(NULL);\n"
              "}\n",
              false, "[xlabel=\"1\", tooltip=\"holds m, waits for m2\\na.c:3 in 'other'\"");
}

static void many_places_are_cut(void **state)
{
    (void)state;
    check_has("#define TAKE pthread_mutex_lock(&m2); pthread_mutex_unlock(&m2)\n"
              "int main(void) {\n"
              "  pthread_mutex_lock(&m);\n"
              "  TAKE;\n  TAKE;\n  TAKE;\n  TAKE;\n  TAKE;\n  TAKE;\n  TAKE;\n"
              "}\n",
              false,
              "[xlabel=\"7\", tooltip=\"holds m, waits for m2\\na.c:4 in 'main'\\na.c:5 in "
              "'main'\\na.c:6 in 'main'\\na.c:7 in 'main'\\na.c:8 in 'main'\\nand 2 more\"");
}

static void a_class_has_a_shape_of_its_own(void **state)
{
    (void)state;
    check_parts("struct account { pthread_mutex_t mu; int n; };\n"
                "extern struct account *first;\n"
                "int main(void) {\n"
                "  pthread_mutex_lock(&m);\n"
                "  pthread_mutex_lock(&first->mu);\n"
                "}\n",
                false,
                "n0 [label=\"account.mu\\n1 acquisition\", shape=ellipse, fillcolor=\"#fff4dc\", "
                "tooltip=\"account.mu: many locks, one in each object or array element\"];\n"
                "n1 [label=\"m\\n1 acquisition\", tooltip=\"m: one lock\"];\n"
                "n1 -> n0 [xlabel=\"1\", tooltip=\"holds m, waits for account.mu\\na.c:5 in "
                "'main'\"];\n");
}

/* ---- cycles ---------------------------------------------------------------------------------- */

#define RED "color=\"#c8102e\", fontcolor=\"#c8102e\", style=bold, penwidth=2.2"

static const char TWO_ORDERS[] = "static void *worker(void *arg) {\n"
                                 "  pthread_mutex_lock(&m); pthread_mutex_lock(&m2);\n"
                                 "  pthread_mutex_lock(&m3);\n"
                                 "  return arg;\n"
                                 "}\n"
                                 "static void other(void) {\n"
                                 "  pthread_mutex_lock(&m2); pthread_mutex_lock(&m);\n"
                                 "}\n" STARTS("worker");

static void only_edges_of_a_cycle_are_red(void **state)
{
    (void)state;
    check_has(TWO_ORDERS, false,
              "    n0 -> n1 [xlabel=\"1\", " RED ", tooltip=\"holds m, waits for m2 (on a cycle)");
    check_has(TWO_ORDERS, false, "    n1 -> n0 [xlabel=\"1\", " RED);
    check_has(TWO_ORDERS, false, "    n0 -> n2 [xlabel=\"1\", tooltip=\"holds m, waits for m3\\n");
    check_has(TWO_ORDERS, false, "[label=\"m\\n2 acquisitions\", color=\"#c8102e\", penwidth=2, ");
    check_has(TWO_ORDERS, false, "[label=\"m3\\n1 acquisition\", tooltip=");
    check_has(TWO_ORDERS, false, "label=\"3 locks, 4 orders, 2 on a cycle\\l");
}

static void an_edge_of_a_class_to_itself_is_red(void **state)
{
    (void)state;
    check_has("struct account { pthread_mutex_t mu; int n; };\n"
              "void pay(struct account *from, struct account *to) {\n"
              "  pthread_mutex_lock(&from->mu);\n"
              "  pthread_mutex_lock(&to->mu);\n"
              "}\n"
              "extern struct account *mine, *yours;\n"
              "int main(void) { pay(mine, yours); }\n",
              false, "    n0 -> n0 [xlabel=\"1\", " RED);
}

/* ---- locks without edges --------------------------------------------------------------------- */

static const char ONE_ALONE[] = "int main(void) {\n"
                                "  pthread_mutex_lock(&m); pthread_mutex_unlock(&m);\n"
                                "}\n";

static void a_lone_lock_is_drawn_on_request(void **state)
{
    (void)state;
    check_parts(ONE_ALONE, false, "");
    check_has(ONE_ALONE, false, "not drawn: 1 lock never held together with another\\l\"");
    check_parts(ONE_ALONE, true, "n0 [label=\"m\\n1 acquisition\", tooltip=\"m: one lock\"];\n");
    check_has(ONE_ALONE, true, "subgraph cluster_alone {\n");
    check_has(ONE_ALONE, true, "1 lock, 0 orders, 0 on a cycle\\l");
}

static void no_lock_at_all(void **state)
{
    (void)state;
    check_has("int main(void) { return 0; }\n", true, "label=\"0 locks, 0 orders, 0 on a cycle\\l");
    check_parts("int main(void) { return 0; }\n", true, "");
}

/* ---- Graphviz -------------------------------------------------------------------------------- */

/* A program in a file whose name means something to Graphviz. */
static struct prog *link_odd_file(void *owner)
{
    static const char SOURCE[] = "typedef union { char b[40]; } pthread_mutex_t;\n"
                                 "int pthread_mutex_lock(pthread_mutex_t *);\n"
                                 "pthread_mutex_t m, m2;\n"
                                 "int main(void) { pthread_mutex_lock(&m);\n"
                                 " pthread_mutex_lock(&m2); }\n";
    struct intern *names = intern_new(owner);
    struct err err = {.kind = ERR_NONE};
    struct models *models = models_builtin(owner, names, &err);
    const struct ir_unit **units = mem_array(owner, const struct ir_unit *, 1);

    assert_non_null(models);
    units[0] = frontend_lower_text(owner, names, "/test/a\"&amp;\\n.c", SOURCE, NULL, 0);
    models_activate(models, (const char *const[]){"/usr/include/pthread.h"}, 1);
    return prog_link(owner, units, 1, models, "/test");
}

static void odd_file_names_are_quoted(void **state)
{
    void *owner = talloc_new(NULL);
    const char *dot = draw(owner, link_odd_file(owner), false);

    (void)state;
    assert_non_null(strstr(dot, "waits for m2\\na\\\"&amp;amp;\\\\n.c:5 in 'main'\""));
    talloc_free(owner);
}

/* Does Graphviz read it without a word? */
static void check_graphviz(const char *dot)
{
    FILE *tool = popen("dot -Tsvg -o /dev/null 2>&1 >/dev/null", "w");

    assert_non_null(tool);
    assert_int_equal(fwrite(dot, 1, strlen(dot), tool), strlen(dot));
    assert_int_equal(pclose(tool), 0);
}

static void graphviz_reads_it(void **state)
{
    void *owner = talloc_new(NULL);

    (void)state;
    if (system("command -v dot >/dev/null") != 0) {
        talloc_free(owner);
        skip();
    }
    check_graphviz(draw(owner, harness_link(owner, TWO_ORDERS), false));
    check_graphviz(draw(owner, harness_link(owner, ONE_ALONE), true));
    check_graphviz(draw(owner, link_odd_file(owner), true));
    talloc_free(owner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_edge_names_its_places),
        cmocka_unit_test(a_wrapper_tells_where_it_leads),
        cmocka_unit_test(a_place_of_two_threads_counts_once),
        cmocka_unit_test(many_places_are_cut),
        cmocka_unit_test(a_class_has_a_shape_of_its_own),
        cmocka_unit_test(only_edges_of_a_cycle_are_red),
        cmocka_unit_test(an_edge_of_a_class_to_itself_is_red),
        cmocka_unit_test(a_lone_lock_is_drawn_on_request),
        cmocka_unit_test(no_lock_at_all),
        cmocka_unit_test(odd_file_names_are_quoted),
        cmocka_unit_test(graphviz_reads_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
