/* ids.h - dense numbers for the things of one unit or one function, each of its own type. */
#pragma once

#include <stdint.h>

/* `.i` indexes an array of the owner named beside each; ID_NONE in `.i` stands for "none". */
#define ID_NONE UINT32_MAX

typedef struct {
    uint32_t i; /* ir_unit.files */
} file_id;
typedef struct {
    uint32_t i; /* ir_unit.syms */
} sym_id;
typedef struct {
    uint32_t i; /* ir_unit.records */
} record_id;
typedef struct {
    uint32_t i; /* ir_unit.fields */
} field_id;
typedef struct {
    uint32_t i; /* ir_fn.locals */
} local_id;
typedef struct {
    uint32_t i; /* ir_fn.places */
} place_id;
typedef struct {
    uint32_t i; /* ir_fn.values */
} value_id;
typedef struct {
    uint32_t i; /* ir_fn.ops */
} op_id;
typedef struct {
    uint32_t i; /* ir_fn.blocks */
} block_id;
typedef struct {
    uint32_t i; /* ir_fn.locs */
} loc_id;
