/* harness.h - C source in, text out: the one place where tests call the program stage.
 *
 * Every source is compiled with include/prelude.h before its first line (pthread.h and a few
 * variables: m, m2, hits, ...) and sees the small uv.h, glib.h and event2/event.h of include/, so
 * that no test depends on which libraries are installed. Lines of a dump end in '\n'. Where a
 * program has two files, places are "b.c:LINE", else "LINE". All results belong to `owner`.
 */
#pragma once

#include "rules/rule.h"

/* The program of one source text, named "a.c"; or of two, "a.c" and "b.c". A source that does not
 * compile fails the test. */
struct prog *harness_link(void *owner, const char *source);
struct prog *harness_link_two(void *owner, const char *a, const char *b);

/* "a.c" and "b.c", of which the second is replaced by another text, "b.c" too (prog_replace()),
 * when all effects are known. NULL: it can't be. */
struct prog *harness_replace(void *owner, const char *a, const char *b, const char *other);

/* One unit's IR. */
const struct ir_unit *harness_lower(void *owner, const char *source);

/* Number of the function called `name`; the test fails without one. */
fn_id harness_fn(const struct prog *prog, const char *name);

/* "PLACE NAME {tokens}": each read and write of what other threads could see, with what its
 * function (not its callers) holds there on every path. */
char *harness_dump_accesses(void *owner, const struct prog *prog);

/* "LINE: tells NAME@DEPTH... changes NAME@DEPTH...": what each call of the function does, for it,
 * to shared variables. */
char *harness_dump_effects_in(void *owner, const struct prog *prog, fn_id fn);

/* The same in all functions, each after its name. */
char *harness_dump_effects(void *owner, const struct prog *prog);

/* "PLACE CONTEXT reads|writes NAME {tokens}": the access map in the order of the source; the tokens
 * are all that the context holds. */
char *harness_dump_map(void *owner, const struct prog *prog);

/* "NAME shared|private guard TOKEN (N)": the map's variables. */
char *harness_dump_variables(void *owner, const struct prog *prog);

/* "KIND NAME many|once [reached function, ...]". */
char *harness_dump_contexts(void *owner, const struct prog *prog);

/* "A -> B": the lock-acquisition graph, sorted. */
char *harness_dump_edges(void *owner, const struct prog *prog);

/* "PLACE NAME -> callee, callee": each call that runs a body of the program or goes through a
 * pointer. */
char *harness_dump_calls(void *owner, const struct prog *prog);

/* "FUNCTION RESULT: +taken -given back": each way a function ends that changes its caller's
 * tokens, then "FUNCTION never returns". Functions without effect are left out. */
char *harness_dump_outcomes(void *owner, const struct prog *prog);

/* "PLACE [rule] message", with " (medium)" or " (low)" at the end of a finding less than sure. */
char *harness_dump_findings(void *owner, const struct prog *prog);

/* Links `source`, applies `dump` and compares. */
typedef char *harness_dump_fn(void *owner, const struct prog *prog);
void harness_check(harness_dump_fn *dump, const char *source, const char *want);
/* The same for what one rule says, as harness_dump_findings() puts it. */
void harness_check_rule(const char *rule, const char *source, const char *want);
void harness_check_two(harness_dump_fn *dump, const char *a, const char *b, const char *want);
