/* report/gitlab.c, github.c, junit.c, xml.c: reports for services.
 *
 * With SNARL_SAMPLES set to a folder, reports with odd bytes are left there for the schema tests.
 */
#include "report_scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static void check_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL) {
        fail_msg("'%s' is not in:\n%s", part, text);
    }
}

static void check_has_not(const char *text, const char *part)
{
    if (strstr(text, part) != NULL) {
        fail_msg("'%s' is in:\n%s", part, text);
    }
}

/* ---- gitlab ---------------------------------------------------------------------------------- */

static void gitlab_has_an_issue_for_each_finding(void **state)
{
    struct scene *scene = scene_new("bank.c");

    (void)state;
    json_t *root = scene_parse(scene_render(scene, REPORT_GITLAB));
    const json_t *issue = json_array_get(root, 0);
    const json_t *location = json_object_get(issue, "location");
    assert_int_equal(json_array_size(root), 1);
    assert_string_equal(json_string_value(json_object_get(issue, "check_name")), "check-then-act");
    assert_string_equal(json_string_value(json_object_get(issue, "severity")), "critical");
    assert_string_equal(json_string_value(json_object_get(issue, "fingerprint")),
                        scene->finding.fingerprint);
    assert_string_equal(json_string_value(json_object_get(location, "path")), "bank.c");
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(location, "lines"), "begin")), 5);
    const json_t *content = json_object_get(issue, "content");
    check_has(json_string_value(json_object_get(content, "body")),
              "\n      thread 'teller', started in a loop at bank.c:40\n");
    json_decref(root);
    scene_free(scene);
}

static void gitlab_of_nothing_is_an_empty_list(void **state)
{
    struct scene *scene = scene_new("bank.c");

    (void)state;
    scene->report.n_findings = 0;
    assert_string_equal(scene_render(scene, REPORT_GITLAB), "[]\n");
    scene_free(scene);
}

/* ---- github ---------------------------------------------------------------------------------- */

static void github_commands_are_escaped(void **state)
{
    struct scene *scene = scene_new("50%,:a.c");

    (void)state;
    scene->finding.message = "100%: a, b\r\n::set-env name=PATH::x";
    const char *text = scene_render(scene, REPORT_GITHUB);
    check_has(text, "::error file=50%25%2C%3Aa.c,line=5,endLine=5,col=2,"
                    "title=snarl%3A check-then-act::100%25: a, b%0D%0A::set-env name=PATH::x%0A"
                    "    5 | ");
    check_has_not(text, "\n::");
    assert_null(strchr(text, '\r'));
    check_has(text, "\nsnarl: 1 finding\n");
    scene_free(scene);
}

static void github_columns_are_characters(void **state)
{
    struct scene *scene = scene_new("bank.c");

    (void)state;
    scene->finding.where.line = 6;
    scene->finding.where.column = 13;
    check_has(scene_render(scene, REPORT_GITHUB), ",col=12,");
    scene_free(scene);
}

/* What is past GitHub's limit is in the log, and no command whatever its file is called. */
static void github_keeps_to_ten_of_a_kind(void **state)
{
    struct scene *scene = scene_new("::warning.c");
    struct finding medium = scene->finding;
    struct ranked_finding ranked[13];
    const struct finding *list[14];
    size_t annotations = 0;

    (void)state;
    medium.severity = LEVEL_MEDIUM;
    for (size_t i = 0; i < 14; i++) {
        list[i] = i < 12 ? &scene->finding : &medium;
    }
    for (size_t i = 0; i < 13; i++) {
        ranked[i] = (struct ranked_finding){list[i], NULL};
    }
    scene->report.ranked = ranked;
    scene->report.n_ranked = 13;
    scene->report.findings = list;
    scene->report.n_findings = 14;
    const char *text = scene_render(scene, REPORT_GITHUB);
    for (const char *at = text; (at = strstr(at, "::error file=")) != NULL; at++) {
        annotations++;
    }
    assert_int_equal(annotations, 10);
    check_has(text, "\nerror, too: ::warning.c:5:2: 'balance' can change between the test and the "
                    "use [check-then-act]\nerror, too: ");
    check_has(text, "\n::warning file=");
    check_has(text, "\nsnarl: 14 findings, 1 left out by --max\n");
    scene_free(scene);
}

/* ---- junit ----------------------------------------------------------------------------------- */

static void junit_has_a_suite_for_each_rule(void **state)
{
    struct scene *scene = scene_new("bank.c");

    (void)state;
    scene->finding.subject = "balance";
    const char *text = scene_render(scene, REPORT_JUNIT);
    check_has(text, "<testsuites name=\"snarl\" tests=\"3\" failures=\"1\" errors=\"0\">\n"
                    "  <testsuite name=\"check-then-act\" tests=\"1\" failures=\"1\" errors=\"0\" "
                    "skipped=\"0\">\n"
                    "    <testcase classname=\"snarl.check-then-act\" name=\"bank.c: balance "
                    "(01234567)\">\n"
                    "      <failure type=\"check-then-act\" message=\"'balance' can change");
    check_has(text, ">bank.c:5:2: 'balance' can change between the test and the use\n    5 | ");
    check_has(text, "  <testsuite name=\"data-race\" tests=\"1\" failures=\"0\" errors=\"0\" "
                    "skipped=\"0\">\n"
                    "    <testcase classname=\"snarl.data-race\" name=\"no findings\"/>\n");
    check_has(text, "    <testcase classname=\"snarl.input\" name=\"all of it was analysed\"/>\n");
    scene_free(scene);
}

static void junit_fails_only_for_what_makes_the_run_fail(void **state)
{
    struct scene *scene = scene_new("bank.c");

    (void)state;
    scene->report.fail_on = FAIL_ON_HIGH;
    scene->finding.severity = LEVEL_MEDIUM;
    const char *text = scene_render(scene, REPORT_JUNIT);
    check_has(text, " tests=\"3\" failures=\"0\" errors=\"0\">");
    check_has(text, "      <system-out>bank.c:5:2: 'balance' can change");
    check_has_not(text, "<failure");
    scene_free(scene);
}

static void junit_skips_what_is_allowed_and_leaves_out_what_is_off(void **state)
{
    struct scene *scene = scene_new("bank.c");
    struct finding allowed = scene->finding;
    const struct finding *list[] = {&allowed};
    const char *off[] = {"data-race"};

    (void)state;
    allowed.allowed = "only <shown>";
    scene->report.allowed = list;
    scene->report.n_allowed = 1;
    scene->report.n_findings = 0;
    scene->report.off.v = off;
    scene->report.off.n = 1;
    const char *text = scene_render(scene, REPORT_JUNIT);
    check_has(text, "<testsuite name=\"check-then-act\" tests=\"1\" failures=\"0\" errors=\"0\" "
                    "skipped=\"1\">");
    check_has(text, "<skipped>only &lt;shown&gt;</skipped>");
    check_has_not(text, "data-race");
    scene_free(scene);
}

static void junit_tells_what_was_not_analysed(void **state)
{
    struct scene *scene = scene_new("bank.c");
    struct err problem = {0};

    (void)state;
    err_set(&problem, ERR_INPUT, (struct loc){.file = scene->file, .line = 7}, "no 'x.h'\n& so");
    scene->report.problems = &problem;
    scene->report.n_problems = 1;
    const char *text = scene_render(scene, REPORT_JUNIT);
    check_has(text, " tests=\"3\" failures=\"1\" errors=\"1\">");
    check_has(text, "    <testcase classname=\"snarl.input\" name=\"bank.c\">\n"
                    "      <error type=\"not analysed\" message=\"no 'x.h'&#10;&amp; so\"/>\n");
    scene_free(scene);
}

/* Bytes that XML, UTF-8 or a command can't have. */
static void any_bytes_make_good_reports(void **state)
{
    const char *folder = getenv("SNARL_SAMPLES");
    struct scene *scene = scene_new("b\xFF<&\">'\x01.c");

    (void)state;
    scene->finding.subject = "a<b>&\"c\"\x1b[31m";
    scene->finding.message = "]]> \xEF\xBF\xBF \x02 \xC3( \t\n &amp; <x a='1' b=\"2\">";
    const char *junit = scene_render(scene, REPORT_JUNIT);
    check_has(junit, "message=\"]]&gt; \xEF\xBF\xBD \xEF\xBF\xBD \xEF\xBF\xBD( &#9;&#10; &amp;amp; "
                     "&lt;x a='1' b=&quot;2&quot;&gt;\"");
    const char *gitlab = scene_render(scene, REPORT_GITLAB);
    json_decref(scene_parse(gitlab));
    if (folder != NULL) {
        scene_write(mem_printf(scene, "%s/sample_junit.xml", folder), junit);
        scene_write(mem_printf(scene, "%s/sample_gitlab.json", folder), gitlab);
    }
    scene_free(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gitlab_has_an_issue_for_each_finding),
        cmocka_unit_test(gitlab_of_nothing_is_an_empty_list),
        cmocka_unit_test(github_commands_are_escaped),
        cmocka_unit_test(github_columns_are_characters),
        cmocka_unit_test(github_keeps_to_ten_of_a_kind),
        cmocka_unit_test(junit_has_a_suite_for_each_rule),
        cmocka_unit_test(junit_fails_only_for_what_makes_the_run_fail),
        cmocka_unit_test(junit_skips_what_is_allowed_and_leaves_out_what_is_off),
        cmocka_unit_test(junit_tells_what_was_not_analysed),
        cmocka_unit_test(any_bytes_make_good_reports),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
