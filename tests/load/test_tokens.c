#include "load_test.h"

#include "load/record.h"

#define PIECE "\xE2\x96\x81"
#define BYTE  "\xC4\xA0"

typedef struct {
    Subword kind;
    const char *tokens, *words; /* parted by spaces; the words by | */
} Case;

static int split(char *text, const char **out, char mark)
{
    int count = 0;
    for (char *at = text; at; count++) {
        char *end = strchr(at, mark);
        out[count] = at;
        if (end)
            *end++ = '\0';
        at = end;
    }
    return count;
}

static void subwords_become_words(void **state)
{
    (void)state;
    static const Case table[] = {
        {SUBWORD_NONE, "the cat @@ sat", "the|cat|@@|sat"},
        {SUBWORD_BPE, "Obama Net@@ any@@ ah@@ u .", "Obama|Netanyahu|."},
        {SUBWORD_BPE, "ge@@ steht open@@", "gesteht|open"},
        {SUBWORD_END, "The_ ani mal_ ' t_ ._ <EOS>", "The|animal|'t|.|<EOS>"},
        {SUBWORD_END, "a b _ c_", "ab|c"},
        {SUBWORD_NONE, "my_ name is a b c d f e_", "my_|name|is|a|b|c|d|f|e_"},
        {SUBWORD_NONE, "snake_ case", "snake_|case"},
        {SUBWORD_NONE, "_ _ _", "_|_|_"},
        {SUBWORD_BPE, "open@@ </s>", "open|</s>"},
        {SUBWORD_PIECE, PIECE "Hel lo " PIECE "world . </s>", "Hello|world.|</s>"},
        {SUBWORD_PIECE, "ab c " PIECE " " PIECE "d", "abc|" PIECE "|d"},
        {SUBWORD_PIECE, "<s> a " PIECE "b <pad> <pad>", "<s>|a|b|<pad>|<pad>"},
        {SUBWORD_BYTE, "Hel lo " BYTE "wor ld !", "Hello|world!"},
        {SUBWORD_HASH, "[CLS] em ##bed ##ding ##s [SEP]", "[CLS]|embeddings|[SEP]"},
        {SUBWORD_HASH, "##a ## ##b", "##a|##b"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char text[200], words_text[200], got[200] = "";
        const char *tokens[20];
        int word[20];
        Arena arena;
        arena_init(&arena);
        snprintf(text, sizeof text, "%s", table[i].tokens);
        snprintf(words_text, sizeof words_text, "%s", table[i].words);
        int count = split(text, tokens, ' ');
        Subword kind = tokens_subword(tokens, count);
        assert_int_equal(kind, table[i].kind);
        int words = tokens_words(tokens, count, kind, word);
        const char **merged = tokens_merge(&arena, tokens, count, kind, word, words);
        assert_non_null(merged);
        for (int w = 0; w < words; w++) {
            size_t used = strlen(got);
            snprintf(got + used, sizeof got - used, "%s%s", w ? "|" : "", merged[w]);
        }
        assert_string_equal(got, table[i].words);
        arena_free(&arena);
    }
}

static void a_token_knows_the_word_it_is_part_of(void **state)
{
    (void)state;
    static const char *const tokens[] = {"a@@", "b", "c", "d@@", "e@@", "f"};
    int word[6];
    assert_int_equal(tokens_words(tokens, 6, SUBWORD_BPE, word), 3);
    static const int want[] = {0, 0, 1, 2, 2, 2};
    assert_memory_equal(word, want, sizeof want);
}

static void special_tokens_are_known_by_their_names(void **state)
{
    (void)state;
    static const char *const eos[] = {"</s>", "<eos>", "<EOS>", "<end>", "[SEP]", "<|endoftext|>"};
    for (size_t i = 0; i < sizeof eos / sizeof *eos; i++)
        assert_true(token_is_eos(eos[i]) && !token_is_padding(eos[i]));
    assert_true(token_is_padding("<pad>") && token_is_padding("[PAD]"));
    assert_false(token_is_eos("end") || token_is_eos(".") || token_is_eos("") ||
                 token_is_padding("pad"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(subwords_become_words),
        cmocka_unit_test(a_token_knows_the_word_it_is_part_of),
        cmocka_unit_test(special_tokens_are_known_by_their_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
