/* triage/rank.c: the order in which findings are told. */
#include "triage/rank.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static const struct rule race = {"data-race", "", 362, "error"};
static const struct rule unlock = {"missing-unlock", "", 772, "error"};

/* Told by its message. */
static struct finding finding(const char *name, enum level severity, enum level confidence,
                              enum cure_reach reach)
{
    return (struct finding){.rule = &race,
                            .message = name,
                            .severity = severity,
                            .confidence = confidence,
                            .reach = reach};
}

static struct finding about(const char *name, enum level severity, const char *subject,
                            const char *file)
{
    struct finding f = finding(name, severity, LEVEL_HIGH, CURE_LINE);

    f.subject = subject;
    f.where = (struct loc){.file = file, .line = 1};
    return f;
}

/* The messages in the order of telling; in brackets those that stand in a row with one before. */
static void check_order(const struct finding *findings, size_t n, size_t max, const char *want)
{
    void *owner = talloc_new(NULL);
    const struct finding *list[8];
    struct ranking ranking;
    char *text = mem_strdup(owner, "");

    for (size_t i = 0; i < n; i++) {
        list[i] = &findings[i];
    }
    rank_findings(owner, list, n, max, &ranking);
    for (size_t i = 0; i < ranking.order.n; i++) {
        const struct ranked_finding *ranked = &ranking.order.v[i];
        mem_append(owner, &text, ranked->like == NULL ? "%s%s" : "%s(%s)", i == 0 ? "" : " ",
                   ranked->finding->message);
    }
    assert_string_equal(text, want);
    talloc_free(owner);
}

static void severity_then_confidence_then_the_cheapest_cure(void **state)
{
    const struct finding all[] = {
        finding("design", LEVEL_HIGH, LEVEL_MEDIUM, CURE_DESIGN),
        finding("minor", LEVEL_MEDIUM, LEVEL_HIGH, CURE_LINE),
        finding("unsure", LEVEL_HIGH, LEVEL_LOW, CURE_LINE),
        finding("function", LEVEL_HIGH, LEVEL_MEDIUM, CURE_FUNCTION),
        finding("line", LEVEL_HIGH, LEVEL_MEDIUM, CURE_LINE),
        finding("sure", LEVEL_HIGH, LEVEL_HIGH, CURE_DESIGN),
        finding("places", LEVEL_HIGH, LEVEL_MEDIUM, CURE_PLACES),
    };

    (void)state;
    check_order(all, 7, 0, "sure line function places design unsure minor");
}

static void ties_stay_in_the_order_of_places(void **state)
{
    const struct finding all[] = {
        finding("a", LEVEL_LOW, LEVEL_LOW, CURE_LINE),
        finding("b", LEVEL_LOW, LEVEL_LOW, CURE_LINE),
        finding("c", LEVEL_LOW, LEVEL_LOW, CURE_LINE),
    };

    (void)state;
    check_order(all, 3, 0, "a b c");
    check_order(all, 0, 0, "");
}

static void what_is_alike_stands_in_a_row(void **state)
{
    struct finding all[] = {
        about("low", LEVEL_LOW, "hits", "a.c"),
        about("other file", LEVEL_HIGH, "hits", "b.c"),
        about("high", LEVEL_HIGH, "hits", "a.c"),
        about("other", LEVEL_HIGH, "misses", "a.c"),
        about("medium", LEVEL_MEDIUM, "hits", "a.c"),
        about("rule", LEVEL_HIGH, "hits", "a.c"),
        about("no subject", LEVEL_LOW, NULL, "a.c"),
        about("none", LEVEL_LOW, NULL, "a.c"),
    };

    (void)state;
    all[5].rule = &unlock;
    check_order(all, 8, 0, "other file high (medium) (low) other rule no subject none");
}

static void the_worst_are_kept_before_rows_are_made(void **state)
{
    const struct finding all[] = {
        about("low", LEVEL_LOW, "hits", "a.c"),
        about("high", LEVEL_HIGH, "hits", "a.c"),
        about("medium", LEVEL_MEDIUM, "misses", "a.c"),
    };

    (void)state;
    check_order(all, 3, 2, "high medium");
    check_order(all, 3, 9, "high (low) medium");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(severity_then_confidence_then_the_cheapest_cure),
        cmocka_unit_test(ties_stay_in_the_order_of_places),
        cmocka_unit_test(what_is_alike_stands_in_a_row),
        cmocka_unit_test(the_worst_are_kept_before_rows_are_made),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
