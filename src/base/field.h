/* Described struct fields: one table gives name, range, default, help, command line, JSON, scripts
 * and widgets.
 */
#ifndef ATTNSCOPE_BASE_FIELD_H
#define ATTNSCOPE_BASE_FIELD_H

#include "base/buf.h"

typedef enum {
    FIELD_BOOL,   /* bool; true false 1 0 */
    FIELD_INT,    /* int in lo … hi */
    FIELD_REAL,   /* double in lo … hi */
    FIELD_AUTO,   /* double in lo … hi, or `auto`, held as 0 */
    FIELD_CHOICE, /* int, an index into choices */
    FIELD_INDEX, /* int ≥ 0, or `mean` = FIELD_MEAN or `max` = FIELD_MAX where FIELD_REDUCES is set,
                    or `none` = FIELD_NOTHING where FIELD_OPTIONAL is set */
    FIELD_SET,   /* int, id of an interned index set: `3,5-7` */
    FIELD_TEXT   /* int, id of an interned text (base/text_set.h): one line, any words */
} FieldKind;

enum { FIELD_MEAN = -1, FIELD_MAX = -2, FIELD_NOTHING = -3 };

/* flags */
enum {
    FIELD_REDUCES = 1,    /* FIELD_INDEX also takes mean and max */
    FIELD_OPTIONAL = 2,   /* FIELD_INDEX also takes none */
    FIELD_NO_UNDO = 4,    /* kept in the session, not an undo step (viewport, selection …) */
    FIELD_NO_SAVE = 8,    /* not written into documents (theme, ui.scale …) */
    FIELD_ABOVE_ZERO = 16, /* lo itself is excluded */
    FIELD_NOT_ZERO = 32    /* 0 within lo … hi is excluded: of FIELD_AUTO it would mean auto */
};

typedef struct {
    const char *name, *help;
    FieldKind kind;
    size_t offset;
    double lo, hi, def;
    const char *const *choices; /* NULL-ended, FIELD_CHOICE only */
    int flags;
} Field;

/* Text → the field in base. Wrong text or out of range: ERROR_USAGE `NAME: expected …, found …`,
 * base unchanged. */
bool field_parse(const Field *field, void *base, const char *text, Error *err);
/* The field as text that field_parse takes. */
bool field_print(const Field *field, const void *base, Buf *out);
/* What may be given, in words: `0 … 1000`, `true or false`, `linear, sqrt or log`. */
void field_range(const Field *field, char *out, size_t cap);
bool field_equal(const Field *field, const void *a, const void *b);
void field_copy(const Field *field, void *to, const void *from);
void field_reset(const Field *field, void *base);
/* Puts an out-of-range value back into the range; true when it changed something. */
bool field_clamp(const Field *field, void *base);
/* The row by exact name, or NULL. */
const Field *field_find(const Field *table, size_t count, const char *name);

#endif
