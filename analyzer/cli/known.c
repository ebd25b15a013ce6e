#include "known.h"

#include "answer.h"
#include "cmd.h"

enum { KEY_BASELINE = 640, KEY_WRITE };

static const struct argp_option option_table[] = {
    {"baseline", KEY_BASELINE, "FILE", 0,
     "findings that this file has are known: they are not shown and don't count", 0},
    {"write-baseline", KEY_WRITE, "FILE", 0,
     "write all shown findings to it: from now on they are known; with --baseline only those "
     "of it that are still there",
     0},
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
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp known_argp = {.options = option_table, .parser = parse};

bool known_open(struct run *run, const struct known_options *options, struct known *ret,
                struct err *err)
{
    *ret = (struct known){.is_asked = options->baseline != NULL};
    if (options->write != NULL && run->options->words.n > 0 && !run->options->has_cflags) {
        err_set(err, ERR_USAGE, (struct loc){0},
                "a baseline is of the whole program: leave FILES out to write one");
        return false;
    }
    return !ret->is_asked || baseline_read(run, options->baseline, &ret->old, err);
}

void known_compare(struct run *run, const struct finding_list *all, struct known *known)
{
    struct baseline now;

    if (known->is_asked) {
        baseline_of(run, run->root, sources_new(run), (const struct finding *const *)all->v, all->n,
                    &now);
        baseline_compare(&known->old, &now, all->v);
        known->gone = baseline_gone(run, run->root, &known->old);
    }
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
    if (options->write != NULL) {
        return NULL;
    }
    return options->baseline == NULL ? "" : answer_hash_of_file(run, options->baseline);
}
