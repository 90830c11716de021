/* A small scene made by hand, for the tests of views: weights from a formula or a table, masks,
 * statistics, axes and looks, the fixed font. Numbers do not come from the pipeline.
 */
#ifndef ATTNSCOPE_TESTS_VIEW_FIXTURE_H
#define ATTNSCOPE_TESTS_VIEW_FIXTURE_H

#include "support/check.h"

#include "base/mem.h"
#include "draw/trace.h"
#include "view/scene.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    Font font;
    TextKit kit;
    AttnInput in;
    MaskParams mask_params;
    Mask mask;
    AttnResult result;
    RowStats *rows;
    float *weights;
    Axis queries, keys;
    DocSentence sentence;
    const char **tokens;
    ColorLook color;
    LinesLook lines;
    PatchesLook patches;
    Scene scene;
} Fixture;

static const char *const FIXTURE_WORDS[] = {"The", "animal", "didn",    "’t", "cross",
                                            "the", "street", "because", "it", "was",
                                            "too", "tired",  "."};

/* splitmix64: the same numbers everywhere. */
static inline double fixture_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15ull);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return (double)((z ^ (z >> 31)) >> 11) / 9007199254740992.0;
}

/* Statistics, range and stamp of the weights as they are now. */
static inline void fixture_refresh(Fixture *f)
{
    mask_free(&f->mask);
    assert_true(mask_init(&f->mask, &f->in, &f->mask_params));
    Matrix m = {f->weights, f->in.n_q, f->in.n_k, f->in.n_k};
    for (int i = 0; i < f->in.n_q; i++)
        stats_row(&f->rows[i], matrix_row(m, i), &f->mask, i);
    f->result.stage[f->scene.stage] = m;
    f->result.range[f->scene.stage] = stats_range(m, &f->mask);
    f->result.stage[STAGE_WEIGHTS] = m;
    f->result.range[STAGE_WEIGHTS] = stats_range(m, &f->mask);
    f->result.stamp[f->scene.stage]++;
    if (f->scene.stage != STAGE_WEIGHTS)
        f->result.stamp[STAGE_WEIGHTS]++;
    f->result.rows = f->rows;
    f->result.mask = &f->mask;
    memcpy(f->scene.heads_range, f->result.range, sizeof f->result.range);
}

/* Masked weights 0, every row summing to 1 over what is left. */
static inline void fixture_renormalise(Fixture *f)
{
    mask_free(&f->mask);
    assert_true(mask_init(&f->mask, &f->in, &f->mask_params));
    for (int i = 0; i < f->in.n_q; i++) {
        float *w = f->weights + (size_t)i * (size_t)f->in.n_k;
        double sum = 0;
        for (int j = 0; j < f->in.n_k; j++) {
            if (!mask_allows(&f->mask, i, j))
                w[j] = 0;
            sum += (double)w[j];
        }
        for (int j = 0; j < f->in.n_k && sum > 0; j++)
            w[j] = (float)((double)w[j] / sum);
    }
    fixture_refresh(f);
}

static inline void fixture_axes(Fixture *f)
{
    Error err = {0};
    axis_free(&f->queries);
    axis_free(&f->keys);
    assert_true(axis_init(&f->queries, &f->sentence, true, f->in.n_q, &err));
    assert_true(axis_init(&f->keys, &f->sentence, false, f->in.n_k, &err));
}

static inline void fixture_init(Fixture *f, int n_q, int n_k, uint64_t seed)
{
    int most = n_q > n_k ? n_q : n_k;
    memset(f, 0, sizeof *f);
    f->font = font_fixed();
    f->kit = (TextKit){&f->font, 1, theme(THEME_LIGHT)};
    f->in.n_q = n_q;
    f->in.n_k = n_k;
    f->in.key = seed + 1;
    f->mask_params = (MaskParams){.renormalise = true};
    f->rows = mem_zero((size_t)n_q, sizeof *f->rows);
    f->weights = mem_array((size_t)n_q * (size_t)n_k, sizeof *f->weights);
    f->tokens = mem_array((size_t)most, sizeof *f->tokens);
    assert_non_null(f->rows);
    assert_non_null(f->weights);
    assert_non_null(f->tokens);
    for (int i = 0; i < most; i++)
        f->tokens[i] = FIXTURE_WORDS[i % 13];
    for (int i = 0; i < n_q * n_k; i++) {
        double x = fixture_random(&seed);
        f->weights[i] = (float)(x * x * x * x + 1e-4);
    }
    f->sentence.title = f->sentence.about = "";
    f->sentence.queries = (DocAxis){f->tokens, n_q, "", NULL, NULL};
    f->sentence.keys = (DocAxis){f->tokens, n_k, "", NULL, NULL};
    f->sentence.image.file = "";
    f->color = (ColorLook){.map = COLORMAP_COUNT, .range = RANGE_MATRIX, .hi = 1, .numbers = true};
    f->lines = (LinesLook){0.9, 0, LINES_VERTICAL};
    f->patches = (PatchesLook){OVERLAY_COLOR, 0.5, true, false, true, false};
    f->result.n_q = n_q;
    f->result.n_k = n_k;
    f->result.divisor = f->result.temperature = 1;
    f->result.recorded_error = -1;
    f->scene = (Scene){.kit = &f->kit,
                       .result = &f->result,
                       .stage = STAGE_WEIGHTS,
                       .queries = &f->queries,
                       .keys = &f->keys,
                       .sentence = &f->sentence,
                       .color = &f->color,
                       .lines = &f->lines,
                       .patches = &f->patches,
                       .focus = {-1, -1, -1, -1, 0, false},
                       .head_is_one = true};
    fixture_axes(f);
    fixture_renormalise(f);
}

static inline void fixture_free(Fixture *f)
{
    axis_free(&f->queries);
    axis_free(&f->keys);
    mask_free(&f->mask);
    mem_free(f->rows);
    mem_free(f->weights);
    mem_free(f->tokens);
}

/* The list must read as the golden. */
static inline void fixture_golden(const char *name, const DrawList *list)
{
    Buf text;
    Error err = {0};
    buf_init(&text, BUF_NO_LIMIT);
    assert_false(list->failed);
    assert_true(trace_write(&text, list, &err));
    check_text_golden(name, buf_string(&text), text.size);
    buf_free(&text);
}

/* How many commands of a kind the list holds, of any color when it is 0. */
static inline int fixture_count(const DrawList *list, DrawKind kind, Color color)
{
    int count = 0;
    for (size_t i = 0; i < list->count; i++)
        count += list->items[i].kind == kind && (color == 0 || list->items[i].color == color);
    return count;
}

/* How many texts are drawn in a colour. */
static inline int fixture_texts_in(const DrawList *list, Color color)
{
    int count = 0;
    for (size_t i = 0; i < list->count; i++)
        count += list->items[i].kind == DRAW_TEXT && list->items[i].style.color == color;
    return count;
}

static inline bool fixture_has_text(const DrawList *list, const char *text)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].kind == DRAW_TEXT && strcmp(list->items[i].text, text) == 0)
            return true;
    return false;
}

#endif
