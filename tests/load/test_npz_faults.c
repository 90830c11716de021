/* libzip fails, or sees another archive than our own reading of the directory (the linker wraps
 * it).
 */
#include "load_test.h"

#include "load/npz.h"

#include <errno.h>
#include <unistd.h>
#include <zip.h>

typedef enum { NOTHING, DUP, OPEN, COUNT, STAT, MEMBER, READ, MORE } Call;

static struct {
    Call call;
    int code; /* of libzip */
    int skip; /* calls that go well before */
    void (*change)(zip_stat_t *stat);
} fault;

static zip_error_t read_error;

static bool now(Call call)
{
    return fault.call == call && fault.skip-- == 0;
}

int __real_dup(int fd);
zip_t *__real_zip_fdopen(int fd, int flags, int *code);
zip_int64_t __real_zip_get_num_entries(zip_t *zip, zip_flags_t flags);
int __real_zip_stat_index(zip_t *zip, zip_uint64_t index, zip_flags_t flags, zip_stat_t *stat);
zip_file_t *__real_zip_fopen_index(zip_t *zip, zip_uint64_t index, zip_flags_t flags);
zip_int64_t __real_zip_fread(zip_file_t *file, void *out, zip_uint64_t size);
zip_error_t *__real_zip_file_get_error(zip_file_t *file);
int __wrap_dup(int fd);
zip_t *__wrap_zip_fdopen(int fd, int flags, int *code);
zip_int64_t __wrap_zip_get_num_entries(zip_t *zip, zip_flags_t flags);
int __wrap_zip_stat_index(zip_t *zip, zip_uint64_t index, zip_flags_t flags, zip_stat_t *stat);
zip_file_t *__wrap_zip_fopen_index(zip_t *zip, zip_uint64_t index, zip_flags_t flags);
zip_int64_t __wrap_zip_fread(zip_file_t *file, void *out, zip_uint64_t size);
zip_error_t *__wrap_zip_file_get_error(zip_file_t *file);

int __wrap_dup(int fd)
{
    if (!now(DUP))
        return __real_dup(fd);
    errno = EMFILE;
    return -1;
}

zip_t *__wrap_zip_fdopen(int fd, int flags, int *code)
{
    if (!now(OPEN))
        return __real_zip_fdopen(fd, flags, code);
    *code = fault.code;
    return NULL;
}

zip_int64_t __wrap_zip_get_num_entries(zip_t *zip, zip_flags_t flags)
{
    return __real_zip_get_num_entries(zip, flags) + (fault.call == COUNT);
}

int __wrap_zip_stat_index(zip_t *zip, zip_uint64_t index, zip_flags_t flags, zip_stat_t *stat)
{
    int result = __real_zip_stat_index(zip, index, flags, stat);
    if (!now(STAT))
        return result;
    if (fault.change)
        fault.change(stat);
    return fault.change ? result : -1;
}

zip_file_t *__wrap_zip_fopen_index(zip_t *zip, zip_uint64_t index, zip_flags_t flags)
{
    if (!now(MEMBER))
        return __real_zip_fopen_index(zip, index, flags);
    zip_error_set(zip_get_error(zip), fault.code, 0);
    return NULL;
}

zip_int64_t __wrap_zip_fread(zip_file_t *file, void *out, zip_uint64_t size)
{
    if (fault.call == MORE && size == 1) /* the look behind the last byte */
        return 1;
    return now(READ) ? -1 : __real_zip_fread(file, out, size);
}

zip_error_t *__wrap_zip_file_get_error(zip_file_t *file)
{
    if (fault.call != READ)
        return __real_zip_file_get_error(file);
    zip_error_init_with_code(&read_error, fault.code);
    return &read_error;
}

static void no_name(zip_stat_t *stat)
{
    stat->name = NULL;
}

static void other_name(zip_stat_t *stat)
{
    stat->name = "other.npy";
}

static void other_size(zip_stat_t *stat)
{
    stat->size++;
}

static void other_packed(zip_stat_t *stat)
{
    stat->comp_size++;
}

static void other_crc(zip_stat_t *stat)
{
    stat->crc++;
}

static void other_method(zip_stat_t *stat)
{
    stat->comp_method = 8;
}

static bool open_two(Npz *npz, const char *path, Error *err)
{
    LoadRequest request = request_of(path);
    *err = (Error){0};
    npz_init(npz);
    return npz_open(npz, path, &request, err);
}

static void an_archive_that_libzip_sees_in_another_way_is_refused(void **state)
{
    (void)state;
    static void (*const changes[])(zip_stat_t *) = {
        NULL, no_name, other_name, other_size, other_packed, other_crc, other_method};
    int64_t live = mem_live();
    Npz npz;
    Error err;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        fault.call = STAT;
        fault.skip = 1;
        fault.change = changes[i];
        assert_false(open_two(&npz, LOAD_DATA "npz/two.npz", &err));
        check_error(&err, ERROR_MALFORMED,
                    "directory: expected one reading of entry 1, found two (possible zip bomb)");
        npz_free(&npz);
    }
    fault.call = COUNT;
    assert_false(open_two(&npz, LOAD_DATA "npz/two.npz", &err));
    check_error(&err, ERROR_MALFORMED,
                "directory: expected 2 entries, found 3 (possible zip bomb)");
    npz_free(&npz);
    assert_int_equal(mem_live(), live);
}

static void what_cannot_be_opened_says_why(void **state)
{
    (void)state;
    static const struct {
        Call call;
        int code;
        const char *want;
    } cases[] = {
        {DUP, 0, "4 cannot be opened: expected a readable file, found \"Too many open files\""},
        {OPEN, ZIP_ER_MEMORY, "2 cannot be opened as a ZIP: Malloc failure"},
        {MEMBER, ZIP_ER_MEMORY, "2 entry \"q.npy\": cannot be unpacked: Malloc failure"},
        {READ, ZIP_ER_READ, "4 entry \"q.npy\": data: cannot be read"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Npz npz;
        Error err;
        fault.call = cases[i].call;
        fault.code = cases[i].code;
        fault.skip = 0;
        assert_false(open_two(&npz, LOAD_DATA "npz/two.npz", &err));
        fault.call = NOTHING;
        assert_string_equal(error_text(&err), cases[i].want);
        npz_free(&npz);
    }
}

static void what_cannot_be_read_says_why(void **state)
{
    (void)state;
    static const struct {
        Call call;
        int code, skip;
        const char *want;
    } cases[] = {
        {READ, ZIP_ER_MEMORY, 0, "3 entry \"q.npy\": out of memory"},
        {READ, ZIP_ER_READ, 0, "4 entry \"q.npy\": data: cannot be read"},
        {READ, ZIP_ER_SEEK, 0, "4 entry \"q.npy\": data: cannot be read"},
        {READ, ZIP_ER_CRC, 2,
         "2 entry \"q.npy\": data: checksum: expected that of the directory, found another"},
        {READ, ZIP_ER_ZLIB, 1,
         "2 entry \"q.npy\": data: expected content as the directory tells it, found it damaged"},
        {MORE, 0, 0, "2 entry \"q.npy\": data: expected 152 bytes, found more (possible zip bomb)"},
        {MEMBER, ZIP_ER_MEMORY, 0, "2 entry \"q.npy\": cannot be unpacked: Malloc failure"},
    };
    Npz npz;
    Error err;
    assert_true(open_two(&npz, LOAD_DATA "npz/two.npz", &err));
    int64_t live = mem_live();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Numbers n;
        err = (Error){0};
        fault.call = cases[i].call;
        fault.code = cases[i].code;
        fault.skip = cases[i].skip;
        assert_false(npz_read(&npz, npz_find(&npz, "q"), &n, 1000, &err));
        fault.call = NOTHING;
        assert_string_equal(error_text(&err), cases[i].want);
        assert_int_equal(mem_live(), live);
    }
    npz_free(&npz);
}

/* The archive is another one than the one that was listed. */
static void a_file_that_changes_between_listing_and_reading_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *sample, *item;
    } cases[] = {{"npz/two.npz", "q"}, {"npz/texts.npz", NULL}};
    const char *path = check_path(check_temp_dir(), "x.npz");
    for (size_t i = 0; i < 2; i++) {
        Npz npz;
        Error err;
        Numbers n;
        Arena arena;
        const char **texts;
        int count;
        size_t size;
        char name[500];
        snprintf(name, sizeof name, "%s%s", LOAD_DATA, cases[i].sample);
        char *bytes = check_read(name, &size);
        write_file(path, bytes, size);
        arena_init(&arena);
        if (!open_two(&npz, path, &err))
            fail_msg("%s", error_text(&err));
        FILE *file = fopen(path, "ab");
        assert_true(file && fputc('x', file) == 'x');
        fclose(file);
        bool ok = cases[i].item ? npz_read(&npz, npz_find(&npz, "q"), &n, 1000, &err)
                                : npz_texts(&npz, &npz.items[0], &arena, &texts, &count, &err);
        assert_false(ok);
        assert_int_equal(err.kind, ERROR_IO);
        assert_non_null(strstr(err.what, "changed on disk while it was read: expected "));
        arena_free(&arena);
        npz_free(&npz);
        mem_free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_archive_that_libzip_sees_in_another_way_is_refused),
        cmocka_unit_test(what_cannot_be_opened_says_why),
        cmocka_unit_test(what_cannot_be_read_says_why),
        cmocka_unit_test(a_file_that_changes_between_listing_and_reading_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
