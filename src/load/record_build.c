/* The matrices of a record: lent as they lie, or turned and merged into a new tensor. */
#include "load/record_plan.h"
#include "base/mem.h"

#include <string.h>

/* Adds the numbers of the file's row i to those of the words they belong to. */
typedef struct {
    const RecordPlan *plan;
    Stored from;
    double *row;  /* owned: one row of the file */
    double *sums; /* owned: queries.words × keys.words */
    bool turned;
} Merge;

static void merge_head(Merge *m)
{
    const RecordAxis *q = &m->plan->queries, *k = &m->plan->keys;
    size_t width = (size_t)k->words;
    memset(m->sums, 0, (size_t)q->words * width * sizeof *m->sums);
    int rows = m->turned ? k->count : q->count, cols = m->turned ? q->count : k->count;
    for (int i = 0; i < rows; i++) {
        stored_row(m->from, i, m->row);
        for (int j = 0; j < cols; j++) {
            int query = m->turned ? j : i, key = m->turned ? i : j;
            size_t at = (size_t)(q->word ? q->word[query] : query) * width +
                        (size_t)(k->word ? k->word[key] : key);
            m->sums[at] += m->row[j];
        }
    }
    if (!q->word)
        return;
    for (int i = 0, next = 0; i < q->words; i++) {
        int pieces = 0;
        for (; next < q->count && q->word[next] == i; next++)
            pieces++;
        for (size_t j = 0; pieces > 1 && j < width; j++)
            m->sums[(size_t)i * width + j] /= pieces;
    }
}

static void store(Tensor *t, size_t at, const double *from, size_t count)
{
    if (t->dtype == DTYPE_F64) {
        memcpy((double *)t->data + at, from, count * sizeof *from);
        return;
    }
    float *out = (float *)t->data + at;
    for (size_t i = 0; i < count; i++)
        out[i] = (float)from[i];
}

/* Turned alone keeps every bit, in whatever type; 32 rows at a time stay in the cache. */
static void turn_head(const RecordPlan *p, const Tensor *from, int64_t offset, int64_t step,
                      Tensor *out, size_t at)
{
    enum { BAND = 32 };
    size_t size = dtype_size(from->dtype);
    int rows = p->queries.count, cols = p->keys.count;
    const char *source = (const char *)from->data + (size_t)offset * size;
    char *to = (char *)out->data + at * size;
    for (int band = 0; band < rows; band += BAND) {
        int end = rows - band < BAND ? rows : band + BAND;
        for (int j = 0; j < cols; j++) {
            for (int i = band; i < end; i++)
                memcpy(to + ((size_t)i * (size_t)cols + (size_t)j) * size,
                       source + ((size_t)j * (size_t)step + (size_t)i) * size, size);
        }
    }
}

static bool merge_all(Merge *m, const RecordBlock *b, const Tensor *from, Tensor *out, Error *err)
{
    const RecordPlan *p = m->plan;
    size_t cells = (size_t)p->queries.words * (size_t)p->keys.words;
    m->row = mem_array((size_t)b->cols, sizeof *m->row);
    m->sums = mem_array(cells, sizeof *m->sums);
    bool ok = (m->row && m->sums) || error_memory(err);
    for (int i = 0; ok && i < b->layers * b->heads; i++) {
        int64_t at = b->offset + i * b->rows * b->cols;
        m->from = (Stored){(const char *)from->data + (size_t)at * dtype_size(from->dtype),
                           from->dtype, (int)b->rows, (int)b->cols, (ptrdiff_t)b->cols};
        merge_head(m);
        store(out, (size_t)i * cells, m->sums, cells);
    }
    mem_free(m->row);
    mem_free(m->sums);
    return ok;
}

/* All heads in the document's orientation. Returns the index of the new tensor, or −1. */
static int make_tensor(const RecordPlan *p, const RecordBlock *b, bool turned, Error *err)
{
    const Tensor *from = &p->place->doc->tensors[b->tensor];
    bool merged = p->queries.word || p->keys.word;
    DType dtype = merged && from->dtype != DTYPE_F64 ? DTYPE_F32 : from->dtype;
    size_t cells = (size_t)p->queries.words * (size_t)p->keys.words;
    Tensor out = {.dtype = dtype, .count = (int64_t)cells * b->layers * b->heads};
    out.data = mem_aligned((size_t)out.count, dtype_size(dtype));
    bool ok = out.data != NULL || error_memory(err);
    if (ok && merged) {
        Merge m = {.plan = p, .turned = turned};
        ok = merge_all(&m, b, from, &out, err);
    }
    for (int i = 0; ok && !merged && i < b->layers * b->heads; i++)
        turn_head(p, from, b->offset + i * b->rows * b->cols, b->cols, &out, (size_t)i * cells);
    if (!ok) {
        mem_free(out.data);
        return -1;
    }
    tensor_measure(&out);
    return p->place->add(p->place->context, &out, err);
}

bool record_matrices(const RecordPlan *p, const RecordBlock *b, bool vectors, DocMatrix *out,
                     Error *err)
{
    bool turned = !vectors && p->rows_are_keys;
    bool merged = !vectors && (p->queries.word || p->keys.word);
    int count = b->layers * b->heads;
    DocMatrix m = {.tensor = b->tensor,
                   .rows = vectors ? (int)b->rows : p->queries.words,
                   .cols = vectors ? (int)b->cols : p->keys.words,
                   .step = b->cols};
    int64_t offset = b->offset, apart = b->rows * b->cols;
    if (turned || merged) {
        m.tensor = make_tensor(p, b, turned, err);
        if (m.tensor < 0)
            return false;
        offset = 0;
        m.step = m.cols;
        apart = (int64_t)m.rows * m.cols;
    }
    for (int i = 0; i < count; i++) {
        out[i] = m;
        out[i].offset = offset + i * apart;
    }
    return true;
}
