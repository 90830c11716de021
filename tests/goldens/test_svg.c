/* The drawings as SVG, compared as text. A picture inside is compared by its pixels, not by the
 * bytes that some version of zlib made of them.
 */
#include "goldens/drawing.h"

#include "base/hash.h"
#include "image/png.h"
#include "support/xml_check.h"

#define THREE       "examples/three-tokens/three-tokens.attn.json"
#define TWO_SCRIPTS "examples/arabic-english/arabic-english.attn.json"
#define SMALL       "tests/scripts/data/small.attn.json"
#define PICTURE     "tests/goldens/data/picture.attn.json"

static const Drawing DRAWINGS[] = {
    {"heatmap", THREE, "heatmap", "480x360", {NULL}},
    {"heatmap_causal_dark",
     THREE,
     "heatmap",
     "480x360",
     {"theme=dark", "mask.causal=true", "query=1", "key=0", NULL}},
    {"heatmap_scaled", SMALL, "heatmap", "480x360", {"sentence=1", "stage=scaled", NULL}},
    {"heatmap_two_scripts", TWO_SCRIPTS, "heatmap", "640x480", {NULL}},
    {"lines_vertical", TWO_SCRIPTS, "lines", "640x480", {"lines.layout=vertical", NULL}},
    {"lines_horizontal", TWO_SCRIPTS, "lines", "640x480", {"lines.layout=horizontal", NULL}},
    {"lines_alignment", SMALL, "lines", "480x360", {"sentence=1", "gold=true", NULL}},
    {"lines_selected", SMALL, "lines", "480x360", {"query=2", "lines.mass=1", NULL}},
    {"patches", PICTURE, "patches", "480x360", {"query=0", NULL}},
    {"patches_dark", PICTURE, "patches", "480x360", {"query=7", "head=1", "theme=dark", NULL}},
    {"heads", SMALL, "heads", "480x360", {NULL}},
    {"window", THREE, "window", "1280x800", {NULL}},
    {"window_picture", PICTURE, "window", "1280x800", {"query=0", NULL}},
    {"window_small", THREE, "window", "640x480", {"mask.causal=true", NULL}},
    {"window_projector", THREE, "window", "1280x800", {"theme=projector", NULL}},
};
enum {
    DRAWING_COUNT = sizeof DRAWINGS / sizeof DRAWINGS[0],
    PNG_MOST = 1 << 20,
    GOLDEN_BYTES = 100000
};
static const char DATA_URI[] = "data:image/png;base64,";

static void put_picture(Buf *out, const char *base64, size_t length)
{
    static unsigned char bytes[PNG_MOST];
    Image image = {0};
    Error err = {0};
    size_t bad = 0;
    int64_t size = base64_decode(base64, length, bytes, sizeof bytes, &bad);
    if (size < 0)
        fail_msg("a picture's base64 is wrong at %zu", bad);
    if (!png_decode(bytes, (size_t)size, &image, &err))
        fail_msg("a picture inside: %s", err.what);
    uint64_t hash =
        hash_bytes(HASH_SEED, image.px, (size_t)image.w * (size_t)image.h * sizeof image.px[0]);
    buf_printf(out, "picture:%dx%d,%016llx", image.w, image.h, (unsigned long long)hash);
    image_free(&image);
}

/* With pictures as size and hash, and an element a line where one line would hold several. */
static void plain_text(Buf *out, const char *svg)
{
    const char *uri;
    while ((uri = strstr(svg, DATA_URI)) != NULL) {
        const char *base64 = uri + strlen(DATA_URI), *end = strchr(base64, '"');
        assert_non_null(end);
        buf_append(out, svg, (size_t)(uri - svg));
        put_picture(out, base64, (size_t)(end - base64));
        svg = end;
    }
    buf_text(out, svg);
}

static void the_drawing_is_as_it_was(void **state)
{
    const Drawing *d = *state;
    char golden[128];
    const char *why;
    size_t size, at;
    Buf plain;
    char *svg = check_read(drawing_render(d, "out.svg"), &size);
    if (!xml_check(svg, size, &at, &why))
        fail_msg("%s: byte %zu: %s", d->name, at, why);
    buf_init(&plain, BUF_NO_LIMIT);
    plain_text(&plain, svg);
    assert_true(plain.size <= GOLDEN_BYTES);
    assert_null(strstr(plain.data, TEST_SOURCE_DIR));
    snprintf(golden, sizeof golden, "svg/%s.svg", d->name);
    check_text_golden(golden, plain.data, plain.size);
    buf_free(&plain);
    mem_free(svg);
}

int main(void)
{
    struct CMUnitTest tests[DRAWING_COUNT];
    for (size_t i = 0; i < DRAWING_COUNT; i++)
        tests[i] = (struct CMUnitTest){.name = DRAWINGS[i].name,
                                       .test_func = the_drawing_is_as_it_was,
                                       .initial_state = (void *)(uintptr_t)&DRAWINGS[i]};
    drawing_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
