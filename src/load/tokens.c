/* Subword marks and special tokens, as other programs write them. */
#include "load/record.h"
#include "base/buf.h"

#include <string.h>
#include <strings.h>

#define PIECE_MARK "\xE2\x96\x81" /* ▁ */
#define BYTE_MARK  "\xC4\xA0"     /* Ġ */

static bool starts(const char *text, const char *mark)
{
    return strncmp(text, mark, strlen(mark)) == 0;
}

static bool ends(const char *text, const char *mark)
{
    size_t length = strlen(text), most = strlen(mark);
    return length > most && strcmp(text + length - most, mark) == 0;
}

static bool is_special(const char *token);

/* An underscore is a letter like others, unless it ends a good part of the tokens, the last too. */
static bool marks_ends(const char *const *tokens, int count)
{
    int words = 0, marked = 0;
    bool last = false;
    for (int i = 0; i < count; i++) {
        size_t length = strlen(tokens[i]);
        if (is_special(tokens[i]))
            continue;
        last = length > 1 && tokens[i][length - 1] == '_';
        words++;
        marked += last;
    }
    return last && marked * 4 >= words;
}

Subword tokens_subword(const char *const *tokens, int count)
{
    Subword found = SUBWORD_NONE;
    for (int i = 0; i < count; i++) {
        const char *t = tokens[i];
        if (ends(t, "@@"))
            return SUBWORD_BPE;
        if (starts(t, PIECE_MARK))
            return SUBWORD_PIECE;
        if (starts(t, BYTE_MARK))
            return SUBWORD_BYTE;
        if (starts(t, "##") && t[2])
            found = SUBWORD_HASH; /* a heading of Markdown too: the others are surer */
    }
    return found == SUBWORD_NONE && marks_ends(tokens, count) ? SUBWORD_END : found;
}

static bool is_one_of(const char *token, const char *const *list)
{
    for (; *list; list++) {
        if (strcasecmp(token, *list) == 0)
            return true;
    }
    return false;
}

bool token_is_eos(const char *token)
{
    static const char *const names[] = {"</s>",  "<eos>",   "<end>",       "[eos]",
                                        "[SEP]", "<EOS>",   "[END]",       "<|endoftext|>",
                                        "_EOS",  "<|eos|>", "<eos_token>", NULL};
    return is_one_of(token, names);
}

bool token_is_padding(const char *token)
{
    static const char *const names[] = {"<pad>", "[PAD]", "_PAD", "<blank>", "<|pad|>", NULL};
    return is_one_of(token, names);
}

/* "<s>", "[CLS]", "<unk>": a word by itself, whatever stands beside it. */
static bool is_special(const char *token)
{
    static const char *const names[] = {"<s>", "<bos>", "[CLS]", "[MASK]", "<mask>", "_GO", NULL};
    return token_is_eos(token) || token_is_padding(token) || is_one_of(token, names);
}

/* Token i goes on with the word of token i − 1. */
static bool goes_on(const char *const *tokens, int i, Subword kind)
{
    if (i == 0 || is_special(tokens[i]) || is_special(tokens[i - 1]))
        return false;
    switch (kind) {
    case SUBWORD_BPE:
        return ends(tokens[i - 1], "@@");
    case SUBWORD_PIECE:
        return !starts(tokens[i], PIECE_MARK);
    case SUBWORD_BYTE:
        return !starts(tokens[i], BYTE_MARK);
    case SUBWORD_HASH:
        return starts(tokens[i], "##") && tokens[i][2];
    case SUBWORD_END:
        return !ends(tokens[i - 1], "_") && strcmp(tokens[i - 1], "_") != 0;
    case SUBWORD_NONE:
        break;
    }
    return false;
}

int tokens_words(const char *const *tokens, int count, Subword kind, int *word)
{
    int words = 0;
    for (int i = 0; i < count; i++) {
        words += !goes_on(tokens, i, kind);
        word[i] = words - 1;
    }
    return words;
}

/* The token's text without its mark. */
static void append_piece(Buf *text, const char *token, Subword kind, bool first)
{
    size_t length = strlen(token);
    if (kind == SUBWORD_BPE && ends(token, "@@"))
        length -= 2;
    if (kind == SUBWORD_END && length > 0 && token[length - 1] == '_')
        length--;
    const char *mark = kind == SUBWORD_PIECE            ? PIECE_MARK
                       : kind == SUBWORD_BYTE           ? BYTE_MARK
                       : kind == SUBWORD_HASH && !first ? "##"
                                                        : "";
    size_t skip = starts(token, mark) ? strlen(mark) : 0;
    buf_append(text, token + skip, length - skip);
}

const char **tokens_merge(Arena *arena, const char *const *tokens, int count, Subword kind,
                          const int *word, int words)
{
    const char **out = arena_alloc(arena, (size_t)words + 1, sizeof *out);
    Buf text;
    buf_init(&text, BUF_NO_LIMIT);
    bool ok = out != NULL;
    for (int i = 0; ok && i < count;) {
        int from = i;
        buf_clear(&text);
        for (; i < count && word[i] == word[from]; i++)
            append_piece(&text, tokens[i], kind, i == from);
        if (text.size == 0) /* a mark alone */
            buf_text(&text, tokens[from]);
        out[word[from]] = text.failed ? NULL : arena_text(arena, buf_string(&text), text.size);
        ok = out[word[from]] != NULL;
    }
    buf_free(&text);
    return ok ? out : NULL;
}
