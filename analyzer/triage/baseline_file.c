/* baseline_file.c - baselines to and from JSON. */
#include "report/tree.h"
#include "triage/baseline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VERSION = 1 };

/* ---- reading --------------------------------------------------------------------------------- */

static bool read_text(const json_t *object, const char *key, void *owner, const char **ret)
{
    const char *text = json_string_value(json_object_get(object, key));

    *ret = text == NULL ? NULL : mem_strdup(owner, text);
    return text != NULL;
}

static bool read_finding(const json_t *object, void *owner, struct past_finding *ret)
{
    *ret = (struct past_finding){.found = false};
    return read_text(object, "rule", owner, &ret->rule) &&
           read_text(object, "file", owner, &ret->file) &&
           read_text(object, "message", owner, &ret->message) &&
           read_text(object, "identity", owner, &ret->identity) &&
           read_text(object, "source", owner, &ret->source) &&
           read_text(object, "fingerprint", owner, &ret->fingerprint);
}

static bool read_findings(const json_t *root, const char *path, void *owner, struct baseline *ret,
                          struct err *err)
{
    const json_t *findings = json_object_get(root, "findings");
    size_t n = json_array_size(findings);

    for (size_t i = 0; i < n; i++) {
        struct past_finding past;
        if (!read_finding(json_array_get(findings, i), owner, &past)) {
            err_set(err, ERR_CONFIG, (struct loc){.file = path},
                    "entry %zu of this baseline lacks 'rule', 'file', 'message', 'identity', "
                    "'source' or 'fingerprint': write it anew with --write-baseline",
                    i + 1);
            return false;
        }
        vec_push(owner, &ret->v, past);
    }
    return true;
}

/* Is it one of ours, of a version that we know? */
static bool check_kind(const json_t *root, const char *path, struct err *err)
{
    const char *tool = json_string_value(json_object_get(root, "tool"));
    json_int_t version = json_integer_value(json_object_get(root, "version"));

    if (tool == NULL || strcmp(tool, "snarl") != 0 ||
        !json_is_array(json_object_get(root, "findings"))) {
        err_set(err, ERR_CONFIG, (struct loc){.file = path},
                "this is no baseline of snarl's: --write-baseline=FILE makes one");
        return false;
    }
    if (version != VERSION) {
        err_set(err, ERR_CONFIG, (struct loc){.file = path},
                "this baseline is of version %lld, this snarl reads version %d: write it anew with "
                "--write-baseline",
                (long long)version, VERSION);
        return false;
    }
    return true;
}

bool baseline_read(void *owner, const char *path, struct baseline *ret, struct err *err)
{
    FILE *in = fopen(path, "rb");
    json_error_t error;

    *ret = (struct baseline){{NULL, 0}};
    if (in == NULL) {
        err_set(err, ERR_CONFIG, (struct loc){.file = path},
                "can't read this baseline: %s; --write-baseline=FILE makes one", strerror(errno));
        return false;
    }
    json_t *root = json_loadf(in, JSON_REJECT_DUPLICATES, &error);
    (void)fclose(in);
    if (root == NULL) {
        struct loc where = {path, error.line > 0 ? (uint32_t)error.line : 0,
                            error.column > 0 ? (uint32_t)error.column : 0};
        err_set(err, ERR_CONFIG, where, "this baseline is not JSON: %s", error.text);
        return false;
    }
    bool ok = check_kind(root, path, err) && read_findings(root, path, owner, ret, err);
    json_decref(root);
    return ok;
}

bool baseline_parse(void *owner, const char *text, size_t n, struct baseline *ret)
{
    struct err ignored = {0};
    json_t *root = json_loadb(text, n, 0, NULL);

    *ret = (struct baseline){{NULL, 0}};
    bool ok = root != NULL && check_kind(root, "", &ignored) &&
              read_findings(root, "", owner, ret, &ignored);
    json_decref(root);
    return ok;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* A finding and its place in the list: those that are equal otherwise keep their order. */
struct numbered {
    const struct past_finding *past;
    size_t number;
};

static int by_file(const void *a, const void *b)
{
    const struct numbered *x = a;
    const struct numbered *y = b;
    int order = strcmp(x->past->file, y->past->file);

    order = order != 0 ? order : strcmp(x->past->rule, y->past->rule);
    order = order != 0 ? order : strcmp(x->past->identity, y->past->identity);
    return order != 0 ? order : (x->number > y->number) - (x->number < y->number);
}

static json_t *finding_json(const struct past_finding *past)
{
    json_t *object = tree_object();

    tree_put(object, "rule", tree_text(past->rule));
    tree_put(object, "file", tree_text(past->file));
    tree_put(object, "message", tree_text(past->message));
    tree_put(object, "identity", tree_text(past->identity));
    tree_put(object, "source", tree_text(past->source));
    tree_put(object, "fingerprint", tree_text(past->fingerprint));
    return object;
}

static json_t *baseline_json(const struct baseline *baseline)
{
    size_t n = baseline->v.n;
    struct numbered *sorted = mem_array(NULL, struct numbered, n + 1);
    json_t *root = tree_object();

    for (size_t i = 0; i < n; i++) {
        sorted[i] = (struct numbered){&baseline->v.v[i], i};
    }
    qsort(sorted, n, sizeof *sorted, by_file);
    tree_put(root, "tool", tree_text("snarl"));
    tree_put(root, "version", tree_number(VERSION));
    json_t *findings = tree_put(root, "findings", tree_array());
    for (size_t i = 0; i < n; i++) {
        tree_push(findings, finding_json(sorted[i].past));
    }
    talloc_free(sorted);
    return root;
}

char *baseline_text(void *owner, const struct baseline *baseline)
{
    json_t *root = baseline_json(baseline);
    char *dumped = mem_checked(json_dumps(root, JSON_COMPACT));
    char *text = mem_strdup(owner, dumped);

    free(dumped);
    json_decref(root);
    return text;
}

bool baseline_write(const struct baseline *baseline, const char *path, struct err *err)
{
    json_t *root = baseline_json(baseline);
    FILE *out = fopen(path, "w");
    bool ok = out != NULL;
    if (ok) {
        ok = tree_write(root, out);
        ok = fclose(out) == 0 && ok;
    } else {
        json_decref(root);
    }
    if (!ok) {
        err_set(err, ERR_IO, (struct loc){.file = path}, "can't write this baseline: %s",
                strerror(errno));
    }
    return ok;
}
