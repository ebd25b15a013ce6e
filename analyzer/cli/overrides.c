#include "overrides.h"

#include "base/mem.h"
#include "config/settings.h"

enum { KEY_CONFIDENCE = 768, KEY_FAIL_ON };

static const struct argp_option option_table[] = {
    {"confidence", KEY_CONFIDENCE, "high|medium|low", 0,
     "the least confidence that is shown (default: medium)", 0},
    {"fail-on", KEY_FAIL_ON, "high|medium|low|none", 0,
     "the least severity of a shown finding that makes the exit status 1 (default: low, any)", 0},
    {0},
};

/* `text`, if it is one of `words`; anything else is an argp_error(). */
static const char *checked(const char *text, const struct word *words, const char *what,
                           struct argp_state *state)
{
    if (words_find(words, text) == NULL) {
        void *owner = mem_owner(NULL, "advice");
        argp_error(state, "unknown %s '%s'%s", what, text, words_advice(owner, words, text));
        talloc_free(owner);
    }
    return text;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct overrides *overrides = state->input;

    switch (key) {
    case KEY_CONFIDENCE:
        overrides->confidence = checked(arg, words_level, "confidence", state);
        return 0;
    case KEY_FAIL_ON:
        overrides->fail_on = checked(arg, words_fail_on, "severity", state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp overrides_argp = {.options = option_table, .parser = parse};

void overrides_apply(void *owner, const struct overrides *overrides, struct config *config)
{
    if (overrides->confidence != NULL) {
        config_override(owner, config, "confidence", overrides->confidence, "--confidence");
    }
    if (overrides->fail_on != NULL) {
        config_override(owner, config, "fail_on", overrides->fail_on, "--fail-on");
    }
}
