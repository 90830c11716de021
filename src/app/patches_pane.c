/* The pane that lies over a picture: where a patch looks, or what a gate lets through. */
#include "app/state.h"
#include "app/view_parts.h"

#include "base/mem.h"

static bool is_gate(const App *app)
{
    return app->scope.result && app->scope.result->form == FORM_GATE;
}

/* Thumb of a gate's strip: 0 the mean, 1 + c a channel. Pointing shows it, a click keeps it. */
static void gate_thumb(App *app, int thumb, bool clicked)
{
    if (clicked)
        app->settings.key = thumb == 0 ? FIELD_NOTHING : thumb - 1;
    if (thumb > 0 && app->settings.key < 0)
        app->hover.hover_key = thumb - 1;
}

static void gate_patch(App *app, const Pane *pane, Probe probe, const UiArea *area)
{
    Probe cell = {probe.query, pane->scene.focus.key, probe.rect, NULL};
    point_at(app, cell, true);
    if (area->clicked && (area->mods & MOD_SHIFT))
        click_at(app, (Probe){probe.query, -1, probe.rect, NULL}, area->mods);
    else if (area->clicked)
        app_select(app, probe.query, pane->scene.focus.key); /* the channel stays */
}

/* What was asked from stays when another patch is pointed at. */
static void plain_patch(App *app, const Pane *pane, Probe probe, const UiArea *area)
{
    ImageAxis axis = pane->scene.sentence->image.axis;
    int patch = probe.key >= 0 ? probe.key : probe.query;
    Focus at = scope_focus(&app->scope, &app->settings);
    Probe look = {axis == IMAGE_QUERIES ? patch : at.query,
                  axis == IMAGE_QUERIES ? app->settings.key : patch, probe.rect, NULL};
    bool token = axis == IMAGE_QUERIES && !scope_rows_are_queries(&app->scope);
    if (patch < 0)
        return;
    if (token) { /* it has a map of its own, but no row in this one */
        app->hover_token = patch;
        look.query = -1;
    }
    point_at(app, look, true);
    if (area->clicked && (area->mods & MOD_CTRL))
        click_at(app, look, area->mods);
    else if (area->clicked && axis != IMAGE_KEYS)
        app_select(app, patch, FIELD_NOTHING);
    else if (area->clicked)
        app_select(app, app->settings.query, patch);
}

void patches_pane(App *app, Pane *pane, const UiArea *area)
{
    Error err = {0};
    PatchesHead heads[VIEW_STRIP_MAX];
    float *rows = NULL;
    const DocSentence *s = pane->scene.sentence;
    bool gate = is_gate(app);
    if (!gate && app->settings.query < 0 &&
        s->image.present) { /* nothing asked yet: ask from the middle of the picture */
        Focus hover = pane->scene.focus;
        app->settings.query = view_middle_query(s);
        pane->scene.focus = scope_focus(&app->scope, &app->settings);
        pane->scene.focus.hover_query = hover.hover_query;
        pane->scene.focus.hover_key = hover.hover_key;
    }
    if (!patches_can_show(&pane->scene, pane->scene.stage))
        pane->scene.stage = STAGE_WEIGHTS;
    int count = gate ? 0 : view_strip(&app->scope, &app->settings, heads, &rows);
    pane->patches_layout = patches_layout(&pane->scene, pane->body, count > 1);
    if (area->hovered) {
        int thumb = -1;
        Probe probe = patches_probe(&pane->scene, &pane->patches_layout, area->at, &thumb);
        if (thumb >= 0 && gate)
            gate_thumb(app, thumb, area->clicked);
        else if (thumb >= 0 && area->clicked)
            app->settings.head = thumb;
        else if (gate && probe.query >= 0)
            gate_patch(app, pane, probe, area);
        else if (thumb < 0)
            plain_patch(app, pane, probe, area);
    }
    if (patches_update(pane->patches, &pane->scene, &pane->patches_layout, heads, count, &err))
        patches_draw(pane->patches, &pane->scene, &pane->patches_layout, ui_list(app->ui));
    mem_free(rows);
}
