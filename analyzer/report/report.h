/* report.h - findings to bytes. stdout is for these; nothing here decides what is a finding. */
#pragma once

#include "base/err.h"
#include "ir/ir.h"
#include "rules/finding.h"

#include <stdio.h>

enum report_format {
#define FORMAT(NAME, name) REPORT_##NAME,
#include "report/formats.def"
#undef FORMAT
};

struct prog;

/* All a report may tell of a run. `findings` are sorted and already filtered. */
struct report {
    const struct finding *const *findings;
    size_t n_findings;
    const struct ranked_finding *ranked; /* the findings in the order of rank.h, for people */
    size_t n_ranked;                     /* fewer than n_findings: the worst ones, by --max */
    const struct prog *prog;             /* REPORT_HTML: what its graph and maps show; NULL: none */
    const struct rule *rules;            /* all rules, for SARIF's rule list */
    size_t n_rules;
    const char *(*rule_help)(const char *rule_id); /* Markdown of docs/rules/<id>.md; NULL: none */
    const struct err *problems;                    /* input that was not analysed */
    size_t n_problems;
    const char *root;      /* paths below it are shown relative to it (absolute, no final slash) */
    const char *category;  /* REPORT_SARIF: the name of this analysis among several; NULL: none */
    enum fail_on fail_on;  /* REPORT_JUNIT: from this severity on a finding is a failure */
    VEC(const char *) off; /* REPORT_JUNIT: ids of rules that were not asked */
    unsigned exit_code;    /* REPORT_SARIF: of this run */
    bool colour;           /* REPORT_TEXT */
    unsigned width;        /* REPORT_TEXT: of the terminal, in columns; 0: it is none */
    size_t n_hidden;       /* findings below the confidence that is shown */
    size_t n_foreign;      /* findings in files that are not the project's own */
    const struct finding *const *allowed; /* findings that comments allow; not among `findings` */
    size_t n_allowed;
    const struct finding *const *known; /* a baseline has them, too; not among `findings` */
    size_t n_known;
    struct finding *const *absent; /* of the baseline, not found again: no line, no story */
    size_t n_absent;
};

bool report_write(enum report_format format, const struct report *report, FILE *out,
                  struct err *err);

/* `path` relative to `root` when it lies below it; a pointer into `path` or `path` itself. */
const char *report_path(const char *root, const char *path);
