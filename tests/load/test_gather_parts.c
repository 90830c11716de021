#include "load_test.h"

#include "load/gather_parts.h"

static const char *in_folder(const char *name, const char *text)
{
    const char *path = check_path(check_temp_dir(), name);
    check_put(path, text);
    return path;
}

static Part look(const char *name, const char *text)
{
    Part part;
    Error err = {0};
    if (!part_look(&part, in_folder(name, text), &err))
        fail_msg("%s", error_text(&err));
    assert_string_equal(part.name, name);
    return part;
}

static void parts_are_told_by_content(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
        PartKind kind;
        const char *format;
    } table[] = {
        {"a", "{\"attnscope\": 1}", PART_OURS, NULL},
        {"b.json", "{\"matrix\": [[1]]}", PART_FOREIGN, NULL},
        {"c.json", "{\"metadata\": {}, \"weight_map\": {}}", PART_SHARDS, NULL},
        {"d.json", "{\"model_type\": \"bert\"}", PART_MODEL, NULL},
        {"tokenizer.json", "{\"version\": 1}", PART_MODEL, NULL},
        {"vocab.txt", "[PAD]\n[CLS]\n", PART_MODEL, NULL},
        {"e", "<!DOCTYPE html><p>", PART_FOREIGN, NULL},
        {"f", "\x93NUMPY\x01", PART_ARRAYS, NULL},
        {"g", "PK\x03\x04xx", PART_ARRAYS, NULL},
        {"h", "0-0 1-1\n", PART_LINKS, "pharaoh"},
        {"i", "a b ||| c d\n", PART_PAIRS, "pairs"},
        {"j", "x ||| 0-0 1-1\n", PART_LINKS, "marian-hard"},
        {"s.json", "[PAD]\n[CLS]\n", PART_FOREIGN, NULL},
        {"k", "x ||| 0.5,0.5 0.1,0.9\n", PART_MATRICES, "marian"},
        {"l", "the house\nis red\n", PART_TEXT, NULL},
        {"r", "1 2\n3\n", PART_TEXT, NULL},
        {"m", "caf\xC3\xA9\n", PART_TEXT, NULL},
        {"n", "caf\xE9\n", PART_OTHER, NULL},
        {"o", "GIF89a", PART_OTHER, NULL},
        {"p", "", PART_OTHER, NULL},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        Part part = look(table[i].name, table[i].text);
        if (part.kind != table[i].kind)
            fail_msg("%s: kind %d", table[i].name, (int)part.kind);
        if (table[i].format)
            assert_string_equal(part.format->name, table[i].format);
        else
            assert_null(part.format);
    }
    assert_string_equal(look("o", "GIF89a").what, "a GIF picture");
}

static void links_with_grades_are_known(void **state)
{
    (void)state;
    assert_false(look("a", "0-0 1-1\n").graded);
    assert_true(look("a", "0-0\n1-1 2p2").graded);
    assert_true(look("a", "1 1 1 S\n1 2 2 P\n").graded);
}

static void a_letter_that_the_window_cuts_is_no_fault(void **state)
{
    (void)state;
    enum { SIZE = (1 << 16) + 2 };
    Part part;
    Error err = {0};
    char *text = mem_alloc(SIZE);
    assert_non_null(text);
    memset(text, 'a', SIZE);
    memcpy(text + (1 << 16) - 1, "\xC3\xA9\n", 3);
    const char *path = check_path(check_temp_dir(), "long");
    write_file(path, text, SIZE);
    assert_true(part_look(&part, path, &err));
    assert_int_equal(part.kind, PART_TEXT);
    write_file(path, text, 1 << 16); /* the file ends within the letter */
    assert_true(part_look(&part, path, &err));
    assert_int_equal(part.kind, PART_TEXT);
    text[100] = '\xFF';
    write_file(path, text, SIZE);
    assert_true(part_look(&part, path, &err));
    assert_int_equal(part.kind, PART_OTHER);
    mem_free(text);
}

static void what_cannot_be_read_is_an_error(void **state)
{
    (void)state;
    Part part;
    Error err = {0};
    assert_false(part_look(&part, check_path(check_temp_dir(), "absent"), &err));
    assert_int_equal(err.kind, ERROR_IO);
}

static void names_hint_at_sides(void **state)
{
    (void)state;
    assert_int_equal(part_side("dev.src"), -1);
    assert_int_equal(part_side("source.txt"), -1);
    assert_int_equal(part_side("text.in"), -1);
    assert_int_equal(part_side("dev.TGT"), 1);
    assert_int_equal(part_side("target-de.txt"), 1);
    assert_int_equal(part_side("out.lv.bpe"), 1);
    assert_int_equal(part_side("dev.en"), 0);
    assert_int_equal(part_side("src-tgt.txt"), 0);
    assert_int_equal(part_side("resource.txt"), 0);
    assert_int_equal(part_side("without.txt"), 0);
    assert_true(part_says_gold("jaen.gold"));
    assert_true(part_says_gold("gold_dev.txt"));
    assert_false(part_says_gold("goldfish.txt"));
    assert_true(part_same_tail("marian.out.lv", "dev.lv"));
    assert_false(part_same_tail("a.txt", "b.txt"));
    assert_false(part_same_tail("a.en", "b.lv"));
    assert_false(part_same_tail("a", "b"));
    assert_true(part_is_beside("README"));
    assert_true(part_is_beside("LICENCE_EN.txt"));
    assert_true(part_is_beside("run.sh"));
    assert_false(part_is_beside("index.json"));
    assert_false(part_is_beside("dev.en"));
    assert_true(part_is_model("model.safetensors"));
    assert_true(part_is_model("model-00001-of-00002.safetensors"));
    assert_false(part_is_model("attention.safetensors"));
}

static void links_tell_which_text_is_the_source(void **state)
{
    (void)state;
    LoadRequest request = {.limits = load_limits_default()};
    Error err = {0};
    Part links = look("l", "0-2 1-0\n0-0\n"), one = look("one", "1-3 2-1\n1-1\n");
    Part naacl = look("n", "1 1 1 S\n");
    Part two = look("two", "a b\nc d\n"), three = look("three", "a b c\nd e f\n");
    assert_int_equal(part_misfits(&links, &two, &three, &request, &err), 0);
    assert_int_equal(part_misfits(&links, &three, &two, &request, &err), 1);
    assert_int_equal(part_misfits(&one, &two, &three, &request, &err), 0);
    assert_int_equal(part_misfits(&one, &three, &two, &request, &err), 1);
    Part bad = look("bad", "0-2 1-0\n0-0 x\n0-0\n");
    bad.format = links.format;
    assert_int_equal(part_misfits(&bad, &two, &three, &request, &err), 0);
    assert_int_equal(err.kind, ERROR_NONE);
    assert_int_equal(part_misfits(&naacl, &two, &three, &request, &err), -1); /* keyed by number */
    Part gone = links;
    gone.path = "absent";
    assert_int_equal(part_misfits(&gone, &two, &three, &request, &err), -1);
    Part empty = look("empty", "");
    assert_int_equal(part_misfits(&links, &empty, &three, &request, &err), -1);
}

static void numbers_weigh_links_when_they_are_as_many(void **state)
{
    (void)state;
    LoadRequest request = {.limits = load_limits_default()};
    Error err = {0};
    Part links = look("l", "0-2 1-0\n0-0\n\n0-0\n"), text = look("t", "a b\nc\n");
    Part all = look("q", "0.5 0.25\n1.0\n"), half = look("h", "0.5 0.25\n1.0 1.0\n\n.5\n");
    Part matrix = look("m", "0.5\n0.25 0.5\n0.5\n0.5\n");
    assert_true(all.numbers && half.numbers && matrix.numbers);
    assert_false(text.numbers || links.numbers || look("i", "1 2\n").numbers);
    assert_true(part_weighs(&links, &all, &request, &err));
    assert_true(part_weighs(&links, &half, &request, &err));
    assert_false(part_weighs(&links, &matrix, &request, &err));
    Part bad = look("bad", "0-2 1-0\n0-0 x\n\n0-0\n");
    bad.format = links.format;
    assert_true(part_weighs(&bad, &half, &request, &err));
    assert_int_equal(err.kind, ERROR_NONE);
    matrix.path = "absent";
    assert_false(part_weighs(&links, &matrix, &request, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_told_by_content),
        cmocka_unit_test(links_with_grades_are_known),
        cmocka_unit_test(a_letter_that_the_window_cuts_is_no_fault),
        cmocka_unit_test(what_cannot_be_read_is_an_error),
        cmocka_unit_test(names_hint_at_sides),
        cmocka_unit_test(links_tell_which_text_is_the_source),
        cmocka_unit_test(numbers_weigh_links_when_they_are_as_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
