#include "view/heaviest.h"
#include "view/row_chart_parts.h"

#include "base/index_set.h"
#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Keys that the row may look at count as unmasked. */
static void note_allowed(RowData *data, const Mask *mask, int row)
{
    int lo = 0, hi = data->n_k;
    if (!mask || !mask->any) {
        if (data->masked[0])
            memset(data->masked, 0, (size_t)data->n_k);
        return;
    }
    if (mask->irregular) {
        MaskRun run;
        for (MaskWalk walk = mask_walk(mask, row); mask_walk_next(&walk, &run);)
            if (!run.hidden)
                memset(data->masked + run.begin, 0, (size_t)(run.end - run.begin));
        return;
    }
    mask_row(mask, row, &lo, &hi);
    for (int j = lo; j < hi; j++)
        data->masked[j] = data->masked[j] && mask->blocked[j];
}

static void note_allowed_bits(RowData *data, const Mask *mask)
{
    uint64_t bits = 0;
    for (int j = 0; j < data->n_k; j++) {
        if (j % 64 == 0)
            bits = mask_word_any(mask, j / 64);
        data->masked[j] = mask->blocked[j] || !((bits >> (j % 64)) & 1);
    }
}

/* As note_allowed for every row, at the cost of one: the rows' ranges are counted where they begin
 * and end. */
static void note_allowed_all(RowData *data, const Mask *mask, int rows)
{
    int n = data->n_k, lo, hi, open = 0;
    if (!mask || !mask->any) {
        memset(data->masked, 0, (size_t)n);
        return;
    }
    if (mask->irregular) {
        note_allowed_bits(data, mask);
        return;
    }
    memset(data->order, 0, (size_t)n * sizeof *data->order); /* not in use yet */
    for (int row = 0; row < rows; row++) {
        mask_row(mask, row, &lo, &hi);
        if (lo >= hi)
            continue;
        data->order[lo]++;
        if (hi < n)
            data->order[hi]--;
    }
    for (int j = 0; j < n; j++) {
        open += data->order[j];
        data->masked[j] = open == 0 || mask->blocked[j];
    }
}

/* Adds one row's weights. Rows that are empty or broken count among several not at all. */
static bool add_row(RowData *data, const Scene *scene, int row)
{
    const AttnResult *r = scene->result;
    const float *w = scene_weights(scene, row);
    unsigned flags = r->rows ? r->rows[row].flags : 0;
    if (!data->all)
        note_allowed(data, r->mask, row);
    if ((!w && !data->summed) || (flags & (ROW_FULLY_MASKED | ROW_NAN)))
        return false;
    for (int j = 0; j < data->n_k && !data->summed; j++)
        data->weights[j] += (double)w[j];
    data->missing += r->rows ? r->rows[row].missing : 0;
    return true;
}

/* The rows that are selected (all of them when none is); returns how many could be added. */
static int add_rows(RowData *data, const Scene *scene)
{
    const Focus *f = &scene->focus;
    IndexSet set = f->queries ? index_set(f->queries) : (IndexSet){NULL, 0};
    int rows = scene->result->n_q, counted = 0, single = -1;
    for (int i = 0; i < set.count; i++) {
        if (set.items[i] >= rows)
            continue;
        single = set.items[i];
        counted += add_row(data, scene, single);
        data->queries++;
    }
    int more = f->query >= 0 ? f->query : data->queries == 0 ? f->hover_query : -1;
    if (more >= 0 && more < rows && !(f->queries && index_set_has(f->queries, more))) {
        single = more;
        counted += add_row(data, scene, single);
        data->queries++;
    }
    data->row = data->queries == 1 ? single : -1;
    if (data->queries > 0)
        return counted;
    data->summed = scene->received != NULL;
    data->all = true;
    if (scene->result->tiles && !scene->received) /* not all rows are known yet */
        return 0;
    note_allowed_all(data, scene->result->mask, rows);
    for (int j = 0; j < data->n_k && data->summed; j++)
        data->weights[j] = scene->received[j];
    for (int row = 0; row < rows; row++)
        counted += add_row(data, scene, row);
    return counted;
}

/* known: entropy is that of one row, whose statistics say it. */
static void figures(RowData *data, bool known)
{
    data->top = 0;
    for (int j = 0; j < data->n_k; j++) {
        data->masked_count += data->masked[j];
        data->keys += !data->masked[j];
        data->sum += data->weights[j];
        data->top = data->weights[j] > data->top ? data->weights[j] : data->top;
    }
    for (int j = 0; j < data->n_k && data->sum > 0 && !known; j++) {
        double p = data->weights[j] / data->sum;
        data->entropy -= p > 0 ? p * log2(p) : 0;
    }
    data->entropy = data->sum > 0 ? fmax(data->entropy, 0) : (double)NAN;
    data->effective = exp2(data->entropy);
}

bool row_data_init(RowData *data, const Scene *scene)
{
    memset(data, 0, sizeof *data);
    if (!scene->result || (!scene->result->stage[STAGE_WEIGHTS].at && !scene->result->tiles))
        return false;
    data->n_k = scene->result->n_k;
    size_t n = (size_t)data->n_k;
    data->weights = mem_zero(n, sizeof *data->weights);
    data->masked = mem_array(n, 1);
    data->order = mem_array(n, sizeof *data->order);
    if (!data->weights || !data->masked || !data->order) {
        row_data_free(data);
        return false;
    }
    memset(data->masked, 1, n);
    int counted = add_rows(data, scene);
    if (data->all && scene->result->tiles && !scene->received) {
        row_data_free(data);
        return false;
    }
    data->undefined = counted == 0;
    if (counted > 1 && !(data->queries > 1 && scene->focus.sum)) {
        for (int j = 0; j < data->n_k; j++)
            data->weights[j] /= counted;
        data->missing /= counted;
    }
    bool known = data->row >= 0 && counted == 1 && scene->result->rows;
    figures(data, known);
    if (known) { /* as the pipeline has them */
        data->entropy = scene->result->rows[data->row].entropy;
        data->effective = scene->result->rows[data->row].effective;
    }
    return true;
}

void row_data_free(RowData *data)
{
    mem_free(data->weights);
    mem_free(data->masked);
    mem_free(data->order);
    memset(data, 0, sizeof *data);
}

/* A key with all that its place depends on: qsort takes no context. */
typedef struct {
    double weight;
    int key, masked;
} Ranked;

static int heavier_first(const void *a, const void *b)
{
    const Ranked *x = a, *y = b;
    if (x->masked != y->masked)
        return x->masked - y->masked;
    if (x->weight != y->weight)
        return x->weight > y->weight ? -1 : 1;
    return x->key < y->key ? -1 : x->key > y->key;
}

static int by_index(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return x < y ? -1 : x > y;
}

/* Moves the heaviest `rows` of n candidates to the front, adds the others to the rest. */
static Ranked part_ranked(RowData *data, Ranked *items, int n, int rows)
{
    heaviest_select(items, (size_t)n, sizeof *items, (size_t)rows, heavier_first);
    for (int i = rows; i < n; i++)
        data->rest += items[i].weight;
    Ranked last = items[0];
    for (int i = 1; i < rows; i++)
        last = heavier_first(&items[i], &last) > 0 ? items[i] : last;
    return last;
}

/* The heaviest `rows` > 0 of all keys, in items (room for `room` > rows): most of a long row are
 * turned away by one look at the lightest that is kept. Returns how many there are. */
static int gather_ranked(RowData *data, Ranked *items, int room, int rows)
{
    Ranked bound = {0};
    int n = 0;
    bool bounded = false;
    for (int j = 0; j < data->n_k; j++) {
        Ranked one = {data->weights[j], j, data->masked[j]};
        if (bounded && heavier_first(&bound, &one) < 0) {
            data->rest += one.weight;
            continue;
        }
        items[n++] = one;
        if (n < room)
            continue;
        bound = part_ranked(data, items, n, rows);
        bounded = true;
        n = rows;
    }
    if (n > rows)
        part_ranked(data, items, n, rows);
    return n < rows ? n : rows;
}

void row_data_order(RowData *data, int rows, bool sorted)
{
    int n = data->n_k;
    data->shown = 0;
    data->rest = 0;
    data->hidden = 0;
    bool fits = n <= rows;
    rows = fits ? n : rows > 1 ? rows - 1 : 0; /* the last line says what is missing */
    if (fits && !sorted) {
        for (int j = 0; j < n; j++)
            data->order[data->shown++] = j;
        return;
    }
    int room = 4 * rows + 256;
    Ranked *ranked = mem_array((size_t)room, sizeof *ranked);
    if (!ranked)
        return;
    for (int j = 0; j < n && rows == 0; j++)
        data->rest += data->weights[j];
    rows = rows > 0 ? gather_ranked(data, ranked, room, rows) : 0;
    qsort(ranked, (size_t)rows, sizeof *ranked, heavier_first);
    for (int i = 0; i < rows; i++)
        data->order[data->shown++] = ranked[i].key;
    data->hidden = n - rows;
    if (!sorted)
        qsort(data->order, (size_t)data->shown, sizeof *data->order, by_index);
    mem_free(ranked);
}
