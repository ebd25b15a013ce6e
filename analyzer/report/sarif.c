/* sarif.c - findings for code scanning services and viewers: SARIF 2.1.0, one run.
 *
 * Numbers in comments are sections of "Static Analysis Results Interchange Format (SARIF) Version
 * 2.1.0", OASIS Standard, 27 March 2020.
 */
#include "report/sarif_rules.h"
#include "report/tree.h"
#include "report/utf8.h"
#include "report/write.h"

#include <string.h>

#define SARIF_SCHEMA                                                                               \
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
#define ROOT_NAME "%SRCROOT%"

struct sarif_run {
    const struct report *report;
    struct sources *sources;
};

/* `prefix`, then `path` percent-encoded but for its slashes (RFC 3986, 2.3: "unreserved"; a colon
 * in the first segment of a relative reference would look like a scheme), then `suffix`. */
static json_t *uri_text(const char *prefix, const char *path, const char *suffix)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
    char *uri = mem_strdup(NULL, prefix);

    while (*path != '\0') {
        size_t n = strspn(path, plain);
        mem_append(NULL, &uri, "%.*s", (int)n, path);
        path += n;
        if (*path != '\0') {
            mem_append(NULL, &uri, "%%%02X", (unsigned char)*path++);
        }
    }
    mem_append(NULL, &uri, "%s", suffix);
    json_t *text = tree_text(uri);
    talloc_free(uri);
    return text;
}

/* artifactLocation (3.4): relative to the root where possible. */
static json_t *artifact_location(const struct sarif_run *run, const char *path)
{
    const char *shown = report_path(run->report->root, path);
    json_t *location = tree_object();

    tree_put(location, "uri", uri_text(shown[0] == '/' ? "file://" : "", shown, ""));
    if (shown[0] != '/') {
        tree_put(location, "uriBaseId", tree_text(ROOT_NAME));
    }
    return location;
}

/* region (3.30). Our columns are bytes, SARIF's are characters: without the line there is no way
 * from the one to the other, and the column is left out. */
static json_t *region_of(const struct sarif_run *run, struct loc where)
{
    json_t *region = tree_object();
    size_t n;
    const char *line = sources_line(run->sources, where, &n);

    tree_put(region, "startLine", tree_number(where.line));
    if (line != NULL && where.column > 0 && where.column - 1 <= n) {
        tree_put(region, "startColumn", tree_number(utf8_count(line, where.column - 1) + 1));
    }
    return region;
}

/* location (3.28): empty for no place, which means "unknown" there. */
static json_t *location_of(const struct sarif_run *run, struct loc where)
{
    json_t *location = tree_object();

    if (where.file == NULL) {
        return location;
    }
    json_t *physical = tree_put(location, "physicalLocation", tree_object());
    tree_put(physical, "artifactLocation", artifact_location(run, where.file));
    if (where.line > 0) {
        tree_put(physical, "region", region_of(run, where));
    }
    return location;
}

/* The locations array of a result or notification. */
static json_t *locations_of(const struct sarif_run *run, struct loc where)
{
    json_t *locations = tree_array();

    if (where.file != NULL) {
        tree_push(locations, location_of(run, where));
    }
    return locations;
}

/* threadFlowLocation (3.38). */
static json_t *step_location(const struct sarif_run *run, const struct finding_step *step,
                             size_t order)
{
    json_t *object = tree_object();
    json_t *location = tree_put(object, "location", location_of(run, step->where));

    tree_put(location, "message", tree_message(step->text));
    if (step->held != NULL) {
        json_t *state = tree_put(object, "state", tree_object());
        tree_put(state, "held", tree_message(step->held[0] == '\0' ? "nothing" : step->held));
    }
    tree_put(object, "nestingLevel", tree_number(step->depth));
    tree_put(object, "executionOrder", tree_number(order));
    return object;
}

/* threadFlow (3.37). Each thread's steps are numbered from 1, which says that the threads run side
 * by side (3.38.11: equal numbers mean "at the same time"): no single interleaving is claimed. */
static json_t *thread_flow(const struct sarif_run *run, const struct finding_thread *thread)
{
    json_t *flow = tree_object();

    tree_put(flow, "message", tree_message(thread->title));
    json_t *locations = tree_put(flow, "locations", tree_array());
    for (size_t i = 0; i < thread->steps.n; i++) {
        tree_push(locations, step_location(run, &thread->steps.v[i], i + 1));
    }
    return flow;
}

/* codeFlows (3.36) of a finding: one, or none without steps; a flow must not be empty. */
static void put_code_flow(json_t *result, const struct sarif_run *run,
                          const struct finding *finding)
{
    json_t *flows = tree_array();

    for (size_t i = 0; i < finding->threads.n; i++) {
        if (finding->threads.v[i].steps.n > 0) {
            tree_push(flows, thread_flow(run, &finding->threads.v[i]));
        }
    }
    if (json_array_size(flows) == 0) {
        json_decref(flows);
        return;
    }
    json_t *code_flow = tree_push(tree_put(result, "codeFlows", tree_array()), tree_object());
    if (finding->cure != NULL) {
        char *text = mem_printf(NULL, "Cure: %s", finding->cure);
        tree_put(code_flow, "message", tree_message(text));
        talloc_free(text);
    }
    tree_put(code_flow, "threadFlows", flows);
}

/* relatedLocations (3.27.22): left out when there are none. */
static void put_related(json_t *result, const struct sarif_run *run, const struct finding *finding)
{
    if (finding->related.n == 0) {
        return;
    }
    json_t *list = tree_put(result, "relatedLocations", tree_array());
    for (size_t i = 0; i < finding->related.n; i++) {
        const struct finding_place *place = &finding->related.v[i];
        json_t *location = tree_push(list, location_of(run, place->where));
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
    return properties;
}

/* result (3.27). */
static json_t *result_of(const struct sarif_run *run, const struct finding *finding)
{
    json_t *result = tree_object();
    const char *level = finding->severity == LEVEL_LOW ? "note" : finding->rule->level;
    size_t index;

    tree_put(result, "ruleId", tree_text(finding->rule->id));
    if (sarif_rule_index(run->report, finding->rule, &index)) {
        tree_put(result, "ruleIndex", tree_number(index));
    }
    tree_put(result, "level", tree_text(level));
    tree_put(result, "message", tree_message(finding->message));
    tree_put(result, "locations", locations_of(run, finding->where));
    put_related(result, run, finding);
    put_code_flow(result, run, finding);
    json_t *prints = tree_put(result, "partialFingerprints", tree_object());
    tree_put(prints, "snarlFingerprint/v1", tree_text(finding->fingerprint));
    tree_put(result, "properties", result_properties(finding));
    return result;
}

/* invocation (3.20): what could not be analysed makes the run incomplete, so not successful. */
static json_t *invocation_of(const struct sarif_run *run)
{
    const struct report *report = run->report;
    json_t *invocation = tree_object();

    tree_put(invocation, "executionSuccessful", mem_checked(json_boolean(report->n_problems == 0)));
    json_t *list = tree_put(invocation, "toolExecutionNotifications", tree_array());
    for (size_t i = 0; i < report->n_problems; i++) {
        const struct err *problem = &report->problems[i];
        struct loc where = problem->where;
        json_t *notification = tree_push(list, tree_object());
        where.file = problem_file(problem);
        tree_put(notification, "level", tree_text("error"));
        tree_put(notification, "message", tree_message(problem->text));
        tree_put(notification, "locations", locations_of(run, where));
    }
    return invocation;
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
    json_t *base = tree_put(bases, ROOT_NAME, tree_object());
    bool has_slash = root[0] != '\0' && root[strlen(root) - 1] == '/';
    tree_put(base, "uri", uri_text("file://", root, has_slash ? "" : "/"));
}

bool sarif_write(const struct report *report, struct sources *sources, FILE *out)
{
    const struct sarif_run run = {.report = report, .sources = sources};
    json_t *log = tree_object();

    tree_put(log, "$schema", tree_text(SARIF_SCHEMA));
    tree_put(log, "version", tree_text("2.1.0"));
    json_t *object = tree_push(tree_put(log, "runs", tree_array()), tree_object());
    put_tool(object, report);
    tree_put(object, "columnKind", tree_text("unicodeCodePoints"));
    put_root(object, report->root);
    json_t *invocations = tree_put(object, "invocations", tree_array());
    tree_push(invocations, invocation_of(&run));
    json_t *results = tree_put(object, "results", tree_array());
    for (size_t i = 0; i < report->n_findings; i++) {
        tree_push(results, result_of(&run, report->findings[i]));
    }
    return tree_write(log, out);
}
