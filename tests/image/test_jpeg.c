#include "image/jpeg.h"

#include "base/mem.h"
#include "image/png.h"
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

enum { W = 24, H = 16 };

/* Four flat quarters: red, green, blue, white; JPEG keeps them nearly exactly. */
static Color quarter(int x, int y, int w, int h)
{
    if (y < h / 2)
        return x < w / 2 ? 0xFFE02020u : 0xFF20C020u;
    return x < w / 2 ? 0xFF2020E0u : 0xFFF0F0F0u;
}

/* The picture as JPEG with `extra` bytes put behind its first marker. */
static char *encode(int format, int sampling, int flags, const void *extra, size_t extra_size,
                    size_t *size)
{
    unsigned char pixels[W * H * 4], *jpeg = NULL;
    unsigned long length = 0;
    for (int i = 0; i < W * H; i++) {
        Color c = quarter(i % W, i / W, W, H);
        for (int k = 0; k < 3; k++)
            pixels[4 * i + k] = (unsigned char)(c >> (16 - 8 * k));
        pixels[4 * i + 3] = 0;
    }
    tjhandle tj = tjInitCompress();
    assert_int_equal(
        tjCompress2(tj, pixels, W, W * 4, H, format, &jpeg, &length, sampling, 95, flags), 0);
    tjDestroy(tj);
    *size = length + extra_size;
    char *out = mem_array(*size, 1);
    memcpy(out, jpeg, 2);
    if (extra_size)
        memcpy(out + 2, extra, extra_size);
    memcpy(out + 2 + extra_size, jpeg + 2, length - 2);
    tjFree(jpeg);
    return out;
}

static bool near(Color a, Color b)
{
    for (int shift = 0; shift < 24; shift += 8)
        if (abs((int)((a >> shift) & 255) - (int)((b >> shift) & 255)) > 14)
            return false;
    return a >> 24 == 255;
}

static void pictures_come_back_in_every_sampling_baseline_or_progressive(void **state)
{
    (void)state;
    const int sampling[] = {TJSAMP_444, TJSAMP_422, TJSAMP_420, TJSAMP_GRAY};
    for (size_t i = 0; i < 8; i++) {
        size_t size;
        Image image;
        bool damaged;
        Error err = {0};
        char *data =
            encode(TJPF_RGBX, sampling[i / 2], i % 2 ? TJFLAG_PROGRESSIVE : 0, NULL, 0, &size);
        assert_true(image_decode(data, size, &image, &damaged, &err));
        assert_false(damaged);
        assert_true(image.w == W && image.h == H);
        Color want = quarter(2, 2, W, H), got = image.px[2 * W + 2];
        if (sampling[i / 2] == TJSAMP_GRAY)
            assert_true((got & 255) == ((got >> 8) & 255) && (got & 255) == ((got >> 16) & 255));
        else
            assert_true(near(got, want) && near(image.px[(H - 2) * W + 2], 0xFF2020E0u) &&
                        near(image.px[2 * W + W - 2], 0xFF20C020u));
        image_free(&image);
        mem_free(data);
    }
}

/* APP1 with one TIFF directory of one entry: orientation. */
static size_t exif(unsigned char out[40], bool big, int orientation)
{
    static const unsigned char head[] = {0xFF, 0xE1, 0, 34, 'E', 'x', 'i', 'f', 0, 0};
    static const unsigned char ii[] = {'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3,
                                       0,   1,   0,  0, 0, 0, 0, 0, 0, 0, 0,    0,    0};
    static const unsigned char mm[] = {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0,
                                       3,   0,   0, 0,  1, 0, 0, 0, 0, 0, 0,    0,    0};
    memcpy(out, head, sizeof head);
    memcpy(out + 10, big ? mm : ii, 26);
    out[10 + (big ? 19 : 18)] = (unsigned char)orientation;
    return 36;
}

static void a_turned_camera_is_turned_back(void **state)
{
    (void)state;
    /* Where the stored picture's quarters (0 1 / 2 3) stand afterwards: EXIF 2.32, table of
     * orientation: 2 mirrored, 3 half turn, 4 upside down, 5 transposed, 6 turned right,
     * 7 transverse, 8 turned left. */
    static const int want[9][4] = {{0, 1, 2, 3}, {0, 1, 2, 3}, {1, 0, 3, 2},
                                   {3, 2, 1, 0}, {2, 3, 0, 1}, {0, 2, 1, 3},
                                   {2, 0, 3, 1}, {3, 1, 2, 0}, {1, 3, 0, 2}};
    static const Color hue[4] = {0xFFE02020u, 0xFF20C020u, 0xFF2020E0u, 0xFFF0F0F0u};
    for (int o = 0; o <= 9; o++)
        for (int big = 0; big < 2; big++) {
            unsigned char app[40];
            size_t size;
            Image image;
            bool damaged;
            Error err = {0};
            char *data = encode(TJPF_RGBX, TJSAMP_444, 0, app, exif(app, big, o), &size);
            assert_true(jpeg_decode(data, size, &image, &damaged, &err));
            int known = o >= 1 && o <= 8 ? o : 1;
            assert_int_equal(image.w, known >= 5 ? H : W);
            for (int q = 0; q < 4; q++) {
                int x = q % 2 ? image.w - 3 : 2, y = q / 2 ? image.h - 3 : 2;
                assert_true(near(image.px[y * image.w + x], hue[want[known][q]]));
            }
            image_free(&image);
            mem_free(data);
        }
}

static void broken_exif_is_passed_over(void **state)
{
    (void)state;
    for (int at = 4; at < 34; at++) {
        unsigned char app[40];
        size_t size;
        Image image;
        bool damaged;
        Error err = {0};
        size_t length = exif(app, at & 1, 6);
        app[at] ^= 0xFF;
        char *data = encode(TJPF_RGBX, TJSAMP_444, 0, app, length, &size);
        assert_true(jpeg_decode(data, size, &image, &damaged, &err));
        image_free(&image);
        mem_free(data);
    }
}

static void cmyk_is_refused_by_name(void **state)
{
    (void)state;
    size_t size;
    Image image;
    bool damaged;
    Error err = {0};
    char *data = encode(TJPF_CMYK, TJSAMP_444, 0, NULL, 0, &size);
    assert_false(jpeg_decode(data, size, &image, &damaged, &err));
    check_error(&err, ERROR_MALFORMED, "JPEG colours: expected grey or YCbCr, found YCCK (CMYK)");
    assert_null(image.px);
    mem_free(data);
}

static void plain_cmyk_is_refused_by_name_too(void **state)
{
    (void)state;
    size_t size;
    Image image;
    bool damaged;
    Error err = {0};
    char *data = encode(TJPF_CMYK, TJSAMP_444, 0, NULL, 0, &size);
    char *adobe = memmem(data, size, "Adobe", 5); /* its last byte: 2 = YCCK, 0 = CMYK */
    assert_non_null(adobe);
    assert_int_equal(adobe[11], 2);
    adobe[11] = 0;
    assert_false(jpeg_decode(data, size, &image, &damaged, &err));
    check_error(&err, ERROR_MALFORMED, "JPEG colours: expected grey or YCbCr, found CMYK");
    mem_free(data);
}

/* The scans of a progressive picture and then empty ones of the first component's coefficients, so
 * that there are `scans` of them. */
static void many_scans(int scans, Buf *out)
{
    static const unsigned char empty[] = {0xFF, 0xDA, 0, 8, 1, 1, 0, 1, 63, 0};
    size_t plain, i;
    char *data = encode(TJPF_RGBX, TJSAMP_444, TJFLAG_PROGRESSIVE, NULL, 0, &plain);
    for (i = 0; i + 1 < plain && memcmp(data + i, "\xFF\xD9", 2) != 0; i++)
        scans -= memcmp(data + i, "\xFF\xDA", 2) == 0;
    buf_append(out, data, i);
    for (; scans > 0; scans--)
        buf_append(out, empty, sizeof empty);
    buf_append(out, "\xFF\xD9", 2);
    mem_free(data);
}

static void a_progressive_picture_has_at_most_500_scans(void **state)
{
    (void)state;
    for (int scans = 500; scans <= 3000; scans += scans == 500 ? 1 : 2499) {
        Buf data;
        Image image;
        bool damaged;
        Error err = {0};
        buf_init(&data, BUF_NO_LIMIT);
        many_scans(scans, &data);
        bool ok = jpeg_decode(data.data, data.size, &image, &damaged, &err);
        assert_true(ok == (scans == 500));
        if (ok)
            image_free(&image);
        else
            check_error(&err, ERROR_LIMIT,
                        "JPEG scans: expected at most 500, found more (limit 500)");
        buf_free(&data);
    }
}

static size_t find_frame(const char *data, size_t size)
{
    for (size_t i = 0; i + 1 < size; i++)
        if ((unsigned char)data[i] == 0xFF && (unsigned char)data[i + 1] == 0xC0)
            return i;
    fail();
    return 0;
}

static void a_picture_without_a_side_is_refused(void **state)
{
    (void)state;
    for (int side = 0; side < 3; side++) { /* height, width, both */
        size_t size;
        Image image;
        bool damaged;
        Error err = {0};
        char *data = encode(TJPF_RGBX, TJSAMP_444, 0, NULL, 0, &size);
        size_t at = find_frame(data, size);
        if (side != 1)
            memset(data + at + 5, 0, 2);
        if (side != 0)
            memset(data + at + 7, 0, 2);
        assert_false(jpeg_decode(data, size, &image, &damaged, &err));
        assert_int_equal(err.kind, ERROR_MALFORMED);
        assert_null(image.px);
        mem_free(data);
    }
}

static void codings_that_are_not_read_are_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        unsigned char marker;
        const char *name;
    } codings[] = {{0xC3, "lossless coding"},     {0xC9, "arithmetic coding"},
                   {0xCA, "arithmetic coding"},   {0xCB, "lossless arithmetic coding"},
                   {0xC5, "hierarchical coding"}, {0xCF, "hierarchical coding"}};
    enum { CODINGS = sizeof codings / sizeof codings[0] };
    for (size_t i = 0; i < CODINGS + 2; i++) { /* and samples of 12 and of 9 bits */
        size_t size;
        Image image;
        bool damaged;
        Error err = {0};
        char *data = encode(TJPF_RGBX, TJSAMP_444, 0, NULL, 0, &size);
        size_t at = find_frame(data, size);
        if (i < CODINGS)
            data[at + 1] = (char)codings[i].marker;
        else
            data[at + 4] = i == CODINGS ? 12 : 9;
        assert_false(jpeg_decode(data, size, &image, &damaged, &err));
        assert_non_null(strstr(err.what, i < CODINGS    ? codings[i].name
                                         : i == CODINGS ? "12-bit samples"
                                                        : "samples that have not 8 bits"));
        assert_non_null(strstr(err.where, "SOF"));
        mem_free(data);
    }
}

/* Bytes of 0xFF that fill, and markers without a length, may stand between the segments. */
static void what_fills_the_gaps_is_passed_over(void **state)
{
    (void)state;
    static const char fill[] = "\xFF\xFF\xFF\xFF\x01";
    unsigned char app[40];
    size_t size;
    Image image;
    bool damaged;
    Error err = {0};
    char *data = encode(TJPF_RGBX, TJSAMP_444, 0, app, exif(app, true, 6), &size);
    char *more = mem_alloc(size + 5);
    memcpy(more, data, 2);
    memcpy(more + 2, fill, 5);
    memcpy(more + 7, data + 2, size - 2);
    assert_true(jpeg_decode(more, size + 5, &image, &damaged, &err));
    assert_int_equal(image.w, H); /* the orientation behind it was found */
    image_free(&image);
    mem_free(data);
    mem_free(more);
}

/* What lies between the first allocation of a turned picture and its last. */
static void a_turned_picture_needs_memory_twice(void **state)
{
    (void)state;
    unsigned char app[40];
    size_t size;
    char *data = encode(TJPF_RGBX, TJSAMP_444, 0, app, exif(app, true, 6), &size);
    int64_t live = mem_live();
    bool ok = false;
    for (uint64_t n = 1; !ok; n++) {
        Image image;
        bool damaged;
        Error err = {0};
        mem_fail_at(n, true);
        ok = jpeg_decode(data, size, &image, &damaged, &err);
        mem_fail_at(0, false);
        assert_true(ok || err.kind == ERROR_LIMIT);
        image_free(&image);
        assert_int_equal(mem_live(), live);
        assert_true(ok || n < 20);
    }
    mem_free(data);
}

static void a_cut_picture_is_kept_and_called_damaged(void **state)
{
    (void)state;
    char path[1024];
    if (!shared_data(path, sizeof path, "photos/rocket.jpg"))
        skip();
    size_t size = 0;
    char *data = check_read(path, &size);
    Image whole, part;
    bool damaged;
    Error err = {0};
    assert_true(jpeg_decode(data, size, &whole, &damaged, &err));
    assert_false(damaged);
    assert_true(whole.w == 640 && whole.h == 427);
    assert_true(jpeg_decode(data, size / 2, &part, &damaged, &err));
    assert_true(damaged);
    assert_memory_equal(part.px, whole.px, 640 * 40 * sizeof(Color));
    image_free(&whole);
    image_free(&part);
    mem_free(data);
}

static void every_cut_and_every_flipped_byte_ends_in_a_picture_or_an_error(void **state)
{
    (void)state;
    size_t size;
    int64_t before = mem_live();
    char *data = encode(TJPF_RGBX, TJSAMP_420, TJFLAG_PROGRESSIVE, NULL, 0, &size);
    for (size_t at = 0; at < 2 * size; at++) {
        Image image;
        bool damaged;
        Error err = {0};
        size_t length = at < size ? at : size;
        char *copy = mem_string(data, length);
        if (at >= size)
            copy[at - size] = (char)~copy[at - size];
        if (image_decode(copy, length, &image, &damaged, &err))
            image_free(&image);
        else
            assert_true(err.kind == ERROR_MALFORMED || err.kind == ERROR_LIMIT);
        mem_free(copy);
    }
    mem_free(data);
    assert_true(mem_live() == before);
}

static void other_files_are_refused_by_what_they_are(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        const char *name;
    } files[] = {{"", 0, "an empty file"},
                 {"GIF89a\1\0\1\0", 10, "a GIF picture"},
                 {"RIFF\0\0\0\0WEBPVP8 ", 16, "a WebP picture"},
                 {"II*\0\10\0\0\0", 8, "a TIFF picture"},
                 {"<svg xmlns=", 11, "an SVG drawing"},
                 {"\xEF\xBB\xBF<svg", 7, "an SVG drawing"},
                 {"MM\0*\0\0\0\10", 8, "a TIFF picture"},
                 {"BM\x46\0\0\0\0\0\0\0", 10, "a BMP picture"},
                 {"%PDF-1.4", 8, "a PDF document"},
                 {"\x1F\x8B\x08", 3, "gzip data"},
                 {"version https://git-lfs", 23, "a git-lfs pointer"},
                 {"<html>", 6, "an HTML page"}};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        Image image;
        bool damaged;
        Error err = {0};
        char want[128];
        snprintf(want, sizeof want, "picture: expected PNG or JPEG, found %s", files[i].name);
        assert_false(image_decode(files[i].bytes, files[i].size, &image, &damaged, &err));
        check_error(&err, ERROR_MALFORMED, want);
    }
    Image image;
    bool damaged;
    Error err = {0};
    assert_false(image_decode("\1\2\3", 3, &image, &damaged, &err));
    check_error(&err, ERROR_MALFORMED,
                "byte 0x0: picture: expected PNG or JPEG, found bytes beginning 01 02");
    error_clear(&err);
    assert_false(jpeg_decode("\xFF\xD8\xFF\xD9", 4, &image, &damaged, &err));
    assert_int_equal(err.kind, ERROR_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_come_back_in_every_sampling_baseline_or_progressive),
        cmocka_unit_test(a_turned_camera_is_turned_back),
        cmocka_unit_test(broken_exif_is_passed_over),
        cmocka_unit_test(cmyk_is_refused_by_name),
        cmocka_unit_test(plain_cmyk_is_refused_by_name_too),
        cmocka_unit_test(a_progressive_picture_has_at_most_500_scans),
        cmocka_unit_test(a_picture_without_a_side_is_refused),
        cmocka_unit_test(codings_that_are_not_read_are_refused_by_name),
        cmocka_unit_test(what_fills_the_gaps_is_passed_over),
        cmocka_unit_test(a_turned_picture_needs_memory_twice),
        cmocka_unit_test(a_cut_picture_is_kept_and_called_damaged),
        cmocka_unit_test(every_cut_and_every_flipped_byte_ends_in_a_picture_or_an_error),
        cmocka_unit_test(other_files_are_refused_by_what_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
