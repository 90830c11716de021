/* Arrays into a document: each role one tensor [sentences][layers][heads][rows][cols]. */
#include "load/load_json.h"
#include "load/record.h"
#include "load/tensors.h"
#include "load/tensors_tokens.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

typedef struct {
    const TensorList *list;
    const TensorMap *map;
    TensorReader reader;
    Reader r; /* warnings and the budget, as for documents of ours */
    TensorSize size[ROLE_COUNT];
    RecordBlock block[ROLE_COUNT]; /* of the first sentence */
    int64_t sentences;
    TokenLists tokens[ROLE_COUNT];
} Build;

/* "attention[1][0][3]": the first number that is not finite. */
static void note_odd(Build *b, TensorRole role, const Numbers *n)
{
    int64_t index[NUMBERS_DIMS], at = n->tensor.first_nonfinite;
    char *out = b->r.first_nonfinite;
    size_t cap = sizeof b->r.first_nonfinite;
    if (b->r.rounded == 0)
        memcpy(b->r.exact, n->exact, sizeof b->r.exact);
    b->r.rounded += n->rounded;
    if (n->tensor.nonfinite > 0 && b->r.nonfinite == 0) {
        for (int i = n->ndim - 1; i >= 0; i--) {
            index[i] = at % n->shape[i];
            at /= n->shape[i];
        }
        size_t used = (size_t)snprintf(out, cap, "%s", ROLE_NAMES[role]);
        for (int i = 0; i < n->ndim && used + 1 < cap; i++)
            used += (size_t)snprintf(out + used, cap - used, "[%lld]", (long long)index[i]);
    }
    b->r.nonfinite += n->tensor.nonfinite;
}

/* Is the array already in our order? Dimensions of 1 may stand anywhere. */
static bool in_order(const Build *b, TensorRole role)
{
    const TensorItem *t = &b->list->items[b->map->item[role]];
    const int *dims = b->map->dims[role];
    int before = -1;
    if (tensors_is_series(b->map, role))
        return false;
    for (int i = 0; i < 3 && dims[i] >= 0; i++) {
        if (t->shape[i] == 1)
            continue;
        if (dims[i] < before)
            return false;
        before = dims[i];
    }
    bool vectors = role == ROLE_Q || role == ROLE_K || role == ROLE_V;
    return !(vectors && b->map->heads_last && b->size[role].heads > 1);
}

/* Copies the rows of one array to where they belong; layer: of a series, else 0. */
static bool put_rows(const Build *b, TensorRole role, const Numbers *n, int64_t layer, Tensor *out,
                     Error *err)
{
    const TensorSize *z = &b->size[role];
    const int *dims = b->map->dims[role];
    int kind[NUMBERS_DIMS], outer = n->ndim - 1; /* all but the last: s, l, h, or 3: the row */
    int64_t index[NUMBERS_DIMS] = {0}, at[4] = {0, layer, 0, 0}, rows = 1;
    bool vectors = role == ROLE_Q || role == ROLE_K || role == ROLE_V;
    for (int i = 0; i < outer; i++) {
        kind[i] = i < outer - 1 ? dims[i] : 3;
        rows *= n->shape[i];
    }
    if (vectors && b->map->heads_last && outer > 1 && dims[outer - 2] == DIM_HEADS) {
        kind[outer - 2] = 3;
        kind[outer - 1] = DIM_HEADS;
    }
    /* Physical rows and columns: a turned matrix is turned by whoever settles the record. */
    int64_t physical = vectors ? z->rows : n->shape[outer - 1];
    size_t bytes = (size_t)n->shape[outer] * dtype_size(out->dtype);
    const char *from = n->tensor.data;
    for (int64_t row = 0; row < rows; row++, from += bytes) {
        for (int i = 0; i < outer; i++)
            at[kind[i]] = kind[i] == DIM_LAYERS ? layer * n->shape[i] + index[i] : index[i];
        int64_t place = ((at[0] * z->layers + at[1]) * z->heads + at[2]) * physical + at[3];
        memcpy((char *)out->data + (size_t)place * bytes, from, bytes);
        for (int i = outer - 1; i >= 0 && ++index[i] == n->shape[i]; i--)
            index[i] = 0;
        if ((row & 0xFFF) == 0 && b->reader.request->cancel &&
            atomic_load(b->reader.request->cancel))
            return error_set(err, ERROR_CANCELLED, "cancelled");
    }
    return true;
}

static bool over_budget(Build *b, uint64_t bytes, Error *err)
{
    return bytes > b->r.memory &&
           !limits_over(&b->reader.request->limits, LIMIT_MEMORY, err, "data",
                        "memory: expected at most %llu bytes, found %llu",
                        (unsigned long long)b->r.memory, (unsigned long long)bytes);
}

/* All arrays of a role in our order; the first of them is there already. */
static bool gather_role(Build *b, TensorRole role, Numbers *first, Tensor *out, Error *err)
{
    bool series = tensors_is_series(b->map, role);
    int count = series ? b->map->layer_count : 1;
    uint64_t bytes = 0;
    size_t size = dtype_size(first->tensor.dtype);
    *out = (Tensor){.dtype = first->tensor.dtype};
    if (__builtin_mul_overflow(first->tensor.count, (int64_t)count, &out->count) ||
        __builtin_mul_overflow((uint64_t)out->count, size, &bytes))
        bytes = UINT64_MAX;
    if (over_budget(b, bytes, err))
        return false;
    out->data = mem_aligned((size_t)bytes, 1);
    if (!out->data)
        return error_memory(err);
    bool ok = put_rows(b, role, first, 0, out, err);
    for (int i = 1; ok && i < count; i++) {
        Numbers n;
        int item = b->map->layers[role][i];
        ok = tensors_read(&b->reader, item, &n, b->r.memory, err);
        if (!ok)
            break;
        if (n.tensor.dtype != out->dtype || memcmp(n.shape, first->shape, sizeof n.shape) != 0)
            ok = error_set(err, ERROR_MALFORMED,
                           "%.80s: expected the type and shape of the first layer, found another",
                           tensors_name(b->list, item));
        note_odd(b, role, &n);
        ok = ok && put_rows(b, role, &n, i, out, err);
        tensor_free(&n.tensor);
    }
    if (ok)
        tensor_measure(out);
    else
        tensor_free(out);
    return ok;
}

static bool read_role(Build *b, TensorRole role, Error *err)
{
    Numbers n;
    int item = b->map->item[role];
    const TensorItem *t = &b->list->items[item];
    const TensorSize *z = &b->size[role];
    if (!tensors_read(&b->reader, item, &n, b->r.memory, err))
        return error_within(err, "%.60s", path_base(t->file));
    note_odd(b, role, &n);
    Tensor tensor = n.tensor;
    if (!in_order(b, role)) {
        bool ok = gather_role(b, role, &n, &tensor, err);
        tensor_free(&n.tensor);
        if (!ok)
            return error_within(err, "%.60s", path_base(t->file));
    }
    uint64_t bytes = (uint64_t)tensor.count * dtype_size(tensor.dtype);
    int index = record_add_tensor(b->r.doc, &tensor, err);
    if (index < 0)
        return false;
    b->r.memory -= bytes < b->r.memory ? bytes : b->r.memory;
    bool turned = b->map->transpose && role >= ROLE_WEIGHTS;
    b->block[role] = (RecordBlock){.tensor = index,
                                   .layers = (int)z->layers,
                                   .heads = (int)z->heads,
                                   .rows = turned ? z->cols : z->rows,
                                   .cols = turned ? z->rows : z->cols};
    return true;
}

static bool check_sizes(Build *b, Error *err)
{
    const LoadLimits *limits = &b->reader.request->limits;
    for (int role = ROLE_Q; role <= ROLE_SCORES; role++) {
        const TensorSize *z = &b->size[role];
        if (b->map->item[role] < 0)
            continue;
        int64_t most = (int64_t)limits_value(limits, LIMIT_SENTENCES);
        if (z->sentences > most)
            return limits_over(limits, LIMIT_SENTENCES, err, ROLE_NAMES[role],
                               "sentences: expected at most %lld, found %lld", (long long)most,
                               (long long)z->sentences);
        if (z->heads > LIMIT_MOST_HEADS || z->layers > LIMIT_MOST_HEADS)
            return limits_over(limits, LIMIT_HEADS, err, ROLE_NAMES[role],
                               "heads, layers: expected at most %d, found %lld, %lld",
                               LIMIT_MOST_HEADS, (long long)z->heads, (long long)z->layers);
        if (z->rows > LIMIT_MOST_AXIS || z->cols > LIMIT_MOST_AXIS)
            return limits_over(limits, LIMIT_AXIS, err, ROLE_NAMES[role],
                               "shape: expected at most %d, found %lld × %lld", LIMIT_MOST_AXIS,
                               (long long)z->rows, (long long)z->cols);
        b->sentences = z->sentences > b->sentences ? z->sentences : b->sentences;
    }
    return true;
}

/* A list of more texts than any axis has is not read: it would fit nothing. */
static bool check_tokens(const Build *b, Error *err)
{
    int64_t most = b->sentences;
    for (int role = ROLE_Q; role <= ROLE_SCORES; role++) {
        const TensorSize *z = &b->size[role];
        if (b->map->item[role] < 0)
            continue;
        most = z->rows > most ? z->rows : most;
        most = z->cols > most ? z->cols : most;
    }
    for (int role = ROLE_TOKENS; role <= ROLE_KEYS; role++) {
        int item = b->map->item[role];
        const TensorItem *t = item >= 0 ? &b->list->items[item] : NULL;
        if (t && t->texts && t->ndim == 1 && t->source != TENSOR_LINES && t->shape[0] > most)
            return error_at(err, ERROR_MALFORMED, ROLE_NAMES[role],
                            "expected at most %lld texts, found %lld", (long long)most,
                            (long long)t->shape[0]);
    }
    return true;
}

static RecordBlock block_of(const Build *b, TensorRole role, int64_t sentence)
{
    RecordBlock out = b->block[role];
    if (out.tensor >= 0)
        out.offset = sentence * out.layers * out.heads * out.rows * out.cols;
    return out;
}

static void fill_record(Build *b, int64_t s, Record *record)
{
    const TensorMap *map = b->map;
    const char *name =
        map->item[ROLE_WEIGHTS] >= 0 ? tensors_name(b->list, map->item[ROLE_WEIGHTS]) : "";
    record_init(record);
    record->weights = block_of(b, ROLE_WEIGHTS, s);
    record->scores = block_of(b, ROLE_SCORES, s);
    record->q = block_of(b, ROLE_Q, s);
    record->k = block_of(b, ROLE_K, s);
    record->v = block_of(b, ROLE_V, s);
    record->padded = map->padded;
    /* Neural Monkey's alignments are [sentence, source, target]. */
    bool dump = map->dims[ROLE_WEIGHTS][0] == DIM_SENTENCES && strcasestr(name, "alignment");
    record->rows = map->transpose || dump ? ROWS_ARE_KEYS : ROWS_UNSURE;
    record->certain = map->transpose;
    if (map->item[ROLE_TOKENS] >= 0) {
        record->self = true;
        record->queries = tokens_of(&b->tokens[ROLE_TOKENS], s, &record->query_count);
        return;
    }
    if (map->item[ROLE_QUERIES] >= 0)
        record->queries = tokens_of(&b->tokens[ROLE_QUERIES], s, &record->query_count);
    if (map->item[ROLE_KEYS] >= 0)
        record->keys = tokens_of(&b->tokens[ROLE_KEYS], s, &record->key_count);
}

/* It stays in the list, with one empty head, and says what is wrong with it. */
static bool leave_problem(Build *b, DocSentence *s, const Error *why, Error *err)
{
    char line[sizeof why->where + sizeof why->what + 8];
    Document *doc = b->r.doc;
    error_line(why, NULL, line, sizeof line);
    *s = (DocSentence){.title = "", .about = ""};
    s->problem = arena_text(&doc->arena, line, strlen(line));
    if (!s->problem || !document_empty_layers(s, &doc->arena))
        return error_memory(err);
    doc->bad_count++;
    return true;
}

static bool settle_all(Build *b, Error *err)
{
    Document *doc = b->r.doc;
    const LoadRequest *request = b->reader.request;
    DocOrigin origin = request->origin;
    if (b->map->padded && origin.eos == EOS_AUTO)
        origin.eos = EOS_NONE; /* of batches: an entry behind the tokens is padding */
    RecordPlace place = {doc, &origin, &doc->arena, record_add_tensor, doc};
    Error first = {0};
    doc->sentences = arena_alloc(&doc->arena, (size_t)b->sentences, sizeof *doc->sentences);
    if (!doc->sentences)
        return error_memory(err);
    for (int i = 0; i < (int)b->sentences; i++) {
        Record record;
        Error why = {0};
        DocSentence *s = &doc->sentences[i];
        if (request->cancel && atomic_load(request->cancel))
            return error_set(err, ERROR_CANCELLED, "cancelled");
        fill_record(b, i, &record);
        if (record_settle(&place, &record, s, &why)) {
            if (!reader_count_sentence(&b->r, s, i))
                return false;
            continue;
        }
        if (why.kind != ERROR_MALFORMED)
            return error_at(err, why.kind, why.where, "%s", why.what);
        if (doc->bad_count == 0)
            first = why;
        if (doc->bad_count + 1 == (int)b->sentences)
            return error_at(err, first.kind, first.where, "%s", first.what);
        if (!leave_problem(b, s, &why, err))
            return false;
    }
    doc->sentence_count = (int)b->sentences;
    if (doc->bad_count == 0)
        return true;
    int bad = 0;
    while (!doc->sentences[bad].problem)
        bad++;
    return reader_warn(&b->r, "%d of %d sentences cannot be read, the first is sentence %d: %s",
                       doc->bad_count, doc->sentence_count, bad, doc->sentences[bad].problem);
}

static bool build(Build *b, Error *err)
{
    for (int role = ROLE_Q; role < ROLE_COUNT; role++) {
        b->size[role] = tensors_size(b->list, b->map, (TensorRole)role);
        b->block[role].tensor = -1;
    }
    if (!tensors_check(b->list, b->map, err) || !check_sizes(b, err) || !check_tokens(b, err))
        return false;
    for (int role = ROLE_TOKENS; role <= ROLE_KEYS; role++) {
        bool keys = role == ROLE_KEYS;
        const TensorSize *z = &b->size[b->map->item[ROLE_WEIGHTS] >= 0  ? ROLE_WEIGHTS
                                       : b->map->item[ROLE_SCORES] >= 0 ? ROLE_SCORES
                                       : keys                           ? ROLE_K
                                                                        : ROLE_Q];
        bool by_cols = keys && (b->map->item[ROLE_WEIGHTS] >= 0 || b->map->item[ROLE_SCORES] >= 0);
        if (b->map->item[role] >= 0 &&
            !tokens_read(&b->tokens[role], &b->reader, b->map->item[role], &b->r.doc->arena,
                         b->sentences, by_cols ? z->cols : z->rows, err))
            return error_within(err, "%s", ROLE_NAMES[role]);
    }
    for (int role = ROLE_Q; role <= ROLE_SCORES; role++) {
        if (b->map->item[role] >= 0 && !read_role(b, (TensorRole)role, err))
            return false;
    }
    return settle_all(b, err) && reader_tell_numbers(&b->r);
}

bool tensors_document(Document *doc, const TensorList *list, const TensorMap *map,
                      const LoadRequest *request, Error *err)
{
    Build b = {.list = list, .map = map, .sentences = 1};
    b.r = (Reader){.request = request, .doc = doc, .memory = request->limits.memory, .err = err};
    tensors_reader_init(&b.reader, list, request);
    bool ok = build(&b, err);
    tensors_reader_free(&b.reader);
    doc->memory = b.r.memory;
    return ok;
}
