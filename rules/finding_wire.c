#include "rules/finding_wire.h"

#include "rules/rule.h"

/* A VEC, each element by code(wire, &element). */
#define WIRE_LIST(wire, owner, vec, code)                                                          \
    do {                                                                                           \
        WIRE_LENGTH(wire, owner, vec);                                                             \
        WIRE_EACH(wire, wire, vec, code);                                                          \
        wire_promise_none(wire);                                                                   \
    } while (0)

static void wire_loc(struct wire *wire, struct loc *loc)
{
    wire_str(wire, &loc->file);
    wire_u32(wire, &loc->line);
    wire_u32(wire, &loc->column);
}

static void wire_step(struct wire *wire, struct finding_step *step)
{
    wire_loc(wire, &step->where);
    wire_str(wire, &step->text);
    wire_str(wire, &step->held);
    wire_u32(wire, &step->depth);
    wire_u32(wire, &step->order);
}

static void wire_thread(struct wire *wire, void *owner, struct finding_thread *thread)
{
    wire_str(wire, &thread->title);
    wire_u32(wire, &thread->context);
    wire_str(wire, &thread->entry);
    WIRE_LIST(wire, owner, &thread->steps, wire_step);
}

static void wire_assumption(struct wire *wire, struct finding_assumption *assumption)
{
    wire_str(wire, &assumption->text);
    wire_str(wire, &assumption->claim);
}

static void wire_place(struct wire *wire, struct finding_place *place)
{
    wire_loc(wire, &place->where);
    wire_str(wire, &place->text);
}

static void wire_cover(struct wire *wire, struct finding_cover *cover)
{
    wire_loc(wire, &cover->where);
    wire_str(wire, &cover->variable);
}

static void wire_story(struct wire *wire, struct finding *finding)
{
    WIRE_LIST(wire, finding, &finding->reasons, wire_str);
    WIRE_LIST(wire, finding, &finding->assumptions, wire_assumption);
    WIRE_LENGTH(wire, finding, &finding->threads);
    wire_promise_none(wire);
    for (size_t i = 0; i < finding->threads.n && !wire->bad; i++) {
        wire_thread(wire, finding, &finding->threads.v[i]);
    }
    WIRE_LIST(wire, finding, &finding->related, wire_place);
    WIRE_LIST(wire, finding, &finding->covers, wire_cover);
}

static void wire_finding(struct wire *wire, struct finding *finding)
{
    wire_loc(wire, &finding->where);
    wire_str(wire, &finding->message);
    WIRE_ENUM(wire, finding->severity, LEVEL_HIGH);
    wire_bool(wire, &finding->severity_is_set);
    WIRE_ENUM(wire, finding->confidence, LEVEL_HIGH);
    wire_u32(wire, &finding->n_steps);
    wire_str(wire, &finding->variable);
    wire_str(wire, &finding->cure);
    WIRE_ENUM(wire, finding->reach, CURE_DESIGN);
    wire_str(wire, &finding->subject);
    wire_str(wire, &finding->identity);
    wire_story(wire, finding);
}

void finding_wire(struct wire *wire, void *owner, const struct rule *rule,
                  struct finding_list *list)
{
    WIRE_LENGTH(wire, owner, list);
    wire_promise_none(wire);
    for (size_t i = 0; i < list->n && !wire->bad; i++) {
        if (wire->reading) {
            list->v[i] = mem_new(owner, struct finding);
            list->v[i]->rule = rule;
        }
        wire_finding(wire, list->v[i]);
    }
}
