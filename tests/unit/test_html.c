/* The HTML report of one finding: nothing of the program becomes markup, nothing asks the network.
 */
#include "report_scene.h"

#include "report/html.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

/* What html_prose() and html_tokens() make of a text. */
typedef void put_fn(const struct html *h, const char *text);

static void check_put(put_fn *put, const char *text, const char *want)
{
    char *bytes = NULL;
    size_t size = 0;
    struct html h = {.out = open_memstream(&bytes, &size)};

    assert_non_null(h.out);
    put(&h, text);
    assert_int_equal(fclose(h.out), 0);
    assert_string_equal(bytes, want);
    free(bytes);
}

static void put_escaped(const struct html *h, const char *text)
{
    html_put(h, "<b>%s</b> %zu %u", text, (size_t)7, 8U);
}

static void text_is_escaped(void **state)
{
    (void)state;
    check_put(put_escaped, "a<b>&\"'", "<b>a&lt;b&gt;&amp;&quot;&#39;</b> 7 8");
    check_put(put_escaped, "\xC3\xA4\xFF\x1B\n\t",
              "<b>\xC3\xA4\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\t</b> 7 8");
    check_put(put_escaped, "\xC2\x9B\x7F", "<b>\xEF\xBF\xBD\xEF\xBF\xBD</b> 7 8");
}

static void quoted_names_are_code(void **state)
{
    (void)state;
    check_put(html_prose, "calls 'a<b' twice", "calls <code>a&lt;b</code> twice");
    check_put(html_prose, "'x', then ('y')", "<code>x</code>, then (<code>y</code>)");
    check_put(html_prose, "each other's locks", "each other&#39;s locks");
    check_put(html_prose, "an open 'quote", "an open &#39;quote");
    check_put(html_prose, "'worker's' end", "<code>worker&#39;s</code> end");
}

static void tokens_are_badges(void **state)
{
    (void)state;
    check_put(html_tokens, "a.mu, <b>",
              "<span class=\"lock\">a.mu</span> <span class=\"lock\">&lt;b&gt;</span>");
    check_put(html_tokens, "", "<span class=\"none\">nothing</span>");
}

/* How often `part` is in `text`. */
static size_t count_of(const char *text, const char *part)
{
    size_t n = 0;

    for (; (text = strstr(text, part)) != NULL; text += strlen(part)) {
        n++;
    }
    return n;
}

static void a_finding_is_told_with_its_sources(void **state)
{
    struct scene *scene = scene_new("bank.c");
    const char *text = scene_render(scene, REPORT_HTML);

    (void)state;
    assert_non_null(strstr(text, "<code>balance</code> can change between"));
    assert_non_null(strstr(text, "data-rule=\"check-then-act\" data-severity=\"high\""));
    assert_non_null(strstr(text, "data-file=\"bank.c\""));
    assert_non_null(strstr(text, "<i>5</i>\t<mark>balance -= n;</mark>"));
    assert_non_null(
        strstr(text, "<span class=\"lock\">a.mu</span> <span class=\"lock\">b.mu</span>"));
    assert_non_null(strstr(text, "Confidence high: <code>balance</code> is a global; 4 threads"));
    assert_non_null(strstr(text, "class=\"story of2\""));
    assert_int_equal(count_of(text, "<details"), count_of(text, "</details>"));
    assert_null(strstr(text, scene->root));
    assert_null(strstr(text, "http:"));
    assert_null(strstr(text, "https:"));
    scene_free(scene);
}

static void names_of_files_stay_text(void **state)
{
    struct scene *scene = scene_new("<script>\"&'\xFF\n.c");
    const char *text = scene_render(scene, REPORT_HTML);

    (void)state;
    assert_int_equal(count_of(text, "<script>"), 1); /* the filters' */
    assert_non_null(
        strstr(text, "data-file=\"&lt;script&gt;&quot;&amp;&#39;\xEF\xBF\xBD\xEF\xBF\xBD.c\""));
    scene_free(scene);
}

static void no_finding_is_told(void **state)
{
    struct scene *scene = scene_new("bank.c");

    (void)state;
    scene->report.n_findings = scene->report.n_ranked = 0;
    scene->report.n_hidden = 3;
    scene->report.n_foreign = 2;
    const char *text = scene_render(scene, REPORT_HTML);
    assert_non_null(strstr(text, "<p>No findings.</p>"));
    assert_non_null(strstr(text, "3 of lower confidence not shown"));
    assert_non_null(strstr(text, "2 in files that are not the project"));
    assert_null(strstr(text, "<form"));
    scene_free(scene);
}

/* A report of many findings, as the scene's one with other rules, severities and names. Left in the
 * file that SNARL_HTML_OUT names, for the test in a browser. */
static void many_findings_stay_small(void **state)
{
    enum { N = 5000, BYTES_EACH = 4096 };
    struct scene *scene = scene_new("bank.c");
    struct finding *all = mem_array(scene, struct finding, N);
    const struct finding **list = mem_array(scene, const struct finding *, N);
    struct ranked_finding *ranked = mem_array(scene, struct ranked_finding, N);
    const char *path = getenv("SNARL_HTML_OUT");

    (void)state;
    for (size_t i = 0; i < N; i++) {
        all[i] = scene->finding;
        all[i].rule = &scene_rules[i % 5 == 4];
        all[i].severity = i < N / 2 ? LEVEL_HIGH : LEVEL_MEDIUM;
        all[i].message = mem_printf(scene, "'balance_%zu' can change before the use", i);
        list[i] = ranked[i].finding = &all[i];
    }
    scene->report.findings = list;
    scene->report.ranked = ranked;
    scene->report.n_findings = scene->report.n_ranked = N;
    const char *text = scene_render(scene, REPORT_HTML);
    assert_true(strlen(text) < (size_t)N * BYTES_EACH);
    assert_int_equal(count_of(text, "<details class=\"finding\""), N);
    if (path != NULL) {
        scene_write(path, text);
    }
    scene_free(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_escaped),
        cmocka_unit_test(quoted_names_are_code),
        cmocka_unit_test(tokens_are_badges),
        cmocka_unit_test(a_finding_is_told_with_its_sources),
        cmocka_unit_test(names_of_files_stay_text),
        cmocka_unit_test(no_finding_is_told),
        cmocka_unit_test(many_findings_stay_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
