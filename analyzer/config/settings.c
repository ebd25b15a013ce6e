#include "config/settings.h"

#include "config/claims_read.h"
#include "config/config.h"

#include <assert.h>

static_assert(sizeof(enum level) == sizeof(int) && sizeof(enum fail_on) == sizeof(int),
              "KEY_WORD stores an int into enums");

const struct word words_level[] = {
    {"high", LEVEL_HIGH}, {"medium", LEVEL_MEDIUM}, {"low", LEVEL_LOW}, {0}};

const struct word words_fail_on[] = {{"high", FAIL_ON_HIGH},
                                     {"medium", FAIL_ON_MEDIUM},
                                     {"low", FAIL_ON_LOW},
                                     {"none", FAIL_ON_NONE},
                                     {0}};

const struct word words_rule[] = {
    {"on", RULE_ON},   {"off", RULE_OFF}, {"high", RULE_HIGH}, {"medium", RULE_MEDIUM},
    {"low", RULE_LOW}, {"true", RULE_ON}, {"false", RULE_OFF}, {0}};

const struct word words_entry[] = {{"thread", RUNS_THREAD},
                                   {"worker", RUNS_WORKER},
                                   {"loop", RUNS_LOOP},
                                   {"signal", RUNS_SIGNAL},
                                   {"exit", RUNS_EXIT},
                                   {"any-thread", RUNS_ANY_THREAD},
                                   {0}};

static const struct key keys_entry[] = {
    {.name = "function",
     .shape = KEY_TEXT,
     .member = offsetof(struct entry_words, function),
     .needed = true,
     .about = "where the program starts running code"},
    {.name = "runs_on",
     .shape = KEY_WORD,
     .member = offsetof(struct entry_words, runs),
     .words = words_entry,
     .about = "what runs it"},
    {.name = "many",
     .shape = KEY_FLAG,
     .member = offsetof(struct entry_words, many),
     .about = "several can run at once"},
    {0},
};

static const struct key keys_own[] = {
    {.name = "report",
     .shape = KEY_NAMES,
     .member = offsetof(struct config, paths.report),
     .about = "files and folders whose findings are shown"},
    {.name = "hide",
     .shape = KEY_NAMES,
     .member = offsetof(struct config, paths.hide),
     .about = "files and folders among them whose findings are not shown"},
    {0},
};

const struct key keys_settings[] = {
    {.name = "confidence",
     .shape = KEY_WORD,
     .member = offsetof(struct config, min_confidence),
     .words = words_level,
     .about = "the least confidence that is shown"},
    {.name = "fail_on",
     .shape = KEY_WORD,
     .member = offsetof(struct config, fail_on),
     .words = words_fail_on,
     .about = "the least severity of a shown finding that makes the exit status 1"},
    {.name = "rules",
     .shape = KEY_RULES,
     .member = KEY_CHECKED,
     .words = words_rule,
     .about = "which rules are asked, and the severity of their findings"},
    {.name = "paths",
     .shape = KEY_MAP,
     .member = 0,
     .keys = keys_own,
     .about = "which files are the project's own"},
    {.name = "entry",
     .shape = KEY_ENTRIES,
     .member = KEY_CHECKED,
     .keys = keys_entry,
     .about = "functions at which a thread, a callback, a handler starts"},
    {.name = "never_together",
     .shape = KEY_PAIRS,
     .member = KEY_CHECKED,
     .about = "pairs of functions that never run at the same time"},
    {0},
};

/* Names that vendored code lies under, and where the system's headers are. */
static const char *const not_own[] = {
    "third_party", "third-party",        "thirdparty",     "3rdparty",
    "vendor",      "vendored",           "external",       "deps",
    "_deps",       "subprojects",        "node_modules",   "/usr/include",
    "/usr/lib",    "/usr/local/include", "/usr/local/lib",
};

void settings_default_paths(void *owner, struct config_paths *ret)
{
    *ret = (struct config_paths){.says_report = false};
    vec_push(owner, &ret->report, ".");
    for (size_t i = 0; i < sizeof not_own / sizeof not_own[0]; i++) {
        vec_push(owner, &ret->hide, not_own[i]);
    }
}

const char *settings_word(const struct word *words, int value)
{
    while (words->value != value) {
        assert(words->text != NULL);
        words++;
    }
    return words->text;
}
