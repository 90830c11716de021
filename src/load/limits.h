/* The table of limits (limits.def): what one file may cost. */
#ifndef ATTNSCOPE_LOAD_LIMITS_H
#define ATTNSCOPE_LOAD_LIMITS_H

#include "base/file.h"
#include "base/text_set.h"
#include "core/head.h"
#include "doc/vocab.h"
#include "image/jpeg.h"
#include "image/png.h"

/* Those that belong to a request. 0 stands for the default, so a request may name only some. */
typedef struct {
#define LIMIT(id, field, type, name, value, ceiling, unit, meaning) type field;
#define FIXED(id, name, value, unit, meaning)
#include "load/limits.def"
#undef LIMIT
#undef FIXED
} LoadLimits;

typedef enum {
#define LIMIT(id, field, type, name, value, ceiling, unit, meaning) LIMIT_##id,
#define FIXED(id, name, value, unit, meaning)                       LIMIT_##id,
#include "load/limits.def"
#undef LIMIT
#undef FIXED
    LIMIT_COUNT
} Limit;

/* LIMIT_MOST_AXIS …: the fixed ones as constants. */
enum {
#define LIMIT(id, field, type, name, value, ceiling, unit, meaning)
#define FIXED(id, name, value, unit, meaning) LIMIT_MOST_##id = (value),
#include "load/limits.def"
#undef LIMIT
#undef FIXED
};

typedef struct {
    const char *name, *unit, *meaning;
    uint64_t value, ceiling; /* ceiling == value: cannot be raised */
    bool request;            /* a member of LoadLimits */
} LimitRow;
extern const LimitRow LIMITS[LIMIT_COUNT];

/* The table's values; memory: at most half of what the system could still give. */
LoadLimits load_limits_default(void);
/* What holds: the request's own where it names one. limits may be NULL. */
uint64_t limits_value(const LoadLimits *limits, Limit id);
/* The text of --limit-NAME: whole, also with K, M, G or T (of 1024), 1 … the ceiling. ERROR_USAGE.
 */
bool limits_parse(LoadLimits *limits, Limit id, const char *text, Error *err);
/* Takes over those that `from` names. */
void limits_merge(LoadLimits *limits, const LoadLimits *from);

/* "(limit 64)" or "(limit 8000000, raise with --limit-nodes)", lent to the caller's LIMITS_NOTE
 * bytes; how every message about a limit ends. */
enum { LIMITS_NOTE = 80 };
const char *limits_note(const LoadLimits *limits, Limit id, char out[LIMITS_NOTE]);
/* ERROR_LIMIT: the text, a space and the note. Always false. */
bool limits_over(const LoadLimits *limits, Limit id, Error *err, const char *where, const char *fmt,
                 ...) ATTN_PRINTF(5, 6);
/* file_read_until held to a limit. */
bool limits_read_file(const LoadLimits *limits, Limit id, const char *path,
                      const atomic_bool *cancel, Buf *out, FileStamp *stamp, Error *err);

/* The table as text: name, value, unit, how to raise it, meaning. */
bool limits_print(const LoadLimits *limits, Buf *out);

#endif
