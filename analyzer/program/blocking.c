#include "program/blocking.h"

#include "program/host_constants.h"
#include "program/resolve.h"

#include <arpa/inet.h>

enum { MOST_FOR_A_WAKE_UP = 16 }; /* bytes */

/* Does the model's condition on an argument hold? */
static enum {
    HOLDS,
    FAILS,
    MAYBE
} test_argument(const struct contexts *contexts, const struct call *call)
{
    const struct model_fn *model = call->model;
    const struct linked *linked = contexts->flows->linked;
    value_id value = call_arg(linked, call, model->blocks_test_arg);
    int64_t number;

    if (model->blocks_test == TEST_NONE) {
        return HOLDS;
    }
    if (value.i == ID_NONE || !host_constant(model->blocks_test_value, &number)) {
        return MAYBE;
    }
    const struct ir_value *v = &linked->fns.v[call->fn.i].ir->values.v[value.i];
    bool not_null = v->kind == IR_VALUE_FN || v->kind == IR_VALUE_ADDR;
    if (v->kind != IR_VALUE_INT && !(not_null && number == 0)) {
        return model->blocks_test == TEST_ABOVE ? HOLDS : MAYBE;
    }
    int64_t given = not_null ? 1 : v->u.number;
    bool holds = true;
    switch (model->blocks_test) {
    case TEST_IS:
        holds = given == number;
        break;
    case TEST_IS_NOT:
        holds = given != number;
        break;
    case TEST_HAS:
        holds = (given & number) != 0;
        break;
    case TEST_LACKS:
        holds = (given & number) == 0;
        break;
    case TEST_ABOVE:
        holds = given > number;
        break;
    case TEST_NONE:
        break;
    }
    return holds ? HOLDS : FAILS;
}

/* A byte or a few, to wake somebody up, seldom fill a pipe. */
static bool writes_little(const struct contexts *contexts, const struct call *call)
{
    const struct linked *linked = contexts->flows->linked;
    value_id size = call_arg(linked, call, call->model->writes);
    const struct ir_value *v =
        size.i == ID_NONE ? NULL : &linked->fns.v[call->fn.i].ir->values.v[size.i];

    return v != NULL && v->kind == IR_VALUE_INT && v->u.number <= MOST_FOR_A_WAKE_UP;
}

/* What a call on a descriptor or stream that blocks waits for. */
static enum blocks_what by_kind(const struct contexts *contexts, const struct call *call,
                                struct fd_answer fd, bool *sure)
{
    const struct model_fn *model = call->model;
    bool writes = model->writes != ARG_NONE;
    bool stream = model->stream != ARG_NONE;

    switch (fd.kind) {
    case FD_MEMORY:
        return BLOCKS_NOTHING;
    case FD_FILE:
        return stream ? model->blocks : BLOCKS_FILE;
    case FD_STANDARD:
        *sure = *sure && !fd.watched;
        return writes ? BLOCKS_TTY : stream ? model->blocks : BLOCKS_FD;
    case FD_PROCESS:
        return writes ? model->blocks : BLOCKS_PROC;
    case FD_DATAGRAM:
        *sure = *sure && !fd.watched;
        return writes ? BLOCKS_NOTHING : model->blocks;
    case FD_EVENT:
        *sure = *sure && !fd.watched && !writes;
        return model->blocks;
    case FD_PIPE:
    case FD_SOCKET:
    case FD_UNKNOWN:
        *sure = *sure && (writes ? !writes_little(contexts, call) : !fd.watched);
        return stream && !writes ? BLOCKS_FD : model->blocks;
    }
    return model->blocks;
}

/* What a call that can wait waits for, going by its descriptor or stream. */
static enum blocks_what by_descriptor(const struct contexts *contexts, const struct call *call,
                                      bool *sure)
{
    const struct model_fn *model = call->model;
    bool stream = model->blocks_fd == ARG_NONE;

    if (stream && model->stream == ARG_NONE) {
        return model->blocks;
    }
    struct fd_answer fd =
        descriptors_ask(contexts->descriptors, call, stream ? model->stream : model->blocks_fd);
    switch (fd.state) {
    case FD_NEVER_BLOCKS:
        return BLOCKS_NOTHING;
    case FD_BLOCKS:
        return by_kind(contexts, call, fd, sure);
    case FD_MAY_BLOCK:
        break;
    }
    *sure = *sure && stream;
    return model->blocks;
}

/* Is the name to look up an address already, or none? */
static bool asks_nobody(const struct contexts *contexts, const struct call *call)
{
    const struct flows *flows = contexts->flows;
    value_id name = call_arg(flows->linked, call, call->model->host);
    unsigned char address[sizeof(struct in6_addr)];

    if (call->model->host == ARG_NONE || name.i == ID_NONE) {
        return false;
    }
    name = resolve_value(flows->v[call->fn.i].resolver, name);
    const struct ir_value *v = &flows->linked->fns.v[call->fn.i].ir->values.v[name.i];
    return (v->kind == IR_VALUE_INT && v->u.number == 0) ||
           (v->kind == IR_VALUE_STRING && v->u.text != NULL &&
            (inet_pton(AF_INET, v->u.text, address) == 1 ||
             inet_pton(AF_INET6, v->u.text, address) == 1));
}

/* The function called, if its attributes say whether it waits; NULL: they don't. */
static const struct prog_sym *claim_of(const struct contexts *contexts, const struct call *call)
{
    const struct linked *linked = contexts->flows->linked;
    const struct prog_fn *fn = &linked->fns.v[call->fn.i];
    const struct ir_value *callee = &fn->ir->values.v[fn->ir->ops.v[call->op.i].u.call.callee.i];

    if (callee->kind != IR_VALUE_FN) {
        return NULL;
    }
    const struct prog_sym *sym = &linked->syms.v[linked_sym(linked, fn, callee->u.sym.i)];
    return sym->claims_nonblocking || sym->claims_blocking ? sym : NULL;
}

bool blocking_is_claimed(const struct contexts *contexts, const struct call *call)
{
    return claim_of(contexts, call) != NULL;
}

enum blocks_what blocking_what(const struct contexts *contexts, const struct call *call,
                               bool *ret_sure)
{
    const struct prog_sym *claim = claim_of(contexts, call);

    if (claim != NULL && !(call->model != NULL && call->model->overrides_body)) {
        *ret_sure = true;
        return claim->claims_blocking ? BLOCKS_ANY : BLOCKS_NOTHING;
    }
    if (call->model == NULL || call->model->blocks == BLOCKS_NOTHING ||
        asks_nobody(contexts, call)) {
        return BLOCKS_NOTHING;
    }
    switch (test_argument(contexts, call)) {
    case FAILS:
        return BLOCKS_NOTHING;
    case MAYBE:
        *ret_sure = false;
        break;
    case HOLDS:
        *ret_sure = call->model->blocks_surely;
        break;
    }
    return by_descriptor(contexts, call, ret_sure);
}
