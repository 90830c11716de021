#include "doc/document.h"
#include "base/mem.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { MEASURE_BLOCK = 256 };

static Stored tensor_row(const Tensor *t, int64_t index)
{
    const char *at = (const char *)t->data + (size_t)index * dtype_size(t->dtype);
    return (Stored){.at = at, .dtype = t->dtype, .rows = 1, .cols = 1, .step = 1};
}

double tensor_value(const Tensor *t, int64_t index)
{
    return stored_value(tensor_row(t, index), 0, 0);
}

void tensor_free(Tensor *t)
{
    if (t->floats != t->data)
        mem_free(t->floats);
    mem_free(t->data);
    *t = (Tensor){0};
}

/* One loop for each type, over the bits: all ones in the exponent is NaN or an infinity. */
static int64_t count_bits16(const uint16_t *p, int64_t count, uint16_t mask, int64_t *first)
{
    int64_t found = 0;
    for (int64_t i = 0; i < count; i++) {
        if ((p[i] & mask) == mask && found++ == 0)
            *first = i;
    }
    return found;
}

/* Nearly every block is finite: whole ones are asked at once, without a branch per number. */
static bool block_finite(const float *p)
{
    uint32_t top = 0;
    for (int i = 0; i < MEASURE_BLOCK; i++) {
        uint32_t bits;
        memcpy(&bits, p + i, sizeof bits);
        bits &= 0x7F800000u;
        top = bits > top ? bits : top;
    }
    return top < 0x7F800000u;
}

static int64_t count_f32(const float *p, int64_t count, int64_t *first)
{
    int64_t found = 0;
    for (int64_t i = 0; i < count; i++) {
        while (count - i >= MEASURE_BLOCK && block_finite(p + i))
            i += MEASURE_BLOCK;
        for (int64_t end = count - i < MEASURE_BLOCK ? count : i + MEASURE_BLOCK; i < end; i++)
            if (!isfinite(p[i]) && found++ == 0)
                *first = i;
        i--;
    }
    return found;
}

static int64_t count_f64(const double *p, int64_t count, int64_t *first, bool *wide)
{
    int64_t found = 0;
    for (int64_t i = 0; i < count; i++) {
        if (fabs(p[i]) <= (double)FLT_MAX)
            continue;
        if (isfinite(p[i]))
            *wide = true;
        else if (found++ == 0)
            *first = i;
    }
    return found;
}

void tensor_measure(Tensor *t)
{
    t->first_nonfinite = -1;
    t->nonfinite = 0;
    t->wide = false;
    switch (t->dtype) {
    case DTYPE_F32:
        t->nonfinite = count_f32(t->data, t->count, &t->first_nonfinite);
        t->floats = t->data;
        break;
    case DTYPE_F16:
        t->nonfinite = count_bits16(t->data, t->count, 0x7C00, &t->first_nonfinite);
        break;
    case DTYPE_BF16:
        t->nonfinite = count_bits16(t->data, t->count, 0x7F80, &t->first_nonfinite);
        break;
    case DTYPE_F64:
        t->nonfinite = count_f64(t->data, t->count, &t->first_nonfinite, &t->wide);
        break;
    }
}

bool tensor_floats(Tensor *t, uint64_t *memory, const atomic_bool *cancel, Error *err)
{
    if (t->floats)
        return true;
    size_t bytes;
    if (!mem_mul((size_t)t->count, sizeof(float), &bytes) || bytes > *memory)
        return error_set(
            err, ERROR_LIMIT,
            "memory: expected at most %llu bytes for float32 copies, found %lld numbers"
            " (raise with --limit-memory)",
            (unsigned long long)*memory, (long long)t->count);
    float *floats = mem_array((size_t)t->count, sizeof *floats);
    if (!floats)
        return error_memory(err);
    /* Row by row of some length: the columns of a Stored are counted in int. */
    enum { STEP = 1 << 20 };
    for (int64_t at = 0; at < t->count; at += STEP) {
        if (cancel && atomic_load(cancel)) {
            mem_free(floats);
            return error_set(err, ERROR_CANCELLED, "cancelled");
        }
        Stored row = tensor_row(t, at);
        row.cols = (int)(t->count - at < STEP ? t->count - at : STEP);
        row.step = row.cols;
        stored_floats(row, 0, floats + at);
    }
    *memory -= bytes;
    t->floats = floats;
    return true;
}
