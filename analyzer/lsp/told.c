#include "lsp/told.h"

#include "lsp/snapshot.h"
#include "program/repeats.h"
#include "triage/fingerprint.h"
#include "triage/select.h"

static struct prog *link_program(void *owner, const struct project *project,
                                 struct ir_unit *const *units, size_t n)
{
    const struct run *run = project->run;

    for (size_t i = 0; i < n; i++) {
        models_activate(run->models, units[i]->files.v, units[i]->files.n);
    }
    repeats_drop(units, n);
    return prog_link(owner, (const struct ir_unit *const *)units, n, run->models, run->root);
}

struct finding_list told_with(void *owner, const struct project *project,
                              struct ir_unit *const *units, size_t n)
{
    struct prog *prog = link_program(owner, project, units, n);
    struct finding_list all = rules_run(owner, prog, &project->run->config, 1);

    fingerprint_all(&all);
    return all;
}

void told_link(struct snapshot *snapshot)
{
    VEC(struct ir_unit *) units = {NULL, 0};

    for (size_t i = 0; i < snapshot->project->units.n; i++) {
        struct ir_unit *unit = snapshot->project->units.v[i].ir;
        if (unit != NULL) {
            vec_push(NULL, &units, unit);
        }
    }
    snapshot->prog = link_program(NULL, snapshot->project, units.v, units.n);
}

/* What there is to tell, of the files that the program is looked at for. */
static void find(const struct snapshot *snapshot, unsigned n_processes)
{
    const struct run *run = snapshot->project->run;
    struct told *told = snapshot->told;
    struct selection selection;
    const struct select_options options = {.min_confidence = run->config.min_confidence,
                                           .own = own_files_new(told, &run->config, run->root,
                                                                run_sources(told, run),
                                                                run->compdb->units.n)};

    told->all = rules_run(told, snapshot->prog, &run->config, n_processes);
    fingerprint_all(&told->all);
    select_findings(told, &options, &told->all, &selection);
    told->shown.v = selection.shown.v;
    told->shown.n = selection.shown.n;
}

uint32_t told_number(const struct snapshot *snapshot, size_t index)
{
    uint32_t number = 0;

    for (size_t i = 0; i < index; i++) {
        number += snapshot->project->units.v[i].ir != NULL ? 1 : 0;
    }
    return number;
}

void told_find(struct snapshot *snapshot)
{
    const struct documents *documents = snapshot->documents;

    talloc_free(snapshot->told);
    snapshot->told = mem_new(NULL, struct told);
    const char **files = mem_array(snapshot->told, const char *, documents->n + 1);
    for (size_t i = 0; i < documents->n; i++) {
        files[i] = documents->v[i]->path;
    }
    snapshot->prog->focus = focus_new(snapshot->told, snapshot->prog->linked, files, documents->n);
    find(snapshot, run_limits(snapshot->project->run->options).jobs);
    snapshot->prog->focus = NULL;
}

void told_find_everywhere(const struct snapshot *snapshot)
{
    if (!snapshot->told->everywhere) {
        find(snapshot, 1); /* nobody waits for it */
        snapshot->told->everywhere = true;
    }
}
