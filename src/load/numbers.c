#include "load/numbers.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

enum { NUMBERS_STEP = 1 << 20 };

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

#define CONVERT(from, to)                                                                          \
    for (size_t i = 0; i < count; i++) {                                                           \
        from value;                                                                                \
        memcpy(&value, p + i * sizeof value, sizeof value);                                        \
        ((to *)out)[i] = (to)value;                                                                \
    }

/* 64 bits: beyond 2^53 a double may round. Returns how many are. */
static int64_t convert_signed(double *out, const unsigned char *p, size_t count, char exact[24])
{
    const int64_t limit = (int64_t)1 << 53;
    int64_t rounded = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t value;
        memcpy(&value, p + i * sizeof value, sizeof value);
        if ((value > limit || value < -limit) && rounded++ == 0 && !exact[0])
            snprintf(exact, 24, "%lld", (long long)value);
        out[i] = (double)value;
    }
    return rounded;
}

static int64_t convert_unsigned(double *out, const unsigned char *p, size_t count, char exact[24])
{
    const uint64_t limit = (uint64_t)1 << 53;
    int64_t rounded = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t value;
        memcpy(&value, p + i * sizeof value, sizeof value);
        if (value > limit && rounded++ == 0 && !exact[0])
            snprintf(exact, 24, "%llu", (unsigned long long)value);
        out[i] = (double)value;
    }
    return rounded;
}

/* Whole numbers in this machine's order into float (up to 16 bits) or double; returns how many of
 * them no double tells apart from their neighbours. */
static int64_t numbers_convert(void *out, const unsigned char *p, RawType type, size_t count,
                               char exact[24])
{
    bool with_sign = type.kind == RAW_SIGNED;
    if (type.kind == RAW_BOOL) {
        for (size_t i = 0; i < count; i++)
            ((float *)out)[i] = p[i] != 0;
        return 0;
    }
    switch (type.size * 2 + with_sign) {
    case 2:
        CONVERT(uint8_t, float);
        return 0;
    case 3:
        CONVERT(int8_t, float);
        return 0;
    case 4:
        CONVERT(uint16_t, float);
        return 0;
    case 5:
        CONVERT(int16_t, float);
        return 0;
    case 8:
        CONVERT(uint32_t, double);
        return 0;
    case 9:
        CONVERT(int32_t, double);
        return 0;
    case 16:
        return convert_unsigned(out, p, count, exact);
    default:
        return convert_signed(out, p, count, exact);
    }
}

static bool is_float(RawType type)
{
    return type.kind == RAW_FLOAT || type.kind == RAW_BFLOAT;
}

static void to_host(unsigned char *bytes, RawType type, size_t count)
{
    if (type.big_endian != host_is_big() && type.size > 1)
        swap_bytes(bytes, count, (size_t)type.size);
}

bool numbers_take(Numbers *out, void *bytes, RawType type, int64_t count, Error *err)
{
    Tensor *t = &out->tensor;
    to_host(bytes, type, (size_t)count);
    out->rounded = 0;
    out->exact[0] = '\0';
    *t = (Tensor){.data = bytes, .dtype = numbers_dtype(type), .count = count};
    if (!is_float(type)) {
        t->data = mem_array((size_t)count, dtype_size(t->dtype));
        if (t->data)
            out->rounded = numbers_convert(t->data, bytes, type, (size_t)count, out->exact);
        mem_free(bytes);
        if (!t->data)
            return error_memory(err);
    }
    tensor_measure(t);
    return true;
}

static bool file_next(void *self, void *out, size_t size, Error *err)
{
    NumbersFile *from = self;
    uint64_t at = from->at;
    from->at += size;
    return file_read_at(from->file, out, size, at, err);
}

NumbersSource numbers_of_file(NumbersFile *from)
{
    return (NumbersSource){file_next, from};
}

/* Where the next number of a source in Fortran order belongs. */
typedef struct {
    int ndim;
    int64_t shape[NUMBERS_DIMS], stride[NUMBERS_DIMS], index[NUMBERS_DIMS], at;
} Scatter;

static void scatter_init(Scatter *s, const Numbers *n)
{
    int64_t step = 1;
    *s = (Scatter){.ndim = n->ndim};
    for (int i = n->ndim - 1; i >= 0; i--) {
        s->shape[i] = n->shape[i];
        s->stride[i] = step;
        step *= n->shape[i];
    }
}

/* The same number of bytes in each step, so that the known sizes become single moves. */
static void copy_run(char *out, size_t out_step, const char *from, size_t from_step, int64_t count,
                     size_t size)
{
    switch (size) {
    case 2:
        for (; count > 0; count--, out += out_step, from += from_step)
            memcpy(out, from, 2);
        return;
    case 4:
        for (; count > 0; count--, out += out_step, from += from_step)
            memcpy(out, from, 4);
        return;
    default:
        for (; count > 0; count--, out += out_step, from += from_step)
            memcpy(out, from, 8);
    }
}

/* Whole columns of a matrix at once: what goes into one row lies side by side there. */
static void put_columns(char *out, const char *from, const Scatter *s, int64_t columns, size_t size)
{
    size_t row_bytes = (size_t)s->stride[0] * size, column_bytes = (size_t)s->shape[0] * size;
    for (int64_t row = 0; row < s->shape[0]; row++, out += row_bytes, from += size)
        copy_run(out, size, from, column_bytes, columns, size);
}

static void scatter(Scatter *s, char *out, const char *from, int64_t count, size_t size)
{
    while (count > 0) {
        char *to = out + (size_t)s->at * size;
        int64_t run = s->shape[0] - s->index[0];
        if (s->ndim == 2 && s->index[0] == 0 && count >= 2 * run) {
            int64_t columns = count / run;
            put_columns(to, from, s, columns, size);
            s->at += columns;
            count -= columns * run;
            from += (size_t)(columns * run) * size;
            continue;
        }
        run = run < count ? run : count;
        copy_run(to, (size_t)s->stride[0] * size, from, size, run, size);
        from += (size_t)run * size;
        count -= run;
        s->index[0] += run;
        s->at += run * s->stride[0];
        for (int i = 0; i < s->ndim && s->index[i] == s->shape[i]; i++) {
            s->at -= s->index[i] * s->stride[i];
            s->index[i] = 0;
            if (i + 1 < s->ndim) {
                s->index[i + 1]++;
                s->at += s->stride[i + 1];
            }
        }
    }
}

/* Counts what is not finite in the numbers from `from` on, while they are still near. */
static void measure_part(Tensor *t, int64_t from, int64_t count)
{
    Tensor part = {.data = (char *)t->data + (size_t)from * dtype_size(t->dtype),
                   .dtype = t->dtype,
                   .count = count};
    tensor_measure(&part);
    if (part.nonfinite && t->first_nonfinite < 0)
        t->first_nonfinite = from + part.first_nonfinite;
    t->nonfinite += part.nonfinite;
    t->wide = t->wide || part.wide;
}

static bool check_budget(const Numbers *n, const LoadRequest *request, uint64_t memory,
                         uint64_t *kept, Error *err)
{
    if (__builtin_mul_overflow((uint64_t)n->tensor.count, dtype_size(n->tensor.dtype), kept))
        *kept = UINT64_MAX;
    if (*kept <= memory)
        return true;
    return limits_over(&request->limits, LIMIT_MEMORY, err, "data",
                       "memory: expected at most %llu bytes, found %llu",
                       (unsigned long long)memory, (unsigned long long)*kept);
}

static bool go_on(const LoadRequest *request, int64_t done, int64_t total, int size, Error *err)
{
    if (request->cancel && atomic_load(request->cancel))
        return error_set(err, ERROR_CANCELLED, "cancelled");
    if (request->progress && done > 0)
        request->progress(request->context, (uint64_t)done * (uint64_t)size,
                          (uint64_t)total * (uint64_t)size);
    return true;
}

/* raw, made: room for one step; NULL where numbers go straight to their place. */
static bool stream_steps(Numbers *out, RawType type, bool fortran, const NumbersSource *source,
                         const LoadRequest *request, unsigned char *raw, void *made, Error *err)
{
    Tensor *t = &out->tensor;
    Scatter place;
    size_t size = dtype_size(t->dtype);
    int64_t step = NUMBERS_STEP / type.size;
    scatter_init(&place, out);
    t->first_nonfinite = -1;
    for (int64_t done = 0; done < t->count;) {
        int64_t now = t->count - done < step ? t->count - done : step;
        char *to = fortran ? made : (char *)t->data + (size_t)done * size;
        unsigned char *from = is_float(type) ? (unsigned char *)to : raw;
        if (!go_on(request, done, t->count, type.size, err) ||
            !source->read(source->self, from, (size_t)now * (size_t)type.size, err))
            return false;
        to_host(from, type, (size_t)now);
        if (!is_float(type))
            out->rounded += numbers_convert(to, from, type, (size_t)now, out->exact);
        if (fortran)
            scatter(&place, t->data, to, now, size);
        else
            measure_part(t, done, now);
        done += now;
    }
    return go_on(request, t->count, t->count, type.size, err);
}

/* Once more from the front, for the first odd number in our order. */
static bool measure_all(Tensor *t, const LoadRequest *request, Error *err)
{
    for (int64_t at = 0; at < t->count; at += NUMBERS_STEP) {
        if (request->cancel && atomic_load(request->cancel))
            return error_set(err, ERROR_CANCELLED, "cancelled");
        measure_part(t, at, t->count - at < NUMBERS_STEP ? t->count - at : NUMBERS_STEP);
    }
    return true;
}

bool numbers_stream(Numbers *out, RawType type, bool fortran, const NumbersSource *source,
                    const LoadRequest *request, uint64_t memory, Error *err)
{
    Tensor *t = &out->tensor;
    uint64_t kept = 0;
    *t = (Tensor){.dtype = numbers_dtype(type)};
    out->rounded = 0;
    out->exact[0] = '\0';
    if (!numbers_count(out->shape, out->ndim, &t->count))
        return error_at(err, ERROR_LIMIT, "shape", "expected fewer than 2^63 numbers, found more");
    if (!check_budget(out, request, memory, &kept, err))
        return false;
    fortran = fortran && out->ndim > 1;
    t->data = mem_aligned((size_t)kept, 1); /* large pages: half the time of a large file */
    unsigned char *raw = is_float(type) ? NULL : mem_alloc(NUMBERS_STEP);
    void *made = fortran ? mem_alloc((size_t)NUMBERS_STEP * 4) : NULL;
    bool ok = (t->data && (raw || is_float(type)) && (made || !fortran)) || error_memory(err);
    ok = ok && stream_steps(out, type, fortran, source, request, raw, made, err) &&
         (!fortran || measure_all(t, request, err));
    mem_free(raw);
    mem_free(made);
    if (!ok) {
        mem_free(t->data);
        *t = (Tensor){0};
        return false;
    }
    if (t->dtype == DTYPE_F32)
        t->floats = t->data;
    return true;
}
