/* From words to the tokens of a vocabulary, and to the rows of its embedding.
 *
 * A text is cut at white space. Each word is looked up as it stands, then in lower case, then with
 * the punctuation around it as tokens of their own, then in the pieces of the vocabulary's own
 * convention, the longest first; scripts without spaces are cut into the longest words that it has.
 * What is left is unknown.
 */
#ifndef ATTNSCOPE_DOC_VOCAB_H
#define ATTNSCOPE_DOC_VOCAB_H

#include "base/buf.h"
#include "doc/document.h"

enum { VOCAB_TOKENS_MOST = 4096, VOCAB_WORD_MOST = 512 /* bytes of a word that are looked into */ };

/* How the vocabulary marks what begins a word, or goes on with one. */
typedef enum {
    VOCAB_WORDS,  /* no marks */
    VOCAB_HASHES, /* ##ing goes on (WordPiece) */
    VOCAB_LOW,    /* ▁the begins a word (SentencePiece) */
    VOCAB_G,      /* Ġthe begins a word, bytes are written as letters (byte-level BPE) */
    VOCAB_AT      /* walk@@ has more to come (subword-nmt) */
} VocabStyle;

typedef struct {
    const DocVocab *of; /* lent */
    VocabStyle style;
    int *slots; /* owned: open hash of token numbers + 1, 0 = free */
    size_t slot_mask;
    int unk;        /* what stands for unknown words; −1 = none: a zero vector does */
    size_t longest; /* bytes of the longest token */
} Vocab;

bool vocab_init(Vocab *v, const DocVocab *of, Error *err);
void vocab_free(Vocab *v);
/* The token that is exactly this, the first of several; −1. */
int vocab_find(const Vocab *v, const char *text, size_t length);

typedef struct {
    int id;      /* row of the embedding; −1 = none: a zero vector */
    bool known;  /* false: id is that of the unknown token, or −1 */
    size_t from; /* offset of its NUL-ended name in VocabText.names: the token as the vocabulary
                    writes it, or the unknown word as typed */
} VocabToken;

typedef struct {
    VocabToken *tokens; /* owned */
    int count, room;
    bool cut;  /* there were more than VOCAB_TOKENS_MOST */
    Buf names; /* the names, each NUL-ended */
} VocabText;

void vocab_text_init(VocabText *text);
void vocab_text_free(VocabText *text);
const char *vocab_text_name(const VocabText *text, int index);
/* Replaces what was in out. ERROR_LIMIT: out of memory, out is then empty. */
bool vocab_split(const Vocab *v, const char *text, size_t length, VocabText *out, Error *err);
/* The tokens of a document, each looked up exactly as it stands. */
bool vocab_look_up(const Vocab *v, const char *const *tokens, int count, VocabText *out,
                   Error *err);

#endif
