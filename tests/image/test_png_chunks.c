/* What stands in a PNG beside its pixels: none of it may change them, none of it may cost much. */
#include "image/png.h"

#include "base/mem.h"
#include "support/check.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

enum { W = 23, H = 11, IDAT = 33 /* where the first chunk behind the header begins */ };

static void put32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* Bit by bit, as the specification's appendix describes it. */
static uint32_t crc_slow(uint32_t crc, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        for (int k = 0; k < 8; k++)
            crc = (crc >> 1) ^ (crc & 1 ? 0xEDB88320u : 0);
    }
    return crc;
}

static void put_chunk(Buf *out, const char *name, const void *content, size_t size)
{
    uint8_t start[8], end[4];
    put32(start, (uint32_t)size);
    memcpy(start + 4, name, 4);
    buf_append(out, start, 8);
    buf_append(out, content, size);
    put32(end, ~crc_slow(crc_slow(0xFFFFFFFFu, start + 4, 4), content, size));
    buf_append(out, end, 4);
}

/* A picture with every pixel another one, and its file. */
static void plain_picture(Image *image, Buf *file)
{
    Error err = {0};
    assert_true(image_init(image, W, H, &err));
    for (int i = 0; i < W * H; i++)
        image->px[i] = 0xFF000000u | (uint32_t)i * 2654435u;
    for (int i = 0; i < W * H; i++)
        image->px[i] |= 0xFF000000u;
    buf_init(file, BUF_NO_LIMIT);
    assert_true(png_encode(image, file, &err));
    assert_memory_equal(file->data + IDAT + 4, "IDAT", 4);
}

/* The file with `extra` before its pixels must show the same picture. */
static void expect_same(const Image *image, const Buf *file, const Buf *extra, bool before)
{
    Image got;
    Buf all;
    Error err = {0};
    size_t at = before ? (size_t)IDAT : file->size - 12;
    buf_init(&all, BUF_NO_LIMIT);
    buf_append(&all, file->data, at);
    buf_append(&all, extra->data, extra->size);
    buf_append(&all, file->data + at, file->size - at);
    if (!png_decode(all.data, all.size, &got, &err))
        fail_msg("%s: %s", err.where, err.what);
    assert_true(got.w == W && got.h == H);
    assert_memory_equal(got.px, image->px, W * H * sizeof(Color));
    image_free(&got);
    buf_free(&all);
}

static void colour_spaces_and_gamma_are_not_applied(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *content;
        size_t size;
    } chunks[] = {
        {"gAMA", "\0\1\x86\xA0", 4},
        {"gAMA", "\0\0\0\1", 4},
        {"sRGB", "\0", 1},
        {"cHRM", "\0\0z%\0\0\x80\x83\0\0\xF9\xFF\0\0\x80\xE6\0\0u0\0\0\xEA`\0\0:\x98\0\0\x17o", 32},
        {"sBIT", "\5\6\5", 3},
        {"bKGD", "\0\xFF\0\0\0\xFF", 6},
        {"pHYs", "\0\0\0\1\0\0\0\7\0", 9},
        {"tIME", "\7\xE0\1\1\0\0\0", 7},
        {"eXIf", "", 0},
        {"eXIf", "MM\0*\0\0\0\10\0\1\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0", 26},
        {"zzzz", "unknown", 7}};
    Image image;
    Buf file;
    plain_picture(&image, &file);
    for (size_t i = 0; i < sizeof chunks / sizeof *chunks; i++) {
        Buf extra;
        buf_init(&extra, BUF_NO_LIMIT);
        put_chunk(&extra, chunks[i].name, chunks[i].content, chunks[i].size);
        expect_same(&image, &file, &extra, true);
        buf_free(&extra);
    }
    image_free(&image);
    buf_free(&file);
}

static void an_animation_shows_its_first_picture(void **state)
{
    (void)state;
    /* acTL: two pictures; fcTL: the first is the one that every reader shows; a second behind it
     * has other pixels (those of the first, its bytes turned round: never looked at). */
    uint8_t frame[26] = {0};
    Image image;
    Buf file, before, behind;
    plain_picture(&image, &file);
    buf_init(&before, BUF_NO_LIMIT);
    buf_init(&behind, BUF_NO_LIMIT);
    put_chunk(&before, "acTL", "\0\0\0\2\0\0\0\0", 8);
    put32(frame + 4, W);
    put32(frame + 8, H);
    put_chunk(&before, "fcTL", frame, sizeof frame);
    expect_same(&image, &file, &before, true);
    put32(frame, 1);
    put_chunk(&behind, "fcTL", frame, sizeof frame);
    put_chunk(&behind, "fdAT", "\0\0\0\2another picture", 19);
    Buf both;
    buf_init(&both, BUF_NO_LIMIT);
    buf_append(&both, file.data, IDAT);
    buf_append(&both, before.data, before.size);
    buf_append(&both, file.data + IDAT, file.size - IDAT);
    expect_same(&image, &both, &behind, false);
    image_free(&image);
    buf_free(&file);
    buf_free(&before);
    buf_free(&behind);
    buf_free(&both);
}

static void texts_beyond_those_that_are_kept_are_passed_over(void **state)
{
    (void)state;
    static const int counts[] = {128, 129, 20000};
    Image image;
    Buf file;
    plain_picture(&image, &file);
    for (size_t i = 0; i < 3; i++) {
        Buf extra;
        uint64_t blocks = mem_count();
        buf_init(&extra, BUF_NO_LIMIT);
        for (int n = 0; n < counts[i]; n++)
            put_chunk(&extra, "tEXt", "Key\0value", 9);
        blocks = mem_count();
        expect_same(&image, &file, &extra, true);
        /* The reader does not keep what is beyond. */
        assert_true(mem_count() - blocks < 600);
        buf_free(&extra);
    }
    image_free(&image);
    buf_free(&file);
}

typedef struct {
    Buf *out;
    uint32_t bits;
    int count;
} BitWriter;

static void put_bit(BitWriter *w, unsigned bit)
{
    w->bits |= (uint32_t)bit << w->count;
    if (++w->count == 8) {
        buf_byte(w->out, (char)w->bits);
        w->bits = 0;
        w->count = 0;
    }
}

/* A zlib stream of 1 + 258·n zero bytes, 13 bits for each 258 of them: RFC 1951, 3.2.6 (fixed
 * Huffman codes): 0x00 is 00110000, length 258 is 11000101, distance 1 is 00000. */
static void put_zeros(Buf *out, uint64_t n)
{
    BitWriter w = {.out = out};
    const char *code = "11000101"
                       "00000",
               *start = "1"
                        "10"
                        "00110000";
    uint32_t total = 0;
    buf_append(out, "\x78\x9C", 2);
    for (const char *c = start; *c; c++)
        put_bit(&w, *c == '1');
    for (uint64_t i = 0; i < n; i++)
        for (const char *c = code; *c; c++)
            put_bit(&w, *c == '1');
    for (int i = 0; i < 7; i++)
        put_bit(&w, 0);
    while (w.count > 0)
        put_bit(&w, 0);
    /* Adler-32 of zero bytes: a stays 1, b counts them. */
    total = (uint32_t)((1 + 258 * n) % 65521) << 16 | 1;
    uint8_t sum[4];
    put32(sum, total);
    buf_append(out, sum, 4);
}

static long resident_most(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

static void bombs_in_texts_and_profiles_are_left_out(void **state)
{
    (void)state;
    /* 8 000 000 bytes is the limit; 31 007 · 258 + 1 = 7 999 807 are below; the last are 200 MB. */
    static const uint64_t sizes[] = {31007, 31008, 775200};
    static const struct {
        const char *name, *head;
        size_t size;
    } kinds[] = {{"zTXt", "Key\0\0", 5}, {"iCCP", "Key\0\0", 5}, {"iTXt", "Key\0\1\0\0\0", 8}};
    Image image;
    Buf file;
    plain_picture(&image, &file);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
            Buf content, extra;
            buf_init(&content, BUF_NO_LIMIT);
            buf_init(&extra, BUF_NO_LIMIT);
            buf_append(&content, kinds[k].head, kinds[k].size);
            put_zeros(&content, sizes[i]);
            put_chunk(&extra, kinds[k].name, content.data, content.size);
            long before = resident_most();
            expect_same(&image, &file, &extra, true);
            assert_true(resident_most() - before < 64 * 1024); /* KiB */
            buf_free(&content);
            buf_free(&extra);
        }
    image_free(&image);
    buf_free(&file);
}

/* The pixels' stream, with its end cut off, and what is said of it. */
static void damaged_pixels_are_told_by_chunk_and_byte(void **state)
{
    (void)state;
    Image image, got;
    Buf file, broken;
    Error err = {0};
    plain_picture(&image, &file);
    uint32_t size = (uint32_t)file.size - IDAT - 24;
    uint8_t *pixels = (uint8_t *)file.data + IDAT + 8;
    /* Too few rows, whole chunks. */
    buf_init(&broken, BUF_NO_LIMIT);
    buf_append(&broken, file.data, IDAT);
    put_chunk(&broken, "IDAT", pixels, size / 2);
    put_chunk(&broken, "IEND", "", 0);
    assert_false(png_decode(broken.data, broken.size, &got, &err));
    assert_int_equal(err.kind, ERROR_MALFORMED);
    assert_non_null(strstr(err.where, "byte 0x"));
    char want[64];
    snprintf(want, sizeof want, "byte 0x%zx (IEND)", broken.size - 12);
    assert_string_equal(err.where, want);
    assert_null(got.px);
    /* A stream that is none. */
    buf_clear(&broken);
    error_clear(&err);
    buf_append(&broken, file.data, IDAT);
    put_chunk(&broken, "tEXt", "Key\0value", 9);
    put_chunk(&broken, "IDAT", "what is this, then?", 19);
    put_chunk(&broken, "IEND", "", 0);
    assert_false(png_decode(broken.data, broken.size, &got, &err));
    assert_string_equal(err.where, "byte 0x36 (IDAT)");
    /* A checksum that is not right. */
    error_clear(&err);
    pixels[3] ^= 1;
    assert_false(png_decode(file.data, file.size, &got, &err));
    assert_string_equal(err.where, "byte 0x21 (IDAT)");
    assert_memory_equal(err.what, "checksum: expected 0x", 21);
    image_free(&image);
    buf_free(&file);
    buf_free(&broken);
}

static void an_index_outside_of_the_palette_is_black(void **state)
{
    (void)state;
    /* 2 × 1, one byte a pixel, two colours; pixels 1 and 7. Stored block: RFC 1951, 3.2.4. */
    static const char header[] = "\0\0\0\2\0\0\0\1\10\3\0\0\0";
    static const uint8_t stored[] = {0x78, 1, 1, 3, 0, 0xFC, 0xFF, 0, 1, 7, 0, 0x0C, 0, 9};
    Buf file;
    Image got;
    Error err = {0};
    buf_init(&file, BUF_NO_LIMIT);
    buf_append(&file, "\x89PNG\r\n\x1a\n", 8);
    put_chunk(&file, "IHDR", header, 13);
    put_chunk(&file, "PLTE", "\1\2\3\xFF\x80\x40", 6);
    put_chunk(&file, "IDAT", stored, sizeof stored);
    put_chunk(&file, "IEND", "", 0);
    if (png_decode(file.data, file.size, &got, &err)) {
        assert_int_equal(got.px[0], 0xFFFF8040u);
        assert_int_equal(got.px[1], 0xFF000000u);
        image_free(&got);
    } else {
        fail_msg("%s: %s", err.where, err.what);
    }
    buf_free(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(colour_spaces_and_gamma_are_not_applied),
        cmocka_unit_test(an_animation_shows_its_first_picture),
        cmocka_unit_test(texts_beyond_those_that_are_kept_are_passed_over),
        cmocka_unit_test(bombs_in_texts_and_profiles_are_left_out),
        cmocka_unit_test(damaged_pixels_are_told_by_chunk_and_byte),
        cmocka_unit_test(an_index_outside_of_the_palette_is_black),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
