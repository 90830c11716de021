/* NumPy's .npz: a ZIP of .npy members, read with libzip. Sizes come from the central directory; a
 * member is inflated only as far as its .npy header says and the budget allows.
 */
#ifndef ATTNSCOPE_LOAD_NPZ_H
#define ATTNSCOPE_LOAD_NPZ_H

#include "load/load_npy.h"

typedef struct {
    const char *name; /* without ".npy"; in the archive's arena */
    NpyHeader header;
    bool texts;      /* an array of texts (<U7, S4): npz_texts, not npz_read */
    bool readable;   /* false: an array that cannot be shown; `why` */
    const char *why; /* "complex numbers ('<c8')" */
    uint64_t index;  /* of the member */
    uint64_t size;   /* inflated */
} NpzItem;

typedef struct {
    void *zip; /* libzip's zip_t */
    File file;
    NpzItem *items; /* owned; in the order of the directory */
    int count;
    int skipped;                /* members that are no .npy: never opened */
    const char **skipped_names; /* owned; the texts are in the arena */
    Arena arena;
    LoadRequest request;
} Npz;

void npz_init(Npz *npz);
void npz_free(Npz *npz);
bool npz_open(Npz *npz, const char *path, const LoadRequest *request, Error *err);
const NpzItem *npz_find(const Npz *npz, const char *name);
bool npz_read(const Npz *npz, const NpzItem *item, Numbers *out, uint64_t memory, Error *err);
/* The numbers from its front that out->ndim and shape ask for, and no more is inflated: checksums
 * are not compared. Of an array in C order. */
bool npz_read_first(const Npz *npz, const NpzItem *item, Numbers *out, uint64_t memory, Error *err);
/* count texts (valid UTF-8) from the arena. */
bool npz_texts(const Npz *npz, const NpzItem *item, Arena *arena, const char ***out, int *count,
               Error *err);

#endif
