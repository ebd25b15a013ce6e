/* json.c - findings for scripts: one object, stable keys. Columns count bytes from 1; a line or
 * column that is not known is 0, other things that are not known are null. */
#include "report/tree.h"
#include "report/write.h"

static void put_place(json_t *object, const struct report *report, struct loc where)
{
    tree_put(object, "file", tree_text(report_path(report->root, where.file)));
    tree_put(object, "line", tree_number(where.line));
    tree_put(object, "column", tree_number(where.column));
}

static json_t *step_json(const struct report *report, const struct finding_step *step)
{
    json_t *object = tree_object();

    put_place(object, report, step->where);
    tree_put(object, "text", tree_text(step->text));
    tree_put(object, "held", tree_text(step->held));
    tree_put(object, "depth", tree_number(step->depth));
    return object;
}

static json_t *thread_json(const struct report *report, const struct finding_thread *thread)
{
    json_t *object = tree_object();

    tree_put(object, "title", tree_text(thread->title));
    json_t *steps = tree_put(object, "steps", tree_array());
    for (size_t i = 0; i < thread->steps.n; i++) {
        tree_push(steps, step_json(report, &thread->steps.v[i]));
    }
    return object;
}

static json_t *related_json(const struct report *report, const struct finding_place *place)
{
    json_t *object = tree_object();

    put_place(object, report, place->where);
    tree_put(object, "text", tree_text(place->text));
    return object;
}

static json_t *assumptions_json(const struct finding *finding)
{
    json_t *list = tree_array();

    for (size_t i = 0; i < finding->assumptions.n; i++) {
        json_t *object = tree_push(list, tree_object());
        tree_put(object, "text", tree_text(finding->assumptions.v[i].text));
        tree_put(object, "claim_if_not", tree_text(finding->assumptions.v[i].claim));
    }
    return list;
}

static json_t *finding_json(const struct report *report, const struct finding *finding)
{
    json_t *object = tree_object();

    tree_put(object, "rule", tree_text(finding->rule->id));
    put_place(object, report, finding->where);
    tree_put(object, "message", tree_text(finding->message));
    tree_put(object, "severity", tree_text(level_name(finding->severity)));
    tree_put(object, "confidence", tree_text(level_name(finding->confidence)));
    json_t *reasons = tree_put(object, "reasons", tree_array());
    for (size_t i = 0; i < finding->reasons.n; i++) {
        tree_push(reasons, tree_text(finding->reasons.v[i]));
    }
    json_t *threads = tree_put(object, "threads", tree_array());
    for (size_t i = 0; i < finding->threads.n; i++) {
        tree_push(threads, thread_json(report, &finding->threads.v[i]));
    }
    json_t *related = tree_put(object, "related", tree_array());
    for (size_t i = 0; i < finding->related.n; i++) {
        tree_push(related, related_json(report, &finding->related.v[i]));
    }
    tree_put(object, "cure", tree_text(finding->cure));
    tree_put(object, "assumptions", assumptions_json(finding));
    tree_put(object, "fingerprint", tree_text(finding->fingerprint));
    return object;
}

static json_t *problem_json(const struct report *report, const struct err *problem)
{
    struct loc where = problem->where;
    json_t *object = tree_object();

    where.file = problem_file(problem);
    put_place(object, report, where);
    tree_put(object, "message", tree_text(problem->text));
    return object;
}

bool json_write(const struct report *report, struct sources *sources, FILE *out)
{
    json_t *root = tree_object();

    (void)sources;
    tree_put(root, "version", tree_number(1));
    json_t *tool = tree_put(root, "tool", tree_object());
    tree_put(tool, "name", tree_text("snarl"));
    tree_put(tool, "version", tree_text(SNARL_VERSION));
    json_t *findings = tree_put(root, "findings", tree_array());
    for (size_t i = 0; i < report->n_findings; i++) {
        tree_push(findings, finding_json(report, report->findings[i]));
    }
    json_t *problems = tree_put(root, "problems", tree_array());
    for (size_t i = 0; i < report->n_problems; i++) {
        tree_push(problems, problem_json(report, &report->problems[i]));
    }
    tree_put(root, "hidden", tree_number(report->n_hidden));
    tree_put(root, "foreign", tree_number(report->n_foreign));
    tree_put(root, "allowed", tree_number(report->n_allowed));
    tree_put(root, "known", tree_number(report->n_known));
    tree_put(root, "gone", tree_number(report->n_absent));
    return tree_write(root, out);
}
