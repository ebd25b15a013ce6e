#include "commands.h"

#include "output.h"
#include "rules/rule.h"

#include <string.h>

const struct command *commands_all(size_t *ret_n)
{
    static const struct command all[] = {
#define COMMAND(name, summary) {#name, cmd_##name, summary, &cmd_##name##_argp},
#include "commands.def"
#undef COMMAND
    };

    *ret_n = sizeof all / sizeof all[0];
    return all;
}

static void add_options(void *owner, const struct argp *argp, command_options *ret)
{
    for (const struct argp_option *o = argp->options;
         o != NULL && (o->name != NULL || o->key != 0 || o->doc != NULL); o++) {
        if (o->name != NULL && (o->flags & OPTION_HIDDEN) == 0) {
            char letter = o->key > ' ' && o->key < 127 ? (char)o->key : '\0';
            vec_push(owner, ret, (struct command_option){o->name, letter, o->arg, o->doc});
        }
    }
    for (const struct argp_child *child = argp->children; child != NULL && child->argp != NULL;
         child++) {
        add_options(owner, child->argp, ret);
    }
}

void command_options_of(void *owner, const struct command *command, command_options *ret)
{
    *ret = (command_options){.n = 0};
    add_options(owner, command->argp, ret);
    vec_push(owner, ret, (struct command_option){"help", '?', NULL, "give this help list"});
}

static const char *rule_words(void *owner)
{
    size_t n;
    const struct rule *rules = rules_all(&n);
    char *words = mem_strdup(owner, "");

    for (size_t i = 0; i < n; i++) {
        mem_append(owner, &words, "%s%s", i == 0 ? "" : " ", rules[i].id);
    }
    return words;
}

const char *argument_words(void *owner, const char *arg)
{
    if (arg == NULL) {
        return "";
    }
    if (strcmp(arg, "RULE") == 0) {
        return rule_words(owner);
    }
    if (strcmp(arg, "FORMAT") == 0) {
        return output_format_words();
    }
    if (strchr(arg, '|') == NULL) {
        return "";
    }
    char *words = mem_strdup(owner, arg);
    for (char *at = words; (at = strchr(at, '|')) != NULL;) {
        *at = ' ';
    }
    return words;
}

const char *command_words(void *owner, const struct command *command)
{
    return argument_words(owner, command->argp->args_doc);
}

struct command_text command_text_of(void *owner, const struct command *command)
{
    const char *doc = command->argp->doc == NULL ? "" : command->argp->doc;
    size_t n = strcspn(doc, "\v");

    return (struct command_text){mem_printf(owner, "%.*s", (int)n, doc),
                                 doc[n] == '\0' ? "" : mem_strdup(owner, doc + n + 1)};
}
