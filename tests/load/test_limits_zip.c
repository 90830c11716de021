/* The limits of archives, indexes and arrays of texts at N and at N + 1. Of archives only the
 * directory is read: no member is unpacked. */
#include "load_test.h"

#include "load/load_npy.h"
#include "load/npz_directory.h"
#include "load/tensors.h"

#include <fcntl.h>
#include <unistd.h>

static const char *directory_line(const char *path, const LoadLimits *limits)
{
    File file;
    Arena arena;
    ZipDirectory d;
    Error err = {0};
    arena_init(&arena);
    assert_true(file_open(&file, path, &err));
    bool ok = zip_directory_read(&d, &file, &arena, limits, &err);
    zip_directory_free(&d);
    arena_free(&arena);
    file_close(&file);
    return ok ? "read" : error_text(&err);
}

static void entries_are_counted(void **state)
{
    (void)state;
    LoadLimits limits = {.zip_entries = 2};
    assert_string_equal(directory_line(LOAD_DATA "npz/two.npz", &limits), "read");
    limits.zip_entries = 1;
    assert_string_equal(directory_line(LOAD_DATA "npz/two.npz", &limits),
                        "3 directory: entries: expected at most 1, found 2 (limit 1, raise with "
                        "--limit-zip-entries)");
}

static void put(unsigned char *p, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        p[i] = (unsigned char)(value >> (8 * i));
}

/* One empty stored member with a name of that many bytes: APPNOTE.TXT 4.3.7, 4.3.12, 4.3.16. */
static void put_zip(const char *path, uint32_t name)
{
    unsigned char local[30] = "PK\3\4", central[46] = "PK\1\2", end[22] = "PK\5\6";
    char text[2000];
    Buf out;
    memset(text, 'a', sizeof text);
    put(local + 4, 20, 2);
    put(local + 26, name, 2);
    put(central + 4, 20, 2);
    put(central + 6, 20, 2);
    put(central + 28, name, 2);
    put(end + 8, 1, 2);
    put(end + 10, 1, 2);
    put(end + 12, 46 + name, 4);
    put(end + 16, 30 + name, 4);
    buf_init(&out, BUF_NO_LIMIT);
    buf_append(&out, local, sizeof local);
    buf_append(&out, text, name);
    buf_append(&out, central, sizeof central);
    buf_append(&out, text, name);
    buf_append(&out, end, sizeof end);
    write_file(path, out.data, out.size);
    buf_free(&out);
}

static void names_are_measured(void **state)
{
    (void)state;
    char path[500];
    snprintf(path, sizeof path, "%s/name.npz", check_temp_dir());
    put_zip(path, 1024);
    assert_string_equal(directory_line(path, NULL), "read");
    put_zip(path, 1025);
    assert_string_equal(directory_line(path, NULL),
                        "3 entry 0: name: expected at most 1024 bytes, found 1025 (limit 1024)");
}

static void a_directory_is_measured(void **state)
{
    (void)state;
    char path[500];
    snprintf(path, sizeof path, "%s/large.npz", check_temp_dir());
    for (uint32_t more = 0; more <= 1; more++) {
        unsigned char end[22] = "PK\5\6";
        uint32_t size = (16u << 20) + more;
        put(end + 8, 1, 2);
        put(end + 10, 1, 2);
        put(end + 12, size, 4);
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        assert_int_equal(pwrite(fd, end, sizeof end, size), sizeof end);
        close(fd);
        /* At N it is only no directory: zero bytes. */
        const char *line = directory_line(path, NULL);
        if (more)
            assert_string_equal(line,
                                "3 directory: expected at most 16777216 bytes, found 16777217 "
                                "(limit 16777216)");
        else
            assert_int_equal(line[0], '2');
    }
}

static void shards_are_counted(void **state)
{
    (void)state;
    char path[500];
    const char *paths[] = {path};
    snprintf(path, sizeof path, "%s/model.safetensors.index.json", check_temp_dir());
    for (int more = 0; more <= 1; more++) {
        Buf text;
        TensorList list;
        Error err = {0};
        LoadRequest request = request_of(path);
        buf_init(&text, BUF_NO_LIMIT);
        buf_text(&text, "{\"metadata\":{},\"weight_map\":{");
        for (int i = 0; i < 4096 + more; i++)
            buf_printf(&text, "%s\"t%d\":\"s%d.safetensors\"", i ? "," : "", i, i);
        buf_text(&text, "}}");
        write_file(path, text.data, text.size);
        tensors_init(&list);
        assert_false(tensors_list(&list, paths, 1, &request, &err));
        /* At N the files are only not there. */
        if (more)
            assert_string_equal(error_text(&err),
                                "3 weight_map: shards: expected at most 4096, found "
                                "more (limit 4096)");
        else
            assert_true(err.kind == ERROR_IO || err.kind == ERROR_MALFORMED);
        tensors_free(&list);
        buf_free(&text);
    }
}

static void an_array_of_texts_is_measured(void **state)
{
    (void)state;
    char path[500];
    snprintf(path, sizeof path, "%s/texts.npy", check_temp_dir());
    for (int more = 0; more <= 1; more++) {
        char header[129];
        NpyHeader h;
        Arena arena;
        Error err = {0};
        const char **texts = NULL;
        LoadRequest request = request_of(path);
        /* 65536 · 1024 = 2^26 bytes; 13421773 · 5 are one more. */
        int length = more ? 5 : 1024, count = more ? 13421773 : 65536;
        int n = snprintf(header, sizeof header,
                         "%cNUMPY%c%cv%c{'descr': '|S%d', 'fortran_order': False, 'shape': (%d,)}",
                         0x93, 1, 0, 0, length, count);
        memset(header + n, ' ', (size_t)(128 - n));
        header[127] = '\n';
        write_file(path, header, 128);
        assert_int_equal(truncate(path, 128 + (off_t)length * count), 0);
        arena_init(&arena);
        bool ok = npy_texts(path, &request, &arena, &h, &texts, &err);
        if (ok != !more)
            fail_msg("%s", ok ? "read" : error_text(&err));
        if (more)
            assert_string_equal(error_text(&err), "3 data: texts: expected at most 67108864 bytes, "
                                                  "found 67108865 (limit 67108864)");
        arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_counted),           cmocka_unit_test(names_are_measured),
        cmocka_unit_test(a_directory_is_measured),       cmocka_unit_test(shards_are_counted),
        cmocka_unit_test(an_array_of_texts_is_measured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
