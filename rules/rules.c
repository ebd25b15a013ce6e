#include "rules/rule.h"

#include "base/embed.h"
#include "rules/allowed.h"
#include "rules/crew.h"

#include <stdlib.h>
#include <string.h>

extern const struct embedded_file rule_pages[];

static const struct rule all[] = {
#define RULE(function, id, level, cwe, summary) {id, summary, cwe, level},
#include "rules/rules.def"
#undef RULE
};

static rule_fn *const functions[] = {
#define RULE(function, id, level, cwe, summary) rule_##function,
#include "rules/rules.def"
#undef RULE
};

const struct rule *rules_all(size_t *ret_n)
{
    *ret_n = sizeof all / sizeof all[0];
    return all;
}

const char *rules_page(const char *id)
{
    size_t n = strlen(id);

    for (const struct embedded_file *file = rule_pages; file->name != NULL; file++) {
        if (strncmp(file->name, id, n) == 0 && strcmp(file->name + n, ".md") == 0) {
            return file->text;
        }
    }
    return NULL;
}

static int by_number(uint32_t a, uint32_t b)
{
    return a < b ? -1 : a > b;
}

static int by_place(const void *a, const void *b)
{
    const struct finding *x = *(struct finding *const *)a;
    const struct finding *y = *(struct finding *const *)b;
    int order = strcmp(x->where.file, y->where.file);

    order = order != 0 ? order : by_number(x->where.line, y->where.line);
    order = order != 0 ? order : by_number(x->where.column, y->where.column);
    order = order != 0 ? order : strcmp(x->rule->id, y->rule->id);
    order = order != 0 ? order : strcmp(x->message, y->message);
    return order != 0 ? order : strcmp(x->identity, y->identity);
}

static bool is_same_place(struct loc a, struct loc b)
{
    return a.line == b.line && a.column == b.column && strcmp(a.file, b.file) == 0;
}

/* Does a finding of another rule, as sure as this one, explain it? */
static bool is_covered(const struct finding_list *all_found, const struct finding *finding)
{
    for (size_t i = 0; i < all_found->n && finding->variable != NULL; i++) {
        const struct finding *other = all_found->v[i];
        for (size_t k = 0; k < other->covers.n && other->confidence >= finding->confidence; k++) {
            const struct finding_cover *cover = &other->covers.v[k];
            if (other->rule != finding->rule && is_same_place(cover->where, finding->where) &&
                strcmp(cover->variable, finding->variable) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* Leaves out what a more special finding explains, and what nobody has asked for; marks what
 * comments allow. */
static struct finding_list choose(void *owner, const struct prog *prog,
                                  const struct finding_list *found, struct allowed *allowed)
{
    struct finding_list list = {NULL, 0, allowed};

    for (size_t i = 0; i < found->n; i++) {
        found->v[i]->allowed = allowed_reason(allowed, found->v[i]);
        if (focus_has_file(prog->focus, found->v[i]->where.file) &&
            !is_covered(found, found->v[i])) {
            vec_push(owner, &list, found->v[i]);
        }
    }
    return list;
}

/* The settings know better than the rule how bad its findings are, if they say so. */
static void set_severity(struct rule_run *run, enum rule_word word)
{
    for (size_t i = 0; i < run->findings.n && word != RULE_ON; i++) {
        run->findings.v[i]->severity = (enum level)word;
        run->findings.v[i]->severity_is_set = true;
    }
}

static struct finding_list run_rule(void *owner, const struct prog *prog,
                                    const struct config *config, size_t rule)
{
    struct rule_run run = {.prog = prog, .rule = &all[rule], .owner = owner};
    enum rule_word word = config_rule(config, all[rule].id);

    if (word != RULE_OFF) {
        functions[rule](&run);
        set_severity(&run, word);
    }
    return (struct finding_list){run.findings.v, run.findings.n, NULL};
}

/* Those that take long, each of which asks for what those before it have found out, too: about
 * moments that never meet (separation.h). */
static const char *const own[] = {"data-race", "check-then-act"};

enum { N_OWN = sizeof own / sizeof own[0] };

static bool is_own(const char *id)
{
    bool found = false;

    for (size_t i = 0; i < N_OWN && !found; i++) {
        found = strcmp(id, own[i]) == 0;
    }
    return found;
}

/* `order` has room for all rules. */
static struct crew_plan plan_work(size_t *order, size_t n_rules)
{
    size_t n = 0;

    for (size_t i = 0; i < N_OWN; i++) {
        for (size_t r = 0; r < n_rules; r++) {
            if (strcmp(all[r].id, own[i]) == 0) {
                order[n++] = r;
            }
        }
    }
    for (size_t r = 0; r < n_rules; r++) {
        if (!is_own(all[r].id)) {
            order[n++] = r;
        }
    }
    return (struct crew_plan){order, n, N_OWN};
}

struct finding_list rules_run(void *owner, const struct prog *prog, const struct config *config,
                              unsigned n_processes)
{
    enum { N_RULES = sizeof all / sizeof all[0] };
    struct finding_list found = {NULL, 0, NULL};
    size_t order[N_RULES];
    struct crew_plan plan = plan_work(order, N_RULES);
    struct finding_list *by_rule = crew_run(owner, prog, config, run_rule, &plan, n_processes);
    struct allowed *allowed = allowed_read(owner, prog->linked);

    for (size_t r = 0; r < N_RULES; r++) {
        for (size_t i = 0; i < by_rule[r].n; i++) {
            vec_push(owner, &found, by_rule[r].v[i]);
        }
    }
    struct finding_list list = choose(owner, prog, &found, allowed);
    if (list.n > 0) {
        qsort(list.v, list.n, sizeof *list.v, by_place);
    }
    return list;
}
