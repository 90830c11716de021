/* NumPy's .npy, versions 1.0 to 3.0: floats, whole numbers, bools and texts, both byte orders, C
 * and Fortran order. The header is a Python literal; it is read by hand and never evaluated.
 */
#ifndef ATTNSCOPE_LOAD_LOAD_NPY_H
#define ATTNSCOPE_LOAD_LOAD_NPY_H

#include "load/load.h"
#include "load/numbers.h"

typedef enum {
    NPY_NUMBERS,
    NPY_TEXTS_UTF32, /* <U7: seven code points of four bytes */
    NPY_TEXTS_BYTES, /* S4: four bytes of UTF-8 */
    NPY_OTHER        /* complex numbers, dates, structures, pickles: never shown */
} NpyKind;

typedef struct {
    NpyKind kind;
    RawType type;   /* of numbers; of texts size is that of one text, in bytes */
    char descr[24]; /* as the file calls it, without what no type is called by: "<f4" */
    bool fortran;
    int ndim;
    int64_t shape[NUMBERS_DIMS], count;
    uint64_t data; /* offset of the numbers */
} NpyHeader;

/* The header from the first bytes of a file of file_size. False with a place such as `byte 0x6
 * (version)` or `header, column 12`. bytes must hold the whole header: *need tells how many when
 * size is too small (then true is returned and out->data is 0). */
bool npy_header(NpyHeader *out, const void *bytes, size_t size, uint64_t file_size, size_t *need,
                Error *err);
/* Are these numbers (texts), and is there one at least? `type: expected floats, …`. */
bool npy_is_numbers(const NpyHeader *h, Error *err);
bool npy_is_texts(const NpyHeader *h, Error *err);
/* Why such arrays cannot be shown: "complex numbers", NULL: they can. */
const char *npy_unreadable(const NpyHeader *h);
/* `left` bytes follow the header in what holds it: no fewer, no more than the shape asks for. */
bool npy_size(const NpyHeader *h, uint64_t left, bool allow_trailing, uint64_t *bytes, Error *err);

/* The header alone. */
bool npy_open(NpyHeader *out, File *file, const char *path, Error *err); /* close file always */

/* The whole file; at most `memory` bytes of numbers. */
bool npy_read(Numbers *out, const char *path, const LoadRequest *request, uint64_t memory,
              Error *err);

/* header->count texts (valid UTF-8, C order) from the arena, without the NULs that fill them up. */
bool npy_texts(const char *path, const LoadRequest *request, Arena *arena, NpyHeader *header,
               const char ***out, Error *err);
/* The same from bytes in order, `bytes` of them. */
bool npy_texts_stream(const NpyHeader *h, const NumbersSource *source, uint64_t bytes, Arena *arena,
                      const char ***out, Error *err);

#endif
