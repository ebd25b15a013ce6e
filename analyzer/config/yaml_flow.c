/* yaml_flow.c - a node as YAML in one line. */
#include "config/yaml.h"

#include "base/mem.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

struct flow {
    const struct yaml_text *text;
    void *owner;
    char *out;
};

/* May it stand without quotes, wherever it stands? */
static bool is_simple(const char *text)
{
    bool simple = isalnum((unsigned char)*text) != 0 || *text == '_' || *text == '/';

    for (; simple && *text != '\0'; text++) {
        simple = isalnum((unsigned char)*text) != 0 || strchr("_./+-*", *text) != NULL;
    }
    return simple;
}

static const char *quoted(void *owner, const char *text, size_t length)
{
    char *out = mem_array(owner, char, 4 * length + 3); /* zeroed */
    char *at = out;

    *at++ = '"';
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\') {
            *at++ = '\\';
            *at++ = (char)c;
        } else if (c < ' ' || c == 0x7f) {
            at += sprintf(at, "\\x%02x", c);
        } else {
            *at++ = (char)c;
        }
    }
    *at = '"';
    return out;
}

const char *yaml_flow_text(void *owner, const char *text)
{
    return is_simple(text) ? text : quoted(owner, text, strlen(text));
}

static void put_scalar(struct flow *flow, const yaml_node *node)
{
    bool plain = node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && is_simple(yaml_scalar(node));

    mem_append(flow->owner, &flow->out, "%s",
               plain ? yaml_scalar(node)
                     : quoted(flow->owner, yaml_scalar(node), node->data.scalar.length));
}

/* Deep trees are no concern: what was read along the tables of keys is no deeper than they are. */
static void put_node(struct flow *flow, const yaml_node *node)
{
    bool is_map = yaml_is_map(node);
    size_t n = yaml_count(node);

    if (yaml_scalar(node) != NULL) {
        put_scalar(flow, node);
        return;
    }
    mem_append(flow->owner, &flow->out, "%s", is_map ? n == 0 ? "{" : "{ " : "[");
    for (size_t i = 0; i < n; i++) {
        mem_append(flow->owner, &flow->out, "%s", i == 0 ? "" : ", ");
        if (is_map) {
            put_scalar(flow, yaml_key(flow->text, node, i));
            mem_append(flow->owner, &flow->out, ": ");
        }
        put_node(flow, is_map ? yaml_value(flow->text, node, i) : yaml_item(flow->text, node, i));
    }
    mem_append(flow->owner, &flow->out, "%s", is_map ? n == 0 ? "}" : " }" : "]");
}

const char *yaml_flow(void *owner, const struct yaml_text *text, const yaml_node *node)
{
    struct flow flow = {text, owner, mem_strdup(owner, "")};

    put_node(&flow, node);
    return flow.out;
}
