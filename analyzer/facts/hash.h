/* hash.h - the checksums of stored bytes (private to facts/; see facts.h for the public hashes). */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* A number for the format of everything stored: the schema, the codec, ir.h. A change of any of
 * these texts makes another number, and old databases are rebuilt. Never 0. */
int32_t facts_format(void);

/* A checksum of an encoded unit, which also differs between formats. */
uint64_t facts_seal(const void *bytes, size_t n);
