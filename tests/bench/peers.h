/* Other libraries at the same work, to stand beside our figures. All are optional: without a
 * library its file holds only the reason. */
#ifndef ATTNSCOPE_TESTS_BENCH_PEERS_H
#define ATTNSCOPE_TESTS_BENCH_PEERS_H

#include <stdbool.h>

enum { PEERS_DEPTH = 64 };

typedef enum {
    TASK_FULL,   /* scores, weights and output, all written, nothing known before */
    TASK_SLIDER, /* the scores are there, the temperature is new: weights */
    TASK_CAUSAL, /* full, where a row sees itself and what is before it */
    TASK_COUNT
} PeerTask;

typedef struct {
    int n, threads;
    const float *q, *k, *v;        /* n × PEERS_DEPTH */
    float *scores, *weights, *out; /* n × n, n × n, n × PEERS_DEPTH */
    float factor;                  /* weights = softmax of scores · factor */
} PeerCase;

typedef struct {
    const char *name;
    const char *(*missing)(void); /* NULL: here; else the reason */
    void (*begin)(const PeerCase *c);
    /* Does the task once; milliseconds, or below 0 when it has no way to. */
    double (*run)(const PeerCase *c, PeerTask task);
    void (*end)(void);
} Peer;

extern const Peer PEER_ONEDNN, PEER_OPENBLAS, PEER_TORCH;

/* Processor time with one thread, for others work on the machine too; else time of day. */
double peer_clock(int threads);

/* What the machine can do at best, on so many threads at once. */
typedef struct {
    double flops; /* multiply-adds count two; of the instruction set in use */
    double exps;  /* exponentials a second, from and to the nearest cache */
    double bytes; /* read and written a second by a copy past the caches */
    double fills; /* written a second past the caches */
} Machine;
Machine machine_measure(int threads);

#endif
