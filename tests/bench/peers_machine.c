/* The bounds: a loop of multiply-adds that touches no memory, a streaming copy and a fill of
 * blocks far beyond the caches, and exponentials in the nearest cache. */
#include "bench/peers.h"

#include "base/mem.h"
#include "core/kernels.h"
#include "core/threads.h"

#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

enum { ROUNDS = 60, FMA_STEPS = 200000, CHAINS = 12, ROW = 1024, BIG = 8 << 20 };

typedef struct {
    const Kernels *kernels;
    float *from, *to; /* threads × BIG */
    float *row;       /* threads × ROW */
    float sink[64];
    bool fill;
} Bench;

#if defined(__x86_64__)
/* Twelve sums, by name: in an array they would go through memory. */
#define FMA_LOOP(name, isa, lanes, constraint)                                                     \
    typedef float Vector##lanes __attribute__((vector_size(4 * lanes)));                           \
    __attribute__((target(isa))) static float name(void)                                           \
    {                                                                                              \
        Vector##lanes x = {0.5f}, a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x,   \
                      j = x, k = x, l = x;                                                         \
        for (int t = 0; t < FMA_STEPS; t++) {                                                      \
            __asm__ volatile(STEP(0) STEP(1) STEP(2) STEP(3) STEP(4) STEP(5)                       \
                             : "+" constraint(a), "+" constraint(b), "+" constraint(c),            \
                               "+" constraint(d), "+" constraint(e), "+" constraint(f)             \
                             : constraint(x));                                                     \
            __asm__ volatile(STEP(0) STEP(1) STEP(2) STEP(3) STEP(4) STEP(5)                       \
                             : "+" constraint(g), "+" constraint(h), "+" constraint(i),            \
                               "+" constraint(j), "+" constraint(k), "+" constraint(l)             \
                             : constraint(x));                                                     \
        }                                                                                          \
        a += b + c + d + e + f + g + h + i + j + k + l;                                            \
        return a[0];                                                                               \
    }
#define STEP(n) "vfmadd231ps %6, %6, %" #n "\n"
FMA_LOOP(fma_avx2, "avx2,fma", 8, "x")
FMA_LOOP(fma_avx512, "avx512f", 16, "v")
#endif

static int set_lanes(const Kernels *k)
{
    return strcmp(k->name, "avx512") == 0 ? 16 : strcmp(k->name, "avx2") == 0 ? 8 : 4;
}

/* The portable code multiplies and adds one after the other: so does its bound. */
static float fma_scalar(void)
{
    typedef float Four __attribute__((vector_size(16)));
    const Four x = {0.5f, 0.5f, 0.5f, 0.5f};
    Four a = x, b = x, c = x, d = x, e = x, f = x;
    for (int t = 0; t < FMA_STEPS * 2; t++) {
        a = a * x + x, b = b * x + x, c = c * x + x;
        d = d * x + x, e = e * x + x, f = f * x + x;
    }
    a += b + c + d + e + f;
    return a[0];
}

static void block_fma(void *bench, int block)
{
    Bench *b = bench;
    float sum;
#if defined(__x86_64__)
    int lanes = set_lanes(b->kernels);
    sum = lanes == 16 ? fma_avx512() : lanes == 8 ? fma_avx2() : fma_scalar();
#else
    sum = fma_scalar();
#endif
    b->sink[block] = sum;
}

static void block_exp(void *bench, int block)
{
    Bench *b = bench;
    float *row = b->row + 2 * block * ROW;
    for (int i = 0; i < 400; i++)
        b->sink[block] += (float)b->kernels->exp_row(row + ROW, row, ROW, 1, 0.5f).sum;
}

static void block_copy(void *bench, int block)
{
    Bench *b = bench;
    float *from = b->from + (size_t)block * BIG, *to = b->to + (size_t)block * BIG;
#if defined(__x86_64__)
    for (size_t i = 0; i < BIG; i += 16)
        for (size_t j = i; j < i + 16; j += 4)
            _mm_stream_ps(to + j, b->fill ? _mm_set1_ps(1) : _mm_load_ps(from + j));
    _mm_sfence();
#else
    b->fill ? memset(to, 1, sizeof *to * BIG) : memcpy(to, from, sizeof *to * BIG);
#endif
}

/* Every thread does one block at a time; the least time of all rounds, in seconds. */
static double least(ThreadsBlock run, Bench *b, Threads *threads, int count)
{
    double best = 1e30;
    for (int i = 0; i < ROUNDS; i++) {
        double start = peer_clock(count);
        threads_run(threads, count, run, b);
        double spent = (peer_clock(count) - start) / 1e3;
        best = spent < best ? spent : best;
    }
    return best;
}

Machine machine_measure(int threads)
{
    Bench b = {.kernels = kernels()};
    Threads *pool = threads_start(threads);
    size_t count = (size_t)threads;
    b.from = mem_aligned(count * BIG, sizeof(float));
    b.to = mem_aligned(count * BIG, sizeof(float));
    b.row = mem_aligned(2 * count * ROW, sizeof(float));
    if (!pool || !b.from || !b.to || !b.row)
        exit(1);
    memset(b.from, 0, count * BIG * sizeof(float));
    memset(b.to, 0, count * BIG * sizeof(float));
    memset(b.row, 0, 2 * count * ROW * sizeof(float));
    Machine m;
    m.flops = threads * 2.0 * set_lanes(b.kernels) * CHAINS * FMA_STEPS;
    m.flops /= least(block_fma, &b, pool, threads);
    m.exps = threads * 400.0 * ROW / least(block_exp, &b, pool, threads);
    m.bytes = threads * 8.0 * BIG / least(block_copy, &b, pool, threads);
    b.fill = true;
    m.fills = threads * 4.0 * BIG / least(block_copy, &b, pool, threads);
    threads_stop(pool);
    mem_free(b.from);
    mem_free(b.to);
    mem_free(b.row);
    return m;
}
