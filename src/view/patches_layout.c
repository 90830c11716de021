#include "view/patches_parts.h"

#include <math.h>

bool patches_on_keys(const Scene *scene)
{
    /* The rows of a gate are places of the picture, its columns channels. */
    if (scene_form(scene) == FORM_GATE)
        return false;
    return !scene->sentence || scene->sentence->image.axis != IMAGE_QUERIES;
}

bool patches_can_show(const Scene *scene, Stage stage)
{
    return stage < STAGE_OUTPUT || (stage == STAGE_OUTPUT && scene_form(scene) == FORM_GATE);
}

int patches_first(const Scene *scene)
{
    return scene->sentence ? scene->sentence->image.special_count : 0;
}

int patches_asked(const Scene *scene)
{
    const Focus *f = &scene->focus;
    if (patches_on_keys(scene)) {
        /* Pointing at a patch of the same axis must not change the question. */
        bool both = scene->sentence && scene->sentence->image.axis == IMAGE_BOTH;
        return f->query >= 0 ? f->query : both && f->hover_key >= 0 ? -1 : f->hover_query;
    }
    return f->key >= 0 ? f->key : f->hover_key;
}

int patches_locked(const Scene *scene)
{
    bool gate = scene_form(scene) == FORM_GATE;
    if (!gate && scene->sentence && scene->sentence->image.axis == IMAGE_KEYS)
        return scene->focus.key;
    return scene->focus.query;
}

int patches_pointed(const Scene *scene)
{
    return patches_on_keys(scene) ? scene->focus.hover_key : scene->focus.hover_query;
}

static void place_special(PatchesLayout *l, const Scene *scene, float u)
{
    int count = patches_first(scene);
    float room = (l->heads.h > 0 ? l->heads.y : rect_bottom(l->area)) - l->area.y - 38 * u;
    l->special = rect(l->area.x + 16 * u, l->area.y + 30 * u, 48 * u, room);
    l->special_pitch = clampf(floorf(room / (float)count), 46 * u, 60 * u);
    l->special_shown = (int)floorf(room / l->special_pitch);
    if (l->special_shown >= count)
        l->special_shown = count;
    else if (l->special_shown > 0)
        l->special_shown--; /* the last line says how many are not shown */
}

PatchesLayout patches_layout(const Scene *scene, Rect area, bool strip)
{
    const DocImage *image = scene->sentence ? &scene->sentence->image : NULL;
    float u = scene->kit->theme->unit, s = scene->kit->scale;
    PatchesLayout l = {.area = area};
    if (!image || !image->present || image->rows < 1 || image->cols < 1 || area.w < 16 ||
        area.h < 16)
        return l;
    l.rows = image->rows;
    l.cols = image->cols;
    bool gate = scene_form(scene) == FORM_GATE;
    strip = gate ? patches_channels(scene) > 1 : strip && patches_on_keys(scene);
    strip = strip && area.h >= (gate ? 360 : 440) * u && area.w >= 240 * u;
    float strip_h = (gate ? 120 : 152) * u; /* a gate has no entropy */
    if (strip)
        l.heads = rect(area.x, rect_bottom(area) - strip_h, area.w, strip_h);
    bool special = patches_first(scene) > 0 && area.w >= 360 * u && area.h >= 120 * u;
    bool numbers = area.w >= 240 * u && area.h >= 200 * u;
    float left = special ? 120 * u : numbers ? 44 * u : 8 * u, bottom = numbers ? 32 * u : 8 * u;
    bool upright = area.w >= 480 * u && area.h - l.heads.h >= 200 * u;
    float right = upright ? 128 * u : 16 * u;
    l.bar_kind = upright ? BAR_VERTICAL : BAR_INLINE;
    if (!upright)
        bottom += 36 * u;
    float w = area.w - left - right, h = area.h - 8 * u - bottom - l.heads.h;
    float patch = fminf(w / (float)l.cols, h / (float)l.rows);
    l.patch = patch * s >= 1 ? floorf(patch * s + 0.001f) / s : fmaxf(patch, 0.1f);
    l.picture = rect(roundf((area.x + left) * s) / s, roundf((area.y + 8 * u) * s) / s,
                     l.patch * (float)l.cols, l.patch * (float)l.rows);
    if (special)
        place_special(&l, scene, u);
    if (upright) {
        float top = l.picture.y + 20 * u;
        float room = area.h - l.heads.h - 28 * u - 84 * u;
        l.bar = rect(roundf(rect_right(l.picture) + 24 * u) + 1, top, 12 * u,
                     clampf(room, 40 * u, 200 * u));
    } else {
        l.bar = rect(l.picture.x, rect_bottom(l.picture) + bottom - 26 * u,
                     fmaxf(fminf(180 * u, area.w - left - 190 * u), 60 * u), 12 * u);
    }
    return l;
}

Rect patches_cell(const Scene *scene, const PatchesLayout *l, int index)
{
    int at = index - patches_first(scene);
    if (index < 0 || at < 0 || l->cols < 1 || at >= l->rows * l->cols)
        return rect(0, 0, 0, 0);
    return rect(l->picture.x + (float)(at % l->cols) * l->patch,
                l->picture.y + (float)(at / l->cols) * l->patch, l->patch, l->patch);
}

Rect patches_swatch(const Scene *scene, const PatchesLayout *l, int index)
{
    float u = scene->kit->theme->unit;
    if (index < 0 || index >= patches_first(scene) || index >= l->special_shown)
        return rect(0, 0, 0, 0);
    return rect(l->special.x, l->special.y + (float)index * l->special_pitch + 18 * u, 48 * u,
                24 * u);
}

static float thumb_pitch(const Scene *scene)
{
    return 62 * scene->kit->theme->unit;
}

int patches_thumbs_fit(const Scene *scene, const PatchesLayout *l)
{
    float u = scene->kit->theme->unit;
    return l->heads.h > 0 ? (int)floorf((l->heads.w - 32 * u + 8 * u) / thumb_pitch(scene)) : 0;
}

Rect patches_thumb(const Scene *scene, const PatchesLayout *l, int i)
{
    float u = scene->kit->theme->unit;
    return rect(l->heads.x + 16 * u + (float)i * thumb_pitch(scene), l->heads.y + 32 * u, 54 * u,
                54 * u);
}

int patches_channels(const Scene *scene)
{
    return scene_form(scene) == FORM_GATE ? scene_matrix(scene).cols : 0;
}

int patches_thumb_channel(const Scene *scene, const PatchesLayout *l, int i)
{
    int most = patches_thumbs_fit(scene, l) - 1, channels = patches_channels(scene);
    if (i == 0 || most < 1)
        return i == 0 ? -1 : channels;
    /* Those around the chosen one: it never falls out of the strip. */
    int first = clampi(scene->focus.key - most / 2, 0, channels > most ? channels - most : 0);
    return i <= most ? first + i - 1 : channels;
}

static int strip_at(const Scene *scene, const PatchesLayout *l, Vec2 at)
{
    int channels = patches_channels(scene), found = -1;
    for (int i = 0; i < patches_thumbs_fit(scene, l); i++)
        if (rect_has(rect_inset(patches_thumb(scene, l, i), -4), at))
            found = i;
    if (found < 0 || channels == 0)
        return found;
    int channel = patches_thumb_channel(scene, l, found);
    return channel < channels ? channel + 1 : -1;
}

Probe patches_probe(const Scene *scene, const PatchesLayout *l, Vec2 at, int *head)
{
    Probe probe = probe_none();
    int index = -1;
    *head = -1;
    if (l->rows < 1)
        return probe;
    if (l->heads.h > 0 && rect_has(l->heads, at)) {
        *head = strip_at(scene, l, at);
        return probe;
    }
    if (rect_has(l->picture, at)) {
        int col = clampi((int)floorf((at.x - l->picture.x) / l->patch), 0, l->cols - 1);
        int row = clampi((int)floorf((at.y - l->picture.y) / l->patch), 0, l->rows - 1);
        index = patches_first(scene) + row * l->cols + col;
        probe.rect = patches_cell(scene, l, index);
    }
    for (int i = 0; i < l->special_shown && index < 0; i++) {
        Rect swatch = patches_swatch(scene, l, i);
        Rect zone = {swatch.x, swatch.y - 18 * scene->kit->theme->unit, swatch.w,
                     swatch.h + 18 * scene->kit->theme->unit};
        if (rect_has(zone, at)) {
            index = i;
            probe.rect = swatch;
        }
    }
    if (index < 0)
        return probe;
    bool keys = patches_on_keys(scene), both = keys && scene->sentence->image.axis == IMAGE_BOTH;
    probe.query = both || !keys ? index : -1;
    probe.key = keys ? index : -1;
    return probe;
}
