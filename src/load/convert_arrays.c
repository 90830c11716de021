#include "load/convert_arrays.h"
#include "load/numbers.h"
#include "load/record.h"
#include "base/mem.h"

#include <stdio.h>

enum { ARRAY_Q, ARRAY_K, ARRAY_V, ARRAY_SCORES, ARRAY_WEIGHTS };
static const char *const NAMES[CONVERT_ARRAYS] = {"q", "k", "v", "scores", "attention"};

/* Weights of another program beside q and k are attention too, but for those of score functions
 * that have a form of their own. q or k alone say nothing without what makes the other. */
static DocMatrix part_of(const DocSentence *s, const DocHead *head, int part)
{
    const DocMatrix none = {.tensor = -1}, r = head->recorded;
    bool pair = head->q.tensor >= 0 && head->k.tensor >= 0;
    switch (part) {
    case ARRAY_Q:
        return pair ? head->q : none;
    case ARRAY_K:
        return pair ? head->k : none;
    case ARRAY_V:
        return head->v;
    case ARRAY_SCORES:
        return head->scores;
    default:
        break;
    }
    if (head->weights.tensor >= 0)
        return head->weights;
    return r.rows == s->queries.count && r.cols == s->keys.count ? r : none;
}

/* The half-open range of layers or heads that the plan chooses. */
static void range_of(int want, int count, int *from, int *to)
{
    *from = want < 0 ? 0 : want;
    *to = want < 0 ? count : want + 1;
}

/* Which arrays of one head there are, what they are. */
typedef struct {
    bool there;
    DType dtype;
    int rows, cols, heads;
} Form;

static Form form_of(const ConvertArrays *a, const DocHead *head, int part, int heads)
{
    DocMatrix m = part_of(a->sentence, head, part);
    if (m.tensor < 0)
        return (Form){.there = false};
    return (Form){true, a->doc->tensors[m.tensor].dtype, m.rows, m.cols, heads};
}

static bool same_form(const Form *a, const Form *b)
{
    return a->there == b->there && a->dtype == b->dtype && a->rows == b->rows &&
           a->cols == b->cols && a->heads == b->heads;
}

/* The heads of a layer must be alike. */
static bool layer_forms(ConvertOut *out, const ConvertArrays *a, int l, const char *format,
                        Form forms[CONVERT_ARRAYS])
{
    const DocLayer *layer = &a->sentence->layers[l];
    int from, to;
    range_of(out->plan->head, layer->head_count, &from, &to);
    for (int h = from; h < to; h++) {
        const DocHead *head = &layer->heads[h];
        for (int part = 0; part < CONVERT_ARRAYS; part++) {
            Form form = form_of(a, head, part, to - from);
            if (h == from)
                forms[part] = form;
            else if (!same_form(&forms[part], &form))
                return convert_fail(out,
                                    "layers[%d].heads[%d].%s: expected the shape and type of the "
                                    "heads before it, found others, which %s cannot hold: "
                                    ".attn.json does",
                                    l, h, NAMES[part], format);
        }
        bool plain = forms[ARRAY_SCORES].there || forms[ARRAY_WEIGHTS].there ||
                     (forms[ARRAY_Q].there && forms[ARRAY_K].there);
        if (!plain)
            return convert_fail(out,
                                "layers[%d].heads[%d]: expected q and k, scores or weights, found "
                                "vectors that are made of others, which %s cannot hold: "
                                ".attn.json does",
                                l, h, format);
    }
    return true;
}

static bool add(ConvertOut *out, ConvertArrays *a, const Form *form, int part, int layer,
                int layers)
{
    ConvertArray *item = &a->items[a->count++];
    *item = (ConvertArray){
        .name = NAMES[part], .dtype = form->dtype, .part = part, .layer = layer, .layers = layers};
    if (layers > 1)
        item->shape[item->ndim++] = layers;
    item->shape[item->ndim++] = form->heads;
    item->shape[item->ndim++] = form->rows;
    item->shape[item->ndim++] = form->cols;
    int64_t count;
    if (numbers_count(item->shape, item->ndim, &count) &&
        !__builtin_mul_overflow((uint64_t)count, dtype_size(form->dtype), &item->bytes))
        return true;
    return convert_fail(out, "%s: expected fewer than 2^63 numbers, found more", item->name);
}

/* What is no array; all heads but those of another kind were looked at. */
static void note_rest(const ConvertOut *out, const Document *doc, const DocSentence *s,
                      const char *format)
{
    bool spec = false, mask = false, d_k = false;
    for (int i = 0; i < s->layer_count; i++) {
        for (int j = 0; j < s->layers[i].head_count; j++) {
            const DocHead *head = &s->layers[i].heads[j];
            spec = spec || head->spec;
            mask = mask || head->mask.tensor >= 0;
            d_k = d_k || (head->d_k > 0 && head->entry == ENTRY_SCORES);
        }
    }
    const struct {
        bool there;
        const char *name;
    } rest[] = {{spec, "score functions, bias and rotation"},
                {mask, "masks"},
                {d_k, "d_k"},
                {s->image.present, "the picture"},
                {s->sure || s->possible, "the alignment"},
                {s->queries.segments || s->keys.segments, "segments"},
                {s->keys.padding != NULL, "padding"},
                {doc->vocab != NULL, "the vocabulary"},
                {doc->setting_count > 0, "settings"}};
    char line[240] = "";
    size_t used = 0;
    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++) {
        if (rest[i].there)
            used += (size_t)snprintf(line + used, sizeof line - used, "%s%s", used ? ", " : "",
                                     rest[i].name);
    }
    if (used)
        convert_note(out, "%s has no place for %s: left out", format, line);
}

static bool add_all(ConvertOut *out, ConvertArrays *a, const char *format)
{
    const DocSentence *s = a->sentence;
    Form first[CONVERT_ARRAYS] = {{.there = false}}, forms[CONVERT_ARRAYS];
    int from, to;
    range_of(out->plan->layer, s->layer_count, &from, &to);
    for (int l = from; l < to; l++) {
        if (!layer_forms(out, a, l, format, l == from ? first : forms))
            return false;
        for (int part = 0; l > from && part < CONVERT_ARRAYS; part++) {
            if (!same_form(&first[part], &forms[part]))
                return convert_fail(out,
                                    "layers[%d]: expected matrices as in the layers before it, "
                                    "found others, which %s cannot hold (--layer chooses one): "
                                    ".attn.json does",
                                    l, format);
        }
    }
    for (int part = 0; part < CONVERT_ARRAYS; part++) {
        if (first[part].there && !add(out, a, &first[part], part, from, to - from))
            return false;
    }
    return true;
}

bool convert_note_turned(ConvertOut *out, const ConvertArrays *a)
{
    const ConvertArray *w = NULL;
    int count = 0;
    bool turned = false;
    for (int i = 0; i < a->count; i++)
        w = a->items[i].part == ARRAY_WEIGHTS ? &a->items[i] : w;
    if (!w || w->shape[w->ndim - 2] != w->shape[w->ndim - 1])
        return true;
    size_t most = (size_t)w->layers * (size_t)w->shape[w->ndim - 3];
    Stored *heads = mem_array(most, sizeof *heads);
    for (int l = w->layer; heads && l < w->layer + w->layers; l++) {
        const DocLayer *layer = &a->sentence->layers[l];
        int from, to;
        range_of(out->plan->head, layer->head_count, &from, &to);
        for (int h = from; h < to; h++)
            heads[count++] =
                convert_stored(a->doc, part_of(a->sentence, &layer->heads[h], w->part));
    }
    bool ok = heads ? record_seems_turned(heads, count, &turned, out->err) : error_memory(out->err);
    mem_free(heads);
    out->failed = out->failed || !ok;
    if (turned)
        convert_note(out, "only the columns of attention sum to 1: it is read back as it was with "
                          "--transpose");
    return ok;
}

bool convert_arrays(ConvertOut *out, Document *doc, const char *format, ConvertArrays *arrays)
{
    int index = out->plan->sentence < 0 ? 0 : out->plan->sentence;
    *arrays = (ConvertArrays){.doc = doc};
    if (out->plan->sentence < 0 && doc->sentence_count > 1)
        return convert_fail(out,
                            "expected one sentence for %s, found %d: choose one with --sentence",
                            format, doc->sentence_count);
    if (!document_open_sentence(doc, index, out->err)) {
        out->failed = true;
        return error_within(out->err, "sentence %d", index);
    }
    arrays->sentence = &doc->sentences[index];
    if (!convert_place(out, arrays->sentence) || !add_all(out, arrays, format))
        return false;
    out->total = arrays->count;
    note_rest(out, doc, arrays->sentence, format);
    return true;
}

bool convert_array(ConvertOut *out, const ConvertArrays *arrays, const ConvertArray *array,
                   bool floats)
{
    const DocSentence *s = arrays->sentence;
    for (int l = array->layer; l < array->layer + array->layers; l++) {
        int from, to;
        range_of(out->plan->head, s->layers[l].head_count, &from, &to);
        for (int h = from; h < to; h++) {
            DocMatrix m = part_of(s, &s->layers[l].heads[h], array->part);
            if (!convert_step(out) || !convert_numbers(out, convert_stored(arrays->doc, m), floats))
                return false;
        }
    }
    return true;
}
