/* A gallery card's picture: a few numbers taken from the document once, drawn small. */
#include "app/state.h"

#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    CARD_HEAT_LINES,
    CARD_LINES,
    CARD_PICTURE,
    CARD_HEAT,
    CARD_NUMBERS,
    CARD_CELLS_MAX = 64,
    CARD_LABELS_MAX = 16
};

void gallery_card_free(GalleryCard *card)
{
    mem_free(card->weights);
    mem_free(card->masked);
    mem_free(card->queries);
    mem_free(card->keys);
    image_free(&card->picture);
    memset(card, 0, sizeof *card);
}

static void take_labels(char (**out)[32], const Axis *axis)
{
    if (axis->count > CARD_LABELS_MAX)
        return;
    *out = mem_zero((size_t)axis->count, sizeof **out);
    for (int i = 0; *out && i < axis->count; i++) {
        size_t n = utf8_cut(axis->labels[i], strlen(axis->labels[i]), 31);
        memcpy((*out)[i], axis->labels[i], n);
    }
}

/* What needs no attention computed: words and the picture. */
static bool take_words(GalleryCard *card, const Scope *scope, const Settings *s, Error *err)
{
    const DocSentence *sentence = scope_sentence(scope, s);
    card->n_q = sentence->queries.count;
    card->n_k = sentence->keys.count;
    snprintf(card->title, sizeof card->title, "%s", scope->doc.title ? scope->doc.title : "");
    snprintf(card->about, sizeof card->about, "%s", sentence->about);
    scope_summary(&scope->doc, card->summary, sizeof card->summary);
    card->horizontal = s->lines.layout == LINES_HORIZONTAL;
    card->query = s->query >= 0 ? s->query : card->n_q * 2 / 3;
    if (!sentence->image.present)
        return true;
    card->rows = sentence->image.rows;
    card->cols = sentence->image.cols;
    return !sentence->image.image.px || image_copy(&card->picture, &sentence->image.image, err);
}

static bool wants_numbers(const Scope *scope, const Settings *s)
{
    const DocSentence *sentence = scope_sentence(scope, s);
    return !sentence->image.present && sentence->queries.count <= CARD_CELLS_MAX &&
           sentence->keys.count <= CARD_CELLS_MAX;
}

static bool take_numbers(GalleryCard *card, Scope *scope, const Settings *s, Error *err)
{
    if (!scope_update(scope, s, STAGE_BIT(STAGE_WEIGHTS), err))
        return false;
    const AttnResult *r = scope->result;
    size_t cells = (size_t)r->n_q * (size_t)r->n_k;
    card->n_q = r->n_q; /* a strip has one row, however many queries there are */
    card->n_k = r->n_k;
    card->weights = mem_array(cells, sizeof *card->weights);
    card->masked = mem_zero(cells, 1);
    if (!card->weights || !card->masked)
        return error_memory(err);
    for (int i = 0; i < r->n_q; i++) {
        memcpy(card->weights + (size_t)i * (size_t)r->n_k, matrix_row(r->stage[STAGE_WEIGHTS], i),
               (size_t)r->n_k * sizeof(float));
        for (int j = 0; j < r->n_k; j++)
            card->masked[(size_t)i * (size_t)r->n_k + (size_t)j] =
                r->form == FORM_PAIRS && !mask_allows(r->mask, i, j);
    }
    if (r->form == FORM_PAIRS) /* rows of other forms are no queries */
        take_labels(&card->queries, &scope->queries);
    if (r->form != FORM_GATE)
        take_labels(&card->keys, &scope->keys);
    return true;
}

void gallery_card_name(GalleryCard *card, const char *path, const char *note)
{
    snprintf(card->path, sizeof card->path, "%s", path);
    size_t n = utf8_cut(path_base(path), strlen(path_base(path)), sizeof card->title - 1);
    memcpy(card->title, path_base(path), n);
    card->title[n] = 0;
    snprintf(card->summary, sizeof card->summary, "%s", note);
    card->tried = card->ok = true;
}

void gallery_card_load(GalleryCard *card, const LoadRequest *request, const Settings *settings)
{
    Scope scope;
    Error err = {0};
    Settings s = settings_default();
    snprintf(card->path, sizeof card->path, "%s", request->path);
    card->tried = true;
    if (!scope_init(&scope, &err)) {
        error_line(&err, NULL, card->problem, sizeof card->problem);
        return;
    }
    if (scope_open(&scope, request, &err)) {
        settings_from_document(&s, &scope.doc, NULL, NULL);
        if (settings)
            s = *settings;
        scope_clamp(&scope, &s);
        card->ok = take_words(card, &scope, &s, &err) &&
                   (!wants_numbers(&scope, &s) || take_numbers(card, &scope, &s, &err));
    }
    if (!card->ok)
        error_line(&err, path_base(request->path), card->problem, sizeof card->problem);
    scope_free(&scope);
}

/* ---- drawing ------------------------------------------------------------ */

static float card_weight(const GalleryCard *c, int i, int j)
{
    return c->weights[(size_t)i * (size_t)c->n_k + (size_t)j];
}

static float card_max(const GalleryCard *c)
{
    float most = 1e-9f;
    for (size_t i = 0; i < (size_t)c->n_q * (size_t)c->n_k; i++)
        if (isfinite(c->weights[i]))
            most = fmaxf(most, c->weights[i]);
    return most;
}

static void draw_cells(const GalleryCard *c, const TextKit *kit, Rect r, bool numbers,
                       DrawList *list)
{
    const Colormap *map = colormap(COLORMAP_VIRIDIS);
    float cell = floorf(fminf(r.w / (float)c->n_k, r.h / (float)c->n_q)), most = card_max(c);
    float x0 = floorf(r.x + (r.w - cell * (float)c->n_k) / 2),
          y0 = floorf(r.y + (r.h - cell * (float)c->n_q) / 2);
    float gap = cell >= 8 ? 1 : 0;
    Rect whole = {x0, y0, cell * (float)c->n_k - gap, cell * (float)c->n_q - gap};
    draw_rect(list, whole, 0, kit->theme->bg);
    for (int i = 0; i < c->n_q; i++)
        for (int j = 0; j < c->n_k; j++) {
            Rect box = {x0 + cell * (float)j, y0 + cell * (float)i, cell - gap, cell - gap};
            if (c->masked[(size_t)i * (size_t)c->n_k + (size_t)j]) {
                box.w += gap; /* strokes join: the phase is the window's */
                box.h += gap;
                draw_hatch(list, box, kit->theme->mask1, kit->theme->mask2);
                continue;
            }
            float w = card_weight(c, i, j);
            Color color = isfinite(w) ? colormap_at(map, w / most) : kit->theme->nan;
            draw_rect(list, box, 0, color);
            if (numbers) {
                char text[TEXT_NUMBER];
                TextStyle style = {FACE_MONO, 12, color_on(color), ALIGN_CENTER, 0};
                text_weight_cell(text, (double)card_weight(c, i, j));
                text_in(list, kit, box, &style, text);
            }
        }
}

/* Ribbons between two rows (or columns) of places; the chosen query in data colour, the rest grey.
 */
static void draw_curves(const GalleryCard *c, const TextKit *kit, Rect r, bool horizontal,
                        const float *at_q, const float *at_k, DrawList *list)
{
    Ribbon rest[CARD_CELLS_MAX * 8], mine[CARD_CELLS_MAX];
    int n = 0, m = 0;
    float most = card_max(c);
    for (int i = 0; i < c->n_q; i++)
        for (int j = 0; j < c->n_k; j++) {
            float w = fminf(card_weight(c, i, j) / most, 1);
            float a = horizontal ? at_k[j] : at_q[i], b = horizontal ? at_q[i] : at_k[j];
            if (!(w >= 0.06f) || c->masked[(size_t)i * (size_t)c->n_k + (size_t)j])
                continue;
            if (i == c->query && m < CARD_CELLS_MAX)
                mine[m++] = (Ribbon){a, b, fmaxf(1, 6 * w), 0.25f + 0.75f * sqrtf(w), -1, -1, w};
            else if (i != c->query && n < CARD_CELLS_MAX * 8)
                rest[n++] = (Ribbon){a, b, fmaxf(1, 6 * w), 0.15f + 0.3f * w, -1, -1, w};
        }
    RibbonBatch batch = {.vertical = horizontal,
                         .from = horizontal ? r.y : r.x,
                         .to = horizontal ? rect_bottom(r) : rect_right(r),
                         .color = kit->theme->text3,
                         .count = n,
                         .items = rest};
    draw_ribbons(list, &batch);
    batch.color = kit->theme->data;
    batch.count = m;
    batch.items = mine;
    draw_ribbons(list, &batch);
}

static void draw_columns(const GalleryCard *c, const TextKit *kit, Rect r, DrawList *list)
{
    float q[CARD_CELLS_MAX], k[CARD_CELLS_MAX];
    for (int i = 0; i < c->n_q; i++)
        q[i] = r.y + r.h * ((float)i + 0.5f) / (float)c->n_q;
    for (int j = 0; j < c->n_k; j++)
        k[j] = r.y + r.h * ((float)j + 0.5f) / (float)c->n_k;
    draw_curves(c, kit, r, false, q, k, list);
}

/* One line of tokens: the words when there is room, else short dashes. */
static void draw_token_line(char (*labels)[32], int count, const TextKit *kit, Rect r, float y,
                            bool rtl, float *at, DrawList *list)
{
    float pitch = r.w / (float)count, widest = 0;
    for (int i = 0; labels && i < count; i++)
        widest = fmaxf(widest, text_width(kit, FACE_SANS, kit->theme->body, labels[i]));
    for (int i = 0; i < count; i++) {
        at[i] = r.x + pitch * ((float)(rtl ? count - 1 - i : i) + 0.5f);
        if (labels && widest < pitch - 2) {
            TextStyle style = {FACE_SANS, kit->theme->body, kit->theme->text1, ALIGN_CENTER, 0};
            text_in(list, kit, rect(at[i] - pitch / 2, y - 10, pitch, 20), &style, labels[i]);
        } else {
            float w = fminf(18, pitch * 0.6f);
            draw_rect(list, rect(floorf(at[i] - w / 2), y - 2, floorf(w), 4), 0, kit->theme->text3);
        }
    }
}

static void draw_rows(const GalleryCard *c, const TextKit *kit, Rect r, DrawList *list)
{
    float q[CARD_CELLS_MAX], k[CARD_CELLS_MAX];
    draw_token_line(c->keys, c->n_k, kit, r, r.y + 18, false, k, list);
    bool rtl = c->queries && kit->font->rtl(kit->font->self, c->queries[0], strlen(c->queries[0]));
    draw_token_line(c->queries, c->n_q, kit, r, rect_bottom(r) - 18, rtl, q, list);
    draw_curves(c, kit, rect(r.x, r.y + 32, r.w, r.h - 64), true, q, k, list);
}

static void draw_photo(const GalleryCard *c, Rect r, DrawList *list)
{
    float scale = fmaxf(r.w / (float)c->picture.w, r.h / (float)c->picture.h);
    float w = (float)c->picture.w * scale, h = (float)c->picture.h * scale;
    Rect image = {r.x + (r.w - w) / 2, r.y + (r.h - h) / 2, w, h};
    float pw = w / (float)c->cols, ph = h / (float)c->rows;
    draw_clip(list, r);
    draw_image(list, &c->picture, image, SAMPLE_AREA, 1);
    for (int i = 1; i < c->cols; i++)
        draw_rect(list, rect(floorf(image.x + pw * (float)i), image.y, 1, h), 0, 0x28FFFFFFu);
    for (int i = 1; i < c->rows; i++)
        draw_rect(list, rect(image.x, floorf(image.y + ph * (float)i), w, 1), 0, 0x28FFFFFFu);
    Rect mark = {image.x + pw * floorf((float)c->cols / 2),
                 image.y + ph * floorf((float)c->rows / 2), pw, ph};
    draw_frame(list, rect_inset(mark, -2), 0, 2, 0xFF000000u);
    draw_frame(list, mark, 0, 2, 0xFFFFFFFFu);
    draw_unclip(list);
}

void gallery_card_draw(const GalleryCard *card, int kind, const TextKit *kit, Rect r,
                       DrawList *list)
{
    Rect inner = rect_inset(r, 12);
    if (!card->ok) {
        TextStyle style = {FACE_SANS, kit->theme->body, kit->theme->text3, ALIGN_LEFT, 0};
        text_wrapped(list, kit, inner, &style, 16, 6, card->tried ? card->problem : "");
    } else if (card->picture.px) {
        draw_photo(card, rect_inset(r, 1), list);
    } else if (!card->weights) {
        TextStyle style = {FACE_SANS, kit->theme->body, kit->theme->text3, ALIGN_CENTER, 0};
        text_in(list, kit, inner, &style, card->summary);
    } else if (kind == CARD_LINES || card->horizontal) {
        draw_rows(card, kit, inner, list);
    } else if (kind == CARD_HEAT_LINES && inner.w > 180) {
        float side = fminf(inner.h, inner.w * 0.62f);
        draw_cells(card, kit, rect(inner.x, inner.y, side, inner.h), false, list);
        draw_columns(card, kit, rect(inner.x + side + 12, inner.y, inner.w - side - 12, inner.h),
                     list);
    } else {
        draw_cells(card, kit, inner, kind == CARD_NUMBERS || card->n_k <= 4, list);
    }
}
