#include "known.h"

#include "answer.h"
#include "cmd.h"

enum { KEY_BASELINE = 640, KEY_WRITE, KEY_SINCE };

static const struct argp_option option_table[] = {
    {"baseline", KEY_BASELINE, "FILE", 0,
     "findings that this file has are known: they are not shown and don't count", 0},
    {"write-baseline", KEY_WRITE, "FILE", 0,
     "write all shown findings to it: from now on they are known; with --baseline only those "
     "of it that are still there",
     0},
    {"since", KEY_SINCE, "REV", 0,
     "only what the changes since this git revision cause, in whatever file it shows", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct known_options *options = state->input;

    switch (key) {
    case KEY_BASELINE:
        options->baseline = arg;
        return 0;
    case KEY_WRITE:
        options->write = arg;
        return 0;
    case KEY_SINCE:
        options->since = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp known_argp = {.options = option_table, .parser = parse};

bool known_open(struct run *run, const struct known_options *options, struct known *ret,
                struct err *err)
{
    *ret = (struct known){.has_baseline = options->baseline != NULL,
                          .has_since = options->since != NULL};
    if (options->write != NULL && run->options->words.n > 0 && !run->options->has_cflags) {
        err_set(err, ERR_USAGE, (struct loc){0},
                "a baseline is of the whole program: leave FILES out to write one");
        return false;
    }
    return (!ret->has_baseline || baseline_read(run, options->baseline, &ret->old, err)) &&
           (!ret->has_since || since_find(run, options->since, &ret->since, err));
}

/* A finding is known if either knows it. */
static void compare_both(struct known *known, const struct finding_list *all)
{
    bool *before = mem_array(NULL, bool, all->n + 1);

    if (known->has_baseline) {
        baseline_compare(&known->old, &known->now, all->v);
    }
    for (size_t i = 0; i < all->n; i++) {
        before[i] = all->v[i]->baseline == BASELINE_UNCHANGED;
    }
    if (known->has_since) {
        baseline_compare(&known->since.findings, &known->now, all->v);
    }
    for (size_t i = 0; i < all->n; i++) {
        all->v[i]->baseline = before[i] ? BASELINE_UNCHANGED : all->v[i]->baseline;
    }
    talloc_free(before);
}

void known_compare(struct run *run, const struct finding_list *all, struct known *known)
{
    if (known->has_baseline || known->has_since) {
        baseline_of(run, run->root, sources_new(run), (const struct finding *const *)all->v, all->n,
                    &known->now);
        compare_both(known, all);
    }
    if (known->has_baseline) {
        known->gone = baseline_gone(run, run->root, &known->old);
    }
}

bool known_keep(struct run *run, const struct known *known, struct err *err)
{
    return !known->has_since || since_keep(run, &known->since, &known->now, err);
}

bool known_write(struct run *run, const struct known_options *options, struct selection *selection,
                 FILE *said, struct err *err)
{
    struct baseline now;

    if (options->write == NULL) {
        return true;
    }
    for (size_t i = 0; i < selection->shown.n && options->baseline == NULL; i++) {
        vec_push(run, &selection->known, selection->shown.v[i]);
    }
    selection->shown.n = options->baseline == NULL ? 0 : selection->shown.n;
    baseline_of(run, run->root, sources_new(run), selection->known.v, selection->known.n, &now);
    if (!baseline_write(&now, options->write, err)) {
        return false;
    }
    if (!run->options->quiet) {
        (void)fprintf(said, "snarl: note: %s now has %zu finding%s\n", options->write, now.v.n,
                      now.v.n == 1 ? "" : "s");
    }
    return true;
}

const char *known_question(struct run *run, const struct known_options *options)
{
    if (options->write != NULL || options->since != NULL) {
        return NULL; /* a revision's name can come to mean another one */
    }
    return options->baseline == NULL ? "" : answer_hash_of_file(run, options->baseline);
}
