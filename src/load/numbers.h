/* A block of numbers with its shape, wherever it came from; and what the files that hold such
 * blocks share.
 */
#ifndef ATTNSCOPE_LOAD_NUMBERS_H
#define ATTNSCOPE_LOAD_NUMBERS_H

#include "load/load.h"

#define NUMBERS_DIMS 8

typedef struct {
    Tensor tensor; /* tensor.data owned by whoever holds the block */
    int ndim;
    int64_t shape[NUMBERS_DIMS];
    int64_t rounded; /* 64-bit whole numbers that no double holds exactly */
    char exact[24];  /* the first of them in the file, all its digits */
} Numbers;

/* How raw bytes of a file are to be read. */
typedef enum { RAW_FLOAT, RAW_BFLOAT, RAW_SIGNED, RAW_UNSIGNED, RAW_BOOL } RawKind;
typedef struct {
    RawKind kind;
    int size; /* bytes of one number */
    bool big_endian;
} RawType;

/* The product of the shape; false when it overflows or an index is negative. */
bool numbers_count(const int64_t *shape, int ndim, int64_t *count);

/* "[2, 3]" */
void numbers_shape(const int64_t *shape, int ndim, char *out, size_t cap);

/* The type in which numbers of this raw type are kept: floats as they are, whole ones as f32 up to
 * 16 bits and as f64 above. */
DType numbers_dtype(RawType type);

/* The next bytes of a block, in order: of a file, of a member of an archive. */
typedef struct {
    bool (*read)(void *self, void *out, size_t size, Error *err);
    void *self;
} NumbersSource;
typedef struct {
    const File *file;
    uint64_t at;
} NumbersFile;
NumbersSource numbers_of_file(NumbersFile *from); /* *from is lent, and moves on */

/* Reads the block whose ndim and shape are in *out, in steps of 1 MiB between which progress is
 * told and a cancelled load stops. fortran: the first index runs fastest in the source. Over
 * `memory` bytes kept: ERROR_LIMIT before anything is allocated. */
bool numbers_stream(Numbers *out, RawType type, bool fortran, const NumbersSource *source,
                    const LoadRequest *request, uint64_t memory, Error *err);

/* Takes over `bytes` (count × type.size of them, allocated by mem_alloc, freed or kept by this
 * function) as out->tensor, converted where the type asks for it. */
bool numbers_take(Numbers *out, void *bytes, RawType type, int64_t count, Error *err);

#endif
