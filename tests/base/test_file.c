#include "base/file.h"
#include "base/mem.h"
#include "support/check.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void a_file_is_read_at_any_place(void **state)
{
    (void)state;
    const char *path = check_path(check_temp_dir(), "digits");
    check_put(path, "0123456789");
    File file;
    Error err = {0};
    char out[11] = "##########";
    assert_true(file_open(&file, path, &err));
    assert_int_equal(file.stamp.size, 10);
    assert_true(file_read_at(&file, out, 3, 4, &err));
    assert_string_equal(out, "456#######");
    assert_true(file_read_at(&file, out, 10, 0, &err));
    assert_string_equal(out, "0123456789");
    assert_true(file_read_at(&file, out, 0, 10, &err));
    assert_true(file_unchanged(&file, &err));
    file_close(&file);
    assert_int_equal(file.fd, -1);
    file_close(&file);
}

static void reading_behind_the_end_tells_where_it_is(void **state)
{
    (void)state;
    const char *path = check_path(check_temp_dir(), "digits");
    check_put(path, "0123456789");
    static const struct {
        size_t size;
        uint64_t offset;
        const char *want;
    } cases[] = {
        {8, 4, "file ends at byte 10: expected 8 bytes from byte 4"},
        {1, 10, "file ends at byte 10: expected 1 bytes from byte 10"},
        {0, 11, "file ends at byte 10: expected 0 bytes from byte 11"},
        {1, UINT64_MAX, "file ends at byte 10: expected 1 bytes from byte 18446744073709551615"},
        {SIZE_MAX, 1, "file ends at byte 10: expected 18446744073709551615 bytes from byte 1"},
    };
    File file;
    assert_true(file_open(&file, path, NULL));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Error err = {0};
        char out[16];
        assert_false(file_read_at(&file, out, cases[i].size, cases[i].offset, &err));
        check_error(&err, ERROR_MALFORMED, cases[i].want);
    }
    /* Cut while it is open. */
    Error err = {0};
    char out[16];
    assert_int_equal(truncate(path, 6), 0);
    assert_false(file_read_at(&file, out, 4, 4, &err));
    check_error(&err, ERROR_MALFORMED, "file ends at byte 6: expected 4 bytes from byte 4");
    error_clear(&err);
    assert_false(file_unchanged(&file, &err));
    check_error(&err, ERROR_IO, "changed on disk while it was read: expected 10 bytes, found 6");
    file_close(&file);
}

static void places_beyond_four_gigabytes_are_reached(void **state)
{
    (void)state;
    const char *path = check_path(check_temp_dir(), "sparse");
    const off_t far = (off_t)5 << 30;
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    if (pwrite(fd, "here", 4, far) != 4) {
        print_message("SKIPPED: needs a folder for temporary files that takes sparse files\n");
        close(fd);
        skip();
    }
    close(fd);
    File file;
    Error err = {0};
    char out[5] = "";
    assert_true(file_open(&file, path, &err));
    assert_true(file_read_at(&file, out, 4, (uint64_t)far, &err));
    assert_string_equal(out, "here");
    file_close(&file);
    Buf buf;
    buf_init(&buf, BUF_NO_LIMIT);
    assert_false(file_read_all(path, 1000, &buf, NULL, &err));
    check_error(&err, ERROR_LIMIT,
                "file is too large: expected at most 1000 bytes, found 5368709124");
    assert_null(buf.data); /* no memory was asked for */
    buf_free(&buf);
}

static void what_is_no_file_is_refused_by_its_kind(void **state)
{
    (void)state;
    const char *dir = check_temp_dir(), *pipe_path = check_path(dir, "pipe"),
               *socket_path = check_path(dir, "s");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", socket_path);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    const struct {
        const char *path, *want;
    } cases[] = {
        {dir, "expected a file, found a directory"},
        {pipe_path, "expected a file, found a named pipe"},
        {socket_path, "expected a file, found a socket"},
        {"/dev/null", "expected a file, found a device"},
        {check_path(dir, "missing"),
         "cannot be opened: expected a readable file, found \"No such file or directory\""},
        {"", "cannot be opened: expected a readable file, found \"No such file or directory\""},
        {check_path(dir, "pipe/below"),
         "cannot be opened: expected a readable file, found \"Not a directory\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        File file;
        Buf buf;
        Error err = {0}, all = {0};
        buf_init(&buf, BUF_NO_LIMIT);
        assert_false(file_open(&file, cases[i].path, &err));
        check_error(&err, ERROR_IO, cases[i].want);
        assert_int_equal(file.fd, -1);
        assert_false(file_read_all(cases[i].path, 100, &buf, NULL, &all));
        check_error(&all, ERROR_IO, cases[i].want);
        buf_free(&buf);
    }
    close(fd);
}

static void a_whole_file_is_appended(void **state)
{
    (void)state;
    const char *dir = check_temp_dir(), *path = check_path(dir, "f");
    /* Sizes on both sides of the steps in which it is read. */
    static const size_t sizes[] = {0, 1, 16383, 16384, 16385, 100000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        Buf want, got;
        FileStamp stamp, now;
        Error err = {0};
        buf_init(&want, BUF_NO_LIMIT);
        buf_init(&got, BUF_NO_LIMIT);
        for (size_t k = 0; k < sizes[i]; k++)
            buf_byte(&want, (char)(k * 7 + k / 256));
        assert_true(file_write_atomic(path, want.data, want.size, &err));
        assert_true(buf_text(&got, "before "));
        assert_true(file_read_all(path, sizes[i], &got, &stamp, &err));
        assert_int_equal(got.size, sizes[i] + 7);
        assert_memory_equal(got.data, "before ", 7);
        if (sizes[i] > 0) {
            assert_memory_equal(got.data + 7, want.data, sizes[i]);
            assert_false(file_read_all(path, sizes[i] - 1, &got, NULL, &err));
            assert_int_equal(err.kind, ERROR_LIMIT);
            assert_int_equal(got.size, sizes[i] + 7); /* as before */
        }
        assert_true(file_stamp(path, &now));
        assert_true(file_stamp_equal(&stamp, &now));
        buf_free(&want);
        buf_free(&got);
    }
}

static void content_in_pieces_replaces_the_file_at_the_end(void **state)
{
    (void)state;
    const char *dir = check_temp_dir(), *path = check_path(dir, "pieces");
    for (int keep = 0; keep < 2; keep++) {
        Error err = {0};
        Buf got;
        DirList list;
        assert_true(file_write_atomic(path, "old", 3, &err));
        FileWrite *w = file_write_begin(path, &err);
        assert_non_null(w);
        assert_true(file_write_some(w, "new ", 4, &err) && file_write_some(w, "words", 5, &err));
        buf_init(&got, BUF_NO_LIMIT);
        assert_true(file_read_all(path, 100, &got, NULL, &err));
        assert_int_equal(got.size, 3);
        buf_clear(&got);
        if (keep)
            assert_true(file_write_end(w, &err));
        else
            file_write_drop(w);
        assert_true(file_read_all(path, 100, &got, NULL, &err));
        assert_int_equal(got.size, keep ? 9 : 3);
        assert_memory_equal(got.data, keep ? "new words" : "old", got.size);
        assert_true(dir_list(&list, dir, true, &err)); /* nothing else is left */
        for (size_t i = 0; i < list.count; i++)
            assert_null(strstr(list.items[i].name, "pieces.attnscope"));
        dir_list_free(&list);
        buf_free(&got);
    }
}

static void a_read_that_is_cancelled_leaves_what_was_there(void **state)
{
    (void)state;
    const char *path = check_path(check_temp_dir(), "f");
    atomic_bool cancel = true;
    Error err = {0};
    Buf out;
    check_put(path, "content");
    buf_init(&out, BUF_NO_LIMIT);
    buf_text(&out, "before");
    assert_false(file_read_until(path, 100, &cancel, &out, NULL, &err));
    assert_int_equal(err.kind, ERROR_CANCELLED);
    assert_string_equal(buf_string(&out), "before");
    atomic_store(&cancel, false);
    assert_true(file_read_until(path, 100, &cancel, &out, NULL, NULL));
    assert_string_equal(buf_string(&out), "beforecontent");
    buf_free(&out);
}

static void files_that_hide_their_size_are_read_too(void **state)
{
    (void)state;
    Buf buf;
    Error err = {0};
    struct stat st;
    if (stat("/proc/self/smaps", &st) != 0) {
        print_message("SKIPPED: needs /proc/self/smaps\n");
        skip();
    }
    buf_init(&buf, BUF_NO_LIMIT);
    assert_true(file_read_all("/proc/self/smaps", 1 << 24, &buf, NULL, &err));
    assert_true(buf.size > 1000);
    assert_int_equal(buf.data[buf.size - 1], '\n');
    buf_clear(&buf);
    assert_false(file_read_all("/proc/self/smaps", 100, &buf, NULL, &err));
    assert_int_equal(err.kind, ERROR_LIMIT);
    assert_int_equal(buf.size, 0);
    buf_free(&buf);
}

static void the_limit_of_the_buffer_counts_too(void **state)
{
    (void)state;
    const char *path = check_path(check_temp_dir(), "f");
    check_put(path, "0123456789");
    Buf buf;
    Error err = {0};
    buf_init(&buf, 5);
    assert_false(file_read_all(path, 100, &buf, NULL, &err));
    check_error(&err, ERROR_LIMIT, "text is too long: expected at most 5 bytes, found more");
    buf_free(&buf);
    error_clear(&err);
    buf_init(&buf, 100);
    mem_fail_at(1, true);
    assert_false(file_read_all(path, 100, &buf, NULL, &err));
    mem_fail_at(0, false);
    check_error(&err, ERROR_LIMIT, "out of memory");
    buf_free(&buf);
}

static void stamps_tell_every_change(void **state)
{
    (void)state;
    const char *dir = check_temp_dir(), *path = check_path(dir, "f");
    FileStamp none, other, first, second;
    assert_false(file_stamp(path, &none));
    assert_false(none.present);
    assert_false(file_stamp(check_path(dir, "g"), &other));
    assert_true(file_stamp_equal(&none, &other));
    check_put(path, "abc");
    assert_true(file_stamp(path, &first));
    assert_false(file_stamp_equal(&none, &first));
    assert_true(file_stamp(path, &second));
    assert_true(file_stamp_equal(&first, &second));
    check_put(path, "abd"); /* same size, another inode */
    assert_true(file_stamp(path, &second));
    assert_false(file_stamp_equal(&first, &second));
    second = first;
    second.mtime_ns++;
    assert_false(file_stamp_equal(&first, &second));
    second = first;
    second.size++;
    assert_false(file_stamp_equal(&first, &second));
}

static void an_open_file_notices_that_it_grew(void **state)
{
    (void)state;
    const char *path = check_path(check_temp_dir(), "f");
    check_put(path, "abc");
    File file;
    Error err = {0};
    assert_true(file_open(&file, path, &err));
    int fd = open(path, O_WRONLY | O_APPEND);
    assert_int_equal(write(fd, "d", 1), 1);
    close(fd);
    assert_false(file_unchanged(&file, &err));
    check_error(&err, ERROR_IO, "changed on disk while it was read: expected 3 bytes, found 4");
    file_close(&file);
}

static void a_system_that_cannot_read_is_told(void **state)
{
    (void)state;
    /* A folder and a closed file behind an open one, as after a fault of the system. */
    char out[4];
    File broken = {.fd = open("/", O_RDONLY | O_DIRECTORY), .stamp = {.size = 100}};
    Error err = {0};
    assert_false(file_read_at(&broken, out, 4, 0, &err));
    check_error(&err, ERROR_IO, "cannot be read: expected its bytes, found \"Is a directory\"");
    file_close(&broken);
    error_clear(&err);
    assert_false(file_unchanged(&broken, &err));
    check_error(&err, ERROR_IO,
                "cannot be read: expected its bytes, found \"Bad file descriptor\"");

    struct stat st;
    if (stat("/proc/self/mem", &st) != 0) {
        print_message("SKIPPED: needs /proc/self/mem\n");
        skip();
    }
    Buf buf;
    buf_init(&buf, BUF_NO_LIMIT);
    error_clear(&err);
    assert_false(file_read_all("/proc/self/mem", 100000, &buf, NULL, &err));
    check_error(&err, ERROR_IO, "cannot be read: expected its bytes, found \"Input/output error\"");
    buf_free(&buf);
}

static void one_file_is_known_by_all_its_names(void **state)
{
    (void)state;
    const char *dir = check_temp_dir(), *file = check_path(dir, "one"),
               *link = check_path(dir, "link");
    check_put(file, "x");
    check_put(check_path(dir, "two"), "x");
    assert_int_equal(symlink(file, link), 0);
    assert_true(file_same(file, link));
    assert_true(file_same(file, check_path(dir, "./one")));
    assert_false(file_same(file, check_path(dir, "two")));
    assert_false(file_same(file, check_path(dir, "none")));
    assert_false(file_same(check_path(dir, "none"), check_path(dir, "none")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_file_is_known_by_all_its_names),
        cmocka_unit_test(a_file_is_read_at_any_place),
        cmocka_unit_test(reading_behind_the_end_tells_where_it_is),
        cmocka_unit_test(places_beyond_four_gigabytes_are_reached),
        cmocka_unit_test(what_is_no_file_is_refused_by_its_kind),
        cmocka_unit_test(a_whole_file_is_appended),
        cmocka_unit_test(a_read_that_is_cancelled_leaves_what_was_there),
        cmocka_unit_test(files_that_hide_their_size_are_read_too),
        cmocka_unit_test(the_limit_of_the_buffer_counts_too),
        cmocka_unit_test(content_in_pieces_replaces_the_file_at_the_end),
        cmocka_unit_test(stamps_tell_every_change),
        cmocka_unit_test(an_open_file_notices_that_it_grew),
        cmocka_unit_test(a_system_that_cannot_read_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
