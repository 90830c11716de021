#include "view/patches_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WHITE COLOR_RGB(0xFFFFFF)
#define BLACK COLOR_RGB(0x000000)

static void draw_grid(const Scene *scene, const PatchesLayout *l, bool picture, DrawList *out)
{
    Color color = picture ? color_alpha(WHITE, 0.16f) : scene->kit->theme->bg;
    float thick = fmaxf(1 / scene->kit->scale, 1);
    if (l->patch * scene->kit->scale < 4)
        return;
    for (int c = 1; c < l->cols; c++)
        draw_rect(out, rect(l->picture.x + (float)c * l->patch, l->picture.y, thick, l->picture.h),
                  0, color);
    for (int r = 1; r < l->rows; r++)
        draw_rect(out, rect(l->picture.x, l->picture.y + (float)r * l->patch, l->picture.w, thick),
                  0, color);
}

/* Masked patches are hatched; neighbours in a row as one. */
static void draw_masked(const PatchesModel *model, const Scene *scene, const PatchesLayout *l,
                        DrawList *out)
{
    const Theme *theme = scene->kit->theme;
    int first = patches_first(scene);
    for (int r = 0; r < l->rows; r++) {
        for (int c = 0; c < l->cols; c++) {
            int from = first + r * l->cols + c, run = 0;
            while (c + run < l->cols && from + run < model->count && model->masked[from + run])
                run++;
            if (run == 0)
                continue;
            Rect cell = patches_cell(scene, l, from);
            cell.w *= (float)run;
            draw_hatch(out, cell, theme->mask1, theme->mask2);
            c += run;
        }
    }
}

static void draw_picture(const PatchesModel *model, const Scene *scene, const PatchesLayout *l,
                         DrawList *out)
{
    const PatchesLook *look = scene->patches;
    bool picture = model->picture.px != NULL, smooth = look && look->smooth;
    OverlayKind kind = look ? look->overlay : OVERLAY_COLOR;
    float opacity = !picture ? 1.0f : look ? clampf((float)look->opacity, 0, 1) : 0.5f;
    if (kind == OVERLAY_SPOTLIGHT)
        opacity = 1;
    draw_group(out, "patches-picture");
    if (picture)
        draw_image(out, &model->picture, l->picture,
                   (float)model->picture.w > l->picture.w * scene->kit->scale ? SAMPLE_AREA
                                                                              : SAMPLE_SMOOTH,
                   1);
    else if (kind == OVERLAY_SPOTLIGHT)
        draw_rect(out, l->picture, 0, WHITE);
    if (kind != OVERLAY_PICTURE || !picture) {
        draw_masked(model, scene, l, out);
        draw_image(out, &model->overlay, l->picture, smooth ? SAMPLE_SMOOTH : SAMPLE_NEAREST,
                   opacity);
    }
    if (!look || look->grid)
        draw_grid(scene, l, picture, out);
    draw_ungroup(out);
}

/* Numbers of rows and columns, outside; those of the marked patch stand out. */
static void draw_index(const Scene *scene, Rect box, TextAlign align, int number, bool marked,
                       DrawList *out)
{
    const Theme *theme = scene->kit->theme;
    char text[16];
    TextStyle style = {marked ? FACE_BOLD : FACE_SANS, theme->body,
                       marked ? theme->text1 : theme->text3, align, 0};
    snprintf(text, sizeof text, "%d", number);
    text_in(out, scene->kit, box, &style, text);
}

static int index_step(float patch, float least)
{
    return (int)ceilf(fmaxf(least / patch, 1));
}

static void draw_indices(const Scene *scene, const PatchesLayout *l, DrawList *out)
{
    float u = scene->kit->theme->unit;
    int marked = patches_locked(scene) - patches_first(scene), row = -1, col = -1;
    if (scene->sentence->image.axis == IMAGE_KEYS && patches_on_keys(scene))
        marked = -1;
    if (marked >= 0 && marked < l->rows * l->cols) {
        row = marked / l->cols;
        col = marked % l->cols;
    }
    if (l->picture.x - l->area.x < 30 * u)
        return;
    int step = index_step(l->patch, 15 * u);
    for (int r = 0; r < l->rows; r++) {
        Rect box = {l->picture.x - 36 * u, l->picture.y + ((float)r + 0.5f) * l->patch - 8 * u,
                    28 * u, 16 * u};
        if (r == row || (r % step == 0 && (row < 0 || step == 1 || abs(r - row) >= step)))
            draw_index(scene, box, ALIGN_RIGHT, r, r == row, out);
    }
    step = index_step(l->patch, 22 * u);
    for (int c = 0; c < l->cols; c++) {
        Rect box = {l->picture.x + ((float)c + 0.5f) * l->patch - 16 * u,
                    rect_bottom(l->picture) + 4 * u, 32 * u, 16 * u};
        if (c == col || (c % step == 0 && (col < 0 || step == 1 || abs(c - col) >= step)))
            draw_index(scene, box, ALIGN_CENTER, c, c == col, out);
    }
}

static void draw_numbers(const PatchesModel *model, const Scene *scene, const PatchesLayout *l,
                         DrawList *out)
{
    const Theme *theme = scene->kit->theme;
    int first = patches_first(scene);
    if (!scene->patches || !scene->patches->numbers || l->patch < 28 * theme->unit)
        return;
    draw_group(out, "patches-numbers");
    for (int i = 0; i < l->rows * l->cols && first + i < model->count; i++) {
        char text[TEXT_NUMBER];
        Rect cell = patches_cell(scene, l, first + i);
        if (model->masked[first + i])
            continue;
        scene_number(scene, model->values[first + i], text);
        TextStyle style = {FACE_MONO, theme->body, BLACK, ALIGN_CENTER, 0};
        Rect under = cell; /* a shadow makes white readable on any picture */
        under.x += 1;
        under.y += 1;
        style.color = color_alpha(BLACK, 0.7f);
        text_in(out, scene->kit, under, &style, text);
        bool faint = scene->stage == STAGE_WEIGHTS && model->values[first + i] < 0.05f;
        style.color = faint ? color_alpha(WHITE, 0.6f) : WHITE;
        text_in(out, scene->kit, cell, &style, text);
    }
    draw_ungroup(out);
}

void patches_draw_marks(const PatchesModel *model, const Scene *scene, const PatchesLayout *l,
                        DrawList *out)
{
    Rect pointed = patches_cell(scene, l, patches_pointed(scene));
    Rect locked = patches_cell(scene, l, patches_locked(scene));
    (void)model;
    draw_group(out, "patches-selection");
    if (pointed.w > 0) {
        if (pointed.w < 10)
            pointed = rect_inset(pointed, -3);
        draw_frame(out, pointed, 0, 3, BLACK);
        draw_frame(out, rect_inset(pointed, 0.75f), 0, 1.5f, WHITE);
    }
    if (locked.w > 0) {
        if (locked.w < 10)
            locked = rect_inset(locked, -3);
        draw_frame(out, rect_inset(locked, -2), 1, 2, BLACK);
        draw_frame(out, locked, 0, 3, WHITE);
    }
    draw_ungroup(out);
}

static float pointed_value(const PatchesModel *model, const Scene *scene)
{
    int index = patches_pointed(scene);
    if (index < 0 || index >= model->count || model->masked[index])
        return NAN;
    return model->values[index];
}

static void draw_bar(const PatchesModel *model, const Scene *scene, const PatchesLayout *l,
                     DrawList *out)
{
    char words[96], opacity[64] = "";
    float u = scene->kit->theme->unit;
    BarLook look = {
        .id = "patches-bar", .kind = l->bar_kind, .r = l->bar, .lo = model->lo, .hi = model->hi};
    look.room = rect_inset(l->area, 2 * u);
    if (l->heads.h > 0)
        look.room.h -= l->heads.h;
    scene_range_words(scene, words, sizeof words);
    const PatchesLook *p = scene->patches;
    if (model->picture.px && p && p->overlay == OVERLAY_COLOR)
        snprintf(opacity, sizeof opacity, "overlay %d\u2009%%", (int)lround(p->opacity * 100));
    else if (p && p->overlay == OVERLAY_SPOTLIGHT)
        snprintf(opacity, sizeof opacity, "spotlight");
    look.label = scene_word(scene);
    look.pointed = pointed_value(model, scene);
    look.words = words;
    look.note = opacity[0] ? opacity : NULL;
    if (l->bar_kind == BAR_INLINE && opacity[0]) {
        size_t used = strlen(words);
        snprintf(words + used, sizeof words - used, ", %s", opacity);
        look.note = NULL;
    }
    colorbar_draw(&model->bar, scene, &look, out);
}

static void draw_sentence(const Scene *scene, const PatchesLayout *l, const char *why,
                          DrawList *out)
{
    const Theme *theme = scene->kit->theme;
    TextStyle style = {FACE_SANS, theme->body, theme->text2, ALIGN_CENTER, 0};
    Rect box = rect_inset(l->area, 16 * theme->unit);
    box.y += 0.45f * box.h;
    if (box.w > 0)
        text_wrapped(out, scene->kit, box, &style, 16 * theme->unit, 3, why);
}

void patches_draw(const PatchesModel *model, const Scene *scene, const PatchesLayout *l,
                  DrawList *out)
{
    const char *absent = scene_absent(scene);
    draw_group(out, "patches");
    if (l->rows < 1 || absent || !model->overlay.px || model->overlay_key == 0) {
        draw_sentence(scene, l, absent ? absent : "This document has no picture.", out);
        draw_ungroup(out);
        return;
    }
    draw_picture(model, scene, l, out);
    draw_numbers(model, scene, l, out);
    draw_indices(scene, l, out);
    patches_draw_special(model, scene, l, out);
    patches_draw_marks(model, scene, l, out);
    draw_bar(model, scene, l, out);
    if (l->heads.h > 0)
        patches_draw_strip(model, scene, l, out);
    draw_ungroup(out);
}
