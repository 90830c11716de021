/* Prints how long a whole frame of about 400 commands at 1280 × 800 takes, and its parts. */
#include "draw/canvas.h"
#include "draw/icons.h"
#include "draw/theme.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { WIDTH = 1280, HEIGHT = 800, ROUNDS = 31 };

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void panels(DrawList *l, const Theme *t)
{
    draw_rect(l, rect(0, 0, 1280, 40), 0, t->panel);
    draw_rect(l, rect(0, 40, 224, 732), 0, t->panel);
    draw_rect(l, rect(1000, 40, 280, 732), 0, t->panel);
    draw_rect(l, rect(0, 772, 1280, 28), 0, t->panel);
    for (int i = 0; i < 40; i++) {
        Rect r = {(float)(8 + (i % 4) * 300), (float)(44 + i / 4 * 70), 120, 28};
        draw_rect(l, r, 4, t->control);
        draw_frame(l, r, 4, 1, t->line2);
        icon_draw(l, (Icon)(1 + i % 20), rect(r.x + 100, r.y + 6, 16, 16), 16, t->text2);
        draw_line(l, vec2(r.x, r.y + 40), vec2(r.x + 200, r.y + 40), 1, t->line1);
        draw_circle(l, vec2(r.x + 60, r.y + 52), 7, t->ink);
    }
}

static void words(DrawList *l, const Theme *t)
{
    TextStyle style = {FACE_SANS, 12, t->text1, ALIGN_LEFT, 0};
    for (int i = 0; i < 150; i++) {
        char text[32];
        int n = snprintf(text, sizeof text, "token %d", i);
        style.rotate = i % 10 == 0 ? 45 : 0;
        draw_text(l, vec2((float)(20 + i % 12 * 100), (float)(60 + i / 12 * 55)), &style, text,
                  (size_t)n);
    }
}

static double frame_ms(Canvas *canvas, Image *target, const DrawList *l, const Theme *t)
{
    double times[ROUNDS];
    Font font = font_fixed();
    Error err = {0};
    for (int i = 0; i < ROUNDS; i++) {
        double start = now_ms();
        if (!canvas_render(canvas, target, l, &font, 1, t->bg, &err))
            exit(1);
        times[i] = now_ms() - start;
    }
    qsort(times, ROUNDS, sizeof times[0], ascending);
    return times[ROUNDS / 2];
}

int main(void)
{
    Canvas *canvas = canvas_new();
    const Theme *t = theme(THEME_LIGHT);
    DrawList l;
    Image target, cells, photo;
    Error err = {0};
    draw_list_init(&l);
    if (!canvas || !image_init(&target, WIDTH, HEIGHT, &err) || !image_init(&cells, 64, 64, &err) ||
        !image_init(&photo, 512, 512, &err))
        return 1;
    for (int i = 0; i < 64 * 64; i++)
        cells.px[i] = colormap_at(colormap(COLORMAP_VIRIDIS), (float)(i % 97) / 97);
    for (int i = 0; i < 512 * 512; i++)
        photo.px[i] = 0xFF000000u | (Color)i;
    printf("ground alone: %.2f ms\n", frame_ms(canvas, &target, &l, t));
    panels(&l, t);
    printf("panels, %zu commands: %.2f ms\n", l.count, frame_ms(canvas, &target, &l, t));
    words(&l, t);
    printf("and 150 texts: %.2f ms\n", frame_ms(canvas, &target, &l, t));
    draw_image(&l, &cells, rect(240, 100, 448, 448), SAMPLE_NEAREST, 1);
    printf("and a heat map of 448 × 448, %zu commands: %.2f ms\n", l.count,
           frame_ms(canvas, &target, &l, t));
    draw_image(&l, &photo, rect(240, 100, 448, 448), SAMPLE_AREA, 1);
    printf("and a photo of 512 × 512 reduced: %.2f ms\n", frame_ms(canvas, &target, &l, t));
    draw_image(&l, &cells, rect(240, 100, 448, 448), SAMPLE_SMOOTH, 0.5f);
    printf("and a smooth overlay: %.2f ms\n", frame_ms(canvas, &target, &l, t));
    double start = now_ms();
    for (int i = 0; i < 100; i++)
        (void)draw_list_hash(&l);
    printf("hash of the list: %.3f ms\n", (now_ms() - start) / 100);
    draw_list_free(&l);
    image_free(&target);
    image_free(&cells);
    image_free(&photo);
    canvas_free(canvas);
    return 0;
}
