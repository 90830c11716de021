#include "load/convert.h"
#include "load/convert_out.h"
#include "load/limits.h"
#include "load/save.h"

#include <string.h>

static const char *const ENDINGS[CONVERT_COUNT] = {
    [CONVERT_ATTN] = ".attn.json",
    [CONVERT_NPZ] = ".npz",
    [CONVERT_SAFETENSORS] = ".safetensors",
    [CONVERT_CSV] = ".csv",
};

bool convert_kind(const char *path, Convert *out, Error *err)
{
    size_t length = strlen(path);
    for (int i = 0; i < CONVERT_COUNT; i++) {
        size_t n = strlen(ENDINGS[i]);
        if (length > n && strcmp(path + length - n, ENDINGS[i]) == 0) {
            *out = (Convert)i;
            return true;
        }
    }
    return error_set(err, ERROR_USAGE,
                     "name: expected one that ends in .attn.json, .npz, .safetensors or .csv, "
                     "found \"%.100s\"",
                     path_base(path));
}

ConvertPlan convert_plan(void)
{
    return (ConvertPlan){.sentence = -1, .layer = -1, .head = -1};
}

static int head_count(const Document *doc, int sentence)
{
    int count = 0;
    for (int i = 0; i < doc->sentence_count; i++) {
        for (int j = 0; (sentence < 0 || i == sentence) && j < doc->sentences[i].layer_count; j++)
            count += doc->sentences[i].layers[j].head_count;
    }
    return count;
}

/* Our own text says more than the document: what we do not know, the digits of numbers. */
static bool from_source(ConvertOut *out, const Document *doc)
{
    const ConvertPlan *plan = out->plan;
    bool own = plan->settings != NULL;
    bool ok = save_text_alone(doc, own ? plan->settings : doc->settings,
                              own ? plan->setting_count : doc->setting_count, &out->buf, out->err);
    out->failed = out->failed || !ok;
    return convert_flush(out, true);
}

static bool write_attn(ConvertOut *out, Document *doc)
{
    const ConvertPlan *plan = out->plan;
    if (doc->read_only)
        return convert_fail(out, "document: expected a version that this program knows, found a "
                                 "newer one");
    bool whole = plan->sentence < 0 && plan->layer < 0 && plan->head < 0;
    return whole && doc->source.size > 0 && !doc->jsonl ? from_source(out, doc)
                                                        : convert_json(out, doc);
}

static bool write_kind(ConvertOut *out, Document *doc, Convert kind)
{
    const ConvertPlan *plan = out->plan;
    if (plan->sentence >= doc->sentence_count)
        return convert_fail(out, "sentence: expected 0 … %d, found %d", doc->sentence_count - 1,
                            plan->sentence);
    out->total = doc->corpus.self ? doc->sentence_count : head_count(doc, plan->sentence);
    if (!convert_step(out))
        return false;
    switch (kind) {
    case CONVERT_NPZ:
        return convert_npz(out, doc);
    case CONVERT_SAFETENSORS:
        return convert_safetensors(out, doc);
    case CONVERT_CSV:
        return convert_csv(out, doc);
    case CONVERT_ATTN:
    case CONVERT_COUNT:
        break;
    }
    return write_attn(out, doc);
}

bool convert_document(Document *doc, Convert kind, const ConvertPlan *plan, const char *path,
                      Error *err)
{
    Error own = {0};
    ConvertOut out = {.plan = plan, .err = err ? err : &own};
    buf_init(&out.buf, BUF_NO_LIMIT);
    out.file = file_write_begin(path, out.err);
    out.unwritten = !out.file;
    bool ok = out.file && write_kind(&out, doc, kind);
    uint64_t most = limits_value(NULL, LIMIT_FILE_BYTES);
    if (ok && kind == CONVERT_ATTN && out.passed > most)
        convert_note(&out, "%llu bytes were written: opening them needs --limit-file-bytes %llu",
                     (unsigned long long)out.passed, (unsigned long long)out.passed);
    if (ok)
        out.unwritten = !(ok = file_write_end(out.file, out.err));
    else
        file_write_drop(out.file);
    buf_free(&out.buf);
    if (plan->unwritten)
        *plan->unwritten = out.unwritten;
    return ok;
}

bool convert_to_text(Document *doc, const ConvertPlan *plan, Buf *out, Error *err)
{
    Error own = {0};
    ConvertOut to = {.plan = plan, .err = err ? err : &own, .buf = *out};
    bool ok = write_kind(&to, doc, CONVERT_ATTN);
    *out = to.buf;
    return ok;
}
