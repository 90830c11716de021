#include "load_test.h"

#include "load/npz_directory.h"

#define TWO LOAD_DATA "npz/two.npz"

/* two.npz: where things are, as zipfile wrote them. */
enum { LOCAL_0 = 0, LOCAL_1 = 187, ENTRY_0 = 374, ENTRY_1 = 425, END = 476, SIZE = 498 };

static const char *temp(void)
{
    static char path[500];
    if (!path[0])
        snprintf(path, sizeof path, "%s/case.npz", check_temp_dir());
    return path;
}

static bool read_directory(const char *path, const LoadLimits *limits, Error *err)
{
    File file;
    Arena arena;
    ZipDirectory d;
    *err = (Error){0};
    arena_init(&arena);
    assert_true(file_open(&file, path, err));
    bool ok = zip_directory_read(&d, &file, &arena, limits, err);
    zip_directory_free(&d);
    arena_free(&arena);
    file_close(&file);
    return ok;
}

static void archives_of_numpy_and_zipfile_are_read(void **state)
{
    (void)state;
    static const char *const names[] = {"two",         "two_deflated",    "two_zip64",
                                        "two_comment", "two_descriptors", "types"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[600];
        File file;
        Arena arena;
        ZipDirectory d;
        Error err = {0};
        snprintf(path, sizeof path, "%snpz/%s.npz", LOAD_DATA, names[i]);
        arena_init(&arena);
        assert_true(file_open(&file, path, &err));
        if (!zip_directory_read(&d, &file, &arena, NULL, &err))
            fail_msg("%s: %s", path, error_text(&err));
        assert_int_equal(d.count, i == 5 ? 48 : 2);
        if (i < 5) {
            assert_string_equal(d.items[0].name, "q.npy");
            assert_string_equal(d.items[1].name, "k.npy");
            assert_int_equal(d.items[1].size, 152);
            assert_int_equal(d.items[0].local, 0);
        }
        zip_directory_free(&d);
        arena_free(&arena);
        file_close(&file);
    }
}

#define BOMB " (possible zip bomb)"
#define Q    "2 entry \"q.npy\": "
#define K    "2 entry \"k.npy\": "

/* Bytes put over those of two.npz. */
static const struct {
    size_t at, size;
    const char *bytes, *want;
} PATCHES[] = {
    {END, 1, "X",
     "2 byte 0x0 (end of directory): expected the end of the directory in the last 65557 bytes, "
     "found none"},
    {END + 20, 1, "\1",
     "2 byte 0x0 (end of directory): expected the end of the directory in the last 65557 bytes, "
     "found none"},
    {END + 4, 1, "\1", "2 byte 0x1dc (end of directory): expected one disk, found several"},
    {END + 6, 1, "\1", "2 byte 0x1dc (end of directory): expected one disk, found several"},
    {END + 8, 1, "\1", "2 byte 0x1dc (end of directory): expected one disk, found several"},
    {END + 8, 4, "\1\0\1\0",
     "2 byte 0x1a9 (directory): expected the end of the directory, found more of it"},
    {END + 8, 4, "\3\0\3\0", "2 entry 2: expected an entry of the directory, found its end"},
    {END + 8, 4, "\1\x20\1\x20",
     "3 directory: entries: expected at most 4096, found 8193 (limit 4096, raise with "
     "--limit-zip-entries)"},
    {END + 8, 4, "\xFF\xFF\xFF\xFF", "2 byte 0x1dc (zip64): expected a zip64 locator, found none"},
    {END + 12, 1, "\x65",
     "2 byte 0x1dc (end of directory): expected the directory right in front of its end, found it "
     "elsewhere"},
    {END + 16, 4, "\xFF\xFF\xFF\x7F",
     "2 byte 0x1dc (end of directory): expected the directory right in front of its end, found it "
     "elsewhere"},
    {ENTRY_0, 1, "X", "2 entry 0: expected an entry of the directory, found other content"},
    {ENTRY_1 + 32, 2, "\1\0",
     "2 entry 1: expected an entry inside the directory, found it runs over its end"},
    {ENTRY_0 + 28, 2, "\1\4",
     "2 entry 0: expected an entry inside the directory, found it runs over its end"},
    {ENTRY_0 + 28, 2, "\0\0", "2 entry 0: name: expected text, found nothing"},
    {ENTRY_0 + 8, 1, "\1", Q "expected plain content, found it encrypted"},
    {ENTRY_0 + 8, 2, "\0\x20", Q "expected plain content, found it encrypted"},
    {ENTRY_0 + 10, 1, "\x0C",
     Q "compression: expected stored (0) or deflated (8), found method 12"},
    {ENTRY_0 + 24, 1, "\x99", Q "size: expected that of its stored bytes, found another"},
    {ENTRY_0 + 34, 1, "\1", Q "expected one disk, found several"},
    {ENTRY_0 + 42, 4, "\xFF\xFF\xFF\xFF", Q "zip64: expected sizes of 64 bits, found none"},
    {ENTRY_0 + 42, 4, "\xF0\1\0\0",
     Q "offset: expected a place in front of the directory, found it behind" BOMB},
    {ENTRY_0 + 42, 1, "\1", Q "expected its header at its offset, found other content" BOMB},
    {ENTRY_1 + 42, 1, "\0", K "name: expected that of the directory, found another" BOMB},
    {ENTRY_0 + 46, 1, "/", "2 entry 0: name: expected one below its folder, found \"/.npy\""},
    {ENTRY_0 + 46, 1, "\\", "2 entry 0: name: expected one below its folder, found \"\\.npy\""},
    {ENTRY_0 + 46, 2, "C:", "2 entry 0: name: expected one below its folder, found \"C:npy\""},
    {ENTRY_0 + 46, 3, "../", "2 entry 0: name: expected one below its folder, found \"../py\""},
    {ENTRY_0 + 46, 5, "a\\..x", Q "" /* below, but not what its header says */},
    {ENTRY_0 + 46, 5, "aa/..", "2 entry 0: name: expected one below its folder, found \"aa/..\""},
    {ENTRY_0 + 46, 1, "\0", "2 entry 0: name: expected text, found a NUL in it"},
    {ENTRY_0 + 46, 1, "\xFF", "2 entry 0: name: expected UTF-8, found byte 0xFF"},
    {ENTRY_0 + 46, 1, "x",
     "2 entry \"x.npy\": name: expected that of the directory, found "
     "another" BOMB},
    {LOCAL_0 + 30, 1, "x", Q "name: expected that of the directory, found another" BOMB},
    {LOCAL_0 + 26, 1, "\4", Q "name: expected that of the directory, found another" BOMB},
    {LOCAL_0 + 8, 1, "\x08", Q "compression: expected that of the directory, found another" BOMB},
    {LOCAL_0 + 6, 1, "\1", Q "encryption: expected that of the directory, found another" BOMB},
    {LOCAL_0 + 14, 1, "\1", Q "checksum: expected that of the directory, found another" BOMB},
    {LOCAL_0 + 18, 1, "\1", Q "packed size: expected that of the directory, found another" BOMB},
    {LOCAL_0 + 22, 1, "\1", Q "size: expected that of the directory, found another" BOMB},
    {LOCAL_0 + 28, 1, "\1", K "expected bytes of its own, found those of \"q.npy\"" BOMB},
    {LOCAL_1 + 28, 1, "\1",
     K "expected its bytes in front of the directory, found them run over" BOMB},
};

static void what_is_wrong_is_refused_with_its_exact_line(void **state)
{
    (void)state;
    size_t size;
    char *bytes = check_read(TWO, &size);
    int64_t live = mem_live();
    assert_int_equal(size, SIZE);
    for (size_t i = 0; i < sizeof PATCHES / sizeof *PATCHES; i++) {
        char copy[SIZE];
        Error err;
        memcpy(copy, bytes, SIZE);
        memcpy(copy + PATCHES[i].at, PATCHES[i].bytes, PATCHES[i].size);
        write_file(temp(), copy, SIZE);
        if (read_directory(temp(), NULL, &err))
            fail_msg("patch %zu at %zu was read", i, PATCHES[i].at);
        if (PATCHES[i].want[strlen(PATCHES[i].want) - 1] != ' ')
            assert_string_equal(error_text(&err), PATCHES[i].want);
    }
    assert_int_equal(mem_live(), live);
    mem_free(bytes);
}

static void one_name_twice_is_refused(void **state)
{
    (void)state;
    size_t size;
    char *bytes = check_read(TWO, &size);
    Error err;
    bytes[ENTRY_1 + 46] = 'q';
    bytes[LOCAL_1 + 30] = 'q';
    write_file(temp(), bytes, size);
    assert_false(read_directory(temp(), NULL, &err));
    assert_string_equal(error_text(&err), Q "expected each name once, found it again");
    mem_free(bytes);
}

/* The comment of the end holds another end, whose own comment reaches to the end of the file too.
 */
static void two_ends_are_refused(void **state)
{
    (void)state;
    size_t size;
    char *bytes = check_read(TWO, &size), copy[SIZE + 22];
    Error err;
    memcpy(copy, bytes, SIZE);
    memcpy(copy + SIZE, bytes + END, 22);
    copy[END + 20] = 22;
    write_file(temp(), copy, sizeof copy);
    assert_false(read_directory(temp(), NULL, &err));
    assert_string_equal(error_text(&err), "2 byte 0x1dc (end of directory): expected one end of "
                                          "the directory, found another in its comment");
    mem_free(bytes);
}

static void put(char *out, int bytes, uint64_t value)
{
    for (int i = 0; i < bytes; i++, value >>= 8)
        out[i] = (char)(value & 0xFF);
}

/* two.npz with a zip64 record and its locator in front of the end. */
static void with_zip64(char out[SIZE + 76], uint64_t entries, uint64_t size, uint64_t offset)
{
    size_t length;
    char *bytes = check_read(TWO, &length);
    memcpy(out, bytes, END);
    memset(out + END, 0, 76);
    char *record = out + END, *locator = record + 56;
    memcpy(record, "PK\6\6", 4);
    put(record + 4, 8, 44);
    put(record + 24, 8, entries);
    put(record + 32, 8, entries);
    put(record + 40, 8, size);
    put(record + 48, 8, offset);
    memcpy(locator, "PK\6\7", 4);
    put(locator + 8, 8, END);
    put(locator + 16, 4, 1);
    memcpy(out + END + 76, bytes + END, 22);
    mem_free(bytes);
}

static void zip64_ends_are_read_and_must_agree(void **state)
{
    (void)state;
    static const struct {
        uint64_t entries, size, offset;
        size_t at;
        int width;
        uint64_t value;
        const char *want;
    } table[] = {
        {2, 102, 374, 0, 0, 0, ""},
        {2, 102, 374, END + 76 + 8, 4, 0xFFFFFFFF, ""},
        {3, 102, 374, 0, 0, 0,
         "2 byte 0x1dc (zip64): expected the numbers of the end of the directory, found others"},
        {3, 102, 374, END + 76 + 8, 4, 0xFFFFFFFF,
         "2 entry 2: expected an entry of the directory, found its end"},
        {(uint64_t)1 << 60, 102, 374, END + 76 + 8, 4, 0xFFFFFFFF,
         "3 directory: entries: expected at most 4096, found 1152921504606846976 (limit 4096, "
         "raise with --limit-zip-entries)"},
        {2, (uint64_t)1 << 62, 374, END + 76 + 12, 4, 0xFFFFFFFF,
         "2 byte 0x228 (end of directory): expected the directory right in front of its end, "
         "found it elsewhere"},
        {2, 102, UINT64_MAX, END + 76 + 16, 4, 0xFFFFFFFF,
         "2 byte 0x228 (end of directory): expected the directory right in front of its end, "
         "found it elsewhere"},
        {2, 102, 374, END + 56 + 8, 8, UINT64_MAX,
         "2 byte 0x214 (zip64): expected the zip64 record in front of its locator, found it "
         "elsewhere"},
        {2, 102, 374, END + 56 + 8, 8, 0,
         "2 byte 0x0 (zip64): expected a zip64 record, found other content"},
        {2, 102, 374, END + 4, 8, 45,
         "2 byte 0x1dc (zip64): expected a zip64 record, found other content"},
        {2, 102, 374, END + 56 + 16, 4, 2,
         "2 byte 0x214 (zip64): expected one disk, found several"},
        {2, 102, 374, END + 16, 4, 1, "2 byte 0x1dc (zip64): expected one disk, found several"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char bytes[SIZE + 76];
        Error err;
        with_zip64(bytes, table[i].entries, table[i].size, table[i].offset);
        if (table[i].width)
            put(bytes + table[i].at, table[i].width, table[i].value);
        write_file(temp(), bytes, sizeof bytes);
        bool ok = read_directory(temp(), NULL, &err);
        assert_string_equal(ok ? "" : error_text(&err), table[i].want);
    }
}

static void limits_hold_at_their_number_and_not_above(void **state)
{
    (void)state;
    LoadLimits limits = {.zip_entries = 2};
    Error err;
    assert_true(read_directory(TWO, &limits, &err));
    limits.zip_entries = 1;
    assert_false(read_directory(TWO, &limits, &err));
    assert_string_equal(error_text(&err), "3 directory: entries: expected at most 1, found 2 "
                                          "(limit 1, raise with --limit-zip-entries)");
    for (size_t length = 1024; length <= 1025; length++) { /* of a name */
        char *bytes = mem_zero(1, 4000);
        put(bytes, 4, 0x04034B50);
        put(bytes + 26, 2, length);
        memset(bytes + 30, 'a', length);
        char *entry = bytes + 30 + length, *end = entry + 46 + length;
        put(entry, 4, 0x02014B50);
        put(entry + 28, 2, length);
        memset(entry + 46, 'a', length);
        put(end, 4, 0x06054B50);
        put(end + 8, 4, 0x00010001);
        put(end + 12, 4, 46 + length);
        put(end + 16, 4, 30 + length);
        write_file(temp(), bytes, 30 + length + 46 + length + 22);
        assert_int_equal(read_directory(temp(), NULL, &err), length == 1024);
        if (length > 1024)
            assert_string_equal(error_text(&err), "3 entry 0: name: expected at most 1024 bytes, "
                                                  "found 1025 (limit 1024)");
        mem_free(bytes);
    }
}

static void an_archive_cut_anywhere_is_an_error(void **state)
{
    (void)state;
    size_t size;
    char *bytes = check_read(TWO, &size);
    int64_t live = mem_live();
    for (size_t cut = 0; cut < size; cut++) {
        Error err;
        write_file(temp(), bytes, cut);
        assert_false(read_directory(temp(), NULL, &err));
        assert_int_equal(err.kind, ERROR_MALFORMED);
    }
    assert_int_equal(mem_live(), live);
    mem_free(bytes);
}

/* q.npy's central entry with full sizes and this behind its name; the archive otherwise as it was.
 */
static const char *with_extra(const char *extra, size_t length, bool full)
{
    static Error err;
    size_t size;
    char *bytes = check_read(TWO, &size), out[SIZE + 100];
    size_t name = ENTRY_0 + 46 + 5;
    memcpy(out, bytes, name);
    memcpy(out + name, extra, length);
    memcpy(out + name + length, bytes + name, size - name);
    if (full)
        memset(out + ENTRY_0 + 20, 0xFF, 8); /* packed size, size */
    out[ENTRY_0 + 30] = (char)length;
    out[END + length + 12] = (char)(out[END + length + 12] + (char)length);
    write_file(temp(), out, size + length);
    mem_free(bytes);
    return read_directory(temp(), NULL, &err) ? "" : error_text(&err);
}

static void sizes_of_64_bits_stand_behind_the_name(void **state)
{
    (void)state;
    char both[24] = "\1\0\20";
    both[4] = both[12] = (char)152;
    assert_string_equal(with_extra(both, 20, true), "");
    char second[30] = "\x55\x54\2\0xx"; /* behind another field */
    memcpy(second + 6, both, 20);
    assert_string_equal(with_extra(second, 26, true), "");
    assert_string_equal(with_extra(second, 6, false), "");
    both[2] = 8;
    assert_string_equal(with_extra(both, 12, true),
                        Q "zip64: expected sizes of 64 bits, found fewer");
    both[2] = 60;
    assert_string_equal(with_extra(both, 20, true),
                        Q "zip64: expected sizes of 64 bits, found none");
    assert_string_equal(with_extra(second, 6, true),
                        Q "zip64: expected sizes of 64 bits, found none");
    assert_string_equal(with_extra(both, 0, true),
                        Q "zip64: expected sizes of 64 bits, found none");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(archives_of_numpy_and_zipfile_are_read),
        cmocka_unit_test(what_is_wrong_is_refused_with_its_exact_line),
        cmocka_unit_test(one_name_twice_is_refused),
        cmocka_unit_test(two_ends_are_refused),
        cmocka_unit_test(zip64_ends_are_read_and_must_agree),
        cmocka_unit_test(sizes_of_64_bits_stand_behind_the_name),
        cmocka_unit_test(limits_hold_at_their_number_and_not_above),
        cmocka_unit_test(an_archive_cut_anywhere_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
