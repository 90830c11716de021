#include "tensors_test.h"

static void all_arrays_are_listed_by_their_headers(void **state)
{
    (void)state;
    TensorList list;
    list_sample(&list, LOAD_DATA "npz/mixed.npz");
    assert_int_equal(list.count, 10);
    const TensorItem *q = &list.items[named(&list, "q")],
                     *words = &list.items[named(&list, "words")];
    assert_true(q->numbers && !q->texts && q->ndim == 2 && q->shape[1] == 3);
    assert_true(words->texts && !words->numbers && words->shape[0] == 5);
    assert_string_equal(words->dtype, "'<U4'");
    assert_string_equal(list.items[named(&list, "pair")].why, "a structure (a structured array)");
    assert_string_equal(list.items[named(&list, "scalar")].why, "a single number");
    assert_string_equal(list.items[named(&list, "empty")].why, "an empty array");
    tensors_free(&list);
}

static void safetensors_list_whole_numbers_with_their_reason_and_texts(void **state)
{
    (void)state;
    TensorList list;
    list_sample(&list, TENSORS "model.safetensors");
    assert_int_equal(list.count, 7);
    const TensorItem *ids = &list.items[named(&list, "position_ids")];
    assert_false(ids->numbers || ids->texts);
    assert_string_equal(ids->why, "I64");
    const TensorItem *tokens = &list.items[named(&list, "tokens")];
    assert_true(tokens->texts && tokens->source == TENSOR_METADATA && tokens->shape[0] == 3);
    assert_int_equal(named(&list, "format"), -1); /* a text, no list of texts */
    tensors_free(&list);
    list_sample(&list, LOAD_DATA "st/all.safetensors");
    assert_string_equal(list.items[named(&list, "empty")].why, "an empty array");
    assert_string_equal(list.items[named(&list, "scalar")].why, "a single number");
    tensors_free(&list);
}

static void an_index_lists_the_arrays_of_its_shards(void **state)
{
    (void)state;
    TensorList list;
    list_sample(&list, TENSORS "model.safetensors.index.json");
    assert_int_equal(list.count, 4);
    assert_string_not_equal(list.items[0].file, list.items[3].file);
    tensors_free(&list);
}

static void wrong_indexes_and_other_files_are_refused(void **state)
{
    (void)state;
    static const char *const table[][2] = {
        {TENSORS "missing.safetensors.index.json",
         "4 shards: expected 3 files beside the index, found 2 missing: no-1.safetensors, "
         "no-2.safetensors"},
        {TENSORS "outside.safetensors.index.json",
         "2 weight_map: shard: expected the name of a file beside the index, found "
         "\"../q.safetensors\""},
        {LOAD_DATA "rows.attn.json",
         "2 weight_map: expected an object of names and files, found none"},
        {LOAD_DATA "picture.png",
         "2 expected arrays (.npy, .npz, .safetensors) or sentences, found a PNG picture"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        TensorList list;
        Error err = {0};
        LoadRequest request = request_of(table[i][0]);
        tensors_init(&list);
        assert_false(tensors_list(&list, &table[i][0], 1, &request, &err));
        assert_string_equal(error_text(&err), table[i][1]);
        tensors_free(&list);
    }
}

static void only_a_weight_map_makes_an_index(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool index;
    } table[] = {{"{\"weight_map\": {}}", true},
                 {" {\"metadata\": {\"a\": [1]}, \"weight_map\": {\"a\": \"b\"}}", true},
                 {"{\"weight_map\": 1}", false},
                 {"{\"a\": {\"weight_map\": {}}}", false},
                 {"{\"a\": \"weight_map\"}", false},
                 {"[\"weight_map\"]", false},
                 {"{\"weight_map\": {}", false}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_int_equal(tensors_is_index(table[i].text, strlen(table[i].text)), table[i].index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_arrays_are_listed_by_their_headers),
        cmocka_unit_test(safetensors_list_whole_numbers_with_their_reason_and_texts),
        cmocka_unit_test(an_index_lists_the_arrays_of_its_shards),
        cmocka_unit_test(wrong_indexes_and_other_files_are_refused),
        cmocka_unit_test(only_a_weight_map_makes_an_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
