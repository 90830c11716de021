#include "load_test.h"

#include "load/json_tree.h"

static const char TEXT[] =
    "{ \"a\": [1, 2],\n \"b\" : {\"c\": \"x\\ty\", \"d\": -2.5e1}, \"e\": [true, {}, []] }";

static bool read_tree(JsonTree *tree, const char *text, Error *err)
{
    LoadRequest request = request_of("");
    size_t at = 0;
    *err = (Error){0};
    json_tree_init(tree);
    return json_tree_read(tree, text, strlen(text), &at, &request, 1 << 20, err);
}

static const cJSON *member(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static void every_value_knows_where_it_stands(void **state)
{
    (void)state;
    JsonTree tree;
    Error err;
    Arena arena;
    double value;
    arena_init(&arena);
    assert_true(read_tree(&tree, TEXT, &err));
    const cJSON *b = member(tree.root, "b"), *e = member(tree.root, "e");
    assert_int_equal(json_from(&tree, b), strstr(TEXT, "{\"c\"") - TEXT);
    assert_int_equal(json_from(&tree, member(b, "d")), strstr(TEXT, "-2.5e1") - TEXT);
    assert_int_equal(json_from(&tree, e->child->next), strstr(TEXT, "{}") - TEXT);
    assert_true(json_real(&tree, member(b, "d"), &value) && value == -25);
    assert_string_equal(json_text(&tree, member(b, "c"), &arena), "x\ty");
    assert_int_equal(json_block(&tree, member(tree.root, "a"))->count, 2);
    assert_null(json_block(&tree, e));
    assert_string_equal(json_type(&tree, member(tree.root, "a")), "an array of numbers");
    assert_string_equal(json_type(&tree, e->child), "true");
    assert_string_equal(json_type(&tree, e->child->next->next), "an empty array");
    assert_null(member(tree.root, "B"));
    json_tree_free(&tree);
    arena_free(&arena);
}

static void text_is_walked_without_a_tree(void **state)
{
    (void)state;
    static const char *const keys[] = {"\"a\"", "\"b\"", "\"e\""};
    static const char *const values[] = {"[1, 2]", "{\"c\": \"x\\ty\", \"d\": -2.5e1}",
                                         "[true, {}, []]"};
    JsonMember m;
    size_t at = 1, count = 0;
    assert_int_equal(json_value_end(TEXT, 0), strlen(TEXT));
    while (json_member(TEXT, &at, &m)) {
        assert_memory_equal(TEXT + m.key, keys[count], m.key_end - m.key);
        assert_int_equal(m.value_end - m.value, strlen(values[count]));
        assert_memory_equal(TEXT + m.value, values[count], m.value_end - m.value);
        count++;
    }
    assert_int_equal(count, 3);
    size_t item = (size_t)(strstr(TEXT, "[true") - TEXT) + 1, from, to;
    for (count = 0; json_item(TEXT, &item, &from, &to); count++)
        ;
    assert_int_equal(count, 3);
}

/* Many keys take the sorted way, few the short one: both find the second of two. */
static void a_key_that_comes_twice_is_found_among_many(void **state)
{
    (void)state;
    for (int keys = 2; keys <= 4000; keys = keys * 3 + 1) {
        JsonTree tree;
        Error err;
        Buf text;
        buf_init(&text, BUF_NO_LIMIT);
        buf_byte(&text, '{');
        for (int i = 0; i < keys; i++)
            buf_printf(&text, "%s\n\"k%d\": %d", i ? "," : "", i == keys - 1 ? 0 : i, i);
        buf_byte(&text, '}');
        assert_false(read_tree(&tree, text.data, &err));
        char want[120];
        snprintf(
            want, sizeof want,
            "2 line %d, column 1: key \"k0\": expected once in an object, found again (first at "
            "line 2, column 1)",
            keys + 1);
        assert_string_equal(error_text(&err), want);
        json_tree_free(&tree);
        buf_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_value_knows_where_it_stands),
        cmocka_unit_test(text_is_walked_without_a_tree),
        cmocka_unit_test(a_key_that_comes_twice_is_found_among_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
