/* Token lists of the sentences of an array: texts in arrays, or files of one sentence a line. */
#ifndef ATTNSCOPE_LOAD_TENSORS_TOKENS_H
#define ATTNSCOPE_LOAD_TENSORS_TOKENS_H

#include "load/tensors.h"

/* All in the arena. */
typedef struct {
    const char **texts;
    int64_t *ends;     /* behind the last text of each list */
    int64_t sentences; /* lists; 1: the same for every sentence */
} TokenLists;

/* `length`: entries of the axis, which tells a list of tokens from a list of sentences. */
bool tokens_read(TokenLists *out, TensorReader *reader, int item, Arena *arena, int64_t sentences,
                 int64_t length, Error *err);
const char *const *tokens_of(const TokenLists *lists, int64_t sentence, int *count);

#endif
