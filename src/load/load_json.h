/* The document, version 1: JSON in, a Document out. What is shared by the files load_json*.c.
 */
#ifndef ATTNSCOPE_LOAD_LOAD_JSON_H
#define ATTNSCOPE_LOAD_LOAD_JSON_H

#include "load/json_tree.h"
#include "load/load_safetensors.h"
#include "load/npz.h"

enum {
    READER_PATH = 110,
    READER_LENGTH_MOST = LIMIT_MOST_AXIS,
    READER_HEADS_MOST = LIMIT_MOST_HEADS
};

/* A file of several arrays that stays open while the document is read, and tensors that are there
 * already. */
typedef struct {
    const char *name; /* as in the document; in the document's arena */
    int file;         /* index into Document.files */
    bool zip;         /* npz, else st */
    Safetensors st;
    Npz npz;
} OpenFile;
typedef struct {
    const char *file, *tensor; /* lent; tensor "" for .npy; file NULL = free place of the table */
    int index;                 /* into Document.tensors */
} KnownTensor;

typedef struct {
    const LoadRequest *request;
    Document *doc;
    JsonTree *tree;         /* the DOC that is being read */
    char path[READER_PATH]; /* of the value that is being read */
    size_t path_length;
    uint64_t memory; /* bytes of numbers and pixels that may still be kept */
    OpenFile *files;
    int open_count;
    KnownTensor *known; /* hash table, at most half full */
    size_t known_count, known_cap;
    int64_t (*shapes)[NUMBERS_DIMS]; /* of each tensor of the document */
    int *ndims;
    int tensor_cap, file_cap, reference_cap, sentence_cap;
    size_t doc_end; /* behind the DOC that is being read and the white space after it */
    DocMatrix mask; /* of the sentence that is being read, for heads without one of their own */
    bool links;     /* its weights are word links, which need not sum to 1 */
    int64_t nonfinite, odd_rows, rows, rounded;
    char exact[24];               /* the first of `rounded` */
    int64_t underflow, imprecise; /* numbers of the text that became 0, or lie beyond 2^53 */
    size_t first_underflow, first_imprecise;
    char first_nonfinite[READER_PATH + 64], first_odd[READER_PATH + 64];
    Error *err;
} Reader;

/* A block of numbers that the document refers to, cut down by "index". */
typedef struct {
    int tensor; /* -1: not there */
    int64_t offset;
    int ndim;
    int64_t shape[NUMBERS_DIMS];
} NumbersRef;

/* Steps down into a member or an item for messages; reader_up goes back to where it was. */
size_t reader_key(Reader *r, const char *key);
size_t reader_index(Reader *r, int64_t index);
void reader_up(Reader *r, size_t mark);

/* "line L, column C (path)": what. Always false. */
bool reader_fail(Reader *r, const cJSON *item, const char *fmt, ...) ATTN_PRINTF(3, 4);
bool reader_fail_as(Reader *r, ErrorKind kind, size_t at, const char *fmt, ...) ATTN_PRINTF(4, 5);
/* ERROR_LIMIT, with the note of that limit behind it. Always false. */
bool reader_over(Reader *r, const cJSON *item, Limit limit, const char *fmt, ...) ATTN_PRINTF(4, 5);
/* "expected X, found a number" at item (its parent when item is NULL). Always false. */
bool reader_expected(Reader *r, const cJSON *item, const char *expected);
bool reader_warn(Reader *r, const char *fmt, ...) ATTN_PRINTF(2, 3);
/* What the scanner saw of the numbers of the tree, gathered; and told at the end. */
void reader_note_numbers(Reader *r);
/* Are there more values, one a line, than sentences may be? Looked at before any is kept. */
bool reader_lines_fit(Reader *r, const Buf *source);
bool reader_tell_text(Reader *r, const Buf *source);
/* Counts the rows of weights that do not sum to 1; the first of all is kept as "BEFORE, its number,
 * AFTER: its sum". Then of all heads of a sentence that another program wrote. false: cancelled. */
bool reader_count_rows(Reader *r, DocMatrix weights, const char *before, const char *after);
bool reader_count_sentence(Reader *r, const DocSentence *s, int sentence);
/* Warns of numbers that are not finite, rows that do not sum to 1, whole numbers that were rounded.
 */
bool reader_tell_numbers(Reader *r);
void *reader_alloc(Reader *r, size_t count,
                   size_t size); /* from the arena; NULL with the error set */

const cJSON *reader_member(const cJSON *object, const char *key);
/* Absent members leave *out as it is. */
bool reader_text(Reader *r, const cJSON *object, const char *key, const char **out);
bool reader_positive(Reader *r, const cJSON *object, const char *key, double *out);
bool reader_finite(Reader *r, const cJSON *object, const char *key, double *out);
bool reader_count(Reader *r, const cJSON *object, const char *key, int most, int *out);
bool reader_flag(Reader *r, const cJSON *object, const char *key, bool *out);
/* The index of a text in a NULL-ended list; others are refused, `expected` names the list. */
bool reader_choice(Reader *r, const cJSON *object, const char *key, const char *const *names,
                   const char *expected, int *out);
bool reader_texts(Reader *r, const cJSON *object, const char *key, const char ***out, int *count);

/* load_json_file.c: paths below the document's folder. */
bool reader_path(Reader *r, const cJSON *item, const char **name, char *path, size_t cap);
bool reader_note_file(Reader *r, const char *path, int *index);
bool reader_note_reference(Reader *r, const cJSON *object, const NumbersRef *ref, int file);
bool reader_image(Reader *r, const cJSON *object, DocImage *image);

/* load_json_numbers.c: M in all its forms, of `ndim` dimensions. */
bool reader_numbers(Reader *r, const cJSON *item, int ndim, NumbersRef *out);
/* One row of numbers, [n] or [1, n], as a matrix of one row; with `rows` any matrix too. */
bool reader_vector(Reader *r, const cJSON *item, bool rows, NumbersRef *out);
/* The numbers of a matrix (ndim 2) as they are stored; valid as long as the document. */
Stored reader_stored(const Reader *r, const NumbersRef *ref);
/* A list of whole numbers written in the document itself, into doubles; *count 0 for an empty list.
 */
bool reader_list(Reader *r, const cJSON *item, int columns, double **out, int64_t *count);

/* Takes over numbers->tensor as a tensor of the document. */
bool reader_tensor(Reader *r, Numbers *numbers, int *index);
void reader_whole_tensor(const Reader *r, int index, NumbersRef *out);
/* 1 … 8 whole numbers from `least` on, such as a shape. */
bool reader_lengths(Reader *r, const cJSON *object, const char *key, int least, int64_t *out,
                    int *count);

/* load_json_base64.c: {"dtype": "f32", "shape": [n, d], "base64": "…"} */
bool reader_base64(Reader *r, const cJSON *object, NumbersRef *out);

/* load_json_axes.c, load_json_heads.c */
bool reader_axes(Reader *r, const cJSON *doc, DocSentence *s);
bool reader_alignment(Reader *r, const cJSON *doc, DocSentence *s);
bool reader_layers(Reader *r, const cJSON *doc, DocSentence *s);

/* load_json_vocab.c: "vocab" of a document, "mask" of a sentence or head (tensor −1: none). */
bool reader_vocab(Reader *r, const cJSON *doc);
bool reader_mask(Reader *r, const cJSON *object, const DocSentence *s, DocMatrix *out);

/* The whole file is in doc->source. */
bool load_json(Document *doc, const LoadRequest *request, Error *err);

#endif
