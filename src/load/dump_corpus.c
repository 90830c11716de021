/* Sentences of an open dump, one at a time. */
#include "load/dump_corpus.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

DumpCorpus *dump_corpus_new(const LoadRequest *request, const DocOrigin *origin,
                            const DumpFormat *format)
{
    DumpCorpus *c = mem_zero(1, sizeof *c);
    if (!c)
        return NULL;
    c->request = *request;
    c->origin = *origin;
    c->format = format;
    Lines *const all[] = {&c->lines, &c->gold_lines, &c->source.lines, &c->target.lines,
                          &c->weights.lines};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        *all[i] = (Lines){.file.fd = -1, .text = ""};
    entry_init(&c->entry);
    entry_init(&c->gold);
    return c;
}

void dump_corpus_free(void *corpus)
{
    DumpCorpus *c = corpus;
    if (!c)
        return;
    lines_close(&c->lines);
    lines_close(&c->gold_lines);
    companion_close(&c->source);
    companion_close(&c->target);
    companion_close(&c->weights);
    mem_free(c->index.items);
    mem_free(c->gold_index.items);
    mem_free(c->gold_of);
    entry_free(&c->entry);
    entry_free(&c->gold);
    mem_free(c);
}

DumpStep dump_read(Lines *lines, const DumpFormat *format, DumpEntry *entry, LinesPlace *place,
                   Error *err)
{
    entry_clear(entry);
    if (!lines_next(lines, err))
        return err->kind == ERROR_NONE ? DUMP_END : DUMP_FAILED;
    lines_back(lines);
    *place = lines_place(lines);
    entry->line = place->number;
    DumpStep step = format->read(lines, entry, err);
    /* Memory, limits and the disk are no fault of one entry. */
    return step == DUMP_BAD && err->kind != ERROR_MALFORMED ? DUMP_FAILED : step;
}

bool dump_companions(DumpCorpus *c, int64_t n, Error *err)
{
    return (!c->source.open || companion_tokens(&c->source, "source", n, false, &c->entry, err)) &&
           (!c->target.open || companion_tokens(&c->target, "target", n, true, &c->entry, err));
}

static bool seek_entry(Lines *lines, const DumpFormat *format, LinesPlace place, DumpEntry *entry,
                       Error *err)
{
    LinesPlace at;
    Error why = {0};
    if (!lines_seek(lines, place, err))
        return false;
    DumpStep step = dump_read(lines, format, entry, &at, &why);
    if (step == DUMP_ENTRY)
        return true;
    if (step == DUMP_END)
        return error_set(err, ERROR_IO, "changed on disk while it was read");
    return error_at(err, why.kind, why.where, "%s", why.what);
}

bool dump_gold(DumpCorpus *c, int64_t n, bool *there, Error *err)
{
    Error why = {0};
    int64_t at = c->gold_format ? c->gold_of[n] : -1;
    *there = at >= 0;
    if (!*there ||
        seek_entry(&c->gold_lines, c->gold_format, c->gold_index.items[at].place, &c->gold, &why))
        return true;
    error_within(&why, "gold");
    return error_at(err, why.kind, why.where, "%s", why.what);
}

bool dump_settle_gold(DumpCorpus *c, int64_t n, int keys, int queries, bool *gold, Error *err)
{
    Error why = {0};
    if (!dump_gold(c, n, gold, err))
        return false;
    if (!*gold || dump_links_settle(&c->gold_links, &c->gold, keys, queries, &why))
        return true;
    error_within(&why, "gold");
    return error_at(err, why.kind, why.where, "%s", why.what);
}

bool dump_fetch(DumpCorpus *c, int64_t n, bool *gold, Error *err)
{
    DumpEntry *entry = &c->entry;
    uint64_t memory = limits_value(&c->request.limits, LIMIT_MEMORY);
    if (!seek_entry(&c->lines, c->format, c->index.items[n].place, entry, err) ||
        !dump_companions(c, n, err))
        return false;
    bool ok =
        !c->format->links ||
        (dump_weights(c, n, err) &&
         dump_links_settle(&c->links, entry, entry->key_count, entry->query_count, err) &&
         dump_links_matrix(&c->links, entry, entry->key_count, entry->query_count, memory, err));
    return ok && dump_settle_gold(c, n, entry->key_count, entry->query_count, gold, err);
}

void dump_record(const DumpCorpus *c, bool gold, int tensor, Record *out)
{
    const DumpEntry *e = &c->entry, *links = gold ? &c->gold : e;
    bool is_links = c->format->links;
    record_init(out);
    out->title = e->title;
    out->queries = e->query_count >= 0 ? e->queries : NULL;
    out->keys = e->key_count >= 0 ? e->keys : NULL;
    out->query_count = e->query_count;
    out->key_count = e->key_count;
    out->rows = is_links ? ROWS_ARE_QUERIES : e->axes != ROWS_UNSURE ? e->axes : c->format->rows;
    out->certain = is_links || e->axes != ROWS_UNSURE || c->format->certain;
    out->eos_documented = is_links ? c->links.eos_keys || c->links.eos_queries : c->format->eos;
    out->linked = is_links;
    out->line = e->row_line ? e->row_line : e->line;
    if (e->rows > 0)
        out->weights = (RecordBlock){
            .tensor = tensor, .layers = 1, .heads = 1, .rows = e->rows, .cols = e->cols};
    if (is_links && !gold && !c->links.graded)
        return; /* what a program found is not what is right */
    out->sure = links->sure;
    out->sure_count = links->sure_count;
    out->possible = links->possible;
    out->possible_count = links->possible_count;
}

typedef struct {
    Tensor *tensor;
    int index;
} Slot;

/* The new matrix takes the place of the one it was made from. */
static int replace_tensor(void *context, Tensor *tensor, Error *err)
{
    Slot *slot = context;
    (void)err;
    tensor_free(slot->tensor);
    *slot->tensor = *tensor;
    *tensor = (Tensor){0};
    return slot->index;
}

static bool entry_tensor(const DumpEntry *e, Tensor *out, Error *err)
{
    *out = (Tensor){.dtype = DTYPE_F32, .count = e->rows * e->cols};
    out->data = mem_aligned((size_t)out->count, sizeof(float));
    if (!out->data)
        return error_memory(err);
    if (out->count > 0)
        memcpy(out->data, e->floats, (size_t)out->count * sizeof(float));
    tensor_measure(out);
    return true;
}

void dump_corpus_listed(const void *self, int sentence, DocSentence *out)
{
    const DumpCorpus *c = self;
    const DumpPlace *at = &c->index.items[sentence];
    *out = (DocSentence){.title = at->title, .about = "", .start = at->start};
}

static bool read_sentence(DumpCorpus *c, const Document *doc, int sentence, Arena *arena,
                          Tensor *tensor, int index, DocSentence *out, Error *err)
{
    Record record;
    DocSentence read;
    DocOrigin origin = c->origin;
    Slot slot = {tensor, index};
    bool gold = false;
    if (!dump_fetch(c, sentence, &gold, err) || !entry_tensor(&c->entry, tensor, err))
        return false;
    dump_record(c, gold, index, &record);
    origin.transpose = origin.transpose && !c->format->links; /* done when links were settled */
    RecordPlace place = {doc, &origin, arena, replace_tensor, &slot};
    if (!record_settle(&place, &record, &read, err))
        return false;
    read.title = out->title; /* the list keeps these beyond this arena */
    read.about = out->about;
    *out = read;
    return true;
}

bool dump_corpus_read(void *self, const Document *doc, int sentence, Arena *arena, Tensor *tensor,
                      int index, DocSentence *out, Error *err)
{
    DumpCorpus *c = self;
    c->request.cancel = c->quiet.cancel = doc->cancel;
    bool ok = read_sentence(c, doc, sentence, arena, tensor, index, out, err);
    c->request.cancel = c->quiet.cancel = NULL;
    return ok;
}
