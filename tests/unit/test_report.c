/* report/: exact text and JSON. */
#include "report_scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <unistd.h>

/* ---- text ------------------------------------------------------------------------------------ */

static void text_tells_the_story(void **state)
{
    struct scene *scene = scene_new("bank.c");

    (void)state;
    assert_string_equal(
        scene_render(scene, REPORT_TEXT),
        "bank.c:5:2: warning: 'balance' can change between the test and the use [check-then-act]\n"
        "    5 |         balance -= n;\n"
        "      |         ^\n"
        "  thread 'teller', started in a loop at bank.c:40\n"
        "    bank.c:3  calls 'pay'                   holds {}\n"
        "    bank.c:5    writes 'balance' (the act)  holds {a.mu, b.mu}\n"
        "  another thread 'teller'\n"
        "    bank.c:5  writes 'balance' meanwhile\n"
        "  cure: hold one lock from bank.c:3 to bank.c:5\n"
        "  severity high, confidence high: 'balance' is a global; 4 threads run 'teller'\n"
        "\n"
        "1 finding (1 of high confidence)\n");
    scene_free(scene);
}

/* The other thread's step between the teller's two. */
static void interleave(struct scene *scene)
{
    scene->finding.threads.v[0].steps.v[0].order = 0;
    scene->finding.threads.v[1].steps.v[0].order = 1;
    scene->finding.threads.v[0].steps.v[1].order = 2;
}

static void a_wide_terminal_shows_two_columns(void **state)
{
    struct scene *scene = scene_new("bank.c");

    (void)state;
    interleave(scene);
    scene->report.width = 107;
    assert_non_null(strstr(
        scene_render(scene, REPORT_TEXT),
        "  thread 'teller', started in a loop at bank.c:40     |\n"
        "    bank.c:3  calls 'pay', holding {}                 |\n"
        "                                                      | another thread 'teller'\n"
        "                                                      |   bank.c:5  writes 'balance' "
        "meanwhile\n"
        "     bank.c:5  writes 'balance' (the act), holding    |\n"
        "         {a.mu, b.mu}                                 |\n"
        "  cure:"));
    scene_free(scene);
}

static void a_narrow_one_shows_one_below_the_other(void **state)
{
    struct scene *scene = scene_new("bank.c");

    (void)state;
    interleave(scene);
    scene->report.width = 100;
    assert_non_null(strstr(scene_render(scene, REPORT_TEXT),
                           "    bank.c:5    writes 'balance' (the act)  holds {a.mu, b.mu}\n"
                           "  another thread 'teller'\n"));
    scene_free(scene);
}

/* The second finding differs in its last step only. */
static void what_was_told_is_not_told_again(void **state)
{
    struct scene *scene = scene_new("bank.c");
    struct finding second = scene->finding;
    struct ranked_finding two[] = {scene->ranked[0], {&second, &scene->finding}};
    struct finding_thread threads[2] = {scene->finding.threads.v[0], scene->finding.threads.v[1]};
    struct finding_step steps[3] = {threads[0].steps.v[0], threads[0].steps.v[1],
                                    threads[0].steps.v[1]};

    (void)state;
    second.where.line = 6;
    steps[2].where.line = 6;
    threads[0].steps.v = steps;
    threads[0].steps.n = 3;
    second.threads.v = threads;
    scene->report.ranked = two;
    scene->report.n_ranked = 2;
    assert_non_null(strstr(scene_render(scene, REPORT_TEXT),
                           "  thread 'teller', started in a loop at bank.c:40\n"
                           "    2 steps as for bank.c:5, then\n"
                           "    bank.c:6    writes 'balance' (the act)  holds {a.mu, b.mu}\n"
                           "  another thread 'teller'\n"
                           "    1 step as for bank.c:5\n"
                           "  cure: "));
    scene_free(scene);
}

static void the_caret_counts_characters(void **state)
{
    struct scene *scene = scene_new("bank.c");

    (void)state;
    scene->finding.where.line = 6;
    scene->finding.where.column = 13; /* `balance`, after a tab and a two-byte letter */
    assert_non_null(strstr(scene_render(scene, REPORT_TEXT),
                           "    6 |         save(\"\xC3\xA4\", balance);\n"
                           "      |                   ^\n"));
    scene_free(scene);
}

static void an_unreadable_source_costs_the_excerpt_only(void **state)
{
    struct scene *scene = scene_new("bank.c");

    (void)state;
    assert_int_equal(unlink(scene->file), 0);
    assert_non_null(strstr(scene_render(scene, REPORT_TEXT),
                           "[check-then-act]\n  thread 'teller', started in a loop"));
    scene_free(scene);
}

static void a_line_past_the_end_costs_the_excerpt_only(void **state)
{
    struct scene *scene = scene_new("bank.c");

    (void)state;
    scene->finding.where.line = 8;
    assert_non_null(strstr(scene_render(scene, REPORT_TEXT), "bank.c:8:2: warning: "));
    assert_null(strchr(scene_render(scene, REPORT_TEXT), '|'));
    scene_free(scene);
}

static void low_severity_is_a_note(void **state)
{
    struct scene *scene = scene_new("bank.c");

    (void)state;
    scene->finding.severity = LEVEL_LOW;
    assert_non_null(strstr(scene_render(scene, REPORT_TEXT), "bank.c:5:2: note: 'balance'"));
    scene_free(scene);
}

static void colour_is_only_there_on_request(void **state)
{
    struct scene *scene = scene_new("bank.c");

    (void)state;
    assert_null(strchr(scene_render(scene, REPORT_TEXT), '\x1b'));
    scene->report.colour = true;
    assert_non_null(strstr(scene_render(scene, REPORT_TEXT), "\x1b[1;35mwarning:\x1b[0m "));
    scene_free(scene);
}

static void nothing_from_a_source_reaches_the_terminal_raw(void **state)
{
    struct scene *scene = scene_new("bank.c");

    (void)state;
    scene_write(scene->file, "1\n2\n3\n4\n\x1b[2Jx\xFFy\n");
    scene->finding.message = "a\nb\x1b[31m";
    const char *text = scene_render(scene, REPORT_TEXT);
    assert_null(strchr(text, '\x1b'));
    assert_non_null(strstr(text, "warning: a\xEF\xBF\xBD"
                                 "b\xEF\xBF\xBD[31m [check-then-act]\n"));
    assert_non_null(strstr(text, "    5 | \xEF\xBF\xBD[2Jx\xEF\xBF\xBDy\n"));
    scene_free(scene);
}

static void the_last_line_counts(void **state)
{
    struct scene *scene = scene_new("bank.c");
    struct finding medium = scene->finding;
    struct finding race = scene->finding;
    const struct finding *three[] = {&scene->finding, &medium, &race};

    (void)state;
    medium.confidence = LEVEL_MEDIUM;
    race.rule = &scene_rules[1];
    race.severity = LEVEL_LOW;
    scene->report.findings = three;
    scene->report.n_findings = 3;
    scene->report.n_hidden = 4;
    assert_non_null(strstr(scene_render(scene, REPORT_TEXT),
                           "\n\n"
                           "severity        high  medium  low\n"
                           "check-then-act     2       -    -\n"
                           "data-race          -       -    1\n"
                           "\n"
                           "3 findings (2 of high confidence, 1 of medium); the worst 1 is told, 2 "
                           "more are left out by --max; 4 of lower confidence are not shown "
                           "(--confidence=low shows them)\n"));
    scene->report.n_findings = 0;
    scene->report.n_ranked = 0;
    scene->report.n_hidden = 0;
    assert_string_equal(scene_render(scene, REPORT_TEXT), "0 findings\n");
    scene_free(scene);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void json_is_stable(void **state)
{
    struct scene *scene = scene_new("bank.c");
    struct err problem = {0};

    (void)state;
    err_set(&problem, ERR_INPUT, (struct loc){.file = scene->file, .line = 7}, "no such header");
    scene->report.problems = &problem;
    scene->report.n_problems = 1;
    scene->report.n_hidden = 2;
    scene->report.n_foreign = 6;
    scene->finding.threads.n = 1;
    scene->finding.threads.v[0].steps.n = 1;
    scene->finding.cure = NULL;
    assert_string_equal(
        scene_render(scene, REPORT_JSON),
        "{\n"
        "  \"version\": 1,\n"
        "  \"tool\": {\n"
        "    \"name\": \"snarl\",\n"
        "    \"version\": \"" SNARL_VERSION "\"\n"
        "  },\n"
        "  \"findings\": [\n"
        "    {\n"
        "      \"rule\": \"check-then-act\",\n"
        "      \"file\": \"bank.c\",\n"
        "      \"line\": 5,\n"
        "      \"column\": 2,\n"
        "      \"message\": \"'balance' can change between the test and the use\",\n"
        "      \"severity\": \"high\",\n"
        "      \"confidence\": \"high\",\n"
        "      \"reasons\": [\n"
        "        \"'balance' is a global\",\n"
        "        \"4 threads run 'teller'\"\n"
        "      ],\n"
        "      \"threads\": [\n"
        "        {\n"
        "          \"title\": \"thread 'teller', started in a loop at bank.c:40\",\n"
        "          \"steps\": [\n"
        "            {\n"
        "              \"file\": \"bank.c\",\n"
        "              \"line\": 3,\n"
        "              \"column\": 1,\n"
        "              \"text\": \"calls 'pay'\",\n"
        "              \"held\": \"\",\n"
        "              \"depth\": 0\n"
        "            }\n"
        "          ]\n"
        "        }\n"
        "      ],\n"
        "      \"related\": [],\n"
        "      \"cure\": null,\n"
        "      \"assumptions\": [],\n"
        "      \"fingerprint\": \"0123456789abcdef0123456789abcdef\"\n"
        "    }\n"
        "  ],\n"
        "  \"problems\": [\n"
        "    {\n"
        "      \"file\": \"bank.c\",\n"
        "      \"line\": 7,\n"
        "      \"column\": 0,\n"
        "      \"message\": \"no such header\"\n"
        "    }\n"
        "  ],\n"
        "  \"hidden\": 2,\n"
        "  \"foreign\": 6,\n"
        "  \"allowed\": 0,\n"
        "  \"known\": 0,\n"
        "  \"gone\": 0\n"
        "}\n");
    scene_free(scene);
}

static void json_survives_any_bytes(void **state)
{
    struct scene *scene = scene_new("b\xFF.c");

    (void)state;
    scene->finding.message = "quote \" \\ \x01 \xC3( \xED\xA0\x80";
    json_t *root = scene_parse(scene_render(scene, REPORT_JSON));
    json_t *finding = json_array_get(json_object_get(root, "findings"), 0);
    assert_string_equal(json_string_value(json_object_get(finding, "file")), "b\xEF\xBF\xBD.c");
    assert_string_equal(json_string_value(json_object_get(finding, "message")),
                        "quote \" \\ \x01 \xEF\xBF\xBD( "
                        "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    json_decref(root);
    scene_free(scene);
}

/* ---- the rest -------------------------------------------------------------------------------- */

static void paths_below_the_root_are_relative(void **state)
{
    (void)state;
    assert_string_equal(report_path("/a/b", "/a/b/c.c"), "c.c");
    assert_string_equal(report_path("/a/b", "/a/bc/c.c"), "/a/bc/c.c");
    assert_string_equal(report_path("/", "/a/c.c"), "a/c.c");
    assert_string_equal(report_path(NULL, "/a/c.c"), "/a/c.c");
    assert_string_equal(report_path("/a", "c.c"), "c.c");
    assert_null(report_path("/a", NULL));
}

static void a_full_disk_is_an_error(void **state)
{
    struct scene *scene = scene_new("bank.c");
    enum report_format formats[] = {REPORT_TEXT,   REPORT_JSON,   REPORT_SARIF,
                                    REPORT_GITLAB, REPORT_GITHUB, REPORT_JUNIT};

    (void)state;
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        struct err err = {0};
        FILE *full = fopen("/dev/full", "w");
        assert_non_null(full);
        assert_false(report_write(formats[i], &scene->report, full, &err));
        assert_int_equal(err.kind, ERR_IO);
        assert_string_equal(err.text, "can't write the report: No space left on device");
        (void)fclose(full);
    }
    scene_free(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_tells_the_story),
        cmocka_unit_test(a_wide_terminal_shows_two_columns),
        cmocka_unit_test(a_narrow_one_shows_one_below_the_other),
        cmocka_unit_test(what_was_told_is_not_told_again),
        cmocka_unit_test(the_caret_counts_characters),
        cmocka_unit_test(an_unreadable_source_costs_the_excerpt_only),
        cmocka_unit_test(a_line_past_the_end_costs_the_excerpt_only),
        cmocka_unit_test(low_severity_is_a_note),
        cmocka_unit_test(colour_is_only_there_on_request),
        cmocka_unit_test(nothing_from_a_source_reaches_the_terminal_raw),
        cmocka_unit_test(the_last_line_counts),
        cmocka_unit_test(json_is_stable),
        cmocka_unit_test(json_survives_any_bytes),
        cmocka_unit_test(paths_below_the_root_are_relative),
        cmocka_unit_test(a_full_disk_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
