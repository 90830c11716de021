/* The frame: input in, ids, scopes, focus; output and overlay at the end.
 */
#include "ui/ui_internal.h"

#include "base/hash.h"
#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

Ui *ui_new(void)
{
    Ui *ui = mem_zero(1, sizeof(Ui));
    if (ui == NULL)
        return NULL;
    for (int i = 0; i < UI_LAYERS; i++)
        draw_list_init(&ui->lists[i]);
    draw_list_init(&ui->tips);
    ui->tip.hidden_at = -1e9;
    ui->wheel_time = -1e9;
    return ui;
}

void ui_free(Ui *ui)
{
    if (ui == NULL)
        return;
    for (int i = 0; i < UI_LAYERS; i++)
        draw_list_free(&ui->lists[i]);
    draw_list_free(&ui->tips);
    ui_table_free(&ui->now);
    ui_table_free(&ui->was);
    mem_free(ui->states);
    mem_free(ui->out.clipboard);
    mem_free(ui);
}

static void begin_scopes(Ui *ui)
{
    ui->path[0] = '\0';
    ui->path_depth = ui->clip_depth = ui->disable_depth = ui->scroll_depth = ui->stack_depth = 0;
    ui->scroll = 0;
    ui->layer_count = 0;
    ui->unbalanced = false;
    ui->again = false;
    ui->key_taken = false;
    ui->now.item_count = ui->now.hit_count = 0;
    ui->keep_tab_was = ui->keep_tab;
    ui->keep_tab = false;
    ui->tip.want = 0;
    for (int i = 0; i < UI_LAYERS; i++)
        draw_list_reset(&ui->lists[i]);
    draw_list_reset(&ui->tips);
}

static bool any_press(const Input *in)
{
    return in->pressed[MOUSE_LEFT] || in->pressed[MOUSE_MIDDLE] || in->pressed[MOUSE_RIGHT];
}

static void begin_pointer(Ui *ui)
{
    const Input *in = &ui->in;
    if (in->focus_lost || (ui->active != 0 && !in->held[MOUSE_LEFT] && !in->released[MOUSE_LEFT]))
        ui->active = 0;
    ui->hot = ui_hit_test(ui, &ui->was, ui->mouse);
    if (ui->edit.id != 0 && ui->focus != ui->edit.id)
        ui->edit.end = END_COMMIT;
    if (!any_press(in))
        return;
    ui->pressed_at = ui->mouse;
    ui->focus_visible = ui->focus_by_tab = false;
    ui->tab_from = ui->hot;
    /* Only text keeps the keyboard after a press: elsewhere it goes back to the view. */
    bool inside = ui->edit.id != 0 && ui->hot == ui->edit.area;
    if (ui->edit.id != 0 && !inside)
        ui->edit.end = END_COMMIT;
    const UiHit *hit = ui->focus == ui->hot ? ui_hit_find(&ui->was, ui->hot) : NULL;
    if (!inside && (hit == NULL || (hit->flags & HIT_TEXT) == 0))
        ui->focus = 0;
}

/* Esc gives the keyboard back before a command hears it: a ring that stayed behind would still take
 * Enter while the arrows already move the view. */
static void begin_escape(Ui *ui)
{
    if (ui->in.key != KEY_ESCAPE || ui->in.mods != 0 || ui->key_taken || ui->focus == 0 ||
        !ui->focus_visible || ui->key_layer != 0 || ui->edit.id != 0)
        return;
    ui->focus = 0;
    ui->focus_visible = ui->focus_by_tab = false;
    ui->key_taken = ui->again = true;
}

static void begin_keys(Ui *ui)
{
    const Input *in = &ui->in;
    begin_escape(ui);
    if (in->key == KEY_TAB && (in->mods & (MOD_CTRL | MOD_ALT)) == 0 && !ui->keep_tab_was &&
        !ui->key_taken)
        tab_walk(ui);
    if (in->key >= KEY_LEFT && in->key <= KEY_DOWN && ui->focus != 0 && ui->edit.id == 0)
        ui->focus_visible = true;
}

void ui_begin(Ui *ui, const Input *input, const TextKit *kit, float scale, DrawList *list,
              bool reduced_motion)
{
    ui->in = *input;
    ui->kit = kit;
    ui->scale = isfinite(scale) && scale > 0.01f ? scale : 1.0f;
    ui->window = list;
    ui->reduced_motion = reduced_motion;
    ui->size = vec2((float)input->pixel_w / ui->scale, (float)input->pixel_h / ui->scale);
    ui->mouse_was =
        ui->began ? ui->mouse : vec2(input->mouse.x / ui->scale, input->mouse.y / ui->scale);
    ui->mouse = vec2(input->mouse.x / ui->scale, input->mouse.y / ui->scale);
    if (!isfinite(ui->mouse.x) || !isfinite(ui->mouse.y))
        ui->mouse = vec2(-1e6f, -1e6f);
    ui->began = true;
    mem_free(ui->out.clipboard);
    ui->out = (UiOutput){0};
    ui->edit.seen = false;
    ui->focus_begin = ui->focus;
    ui->visible_begin = ui->focus_visible;
    begin_scopes(ui);
    layers_begin(ui);
    begin_pointer(ui);
    begin_keys(ui);
    ui_wheel_begin(ui);
}

static void end_scopes(Ui *ui)
{
    ui->unbalanced |= ui->path_depth != 0 || ui->clip_depth != 0 || ui->disable_depth != 0 ||
                      ui->scroll_depth != 0 || ui->stack_depth != 0;
    while (ui->stack_depth > 0)
        layer_pop(ui);
    while (ui->clip_depth > 0)
        ui_unclip(ui);
    ui->disable_depth = ui->path_depth = ui->scroll_depth = 0;
    ui->scroll = 0;
}

/* Esc on a focused control of the window gives the keyboard back to the view. */
static void end_escape(Ui *ui)
{
    if (ui->in.key != KEY_ESCAPE || ui->key_taken || ui->focus == 0 || ui->key_layer != 0)
        return;
    const UiHit *hit = ui_hit_find(&ui->now, ui->focus);
    if (hit != NULL && hit->item >= 0 && ui->now.items[hit->item].role == ROLE_CANVAS &&
        !ui->focus_visible)
        return;
    ui->focus = 0;
    ui->focus_visible = ui->focus_by_tab = false;
    ui->key_taken = true;
    ui->again = true;
}

static void end_focus(Ui *ui)
{
    if (ui->in.released[MOUSE_LEFT])
        ui->active = 0;
    if (ui->active != 0 && ui_hit_find(&ui->now, ui->active) == NULL)
        ui->active = 0;
    if (ui->edit.id != 0 && (!ui->edit.seen || ui->edit.end != END_NONE))
        ui->edit.id = 0;
    ui->late_id = 0;
    const UiHit *hit = ui->focus != 0 ? ui_hit_find(&ui->now, ui->focus) : NULL;
    ui->focus_missing = hit != NULL || ui->focus == 0 ? 0 : ui->focus_missing + 1;
    /* A layer that was opened this frame draws its focused field only in the next one. */
    if (ui->focus_missing >= 2 || (hit != NULL && !hit->enabled)) {
        ui->focus = 0;
        ui->focus_missing = 0;
        ui->type_request = 0;
    }
    end_escape(ui);
}

static bool quiet(const Input *in)
{
    return !any_press(in) && !in->released[MOUSE_LEFT] && in->key == KEY_NONE && in->text == NULL &&
           in->wheel.y == 0 && in->preedit == NULL;
}

const UiOutput *ui_end(Ui *ui)
{
    end_scopes(ui);
    end_focus(ui);
    layers_end(ui);
    tip_end(ui);
    layers_append(ui);

    UiTable finished = ui->now;
    ui->now = ui->was;
    ui->was = finished;
    /* What moved under the pointer must be drawn as hovered: one more frame, but never without end.
     */
    if (ui->active == 0 && ui_hit_test(ui, &ui->was, ui->mouse) != ui->hot)
        ui->again = true;
    bool still = quiet(&ui->in) && ui->mouse.x == ui->mouse_was.x && ui->mouse.y == ui->mouse_was.y;
    ui->again_count = ui->again ? (still ? ui->again_count + 1 : 1) : 0;
    if (ui->again && ui->again_count <= 3)
        ui->out.wake = ui->in.time;
    /* Strings of the input are lent for the frame only. */
    ui->in.text = ui->in.preedit = ui->in.clipboard = NULL;
    ui->in.drops = NULL;
    ui->in.drop_count = 0;
    return &ui->out;
}

bool ui_balanced(const Ui *ui)
{
    return !ui->unbalanced;
}

Vec2 ui_mouse(const Ui *ui)
{
    return ui->mouse;
}

Vec2 ui_size(const Ui *ui)
{
    return ui->size;
}

const Input *ui_input(const Ui *ui)
{
    return &ui->in;
}

const TextKit *ui_kit(const Ui *ui)
{
    return ui->kit;
}

void ui_cursor(Ui *ui, UiCursor cursor)
{
    ui->out.cursor = cursor;
}

void ui_wake(Ui *ui, double time)
{
    if (ui->out.wake == 0 || time < ui->out.wake)
        ui->out.wake = time;
}

/* Ids. The hash goes on past the depth and length that the text can show, so ids stay distinct. */

static uint64_t path_hash(const Ui *ui)
{
    int depth = ui->path_depth < UI_DEPTH ? ui->path_depth : UI_DEPTH;
    return depth == 0 ? HASH_SEED : ui->path_hash[depth - 1];
}

uint64_t ui_id(const Ui *ui, const char *name)
{
    uint64_t hash = path_hash(ui);
    if (ui->path_depth > 0)
        hash = hash_bytes(hash, "/", 1);
    return hash_bytes(hash, name, strlen(name));
}

void ui_push(Ui *ui, const char *name)
{
    if (ui->path_depth < UI_DEPTH) {
        size_t length = strlen(ui->path);
        ui->path_hash[ui->path_depth] = ui_id(ui, name);
        ui->path_length[ui->path_depth] = length;
        snprintf(ui->path + length, sizeof ui->path - length, "%s%s", length > 0 ? "/" : "", name);
    }
    ui->path_depth++;
}

void ui_pop(Ui *ui)
{
    if (ui->path_depth == 0) {
        ui->unbalanced = true;
        return;
    }
    ui->path_depth--;
    if (ui->path_depth < UI_DEPTH)
        ui->path[ui->path_length[ui->path_depth]] = '\0';
}

/* Clips. */

Rect ui_clip_now(const Ui *ui)
{
    int base = layer_clip_base(ui);
    int depth = ui->clip_depth < UI_DEPTH ? ui->clip_depth : UI_DEPTH;
    return depth > base ? ui->clips[depth - 1] : rect(0, 0, ui->size.x, ui->size.y);
}

void ui_clip(Ui *ui, Rect r)
{
    Rect inner = rect_meet(ui_clip_now(ui), r);
    if (ui->clip_depth < UI_DEPTH)
        ui->clips[ui->clip_depth] = inner;
    ui->clip_depth++;
    draw_clip(ui_list(ui), ui_snap(ui, r));
}

void ui_unclip(Ui *ui)
{
    if (ui->clip_depth == 0) {
        ui->unbalanced = true;
        return;
    }
    ui->clip_depth--;
    draw_unclip(ui_list(ui));
}

/* Disabled scopes. */

void ui_disable(Ui *ui, const char *reason)
{
    if (ui->disable_depth < UI_DEPTH) {
        int at = ui->disable_depth;
        ui->disabled[at] = reason != NULL;
        snprintf(ui->reasons[at], sizeof ui->reasons[at], "%s", reason != NULL ? reason : "");
    }
    ui->disable_depth++;
}

void ui_enable(Ui *ui)
{
    if (ui->disable_depth == 0)
        ui->unbalanced = true;
    else
        ui->disable_depth--;
}

const char *ui_reason(const Ui *ui)
{
    int depth = ui->disable_depth < UI_DEPTH ? ui->disable_depth : UI_DEPTH;
    for (int i = depth - 1; i >= 0; i--)
        if (ui->disabled[i])
            return ui->reasons[i];
    return NULL;
}
