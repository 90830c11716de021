#include "tensors_test.h"

/* What a sample is taken for, as --map would say it; "?" in front of a doubt. */
static void samples_are_taken_for_what_they_are(void **state)
{
    (void)state;
    static const char *const table[][2] = {
        {"qkv.npz", "q=q@hnd,k=k@hnd,v=v@hnd,tokens=tokens"},
        {"nhd.npz", "q=query@nhd,k=key@nhd,v=value@nhd,tokens=tokens"},
        {"recorded.npz", "q=layers.0.q@hnd,k=layers.0.k@hnd,attention=layers.0.attn_weights@hqk"},
        {"hooks.npz", "q=blocks.0.attn.hook_q@snhd,k=blocks.0.attn.hook_k@snhd"},
        {"savez.npz", "attention=arr_*@shqk"},
        {"five.npz", "attention=attentions@lshqk"},
        {"four.npz", "attention=attention@lhqk"},
        {"series.npz", "attention=decoder.layer.*.attention@hqk"},
        {"batch.npz", "attention=attention@shqk,tokens=tokens"},
        {"cross.npz", "attention=attn@hqk,queries=tgt_tokens,keys=src_tokens"},
        {"masked.npz", "scores=scores@hqk"},
        {"alignments.npy", "attention=alignments.npy@sqk"},
        {"model.safetensors", "q=encoder.layer.*.attention.self.query@hnd,"
                              "k=encoder.layer.*.attention.self.key@hnd,tokens=tokens"},
        {"model.safetensors.index.json", "q=encoder.layer.*.attention.self.query@hnd,"
                                         "k=encoder.layer.*.attention.self.key@hnd"},
        {"several.npz", "?2 arrays could be the attention, the first is \"encoder_attentions\""},
        {"unclear.npz", "?the names do not say what the arrays are"},
        {"mismatch.npz", "?k: expected 4 columns as q has, found 3"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char path[600], text[400];
        TensorList list;
        TensorMap map, again;
        Error err = {0};
        snprintf(path, sizeof path, "%s%s", TENSORS, table[i][0]);
        list_sample(&list, path);
        tensors_guess(&list, &map);
        tensors_map_text(&list, &map, text, sizeof text);
        if (!map.clear)
            snprintf(text, sizeof text, "?%s", map.doubt);
        if (strcmp(text, table[i][1]) != 0)
            fail_msg("%s: %s", table[i][0], text);
        if (map.clear) { /* what it says is read back */
            assert_true(tensors_map(&list, text, &again, &err));
            assert_memory_equal(again.item, map.item, sizeof map.item);
            assert_memory_equal(again.dims, map.dims, sizeof map.dims);
            assert_int_equal(again.heads_last, map.heads_last);
            assert_int_equal(again.layer_count, map.layer_count);
        }
        tensors_free(&list);
    }
}

static void layers_stand_in_the_order_of_their_numbers(void **state)
{
    (void)state;
    TensorList list;
    TensorMap map;
    list_sample(&list, TENSORS "series.npz"); /* written 2, 0, 1 */
    tensors_guess(&list, &map);
    assert_int_equal(map.layer_count, 3);
    for (int i = 0; i < 3; i++) {
        char name[40];
        snprintf(name, sizeof name, "decoder.layer.%d.attention", i);
        assert_string_equal(list.items[map.layers[ROLE_WEIGHTS][i]].name, name);
    }
    tensors_free(&list);
}

static void parameters_of_models_are_not_taken_for_vectors(void **state)
{
    (void)state;
    static const char *const names[] = {"models/tiny_bert/model.safetensors",
                                        "models/tiny_gpt2/model.safetensors"};
    char path[600];
    for (size_t i = 0; i < 2; i++) {
        TensorList list;
        TensorMap map;
        if (!shared_data(path, sizeof path, names[i]))
            skip();
        list_sample(&list, path);
        tensors_guess(&list, &map);
        assert_false(map.clear);
        for (int role = ROLE_Q; role <= ROLE_SCORES; role++)
            assert_int_equal(map.item[role], -1);
        tensors_free(&list);
    }
}

static TensorItem *item_named(TensorList *list, const char *name)
{
    for (int i = 0; i < list->count; i++) {
        if (strcmp(list->items[i].name, name) == 0)
            return &list->items[i];
    }
    fail_msg("%s: not there", name);
    return NULL;
}

/* A listed sample in another shape: there are many, and what is guessed looks at shapes alone. */
static void shapes_that_leave_it_open_are_doubted(void **state)
{
    (void)state;
    static const struct {
        const char *sample, *name;
        int ndim;
        int64_t shape[6];
        const char *want; /* in the doubt; "": none */
    } cases[] = {
        {"five.npz", "attentions", 5, {2, 1, 2, 3, 3}, ""},
        {"five.npz", "attentions", 5, {1, 2, 2, 3, 3}, ""},
        {"five.npz",
         "attentions",
         5,
         {2, 2, 2, 3, 3},
         "5 dimensions can be layers, sentences, heads"},
        {"four.npz", "attention", 6, {1, 1, 2, 2, 3, 3}, "dimensions"},
        {"qkv.npz", "q", 1, {6}, ""},
        {"qkv.npz", "k", 4, {1, 2, 3, 2}, "k: expected 4 columns as q has, found 2"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[600];
        TensorList list;
        TensorMap map;
        snprintf(path, sizeof path, "%s%s", TENSORS, cases[i].sample);
        list_sample(&list, path);
        TensorItem *item = item_named(&list, cases[i].name);
        item->ndim = cases[i].ndim;
        memcpy(item->shape, cases[i].shape, sizeof cases[i].shape);
        tensors_guess(&list, &map);
        if (cases[i].ndim > 1 && (map.doubt[0] != 0) != (cases[i].want[0] != 0))
            fail_msg("%s %d: %s", cases[i].name, (int)i, map.doubt);
        assert_non_null(strstr(map.doubt, cases[i].want));
        if (cases[i].ndim == 1)
            assert_false(map.clear);
        tensors_free(&list);
    }
}

/* Files of sentences beside weights go by their names, else the source comes first. */
static void files_of_sentences_go_by_their_names(void **state)
{
    (void)state;
    static const struct {
        const char *first, *second;
        bool turned;
    } cases[] = {{"a/x.txt", "a/y.txt", false},
                 {"a/src.txt", "a/tgt.txt", false},
                 {"a/tgt.txt", "a/y.txt", true},
                 {"a/x.txt", "a/src.txt", true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        TensorList list;
        TensorMap map;
        int at[2], count = 0;
        list_sample(&list, TENSORS "cross.npz");
        for (int k = 0; k < list.count; k++) {
            if (!strstr(list.items[k].name, "tokens"))
                continue;
            assert_true(count < 2);
            list.items[k].source = TENSOR_LINES;
            list.items[k].name = "";
            list.items[k].file = count ? cases[i].second : cases[i].first;
            at[count++] = k;
        }
        assert_int_equal(count, 2);
        tensors_guess(&list, &map);
        assert_int_equal(map.item[ROLE_KEYS], at[cases[i].turned]);
        assert_int_equal(map.item[ROLE_QUERIES], at[!cases[i].turned]);
        tensors_free(&list);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes_that_leave_it_open_are_doubted),
        cmocka_unit_test(files_of_sentences_go_by_their_names),
        cmocka_unit_test(samples_are_taken_for_what_they_are),
        cmocka_unit_test(layers_stand_in_the_order_of_their_numbers),
        cmocka_unit_test(parameters_of_models_are_not_taken_for_vectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
