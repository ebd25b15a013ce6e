/* for_parts.h - which of a for's init, condition and step are there. libclang leaves out those
 * that are missing without saying which. */
#pragma once

#include "frontend/lower.h"

struct for_parts {
    bool has_init;
    bool has_cond;
    bool has_inc;
    CXCursor init;
    CXCursor cond;
    CXCursor inc;
    CXCursor body;
};

/* Sorts the children (at least one) of a ForStmt. */
void for_parts_of(struct lower *lower, CXCursor stmt, const struct kids *kids,
                  struct for_parts *ret_parts);

/* Reads "for (a; b; c)" at the start of `text` and says which parts hold more than blanks and
 * comments; false when it is something else, e.g. because a macro hides a semicolon. */
bool for_parts_written(const char *text, size_t size, bool ret_there[3]);
