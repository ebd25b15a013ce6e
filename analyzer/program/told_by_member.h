/* told_by_member.h - a caller stores in an object which case of a switch its callee is to take:
 * `req->type = READ; work(req);` and `switch (req->type)`.
 */
#pragma once

#include "program/flow.h"

/* Does the call `way`, of the function that `op` is in, rule out that it comes to `op`, by what its
 * own function has stored before in the member that a switch around `op` asks? */
bool told_by_member(const struct flows *flows, const struct call *way, fn_id fn, op_id op);

/* Can any call be told so: is there such a switch? */
bool told_by_any_member(const struct flows *flows, fn_id fn, op_id op);
