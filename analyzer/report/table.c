#include "report/table.h"

#include "report/tree.h"
#include "report/utf8.h"

#include <string.h>

static const struct cell *cell_of(const struct table *table, size_t row, size_t column)
{
    return &table->cells.v[row * table->columns.n + column];
}

/* ---- text ------------------------------------------------------------------------------------ */

/* What stands in each column, as people see it. */
struct layout {
    const char **texts; /* the columns' names, then row by row */
    size_t *widths;     /* by column, in characters */
    bool *right;        /* by column: are there numbers? */
    size_t n_columns;
};

static void lay_out(void *owner, const struct table *table, struct layout *ret)
{
    size_t n = table->columns.n;

    *ret = (struct layout){mem_array(owner, const char *, (table->n_rows + 1) * n + 1),
                           mem_array(owner, size_t, n + 1), mem_array(owner, bool, n + 1), n};
    for (size_t i = 0; i < (table->n_rows + 1) * n; i++) {
        const struct cell *cell = i < n ? NULL : &table->cells.v[i - n];
        const char *text = cell == NULL ? table->columns.v[i] : cell->text;
        text = utf8_printable(owner, cell != NULL && cell->kind == CELL_NULL ? "NULL" : text);
        size_t width = utf8_count(text, strlen(text));
        ret->texts[i] = text;
        ret->widths[i % n] = width > ret->widths[i % n] ? width : ret->widths[i % n];
        ret->right[i % n] =
            ret->right[i % n] ||
            (cell != NULL && (cell->kind == CELL_INTEGER || cell->kind == CELL_REAL));
    }
}

static void put_times(FILE *out, char c, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        (void)fputc(c, out);
    }
}

/* Spaces are put before what comes behind them: there are none at a line's end. */
static void put_row(const struct layout *layout, size_t row, FILE *out)
{
    size_t spaces = 0;

    for (size_t i = 0; i < layout->n_columns; i++) {
        const char *text = layout->texts[row * layout->n_columns + i];
        size_t room = layout->widths[i] - utf8_count(text, strlen(text));
        spaces += (i > 0 ? 2 : 0) + (layout->right[i] ? room : 0);
        if (*text != '\0') {
            put_times(out, ' ', spaces);
            (void)fputs(text, out);
            spaces = 0;
        }
        spaces += layout->right[i] ? 0 : room;
    }
    (void)fputc('\n', out);
}

static bool write_text(const struct table *table, FILE *out)
{
    void *scratch = mem_owner(NULL, "table");
    struct layout layout;

    lay_out(scratch, table, &layout);
    put_row(&layout, 0, out);
    for (size_t i = 0; i < layout.n_columns; i++) {
        put_times(out, ' ', i > 0 ? 2 : 0);
        put_times(out, '-', layout.widths[i]);
    }
    (void)fputc('\n', out);
    for (size_t row = 1; row <= table->n_rows; row++) {
        put_row(&layout, row, out);
    }
    (void)fprintf(out, "%zu row%s\n", table->n_rows, table->n_rows == 1 ? "" : "s");
    talloc_free(scratch);
    return ferror(out) == 0;
}

/* ---- CSV ------------------------------------------------------------------------------------- */

static void put_csv(const char *text, bool is_text, FILE *out)
{
    bool quoted = is_text && (*text == '\0' || strpbrk(text, ",\"\r\n") != NULL || *text == ' ' ||
                              text[strlen(text) - 1] == ' ');

    if (!quoted) {
        (void)fputs(text, out);
        return;
    }
    (void)fputc('"', out);
    for (; *text != '\0'; text++) {
        (void)fputs(*text == '"' ? "\"" : "", out);
        (void)fputc(*text, out);
    }
    (void)fputc('"', out);
}

static bool write_csv(const struct table *table, FILE *out)
{
    size_t n = table->columns.n;

    for (size_t i = 0; i < (table->n_rows + 1) * n; i++) {
        const struct cell *cell = i < n ? NULL : &table->cells.v[i - n];
        (void)fputs(i % n == 0 ? "" : ",", out);
        put_csv(cell == NULL ? table->columns.v[i] : cell->text,
                cell == NULL || cell->kind == CELL_TEXT, out);
        (void)fputs(i % n + 1 == n ? "\n" : "", out);
    }
    return ferror(out) == 0;
}

/* ---- JSON ------------------------------------------------------------------------------------ */

/* The column's name, told apart from those of columns before it. */
static const char *key_of(void *owner, const struct table *table, size_t column)
{
    const char *name = table->columns.v[column];
    size_t n = 1;

    for (size_t i = 0; i < column; i++) {
        n += strcmp(table->columns.v[i], name) == 0 ? 1 : 0;
    }
    name = utf8_clean(owner, name);
    return n == 1 ? name : mem_printf(owner, "%s_%zu", name, n);
}

static json_t *cell_json(const struct cell *cell)
{
    switch (cell->kind) {
    case CELL_NULL:
        return tree_text(NULL);
    case CELL_INTEGER:
        return tree_integer(cell->integer);
    case CELL_REAL:
        return tree_real(cell->real);
    case CELL_TEXT:
        break;
    }
    return tree_text(cell->text);
}

static bool write_json(const struct table *table, FILE *out)
{
    const char **keys = mem_array(NULL, const char *, table->columns.n + 1);
    json_t *root = tree_array();

    for (size_t i = 0; i < table->columns.n; i++) {
        keys[i] = key_of(keys, table, i);
    }
    for (size_t row = 0; row < table->n_rows; row++) {
        json_t *object = tree_push(root, tree_object());
        for (size_t i = 0; i < table->columns.n; i++) {
            tree_put(object, keys[i], cell_json(cell_of(table, row, i)));
        }
    }
    talloc_free(keys);
    return tree_write(root, out);
}

bool table_write(enum table_format format, const struct table *table, FILE *out)
{
    switch (format) {
    case TABLE_TEXT:
        return write_text(table, out);
    case TABLE_CSV:
        return write_csv(table, out);
    case TABLE_JSON:
        return write_json(table, out);
    }
    return false;
}
