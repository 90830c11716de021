/* What a file says: tokens, layers, heads, tensors, picture, alignment, settings. Owned by one
 * arena plus the tensors, pictures and source text; read-only after the load. Nothing here computes
 * attention.
 */
#ifndef ATTNSCOPE_DOC_DOCUMENT_H
#define ATTNSCOPE_DOC_DOCUMENT_H

#include "base/arena.h"
#include "base/file.h"
#include "core/input.h"
#include "doc/origin.h"
#include "image/image.h"

#include <stdatomic.h>

/* A block of numbers as the file stores it, converted to float32 once, on demand. */
typedef struct {
    void *data; /* owned by the document, C order */
    DType dtype;
    int64_t count;           /* numbers */
    float *floats;           /* owned; == data for DTYPE_F32 */
    bool wide;               /* a finite value exceeds FLT_MAX */
    int64_t nonfinite;       /* NaN and ±Inf in it */
    int64_t first_nonfinite; /* index of the first of them, -1 = none */
} Tensor;

/* A matrix in a tensor: rows × cols at `offset` numbers from the start, rows `step` numbers apart.
 */
typedef struct {
    int tensor; /* index into Document.tensors, −1 = absent */
    int64_t offset;
    int rows, cols;
    int64_t step;
} DocMatrix;

typedef struct {
    DocMatrix q, k, v, scores, weights, recorded;
    DocMatrix mask; /* of zeros and ones; tensor −1 = none. Of the head, else of the document */
    const HeadSpec *spec; /* in the arena, lends the tensors' stored numbers; NULL = plain */
    Entry entry;          /* ENTRY_QK too where spec makes q and k */
    double d_k;           /* the document's d_k beside scores; 0 = not given */
} DocHead;

typedef struct {
    const char *name;  /* "" when not given */
    const char *about; /* what one sees in it; NULL or "" when not given */
    DocHead *heads;
    int head_count;
} DocLayer;

typedef struct {
    const char **tokens; /* count of them, valid UTF-8 */
    int count;
    const char *lang;       /* "" when not given */
    const uint8_t *padding; /* count flags or NULL */
    const int *segments;    /* count numbers or NULL */
} DocAxis;

typedef enum { POSITION_SINUSOIDAL, POSITION_NONE, POSITION_GIVEN } PositionKind;
/* From typed words to vectors: token i of the vocabulary has row i of embedding. */
typedef struct {
    const char **tokens;
    int count;
    Stored embedding; /* [count, d_model] */
    PositionKind position;
    Stored positions; /* POSITION_GIVEN: [longest text, d_model] */
} DocVocab;

typedef enum { IMAGE_BOTH, IMAGE_QUERIES, IMAGE_KEYS } ImageAxis;
typedef struct {
    bool present;
    const char *file; /* as written in the document; "" when the grid has no picture */
    Image image;      /* may be empty (px NULL) */
    bool damaged;
    int rows, cols; /* patches; special tokens come first on the axis, then patches row by row */
    const char **special;
    int special_count;
    ImageAxis axis;
} DocImage;

typedef struct {
    int key, query;
} DocLink;

/* How the matrices of another program's file were understood. */
typedef enum { AXES_FORMAT, AXES_COUNTS, AXES_SUMS, AXES_DEFAULT, AXES_USER, AXES_COUNT } AxesBy;
extern const char *const AXES_BY_NAMES[]; /* "format" "counts" "sums" "default" "user" */
typedef struct {
    bool rows_are_keys;                /* in the file; in the document rows are always queries */
    AxesBy axes_by;                    /* what told it */
    bool eos_queries, eos_keys;        /* the last row, column is the end of the sentence, which the
                                          token lists did not name */
    int padding_queries, padding_keys; /* rows, columns of the file left out as padding */
    bool words_queries, words_keys;    /* subwords were merged */
} DocReading;

typedef struct {
    const char *title, *about; /* "" when not given */
    const char *start;         /* of a corpus: its first words, there before it is read; NULL */
    double d_model;            /* 0 = not given */
    DocAxis queries, keys;     /* equal arrays for self-attention */
    bool self;                 /* one token list served both axes */
    bool links;                /* the weights are word links: 0 where there is none, so that rows
                                  need not sum to 1 */
    DocImage image;
    DocLayer *layers;
    int layer_count;
    DocLink *sure, *possible;
    int sure_count, possible_count;
    const DocReading *reading; /* NULL: in our own format */
    const char *problem;       /* why it could not be read: it has one layer of one empty head and
                                  no tokens, or is in a corpus and was not asked for yet; NULL: it
                                  could, or nobody knows yet */
} DocSentence;

/* Sentences that are read when somebody asks for them: files of very many. At most two are there
 * at once, the present one and the one before it, whose numbers may still be lent. */
enum { CORPUS_SLOTS = 2 };
typedef struct {
    int sentence;     /* that is there, −1: none */
    Arena arena;      /* of all that it points to but its title, which the index owns */
    ErrorKind failed; /* its `problem`, that nobody knew of before, is in arena too, and of this
                         kind; ERROR_NONE: it has none, or the index knew */
    uint64_t read;    /* another number each time one is read into it */
} CorpusSlot;
typedef struct Document Document;
typedef struct {
    void *self; /* owned; NULL: every sentence is there from the start */
    /* Fills *out (title and about are set already) from arena; all its numbers go into *tensor,
     * which is empty before and has this index in doc->tensors. */
    bool (*read)(void *self, const Document *doc, int sentence, Arena *arena, Tensor *tensor,
                 int index, DocSentence *out, Error *err);
    void (*free)(void *self);
    /* Title and first words of one that is not read; NULL: doc->sentences have them. */
    void (*listed)(const void *self, int sentence, DocSentence *out);
    DocSentence *sentences; /* owned: doc->sentences, which take no memory before somebody writes
                               to them; NULL: they are in the arena */
    CorpusSlot slots[CORPUS_SLOTS];
    int last; /* slot of the present sentence; slot i has doc->tensors[i] */
    uint64_t reads;
} DocCorpus;

typedef struct {
    const char *name, *value;
} DocSetting; /* value as field_parse takes it */

/* An object in the source text that names another file: what it becomes when the document moves. */
typedef struct {
    size_t from, to; /* bytes of source, from '{' to behind '}' */
    int tensor;      /* numbers: `shape` of them from `offset` on; -1: a picture */
    int64_t offset;
    int ndim;
    int64_t shape[8];
    int file; /* index into Document.files */
} DocReference;

/* Where the settings stand in the source text, or would stand. */
typedef struct {
    size_t from, to; /* the value of "settings"; both 0 when there is none */
    size_t end;      /* index of the '}' that closes the (first) document */
} DocPlace;

struct Document {
    char *path;         /* as opened; "" for data without a file */
    const char *format; /* "attnscope 1", "Nematus" */
    DocOrigin origin;   /* what else it was made from; in the arena */
    const char *title;
    DocSentence *sentences;
    int sentence_count;
    const DocVocab *vocab; /* in the arena; NULL = none */
    DocSetting *settings;
    int setting_count;
    Tensor *tensors;
    int tensor_count;
    const char **warnings; /* what may be wrong; one line each */
    int warning_count;
    const char *parts; /* "a.align with a.src as source": what was put together; NULL: one file */
    const char *notes; /* what else was understood of all of it: "numbers count from 1"; NULL */
    bool read_only;    /* a newer version number: opens, but is not written */
    bool jsonl;        /* one DOC a line */
    Buf source;        /* the JSON text as it was read: saving keeps unknown fields verbatim */
    FileStamp stamp;
    const char **files; /* what else it was read from, by paths as they were opened */
    int file_count;
    DocReference *references; /* in the order of the text */
    int reference_count;
    DocPlace place;
    uint64_t memory;           /* bytes that float copies may still take */
    const atomic_bool *cancel; /* that reads of sentences and float copies look at; lent, NULL: they
                                  go to their ends */
    uint64_t key;              /* unique per load */
    DocCorpus corpus;
    int bad_count; /* sentences that cannot be read, as far as is known */
    Arena arena;
};

void document_init(Document *doc);
void document_free(Document *doc);

/* Which of the files that it was read from `path` is, by whatever name, links followed; lent, path
 * itself first. NULL: none of them. Nothing may be written over one. */
const char *document_input(const Document *doc, const char *path);

/* A head with no matrix yet. */
DocHead document_empty_head(void);
/* One layer of one empty head, so that everybody finds a layer and a head in a sentence that could
 * not be read. false when out of memory. */
bool document_empty_layers(DocSentence *s, Arena *arena);

/* Reads a sentence of a corpus, if it is not there; what another than the last two lent is gone.
 * One that cannot be read stays in the list with its `problem`; false: that, or out of range. */
bool document_open_sentence(Document *doc, int sentence, Error *err);

/* A sentence as the list shows it: with title, first words and problem where it is not read. */
DocSentence document_listed(const Document *doc, int sentence);

/* The same in steps, for sentences that take long: begin and end by whoever looks at the document,
 * the reading between them from any thread, while the document shows others. Nothing else reads a
 * sentence of it meanwhile. */
typedef struct {
    int sentence, index; /* of the slot */
    Document of;         /* as the reader sees it: tensors are these */
    Tensor tensors[CORPUS_SLOTS];
    Arena arena;
    DocSentence s;
    bool ok;
    Error why;
} DocFetch;
/* Is it there, or was it tried? What failed for want of memory or of the disk is asked again once
 * another sentence was looked at. */
bool document_is_read(const Document *doc, int sentence);
void document_fetch_begin(Document *doc, int sentence, DocFetch *out);
void document_fetch(DocFetch *fetch, const atomic_bool *cancel);
/* Puts it into the document; false: ERROR_CANCELLED, or it cannot be read and says so in the list.
 */
bool document_fetch_end(Document *doc, DocFetch *fetch, Error *err);
/* In place of the end: the document is another, or the sentence not wanted any more. */
void document_fetch_drop(DocFetch *fetch);

/* The head as the core wants it; lends, copies nothing (float32 copies of other types are made once
 * and kept: false with ERROR_LIMIT when out of memory). Unknown sentence, layer or head:
 * ERROR_USAGE `layer: expected 0 … 5, found 7`. */
bool document_select(Document *doc, int sentence, int layer, int head, AttnInput *out, Error *err);

/* The same without numbers in float32 and without key: shapes and what is stored. Never fails. */
void document_outline(const Document *doc, const DocSentence *s, const DocLayer *layer,
                      const DocHead *head, AttnInput *out);

/* prepare_check of a head, as if its tokens were those of the vocabulary where it needs their x. */
bool document_check(const Document *doc, const DocSentence *s, const DocLayer *layer,
                    const DocHead *head, const ScoreParams *want, Error *err);

/* "patch 2, 6", a special token's name, or the token: how position i of an axis is called. out
 * NUL-ended. */
void document_token(const DocSentence *s, bool query_axis, int index, char *out, size_t cap);

/* First patch index and grid when this axis is the image; false when it is not. */
bool document_patches(const DocSentence *s, bool query_axis, int *first);

/* Rows of given weights whose sum is further from 1 than their type explains (1e-5 for f32 and f64,
 * 2e-3 for f16, 2e-2 for bf16). Rows with NaN or Inf are not counted. *first is the first such row,
 * *sum its sum, *worst the largest deviation of any row. */
int64_t document_odd_rows(const Document *doc, DocMatrix m, int *first, double *sum, double *worst);

/* Counts what is not finite and looks for values beyond FLT_MAX, after data, dtype and count are
 * set. */
void tensor_measure(Tensor *t);
void tensor_free(Tensor *t);
double tensor_value(const Tensor *t, int64_t index);
/* t->floats, made once; false: out of memory, or more than *memory bytes (which is lowered), or
 * cancelled (may be NULL), which leaves it as it was. */
bool tensor_floats(Tensor *t, uint64_t *memory, const atomic_bool *cancel, Error *err);

#endif
