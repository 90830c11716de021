#include "image/png.h"

#include "base/mem.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

/* ---- the chunks, walked before libpng sees them: an error can then say chunk and byte ---- */

typedef struct {
    const uint8_t *data;
    size_t size, at; /* at: start of the current chunk */
    char name[5];
    uint32_t length; /* of its content */
    const uint8_t *content;
} Chunk;

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t crc_of(const uint8_t *p, size_t size)
{
    uint32_t table[256], crc = 0xFFFFFFFFu;
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int k = 0; k < 8; k++)
            c = c & 1 ? 0xEDB88320u ^ (c >> 1) : c >> 1;
        table[i] = c;
    }
    for (size_t i = 0; i < size; i++)
        crc = table[(crc ^ p[i]) & 255] ^ (crc >> 8);
    return crc ^ 0xFFFFFFFFu;
}

static bool chunk_refuse(const Chunk *c, Error *err, const char *what)
{
    char where[64];
    snprintf(where, sizeof where, "byte 0x%zx (%s)", c->at, c->name[0] ? c->name : "chunk");
    return error_at(err, ERROR_MALFORMED, where, "%s", what);
}

static bool chunk_read(Chunk *c, Error *err)
{
    char what[160];
    c->name[0] = '\0';
    if (c->size - c->at < 12) {
        snprintf(what, sizeof what, "chunk: expected 12 bytes or more before the end, found %zu",
                 c->size - c->at);
        return chunk_refuse(c, err, what);
    }
    const uint8_t *p = c->data + c->at;
    c->length = be32(p);
    for (int i = 0; i < 4; i++) {
        if (!((p[4 + i] >= 'A' && p[4 + i] <= 'Z') || (p[4 + i] >= 'a' && p[4 + i] <= 'z'))) {
            snprintf(what, sizeof what, "chunk name: expected four letters, found 0x%08x",
                     (unsigned)be32(p + 4));
            return chunk_refuse(c, err, what);
        }
    }
    memcpy(c->name, p + 4, 4);
    c->name[4] = '\0';
    if (c->length > c->size - c->at - 12) {
        snprintf(what, sizeof what,
                 "chunk length: expected at most %zu (rest of the file), found %u",
                 c->size - c->at - 12, (unsigned)c->length);
        return chunk_refuse(c, err, what);
    }
    c->content = p + 8;
    uint32_t stated = be32(c->content + c->length);
    /* A capital first letter means that the picture cannot be understood without the chunk. */
    if (c->name[0] <= 'Z') {
        uint32_t found = crc_of(p + 4, (size_t)c->length + 4);
        if (found != stated) {
            snprintf(what, sizeof what, "checksum: expected 0x%08x, found 0x%08x", (unsigned)stated,
                     (unsigned)found);
            return chunk_refuse(c, err, what);
        }
    }
    return true;
}

static bool depth_fits(int kind, int depth)
{
    switch (kind) {
    case 0:
        return depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
    case 3:
        return depth == 1 || depth == 2 || depth == 4 || depth == 8;
    case 2:
    case 4:
    case 6:
        return depth == 8 || depth == 16;
    default:
        return false;
    }
}

static bool header_check(const Chunk *c, Error *err)
{
    char what[160] = "";
    if (strcmp(c->name, "IHDR") != 0 || c->length != 13) {
        snprintf(what, sizeof what, "first chunk: expected IHDR of 13 bytes, found %s of %u",
                 c->name, (unsigned)c->length);
        return chunk_refuse(c, err, what);
    }
    uint32_t w = be32(c->content), h = be32(c->content + 4);
    int depth = c->content[8], kind = c->content[9];
    if (kind > 6 || kind == 1 || kind == 5)
        snprintf(what, sizeof what, "colour type: expected 0, 2, 3, 4 or 6, found %d", kind);
    else if (!depth_fits(kind, depth))
        snprintf(what, sizeof what, "bit depth: expected one allowed for colour type %d, found %d",
                 kind, depth);
    else if (w == 0 || h == 0)
        snprintf(what, sizeof what, "picture size: expected at least 1 × 1, found %u × %u",
                 (unsigned)w, (unsigned)h);
    else if (c->content[10] != 0 || c->content[11] != 0 || c->content[12] > 1)
        snprintf(what, sizeof what,
                 "compression, filter, interlace: expected 0, 0, 0 or 1, found %d, %d, %d",
                 c->content[10], c->content[11], c->content[12]);
    if (what[0])
        return chunk_refuse(c, err, what);
    bool sides = w <= IMAGE_MAX_SIDE && h <= IMAGE_MAX_SIDE;
    if (!sides || (uint64_t)w * h > IMAGE_MAX_PIXELS)
        return error_at(err, ERROR_LIMIT, "byte 0x8 (IHDR)",
                        "picture size: expected at most %u %s, found %u × %u (limit %u)",
                        sides ? IMAGE_MAX_PIXELS : IMAGE_MAX_SIDE, sides ? "pixels" : "a side",
                        (unsigned)w, (unsigned)h, sides ? IMAGE_MAX_PIXELS : IMAGE_MAX_SIDE);
    return true;
}

/* False with chunk and byte when the chunks do not make a picture. */
static bool png_walk(const uint8_t *data, size_t size, Error *err)
{
    static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    if (size < 8 || memcmp(data, signature, 8) != 0) {
        char found[32] = "";
        size_t used = 0;
        for (size_t i = 0; i < 8 && i < size; i++)
            used +=
                (size_t)snprintf(found + used, sizeof found - used, i ? " %02x" : "%02x", data[i]);
        return error_at(err, ERROR_MALFORMED, "byte 0x0 (signature)",
                        "PNG signature: expected 89 50 4e 47 0d 0a 1a 0a, found %s",
                        found[0] ? found : "an empty file");
    }
    Chunk c = {.data = data, .size = size, .at = 8};
    bool pixels = false;
    for (bool first = true;; first = false) {
        if (c.at == size && !first)
            return error_at(err, ERROR_MALFORMED, "end of file",
                            "chunk: expected %s, found the end", pixels ? "IEND" : "IDAT");
        if (!chunk_read(&c, err) || (first && !header_check(&c, err)))
            return false;
        pixels = pixels || strcmp(c.name, "IDAT") == 0;
        if (strcmp(c.name, "IEND") == 0)
            return pixels || chunk_refuse(&c, err, "pixels: expected an IDAT chunk, found none");
        c.at += 12 + (size_t)c.length;
    }
}

/* "byte 0x53 (IDAT)": the chunk that the byte before `at` is of; the walk has checked them all. */
static void chunk_place(const uint8_t *data, size_t size, size_t at, char *out, size_t cap)
{
    Chunk c = {.data = data, .size = size, .at = 8};
    while (chunk_read(&c, NULL) && c.at + 12 + c.length < at)
        c.at += 12 + (size_t)c.length;
    snprintf(out, cap, "byte 0x%zx (%s)", c.at, c.name);
}

/* ---- libpng ---- */

typedef struct {
    const uint8_t *data;
    size_t size, at;
    Buf *out;     /* encoding */
    bool starved; /* libpng has words of its own for that */
    Error *err;
    png_structp png;
    png_infop info;
} Coder;

static void on_error(png_structp png, png_const_charp text)
{
    Coder *coder = png_get_error_ptr(png);
    char where[48] = "";
    if (coder->starved)
        error_memory(coder->err);
    if (coder->data)
        chunk_place(coder->data, coder->size, coder->at, where, sizeof where);
    error_at(coder->err, ERROR_MALFORMED, where, "PNG data: expected a valid picture, found: %s",
             text ? text : "an error");
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp text)
{
    (void)png;
    (void)text;
}

static png_voidp on_alloc(png_structp png, png_alloc_size_t size)
{
    Coder *coder = png_get_mem_ptr(png);
    void *block = mem_alloc(size);
    coder->starved = coder->starved || !block;
    return block;
}

static void on_free(png_structp png, png_voidp block)
{
    (void)png;
    mem_free(block);
}

static void on_read(png_structp png, png_bytep out, size_t size)
{
    Coder *coder = png_get_io_ptr(png);
    if (size > coder->size - coder->at)
        png_error(png, "the file ends inside a chunk");
    memcpy(out, coder->data + coder->at, size);
    coder->at += size;
}

static void on_write(png_structp png, png_bytep data, size_t size)
{
    Coder *coder = png_get_io_ptr(png);
    coder->starved = coder->starved || !buf_append(coder->out, data, size);
    if (coder->starved)
        png_error(png, "out of memory");
}

static void on_flush(png_structp png)
{
    (void)png;
}

/* Bytes R G B A in memory become 0xAARRGGBB, in place. */
static void bytes_to_colors(Image *image)
{
    size_t count = (size_t)image->w * (size_t)image->h;
    for (size_t i = 0; i < count; i++) {
        uint8_t p[4];
        memcpy(p, image->px + i, 4);
        image->px[i] = (Color)p[3] << 24 | (Color)p[0] << 16 | (Color)p[1] << 8 | p[2];
    }
}

static void decode_start(Coder *coder)
{
    png_structp png = coder->png;
    png_set_read_fn(png, coder, on_read);
    png_set_user_limits(png, IMAGE_MAX_SIDE, IMAGE_MAX_SIDE);
    png_set_chunk_malloc_max(png, PNG_CHUNK_BYTES);
    png_set_chunk_cache_max(png, PNG_CHUNK_CACHE);
    png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_WARN_DISCARD);
    png_read_info(png, coder->info);
    png_set_expand(png);
    png_set_scale_16(png);
    png_set_gray_to_rgb(png);
    png_set_add_alpha(png, 0xFF, PNG_FILLER_AFTER);
}

/* Everything that may jump stands here, between setjmp and the last libpng call. */
static bool decode_rows(Coder *coder, Image *out)
{
    if (setjmp(png_jmpbuf(coder->png)))
        return false;
    decode_start(coder);
    int passes = png_set_interlace_handling(coder->png);
    png_read_update_info(coder->png, coder->info);
    int w = (int)png_get_image_width(coder->png, coder->info);
    int h = (int)png_get_image_height(coder->png, coder->info);
    if (!image_init(out, w, h, coder->err))
        return false;
    if (png_get_rowbytes(coder->png, coder->info) != (size_t)w * 4)
        png_error(coder->png, "rows of an unexpected width");
    for (int pass = 0; pass < passes; pass++)
        for (int y = 0; y < h; y++)
            png_read_row(coder->png, (png_bytep)(out->px + (size_t)y * (size_t)w), NULL);
    png_read_end(coder->png, NULL);
    return true;
}

bool png_decode(const void *data, size_t size, Image *out, Error *err)
{
    memset(out, 0, sizeof *out);
    Error own = {0};
    Coder coder = {.data = data, .size = size, .err = err ? err : &own};
    if (!png_walk(data, size, coder.err))
        return false;
    coder.png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, &coder, on_error, on_warning,
                                         &coder, on_alloc, on_free);
    if (!coder.png)
        return error_memory(err);
    coder.info = png_create_info_struct(coder.png);
    bool ok = coder.info ? decode_rows(&coder, out) : error_memory(err);
    png_destroy_read_struct(&coder.png, &coder.info, NULL);
    if (ok)
        bytes_to_colors(out);
    else
        image_free(out);
    return ok;
}

static bool encode_rows(Coder *coder, const Image *image, bool alpha, uint8_t *row)
{
    if (setjmp(png_jmpbuf(coder->png)))
        return false;
    png_structp png = coder->png;
    png_set_write_fn(png, coder, on_write, on_flush);
    /* Fixed, so that the same pixels give the same bytes whatever libpng's defaults become. */
    png_set_compression_level(png, 6);
    png_set_filter(png, 0, PNG_ALL_FILTERS);
    png_set_IHDR(png, coder->info, (png_uint_32)image->w, (png_uint_32)image->h, 8,
                 alpha ? PNG_COLOR_TYPE_RGB_ALPHA : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, coder->info);
    for (int y = 0; y < image->h; y++) {
        const Color *from = image->px + (size_t)y * (size_t)image->w;
        uint8_t *to = row;
        for (int x = 0; x < image->w; x++) {
            Color c = from[x];
            *to++ = (uint8_t)(c >> 16);
            *to++ = (uint8_t)(c >> 8);
            *to++ = (uint8_t)c;
            if (alpha)
                *to++ = (uint8_t)(c >> 24);
        }
        png_write_row(png, row);
    }
    png_write_end(png, coder->info);
    return true;
}

static bool has_alpha(const Image *image)
{
    size_t count = (size_t)image->w * (size_t)image->h;
    Color all = 0xFFFFFFFFu;
    for (size_t i = 0; i < count; i++)
        all &= image->px[i];
    return all >> 24 != 0xFF;
}

bool png_encode(const Image *image, Buf *out, Error *err)
{
    if (!image->px)
        return error_set(err, ERROR_USAGE, "picture: expected pixels, found none");
    Error own = {0};
    Coder coder = {.out = out, .err = err ? err : &own};
    uint8_t *row = mem_array((size_t)image->w, 4);
    if (!row)
        return error_memory(err);
    coder.png = png_create_write_struct_2(PNG_LIBPNG_VER_STRING, &coder, on_error, on_warning,
                                          &coder, on_alloc, on_free);
    bool ok = false;
    if (coder.png)
        coder.info = png_create_info_struct(coder.png);
    if (coder.info)
        ok = encode_rows(&coder, image, has_alpha(image), row);
    else
        error_memory(err);
    if (coder.png)
        png_destroy_write_struct(&coder.png, &coder.info);
    mem_free(row);
    return ok;
}
