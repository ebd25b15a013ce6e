/* Designated initialisers, C11 6.7.9: the list goes on after the member that was designated, in the
 * innermost object that has members left, then in the ones around it. */
#include "frontend/init.h"

#include <string.h>

enum { LEVELS_MAX = 32 };

/* The list's object and the members of members that designators have led to; `next` of each is the
 * member that was entered. */
struct levels {
    struct object v[LEVELS_MAX];
    unsigned n;
};

/* Enters member `index` of the innermost object. */
static bool enter(struct builder *b, struct levels *levels, int64_t index)
{
    struct object *object = &levels->v[levels->n - 1];
    place_id place;
    CXType type;

    object->next = index;
    if (levels->n == LEVELS_MAX || !object_member(b, object, &place, &type)) {
        return false;
    }
    levels->v[levels->n++] = object_of(b, place, type);
    return true;
}

/* Enters the field, and before it the anonymous members that hold it. */
static bool enter_field(struct builder *b, struct levels *levels, CXCursor ref)
{
    const struct lower *lower = b->lower;
    uint32_t around[LEVELS_MAX];
    uint32_t n = 0;
    field_id field = record_field(b->lower, clang_getCursorReferenced(ref));

    if (field.i == ID_NONE) {
        return false;
    }
    record_id at = lower->unit->fields.v[field.i].record;
    while (at.i != levels->v[levels->n - 1].record.i && n < LEVELS_MAX &&
           lower->record_info.v[at.i].outer.i != ID_NONE) {
        around[n] = lower->record_info.v[at.i].outer.i;
        at = lower->unit->fields.v[around[n++]].record;
    }
    while (n > 0) {
        if (!enter(b, levels, lower->unit->fields.v[around[--n]].index)) {
            return false;
        }
    }
    return enter(b, levels, lower->unit->fields.v[field.i].index);
}

/* Do these two children belong to one GNU range designator, [low ... high]? */
static bool is_range(struct lower *lower, CXCursor low, CXCursor high)
{
    size_t size = 0;
    size_t size_high = 0;
    const char *text = source_text(lower, clang_getCursorLocation(low), &size);
    const char *end = source_text(lower, clang_getCursorLocation(high), &size_high);

    for (; text != NULL && end != NULL && size > size_high; text++, size--) {
        if (*text == ']') {
            return false;
        }
        if (size > 3 && strncmp(text, "...", 3) == 0) {
            return true;
        }
    }
    return false;
}

/* Follows the designators, all children but the last; a range of elements is one element of unknown
 * index. False: one of them makes no sense. */
static bool follow(struct builder *b, struct levels *levels, const struct kids *kids)
{
    for (unsigned i = 0; i + 1 < kids->n; i++) {
        int64_t index = 0;
        if (clang_getCursorKind(kids->v[i]) == CXCursor_MemberRef) {
            if (!enter_field(b, levels, kids->v[i])) {
                return false;
            }
            continue;
        }
        if (!cursor_constant(kids->v[i], &index) || index < 0 || !enter(b, levels, index)) {
            return false;
        }
        if (i + 2 < kids->n && clang_getCursorKind(kids->v[i + 1]) != CXCursor_MemberRef &&
            is_range(b->lower, kids->v[i], kids->v[i + 1])) {
            struct object *array = &levels->v[levels->n - 2];
            i++;
            (void)cursor_constant(kids->v[i], &array->next);
            levels->v[levels->n - 1].place =
                place_extend(b, array->place, IR_STEP_INDEX, value_unknown(b).i);
        }
    }
    return true;
}

void init_designated(struct builder *b, struct object *object, struct list *list, CXCursor init)
{
    struct levels levels = {.n = 1};
    struct kids kids;

    levels.v[0] = *object;
    kids_get(&kids, init);
    if (kids.n > 1 && follow(b, &levels, &kids)) {
        const struct object *last = &levels.v[levels.n - 1];
        init_give(b, last->place, last->type, kids.v[kids.n - 1], list->quiet);
        for (unsigned i = levels.n - 1; i-- > 1;) {
            object_step(b, &levels.v[i]);
            init_fill(b, &levels.v[i], list, false);
        }
    }
    kids_free(&kids);
    object->next = levels.v[0].next;
    object_step(b, object);
}
