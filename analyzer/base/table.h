/* table.h - an answer in rows and columns, on its way from who found it to who writes it. */
#pragma once

#include "base/mem.h"

enum cell_kind {
    CELL_NULL,
    CELL_INTEGER,
    CELL_REAL,
    CELL_TEXT,
};

struct cell {
    enum cell_kind kind;
    const char *text; /* as it is printed; "" for CELL_NULL */
    int64_t integer;  /* CELL_INTEGER */
    double real;      /* CELL_REAL */
};

/* All members are owned by whoever filled it. */
struct table {
    VEC(const char *) columns;
    VEC(struct cell) cells; /* row by row: columns.n a row */
    size_t n_rows;
};
