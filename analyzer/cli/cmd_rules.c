/* cmd_rules.c - `snarl rules` and `snarl explain RULE`. */
#include "cmd.h"
#include "rules/rule.h"

#include <argp.h>
#include <stdio.h>
#include <string.h>

static error_t parse_nothing(int key, char *arg, struct argp_state *state)
{
    (void)state;
    (void)arg;
    (void)key;
    return ARGP_ERR_UNKNOWN; /* argp then complains of an argument itself */
}

static error_t parse_rule(int key, char *arg, struct argp_state *state)
{
    const char **rule = state->input;

    if (key != ARGP_KEY_ARG || *rule != NULL) {
        return ARGP_ERR_UNKNOWN;
    }
    *rule = arg;
    return 0;
}

const struct argp cmd_rules_argp = {.parser = parse_nothing, .doc = "List the rules."};
const struct argp cmd_explain_argp = {
    .parser = parse_rule, .args_doc = "RULE", .doc = "Print a rule's page."};

int cmd_rules(int argc, char **argv)
{
    size_t n;
    const struct rule *rules = rules_all(&n);

    argp_parse(&cmd_rules_argp, argc, argv, 0, NULL, NULL);
    for (size_t i = 0; i < n; i++) {
        (void)printf("%-22s CWE-%-5d %s\n", rules[i].id, rules[i].cwe, rules[i].summary);
    }
    return EXIT_CLEAN;
}

int cmd_explain(int argc, char **argv)
{
    const char *id = NULL;

    argp_parse(&cmd_explain_argp, argc, argv, 0, NULL, &id);
    const char *page = id == NULL ? NULL : rules_page(id);
    if (page != NULL) {
        (void)fputs(page, stdout);
        return EXIT_CLEAN;
    }
    if (id == NULL) {
        (void)fputs("snarl: error: 'explain' takes one rule; the rules are:\n", stderr);
    } else {
        (void)fprintf(stderr, "snarl: error: no rule '%s'; the rules are:\n", id);
    }
    size_t n;
    const struct rule *rules = rules_all(&n);
    for (size_t i = 0; i < n; i++) {
        (void)fprintf(stderr, "  %s\n", rules[i].id);
    }
    return EXIT_USAGE;
}
