#include "load_test.h"

#include "load/npz.h"

static const char *temp(void)
{
    static char path[500];
    if (!path[0])
        snprintf(path, sizeof path, "%s/case.npz", check_temp_dir());
    return path;
}

static bool open_at(Npz *npz, const char *path, Error *err)
{
    LoadRequest request = request_of(path);
    *err = (Error){0};
    npz_init(npz);
    return npz_open(npz, path, &request, err);
}

static void open_sample(Npz *npz, const char *name)
{
    char path[600];
    Error err;
    snprintf(path, sizeof path, "%snpz/%s.npz", LOAD_DATA, name);
    if (!open_at(npz, path, &err))
        fail_msg("%s: %s", path, error_text(&err));
}

static void every_type_byte_order_and_order_reads_as_numpy_wrote_it(void **state)
{
    (void)state;
    Npz npz;
    open_sample(&npz, "types");
    assert_int_equal(npz.count, 48);
    for (int k = 0; k < npz.count; k++) {
        const NpzItem *item = &npz.items[k];
        char kind = item->name[0];
        Numbers n;
        Error err = {0};
        assert_true(item->readable && !item->texts);
        if (!npz_read(&npz, item, &n, 1000, &err))
            fail_msg("%s: %s", item->name, error_text(&err));
        assert_int_equal(n.ndim, 2);
        assert_int_equal(n.shape[0], 2);
        assert_int_equal(n.shape[1], 3);
        for (int i = 0; i < 6; i++) {
            double want = kind == 'b' ? i % 2 : kind == 'u' ? i : i - 2;
            assert_float_equal(tensor_value(&n.tensor, i), want, 0);
        }
        tensor_free(&n.tensor);
    }
    npz_free(&npz);
}

static void stored_deflated_zip64_and_descriptors_hold_the_same(void **state)
{
    (void)state;
    static const char *const names[] = {"two", "two_deflated", "two_zip64", "two_descriptors",
                                        "two_comment"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        Npz npz;
        Numbers n;
        Error err = {0};
        open_sample(&npz, names[i]);
        assert_int_equal(npz.count, 2);
        assert_true(npz_read(&npz, npz_find(&npz, "k"), &n, 24, &err));
        assert_float_equal(tensor_value(&n.tensor, 5), 6, 0);
        tensor_free(&n.tensor);
        assert_null(npz_find(&npz, "v"));
        assert_false(npz_read(&npz, npz_find(&npz, "q"), &n, 23, &err));
        assert_string_equal(error_text(&err),
                            "3 entry \"q.npy\": data: memory: expected at most 23 bytes, found 24 "
                            "(limit 1073741824, raise with --limit-memory)");
        npz_free(&npz);
    }
}

static void what_cannot_be_shown_is_listed_with_its_reason(void **state)
{
    (void)state;
    static const struct {
        const char *name, *why;
        bool texts;
    } table[] = {
        {"q", "", false},
        {"c8", "complex numbers ('<c8')", false},
        {"objects", "Python object array (pickle): not opened, for your safety ('|O')", false},
        {"dates", "dates ('<M8[s]')", false},
        {"half", "perhaps bfloat16: save it as float32 ('|V2')", false},
        {"pair", "a structure (a structured array)", false},
        {"scalar", "a single number", false},
        {"empty", "an empty array", false},
        {"words", "", true},
        {"sub/ids", "", false}};
    Npz npz;
    Numbers n;
    Error err = {0};
    open_sample(&npz, "mixed");
    assert_int_equal(npz.count, sizeof table / sizeof *table);
    for (int i = 0; i < npz.count; i++) {
        assert_string_equal(npz.items[i].name, table[i].name);
        assert_string_equal(npz.items[i].why, table[i].why);
        assert_int_equal(npz.items[i].texts, table[i].texts);
        assert_int_equal(npz.items[i].readable, table[i].why[0] == '\0');
    }
    assert_int_equal(npz.skipped, 2);
    assert_string_equal(npz.skipped_names[0], "inner.npz");
    assert_string_equal(npz.skipped_names[1], "README.txt");
    assert_false(npz_read(&npz, npz_find(&npz, "objects"), &n, 1000, &err));
    assert_string_equal(error_text(&err),
                        "2 entry \"objects.npy\": header (descr): Python object array (pickle): "
                        "not opened, for your safety");
    err = (Error){0};
    assert_false(npz_read(&npz, npz_find(&npz, "half"), &n, 1000, &err));
    assert_non_null(strstr(error_text(&err), "(perhaps bfloat16: save it as float32)"));
    npz_free(&npz);
}

static void texts_are_read_without_what_fills_them_up(void **state)
{
    (void)state;
    static const char *const words[] = {"the", "cät", "", "猫", "😀 s"}, *const letters = "abcdef";
    static const char *const names[] = {"little", "big", "bytes", "rows", "columns"};
    Npz npz;
    Arena arena;
    Error err = {0};
    int count;
    const char **texts;
    arena_init(&arena);
    open_sample(&npz, "texts");
    for (size_t k = 0; k < 5; k++) {
        assert_true(npz_texts(&npz, npz_find(&npz, names[k]), &arena, &texts, &count, &err));
        assert_int_equal(count, k < 3 ? 5 : 6);
        for (int i = 0; i < count; i++) {
            char letter[2] = {letters[i], '\0'};
            assert_string_equal(texts[i], k < 3 ? words[i] : letter);
        }
    }
    assert_true(npz_texts(&npz, npz_find(&npz, "one"), &arena, &texts, &count, &err));
    assert_int_equal(count, 1);
    assert_string_equal(texts[0], "the cat");
    static const char *const wrong[][2] = {
        {"latin", "2 entry \"latin.npy\": data, text 1: expected UTF-8, found 0xE4"},
        {"nul", "2 entry \"nul.npy\": data, text 1: expected a character, found 0x00"},
        {"surrogate", "2 entry \"surrogate.npy\": data, text 0: expected a character, found "
                      "0xD800"}};
    for (size_t k = 0; k < 3; k++) {
        err = (Error){0};
        assert_false(npz_texts(&npz, npz_find(&npz, wrong[k][0]), &arena, &texts, &count, &err));
        assert_string_equal(error_text(&err), wrong[k][1]);
    }
    npz_free(&npz);
    arena_free(&arena);
}

/* zeros.npz: 16 MiB of zeros in 16 KiB. The budget stops it before a byte is inflated. */
static void a_bomb_stops_at_the_budget(void **state)
{
    (void)state;
    Npz npz;
    Numbers n;
    Error err = {0};
    open_sample(&npz, "zeros");
    int64_t live = mem_live();
    assert_false(npz_read(&npz, &npz.items[0], &n, (16 << 20) - 1, &err));
    assert_string_equal(error_text(&err),
                        "3 entry \"mask.npy\": data: memory: expected at most 16777215 bytes, "
                        "found 16777216 (limit 1073741824, raise with --limit-memory)");
    assert_int_equal(mem_live(), live);
    assert_true(npz_read(&npz, &npz.items[0], &n, 16 << 20, &err));
    assert_int_equal(n.tensor.count, 2048 * 2048);
    tensor_free(&n.tensor);
    npz_free(&npz);
}

/* two.npz: q's content from 35 to 187, its header 128 bytes; see test_npz_directory.c. */
static void content_that_is_not_as_told_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *base;
        size_t at, at2;
        char byte;
        const char *want;
    } table[] = {
        {"two", 35 + 128, 0, 'x',
         "2 entry \"q.npy\": data: checksum: expected that of the directory, found another"},
        {"two", 14, 374 + 16, 'x', /* both told checksums */
         "2 entry \"q.npy\": data: checksum: expected that of the directory, found another"},
        {"two_deflated", 60, 0, '\xFF',
         "2 entry \"q.npy\": data: expected content as the directory tells it, found it damaged"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char path[600];
        size_t size;
        Npz npz;
        Numbers n;
        Error err;
        snprintf(path, sizeof path, "%snpz/%s.npz", LOAD_DATA, table[i].base);
        char *bytes = check_read(path, &size);
        bytes[table[i].at] = table[i].byte;
        bytes[table[i].at2 ? table[i].at2 : table[i].at] = table[i].byte;
        write_file(temp(), bytes, size);
        mem_free(bytes);
        int64_t live = mem_live();
        bool ok = open_at(&npz, temp(), &err) && npz_read(&npz, npz_find(&npz, "q"), &n, 100, &err);
        assert_string_equal(ok ? "read" : error_text(&err), table[i].want);
        npz_free(&npz);
        assert_int_equal(mem_live(), live);
    }
}

/* The size that the archive tells is more, or less, than what the packed bytes become. */
static void sizes_that_lie_are_refused(void **state)
{
    (void)state;
    static const struct {
        int change;
        const char *want;
    } table[] = {
        {1, "2 entry \"q.npy\": data: expected 24 bytes, found 25 (--allow-trailing opens such "
            "files)"},
        {-1, "2 entry \"q.npy\": data: expected 6 numbers of 4 bytes, found 23 bytes"},
    };
    for (size_t i = 0; i < 2; i++) {
        size_t size, entry = 0;
        Npz npz;
        Numbers n;
        Error err;
        char *bytes = check_read(LOAD_DATA "npz/two_deflated.npz", &size);
        while (memcmp(bytes + entry, "PK\1\2", 4) != 0)
            entry++;
        bytes[22] = (char)(bytes[22] + table[i].change); /* told twice: in front and at the end */
        bytes[entry + 24] = (char)(bytes[entry + 24] + table[i].change);
        write_file(temp(), bytes, size);
        mem_free(bytes);
        assert_true(open_at(&npz, temp(), &err));
        assert_false(npz_read(&npz, npz_find(&npz, "q"), &n, 100, &err));
        assert_string_equal(error_text(&err), table[i].want);
        if (table[i].change > 0) { /* allowed, the missing byte is noticed */
            npz.request.allow_trailing = true;
            err = (Error){0};
            assert_false(npz_read(&npz, npz_find(&npz, "q"), &n, 100, &err));
            assert_int_equal(err.kind, ERROR_MALFORMED);
        }
        npz_free(&npz);
    }
}

static void a_cancelled_read_stops(void **state)
{
    (void)state;
    Npz npz;
    Numbers n;
    Error err = {0};
    atomic_bool cancel = true;
    open_sample(&npz, "zeros");
    npz.request.cancel = &cancel;
    assert_false(npz_read(&npz, &npz.items[0], &n, 16 << 20, &err));
    assert_int_equal(err.kind, ERROR_CANCELLED);
    npz_free(&npz);
}

static void archives_of_other_programs_open(void **state)
{
    (void)state;
    static const char *const names[] = {"npy/npyz/uncompressed.npz", "npy/npyz/compressed.npz",
                                        "npy/candle/test.npz"};
    char path[600];
    if (!shared_data(path, sizeof path, "npy"))
        skip();
    for (size_t i = 0; i < 3; i++) {
        Npz npz;
        Error err;
        assert_true(shared_data(path, sizeof path, names[i]));
        if (!open_at(&npz, path, &err))
            fail_msg("%s: %s", path, error_text(&err));
        assert_true(npz.count > 0);
        for (int k = 0; k < npz.count; k++) {
            Numbers n;
            if (!npz_read(&npz, &npz.items[k], &n, 1 << 20, &err))
                fail_msg("%s: %s", path, error_text(&err));
            for (int j = 0; i < 2 && j < n.tensor.count; j++)
                assert_float_equal(tensor_value(&n.tensor, j), j + 1, 0);
            tensor_free(&n.tensor);
        }
        npz_free(&npz);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_byte_order_and_order_reads_as_numpy_wrote_it),
        cmocka_unit_test(stored_deflated_zip64_and_descriptors_hold_the_same),
        cmocka_unit_test(what_cannot_be_shown_is_listed_with_its_reason),
        cmocka_unit_test(texts_are_read_without_what_fills_them_up),
        cmocka_unit_test(a_bomb_stops_at_the_budget),
        cmocka_unit_test(content_that_is_not_as_told_is_refused),
        cmocka_unit_test(sizes_that_lie_are_refused),
        cmocka_unit_test(a_cancelled_read_stops),
        cmocka_unit_test(archives_of_other_programs_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
