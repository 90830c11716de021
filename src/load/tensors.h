/* Files that are nothing but named arrays (.npy, .npz, .safetensors, a sharded index, several of
 * them together): which array is q, k, v, attention, tokens, by names, shapes and --map.
 */
#ifndef ATTNSCOPE_LOAD_TENSORS_H
#define ATTNSCOPE_LOAD_TENSORS_H

#include "load/load_safetensors.h"
#include "load/npz.h"

enum { TENSOR_DIMS = 8, TENSOR_LAYERS = 256, TENSOR_DOUBT = 240 };

/* What holds an array. */
typedef enum {
    TENSOR_NPY,
    TENSOR_NPZ,
    TENSOR_SAFETENSORS,
    TENSOR_METADATA, /* a JSON list of texts in the __metadata__ of a safetensors file */
    TENSOR_LINES     /* a text file: one sentence a line */
} TensorSource;

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
    const char *name;  /* in the file; "" for .npy and lines */
    const char *dtype; /* "F32", "'<f4'", "texts" */
    TensorSource source;
    int ndim;
    int64_t shape[TENSOR_DIMS];
    bool texts, numbers; /* neither: listed only, cannot be shown */
    const char *why;     /* it cannot: "complex numbers"; "" */
} TensorItem;

typedef struct {
    TensorItem *items; /* owned */
    int count;
    Arena arena;
} TensorList;

/* How arrays become a document. items: index into the list, −1 = none. */
typedef struct {
    int item[ROLE_COUNT];
    int dims[ROLE_COUNT][3]; /* for each number role: what its dims before the last two (of one
                                layer, where each layer is an array of its own) mean, as
                                TensorDim, outermost first; −1 behind the last */
    bool heads_last;         /* q, k, v of [.., n, heads, d] rather than [.., heads, n, d] */
    bool transpose;          /* weights, scores [.., keys, queries] */
    bool padded;             /* batches: what lies beyond the tokens is padding */
    /* One array for each layer: layers[role][i], i < layer_count; item[role] is the first. 0: dims
     * say it. */
    int layers[ROLE_COUNT][TENSOR_LAYERS], layer_count;
    bool clear;               /* names and shapes leave no doubt */
    char doubt[TENSOR_DOUBT]; /* else one sentence why the window should ask; "" */
} TensorMap;

void tensors_init(TensorList *list);
void tensors_free(TensorList *list);
/* All arrays of all files (paths[0 … count-1]), headers only. */
bool tensors_list(TensorList *list, const char *const *paths, int count, const LoadRequest *request,
                  Error *err);
/* The role that a name stands for, of numbers or of texts; *layer: the number in it, −1: none. */
TensorRole tensors_role(const char *name, bool texts, int *layer);
/* What an item is called in --map: its name, or the file's where that holds one array alone. */
const char *tensors_name(const TensorList *list, int item);
/* By names and shapes. Never fails: `clear` tells. */
void tensors_guess(const TensorList *list, TensorMap *map);
/* "q=enc.q,k=enc.k,tokens=words", in place of a guess; unknown roles and names are refused and
 * those there are listed: ERROR_USAGE. `q=layer.*.q`: one array for each layer.
 * `attention=w@slhqk`: what the dimensions are, one letter each (s sentences, l layers, h heads, q
 * rows, k columns; of q, k, v: n tokens, d numbers), where names and shapes do not tell. */
bool tensors_map(const TensorList *list, const char *text, TensorMap *map, Error *err);
/* The other way round, for --map and for messages. */
void tensors_map_text(const TensorList *list, const TensorMap *map, char *out, size_t cap);
/* The part of the guess that is about shapes: dims, heads_last and padded, of the items as they
 * are. */
void tensors_shapes(const TensorList *list, TensorMap *map);
/* Is there one array for each layer? */
bool tensors_is_series(const TensorMap *map, TensorRole role);
/* Behind a doubt: "; say it with --map attention=w or q=a,k=b", lines that were tried and work, or
 * why none would; nothing when no line would help. At most some 150 bytes. */
bool tensors_ask(const TensorList *list, const TensorMap *map, Buf *out, Error *err);
/* Sizes of what a role gives: sentences, layers, heads, rows, columns. */
typedef struct {
    int64_t sentences, layers, heads, rows, cols;
} TensorSize;
TensorSize tensors_size(const TensorList *list, const TensorMap *map, TensorRole role);
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

/* Reads arrays; the file last read from stays open. */
typedef struct {
    const TensorList *list;
    const LoadRequest *request;
    const char *file; /* that is open; NULL: none */
    TensorSource source;
    Safetensors st;
    Npz npz;
} TensorReader;
void tensors_reader_init(TensorReader *reader, const TensorList *list, const LoadRequest *request);
void tensors_reader_free(TensorReader *reader);
bool tensors_read(TensorReader *reader, int item, Numbers *out, uint64_t memory, Error *err);
/* All texts of an item that is no lines. */
bool tensors_texts(TensorReader *reader, int item, Arena *arena, const char ***out, int64_t *count,
                   Error *err);

/* Is this JSON text the index of a sharded safetensors model? */
bool tensors_is_index(const char *text, size_t size);
/* The whole way: request->path, origin.more and the companions, listed, guessed or mapped, checked,
 * read. ERROR_USAGE with the arrays and how to say --map when names and shapes leave doubt. */
bool tensors_load(Document *doc, const LoadRequest *request, Error *err);

#endif
