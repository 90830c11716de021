/* .npz: a ZIP of .npy members, stored as they are. Written by hand because the sizes and check sums
 * before the bytes let a stream pass without going back.
 */
#include "load/convert_arrays.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

enum {
    MEMBERS = CONVERT_ARRAYS + 2, /* tokens of two axes */
    NPY_PLACE = 64,
    ROOM = 1 << 16 /* more than all that is not numbers and tokens: headers, the directory */
};
/* Without ZIP64. */
#define BYTES_MOST (0xFFFFFFFEull - ROOM)

typedef struct {
    char name[40];
    uint32_t crc, size, at;
} Member;

typedef struct {
    ConvertOut *out;
    const ConvertArrays *arrays;
    uint32_t table[256];
    Member members[MEMBERS];
    int count;
    uint64_t at; /* bytes of the file so far */
} Zip;

/* What a member holds: numbers or the tokens of an axis. */
typedef struct {
    const char *name;
    const ConvertArray *array; /* NULL: tokens */
    const DocAxis *axis;
    size_t width; /* code points of the longest token */
} Source;

/* CRC-32 of ISO 3309, as ZIP has it. */
static void crc_table(uint32_t table[256])
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int k = 0; k < 8; k++)
            c = c & 1 ? 0xEDB88320u ^ c >> 1 : c >> 1;
        table[i] = c;
    }
}

/* Little-endian, zeros beyond eight bytes. */
static void put_small(Buf *out, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++, value >>= 8)
        buf_byte(out, (char)(unsigned char)value);
}

static void put_npy_header(Buf *out, const Source *source)
{
    static const char *const types[] = {
        [DTYPE_F32] = "<f4", [DTYPE_F16] = "<f2", [DTYPE_BF16] = "<f4", [DTYPE_F64] = "<f8"};
    char text[256], shape[120] = "";
    size_t used = 0;
    if (source->array) {
        for (int i = 0; i < source->array->ndim; i++)
            used += (size_t)snprintf(shape + used, sizeof shape - used, "%s%lld", i ? ", " : "",
                                     (long long)source->array->shape[i]);
        used = (size_t)snprintf(text, sizeof text,
                                "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }",
                                types[source->array->dtype], shape);
    } else {
        used = (size_t)snprintf(text, sizeof text,
                                "{'descr': '<U%zu', 'fortran_order': False, 'shape': (%d,), }",
                                source->width, source->axis->count);
    }
    size_t start = 10, pad = NPY_PLACE - (start + used + 1) % NPY_PLACE;
    buf_append(out, "\x93NUMPY\x01\x00", 8);
    put_small(out, used + pad % NPY_PLACE + 1, 2);
    buf_append(out, text, used);
    for (size_t i = 0; i < pad % NPY_PLACE; i++)
        buf_byte(out, ' ');
    buf_byte(out, '\n');
}

/* UTF-32, filled up with zeros. */
static void put_token(ConvertOut *out, const char *token, size_t width)
{
    size_t length = strlen(token), at = 0;
    for (size_t i = 0; i < width; i++) {
        uint32_t c = at < length ? utf8_next(token, length, &at) : 0;
        put_small(&out->buf, c, 4);
        if ((i & 4095) == 4095)
            convert_flush(out, false);
    }
    convert_flush(out, false);
}

static bool put_member(ConvertOut *out, const ConvertArrays *arrays, const Source *source)
{
    put_npy_header(&out->buf, source);
    if (source->array)
        return convert_array(out, arrays, source->array, true);
    for (int i = 0; i < source->axis->count; i++)
        put_token(out, source->axis->tokens[i], source->width);
    return convert_flush(out, true);
}

/* ---- ZIP ---- */

static void take_crc(void *context, const void *data, size_t size)
{
    Zip *zip = context;
    Member *m = &zip->members[zip->count];
    const unsigned char *p = data;
    uint32_t crc = ~m->crc;
    for (size_t i = 0; i < size; i++)
        crc = zip->table[(crc ^ p[i]) & 255] ^ crc >> 8;
    m->crc = ~crc;
    zip->at += size;
}

/* From "version needed" to the lengths of name and extra field, the same in both places. */
static void put_facts(Buf *out, const Member *m)
{
    put_small(out, 20, 2);     /* version 2.0 */
    put_small(out, 0, 2);      /* flags */
    put_small(out, 0, 2);      /* stored */
    put_small(out, 0, 2);      /* 00:00 … */
    put_small(out, 0x0021, 2); /* … of 1980-01-01: the same document gives the same bytes */
    put_small(out, m->crc, 4);
    put_small(out, m->size, 4);
    put_small(out, m->size, 4);
    put_small(out, strlen(m->name), 2);
    put_small(out, 0, 2);
}

/* Numbers or tokens of a member; bf16 is widened. */
static uint64_t bytes_of(const Source *source)
{
    if (source->array)
        return source->array->bytes * (source->array->dtype == DTYPE_BF16 ? 2 : 1);
    return (uint64_t)source->axis->count * source->width * 4;
}

/* Sizes and sum are known only after all bytes: they pass twice, the first time past the sum. */
static bool measure(Zip *zip, const Source *source)
{
    ConvertOut probe = {.err = zip->out->err, .plan = zip->out->plan};
    uint64_t start = zip->at;
    probe.done = zip->out->done;
    probe.total = zip->out->total;
    probe.measure = take_crc;
    probe.measured = zip;
    buf_init(&probe.buf, BUF_NO_LIMIT);
    bool ok = put_member(&probe, zip->arrays, source) && convert_flush(&probe, true);
    buf_free(&probe.buf);
    zip->out->failed = zip->out->failed || !ok;
    uint64_t size = zip->at - start;
    zip->at = start;
    zip->members[zip->count].size = (uint32_t)size;
    return ok;
}

static bool zip_add(Zip *zip, const Source *source)
{
    Buf *buf = &zip->out->buf;
    Member *m = &zip->members[zip->count];
    uint64_t bytes = bytes_of(source);
    if (bytes > BYTES_MOST || zip->at > BYTES_MOST - bytes)
        return convert_fail(zip->out,
                            ".npz: expected at most %llu bytes, found more: .safetensors holds "
                            "them",
                            BYTES_MOST);
    *m = (Member){.at = (uint32_t)zip->at};
    snprintf(m->name, sizeof m->name, "%s.npy", source->name);
    if (!measure(zip, source))
        return false;
    buf_text(buf, "PK\x03\x04");
    put_facts(buf, m);
    buf_text(buf, m->name);
    zip->at += 30 + strlen(m->name) + m->size;
    zip->count++;
    return put_member(zip->out, zip->arrays, source) && convert_flush(zip->out, true);
}

static bool zip_end(Zip *zip)
{
    Buf *buf = &zip->out->buf;
    uint64_t size = 0;
    for (int i = 0; i < zip->count; i++) {
        const Member *m = &zip->members[i];
        buf_text(buf, "PK\x01\x02");
        put_small(buf, 20, 2);
        put_facts(buf, m);
        put_small(buf, 0, 2 + 2 + 2 + 4); /* comment, disk, attributes */
        put_small(buf, m->at, 4);
        buf_text(buf, m->name);
        size += 46 + strlen(m->name);
    }
    buf_text(buf, "PK\x05\x06");
    put_small(buf, 0, 4);
    put_small(buf, (uint64_t)zip->count, 2);
    put_small(buf, (uint64_t)zip->count, 2);
    put_small(buf, size, 4);
    put_small(buf, zip->at, 4);
    put_small(buf, 0, 2);
    return convert_flush(zip->out, true);
}

static bool add_tokens(Zip *zip, const char *name, const DocAxis *axis)
{
    Source source = {.name = name, .axis = axis, .width = 1};
    if (!axis->tokens)
        return true;
    for (int i = 0; i < axis->count; i++) {
        size_t width = utf8_count(axis->tokens[i], strlen(axis->tokens[i]));
        source.width = width > source.width ? width : source.width;
    }
    return zip_add(zip, &source);
}

static bool add_all(Zip *zip)
{
    const ConvertArrays *a = zip->arrays;
    const DocSentence *s = a->sentence;
    bool bf16 = false;
    for (int i = 0; i < a->count; i++) {
        Source source = {.name = a->items[i].name, .array = &a->items[i]};
        bf16 = bf16 || a->items[i].dtype == DTYPE_BF16;
        if (!zip_add(zip, &source))
            return false;
        zip->out->done++;
    }
    if (bf16)
        convert_note(zip->out, "NumPy has no bf16: the numbers, the same, are written as f32");
    return add_tokens(zip, s->self ? "tokens" : "queries", &s->queries) &&
           (s->self || add_tokens(zip, "keys", &s->keys)) && zip_end(zip);
}

bool convert_npz(ConvertOut *out, Document *doc)
{
    ConvertArrays arrays;
    Zip zip = {.out = out, .arrays = &arrays};
    crc_table(zip.table);
    return convert_arrays(out, doc, ".npz", &arrays) && add_all(&zip) &&
           convert_note_turned(out, &arrays);
}
