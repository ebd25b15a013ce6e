/* codec.h - a unit as bytes without their seal: what facts_encode() and facts_decode() wrap
 * (private to facts/ and its tests).
 */
#pragma once

#include "ir/ir.h"

struct wire;

/* Writes `unit`, or fills an empty one from the wire. False: the bytes are no unit. */
bool codec_unit(struct wire *wire, struct ir_unit *unit);

/* The same for a function of `unit`, whose arrays of symbols, fields and files are there already.
 */
void codec_fn(struct wire *wire, const struct ir_unit *unit, struct ir_fn *fn);

/* facts_decode() for bytes without a seal: how tests and fuzzers get past the checksum. */
struct ir_unit *codec_decode(void *owner, struct intern *names, const void *bytes, size_t size);

/* Bytes in front of every encoded unit: a checksum, seeded with the format's version. */
enum { CODEC_SEAL = 8 };
