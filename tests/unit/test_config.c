/* .snarl.yml: where it is found, what it may say, and what is refused. */
#include "base/mem.h"
#include "config/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const rules[] = {"check-then-act", "data-race", "double-lock", NULL};

/* A folder of its own for each test, with dir/sub/deep below it, and the models to add to. */
struct place {
    char *dir;
    struct models *models;
    struct config config;
    struct err err;
};

static const char *path_in(struct place *place, const char *name)
{
    return mem_printf(place, "%s/%s", place->dir, name);
}

static int make_place(void **state)
{
    struct place *place = mem_new(NULL, struct place);
    char name[] = "/tmp/snarl-config-XXXXXX";

    assert_non_null(mkdtemp(name));
    place->dir = mem_strdup(place, name);
    assert_int_equal(mkdir(path_in(place, "sub"), 0700), 0);
    assert_int_equal(mkdir(path_in(place, "sub/deep"), 0700), 0);
    place->models = models_builtin(place, intern_new(place), &place->err);
    assert_non_null(place->models);
    *state = place;
    return 0;
}

static int remove_place(void **state)
{
    struct place *place = *state;

    (void)unlink(path_in(place, ".snarl.yml"));
    (void)unlink(path_in(place, "other.yml"));
    (void)unlink(path_in(place, "sub/.snarl.yml"));
    (void)rmdir(path_in(place, "sub/deep"));
    (void)rmdir(path_in(place, "sub"));
    (void)rmdir(place->dir);
    talloc_free(place);
    return 0;
}

static void write_file(struct place *place, const char *name, const char *text)
{
    FILE *out = fopen(path_in(place, name), "w");

    assert_non_null(out);
    assert_int_equal(fwrite(text, 1, strlen(text), out), strlen(text));
    assert_int_equal(fclose(out), 0);
}

static bool load(struct place *place, const char *below, const char *path)
{
    return config_load(place, path_in(place, below), path, rules, place->models, &place->config,
                       &place->err);
}

/* Loads `text` as DIR/.snarl.yml and expects this message after "DIR/". */
static void check_message(struct place *place, const char *text, const char *want)
{
    write_file(place, ".snarl.yml", text);
    assert_false(
        config_load(place, place->dir, NULL, rules, place->models, &place->config, &place->err));
    assert_int_equal(place->err.kind, ERR_CONFIG);
    const char *message = err_text(place, &place->err);
    assert_memory_equal(message, place->dir, strlen(place->dir));
    assert_string_equal(message + strlen(place->dir) + 1, want);
    place->err = (struct err){0};
}

static void without_a_file_defaults_hold(void **state)
{
    struct place *place = *state;

    assert_true(load(place, "sub/deep", NULL));
    assert_null(place->config.path);
    assert_int_equal(place->config.rules.n, 0);
    assert_int_equal(place->config.min_confidence, LEVEL_MEDIUM);
    assert_false(err_is_set(&place->err));
}

static void the_nearest_file_above_is_read(void **state)
{
    struct place *place = *state;

    write_file(place, ".snarl.yml", "confidence: low\n");
    assert_true(load(place, "sub/deep", NULL));
    assert_int_equal(place->config.min_confidence, LEVEL_LOW);
    write_file(place, "sub/.snarl.yml", "confidence: high\n");
    assert_true(load(place, "sub/deep", NULL));
    assert_int_equal(place->config.min_confidence, LEVEL_HIGH);
    assert_string_equal(place->config.path, path_in(place, "sub/.snarl.yml"));
    assert_true(load(place, "sub", NULL));
    assert_string_equal(place->config.path, path_in(place, "sub/.snarl.yml"));
}

static void a_named_file_is_read_instead(void **state)
{
    struct place *place = *state;

    write_file(place, ".snarl.yml", "confidence: low\n");
    write_file(place, "other.yml", "rules: { data-race: off, double-lock: on }\n");
    assert_true(load(place, "sub", path_in(place, "other.yml")));
    assert_int_equal(place->config.min_confidence, LEVEL_MEDIUM);
    assert_int_equal(config_rule(&place->config, "data-race"), RULE_OFF);
    assert_int_equal(config_rule(&place->config, "double-lock"), RULE_ON);
    assert_int_equal(config_rule(&place->config, "check-then-act"), RULE_ON);
}

static void what_makes_a_run_fail_is_read(void **state)
{
    struct place *place = *state;

    assert_true(load(place, "sub", NULL));
    assert_int_equal(place->config.fail_on, FAIL_ON_LOW);
    write_file(place, ".snarl.yml", "fail_on: high\n");
    assert_true(load(place, "sub", NULL));
    assert_int_equal(place->config.fail_on, FAIL_ON_HIGH);
    write_file(place, ".snarl.yml", "fail_on: none\n");
    assert_true(load(place, "sub", NULL));
    assert_int_equal(place->config.fail_on, FAIL_ON_NONE);
    check_message(place, "fail_on: nine\n",
                  ".snarl.yml:1:10: error: unknown value 'nine': did you mean 'none'?");
}

static void severities_of_rules_are_read(void **state)
{
    struct place *place = *state;

    write_file(place, ".snarl.yml",
               "rules: { data-race: low, double-lock: medium, check-then-act: high }\n");
    assert_true(load(place, "sub", NULL));
    assert_int_equal(config_rule(&place->config, "data-race"), RULE_LOW);
    assert_int_equal(config_rule(&place->config, "double-lock"), RULE_MEDIUM);
    assert_int_equal(config_rule(&place->config, "check-then-act"), RULE_HIGH);
}

static void a_named_file_must_exist(void **state)
{
    struct place *place = *state;

    assert_false(load(place, "sub", path_in(place, "other.yml")));
    assert_int_equal(place->err.kind, ERR_CONFIG);
    assert_string_equal(place->err.text, "can't read these settings: No such file or directory");
}

static void a_folder_is_no_file(void **state)
{
    struct place *place = *state;

    assert_false(load(place, "sub", path_in(place, "sub")));
    assert_string_equal(place->err.text, "can't read these settings: Is a directory");
}

static void a_long_file_is_read_to_its_end(void **state)
{
    struct place *place = *state;
    char *text = mem_strdup(place, "fn:\n");

    for (int i = 0; i < 3000; i++) {
        mem_append(place, &text, "  f%d: { acquire: 1 }\n", i);
    }
    write_file(place, ".snarl.yml", text);
    assert_true(load(place, "sub", NULL));
    assert_int_equal(models_fn(place->models, "f2999")->acquire, 1);
}

static void its_models_are_added(void **state)
{
    struct place *place = *state;
    const char *library;

    write_file(place, ".snarl.yml",
               "# ours\n"
               "fn:\n"
               "  lib_lock:   { acquire: 1, kind: mutex }\n"
               "  lib_unlock: { release: 1 }\n"
               "type: { lib_lock_t: spin }\n"
               "static_init: { LIB_REC: { kind: mutex, recursive: true } }\n"
               "field: { \"struct ops.run\": { runs: worker, data: 1 } }\n"
               "hint: { sleep: lib_later }\n"
               "rules: { check-then-act: off }\n");
    assert_true(load(place, "sub", NULL));
    assert_int_equal(models_fn(place->models, "lib_lock")->acquire, 1);
    assert_int_equal(models_fn(place->models, "lib_unlock")->release, 1);
    assert_int_equal(models_type_lock(place->models, "lib_lock_t"), LOCK_SPIN);
    assert_true(models_static_init_recursive(place->models, "LIB_REC"));
    assert_int_equal(models_field_callback(place->models, "struct ops.run", &library)->runs,
                     RUNS_WORKER);
    assert_string_equal(models_hint(place->models, "libuv", "sleep"), "lib_later");
    assert_true(models_library_active(place->models, "user"));
    size_t n = 0;
    while (models_text(place->models, n) != NULL) {
        n++;
    }
    assert_memory_equal(models_text(place->models, n - 1), "# ours\n", 7); /* for cache keys */
}

static void an_empty_file_says_nothing(void **state)
{
    struct place *place = *state;

    write_file(place, ".snarl.yml", "");
    assert_true(load(place, "sub", NULL));
    assert_non_null(place->config.path);
    assert_int_equal(place->config.min_confidence, LEVEL_MEDIUM);
}

static void mistakes_are_told_with_their_place(void **state)
{
    struct place *place = *state;

    check_message(place, "confidence: hihg\n",
                  ".snarl.yml:1:13: error: unknown value 'hihg': did you mean 'high'?");
    check_message(place, "confidence: 3\n",
                  ".snarl.yml:1:13: error: unknown value '3': use high, medium or low");
    check_message(place, "rules: { datarace: off }\n",
                  ".snarl.yml:1:10: error: unknown rule 'datarace': did you mean 'data-race'?");
    check_message(place, "rules:\n  data-race: of\n",
                  ".snarl.yml:2:14: error: unknown value 'of': did you mean 'on'?");
    check_message(place, "rules:\n  data-race: warn\n",
                  ".snarl.yml:2:14: error: unknown value 'warn': use on, off, high, medium, "
                  "low, true or false");
    check_message(
        place, "rules: [data-race]\n",
        ".snarl.yml:1:8: error: 'rules' takes a map, { RULE-ID: on, off, high, medium or low }");
    check_message(place, "confidense: high\n",
                  ".snarl.yml:1:1: error: unknown key 'confidense': did you mean 'confidence'?");
    check_message(place, "fn: { my_lock: { aquire: 1 } }\n",
                  ".snarl.yml:1:18: error: unknown key 'aquire': did you mean 'acquire'?");
    check_message(place, "rules: { data-race: on, data-race: off }\n",
                  ".snarl.yml:1:25: error: 'data-race' is there already, in line 1: keep one");
    check_message(place, "fn: {\n",
                  ".snarl.yml:2:1: error: not YAML: did not find expected node content while "
                  "parsing a flow node");
}

static void a_file_in_the_current_folder_has_a_short_name(void **state)
{
    struct place *place = *state;
    char *before = getcwd(NULL, 0);

    write_file(place, ".snarl.yml", "confidense: high\n");
    assert_int_equal(chdir(place->dir), 0);
    assert_false(config_load(place, ".", NULL, rules, place->models, &place->config, &place->err));
    assert_string_equal(err_text(place, &place->err),
                        ".snarl.yml:1:1: error: unknown key 'confidense': did you mean "
                        "'confidence'?");
    assert_int_equal(chdir(before), 0);
    free(before);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_place, remove_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_a_file_defaults_hold),
        TEST(the_nearest_file_above_is_read),
        TEST(a_named_file_is_read_instead),
        TEST(what_makes_a_run_fail_is_read),
        TEST(severities_of_rules_are_read),
        TEST(a_named_file_must_exist),
        TEST(a_folder_is_no_file),
        TEST(a_long_file_is_read_to_its_end),
        TEST(its_models_are_added),
        TEST(an_empty_file_says_nothing),
        TEST(mistakes_are_told_with_their_place),
        TEST(a_file_in_the_current_folder_has_a_short_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
