/* What a head, or a stacked layer, gives: shared by the files that read heads. Private to them.
 */
#ifndef ATTNSCOPE_LOAD_LOAD_JSON_HEADS_H
#define ATTNSCOPE_LOAD_LOAD_JSON_HEADS_H

#include "load/load_json.h"

typedef enum {
    PART_Q,
    PART_K,
    PART_V,
    PART_SCORES,
    PART_WEIGHTS,
    PART_RECORDED,
    PART_X,
    PART_X_Q,
    PART_X_K,
    PART_W_Q,
    PART_W_K,
    PART_W_V,
    PART_B_Q,
    PART_B_K,
    PART_B_V,
    PART_NUMBERS,            /* how many are matrices; then what else makes q and k */
    PART_RNN = PART_NUMBERS, /* serves both sides */
    PART_RNN_Q,
    PART_RNN_K,
    PART_COUNT
} Part;
extern const char *const PARTS[PART_COUNT];

/* One term of the bias; what differs from head to head of a stacked layer stays apart. */
typedef struct {
    BiasSpec bias;
    const double *slopes; /* one for each head; NULL: bias.slope is all of them */
    bool tables;          /* bias.table has a row for each head */
} BiasRead;

typedef struct {
    const cJSON *item[PART_COUNT];
    NumbersRef ref[PART_NUMBERS]; /* without the heads' dimension; tensor −1: not given */
    int count[PART_NUMBERS];      /* heads of a stacked part; 1: shared by all heads */
    bool stacked;
    int heads; /* of a stacked layer; 1 else */
    Entry entry;
    double d_k;
    int d_q, d_keys; /* columns of q and k as they are scored; 0: there are none */
    ScoreSpec score;
    RopeSpec rope;
    RnnSpec rnn_q, rnn_k;
    BiasRead biases[HEAD_BIASES_MOST];
    int bias_count;
    DocMatrix mask;
    bool scored;  /* says how its vectors are scored: where some are missing, it has no scores */
    bool special; /* more than plain q and k, scores or weights: the head has a spec */
} Parts;

/* load_json_parts.c: the matrices, and what q, k and v are made of. */
bool parts_read(Reader *r, const cJSON *object, bool stacked, const DocSentence *s, Parts *p);
DocMatrix parts_matrix(const Parts *p, Part part, int head);
/* "q, weights" */
void parts_names(const Parts *p, char *out, size_t cap);

/* load_json_sources.c: where q, k and v come from, and whether their shapes agree. Sets entry, d_q
 * and d_keys. */
bool parts_entry(Reader *r, const cJSON *object, Parts *p);
bool parts_sources(Reader *r, const cJSON *object, Parts *p);

/* load_json_rnn.c: rnn_q and rnn_k. */
bool parts_rnn(Reader *r, Parts *p);

/* load_json_spec.c: "score" (before the shapes are compared), then "bias" and "rope". */
bool parts_score(Reader *r, const cJSON *object, Parts *p);
bool parts_bias(Reader *r, const cJSON *object, const DocSentence *s, Parts *p);
bool parts_rope(Reader *r, const cJSON *object, Parts *p);
/* The spec of one head into the arena; NULL in *out for a plain one. */
bool parts_spec(Reader *r, const Parts *p, int head, const HeadSpec **out);

#endif
