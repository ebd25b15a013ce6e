/* pointsto.h - what pointers point to: functions and objects with a name (see calls.h). */
#pragma once

#include "program/link.h"
#include "program/path.h"

struct pointsto;
struct resolver;

/* Reads all bodies and static initialisers; the flow of arguments and results is added by
 * pointsto_pass() and pointsto_return(), call by call. `before`: as for calls_build(). */
struct pointsto *pointsto_new(void *owner, const struct linked *linked, struct paths *paths,
                              struct pointsto *before);

/* `value` of `caller` is an argument: parameter `param` (from 0) of `callee` gets it. */
void pointsto_pass(struct pointsto *pointsto, fn_id caller, value_id value, fn_id callee,
                   uint32_t param);

/* The result of `callee` is what call `op` of `caller` returned. */
void pointsto_return(struct pointsto *pointsto, fn_id caller, op_id op, fn_id callee);

/* Call `op` of `caller` returns something that no body tells of. */
void pointsto_return_unknown(struct pointsto *pointsto, fn_id caller, op_id op);

/* Calls through one pointer share a gate: arguments go into it and results come out of it, once for
 * each call, and once for each function that the pointer can be, instead of for each pair of them.
 * Number of the gate of this pointer; ID_NONE: no cell is known for it. */
uint32_t pointsto_gate(struct pointsto *pointsto, fn_id caller, value_id pointer);

/* Argument `i` (from 0) of a call, and what it returns. */
void pointsto_enter(struct pointsto *pointsto, uint32_t gate, fn_id caller, value_id value,
                    uint32_t i);
void pointsto_leave(struct pointsto *pointsto, uint32_t gate, fn_id caller, op_id op);

/* A body behind the gate. */
void pointsto_admit(struct pointsto *pointsto, uint32_t gate, fn_id callee);

/* ---- tags: objects without a name that the models tell apart (event loops) ------------------- */

enum { MAX_TAGS = 62 };
#define TAG_UNKNOWN (1ull << 63) /* or anything else */

/* Call `op` of `caller` returns the object with this tag (below MAX_TAGS). */
void pointsto_return_tagged(struct pointsto *pointsto, fn_id caller, op_id op, unsigned tag);

/* `value` is a pointer to where the address of that object is stored. */
void pointsto_store_tagged(struct pointsto *pointsto, fn_id fn, value_id value, unsigned tag);

/* Call `op` of `caller` returns what `value` is. */
void pointsto_return_value(struct pointsto *pointsto, fn_id caller, op_id op, value_id value);

/* Bit i: `value` can be the address of the object with tag i. 0: nothing is known of it.
 * *ret_object is the object with a name that it points to, PATH_NONE if there is none or more than
 * one (which is TAG_UNKNOWN). */
uint64_t pointsto_tags(struct pointsto *pointsto, fn_id fn, value_id value, path_id *ret_object);

/* Brings all sets up to date. */
void pointsto_solve(struct pointsto *pointsto);

/* All is known: frees what only solving needs. Nothing may flow after that. */
void pointsto_finish(struct pointsto *pointsto);

/* How many functions `value` can be: the number only grows. */
size_t pointsto_count_functions(struct pointsto *pointsto, fn_id fn, value_id value);

/* Symbols of functions that `value` can be, appended to *ret (owned by `owner`). */
struct sym_list {
    uint32_t *v;
    size_t n;
};
struct sym_list pointsto_functions(struct pointsto *pointsto, void *owner, fn_id fn,
                                   value_id value);

/* The places and values of a function as points-to sees them: of what calls return nothing is
 * known. Stays with points-to. */
struct resolver *pointsto_resolver(const struct pointsto *pointsto, fn_id fn);

/* Marks in `others` the functions of which locals, or results of calls, point to another object
 * than in `before`, which numbers all things alike. False: a variable or field does. */
bool pointsto_compare(const struct pointsto *before, const struct pointsto *now, bool *others);

/* The one object that the pointer stored in `root` (ROOT_PARAM of fn, ROOT_LOCAL, ROOT_VAR, or a
 * field, of all objects of the type) points to; PATH_NONE: none known or several. */
path_id pointsto_only_object(struct pointsto *pointsto, fn_id fn, path_id root);
