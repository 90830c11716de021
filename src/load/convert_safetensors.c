/* .safetensors: the arrays one behind the other, tokens as JSON lists among the metadata. */
#include "load/convert_arrays.h"
#include "load/json_string.h"

#include <string.h>

static const char *const DTYPES[] = {
    [DTYPE_F32] = "F32", [DTYPE_F16] = "F16", [DTYPE_BF16] = "BF16", [DTYPE_F64] = "F64"};

/* A list of texts as a text. */
static void put_tokens(ConvertOut *out, const char *key, const DocAxis *axis)
{
    Buf list;
    if (!axis->tokens)
        return;
    buf_init(&list, BUF_NO_LIMIT);
    buf_byte(&list, '[');
    for (int i = 0; i < axis->count; i++) {
        buf_text(&list, i ? ", " : "");
        json_string_write(&list, axis->tokens[i], strlen(axis->tokens[i]));
    }
    buf_byte(&list, ']');
    convert_key(out, key);
    json_string_write(&out->buf, buf_string(&list), list.size);
    out->buf.failed = out->buf.failed || list.failed;
    buf_free(&list);
}

static void put_header(ConvertOut *out, const ConvertArrays *a)
{
    const DocSentence *s = a->sentence;
    uint64_t at = 0;
    convert_open(out, '{', false);
    convert_key(out, "__metadata__");
    convert_open(out, '{', false);
    convert_member(out, "title", s->title && s->title[0] ? s->title : a->doc->title);
    convert_member(out, "about", s->about);
    put_tokens(out, s->self ? "tokens" : "queries", &s->queries);
    if (!s->self)
        put_tokens(out, "keys", &s->keys);
    convert_close(out);
    for (int i = 0; i < a->count; i++) {
        const ConvertArray *item = &a->items[i];
        convert_key(out, item->name);
        convert_open(out, '{', false);
        convert_member(out, "dtype", DTYPES[item->dtype]);
        convert_key(out, "shape");
        convert_open(out, '[', false);
        for (int d = 0; d < item->ndim; d++) {
            convert_item(out);
            buf_printf(&out->buf, "%lld", (long long)item->shape[d]);
        }
        convert_close(out);
        convert_key(out, "data_offsets");
        buf_printf(&out->buf, "[%llu, %llu]", (unsigned long long)at,
                   (unsigned long long)(at + item->bytes));
        at += item->bytes;
        convert_close(out);
    }
    convert_close(out);
}

/* The length of the header stands before it, so the header is put together elsewhere. */
static bool write_header(ConvertOut *out, const ConvertArrays *a)
{
    ConvertOut header = {.err = out->err, .plan = out->plan};
    unsigned char length[8];
    buf_init(&header.buf, BUF_NO_LIMIT);
    put_header(&header, a);
    while (header.buf.size % sizeof length && buf_byte(&header.buf, ' ')) {
    }
    for (size_t i = 0; i < sizeof length; i++)
        length[i] = (unsigned char)((uint64_t)header.buf.size >> (8 * i));
    bool ok = convert_flush(&header, true);
    out->failed = out->failed || !ok;
    ok = ok && convert_bytes(out, length, sizeof length) &&
         convert_bytes(out, header.buf.data, header.buf.size);
    buf_free(&header.buf);
    return ok;
}

bool convert_safetensors(ConvertOut *out, Document *doc)
{
    ConvertArrays a;
    bool ok = convert_arrays(out, doc, ".safetensors", &a) && write_header(out, &a);
    for (int i = 0; ok && i < a.count; i++) {
        ok = convert_array(out, &a, &a.items[i], false);
        out->done++;
    }
    return ok && convert_note_turned(out, &a) && convert_flush(out, true);
}
