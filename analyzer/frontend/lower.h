/* lower.h - the state of lowering one unit, and what of it lasts longer than one function.
 *
 * Private to the front end. struct lower belongs to the lowering of one unit and dies when that is
 * done; what it makes belongs to the unit. Nothing here fails: what can't be understood becomes
 * IR_VALUE_UNKNOWN, an effect of its children, or a problem of the unit.
 */
#pragma once

#include "frontend/cursor.h"
#include "frontend/idmap.h"
#include "ir/ir.h"

struct builder;

/* Whose a file is. */
enum origin {
    ORIGIN_UNKNOWN, /* no declaration of it was met */
    ORIGIN_PROJECT,
    ORIGIN_SYSTEM,
};

/* A file that libclang has read. */
struct source_file {
    CXFile file;
    file_id id;
    enum origin origin;
    bool has_text;    /* `text` has been asked for */
    const char *text; /* `size` bytes; NULL: not to be had */
    size_t size;
};

/* What is known of ir_unit.records[i] beside the IR. */
struct record_info {
    uint32_t first_field; /* its fields are consecutive in ir_unit.fields */
    uint32_t n_fields;
    field_id outer; /* the anonymous member that holds this record; ID_NONE: it has a name */
};

struct lower {
    struct ir_unit *unit;
    struct intern *names;
    CXTranslationUnit tu;
    const char *directory;  /* that relative file names are relative to */
    struct idmap *sources;  /* CXFile -> sources */
    struct idmap *paths;    /* interned path -> file_id */
    struct idmap *syms;     /* declaration -> sym_id */
    struct idmap *fields;   /* FieldDecl -> field_id */
    struct idmap *records;  /* RecordDecl -> record_id */
    struct idmap *types;    /* type -> type_names */
    struct idmap *fn_names; /* interned name -> fn_decls; NULL until it is needed */
    VEC(CXCursor) fn_decls;
    VEC(struct source_file) files;
    CXFile last_met; /* of the declaration that was looked at last */
    VEC(const char *) type_names;
    VEC(CXType) field_types;             /* by field_id */
    VEC(struct record_info) record_info; /* by record_id */
    struct builder *init;                /* of unit->init */
};

/* ---- unit.c ---- */

/* Notes that a body is lost, and why: `what` was not lowered. */
void lower_lose(struct lower *lower, CXSourceLocation where, const char *what);

/* ---- source.c: files and places in them ---- */

/* The file's id; adds it when it is new. ID_NONE for NULL (built-in, command line). */
file_id source_file_id(struct lower *lower, CXFile file);

/* Notes whose the file is, of which `where` is a place. */
void source_meet(struct lower *lower, CXSourceLocation where);

/* Where the source location is, with the macro it is from. The macro is the identifier in the text
 * at the expansion location: that needs no preprocessing record. Code that the user wrote as an
 * argument of a macro is not from the macro. */
struct ir_loc source_loc(struct lower *lower, CXSourceLocation where);

/* The text of the file from `offset` on; NULL: there is none. */
const char *source_text_at(struct lower *lower, CXFile file, size_t offset, size_t *ret_size);

/* The text from the spelling location on; NULL: in no file. */
const char *source_text(struct lower *lower, CXSourceLocation where, size_t *ret_size);

/* ---- types.c ---- */

/* The type name (see ir.h) of a type, interned. */
const char *type_name(struct lower *lower, CXType type);

/* The type name of a pointer to the type (or, of an array, to its element). */
const char *type_name_pointer(struct lower *lower, CXType type);

/* ---- decls.c: symbols ---- */

/* The symbol of a function or a variable with static storage. */
sym_id decl_sym(struct lower *lower, CXCursor decl);

/* The same for the definition: fills in IR_SYM_DEFINED and the place. */
sym_id decl_define(struct lower *lower, CXCursor decl);

/* The function of this name; ID_NONE: the unit declares none. */
sym_id decl_fn_named(struct lower *lower, const char *name);

/* Is it a variable with static storage? */
bool decl_is_global(CXCursor decl);

/* Has the declaration an attribute of this name (`__name__` too), by the text it begins with? */
bool decl_has_attribute(struct lower *lower, CXCursor decl, const char *name);

/* ---- attrs.c: what attributes say of locking ---- */

/* Adds the attributes of a declaration to unit->attrs, each once. */
void attrs_note(struct lower *lower, CXCursor decl, enum ir_attr_target target_kind,
                uint32_t target);

/* nonblocking and blocking, which are part of a function's type. */
void attrs_note_type(struct lower *lower, const char *type, sym_id fn);

/* ---- notes.c ---- */

/* Adds the file's comments that begin with `snarl:` to unit->notes. */
void notes_read(struct lower *lower, CXFile file);

/* ---- records.c: structs ---- */

/* The field of a FieldDecl, the record of a struct or union type (ID_NONE for another type). */
field_id record_field(struct lower *lower, CXCursor decl);
record_id record_of_type(struct lower *lower, CXType type);

/* "The USR, with the file in front where the USR tells no files apart", interned. */
const char *decl_key(struct lower *lower, CXCursor decl, bool internal);
