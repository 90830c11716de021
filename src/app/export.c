#include "app/export.h"

#include "image/png.h"

bool export_stage(Scope *scope, const Settings *settings, Stage stage, DumpFormat format, Buf *out, Error *err)
{
    (void)format;
    (void)out;
    return scope_update(scope, settings, STAGE_BIT(stage), err);
}

bool export_view(Scope *scope, const Settings *settings, const TextKit *kit, int view, float w, float h, DrawList *list,
                 Error *err)
{
    (void)kit;
    (void)view;
    draw_list_reset(list);
    draw_rect(list, rect(0, 0, w, h), 0, kit->theme->bg);
    return scope_update(scope, settings, STAGE_BIT(STAGE_WEIGHTS), err);
}

bool export_png(const DrawList *list, const Font *font, float w, float h, float scale, Color ground, Buf *out, Error *err)
{
    Image image = {0};
    Canvas *canvas = canvas_new();
    if (!canvas)
        return error_memory(err);
    bool ok = image_init(&image, (int)(w * scale + 0.5f), (int)(h * scale + 0.5f), err) &&
              canvas_render(canvas, &image, list, font, scale, ground, err) && png_encode(&image, out, err);
    image_free(&image);
    canvas_free(canvas);
    return ok;
}

bool export_tsv(Scope *scope, const Settings *settings, int query, int key, Buf *out, Error *err)
{
    (void)scope;
    (void)settings;
    (void)query;
    (void)key;
    (void)out;
    return error_set(err, ERROR_USAGE, "copy: expected a token, found none");
}
