#include "view/heatmap_parts.h"

#include <math.h>

static bool in_view(const HeatmapLayout *l, Rect cell)
{
    Rect seen = rect_meet(cell, l->matrix);
    return seen.w > 0.5f && seen.h > 0.5f;
}

/* Sure: one stroke of 3. Possible: two edges of 1. Small cells get thinner ones. */
static void gold_frame(const Scene *scene, Rect cell, bool sure, DrawList *out)
{
    Color gold = scene->kit->theme->gold;
    float side = fminf(cell.w, cell.h);
    if (side < 4) {
        draw_rect(out, cell, 0, sure ? gold : color_alpha(gold, 0.5f));
    } else if (sure) {
        draw_frame(out, cell, 0, side >= 14 ? 3.0f : side >= 8 ? 2.0f : 1.0f, gold);
    } else {
        draw_frame(out, cell, 0, 1, gold);
        if (side >= 10)
            draw_frame(out, rect_inset(cell, 2.5f), 0, 1, gold);
    }
}

static void gold_links(const Scene *scene, const HeatmapLayout *l, const DocLink *links, int count,
                       bool sure, DrawList *out)
{
    for (int i = 0; i < count; i++) {
        if (links[i].query < 0 || links[i].query >= l->rows || links[i].key < 0 ||
            links[i].key >= l->cols)
            continue;
        Rect cell = heatmap_cell(l, links[i].query, links[i].key);
        if (in_view(l, cell))
            gold_frame(scene, cell, sure, out);
    }
}

void heatmap_draw_gold(const Scene *scene, const HeatmapLayout *l, DrawList *out)
{
    const DocSentence *s = scene->sentence;
    if (!scene->has_gold || !s || !scene_columns_are_keys(scene))
        return;
    draw_group(out, "heatmap-gold");
    gold_links(scene, l, s->possible, s->possible_count, false, out);
    gold_links(scene, l, s->sure, s->sure_count, true, out);
    draw_ungroup(out);
}

void heatmap_draw_gold_legend(const Scene *scene, const HeatmapLayout *l, DrawList *out)
{
    const Theme *theme = scene->kit->theme;
    const DocSentence *s = scene->sentence;
    float u = theme->unit, y = l->legend.y + 8 * u;
    if (l->legend.w <= 0 || !scene->has_gold || !s || l->legend.h < 48 * u)
        return;
    draw_group(out, "heatmap-gold-legend");
    for (int sure = 1; sure >= 0; sure--) {
        char count[TEXT_NUMBER];
        TextStyle style = {FACE_SANS, theme->body, theme->text2, ALIGN_LEFT, 0};
        gold_frame(scene, rect(l->legend.x, y - 7 * u, 20 * u, 14 * u), sure != 0, out);
        text_in(out, scene->kit, rect(l->legend.x + 30 * u, y - 8 * u, 90 * u, 16 * u), &style,
                sure ? "sure" : "possible");
        text_count(count, sure ? s->sure_count : s->possible_count);
        style = (TextStyle){FACE_MONO, theme->body, theme->text1, ALIGN_RIGHT, 0};
        text_in(out, scene->kit,
                rect(l->legend.x + 90 * u, y - 8 * u, l->legend.w - 90 * u, 16 * u), &style, count);
        y += 24 * u;
    }
    draw_ungroup(out);
}
