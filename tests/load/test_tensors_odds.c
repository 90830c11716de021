/* Arrays of every shape, made here as one .safetensors file: maps that do not fit, guesses that
 * leave doubt, tokens in every form, sentences that cannot be read among others that can.
 */
#include "tensors_test.h"

/* The error that opening ends with; "" when it opens. */
static const char *answer(const LoadRequest *request)
{
    Document doc;
    Error err = {0};
    int64_t live = mem_live();
    document_init(&doc);
    bool ok = tensors_load(&doc, request, &err);
    document_free(&doc);
    assert_int_equal(mem_live(), live);
    return ok ? "" : error_text(&err);
}

/* Arrays, a map of them, and what is wrong with it. */
static const char *const UNFIT[][3] = {
    {"q 4,3,2;k 3,3,2", "q=q@hnd,k=k@hnd", "1 k: expected 4 heads as q has, found 3"},
    {"q 2,3,2;k 2,3,4", "q=q,k=k", "1 k: expected 2 columns as q has, found 4"},
    {"q 2,1,3,2;k 3,1,3,2", "q=q@lhnd,k=k@lhnd", "1 k: expected 2 layers as q has, found 3"},
    {"q 2,1,3,2;k 3,1,3,2", "q=q@shnd,k=k@shnd", "1 k: expected 2 sentences as q has, found 3"},
    {"q 1,3,2;k 1,3,2;v 1,4,2", "q=q,k=k,v=v", "1 v: expected 3 rows as k has, found 4"},
    {"q 2,3,2;k 2,3,2;v 1,3,2", "q=q,k=k,v=v", "1 v: expected 2 heads as k has, found 1"},
    {"q 2,3,2;k 2,3,2;v 1,3,2", "q=q@lnd,k=k@lnd,v=v@lnd",
     "1 v: expected 2 layers as k has, found 1"},
    {"q 2,3,2;k 2,3,2;v 1,3,2", "q=q@snd,k=k@snd,v=v@snd",
     "1 v: expected 2 sentences as k has, found 1"},
    {"q 1,3,2;k 1,3,2;a 1,2,3", "q=q,k=k,attention=a",
     "1 attention: expected 3 rows as q has, found 2"},
    {"q 1,3,2;k 1,3,2;a 1,3,2", "q=q,k=k,attention=a",
     "1 attention: expected 3 columns as k has, found 2"},
    {"q 1,3,2;k 1,3,2;a 2,3,3", "q=q,k=k,attention=a",
     "1 attention: expected 1 heads as q has, found 2"},
    {"q 1,3,2;k 1,3,2;a 2,3,3", "q=q,k=k,attention=a@lqk",
     "1 attention: expected 1 layers as q has, found 2"},
    {"q 1,3,2;k 1,3,2;a 2,3,3", "q=q,k=k,scores=a@sqk",
     "1 scores: expected 1 sentences as q has, found 2"},
    {"s 1,3,3;a 1,3,2", "scores=s,attention=a",
     "1 attention: expected 3 columns as scores has, found 2"},
    {"s 1,3,3;a 2,3,3", "scores=s,attention=a",
     "1 attention: expected 1 heads as scores has, found 2"},
    {"s 1,3,3;a 2,3,3", "scores=s@lqk,attention=a@lqk",
     "1 attention: expected 1 layers as scores has, found 2"},
    {"s 1,3,3;a 2,3,3", "scores=s@sqk,attention=a@sqk",
     "1 attention: expected 1 sentences as scores has, found 2"},
    {"a.0 3,3;a.1 3,2", "attention=a.*",
     "1 map: attention: expected layers of one shape, found another in \"a.1\""},
    {"a.0 3,3;a.1 3", "attention=a.*",
     "1 map: attention: expected layers of one shape, found another in \"a.1\""},
    {"q.0 3,2;q.1 3,2;k.0 3,2;k.1 3,2;k.2 3,2", "q=q.*,k=k.*",
     "1 map: k: expected 2 arrays, found 3"},
    {"a.0 3,3;a.1 3,3", "tokens=a.*", "1 map: tokens: expected 1 arrays, found 2"},
    {"a.0 3,3;a.x 3,3", "attention=b.*", "1 map: expected one of a.0, a.x, found \"b.*\""},
    {"a 3,3", "attention=a@q",
     "1 map: attention: expected 2 letters of s, l, h and qk or kq at the end, found \"q\""},
    {"a 2,3,3", "attention=a@xqk",
     "1 map: attention: expected 3 letters of s, l, h and qk or kq at the end, found \"xqk\""},
    {"a 2,3,3", "attention=a@qkh",
     "1 map: attention: expected 3 letters of s, l, h and qk or kq at the end, found \"qkh\""},
    {"q 2,3,3", "q=q@nhd", "1 k: expected it beside q, found none"},
    {"a 1,1,1,1,3,3", "attention=a", "1 attention: expected 2 dimensions, found 6"},
    {"a 1,1,1,1,3,3", "attention=a@slhaqk",
     "1 map: attention: expected 6 letters of s, l, h and qk or kq at the end, found "
     "\"slhaqk\""},
    {"layer.0.a 2,2;layer.x.a 2,2;layer.1.b 2,2", "attention=layer.*.c",
     "1 map: expected one of layer.0.a, layer.1.b, layer.x.a, found \"layer.*.c\""},
    {"a 3", "attention=a", "1 attention: expected 2 dimensions, found 1"},
    {"a_long_name_of_an_array_that_takes_room_1 3,3;a_long_name_of_an_array_that_takes_room_2 "
     "3,3;a_long_name_of_an_array_that_takes_room_3 3,3;a_long_name_of_an_array_that_takes_"
     "room_4 3,3",
     "attention=x",
     "1 map: expected one of a_long_name_of_an_array_that_takes_room_1, "
     "a_long_name_of_an_array_that_takes_room_2, a_long_name_of_an_array_that_takes_room_3, …, "
     "found \"x\""},
};

static void maps_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    int wrong = 0;
    for (size_t i = 0; i < sizeof UNFIT / sizeof *UNFIT; i++) {
        LoadRequest request = request_of(arrays("x.safetensors", UNFIT[i][0], NULL));
        request.origin.map = UNFIT[i][1];
        const char *found = answer(&request);
        if (strcmp(found, UNFIT[i][2]) != 0) {
            print_error("%s %s\n  want %s\n  got  %s\n", UNFIT[i][0], UNFIT[i][1], UNFIT[i][2],
                        found);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

static void what_is_in_doubt_is_asked(void **state)
{
    (void)state;
    static const char *const table[][2] = {
        {"attention 2,2,2,3,3", "1 5 dimensions can be layers, sentences, heads or sentences, "
                                "layers, heads: found attention [2, 2, 2, 3, 3]; say it with --map "
                                "attention=attention@lshqk or attention=attention@slhqk"},
        {"attention 1,1,1,1,3,3", "1 expected at most 5 dimensions (np.squeeze takes away those of "
                                  "1): found attention [1, 1, 1, 1, 3, 3]"},
        {"q 1,3,2", "1 there is not both q and k: found q [1, 3, 2]"},
        {"k 1,3,2;attention 1,3,3", "1 there is not both q and k: found attention [1, 3, 3], k [1, "
                                    "3, 2]; say it with --map attention=attention"},
        {"v 1,3,2", "1 there is not both q and k: found v [1, 3, 2]"},
        {"attention.0 2,3,3;attention.1 3,3,3",
         "1 2 arrays could be the attention, the first is \"attention.0\": found attention.0 [2, "
         "3, 3], attention.1 [3, 3, 3]; say it with --map attention=attention.0 or "
         "attention=attention.1"},
        {"q.0 3,2;q.1 3,2;k.0 3,2;k.1 3,2;k.2 3,2",
         "1 3 arrays could be the k, the first is \"k.0\": found k.0 [3, 2], k.1 [3, 2], k.2 [3, "
         "2], q.0 [3, 2], q.1 [3, 2]; say it with --map q=q.0,k=k.0"},
        {"a 3,3;b 3,3", "1 the names do not say what the arrays are: found a [3, 3], b [3, 3]; say "
                        "it with --map q=a,k=b or attention=a or attention=b"},
        {"a 3,2", "1 the name does not say what the array is: found a [3, 2]; say it with --map "
                  "attention=a"},
        {"attention 3", "2 arrays: expected numbers with rows and columns, found attention [3]"},
        {"q 1,3,2;k 1,3,4",
         "1 k: expected 2 columns as q has, found 4: found k [1, 3, 4], q [1, 3, 2]"},
    };
    int wrong = 0;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        LoadRequest request = request_of(arrays("x.safetensors", table[i][0], NULL));
        const char *found = answer(&request);
        if (strcmp(found, table[i][1]) != 0) {
            print_error("%s\n  want %s\n  got  %s\n", table[i][0], table[i][1], found);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

/* Layers that are arrays of layers stand one behind the other. */
static void a_series_of_stacks_keeps_the_order_of_its_layers(void **state)
{
    (void)state;
    Document doc;
    Error err = {0};
    LoadRequest request =
        request_of(arrays("x.safetensors", "a.0 2,1,2,2;a.1 2,1,2,2;a.2 2,1,2,2", NULL));
    request.origin.map = "attention=a.*@lhqk";
    document_init(&doc);
    if (!tensors_load(&doc, &request, &err))
        fail_msg("%s", error_text(&err));
    assert_int_equal(doc.sentences[0].layer_count, 6);
    for (int l = 0; l < 6; l++) {
        for (int c = 0; c < 4; c++)
            check_close(
                head_value(&doc, &doc.sentences[0].layers[l].heads[0].weights, c / 2, c % 2),
                l * 4 + c, 0);
    }
    document_free(&doc);
}

/* name as the array, or as its whole file where that is the only one in it. */
static void shapes_and_names_say_what_dimensions_are(void **state)
{
    (void)state;
    static const struct {
        const char *arrays, *metadata, *text;
    } table[] = {
        {"blocks.0.hook_q 2,3,2,4;blocks.0.hook_k 2,3,2,4", NULL,
         "q=blocks.0.hook_q@snhd,k=blocks.0.hook_k@snhd"},
        {"q 5,3,2;k 4,3,2", NULL, "q=q@nhd,k=k@nhd"},
        {"q 2,3,4;k 2,3,4;attention 2,3,3", NULL, "q=q@hnd,k=k@hnd,attention=attention@hqk"},
        {"q 3,2,4;k 3,2,4;attention 2,3,3", NULL, "q=q@nhd,k=k@nhd,attention=attention@hqk"},
        {"attention 1,4,2,3,3", NULL, "attention=attention@slhqk"},
        {"attention 4,1,2,3,3", NULL, "attention=attention@lshqk"},
        {"layer.0.attention 1,2,3,3;layer.1.attention 1,2,3,3", NULL,
         "attention=layer.*.attention@shqk"},
        {"layer.0.attention 2,3,3;layer.1.attention 2,3,3", NULL,
         "attention=layer.*.attention@hqk"},
        {"layer.0.attention 2,2,2;layer.1.attention 2,2,2", "[\\\"a b\\\", \\\"c d\\\"]",
         "attention=layer.*.attention@hqk,tokens=tokens"},
        {"alignment 2,3,4", NULL, "attention=alignment@sqk"},
        {"attention 3,3", "[\\\"a\\\", \\\"b\\\", \\\"c\\\"]", "attention=attention,tokens=tokens"},
        {"x 3,3", NULL, "attention=x"},
    };
    int wrong = 0;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        TensorList list;
        TensorMap map, again;
        Error err = {0};
        char text[300];
        list_sample(&list, arrays("x.safetensors", table[i].arrays, table[i].metadata));
        tensors_guess(&list, &map);
        tensors_map_text(&list, &map, text, sizeof text);
        if (!map.clear || strcmp(text, table[i].text) != 0) {
            print_error("%s\n  want %s\n  got  %s %s\n", table[i].arrays, table[i].text, text,
                        map.doubt);
            wrong++;
        }
        if (!tensors_map(&list, text, &again, &err)) /* what is told can be said */
            fail_msg("%s: %s", text, error_text(&err));
        assert_memory_equal(map.item, again.item, sizeof map.item);
        assert_memory_equal(map.dims, again.dims, sizeof map.dims);
        tensors_free(&list);
    }
    assert_int_equal(wrong, 0);
}

static void metadata_is_texts_or_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *metadata;
        int texts;
    } table[] = {
        {"[\\\"a\\\", \\\"b\\\", \\\"c\\\"]", 3},
        {"[]", 0},
        {"[1, 2]", 0},
        {"[\\\"a\\\", 1]", 0},
        {"plain", 0},
        {"[\\\"a\\\"", 0},
        {"", 0},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        TensorList list;
        list_sample(&list, arrays("x.safetensors", "attention 3,3", table[i].metadata));
        int at = named(&list, "tokens");
        assert_int_equal(at >= 0 ? list.items[at].shape[0] : 0, table[i].texts);
        tensors_free(&list);
    }
}

static void a_list_that_is_too_deep_is_told(void **state)
{
    (void)state;
    char deep[200] = "";
    for (int i = 0; i < 70; i++)
        strncat(deep, "[", sizeof deep - strlen(deep) - 1);
    LoadRequest request = request_of(arrays("x.safetensors", "attention 3,3", deep));
    assert_string_equal(answer(&request),
                        "3 nesting: expected at most 64 levels, found more (limit 64)");
}

static void limits_of_shapes_are_told_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *arrays, *map;
        int sentences;
        const char *want;
    } table[] = {
        {"attention 5000,1,1", "attention=attention@hqk", 0,
         "3 attention: heads, layers: expected at most 4096, found 5000, 1 (limit 4096)"},
        {"attention 5000,1,1", "attention=attention@lqk", 0,
         "3 attention: heads, layers: expected at most 4096, found 1, 5000 (limit 4096)"},
        {"attention 3,1,1", "attention=attention@sqk", 2,
         "3 attention: sentences: expected at most 2, found 3 (limit 2, raise with "
         "--limit-sentences)"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        LoadRequest request = request_of(arrays("x.safetensors", table[i].arrays, NULL));
        request.origin.map = table[i].map;
        request.limits.sentences = table[i].sentences;
        assert_string_equal(answer(&request), table[i].want);
    }
}

static void put_lines(const char **path, const char *name, const char *text)
{
    static char dir[400];
    if (!dir[0])
        snprintf(dir, sizeof dir, "%s", check_temp_dir());
    *path = check_path(dir, name);
    check_put(*path, text);
}

static void files_of_sentences_serve_one_side_or_both(void **state)
{
    (void)state;
    static const struct {
        const char *arrays, *first, *second, *third, *want;
        const char *query, *key;
    } table[] = {
        {"attention 3,3", "a b c\n", NULL, NULL, "", "b", "b"},
        {"attention 3,3", "a\nb\nc\n", NULL, NULL, "", "b", "b"}, /* a token a line */
        {"attention 2,3", "a b c\n", "d e\n", NULL, "", "e", "b"},
        {"attention 3,3", "a b c\n", "d e f\n", "x\n",
         "1 more than two files of sentences were given: found attention [3, 3], one.txt [1], "
         "two.txt [1], three.txt [1]; say it with --map attention=attention",
         "", ""},
        {"attention 3,3", "a b c\n", "d e f\n", NULL, "", "e", "b"},
        {"attention 3,3", "a b c\nd e f\n", NULL, NULL,
         "2 tokens: expected 1 lines, one a sentence, found 2", "", ""},
        {"alignment 2,2,2", "a b\nc d\n", "e f\ng h\n", NULL, "", "f", "b"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        Document doc;
        Error err = {0};
        const char *more[3];
        LoadRequest request = request_of(arrays("x.safetensors", table[i].arrays, NULL));
        put_lines(&more[0], "one.txt", table[i].first);
        request.origin.more = more;
        request.origin.more_count = 1;
        if (table[i].second)
            put_lines(&more[request.origin.more_count++], "two.txt", table[i].second);
        if (table[i].third)
            put_lines(&more[request.origin.more_count++], "three.txt", table[i].third);
        document_init(&doc);
        bool ok = tensors_load(&doc, &request, &err);
        assert_string_equal(ok ? "" : error_text(&err), table[i].want);
        if (ok) {
            assert_string_equal(doc.sentences[0].queries.tokens[1], table[i].query);
            assert_string_equal(doc.sentences[0].keys.tokens[1], table[i].key);
        }
        document_free(&doc);
    }
}

static void counting_rows_stops_when_cancelled(void **state)
{
    (void)state;
    static float numbers[] = {0.5F, 0.5F, 0.5F, 0.25F};
    Tensor tensor = {.data = numbers, .dtype = DTYPE_F32, .count = 4, .floats = numbers};
    Document doc = {.tensors = &tensor, .tensor_count = 1};
    atomic_bool cancel = true;
    LoadRequest request = {.cancel = &cancel};
    Error err = {0};
    Reader r = {.request = &request, .doc = &doc, .err = &err};
    DocMatrix weights = {0, 0, 2, 2, 2};
    assert_false(reader_count_rows(&r, weights, "row ", ""));
    assert_int_equal(err.kind, ERROR_CANCELLED);
    atomic_store(&cancel, false);
    assert_true(reader_count_rows(&r, weights, "row ", " of it"));
    assert_true(r.rows == 2 && r.odd_rows == 1);
    assert_string_equal(r.first_odd, "row 1 of it: 0.75");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maps_that_do_not_fit_are_refused),
        cmocka_unit_test(what_is_in_doubt_is_asked),
        cmocka_unit_test(a_series_of_stacks_keeps_the_order_of_its_layers),
        cmocka_unit_test(shapes_and_names_say_what_dimensions_are),
        cmocka_unit_test(metadata_is_texts_or_nothing),
        cmocka_unit_test(a_list_that_is_too_deep_is_told),
        cmocka_unit_test(limits_of_shapes_are_told_by_name),
        cmocka_unit_test(files_of_sentences_serve_one_side_or_both),
        cmocka_unit_test(counting_rows_stops_when_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
