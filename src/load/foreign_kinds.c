/* Which program wrote an object is told by its keys; then it is filled into records. */
#include "load/foreign_read.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const QUERY_KEYS[] = {
    "target",  "tgt",          "target_tokens",   "tgt_tokens",  "decoder_tokens",
    "queries", "query_tokens", "target_sentence", "target_sent", "translation",
    NULL};
static const char *const KEY_KEYS[] = {"source",         "src",  "source_tokens", "src_tokens",
                                       "encoder_tokens", "keys", "key_tokens",    "source_sentence",
                                       "source_sent",    NULL};
static const char *const SELF_KEYS[] = {"tokens", "token", "text", "sentence", NULL};
static const char *const WEIGHT_KEYS[] = {"matrix", "attention", "attentions", "weights",
                                          "attn",   "alignment", NULL};

static const cJSON *first_of(const cJSON *object, const char *const *keys)
{
    for (int i = 0; keys[i]; i++) {
        const cJSON *item = reader_member(object, keys[i]);
        if (item)
            return item;
    }
    return NULL;
}

static bool has(const cJSON *object, const char *key)
{
    return reader_member(object, key) != NULL;
}

/* An optional text or number by which the program calls the sentence. */
static bool read_title(Foreign *f, const cJSON *object, Record *record)
{
    static const char *const keys[] = {"title", "id", "prompt", "name", NULL};
    Reader *r = &f->r;
    const cJSON *item = first_of(object, keys);
    double number;
    char text[40];
    if (item && cJSON_IsString(item)) {
        record->title = json_text(r->tree, item, &r->doc->arena);
    } else if (item && json_real(r->tree, item, &number)) {
        snprintf(text, sizeof text, "%.15g", number);
        record->title = arena_text(&r->doc->arena, text, strlen(text));
    }
    return record->title || error_memory(r->err);
}

/* Both lists, or the one that serves both axes. */
static bool read_tokens(Foreign *f, const cJSON *object, Record *record)
{
    if (!foreign_tokens_any(f, object, QUERY_KEYS, &record->queries, &record->query_count) ||
        !foreign_tokens_any(f, object, KEY_KEYS, &record->keys, &record->key_count))
        return false;
    if (record->queries || record->keys)
        return true;
    if (!foreign_tokens_any(f, object, SELF_KEYS, &record->queries, &record->query_count))
        return false;
    record->self = record->queries != NULL;
    return true;
}

/* ---- plain: numbers and tokens by the names that people give them ---- */

static bool plain_is(const Foreign *f, const cJSON *object)
{
    (void)f;
    return first_of(object, WEIGHT_KEYS) || has(object, "scores") ||
           (has(object, "q") && has(object, "k"));
}

static bool read_part(Foreign *f, const cJSON *object, const char *key, double null,
                      RecordBlock *block)
{
    const cJSON *item = reader_member(object, key);
    return !item || foreign_block(&f->r, item, null, block);
}

/* Without a word on what its axes are, a square is one sentence looking at itself: two sentences
 * seldom are of one length. */
static void join_square(const Foreign *f, Record *record)
{
    const RecordBlock *b = record->weights.tensor >= 0 ? &record->weights : &record->scores;
    const DocOrigin *origin = &f->request.origin;
    if (record->queries || record->keys || origin->source || origin->target)
        return;
    if (b->tensor < 0 && record->q.tensor >= 0)
        record->self = record->q.rows == record->k.rows;
    else
        record->self = b->tensor >= 0 && b->rows == b->cols;
}

static bool plain_read(Foreign *f, const cJSON *object)
{
    Record record;
    record_init(&record);
    record.rows = ROWS_ARE_QUERIES;
    const cJSON *weights = first_of(object, WEIGHT_KEYS);
    if (!read_title(f, object, &record) || !read_tokens(f, object, &record) ||
        !reader_positive(&f->r, object, "d_k", &record.d_k) ||
        !read_part(f, object, "scores", -INFINITY, &record.scores) ||
        !read_part(f, object, "q", NAN, &record.q) || !read_part(f, object, "k", NAN, &record.k) ||
        !read_part(f, object, "v", NAN, &record.v))
        return false;
    if ((record.q.tensor < 0) != (record.k.tensor < 0))
        return reader_fail(&f->r, object, "expected both \"q\" and \"k\", found only \"%s\"",
                           record.q.tensor < 0 ? "k" : "q");
    bool computed = record.scores.tensor >= 0 || record.q.tensor >= 0;
    if (weights &&
        !foreign_block(&f->r, weights, NAN, computed ? &record.recorded : &record.weights))
        return false;
    join_square(f, &record);
    return foreign_add(f, object, &record);
}

bool foreign_matrix(Foreign *f, const cJSON *item)
{
    Record record;
    record_init(&record);
    record.rows = ROWS_ARE_QUERIES;
    f->r.doc->format = "JSON matrix";
    if (!foreign_block(&f->r, item, NAN, &record.weights))
        return false;
    join_square(f, &record);
    bool ok = foreign_add(f, item, &record);
    f->entry++;
    return ok;
}

/* ---- Nematus: {"id", "source_sent", "target_sent", "matrix"}, the end of sentence on both axes */

static bool nematus_is(const Foreign *f, const cJSON *object)
{
    (void)f;
    return has(object, "matrix") && has(object, "source_sent") && has(object, "target_sent");
}

static bool nematus_read(Foreign *f, const cJSON *object)
{
    Record record;
    record_init(&record);
    record.rows = ROWS_ARE_QUERIES;
    record.eos_documented = true;
    return read_title(f, object, &record) && read_tokens(f, object, &record) &&
           foreign_block(&f->r, reader_member(object, "matrix"), NAN, &record.weights) &&
           foreign_add(f, object, &record);
}

/* ---- CTranslate2: {"hypotheses": [[text]], "attention": [hypothesis][target][source]} ---- */

static bool ctranslate_is(const Foreign *f, const cJSON *object)
{
    (void)f;
    return has(object, "hypotheses") && has(object, "attention");
}

/* The matrices of a list, one behind the other: of one size (a block), or each of its own (then the
 * text is what still has their numbers). */
typedef struct {
    const cJSON *list;
    RecordBlock all;   /* tensor −1: they differ in size */
    const cJSON *next; /* they differ so much that they are items of the tree */
    size_t at;         /* in the text, where they are a block that is not rectangular */
    int count, done;
} Matrices;

static bool matrices_begin(Foreign *f, const cJSON *list, Matrices *m)
{
    const JsonBlock *b = json_block(f->r.tree, list);
    *m = (Matrices){.list = list, .all = {.tensor = -1}, .next = list->child};
    if (b && b->ragged && b->ndim == 3 && b->ragged_level > 0) {
        size_t value, end;
        m->at = b->from + 1;
        for (size_t at = m->at; json_item(f->r.tree->text, &at, &value, &end);)
            m->count++;
        return true;
    }
    if (b) {
        cJSON plain = *list; /* the path names it already */
        plain.string = NULL;
        bool ok = foreign_block(&f->r, &plain, NAN, &m->all);
        m->count = ok ? m->all.layers * m->all.heads : 0;
        return ok;
    }
    m->count = cJSON_GetArraySize(list);
    return m->count > 0 || reader_expected(&f->r, list, "one matrix for each list of tokens");
}

/* From the text once more. */
static bool matrix_again(Foreign *f, Matrices *m, RecordBlock *out)
{
    Reader *r = &f->r;
    JsonTree sub, *whole = r->tree;
    size_t value = 0, end;
    json_item(whole->text, &m->at, &value, &end);
    json_tree_init(&sub);
    bool ok =
        json_tree_read(&sub, whole->text, whole->length, &value, r->request, r->memory, r->err);
    r->tree = &sub;
    ok = ok && foreign_block(r, sub.root, NAN, out);
    r->tree = whole;
    json_tree_free(&sub);
    return ok;
}

static bool matrices_next(Foreign *f, Matrices *m, RecordBlock *out)
{
    int i = m->done++;
    if (m->all.tensor >= 0) {
        *out = m->all;
        out->layers = out->heads = 1;
        out->offset += (int64_t)i * out->rows * out->cols;
        return true;
    }
    size_t mark = reader_index(&f->r, i);
    bool ok = m->at ? matrix_again(f, m, out) : foreign_block(&f->r, m->next, NAN, out);
    if (!m->at)
        m->next = m->next->next;
    if (ok)
        reader_up(&f->r, mark);
    return ok;
}

/* What is one of several takes its number as its title. */
static bool title_number(Foreign *f, const char *what, int i, int count, Record *record)
{
    char text[60];
    if (count < 2)
        return true;
    snprintf(text, sizeof text, "%s %d", what, i + 1);
    record->title = arena_text(&f->r.doc->arena, text, strlen(text));
    return record->title || error_memory(f->r.err);
}

/* An object with a list of matrices, a list of lists of target tokens, and the source tokens. */
static bool several_read(Foreign *f, const cJSON *object, const char *attention, const char *lists,
                         const char *source, const char *what)
{
    Reader *r = &f->r;
    const cJSON *texts = reader_member(object, lists), *tokens = texts->child;
    Record base, record;
    Matrices m;
    record_init(&base);
    base.rows = ROWS_ARE_QUERIES;
    if (!(source ? foreign_tokens(f, object, source, &base.keys, &base.key_count)
                 : foreign_tokens_any(f, object, KEY_KEYS, &base.keys, &base.key_count)))
        return false;
    size_t mark = reader_key(r, attention);
    if (!matrices_begin(f, reader_member(object, attention), &m))
        return false;
    reader_up(r, mark);
    reader_key(r, lists);
    if (!cJSON_IsArray(texts))
        return reader_expected(r, texts, "a list of lists of tokens");
    if (cJSON_GetArraySize(texts) != m.count)
        return reader_fail(r, texts, "expected %d list%s of tokens, one for each matrix, found %d",
                           m.count, m.count == 1 ? "" : "s", cJSON_GetArraySize(texts));
    reader_up(r, mark);
    reader_key(r, attention);
    for (int i = 0; i < m.count; i++, tokens = tokens->next) {
        record = base;
        if (!matrices_next(f, &m, &record.weights))
            return false;
        reader_up(r, mark);
        reader_key(r, lists);
        reader_index(r, i);
        if (!foreign_list(f, tokens, &record.queries, &record.query_count))
            return false;
        reader_up(r, mark);
        if (!title_number(f, what, i, m.count, &record) || !foreign_add(f, object, &record))
            return false;
        reader_key(r, attention);
    }
    reader_up(r, mark);
    return true;
}

static bool ctranslate_read(Foreign *f, const cJSON *object)
{
    return several_read(f, object, "attention", "hypotheses", NULL, "hypothesis");
}

/* ---- Seq2Seq-Vis: {"attn": [beam][target][source], "encoder": [{"token"}], "decoder": [[…]]} */

static bool seq2seq_is(const Foreign *f, const cJSON *object)
{
    (void)f;
    return has(object, "attn") && has(object, "encoder") && has(object, "decoder");
}

static bool seq2seq_read(Foreign *f, const cJSON *object)
{
    return several_read(f, object, "attn", "decoder", "encoder", "beam");
}

/* ---- NMT-Visualizer: "attention_matrix", or "layer_0-head_0" … of one sentence ---- */

static bool visualizer_is(const Foreign *f, const cJSON *object)
{
    const cJSON *child;
    (void)f;
    if (has(object, "attention_matrix"))
        return true;
    cJSON_ArrayForEach(child, object)
    {
        if (strncmp(child->string, "layer_", 6) == 0 && strstr(child->string, "-head_"))
            return true;
    }
    return false;
}

static bool visualizer_read(Foreign *f, const cJSON *object)
{
    Record record;
    Grid grid;
    record_init(&record);
    const cJSON *matrix = reader_member(object, "attention_matrix");
    if (!read_title(f, object, &record) || !read_tokens(f, object, &record))
        return false;
    if (matrix) {
        record.rows = ROWS_ARE_QUERIES;
        return foreign_block(&f->r, matrix, NAN, &record.weights) &&
               foreign_add(f, object, &record);
    }
    record.rows = ROWS_ARE_KEYS; /* its columns are the distributions */
    if (!record.queries && record.keys) {
        record.self = true;
        record.queries = record.keys;
        record.query_count = record.key_count;
        record.keys = NULL;
        record.key_count = 0;
    }
    if (!foreign_grid(f, object, "layer_", "-head_", "", &grid))
        return false;
    if (grid.layers == 0)
        return reader_fail(&f->r, object, "expected layer_0-head_0 …, found none of them");
    return foreign_heads(&f->r, grid.items, grid.layers, grid.heads, &record.weights) &&
           foreign_add(f, object, &record);
}

/* ---- which it is ---- */

static bool recording_is(const Foreign *f, const cJSON *object)
{
    (void)f;
    const cJSON *outputs = reader_member(object, "outputs");
    return outputs && cJSON_IsObject(outputs);
}

bool foreign_is_bertviz(const cJSON *object)
{
    const cJSON *attention = reader_member(object, "attention");
    const cJSON *first = attention ? attention->child : NULL;
    return first && cJSON_IsObject(first) && has(first, "attn");
}

static bool bertviz_is(const Foreign *f, const cJSON *object)
{
    (void)f;
    return foreign_is_bertviz(object);
}

static bool inspectus_is(const Foreign *f, const cJSON *object)
{
    (void)f;
    const cJSON *attention = reader_member(object, "attention");
    const cJSON *first = cJSON_IsArray(attention) ? attention->child : NULL;
    return first && cJSON_IsObject(first) && has(first, "values");
}

static const struct {
    const char *name; /* Document.format; NULL: the reader says it */
    bool (*is)(const Foreign *f, const cJSON *object);
    bool (*read)(Foreign *f, const cJSON *object);
} KINDS[] = {
    {"Transformer Explainer", recording_is, foreign_recording},
    {"NMT-Visualizer", visualizer_is, visualizer_read},
    {"CTranslate2", ctranslate_is, ctranslate_read},
    {"Seq2Seq-Vis", seq2seq_is, seq2seq_read},
    {"Nematus JSON", nematus_is, nematus_read},
    {NULL, bertviz_is, foreign_bertviz},
    {"Inspectus", inspectus_is, foreign_inspectus},
    {"JSON matrix", plain_is, plain_read},
};

bool foreign_object(Foreign *f, const cJSON *item)
{
    char keys[100] = "";
    size_t used = 0;
    const cJSON *child;
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
        if (!KINDS[i].is(f, item))
            continue;
        if (KINDS[i].name)
            f->r.doc->format = KINDS[i].name;
        return KINDS[i].read(f, item);
    }
    int n = 0;
    cJSON_ArrayForEach(child, item)
    {
        int wrote = n++ < 4 ? snprintf(keys + used, sizeof keys - used, "%s\"%.16s\"",
                                       used ? ", " : "", child->string)
                            : 0;
        used += (size_t)wrote;
    }
    return reader_fail(
        &f->r, item,
        "expected \"attnscope\" (a document of ours) or \"matrix\", \"attention\", "
        "\"attentions\", \"weights\" or \"scores\", with \"tokens\" or \"source\" and "
        "\"target\" beside it; found an object %s%s%s",
        n ? "with " : "without keys", keys, n > 4 ? ", …" : "");
}
