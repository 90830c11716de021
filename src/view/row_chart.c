#include "view/row_chart_parts.h"

#include "base/index_set.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define PITCH_LEAST 16.0f
#define PITCH_MOST  20.0f

static float head_height(bool compact)
{
    return compact ? 66.0f : 84.0f;
}

float row_chart_height(const Scene *scene, int keys, bool compact)
{
    return (head_height(compact) + PITCH_LEAST * (float)keys) * scene->kit->theme->unit;
}

RowLayout row_chart_layout(const Scene *scene, const RowData *data, Rect area, bool compact)
{
    const Theme *theme = scene->kit->theme;
    float u = theme->unit;
    RowLayout l = {.title = area.y + 14 * u, .value_right = rect_right(area)};
    l.figures = area.y + (compact ? 35 : 48) * u;
    l.caption = area.y + (compact ? 51 : 66) * u;
    l.top = area.y + head_height(compact) * u;
    float widest = ceilf(axis_width(scene->keys, scene->kit, FACE_SANS, theme->body));
    l.label_w = compact ? fminf(widest, 72 * u) : 68 * u;
    l.label_w = fminf(l.label_w, 0.32f * area.w);
    l.label_right = area.x + l.label_w;
    l.axis = roundf(l.label_right + (compact ? 7 : 9) * u);
    l.bar_w = fmaxf(l.value_right - 46 * u - l.axis - 1, 0);
    l.bottom = rect_bottom(area);
    l.legend = data->masked_count > 0 && data->masked_count < data->n_k && compact &&
               l.bottom - l.top > PITCH_LEAST * u * 6;
    if (l.legend)
        l.bottom -= 28 * u;
    if (data->missing > 0)
        l.bottom -= 16 * u;
    float room = fmaxf(l.bottom - l.top, 0);
    l.pitch = clampf(floorf(room / fmaxf((float)data->n_k, 1)), PITCH_LEAST * u, PITCH_MOST * u);
    l.rows = (int)floorf(room / l.pitch + 0.01f);
    if (l.rows < data->n_k) {
        l.pitch = PITCH_LEAST * u;
        l.rows = (int)floorf(room / l.pitch + 0.01f);
    }
    l.bar_h = clampf(l.pitch - 6 * u, 10 * u, 14 * u);
    return l;
}

static TextStyle style_of(FontFace face, float size, Color color, TextAlign align)
{
    return (TextStyle){face, size, color, align, 0};
}

static void title(const Scene *scene, const RowData *data, const RowLayout *l, Rect area,
                  bool control, DrawList *out)
{
    const Theme *theme = scene->kit->theme;
    char text[96], full[AXIS_FULL];
    float u = theme->unit, right = rect_right(area) - (control ? 124 * u : 0);
    TextStyle bold = style_of(FACE_BOLD, theme->body, theme->text1, ALIGN_LEFT);
    float w = text_width(scene->kit, FACE_BOLD, theme->body, "Row");
    text_in(out, scene->kit, rect(area.x, l->title - 8 * u, fminf(w + 1, area.w), 16 * u), &bold,
            "Row");
    float x = area.x + w + 16 * u;
    Rect box = {x, l->title - 10 * u, right - x - 8 * u, 20 * u};
    if (box.w < 12 * u)
        return;
    InputForm form = scene_form(scene);
    if (data->row >= 0 && form != FORM_STRIP) {
        mark_token(out, scene->kit, box, ALIGN_LEFT,
                   scene_query_locked(scene, data->row) ? MARK_LOCKED : MARK_HOVER, theme->text1,
                   axis_full(scene->queries, data->row, full));
        return;
    }
    if (data->queries > 1)
        snprintf(text, sizeof text, "%d rows, %s", data->queries,
                 scene->focus.sum ? "sum" : "mean");
    else
        snprintf(text, sizeof text, "%s",
                 form == FORM_FEATURES                        ? "features, mean"
                 : form == FORM_STRIP                         ? "one for all"
                 : form == FORM_GATE && scene->queries->image ? "patches, mean"
                                                              : "all rows, mean");
    box.x -= 6 * u;
    box.w += 14 * u;
    text_label(out, scene->kit, box, text, theme->text3);
}

typedef struct {
    const char *number, *words;
    TextAlign align;
} Figure;

static void figure(const Scene *scene, float x, float w, const RowLayout *l, const Figure *f,
                   DrawList *out)
{
    const Theme *theme = scene->kit->theme;
    float u = theme->unit;
    TextStyle big = style_of(FACE_SANS, theme->figure, theme->text1, f->align);
    TextStyle small = style_of(FACE_SANS, theme->body, theme->text3, f->align);
    text_in(out, scene->kit, rect(x, l->figures - 12 * u, w, 24 * u), &big, f->number);
    text_in(out, scene->kit, rect(x, l->caption - 8 * u, w, 16 * u), &small, f->words);
}

static float figure_width(const Scene *scene, const Figure *f)
{
    const Theme *theme = scene->kit->theme;
    float number = text_width(scene->kit, FACE_SANS, theme->figure, f->number);
    return ceilf(fmaxf(number, text_width(scene->kit, FACE_SANS, theme->body, f->words))) + 1;
}

static void number_or_none(char out[TEXT_NUMBER], double value, int decimals)
{
    if (isfinite(value))
        text_fixed(out, value, decimals);
    else
        snprintf(out, TEXT_NUMBER, "—");
}

typedef struct {
    char bits[TEXT_NUMBER], keys[TEXT_NUMBER], top[TEXT_NUMBER], sum[TEXT_NUMBER];
} Figures;

static Figures figures_of(const RowData *data, bool compact)
{
    Figures f;
    number_or_none(f.bits, data->entropy, 2);
    number_or_none(f.keys, data->effective, compact || data->effective >= 1000 ? 1 : 2);
    text_weight(f.top, data->top);
    text_weight(f.sum, data->sum);
    if (data->undefined) {
        snprintf(f.top, sizeof f.top, "—");
        snprintf(f.sum, sizeof f.sum, "—");
    }
    return f;
}

/* The row of a gate is no distribution: no entropy, but how far it is open. */
static void mean_of_channels(const RowData *data, char *out, size_t cap)
{
    char mean[TEXT_NUMBER], count[TEXT_NUMBER];
    text_weight(mean, data->sum / data->n_k);
    text_count(count, data->n_k);
    snprintf(out, cap, "mean %s · %s %s", data->undefined ? "—" : mean, count,
             data->n_k == 1 ? "channel" : "channels");
}

static void draw_figures_gate(const Scene *scene, const RowData *data, const RowLayout *l,
                              Rect area, DrawList *out)
{
    char mean[TEXT_NUMBER], count[TEXT_NUMBER], of[80], sum[64];
    Figures f = figures_of(data, false);
    text_weight(mean, data->sum / data->n_k);
    text_count(count, data->n_k);
    snprintf(of, sizeof of, "mean of %s %s", count, data->n_k == 1 ? "channel" : "channels");
    snprintf(sum, sizeof sum, "max · sum %s", f.sum);
    Figure first = {data->undefined ? "—" : mean, of, ALIGN_LEFT}, last = {f.top, sum, ALIGN_RIGHT};
    float w = figure_width(scene, &last);
    figure(scene, area.x, fmaxf(area.w - w - 8 * scene->kit->theme->unit, 0), l, &first, out);
    figure(scene, rect_right(area) - w, w, l, &last, out);
}

/* Two lines of small text. */
static void draw_figures_small(const Scene *scene, const RowData *data, const RowLayout *l,
                               Rect area, DrawList *out)
{
    const Theme *theme = scene->kit->theme;
    char text[160];
    float u = theme->unit;
    Figures f = figures_of(data, true);
    TextStyle style = style_of(FACE_SANS, theme->body, theme->text2, ALIGN_LEFT);
    if (scene_form(scene) == FORM_GATE)
        mean_of_channels(data, text, sizeof text);
    else
        snprintf(text, sizeof text, "%s bits · %s keys", f.bits, f.keys);
    text_in(out, scene->kit, rect(area.x, l->figures - 8 * u, area.w, 16 * u), &style, text);
    snprintf(text, sizeof text, "max %s · sum %s", f.top, f.sum);
    text_in(out, scene->kit, rect(area.x, l->caption - 8 * u, area.w, 16 * u), &style, text);
}

/* Three columns, the last at the right edge and the middle one halfway between its neighbours. */
static void draw_figures(const Scene *scene, const RowData *data, const RowLayout *l, Rect area,
                         DrawList *out)
{
    char of[TEXT_NUMBER], keys[64], sum[64];
    float gap = 8 * scene->kit->theme->unit;
    Figures f = figures_of(data, false);
    text_count(of, data->keys);
    snprintf(keys, sizeof keys, "of %s keys", of);
    snprintf(sum, sizeof sum, "max · sum %s", f.sum);
    Figure first = {f.bits, "bits entropy", ALIGN_LEFT}, second = {f.keys, keys, ALIGN_LEFT};
    Figure third = {f.top, sum, ALIGN_RIGHT};
    float a = figure_width(scene, &first), b = figure_width(scene, &second);
    float c = figure_width(scene, &third);
    if (a + b + c + 2 * gap > area.w) { /* thousands of keys: the same in fewer letters */
        first.words = "entropy";
        a = figure_width(scene, &first);
    }
    if (a + b + c + 2 * gap > area.w) {
        snprintf(sum, sizeof sum, "max · Σ %s", f.sum);
        c = figure_width(scene, &third);
    }
    float middle = floorf(fmaxf((area.w - a - b - c) / 2, 0));
    figure(scene, area.x, a, l, &first, out);
    figure(scene, area.x + a + middle, b, l, &second, out);
    figure(scene, rect_right(area) - c, c, l, &third, out);
}

static void draw_bar(const Scene *scene, const RowData *data, const RowLayout *l, int at,
                     DrawList *out)
{
    const Theme *theme = scene->kit->theme;
    char text[TEXT_NUMBER];
    float u = theme->unit, middle = l->top + ((float)at + 0.5f) * l->pitch;
    int key = data->order[at];
    bool masked = data->masked[key] != 0, pointed = key == scene->focus.hover_key;
    double w = data->weights[key];
    MarkState state = pointed ? MARK_HOVER : key == scene->focus.key ? MARK_LOCKED : MARK_PLAIN;
    Rect label = {l->label_right - l->label_w, middle - 8 * u, l->label_w, 16 * u};
    mark_token(out, scene->kit, label, ALIGN_RIGHT, state,
               masked ? theme->text3 : axis_color(scene->keys, key, theme),
               axis_label(scene->keys, key));
    Rect bar = {l->axis + 1, middle - 0.5f * l->bar_h, 0, l->bar_h};
    if (masked) {
        bar.x += 1;
        bar.w = l->bar_w;
        draw_hatch(out, bar, theme->mask1, theme->mask2);
        return;
    }
    if (w > 0 && data->top > 0) {
        bar.w = fmaxf((float)(w / data->top) * l->bar_w, 1);
        draw_rect(out, bar, 0, scene_data_color(scene));
    }
    text_weight(text, w);
    TextStyle style =
        style_of(FACE_MONO, theme->body, pointed ? theme->text1 : theme->text2, ALIGN_RIGHT);
    text_in(out, scene->kit, rect(l->value_right - 46 * u, middle - 8 * u, 46 * u, 16 * u), &style,
            text);
}

/* What stands below the bars: the keys that did not fit, the mass that hidden keys lost, what the
 * hatch means. */
static void draw_foot(const Scene *scene, const RowData *data, const RowLayout *l, Rect area,
                      DrawList *out)
{
    const Theme *theme = scene->kit->theme;
    char text[128], number[TEXT_NUMBER], count[TEXT_NUMBER];
    float u = theme->unit, y = l->top + (float)data->shown * l->pitch;
    TextStyle style = style_of(FACE_SANS, theme->body, theme->text3, ALIGN_RIGHT);
    if (data->hidden > 0 && l->rows > 0) {
        text_count(count, data->hidden);
        text_weight(number, data->rest);
        snprintf(text, sizeof text, "%s more, together %s", count, number);
        text_in(out, scene->kit, rect(area.x, y, area.w, 16 * u), &style, text);
        y += 16 * u;
    }
    if (data->missing > 0) {
        text_weight(number, data->missing);
        text_label(out, scene->kit, rect(area.x, y, area.w - 48 * u, 16 * u), "hidden keys",
                   theme->text3);
        style.face = FACE_MONO;
        text_in(out, scene->kit, rect(l->value_right - 46 * u, y, 46 * u, 16 * u), &style, number);
        y += 16 * u;
    }
    if (l->legend) {
        bool only_causal = mask_only_causal(scene->result->mask);
        draw_hatch(out, rect(area.x, y + 10 * u, 12 * u, 12 * u), theme->mask1, theme->mask2);
        text_label(out, scene->kit, rect(area.x + 18 * u, y + 8 * u, area.w - 18 * u, 16 * u),
                   only_causal ? "masked (causal)" : "masked", theme->text2);
    }
}

void row_chart_draw(const Scene *scene, Rect area, bool sorted, bool compact, bool control,
                    DrawList *out)
{
    const Theme *theme = scene->kit->theme;
    float u = theme->unit;
    RowData data;
    draw_group(out, "row");
    if (area.w >= 40 * u && area.h >= 20 * u && row_data_init(&data, scene)) {
        RowLayout l = row_chart_layout(scene, &data, area, compact);
        row_data_order(&data, l.rows, sorted);
        title(scene, &data, &l, area, control, out);
        if (l.top <= rect_bottom(area))
            (compact                          ? draw_figures_small
             : scene_form(scene) == FORM_GATE ? draw_figures_gate
                                              : draw_figures)(scene, &data, &l, area, out);
        if (data.undefined) {
            text_label(out, scene->kit, rect(area.x, l.top, area.w, 16 * u),
                       data.keys == 0 ? "fully masked" : "not a number", theme->text2);
        } else if (data.shown > 0) {
            for (int i = 0; i < data.shown; i++)
                draw_bar(scene, &data, &l, i, out);
            draw_rect(out, rect(l.axis, l.top, 1, (float)data.shown * l.pitch), 0, theme->line3);
        }
        if (!data.undefined)
            draw_foot(scene, &data, &l, area, out);
        row_data_free(&data);
    }
    draw_ungroup(out);
}

Probe row_chart_probe(const Scene *scene, Rect area, bool sorted, bool compact, bool control,
                      Vec2 at)
{
    Probe probe = probe_none();
    RowData data;
    (void)control; /* it stands in the title line, where nothing is probed */
    if (!rect_has(area, at) || !row_data_init(&data, scene))
        return probe;
    RowLayout l = row_chart_layout(scene, &data, area, compact);
    row_data_order(&data, l.rows, sorted);
    int index = (int)floorf((at.y - l.top) / l.pitch);
    if (at.y >= l.top && index < data.shown && !data.undefined) {
        const char *label = axis_label(scene->keys, data.order[index]);
        float w = text_width(scene->kit, FACE_SANS, scene->kit->theme->body, label);
        probe.key = data.order[index];
        probe.query = data.row;
        probe.rect = rect(area.x, l.top + (float)index * l.pitch, area.w, l.pitch);
        probe.tip = w > l.label_w + 0.01f ? label : NULL;
    }
    row_data_free(&data);
    return probe;
}
