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
    return slot->own_problem ? NULL : s->problem;
}

/* What could not be read stays in the list and says why. */
static bool leave_problem(Document *doc, CorpusSlot *slot, int sentence, const Error *why)
{
    DocSentence *s = &doc->sentences[sentence];
    char line[sizeof why->where + sizeof why->what + 8];
    error_line(why, NULL, line, sizeof line);
    const char *problem = s->problem;
    *s = listed(doc, sentence);
    slot->own_problem = problem == NULL;
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
    slot->own_problem = false;
    slot->sentence = -1;
    if (doc->tensor_count > i) {
        tensor_free(&doc->tensors[i]);
        doc->tensors[i] = (Tensor){0};
    }
    arena_free(&slot->arena); /* one huge sentence must not keep its memory for ever */
}

/* It is in the list, but it cannot be shown. */
static bool tell_problem(const DocSentence *s, Error *err)
{
    return !s->problem || error_set(err, ERROR_MALFORMED, "%s", s->problem);
}

bool document_open_sentence(Document *doc, int sentence, Error *err)
{
    DocCorpus *corpus = &doc->corpus;
    if (sentence < 0 || sentence >= doc->sentence_count)
        return error_set(err, ERROR_USAGE, "sentence: expected 0 … %d, found %d",
                         doc->sentence_count - 1, sentence);
    DocSentence *s = &doc->sentences[sentence];
    if (!corpus->self)
        return tell_problem(s, err);
    for (int i = 0; i < CORPUS_SLOTS; i++) {
        if (corpus->slots[i].sentence == sentence) {
            corpus->last = i;
            return tell_problem(s, err);
        }
    }
    Error why = {0};
    int index = (corpus->last + 1) % CORPUS_SLOTS;
    CorpusSlot *slot = &corpus->slots[index];
    const DocSentence list = listed(doc, sentence);
    const char *problem = s->problem;
    close_slot(doc, index);
    *s = list;
    s->problem = problem;
    slot->sentence = sentence;
    slot->read = ++corpus->reads;
    corpus->last = index;
    bool ok = corpus->read(corpus->self, doc, sentence, &slot->arena, &doc->tensors[index], index,
                           s, &why);
    s->start = list.start; /* readers know nothing of the list */
    if (ok)
        return true;
    close_slot(doc, index);
    if (why.kind == ERROR_CANCELLED || !leave_problem(doc, slot, sentence, &why)) {
        *s = list;
        return error_set(err, why.kind, "%s", why.what);
    }
    slot->sentence = sentence;
    if (err && err->kind == ERROR_NONE)
        *err = why;
    return false;
}
