/* Opening: a file in, a Document or one clear Error out. The old document is never touched. Formats
 * are told by content, the extension is only a hint; each has a row in the table in load.c.
 */
#ifndef ATTNSCOPE_LOAD_LOAD_H
#define ATTNSCOPE_LOAD_LOAD_H

#include "doc/document.h"
#include "load/limits.h"

#include <stdatomic.h>

typedef struct {
    const char *path; /* a file, or a folder of parts of one document */
    DocOrigin origin; /* what else was given, and how to read it; lent */
    LoadLimits limits;
    bool allow_nan;      /* NaN, Infinity literals in our own documents */
    bool allow_trailing; /* bytes behind the data of an .npy */
    bool strict;         /* damaged pictures are refused */
    void (*progress)(void *context, uint64_t done,
                     uint64_t total); /* may be NULL; called from the loading thread */
    void *context;
    const atomic_bool *cancel; /* may be NULL */
} LoadRequest;

/* *out must be initialised and empty; it is filled only on success. */
bool load_document(Document *out, const LoadRequest *request, Error *err);

/* The JSON scanner alone (check --syntax). */
bool load_check_syntax(const LoadRequest *request, Error *err);

/* What a file seems to be, by its first bytes and name, in a few words for the file browser:
 * "attnscope document", "safetensors", "PNG picture", …; "" = not recognised. Reads ≤ 4 KiB. */
const char *load_kind(const char *path);

#endif
