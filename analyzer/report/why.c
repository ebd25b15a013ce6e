#include "report/why.h"

#include "report/story.h"
#include "report/tree.h"
#include "rules/rule.h"

/* A pair as a story: each function in its context, with the way to it. */
struct telling {
    const struct why *why;
    struct rule_run run;
    const struct meeting *meeting;
    struct finding *finding;
};

static bool is_at_once(const struct meeting *meeting)
{
    return meeting->apart == APART_NOT || meeting->apart == APART_INTERRUPTS;
}

/* "no", "yes"; what is known of no context can't be told. */
static const char *verdict(const struct why *why)
{
    const struct meetings *meetings = why->meetings;

    return meetings->v.n == 0 ? "not known" : is_at_once(&meetings->v.v[0]) ? "yes" : "no";
}

static const char *apart_name(enum apart apart)
{
    static const char *const names[] = {
        [APART_NOT] = NULL,
        [APART_INTERRUPTS] = "interrupts",
        [APART_LOCK] = "lock",
        [APART_ONE_THREAD] = "one-thread",
        [APART_PROGRAMS] = "programs",
        [APART_LOADED] = "module-load",
        [APART_NOT_RUNNING] = "not-running",
        [APART_BARRIER] = "barrier",
        [APART_SETTINGS] = "settings",
        [APART_ERRANDS] = "errands",
        [APART_SAID] = "never-together",
    };

    return names[apart];
}

static const char *handler_text(struct telling *t)
{
    const struct contexts *contexts = t->why->prog->contexts;
    const struct meeting_side *sides[] = {&t->meeting->a, &t->meeting->b};
    const char *text = "it is a handler's";

    for (size_t i = 0; i < 2; i++) {
        const struct context *context = &contexts->v.v[sides[i]->context.i];
        if (context->kind == CONTEXT_SIGNAL || context->kind == CONTEXT_EXIT) {
            text = mem_printf(t->run.owner,
                              context->kind == CONTEXT_SIGNAL
                                  ? "signal handler '%s' can interrupt the other one anywhere, "
                                    "unless the signal is blocked there"
                                  : "'%s' runs at exit, when the other one may be half done",
                              context->name);
        }
    }
    return text;
}

/* Why they can, or can't. */
static const char *because(struct telling *t)
{
    const struct prog *prog = t->why->prog;
    const struct meeting *meeting = t->meeting;
    const struct lockset *locks =
        meeting->apart == APART_LOCK && meeting->always->n > 0 ? meeting->always : meeting->common;
    const char *common = prog_tokens_text(t->run.owner, prog, locks);

    switch (meeting->apart) {
    case APART_NOT:
        if (meeting->alike->n > 0) {
            return mem_printf(t->run.owner,
                              "nothing keeps them apart where {%s} is another lock for each of "
                              "them",
                              prog_tokens_text(t->run.owner, prog, meeting->alike));
        }
        return locks->n == 0
                   ? "nothing keeps them apart"
                   : mem_printf(t->run.owner,
                                "only parts of them are kept apart, where both hold {%s}", common);
    case APART_INTERRUPTS:
        return handler_text(t);
    case APART_LOCK:
        return mem_printf(t->run.owner, "wherever they could meet, both hold {%s}", common);
    case APART_ONE_THREAD:
        return "one thread runs both, one after the other or one inside the other";
    case APART_PROGRAMS:
        return "they are never linked into one program";
    case APART_LOADED:
        return "one of them runs while the module is loaded, before all others";
    case APART_NOT_RUNNING:
        return "the thread of one has not been started yet, or was joined, when the other one runs";
    case APART_BARRIER:
        return "a barrier stands between them";
    case APART_SETTINGS:
        return "settings that never change let one of them run, or the other";
    case APART_ERRANDS:
        return "one works for the other, which waits until it is done";
    case APART_SAID:
        return "the settings say so, with 'never_together'";
    }
    return "";
}

static void add_side(struct telling *t, fn_id fn, const struct meeting_side *side)
{
    const struct prog *prog = t->why->prog;
    char *title = prog_context_title(t->run.owner, prog, side->context);
    size_t thread = finding_add_thread(
        t->finding, mem_printf(t->run.owner, "'%s' in %s", prog_fn_name(prog, fn), title));
    unsigned depth = finding_add_way_to(&t->run, t->finding, thread, side->at);
    struct site site = {fn.i, side->at.op.i};

    finding_add_step(&t->run, t->finding, thread, prog_loc_of(prog, site), depth, side->held,
                     t->meeting->apart == APART_NOT ? "can be here meanwhile" : "is here");
}

static void tell(struct telling *t, const struct meeting *meeting)
{
    static const struct rule none = {.id = "why"};

    t->run =
        (struct rule_run){.prog = t->why->prog, .rule = &none, .owner = mem_owner(NULL, "why")};
    t->meeting = meeting;
    t->finding = finding_new(&t->run, (struct loc){0}, "why");
    add_side(t, t->why->a, &meeting->a);
    add_side(t, t->why->b, &meeting->b);
}

bool why_write(const struct why *why, FILE *out)
{
    const struct prog *prog = why->prog;
    const struct meetings *meetings = why->meetings;
    struct telling t = {.why = why};

    (void)fprintf(out, "can '%s' and '%s' run at the same time? %s\n", prog_fn_name(prog, why->a),
                  prog_fn_name(prog, why->b), verdict(why));
    if (meetings->v.n == 0) {
        (void)fputs("no thread, callback or handler is seen to come to one of them\n", out);
    }
    for (size_t i = 0; i < meetings->v.n && (why->max == 0 || i < why->max); i++) {
        tell(&t, &meetings->v.v[i]);
        (void)fprintf(out, "\n%s: %s\n", is_at_once(t.meeting) ? "yes" : "no", because(&t));
        story_write(out, prog->root, 0, t.finding, NULL);
        talloc_free(t.run.owner);
    }
    if (why->max > 0 && meetings->v.n > why->max) {
        (void)fprintf(out,
                      "\n%zu more pairs of contexts, no closer than these (--all tells them)\n",
                      meetings->v.n - why->max);
    }
    return ferror(out) == 0;
}

static json_t *side_json(const struct prog *prog, const struct meeting_side *side,
                         const struct finding_thread *thread)
{
    json_t *object = tree_object();
    const struct context *context = &prog->contexts->v.v[side->context.i];

    tree_put(object, "context", tree_text(thread->title));
    tree_put(object, "entry", tree_text(context->name));
    json_t *steps = tree_put(object, "way", tree_array());
    for (size_t i = 0; i < thread->steps.n; i++) {
        const struct finding_step *step = &thread->steps.v[i];
        json_t *one = tree_push(steps, tree_object());
        tree_put(one, "file", tree_text(prog_file(prog, step->where.file)));
        tree_put(one, "line", tree_number(step->where.line));
        tree_put(one, "text", tree_text(step->text));
        tree_put(one, "held", tree_text(step->held));
        tree_put(one, "depth", tree_number(step->depth));
    }
    return object;
}

static json_t *locks_json(const struct prog *prog, const struct lockset *locks)
{
    char *text = prog_tokens_text(NULL, prog, locks);
    json_t *json = tree_text(text);

    talloc_free(text);
    return json;
}

bool why_write_json(const struct why *why, FILE *out)
{
    const struct prog *prog = why->prog;
    struct telling t = {.why = why};
    json_t *root = tree_object();

    tree_put(root, "version", tree_number(1));
    tree_put(root, "a", tree_text(prog_fn_name(prog, why->a)));
    tree_put(root, "b", tree_text(prog_fn_name(prog, why->b)));
    tree_put(root, "answer", tree_text(verdict(why)));
    json_t *pairs = tree_put(root, "pairs", tree_array());
    for (size_t i = 0; i < why->meetings->v.n; i++) {
        json_t *pair = tree_push(pairs, tree_object());
        tell(&t, &why->meetings->v.v[i]);
        tree_put(pair, "at_once", is_at_once(t.meeting) ? json_true() : json_false());
        tree_put(pair, "apart", tree_text(apart_name(t.meeting->apart)));
        tree_put(pair, "because", tree_text(because(&t)));
        tree_put(pair, "common", locks_json(prog, t.meeting->common));
        tree_put(pair, "alike", locks_json(prog, t.meeting->alike));
        tree_put(pair, "a", side_json(prog, &t.meeting->a, &t.finding->threads.v[0]));
        tree_put(pair, "b", side_json(prog, &t.meeting->b, &t.finding->threads.v[1]));
        talloc_free(t.run.owner);
    }
    return tree_write(root, out);
}
