#include "report/sarif_rules.h"

#include <ctype.h>
#include <string.h>

/* "check-then-act" -> "CheckThenAct". */
static char *pascal_case(void *owner, const char *id)
{
    char *name = mem_strdup(owner, id);
    char *end = name;
    bool upper = true;

    for (; *id != '\0'; id++) {
        if (*id == '-') {
            upper = true;
            continue;
        }
        *end++ = upper ? (char)toupper((unsigned char)*id) : *id;
        upper = false;
    }
    *end = '\0';
    return name;
}

/* The paragraph below a rule page's title, as one line; NULL: the page has none. */
static char *first_paragraph(void *owner, const char *page)
{
    char *paragraph = NULL;

    for (size_t n; *page != '\0'; page += n + (page[n] == '\n')) {
        n = strcspn(page, "\n");
        bool is_text = n > 0 && page[0] != '#';
        if (is_text) {
            mem_append(owner, &paragraph, "%s%.*s", paragraph == NULL ? "" : " ", (int)n, page);
        } else if (paragraph != NULL) {
            break;
        }
    }
    return paragraph;
}

static void put_descriptions(json_t *descriptor, const struct report *report,
                             const struct rule *rule)
{
    void *scratch = mem_owner(NULL, "descriptions");
    const char *page = report->rule_help == NULL ? NULL : report->rule_help(rule->id);
    const char *paragraph = page == NULL ? NULL : first_paragraph(scratch, page);

    tree_put(descriptor, "shortDescription", tree_message(rule->summary));
    tree_put(descriptor, "fullDescription",
             tree_message(paragraph == NULL ? rule->summary : paragraph));
    json_t *help = tree_put(descriptor, "help", tree_message(page == NULL ? rule->summary : page));
    if (page != NULL) {
        tree_put(help, "markdown", tree_text(page));
    }
    talloc_free(scratch);
}

/* How GitHub's code scanning sorts alerts: from 7.0 on "high", from 4.0 on "medium", below "low".
 */
static const char *security_severity(const struct rule *rule)
{
    if (strcmp(rule->level, "error") == 0) {
        return "7.5";
    }
    return strcmp(rule->level, "warning") == 0 ? "5.0" : "2.0";
}

/* Properties as GitHub's code scanning reads them: CWE numbers have at least three digits there, a
 * result is one of security if it has both the tag and the severity, and precision is how many of
 * the results are true (docs/trials.md: about nine in ten). */
static json_t *rule_properties(const struct rule *rule)
{
    json_t *properties = tree_object();
    json_t *tags = tree_put(properties, "tags", tree_array());

    tree_push(tags, tree_text("security"));
    tree_push(tags, tree_text("concurrency"));
    if (rule->cwe > 0) {
        char *tag = mem_printf(NULL, "external/cwe/cwe-%03d", rule->cwe);
        tree_push(tags, tree_text(tag));
        talloc_free(tag);
    }
    tree_put(properties, "precision", tree_text("high"));
    tree_put(properties, "security-severity", tree_text(security_severity(rule)));
    tree_put(properties, "problem.severity",
             tree_text(strcmp(rule->level, "note") == 0 ? "recommendation" : rule->level));
    return properties;
}

static json_t *descriptor_of(const struct report *report, const struct rule *rule)
{
    json_t *descriptor = tree_object();
    char *name = pascal_case(NULL, rule->id);

    tree_put(descriptor, "id", tree_text(rule->id));
    tree_put(descriptor, "name", tree_text(name));
    put_descriptions(descriptor, report, rule);
    json_t *configuration = tree_put(descriptor, "defaultConfiguration", tree_object());
    tree_put(configuration, "level", tree_text(rule->level));
    tree_put(descriptor, "properties", rule_properties(rule));
    talloc_free(name);
    return descriptor;
}

json_t *sarif_rules(const struct report *report)
{
    json_t *rules = tree_array();

    for (size_t i = 0; i < report->n_rules; i++) {
        tree_push(rules, descriptor_of(report, &report->rules[i]));
    }
    return rules;
}

bool sarif_rule_index(const struct report *report, const struct rule *rule, size_t *ret_index)
{
    for (size_t i = 0; i < report->n_rules; i++) {
        if (strcmp(report->rules[i].id, rule->id) == 0) {
            *ret_index = i;
            return true;
        }
    }
    return false;
}
