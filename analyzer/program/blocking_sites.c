#include "program/blocking_sites.h"

#include "program/arguments.h"

struct blocking_sites *blocking_sites_new(void *owner, const struct contexts *contexts)
{
    struct blocking_sites *sites = mem_new(owner, struct blocking_sites);

    sites->contexts = contexts;
    return sites;
}

/* Does any way come to the call that does not end the process? */
static bool is_live(const struct contexts *contexts, const struct call *call)
{
    return flow_held_at(contexts->flows, call->fn, call->op) != NULL &&
           !doom_at(contexts->doom, call->fn, call->op);
}

static void find_sites(struct blocking_sites *sites)
{
    const struct calls *calls = sites->contexts->flows->calls;

    sites->at = mem_array(sites, uint32_t, calls->v.n + 1);
    for (size_t i = 0; i < calls->v.n; i++) {
        const struct call *call = &calls->v.v[i];
        bool sure = false;
        enum blocks_what what = blocking_what(sites->contexts, call, &sure);
        sites->at[i] = ID_NONE;
        if (what != BLOCKS_NOTHING && what != BLOCKS_LOCK && is_live(sites->contexts, call)) {
            sites->at[i] = (uint32_t)sites->v.n;
            vec_push(sites, &sites->v, (struct blocking_site){call, what, sure});
        }
    }
}

const struct blocking_sites *blocking_sites_all(struct blocking_sites *sites)
{
    if (!sites->found) {
        sites->found = true;
        find_sites(sites);
    }
    return sites;
}

const struct blocking_site *blocking_site_of(const struct blocking_sites *sites,
                                             const struct call *call)
{
    uint32_t at = sites->at[call - sites->contexts->flows->calls->v.v];

    return at == ID_NONE ? NULL : &sites->v.v[at];
}

struct blocking_visits blocking_visits_of(void *owner, const struct blocking_sites *sites,
                                          const struct blocking_site *site)
{
    const struct contexts *contexts = sites->contexts;
    const struct call *call = site->call;
    struct blocking_visits visits = {NULL, 0};

    for (uint32_t p = 0; p < contexts->phases.n; p++) {
        struct moment moment = {{p}, call->fn, call->op};
        const struct lockset *held = contexts_held_at(contexts, moment.phase, call->fn, call->op);
        if (held != NULL && !contexts_alone_at(contexts, moment)) {
            bool sure = arguments_surely_lead_to(contexts->arguments, moment);
            vec_push(owner, &visits, (struct blocking_visit){moment.phase, held, sure});
        }
    }
    return visits;
}
