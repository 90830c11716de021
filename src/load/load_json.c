#include "load/load_json.h"
#include "base/mem.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VERSION = 1 };

/* {"mask.causal": true}: kept as text; what it means is for the table of settings to say. */
static bool read_setting(Reader *r, const cJSON *item, DocSetting *out)
{
    const char *text = r->tree->text;
    size_t from = json_from(r->tree, item);
    Arena *arena = &r->doc->arena;
    const JsonBlock *b = json_block(r->tree, item);
    out->name = arena_text(arena, item->string, strlen(item->string));
    if (cJSON_IsString(item)) {
        out->value = json_text(r->tree, item, arena);
    } else if (cJSON_IsBool(item)) {
        out->value = cJSON_IsTrue(item) ? "true" : "false";
    } else if (json_is_number(r->tree, item)) {
        out->value = arena_text(arena, text + from, json_value_end(text, from) - from);
    } else if (b && b->ndim == 1) { /* [3, 5] as the index set 3,5 */
        char *list = arena_text(arena, text + from + 1, b->to - from - 2);
        size_t used = 0;
        for (size_t i = 0; list && list[i]; i++) {
            if (!strchr(" \t\r\n", list[i]))
                list[used++] = list[i];
        }
        if (list)
            list[used] = '\0';
        out->value = list;
    } else {
        return reader_expected(r, item, "true, false, a number or text");
    }
    return (out->name && out->value) || error_memory(r->err);
}

static bool read_settings(Reader *r, const cJSON *doc)
{
    Document *d = r->doc;
    const cJSON *object = reader_member(doc, "settings"), *item;
    d->place.end = r->doc_end - 1;
    while (r->tree->text[d->place.end] != '}')
        d->place.end--;
    if (!object)
        return true;
    size_t mark = reader_key(r, "settings");
    if (!cJSON_IsObject(object))
        return reader_expected(r, object, "an object");
    d->place.from = json_from(r->tree, object);
    d->place.to = json_value_end(r->tree->text, d->place.from);
    int count = cJSON_GetArraySize(object);
    d->settings = reader_alloc(r, (size_t)count + 1, sizeof *d->settings);
    if (!d->settings)
        return false;
    cJSON_ArrayForEach(item, object)
    {
        size_t at = reader_key(r, item->string);
        if (!read_setting(r, item, &d->settings[d->setting_count++]))
            return false;
        reader_up(r, at);
    }
    reader_up(r, mark);
    return true;
}

static bool read_version(Reader *r, const cJSON *doc)
{
    const cJSON *item = reader_member(doc, "attnscope");
    double version;
    if (!item)
        return reader_fail(
            r, doc, "expected an object with the key \"attnscope\", found none of that name");
    size_t mark = reader_key(r, "attnscope");
    if (!json_real(r->tree, item, &version))
        return reader_expected(r, item, "the version number 1");
    if (!(version >= 1 && version <= 0x1p53) || version != (double)(int64_t)version)
        return reader_fail(r, item, "version: expected 1, found %.15g", version);
    if (version > VERSION) {
        r->doc->read_only = true;
        if (!reader_warn(r,
                         "written by a newer version (format %.15g): opened read-only, some of it "
                         "may be missing",
                         version))
            return false;
    }
    reader_up(r, mark);
    return true;
}

static bool read_sentence(Reader *r, const cJSON *doc, DocSentence *s)
{
    s->title = s->about = "";
    if (!cJSON_IsObject(doc))
        return reader_expected(r, doc, "an object");
    if (!reader_flag(r, doc, "word_links", &s->links))
        return false;
    r->links = s->links;
    return reader_text(r, doc, "title", &s->title) && reader_text(r, doc, "about", &s->about) &&
           reader_positive(r, doc, "d_model", &s->d_model) && reader_axes(r, doc, s) &&
           reader_mask(r, doc, s, &r->mask) && reader_layers(r, doc, s) &&
           reader_alignment(r, doc, s);
}

static DocSentence *new_sentences(Reader *r, int count)
{
    Document *doc = r->doc;
    int64_t most = (int64_t)limits_value(&r->request->limits, LIMIT_SENTENCES);
    if ((int64_t)doc->sentence_count + count > most) {
        limits_over(&r->request->limits, LIMIT_SENTENCES, r->err, "",
                    "sentences: expected at most %lld, found more", (long long)most);
        return NULL;
    }
    if (doc->sentence_count + count > r->sentence_cap) {
        int cap = doc->sentence_count * 2 + count;
        DocSentence *list = reader_alloc(r, (size_t)cap, sizeof *list);
        if (!list)
            return NULL;
        if (doc->sentence_count)
            memcpy(list, doc->sentences, (size_t)doc->sentence_count * sizeof *list);
        doc->sentences = list;
        r->sentence_cap = cap;
    }
    return doc->sentences + doc->sentence_count;
}

/* "sentences": [DOC, …]; what stands beside it holds for all of them. */
static bool read_sentences(Reader *r, const cJSON *doc, const cJSON *list)
{
    const cJSON *item;
    int n = 0, count = cJSON_IsArray(list) ? cJSON_GetArraySize(list) : 0;
    double d_model = 0;
    const char *about = "";
    if (reader_member(doc, "layers"))
        return reader_fail(r, list, "expected either layers or sentences, found both");
    if (!reader_positive(r, doc, "d_model", &d_model) || !reader_text(r, doc, "about", &about))
        return false;
    size_t mark = reader_key(r, "sentences");
    if (!cJSON_IsArray(list) || count == 0)
        return reader_expected(r, list, "an array of documents");
    DocSentence *s = new_sentences(r, count);
    if (!s)
        return false;
    cJSON_ArrayForEach(item, list)
    {
        size_t at = reader_index(r, n);
        r->doc->sentence_count++;
        if (!read_sentence(r, item, &s[n]))
            return false;
        s[n].d_model = s[n].d_model > 0 ? s[n].d_model : d_model;
        s[n].about = s[n].about[0] ? s[n].about : about;
        n++;
        reader_up(r, at);
    }
    reader_up(r, mark);
    return true;
}

static bool read_doc(Reader *r, bool first)
{
    const cJSON *doc = r->tree->root;
    if (!cJSON_IsObject(doc))
        return reader_expected(r, doc, "an object with the key \"attnscope\"");
    if (first && (!read_version(r, doc) || !reader_text(r, doc, "title", &r->doc->title) ||
                  !read_settings(r, doc) || !reader_vocab(r, doc)))
        return false;
    const cJSON *list = reader_member(doc, "sentences");
    if (list)
        return read_sentences(r, doc, list);
    DocSentence *s = new_sentences(r, 1);
    if (!s)
        return false;
    r->doc->sentence_count++;
    return read_sentence(r, doc, s);
}

/* One value, or one a line. */
static bool read_all(Reader *r)
{
    Buf *source = &r->doc->source;
    const char *text = buf_string(source);
    JsonTree tree;
    size_t at = 0;
    bool ok = reader_lines_fit(r, source);
    r->tree = &tree;
    for (int line = 0; ok && (line == 0 || at < source->size); line++) {
        json_tree_init(&tree);
        size_t from = at;
        ok = json_tree_read(&tree, text, source->size, &at, r->request, r->memory, r->err);
        bool another = ok && at < source->size;
        if (another &&
            !(text[at] == '{' && memchr(text + from, '\n', at - from) && text[at - 1] == '\n')) {
            char where[80];
            json_place(text, source->size, at, "", where, sizeof where);
            ok = error_at(r->err, ERROR_MALFORMED, where,
                          "expected the end of the file, found more");
        }
        r->doc->jsonl = r->doc->jsonl || another;
        r->doc_end = at;
        ok = ok && read_doc(r, line == 0);
        reader_note_numbers(r);
        json_tree_free(&tree);
    }
    r->tree = NULL;
    return ok && reader_tell_text(r, source);
}

static int order_references(const void *a, const void *b)
{
    const DocReference *x = a, *y = b;
    return (x->from > y->from) - (x->from < y->from);
}

bool load_json(Document *doc, const LoadRequest *request, Error *err)
{
    static atomic_uint_fast64_t loads; /* makes keys unique; says nothing about any document */
    Reader r = {.request = request, .doc = doc, .memory = request->limits.memory, .err = err};
    doc->format = "attnscope 1";
    bool ok = read_all(&r) && reader_tell_numbers(&r);
    for (int i = 0; i < r.open_count; i++) {
        safetensors_free(&r.files[i].st);
        npz_free(&r.files[i].npz);
    }
    mem_free(r.files);
    mem_free(r.known);
    mem_free(r.shapes);
    mem_free(r.ndims);
    if (doc->reference_count > 1) /* saving goes through the text once */
        qsort(doc->references, (size_t)doc->reference_count, sizeof *doc->references,
              order_references);
    doc->memory = r.memory;
    doc->key = (uint64_t)atomic_fetch_add(&loads, 1) + 1;
    return ok;
}
