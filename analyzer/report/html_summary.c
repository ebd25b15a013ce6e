/* html_summary.c - the top of the report: how much was found, rule by rule. */
#include "report/html.h"
#include "report/write.h"

#include <stdlib.h>
#include <string.h>

/* How many findings of each severity a rule has. */
struct tally {
    const struct rule *rule;
    size_t first; /* number of its worst finding */
    size_t n[LEVEL_HIGH + 1];
};

struct tallies {
    VEC(struct tally) v; /* in the order of their worst findings */
};

static struct tallies count_by_rule(const struct html *h)
{
    struct tallies tallies = {{NULL, 0}};

    for (size_t i = 0; i < h->report->n_ranked; i++) {
        const struct finding *finding = h->report->ranked[i].finding;
        size_t at = 0;
        while (at < tallies.v.n && tallies.v.v[at].rule != finding->rule) {
            at++;
        }
        if (at == tallies.v.n) {
            vec_push(h->scratch, &tallies.v, (struct tally){finding->rule, i + 1, {0}});
        }
        tallies.v.v[at].n[finding->severity]++;
    }
    return tallies;
}

static void put_count(const struct html *h, size_t n, enum level level)
{
    if (n == 0) {
        html_put(h, "<td class=\"n none\">&ndash;</td>");
    } else {
        html_put(h, "<td class=\"n\"><span class=\"level %s\">%zu</span></td>", level_name(level),
                 n);
    }
}

static void put_rules(const struct html *h)
{
    struct tallies tallies = count_by_rule(h);

    html_put(h, "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Findings by "
                "rule\"><table id=\"rules\">\n<thead><tr><th scope=\"col\">Rule</th><th "
                "scope=\"col\" class=\"n\">high</th><th scope=\"col\" class=\"n\">medium</th><th "
                "scope=\"col\" class=\"n\">low</th><th scope=\"col\">What it finds</th></tr>"
                "</thead>\n<tbody>\n");
    for (size_t i = 0; i < tallies.v.n; i++) {
        const struct tally *tally = &tallies.v.v[i];
        html_put(h, "<tr><th scope=\"row\"><a href=\"#f%zu\" data-rule=\"%s\">%s</a></th>",
                 tally->first, tally->rule->id, tally->rule->id);
        for (size_t level = LEVEL_HIGH + 1; level-- > 0;) {
            put_count(h, tally->n[level], (enum level)level);
        }
        html_put(h, "<td>%s <span class=\"cwe\">CWE-%u</span></td></tr>\n", tally->rule->summary,
                 (unsigned)tally->rule->cwe);
    }
    html_put(h, "</tbody></table></div>\n");
}

static void put_tiles(const struct html *h)
{
    const struct report *report = h->report;
    size_t n[LEVEL_HIGH + 1] = {0};

    for (size_t i = 0; i < report->n_findings; i++) {
        n[report->findings[i]->severity]++;
    }
    html_put(h, "<ul class=\"tiles\"><li><b>%zu</b> finding%s</li>", report->n_findings,
             report->n_findings == 1 ? "" : "s");
    for (size_t level = LEVEL_HIGH + 1; level-- > 0;) {
        html_put(h, "<li class=\"%s\"><b>%zu</b> %s severity</li>", level_name((enum level)level),
                 n[level], level_name((enum level)level));
    }
    html_put(h, "</ul>\n");
}

/* "; 3 known", or nothing. */
static void put_also(const struct html *h, size_t n, const char *what)
{
    if (n > 0) {
        html_put(h, "<li>%zu %s</li>", n, what);
    }
}

static void put_not_shown(const struct html *h)
{
    const struct report *report = h->report;

    if (report->n_hidden + report->n_foreign + report->n_allowed + report->n_known +
            report->n_absent ==
        0) {
        return;
    }
    html_put(h, "<ul class=\"besides\">");
    put_also(h, report->n_hidden, "of lower confidence not shown (--confidence=low shows them)");
    put_also(h, report->n_foreign,
             "in files that are not the project's own not shown (--all-files shows them)");
    put_also(h, report->n_allowed, "allowed by comments");
    put_also(h, report->n_known, "known from the baseline");
    put_also(h, report->n_absent, "of the baseline gone");
    html_put(h, "</ul>\n");
}

static void put_problems(const struct html *h)
{
    const struct report *report = h->report;

    if (report->n_problems == 0) {
        return;
    }
    html_put(h,
             "<details class=\"problems\" open=\"\"><summary>%zu problem%s: not all input was "
             "analysed</summary><ul>\n",
             report->n_problems, report->n_problems == 1 ? "" : "s");
    for (size_t i = 0; i < report->n_problems; i++) {
        const struct err *problem = &report->problems[i];
        const char *file = problem_file(problem);
        struct loc where = {.file = file, .line = problem->where.line};
        html_put(h, "<li><span class=\"at\">%s</span> %s</li>\n", html_place(h, where),
                 problem->text);
    }
    html_put(h, "</ul></details>\n");
}

void html_summary(struct html *h)
{
    html_put(h, "<section id=\"summary\" aria-labelledby=\"summary-title\">\n"
                "<h2 id=\"summary-title\">Summary</h2>\n");
    put_tiles(h);
    put_not_shown(h);
    put_problems(h);
    if (h->report->n_ranked > 0) {
        put_rules(h);
    }
    html_put(h, "</section>\n");
    talloc_free_children(h->scratch);
}
