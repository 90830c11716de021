#include "load/convert_out.h"
#include "load/json_string.h"
#include "base/number.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    FLUSH_BYTES = 1 << 20,
    TEXT_NUMBERS = 4096,  /* more than that nobody reads */
    BLOCK_BYTES = 3 << 14 /* a multiple of three: base64 of the pieces is that of the whole */
};

/* From here on digits read as a double round to a float beyond the largest one. */
static const float TEXT_BOUND = 3.4e38f;

Stored convert_stored(const Document *doc, DocMatrix m)
{
    if (m.tensor < 0)
        return (Stored){.at = NULL};
    const Tensor *t = &doc->tensors[m.tensor];
    return (Stored){(const char *)t->data + (size_t)m.offset * dtype_size(t->dtype), t->dtype,
                    m.rows, m.cols, (ptrdiff_t)m.step};
}

bool convert_flush(ConvertOut *out, bool all)
{
    if (!out->failed && !buf_ok(&out->buf, out->err))
        out->failed = true;
    if (out->failed) {
        buf_clear(&out->buf);
        return false;
    }
    if ((!out->file && !out->measure) || (!all && out->buf.size < FLUSH_BYTES))
        return true;
    if (out->measure)
        out->measure(out->measured, out->buf.data, out->buf.size);
    out->passed += out->buf.size;
    if (!out->measure && !file_write_some(out->file, out->buf.data, out->buf.size, out->err))
        out->failed = out->unwritten = true;
    buf_clear(&out->buf);
    return convert_step(out);
}

bool convert_bytes(ConvertOut *out, const void *data, size_t size)
{
    buf_append(&out->buf, data, size);
    return convert_flush(out, false);
}

/* Little-endian machines only, as the readers. */
bool convert_numbers(ConvertOut *out, Stored m, bool floats)
{
    size_t size = dtype_size(m.dtype);
    bool widen = floats && m.dtype == DTYPE_BF16;
    for (int i = 0; i < m.rows; i++) {
        const char *row = (const char *)m.at + (size_t)i * (size_t)m.step * size;
        for (int j = 0; widen && j < m.cols; j++) {
            uint16_t bits;
            memcpy(&bits, row + 2 * (size_t)j, sizeof bits);
            float value = dtype_bf16(bits);
            buf_append(&out->buf, &value, sizeof value);
        }
        if (!widen)
            buf_append(&out->buf, row, (size_t)m.cols * size);
        if (!convert_flush(out, false))
            return false;
    }
    return true;
}

bool convert_place(ConvertOut *out, const DocSentence *s)
{
    const ConvertPlan *plan = out->plan;
    if (plan->layer >= s->layer_count)
        return convert_fail(out, "layer: expected 0 … %d, found %d", s->layer_count - 1,
                            plan->layer);
    for (int i = 0; i < s->layer_count; i++) {
        if ((plan->layer < 0 || plan->layer == i) && plan->head >= s->layers[i].head_count)
            return convert_fail(out, "head: expected 0 … %d, found %d", s->layers[i].head_count - 1,
                                plan->head);
    }
    return true;
}

bool convert_step(ConvertOut *out)
{
    const ConvertPlan *plan = out->plan;
    if (out->failed)
        return false;
    if (plan->progress && !plan->progress(plan->context, out->done, out->total))
        out->failed = !error_set(out->err, ERROR_CANCELLED, "cancelled");
    return !out->failed;
}

bool convert_fail(ConvertOut *out, const char *fmt, ...)
{
    char what[320];
    va_list args;
    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    out->failed = true;
    return error_set(out->err, ERROR_USAGE, "%s", what);
}

void convert_note(const ConvertOut *out, const char *fmt, ...)
{
    char what[320];
    if (!out->plan->note)
        return;
    va_list args;
    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    out->plan->note(out->plan->context, what);
}

/* ---- JSON ---- */

void convert_open(ConvertOut *out, char bracket, bool lines)
{
    buf_byte(&out->buf, bracket);
    out->levels[out->depth++] = (ConvertLevel){.lines = lines, .close = bracket == '{' ? '}' : ']'};
}

static void new_line(ConvertOut *out)
{
    buf_byte(&out->buf, '\n');
    for (int i = 0; i < out->depth; i++)
        buf_text(&out->buf, "  ");
}

void convert_close(ConvertOut *out)
{
    ConvertLevel level = out->levels[--out->depth];
    if (level.lines && level.any)
        new_line(out);
    buf_byte(&out->buf, level.close);
}

void convert_item(ConvertOut *out)
{
    ConvertLevel *level = &out->levels[out->depth - 1];
    if (level->any)
        buf_text(&out->buf, level->lines ? "," : ", ");
    if (level->lines)
        new_line(out);
    level->any = true;
}

void convert_key(ConvertOut *out, const char *key)
{
    convert_item(out);
    convert_text(out, key);
    buf_text(&out->buf, ": ");
}

void convert_text(ConvertOut *out, const char *text)
{
    json_string_write(&out->buf, text, strlen(text));
}

void convert_member(ConvertOut *out, const char *key, const char *text)
{
    if (!text || !text[0])
        return;
    convert_key(out, key);
    convert_text(out, text);
}

void convert_double(ConvertOut *out, double value)
{
    char text[NUMBER_TEXT];
    number_double(text, value);
    buf_text(&out->buf, text);
}

void convert_texts(ConvertOut *out, const char *const *texts, int count)
{
    convert_open(out, '[', false);
    for (int i = 0; i < count; i++) {
        convert_item(out);
        convert_text(out, texts[i]);
        convert_flush(out, false);
    }
    convert_close(out);
}

/* Digits are for float32 alone: they would not say of which other type they are. */
static bool as_digits(Stored m)
{
    if (m.dtype != DTYPE_F32 || (int64_t)m.rows * m.cols > TEXT_NUMBERS)
        return false;
    for (int i = 0; i < m.rows; i++) {
        const float *row = (const float *)m.at + i * m.step;
        for (int j = 0; j < m.cols; j++) {
            if (!(fabsf(row[j]) < TEXT_BOUND)) /* NaN too */
                return false;
        }
    }
    return true;
}

static void write_digits(ConvertOut *out, Stored m)
{
    char text[NUMBER_TEXT];
    buf_byte(&out->buf, '[');
    for (int i = 0; i < m.rows; i++) {
        const float *row = (const float *)m.at + i * m.step;
        buf_text(&out->buf, i ? ", [" : "[");
        for (int j = 0; j < m.cols; j++) {
            number_float(text, row[j]);
            buf_text(&out->buf, j ? ", " : "");
            buf_text(&out->buf, text);
        }
        buf_byte(&out->buf, ']');
    }
    buf_byte(&out->buf, ']');
}

static void write_block(ConvertOut *out, Stored m)
{
    unsigned char block[BLOCK_BYTES];
    size_t size = dtype_size(m.dtype), used = 0;
    buf_printf(&out->buf, "{\"dtype\": \"%s\", \"shape\": [%d, %d], \"base64\": \"",
               dtype_name(m.dtype), m.rows, m.cols);
    for (int i = 0; i < m.rows; i++) {
        const char *row = (const char *)m.at + (size_t)i * (size_t)m.step * size;
        for (size_t left = (size_t)m.cols * size; left > 0;) {
            size_t n = left < sizeof block - used ? left : sizeof block - used;
            memcpy(block + used, row, n);
            row += n;
            left -= n;
            used += n;
            if (used < sizeof block)
                continue;
            used = 0;
            buf_base64(&out->buf, block, sizeof block);
            if (!convert_flush(out, false))
                return;
        }
    }
    buf_base64(&out->buf, block, used);
    buf_text(&out->buf, "\"}");
}

void convert_matrix(ConvertOut *out, Stored m)
{
    if (!out->packed && as_digits(m))
        write_digits(out, m);
    else
        write_block(out, m);
    convert_flush(out, false);
}
