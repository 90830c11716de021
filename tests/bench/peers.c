/* Our attention beside other libraries, interleaved, as ratios; and beside what the machine can do.
 *
 *   peers [THREADS [N]]     1 and 256 … 8192 without arguments
 *
 * One head, d = 64, float. The least of many rounds counts: what others do on the machine only
 * adds.
 */
#include "bench/peers.h"

#include "base/mem.h"
#include "bench/measure.h"
#include "core/pipeline.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PEERS = 3, ROUNDS_MAX = 60 };
static const double SECONDS = 2.5; /* for one size, about */

static const Peer *const ALL[PEERS] = {&PEER_ONEDNN, &PEER_OPENBLAS, &PEER_TORCH};

double peer_clock(int threads)
{
    struct timespec t;
    clock_gettime(threads == 1 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

typedef struct {
    Pipeline *pipeline;
    Threads *threads;
    AttnInput in;
    double temperature;
} Ours;

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "bench: %s\n", what);
    exit(1);
}

static double ours_run(Ours *ours, const PeerCase *c, PeerTask task)
{
    AttnParams params = params_default();
    Error err = {0};
    unsigned stages = STAGE_BIT(STAGE_WEIGHTS);
    params.scale.mode = SCALE_NONE;
    params.mask.causal = task == TASK_CAUSAL;
    if (task == TASK_SLIDER)
        params.scale.temperature = ours->temperature += 0.01;
    else
        stages |= STAGE_BIT(STAGE_OUTPUT), ours->in.key++;
    double start = peer_clock(c->threads);
    must(pipeline_update(ours->pipeline, &ours->in, &params, stages, ours->threads, &err),
         err.what);
    return peer_clock(c->threads) - start;
}

/* The same numbers in, so the same output out, or the times mean nothing. */
static void compare(const Ours *ours, const PeerCase *c, const char *name)
{
    Matrix mine = pipeline_result(ours->pipeline)->stage[STAGE_OUTPUT];
    double worst = 0;
    for (int i = 0; i < c->n; i++)
        for (int t = 0; t < PEERS_DEPTH; t++)
            worst = fmax(
                worst, fabs((double)matrix_row(mine, i)[t] - (double)c->out[i * PEERS_DEPTH + t]));
    if (!(worst < 1e-4))
        printf("%s gives another output: %g\n", name, worst);
}

/* The least time of each, ours first. Below 0: not done. */
static void race(Ours *ours, const PeerCase *c, PeerTask task, double best[PEERS + 1])
{
    double began = peer_clock(2), limit = SECONDS * 1e3 / (task == TASK_FULL ? 1 : 2);
    for (int p = 0; p <= PEERS; p++)
        best[p] = -1;
    for (int round = 0; round < ROUNDS_MAX; round++) {
        if (round > 4 && peer_clock(2) - began > limit)
            break;
        for (int p = 0; p <= PEERS; p++) {
            if (p > 0 && ALL[p - 1]->missing())
                continue;
            /* Pools that spin for a while behind their work would sit on our processor. */
            if (c->threads > 1)
                usleep(4000);
            double ms = p ? ALL[p - 1]->run(c, task) : ours_run(ours, c, task);
            if (round > 0 && ms >= 0 && (best[p] < 0 || ms < best[p]))
                best[p] = ms;
            if (round == 0 && task == TASK_FULL && p > 0 && ALL[p - 1] != &PEER_TORCH)
                compare(ours, c, ALL[p - 1]->name);
        }
    }
}

static void print_line(const PeerCase *c, PeerTask task, const double best[PEERS + 1], double bound,
                       double full)
{
    static const char *const NAMES[TASK_COUNT] = {"full", "slider", "causal"};
    printf("%7d %5d  %-7s %9.3f", c->threads, c->n, NAMES[task], best[0]);
    if (bound > 0)
        printf(" %6.0f %%", 100 * bound / best[0]);
    else
        printf(" %6s  ", "");
    for (int p = 1; p <= PEERS; p++)
        if (best[p] >= 0)
            printf(" %9.2f", best[p] / best[0]);
        else
            printf(" %9s", "");
    if (task == TASK_CAUSAL)
        printf("   %.2f of full", best[0] / full);
    printf("\n");
    fflush(stdout);
}

static void size_run(int n, int threads, const Machine *m)
{
    size_t side = (size_t)n, one = side * PEERS_DEPTH, cells = side * side;
    float *numbers = mem_array(3 * one, sizeof(float));
    float *square = mem_aligned(2 * cells, sizeof(float)), *out = mem_aligned(one, sizeof(float));
    must(numbers && square && out, "no memory");
    made_numbers(numbers, 3 * one, 5);
    float root = 1 / sqrtf(sqrtf((float)PEERS_DEPTH)); /* in q and k: peers need no scale then */
    for (size_t i = 0; i < 2 * one; i++)
        numbers[i] *= root;
    memset(square, 0, 2 * cells * sizeof(float));
    PeerCase c = {n,   threads, numbers, numbers + one, numbers + 2 * one, square, square + cells,
                  out, 1};
    Matrix q = {numbers, n, PEERS_DEPTH, PEERS_DEPTH}, k = q, v = q;
    k.at += one;
    v.at += 2 * one;
    Ours ours = {.pipeline = pipeline_new(), .temperature = 1};
    ours.threads = threads > 1 ? threads_start(threads) : NULL;
    ours.in = (AttnInput){.n_q = n, .n_k = n, .q = q, .k = k, .v = v, .d_k = PEERS_DEPTH};
    must(ours.pipeline != NULL, "no memory");
    for (int p = 0; p < PEERS; p++)
        if (!ALL[p]->missing())
            ALL[p]->begin(&c);
    double best[PEERS + 1], full = 0, area = (double)cells;
    for (PeerTask task = 0; task < TASK_COUNT; task++) {
        race(&ours, &c, task, best);
        double bound = 4.0 * PEERS_DEPTH * area / m->flops + area / m->exps + 4 * area / m->fills;
        if (task == TASK_SLIDER)
            bound = 8 * area / m->bytes;
        full = task == TASK_FULL ? best[0] : full;
        print_line(&c, task, best, task == TASK_CAUSAL ? 0 : bound * 1e3, full);
    }
    for (int p = 0; p < PEERS; p++)
        if (!ALL[p]->missing())
            ALL[p]->end();
    pipeline_free(ours.pipeline);
    threads_stop(ours.threads);
    mem_free(numbers);
    mem_free(square);
    mem_free(out);
}

/* The libraries read how many threads they may have when they are loaded. */
static void again_with(char **argv, const char *threads)
{
    const char *now = getenv("OMP_NUM_THREADS");
    if (now && strcmp(now, threads) == 0)
        return;
    setenv("OMP_NUM_THREADS", threads, 1);
    setenv("OPENBLAS_NUM_THREADS", threads, 1);
    execv("/proc/self/exe", argv);
    must(false, "cannot start again");
}

int main(int argc, char **argv)
{
    static const int SIZES[] = {256, 512, 1024, 2048, 4096, 8192};
    int only = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 0;
    const char *wish = argc > 1 ? argv[1] : "1";
    again_with(argv, wish);
    int threads = (int)strtol(wish, NULL, 10);
    must(threads >= 1 && threads <= 64, "usage: peers THREADS [N]");
    for (int p = 0; p < PEERS; p++) {
        const char *reason = ALL[p]->missing();
        if (reason)
            printf("%s: %s\n", ALL[p]->name, reason);
    }
    Machine m = machine_measure(threads);
    printf("%s on %d thread%s: %.0f Gflop/s, %.1f G exp/s, copy %.1f GB/s (both ways), fill %.1f "
           "GB/s\n",
           kernels()->name, threads, threads > 1 ? "s" : "", m.flops / 1e9, m.exps / 1e9,
           m.bytes / 1e9, m.fills / 1e9);
    printf("%7s %5s  %-7s %9s %8s", "threads", "n", "", "ours, ms", "of bound");
    for (int p = 0; p < PEERS; p++)
        printf(" %9s", ALL[p]->name);
    printf("   (times ours)\n");
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++)
        if (!only || only == SIZES[i])
            size_run(SIZES[i], threads, &m);
    return 0;
}
