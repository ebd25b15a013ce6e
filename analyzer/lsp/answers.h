/* answers.h - what a snapshot answers, by method; each gives the result, null for nothing. */
#pragma once

#include "lsp/snapshot.h"

json_t *answer_hover(const struct snapshot *snapshot, const json_t *params);
json_t *answer_code_lens(const struct snapshot *snapshot, const json_t *params);
json_t *answer_inlay_hint(const struct snapshot *snapshot, const json_t *params);
json_t *answer_prepare_calls(const struct snapshot *snapshot, const json_t *params);
json_t *answer_incoming_calls(const struct snapshot *snapshot, const json_t *params);
json_t *answer_outgoing_calls(const struct snapshot *snapshot, const json_t *params);
json_t *answer_diagnostic(const struct snapshot *snapshot, const json_t *params);
json_t *answer_code_action(const struct snapshot *snapshot, const json_t *params);
