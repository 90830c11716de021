#include "load/numbers.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

bool numbers_count(const int64_t *shape, int ndim, int64_t *count)
{
    int64_t product = 1;
    for (int i = 0; i < ndim; i++) {
        if (shape[i] < 0 || __builtin_mul_overflow(product, shape[i], &product))
            return false;
    }
    *count = product;
    return true;
}

void numbers_shape(const int64_t *shape, int ndim, char *out, size_t cap)
{
    size_t used = (size_t)snprintf(out, cap, "[");
    for (int i = 0; i < ndim && used + 1 < cap; i++)
        used +=
            (size_t)snprintf(out + used, cap - used, "%s%lld", i ? ", " : "", (long long)shape[i]);
    if (used + 1 < cap)
        snprintf(out + used, cap - used, "]");
}

DType numbers_dtype(RawType type)
{
    if (type.kind == RAW_BFLOAT)
        return DTYPE_BF16;
    if (type.kind == RAW_FLOAT)
        return type.size == 2 ? DTYPE_F16 : type.size == 4 ? DTYPE_F32 : DTYPE_F64;
    return type.size <= 2 ? DTYPE_F32 : DTYPE_F64;
}

static bool host_is_big(void)
{
    const uint16_t one = 1;
    return *(const unsigned char *)&one == 0;
}

static void swap_bytes(unsigned char *p, size_t count, size_t size)
{
    for (; count > 0; count--, p += size) {
        for (size_t i = 0; i < size / 2; i++) {
            unsigned char kept = p[i];
            p[i] = p[size - 1 - i];
            p[size - 1 - i] = kept;
        }
    }
}

/* Sign-extended; unsigned 64-bit numbers stay as their bits. */
static int64_t whole_at(const unsigned char *p, RawType type)
{
    uint64_t bits = 0;
    size_t size = (size_t)type.size;
    unsigned shift = (unsigned)(64 - 8 * size);
    for (size_t i = 0; i < size; i++)
        bits |= (uint64_t)p[host_is_big() ? size - 1 - i : i] << (8 * i);
    if (type.kind == RAW_BOOL)
        return bits != 0;
    if (type.kind == RAW_UNSIGNED)
        return (int64_t)bits;
    return (int64_t)(bits << shift) >> shift;
}

static bool whole_rounds(int64_t value, RawType type)
{
    int64_t limit = (int64_t)1 << 53;
    return type.size == 8 && (value > limit || value < -limit);
}

static bool numbers_convert(Numbers *out, const void *bytes, RawType type, int64_t count)
{
    Tensor *t = &out->tensor;
    void *data = mem_array((size_t)count, dtype_size(t->dtype));
    if (!data)
        return false;
    for (int64_t i = 0; i < count; i++) {
        int64_t value =
            whole_at((const unsigned char *)bytes + (size_t)i * (size_t)type.size, type);
        bool top = type.kind == RAW_UNSIGNED && value < 0;
        out->rounded += whole_rounds(value, type);
        double real = top ? (double)(uint64_t)value : (double)value;
        if (t->dtype == DTYPE_F32)
            ((float *)data)[i] = (float)real;
        else
            ((double *)data)[i] = real;
    }
    t->data = data;
    return true;
}

bool numbers_take(Numbers *out, void *bytes, RawType type, int64_t count, Error *err)
{
    Tensor *t = &out->tensor;
    bool ok = true;
    if (type.big_endian != host_is_big() && type.size > 1)
        swap_bytes(bytes, (size_t)count, (size_t)type.size);
    out->rounded = 0;
    *t = (Tensor){.dtype = numbers_dtype(type), .count = count};
    if (type.kind == RAW_FLOAT || type.kind == RAW_BFLOAT) {
        t->data = bytes;
    } else {
        ok = numbers_convert(out, bytes, type, count) || error_memory(err);
        mem_free(bytes);
    }
    if (ok)
        tensor_measure(t);
    return ok;
}

bool numbers_read(const File *file, void *out, size_t size, uint64_t offset,
                  const LoadRequest *request, Error *err)
{
    const size_t step = (size_t)16 << 20;
    for (size_t done = 0; done < size;) {
        size_t now = size - done < step ? size - done : step;
        if (request->cancel && atomic_load(request->cancel))
            return error_set(err, ERROR_CANCELLED, "cancelled");
        if (!file_read_at(file, (char *)out + done, now, offset + done, err))
            return false;
        done += now;
        if (request->progress)
            request->progress(request->context, done, size);
    }
    return true;
}
