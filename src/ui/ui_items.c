/* The registry of a frame's controls: what scripts and tests find by name, what the pointer hits,
 * where Tab goes; and the behaviour that every control shares.
 */
#include "ui/ui_internal.h"

#include "base/hash.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <math.h>
#include <string.h>

const char *const UI_ROLE_NAMES[] = {
    "button", "checkbox", "toggle", "slider", "segment", "dropdown", "option", "text",
    "tab",    "section",  "row",    "canvas", "notice",  "scroll",   "label",  NULL};

void ui_table_free(UiTable *table)
{
    mem_free(table->items);
    mem_free(table->hits);
    *table = (UiTable){0};
}

static void copy_text(char *out, size_t cap, const char *text)
{
    size_t length = text != NULL ? strlen(text) : 0;
    length = text != NULL ? utf8_cut(text, length, cap - 1) : 0;
    if (length > 0)
        memcpy(out, text, length);
    out[length] = '\0';
}

static UiItem *item_add(UiTable *table)
{
    if (table->item_count == table->item_cap) {
        int cap = table->item_cap > 0 ? table->item_cap * 2 : 128;
        UiItem *items = mem_resize(table->items, (size_t)cap, sizeof *items);
        if (items == NULL)
            return NULL;
        table->items = items;
        table->item_cap = cap;
    }
    UiItem *item = &table->items[table->item_count++];
    memset(item, 0, sizeof *item);
    return item;
}

UiHit *ui_hit_add(Ui *ui, uint64_t id, Rect r, unsigned flags)
{
    UiTable *table = &ui->now;
    if (table->hit_count == table->hit_cap) {
        int cap = table->hit_cap > 0 ? table->hit_cap * 2 : 128;
        UiHit *hits = mem_resize(table->hits, (size_t)cap, sizeof *hits);
        if (hits == NULL)
            return NULL;
        table->hits = hits;
        table->hit_cap = cap;
    }
    UiHit *hit = &table->hits[table->hit_count++];
    *hit = (UiHit){.id = id,
                   .layer = layer_now(ui),
                   .key_root = layer_key_root(ui),
                   .scroll = ui->scroll,
                   .rect = r,
                   .hit = rect_meet(r, ui_clip_now(ui)),
                   .flags = flags,
                   .item = -1,
                   .enabled = ui_reason(ui) == NULL};
    return hit;
}

const UiHit *ui_hit_find(const UiTable *table, uint64_t id)
{
    for (int i = 0; i < table->hit_count; i++)
        if (table->hits[i].id == id)
            return &table->hits[i];
    return NULL;
}

uint64_t ui_hit_test(const Ui *ui, const UiTable *table, Vec2 at)
{
    for (int i = table->hit_count - 1; i >= 0; i--) {
        const UiHit *hit = &table->hits[i];
        if ((hit->flags & HIT_POINTER) != 0 && hit->layer == ui->pointer_layer &&
            rect_has(hit->hit, at))
            return hit->id;
    }
    return 0;
}

/* Registers the control in both tables. */
static UiHit *control_add(Ui *ui, const UiControl *c, uint64_t id)
{
    UiHit *hit = ui_hit_add(ui, id, c->r, c->flags);
    if (hit == NULL || (c->flags & HIT_SILENT) != 0)
        return hit;
    UiItem *item = item_add(&ui->now);
    if (item == NULL)
        return hit;
    hit->item = ui->now.item_count - 1;
    char full[UI_PATH + 2];
    size_t length = strlen(ui->path);
    memcpy(full, ui->path, length);
    if (length > 0)
        full[length++] = '/';
    copy_text(full + length, sizeof full - length, c->name);
    copy_text(item->id, sizeof item->id, full);
    copy_text(item->label, sizeof item->label, c->label != NULL ? c->label : c->name);
    copy_text(item->value, sizeof item->value, c->value);
    item->role = c->role;
    item->rect = c->r;
    item->visible = hit->hit.w > 0 && hit->hit.h > 0;
    item->enabled = hit->enabled;
    item->checked = (c->flags & HIT_CHECKED) != 0;
    item->focused = ui->focus == id;
    for (size_t i = 0; ui->stack_depth > 0 && i < (size_t)ui->layer_count; i++)
        item->layer = ui->layers[i].id == hit->layer ? (int)i + 1 : item->layer;
    return hit;
}

bool ui_key_is_mine(const Ui *ui, uint64_t id)
{
    return ui->in.key != KEY_NONE && !ui->key_taken && ui->focus == id && id != 0 &&
           layer_key_root(ui) == ui->key_layer;
}

int ui_take(Ui *ui, const UiHold *hold)
{
    bool plain = (ui->in.mods & (MOD_CTRL | MOD_ALT)) == 0;
    return hold->enabled && plain && ui_key_is_mine(ui, hold->id) ? ui->in.key : KEY_NONE;
}

static void control_pointer(Ui *ui, const UiControl *c, UiHold *h)
{
    const Input *in = &ui->in;
    bool over = ui->hot == h->id && (c->flags & HIT_POINTER) != 0;
    if (!h->enabled) {
        if (over)
            tip_offer(ui, c->r, ui_reason(ui), true);
        if (ui->active == h->id)
            ui->active = 0;
        return;
    }
    h->hovered = over && (ui->active == 0 || ui->active == h->id);
    if (in->pressed[MOUSE_LEFT] && over && ui->active == 0) {
        ui->active = h->id;
        h->pressed = true;
        h->twice = in->clicks == 2;
        ui->grab = vec2(0, 0);
        ui->grab_frozen = false;
        if ((c->flags & HIT_TEXT) != 0)
            ui->focus = h->id;
    }
    h->held = ui->active == h->id;
    if (h->held && in->released[MOUSE_LEFT]) {
        h->clicked = over;
        ui->again = true; /* what the click changed may stand above in the frame */
        h->held = false;
    }
}

UiHold ui_control(Ui *ui, const UiControl *c)
{
    UiHold h = {.id = ui_id(ui, c->name), .r = c->r};
    control_add(ui, c, h.id);
    h.enabled = ui_reason(ui) == NULL;
    control_pointer(ui, c, &h);
    h.focused = ui->focus == h.id && h.enabled;
    h.ring = h.focused && ui->focus_visible;
    int key = (c->flags & HIT_PRESSES) != 0 ? ui_take(ui, &h) : KEY_NONE;
    if (key == ' ' || key == KEY_ENTER) {
        h.clicked |= !ui->in.key_repeat;
        ui->key_taken = ui->again = true;
        ui->focus_visible = true;
        h.ring = true;
    }
    return h;
}

UiHit *ui_hit_mine(Ui *ui, uint64_t id)
{
    for (int i = ui->now.hit_count - 1; i >= 0; i--)
        if (ui->now.hits[i].id == id)
            return &ui->now.hits[i];
    return NULL;
}

void ui_item_value(Ui *ui, uint64_t id, const char *value)
{
    const UiHit *hit = ui_hit_mine(ui, id);
    if (hit != NULL && hit->item >= 0)
        copy_text(ui->now.items[hit->item].value, sizeof ui->now.items[hit->item].value, value);
}

/* Tab order: the order of drawing, of the last frame, inside the layer that has the keys. */

static bool tab_stop(const Ui *ui, const UiHit *hit)
{
    bool seen = hit->hit.w > 0 && hit->hit.h > 0;
    return (hit->flags & HIT_FOCUS) != 0 && hit->enabled && hit->key_root == ui->key_layer &&
           (seen || hit->scroll != 0);
}

static int tab_from(const Ui *ui)
{
    uint64_t from = ui->focus != 0 ? ui->focus : ui->tab_from;
    for (int i = 0; from != 0 && i < ui->was.hit_count; i++)
        if (ui->was.hits[i].id == from)
            return i;
    return -1;
}

void tab_walk(Ui *ui)
{
    int n = ui->was.hit_count, back = (ui->in.mods & MOD_SHIFT) != 0, from = tab_from(ui);
    if (from < 0)
        from = back ? n : -1;
    for (int step = 1; step <= n; step++) {
        int at = back ? from - step : from + step;
        at = ((at % n) + n) % n;
        const UiHit *hit = &ui->was.hits[at];
        if (!tab_stop(ui, hit))
            continue;
        if (ui->edit.id != 0 && ui->edit.id != hit->id)
            ui->edit.end = END_COMMIT;
        ui->focus = ui->tab_from = hit->id;
        ui->focus_visible = ui->focus_by_tab = true;
        ui->key_taken = true;
        ui->focus_missing = 0;
        scroll_to_hit(ui, hit);
        return;
    }
}

/* A wheel gesture belongs to what it began on, until it pauses or the pointer moves on. */
void ui_wheel_begin(Ui *ui)
{
    const double pause = 0.4;
    const float moved = 8;
    if (ui->in.wheel.y == 0 && ui->in.wheel.x == 0)
        return;
    float dx = ui->mouse.x - ui->wheel_at.x, dy = ui->mouse.y - ui->wheel_at.y;
    bool same = ui->in.time - ui->wheel_time < pause && dx * dx + dy * dy < moved * moved;
    ui->wheel_time = ui->in.time;
    if (same && ui->wheel_owner != 0 && ui_hit_find(&ui->was, ui->wheel_owner) != NULL)
        return;
    ui->wheel_at = ui->mouse;
    ui->wheel_owner = 0;
    ui->wheel_rest = 0;
    for (int i = ui->was.hit_count - 1; i >= 0; i--) {
        const UiHit *hit = &ui->was.hits[i];
        bool over = hit->layer == ui->pointer_layer && rect_has(hit->hit, ui->mouse);
        if (!over || (hit->flags & HIT_WHEEL) == 0)
            continue;
        bool scroll = (hit->flags & HIT_SCROLL) != 0;
        if (ui->wheel_owner == 0 && (hit->enabled || scroll))
            ui->wheel_owner = hit->id;
        const UiHit *owner = ui_hit_find(&ui->was, ui->wheel_owner);
        /* A canvas inside a scroll area leaves the wheel to it; a slider does not. */
        if (owner != NULL && scroll && owner->scroll == hit->id && owner->item >= 0 &&
            ui->was.items[owner->item].role == ROLE_CANVAS)
            ui->wheel_owner = hit->id;
    }
}

/* State by id: open addressing, doubled when half full; never shrinks (one entry per scroll area).
 */

static UiState *state_slot(UiState *states, size_t cap, uint64_t id)
{
    size_t at = (size_t)(id ^ (id >> 32)) & (cap - 1);
    while (states[at].id != 0 && states[at].id != id)
        at = (at + 1) & (cap - 1);
    return &states[at];
}

static bool state_grow(Ui *ui)
{
    size_t cap = ui->state_cap > 0 ? ui->state_cap * 2 : 32;
    UiState *states = mem_zero(cap, sizeof *states);
    if (states == NULL)
        return false;
    for (size_t i = 0; i < ui->state_cap; i++)
        if (ui->states[i].id != 0)
            *state_slot(states, cap, ui->states[i].id) = ui->states[i];
    mem_free(ui->states);
    ui->states = states;
    ui->state_cap = cap;
    return true;
}

UiState *ui_state(Ui *ui, uint64_t id)
{
    if (ui->state_cap > 0) {
        UiState *found = state_slot(ui->states, ui->state_cap, id);
        if (found->id == id)
            return found;
    }
    if (ui->state_count * 2 >= ui->state_cap && !state_grow(ui))
        return NULL;
    UiState *slot = state_slot(ui->states, ui->state_cap, id);
    slot->id = id;
    ui->state_count++;
    return slot;
}
