/* Atomic writing (file_write_atomic of src/base/file.c) and what it does about faults. */
#include "base/file.h"
#include "base/mem.h"
#include "support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Faults. This program's own definitions stand before those of the C library: the n-th call of one
 * kind fails with the given errno. */
typedef enum { CALL_NONE, CALL_WRITE, CALL_FSYNC, CALL_CLOSE, CALL_RENAME, CALL_FCHMOD } Call;

static struct {
    Call call;
    int nth, why, seen;
    bool short_writes;
} fault;

static bool fault_now(Call call)
{
    if (fault.call != call || ++fault.seen != fault.nth)
        return false;
    errno = fault.why;
    return true;
}

ssize_t write(int fd, const void *data, size_t size)
{
    if (fault_now(CALL_WRITE))
        return -1;
    return syscall(SYS_write, fd, data, fault.short_writes && size > 3 ? 3 : size);
}

int fsync(int fd)
{
    return fault_now(CALL_FSYNC) ? -1 : (int)syscall(SYS_fsync, fd);
}

int close(int fd)
{
    int done = (int)syscall(SYS_close, fd); /* a close that fails has closed all the same */
    return fault_now(CALL_CLOSE) ? -1 : done;
}

int rename(const char *from, const char *to)
{
    return fault_now(CALL_RENAME) ? -1 : (int)syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to);
}

int fchmod(int fd, mode_t mode)
{
    return fault_now(CALL_FCHMOD) ? -1 : (int)syscall(SYS_fchmod, fd, mode);
}

static size_t entries(const char *dir)
{
    DirList list;
    assert_true(dir_list(&list, dir, true, NULL));
    size_t count = list.count;
    dir_list_free(&list);
    return count;
}

static int mode_of(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return (int)(st.st_mode & 07777);
}

static void writing_replaces_the_whole_content(void **state)
{
    (void)state;
    const char *dir = check_temp_dir(), *path = check_path(dir, "f");
    check_put(path, "a long first content");
    check_put(path, "short");
    check_content(path, "short");
    check_put(path, "");
    check_content(path, "");
    assert_true(file_write_atomic(path, NULL, 0, NULL));
    assert_int_equal(entries(dir), 1);
}

static void the_mode_is_kept_or_follows_the_umask(void **state)
{
    (void)state;
    const char *dir = check_temp_dir(), *path = check_path(dir, "f");
    mode_t before = umask(027);
    check_put(path, "new");
    assert_int_equal(mode_of(path), 0640);
    static const mode_t modes[] = {0600, 0644, 0664, 0755, 0200 | 0444};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        assert_int_equal(chmod(path, modes[i]), 0);
        check_put(path, "again");
        assert_int_equal(mode_of(path), modes[i]);
    }
    umask(before);
}

static void the_owner_is_kept(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        print_message("SKIPPED: needs the rights of root\n");
        skip();
    }
    const char *path = check_path(check_temp_dir(), "f");
    struct stat st;
    check_put(path, "old");
    assert_int_equal(chown(path, 12345, 54321), 0);
    assert_int_equal(chmod(path, 0640), 0);
    check_put(path, "new");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_uid, 12345);
    assert_int_equal(st.st_gid, 54321);
    assert_int_equal(st.st_mode & 07777, 0640);
}

static void links_are_followed_and_stay_links(void **state)
{
    (void)state;
    const char *dir = check_temp_dir();
    struct stat st;
    assert_true(file_make_dirs(check_path(dir, "real"), NULL));
    check_put(check_path(dir, "real/file"), "old");
    assert_int_equal(symlink("real/file", check_path(dir, "relative")), 0);
    assert_int_equal(symlink(check_path(dir, "relative"), check_path(dir, "absolute")), 0);
    assert_int_equal(symlink("real/new", check_path(dir, "dangling")), 0);
    assert_int_equal(symlink("real", check_path(dir, "folder")), 0);
    check_put(check_path(dir, "absolute"), "one");
    check_content(check_path(dir, "real/file"), "one");
    check_put(check_path(dir, "folder/file"), "two");
    check_content(check_path(dir, "real/file"), "two");
    check_put(check_path(dir, "dangling"), "three");
    check_content(check_path(dir, "real/new"), "three");
    static const char *const links[] = {"relative", "absolute", "dangling", "folder"};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(lstat(check_path(dir, links[i]), &st), 0);
        assert_true(S_ISLNK(st.st_mode));
    }
    assert_int_equal(entries(check_path(dir, "real")), 2);

    Error err = {0};
    assert_int_equal(symlink("loop", check_path(dir, "loop")), 0);
    assert_false(file_write_atomic(check_path(dir, "loop"), "x", 1, &err));
    check_error(&err, ERROR_IO,
                "cannot be written: expected a writable place, found \"Too many levels of symbolic "
                "links\"");
}

static void targets_that_are_no_files_are_refused(void **state)
{
    (void)state;
    const char *dir = check_temp_dir();
    Error err = {0};
    assert_int_equal(mkfifo(check_path(dir, "pipe"), 0600), 0);
    assert_false(file_write_atomic(dir, "x", 1, &err));
    check_error(&err, ERROR_IO, "cannot be written: expected a file, found a directory");
    error_clear(&err);
    assert_false(file_write_atomic(check_path(dir, "pipe"), "x", 1, &err));
    check_error(&err, ERROR_IO, "cannot be written: expected a file, found a named pipe");
    error_clear(&err);
    assert_false(file_write_atomic("/dev/full", "x", 1, &err));
    check_error(&err, ERROR_IO, "cannot be written: expected a file, found a device");
    error_clear(&err);
    assert_false(file_write_atomic(check_path(dir, "no/such/folder"), "x", 1, &err));
    check_error(
        &err, ERROR_IO,
        "cannot be written: expected a writable place, found \"No such file or directory\"");
    error_clear(&err);
    assert_false(file_write_atomic("", "x", 1, &err));
    assert_int_equal(err.kind, ERROR_IO);
    assert_int_equal(entries(dir), 0); /* the pipe is not listed */
}

static void what_may_not_be_written_is_refused(void **state)
{
    (void)state;
    if (geteuid() == 0) {
        /* Another user's rights in a child, so that the test runs as root too. */
        const char *dir = check_temp_dir();
        check_put(check_path(dir, "f"), "old");
        assert_int_equal(chmod(check_path(dir, "f"), 0444), 0);
        assert_int_equal(chmod(dir, 0777), 0);
        pid_t child = fork();
        if (child == 0) {
            Error err = {0};
            bool refused = setuid(65534) == 0 &&
                           !file_write_atomic(check_path(dir, "f"), "x", 1, &err) &&
                           strstr(err.what, "found \"Permission denied\"") && entries(dir) == 1;
            _exit(refused ? 0 : 1);
        }
        int status = -1;
        waitpid(child, &status, 0);
        assert_int_equal(status, 0);
        check_content(check_path(dir, "f"), "old");
        return;
    }
    const char *dir = check_temp_dir();
    Error err = {0};
    check_put(check_path(dir, "f"), "old");
    assert_int_equal(chmod(check_path(dir, "f"), 0444), 0);
    assert_false(file_write_atomic(check_path(dir, "f"), "x", 1, &err));
    assert_non_null(strstr(err.what, "found \"Permission denied\""));
    check_content(check_path(dir, "f"), "old");
}

static void names_of_every_length_are_written(void **state)
{
    (void)state;
    const char *dir = check_temp_dir();
    for (int length = 190; length <= NAME_MAX; length++) {
        char name[NAME_MAX + 2] = "";
        while ((int)strlen(name) + 2 <= length)
            strncat(name, "ä", 3);
        check_put(check_path(dir, name), "x");
        check_content(check_path(dir, name), "x");
        assert_int_equal(unlink(check_path(dir, name)), 0);
    }
    assert_int_equal(entries(dir), 0);
}

static void any_fault_keeps_the_old_file_and_leaves_nothing(void **state)
{
    (void)state;
    static const struct {
        Call call;
        int nth, why;
    } cases[] = {
        {CALL_WRITE, 1, ENOSPC}, {CALL_WRITE, 2, EIO},    {CALL_WRITE, 1, EDQUOT},
        {CALL_FCHMOD, 1, EPERM}, {CALL_FSYNC, 1, EIO},    {CALL_FSYNC, 1, ENOSPC},
        {CALL_CLOSE, 1, EIO},    {CALL_RENAME, 1, EROFS}, {CALL_RENAME, 1, EACCES},
    };
    const char *dir = check_temp_dir(), *path = check_path(dir, "f");
    for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
        size_t k = i / 2;
        bool fresh = i % 2; /* nothing stood there before */
        char want[PATH_MAX + 64];
        Error err = {0};
        if (fresh)
            unlink(path);
        else
            check_put(path, "old content");
        memset(&fault, 0, sizeof fault);
        fault.short_writes = cases[k].call == CALL_WRITE;
        fault.nth = cases[k].nth;
        fault.why = cases[k].why;
        fault.call = cases[k].call;
        bool ok = file_write_atomic(path, "new content", 11, &err);
        memset(&fault, 0, sizeof fault);
        if (fresh && cases[k].call == CALL_FCHMOD) {
            assert_true(ok); /* a new file needs no mode */
            continue;
        }
        assert_false(ok);
        snprintf(want, sizeof want, "cannot be written: expected a writable place, found \"%s\"",
                 strerror(cases[k].why));
        check_error(&err, ERROR_IO, want);
        assert_int_equal(entries(dir), fresh ? 0 : 1);
        if (!fresh)
            check_content(path, "old content");
    }
}

static void a_folder_that_cannot_be_synced_is_told(void **state)
{
    (void)state;
    const char *dir = check_temp_dir(), *path = check_path(dir, "f");
    static const int reasons[] = {EIO, EINVAL};
    for (size_t i = 0; i < 2; i++) {
        Error err = {0};
        memset(&fault, 0, sizeof fault);
        fault.nth = 2;
        fault.why = reasons[i];
        fault.call = CALL_FSYNC;
        bool ok = file_write_atomic(path, "new", 3, &err);
        memset(&fault, 0, sizeof fault);
        assert_int_equal(ok, reasons[i] == EINVAL); /* some file systems know no such thing */
        assert_true(ok || strstr(err.what, "may be lost: expected it on the disk"));
        check_content(path, "new");
        assert_int_equal(entries(dir), 1);
    }
}

static void interrupted_and_short_writes_go_on(void **state)
{
    (void)state;
    const char *path = check_path(check_temp_dir(), "f");
    for (int nth = 1; nth <= 4; nth++) {
        memset(&fault, 0, sizeof fault);
        fault.short_writes = true;
        fault.nth = nth;
        fault.why = EINTR;
        fault.call = CALL_WRITE;
        bool ok = file_write_atomic(path, "0123456789", 10, NULL);
        memset(&fault, 0, sizeof fault);
        assert_true(ok);
        check_content(path, "0123456789");
    }
}

static void a_full_disk_keeps_the_old_file(void **state)
{
    (void)state;
    const char *dir = check_temp_dir(), *path = check_path(dir, "f");
    static char large[100000];
    struct rlimit before, small = {4096, 4096};
    Error err = {0};
    check_put(path, "old");
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small.rlim_max = before.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    bool ok = file_write_atomic(path, large, sizeof large, &err);
    setrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, SIG_DFL);
    assert_false(ok);
    assert_non_null(strstr(err.what, "found \"File too large\""));
    check_content(path, "old");
    assert_int_equal(entries(dir), 1);
}

static void a_killed_writer_leaves_old_or_new(void **state)
{
    (void)state;
    enum { SIZE = 200000, KILLS = 25 };
    static char content[2][SIZE + 1];
    const char *dir = check_temp_dir(), *path = check_path(dir, "f");
    memset(content[0], 'a', SIZE);
    memset(content[1], 'b', SIZE);
    check_put(path, content[0]);
    for (int i = 0; i < KILLS; i++) {
        pid_t child = fork();
        if (child == 0)
            for (int k = 0;; k++)
                file_write_atomic(path, content[k % 2], SIZE, NULL);
        usleep((useconds_t)(500 + i * 173));
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        char *text = check_read(path, NULL);
        assert_true(strcmp(text, content[0]) == 0 || strcmp(text, content[1]) == 0);
        mem_free(text);
    }
    file_sweep(dir); /* the writers are dead: what they left goes */
    assert_int_equal(entries(dir), 1);
}

static void only_leftovers_of_dead_writers_are_swept(void **state)
{
    (void)state;
    static const char *const others[] = {"f",
                                         ".f.attnscope-12-0.tm",
                                         ".f.attnscope-12-0.tmp2",
                                         ".f.attnscope--1-0.tmp",
                                         ".f.attnscope-0-0.tmp",
                                         ".f.attnscope-x-0.tmp",
                                         ".f.attnscope-12.tmp",
                                         "f.attnscope-12-0.tmp",
                                         ".attnscope-12"};
    const char *dir = check_temp_dir();
    char name[100];
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    waitpid(child, NULL, 0); /* now this number belongs to nobody */
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        check_put(check_path(dir, others[i]), "x");
    snprintf(name, sizeof name, ".f.attnscope-%ld-0.tmp", (long)getpid());
    check_put(check_path(dir, name), "x");
    size_t before = entries(dir);
    assert_int_equal(file_sweep(dir), 0);
    snprintf(name, sizeof name, ".f.attnscope-%ld-0.tmp", (long)child);
    check_put(check_path(dir, name), "x");
    snprintf(name, sizeof name, ".g.attnscope-1-0.tmp.attnscope-%ld-99.tmp", (long)child);
    check_put(check_path(dir, name), "x");
    assert_int_equal(file_sweep(dir), 2);
    assert_int_equal(entries(dir), before);
    assert_int_equal(file_sweep(check_path(dir, "missing")), 0);
}

/* The mark is of a process: one that dies holds nothing. */
static void only_one_process_holds_a_lock(void **state)
{
    (void)state;
    const char *path = check_path(check_temp_dir(), "lock");
    int fd, other, ends[2], status = 0;
    char byte;
    assert_int_equal(file_lock(path, &fd), FILE_LOCK_OURS);
    assert_int_equal(file_lock(path, &other), FILE_LOCK_THEIRS);
    assert_int_equal(other, -1);
    close(fd);
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        byte = file_lock(path, &fd) == FILE_LOCK_OURS ? 'y' : 'n';
        status = write(ends[1], &byte, 1) == 1 ? 0 : 1;
        pause();
        _exit(status);
    }
    assert_int_equal(read(ends[0], &byte, 1), 1);
    assert_int_equal(byte, 'y');
    assert_int_equal(file_lock(path, &fd), FILE_LOCK_THEIRS);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    assert_int_equal(file_lock(path, &fd), FILE_LOCK_OURS);
    close(fd);
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(file_lock("/dev/null/lock", &fd), FILE_LOCK_NONE);
    assert_int_equal(fd, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writing_replaces_the_whole_content),
        cmocka_unit_test(the_mode_is_kept_or_follows_the_umask),
        cmocka_unit_test(the_owner_is_kept),
        cmocka_unit_test(links_are_followed_and_stay_links),
        cmocka_unit_test(targets_that_are_no_files_are_refused),
        cmocka_unit_test(what_may_not_be_written_is_refused),
        cmocka_unit_test(names_of_every_length_are_written),
        cmocka_unit_test(any_fault_keeps_the_old_file_and_leaves_nothing),
        cmocka_unit_test(a_folder_that_cannot_be_synced_is_told),
        cmocka_unit_test(interrupted_and_short_writes_go_on),
        cmocka_unit_test(a_full_disk_keeps_the_old_file),
        cmocka_unit_test(a_killed_writer_leaves_old_or_new),
        cmocka_unit_test(only_leftovers_of_dead_writers_are_swept),
        cmocka_unit_test(only_one_process_holds_a_lock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
