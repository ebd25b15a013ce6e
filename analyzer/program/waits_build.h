/* waits_build.h - the parts of waits.c. */
#pragma once

#include "program/asks.h"
#include "program/depends.h"
#include "program/resolve.h"
#include "program/waits.h"
#include "program/written.h"

/* The function that is looked at. */
struct waits_pass {
    const struct accessmap *map;
    const struct flows *flows;
    struct asks *asks;
    fn_id fn;
    const struct prog_fn *body;
    struct depends *depends; /* of the function */
};

/* Fills wait->test. */
void wait_test_find(struct waits_pass *pass, void *owner, struct wait *wait);

/* Does the call ask one of these variables, to decide by it or to tell of it? */
bool wait_call_asks(const struct waits_pass *pass, const struct wait_test *test,
                    const struct call *call);

/* Does the op ask one of them? */
bool wait_op_asks(const struct waits_pass *pass, const struct wait *wait, op_id op);

/* Is it a call that only has to do with locks and waiting? */
bool wait_is_sync(const struct call *call);

/* Does the block end the process? */
bool wait_block_ends(const struct waits_pass *pass, uint32_t b);

/* How the thread goes on when its call `op`, in which it waits, has come back. `wait` is that wait
 * in terms of the function that is looked at. */
struct wait_after {
    enum wait_fate fate;
    op_id relies;
    bool changes;
};
struct wait_after wait_after_find(struct waits_pass *pass, const struct wait *wait, op_id op);
