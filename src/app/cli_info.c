/* attnscope info: what a file holds and how it was understood. */
#include "app/cli_args.h"

#include "base/number.h"
#include "base/utf8.h"
#include "load/json_string.h"

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
    int padding;
    double row_error; /* NaN = no row to judge */
    Recorded recorded;
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
    for (int i = 0; i < doc->tensor_count; i++)
        f->nonfinite += doc->tensors[i].nonfinite;
    bool ok = true;
    for (int n = 0; ok && n < doc->sentence_count; n++) {
        f->settings.sentence = n;
        f->s = &doc->sentences[n];
        for (int l = 0; ok && l < f->s->layer_count; l++)
            for (int h = 0; ok && h < f->s->layers[l].head_count; h++)
                ok = measure_head(f, l, h, n == shown, err);
    }
    f->settings.sentence = shown;
    f->s = &doc->sentences[shown];
    for (int j = 0; f->s->keys.padding && j < f->s->keys.count; j++)
        f->padding += f->s->keys.padding[j] != 0;
    return ok;
}

/* ---- words -------------------------------------------------------------------------------------
 */

static const char *entry_name(const Facts *f)
{
    static const char *const names[] = {"qk", "scores", "weights"};
    return names[f->s->layers[0].heads[0].entry];
}

static void json_key_text(Buf *out, const char *key, const char *value)
{
    buf_printf(out, "\"%s\":", key);
    json_string_write(out, value, strlen(value));
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
    buf_printf(out, "],\"queries\":%d,\"keys\":%d,\"entry\":\"%s\",\"file_rows\":\"queries\",",
               f->s->queries.count, f->s->keys.count, entry_name(f));
    buf_text(out, "\"axes_by\":\"format\",\"eos\":{\"queries\":false,\"keys\":false},");
    buf_printf(out, "\"padding\":%d,\"nonfinite\":%lld,\"max_row_sum_error\":", f->padding,
               (long long)f->nonfinite);
    json_number_or_null(out, f->row_error);
    buf_text(out, ",\"recorded_error\":");
    if (r->error < 0) {
        buf_text(out, "null");
    } else {
        buf_text(out, "{\"value\":");
        json_number_or_null(out, r->error);
        buf_printf(out, ",\"sentence\":%d,\"layer\":%d,\"head\":%d,\"query\":%d,\"key\":%d}",
                   r->sentence, r->layer, r->head, r->query, r->key);
    }
    buf_text(out, ",\"warnings\":[");
    size_t none = out->size;
    for (int i = 0; i < doc->warning_count; i++)
        json_warning(&(WarningList){out, none}, doc->warnings[i]);
    Settings again = settings_default();
    scope_settings(f->scope, &again, json_warning, &(WarningList){out, none});
    buf_text(out, "]}\n");
}

static void write_heads(const Facts *f, Buf *out)
{
    for (int l = 0; l < f->s->layer_count; l++) {
        const DocLayer *layer = &f->s->layers[l];
        const DocHead *h = &layer->heads[0];
        buf_printf(out, "  layer %d%s%s: %d heads", l, layer->name[0] ? ", " : "", layer->name,
                   layer->head_count);
        if (h->entry == ENTRY_QK)
            buf_printf(out, ", q %d × %d, k %d × %d", h->q.rows, h->q.cols, h->k.rows, h->k.cols);
        else
            buf_printf(out, ", %s", h->entry == ENTRY_SCORES ? "scores" : "weights");
        if (h->v.tensor >= 0)
            buf_printf(out, ", v %d × %d", h->v.rows, h->v.cols);
        buf_text(out, h->recorded.tensor >= 0 ? ", recorded weights\n" : "\n");
    }
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
    buf_printf(out, "entry      %s\nrows       queries, by the format\nlayers     %d\n",
               entry_name(f), f->s->layer_count);
    write_heads(f, out);
    if (f->padding > 0)
        buf_printf(out, "padding    %d keys\n", f->padding);
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
    LoadRequest request = cli_request(cli, path);
    if (!scope_init(&scope, &err))
        return cli_fail(cli, &err, NULL);
    Facts facts = {.scope = &scope};
    buf_init(&out, BUF_NO_LIMIT);
    bool ok = scope_open(&scope, &request, &err) &&
              cli_settings(cli, &scope, false, false, &facts.settings, &err) &&
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
