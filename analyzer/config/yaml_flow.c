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
static bool is_simple(const yaml_node *node)
{
    const unsigned char *at = node->data.scalar.value;
    bool simple = node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
                  (isalnum(*at) != 0 || *at == '_' || *at == '/');

    for (; simple && *at != '\0'; at++) {
        simple = isalnum(*at) != 0 || strchr("_./+-*", *at) != NULL;
    }
    return simple;
}

static void put_quoted(struct flow *flow, const yaml_node *node)
{
    char *quoted = mem_array(flow->owner, char, 4 * node->data.scalar.length + 3);
    char *at = quoted;

    *at++ = '"';
    for (size_t i = 0; i < node->data.scalar.length; i++) {
        unsigned char c = node->data.scalar.value[i];
        if (c == '"' || c == '\\') {
            *at++ = '\\';
            *at++ = (char)c;
        } else if (c < ' ' || c == 0x7f) {
            at += sprintf(at, "\\x%02x", c);
        } else {
            *at++ = (char)c;
        }
    }
    *at++ = '"';
    mem_append(flow->owner, &flow->out, "%s", quoted); /* mem_array() zeroes */
}

static void put_scalar(struct flow *flow, const yaml_node *node)
{
    if (is_simple(node)) {
        mem_append(flow->owner, &flow->out, "%s", yaml_scalar(node));
    } else {
        put_quoted(flow, node);
    }
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
