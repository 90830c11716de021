/* attnscope info: what a file holds and how it was understood. */
#include "app/cli_args.h"

#include "base/number.h"
#include "base/utf8.h"
#include "load/json_string.h"
#include "load/record.h"

#include <math.h>
#include <string.h>

typedef struct {
    double error; /* -1 = nothing recorded */
    int sentence, layer, head, query, key;
} Recorded;

typedef struct {
    Scope *scope;
    Settings settings;
    const DocSentence *s;
    int64_t nonfinite;
    int padding_queries, padding_keys;
    double row_error; /* NaN = no row to judge */
    Recorded recorded;
    int bad_count; /* of those that cannot be read, the first */
    int bad[CLI_BAD_SHOWN];
    char why[CLI_BAD_SHOWN][480];
} Facts;

/* ---- measuring ---------------------------------------------------------------------------------
 */

static void judge_rows(Facts *f, const AttnResult *r)
{
    if (r->sums_open)
        return;
    for (int i = 0; i < r->n_q; i++) {
        const RowStats *row = &r->rows[i];
        if ((row->flags & (ROW_FULLY_MASKED | ROW_NAN)) || row->missing > 0)
            continue;
        f->row_error = fmax(f->row_error, fabs(row->sum - 1)); /* fmax drops the NaN */
    }
}

static bool measure_head(Facts *f, int layer, int head, bool rows, Error *err)
{
    const DocHead *h = &f->s->layers[layer].heads[head];
    bool given = h->entry == ENTRY_WEIGHTS;
    if (rows && given) {
        int first;
        double sum, worst;
        document_odd_rows(&f->scope->doc, h->weights, &first, &sum, &worst);
        f->row_error = fmax(f->row_error, worst);
    }
    if (h->recorded.tensor < 0 && (!rows || given))
        return true;
    const AttnResult *r = scope_other(f->scope, &f->settings, layer, head, err);
    if (!r && err && (err->kind == ERROR_USAGE || err->kind == ERROR_MALFORMED)) {
        error_clear(err); /* this head has no scores, and is told so; the others have */
        return true;
    }
    if (!r)
        return false;
    if (rows && !given)
        judge_rows(f, r);
    if (r->recorded_error > f->recorded.error)
        f->recorded = (Recorded){r->recorded_error, f->settings.sentence, layer, head,
                                 r->recorded_row,   r->recorded_col};
    return true;
}

static bool measure(Facts *f, Error *err)
{
    const Document *doc = &f->scope->doc;
    int shown = f->settings.sentence;
    f->row_error = (double)NAN;
    f->recorded.error = -1;
    bool ok = true,
         all = !doc->corpus.self; /* a corpus may be larger than anybody would wait for */
    for (int n = all ? 0 : shown; ok && n < (all ? doc->sentence_count : shown + 1); n++) {
        f->settings.sentence = n;
        if (!scope_sync(f->scope, &f->settings, err))
            return false;
        f->s = scope_sentence(f->scope, &f->settings);
        for (int l = 0; ok && l < f->s->layer_count; l++)
            for (int h = 0; ok && h < f->s->layers[l].head_count; h++)
                ok = measure_head(f, l, h, n == shown, err);
    }
    f->settings.sentence = shown;
    if (!scope_sync(f->scope, &f->settings, err))
        return false;
    f->s = scope_sentence(f->scope, &f->settings);
    for (int i = 0; i < doc->tensor_count; i++)
        f->nonfinite += all || i == doc->corpus.last ? doc->tensors[i].nonfinite : 0;
    for (int j = 0; f->s->keys.padding && j < f->s->keys.count; j++)
        f->padding_keys += f->s->keys.padding[j] != 0;
    if (f->s->reading) {
        f->padding_queries += f->s->reading->padding_queries;
        f->padding_keys += f->s->reading->padding_keys;
    }
    return ok;
}

/* A copy: what is read on demand is forgotten again. */
static void look_for_bad(Facts *f)
{
    const Document *doc = &f->scope->doc;
    f->bad_count = cli_bad_sentences(doc, f->bad);
    for (int i = 0; i < f->bad_count; i++)
        utf8_format(f->why[i], sizeof f->why[i], "%s", doc->sentences[f->bad[i]].problem);
}

/* ---- words -------------------------------------------------------------------------------------
 */

static const char *entry_name(const Facts *f)
{
    static const char *const names[] = {"qk", "scores", "weights"};
    if (f->s->problem)
        return "unreadable";
    return names[f->s->layers[0].heads[0].entry];
}

static void json_key_text(Buf *out, const char *key, const char *value)
{
    buf_printf(out, "\"%s\":", key);
    json_string_write(out, value, strlen(value));
}

static void json_text_or_null(Buf *out, const char *key, const char *value)
{
    if (value)
        json_key_text(out, key, value);
    else
        buf_printf(out, "\"%s\":null", key);
    buf_byte(out, ',');
}

static void json_number_or_null(Buf *out, double value)
{
    char number[NUMBER_TEXT] = "null";
    if (isfinite(value))
        number_double(number, value);
    buf_text(out, number);
}

/* A path in the bytes of the system need not be UTF-8; JSON must be. */
static void json_path(Buf *out, const char *path)
{
    char safe[4096];
    text_visible(path, safe, sizeof safe);
    json_key_text(out, "file", utf8_valid(path, strlen(path)) == strlen(path) ? path : safe);
}

typedef struct {
    Buf *out;
    size_t none; /* the size of out while there is no warning in it */
} WarningList;

static void json_warning(void *context, const char *line)
{
    const WarningList *list = context;
    if (list->out->size > list->none)
        buf_byte(list->out, ',');
    json_string_write(list->out, line, strlen(line));
}

/* Where the scores of a head come from. */
static const char *head_from(const DocHead *h, bool vocab)
{
    const HeadSpec *spec = h->spec;
    if (h->entry != ENTRY_QK)
        return h->entry == ENTRY_SCORES ? "scores" : "weights";
    if (spec && (spec->rnn_q.cell != CELL_NONE || spec->rnn_k.cell != CELL_NONE))
        return "rnn";
    if (spec && (spec->x_q.at || spec->x_k.at))
        return "x";
    return h->q.tensor < 0 && vocab ? "vocab" : "qk";
}

/* The score function in force, NULL where the file has the scores; *why is empty when the head can
 * be computed. */
static const char *head_score(const Facts *f, const DocLayer *layer, const DocHead *h, Error *why)
{
    AttnInput in;
    const ScoreParams *want = &f->settings.attn.score;
    *why = (Error){.kind = ERROR_NONE};
    if (h->entry != ENTRY_QK)
        return NULL;
    document_check(&f->scope->doc, f->s, layer, h, want, why);
    if (want->kind == SCORE_AUTO && h->spec && h->spec->score.unknown)
        return h->spec->score.unknown;
    document_outline(&f->scope->doc, f->s, layer, h, &in);
    return SCORE_KIND_NAMES[input_score_kind(&in, want)];
}

static void json_head(const Facts *f, const DocLayer *layer, const DocHead *h, Buf *out)
{
    Error why;
    const char *score = head_score(f, layer, h, &why);
    buf_byte(out, '{');
    if (score)
        json_key_text(out, "score", score);
    else
        buf_text(out, "\"score\":null");
    buf_byte(out, ',');
    json_key_text(out, "from", head_from(h, f->scope->doc.vocab != NULL));
    buf_text(out, ",\"warnings\":[");
    if (why.kind != ERROR_NONE)
        json_string_write(out, why.what, strlen(why.what));
    buf_text(out, "]}");
}

/* For each layer, for each head. */
static void json_attention(const Facts *f, Buf *out)
{
    buf_text(out, ",\"attention\":[");
    for (int l = 0; l < f->s->layer_count; l++) {
        const DocLayer *layer = &f->s->layers[l];
        buf_text(out, l ? ",[" : "[");
        for (int h = 0; h < layer->head_count; h++) {
            buf_text(out, h ? "," : "");
            json_head(f, layer, &layer->heads[h], out);
        }
        buf_byte(out, ']');
    }
    buf_byte(out, ']');
}

/* For each layer what one sees in it, null where the document does not say. */
static void json_about(const Facts *f, Buf *out)
{
    buf_text(out, ",\"about\":[");
    for (int l = 0; l < f->s->layer_count; l++) {
        const char *about = f->s->layers[l].about;
        buf_text(out, l ? "," : "");
        if (about && about[0])
            json_string_write(out, about, strlen(about));
        else
            buf_text(out, "null");
    }
    buf_byte(out, ']');
}

/* Do bias and masks of pairs act? Not on the weights of single positions. */
static bool masks_of_pairs(const Facts *f, const DocHead *h)
{
    ScoreKind kind = f->settings.attn.score.kind;
    if (kind == SCORE_AUTO)
        kind = h->spec ? h->spec->score.kind : SCORE_DOT;
    return h->entry != ENTRY_QK || (kind != SCORE_ELEMENTWISE && kind != SCORE_GATE);
}

/* ", score additive of q and k": what a line of `info` says of a head. */
static void head_words(const Facts *f, const DocLayer *layer, const DocHead *h, Buf *out)
{
    static const char *const froms[][2] = {
        {"qk", "q and k"}, {"x", "x"}, {"rnn", "hidden states"}, {"vocab", "the vocabulary"}};
    Error why;
    const char *score = head_score(f, layer, h, &why),
               *from = head_from(h, f->scope->doc.vocab != NULL);
    if (!score) {
        buf_printf(out, "%s of the file", from);
    } else {
        for (size_t i = 0; i < sizeof froms / sizeof *froms; i++) {
            if (strcmp(from, froms[i][0]) == 0)
                from = froms[i][1];
        }
        buf_printf(out, "%s of %s", score, from);
    }
    if (h->spec && h->spec->rope.on)
        buf_text(out, ", rope");
    if (h->spec && h->spec->bias_count > 0 && masks_of_pairs(f, h))
        buf_printf(out, ", %d bias%s", h->spec->bias_count, h->spec->bias_count > 1 ? "es" : "");
    if (h->mask.tensor >= 0 && masks_of_pairs(f, h))
        buf_text(out, ", mask");
    if (why.kind != ERROR_NONE)
        buf_printf(out, ": no scores: %s", why.what);
}

/* A line for each run of heads that are alike; none for a layer of plain heads. */
static void write_scores(const Facts *f, const DocLayer *layer, Buf *out)
{
    Buf line, next;
    bool plain = f->settings.attn.score.kind == SCORE_AUTO;
    for (int h = 0; h < layer->head_count; h++)
        plain = plain && !layer->heads[h].spec && layer->heads[h].mask.tensor < 0;
    if (plain)
        return;
    buf_init(&line, BUF_NO_LIMIT);
    buf_init(&next, BUF_NO_LIMIT);
    for (int h = 0, first = 0; h < layer->head_count; h++) {
        buf_clear(&line);
        buf_clear(&next);
        head_words(f, layer, &layer->heads[h], &line);
        if (h + 1 < layer->head_count)
            head_words(f, layer, &layer->heads[h + 1], &next);
        if (h + 1 < layer->head_count && strcmp(buf_string(&line), buf_string(&next)) == 0)
            continue;
        if (h > first)
            buf_printf(out, "    heads %d–%d: %s\n", first, h, buf_string(&line));
        else
            buf_printf(out, "    head %d: %s\n", h, buf_string(&line));
        first = h + 1;
    }
    buf_free(&line);
    buf_free(&next);
}

static void write_size(Buf *out, const char *name, Stored m)
{
    if (m.at)
        buf_printf(out, ", %s %d × %d", name, m.rows, m.cols);
}

static void write_heads(const Facts *f, Buf *out)
{
    for (int l = 0; l < f->s->layer_count; l++) {
        const DocLayer *layer = &f->s->layers[l];
        const DocHead *h = &layer->heads[0];
        AttnInput in;
        document_outline(&f->scope->doc, f->s, layer, h, &in);
        buf_printf(out, "  layer %d%s%s: %d head%s", l, layer->name[0] ? ", " : "", layer->name,
                   layer->head_count, layer->head_count == 1 ? "" : "s");
        if (h->entry != ENTRY_QK)
            buf_printf(out, ", %s", head_from(h, false));
        if (h->spec) {
            write_size(out, h->spec->same_x ? "x" : "x_q", h->spec->x_q);
            write_size(out, "x_k", h->spec->same_x ? (Stored){.at = NULL} : h->spec->x_k);
        }
        write_size(out, "q", in.stored_q);
        write_size(out, "k", in.stored_k);
        write_size(out, "v", in.stored_v);
        buf_text(out, h->recorded.tensor >= 0 ? ", recorded weights\n" : "\n");
        if (layer->about && layer->about[0])
            buf_printf(out, "    %s\n", layer->about);
        write_scores(f, layer, out);
    }
}

/* How the file was understood; a document of ours has one way only. */
static void json_reading(const Facts *f, Buf *out)
{
    static const DocReading own = {.axes_by = AXES_FORMAT};
    const DocReading *r = f->s->reading ? f->s->reading : &own;
    buf_printf(out, "\"file_rows\":\"%s\",\"axes_by\":\"%s\",",
               r->rows_are_keys ? "keys" : "queries", AXES_BY_NAMES[r->axes_by]);
    buf_printf(out, "\"eos\":{\"queries\":%s,\"keys\":%s},\"words\":{\"queries\":%s,\"keys\":%s},",
               r->eos_queries ? "true" : "false", r->eos_keys ? "true" : "false",
               r->words_queries ? "true" : "false", r->words_keys ? "true" : "false");
}

static void json_bad(const Facts *f, Buf *out)
{
    const Document *doc = &f->scope->doc;
    if (f->bad_count == 0) {
        buf_text(out, ",\"bad_sentences\":null");
        return;
    }
    buf_printf(out, ",\"bad_sentences\":{\"count\":%d,\"first\":%d,", doc->bad_count, f->bad[0]);
    json_key_text(out, "reason", f->why[0]);
    buf_text(out, ",\"list\":[");
    for (int i = 0; i < f->bad_count; i++) {
        buf_printf(out, "%s{\"sentence\":%d,", i ? "," : "", f->bad[i]);
        json_key_text(out, "reason", f->why[i]);
        buf_byte(out, '}');
    }
    buf_text(out, "]}");
}

static void write_json(const Facts *f, Buf *out)
{
    const Document *doc = &f->scope->doc;
    const Recorded *r = &f->recorded;
    buf_byte(out, '{');
    json_path(out, doc->path);
    buf_byte(out, ',');
    json_key_text(out, "format", doc->format);
    buf_printf(out, ",\"sentences\":%d,\"layers\":%d,\"heads\":[", doc->sentence_count,
               f->s->layer_count);
    for (int l = 0; l < f->s->layer_count; l++)
        buf_printf(out, l ? ",%d" : "%d", f->s->layers[l].head_count);
    buf_printf(out, "],\"queries\":%d,\"keys\":%d,\"entry\":\"%s\",", f->s->queries.count,
               f->s->keys.count, entry_name(f));
    json_reading(f, out);
    json_text_or_null(out, "parts", doc->parts);
    json_text_or_null(out, "notes", doc->notes);
    buf_printf(out, "\"padding\":%d,\"nonfinite\":%lld,", f->padding_queries + f->padding_keys,
               (long long)f->nonfinite);
    buf_text(out, "\"max_row_sum_error\":");
    json_number_or_null(out, f->row_error);
    json_attention(f, out);
    json_about(f, out);
    buf_text(out, ",\"recorded_error\":");
    if (r->error < 0) {
        buf_text(out, "null");
    } else {
        buf_text(out, "{\"value\":");
        json_number_or_null(out, r->error);
        buf_printf(out, ",\"sentence\":%d,\"layer\":%d,\"head\":%d,\"query\":%d,\"key\":%d}",
                   r->sentence, r->layer, r->head, r->query, r->key);
    }
    json_bad(f, out);
    buf_text(out, ",\"warnings\":[");
    size_t none = out->size;
    for (int i = 0; i < doc->warning_count; i++)
        json_warning(&(WarningList){out, none}, doc->warnings[i]);
    Settings again = settings_default();
    scope_settings(f->scope, &again, json_warning, &(WarningList){out, none});
    buf_text(out, "]}\n");
}

static void write_reading(const Facts *f, Buf *out)
{
    const Document *doc = &f->scope->doc;
    char text[1000];
    if (doc->parts)
        buf_printf(out, "parts      %s\n", doc->parts);
    record_document_reading(doc, f->s, text, sizeof text);
    if (f->s->problem)
        buf_printf(out, "problem    %s\n", f->s->problem);
    else
        buf_printf(out, "reading    %s\n", text);
    if (doc->bad_count > 0)
        buf_printf(out, "bad        %d of %d sentences cannot be read\n", doc->bad_count,
                   doc->sentence_count);
    for (int i = 0; i < f->bad_count; i++)
        buf_printf(out, "  sentence %d: %s\n", f->bad[i], f->why[i]);
    if (doc->bad_count > f->bad_count)
        buf_printf(out, "  and %d more\n", doc->bad_count - f->bad_count);
}

static void write_words(const Facts *f, Buf *out)
{
    const Document *doc = &f->scope->doc;
    const Recorded *r = &f->recorded;
    const char *title = doc->title && doc->title[0] ? doc->title : f->s->title;
    buf_printf(out, "file       %s\nformat     %s%s\n", doc->path, doc->format,
               doc->read_only ? ", read-only" : "");
    if (title && title[0])
        buf_printf(out, "title      %s\n", title);
    buf_printf(out, "sentences  %d\nsentence   %d: %d queries × %d keys, %s\n", doc->sentence_count,
               f->settings.sentence, f->s->queries.count, f->s->keys.count,
               f->s->self ? "one token list on both axes" : "two token lists");
    if (f->s->image.present)
        buf_printf(out, "picture    %s, %d × %d patches, %d special tokens\n",
                   f->s->image.file[0] ? f->s->image.file : "none", f->s->image.rows,
                   f->s->image.cols, f->s->image.special_count);
    write_reading(f, out);
    buf_printf(out, "entry      %s\nlayers     %d\n", entry_name(f), f->s->layer_count);
    write_heads(f, out);
    if (f->padding_queries > 0)
        buf_printf(out, "padding    %d queries, %d keys\n", f->padding_queries, f->padding_keys);
    else if (f->padding_keys > 0)
        buf_printf(out, "padding    %d keys\n", f->padding_keys);
    if (f->s->sure_count + f->s->possible_count > 0)
        buf_printf(out, "alignment  %d sure, %d possible links\n", f->s->sure_count,
                   f->s->possible_count);
    buf_printf(out, "nonfinite  %lld numbers\n", (long long)f->nonfinite);
    if (!isnan(f->row_error))
        buf_printf(out, "row sums   1 ± %.3g\n", f->row_error);
    if (r->error >= 0)
        buf_printf(out,
                   "recorded   largest |computed − recorded| %.3g, at sentence %d, layer %d, head "
                   "%d, query %d, key %d\n",
                   r->error, r->sentence, r->layer, r->head, r->query, r->key);
    for (int i = 0; i < doc->warning_count; i++)
        buf_printf(out, "warning    %s\n", doc->warnings[i]);
}

int cli_info(Cli *cli)
{
    Error err = {0};
    Scope scope;
    Buf out;
    const char *path = cli->args.files[0];
    LoadRequest request = cli_request_all(cli, 0);
    if (!scope_init(&scope, &err))
        return cli_fail(cli, &err, NULL);
    Facts facts = {.scope = &scope};
    buf_init(&out, BUF_NO_LIMIT);
    bool ok = scope_open(&scope, &request, &err);
    if (ok)
        look_for_bad(&facts);
    ok = ok && cli_settings(cli, &scope, false, false, &facts.settings, &err) &&
         measure(&facts, &err);
    if (ok && cli->args.json)
        write_json(&facts, &out);
    else if (ok)
        write_words(&facts, &out);
    ok = ok && buf_ok(&out, &err);
    int code = 0;
    if (ok)
        cli_put(cli, &out);
    else
        code = cli_fail(cli, &err, path);
    buf_free(&out);
    scope_free(&scope);
    return code;
}
