/* oneDNN: matmul, softmax, matmul; for the slider a linear pass over the scores, then softmax. */
#include "bench/peers.h"

#include <stddef.h>

#if defined(BENCH_ONEDNN)
#include <dnnl.h>
#endif

#if defined(BENCH_ONEDNN) && DNNL_VERSION_MAJOR == 2

#include <stdio.h>
#include <stdlib.h>

enum { ARGS = 3 };

typedef struct {
    dnnl_primitive_t primitive;
    dnnl_exec_arg_t args[ARGS];
    int count;
} Step;

static struct {
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    dnnl_memory_t q, k, v, scores, weights, out;
    Step product, softmax, sum, scale, again;
} one;

static void must(dnnl_status_t status)
{
    if (status != dnnl_success) {
        fprintf(stderr, "bench: oneDNN says %d\n", (int)status);
        exit(1);
    }
}

static dnnl_memory_t memory(int rows, int cols, int row_step, int col_step, const float *at,
                            dnnl_memory_desc_t *md)
{
    dnnl_memory_t made;
    dnnl_dims_t dims = {rows, cols}, steps = {row_step, col_step};
    must(dnnl_memory_desc_init_by_strides(md, 2, dims, dnnl_f32, steps));
    must(dnnl_memory_create(&made, md, one.engine, (void *)(size_t)at));
    return made;
}

static dnnl_primitive_t made_of(const void *desc)
{
    dnnl_primitive_desc_t pd;
    dnnl_primitive_t made;
    must(dnnl_primitive_desc_create(&pd, desc, NULL, one.engine, NULL));
    must(dnnl_primitive_create(&made, pd));
    must(dnnl_primitive_desc_destroy(pd));
    return made;
}

static Step matmul(dnnl_memory_t a, const dnnl_memory_desc_t *ad, dnnl_memory_t b,
                   const dnnl_memory_desc_t *bd, dnnl_memory_t to, const dnnl_memory_desc_t *td)
{
    dnnl_matmul_desc_t desc;
    must(dnnl_matmul_desc_init(&desc, ad, bd, NULL, td));
    return (Step){
        made_of(&desc), {{DNNL_ARG_SRC, a}, {DNNL_ARG_WEIGHTS, b}, {DNNL_ARG_DST, to}}, 3};
}

static Step softmax(dnnl_memory_t from, dnnl_memory_t to, const dnnl_memory_desc_t *md)
{
    dnnl_softmax_desc_t desc;
    must(dnnl_softmax_forward_desc_init(&desc, dnnl_forward_inference, md, 1));
    return (Step){made_of(&desc), {{DNNL_ARG_SRC, from}, {DNNL_ARG_DST, to}}, 2};
}

static void begin(const PeerCase *c)
{
    int n = c->n, d = PEERS_DEPTH;
    dnnl_memory_desc_t q, k, v, square, out;
    must(dnnl_engine_create(&one.engine, dnnl_cpu, 0));
    must(dnnl_stream_create(&one.stream, one.engine, dnnl_stream_default_flags));
    one.q = memory(n, d, d, 1, c->q, &q);
    one.k = memory(d, n, 1, d, c->k, &k);
    one.v = memory(n, d, d, 1, c->v, &v);
    one.scores = memory(n, n, n, 1, c->scores, &square);
    one.weights = memory(n, n, n, 1, c->weights, &square);
    one.out = memory(n, d, d, 1, c->out, &out);
    one.product = matmul(one.q, &q, one.k, &k, one.scores, &square);
    one.softmax = softmax(one.scores, one.weights, &square);
    one.again = softmax(one.weights, one.weights, &square);
    one.sum = matmul(one.weights, &square, one.v, &v, one.out, &out);
    dnnl_eltwise_desc_t linear;
    must(dnnl_eltwise_forward_desc_init(&linear, dnnl_forward_inference, dnnl_eltwise_linear,
                                        &square, c->factor, 0));
    one.scale =
        (Step){made_of(&linear), {{DNNL_ARG_SRC, one.scores}, {DNNL_ARG_DST, one.weights}}, 2};
}

static void execute(const Step *step)
{
    must(dnnl_primitive_execute(step->primitive, one.stream, step->count, step->args));
}

/* The full task leaves out the scale: q may bring it along. */
static double run(const PeerCase *c, PeerTask task)
{
    if (task == TASK_CAUSAL)
        return -1;
    double start = peer_clock(c->threads);
    if (task == TASK_SLIDER) {
        execute(&one.scale);
        execute(&one.again);
    } else {
        execute(&one.product);
        execute(&one.softmax);
        execute(&one.sum);
    }
    must(dnnl_stream_wait(one.stream));
    return peer_clock(c->threads) - start;
}

static void end(void)
{
    Step *steps[] = {&one.product, &one.softmax, &one.sum, &one.scale, &one.again};
    dnnl_memory_t memories[] = {one.q, one.k, one.v, one.scores, one.weights, one.out};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        must(dnnl_primitive_destroy(steps[i]->primitive));
    for (size_t i = 0; i < sizeof memories / sizeof *memories; i++)
        must(dnnl_memory_destroy(memories[i]));
    must(dnnl_stream_destroy(one.stream));
    must(dnnl_engine_destroy(one.engine));
}

static const char *missing(void)
{
    return NULL;
}

const Peer PEER_ONEDNN = {"oneDNN", missing, begin, run, end};

#else

static const char *missing(void)
{
#if defined(BENCH_ONEDNN)
    return "found, but not of the series 2 that this was written for";
#else
    return "not found (libdnnl-dev)";
#endif
}

const Peer PEER_ONEDNN = {"oneDNN", missing, NULL, NULL, NULL};

#endif
