/* A sentence as named arrays: what .npz and .safetensors hold. Private to convert*.c. */
#ifndef ATTNSCOPE_LOAD_CONVERT_ARRAYS_H
#define ATTNSCOPE_LOAD_CONVERT_ARRAYS_H

#include "load/convert_out.h"

enum { CONVERT_ARRAYS = 5 }; /* queries, keys, values, scores, weights */

typedef struct {
    const char *name; /* "q" */
    DType dtype;
    int ndim; /* [heads, rows, columns], with more than one layer [layers, heads, rows, columns] */
    int64_t shape[4];
    uint64_t bytes; /* as stored */
    int part, layer, layers;
} ConvertArray;

typedef struct {
    const Document *doc;
    const DocSentence *sentence;
    ConvertArray items[CONVERT_ARRAYS];
    int count;
} ConvertArrays;

/* Opens the sentence of the plan. Heads that are no plain matrices, or more sentences than one:
 * ERROR_USAGE. What is left out is noted; `format` is how messages call it. */
bool convert_arrays(ConvertOut *out, Document *doc, const char *format, ConvertArrays *arrays);
/* Arrays cannot say that rows are queries: a note where the sums say otherwise. false: memory. */
bool convert_note_turned(ConvertOut *out, const ConvertArrays *arrays);
/* All numbers of an array, in C order. */
bool convert_array(ConvertOut *out, const ConvertArrays *arrays, const ConvertArray *array,
                   bool floats);

#endif
