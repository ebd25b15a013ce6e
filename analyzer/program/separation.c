#include "program/separation.h"

struct separation {
    const struct accessmap *map;
    bool asked;
    const struct settled *settled;
    const struct kept *kept;
    const struct errands *errands;
};

struct separation *separation_new(void *owner, const struct accessmap *map)
{
    struct separation *separation = mem_new(owner, struct separation);

    separation->map = map;
    return separation;
}

static void look(struct separation *separation)
{
    if (separation != NULL && !separation->asked) {
        separation->asked = true;
        separation->settled = settled_build(separation, separation->map);
        separation->kept = kept_build(separation, separation->map);
        separation->errands = errands_build(separation, separation->map);
    }
}

const struct settled *separation_settled(struct separation *separation)
{
    look(separation);
    return separation == NULL ? NULL : separation->settled;
}

const struct kept *separation_kept(struct separation *separation)
{
    look(separation);
    return separation == NULL ? NULL : separation->kept;
}

const struct errands *separation_errands(struct separation *separation)
{
    look(separation);
    return separation == NULL ? NULL : separation->errands;
}
