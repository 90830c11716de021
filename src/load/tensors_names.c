/* Which role a name stands for. */
#include "load/tensors.h"

#include <string.h>

enum { WORDS_MOST = 32, WORD_MOST = 24 };

/* A name cut into its words: letters in lower case, without the digits behind them. */
typedef struct {
    char text[WORDS_MOST][WORD_MOST];
    bool joined[WORDS_MOST]; /* to the word before it by '_' or '-' */
    int count;
    int layer; /* the last number in the name; −1: none */
} Words;

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void cut(const char *name, Words *w)
{
    char mark = '.';
    *w = (Words){.layer = -1};
    for (const char *p = name; *p && w->count < WORDS_MOST;) {
        if (is_digit(*p)) {
            int value = 0;
            for (; is_digit(*p); p++)
                value = value < 100000 ? value * 10 + (*p - '0') : value;
            w->layer = value;
        } else if (is_letter(*p)) {
            char *out = w->text[w->count];
            size_t length = 0;
            for (; is_letter(*p); p++) {
                if (length + 1 < WORD_MOST)
                    out[length++] = (char)(*p >= 'A' && *p <= 'Z' ? *p - 'A' + 'a' : *p);
            }
            out[length] = '\0';
            w->joined[w->count++] = mark == '_' || mark == '-';
        } else {
            mark = *p++;
        }
    }
}

static bool is_one_of(const char *word, const char *const *list)
{
    for (; *list; list++) {
        if (strcmp(word, *list) == 0)
            return true;
    }
    return false;
}

static const char *const Q_WORDS[] = {"q", "query", "queries", "qs", NULL};
static const char *const K_WORDS[] = {"k", "key", "keys", "ks", NULL};
static const char *const V_WORDS[] = {"v", "value", "values", "vs", NULL};
static const char *const WEIGHT_WORDS[] = {"attn",       "attns",    "att",      "attention",
                                           "attentions", "weights",  "align",    "alignment",
                                           "alignments", "pattern",  "patterns", "probabilities",
                                           "probs",      "recorded", NULL};
static const char *const SCORE_WORDS[] = {"scores", "score", "logits", "qk", NULL};
/* Behind the word that matters: query_states, q_proj. */
static const char *const FILLERS[] = {"states", "state",  "proj",   "vectors", "vector",
                                      "layer",  "layers", "tensor", "matrix",  "output",
                                      "out",    "array",  "npy",    "all",     NULL};
static const char *const SOURCE_WORDS[] = {"src", "source", "input", "encoder", "enc", NULL};
static const char *const TARGET_WORDS[] = {"tgt",    "trg",     "target", "out",
                                           "output", "decoder", "dec",    NULL};
static const char *const TOKEN_WORDS[] = {"tokens", "token",  "words", "word",  "pieces",
                                          "labels", "labels", "text",  "texts", NULL};

static TensorRole role_of_texts(const Words *w)
{
    bool tokens = false;
    for (int i = w->count - 1; i >= 0; i--) {
        const char *word = w->text[i];
        if (is_one_of(word, Q_WORDS) || is_one_of(word, TARGET_WORDS))
            return ROLE_QUERIES;
        if (is_one_of(word, K_WORDS) || is_one_of(word, SOURCE_WORDS))
            return ROLE_KEYS;
        tokens = tokens || is_one_of(word, TOKEN_WORDS);
    }
    return tokens ? ROLE_TOKENS : ROLE_NONE;
}

static TensorRole role_of_numbers(const Words *w)
{
    int i = w->count - 1;
    while (i > 0 && is_one_of(w->text[i], FILLERS))
        i--;
    if (i < 0)
        return ROLE_NONE;
    const char *word = w->text[i];
    if (is_one_of(word, Q_WORDS))
        return ROLE_Q;
    if (is_one_of(word, K_WORDS))
        return ROLE_K;
    if (is_one_of(word, V_WORDS))
        return ROLE_V;
    if (is_one_of(word, SCORE_WORDS))
        return ROLE_SCORES;
    if (is_one_of(word, WEIGHT_WORDS))
        return ROLE_WEIGHTS;
    /* attn_weight; but c_attn.weight is a parameter of the model. */
    bool named = strcmp(word, "weight") == 0 && i > 0 && w->joined[i];
    return named && is_one_of(w->text[i - 1], WEIGHT_WORDS) ? ROLE_WEIGHTS : ROLE_NONE;
}

TensorRole tensors_role(const char *name, bool texts, int *layer)
{
    Words w;
    cut(name, &w);
    *layer = w.layer;
    return texts ? role_of_texts(&w) : role_of_numbers(&w);
}
