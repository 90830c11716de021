/* Finding controls by name, and the keyboard focus as the application sees it.
 */
#include "ui/ui_internal.h"

#include "base/hash.h"

#include <math.h>
#include <string.h>

const UiItem *ui_items(const Ui *ui, int *count)
{
    *count = ui->was.item_count;
    return ui->was.items;
}

static bool is_tail(const char *id, const char *tail)
{
    size_t a = strlen(id), b = strlen(tail);
    return a > b && id[a - b - 1] == '/' && memcmp(id + a - b, tail, b) == 0;
}

static int find_item(const Ui *ui, const char *id)
{
    int found = -1, tails = 0;
    for (int i = 0; i < ui->was.item_count; i++) {
        if (strcmp(ui->was.items[i].id, id) == 0)
            return i;
        if (is_tail(ui->was.items[i].id, id)) {
            found = i;
            tails++;
        }
    }
    return tails == 1 ? found : -1;
}

const UiItem *ui_find(const Ui *ui, const char *id)
{
    int at = id != NULL && id[0] != '\0' ? find_item(ui, id) : -1;
    return at >= 0 ? &ui->was.items[at] : NULL;
}

static const UiHit *find_hit(const Ui *ui, const char *id)
{
    int at = find_item(ui, id);
    for (int i = 0; at >= 0 && i < ui->was.hit_count; i++)
        if (ui->was.hits[i].item == at)
            return &ui->was.hits[i];
    return NULL;
}

bool ui_find_track(const Ui *ui, const char *id, double value, Vec2 *at)
{
    const UiHit *hit = find_hit(ui, id);
    if (hit == NULL || hit->track.x1 <= hit->track.x0)
        return false;
    const UiTrack *t = &hit->track;
    double f = t->log ? log(value / t->lo) / log(t->hi / t->lo) : (value - t->lo) / (t->hi - t->lo);
    if (!isfinite(f))
        f = value > t->lo ? 1 : 0;
    f = f < 0 ? 0 : f > 1 ? 1 : f;
    *at = vec2((float)(t->x0 + (t->x1 - t->x0) * f), t->y);
    return true;
}

uint64_t ui_resolve(const Ui *ui, const char *id)
{
    const UiHit *hit = find_hit(ui, id);
    return hit != NULL ? hit->id : hash_bytes(HASH_SEED, id, strlen(id));
}

bool ui_key_taken(const Ui *ui)
{
    return ui->key_taken;
}

void ui_take_key(Ui *ui)
{
    ui->key_taken = true;
}

void ui_keep_tab(Ui *ui)
{
    ui->keep_tab = true;
}

bool ui_has_focus(const Ui *ui)
{
    if (ui->edit.id != 0)
        return true;
    const UiHit *hit = ui->focus != 0 ? ui_hit_find(&ui->was, ui->focus) : NULL;
    return hit != NULL && (hit->item < 0 || ui->was.items[hit->item].role != ROLE_CANVAS);
}

void ui_focus(Ui *ui, const char *full_id)
{
    uint64_t id = full_id != NULL ? ui_resolve(ui, full_id) : 0;
    if (ui->edit.id != 0 && ui->edit.id != id)
        ui->edit.end = END_COMMIT;
    if (ui->focus != id)
        ui->again = true;
    ui->focus = id;
    ui->focus_missing = 0;
    ui->focus_visible = id != 0 && ui->in.key != KEY_NONE;
    ui->focus_by_tab = false;
    const UiHit *hit = id != 0 ? ui_hit_find(&ui->was, id) : NULL;
    if (hit != NULL)
        scroll_to_hit(ui, hit);
}

void ui_type_into(Ui *ui, const char *full_id)
{
    ui_focus(ui, full_id);
    ui->type_request = ui->focus;
    ui->again = true;
}

bool ui_focused(const Ui *ui, const char *name)
{
    return ui->focus != 0 && ui->focus == ui_id(ui, name);
}

bool ui_focus_visible(const Ui *ui)
{
    return ui->focus_visible;
}

bool ui_typing(const Ui *ui)
{
    return ui->edit.id != 0;
}

bool ui_busy(const Ui *ui)
{
    return ui->edit.id != 0 || ui->active != 0;
}
