/* gitlab.c - findings for GitLab's merge requests: a code quality report.
 *
 * It is a list of issues as Code Climate's analysers write them ("Code Climate Engine
 * Specification", Issues), of which GitLab reads description, check_name, fingerprint, severity,
 * location.path and location.lines.begin ("Code Quality", "Code Quality report format").
 */
#include "report/text.h"
#include "report/tree.h"
#include "report/write.h"

#include <string.h>

static const char *severity_of(const struct finding *finding)
{
    switch (finding->severity) {
    case LEVEL_LOW:
        return "minor";
    case LEVEL_MEDIUM:
        return "major";
    case LEVEL_HIGH:
        break;
    }
    return "critical";
}

/* Paths are relative to the repository, and every issue has a line. */
static json_t *location_of(const struct report *report, struct loc where)
{
    json_t *location = tree_object();
    const char *path = where.file == NULL ? "." : report_path(report->root, where.file);
    unsigned line = where.line > 0 ? where.line : 1;

    tree_put(location, "path", tree_text(path));
    json_t *lines = tree_put(location, "lines", tree_object());
    tree_put(lines, "begin", tree_number(line));
    tree_put(lines, "end", tree_number(line));
    return location;
}

/* The story in Markdown: as a block of code, which is what is indented by four blanks. */
static json_t *content_of(const struct report *report, struct sources *sources,
                          const struct finding *finding)
{
    void *scratch = mem_owner(NULL, "content");
    const char *text = text_of_finding(scratch, report, sources, finding);
    char *body = mem_strdup(scratch, "");
    json_t *content = tree_object();

    while (*text != '\0') {
        size_t n = strcspn(text, "\n");
        mem_append(scratch, &body, "    %.*s\n", (int)n, text);
        text += n + (text[n] == '\n');
    }
    tree_put(content, "body", tree_text(body));
    talloc_free(scratch);
    return content;
}

static json_t *issue_of(const struct report *report, struct sources *sources,
                        const struct finding *finding)
{
    json_t *issue = tree_object();

    tree_put(issue, "type", tree_text("issue"));
    tree_put(issue, "check_name", tree_text(finding->rule->id));
    tree_put(issue, "description", tree_text(finding->message));
    tree_put(issue, "content", content_of(report, sources, finding));
    tree_push(tree_put(issue, "categories", tree_array()), tree_text("Bug Risk"));
    tree_put(issue, "location", location_of(report, finding->where));
    if (finding->related.n > 0) {
        json_t *others = tree_put(issue, "other_locations", tree_array());
        for (size_t i = 0; i < finding->related.n; i++) {
            tree_push(others, location_of(report, finding->related.v[i].where));
        }
    }
    tree_put(issue, "severity", tree_text(severity_of(finding)));
    tree_put(issue, "fingerprint", tree_text(finding->fingerprint));
    return issue;
}

bool gitlab_write(const struct report *report, struct sources *sources, FILE *out)
{
    json_t *issues = tree_array();

    for (size_t i = 0; i < report->n_findings; i++) {
        tree_push(issues, issue_of(report, sources, report->findings[i]));
    }
    return tree_write(issues, out);
}
