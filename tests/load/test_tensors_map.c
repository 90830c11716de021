#include "tensors_test.h"

static void what_is_wrong_with_a_map_is_told(void **state)
{
    (void)state;
    static const char *const table[][3] = {
        {"qkv.npz", "x=q",
         "1 map: expected q, k, v, attention, scores, tokens, queries or keys and '=', found "
         "\"x=q\""},
        {"qkv.npz", "q",
         "1 map: expected q, k, v, attention, scores, tokens, queries or keys and '=', found "
         "\"q\""},
        {"qkv.npz", "q=Q,k=k", "1 map: expected one of q, k, v, tokens, found \"Q\""},
        {"qkv.npz", "q=tokens,k=k", "1 q: expected numbers, found texts in \"tokens\""},
        {"qkv.npz", "tokens=q", "1 tokens: expected texts, found numbers in \"q\""},
        {"qkv.npz", "q=q@hdn,k=k",
         "1 map: q: expected 3 letters of s, l, h and nd or nhd at the end, found \"hdn\""},
        {"qkv.npz", "attention=q@hhqk",
         "1 map: attention: expected 3 letters of s, l, h and qk or kq at the end, found "
         "\"hhqk\""},
        {"qkv.npz", "q=q,k=k,tokens=tokens@h", "1 map: tokens: expected no letters, found \"h\""},
        {"qkv.npz", "v=v", "1 map: expected q and k, attention or scores, found none of them"},
        {"qkv.npz", "q=q", "1 k: expected it beside q, found none"},
        {"mismatch.npz", "q=q,k=k", "1 k: expected 4 columns as q has, found 3"},
        {"unclear.npz", "attention=a,scores=b",
         "1 attention: expected 2 rows as scores has, "
         "found 3"},
        {"savez.npz", "attention=nothing_*",
         "1 map: expected one of arr_0, arr_1, arr_2, found \"nothing_*\""},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char path[600];
        TensorList list;
        TensorMap map;
        Error err = {0};
        snprintf(path, sizeof path, "%s%s", TENSORS, table[i][0]);
        list_sample(&list, path);
        if (tensors_map(&list, table[i][1], &map, &err) && tensors_check(&list, &map, &err))
            fail_msg("%s: %s was taken", table[i][0], table[i][1]);
        assert_string_equal(error_text(&err), table[i][2]);
        tensors_free(&list);
    }
}

static void a_map_takes_the_place_of_the_guess(void **state)
{
    (void)state;
    TensorList list;
    TensorMap map;
    Error err = {0};
    list_sample(&list, TENSORS "several.npz");
    assert_true(tensors_map(&list, "attention=cross_attentions@lhkq", &map, &err));
    assert_true(map.clear && map.transpose);
    assert_int_equal(map.item[ROLE_WEIGHTS], named(&list, "cross_attentions"));
    TensorSize size = tensors_size(&list, &map, ROLE_WEIGHTS);
    assert_int_equal(size.layers, 3);
    assert_int_equal(size.heads, 2);
    tensors_free(&list);
    list_sample(&list, TENSORS "qkv.npz");
    assert_true(tensors_map(&list, "q=v,k=v", &map, &err)); /* tokens stay as guessed */
    assert_int_equal(map.item[ROLE_V], -1);
    assert_int_equal(map.item[ROLE_TOKENS], named(&list, "tokens"));
    assert_true(tensors_check(&list, &map, &err));
    tensors_free(&list);
}

static void letters_say_what_shapes_do_not(void **state)
{
    (void)state;
    TensorList list;
    TensorMap map;
    Error err = {0};
    char text[200];
    list_sample(&list, TENSORS "four.npz"); /* [3, 2, 3, 3] */
    assert_true(tensors_map(&list, "attention=attention@shqk", &map, &err));
    assert_int_equal(tensors_size(&list, &map, ROLE_WEIGHTS).sentences, 3);
    tensors_map_text(&list, &map, text, sizeof text);
    assert_string_equal(text, "attention=attention@shqk");
    assert_true(tensors_map(&list, "q=attention@lnhd,k=attention@lnhd", &map, &err));
    assert_int_equal(tensors_size(&list, &map, ROLE_Q).heads, 3);
    assert_int_equal(tensors_size(&list, &map, ROLE_Q).rows, 2);
    tensors_free(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_with_a_map_is_told),
        cmocka_unit_test(a_map_takes_the_place_of_the_guess),
        cmocka_unit_test(letters_say_what_shapes_do_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
