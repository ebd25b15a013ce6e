#include "rules/gil_story.h"

struct site gil_let_go_at(const struct prog *prog, path_id lock, fn_id fn, op_id op)
{
    const struct held *held = flow_held_at(prog->flows, fn, op);
    const struct token *token = held == NULL ? NULL : lockset_find(held->free, lock);

    return token == NULL ? SITE_NONE : token->taken;
}

void gil_story_let_go(struct rule_run *run, struct finding *finding, size_t thread, path_id lock,
                      fn_id fn, op_id op, unsigned depth)
{
    const struct prog *prog = run->prog;
    struct site site = gil_let_go_at(prog, lock, fn, op);

    if (site.fn != UINT32_MAX) {
        finding_add_step(run, finding, thread, prog_loc_of(prog, site), depth, NULL, "lets '%s' go",
                         prog_path_name(finding, prog, FN_NONE, lock));
    }
}

static unsigned add_way(struct rule_run *run, struct finding *finding, size_t thread,
                        const struct gil_walk *walk, fn_id fn, enum gil_state state)
{
    const struct prog *prog = run->prog;
    const struct gil_way *way = gil_way(walk, fn, state);

    if (way == NULL || way->caller.i == UINT32_MAX) {
        finding_add_step(run, finding, thread, prog_loc_of_fn(prog, fn), 0, NULL, "starts in '%s'",
                         prog_fn_name(prog, fn));
        return 0;
    }
    unsigned depth = add_way(run, finding, thread, walk, way->caller, way->before);
    gil_story_let_go(run, finding, thread, walk->lock, way->caller, way->call, depth);
    finding_add_step(run, finding, thread,
                     prog_loc_of(prog, (struct site){way->caller.i, way->call.i}), depth, NULL,
                     "calls '%s'", prog_fn_name(prog, fn));
    return depth + 1;
}

size_t gil_story_way(struct rule_run *run, struct finding *finding, const struct gil_walk *walk,
                     fn_id fn, enum gil_state state, unsigned *ret_depth)
{
    size_t thread =
        finding_add_thread(finding, prog_context_title(finding, run->prog, walk->context));

    *ret_depth = add_way(run, finding, thread, walk, fn, state);
    return thread;
}
