#include "view/patches_parts.h"

#include "base/field.h"

#include <math.h>
#include <stdio.h>

/* Tokens that are no patches, as swatches beside the picture, in its range. */
static void draw_swatch(const PatchesModel *model, const Scene *scene, const PatchesLayout *l,
                        int index, DrawList *out)
{
    const Theme *theme = scene->kit->theme;
    const Axis *axis = patches_on_keys(scene) ? scene->keys : scene->queries;
    float u = theme->unit, value = model->values[index];
    float t = scene_unit(scene, value, model->lo, model->hi);
    Rect swatch = patches_swatch(scene, l, index);
    bool locked = index == patches_locked(scene), pointed = index == patches_pointed(scene);
    Color ground = colormap_at(scene_colormap(scene), t);
    char text[TEXT_NUMBER];
    mark_token(out, scene->kit, rect(swatch.x, swatch.y - 18 * u, 60 * u, 16 * u), ALIGN_LEFT,
               locked    ? MARK_LOCKED
               : pointed ? MARK_HOVER
                         : MARK_PLAIN,
               theme->text1, axis_label(axis, index));
    if (model->masked[index]) {
        draw_hatch(out, swatch, theme->mask1, theme->mask2);
    } else {
        draw_rect(out, swatch, 0, ground);
        text_weight(text, (double)value);
        if (scene->stage != STAGE_WEIGHTS)
            scene_number(scene, value, text);
        TextStyle style = {FACE_MONO, theme->body, color_on(ground), ALIGN_CENTER, 0};
        text_in(out, scene->kit, swatch, &style, text);
    }
    draw_frame(out, swatch, 0, 1, theme->line2);
}

void patches_draw_special(const PatchesModel *model, const Scene *scene, const PatchesLayout *l,
                          DrawList *out)
{
    const Theme *theme = scene->kit->theme;
    float u = theme->unit;
    char text[64];
    int count = patches_first(scene);
    if (l->special_shown < 1)
        return;
    draw_group(out, "patches-special");
    text_label(out, scene->kit, rect(l->special.x, l->area.y + 8 * u, 60 * u, 16 * u), "special",
               theme->text3);
    for (int i = 0; i < l->special_shown && i < model->count; i++)
        draw_swatch(model, scene, l, i, out);
    if (l->special_shown < count) {
        snprintf(text, sizeof text, "%d more", count - l->special_shown);
        text_label(out, scene->kit,
                   rect(l->special.x, l->special.y + (float)l->special_shown * l->special_pitch,
                        60 * u, 16 * u),
                   text, theme->text3);
    }
    draw_ungroup(out);
}

static void draw_thumb(const PatchesModel *model, const Scene *scene, const PatchesLayout *l, int i,
                       DrawList *out)
{
    const Theme *theme = scene->kit->theme;
    const PatchesThumb *thumb = &model->thumbs[i];
    float u = theme->unit;
    Rect box = patches_thumb(scene, l, i), r = box;
    bool gate = scene_form(scene) == FORM_GATE;
    bool chosen = thumb->head == (gate ? patches_asked(scene) : scene->head);
    float side = fminf(box.w / (float)l->cols, box.h / (float)l->rows);
    r.w = side * (float)l->cols;
    r.h = side * (float)l->rows;
    r.x += 0.5f * (box.w - r.w);
    r.y += 0.5f * (box.h - r.h);
    draw_image(out, &thumb->image, r, side * scene->kit->scale < 1 ? SAMPLE_AREA : SAMPLE_NEAREST,
               1);
    if (chosen)
        draw_frame(out, rect_inset(box, -4), 3, 2, theme->ink);
    char text[TEXT_NUMBER + 8], number[TEXT_NUMBER];
    TextStyle style = {chosen ? FACE_BOLD : FACE_SANS, theme->body,
                       chosen ? theme->text1 : theme->text3, ALIGN_CENTER, 0};
    if (gate && thumb->head < 0)
        snprintf(text, sizeof text, "mean");
    else
        snprintf(text, sizeof text, "%d", thumb->head);
    text_in(out, scene->kit, rect(box.x, rect_bottom(box) + 6 * u, box.w, 16 * u), &style, text);
    style.face = FACE_SANS;
    if (isfinite(thumb->entropy)) {
        text_fixed(number, thumb->entropy, 1);
        snprintf(text, sizeof text, "%s b", number);
        text_in(out, scene->kit, rect(box.x, rect_bottom(box) + 24 * u, box.w, 16 * u), &style,
                text);
    }
}

void patches_draw_strip(const PatchesModel *model, const Scene *scene, const PatchesLayout *l,
                        DrawList *out)
{
    const Theme *theme = scene->kit->theme;
    char text[96];
    float u = theme->unit, y = l->heads.y + 8 * u;
    int fit = patches_thumbs_fit(scene, l);
    draw_group(out, "patches-strip");
    draw_rect(out, rect(l->heads.x, l->heads.y, l->heads.w, 1), 0, theme->line1);
    int channels = patches_channels(scene), drawn = model->thumb_count - 1;
    if (channels > 0 && drawn > 0 && drawn < channels)
        snprintf(text, sizeof text, "Channels %d … %d of %d", model->thumbs[1].head,
                 model->thumbs[drawn].head, channels);
    else if (channels > 0)
        snprintf(text, sizeof text, "Channels, %d", channels);
    else if (scene->layer >= 0)
        snprintf(text, sizeof text, "Heads of layer %d, same %s", scene->layer,
                 patches_asked(scene) < 0                    ? "rows"
                 : scene->sentence->image.axis == IMAGE_BOTH ? "patch"
                                                             : "word");
    else
        snprintf(text, sizeof text, "Heads");
    TextStyle style = {FACE_BOLD, theme->body, theme->text1, ALIGN_LEFT, 0};
    Rect line = {l->heads.x + 16 * u, y, l->heads.w - 32 * u, 16 * u};
    float w = text_width(scene->kit, FACE_BOLD, theme->body, text);
    text_in(out, scene->kit, line, &style, text);
    const char *words = channels > 0 ? "one colour range for all" : "one colour range per head";
    style = (TextStyle){FACE_SANS, theme->body, theme->text3, ALIGN_RIGHT, 0};
    if (text_width(scene->kit, FACE_SANS, theme->body, words) + w + 16 * u <= line.w)
        text_in(out, scene->kit, line, &style, words);
    for (int i = 0; i < model->thumb_count && i < fit; i++)
        draw_thumb(model, scene, l, i, out);
    draw_ungroup(out);
}
