#include "view/links_parts.h"

#include "base/hash.h"
#include "base/mem.h"
#include "draw/ribbons.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#define DEPTH_MOST     0.9f
#define ALPHA_LEAST    (1.0f / 256) /* the canvas draws nothing fainter */
#define HASH(h, field) hash_bytes((h), &(field), sizeof(field))

LinkModel *links_new(void)
{
    return mem_zero(1, sizeof(LinkModel));
}

void links_free(LinkModel *model)
{
    if (!model)
        return;
    mem_free(model->links);
    mem_free(model->extra);
    mem_free(model->row);
    mem_free(model->base);
    mem_free(model->chosen);
    mem_free(model->gold);
    mem_free(model->query_at);
    mem_free(model->key_at);
    mem_free(model->query_w);
    mem_free(model->key_w);
    mem_free(model);
}

int links_count(const LinkModel *model, int *of)
{
    if (of)
        *of = model->pairs < INT_MAX ? (int)model->pairs : INT_MAX;
    return model->count;
}

float links_width(const Scene *scene, float r)
{
    return fmaxf(1, 9 * scene->kit->theme->line_width * r);
}

float links_alpha(float r, bool selected, bool any_selected)
{
    if (!any_selected)
        return 0.15f + 0.6f * sqrtf(r);
    return selected ? 0.25f + 0.75f * sqrtf(r) : 0.10f + 0.22f * r;
}

MarkState links_state(const Scene *scene, bool query_axis, int index)
{
    const Focus *f = &scene->focus;
    if (query_axis && scene_query_locked(scene, index))
        return MARK_LOCKED;
    if (index == (query_axis ? f->hover_query : f->hover_key))
        return MARK_HOVER;
    return !query_axis && index == f->key ? MARK_LOCKED : MARK_PLAIN;
}

/* The block with room for `need` items; *ok turns false (and the block stays) when out of memory.
 */
static void *with_room(void *block, int *cap, int64_t need, size_t size, bool *ok)
{
    int64_t more = need + need / 2 + 64;
    if (need <= *cap)
        return block;
    void *grown = more > INT32_MAX ? NULL : mem_resize(block, (size_t)more, size);
    if (!grown) {
        *ok = false;
        return block;
    }
    *cap = (int)more;
    return grown;
}

static bool any_locked(const Focus *f)
{
    return f->query >= 0 || f->queries != 0;
}

static uint64_t links_key(const Scene *scene, Matrix m, int row_most)
{
    uint64_t h = HASH_SEED;
    h = HASH(h, m.at);
    h = HASH(h, m.rows);
    h = HASH(h, m.cols);
    h = HASH(h, row_most);
    h = HASH(h, scene->result->stamp[STAGE_WEIGHTS]);
    h = HASH(h, scene->lines->mass);
    h = HASH(h, scene->lines->threshold);
    return h ? h : 1;
}

/* The pipeline has summed clean rows already. */
static double row_mass(const Scene *scene, const float *weights, int row)
{
    const AttnResult *r = scene->result;
    if (r->rows && r->rows[row].flags == 0 && r->range[STAGE_WEIGHTS].lo >= 0)
        return r->rows[row].sum;
    return links_row_mass(weights, r->n_k);
}

/* How many links a row may keep so that the picture stays drawable. */
static int links_row_most(const Scene *scene, Matrix m)
{
    int all = scene->links_most > 0 ? scene->links_most : LINKS_MOST;
    int least = scene->links_most > 0 ? 1 : LINKS_ROW_LEAST;
    int most = m.rows > 0 ? all / m.rows : 0;
    return clampi(most, least < m.cols ? least : m.cols, m.cols);
}

/* Adds a row's links to a list. */
static bool keep_row(LinkModel *model, const Scene *scene, Matrix m, int row, int most, Link **list,
                     int *count, int *cap)
{
    bool ok = true, cut = false;
    const float *weights = scene_weights(scene, row);
    if (!weights)
        return true; /* of very many rows only those that are selected are there */
    int kept = links_keep_most(weights, m.cols, row, scene->lines, row_mass(scene, weights, row),
                               most, model->row, &cut);
    model->cut = model->cut || cut;
    *list = with_room(*list, cap, (int64_t)*count + kept, sizeof(Link), &ok);
    if (!ok)
        return false;
    if (kept > 0)
        memcpy(*list + *count, model->row, (size_t)kept * sizeof(Link));
    *count += kept;
    return true;
}

/* A row's heaviest link, which the row statistics know without another look at the row. */
static bool heaviest_of_row(const Scene *scene, int row, Link *out)
{
    const RowStats *r = scene->result->rows ? &scene->result->rows[row] : NULL;
    if (!r || r->flags != 0 || r->argmax < 0)
        return false;
    *out = (Link){row, r->argmax, (float)r->max};
    return true;
}

static bool update_links(LinkModel *model, const Scene *scene, Matrix m, Error *err)
{
    int most = links_row_most(scene, m);
    uint64_t key = links_key(scene, m, most);
    if (key == model->links_key)
        return true;
    model->links_key = 0;
    model->count = 0;
    model->pairs = 0;
    model->cut = false;
    model->row_most = most;
    model->dense = most < m.cols || !m.at;
    bool ok = true;
    model->row = with_room(model->row, &model->row_cap, m.cols, sizeof(Link), &ok);
    if (m.at)
        model->links = with_room(model->links, &model->cap, m.rows, sizeof(Link), &ok);
    for (int row = 0; ok && m.at && row < m.rows; row++) {
        Link heaviest;
        model->pairs += scene->result->rows ? scene->result->rows[row].keys : m.cols;
        if (most == 1 && m.cols > 1 && scene->lines->mass > 0 && model->count < model->cap &&
            heaviest_of_row(scene, row, &heaviest)) {
            model->cut = true;
            if (heaviest.weight > 0 && (double)heaviest.weight >= scene->lines->threshold)
                model->links[model->count++] = heaviest;
        } else {
            ok = keep_row(model, scene, m, row, most, &model->links, &model->count, &model->cap);
        }
    }
    if (!ok)
        return error_memory(err);
    model->links_key = key;
    return true;
}

/* How many links each selected row may show, so that all of them together stay drawable; *end:
 * after the last row that gets any. */
static int extra_share(const Scene *scene, Matrix m, int *end)
{
    int locked = 0;
    *end = m.rows;
    for (int row = 0; row < m.rows; row++)
        if (scene_query_locked(scene, row) && ++locked == LINKS_EXTRA_ROWS)
            *end = row + 1;
    int share = LINKS_MOST / (locked > 0 ? locked : 1);
    return clampi(share, LINKS_ROW_LEAST, m.cols > LINKS_ROW_LEAST ? m.cols : LINKS_ROW_LEAST);
}

/* Where rows keep only their heaviest links, the rows of the selection are shown whole, as far as
 * they share the room: the row that is pointed at has its own. */
static bool update_extra(LinkModel *model, const Scene *scene, Matrix m, Error *err)
{
    model->extra_count = 0;
    model->extra_end = 0;
    if (!model->dense)
        return true;
    int share = extra_share(scene, m, &model->extra_end), hover = scene->focus.hover_query;
    for (int row = 0; row < m.rows; row++) {
        if (row != hover && (row >= model->extra_end || !scene_query_locked(scene, row)))
            continue;
        int most = row == hover ? LINKS_MOST : share;
        if (!keep_row(model, scene, m, row, most < m.cols ? most : m.cols, &model->extra,
                      &model->extra_count, &model->extra_cap))
            return error_memory(err);
    }
    return true;
}

/* Does `extra` show this row's links? */
static bool extra_has(const LinkModel *model, const Scene *scene, int row)
{
    return model->extra_count > 0 && (row < model->extra_end || row == scene->focus.hover_query);
}

/* Centres of the tokens of a horizontal line. */
static void place_line(const Scene *scene, const LinksLayout *l, const Axis *axis, bool rtl,
                       float *at, float *width)
{
    float size = links_text_size(scene, l), pad = 20 * scene->kit->theme->unit, sum = 0;
    for (int i = 0; i < axis->count; i++) {
        width[i] = text_width(scene->kit, FACE_SANS, size, axis_label(axis, i));
        sum += width[i] + (i > 0 ? l->token_gap : 0);
    }
    float room = l->area.w - 2 * pad, all = fmaxf(l->content, room);
    /* Two lines that read from the right are scrolled from the right. */
    float scroll = l->query_rtl && l->key_rtl ? all - room - l->scroll : l->scroll;
    float x = l->area.x + pad - scroll + 0.5f * (all - sum);
    if (rtl)
        x += sum;
    for (int i = 0; i < axis->count; i++) {
        at[i] = rtl ? x - 0.5f * width[i] : x + 0.5f * width[i];
        x += (rtl ? -1.0f : 1.0f) * (width[i] + l->token_gap);
    }
}

static bool place_tokens(LinkModel *model, const Scene *scene, const LinksLayout *l, Error *err)
{
    int n_q = scene->queries->count, n_k = scene->keys->count;
    int q = model->queries, k = model->keys;
    bool ok = true;
    model->query_w = with_room(model->query_w, &q, n_q, sizeof(float), &ok);
    q = model->queries;
    model->query_at = with_room(model->query_at, &q, n_q, sizeof(float), &ok);
    model->key_w = with_room(model->key_w, &k, n_k, sizeof(float), &ok);
    k = model->keys;
    model->key_at = with_room(model->key_at, &k, n_k, sizeof(float), &ok);
    if (!ok)
        return error_memory(err);
    model->queries = q;
    model->keys = k;
    if (l->horizontal) {
        place_line(scene, l, scene->queries, l->query_rtl, model->query_at, model->query_w);
        place_line(scene, l, scene->keys, l->key_rtl, model->key_at, model->key_w);
        return true;
    }
    for (int i = 0; i < n_q; i++)
        model->query_at[i] = l->row_top + (float)i * l->pitch;
    for (int i = 0; i < n_k; i++)
        model->key_at[i] = l->key_top + (float)i * l->key_pitch;
    return true;
}

/* Is the link part of the selection? Rows that are locked; beside them the one that is pointed at;
 * with no row at all, everything that goes to the key. */
static bool link_chosen(const Scene *scene, const Link *link)
{
    const Focus *f = &scene->focus;
    if (scene_query_locked(scene, link->query))
        return true;
    if (f->hover_query >= 0)
        return link->query == f->hover_query &&
               (!any_locked(f) || f->hover_key < 0 || link->key == f->hover_key);
    if (any_locked(f))
        return false;
    int key = f->hover_key >= 0 ? f->hover_key : f->key;
    return key >= 0 && link->key == key;
}

static Ribbon ribbon_of(const LinkModel *model, const LinksLayout *l, const Link *link)
{
    float q = model->query_at[link->query], k = model->key_at[link->key];
    return (Ribbon){.a0 = l->horizontal ? k : q,
                    .a1 = l->horizontal ? q : k,
                    .query = link->query,
                    .key = link->key,
                    .weight = link->weight};
}

static bool update_gold(LinkModel *model, const Scene *scene, const LinksLayout *l, Error *err)
{
    const DocSentence *s = scene->sentence;
    float line = scene->kit->theme->line_width;
    model->gold_possible = model->gold_sure = 0;
    if (!scene->has_gold || !s)
        return true;
    bool ok = true;
    model->gold = with_room(model->gold, &model->gold_cap,
                            2 * (int64_t)s->possible_count + s->sure_count, sizeof(Ribbon), &ok);
    if (!ok)
        return error_memory(err);
    for (int i = 0; i < s->possible_count + s->sure_count; i++) {
        bool sure = i >= s->possible_count;
        const DocLink *from = sure ? &s->sure[i - s->possible_count] : &s->possible[i];
        if (from->query < 0 || from->query >= scene->queries->count || from->key < 0 ||
            from->key >= scene->keys->count)
            continue;
        Link link = {from->query, from->key, 1};
        Ribbon *r = &model->gold[model->gold_possible + model->gold_sure];
        *r = ribbon_of(model, l, &link);
        r->width = (sure ? 2.5f : 4.0f) * line;
        r->alpha = 1;
        *(sure ? &model->gold_sure : &model->gold_possible) += 1;
    }
    for (int i = 0; i < model->gold_possible; i++) { /* what makes them hollow */
        Ribbon *core = &model->gold[model->gold_possible + model->gold_sure + i];
        *core = model->gold[i];
        core->width *= 0.5f;
    }
    return true;
}

/* Thousands of lines would melt into one block of colour: beyond a mean depth of DEPTH_MOST layers
 * of ink the unselected ones step back, all by the same factor, but never to nothing. */
static void thin_base(LinkModel *model, const LinksLayout *l, int rows)
{
    float ink = 0, extent = l->horizontal ? fminf(l->content, l->area.w) : l->pitch * (float)rows;
    for (int i = 0; i < model->base_count; i++)
        ink += model->base[i].width * model->base[i].alpha;
    float depth = ink / fmaxf(extent, 1);
    for (int i = 0; i < model->base_count && depth > DEPTH_MOST; i++)
        model->base[i].alpha = fmaxf(model->base[i].alpha * DEPTH_MOST / depth, ALPHA_LEAST);
}

static void add_ribbon(LinkModel *model, const Scene *scene, const LinksLayout *l, const Link *link,
                       bool chosen)
{
    float lo, hi;
    bool by_row = scene->color && scene->color->range == RANGE_ROW;
    scene_range(scene, by_row ? link->query : -1, &lo, &hi);
    float r = clampf(link->weight / hi, 0, 1);
    Ribbon *ribbon =
        chosen ? &model->chosen[model->chosen_count++] : &model->base[model->base_count++];
    *ribbon = ribbon_of(model, l, link);
    ribbon->width = links_width(scene, r);
    ribbon->alpha = links_alpha(r, chosen, model->selected);
}

/* A dense base is the same whatever is pointed at, so that the canvas can keep it; the selection is
 * drawn over it. */
static bool update_ribbons(LinkModel *model, const Scene *scene, const LinksLayout *l, Error *err)
{
    const Focus *f = &scene->focus;
    int cap = model->ribbon_cap;
    int64_t need = (int64_t)model->count + model->extra_count;
    bool ok = true;
    model->base = with_room(model->base, &cap, need, sizeof(Ribbon), &ok);
    cap = model->ribbon_cap;
    model->chosen = with_room(model->chosen, &cap, need, sizeof(Ribbon), &ok);
    if (!ok)
        return error_memory(err);
    model->ribbon_cap = cap;
    model->base_count = model->chosen_count = 0;
    model->selected = any_locked(f) || f->hover_query >= 0 || f->hover_key >= 0 || f->key >= 0;
    for (int i = 0; i < model->count; i++) {
        const Link *link = &model->links[i];
        bool chosen = model->selected && link_chosen(scene, link);
        bool again = chosen && extra_has(model, scene, link->query); /* its row follows */
        if (model->dense || !chosen)
            add_ribbon(model, scene, l, link, false);
        if (chosen && !again)
            add_ribbon(model, scene, l, link, true);
    }
    for (int i = 0; i < model->extra_count; i++)
        if (link_chosen(scene, &model->extra[i]))
            add_ribbon(model, scene, l, &model->extra[i], true);
    thin_base(model, l, scene->queries->count);
    return true;
}

static uint64_t ribbons_key(const LinkModel *model, const Scene *scene, const LinksLayout *l)
{
    float lo, hi;
    scene_range(scene, -1, &lo, &hi);
    uint64_t h = HASH_SEED;
    h = HASH(h, model->links_key);
    h = HASH(h, lo);
    h = HASH(h, hi);
    if (scene->color)
        h = HASH(h, scene->color->range);
    h = HASH(h, scene->focus.query);
    h = HASH(h, scene->focus.key);
    h = HASH(h, scene->focus.hover_query);
    h = HASH(h, scene->focus.hover_key);
    h = HASH(h, scene->focus.queries);
    h = HASH(h, scene->has_gold);
    h = HASH(h, scene->sentence);
    h = HASH(h, scene->queries);
    h = HASH(h, scene->keys);
    h = HASH(h, scene->kit->theme);
    h = HASH(h, scene->kit->scale);
    h = HASH(h, l->area);
    h = HASH(h, l->horizontal);
    h = HASH(h, l->row_top);
    h = HASH(h, l->pitch);
    h = HASH(h, l->key_pitch);
    h = HASH(h, l->scroll);
    h = HASH(h, l->token_gap);
    return h ? h : 1;
}

bool links_update(LinkModel *model, const Scene *given, const LinksLayout *l, Error *err)
{
    Scene scene = links_scene(given);
    Matrix m = scene_matrix(&scene);
    bool tiled = scene_tiled(&scene);
    if (tiled) /* no row but the selected ones */
        m = (Matrix){NULL, scene.result->n_q, scene.result->n_k, 0};
    if ((!m.at && !tiled) || !scene.lines || !scene.queries || !scene.keys ||
        scene.queries->count < m.rows || scene.keys->count < m.cols) {
        model->count = model->base_count = model->chosen_count = model->extra_count = 0;
        model->links_key = model->ribbons_key = 0;
        return true;
    }
    if (!update_links(model, &scene, m, err))
        return false;
    uint64_t key = ribbons_key(model, &scene, l);
    if (key == model->ribbons_key)
        return true;
    model->ribbons_key = 0;
    if (!place_tokens(model, &scene, l, err) || !update_extra(model, &scene, m, err) ||
        !update_ribbons(model, &scene, l, err) || !update_gold(model, &scene, l, err))
        return false;
    model->ribbons_key = key;
    return true;
}
