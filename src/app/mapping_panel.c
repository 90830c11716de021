/* The mapping panel: arrays on the left, what the chosen one is on the right. */
#include "app/mapping.h"

#include "base/utf8.h"
#include "image/colormap.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void shape_text(const TensorItem *t, char *out, size_t cap)
{
    size_t at = 0;
    out[0] = '\0';
    for (int i = 0; i < t->ndim && at < cap; i++) {
        int n = snprintf(out + at, cap - at, "%s%lld", i ? " × " : "", (long long)t->shape[i]);
        at += n > 0 ? (size_t)n : 0;
    }
    if (t->ndim == 0)
        snprintf(out, cap, "one");
}

/* "'<f4'" and "F32" say the same. */
static void type_text(const TensorItem *t, char *out, size_t cap)
{
    int bytes = 0;
    char kind = 0, quote = 0;
    size_t at = 0;
    if (sscanf(t->dtype, "'%*1[<>|=]%c%d%c", &kind, &bytes, &quote) == 3 && quote == '\'' &&
        strchr("fiu", kind) && bytes > 0 && bytes <= 16) {
        snprintf(out, cap, "%c%d", kind, bytes * 8);
        return;
    }
    if (kind == 'b' && bytes == 1) {
        snprintf(out, cap, "bool");
        return;
    }
    if (t->texts) {
        snprintf(out, cap, "text");
        return;
    }
    for (const char *c = t->dtype; *c && at + 1 < cap; c++)
        if (*c != '\'')
            out[at++] = (char)(*c >= 'A' && *c <= 'Z' && *t->dtype != '\'' ? *c - 'A' + 'a' : *c);
    out[at] = '\0';
}

/* ---- the list ----------------------------------------------------------------- */

static void array_row(App *app, MappingState *m, int i, Rect r)
{
    const Theme *t = app->kit.theme;
    const TensorItem *item = &m->list.items[i];
    DrawList *list = ui_list(app->ui);
    char name[200], shape[96], type[24], id[24];
    float u = t->unit, role_w = floorf(72 * u), type_w = floorf(56 * u), shape_w = floorf(110 * u);
    bool chosen = i == m->chosen, usable = item->numbers || item->texts;
    Color main = chosen   ? t->onink
                 : usable ? t->text1
                          : t->dis,
          rest = chosen   ? t->onink
                 : usable ? t->text3
                          : t->dis;
    text_visible(tensors_name(&m->list, i), name, sizeof name);
    shape_text(item, shape, sizeof shape);
    type_text(item, type, sizeof type);
    snprintf(id, sizeof id, "array %d", i);
    UiArea area = ui_area(app->ui, id, NULL, r);
    if (chosen || area.hovered)
        draw_rect(list, r, 4, chosen ? t->ink : t->hover);
    float x = rect_right(r) - role_w;
    TextStyle mono = {FACE_MONO, t->body, rest, ALIGN_LEFT, 0},
              bold = {FACE_BOLD, t->body, main, ALIGN_LEFT, 0};
    text_in(list, &app->kit, rect(x, r.y, role_w - 6, r.h), &bold, ROLE_NAMES[mapping_role(m, i)]);
    x -= shape_w;
    text_in(list, &app->kit, rect(x, r.y, shape_w - 8, r.h), &mono, shape);
    if (x - type_w - r.x > 110 * u) { /* names first: the tooltip has the type too */
        x -= type_w;
        text_label(list, &app->kit, rect(x, r.y, type_w - 8, r.h), type, rest);
    }
    Rect label = {r.x + 8, r.y, x - r.x - 16, r.h};
    text_label(list, &app->kit, label, name, main);
    char tip[400];
    utf8_format(tip, sizeof tip, "%s · %s · %s%s%s", name, type, shape, item->why[0] ? " · " : "",
                item->why);
    ui_tooltip(app->ui, r, tip);
    if (area.clicked)
        m->chosen = i;
}

static void array_keys(App *app, MappingState *m, float pitch)
{
    int key = app->input.key, last = m->list.count - 1, to = m->chosen;
    if (app->input.mods || ui_key_taken(app->ui))
        return;
    switch (key) {
    case KEY_UP:
        to--;
        break;
    case KEY_DOWN:
        to++;
        break;
    case KEY_HOME:
        to = 0;
        break;
    case KEY_END:
        to = last;
        break;
    default:
        return;
    }
    m->chosen = clampi(to, 0, last);
    ui_scroll_to(app->ui, "mapping/arrays", pitch * (float)m->chosen,
                 pitch * (float)(m->chosen + 1));
    ui_take_key(app->ui);
}

static void arrays(App *app, MappingState *m, Rect area)
{
    float pitch = floorf(26 * app->kit.theme->unit);
    UiArea stop = ui_area(app->ui, "list", "arrays of the file", area);
    if (stop.focused)
        array_keys(app, m, pitch);
    UiScroll scroll = ui_scroll_begin(app->ui, "arrays", area, pitch * (float)m->list.count + 8);
    int first = (int)(scroll.offset / pitch);
    for (int i = first; i < m->list.count && pitch * (float)(i - first) < area.h + pitch; i++) {
        double y = (double)pitch * i - (double)scroll.offset;
        array_row(app, m, i, rect(area.x + 4, area.y + 4 + (float)y, area.w - 16, pitch));
    }
    ui_scroll_end(app->ui);
    if (stop.focused && ui_focus_visible(app->ui))
        ui_focus_ring(app->ui, rect_inset(area, 2), 4);
}

/* ---- what the chosen one is ----------------------------------------------------- */

static void role_row(App *app, MappingState *m, Rect r)
{
    /* In full: "queries" alone could as well be q. */
    static const char *const names[ROLE_COUNT + 1] = {[ROLE_NONE] = "not used",
                                                      [ROLE_Q] = "q: query vectors",
                                                      [ROLE_K] = "k: key vectors",
                                                      [ROLE_V] = "v: value vectors",
                                                      [ROLE_WEIGHTS] = "attention weights",
                                                      [ROLE_SCORES] = "scores before softmax",
                                                      [ROLE_TOKENS] = "tokens of both",
                                                      [ROLE_QUERIES] = "tokens of the queries",
                                                      [ROLE_KEYS] = "tokens of the keys"};
    const TensorItem *t = &m->list.items[m->chosen];
    int role = (int)mapping_role(m, m->chosen), was = role;
    ui_disable(app->ui, t->numbers || t->texts ? NULL
                        : t->why[0]            ? t->why
                                               : "Neither numbers nor texts.");
    ui_dropdown(app->ui, "role", "what this array is", names, r, &role, NULL);
    ui_enable(app->ui);
    if (role != was)
        mapping_set_role(m, m->chosen, (TensorRole)role);
}

/* What the dimensions before rows and columns are: one row each. */
static float dim_rows(App *app, MappingState *m, Rect r)
{
    static const char *const DIMS[] = {"sentences", "layers", "heads", NULL};
    const TensorItem *t = &m->list.items[m->chosen];
    TensorRole role = mapping_role(m, m->chosen);
    float step = r.h + 4, y = r.y;
    if (role < ROLE_Q || role > ROLE_SCORES)
        return y;
    for (int d = 0; d < 3 && m->map.dims[role][d] >= 0 && d + 2 < t->ndim; d++, y += step) {
        char name[24], label[40];
        int now = m->map.dims[role][d], was = now;
        snprintf(name, sizeof name, "dim %d", d);
        snprintf(label, sizeof label, "the %lld", (long long)t->shape[d]);
        Rect row = {r.x, y, r.w, r.h};
        float split = floorf(row.w * 0.4f);
        text_label(ui_list(app->ui), &app->kit, rect(row.x, row.y, split - 4, row.h), label,
                   app->kit.theme->text2);
        ui_dropdown(app->ui, name, "what this dimension counts", DIMS,
                    rect(row.x + split, row.y, row.w - split, row.h), &now, NULL);
        if (now == was)
            continue;
        for (int e = 0; e < 3; e++) /* no two count the same: they change places */
            if (m->map.dims[role][e] == now)
                m->map.dims[role][e] = was;
        m->map.dims[role][d] = now;
        mapping_judge(m);
    }
    return y;
}

static void preview_cells(App *app, const Preview *p, Rect in)
{
    float lo = INFINITY, hi = -INFINITY;
    for (int i = 0; i < p->rows * p->cols; i++)
        if (isfinite(p->cells[i])) {
            lo = fminf(lo, p->cells[i]);
            hi = fmaxf(hi, p->cells[i]);
        }
    float cell = fminf(in.w / (float)p->cols, in.h / (float)p->rows);
    cell = cell >= 1 ? floorf(cell) : cell;
    float x = floorf(in.x + (in.w - cell * (float)p->cols) / 2),
          y = floorf(in.y + (in.h - cell * (float)p->rows) / 2);
    const Colormap *map = colormap(COLORMAP_VIRIDIS);
    for (int i = 0; i < p->rows; i++)
        for (int j = 0; j < p->cols; j++) {
            float v = p->cells[i * p->cols + j];
            Color color = isfinite(v) ? colormap_at(map, hi > lo ? (v - lo) / (hi - lo) : 0)
                                      : app->kit.theme->nan;
            draw_rect(ui_list(app->ui), rect(x + cell * (float)j, y + cell * (float)i, cell, cell),
                      0, color);
        }
}

static void preview(App *app, MappingState *m, Rect area)
{
    const Theme *t = app->kit.theme;
    DrawList *list = ui_list(app->ui);
    TextStyle style = {FACE_SANS, t->body, t->text3, ALIGN_CENTER, 0};
    const Preview *p = mapping_preview(app, m);
    draw_frame(list, area, 4, 1, t->line1);
    if (p && p->rows > 0 && p->cols > 0)
        preview_cells(app, p, rect_inset(area, 6));
    else
        text_wrapped(list, &app->kit, rect_inset(area, 12), &style, 18 * t->unit, 5,
                     !p          ? "reading …"
                     : p->why[0] ? p->why
                                 : "empty");
}

/* The name of the chosen one where the list cut it: long names often differ at their ends only. */
static float full_name(App *app, const MappingState *m, Rect r)
{
    const Theme *t = app->kit.theme;
    TextStyle style = {FACE_SANS, t->body, t->text1, ALIGN_LEFT, 0};
    char name[400];
    float line = floorf(18 * t->unit);
    text_visible(tensors_name(&m->list, m->chosen), name, sizeof name);
    int lines = text_wrapped(NULL, &app->kit, rect(0, 0, r.w, 0), &style, line, 4, name);
    if (lines < 2)
        return 0;
    text_wrapped(ui_list(app->ui), &app->kit, rect(r.x, r.y, r.w, line * (float)lines), &style,
                 line, lines, name);
    return line * (float)lines + 6;
}

static void details(App *app, MappingState *m, Rect r)
{
    const Theme *t = app->kit.theme;
    float u = t->unit, row = floorf(28 * u);
    TensorRole role = mapping_role(m, m->chosen);
    float head = full_name(app, m, r);
    role_row(app, m, rect(r.x, r.y + head, r.w, row));
    float y = dim_rows(app, m, rect(r.x, r.y + head + row + 6, r.w, row));
    if (role == ROLE_WEIGHTS || role == ROLE_SCORES) {
        if (ui_toggle(app->ui, "transpose", "rows are keys", rect(r.x, y, r.w, row),
                      &m->map.transpose))
            mapping_judge(m);
        y += row + 4;
    }
    float left = rect_bottom(r) - y - 4;
    if (left > 48 * u)
        preview(app, m, rect(r.x, y + 4, r.w, left));
}

/* ---- the panel ------------------------------------------------------------------ */

static void mapping_head(App *app, MappingState *m, Rect box)
{
    const Theme *t = app->kit.theme;
    float u = t->unit;
    TextStyle title = {FACE_BOLD, t->title, t->text1, ALIGN_LEFT, 0},
              plain = {FACE_SANS, t->body, t->text2, ALIGN_LEFT, 0};
    text_in(ui_list(app->ui), &app->kit, rect(box.x + 20, box.y + 12, box.w - 40, 28 * u), &title,
            "Which array is what?");
    char doubt[TENSOR_DOUBT + 64];
    bool asked = !m->map.clear && m->map.doubt[0];
    utf8_format(doubt, sizeof doubt, "It is not clear by itself: %s.", m->map.doubt);
    const char *why = asked ? doubt : "Choose an array, then say what it is.";
    text_wrapped(ui_list(app->ui), &app->kit,
                 rect(box.x + 20, box.y + 12 + 30 * u, box.w - 40, 36 * u), &plain, 18 * u, 2, why);
}

static bool foot(App *app, MappingState *m, Rect r)
{
    const Theme *t = app->kit.theme;
    float u = t->unit, w = floorf(88 * u), save_w = floorf(124 * u), x = rect_right(r);
    bool fits = !m->message[0] || m->replace || m->saved, ended = false;
    Rect say = {r.x, r.y, r.w, floorf(36 * u)};
    TextStyle style = {FACE_SANS, t->body, m->wrong || m->replace ? t->err : t->text2, ALIGN_LEFT,
                       0};
    text_wrapped(ui_list(app->ui), &app->kit, say, &style, 18 * u, 2,
                 m->message[0] ? m->message : "The shapes fit each other.");
    ui_tooltip(app->ui, say, m->message);
    float y = rect_bottom(r) - floorf(28 * u), h = floorf(28 * u);
    ui_disable(app->ui, fits ? NULL : m->message);
    bool save = ui_button(app->ui, "save", "Save mapping…", rect(r.x, y, save_w, h), false);
    x -= w;
    bool open = ui_button(app->ui, "open", "Open", rect(x, y, w, h), true);
    ui_enable(app->ui);
    x -= w + 8;
    if (ui_button(app->ui, "cancel", "Cancel", rect(x, y, w, h), false))
        ended = true;
    if (save)
        mapping_save(app);
    else if (open)
        mapping_open(app);
    return ended;
}

void mapping_frame(App *app)
{
    MappingState *m = app->mapping.state;
    if (!m)
        return;
    const Theme *t = app->kit.theme;
    Vec2 size = ui_size(app->ui);
    float u = t->unit, w = fminf(760 * u, size.x - 24), h = fminf(480 * u, size.y - 24);
    Rect box = {floorf((size.x - w) / 2), floorf((size.y - h) / 2), w, h};
    ui_modal_begin(app->ui, "mapping", box);
    if (app->mapping.just_opened)
        ui_focus(app->ui, "mapping/list");
    app->mapping.just_opened = false;
    mapping_head(app, m, box);
    float top = floorf(12 + 72 * u), bottom = floorf(76 * u) + 12, side = floorf(w * 0.34f);
    Rect body = {box.x + 12, box.y + top, box.w - 24, box.h - top - bottom};
    DrawList *list = ui_list(app->ui);
    draw_rect(list, rect(box.x, body.y - 1, box.w, 1), 0, t->line1);
    draw_rect(list, rect(box.x, rect_bottom(body), box.w, 1), 0, t->line1);
    arrays(app, m, rect(body.x, body.y, body.w - side - 12, body.h));
    draw_rect(list, rect(rect_right(body) - side - 8, body.y, 1, body.h), 0, t->line1);
    details(app, m, rect(rect_right(body) - side, body.y + 8, side, body.h - 16));
    bool esc = app->input.key == KEY_ESCAPE && !ui_key_taken(app->ui);
    bool cancelled =
        foot(app, m, rect(box.x + 20, rect_bottom(body) + 6, box.w - 40, bottom - 18)) || esc;
    if (esc)
        ui_take_key(app->ui);
    ui_modal_end(app->ui);
    if (cancelled && app->mapping.state) {
        mapping_close(app);
        ui_focus(app->ui, NULL);
    }
}
