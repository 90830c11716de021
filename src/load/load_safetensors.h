/* safetensors: the header is checked as a whole, tensors are read one by one when somebody asks for
 * them.
 */
#ifndef ATTNSCOPE_LOAD_LOAD_SAFETENSORS_H
#define ATTNSCOPE_LOAD_LOAD_SAFETENSORS_H

#include "load/load.h"
#include "load/numbers.h"

typedef struct {
    const char *name; /* in the header's text */
    char dtype[16];   /* as the file calls it: "F32" */
    int ndim;
    bool deep; /* more than NUMBERS_DIMS dimensions: cannot be shown */
    int64_t shape[NUMBERS_DIMS], count;
    uint64_t begin, end; /* bytes behind the header */
} SafeTensor;

/* One text of "__metadata__". */
typedef struct {
    const char *name, *value;
} SafeText;

typedef struct {
    File file;
    uint64_t data;     /* offset of the numbers */
    SafeTensor *items; /* owned; sorted by name */
    int count;
    char *text;         /* owned: the header; its names and texts are decoded where they stand */
    SafeText *metadata; /* in the arena */
    int metadata_count;
    Arena arena;
    LoadRequest request; /* of the load that opened it */
} Safetensors;

void safetensors_init(Safetensors *st);
void safetensors_free(Safetensors *st);
/* Opens the file and reads its header; the file stays open until safetensors_free. */
bool safetensors_open(Safetensors *st, const char *path, const LoadRequest *request, Error *err);
const SafeTensor *safetensors_find(const Safetensors *st, const char *name);
/* size 0: a type that is never shown. */
RawType safetensors_type(const SafeTensor *tensor);
/* Why a tensor cannot be shown: "I64", "a single number"; NULL: it can. */
const char *safetensors_unreadable(const SafeTensor *tensor);
/* The numbers of one tensor; types that are no F32, F16, BF16, F64: "cannot be shown: I64". */
bool safetensors_read(const Safetensors *st, const SafeTensor *tensor, Numbers *out,
                      uint64_t memory, Error *err);

#endif
