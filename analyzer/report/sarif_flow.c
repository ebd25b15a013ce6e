#include "report/sarif_flow.h"

/* GitHub shows 1,000 steps of a result, and refuses a log with a result that has more than 10,000
 * ("SARIF support for code scanning", "Validating your SARIF file"). */
enum { STEPS_MAX = 1000 };

/* The steps of a thread that are told: all, or, of a longer one, its beginning and its end. */
struct told {
    size_t first; /* so many from the beginning */
    size_t next;  /* and all from this one on */
};

static struct told steps_told(const struct finding_thread *thread, size_t max)
{
    size_t n = thread->steps.n;
    size_t first = max / 2;

    return n <= max ? (struct told){n, n} : (struct told){first, n - (max - first)};
}

/* threadFlowLocation (3.38). All threads count in one order of execution (3.38.11): the one in
 * which the hazard happens. */
static json_t *step_location(const struct sarif_run *run, const struct finding_step *step)
{
    json_t *object = tree_object();
    json_t *location = tree_put(object, "location", sarif_location(run, step->where));

    tree_put(location, "message", tree_message(step->text));
    if (step->held != NULL) {
        json_t *state = tree_put(object, "state", tree_object());
        tree_put(state, "held", tree_message(step->held[0] == '\0' ? "nothing" : step->held));
    }
    tree_put(object, "nestingLevel", tree_number(step->depth));
    tree_put(object, "executionOrder", tree_number(step->order + 1));
    return object;
}

/* threadFlow (3.37). */
static json_t *thread_flow(const struct sarif_run *run, const struct finding_thread *thread,
                           size_t max)
{
    json_t *flow = tree_object();
    struct told told = steps_told(thread, max);
    char *title = mem_strdup(NULL, thread->title);

    if (told.next > told.first) {
        mem_append(NULL, &title, " (%zu of its %zu steps are left out)", told.next - told.first,
                   thread->steps.n);
    }
    tree_put(flow, "message", tree_message(title));
    json_t *locations = tree_put(flow, "locations", tree_array());
    for (size_t i = 0; i < thread->steps.n; i = i + 1 == told.first ? told.next : i + 1) {
        tree_push(locations, step_location(run, &thread->steps.v[i]));
    }
    talloc_free(title);
    return flow;
}

void sarif_put_code_flow(json_t *result, const struct sarif_run *run, const struct finding *finding)
{
    json_t *flows = tree_array();

    for (size_t i = 0; i < finding->threads.n; i++) {
        const struct finding_thread *thread = &finding->threads.v[i];
        if (thread->steps.n > 0) { /* a flow must not be empty */
            tree_push(flows, thread_flow(run, thread, STEPS_MAX / finding->threads.n));
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
