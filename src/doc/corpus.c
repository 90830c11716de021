/* Sentences that are read when somebody asks for them. */
#include "doc/document.h"

#include <stdio.h>
#include <string.h>

const char *const AXES_BY_NAMES[] = {"format", "counts", "sums", "default", "user"};

/* As it is in the list: only its title is known. */
static DocSentence listed(const Document *doc, int sentence)
{
    const DocCorpus *corpus = &doc->corpus;
    const DocSentence *s = &doc->sentences[sentence];
    DocSentence out = {.title = s->title, .about = s->about, .start = s->start};
    if (corpus->listed) {
        out = (DocSentence){.title = "", .about = ""};
        corpus->listed(corpus->self, sentence, &out);
    }
    return out;
}

DocSentence document_listed(const Document *doc, int sentence)
{
    DocSentence s = doc->sentences[sentence];
    if (!doc->corpus.self || s.layers)
        return s;
    DocSentence out = listed(doc, sentence);
    out.problem = s.problem;
    return out;
}

/* Why it cannot be read, if the list says so: not what only the slot holds. */
static const char *listed_problem(const CorpusSlot *slot, const DocSentence *s)
{
    return slot->failed != ERROR_NONE ? NULL : s->problem;
}

/* What could not be read stays in the list and says why. */
static bool leave_problem(Document *doc, CorpusSlot *slot, int sentence, const Error *why)
{
    DocSentence *s = &doc->sentences[sentence];
    char line[sizeof why->where + sizeof why->what + 8];
    error_line(why, NULL, line, sizeof line);
    const char *problem = s->problem;
    *s = listed(doc, sentence);
    slot->failed = problem ? ERROR_NONE : why->kind;
    s->problem = problem ? problem : arena_text(&slot->arena, line, strlen(line));
    return s->problem && document_empty_layers(s, &slot->arena);
}

static void close_slot(Document *doc, int i)
{
    CorpusSlot *slot = &doc->corpus.slots[i];
    if (slot->sentence >= 0) {
        DocSentence *s = &doc->sentences[slot->sentence];
        const char *problem = listed_problem(slot, s);
        *s = listed(doc, slot->sentence);
        s->problem = problem;
    }
    slot->failed = ERROR_NONE;
    slot->sentence = -1;
    if (doc->tensor_count > i) {
        tensor_free(&doc->tensors[i]);
        doc->tensors[i] = (Tensor){0};
    }
    arena_free(&slot->arena); /* one huge sentence must not keep its memory for ever */
}

/* The slot that has it; −1: it is to be read. Only what the file says of it lasts: memory and disks
 * may be better when somebody comes back to it. */
static int find_slot(const Document *doc, int sentence)
{
    const DocCorpus *corpus = &doc->corpus;
    for (int i = 0; i < CORPUS_SLOTS; i++) {
        ErrorKind failed = corpus->slots[i].failed;
        bool lasts = failed == ERROR_NONE || failed == ERROR_MALFORMED || i == corpus->last;
        if (corpus->slots[i].sentence == sentence && lasts)
            return i;
    }
    return -1;
}

bool document_is_read(const Document *doc, int sentence)
{
    return !doc->corpus.self || find_slot(doc, sentence) >= 0;
}

/* One that is there becomes the present one; one with a problem cannot be shown. */
static bool show(Document *doc, int sentence, Error *err)
{
    const DocSentence *s = &doc->sentences[sentence];
    ErrorKind kind = ERROR_NONE;
    if (doc->corpus.self) {
        doc->corpus.last = find_slot(doc, sentence);
        kind = doc->corpus.slots[doc->corpus.last].failed;
    }
    return !s->problem ||
           error_set(err, kind != ERROR_NONE ? kind : ERROR_MALFORMED, "%s", s->problem);
}

void document_fetch_begin(Document *doc, int sentence, DocFetch *out)
{
    int index = (doc->corpus.last + 1) % CORPUS_SLOTS;
    close_slot(doc, index); /* before, that its memory is there for the new one */
    *out = (DocFetch){.sentence = sentence, .index = index, .s = listed(doc, sentence)};
    out->of = *doc;
    out->of.tensors = out->tensors; /* where readers look for what they have read so far */
    arena_init(&out->arena);
}

void document_fetch(DocFetch *f, const atomic_bool *cancel)
{
    const DocCorpus *corpus = &f->of.corpus;
    f->of.cancel = cancel;
    f->ok = corpus->read(corpus->self, &f->of, f->sentence, &f->arena, &f->tensors[f->index],
                         f->index, &f->s, &f->why);
}

void document_fetch_drop(DocFetch *f)
{
    tensor_free(&f->tensors[f->index]);
    arena_free(&f->arena);
}

bool document_fetch_end(Document *doc, DocFetch *f, Error *err)
{
    DocCorpus *corpus = &doc->corpus;
    CorpusSlot *slot = &corpus->slots[f->index];
    if (!f->ok) {
        document_fetch_drop(f);
        arena_init(&f->arena);
        if (f->why.kind == ERROR_CANCELLED)
            return error_set(err, f->why.kind, "%s", f->why.what);
    }
    slot->sentence = f->sentence;
    slot->read = ++corpus->reads;
    slot->arena = f->arena;
    corpus->last = f->index;
    if (f->ok) {
        f->s.start = listed(doc, f->sentence).start; /* readers know nothing of the list */
        doc->tensors[f->index] = f->tensors[f->index];
        doc->sentences[f->sentence] = f->s;
        return true;
    }
    if (!leave_problem(doc, slot, f->sentence, &f->why)) {
        close_slot(doc, f->index);
        return error_memory(err);
    }
    if (err && err->kind == ERROR_NONE)
        *err = f->why;
    return false;
}

bool document_open_sentence(Document *doc, int sentence, Error *err)
{
    if (sentence < 0 || sentence >= doc->sentence_count)
        return error_set(err, ERROR_USAGE, "sentence: expected 0 … %d, found %d",
                         doc->sentence_count - 1, sentence);
    if (document_is_read(doc, sentence))
        return show(doc, sentence, err);
    DocFetch fetch;
    document_fetch_begin(doc, sentence, &fetch);
    document_fetch(&fetch, NULL);
    return document_fetch_end(doc, &fetch, err);
}
