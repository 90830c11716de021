/* A few drawings as pixels: the canvas and the text that only they show. Another FreeType may draw
 * a letter's edge otherwise, so a few pixels may differ; the size may not.
 */
#include "goldens/drawing.h"

#include "image/png.h"

#define THREE       "examples/three-tokens/three-tokens.attn.json"
#define TWO_SCRIPTS "examples/arabic-english/arabic-english.attn.json"
#define SMALL       "tests/scripts/data/small.attn.json"
#define PICTURE     "tests/goldens/data/picture.attn.json"

static const Drawing DRAWINGS[] = {
    {"heatmap_light", TWO_SCRIPTS, "heatmap", "640x480", {NULL}},
    {"lines_dark", TWO_SCRIPTS, "lines", "640x480", {"theme=dark", "query=2", NULL}},
    {"patches_light", PICTURE, "patches", "640x480", {"query=0", NULL}},
    {"window_light", SMALL, "window", "640x480", {"mask.causal=true", "query=2", NULL}},
    {"window_dark", THREE, "window", "640x480", {"theme=dark", NULL}},
    {"window_projector", THREE, "window", "640x480", {"theme=projector", NULL}},
};
enum { DRAWING_COUNT = sizeof DRAWINGS / sizeof DRAWINGS[0], GOLDEN_BYTES = 60000 };
enum { CHANNEL_MOST = 16 }; /* a pixel differs when one of its channels is further off */
static const double SHARE_MOST = 0.005; /* of the pixels */

static bool pixel_differs(Color a, Color b)
{
    for (int shift = 0; shift < 32; shift += 8)
        if (abs((int)(a >> shift & 0xFF) - (int)(b >> shift & 0xFF)) > CHANNEL_MOST)
            return true;
    return false;
}

/* Share of the pixels that differ; 1 for another size. marks, of the size of a, shows them in red
 * over a faint a; may be NULL. */
static double differing_share(const Image *a, const Image *b, Image *marks)
{
    size_t count = (size_t)a->w * (size_t)a->h, differing = 0;
    if (a->w != b->w || a->h != b->h)
        return 1;
    for (size_t i = 0; i < count; i++) {
        bool differs = pixel_differs(a->px[i], b->px[i]);
        differing += differs;
        if (marks)
            marks->px[i] =
                differs ? COLOR_RGB(0xFF0000) : color_mix(a->px[i], COLOR_RGB(0xFFFFFF), 0.8f);
    }
    return (double)differing / (double)count;
}

static Image decoded(const char *path)
{
    size_t size;
    Image image = {0};
    Error err = {0};
    char *bytes = check_read(path, &size);
    if (!png_decode(bytes, size, &image, &err))
        fail_msg("%s: %s", path, err.what);
    mem_free(bytes);
    return image;
}

static void put_file(const char *path, const void *data, size_t size)
{
    char dir[1024];
    Error err = {0};
    if (!path_dir(dir, sizeof dir, path) || !file_make_dirs(dir, &err) ||
        !file_write_atomic(path, data, size, &err))
        fail_msg("%s", err.what);
}

static void put_image(const char *path, const Image *image)
{
    Buf bytes;
    Error err = {0};
    buf_init(&bytes, BUF_NO_LIMIT);
    assert_true(png_encode(image, &bytes, &err));
    put_file(path, bytes.data, bytes.size);
    buf_free(&bytes);
}

static void compare(const Drawing *d, const char *got_path, const char *golden)
{
    Image got = decoded(got_path), want = decoded(golden), marks = {0};
    Error err = {0};
    char left[512], diff[512];
    assert_true(image_init(&marks, want.w, want.h, &err));
    double share = differing_share(&want, &got, &marks);
    if (share > SHARE_MOST) {
        snprintf(left, sizeof left, TEST_BINARY_DIR "/golden/png/%s.got.png", d->name);
        snprintf(diff, sizeof diff, TEST_BINARY_DIR "/golden/png/%s.diff.png", d->name);
        put_image(left, &got);
        put_image(diff, &marks);
        fail_msg("golden png/%s.png: expected %dx%d with at most %g %% other pixels, found %dx%d "
                 "with %.3g %%\n  look at %s and %s (UPDATE_GOLDEN=1 accepts it)",
                 d->name, want.w, want.h, 100 * SHARE_MOST, got.w, got.h, 100 * share, left, diff);
    }
    image_free(&got);
    image_free(&want);
    image_free(&marks);
}

static void the_picture_is_as_it_was(void **state)
{
    const Drawing *d = *state;
    char golden[512];
    size_t size;
    FileStamp stamp;
    const char *got = drawing_render(d, "out.png"), *update = getenv("UPDATE_GOLDEN");
    snprintf(golden, sizeof golden, TEST_GOLDEN_DIR "/png/%s.png", d->name);
    char *bytes = check_read(got, &size);
    assert_true(size <= GOLDEN_BYTES);
    if (update && strcmp(update, "1") == 0) {
        put_file(golden, bytes, size);
    } else if (!file_stamp(golden, &stamp)) {
        char left[512];
        snprintf(left, sizeof left, TEST_BINARY_DIR "/golden/png/%s.got.png", d->name);
        put_file(left, bytes, size);
        fail_msg("golden png/%s.png is missing: look at %s, then run with UPDATE_GOLDEN=1", d->name,
                 left);
    } else {
        compare(d, got, golden);
    }
    mem_free(bytes);
}

/* The judge is judged: what it must refuse, and what it must let pass. */
static void the_comparison_refuses_a_hundredth_of_the_pixels_and_another_size(void **state)
{
    (void)state;
    Image a = {0}, b = {0}, c = {0};
    Error err = {0};
    assert_true(image_init(&a, 100, 20, &err) && image_init(&c, 100, 21, &err));
    assert_true(image_copy(&b, &a, &err));
    assert_true(differing_share(&a, &b, NULL) == 0);
    assert_true(differing_share(&a, &c, NULL) == 1);
    for (int i = 0; i < 2000; i++) /* every pixel a little, each channel */
        b.px[i] = a.px[i] + 0x10101010u;
    assert_true(differing_share(&a, &b, NULL) == 0);
    for (int i = 0; i < 20; i++) /* one channel, too far */
        b.px[i * 7] = a.px[i * 7] + (17u << (8 * (i % 4)));
    check_close(differing_share(&a, &b, NULL), 0.01, 1e-12);
    assert_true(differing_share(&a, &b, NULL) > SHARE_MOST);
    image_free(&a);
    image_free(&b);
    image_free(&c);
}

int main(void)
{
    struct CMUnitTest tests[DRAWING_COUNT + 1];
    for (size_t i = 0; i < DRAWING_COUNT; i++)
        tests[i] = (struct CMUnitTest){.name = DRAWINGS[i].name,
                                       .test_func = the_picture_is_as_it_was,
                                       .initial_state = (void *)(uintptr_t)&DRAWINGS[i]};
    tests[DRAWING_COUNT] = (struct CMUnitTest)cmocka_unit_test(
        the_comparison_refuses_a_hundredth_of_the_pixels_and_another_size);
    drawing_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
