#include "draw/icons.h"

#include <math.h>

#define STROKE    1.4f /* grid units */
#define ARC_STEPS 12   /* chords of a half circle: smooth up to 48 pixels */
#define PATH_MOST 48

/* A path on the 16 grid, collected and then drawn as one stroke so that its joints are painted
 * once. */
typedef struct {
    DrawList *list;
    Vec2 origin;
    float unit;
    Color color;
    Vec2 points[PATH_MOST];
    int count;
} Pen;

static void pen_to(Pen *pen, float x, float y)
{
    if (pen->count < PATH_MOST)
        pen->points[pen->count++] =
            vec2(pen->origin.x + x * pen->unit, pen->origin.y + y * pen->unit);
}

/* Half a circle (or less) from angle a to b, degrees, 0 = right, 90 = down. */
static void pen_arc(Pen *pen, float cx, float cy, float radius, float a, float b)
{
    for (int i = 0; i <= ARC_STEPS; i++) {
        float turn = (a + (b - a) * (float)i / ARC_STEPS) * 3.14159265f / 180.0f;
        pen_to(pen, cx + radius * cosf(turn), cy + radius * sinf(turn));
    }
}

static void pen_draw(Pen *pen)
{
    draw_stroke(pen->list, pen->points, pen->count, STROKE * pen->unit, pen->color);
    pen->count = 0;
}

static void pen_path(Pen *pen, const float (*xy)[2], int count)
{
    for (int i = 0; i < count; i++)
        pen_to(pen, xy[i][0], xy[i][1]);
    pen_draw(pen);
}

static Vec2 pen_at(const Pen *pen, float x, float y)
{
    return vec2(pen->origin.x + x * pen->unit, pen->origin.y + y * pen->unit);
}

static void pen_dot(Pen *pen, float x, float y, float radius)
{
    draw_circle(pen->list, pen_at(pen, x, y), radius * pen->unit, pen->color);
}

#define PATH(pen, ...)                                                                             \
    do {                                                                                           \
        static const float xy_[][2] = {__VA_ARGS__};                                               \
        pen_path(pen, xy_, (int)(sizeof xy_ / sizeof xy_[0]));                                     \
    } while (0)

/* A window with its side panel: filled when it is open, only divided off when it is folded. */
static void icon_fold(Pen *pen, bool right, bool open)
{
    float u = pen->unit, x = right ? 10.0f : 2.0f;
    Vec2 corner = pen_at(pen, 1, 2), band = pen_at(pen, x, 3);
    if (open)
        draw_rect(pen->list, rect(band.x, band.y, 4 * u, 10 * u), 0,
                  color_alpha(pen->color, 0.75f));
    else
        draw_rect(pen->list, rect(band.x + (right ? 0 : 3 * u), band.y, u, 10 * u), 0, pen->color);
    draw_frame(pen->list, rect(corner.x, corner.y, 14 * u, 12 * u), 1.5f * u, STROKE * u,
               pen->color);
}

static void icon_turn(Pen *pen, bool redo)
{
    if (redo) {
        PATH(pen, {10.5f, 3.25f}, {13.75f, 6.5f}, {10.5f, 9.75f});
        pen_to(pen, 13.5f, 6.5f);
        pen_arc(pen, 6.0f, 10, 3.5f, 270, 90);
        pen_to(pen, 9, 13.5f);
    } else {
        PATH(pen, {5.5f, 3.25f}, {2.25f, 6.5f}, {5.5f, 9.75f});
        pen_to(pen, 2.5f, 6.5f);
        pen_arc(pen, 10, 10, 3.5f, -90, 90);
        pen_to(pen, 7, 13.5f);
    }
    pen_draw(pen);
}

static void icon_export(Pen *pen)
{
    /* Half a unit left of the middle: stem and tray then fall on whole pixels at scale 1. */
    PATH(pen, {1.5f, 9.5f}, {1.5f, 13.5f}, {13.5f, 13.5f}, {13.5f, 9.5f});
    PATH(pen, {7.5f, 10.25f}, {7.5f, 2.25f});
    PATH(pen, {4.25f, 5.25f}, {7.5f, 2}, {10.75f, 5.25f});
}

static void icon_search(Pen *pen)
{
    draw_ring(pen->list, pen_at(pen, 6.75f, 6.75f), 4.95f * pen->unit, STROKE * pen->unit,
              pen->color);
    PATH(pen, {10, 10}, {13.75f, 13.75f});
}

static void icon_file(Pen *pen)
{
    PATH(pen, {9, 2.25f}, {3.5f, 2.25f}, {3.5f, 13.75f}, {12.5f, 13.75f}, {12.5f, 5.75f},
         {9, 2.25f}, {9, 5.75f}, {12.5f, 5.75f});
}

/* A sheet before another, of which only the edges show. */
static void icon_copy(Pen *pen)
{
    Vec2 sheet = pen_at(pen, 5.5f, 5.5f);
    draw_frame(pen->list, rect(sheet.x, sheet.y, 8.5f * pen->unit, 8.5f * pen->unit),
               1.5f * pen->unit, STROKE * pen->unit, pen->color);
    PATH(pen, {3.25f, 10.25f}, {2.25f, 10.25f}, {2.25f, 2.25f}, {10.25f, 2.25f}, {10.25f, 3.25f});
}

static void icon_warning(Pen *pen)
{
    PATH(pen, {7.5f, 2.25f}, {14, 13.5f}, {1, 13.5f}, {7.5f, 2.25f});
    PATH(pen, {7.5f, 6.5f}, {7.5f, 9.25f});
    pen_dot(pen, 7.5f, 11.5f, 0.85f);
}

static void icon_lock(Pen *pen)
{
    Vec2 body = pen_at(pen, 3, 7);
    draw_frame(pen->list, rect(body.x, body.y, 10 * pen->unit, 7.25f * pen->unit),
               1.75f * pen->unit, STROKE * pen->unit, pen->color);
    pen_to(pen, 5.25f, 7.5f);
    pen_arc(pen, 8, 4.75f, 2.75f, 180, 360);
    pen_to(pen, 10.75f, 7.5f);
    pen_draw(pen);
    pen_dot(pen, 8, 10.6f, 1.1f);
}

static void icon_dash(Pen *pen)
{
    Vec2 at = pen_at(pen, 4, 7);
    draw_rect(pen->list, rect(at.x, at.y, 8 * pen->unit, 2 * pen->unit), pen->unit, pen->color);
}

static void icon_dots(Pen *pen)
{
    for (int i = 0; i < 3; i++)
        pen_dot(pen, 3.25f + 4.75f * (float)i, 8, 1.15f);
}

/* Signs of one or two strokes. */
static void icon_sign(Pen *pen, Icon icon)
{
    if (icon == ICON_CHEVRON_DOWN)
        PATH(pen, {4.75f, 6.5f}, {8, 9.75f}, {11.25f, 6.5f});
    if (icon == ICON_CHEVRON_RIGHT)
        PATH(pen, {6.5f, 4.75f}, {9.75f, 8}, {6.5f, 11.25f});
    if (icon == ICON_CHEVRON_LEFT)
        PATH(pen, {9.5f, 4.75f}, {6.25f, 8}, {9.5f, 11.25f});
    if (icon == ICON_CHECK)
        PATH(pen, {3.5f, 8.5f}, {6.5f, 11.5f}, {12.5f, 4.75f});
    if (icon == ICON_X) {
        PATH(pen, {4.25f, 4.25f}, {11.75f, 11.75f});
        PATH(pen, {11.75f, 4.25f}, {4.25f, 11.75f});
    }
    if (icon == ICON_ARROW_LEFT) {
        PATH(pen, {13.25f, 8}, {3, 8});
        PATH(pen, {7, 3.75f}, {2.75f, 8}, {7, 12.25f});
    }
}

static void icon_folder(Pen *pen)
{
    PATH(pen, {2.25f, 3.5f}, {6.25f, 3.5f}, {7.75f, 5.5f}, {13.75f, 5.5f}, {13.75f, 12.75f},
         {2.25f, 12.75f}, {2.25f, 3.5f});
}

static void icon_pen(Pen *pen, Icon icon)
{
    switch (icon) {
    case ICON_NONE:
        return;
    case ICON_FOLD_LEFT:
    case ICON_FOLD_LEFT_OPEN:
        icon_fold(pen, false, icon == ICON_FOLD_LEFT_OPEN);
        return;
    case ICON_FOLD_RIGHT:
    case ICON_FOLD_RIGHT_OPEN:
        icon_fold(pen, true, icon == ICON_FOLD_RIGHT_OPEN);
        return;
    case ICON_UNDO:
    case ICON_REDO:
        icon_turn(pen, icon == ICON_REDO);
        return;
    case ICON_EXPORT:
        icon_export(pen);
        return;
    case ICON_SEARCH:
        icon_search(pen);
        return;
    case ICON_CHEVRON_DOWN:
    case ICON_CHEVRON_RIGHT:
    case ICON_CHEVRON_LEFT:
    case ICON_X:
    case ICON_CHECK:
    case ICON_ARROW_LEFT:
        icon_sign(pen, icon);
        return;
    case ICON_DASH:
        icon_dash(pen);
        return;
    case ICON_DOTS:
        icon_dots(pen);
        return;
    case ICON_FOLDER:
        icon_folder(pen);
        return;
    case ICON_FILE:
        icon_file(pen);
        return;
    case ICON_COPY:
        icon_copy(pen);
        return;
    case ICON_WARNING:
        icon_warning(pen);
        return;
    case ICON_LOCK:
        icon_lock(pen);
        return;
    }
}

void icon_draw(DrawList *list, Icon icon, Rect box, float size, Color color)
{
    Pen pen = {.list = list,
               .origin = {box.x + 0.5f * (box.w - size), box.y + 0.5f * (box.h - size)},
               .unit = size / 16.0f,
               .color = color};
    icon_pen(&pen, icon);
}
