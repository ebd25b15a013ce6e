#include "rules/allowed.h"

#include "config/nearest.h"
#include "program/notes.h"
#include "rules/rule.h"

#include <stdlib.h>
#include <string.h>

/* What a comment begins with, and where what it is about stands. */
struct word {
    const char *text;
    const char *prefix; /* before a rule's id in its list; what lacks it is another tool's */
    bool here;          /* about its own line; else by note_is_about(), or the next line */
    bool next;
};

static const struct word words[] = {
    {"allow", "", false, false},
    {"NOLINT", "snarl-", true, false},
    {"NOLINTNEXTLINE", "snarl-", false, true},
};

/* One rule of one comment. */
struct allowance {
    const char *file; /* interned */
    const struct ir_note *note;
    const struct word *word;
    const char *rule;
    const char *reason; /* "": none */
    bool used;
};

struct allowed {
    VEC(struct allowance) v; /* by file and line, each once */
};

/* ---- reading --------------------------------------------------------------------------------- */

static const struct word *word_of(const char *text)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i].text, text) == 0) {
            return &words[i];
        }
    }
    return NULL;
}

/* One allowance for each rule of "data-race, double-lock". */
static void add_rules(struct allowed *allowed, struct allowance one, const char *list)
{
    size_t prefix = strlen(one.word->prefix);

    for (const char *at = list + strspn(list, " ,"); *at != '\0'; at += strspn(at, " ,")) {
        size_t n = strcspn(at, " ,");
        if (strncmp(at, one.word->prefix, prefix) == 0) {
            one.rule = mem_strndup(allowed, at + prefix, n - prefix);
            vec_push(allowed, &allowed->v, one);
        }
        at += n;
    }
}

static int by_place(const void *a, const void *b)
{
    const struct allowance *x = a;
    const struct allowance *y = b;
    int order = strcmp(x->file, y->file);

    order = order != 0 ? order : (x->note->line > y->note->line) - (x->note->line < y->note->line);
    order = order != 0 ? order
                       : (x->note->column > y->note->column) - (x->note->column < y->note->column);
    return order != 0 ? order : strcmp(x->rule, y->rule);
}

/* A header's comment is kept once for each unit that includes it. */
static void drop_repeats(struct allowed *allowed)
{
    size_t n = 0;

    if (allowed->v.n > 0) {
        qsort(allowed->v.v, allowed->v.n, sizeof *allowed->v.v, by_place);
    }
    for (size_t i = 0; i < allowed->v.n; i++) {
        if (n == 0 || by_place(&allowed->v.v[n - 1], &allowed->v.v[i]) != 0) {
            allowed->v.v[n++] = allowed->v.v[i];
        }
    }
    allowed->v.n = n;
}

struct allowed *allowed_read(void *owner, const struct linked *linked)
{
    struct allowed *allowed = mem_new(owner, struct allowed);

    for (size_t u = 0; u < linked->n_units; u++) {
        const struct ir_unit *unit = linked->units[u];
        for (size_t i = 0; i < unit->notes.n; i++) {
            const struct ir_note *note = &unit->notes.v[i];
            struct note_parts parts = note_parts(allowed, note);
            struct allowance one = {.file = unit->files.v[note->file.i],
                                    .note = note,
                                    .word = word_of(parts.word),
                                    .reason = parts.reason};
            if (one.word != NULL) {
                add_rules(allowed, one, parts.args);
            }
        }
    }
    drop_repeats(allowed);
    return allowed;
}

/* ---- asking ---------------------------------------------------------------------------------- */

static bool is_about(const struct allowance *one, uint32_t line)
{
    return one->word->here   ? line == one->note->line
           : one->word->next ? line == one->note->last_line + 1
                             : note_is_about(one->note, line, 1);
}

const char *allowed_reason(struct allowed *allowed, const struct finding *finding)
{
    const char *reason = NULL;

    for (size_t i = 0; i < allowed->v.n; i++) {
        struct allowance *one = &allowed->v.v[i];
        if (strcmp(one->file, finding->where.file) == 0 && is_about(one, finding->where.line) &&
            strcmp(one->rule, finding->rule->id) == 0) {
            one->used = true;
            reason = reason == NULL && one->reason[0] != '\0' ? one->reason : reason;
        }
    }
    return reason;
}

/* ---- what is no good ------------------------------------------------------------------------- */

/* The question for the nearest rule in `search`; NULL: there is a rule of this id. */
static const char *unknown_rule(void *owner, const char *id)
{
    struct nearest search = nearest_start(id);
    size_t n = 0;
    const struct rule *rules = rules_all(&n);

    for (size_t i = 0; i < n; i++) {
        if (strcmp(rules[i].id, id) == 0) {
            return NULL;
        }
        nearest_try(&search, rules[i].id);
    }
    return nearest_question(owner, &search);
}

/* What is wrong with it; NULL: nothing. */
static const char *fault(void *owner, const struct allowance *one, bool unused,
                         const struct config *config)
{
    const char *name = mem_printf(owner, "%s(%s%s)", one->word->text, one->word->prefix, one->rule);
    const char *question = unknown_rule(owner, one->rule);

    if (question != NULL) {
        return mem_printf(owner, "%s names no rule%s", name,
                          question[0] == '\0' ? ": `snarl rules` lists them" : question);
    }
    if (one->reason[0] == '\0') {
        return mem_printf(owner, "%s allows nothing without a reason: write it behind the bracket",
                          name);
    }
    return unused && !one->used && config_rule(config, one->rule) != RULE_OFF
               ? mem_printf(owner, "%s allows nothing here: remove it", name)
               : NULL;
}

struct allowed_problems *allowed_problems(void *owner, const struct allowed *allowed, bool unused,
                                          const struct config *config)
{
    struct allowed_problems *problems = mem_new(owner, struct allowed_problems);

    for (size_t i = 0; i < allowed->v.n; i++) {
        const struct allowance *one = &allowed->v.v[i];
        const char *text = fault(problems, one, unused, config);
        if (text != NULL) {
            struct loc where = {one->file, one->note->line, one->note->column};
            vec_push(problems, &problems->v, (struct allowed_problem){where, text});
        }
    }
    return problems;
}
