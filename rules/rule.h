/* rule.h - all a rule may know: the program, and how to say what it found. */
#pragma once

#include "program/prog.h"
#include "rules/finding.h"

/* One rule at work. */
struct rule_run {
    const struct prog *prog;
    const struct rule *rule;
    void *owner; /* of the findings */
    VEC(struct finding *) findings;
};

/* A finding at `where`, of medium severity and confidence, with this one-sentence message. */
struct finding *finding_new(struct rule_run *run, struct loc where, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds a context to the story and gives its index (steps are added by index: the array moves). */
size_t finding_add_thread(struct finding *finding, const char *title);

/* Adds a step to thread number `thread`, behind all steps so far: where the order matters, steps
 * are added in the order in which they happen. `held` is in absolute terms; NULL: not said. */
void finding_add_step(struct rule_run *run, struct finding *finding, size_t thread,
                      struct loc where, unsigned depth, const struct lockset *held,
                      const char *format, ...) __attribute__((format(printf, 7, 8)));

/* Adds the context of the moment, with the calls by which it comes there. One that is in the story
 * already is another of the same: what that assumes is said. Gives the thread's number, and the
 * depth of the moment's function in *ret_depth. */
size_t finding_add_context(struct rule_run *run, struct finding *finding, struct moment moment,
                           unsigned *ret_depth);

/* Adds the calls by which `phase` gets to `fn`; gives the depth of `fn`. */
unsigned finding_add_way(struct rule_run *run, struct finding *finding, size_t thread,
                         phase_id phase, fn_id fn);
/* The same to one place in it: where arguments rule ways out, by one that comes there. */
unsigned finding_add_way_to(struct rule_run *run, struct finding *finding, size_t thread,
                            struct moment moment);

/* Adds another place that the finding is about. */
void finding_add_related(struct rule_run *run, struct finding *finding, struct loc where,
                         const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Says that findings of other rules about `variable` (by class) at this place are part of it. */
void finding_cover(struct finding *finding, struct loc where, const char *variable);

/* Adds the context that gets to `fn`, with the calls by which it does; where none is known to, the
 * function itself. Gives the thread's number, and the depth of `fn` in *ret_depth. */
size_t finding_add_thread_of(struct rule_run *run, struct finding *finding, fn_id fn,
                             unsigned *ret_depth);

/* Says what the finding is about (variable, lock, call: findings of one rule about the same are
 * told together), and how much its cure changes. */
void finding_weigh_cure(struct finding *finding, const char *subject, enum cure_reach reach);

/* Says why snarl is as sure as it is. */
void finding_add_reason(struct rule_run *run, struct finding *finding, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Lowers the confidence of a finding about something that no lock protects, if the program looks as
 * if it made its own locks. */
void finding_doubt_locks(struct rule_run *run, struct finding *finding);

/* Sets what the fingerprint is made of: parts that survive moved lines. */
void finding_identify(struct rule_run *run, struct finding *finding, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Every rule's function. */
typedef void rule_fn(struct rule_run *run);
#define RULE(function, id, level, cwe, summary) rule_fn rule_##function;
#include "rules/rules.def"
#undef RULE

/* All rules, in the order of their ids. */
const struct rule *rules_all(size_t *ret_n);

/* The Markdown page of a rule (docs/rules/<id>.md); NULL: no such rule. */
const char *rules_page(const char *id);

/* Runs every rule that `config` has not switched off, in up to `n_processes` processes at once.
 * Findings are sorted by file, line, column, rule and message, and owned by `owner`; what comments
 * allow is among them, with the reason. With prog->focus they are those in its files, the same as
 * without it. */
struct finding_list rules_run(void *owner, const struct prog *prog, const struct config *config,
                              unsigned n_processes);
