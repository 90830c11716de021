/* The tokens that the heads of a document with a vocabulary see: those of a typed text, or the
 * document's own; and their vectors, x = embedding + position.
 *
 * What is lent (sentence, inputs) lives until the second update that finds something else.
 */
#ifndef ATTNSCOPE_DOC_TYPED_H
#define ATTNSCOPE_DOC_TYPED_H

#include "doc/document.h"

typedef struct Typed Typed;

Typed *typed_new(void); /* NULL: out of memory */
void typed_free(Typed *t);
void typed_forget(Typed *t); /* the document is closed: lends nothing from it any more */

/* text: interned (base/text_set.h); it counts only when typed. Does nothing when the same was asked
 * before, nor for documents without a vocabulary. Longer texts than VOCAB_TOKENS_MOST tokens, or
 * than there are positions, are cut. False: out of memory, or fewer positions than the document's
 * own sentence has tokens; what was is then kept. */
bool typed_update(Typed *t, const Document *doc, int sentence, bool typed, int text, Error *err);

/* The sentence of the last update: made from the text, or one of the document's own; its axes may
 * be empty. NULL when the document has no vocabulary. */
const DocSentence *typed_sentence(const Typed *t);
bool typed_is_text(const Typed *t); /* the tokens are those of a text */
/* Changes whenever the tokens do; 0 before the first update. */
uint64_t typed_key(const Typed *t);
/* count flags of an axis, 1 = not in the vocabulary; NULL: all are there. */
const uint8_t *typed_unknown(const Typed *t, bool query_axis);
/* "2 words are not in the vocabulary: foo, bar", and that the text is cut; "" when all is well. */
const char *typed_note(const Typed *t);

/* document_select with the tokens of the last update: n_q, n_k, a copy of the spec with x_q, x_k,
 * embedding and position where the head has no vectors of its own, a key of its own. A head with
 * vectors of its own cannot follow a typed text: ERROR_USAGE. Needs a text of at least one token:
 * ERROR_USAGE. */
bool typed_select(const Typed *t, Document *doc, int sentence, int layer, int head, AttnInput *out,
                  Error *err);

#endif
