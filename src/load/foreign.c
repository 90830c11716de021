/* The door: what of a text is ours, one value or one a line, and what is told at the end. */
#include "load/foreign_read.h"
#include "load/json_string.h"
#include "base/mem.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

/* Behind the string that begins at text[at]; not checked yet, so it may never end. */
static size_t skip_string(const char *text, size_t size, size_t at)
{
    for (at++; at < size; at++) {
        if (text[at] == '\\')
            at++;
        else if (text[at] == '"')
            return at + 1;
    }
    return size;
}

bool foreign_is_ours(const char *text, size_t size)
{
    static const char key[] = "\"attnscope\"";
    const size_t length = sizeof key - 1;
    int depth = 0;
    /* The usual case without a walk: it is not there at all. */
    const char *found = memmem(text, size, key, length);
    size_t last = found ? (size_t)(found - text) : 0;
    for (size_t at = 0; found && at < size;) {
        char c = text[at];
        if (c == '"') {
            size_t end = skip_string(text, size, at);
            bool is_key = depth == 1 && end - at == length && memcmp(text + at, key, length) == 0;
            at = end;
            while (at < size && strchr(" \t\r\n", text[at]) && text[at])
                at++;
            if (is_key && at < size && text[at] == ':')
                return true;
            if (at > last) { /* to the next place where it may stand */
                found = memmem(text + at, size - at, key, length);
                last = found ? (size_t)(found - text) : 0;
            }
            continue;
        }
        if (c == '[' && depth == 0)
            return false;
        depth += (c == '{' || c == '[') - (c == '}' || c == ']');
        at++;
    }
    return false;
}

void foreign_begin(Foreign *f, Document *doc, const LoadRequest *request, Error *err)
{
    *f = (Foreign){.request = *request};
    f->request.allow_nan = true;
    f->r = (Reader){.request = &f->request,
                    .doc = doc,
                    .memory = limits_value(&request->limits, LIMIT_MEMORY),
                    .err = err};
}

bool foreign_setting(Foreign *f, const char *name, const char *value)
{
    enum { SETTINGS_MOST = 4 };
    Document *doc = f->r.doc;
    for (int i = 0; i < doc->setting_count; i++) {
        if (strcmp(doc->settings[i].name, name) == 0)
            return true;
    }
    if (!doc->settings)
        doc->settings = reader_alloc(&f->r, SETTINGS_MOST, sizeof *doc->settings);
    if (!doc->settings || doc->setting_count == SETTINGS_MOST)
        return false;
    doc->settings[doc->setting_count++] = (DocSetting){name, value};
    return true;
}

static bool grow_sentences(Foreign *f)
{
    Document *doc = f->r.doc;
    int64_t most = (int64_t)limits_value(&f->request.limits, LIMIT_SENTENCES);
    if (doc->sentence_count >= most)
        return limits_over(&f->request.limits, LIMIT_SENTENCES, f->r.err, "",
                           "sentences: expected at most %lld, found more", (long long)most);
    if (doc->sentence_count < f->sentence_cap)
        return true;
    int cap = f->sentence_cap ? f->sentence_cap * 2 : 8;
    DocSentence *list = reader_alloc(&f->r, (size_t)cap, sizeof *list);
    if (!list)
        return false;
    if (doc->sentence_count)
        memcpy(list, doc->sentences, (size_t)doc->sentence_count * sizeof *list);
    doc->sentences = list;
    f->sentence_cap = cap;
    return true;
}

bool foreign_add(Foreign *f, const cJSON *item, Record *record)
{
    Reader *r = &f->r;
    Document *doc = r->doc;
    RecordPlace place = {.doc = doc,
                         .origin = &f->request.origin,
                         .arena = &doc->arena,
                         .add = record_add_tensor,
                         .context = doc};
    if (!grow_sentences(f) || !foreign_companions(f, record))
        return false;
    DocSentence *s = &doc->sentences[doc->sentence_count];
    *s = (DocSentence){.title = "", .about = ""};
    if (!record_settle(&place, record, s, r->err)) {
        char where[160];
        if (r->err && r->err->kind == ERROR_MALFORMED && !r->err->where[0]) {
            json_place(r->tree->text, r->tree->length, json_from(r->tree, item), r->path, where,
                       sizeof where);
            error_within(r->err, "%s", where);
        }
        return false;
    }
    if (!reader_count_sentence(r, s, doc->sentence_count))
        return false;
    doc->sentence_count++;
    return true;
}

/* It stays in the list, with one empty head, and says what is wrong with it. */
bool foreign_problem(Foreign *f, const char *title, const Error *why)
{
    Reader *r = &f->r;
    Document *doc = r->doc;
    char line[sizeof why->where + sizeof why->what + 8];
    if (!grow_sentences(f))
        return false;
    error_line(why, NULL, line, sizeof line);
    DocSentence *s = &doc->sentences[doc->sentence_count];
    *s = (DocSentence){.title = title, .about = ""};
    s->problem = arena_text(&doc->arena, line, strlen(line));
    if (!s->problem || (!f->empty && !document_empty_layers(s, &doc->arena)))
        return error_memory(r->err);
    f->empty = f->empty ? f->empty : s->layers;
    s->layers = f->empty;
    s->layer_count = 1;
    if (doc->bad_count++ == 0) {
        f->first_bad = *why;
        f->bad_sentence = doc->sentence_count;
    }
    doc->sentence_count++;
    return true;
}

static bool tell_problems(Foreign *f)
{
    char line[500];
    const Document *doc = f->r.doc;
    const Error *why = &f->first_bad;
    if (doc->bad_count == 0)
        return true;
    if (doc->bad_count == doc->sentence_count)
        return error_at(f->r.err, why->kind, why->where, "%s", why->what);
    error_line(why, NULL, line, sizeof line);
    return reader_warn(&f->r, "%d of %d sentences cannot be read, the first is sentence %d: %s",
                       doc->bad_count, doc->sentence_count, f->bad_sentence, line);
}

bool foreign_end(Foreign *f, bool ok)
{
    static atomic_uint_fast64_t loads; /* makes keys unique; says nothing about any document */
    Reader *r = &f->r;
    Document *doc = r->doc;
    ok = ok && foreign_companions_end(f);
    foreign_companions_close(f);
    mem_free(r->known);
    mem_free(r->shapes);
    mem_free(r->ndims);
    ok = ok && tell_problems(f) && reader_tell_text(r, &doc->source) && reader_tell_numbers(r);
    doc->memory = r->memory;
    /* Far from the keys of our own documents, which count from 1 on. */
    doc->key = ((uint64_t)1 << 32) + (uint64_t)atomic_fetch_add(&loads, 1) + 1;
    buf_free(&doc->source);
    return ok;
}

/* One sentence, or what its program keeps together. What is wrong with it is its own matter. */
static bool read_entry(Foreign *f, const cJSON *item)
{
    Reader *r = &f->r;
    Error why = {0}, *err = r->err;
    size_t mark = r->path_length;
    r->err = &why;
    bool ok = cJSON_IsObject(item) ? foreign_object(f, item)
                                   : reader_expected(r, item, "an object with attention");
    r->err = err;
    f->entry++;
    reader_up(r, mark);
    if (ok)
        return true;
    return why.kind == ERROR_MALFORMED ? foreign_problem(f, "", &why)
                                       : error_at(err, why.kind, why.where, "%s", why.what);
}

/* A list of objects, each a sentence; a list of nothing but numbers is one matrix. */
static bool read_root(Foreign *f)
{
    Reader *r = &f->r;
    const cJSON *root = r->tree->root, *item;
    int n = 0;
    if (cJSON_IsObject(root))
        return read_entry(f, root);
    if (json_block(r->tree, root) ||
        (root->child && (json_block(r->tree, root->child) || cJSON_IsArray(root->child))))
        return foreign_matrix(f, root);
    if (!cJSON_IsArray(root) || !root->child)
        return reader_expected(r, root, "an object with attention, or a list of them");
    cJSON_ArrayForEach(item, root)
    {
        size_t mark = reader_index(r, n++);
        if (!read_entry(f, item))
            return false;
        reader_up(r, mark);
    }
    return true;
}

/* One value, or one a line. */
static bool read_values(Foreign *f)
{
    Reader *r = &f->r;
    const Buf *source = &r->doc->source;
    const char *text = buf_string(source);
    JsonTree tree;
    size_t at = 0;
    bool ok = reader_lines_fit(r, source);
    r->tree = &tree;
    for (int line = 0; ok && (line == 0 || at < source->size); line++) {
        json_tree_init(&tree);
        size_t from = at;
        ok = json_tree_read(&tree, text, source->size, &at, r->request, r->memory, r->err);
        if (ok && at < source->size &&
            !(text[at] == '{' && memchr(text + from, '\n', at - from) && text[at - 1] == '\n')) {
            char where[80];
            json_place(text, source->size, at, "", where, sizeof where);
            ok = error_at(r->err, ERROR_MALFORMED, where,
                          "expected the end of the file, found more");
        }
        ok = ok && read_root(f);
        reader_note_numbers(r);
        json_tree_free(&tree);
    }
    r->tree = NULL;
    return ok;
}

bool foreign_json(Document *doc, const LoadRequest *request, Error *err)
{
    Foreign f;
    foreign_begin(&f, doc, request, err);
    return foreign_end(&f, read_values(&f));
}
