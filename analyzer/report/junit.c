/* junit.c - findings for services that show tests: JUnit's XML, as Jenkins and GitLab read it.
 *
 * Every rule is a suite, every finding a test that fails; a rule without findings is one test that
 * passes, so that it shows that it was asked. A finding below the severity that makes the run fail
 * passes, with its text as output; one that a comment allows is skipped, with the reason. A last
 * suite has the input that could not be analysed. Tests keep their names while lines move, so that
 * services see which are new.
 */
#include "report/text.h"
#include "report/write.h"
#include "report/xml.h"

#include <string.h>

struct junit_run {
    const struct report *report;
    struct sources *sources;
    FILE *out;
};

static bool is_failure(const struct report *report, const struct finding *finding)
{
    return (int)finding->severity >= (int)report->fail_on;
}

static bool is_off(const struct report *report, const struct rule *rule)
{
    for (size_t i = 0; i < report->off.n; i++) {
        if (strcmp(report->off.v[i], rule->id) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_of(const struct finding *finding, const struct rule *rule)
{
    return strcmp(finding->rule->id, rule->id) == 0;
}

/* What a suite or all suites have. */
struct counts {
    size_t tests;
    size_t failures;
    size_t errors;
    size_t skipped;
};

static struct counts counts_of(const struct report *report, const struct rule *rule)
{
    struct counts counts = {0};

    for (size_t i = 0; i < report->n_findings; i++) {
        if (is_of(report->findings[i], rule)) {
            counts.tests++;
            counts.failures += is_failure(report, report->findings[i]);
        }
    }
    for (size_t i = 0; i < report->n_allowed; i++) {
        counts.skipped += is_of(report->allowed[i], rule);
    }
    counts.tests += counts.skipped;
    counts.tests += counts.tests == 0;
    return counts;
}

static struct counts counts_of_input(const struct report *report)
{
    return (struct counts){.tests = report->n_problems > 0 ? report->n_problems : 1,
                           .errors = report->n_problems};
}

static void begin_suite(const struct junit_run *run, const char *name, struct counts counts)
{
    fputs("  <testsuite", run->out);
    xml_attribute(run->out, "name", name);
    fprintf(run->out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\">\n",
            counts.tests, counts.failures, counts.errors, counts.skipped);
}

static void end_suite(const struct junit_run *run)
{
    fputs("  </testsuite>\n", run->out);
}

static void begin_test(const struct junit_run *run, const char *class, const char *name)
{
    char *full = mem_printf(NULL, "snarl.%s", class);

    fputs("    <testcase", run->out);
    xml_attribute(run->out, "classname", full);
    xml_attribute(run->out, "name", name);
    talloc_free(full);
}

static void end_test(const struct junit_run *run)
{
    fputs("    </testcase>\n", run->out);
}

static void passing_test(const struct junit_run *run, const char *class, const char *name)
{
    begin_test(run, class, name);
    fputs("/>\n", run->out);
}

/* "src/a.c: seats_left (0123abcd)": without lines, and told apart by the fingerprint. */
static void begin_finding(const struct junit_run *run, const struct finding *finding)
{
    const char *path = report_path(run->report->root, finding->where.file);
    char *name = mem_printf(NULL, "%s: %s (%.8s)", path == NULL ? "no file" : path,
                            finding->subject == NULL ? finding->rule->id : finding->subject,
                            finding->fingerprint);

    begin_test(run, finding->rule->id, name);
    fputs(">\n", run->out);
    talloc_free(name);
}

/* The finding as text_write() tells it, between the tags of a failure or of output. */
static void put_story(const struct junit_run *run, const struct finding *finding)
{
    const char *path = report_path(run->report->root, finding->where.file);
    char *text = text_of_finding(NULL, run->report, run->sources, finding);

    if (path != NULL) {
        xml_text(run->out, path);
        fprintf(run->out, ":%u:%u: ", finding->where.line, finding->where.column);
    }
    xml_text(run->out, finding->message);
    fputc('\n', run->out);
    xml_text(run->out, text);
    talloc_free(text);
}

static void put_finding(const struct junit_run *run, const struct finding *finding)
{
    begin_finding(run, finding);
    if (is_failure(run->report, finding)) {
        fputs("      <failure", run->out);
        xml_attribute(run->out, "type", finding->rule->id);
        xml_attribute(run->out, "message", finding->message);
        fputc('>', run->out);
        put_story(run, finding);
        fputs("</failure>\n", run->out);
    } else {
        fputs("      <system-out>", run->out);
        put_story(run, finding);
        fputs("</system-out>\n", run->out);
    }
    end_test(run);
}

static void put_allowed(const struct junit_run *run, const struct finding *finding)
{
    begin_finding(run, finding);
    fputs("      <skipped>", run->out);
    xml_text(run->out, finding->allowed);
    fputs("</skipped>\n", run->out);
    end_test(run);
}

static void put_rule(const struct junit_run *run, const struct rule *rule)
{
    const struct report *report = run->report;
    bool any = false;

    begin_suite(run, rule->id, counts_of(report, rule));
    for (size_t i = 0; i < report->n_findings; i++) {
        if (is_of(report->findings[i], rule)) {
            put_finding(run, report->findings[i]);
            any = true;
        }
    }
    for (size_t i = 0; i < report->n_allowed; i++) {
        if (is_of(report->allowed[i], rule)) {
            put_allowed(run, report->allowed[i]);
            any = true;
        }
    }
    if (!any) {
        passing_test(run, rule->id, "no findings");
    }
    end_suite(run);
}

static void put_input(const struct junit_run *run)
{
    const struct report *report = run->report;

    begin_suite(run, "input", counts_of_input(report));
    for (size_t i = 0; i < report->n_problems; i++) {
        const struct err *problem = &report->problems[i];
        const char *file = report_path(report->root, problem_file(problem));
        begin_test(run, "input", file == NULL ? "the run" : file);
        fputs(">\n      <error type=\"not analysed\"", run->out);
        xml_attribute(run->out, "message", problem->text);
        fputs("/>\n", run->out);
        end_test(run);
    }
    if (report->n_problems == 0) {
        passing_test(run, "input", "all of it was analysed");
    }
    end_suite(run);
}

static void add(struct counts *total, struct counts counts)
{
    total->tests += counts.tests;
    total->failures += counts.failures;
    total->errors += counts.errors;
}

bool junit_write(const struct report *report, struct sources *sources, FILE *out)
{
    const struct junit_run run = {report, sources, out};
    struct counts total = counts_of_input(report);

    for (size_t i = 0; i < report->n_rules; i++) {
        if (!is_off(report, &report->rules[i])) {
            add(&total, counts_of(report, &report->rules[i]));
        }
    }
    fprintf(out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<testsuites name=\"snarl\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\">\n",
            total.tests, total.failures, total.errors);
    for (size_t i = 0; i < report->n_rules; i++) {
        if (!is_off(report, &report->rules[i])) {
            put_rule(&run, &report->rules[i]);
        }
    }
    put_input(&run);
    fputs("</testsuites>\n", out);
    return !ferror(out);
}
