/* html_list.c - the findings' section: filters over the list. */
#include "report/html.h"
#include "report/write.h"

#include <stdlib.h>
#include <string.h>

/* A value that a filter can pick, and how many findings have it. */
struct choice {
    const char *value;
    size_t n;
};

struct choices {
    VEC(struct choice) v;
};

static int by_value(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* What a filter goes by. */
typedef const char *value_fn(const struct html *h, const struct finding *finding);

static const char *rule_of(const struct html *h, const struct finding *finding)
{
    (void)h;
    return finding->rule->id;
}

static const char *file_of(const struct html *h, const struct finding *finding)
{
    return finding->where.file == NULL ? "" : report_path(h->report->root, finding->where.file);
}

/* All values with their counts, sorted. */
static struct choices choices_of(const struct html *h, value_fn *value_of)
{
    size_t n = h->report->n_ranked;
    const char **values = mem_array(h->scratch, const char *, n + 1);
    struct choices choices = {{NULL, 0}};

    for (size_t i = 0; i < n; i++) {
        values[i] = value_of(h, h->report->ranked[i].finding);
    }
    qsort(values, n, sizeof *values, by_value);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || strcmp(values[i], values[i - 1]) != 0) {
            vec_push(h->scratch, &choices.v, (struct choice){values[i], 0});
        }
        choices.v.v[choices.v.n - 1].n++;
    }
    return choices;
}

static void put_select(const struct html *h, const char *what, value_fn *value_of)
{
    struct choices choices = choices_of(h, value_of);

    html_put(h,
             "<label>%s <select data-filter=\"%s\"><option value=\"\" "
             "selected=\"\">all</option>\n",
             what, what);
    for (size_t i = 0; i < choices.v.n; i++) {
        html_put(h, "<option value=\"%s\">%s (%zu)</option>\n", choices.v.v[i].value,
                 choices.v.v[i].value, choices.v.v[i].n);
    }
    html_put(h, "</select></label>\n");
}

static void put_levels(const struct html *h, const char *what)
{
    html_put(h,
             "<label>%s <select data-filter=\"%s\"><option value=\"\" selected=\"\">all</option>",
             what, what);
    for (size_t i = LEVEL_HIGH + 1; i-- > 0;) {
        html_put(h, "<option>%s</option>", level_name((enum level)i));
    }
    html_put(h, "</select></label>\n");
}

/* Shown by the script, without which they would do nothing. */
static void put_filters(const struct html *h)
{
    html_put(h, "<form id=\"filters\" role=\"search\" aria-label=\"Filter the findings\" "
                "hidden=\"\">\n<label>text <input type=\"search\" data-filter=\"text\" "
                "placeholder=\"variable, function, lock\"></label>\n");
    put_select(h, "rule", rule_of);
    put_levels(h, "severity");
    put_levels(h, "confidence");
    put_select(h, "file", file_of);
    html_put(h, "<button type=\"reset\">Show all</button>\n</form>\n");
    talloc_free_children(h->scratch);
}

void html_list(struct html *h)
{
    size_t n = h->report->n_ranked;

    html_put(h, "<section id=\"findings\" aria-labelledby=\"findings-title\">\n"
                "<h2 id=\"findings-title\">Findings</h2>\n");
    if (n == 0) {
        html_put(h, "<p>No findings.</p>\n</section>\n");
        return;
    }
    if (n > 1) {
        put_filters(h);
    }
    html_put(h, "<p class=\"count\" role=\"status\"><span id=\"shown\">%zu</span> of %zu shown", n,
             n);
    if (n < h->report->n_findings) {
        html_put(h, "; %zu more are left out by --max", h->report->n_findings - n);
    }
    html_put(h, "; the worst comes first</p>\n<div id=\"list\">\n");
    for (size_t i = 0; i < n; i++) {
        html_finding(h, &h->report->ranked[i], i + 1);
        talloc_free_children(h->scratch);
    }
    html_put(h, "</div>\n</section>\n");
}
