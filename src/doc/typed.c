#include "doc/typed.h"
#include "doc/vocab.h"

#include "base/hash.h"
#include "base/mem.h"
#include "base/text_set.h"
#include "base/utf8.h"
#include "core/prepare.h"

#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NOTE_WORDS = 5, POSITIONS_FIRST = 64 };

/* The tokens of one axis and their vectors. */
typedef struct {
    VocabText text;
    int count, cols;
    double *embedding, *x; /* owned, [count, cols] */
    uint8_t *unknown;      /* owned, count flags */
    int unknown_count;
} TypedAxis;

/* All that comes from one text; never changed once it is made. */
typedef struct {
    TypedAxis queries, keys; /* of a text, and of self-attention, keys is empty: queries serve */
    bool same, wide;
    double *position;      /* owned, [rows, cols], the longer axis; NULL = none */
    const char **tokens;   /* owned */
    DocSentence sentence;  /* of a text */
    const DocSentence *of; /* of the document */
    HeadSpec *specs;       /* owned: one for each head, layer after layer */
    char note[560];
    uint64_t key;
} Made;

struct Typed {
    const Document *doc; /* lent */
    uint64_t doc_key;
    bool open, typed;
    int number, text; /* sentence and text of the last update */
    Vocab vocab;
    double *waves; /* owned: sinusoidal positions, more rows than were needed so far */
    int wave_rows;
    Made *now, *before;
};

static void axis_clear(TypedAxis *a)
{
    vocab_text_free(&a->text);
    mem_free(a->embedding);
    mem_free(a->x);
    mem_free(a->unknown);
}

static void made_free(Made *m)
{
    if (!m)
        return;
    axis_clear(&m->queries);
    axis_clear(&m->keys);
    mem_free(m->position);
    mem_free(m->tokens);
    mem_free(m->specs);
    mem_free(m);
}

Typed *typed_new(void)
{
    return mem_zero(1, sizeof(Typed));
}

void typed_forget(Typed *t)
{
    made_free(t->now);
    made_free(t->before);
    if (t->open)
        vocab_free(&t->vocab);
    mem_free(t->waves);
    *t = (Typed){0};
}

void typed_free(Typed *t)
{
    if (!t)
        return;
    typed_forget(t);
    mem_free(t);
}

/* ---- vectors ------------------------------------------------------------ */

static bool axis_embed(TypedAxis *a, const DocVocab *vocab, Error *err)
{
    size_t numbers;
    a->cols = vocab->embedding.cols;
    if (!mem_mul((size_t)a->count, (size_t)a->cols, &numbers))
        return error_memory(err);
    a->embedding = mem_zero(numbers, sizeof *a->embedding);
    a->x = mem_zero(numbers, sizeof *a->x);
    a->unknown = mem_zero((size_t)a->count, sizeof *a->unknown);
    if (!a->embedding || !a->x || !a->unknown)
        return error_memory(err);
    for (int i = 0; i < a->count; i++) {
        const VocabToken *token = &a->text.tokens[i];
        a->unknown[i] = !token->known;
        a->unknown_count += !token->known;
        if (token->id >= 0)
            stored_row(vocab->embedding, token->id, a->embedding + (size_t)i * (size_t)a->cols);
    }
    return true;
}

/* Sines are dear: a letter more must not cost those of the whole text again. */
static bool waves_reach(Typed *t, int rows, int cols, Error *err)
{
    int room = t->wave_rows ? t->wave_rows : POSITIONS_FIRST;
    size_t numbers;
    if (rows <= t->wave_rows)
        return true;
    while (room < rows)
        room = room > INT_MAX / 2 ? rows : 2 * room;
    if (!mem_mul((size_t)room, (size_t)cols, &numbers))
        return error_memory(err);
    double *waves = mem_array(numbers, sizeof *waves);
    if (!waves)
        return error_memory(err);
    position_sinusoidal(waves, room, cols);
    mem_free(t->waves);
    t->waves = waves;
    t->wave_rows = room;
    return true;
}

/* Positions of the longer axis serve both. */
static bool made_positions(Made *m, Typed *t, Error *err)
{
    const DocVocab *vocab = t->doc->vocab;
    int rows = m->queries.count > m->keys.count ? m->queries.count : m->keys.count;
    int cols = vocab->embedding.cols;
    size_t numbers;
    if (vocab->position == POSITION_NONE || rows == 0)
        return true;
    if (vocab->position == POSITION_GIVEN && rows > vocab->positions.rows)
        return error_at(err, ERROR_MALFORMED, "vocab.position",
                        "expected a row for each of %d tokens, found %d", rows,
                        vocab->positions.rows);
    if (!mem_mul((size_t)rows, (size_t)cols, &numbers) ||
        !(m->position = mem_array(numbers, sizeof *m->position)))
        return error_memory(err);
    if (vocab->position == POSITION_SINUSOIDAL) {
        if (!waves_reach(t, rows, cols, err))
            return false;
        memcpy(m->position, t->waves, numbers * sizeof *m->position);
    }
    for (int i = 0; i < rows && vocab->position == POSITION_GIVEN; i++)
        stored_row(vocab->positions, i, m->position + (size_t)i * (size_t)cols);
    return true;
}

static void axis_sum(Made *m, TypedAxis *a)
{
    size_t numbers = (size_t)a->count * (size_t)a->cols;
    for (size_t i = 0; i < numbers; i++) {
        a->x[i] = a->embedding[i] + (m->position ? m->position[i] : 0);
        m->wide = m->wide || (isfinite(a->x[i]) && fabs(a->x[i]) > (double)FLT_MAX);
    }
}

static Stored doubles(const double *at, const TypedAxis *a)
{
    return a->count > 0 && at ? (Stored){at, DTYPE_F64, a->count, a->cols, a->cols} : (Stored){0};
}

/* ---- heads -------------------------------------------------------------- */

static HeadSpec plain_spec(const DocHead *h)
{
    return h->spec ? *h->spec : (HeadSpec){0};
}

static bool queries_from_text(const DocHead *h)
{
    return h->entry == ENTRY_QK && h->q.tensor < 0 && !(h->spec && h->spec->x_q.at);
}

static bool keys_from_text(const DocHead *h)
{
    return h->entry == ENTRY_QK && h->k.tensor < 0 &&
           !(h->spec && (h->spec->x_k.at || (h->spec->same_x && h->spec->x_q.at)));
}

static void fill_spec(const Made *m, const DocHead *h, HeadSpec *spec)
{
    const TypedAxis *keys = m->same ? &m->queries : &m->keys;
    *spec = plain_spec(h);
    if (queries_from_text(h)) {
        spec->x_q = doubles(m->queries.x, &m->queries);
        spec->embedding = doubles(m->queries.embedding, &m->queries);
        spec->position = doubles(m->position, &m->queries);
    }
    if (keys_from_text(h)) {
        spec->x_k = doubles(keys->x, keys);
        spec->same_x = m->same && queries_from_text(h);
    }
}

static int spec_index(const DocSentence *s, int layer, int head)
{
    int at = head;
    for (int l = 0; l < layer; l++)
        at += s->layers[l].head_count;
    return at;
}

static bool made_specs(Made *m, Error *err)
{
    const DocSentence *s = m->of;
    size_t count = (size_t)spec_index(s, s->layer_count, 0);
    m->specs = mem_zero(count, sizeof *m->specs);
    if (!m->specs)
        return error_memory(err);
    HeadSpec *spec = m->specs;
    for (int l = 0; l < s->layer_count; l++)
        for (int h = 0; h < s->layers[l].head_count; h++)
            fill_spec(m, &s->layers[l].heads[h], spec++);
    return true;
}

/* ---- words for the notice ----------------------------------------------- */

static bool named_before(const TypedAxis *a, int index)
{
    for (int i = 0; i < index; i++)
        if (!a->text.tokens[i].known &&
            strcmp(vocab_text_name(&a->text, i), vocab_text_name(&a->text, index)) == 0)
            return true;
    return false;
}

/* Each word once; after a few only how many more there are. */
static void note_axis(const TypedAxis *a, int *words, char *list, size_t cap)
{
    for (int i = 0, looked = 0; i < a->count && looked < 256; i++) {
        size_t used = strlen(list);
        if (!a->unknown[i] || (looked++, named_before(a, i)))
            continue;
        if (++*words <= NOTE_WORDS)
            utf8_format(list + used, cap - used, "%s%.*s", used ? ", " : "",
                        (int)utf8_cut(vocab_text_name(&a->text, i),
                                      strlen(vocab_text_name(&a->text, i)), 40),
                        vocab_text_name(&a->text, i));
    }
}

/* "the document's mask and segments are …": what of the document's masks a text leaves behind. */
static const char *note_masks(const DocSentence *s)
{
    bool segments = s->queries.segments || s->keys.segments, mask = false;
    for (int l = 0; l < s->layer_count; l++)
        for (int h = 0; h < s->layers[l].head_count; h++)
            mask = mask || s->layers[l].heads[h].mask.tensor >= 0;
    if (mask && segments)
        return "The document's mask and segments are of its own tokens and do not act on the typed "
               "text. ";
    if (segments)
        return "The document's segments are of its own tokens and do not act on the typed text. ";
    return mask ? "The document's mask is of its own tokens and does not act on the typed text. "
                : "";
}

static void made_note(Made *m, bool typed, int cut_to)
{
    const char *masks = typed ? note_masks(m->of) : "";
    char list[260] = "", more[32] = "", cut[200] = "";
    int words = 0;
    note_axis(&m->queries, &words, list, sizeof list);
    note_axis(&m->keys, &words, list, sizeof list);
    if (words > NOTE_WORDS)
        snprintf(more, sizeof more, " and %d more", words - NOTE_WORDS);
    if (cut_to > 0)
        snprintf(cut, sizeof cut, "The text is cut after %d tokens. ", cut_to);
    snprintf(cut + strlen(cut), sizeof cut - strlen(cut), "%s", masks);
    if (words == 0 && cut[0])
        cut[strlen(cut) - 1] = '\0';
    if (words > 0)
        utf8_format(m->note, sizeof m->note, "%s%d %s not in the vocabulary: %s%s", cut, words,
                    words == 1 ? "word is" : "words are", list, more);
    else
        utf8_format(m->note, sizeof m->note, "%s", cut);
}

/* ---- update ------------------------------------------------------------- */

static bool made_text(Made *m, const Typed *t, int text, Error *err)
{
    const DocVocab *vocab = t->doc->vocab;
    TypedAxis *a = &m->queries;
    if (!vocab_split(&t->vocab, text_set(text), text_set_length(text), &a->text, err))
        return false;
    a->count = a->text.count;
    if (vocab->position == POSITION_GIVEN && a->count > vocab->positions.rows) {
        a->count = vocab->positions.rows;
        a->text.cut = true;
    }
    m->tokens = mem_array((size_t)a->count, sizeof *m->tokens);
    if (!m->tokens)
        return error_memory(err);
    for (int i = 0; i < a->count; i++)
        m->tokens[i] = vocab_text_name(&a->text, i);
    DocAxis axis = {
        .tokens = m->tokens, .count = a->count, .lang = m->of->self ? m->of->queries.lang : ""};
    m->same = true;
    m->sentence = (DocSentence){.title = m->of->title,
                                .about = m->of->about,
                                .d_model = m->of->d_model,
                                .queries = axis,
                                .keys = axis,
                                .self = true,
                                .layers = m->of->layers,
                                .layer_count = m->of->layer_count};
    return true;
}

static bool look_up_axis(const Typed *t, TypedAxis *a, const DocAxis *from, Error *err)
{
    a->count = from->tokens ? from->count : 0;
    return vocab_look_up(&t->vocab, from->tokens, a->count, &a->text, err);
}

static bool made_fill(Made *m, Typed *t, int number, bool typed, int text, Error *err)
{
    const DocVocab *vocab = t->doc->vocab;
    m->of = &t->doc->sentences[number];
    m->same = m->of->self;
    if (typed ? !made_text(m, t, text, err)
              : !look_up_axis(t, &m->queries, &m->of->queries, err) ||
                    (!m->same && !look_up_axis(t, &m->keys, &m->of->keys, err)))
        return false;
    if (!axis_embed(&m->queries, vocab, err) || !axis_embed(&m->keys, vocab, err) ||
        !made_positions(m, t, err))
        return false;
    axis_sum(m, &m->queries);
    axis_sum(m, &m->keys);
    made_note(m, typed, typed && m->queries.text.cut ? m->queries.count : 0);
    uint64_t key = hash_bytes(HASH_SEED, &t->doc_key, sizeof t->doc_key);
    key = hash_bytes(hash_bytes(key, &number, sizeof number), &typed, sizeof typed);
    if (typed)
        key = hash_bytes(key, &text, sizeof text);
    m->key = key ? key : 1;
    return made_specs(m, err);
}

static bool typed_open(Typed *t, const Document *doc, Error *err)
{
    if (t->open && t->doc_key == doc->key)
        return true;
    typed_forget(t);
    if (!vocab_init(&t->vocab, doc->vocab, err))
        return false;
    t->doc_key = doc->key;
    return t->open = true;
}

bool typed_update(Typed *t, const Document *doc, int sentence, bool typed, int text, Error *err)
{
    if (!doc->vocab) {
        typed_forget(t);
        return true;
    }
    if (!typed_open(t, doc, err))
        return false;
    t->doc = doc;
    if (t->now && t->number == sentence && t->typed == typed && (!typed || t->text == text))
        return true;
    Made *m = mem_zero(1, sizeof *m);
    if (!m)
        return error_memory(err);
    vocab_text_init(&m->queries.text);
    vocab_text_init(&m->keys.text);
    if (!made_fill(m, t, sentence, typed, text, err)) {
        made_free(m);
        return false;
    }
    made_free(t->before);
    t->before = t->now;
    t->now = m;
    t->number = sentence;
    t->typed = typed;
    t->text = text;
    return true;
}

const DocSentence *typed_sentence(const Typed *t)
{
    return !t->now ? NULL : t->typed ? &t->now->sentence : t->now->of;
}

bool typed_is_text(const Typed *t)
{
    return t->now && t->typed;
}

uint64_t typed_key(const Typed *t)
{
    return t->now ? t->now->key : 0;
}

const uint8_t *typed_unknown(const Typed *t, bool query_axis)
{
    if (!t->now)
        return NULL;
    const TypedAxis *a = query_axis || t->now->same ? &t->now->queries : &t->now->keys;
    return a->unknown_count > 0 ? a->unknown : NULL;
}

const char *typed_note(const Typed *t)
{
    return t->now ? t->now->note : "";
}

/* ---- one head ----------------------------------------------------------- */

/* What keeps a head from following a typed text; NULL: nothing does. */
static const char *own_part(const DocHead *h)
{
    if (h->entry != ENTRY_QK)
        return h->entry == ENTRY_SCORES ? "scores" : "weights";
    if (h->q.tensor >= 0 || h->k.tensor >= 0)
        return h->q.tensor >= 0 ? "q" : "k";
    if (!queries_from_text(h) || !keys_from_text(h))
        return "x";
    if (h->v.tensor >= 0)
        return "v";
    for (int i = 0; h->spec && i < h->spec->bias_count; i++)
        if (h->spec->biases[i].kind == BIAS_MATRIX)
            return "a bias matrix";
    return NULL;
}

bool typed_select(const Typed *t, Document *doc, int sentence, int layer, int head, AttnInput *out,
                  Error *err)
{
    AttnInput in;
    if (!document_select(doc, sentence, layer, head, &in, err))
        return false;
    const Made *m = t->now;
    *out = in;
    if (!m || sentence != t->number || doc->key != t->doc_key)
        return true;
    const DocHead *h = &m->of->layers[layer].heads[head];
    const char *own = t->typed ? own_part(h) : NULL;
    if (own)
        return error_set(err, ERROR_USAGE,
                         "typed text: expected a head that makes q, k and v from x, found %s of "
                         "its own in layer %d head %d",
                         own, layer, head);
    if (t->typed && m->queries.count == 0)
        return error_set(err, ERROR_USAGE, "typed text: expected at least one token, found none");
    if (t->typed) {
        in.n_q = in.n_k = m->queries.count;
        in.padding = NULL;
        in.segment_q = in.segment_k = NULL;
        in.mask = (Stored){0};
        in.recorded = (Matrix){0};
    }
    if (queries_from_text(h) || keys_from_text(h)) {
        in.spec = &m->specs[spec_index(m->of, layer, head)];
        in.wide = in.wide || m->wide;
        if (m->of->d_model <= 0)
            in.d_model = m->queries.cols;
        in.key = hash_bytes(in.key, &m->key, sizeof m->key);
        in.key = in.key ? in.key : 1;
    }
    *out = in;
    return true;
}
