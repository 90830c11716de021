/* What a pane shows when it has no picture: why, and the way out. */
#include "app/state.h"

#include <math.h>

void missing_view(App *app, const Pane *pane, const char *why)
{
    const Theme *t = app->kit.theme;
    TextStyle style = {FACE_SANS, t->body, t->text2, ALIGN_CENTER, 0};
    Rect box = pane->body;
    text_in(ui_list(app->ui), &app->kit, rect(box.x, box.y + box.h / 2 - 32, box.w, 20), &style,
            why);
    if (ui_button(app->ui, "instead", "Open heatmap",
                  rect(box.x + box.w / 2 - 70, box.y + box.h / 2, 140, 28), false))
        app->settings.view = 1 + VIEW_HEATMAP;
}

void problem_pane(App *app, Rect r)
{
    const Theme *t = app->kit.theme;
    Settings *s = &app->settings;
    TextStyle title = {FACE_BOLD, t->body, t->text1, ALIGN_CENTER, 0};
    TextStyle style = {FACE_SANS, t->body, t->text2, ALIGN_CENTER, 0};
    float y = r.y + floorf(r.h / 2) - 40;
    Rect box = rect_inset(r, 16);
    draw_rect(ui_list(app->ui), r, 0, t->bg);
    text_in(ui_list(app->ui), &app->kit, rect(box.x, y, box.w, 20), &title,
            "Nothing to show for this head");
    text_in(ui_list(app->ui), &app->kit, rect(box.x, y + 24, box.w, 20), &style, app->problem);
    if (s->attn.score.kind != SCORE_AUTO &&
        ui_button(app->ui, "own score", "Use the head's own score",
                  rect(box.x + box.w / 2 - 100, y + 56, 200, 28), false))
        s->attn.score.kind = SCORE_AUTO;
}
