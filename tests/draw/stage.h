/* A small canvas to draw on and look at, shared by the tests of src/draw.
 */
#ifndef ATTNSCOPE_TESTS_DRAW_STAGE_H
#define ATTNSCOPE_TESTS_DRAW_STAGE_H

#include "draw/canvas.h"
#include "support/check.h"

#define WHITE 0xFFFFFFFFu
#define BLACK 0xFF000000u

typedef struct {
    Canvas *canvas;
    DrawList list;
    Image image;
    Font font;
} Stage;

static inline Stage stage_new(int w, int h)
{
    Stage s = {.canvas = canvas_new(), .font = font_fixed()};
    Error err = {0};
    assert_non_null(s.canvas);
    assert_true(image_init(&s.image, w, h, &err));
    draw_list_init(&s.list);
    return s;
}

static inline void stage_draw_on(Stage *s, float scale, Color ground)
{
    Error err = {0};
    if (!canvas_render(s->canvas, &s->image, &s->list, &s->font, scale, ground, &err))
        fail_msg("%s", err.what);
}

static inline void stage_draw(Stage *s, float scale)
{
    stage_draw_on(s, scale, WHITE);
}

static inline void stage_free(Stage *s)
{
    canvas_free(s->canvas);
    draw_list_free(&s->list);
    image_free(&s->image);
}

static inline Color at(const Stage *s, int x, int y)
{
    return s->image.px[y * s->image.w + x];
}

/* Darkness of a black shape on white, 0 … 1. */
static inline double dark(const Stage *s, int x, int y)
{
    return (255 - (double)(at(s, x, y) & 255)) / 255;
}

static inline double dark_sum(const Stage *s)
{
    double sum = 0;
    for (int y = 0; y < s->image.h; y++)
        for (int x = 0; x < s->image.w; x++)
            sum += dark(s, x, y);
    return sum;
}

/* The picture must be these characters: . white, # black, + anything between. */
static inline void expect_picture(const Stage *s, const char *const *rows)
{
    for (int y = 0; y < s->image.h; y++)
        for (int x = 0; x < s->image.w; x++) {
            Color c = at(s, x, y);
            char got = c == WHITE ? '.' : c == BLACK ? '#' : '+';
            if (got != rows[y][x])
                fail_msg("pixel %d, %d is %c (%08x): expected %c", x, y, got, (unsigned)c,
                         rows[y][x]);
        }
}

#endif
