#include "since.h"

#include "answer.h"
#include "triage/fingerprint.h"
#include "triage/git.h"

#include <string.h>

static const char question[] = "findings";

/* The run over what was, with `overlay` filled. */
static struct run *old_run(void *owner, const struct git_changes *changes,
                           struct frontend_overlay *overlay)
{
    struct run *old = run_new();

    (void)mem_steal(owner, old);
    for (size_t i = 0; i < changes->v.n; i++) {
        const struct git_change *change = &changes->v.v[i];
        if (change->text == NULL) {
            vec_push(old, &old->absent, change->path);
        } else {
            struct frontend_unsaved file = {change->path, change->text, change->size};
            vec_push(owner, &overlay->files, file);
        }
    }
    old->overlay = overlay;
    return old;
}

static struct sources *old_sources(void *owner, const struct frontend_overlay *overlay)
{
    struct sources *sources = sources_new(owner);

    for (size_t i = 0; i < overlay->files.n; i++) {
        const struct frontend_unsaved *file = &overlay->files.v[i];
        sources_put(sources, file->path, file->text, file->size);
    }
    return sources;
}

static bool find_kept(struct run *old, void *owner, struct since *ret)
{
    struct facts_answer answer;

    if (!answer_key(old, question, &ret->key) ||
        !facts_find_answer(old->facts, owner, ret->key, &answer)) {
        return false;
    }
    ret->text = answer.out;
    return baseline_parse(owner, answer.out, answer.out_size, &ret->findings);
}

static bool work_out(struct run *old, void *owner, struct since *ret, struct err *err)
{
    struct baseline found;

    if (!run_analyse(old, err)) {
        return false;
    }
    struct finding_list all =
        rules_run(old, old->prog, &old->config, run_limits(old->options).jobs);
    fingerprint_all(&all);
    baseline_of(old, old->root, old_sources(old, old->overlay),
                (const struct finding *const *)all.v, all.n, &found);
    const char *text = baseline_text(owner, &found); /* outlives the old run */
    ret->text = run_is_complete(old) && answer_key(old, question, &ret->key) ? text : NULL;
    return baseline_parse(owner, text, strlen(text), &ret->findings);
}

bool since_find(struct run *run, const char *rev, struct since *ret, struct err *err)
{
    void *scratch = mem_owner(NULL, "since");
    struct git_changes changes;
    struct frontend_overlay overlay = {{NULL, 0}};
    struct common_options options = *run->options;
    bool ok = git_changes_since(scratch, rev, &changes, err);

    *ret = (struct since){.text = NULL};
    options.quiet = true; /* all that there is to say is said of the present files */
    if (ok) {
        struct run *old = old_run(scratch, &changes, &overlay);
        ok = run_open(old, &options, err) &&
             (find_kept(old, run, ret) || work_out(old, run, ret, err));
    }
    talloc_free(scratch);
    return ok;
}

static bool keep(struct run *run, struct facts_hash key, const char *text, struct err *err)
{
    struct facts_answer answer = {.out = text, .out_size = strlen(text), .said = ""};

    return facts_keep_answer(run->facts, key, &answer, err);
}

bool since_keep(struct run *run, const struct since *since, const struct baseline *now,
                struct err *err)
{
    struct facts_hash key;

    if (since->text != NULL && !keep(run, since->key, since->text, err)) {
        return false;
    }
    return !run_is_complete(run) || !answer_key(run, question, &key) ||
           keep(run, key, baseline_text(run, now), err);
}
