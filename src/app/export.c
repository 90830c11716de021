#include "app/export.h"

#include "app/facts.h"
#include "app/view_parts.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "image/png.h"
#include "view/head_grid.h"
#include "view/heatmap.h"
#include "view/links.h"
#include "view/patches.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- views -------------------------------------------------------------- */

typedef struct {
    Scope *scope;
    const Settings *settings;
    Scene scene;
    Rect area;
    DrawList *list;
    Error *err;
} Export;

/* Models lend their images to the list; here the list outlives the model, so it takes copies along.
 */
static bool keep_images(DrawList *list, Error *err)
{
    for (size_t i = 0; i < list->count; i++) {
        DrawCommand *c = &list->items[i];
        if (c->kind != DRAW_IMAGE)
            continue;
        size_t count = (size_t)c->image->w * (size_t)c->image->h;
        Image *copy = arena_alloc(&list->arena, 1, sizeof *copy);
        Color *px = copy ? arena_alloc(&list->arena, count, sizeof *px) : NULL;
        if (!px)
            return error_memory(err);
        memcpy(px, c->image->px, count * sizeof *px);
        *copy = *c->image;
        copy->px = px;
        c->image = copy;
    }
    return true;
}

static bool export_heatmap(const Export *x)
{
    HeatmapModel *model = heatmap_new();
    if (!model)
        return error_memory(x->err);
    const Settings *s = x->settings;
    HeatmapLayout layout =
        heatmap_layout(&x->scene, (Viewport){s->zoom, s->zoom_row, s->zoom_col}, x->area);
    Scene scene = x->scene;
    bool ok = scope_finish(x->scope, model, &scene, &layout, x->err) &&
              heatmap_update(model, &scene, &layout, x->err);
    if (ok)
        heatmap_draw(model, &scene, &layout, x->list);
    ok = ok && keep_images(x->list, x->err);
    heatmap_free(model);
    return ok;
}

static bool export_lines(const Export *x)
{
    LinkModel *model = links_new();
    if (!model)
        return error_memory(x->err);
    LinksLayout layout = links_layout(&x->scene, x->area, 0, 0, 0);
    bool ok = links_update(model, &x->scene, &layout, x->err);
    if (ok)
        links_draw(model, &x->scene, &layout, x->list);
    ok = ok && keep_images(x->list, x->err);
    links_free(model);
    return ok;
}

static bool export_patches(Export *x)
{
    PatchesHead heads[VIEW_STRIP_MAX];
    float *rows = NULL;
    Settings asked = *x->settings;
    PatchesModel *model = patches_new();
    if (!model)
        return error_memory(x->err);
    bool gate = scene_form(&x->scene) == FORM_GATE; /* asks nothing: it shows what is open */
    if (asked.query < 0 && !gate) {
        asked.query = view_middle_query(x->scene.sentence);
        x->scene.focus = scope_focus(x->scope, &asked);
    }
    if (!patches_can_show(&x->scene, x->scene.stage))
        x->scene.stage = STAGE_WEIGHTS;
    int count = gate ? 0 : view_strip(x->scope, &asked, heads, &rows);
    PatchesLayout layout = patches_layout(&x->scene, x->area, count > 1);
    bool ok = patches_update(model, &x->scene, &layout, heads, count, x->err);
    if (ok)
        patches_draw(model, &x->scene, &layout, x->list);
    ok = ok && keep_images(x->list, x->err);
    mem_free(rows);
    patches_free(model);
    return ok;
}

static bool export_heads(const Export *x)
{
    const TextKit *kit = x->scene.kit;
    HeadGrid *grid = head_grid_new();
    if (!grid)
        return error_memory(x->err);
    HeadGridLayout layout =
        head_grid_layout(kit, rect_inset(x->area, 16), x->scene.sentence->layer_count,
                         view_most_heads(x->scene.sentence));
    view_thumbnails(x->scope, x->settings, grid, 0, (int)(layout.cell * kit->scale),
                    colormap(COLORMAP_VIRIDIS));
    head_grid_draw(grid, kit, &layout, x->settings->layer, x->settings->head, -1, -1, x->list);
    bool ok = keep_images(x->list, x->err);
    head_grid_free(grid);
    return ok;
}

/* What the head of a pane says in the window: whose feature map it is. */
static void feature_title(Export *x, int view)
{
    bool map = scene_form(&x->scene) == FORM_FEATURES && view != VIEW_HEADS &&
               (view != VIEW_HEATMAP || x->scene.stage < STAGE_OUTPUT);
    const TextKit *kit = x->scene.kit;
    float u = kit->theme->unit;
    char title[256];
    if (!map || x->area.h < 120 * u)
        return;
    int query = x->scope->params.score.query;
    Rect line = rect_cut_top(&x->area, 28 * u);
    TextStyle style = {FACE_SANS, kit->theme->body, kit->theme->text2, ALIGN_LEFT, 0};
    utf8_format(title, sizeof title, "map of query %d, %s", query,
                axis_label(&x->scope->queries, query));
    text_in(x->list, kit, rect(line.x + 16 * u, line.y + 8 * u, line.w - 32 * u, 16 * u), &style,
            title);
}

bool export_view(Scope *scope, const Settings *settings, const TextKit *kit, int view, float w,
                 float h, DrawList *list, Error *err)
{
    Export x = {
        .scope = scope, .settings = settings, .area = {0, 0, w, h}, .list = list, .err = err};
    const char *missing = scope_view_missing(scope, settings, view);
    if (missing)
        return error_set(err, ERROR_USAGE,
                         "view: expected one that the file can give, found %s: %s",
                         VIEW_NAMES[view], missing);
    Error own = {0};
    if (!scope_update(scope, settings, STAGE_BIT(STAGE_WEIGHTS) | STAGE_BIT(settings->stage),
                      &own)) {
        if (view != VIEW_HEADS || (own.kind != ERROR_USAGE && own.kind != ERROR_MALFORMED))
            return error_set(err, own.kind, "%s", own.what);
        scope_drop_result(scope, settings); /* the others have their pictures */
    }
    scope_scene(scope, settings, kit, 0, &x.scene);
    if (view == VIEW_HEATMAP)
        scope_scene_inputs(scope, settings, &x.scene);
    draw_list_reset(list);
    draw_rect(list, x.area, 0, kit->theme->bg);
    feature_title(&x, view);
    bool ok = view == VIEW_HEATMAP   ? export_heatmap(&x)
              : view == VIEW_LINES   ? export_lines(&x)
              : view == VIEW_PATCHES ? export_patches(&x)
                                     : export_heads(&x);
    return ok && (!list->failed || error_memory(err));
}

bool export_png(const DrawList *list, const Font *font, float w, float h, float scale, Color ground,
                Buf *out, Error *err)
{
    Image image = {0};
    float px_w = floorf(w * scale + 0.5f), px_h = floorf(h * scale + 0.5f);
    if (!(px_w >= 1 && px_h >= 1 && px_w <= IMAGE_MAX_SIDE && px_h <= IMAGE_MAX_SIDE &&
          px_w * px_h <= (float)IMAGE_MAX_PIXELS)) /* so that NaN is refused too */
        return error_set(
            err, ERROR_LIMIT,
            "picture: expected at most %d pixels a side and %u in all, found %.0f × %.0f",
            IMAGE_MAX_SIDE, IMAGE_MAX_PIXELS, (double)px_w, (double)px_h);
    Canvas *canvas = canvas_new();
    if (!canvas)
        return error_memory(err);
    bool ok = image_init(&image, (int)px_w, (int)px_h, err) &&
              canvas_render(canvas, &image, list, font, scale, ground, err) &&
              png_encode(&image, out, err);
    image_free(&image);
    canvas_free(canvas);
    return ok;
}

/* ---- tables ------------------------------------------------------------- */

/* A token in one field of a line: what would break the table is made visible. */
static void tsv_token(const Axis *axis, const DocSentence *s, bool query_axis, int index, Buf *out)
{
    char text[512];
    const char *token = axis->tokens && index < axis->count ? axis->tokens[index] : "";
    if (token[0] && !strpbrk(token, "\t\r\n")) {
        buf_text(out, token);
        return;
    }
    if (token[0])
        text_visible(token, text, sizeof text);
    else
        document_token(s, query_axis, index, text, sizeof text);
    buf_text(out, text);
}

static void tsv_number(bool known, double value, Buf *out)
{
    if (isnan(value) && known)
        buf_text(out, "\tnan");
    else if (known)
        buf_printf(out, "\t%.9g", value);
    else
        buf_byte(out, '\t');
}

/* What a row is of: a query, but for the feature of a query's map, or of all queries. */
static void tsv_row(Scope *scope, const DocSentence *s, int row, const AttnParams *params, Buf *out)
{
    InputForm form = scope->result->form;
    if (form == FORM_STRIP)
        return;
    int query = form == FORM_FEATURES ? params->score.query : row;
    buf_printf(out, "%d\t", query);
    tsv_token(&scope->queries, s, true, query, out);
    buf_byte(out, '\t');
    if (form == FORM_FEATURES)
        buf_printf(out, "%d\t", row);
}

static const char *tsv_names(InputForm form)
{
    static const char *const names[] = {
        [FORM_PAIRS] = "query\tquery token\tkey\tkey token",
        [FORM_FEATURES] = "query\tquery token\tfeature\tkey\tkey token",
        [FORM_STRIP] = "key\tkey token",
        [FORM_GATE] = "query\tquery token\tchannel",
    };
    return names[form];
}

bool export_tsv(Scope *scope, const Settings *settings, int query, int key, Buf *out, Error *err)
{
    const AttnResult *r = scope->result;
    const DocSentence *s = scope_sentence(scope, settings);
    if (r && r->form == FORM_FEATURES && query < 0)
        return error_set(err, ERROR_USAGE,
                         "copy: expected a feature that is pointed at, found none");
    if (r && r->form == FORM_STRIP && query < 0)
        query = 0; /* its one row is of every query */
    if (!r || query < 0 || query >= r->n_q || key >= r->n_k)
        return error_set(err, ERROR_USAGE, "copy: expected a cell or a locked token, found none");
    int from = key >= 0 ? key : 0, to = key >= 0 ? key : r->n_k - 1;
    buf_printf(out, "%s\tscore\tscaled\tweight\n", tsv_names(r->form));
    for (int k = from; k <= to; k++) {
        CellFacts f;
        if (!facts_numbers(scope, query, k, &f))
            return error_set(err, ERROR_USAGE, "copy: expected weights, found none");
        tsv_row(scope, s, query, &scope->params, out);
        buf_printf(out, "%d", k);
        if (r->form != FORM_GATE) {
            buf_byte(out, '\t');
            tsv_token(&scope->keys, s, false, k, out);
        }
        tsv_number(f.has_score, f.score, out);
        tsv_number(f.has_score, f.scaled, out);
        tsv_number(true, f.weight, out);
        buf_byte(out, '\n');
    }
    return buf_ok(out, err);
}
