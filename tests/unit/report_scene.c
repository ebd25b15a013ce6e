#include "report_scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct rule scene_rules[2] = {
    {"check-then-act", "a test no longer holds when it is acted on", 367, "warning"},
    {"data-race", "two threads use a variable without a lock in common", 79, "error"},
};

static const char bank_source[] = "int balance;\n"
                                  "\n"
                                  "void pay(int n)\n"
                                  "{\n"
                                  "\tbalance -= n;\n"
                                  "\tsave(\"\xC3\xA4\", balance);\n"
                                  "}\n";

void scene_write(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

const char *scene_help(const char *rule_id)
{
    return strcmp(rule_id, "check-then-act") == 0 ? "# check-then-act   warning\n"
                                                    "A value is tested,\n"
                                                    "the old test is acted on.\n"
                                                    "## Why it hurts\n"
                                                    "more\n"
                                                  : NULL;
}

static void add_step(struct scene *scene, struct finding_thread *thread, uint32_t line,
                     const char *text, const char *held, unsigned depth)
{
    struct loc where = {.file = scene->file, .line = line, .column = 1};
    struct finding_step step = {.where = where,
                                .text = text,
                                .held = held,
                                .depth = depth,
                                .order = scene->finding.n_steps++};

    vec_push(scene, &thread->steps, step);
}

static void add_threads(struct scene *scene)
{
    struct finding_thread teller = {.title = "thread 'teller', started in a loop at bank.c:40"};
    struct finding_thread other = {.title = "another thread 'teller'"};

    add_step(scene, &teller, 3, "calls 'pay'", "", 0);
    add_step(scene, &teller, 5, "writes 'balance' (the act)", "a.mu, b.mu", 1);
    add_step(scene, &other, 5, "writes 'balance' meanwhile", NULL, 0);
    vec_push(scene, &scene->finding.threads, teller);
    vec_push(scene, &scene->finding.threads, other);
}

struct scene *scene_new(const char *name)
{
    struct scene *scene = mem_new(NULL, struct scene);

    strcpy(scene->root, "/tmp/snarl-report-XXXXXX");
    assert_non_null(mkdtemp(scene->root));
    scene->file = mem_printf(scene, "%s/%s", scene->root, name);
    scene_write(scene->file, bank_source);
    scene->finding = (struct finding){
        .rule = &scene_rules[0],
        .where = {.file = scene->file, .line = 5, .column = 2},
        .message = "'balance' can change between the test and the use",
        .severity = LEVEL_HIGH,
        .confidence = LEVEL_HIGH,
        .cure = "hold one lock from bank.c:3 to bank.c:5",
        .fingerprint = "0123456789abcdef0123456789abcdef",
    };
    vec_push(scene, &scene->finding.reasons, "'balance' is a global");
    vec_push(scene, &scene->finding.reasons, "4 threads run 'teller'");
    add_threads(scene);
    scene->list[0] = &scene->finding;
    scene->ranked[0] = (struct ranked_finding){&scene->finding, NULL};
    scene->report = (struct report){
        .findings = scene->list,
        .n_findings = 1,
        .ranked = scene->ranked,
        .n_ranked = 1,
        .rules = scene_rules,
        .n_rules = 2,
        .rule_help = scene_help,
        .root = scene->root,
    };
    return scene;
}

void scene_free(struct scene *scene)
{
    (void)unlink(scene->file);
    (void)rmdir(scene->root);
    talloc_free(scene);
}

char *scene_render(struct scene *scene, enum report_format format)
{
    struct err err = {0};
    char *bytes = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&bytes, &size);

    assert_non_null(out);
    assert_true(report_write(format, &scene->report, out, &err));
    assert_int_equal(fclose(out), 0);
    char *text = mem_strdup(scene, bytes);
    free(bytes);
    return text;
}

json_t *scene_parse(const char *text)
{
    json_error_t error;
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);

    if (root == NULL) {
        fail_msg("line %d: %s", error.line, error.text);
    }
    return root;
}
