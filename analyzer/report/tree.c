#include "report/tree.h"

#include "base/mem.h"
#include "report/utf8.h"

#include <math.h>

json_t *tree_object(void)
{
    return mem_checked(json_object());
}

json_t *tree_array(void)
{
    return mem_checked(json_array());
}

json_t *tree_number(uint64_t number)
{
    return mem_checked(json_integer((json_int_t)number));
}

json_t *tree_integer(int64_t number)
{
    return mem_checked(json_integer(number));
}

json_t *tree_real(double number)
{
    return isfinite(number) ? mem_checked(json_real(number)) : json_null();
}

json_t *tree_text(const char *text)
{
    if (text == NULL) {
        return json_null();
    }
    json_t *value = json_string(text); /* NULL for invalid UTF-8 */
    if (value == NULL) {
        char *clean = utf8_clean(NULL, text);
        value = mem_checked(json_string(clean));
        talloc_free(clean);
    }
    return value;
}

json_t *tree_put(json_t *object, const char *key, json_t *value)
{
    /* The only failure left is memory: keys are literals, values were checked. */
    return mem_checked(json_object_set_new_nocheck(object, key, value) == 0 ? value : NULL);
}

json_t *tree_push(json_t *array, json_t *value)
{
    return mem_checked(json_array_append_new(array, value) == 0 ? value : NULL);
}

json_t *tree_message(const char *text)
{
    json_t *message = tree_object();

    tree_put(message, "text", tree_text(text));
    return message;
}

bool tree_write(json_t *root, FILE *out)
{
    bool ok = json_dumpf(root, out, JSON_INDENT(2)) == 0 && fputc('\n', out) != EOF;

    json_decref(root);
    return ok;
}
