/* Files that are nothing but named arrays (.npy, .npz, .safetensors, a sharded index, several of
 * them together): which array is q, k, v, attention, tokens, by names, shapes and --map.
 */
#ifndef ATTNSCOPE_LOAD_TENSORS_H
#define ATTNSCOPE_LOAD_TENSORS_H

#include "load/load.h"

enum { TENSOR_DIMS = 8 };

typedef enum {
    ROLE_NONE,
    ROLE_Q,
    ROLE_K,
    ROLE_V,
    ROLE_WEIGHTS, /* "attention" */
    ROLE_SCORES,
    ROLE_TOKENS,  /* of both axes */
    ROLE_QUERIES, /* tokens of the rows (target) */
    ROLE_KEYS,    /* tokens of the columns (source) */
    ROLE_COUNT
} TensorRole;
extern const char
    *const ROLE_NAMES[]; /* "" "q" "k" "v" "attention" "scores" "tokens" "queries" "keys" */

/* What the dimensions before the last two are. */
typedef enum { DIM_SENTENCES, DIM_LAYERS, DIM_HEADS, DIM_COUNT } TensorDim;

typedef struct {
    const char *file;  /* as given; base name is what messages show */
    const char *name;  /* in the file; "" for .npy */
    const char *dtype; /* "F32", "f4", "<U7" */
    int ndim;
    int64_t shape[TENSOR_DIMS];
    bool texts, numbers; /* neither: listed only, cannot be shown */
    bool metadata;       /* texts in the __metadata__ of a safetensors file */
} TensorItem;

typedef struct {
    TensorItem *items; /* owned */
    int count;
    Arena arena;
} TensorList;

/* How arrays become a document. items: index into the list, −1 = none. */
typedef struct {
    int item[ROLE_COUNT];
    int dims[ROLE_COUNT][3]; /* for each number role: what its dims before the last two mean, as
                                TensorDim, outermost first; −1 behind the last */
    bool heads_last;         /* q, k, v of [n, heads, d] rather than [heads, n, d] */
    bool transpose;          /* weights [.., keys, queries] */
    int layer_items[256]; /* weights (or q) of one file each layer: "layer.0.q", …; count below */
    int layer_count;      /* 0: dims say it */
    bool clear;           /* names and shapes leave no doubt */
    const char *doubt;    /* else one sentence why the window should ask; "" */
} TensorMap;

void tensors_init(TensorList *list);
void tensors_free(TensorList *list);
/* All arrays of all files (paths[0 … count-1]), headers only. */
bool tensors_list(TensorList *list, const char *const *paths, int count, const LoadRequest *request,
                  Error *err);
/* By names and shapes. Never fails: `clear` tells. */
void tensors_guess(const TensorList *list, TensorMap *map);
/* "q=enc.q,k=enc.k,tokens=words", over a guess; unknown roles and names are refused and those there
 * are listed: ERROR_USAGE. */
bool tensors_map(const TensorList *list, const char *text, TensorMap *map, Error *err);
/* The other way round, for --map and for messages. */
void tensors_map_text(const TensorList *list, const TensorMap *map, char *out, size_t cap);
/* Do the shapes fit each other? `k: expected 64 columns as q has, found 32`. */
bool tensors_check(const TensorList *list, const TensorMap *map, Error *err);
/* Fills the document. */
bool tensors_document(Document *doc, const TensorList *list, const TensorMap *map,
                      const LoadRequest *request, Error *err);
/* A document of ours, beside the data, that says the same by reference (`path`: where it will
 * stand). ERROR_USAGE when files lie outside of its folder. */
bool tensors_write_map(const TensorList *list, const TensorMap *map, const char *path, Buf *out,
                       Error *err);
/* Up to rows × cols numbers of an item for a preview; rows, cols become what there is. */
bool tensors_preview(const TensorList *list, int item, float *out, int *rows, int *cols,
                     const LoadRequest *request, Error *err);

#endif
