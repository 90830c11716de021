/* Draws the sheet of every widget in every state, light, dark and projector side by side:
 *
 *   widget_sheet OUT.png
 */
#include "support/widget_sheet.h"

#include "app/export.h"
#include "base/file.h"
#include "image/png.h"
#include "platform/font_ttf.h"

#include <stdio.h>

enum { PICTURE_H = 1548 }; /* as high as the design's picture; SHEET_W twice is as wide */

int main(int argc, char **argv)
{
    FontTtfOptions options = {.bundled_dir = BENCH_SOURCE_DIR "/assets/fonts"};
    Error err = {0};
    Buf png;
    Image whole = {0};
    FontTtf *ttf = font_ttf_new(&options, &err);
    Canvas *canvas = canvas_new();
    bool ok = argc == 2 && ttf && canvas;
    ok = ok && image_init(&whole, SHEET_W * 2, PICTURE_H, &err);
    Font font = ttf ? font_ttf_font(ttf) : (Font){0};
    for (int id = THEME_LIGHT; ok && id <= THEME_DARK; id++) {
        TextKit kit = {&font, 1, theme((ThemeId)id)};
        Image part = {0};
        DrawList list;
        draw_list_init(&list);
        widget_sheet_draw(&kit, &list);
        ok = image_init(&part, SHEET_W, PICTURE_H, &err) &&
             canvas_render(canvas, &part, &list, &font, 1, kit.theme->bg, &err);
        for (size_t y = 0; ok && y < PICTURE_H; y++)
            memcpy(whole.px + y * SHEET_W * 2 + (size_t)id * SHEET_W, part.px + y * SHEET_W,
                   SHEET_W * sizeof *part.px);
        draw_list_free(&list);
        image_free(&part);
    }
    buf_init(&png, BUF_NO_LIMIT);
    ok = ok && png_encode(&whole, &png, &err) &&
         file_write_atomic(argv[1], buf_string(&png), png.size, &err);
    if (!ok)
        fprintf(stderr, "widget_sheet: %s\n", argc == 2 ? err.what : "usage: widget_sheet OUT.png");
    buf_free(&png);
    image_free(&whole);
    canvas_free(canvas);
    font_ttf_free(ttf);
    return ok ? 0 : 1;
}
