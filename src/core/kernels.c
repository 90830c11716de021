#include "core/kernels.h"

#include "base/mem.h"
#include "core/kernels_impl.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

const Kernels *kernels_by_name(const char *name)
{
    if (strcmp(name, "scalar") == 0)
        return &KERNELS_SCALAR;
#if defined(__x86_64__)
    /* The builtin asks the system too: registers that it does not save are not offered. */
    __builtin_cpu_init();
    if (strcmp(name, "avx2") == 0 && __builtin_cpu_supports("avx2") &&
        __builtin_cpu_supports("fma"))
        return &KERNELS_AVX2;
    if (strcmp(name, "avx512") == 0 && __builtin_cpu_supports("avx512f"))
        return &KERNELS_AVX512;
#endif
    return NULL;
}

/* The forced one if this processor has it, else the best that it has. */
static const Kernels *kernels_choose(void)
{
    static const char *const best_first[] = {"avx512", "avx2"};
    const char *forced = getenv("ATTNSCOPE_SIMD");
    const Kernels *found = forced ? kernels_by_name(forced) : NULL;
    for (size_t i = 0; !found && i < sizeof best_first / sizeof *best_first; i++)
        found = kernels_by_name(best_first[i]);
    return found ? found : &KERNELS_SCALAR;
}

const Kernels *kernels(void)
{
    /* A cache of a pure function of the processor and the environment: racing threads store the
     * same. */
    static _Atomic(const Kernels *) chosen;
    const Kernels *k = atomic_load_explicit(&chosen, memory_order_relaxed);
    if (!k) {
        k = kernels_choose();
        atomic_store_explicit(&chosen, k, memory_order_relaxed);
    }
    return k;
}

bool kernels_packed_size(int depth, int cols, size_t *floats)
{
    size_t panels = ((size_t)cols + KERNELS_PANEL - 1) / KERNELS_PANEL;
    return mem_mul(panels * KERNELS_PANEL, (size_t)depth, floats);
}

const float *kernels_panel(const float *packed, int depth, int p, int from)
{
    return packed + ((size_t)p * (size_t)depth + (size_t)from) * KERNELS_PANEL;
}

void kernels_pack_rows(float *packed, Matrix k)
{
    for (int first = 0; first < k.rows; first += KERNELS_PANEL) {
        int lanes = k.rows - first < KERNELS_PANEL ? k.rows - first : KERNELS_PANEL;
        if (lanes < KERNELS_PANEL)
            memset(packed, 0, sizeof(float) * KERNELS_PANEL * (size_t)k.cols);
        for (int lane = 0; lane < lanes; lane++) {
            const float *row = matrix_row(k, first + lane);
            for (int t = 0; t < k.cols; t++)
                packed[(size_t)t * KERNELS_PANEL + (size_t)lane] = row[t];
        }
        packed += (size_t)k.cols * KERNELS_PANEL;
    }
}

/* The largest bits without their sign: from Inf's on, something is not finite. */
static uint32_t bits_over(uint32_t most, const float *at, int n)
{
    for (int i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, at + i, sizeof bits);
        bits &= 0x7FFFFFFFu;
        most = bits > most ? bits : most;
    }
    return most;
}

bool kernels_pack_cols(float *packed, Matrix v, const uint8_t *skip)
{
    uint32_t most = 0;
    for (int first = 0; first < v.cols; first += KERNELS_PANEL) {
        int lanes = v.cols - first < KERNELS_PANEL ? v.cols - first : KERNELS_PANEL;
        for (int key = 0; key < v.rows; key++, packed += KERNELS_PANEL) {
            bool taken = !(skip && skip[key]);
            const float *row = matrix_row(v, key) + first;
            if (taken && lanes == KERNELS_PANEL) { /* a whole one, said so that loops unroll */
                memcpy(packed, row, sizeof(float) * KERNELS_PANEL);
                most = bits_over(most, packed, KERNELS_PANEL);
                continue;
            }
            memset(packed, 0, sizeof(float) * KERNELS_PANEL);
            if (taken)
                memcpy(packed, row, sizeof(float) * (size_t)lanes);
            most = bits_over(most, packed, lanes);
        }
    }
    return most < 0x7F800000u;
}
