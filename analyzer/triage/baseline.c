#include "triage/baseline.h"

#include "base/map.h"
#include "report/report.h"
#include "report/utf8.h"

#include <ctype.h>
#include <string.h>

/* ---- what a finding is known by -------------------------------------------------------------- */

/* The text of a line without what a formatter changes. */
static const char *plain_line(void *owner, struct sources *sources, struct loc where)
{
    size_t n = 0;
    const char *line = sources_line(sources, where, &n);
    char *text = mem_array(owner, char, n + 1);
    size_t length = 0;

    for (size_t i = 0; i < n; i++) {
        if (isspace((unsigned char)line[i]) == 0) {
            text[length++] = line[i];
        } else if (length > 0 && text[length - 1] != ' ') {
            text[length++] = ' ';
        }
    }
    text[length - (length > 0 && text[length - 1] == ' ' ? 1 : 0)] = '\0';
    return utf8_clean(owner, text); /* as it comes back from JSON */
}

void baseline_of(void *owner, const char *root, struct sources *sources,
                 const struct finding *const *findings, size_t n, struct baseline *ret)
{
    *ret = (struct baseline){{NULL, 0}};
    for (size_t i = 0; i < n; i++) {
        const struct finding *f = findings[i];
        struct past_finding past = {.rule = f->rule->id,
                                    .file = report_path(root, f->where.file),
                                    .message = f->message,
                                    .identity = f->identity,
                                    .source = plain_line(owner, sources, f->where),
                                    .fingerprint = f->fingerprint};
        vec_push(owner, &ret->v, past);
    }
}

/* ---- comparing ------------------------------------------------------------------------------- */

/* The old findings of one rule and identity. */
struct group {
    const char *key;
    VEC(struct past_finding *) v;
    UT_hash_handle hh;
};

struct groups {
    struct group *table;
};

static int drop_groups(struct groups *groups)
{
    HASH_CLEAR(hh, groups->table);
    return 0;
}

static struct group *group_of(struct groups *groups, const struct past_finding *past, bool make)
{
    const char *key = mem_printf(groups, "%s %s", past->rule, past->identity);
    struct group *group = NULL;

    HASH_FIND_STR(groups->table, key, group);
    if (group == NULL && make) {
        group = mem_new(groups, struct group);
        group->key = key;
        HASH_ADD_KEYPTR(hh, groups->table, group->key, strlen(group->key), group);
    }
    return group;
}

static struct groups *groups_of(struct baseline *old)
{
    struct groups *groups = mem_new(NULL, struct groups);

    talloc_set_destructor(groups, drop_groups);
    for (size_t i = 0; i < old->v.n; i++) {
        struct group *group = group_of(groups, &old->v.v[i], true);
        vec_push(groups, &group->v, &old->v.v[i]);
    }
    return groups;
}

/* What must be equal beside rule and identity; a pass over all findings for each, the strictest
 * first, so that a new finding does not take the place of an old one that has only moved. */
struct likeness {
    bool file;
    bool source;
};

static bool is_like(const struct past_finding *a, const struct past_finding *b,
                    struct likeness likeness)
{
    return (!likeness.file || strcmp(a->file, b->file) == 0) &&
           (!likeness.source || strcmp(a->source, b->source) == 0);
}

static bool take(const struct group *group, const struct past_finding *now,
                 struct likeness likeness)
{
    for (size_t i = 0; group != NULL && i < group->v.n; i++) {
        struct past_finding *past = group->v.v[i];
        if (!past->found && is_like(past, now, likeness)) {
            past->found = true;
            return true;
        }
    }
    return false;
}

void baseline_compare(struct baseline *old, const struct baseline *now, struct finding *const *v)
{
    static const struct likeness passes[] = {
        {true, true}, {false, true}, {true, false}, {false, false}};
    struct groups *groups = groups_of(old);

    for (size_t i = 0; i < now->v.n; i++) {
        v[i]->baseline = BASELINE_NEW;
    }
    for (size_t p = 0; p < sizeof passes / sizeof passes[0]; p++) {
        for (size_t i = 0; i < now->v.n; i++) {
            const struct past_finding *one = &now->v.v[i];
            if (v[i]->baseline == BASELINE_NEW &&
                take(group_of(groups, one, false), one, passes[p])) {
                v[i]->baseline = BASELINE_UNCHANGED;
            }
        }
    }
    talloc_free(groups);
}

size_t baseline_n_gone(const struct baseline *old)
{
    size_t n = 0;

    for (size_t i = 0; i < old->v.n; i++) {
        n += old->v.v[i].found ? 0 : 1;
    }
    return n;
}

static const struct rule *rule_of(const char *id)
{
    size_t n = 0;
    const struct rule *rules = rules_all(&n);

    for (size_t i = 0; i < n; i++) {
        if (strcmp(rules[i].id, id) == 0) {
            return &rules[i];
        }
    }
    return NULL;
}

struct finding_list baseline_gone(void *owner, const char *root, const struct baseline *old)
{
    struct finding_list list = {NULL, 0, NULL};

    for (size_t i = 0; i < old->v.n; i++) {
        const struct past_finding *past = &old->v.v[i];
        const struct rule *rule = rule_of(past->rule);
        if (past->found || rule == NULL) { /* a rule may have gone since */
            continue;
        }
        struct finding *finding = mem_new(owner, struct finding);
        finding->rule = rule;
        finding->where.file =
            past->file[0] == '/' ? past->file : mem_printf(finding, "%s/%s", root, past->file);
        finding->message = past->message;
        finding->identity = past->identity;
        finding->severity = LEVEL_MEDIUM;
        finding->confidence = LEVEL_MEDIUM;
        (void)strncpy(finding->fingerprint, past->fingerprint, sizeof finding->fingerprint - 1);
        vec_push(owner, &list, finding);
    }
    return list;
}
