/* report/sarif.c: the log read back.
 *
 * With SNARL_SARIF_OUT set to a path, one is left there for the schema test. */
#include "report_scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

/* What lies at a path like "runs|0|results|0|level"; fails the test when nothing does. */
static const json_t *at(const json_t *value, const char *path)
{
    char *copy = strdup(path);
    char *rest = NULL;

    for (char *key = strtok_r(copy, "|", &rest); key != NULL; key = strtok_r(NULL, "|", &rest)) {
        value = json_is_array(value) ? json_array_get(value, strtoul(key, NULL, 10))
                                     : json_object_get(value, key);
        if (value == NULL) {
            fail_msg("nothing at '%s' of '%s'", key, path);
        }
    }
    free(copy);
    return value;
}

static void check_text(const json_t *root, const char *path, const char *want)
{
    assert_string_equal(json_string_value(at(root, path)), want);
}

static void check_number(const json_t *root, const char *path, int want)
{
    assert_int_equal(json_integer_value(at(root, path)), want);
}

static void sarif_describes_the_rules(void **state)
{
    struct scene *scene = scene_new("bank.c");

    (void)state;
    json_t *root = scene_parse(scene_render(scene, REPORT_SARIF));
    assert_int_equal(json_array_size(at(root, "runs")), 1);
    check_text(root, "version", "2.1.0");
    const json_t *driver = at(root, "runs|0|tool|driver");
    check_text(driver, "name", "snarl");
    check_text(driver, "version", SNARL_VERSION);
    assert_int_equal(json_array_size(at(driver, "rules")), 2);
    check_text(driver, "rules|0|name", "CheckThenAct");
    check_text(driver, "rules|0|shortDescription|text", scene_rules[0].summary);
    check_text(driver, "rules|0|fullDescription|text",
               "A value is tested, the old test is acted on.");
    check_text(driver, "rules|0|help|markdown", scene_help("check-then-act"));
    check_text(driver, "rules|1|help|text", scene_rules[1].summary);
    check_text(driver, "rules|1|defaultConfiguration|level", "error");
    check_text(driver, "rules|1|properties|tags|2", "external/cwe/cwe-079");
    check_text(driver, "rules|1|properties|precision", "high");
    check_text(driver, "rules|1|properties|security-severity", "7.5");
    check_text(driver, "rules|0|properties|security-severity", "5.0");
    check_text(driver, "rules|0|properties|problem.severity", "warning");
    json_decref(root);
    scene_free(scene);
}

static void sarif_tells_the_story(void **state)
{
    struct scene *scene = scene_new("bank.c");

    (void)state;
    json_t *root = scene_parse(scene_render(scene, REPORT_SARIF));
    const json_t *result = at(root, "runs|0|results|0");
    check_text(result, "ruleId", "check-then-act");
    check_number(result, "ruleIndex", 0);
    check_text(result, "level", "warning");
    check_text(result, "partialFingerprints|snarlFingerprint/v1", scene->finding.fingerprint);
    check_text(result, "properties|confidence", "high");
    assert_int_equal(json_array_size(at(result, "codeFlows")), 1);
    const json_t *flows = at(result, "codeFlows|0|threadFlows");
    assert_int_equal(json_array_size(flows), 2);
    check_text(flows, "0|message|text", scene->finding.threads.v[0].title);
    check_number(flows, "0|locations|1|executionOrder", 2);
    check_number(flows, "0|locations|1|nestingLevel", 1);
    check_text(flows, "0|locations|1|state|held|text", "a.mu, b.mu");
    check_text(flows, "0|locations|1|location|message|text", "writes 'balance' (the act)");
    check_number(flows, "1|locations|0|executionOrder", 3);
    assert_null(json_object_get(at(flows, "1|locations|0"), "state"));
    check_text(result, "partialFingerprints|primaryLocationLineHash", "2be4318233116a00:1");
    check_number(at(root, "runs|0"), "invocations|0|exitCode", 0);
    assert_int_equal(json_array_size(at(result, "suppressions")), 0);
    assert_null(json_object_get(result, "baselineState"));
    assert_null(json_object_get(at(root, "runs|0"), "automationDetails"));
    json_decref(root);
    scene_free(scene);
}

static void sarif_tells_what_is_allowed_and_what_is_new(void **state)
{
    struct scene *scene = scene_new("bank.c");
    struct finding allowed = scene->finding;
    struct finding known = scene->finding;
    struct finding gone = {.rule = &scene_rules[1],
                           .where = {.file = scene->file},
                           .message = "mended",
                           .fingerprint = "1"};
    const struct finding *list[] = {&allowed};
    const struct finding *old[] = {&known};
    struct finding *absent[] = {&gone};

    (void)state;
    known.baseline = BASELINE_UNCHANGED;
    scene->report.known = old;
    scene->report.n_known = 1;
    scene->report.absent = absent;
    scene->report.n_absent = 1;
    scene->finding.baseline = BASELINE_NEW;
    allowed.baseline = BASELINE_UNCHANGED;
    allowed.allowed = "only shown";
    scene->report.allowed = list;
    scene->report.n_allowed = 1;
    scene->report.exit_code = 1;
    scene->report.category = "builds/arm";
    json_t *root = scene_parse(scene_render(scene, REPORT_SARIF));
    const json_t *run = at(root, "runs|0");
    check_text(run, "automationDetails|id", "builds/arm/");
    check_number(run, "invocations|0|exitCode", 1);
    check_text(run, "invocations|0|workingDirectory|uri",
               mem_printf(scene, "file://%s/", scene->root));
    assert_int_equal(json_array_size(at(run, "results")), 4);
    assert_int_equal(json_array_size(at(run, "results|0|suppressions")), 0);
    check_text(run, "results|0|baselineState", "new");
    assert_int_equal(json_array_size(at(run, "results|1|suppressions")), 0);
    check_text(run, "results|1|baselineState", "unchanged");
    check_text(run, "results|2|suppressions|0|kind", "inSource");
    check_text(run, "results|2|suppressions|0|status", "accepted");
    check_text(run, "results|2|suppressions|0|justification", "only shown");
    check_text(run, "results|2|baselineState", "unchanged");
    check_text(run, "results|3|baselineState", "absent");
    check_text(run, "results|3|message|text", "mended");
    check_text(run, "results|3|locations|0|physicalLocation|artifactLocation|uri", "bank.c");
    json_decref(root);
    scene_free(scene);
}

/* GitHub refuses a result with more than 10,000 steps, and shows 1,000. */
static void sarif_leaves_out_the_middle_of_long_ways(void **state)
{
    struct scene *scene = scene_new("bank.c");
    struct finding_thread *teller = &scene->finding.threads.v[0];
    struct finding_step step = teller->steps.v[0];

    (void)state;
    while (teller->steps.n < 12000) {
        step.order = (unsigned)teller->steps.n;
        step.depth = step.order;
        vec_push(scene, &teller->steps, step);
    }
    json_t *root = scene_parse(scene_render(scene, REPORT_SARIF));
    const json_t *flows = at(root, "runs|0|results|0|codeFlows|0|threadFlows");
    check_text(flows, "0|message|text",
               mem_printf(scene, "%s (11500 of its 12000 steps are left out)", teller->title));
    assert_int_equal(json_array_size(at(flows, "0|locations")), 500);
    check_number(flows, "0|locations|249|nestingLevel", 249);
    check_number(flows, "0|locations|250|nestingLevel", 11750);
    check_number(flows, "0|locations|499|nestingLevel", 11999);
    assert_int_equal(json_array_size(at(flows, "1|locations")), 1);
    json_decref(root);
    scene_free(scene);
}

static void sarif_places_are_relative_encoded_and_in_characters(void **state)
{
    struct scene *scene = scene_new("k\xC3\xA4se #1:%.c");

    (void)state;
    scene->finding.where.line = 6;
    scene->finding.where.column = 13;
    json_t *root = scene_parse(scene_render(scene, REPORT_SARIF));
    const json_t *run = at(root, "runs|0");
    const json_t *place = at(run, "results|0|locations|0|physicalLocation");
    check_text(run, "columnKind", "unicodeCodePoints");
    check_text(run, "originalUriBaseIds|%SRCROOT%|uri",
               mem_printf(scene, "file://%s/", scene->root));
    check_text(place, "artifactLocation|uri", "k%C3%A4se%20%231%3A%25.c");
    check_text(place, "artifactLocation|uriBaseId", "%SRCROOT%");
    check_number(place, "region|startLine", 6);
    check_number(place, "region|startColumn", 12);
    check_number(place, "region|endLine", 6);
    check_number(place, "region|endColumn", 21);
    json_decref(root);
    scene_free(scene);
}

static void sarif_outside_the_root_is_absolute(void **state)
{
    struct scene *scene = scene_new("bank.c");

    (void)state;
    scene->finding.where = (struct loc){.file = "/no/such dir/a.h", .line = 3, .column = 9};
    json_t *root = scene_parse(scene_render(scene, REPORT_SARIF));
    const json_t *place = at(root, "runs|0|results|0|locations|0|physicalLocation");
    check_text(place, "artifactLocation|uri", "file:///no/such%20dir/a.h");
    assert_null(json_object_get(at(place, "artifactLocation"), "uriBaseId"));
    assert_null(json_object_get(at(place, "region"), "startColumn")); /* can't be converted */
    assert_null(json_object_get(at(root, "runs|0|results|0|partialFingerprints"),
                                "primaryLocationLineHash"));
    json_decref(root);
    scene_free(scene);
}

static void sarif_without_a_place_has_no_locations(void **state)
{
    struct scene *scene = scene_new("bank.c");

    (void)state;
    scene->finding.where = (struct loc){0};
    json_t *root = scene_parse(scene_render(scene, REPORT_SARIF));
    assert_int_equal(json_array_size(at(root, "runs|0|results|0|locations")), 0);
    json_decref(root);
    scene_free(scene);
}

static void sarif_carries_problems(void **state)
{
    struct scene *scene = scene_new("bank.c");
    struct err problems[2] = {0};

    (void)state;
    json_t *root = scene_parse(scene_render(scene, REPORT_SARIF));
    assert_true(json_is_true(at(root, "runs|0|invocations|0|executionSuccessful")));
    json_decref(root);

    err_set(&problems[0], ERR_INPUT, (struct loc){.file = scene->file, .line = 7}, "no header");
    err_set(&problems[1], ERR_INPUT, (struct loc){0}, "worker died");
    scene->report.problems = problems;
    scene->report.n_problems = 2;
    root = scene_parse(scene_render(scene, REPORT_SARIF));
    const json_t *invocation = at(root, "runs|0|invocations|0");
    assert_true(json_is_false(at(invocation, "executionSuccessful")));
    check_text(invocation, "toolExecutionNotifications|0|message|text", "no header");
    check_text(invocation,
               "toolExecutionNotifications|0|locations|0|physicalLocation|artifactLocation|uri",
               "bank.c");
    check_text(invocation, "toolExecutionNotifications|1|message|text", "worker died");
    json_decref(root);
    scene_free(scene);
}

/* Leaves a log with everything in it where the schema test looks for it. */
static void sarif_for_the_schema(void **state)
{
    const char *path = getenv("SNARL_SARIF_OUT");
    struct scene *scene = scene_new("b\xFF nk.c");
    struct finding bare = {.rule = &scene_rules[1],
                           .where = {.file = "/outside.h", .line = 3, .column = 1},
                           .message = "no source, no story",
                           .fingerprint = "0"};
    const struct finding *two[] = {&scene->finding, &bare};
    struct finding allowed = scene->finding;
    struct finding gone = bare;
    const struct finding *one[] = {&allowed};
    struct finding *absent[] = {&gone};
    struct err problems[2] = {0};

    (void)state;
    err_set(&problems[0], ERR_INPUT, (struct loc){.file = scene->file, .line = 7}, "no header");
    err_set(&problems[1], ERR_INPUT, (struct loc){.file = "/outside.c"}, "not found");
    scene->finding.baseline = BASELINE_NEW;
    bare.baseline = BASELINE_UNCHANGED;
    allowed.baseline = BASELINE_UNCHANGED;
    allowed.allowed = "the count is only shown";
    scene->report.allowed = one;
    scene->report.n_allowed = 1;
    scene->report.absent = absent;
    scene->report.n_absent = 1;
    scene->report.exit_code = 3;
    scene->report.category = "builds/arm";
    scene->report.problems = problems;
    scene->report.n_problems = 2;
    scene->report.findings = two;
    scene->report.n_findings = 2;
    const char *text = scene_render(scene, REPORT_SARIF);
    json_decref(scene_parse(text));
    if (path != NULL) {
        scene_write(path, text);
    }
    scene_free(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sarif_describes_the_rules),
        cmocka_unit_test(sarif_tells_the_story),
        cmocka_unit_test(sarif_tells_what_is_allowed_and_what_is_new),
        cmocka_unit_test(sarif_leaves_out_the_middle_of_long_ways),
        cmocka_unit_test(sarif_places_are_relative_encoded_and_in_characters),
        cmocka_unit_test(sarif_outside_the_root_is_absolute),
        cmocka_unit_test(sarif_without_a_place_has_no_locations),
        cmocka_unit_test(sarif_carries_problems),
        cmocka_unit_test(sarif_for_the_schema),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
