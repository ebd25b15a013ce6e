#include "program/separation.h"

struct separation {
    const struct accessmap *map;
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

const struct settled *separation_settled(struct separation *separation)
{
    if (separation != NULL && separation->settled == NULL) {
        separation->settled = settled_build(separation, separation->map);
    }
    return separation == NULL ? NULL : separation->settled;
}

const struct kept *separation_kept(struct separation *separation)
{
    if (separation != NULL && separation->kept == NULL) {
        separation->kept = kept_build(separation, separation->map);
    }
    return separation == NULL ? NULL : separation->kept;
}

const struct errands *separation_errands(struct separation *separation)
{
    if (separation != NULL && separation->errands == NULL) {
        separation->errands = errands_build(separation, separation->map);
    }
    return separation == NULL ? NULL : separation->errands;
}
