/* OpenBLAS: sgemm, our own softmax over whole rows, sgemm. */
#include "bench/peers.h"

#include <stddef.h>

#if defined(BENCH_OPENBLAS)

#include "core/kernels.h"
#include "core/threads.h"

#include <cblas.h>
#include <stdlib.h>

enum { BLOCK = 32 };

static Threads *pool;

static void begin(const PeerCase *c)
{
    openblas_set_num_threads(c->threads);
    pool = threads_start(c->threads);
    if (!pool)
        exit(1);
}

static void softmax_block(void *peer_case, int block)
{
    const PeerCase *c = peer_case;
    const Kernels *k = kernels();
    for (int row = block * BLOCK; row < c->n && row < (block + 1) * BLOCK; row++) {
        const float *scores = c->scores + (size_t)row * (size_t)c->n;
        float *weights = c->weights + (size_t)row * (size_t)c->n, lo, hi;
        k->range_row(scores, c->n, &lo, &hi);
        double sum = k->exp_row(weights, scores, c->n, hi, c->factor).sum;
        k->scale_row(weights, weights, c->n, (float)(1 / sum), false, 0, NULL);
    }
}

static double run(const PeerCase *c, PeerTask task)
{
    int n = c->n, d = PEERS_DEPTH;
    if (task != TASK_FULL)
        return -1;
    double start = peer_clock(c->threads);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, n, n, d, 1, c->q, d, c->k, d, 0, c->scores,
                n);
    PeerCase copy = *c;
    threads_run(pool, (n - 1) / BLOCK + 1, softmax_block, &copy);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, d, n, 1, c->weights, n, c->v, d, 0,
                c->out, d);
    return peer_clock(c->threads) - start;
}

static void end(void)
{
    threads_stop(pool);
}

static const char *missing(void)
{
    return NULL;
}

const Peer PEER_OPENBLAS = {"OpenBLAS", missing, begin, run, end};

#else

static const char *missing(void)
{
    return "not found (libopenblas-dev)";
}

const Peer PEER_OPENBLAS = {"OpenBLAS", missing, NULL, NULL, NULL};

#endif
