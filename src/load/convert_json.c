/* A document in our own words, whatever it was read from. */
#include "load/convert_out.h"
#include "load/save.h"
#include "image/png.h"

#include <string.h>

enum { DIGITS_SENTENCES = 64 };

static void put_ints(ConvertOut *out, const char *key, const int *values, int count)
{
    if (!values)
        return;
    convert_key(out, key);
    convert_open(out, '[', false);
    for (int i = 0; i < count; i++) {
        convert_item(out);
        buf_printf(&out->buf, "%d", values[i]);
    }
    convert_close(out);
}

static void put_axis(ConvertOut *out, const char *key, const DocAxis *axis)
{
    if (!axis->tokens && !axis->padding && !axis->segments && !(axis->lang && axis->lang[0]))
        return; /* the patches of a picture */
    convert_key(out, key);
    convert_open(out, '{', false);
    if (axis->tokens) {
        convert_key(out, "tokens");
        convert_texts(out, axis->tokens, axis->count);
    }
    convert_member(out, "lang", axis->lang);
    if (axis->padding) {
        convert_key(out, "padding");
        convert_open(out, '[', false);
        for (int i = 0; i < axis->count; i++) {
            convert_item(out);
            buf_byte(&out->buf, axis->padding[i] ? '1' : '0');
        }
        convert_close(out);
    }
    put_ints(out, "segments", axis->segments, axis->count);
    convert_close(out);
}

static void put_axes(ConvertOut *out, const DocSentence *s)
{
    if (!s->self) { /* what is one list has neither padding nor a language */
        put_axis(out, "queries", &s->queries);
        put_axis(out, "keys", &s->keys);
        return;
    }
    if (s->queries.tokens) {
        convert_key(out, "tokens");
        convert_texts(out, s->queries.tokens, s->queries.count);
    }
    put_ints(out, "segments", s->queries.segments, s->queries.count);
}

/* The pixels as PNG, whatever they came from: a document that stands alone. */
static void put_pixels(ConvertOut *out, const Image *image)
{
    Buf png;
    if (!image->px)
        return;
    buf_init(&png, BUF_NO_LIMIT);
    bool ok = png_encode(image, &png, out->err);
    if (ok) {
        convert_key(out, "base64");
        buf_byte(&out->buf, '"');
        buf_base64(&out->buf, png.data, png.size);
        buf_byte(&out->buf, '"');
    }
    buf_free(&png);
    out->failed = out->failed || !ok;
    convert_flush(out, false);
}

static void put_image(ConvertOut *out, const DocImage *image)
{
    static const char *const axes[] = {
        [IMAGE_BOTH] = "both", [IMAGE_QUERIES] = "queries", [IMAGE_KEYS] = "keys"};
    if (!image->present)
        return;
    convert_key(out, "image");
    convert_open(out, '{', false);
    convert_key(out, "rows");
    convert_double(out, image->rows);
    convert_key(out, "cols");
    convert_double(out, image->cols);
    if (image->special_count > 0) {
        convert_key(out, "special");
        convert_texts(out, image->special, image->special_count);
    }
    convert_member(out, "axis", axes[image->axis]);
    put_pixels(out, &image->image);
    convert_close(out);
}

static void put_links(ConvertOut *out, const char *key, const DocLink *links, int count)
{
    convert_key(out, key);
    convert_open(out, '[', false);
    for (int i = 0; i < count; i++) {
        convert_item(out);
        buf_printf(&out->buf, "[%d, %d]", links[i].key, links[i].query);
    }
    convert_close(out);
}

static void put_flag(ConvertOut *out, const char *key, bool flag)
{
    if (!flag)
        return;
    convert_key(out, key);
    buf_text(&out->buf, "true");
}

static void put_alignment(ConvertOut *out, const DocSentence *s)
{
    if (!s->sure && !s->possible)
        return;
    convert_key(out, "alignment");
    convert_open(out, '{', false);
    if (s->sure)
        put_links(out, "sure", s->sure, s->sure_count);
    if (s->possible)
        put_links(out, "possible", s->possible, s->possible_count);
    convert_close(out);
}

static bool chosen(int want, int index)
{
    return want < 0 || want == index;
}

/* The mask that all heads have: it stands beside the layers then. */
static DocMatrix common_mask(const DocSentence *s)
{
    DocMatrix mask = s->layers[0].heads[0].mask;
    for (int i = 0; i < s->layer_count; i++) {
        for (int j = 0; j < s->layers[i].head_count; j++) {
            DocMatrix other = s->layers[i].heads[j].mask;
            if (other.tensor != mask.tensor || other.offset != mask.offset)
                return (DocMatrix){.tensor = -1};
        }
    }
    return mask;
}

static bool put_layers(ConvertOut *out, const Document *doc, const DocSentence *s, bool own_mask)
{
    convert_key(out, "layers");
    convert_open(out, '[', true);
    for (int i = 0; i < s->layer_count; i++) {
        const DocLayer *layer = &s->layers[i];
        if (!chosen(out->plan->layer, i))
            continue;
        convert_item(out);
        convert_open(out, '{', true);
        convert_member(out, "name", layer->name);
        convert_member(out, "about", layer->about);
        convert_key(out, "heads");
        convert_open(out, '[', true);
        for (int j = 0; j < layer->head_count; j++) {
            if (!chosen(out->plan->head, j))
                continue;
            convert_item(out);
            convert_open(out, '{', true);
            if (!convert_step(out))
                return false;
            convert_head(out, doc, &layer->heads[j], own_mask);
            out->done += !doc->corpus.self;
            convert_close(out);
        }
        convert_close(out);
        convert_close(out);
    }
    convert_close(out);
    return true;
}

/* The members of a sentence but its title. */
static bool put_sentence(ConvertOut *out, const Document *doc, const DocSentence *s)
{
    if (!convert_place(out, s))
        return false;
    convert_member(out, "about", s->about);
    if (s->d_model > 0) {
        convert_key(out, "d_model");
        convert_double(out, s->d_model);
    }
    DocMatrix mask = common_mask(s);
    put_image(out, &s->image);
    put_axes(out, s);
    put_flag(out, "word_links", s->links);
    put_alignment(out, s);
    if (mask.tensor >= 0) {
        convert_key(out, "mask");
        convert_matrix(out, convert_stored(doc, mask));
    }
    return put_layers(out, doc, s, mask.tensor < 0);
}

/* False: refused, or it failed; *skip: it cannot be read, which was told. What is only short of
 * memory, or cannot be reached now, is no sentence to leave out. */
static bool open_sentence(ConvertOut *out, Document *doc, int index, bool *skip)
{
    Error why = {0};
    *skip = false;
    if (document_open_sentence(doc, index, &why))
        return convert_step(out);
    bool lone = out->plan->sentence >= 0 || why.kind != ERROR_MALFORMED;
    if (!lone && out->plan->note) {
        *skip = true;
        convert_note(out, "sentence %d is left out: %s", index, doc->sentences[index].problem);
        return convert_step(out);
    }
    out->failed = true;
    error_set(out->err, why.kind, "%s", why.what);
    return error_within(out->err, "sentence %d", index);
}

static bool put_list(ConvertOut *out, Document *doc)
{
    int written = 0;
    convert_key(out, "sentences");
    convert_open(out, '[', true);
    for (int i = 0; i < doc->sentence_count; i++) {
        bool skip = false;
        if (!chosen(out->plan->sentence, i))
            continue;
        if (!open_sentence(out, doc, i, &skip))
            return false;
        if (!skip) {
            convert_item(out);
            convert_open(out, '{', true);
            convert_member(out, "title", doc->sentences[i].title);
            if (!put_sentence(out, doc, &doc->sentences[i]))
                return false;
            convert_close(out);
            written++;
        }
        out->done += doc->corpus.self != NULL;
    }
    convert_close(out);
    return written > 0 || convert_fail(out, "expected a sentence that can be read, found none");
}

static void put_vocab(ConvertOut *out, const DocVocab *v)
{
    if (!v)
        return;
    convert_key(out, "vocab");
    convert_open(out, '{', true);
    convert_key(out, "tokens");
    convert_texts(out, v->tokens, v->count);
    convert_key(out, "embedding");
    convert_matrix(out, v->embedding);
    if (v->position == POSITION_SINUSOIDAL)
        convert_member(out, "position", "sinusoidal");
    if (v->position == POSITION_GIVEN) {
        convert_key(out, "position");
        convert_matrix(out, v->positions);
    }
    convert_close(out);
}

bool convert_json(ConvertOut *out, Document *doc)
{
    const ConvertPlan *plan = out->plan;
    int first = plan->sentence > 0 ? plan->sentence : 0;
    const DocSentence s = document_listed(doc, first);
    const char *title = doc->title ? doc->title : "", *own = s.title ? s.title : "";
    /* A document of one sentence has one title. */
    bool one = plan->sentence >= 0 || doc->sentence_count == 1;
    one = one && (!title[0] || !own[0] || strcmp(title, own) == 0);
    const DocSetting *settings = plan->settings ? plan->settings : doc->settings;
    int count = plan->settings ? plan->setting_count : doc->setting_count;
    out->packed = !one && doc->sentence_count > DIGITS_SENTENCES;
    convert_open(out, '{', true);
    convert_key(out, "attnscope");
    buf_byte(&out->buf, '1');
    convert_member(out, "title", title[0] || !one ? title : own);
    put_vocab(out, doc->vocab);
    if (count > 0) {
        convert_key(out, "settings");
        save_settings(&out->buf, settings, count, count < 3 ? " " : "\n    ");
    }
    bool skip = false;
    if (one && (!open_sentence(out, doc, first, &skip) || skip ||
                !put_sentence(out, doc, &doc->sentences[first])))
        return skip ? convert_fail(out, "expected a sentence that can be read, found none") : false;
    if (!one && !put_list(out, doc))
        return false;
    convert_close(out);
    buf_byte(&out->buf, '\n');
    return convert_flush(out, true);
}
