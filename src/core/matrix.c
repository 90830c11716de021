#include "core/matrix.h"

#include <string.h>

size_t dtype_size(DType dtype)
{
    switch (dtype) {
    case DTYPE_F32:
        return 4;
    case DTYPE_F16:
    case DTYPE_BF16:
        return 2;
    case DTYPE_F64:
        return 8;
    }
    return 0;
}

const char *dtype_name(DType dtype)
{
    switch (dtype) {
    case DTYPE_F32:
        return "f32";
    case DTYPE_F16:
        return "f16";
    case DTYPE_BF16:
        return "bf16";
    case DTYPE_F64:
        return "f64";
    }
    return "";
}

static float float_of_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

float dtype_f16(uint16_t bits)
{
    uint32_t sign = (uint32_t)(bits & 0x8000u) << 16;
    uint32_t exponent = (bits >> 10) & 0x1Fu;
    uint32_t mantissa = bits & 0x3FFu;
    if (exponent == 0x1Fu) /* Inf keeps an empty mantissa, NaN its payload */
        return float_of_bits(sign | 0x7F800000u | mantissa << 13);
    if (exponent != 0)
        return float_of_bits(sign | (exponent + 112u) << 23 | mantissa << 13);
    if (mantissa == 0)
        return float_of_bits(sign);
    /* A denormal half is a normal float: shift until the hidden bit appears. */
    uint32_t shift = 0;
    while (!(mantissa & 0x400u)) {
        mantissa <<= 1;
        shift++;
    }
    return float_of_bits(sign | (113u - shift) << 23 | (mantissa & 0x3FFu) << 13);
}

float dtype_bf16(uint16_t bits)
{
    return float_of_bits((uint32_t)bits << 16);
}

static const void *stored_at(Stored m, int row, int col)
{
    ptrdiff_t index = (ptrdiff_t)row * m.step + col;
    return (const char *)m.at + index * (ptrdiff_t)dtype_size(m.dtype);
}

/* The bytes of a file need not be aligned for their type: hence memcpy. */
static double stored_read(DType dtype, const void *at)
{
    uint16_t half;
    float single;
    double real;
    switch (dtype) {
    case DTYPE_F32:
        memcpy(&single, at, sizeof single);
        return (double)single;
    case DTYPE_F16:
        memcpy(&half, at, sizeof half);
        return (double)dtype_f16(half);
    case DTYPE_BF16:
        memcpy(&half, at, sizeof half);
        return (double)dtype_bf16(half);
    case DTYPE_F64:
        memcpy(&real, at, sizeof real);
        return real;
    }
    return 0;
}

double stored_value(Stored m, int row, int col)
{
    return stored_read(m.dtype, stored_at(m, row, col));
}

void stored_row(Stored m, int row, double *out)
{
    const char *at = stored_at(m, row, 0);
    size_t size = dtype_size(m.dtype);
    for (int col = 0; col < m.cols; col++)
        out[col] = stored_read(m.dtype, at + (size_t)col * size);
}

void stored_floats(Stored m, int row, float *out)
{
    const char *at = stored_at(m, row, 0);
    size_t size = dtype_size(m.dtype);
    for (int col = 0; col < m.cols; col++)
        out[col] = (float)stored_read(m.dtype, at + (size_t)col * size);
}
