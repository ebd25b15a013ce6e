/* Scopes: cleanup variables, and jumps that leave them (GCC manual, "Common Variable Attributes":
 * cleanup runs at every scope exit; jumps into a scope are not our concern). */
#include "frontend/builder.h"

#include <ctype.h>
#include <string.h>

void scope_add_cleanup(struct builder *b, place_id place, sym_id fn, loc_id where)
{
    struct cleanup_chain *chain = mem_new(b, struct cleanup_chain);

    if (b->fn->places.v[place.i].base_kind == IR_BASE_LOCAL) {
        b->fn->locals.v[b->fn->places.v[place.i].base].flags |= IR_LOCAL_CLEANUP;
    }
    chain->outer = b->cleanups;
    chain->cleanup = (struct cleanup){place, fn, where};
    chain->depth = b->cleanups == NULL ? 1 : b->cleanups->depth + 1;
    b->cleanups = chain;
}

static void run(struct builder *b, const struct cleanup_chain *from,
                const struct cleanup_chain *outer)
{
    for (; from != outer && from != NULL; from = from->outer) {
        /* not value_addr(): see IR_LOCAL_CLEANUP */
        value_id arg = ir_value_add(
            b->fn, (struct ir_value){.kind = IR_VALUE_ADDR, .u.place = from->cleanup.place});
        op_call(b, value_fn(b, from->cleanup.fn), &arg, 1, IR_OPF_CLEANUP, from->cleanup.where);
    }
}

void scope_run_cleanups(struct builder *b, const struct cleanup_chain *outer)
{
    if (block_is_open(b)) {
        run(b, b->cleanups, outer);
    }
}

void scope_close(struct builder *b, const struct cleanup_chain *outer)
{
    scope_run_cleanups(b, outer);
    b->cleanups = outer;
}

void scope_leave(struct builder *b, struct jump_target target)
{
    if (target.block.i == ID_NONE) { /* a stray break: clang has said so */
        return;
    }
    scope_run_cleanups(b, target.cleanups);
    block_jump(b, target.block);
}

/* ---- labels ---------------------------------------------------------------------------------- */

uint32_t scope_label(struct builder *b, CXCursor label_stmt)
{
    const void *key = label_stmt.data[1]; /* the statement */
    uint32_t at = 0;

    if (!idmap_get(b->labels, key, &at)) {
        struct label label = {.name = cursor_name(b->lower->names, label_stmt),
                              .block = block_new(b)};
        at = (uint32_t)b->label_list.n;
        vec_push(b, &b->label_list, label);
        idmap_put(b->labels, key, at);
    }
    return at;
}

void scope_place_label(struct builder *b, uint32_t label)
{
    struct label *at = &b->label_list.v[label];

    if (at->placed) {
        return;
    }
    at->placed = true;
    at->cleanups = b->cleanups;
    block_start(b, at->block);
}

void scope_goto(struct builder *b, uint32_t label, loc_id where)
{
    if (!block_is_open(b)) {
        return;
    }
    if (b->cleanups == NULL) {
        block_jump(b, b->label_list.v[label].block);
        return;
    }
    struct pending_goto pending = {block_new(b), label, b->cleanups, where};
    block_jump(b, pending.block);
    vec_push(b, &b->gotos, pending);
}

/* The innermost cleanup that is open at both places. */
static const struct cleanup_chain *common(const struct cleanup_chain *a,
                                          const struct cleanup_chain *b)
{
    while (a != b) {
        if (b == NULL || (a != NULL && a->depth >= b->depth)) {
            a = a == NULL ? NULL : a->outer;
        } else {
            b = b->outer;
        }
    }
    return a;
}

static bool has_word(const char *text, size_t size, const char *word)
{
    size_t n = strlen(word);

    for (size_t i = 0; i + n <= size; i++) {
        bool begins = i == 0 || !(isalnum((unsigned char)text[i - 1]) || text[i - 1] == '_');
        if (begins && strncmp(text + i, word, n) == 0 &&
            (i + n == size || !(isalnum((unsigned char)text[i + n]) || text[i + n] == '_'))) {
            return true;
        }
    }
    return false;
}

/* The block that an asm goto goes to for this label: the label's own, or one that runs the cleanups
 * on the way there. */
static block_id landing(struct builder *b, const struct computed_goto *from,
                        const struct label *label)
{
    const struct cleanup_chain *outer = common(from->cleanups, label->cleanups);

    if (from->text == NULL || outer == from->cleanups) {
        return label->block;
    }
    block_id block = block_new(b);
    block_start(b, block);
    run(b, from->cleanups, outer);
    block_jump(b, label->block);
    return block;
}

static bool may_reach(const struct computed_goto *from, const struct label *label)
{
    return from->text == NULL ? label->address_taken
                              : has_word(from->text, from->size, label->name);
}

/* A computed goto may reach every label whose address was taken, an asm goto those that it names;
 * every label, when none was seen (a macro's parameter names it). */
static void finish_computed(struct builder *b, const struct computed_goto *from)
{
    bool any = false;

    for (size_t i = 0; i < b->label_list.n; i++) {
        any = any || may_reach(from, &b->label_list.v[i]);
    }
    for (size_t i = 0; i < b->label_list.n; i++) {
        if (!any || may_reach(from, &b->label_list.v[i])) {
            struct ir_succ succ = {.block = landing(b, from, &b->label_list.v[i])};
            block_add_succ(b, from->block, succ);
        }
    }
}

void scope_finish(struct builder *b)
{
    for (size_t i = 0; i < b->gotos.n; i++) {
        const struct pending_goto *pending = &b->gotos.v[i];
        const struct label *label = &b->label_list.v[pending->label];
        block_start(b, pending->block);
        run(b, pending->cleanups, common(pending->cleanups, label->cleanups));
        block_jump(b, label->block);
    }
    for (size_t i = 0; i < b->computed.n; i++) {
        finish_computed(b, &b->computed.v[i]);
    }
}
