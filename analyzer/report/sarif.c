/* sarif.c - findings for code scanning services and viewers: SARIF 2.1.0, one run.
 *
 * Numbers in comments are sections of "Static Analysis Results Interchange Format (SARIF) Version
 * 2.1.0", OASIS Standard, 27 March 2020.
 */
#include "report/sarif_flow.h"
#include "report/sarif_rules.h"
#include "report/tree.h"
#include "report/write.h"

#include <string.h>

#define SARIF_SCHEMA                                                                               \
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

/* relatedLocations (3.27.22): left out when there are none. GitHub includes 100 places of a result,
 * and refuses a log with a result that has more than 1,000. */
static void put_related(json_t *result, const struct sarif_run *run, const struct finding *finding)
{
    enum { PLACES_MAX = 99 }; /* and the primary one */

    if (finding->related.n == 0) {
        return;
    }
    json_t *list = tree_put(result, "relatedLocations", tree_array());
    for (size_t i = 0; i < finding->related.n && i < PLACES_MAX; i++) {
        const struct finding_place *place = &finding->related.v[i];
        json_t *location = tree_push(list, sarif_location(run, place->where));
        tree_put(location, "id", tree_number(i + 1));
        tree_put(location, "message", tree_message(place->text));
    }
}

static json_t *result_properties(const struct finding *finding)
{
    json_t *properties = tree_object();

    tree_put(properties, "confidence", tree_text(level_name(finding->confidence)));
    tree_put(properties, "severity", tree_text(level_name(finding->severity)));
    json_t *reasons = tree_put(properties, "reasons", tree_array());
    for (size_t i = 0; i < finding->reasons.n; i++) {
        tree_push(reasons, tree_text(finding->reasons.v[i]));
    }
    if (finding->cure != NULL) {
        tree_put(properties, "cure", tree_text(finding->cure));
    }
    if (finding->assumptions.n > 0) {
        json_t *assumptions = tree_put(properties, "assumptions", tree_array());
        for (size_t i = 0; i < finding->assumptions.n; i++) {
            tree_push(assumptions, tree_text(finding->assumptions.v[i].text));
        }
    }
    return properties;
}

/* partialFingerprints (3.27.17): ours, and the one by which GitHub's code scanning knows an alert
 * again. Its upload action works that one out where it is missing, its API does not. */
static void put_fingerprints(json_t *result, const struct sarif_run *run,
                             const struct finding *finding)
{
    json_t *prints = tree_put(result, "partialFingerprints", tree_object());
    char *hash = line_hash(NULL, run->hashes, finding->where);

    if (hash != NULL) {
        tree_put(prints, "primaryLocationLineHash", tree_text(hash));
    }
    tree_put(prints, "snarlFingerprint/v1", tree_text(finding->fingerprint));
    talloc_free(hash);
}

/* suppressions (3.27.23): an empty list says that it is not suppressed. */
static void put_suppressions(json_t *result, const struct finding *finding)
{
    json_t *list = tree_put(result, "suppressions", tree_array());

    if (finding->allowed != NULL) {
        json_t *suppression = tree_push(list, tree_object());
        tree_put(suppression, "kind", tree_text("inSource"));
        tree_put(suppression, "status", tree_text("accepted"));
        tree_put(suppression, "justification", tree_text(finding->allowed));
    }
}

/* baselineState (3.27.24); NULL: there is no baseline. */
static const char *baseline_state(const struct finding *finding)
{
    switch (finding->baseline) {
    case BASELINE_NONE:
        return NULL;
    case BASELINE_NEW:
        return "new";
    case BASELINE_UNCHANGED:
        break;
    }
    return "unchanged";
}

/* level (3.27.10): of the rule, but for what is a trifle, and where the settings say how bad it is.
 */
static const char *level_of(const struct finding *finding)
{
    static const char *const levels[] = {"note", "warning", "error"}; /* by enum level */

    return finding->severity_is_set         ? levels[finding->severity]
           : finding->severity == LEVEL_LOW ? "note"
                                            : finding->rule->level;
}

/* result (3.27). */
static json_t *result_of(const struct sarif_run *run, const struct finding *finding,
                         const char *baseline)
{
    json_t *result = tree_object();
    size_t index;

    tree_put(result, "ruleId", tree_text(finding->rule->id));
    if (sarif_rule_index(run->report, finding->rule, &index)) {
        tree_put(result, "ruleIndex", tree_number(index));
    }
    tree_put(result, "level", tree_text(level_of(finding)));
    tree_put(result, "message", tree_message(finding->message));
    tree_put(result, "locations", sarif_locations(run, finding->where));
    put_related(result, run, finding);
    sarif_put_code_flow(result, run, finding);
    put_fingerprints(result, run, finding);
    put_suppressions(result, finding);
    if (baseline != NULL) {
        tree_put(result, "baselineState", tree_text(baseline));
    }
    tree_put(result, "properties", result_properties(finding));
    return result;
}

/* With the slash at its end that a folder's URI has. */
static json_t *root_uri(const char *root)
{
    bool has_slash = root[0] != '\0' && root[strlen(root) - 1] == '/';

    return sarif_uri("file://", root, has_slash ? "" : "/");
}

/* invocation (3.20): what could not be analysed makes the run incomplete, so not successful. */
static json_t *invocation_of(const struct sarif_run *run)
{
    const struct report *report = run->report;
    json_t *invocation = tree_object();

    tree_put(invocation, "executionSuccessful", mem_checked(json_boolean(report->n_problems == 0)));
    tree_put(invocation, "exitCode", tree_number(report->exit_code));
    if (report->root != NULL) { /* by this GitHub makes absolute URIs relative */
        json_t *directory = tree_put(invocation, "workingDirectory", tree_object());
        tree_put(directory, "uri", root_uri(report->root));
    }
    json_t *list = tree_put(invocation, "toolExecutionNotifications", tree_array());
    for (size_t i = 0; i < report->n_problems; i++) {
        const struct err *problem = &report->problems[i];
        struct loc where = problem->where;
        json_t *notification = tree_push(list, tree_object());
        where.file = problem_file(problem);
        tree_put(notification, "level", tree_text("error"));
        tree_put(notification, "message", tree_message(problem->text));
        tree_put(notification, "locations", sarif_locations(run, where));
    }
    return invocation;
}

/* automationDetails (3.14.3), only where a name was given: GitHub's upload action sets its own
 * category only where there are none. What follows the last slash would be the run's own name. */
static void put_category(json_t *object, const char *category)
{
    if (category != NULL) {
        char *id = mem_printf(NULL, "%s/", category);
        tree_put(tree_put(object, "automationDetails", tree_object()), "id", tree_text(id));
        talloc_free(id);
    }
}

static void put_tool(json_t *object, const struct report *report)
{
    json_t *tool = tree_put(object, "tool", tree_object());
    json_t *driver = tree_put(tool, "driver", tree_object());

    tree_put(driver, "name", tree_text("snarl"));
    tree_put(driver, "version", tree_text(SNARL_VERSION));
    tree_put(driver, "semanticVersion", tree_text(SNARL_VERSION));
    tree_put(driver, "rules", sarif_rules(report));
}

/* originalUriBaseIds (3.14.14): where the relative paths lay on this machine. */
static void put_root(json_t *object, const char *root)
{
    if (root == NULL) {
        return;
    }
    json_t *bases = tree_put(object, "originalUriBaseIds", tree_object());
    json_t *base = tree_put(bases, SARIF_ROOT, tree_object());
    tree_put(base, "uri", root_uri(root));
}

static void push_results(json_t *results, const struct sarif_run *run,
                         const struct finding *const *findings, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        tree_push(results, result_of(run, findings[i], baseline_state(findings[i])));
    }
}

/* What is shown, then what the baseline knows, what comments allow, and what is gone. */
static void put_results(json_t *object, const struct sarif_run *run)
{
    const struct report *report = run->report;
    json_t *results = tree_put(object, "results", tree_array());

    push_results(results, run, report->findings, report->n_findings);
    push_results(results, run, report->known, report->n_known);
    push_results(results, run, report->allowed, report->n_allowed);
    for (size_t i = 0; i < report->n_absent; i++) {
        tree_push(results, result_of(run, report->absent[i], "absent"));
    }
}

bool sarif_write(const struct report *report, struct sources *sources, FILE *out)
{
    void *scratch = mem_owner(NULL, "sarif");
    const struct sarif_run run = {report, sources, line_hashes_new(scratch, sources)};
    json_t *log = tree_object();

    tree_put(log, "$schema", tree_text(SARIF_SCHEMA));
    tree_put(log, "version", tree_text("2.1.0"));
    json_t *object = tree_push(tree_put(log, "runs", tree_array()), tree_object());
    put_tool(object, report);
    tree_put(object, "columnKind", tree_text("unicodeCodePoints"));
    put_root(object, report->root);
    put_category(object, report->category);
    json_t *invocations = tree_put(object, "invocations", tree_array());
    tree_push(invocations, invocation_of(&run));
    put_results(object, &run);
    talloc_free(scratch);
    return tree_write(log, out);
}
