/* Layers: popups, lists, modals and floats are recorded into lists of their own and drawn after the
 * window; the layers of the last frame decide who gets this frame's pointer and keys.
 */
#include "ui/ui_internal.h"

#include "base/hash.h"

#include <math.h>
#include <string.h>

static bool captures(LayerKind kind)
{
    return kind == LAYER_POPUP || kind == LAYER_LIST || kind == LAYER_MODAL;
}

/* Drawing order: floats of the window first, then what was raised above them, each in order of
 * begin. */
static int layer_order(const UiLayer *layers, int count, int order[UI_LAYERS])
{
    int n = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < count; i++)
            if (layers[i].raised == (pass == 1))
                order[n++] = i;
    return n;
}

static int open_index(const Ui *ui, uint64_t id)
{
    for (int i = 0; i < ui->open_count; i++)
        if (ui->open[i].id == id)
            return i;
    return -1;
}

bool popup_is_open(const Ui *ui, uint64_t id)
{
    return open_index(ui, id) >= 0;
}

/* Closes it and whatever was opened after it. */
void popup_shut(Ui *ui, uint64_t id)
{
    int at = open_index(ui, id);
    if (at >= 0) {
        ui->open_count = at;
        ui->again = true;
    }
}

static bool is_ancestor(const Ui *ui, uint64_t id)
{
    for (int i = 0; i < ui->stack_depth && i < UI_DEPTH; i++)
        if (ui->stack[i] >= 0 && ui->layers[ui->stack[i]].id == id)
            return true;
    return false;
}

void popup_open(Ui *ui, uint64_t id, LayerKind kind)
{
    if (popup_is_open(ui, id))
        return;
    while (ui->open_count > 0 && !is_ancestor(ui, ui->open[ui->open_count - 1].id))
        ui->open_count--;
    if (ui->open_count < UI_LAYERS)
        ui->open[ui->open_count++] = (UiOpen){.id = id, .fresh = true, .kind = kind};
    ui->again = true;
}

static const UiLayer *was_layer(const Ui *ui, uint64_t id)
{
    for (int i = 0; i < ui->was_layer_count; i++)
        if (ui->was_layers[i].id == id)
            return &ui->was_layers[i];
    return NULL;
}

static void close_by_press(Ui *ui, const UiLayer *top)
{
    Input *in = &ui->in;
    bool press = in->pressed[MOUSE_LEFT] || in->pressed[MOUSE_MIDDLE] || in->pressed[MOUSE_RIGHT];
    if (top->kind == LAYER_MODAL || !press || rect_has(top->rect, ui->mouse))
        return;
    popup_shut(ui, top->id);
    memset(in->pressed, 0, sizeof in->pressed);
}

static void close_by_escape(Ui *ui, const UiLayer *top)
{
    if (top->kind == LAYER_MODAL || ui->in.key != KEY_ESCAPE || ui->in.mods != 0)
        return;
    if (ui->edit.id != 0 && ui->edit.value)
        return; /* Esc first takes back what is being typed */
    popup_shut(ui, top->id);
    ui->key_taken = true;
}

void layers_begin(Ui *ui)
{
    int order[UI_LAYERS];
    int n = layer_order(ui->was_layers, ui->was_layer_count, order);
    const UiLayer *keys = NULL, *pointer = NULL;
    for (int i = n - 1; i >= 0; i--) {
        const UiLayer *layer = &ui->was_layers[order[i]];
        if (captures(layer->kind) && keys == NULL)
            keys = layer;
        if (pointer == NULL && (captures(layer->kind) || rect_has(layer->rect, ui->mouse)))
            pointer = layer;
    }
    ui->key_layer = keys != NULL ? keys->id : 0;
    ui->pointer_layer = pointer != NULL ? pointer->id : 0;
    if (keys != NULL && popup_is_open(ui, keys->id)) {
        close_by_press(ui, keys);
        close_by_escape(ui, keys);
        if (ui->in.focus_lost && keys->kind == LAYER_LIST)
            popup_shut(ui, keys->id);
    }
}

/* Index of the layer that is open now, -1 = window. */
static int stack_top(const Ui *ui)
{
    int depth = ui->stack_depth < UI_DEPTH ? ui->stack_depth : UI_DEPTH;
    return depth > 0 ? ui->stack[depth - 1] : -1;
}

static UiLayer *current(Ui *ui)
{
    int at = stack_top(ui);
    return at >= 0 ? &ui->layers[at] : NULL;
}

uint64_t layer_now(const Ui *ui)
{
    int at = stack_top(ui);
    return at >= 0 ? ui->layers[at].id : 0;
}

uint64_t layer_key_root(const Ui *ui)
{
    int at = stack_top(ui);
    return at >= 0 ? ui->layers[at].key_root : 0;
}

int layer_clip_base(const Ui *ui)
{
    int at = stack_top(ui);
    return at >= 0 ? ui->layers[at].clip_base : 0;
}

DrawList *ui_list(Ui *ui)
{
    UiLayer *layer = current(ui);
    return layer != NULL ? &ui->lists[layer->list] : ui->window;
}

/* Past the fixed tables the content is drawn into the layer around it: wrong order, no crash. */
void layer_push(Ui *ui, uint64_t id, LayerKind kind, Rect r)
{
    UiLayer *around = current(ui);
    if (ui->layer_count >= UI_LAYERS || ui->stack_depth >= UI_DEPTH) {
        if (ui->stack_depth < UI_DEPTH)
            ui->stack[ui->stack_depth] = stack_top(ui);
        ui->stack_depth++;
        return;
    }
    const UiLayer *was = was_layer(ui, id);
    UiLayer layer = {.id = id, .kind = kind, .rect = r, .list = ui->layer_count};
    layer.key_root = captures(kind) ? id : around != NULL ? around->key_root : 0;
    layer.raised = captures(kind) || (around != NULL && around->raised);
    layer.since = was != NULL ? was->since : ui->in.time;
    layer.saved_focus = was != NULL ? was->saved_focus : ui->focus_begin;
    layer.saved_visible = was != NULL ? was->saved_visible : ui->visible_begin;
    layer.clip_base = ui->clip_depth < UI_DEPTH ? ui->clip_depth : UI_DEPTH;
    layer.scroll_was = ui->scroll;
    ui->scroll = 0;
    ui->layers[ui->layer_count] = layer;
    ui->stack[ui->stack_depth++] = ui->layer_count++;
}

void layer_pop(Ui *ui)
{
    if (ui->stack_depth == 0) {
        ui->unbalanced = true;
        return;
    }
    int at = stack_top(ui);
    bool shared =
        ui->stack_depth > UI_DEPTH || (ui->stack_depth > 1 && ui->stack[ui->stack_depth - 2] == at);
    if (at >= 0 && !shared) {
        while (ui->clip_depth > ui->layers[at].clip_base) {
            ui->unbalanced = true;
            ui_unclip(ui);
        }
        ui->scroll = ui->layers[at].scroll_was;
    }
    ui->stack_depth--;
}

void layer_dim(Ui *ui)
{
    float alpha = ui_theme(ui)->dark ? 0.5f : 0.28f;
    draw_rect(ui_list(ui), rect(0, 0, ui->size.x, ui->size.y), 0, color_alpha(COLOR_RGB(0), alpha));
}

/* Keyboard users find the first control of a popup focused; lists and modals choose for themselves.
 */
static void focus_first(Ui *ui, const UiLayer *layer)
{
    for (int i = 0; i < ui->now.hit_count; i++) {
        const UiHit *hit = &ui->now.hits[i];
        if (hit->key_root == layer->id && hit->enabled && (hit->flags & HIT_FOCUS) != 0) {
            ui->focus = hit->id;
            ui->focus_visible = ui->focus_by_tab = true;
            return;
        }
    }
}

static void layer_came(Ui *ui, const UiLayer *layer)
{
    const UiHit *hit = ui->focus != 0 ? ui_hit_find(&ui->now, ui->focus) : NULL;
    ui->again = true;
    if (layer->kind == LAYER_LIST || hit == NULL || hit->key_root == layer->id)
        return;
    ui->focus = 0;
    if (layer->kind == LAYER_POPUP && ui->in.key != KEY_NONE)
        focus_first(ui, layer);
}

static void layer_went(Ui *ui, const UiLayer *layer)
{
    ui->again = true;
    const UiHit *hit = ui->focus != 0 ? ui_hit_find(&ui->now, ui->focus) : NULL;
    if (layer->kind == LAYER_LIST || hit != NULL)
        return;
    ui->focus = layer->saved_focus;
    ui->focus_visible = layer->saved_visible;
    ui->focus_missing = 0;
}

void layers_end(Ui *ui)
{
    int kept = 0;
    for (int i = 0; i < ui->open_count; i++) {
        bool drawn = false;
        for (int k = 0; k < ui->layer_count; k++)
            drawn |= ui->layers[k].id == ui->open[i].id;
        if (!drawn && !ui->open[i].fresh)
            break; /* its owner is gone, and so are those opened from it */
        ui->open[kept] = ui->open[i];
        ui->open[kept++].fresh = false;
    }
    ui->open_count = kept;
    for (int i = ui->was_layer_count - 1; i >= 0; i--) {
        bool stays = false;
        for (int k = 0; k < ui->layer_count; k++)
            stays |= ui->layers[k].id == ui->was_layers[i].id;
        if (!stays && captures(ui->was_layers[i].kind))
            layer_went(ui, &ui->was_layers[i]);
    }
    for (int i = 0; i < ui->layer_count; i++)
        if (captures(ui->layers[i].kind) && was_layer(ui, ui->layers[i].id) == NULL)
            layer_came(ui, &ui->layers[i]);
    memcpy(ui->was_layers, ui->layers, sizeof ui->layers);
    ui->was_layer_count = ui->layer_count;
}

/* Overlay. */

static Color faded(Color c, float alpha)
{
    return color_alpha(c, (float)(c >> 24) / 255.0f * alpha);
}

/* Appends by growing the target with a dummy rectangle and writing the copied command over it: what
 * the command points to is copied into the target's arena, because the overlay dies with the next
 * frame. */
static void append(DrawList *to, const DrawCommand *command, float alpha)
{
    size_t at = to->count;
    DrawCommand copy = *command;
    Arena *arena = &to->arena;
    draw_rect(to, rect(0, 0, 1, 1), 0, COLOR_RGB(0));
    if (to->count != at + 1)
        return;
    if (copy.text != NULL && (copy.text = arena_text(arena, copy.text, copy.length)) == NULL)
        to->failed = true;
    if (copy.points != NULL) {
        Vec2 *points = arena_alloc(arena, (size_t)copy.corners, sizeof(Vec2));
        if (points != NULL)
            memcpy(points, command->points, (size_t)copy.corners * sizeof(Vec2));
        copy.points = points;
    }
    if (copy.ribbons.items != NULL && copy.ribbons.count > 0) {
        Ribbon *items = arena_alloc(arena, (size_t)copy.ribbons.count, sizeof(Ribbon));
        if (items != NULL)
            memcpy(items, command->ribbons.items, (size_t)copy.ribbons.count * sizeof(Ribbon));
        copy.ribbons.items = items;
    }
    if ((command->points != NULL && copy.points == NULL) || to->failed ||
        (command->ribbons.items != NULL && copy.ribbons.items == NULL)) {
        to->failed = true;
        to->count = at;
        return;
    }
    if (alpha < 1) {
        copy.color = faded(copy.color, alpha);
        copy.color2 = faded(copy.color2, alpha);
        copy.style.color = faded(copy.style.color, alpha);
        copy.opacity *= alpha;
    }
    to->items[at] = copy;
}

/* Popups fade in during 80 ms, easing out; never while a button is held. */
static float layer_alpha(Ui *ui, const UiLayer *layer)
{
    double t = (ui->in.time - layer->since) / 0.08;
    if (ui->reduced_motion || layer->kind == LAYER_FLOAT || t >= 1 || t < 0 ||
        ui->in.held[MOUSE_LEFT])
        return 1;
    ui_wake(ui, ui->in.time + 1.0 / 60);
    float rest = (float)(1 - t);
    return 1 - 0.7f * rest * rest;
}

void layers_append(Ui *ui)
{
    int order[UI_LAYERS];
    int n = layer_order(ui->layers, ui->layer_count, order);
    for (int i = 0; i < n; i++) {
        const UiLayer *layer = &ui->layers[order[i]];
        const DrawList *list = &ui->lists[layer->list];
        float alpha = layer_alpha(ui, layer);
        for (size_t k = 0; k < list->count; k++)
            append(ui->window, &list->items[k], alpha);
        ui->window->failed |= list->failed;
    }
    for (size_t k = 0; k < ui->tips.count; k++)
        append(ui->window, &ui->tips.items[k], 1);
}

/* The public layers. */

void ui_popup_open(Ui *ui, const char *full_id)
{
    popup_open(ui, hash_bytes(HASH_SEED, full_id, strlen(full_id)), LAYER_POPUP);
}

bool ui_popup_is_open(const Ui *ui, const char *full_id)
{
    return popup_is_open(ui, hash_bytes(HASH_SEED, full_id, strlen(full_id)));
}

Rect ui_popup_place(const Ui *ui, Rect anchor, float w, float h)
{
    float gap = 4 * ui_unit(ui), below = ui->size.y - rect_bottom(anchor) - 2 * gap;
    bool up = h > below && anchor.y - 2 * gap > below;
    float y = up ? anchor.y - gap - h : rect_bottom(anchor) + gap;
    return rect(clampf(anchor.x, gap, fmaxf(gap, ui->size.x - w - gap)), fmaxf(y, gap), w, h);
}

bool ui_popup_begin(Ui *ui, const char *name, Rect r)
{
    uint64_t id = ui_id(ui, name);
    if (!popup_is_open(ui, id))
        return false;
    layer_push(ui, id, LAYER_POPUP, r);
    ui_push(ui, name);
    paint_box(ui, r, 6 * ui_unit(ui), ui_theme(ui)->control, ui_theme(ui)->line3, 1);
    return true;
}

void ui_popup_end(Ui *ui)
{
    ui_pop(ui);
    layer_pop(ui);
}

void ui_popup_close(Ui *ui)
{
    const UiLayer *layer = current(ui);
    if (layer != NULL && popup_is_open(ui, layer->id))
        popup_shut(ui, layer->id);
    else if (ui->open_count > 0)
        popup_shut(ui, ui->open[ui->open_count - 1].id);
}

void ui_modal_begin(Ui *ui, const char *name, Rect r)
{
    layer_push(ui, ui_id(ui, name), LAYER_MODAL, r);
    ui_push(ui, name);
    layer_dim(ui);
    paint_box(ui, r, 6 * ui_unit(ui), ui_theme(ui)->control, ui_theme(ui)->line3, 1);
}

void ui_modal_end(Ui *ui)
{
    ui_pop(ui);
    layer_pop(ui);
}

void ui_float_begin(Ui *ui, const char *name, Rect r)
{
    layer_push(ui, ui_id(ui, name), LAYER_FLOAT, r);
    ui_push(ui, name);
}

void ui_float_end(Ui *ui)
{
    ui_pop(ui);
    layer_pop(ui);
}
