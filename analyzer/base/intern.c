#include "base/intern.h"

#include "base/map.h"

#include <string.h>

struct name {
    UT_hash_handle hh;
    char text[];
};

struct intern {
    struct name *names; /* uthash, keyed by text */
};

static int forget_names(struct intern *table)
{
    HASH_CLEAR(hh, table->names);
    return 0;
}

struct intern *intern_new(void *owner)
{
    struct intern *table = mem_new(owner, struct intern);

    talloc_set_destructor(table, forget_names);
    return table;
}

const char *intern_strn(struct intern *table, const char *text, size_t n)
{
    struct name *name = NULL;

    HASH_FIND(hh, table->names, text, n, name);
    if (name == NULL) {
        name = mem_checked(talloc_size(table, sizeof *name + n + 1));
        memcpy(name->text, text, n);
        name->text[n] = '\0';
        HASH_ADD_KEYPTR(hh, table->names, name->text, n, name);
    }
    return name->text;
}

const char *intern_str(struct intern *table, const char *text)
{
    return text == NULL ? NULL : intern_strn(table, text, strlen(text));
}
