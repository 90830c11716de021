#include "image/png.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "support/check.h"

#include <stdio.h>
#include <string.h>

static uint64_t rgba_hash(const Image *image)
{
    uint64_t hash = HASH_SEED;
    for (size_t i = 0; i < (size_t)image->w * (size_t)image->h; i++) {
        Color c = image->px[i];
        unsigned char rgba[4] = {(unsigned char)(c >> 16), (unsigned char)(c >> 8),
                                 (unsigned char)c, (unsigned char)(c >> 24)};
        hash = hash_bytes(hash, rgba, 4);
    }
    return hash;
}

static bool decode_file(const char *path, Image *out, Error *err)
{
    size_t size = 0;
    char *data = check_read(path, &size);
    bool ok = png_decode(data, size, out, err);
    mem_free(data);
    return ok;
}

static void every_valid_pngsuite_file_gives_the_pixels_of_a_second_decoder(void **state)
{
    (void)state;
    char dir[512], path[1024], name[64];
    if (!shared_data(dir, sizeof dir, "png/PngSuite"))
        return;
    size_t size = 0;
    char *list = check_read(TEST_DATA_DIR "/image/pngsuite.txt", &size), *line = list;
    int count = 0, w, h, used;
    unsigned long long want;
    for (; sscanf(line, "%63s %d %d %llx\n%n", name, &w, &h, &want, &used) == 4; line += used) {
        Image image;
        Error err = {0};
        assert_true(path_join(path, sizeof path, dir, name));
        if (!decode_file(path, &image, &err))
            fail_msg("%s: %s: %s", name, err.where, err.what);
        if (image.w != w || image.h != h || rgba_hash(&image) != want)
            fail_msg("%s: other pixels than the second decoder", name);
        image_free(&image);
        count++;
    }
    assert_int_equal(count, 161);
    mem_free(list);
}

static void every_broken_pngsuite_file_is_refused_and_leaves_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *name, *error;
    } files[] = {
        {"xs1n0g01", "byte 0x0 (signature): PNG signature: expected 89 50 4e 47 0d 0a 1a 0a, found "
                     "09 50 4e 47 0d 0a 1a 0a"},
        {"xs2n0g01", NULL},
        {"xs4n0g01", NULL},
        {"xs7n0g01", NULL},
        {"xcrn0g04", NULL},
        {"xlfn0g04", NULL},
        {"xhdn0g08", "byte 0x8 (IHDR): checksum: expected 0x4353554d, found 0x56112528"},
        {"xc1n0g08", "byte 0x8 (IHDR): colour type: expected 0, 2, 3, 4 or 6, found 1"},
        {"xc9n2c08", "byte 0x8 (IHDR): colour type: expected 0, 2, 3, 4 or 6, found 9"},
        {"xd0n2c08", "byte 0x8 (IHDR): bit depth: expected one allowed for colour type 2, found 0"},
        {"xd3n2c08", "byte 0x8 (IHDR): bit depth: expected one allowed for colour type 2, found 3"},
        {"xd9n2c08",
         "byte 0x8 (IHDR): bit depth: expected one allowed for colour type 2, found 99"},
        {"xdtn0g01", NULL},
        {"xcsn0g01", NULL},
    };
    char path[1024], relative[128], dir[1024];
    int64_t before = mem_live();
    if (!shared_data(dir, sizeof dir, "png/PngSuite"))
        return;
    DirList all;
    size_t broken = 0;
    assert_true(dir_list(&all, dir, false, NULL));
    for (size_t i = 0; i < all.count; i++)
        broken += all.items[i].name[0] == 'x';
    dir_list_free(&all);
    assert_int_equal(broken, sizeof files / sizeof files[0]);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        Image image;
        Error err = {0};
        snprintf(relative, sizeof relative, "png/PngSuite/%s.png", files[i].name);
        if (!shared_data(path, sizeof path, relative))
            return;
        assert_false(decode_file(path, &image, &err));
        assert_null(image.px);
        assert_int_equal(err.kind, ERROR_MALFORMED);
        assert_true(err.where[0] != '\0');
        if (files[i].error)
            check_error(&err, ERROR_MALFORMED, files[i].error);
    }
    assert_true(mem_live() == before);
}

static void fill_pattern(Image *image, bool alpha)
{
    for (int y = 0; y < image->h; y++)
        for (int x = 0; x < image->w; x++) {
            uint32_t v = (uint32_t)(x * 73 + y * 151 + x * y * 7);
            Color a = alpha ? (v >> 3) & 255 : 255;
            image->px[y * image->w + x] =
                a << 24 | ((v * 31) & 255) << 16 | (v & 255) << 8 | (v >> 5 & 255);
        }
}

static void what_is_encoded_decodes_to_the_same_pixels_and_always_the_same_bytes(void **state)
{
    (void)state;
    for (int alpha = 0; alpha < 2; alpha++) {
        Image image, back;
        Buf a, b;
        Error err = {0};
        assert_true(image_init(&image, 37, 19, &err));
        fill_pattern(&image, alpha);
        buf_init(&a, BUF_NO_LIMIT);
        buf_init(&b, BUF_NO_LIMIT);
        assert_true(png_encode(&image, &a, &err));
        assert_true(png_encode(&image, &b, &err));
        assert_true(a.size == b.size);
        assert_memory_equal(a.data, b.data, a.size);
        assert_int_equal(a.data[25], alpha ? 6 : 2); /* colour type */
        assert_true(png_decode(a.data, a.size, &back, &err));
        assert_int_equal(back.w, 37);
        assert_int_equal(back.h, 19);
        assert_memory_equal(back.px, image.px, 37 * 19 * sizeof(Color));
        image_free(&image);
        image_free(&back);
        buf_free(&a);
        buf_free(&b);
    }
}

static void every_cut_of_a_file_is_refused_without_a_trace(void **state)
{
    (void)state;
    Image image, out;
    Buf buf;
    Error err = {0};
    assert_true(image_init(&image, 9, 7, &err));
    fill_pattern(&image, true);
    buf_init(&buf, BUF_NO_LIMIT);
    assert_true(png_encode(&image, &buf, &err));
    int64_t before = mem_live();
    for (size_t cut = 0; cut < buf.size; cut++) {
        Error found = {0};
        char *copy = mem_string(buf.data, cut); /* so that a read behind the cut is seen */
        assert_false(png_decode(copy, cut, &out, &found));
        assert_int_equal(found.kind, ERROR_MALFORMED);
        mem_free(copy);
    }
    assert_true(mem_live() == before);
    image_free(&image);
    buf_free(&buf);
}

static void put32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* Bit by bit, as the specification's appendix describes it. */
static uint32_t crc_slow(const uint8_t *p, size_t n)
{
    uint32_t crc = 0xFFFFFFFFu;
    for (size_t i = 0; i < n * 8; i++) {
        uint32_t bit = (crc ^ ((uint32_t)p[i / 8] >> (i % 8))) & 1;
        crc = (crc >> 1) ^ (bit ? 0xEDB88320u : 0);
    }
    return ~crc;
}

static void sizes_over_our_limits_are_refused_before_memory_is_taken(void **state)
{
    (void)state;
    static const struct {
        uint32_t w, h;
        ErrorKind kind;
    } sizes[] = {{0, 4, ERROR_MALFORMED},     {4, 0, ERROR_MALFORMED},
                 {16385, 1, ERROR_LIMIT},     {1, 16385, ERROR_LIMIT},
                 {16384, 16384, ERROR_LIMIT}, {0x7FFFFFFF, 0x7FFFFFFF, ERROR_LIMIT},
                 {30000, 30000, ERROR_LIMIT}};
    Image image;
    Buf buf;
    Error err = {0};
    assert_true(image_init(&image, 4, 4, &err));
    buf_init(&buf, BUF_NO_LIMIT);
    assert_true(png_encode(&image, &buf, &err));
    image_free(&image);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        uint8_t *header = (uint8_t *)buf.data + 12;
        Error found = {0};
        put32(header + 4, sizes[i].w);
        put32(header + 8, sizes[i].h);
        put32(header + 17, crc_slow(header, 17));
        uint64_t count = mem_count();
        assert_false(png_decode(buf.data, buf.size, &image, &found));
        assert_int_equal(found.kind, sizes[i].kind);
        assert_true(mem_count() == count);
    }
    buf_free(&buf);
}

/* The first chunk with bytes put over it and its checksum made right again. */
static void first_chunks_that_make_no_picture_are_refused(void **state)
{
    (void)state;
    static const struct {
        int at; /* of name and content */
        const char *bytes, *want;
    } table[] = {
        {0, "IHD9", "byte 0x8 (chunk): chunk name: expected four letters, found 0x49484439"},
        {0, "IH R", "byte 0x8 (chunk): chunk name: expected four letters, found 0x49482052"},
        {0, "tEXt", "byte 0x8 (tEXt): first chunk: expected IHDR of 13 bytes, found tEXt of 13"},
        {12, "\3\0", "byte 0x8 (IHDR): bit depth: expected one allowed for colour type 0, found 3"},
        {12, "\20\3",
         "byte 0x8 (IHDR): bit depth: expected one allowed for colour type 3, found 16"},
        {12, "\4\2", "byte 0x8 (IHDR): bit depth: expected one allowed for colour type 2, found 4"},
        {12, "\10\1", "byte 0x8 (IHDR): colour type: expected 0, 2, 3, 4 or 6, found 1"},
        {12, "\10\5", "byte 0x8 (IHDR): colour type: expected 0, 2, 3, 4 or 6, found 5"},
        {12, "\10\7", "byte 0x8 (IHDR): colour type: expected 0, 2, 3, 4 or 6, found 7"},
        {14, "\1",
         "byte 0x8 (IHDR): compression, filter, interlace: expected 0, 0, 0 or 1, found "
         "1, 0, 0"},
        {15, "\1",
         "byte 0x8 (IHDR): compression, filter, interlace: expected 0, 0, 0 or 1, found "
         "0, 1, 0"},
        {16, "\2",
         "byte 0x8 (IHDR): compression, filter, interlace: expected 0, 0, 0 or 1, found "
         "0, 0, 2"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        Image image;
        Buf buf;
        Error err = {0};
        assert_true(image_init(&image, 4, 4, &err));
        buf_init(&buf, BUF_NO_LIMIT);
        assert_true(png_encode(&image, &buf, &err));
        image_free(&image);
        uint8_t *first = (uint8_t *)buf.data + 12;
        size_t size = strlen(table[i].bytes);
        if (table[i].at == 12)
            size = 2;
        memcpy(first + table[i].at, table[i].bytes, size);
        put32(first + 17, crc_slow(first, 17));
        assert_false(png_decode(buf.data, buf.size, &image, &err));
        check_error(&err, ERROR_MALFORMED, table[i].want);
        buf_free(&buf);
    }
}

static void a_picture_without_pixels_is_not_written(void **state)
{
    (void)state;
    const Image none = {0};
    Buf buf;
    Error err = {0};
    buf_init(&buf, BUF_NO_LIMIT);
    assert_false(png_encode(&none, &buf, &err));
    check_error(&err, ERROR_USAGE, "picture: expected pixels, found none");
    assert_int_equal(buf.size, 0);
    buf_free(&buf);
}

static void running_out_of_memory_anywhere_is_an_error_without_a_leak(void **state)
{
    (void)state;
    Image image, out;
    Buf buf;
    Error err = {0};
    assert_true(image_init(&image, 20, 20, &err));
    fill_pattern(&image, true);
    buf_init(&buf, BUF_NO_LIMIT);
    assert_true(png_encode(&image, &buf, &err));
    int64_t before = mem_live();
    bool ok = false;
    for (uint64_t n = 1; n < 200 && !ok; n++) {
        Error found = {0};
        mem_fail_at(n, true);
        ok = png_decode(buf.data, buf.size, &out, &found);
        mem_fail_at(0, false);
        if (ok)
            image_free(&out);
        else
            assert_true(found.kind != ERROR_NONE);
        assert_true(mem_live() == before);
    }
    assert_true(ok);
    ok = false;
    for (uint64_t n = 1; n < 200 && !ok; n++) {
        Error found = {0};
        Buf again;
        buf_init(&again, BUF_NO_LIMIT);
        mem_fail_at(n, true);
        ok = png_encode(&image, &again, &found);
        mem_fail_at(0, false);
        assert_true(ok || found.kind != ERROR_NONE);
        buf_free(&again);
        assert_true(mem_live() == before);
    }
    assert_true(ok);
    image_free(&image);
    buf_free(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_valid_pngsuite_file_gives_the_pixels_of_a_second_decoder),
        cmocka_unit_test(every_broken_pngsuite_file_is_refused_and_leaves_nothing),
        cmocka_unit_test(what_is_encoded_decodes_to_the_same_pixels_and_always_the_same_bytes),
        cmocka_unit_test(every_cut_of_a_file_is_refused_without_a_trace),
        cmocka_unit_test(sizes_over_our_limits_are_refused_before_memory_is_taken),
        cmocka_unit_test(first_chunks_that_make_no_picture_are_refused),
        cmocka_unit_test(a_picture_without_pixels_is_not_written),
        cmocka_unit_test(running_out_of_memory_anywhere_is_an_error_without_a_leak),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
