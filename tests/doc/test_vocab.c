#include "doc/vocab.h"
#include "base/mem.h"
#include "support/check.h"

#include <stdio.h>
#include <string.h>

typedef struct {
    DocVocab of;
    const char *tokens[64];
} Words;

/* tokens: NULL-ended. */
static const DocVocab *words(Words *w, const char *const *tokens)
{
    *w = (Words){0};
    while (tokens[w->of.count]) {
        w->tokens[w->of.count] = tokens[w->of.count];
        w->of.count++;
    }
    w->of.tokens = w->tokens;
    return &w->of;
}
#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

/* "the|cat|?zebra": unknown ones with a question mark. */
static void check_split(const char *const *tokens, const char *text, const char *want)
{
    Words w;
    Vocab v;
    VocabText out;
    Buf got;
    Error err = {0};
    buf_init(&got, BUF_NO_LIMIT);
    vocab_text_init(&out);
    assert_true(vocab_init(&v, words(&w, tokens), &err));
    assert_true(vocab_split(&v, text, strlen(text), &out, &err));
    for (int i = 0; i < out.count; i++) {
        const VocabToken *t = &out.tokens[i];
        buf_printf(&got, "%s%s%s", i ? "|" : "", t->known ? "" : "?", vocab_text_name(&out, i));
        if (t->known)
            assert_string_equal(w.tokens[t->id], vocab_text_name(&out, i));
        else
            assert_int_equal(t->id, v.unk);
    }
    if (strcmp(buf_string(&got), want) != 0)
        fail_msg("\"%s\" is cut into %s: expected %s", text, buf_string(&got), want);
    buf_free(&got);
    vocab_text_free(&out);
    vocab_free(&v);
}

static void words_are_found_as_they_stand_then_small_then_without_marks(void **state)
{
    (void)state;
    const char *const *plain = LIST("the", "cat", "The", "sat", ".", ",", "...", "’", "don", "t",
                                    "äpfel", "mr.", "'s", "\"");
    static const char *const cases[][2] = {
        {"", ""},
        {"   \t ", ""},
        {"the cat", "the|cat"},
        {"  the\t\tcat  ", "the|cat"},
        {"The CAT", "The|cat"},
        {"THE", "the"},
        {"ÄPFEL", "äpfel"},
        {"cat.", "cat|."},
        {"cat...", "cat|..."},
        {"cat....", "cat|...|."},
        {"Mr., cat", "mr.|,|cat"},
        {"\"The cat,\" sat.", "\"|The|cat|,|\"|sat|."},
        {"don’t", "don|’|t"},
        {"cat's", "cat|'s"},
        {"zebra", "?zebra"},
        {"zebra.", "?zebra|."},
        {"can’t", "?can’t"},
        {"cat!", "cat|?!"},
        {"!?", "?!|??"},
        {"the-cat", "?the-cat"},
        {"cat\xC2\xA0sat", "?cat\xC2\xA0sat"}, /* a no-break space keeps words together */
        {"the\xE3\x80\x80"
         "cat",
         "the|cat"}, /* an ideographic one parts them */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_split(plain, cases[i][0], cases[i][1]);
}

static void pieces_follow_the_vocabularys_own_convention(void **state)
{
    (void)state;
    const char *const *hashes =
        LIST("[UNK]", "play", "##ing", "##in", "##g", "the", ".", "un", "##play", "北", "京", "'");
    check_split(hashes, "Playing the unplaying.", "play|##ing|the|un|##play|##ing|.");
    check_split(hashes, "playx", "?playx");
    check_split(hashes, "the'play", "the|'|play");
    check_split(hashes, "zoo'play", "?zoo|'|play");
    check_split(hashes, "北京", "北|京");
    const char *const *low =
        LIST("<unk>", "▁the", "▁play", "ing", "▁un", "play", ".", "▁", "北京", "▁北");
    check_split(low, "The playing unplay.", "▁the|▁play|ing|▁un|play|.");
    check_split(low, "北京", "北京");
    check_split(low, "xyz", "?xyz");
    const char *const *bytes = LIST("the", "Ġthe", "Ġplay", "ing", "caf", "Ã©", "Ġcaf", ".", "Ċ");
    check_split(bytes, "the the", "the|Ġthe");
    check_split(bytes, "the playing.", "the|Ġplay|ing|.");
    check_split(bytes, "café the café", "caf|Ã©|Ġthe|Ġcaf|Ã©");
    const char *const *at = LIST("un@@", "play@@", "ing", "the", "play");
    check_split(at, "the playing unplay", "the|play@@|ing|un@@|play");
    check_split(at, "unplay@@", "un@@|play|?@|?@");
}

static void scripts_without_spaces_are_cut_into_their_longest_words(void **state)
{
    (void)state;
    const char *const *chinese = LIST("我", "爱", "北京", "北", "天安门", "。", "the", "东京");
    check_split(chinese, "我爱北京天安门。", "我|爱|北京|天安门|。");
    check_split(chinese, "我很爱你", "我|?很|爱|?你");
    check_split(chinese, "我爱the北京", "我|爱|the|北京");
    check_split(chinese, "我 爱", "我|爱");
    const char *const *thai = LIST("สวัสดี", "ครับ");
    check_split(thai, "สวัสดีครับ", "สวัสดี|ครับ");
    check_split(thai, "สวัสดีชาวโลกครับ", "สวัสดี|?ชาวโลก|ครับ");
    const char *const *arabic = LIST("القطة", "على", "السجادة", "،", "؟", ".");
    check_split(arabic, "القطة على السجادة.", "القطة|على|السجادة|.");
    check_split(arabic, "القطة، على؟", "القطة|،|على|؟");
    check_split(arabic, "كلب", "?كلب");
    check_split(LIST("привет", "мир", "!"), "Привет, МИР!", "привет|?,|мир|!");
    check_split(LIST("안녕"), "안녕 세계", "안녕|?세계");
}

static void unknown_words_take_the_row_of_the_unknown_token(void **state)
{
    (void)state;
    const struct {
        const char *const *tokens;
        int unk;
    } cases[] = {{(const char *const[]){"a", "<unk>", NULL}, 1},
                 {(const char *const[]){"[UNK]", "a", NULL}, 0},
                 {(const char *const[]){"a", "b", "<UNK>", NULL}, 2},
                 {(const char *const[]){"unk", "<unk>", NULL}, 1},
                 {(const char *const[]){"unk", "a", NULL}, 0},
                 {(const char *const[]){"a", "b", NULL}, -1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Words w;
        Vocab v;
        assert_true(vocab_init(&v, words(&w, cases[i].tokens), NULL));
        assert_int_equal(v.unk, cases[i].unk);
        vocab_free(&v);
    }
    check_split(LIST("<unk>", "a"), "a <unk> b", "a|<unk>|?b");
}

static void the_first_of_equal_tokens_counts(void **state)
{
    (void)state;
    Words w;
    Vocab v;
    assert_true(vocab_init(&v, words(&w, LIST("b", "a", "", "a", "b")), NULL));
    assert_int_equal(vocab_find(&v, "a", 1), 1);
    assert_int_equal(vocab_find(&v, "b", 1), 0);
    assert_int_equal(vocab_find(&v, "", 0), -1);
    assert_int_equal(vocab_find(&v, "ab", 2), -1);
    assert_int_equal(vocab_find(&v, "ab", 1), 1);
    vocab_free(&v);
}

static void own_tokens_are_looked_up_exactly(void **state)
{
    (void)state;
    Words w;
    Vocab v;
    VocabText out;
    static const char *const own[] = {"the", "The", "cat.", "##s", ""};
    vocab_text_init(&out);
    assert_true(vocab_init(&v, words(&w, LIST("the", "cat", "##s", "<unk>")), NULL));
    assert_true(vocab_look_up(&v, own, 5, &out, NULL));
    static const int ids[] = {0, 3, 3, 2, 3};
    static const bool known[] = {true, false, false, true, false};
    assert_int_equal(out.count, 5);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(out.tokens[i].id, ids[i]);
        assert_int_equal(out.tokens[i].known, known[i]);
        assert_string_equal(vocab_text_name(&out, i), own[i]);
    }
    vocab_text_free(&out);
    vocab_free(&v);
}

static void long_texts_are_cut_and_long_words_are_unknown(void **state)
{
    (void)state;
    enum { SIZE = 65536 };
    Words w;
    Vocab v;
    VocabText out;
    char *text = mem_alloc(SIZE + 1);
    vocab_text_init(&out);
    assert_true(vocab_init(&v, words(&w, LIST("a", "##a", "我")), NULL));
    for (int i = 0; i < SIZE; i++)
        text[i] = i % 2 ? ' ' : 'a';
    text[2 * VOCAB_TOKENS_MOST] = '\0';
    assert_true(vocab_split(&v, text, strlen(text), &out, NULL));
    assert_int_equal(out.count, VOCAB_TOKENS_MOST);
    assert_false(out.cut);
    text[2 * VOCAB_TOKENS_MOST] = 'a';
    text[SIZE] = '\0';
    assert_true(vocab_split(&v, text, SIZE, &out, NULL));
    assert_int_equal(out.count, VOCAB_TOKENS_MOST);
    assert_true(out.cut);
    memset(text, 'a', SIZE);
    assert_true(vocab_split(&v, text, SIZE, &out, NULL));
    assert_int_equal(out.count, 1);
    assert_false(out.tokens[0].known);
    for (int i = 0; i + 3 <= SIZE; i += 3)
        memcpy(text + i, "我", 3);
    assert_true(vocab_split(&v, text, SIZE / 3 * 3, &out, NULL));
    assert_int_equal(out.count, VOCAB_TOKENS_MOST);
    assert_true(out.cut && out.tokens[0].known);
    mem_free(text);
    vocab_text_free(&out);
    vocab_free(&v);
}

static void every_byte_of_a_text_of_marks_is_accounted_for(void **state)
{
    (void)state;
    char text[600];
    for (int first = 0x20; first < 0x7F; first++) { /* all pairs of ASCII, in words of three */
        size_t n = 0;
        for (int c = 0x21; c < 0x7F; c++) {
            text[n++] = (char)first;
            text[n++] = (char)c;
            text[n++] = 'a';
            text[n++] = ' ';
        }
        Words w;
        Vocab v;
        VocabText out;
        vocab_text_init(&out);
        assert_true(vocab_init(&v, words(&w, LIST("b")), NULL));
        assert_true(vocab_split(&v, text, n, &out, NULL));
        size_t at = 0;
        for (int i = 0; i < out.count; i++) {
            const char *name = vocab_text_name(&out, i);
            while (text[at] == ' ')
                at++;
            assert_memory_equal(text + at, name, strlen(name));
            at += strlen(name);
        }
        while (at < n && text[at] == ' ')
            at++;
        assert_int_equal(at, n);
        vocab_text_free(&out);
        vocab_free(&v);
    }
}

static void want_of_memory_is_told_and_nothing_leaks(void **state)
{
    (void)state;
    int64_t live = mem_live();
    for (uint64_t n = 1; n < 12; n++) {
        Words w;
        Vocab v;
        VocabText out;
        Error err = {0};
        vocab_text_init(&out);
        mem_fail_at(n, true);
        bool ok = vocab_init(&v, words(&w, LIST("the", "cat")), &err) &&
                  vocab_split(&v, "the cat and the dog", 19, &out, &err);
        mem_fail_at(0, false);
        assert_true(ok || err.kind == ERROR_LIMIT);
        vocab_text_free(&out);
        vocab_free(&v);
        assert_int_equal(mem_live(), live);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_found_as_they_stand_then_small_then_without_marks),
        cmocka_unit_test(pieces_follow_the_vocabularys_own_convention),
        cmocka_unit_test(scripts_without_spaces_are_cut_into_their_longest_words),
        cmocka_unit_test(unknown_words_take_the_row_of_the_unknown_token),
        cmocka_unit_test(the_first_of_equal_tokens_counts),
        cmocka_unit_test(own_tokens_are_looked_up_exactly),
        cmocka_unit_test(long_texts_are_cut_and_long_words_are_unknown),
        cmocka_unit_test(every_byte_of_a_text_of_marks_is_accounted_for),
        cmocka_unit_test(want_of_memory_is_told_and_nothing_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
