#include "doc/vocab.h"

#include "base/hash.h"
#include "base/mem.h"

#include <stdint.h>
#include <string.h>

/* FNV leaves its best bits on top: the slots take from both ends. */
static size_t vocab_slot(const Vocab *v, const char *text, size_t length)
{
    uint64_t hash = hash_bytes(HASH_SEED, text, length);
    return (size_t)(hash ^ (hash >> 32)) & v->slot_mask;
}

int vocab_find(const Vocab *v, const char *text, size_t length)
{
    if (length == 0 || length > v->longest)
        return -1;
    for (size_t at = vocab_slot(v, text, length); v->slots[at]; at = (at + 1) & v->slot_mask) {
        const char *token = v->of->tokens[v->slots[at] - 1];
        if (strncmp(token, text, length) == 0 && token[length] == '\0')
            return v->slots[at] - 1;
    }
    return -1;
}

/* The first of equal tokens counts: so do embedding tables that are indexed by a search. */
static void vocab_put(Vocab *v, int id)
{
    const char *token = v->of->tokens[id];
    size_t length = strlen(token);
    if (length > v->longest)
        v->longest = length;
    if (length == 0 || vocab_find(v, token, length) >= 0)
        return;
    size_t at = vocab_slot(v, token, length);
    while (v->slots[at])
        at = (at + 1) & v->slot_mask;
    v->slots[at] = id + 1;
}

static bool starts_with(const char *token, const char *mark)
{
    size_t n = strlen(mark);
    return strncmp(token, mark, n) == 0 && token[n] != '\0';
}

/* The convention that most tokens follow. */
static VocabStyle vocab_style(const DocVocab *of)
{
    int votes[VOCAB_AT + 1] = {0}, best = VOCAB_WORDS;
    for (int i = 0; i < of->count; i++) {
        const char *token = of->tokens[i];
        size_t n = strlen(token);
        votes[VOCAB_HASHES] += starts_with(token, "##");
        votes[VOCAB_LOW] += starts_with(token, "▁");
        votes[VOCAB_G] += starts_with(token, "Ġ");
        votes[VOCAB_AT] += n > 2 && strcmp(token + n - 2, "@@") == 0;
    }
    for (int style = VOCAB_HASHES; style <= VOCAB_AT; style++)
        if (votes[style] > votes[best])
            best = style;
    return (VocabStyle)best;
}

bool vocab_init(Vocab *v, const DocVocab *of, Error *err)
{
    static const char *const UNKNOWN[] = {"<unk>", "[UNK]", "<UNK>", "unk"};
    size_t slots = 16;
    *v = (Vocab){.of = of, .unk = -1};
    while (slots < 2 * (size_t)of->count)
        slots *= 2;
    v->slots = mem_zero(slots, sizeof *v->slots);
    if (!v->slots)
        return error_memory(err);
    v->slot_mask = slots - 1;
    for (int i = 0; i < of->count; i++)
        vocab_put(v, i);
    v->style = vocab_style(of);
    for (size_t i = 0; i < sizeof UNKNOWN / sizeof *UNKNOWN && v->unk < 0; i++)
        v->unk = vocab_find(v, UNKNOWN[i], strlen(UNKNOWN[i]));
    return true;
}

void vocab_free(Vocab *v)
{
    mem_free(v->slots);
    *v = (Vocab){.unk = -1};
}

void vocab_text_init(VocabText *text)
{
    *text = (VocabText){0};
    buf_init(&text->names, BUF_NO_LIMIT);
}

void vocab_text_free(VocabText *text)
{
    mem_free(text->tokens);
    buf_free(&text->names);
    vocab_text_init(text);
}

const char *vocab_text_name(const VocabText *text, int index)
{
    return buf_string(&text->names) + text->tokens[index].from;
}
