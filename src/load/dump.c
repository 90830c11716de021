#include "load/dump_listing.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Sums of rows of text: so many digits are printed that this is no rounding. */
#define DUMP_SUM_BAR 1e-3

static bool index_push(DumpIndex *index, DumpPlace place)
{
    if (index->count == index->cap) {
        int64_t cap = index->cap ? index->cap * 2 : 64;
        DumpPlace *list = mem_resize(index->items, (size_t)cap, sizeof *list);
        if (!list)
            return false;
        index->items = list;
        index->cap = cap;
    }
    index->items[index->count++] = place;
    return true;
}

static void sum_row(Listing *l, int64_t n, int64_t row, const float *at, int64_t count,
                    int64_t step)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++) {
        double value = (double)at[i * step];
        if (!isfinite(value) && l->nonfinite++ == 0)
            l->nonfinite_from = l->c->index.items[n].place.from;
        sum += value;
    }
    l->rows++;
    if (!isfinite(sum) || fabs(sum - 1) <= DUMP_SUM_BAR || l->odd++ > 0)
        return;
    l->odd_from = l->c->index.items[n].place.from;
    l->odd_row = row;
    l->odd_sum = sum;
}

static void sum_rows(Listing *l, int64_t n, const DocReading *r)
{
    const DumpEntry *e = &l->c->entry;
    bool turned = r->rows_are_keys;
    int64_t queries = (turned ? e->cols : e->rows) - r->padding_queries;
    int64_t keys = (turned ? e->rows : e->cols) - r->padding_keys;
    for (int64_t i = 0; i < queries; i++)
        sum_row(l, n, i, e->floats + (turned ? i : i * e->cols), keys, turned ? e->cols : 1);
}

/* Where no list names the tokens, the matrix says how many there are. */
static void note_sizes(DumpPlace *at, const DumpEntry *e, const DocReading *r)
{
    if (at->queries < 0)
        at->queries = (int)(r->rows_are_keys ? e->cols : e->rows) - r->padding_queries;
    if (at->keys < 0)
        at->keys = (int)(r->rows_are_keys ? e->rows : e->cols) - r->padding_keys;
}

/* The numbers are lent to the document's first tensor while they are looked at. */
static bool check_entry(Listing *l, int64_t n, bool gold, Error *err)
{
    DumpCorpus *c = l->c;
    Record record;
    DocReading reading;
    DocOrigin origin = c->origin;
    RecordPlace place = {l->doc, &origin, NULL, NULL, NULL};
    origin.transpose = origin.transpose && !c->format->links;
    dump_record(c, gold, 0, &record);
    l->doc->tensors[0] = (Tensor){.data = c->entry.floats,
                                  .floats = c->entry.floats,
                                  .dtype = DTYPE_F32,
                                  .count = c->entry.rows * c->entry.cols};
    bool ok = record_check(&place, &record, &reading, err);
    l->doc->tensors[0] = (Tensor){0};
    if (ok)
        note_sizes(&c->index.items[n], &c->entry, &reading);
    if (ok && !c->format->links) /* links are there or not: nothing that sums to 1 */
        sum_rows(l, n, &reading);
    return ok;
}

/* true: go on; what is wrong with this one alone is noted. */
static bool is_own_fault(Listing *l, int64_t n, const Error *why, Error *err)
{
    if (why->kind != ERROR_MALFORMED)
        return error_at(err, why->kind, why->where, "%s", why->what);
    listing_bad(l, n, why);
    return true;
}

static bool add_entry(DumpCorpus *c, Document *doc, LinesPlace place, Error *err)
{
    const char *title = "";
    uint64_t most = limits_value(&c->request.limits, LIMIT_SENTENCES);
    most = most < INT_MAX ? most : INT_MAX;
    if ((uint64_t)c->index.count >= most)
        return limits_over(&c->request.limits, LIMIT_SENTENCES, err, "",
                           "expected at most %llu sentences, found more", (unsigned long long)most);
    if (c->entry.title[0])
        title = arena_text(&doc->arena, c->entry.title, strlen(c->entry.title));
    return (title && index_push(&c->index, (DumpPlace){.place = place,
                                                       .sentence = c->entry.sentence,
                                                       .title = title})) ||
           error_memory(err);
}

/* What the list of sentences shows of one that is not read: its first words. */
static bool note_start(DumpPlace *at, const DumpEntry *e, Arena *arena)
{
    char text[80];
    size_t used = 0;
    bool keys = e->key_count > 0;
    const char **words = keys ? e->keys : e->queries;
    int count = keys ? e->key_count : e->query_count;
    for (int i = 0; i < count && used + 1 < sizeof text; i++) {
        int n = snprintf(text + used, sizeof text - used, "%s%s", i ? " " : "", words[i]);
        used += n > 0 ? (size_t)n : 0;
    }
    if (used >= sizeof text)
        used = utf8_cut(text, sizeof text - 1, sizeof text - 2);
    at->start = used ? arena_text(arena, text, used) : NULL;
    return at->start || !used;
}

/* One that was read: its links are counted, as their numbers mean nothing before all are known;
 * all else is looked at. */
static bool list_entry(Listing *l, int64_t n, Error *err)
{
    DumpCorpus *c = l->c;
    const DumpEntry *e = &c->entry;
    if (!dump_companions(c, n, err))
        return false;
    if (!note_start(&c->index.items[n], e, &l->doc->arena))
        return error_memory(err);
    c->index.items[n].keys = e->key_count;
    c->index.items[n].queries = e->query_count;
    if (!c->format->links)
        return check_entry(l, n, false, err);
    dump_links_count(&l->links, c->format, e, e->key_count, e->query_count,
                     &c->index.items[n].extent);
    return true;
}

/* The first pass: where everything is. Without links it is the only one. */
static bool list_entries(Listing *l, Error *err)
{
    DumpCorpus *c = l->c;
    for (;;) {
        Error why = {0};
        LinesPlace place;
        int64_t n = c->index.count;
        DumpStep step = dump_read(&c->lines, c->format, &c->entry, &place, &why);
        if (step == DUMP_END)
            return true;
        if (step == DUMP_FAILED)
            return error_at(err, why.kind, why.where, "%s", why.what);
        if (!add_entry(c, l->doc, place, err))
            return false;
        if (step == DUMP_ENTRY && list_entry(l, n, &why))
            continue;
        c->index.items[n].bad = true;
        if (!is_own_fault(l, n, &why, err))
            return false;
    }
}

static bool count_gold(Listing *l, Error *err)
{
    DumpCorpus *c = l->c;
    for (int64_t n = 0; n < c->index.count; n++) {
        const DumpPlace *at = &c->index.items[n];
        Error why = {0};
        bool gold = false;
        bool ok = at->bad || dump_gold(c, n, &gold, &why);
        if (!ok && why.kind != ERROR_MALFORMED)
            return error_at(err, why.kind, why.where, "%s", why.what);
        if (ok && gold)
            dump_links_count(&l->gold, c->gold_format, &c->gold, at->keys, at->queries, NULL);
    }
    return true;
}

/* What the first pass kept of the entry says that it can be read: no need to read it again. */
static bool is_sure(DumpCorpus *c, DumpPlace *at)
{
    uint64_t memory = limits_value(&c->request.limits, LIMIT_MEMORY);
    return c->format->links && !c->gold_format && !c->weights.open &&
           (c->origin.eos == EOS_AUTO || c->origin.eos == EOS_NONE) &&
           dump_links_sure(&c->links, &at->extent, memory, &at->keys, &at->queries);
}

/* How links are meant, then whether all of them can be so. */
static bool list_links(Listing *l, Error *err)
{
    DumpCorpus *c = l->c;
    if (c->gold_format && !count_gold(l, err))
        return false;
    if (c->format->links)
        dump_links_decide(&l->links, c->format, c->origin.transpose, &c->links);
    if (c->gold_format)
        dump_links_decide(&l->gold, c->gold_format, false, &c->gold_links);
    for (int64_t n = 0; n < c->index.count; n++) {
        DumpPlace *at = &c->index.items[n];
        Error why = {0};
        bool gold = false;
        if (at->bad || is_sure(c, at))
            continue;
        bool ok = c->format->links ? dump_fetch(c, n, &gold, &why) && check_entry(l, n, gold, &why)
                                   : dump_settle_gold(c, n, at->keys, at->queries, &gold, &why);
        at->bad = !ok;
        if (!ok && !is_own_fault(l, n, &why, err))
            return false;
    }
    return true;
}

static int order_places(const void *a, const void *b)
{
    const DumpPlace *x = a, *y = b;
    if (x->sentence != y->sentence)
        return x->sentence < y->sentence ? -1 : 1;
    return (x->place.from > y->place.from) - (x->place.from < y->place.from);
}

static void pass_on(void *context, uint64_t done, uint64_t total)
{
    DumpProgress *p = context;
    (void)total;
    done += p->before;
    p->told = done > p->told ? done : p->told;
    p->told = p->told < p->all ? p->told : p->all;
    p->progress(p->context, p->told, p->all);
}

static uint64_t size_of(const char *path)
{
    FileStamp stamp = {0};
    return path && file_stamp(path, &stamp) ? stamp.size : 0;
}

/* A file that is read again with gold or weights beside it counts twice. */
static void begin_progress(DumpCorpus *c, const LoadRequest *request)
{
    const DocOrigin *o = &c->origin;
    const char *weights = c->format->links && o->more_count > 0 ? o->more[0] : NULL;
    uint64_t twice = o->gold || weights ? 2 : 1;
    c->progress = (DumpProgress){.progress = request->progress, .context = request->context};
    c->progress.all = size_of(o->source) + size_of(o->target) + size_of(o->gold) +
                      size_of(weights) + twice * size_of(c->request.path);
    c->quiet = c->request;
    c->quiet.progress = NULL;
    if (request->progress) {
        c->request.progress = pass_on;
        c->request.context = &c->progress;
    }
}

/* It was read from end to end. */
static void file_through(DumpCorpus *c, Lines *lines)
{
    c->progress.before += lines->file.stamp.size;
    lines->request = &c->quiet;
}

static bool open_companion(DumpCorpus *c, Companion *file, const char *name, const char *path,
                           Error *err)
{
    if (!path)
        return true;
    if (!companion_open(file, name, path, &c->request, err))
        return false;
    file_through(c, &file->lines);
    return true;
}

static bool open_companions(DumpCorpus *c, Error *err)
{
    const DocOrigin *o = &c->origin;
    const char *weights = c->format->links && o->more_count > 0 ? o->more[0] : NULL;
    if (!open_companion(c, &c->source, "source", o->source, err) ||
        !open_companion(c, &c->target, "target", o->target, err) ||
        !open_companion(c, &c->weights, "weights", weights, err))
        return false;
    companion_settle(&c->source, !c->target.open);
    companion_settle(&c->target, !c->source.open);
    return true;
}

/* Where entries carry no number, line i of one file goes with line i of the other. Empty lines at
 * the end, those up to `all`, are sentences only where there are as many. */
static bool check_counts(const DumpCorpus *c, const char *name, int64_t count, int64_t all,
                         Error *err)
{
    int64_t want = c->index.count;
    if (want == 0 || c->index.items[0].sentence >= 0 || (want >= count && want <= all))
        return true;
    return error_at(err, ERROR_MALFORMED, name,
                    "expected %lld sentence%s as in the file, found %lld", (long long)want,
                    want == 1 ? "" : "s", (long long)count);
}

static bool check_texts(const DumpCorpus *c, Error *err)
{
    const Companion *s = &c->source, *t = &c->target;
    return (!s->open || check_counts(c, "source", s->count, s->all, err)) &&
           (!t->open || check_counts(c, "target", t->count, t->all, err));
}

/* The file of gold: which of its entries goes with which sentence. */
static bool list_gold(DumpCorpus *c, Error *err)
{
    DumpIndex *gold = &c->gold_index;
    for (;;) {
        LinesPlace place;
        Error why = {0};
        DumpStep step = dump_read(&c->gold_lines, c->gold_format, &c->gold, &place, &why);
        if (step == DUMP_END) {
            file_through(c, &c->gold_lines);
            return true;
        }
        if (step == DUMP_FAILED) {
            error_within(&why, "gold");
            return error_at(err, why.kind, why.where, "%s", why.what);
        }
        if (!index_push(gold, (DumpPlace){.place = place, .sentence = c->gold.sentence}))
            return error_memory(err);
    }
}

/* The first entry of this number, −1: none. They are in order. */
static int64_t find_gold(const DumpIndex *gold, int64_t id)
{
    int64_t low = 0, high = gold->count;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (gold->items[middle].sentence < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < gold->count && gold->items[low].sentence == id ? low : -1;
}

static bool match_gold(DumpCorpus *c, Error *err)
{
    DumpIndex *gold = &c->gold_index;
    bool numbered = gold->count > 0 && gold->items[0].sentence >= 0;
    if (!numbered && !check_counts(c, "gold", gold->count, gold->count, err))
        return false;
    c->gold_of = mem_array((size_t)c->index.count, sizeof *c->gold_of);
    if (!c->gold_of)
        return error_memory(err);
    if (numbered)
        qsort(gold->items, (size_t)gold->count, sizeof *gold->items, order_places);
    for (int64_t n = 0; n < c->index.count; n++) {
        int64_t id = c->index.items[n].sentence >= 0 ? c->index.items[n].sentence : n;
        c->gold_of[n] = numbered ? find_gold(gold, id) : id < gold->count ? id : -1;
    }
    return true;
}

static bool open_gold(DumpCorpus *c, Error *err)
{
    const char *path = c->origin.gold;
    if (!path)
        return true;
    Error why = {0};
    c->gold_format = dump_sniff_gold(path, &why);
    bool ok = c->gold_format != NULL && lines_open(&c->gold_lines, path, &c->request, &why);
    if (ok)
        return list_gold(c, err);
    error_within(&why, "gold");
    return error_at(err, why.kind, why.where, "%s", why.what);
}

/* Titles that are all the same tell nothing: other programs leave every id 0. */
static void drop_same_titles(DumpCorpus *c)
{
    const DumpIndex *index = &c->index;
    for (int64_t n = 1; n < index->count; n++) {
        if (strcmp(index->items[n].title, index->items[0].title) != 0)
            return;
    }
    for (int64_t n = 0; index->count > 1 && n < index->count; n++)
        index->items[n].title = "";
}

static bool fill_document(const Listing *l, Error *err)
{
    Document *doc = l->doc;
    DumpCorpus *c = l->c;
    int count = (int)c->index.count;
    drop_same_titles(c);
    doc->corpus.sentences = mem_zero((size_t)count, sizeof *doc->sentences);
    if (!doc->corpus.sentences)
        return error_memory(err);
    doc->sentences = doc->corpus.sentences; /* zeros: the index has what the list shows */
    doc->sentence_count = count;
    doc->bad_count = (int)l->bad;
    doc->format = c->format->title;
    doc->memory = limits_value(&c->request.limits, LIMIT_MEMORY);
    doc->stamp = c->lines.file.stamp;
    return true;
}

/* What else the document was made of: nothing may be saved over it, and a change on disk counts. */
static bool list_files(const Listing *l, Error *err)
{
    const DocOrigin *o = &l->c->origin;
    const char *given[] = {o->source, o->target, o->gold, l->c->weights.open ? o->more[0] : NULL};
    Document *doc = l->doc;
    doc->files = arena_alloc(&doc->arena, sizeof given / sizeof *given, sizeof *doc->files);
    if (!doc->files)
        return error_memory(err);
    for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
        char full[4096];
        if (!given[i])
            continue;
        const char *path = path_absolute(full, sizeof full, given[i]) ? full : given[i];
        doc->files[doc->file_count] = arena_text(&doc->arena, path, strlen(path));
        if (!doc->files[doc->file_count++])
            return error_memory(err);
    }
    return true;
}

/* While all is read in one go, line after line. */
static void set_steady(DumpCorpus *c, bool steady)
{
    Lines *const all[] = {&c->lines, &c->gold_lines, &c->source.lines, &c->target.lines,
                          &c->weights.lines};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        all[i]->steady = steady;
}

static bool list_all(Listing *l, Error *err)
{
    DumpCorpus *c = l->c;
    if (!open_companions(c, err) || !open_gold(c, err) ||
        !lines_open(&c->lines, c->request.path, &c->request, err))
        return false;
    set_steady(c, true);
    if (!list_entries(l, err))
        return false;
    c->progress.before += c->lines.file.stamp.size;
    if (c->index.count == 0)
        return error_set(err, ERROR_MALFORMED, "expected at least one sentence (%s), found none",
                         c->format->title);
    if (c->format->by_id)
        qsort(c->index.items, (size_t)c->index.count, sizeof *c->index.items, order_places);
    if (!check_texts(c, err) || (c->gold_format && !match_gold(c, err)) ||
        ((c->format->links || c->gold_format) && !list_links(l, err)))
        return false;
    if (l->bad == c->index.count)
        return error_at(err, l->first_bad.kind, l->first_bad.where, "%s", l->first_bad.what);
    return fill_document(l, err) && list_files(l, err) && listing_tell(l, err);
}

bool dump_load(Document *doc, const LoadRequest *request, const DumpFormat *format, Error *err)
{
    DumpCorpus *c = dump_corpus_new(request, &doc->origin, format);
    Tensor *tensors = mem_zero(CORPUS_SLOTS, sizeof *tensors);
    if (!c || !tensors) {
        mem_free(tensors);
        dump_corpus_free(c);
        return error_memory(err);
    }
    c->request.path = doc->path;
    doc->tensors = tensors;
    doc->tensor_count = CORPUS_SLOTS;
    doc->corpus.self = c; /* from here on freed with the document */
    doc->corpus.read = dump_corpus_read;
    doc->corpus.free = dump_corpus_free;
    doc->corpus.listed = dump_corpus_listed;
    begin_progress(c, request);
    Listing l = {.c = c, .doc = doc};
    bool ok = list_all(&l, err);
    set_steady(c, false);
    c->request.progress = NULL; /* they end with the load */
    c->request.context = NULL;
    c->request.cancel = c->quiet.cancel = NULL;
    return ok;
}
