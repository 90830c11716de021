#include "view/colorbar.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define TICK 4.0f

void colorbar_free(Colorbar *bar)
{
    image_free(&bar->strip);
    memset(bar, 0, sizeof *bar);
}

bool colorbar_update(Colorbar *bar, const Scene *scene, bool vertical, Error *err)
{
    const Colormap *map = scene_colormap(scene);
    ColormapId id = COLORMAP_VIRIDIS;
    while (id < COLORMAP_COUNT && colormap(id) != map)
        id++;
    if (bar->strip.px && bar->map == id && bar->vertical == vertical)
        return true;
    image_free(&bar->strip);
    if (!image_init(&bar->strip, vertical ? 1 : 256, vertical ? 256 : 1, err))
        return false;
    for (int i = 0; i < 256; i++)
        bar->strip.px[i] = map->lut[vertical ? 255 - i : i];
    image_touch(&bar->strip);
    bar->map = id;
    bar->vertical = vertical;
    return true;
}

/* printf's exponent form with a real minus and no leading zeros: `9.66e−5`. */
static void scientific(float value, char out[TEXT_NUMBER])
{
    char digits[TEXT_NUMBER];
    size_t at = 0;
    snprintf(digits, sizeof digits, "%.3g", (double)value);
    const char *e = strchr(digits, 'e');
    out[0] = '\0';
    for (const char *p = digits; *p && at + 4 < TEXT_NUMBER; p++) {
        if (e && p > e && *p == '0' && (p[-1] == '-' || p[-1] == '+'))
            continue;
        if (*p == '-') {
            memcpy(out + at, "−", 3);
            at += 3;
        } else {
            out[at++] = *p;
        }
    }
    out[at] = '\0';
}

void colorbar_end(float value, char out[TEXT_NUMBER])
{
    float a = fabsf(value);
    if (a == 0)
        snprintf(out, TEXT_NUMBER, "0");
    else if (!(a < 1e5f) || a < 1e-3f)
        scientific(value, out);
    else if (roundf(value) == value)
        text_fixed(out, (double)value, 0);
    else
        text_fixed(out, (double)value, a < 1 ? 3 : a < 10 ? 2 : a < 100 ? 1 : 0);
}

/* Smallest of 1, 2, 5 × 10^n that is at least `least`. */
static double step_125(double least)
{
    double power = pow(10, floor(log10(least)));
    double f = least / power;
    return power * (f <= 1.0001 ? 1 : f <= 2.0001 ? 2 : f <= 5.0001 ? 5 : 10);
}

static void put_tick(const Scene *scene, float value, float lo, float hi, int decimals,
                     BarTick *out)
{
    out->value = value;
    out->t = scene_unit(scene, value, lo, hi);
    if (decimals < 0 || value == 0)
        colorbar_end(value, out->text);
    else
        text_fixed(out->text, (double)value, decimals);
}

/* As many decimals as a decade has: 0.01, not 0.010. */
static int decade_decimals(float value)
{
    float power = ceilf(-log10f(fabsf(value)) - 1e-3f);
    return value == 0 || power > 3 ? -1 : power > 0 ? (int)power : 0;
}

static float tick_room(const Scene *scene, const BarTick *tick, bool vertical)
{
    const Theme *theme = scene->kit->theme;
    if (vertical)
        return 14 * theme->unit;
    return text_width(scene->kit, FACE_SANS, theme->body, tick->text) + 6 * theme->unit;
}

/* Does a tick stand clear of another one? */
static bool clear_of(const Scene *scene, const BarTick *a, const BarTick *b, float length,
                     bool vertical)
{
    float apart = fabsf(a->t - b->t) * length;
    return apart >= 0.5f * (tick_room(scene, a, vertical) + tick_room(scene, b, vertical));
}

/* Values between the ends, by the rule of the scale. */
static int inner_values(const Scene *scene, float lo, float hi, float length, float out[],
                        int *decimals)
{
    double span = (double)hi - (double)lo;
    int count = 0;
    *decimals = -1;
    if (scene->color && scene->color->scale == COLOR_LOG) { /* decades */
        for (double v = (double)hi; count < BAR_TICKS - 3 && v > (double)hi * 1e-4;) {
            v = pow(10, ceil(log10(v)) - 1);
            out[count++] = (float)v;
            if (lo < 0)
                out[count++] = (float)-v;
        }
        if (lo < 0)
            out[count++] = 0;
        return count;
    }
    double least = span * 40.0 * (double)scene->kit->theme->unit / (double)length;
    double step = step_125(fmax(least, span / (BAR_TICKS - 3)));
    if (step < 1e-3 || span >= 1e5)
        *decimals = -1;
    else
        *decimals = step >= 1 ? 0 : (int)ceil(-log10(step) - 1e-9);
    for (double k = ceil((double)lo / step); k * step < (double)hi && count < BAR_TICKS - 2; k++)
        if (k * step > (double)lo)
            out[count++] = (float)(k * step);
    return count;
}

int colorbar_ticks(const Scene *scene, float lo, float hi, float length, bool vertical,
                   BarTick out[BAR_TICKS])
{
    float inner[BAR_TICKS];
    BarTick last, tick;
    int decimals, count = 0, values;
    bool logarithmic = scene->color && scene->color->scale == COLOR_LOG && !(lo < 0);
    if (!(length > 0))
        return 0;
    /* A logarithmic bar begins four decades below its end, and says so. */
    float first = logarithmic && hi > 0 ? fmaxf(lo, hi * 1e-4f) : lo;
    put_tick(scene, first, lo, hi, -1, &out[count++]);
    put_tick(scene, hi, lo, hi, -1, &last);
    values = inner_values(scene, lo, hi, length, inner, &decimals);
    for (int i = 0; i < values && count < BAR_TICKS - 1; i++) {
        int shown = logarithmic ? decade_decimals(inner[i]) : decimals;
        put_tick(scene, inner[i], lo, hi, shown, &tick);
        bool free = clear_of(scene, &tick, &last, length, vertical);
        for (int k = 0; free && k < count; k++)
            free = clear_of(scene, &tick, &out[k], length, vertical);
        if (free)
            out[count++] = tick;
    }
    out[count++] = last;
    return count;
}

static TextStyle body(const Scene *scene, Color color, TextAlign align)
{
    return (TextStyle){FACE_SANS, scene->kit->theme->body, color, align, 0};
}

static void pointer(const Scene *scene, const BarLook *look, DrawList *out)
{
    float t = scene_unit(scene, look->pointed, look->lo, look->hi), u = scene->kit->theme->unit;
    Color color = scene->kit->theme->text1;
    if (isnan(t))
        return;
    if (look->kind == BAR_VERTICAL) {
        float x = look->r.x - 2 * u, y = rect_bottom(look->r) - t * look->r.h;
        const Vec2 p[3] = {vec2(x, y), vec2(x - 7 * u, y - 4 * u), vec2(x - 7 * u, y + 4 * u)};
        draw_poly(out, p, 3, color);
    } else {
        float x = look->r.x + t * look->r.w, y = look->r.y - 2 * u;
        const Vec2 p[3] = {vec2(x, y), vec2(x - 4.5f * u, y - 5 * u),
                           vec2(x + 4.5f * u, y - 5 * u)};
        draw_poly(out, p, 3, color);
    }
}

/* Colours, frame, and the arrow ends that say "there are values beyond". */
static void strip(const Colorbar *bar, const Scene *scene, const BarLook *look, DrawList *out)
{
    const Theme *theme = scene->kit->theme;
    const Colormap *map = scene_colormap(scene);
    Rect r = look->r;
    float d = look->kind == BAR_VERTICAL ? r.w : r.h;
    if (look->over) {
        const Vec2 right[3] = {vec2(rect_right(r) + 1, r.y),
                               vec2(rect_right(r) + 1 + 0.6f * d, r.y + 0.5f * r.h),
                               vec2(rect_right(r) + 1, rect_bottom(r))};
        const Vec2 up[3] = {vec2(r.x, r.y - 1), vec2(r.x + 0.5f * r.w, r.y - 1 - 0.6f * d),
                            vec2(rect_right(r), r.y - 1)};
        draw_poly(out, look->kind == BAR_VERTICAL ? up : right, 3, map->lut[255]);
    }
    if (look->under) {
        const Vec2 left[3] = {vec2(r.x - 1, r.y), vec2(r.x - 1 - 0.6f * d, r.y + 0.5f * r.h),
                              vec2(r.x - 1, rect_bottom(r))};
        const Vec2 down[3] = {vec2(r.x, rect_bottom(r) + 1),
                              vec2(r.x + 0.5f * r.w, rect_bottom(r) + 1 + 0.6f * d),
                              vec2(rect_right(r), rect_bottom(r) + 1)};
        draw_poly(out, look->kind == BAR_VERTICAL ? down : left, 3, map->lut[0]);
    }
    draw_image(out, &bar->strip, r, SAMPLE_NEAREST, 1);
    draw_frame(out, rect_inset(r, -1), 0, 1, theme->line3);
}

/* A line of text kept inside the room, cut where it must. */
static void words_in(const Scene *scene, const BarLook *look, float x, float centre,
                     const char *text, DrawList *out)
{
    TextStyle style = body(scene, scene->kit->theme->text3, ALIGN_LEFT);
    float u = scene->kit->theme->unit, room = rect_right(look->room) - x;
    if (text && room > 12 * u)
        text_in(out, scene->kit, rect(x, centre - 8 * u, room, 16 * u), &style, text);
}

static float pixel(const Scene *scene, float v)
{
    return roundf(v * scene->kit->scale) / scene->kit->scale;
}

static void horizontal(const Scene *scene, const BarLook *look, DrawList *out)
{
    const Theme *theme = scene->kit->theme;
    BarTick ticks[BAR_TICKS];
    float u = theme->unit, bottom = rect_bottom(look->r) + 1, right = rect_right(look->r);
    float middle = look->r.y + 0.5f * look->r.h;
    TextStyle style = body(scene, theme->text2, ALIGN_CENTER);
    int count = colorbar_ticks(scene, look->lo, look->hi, look->r.w, false, ticks);
    float end = right; /* of the last number */
    for (int i = 0; i < count; i++) {
        float x = look->r.x + ticks[i].t * look->r.w;
        float line = fminf(pixel(scene, x), right - 1);
        draw_rect(out, rect(line, bottom, 1, TICK * u), 0, theme->line3);
        float w = text_width(scene->kit, FACE_SANS, theme->body, ticks[i].text) + 1;
        float left =
            clampf(x - 0.5f * w, look->room.x, fmaxf(rect_right(look->room) - w, look->room.x));
        text_in(out, scene->kit, rect(left, bottom + 5 * u, w, 16 * u), &style, ticks[i].text);
        end = fmaxf(end, left + w);
    }
    float words = look->words ? text_width(scene->kit, FACE_SANS, theme->body, look->words) : 0;
    bool below = right + 14 * u + words > rect_right(look->room) + 0.5f;
    float x = below ? look->r.x : right + 14 * u, y = below ? bottom + 29 * u : middle;
    words_in(scene, look, x, y, look->words, out);
    if (!look->note)
        return;
    float note = text_width(scene->kit, FACE_SANS, theme->body, look->note);
    float beside = fmaxf(x, end + 8 * u);
    if (below)
        words_in(scene, look, x, y + 16 * u, look->note, out);
    else if (beside + note <= rect_right(look->room) + 0.5f)
        words_in(scene, look, beside, y + 20 * u, look->note, out);
    else /* below the numbers it has the whole width */
        words_in(scene, look, look->r.x, bottom + 29 * u, look->note, out);
}

static void inline_ends(const Scene *scene, const BarLook *look, DrawList *out)
{
    const Theme *theme = scene->kit->theme;
    char text[TEXT_NUMBER];
    float u = theme->unit, y = look->r.y + 0.5f * look->r.h - 8 * u;
    TextStyle style = body(scene, theme->text2, ALIGN_RIGHT);
    BarTick ticks[BAR_TICKS];
    int count = colorbar_ticks(scene, look->lo, look->hi, look->r.w, false, ticks);
    if (count < 1)
        return;
    text_in(out, scene->kit, rect(look->room.x, y, look->r.x - 8 * u - look->room.x, 16 * u),
            &style, ticks[0].text);
    colorbar_end(look->hi, text);
    float x = rect_right(look->r) + 8 * u, w = text_width(scene->kit, FACE_SANS, style.size, text);
    style.align = ALIGN_LEFT;
    text_in(out, scene->kit, rect(x, y, w + 1, 16 * u), &style, text);
    words_in(scene, look, x + w + 13 * u, y + 8 * u, look->words, out);
    if (!look->note)
        return;
    float note = text_width(scene->kit, FACE_SANS, style.size, look->note);
    x = clampf(look->r.x, look->room.x, fmaxf(rect_right(look->room) - note, look->room.x));
    words_in(scene, look, x, rect_bottom(look->r) + 11 * u, look->note, out);
}

static void vertical(const Scene *scene, const BarLook *look, DrawList *out)
{
    const Theme *theme = scene->kit->theme;
    BarTick ticks[BAR_TICKS];
    float u = theme->unit, right = rect_right(look->r) + 1, y = rect_bottom(look->r) + 20 * u;
    TextStyle style = {FACE_MONO, theme->body, theme->text2, ALIGN_LEFT, 0};
    int count = colorbar_ticks(scene, look->lo, look->hi, look->r.h, true, ticks);
    for (int i = 0; i < count; i++) {
        float at = rect_bottom(look->r) - ticks[i].t * look->r.h;
        float line = fminf(pixel(scene, at), rect_bottom(look->r) - 1);
        draw_rect(out, rect(right, line, TICK * u, 1), 0, theme->line3);
        float x = right + 9 * u, w = rect_right(look->room) - x;
        if (w > 0)
            text_in(out, scene->kit, rect(x, at - 8 * u, w, 16 * u), &style, ticks[i].text);
    }
    for (int part = 0; part < 2; part++) { /* a line for each word group: the column is narrow */
        const char *text = part ? look->note : look->words;
        TextStyle words = body(scene, theme->text3, ALIGN_LEFT);
        Rect box = {look->r.x, y - 8 * u, rect_right(look->room) - look->r.x,
                    rect_bottom(look->room) - y + 8 * u};
        if (!text || box.w < 20 * u || box.h < 16 * u)
            continue;
        y += 16 * u * (float)text_wrapped(out, scene->kit, box, &words, 16 * u, 3, text) + 8 * u;
    }
}

void colorbar_draw(const Colorbar *bar, const Scene *scene, const BarLook *look, DrawList *out)
{
    const Theme *theme = scene->kit->theme;
    float u = theme->unit;
    if (!bar->strip.px || look->r.w < 1 || look->r.h < 1)
        return;
    draw_group(out, look->id ? look->id : "colorbar");
    strip(bar, scene, look, out);
    pointer(scene, look, out);
    TextStyle style = body(scene, theme->text2, ALIGN_RIGHT);
    float middle = look->r.y + 0.5f * look->r.h;
    if (look->kind == BAR_VERTICAL) {
        vertical(scene, look, out);
        style.align = ALIGN_LEFT;
        Rect box = {look->r.x, look->r.y - 24 * u, rect_right(look->room) - look->r.x, 16 * u};
        if (look->label && box.w > 0)
            text_in(out, scene->kit, box, &style, look->label);
    } else if (look->kind == BAR_INLINE) {
        inline_ends(scene, look, out);
    } else {
        horizontal(scene, look, out);
        Rect box = {look->room.x, middle - 8 * u, look->label_right - look->room.x, 16 * u};
        if (look->label && box.w > 0)
            text_in(out, scene->kit, box, &style, look->label);
    }
    draw_ungroup(out);
}
