/* cmd_rules.c - `snarl rules` and `snarl explain RULE`. */
#include "cmd.h"
#include "rules/rule.h"

#include <stdio.h>
#include <string.h>

int cmd_rules(int argc, char **argv)
{
    size_t n;
    const struct rule *rules = rules_all(&n);

    if (argc > 1) {
        (void)fprintf(stderr, "snarl: error: 'rules' takes no argument, not '%s'\n", argv[1]);
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < n; i++) {
        (void)printf("%-22s CWE-%-5d %s\n", rules[i].id, rules[i].cwe, rules[i].summary);
    }
    return EXIT_CLEAN;
}

int cmd_explain(int argc, char **argv)
{
    const char *id = argc == 2 ? argv[1] : NULL;
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
