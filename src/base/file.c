#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_STEP = 1 << 30, LINKS_MOST = 40, TEMP_TRIES = 100 };

/* The system's sentence for errno, never translated, from any thread. */
static const char *file_reason(int number)
{
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (c_locale == (locale_t)0)
        return "unknown reason";
    const char *reason = strerror_l(number, c_locale);
    freelocale(c_locale);
    return reason;
}

static const char *file_kind(mode_t mode)
{
    return S_ISDIR(mode)                    ? "a directory"
           : S_ISFIFO(mode)                 ? "a named pipe"
           : S_ISSOCK(mode)                 ? "a socket"
           : S_ISCHR(mode) || S_ISBLK(mode) ? "a device"
                                            : "no regular file";
}

static FileStamp stamp_of(const struct stat *st)
{
    return (FileStamp){.size = (uint64_t)st->st_size,
                       .inode = (uint64_t)st->st_ino,
                       .device = (uint64_t)st->st_dev,
                       .mtime_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec,
                       .present = true};
}

bool file_stamp(const char *path, FileStamp *out)
{
    struct stat st;
    *out = (FileStamp){0};
    if (stat(path, &st) != 0)
        return false;
    *out = stamp_of(&st);
    return true;
}

bool file_same(const char *a, const char *b)
{
    FileStamp x, y;
    return file_stamp(a, &x) && file_stamp(b, &y) && x.inode == y.inode && x.device == y.device;
}

bool file_stamp_equal(const FileStamp *a, const FileStamp *b)
{
    if (!a->present || !b->present)
        return a->present == b->present;
    return a->size == b->size && a->inode == b->inode && a->device == b->device &&
           a->mtime_ns == b->mtime_ns;
}

static int open_again(const char *path, int flags, mode_t mode)
{
    int fd;
    do
        fd = open(path, flags, mode);
    while (fd < 0 && errno == EINTR);
    return fd;
}

bool file_open(File *file, const char *path, Error *err)
{
    struct stat st;
    file->fd = -1;
    file->stamp = (FileStamp){0};
    /* Looked at before it is opened: opening a device may already do something. O_NONBLOCK and the
     * second look are for the one that takes its place in between. */
    if (stat(path, &st) != 0)
        return error_set(err, ERROR_IO, "cannot be opened: expected a readable file, found \"%s\"",
                         file_reason(errno));
    if (!S_ISREG(st.st_mode))
        return error_set(err, ERROR_IO, "expected a file, found %s", file_kind(st.st_mode));
    int fd = open_again(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0);
    if (fd < 0)
        return error_set(err, ERROR_IO, "cannot be opened: expected a readable file, found \"%s\"",
                         file_reason(errno));
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return error_set(err, ERROR_IO, "expected a file, found %s", file_kind(st.st_mode));
    }
    file->fd = fd;
    file->stamp = stamp_of(&st);
    return true;
}

void file_close(File *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

/* Reads until size bytes are there or the file ends; *got tells how many. False: errno says why. */
static bool read_fully(int fd, void *out, size_t size, uint64_t offset, size_t *got)
{
    *got = 0;
    while (*got < size) {
        size_t step = size - *got < READ_STEP ? size - *got : READ_STEP;
        ssize_t n = pread(fd, (char *)out + *got, step, (off_t)(offset + *got));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        if (n == 0)
            return true;
        *got += (size_t)n;
    }
    return true;
}

bool file_read_at(const File *file, void *out, size_t size, uint64_t offset, Error *err)
{
    size_t got = 0;
    uint64_t end = file->stamp.size;
    if (offset <= end && size <= end - offset) {
        if (!read_fully(file->fd, out, size, offset, &got))
            return error_set(err, ERROR_IO, "cannot be read: expected its bytes, found \"%s\"",
                             file_reason(errno));
        if (got == size)
            return true;
        end = offset + got;
    }
    return error_set(err, ERROR_MALFORMED,
                     "file ends at byte %llu: expected %zu bytes from byte %llu",
                     (unsigned long long)end, size, (unsigned long long)offset);
}

bool file_unchanged(const File *file, Error *err)
{
    struct stat st;
    if (fstat(file->fd, &st) != 0)
        return error_set(err, ERROR_IO, "cannot be read: expected its bytes, found \"%s\"",
                         file_reason(errno));
    FileStamp now = stamp_of(&st);
    if (file_stamp_equal(&now, &file->stamp))
        return true;
    return error_set(err, ERROR_IO,
                     "changed on disk while it was read: expected %llu bytes, found %llu",
                     (unsigned long long)file->stamp.size, (unsigned long long)now.size);
}

static bool error_too_large(Error *err, size_t limit, uint64_t found)
{
    return error_set(err, ERROR_LIMIT, "file is too large: expected at most %zu bytes, found %llu",
                     limit, (unsigned long long)found);
}

/* Up to the end of the file, wherever it is: files as in /proc do not tell their size. */
static bool file_append_all(const File *file, size_t limit, const atomic_bool *cancel, Buf *out,
                            Error *err)
{
    char step[16384];
    uint64_t told = file->stamp.size, total = 0;
    size_t got = 0;
    if (told > limit)
        return error_too_large(err, limit, told);
    if (!buf_reserve(out, (size_t)told))
        return buf_ok(out, err);
    do {
        if (cancel && atomic_load(cancel))
            return error_set(err, ERROR_CANCELLED, "cancelled");
        if (!read_fully(file->fd, step, sizeof step, total, &got))
            return error_set(err, ERROR_IO, "cannot be read: expected its bytes, found \"%s\"",
                             file_reason(errno));
        total += got;
        if (total > limit)
            return error_too_large(err, limit, total);
        if (!buf_append(out, step, got))
            return buf_ok(out, err);
    } while (got == sizeof step);
    if (told > 0 && total != told)
        return error_set(err, ERROR_IO,
                         "changed on disk while it was read: expected %llu bytes, found %llu",
                         (unsigned long long)told, (unsigned long long)total);
    return told == 0 || file_unchanged(file, err);
}

bool file_read_until(const char *path, size_t limit, const atomic_bool *cancel, Buf *out,
                     FileStamp *stamp, Error *err)
{
    File file;
    size_t start = out->size;
    if (!file_open(&file, path, err))
        return false;
    bool ok = file_append_all(&file, limit, cancel, out, err);
    file_close(&file);
    if (!ok && out->data) {
        out->size = start;
        out->data[start] = '\0';
    }
    if (ok && stamp)
        *stamp = file.stamp;
    return ok;
}

bool file_read_all(const char *path, size_t limit, Buf *out, FileStamp *stamp, Error *err)
{
    return file_read_until(path, limit, NULL, out, stamp, err);
}

/* One atomic write on its way. */
struct FileWrite {
    char target[PATH_MAX]; /* behind all symbolic links */
    char dir[PATH_MAX], temp[PATH_MAX];
    struct stat old;
    bool replaces; /* old is what stands there now */
    int fd;
};

/* The path that a write to `path` must end at. Links are followed by hand because the last one may
 * point to a file that is still to be made. False: errno. */
static bool write_resolve(FileWrite *w, const char *path)
{
    char link[PATH_MAX], joined[PATH_MAX];
    struct stat st;
    errno = ENAMETOOLONG;
    if (!path_join(w->target, sizeof w->target, "", path))
        return false;
    for (int i = 0; i < LINKS_MOST; i++) {
        if (lstat(w->target, &st) != 0)
            return errno == ENOENT;
        if (!S_ISLNK(st.st_mode))
            return true;
        ssize_t length = readlink(w->target, link, sizeof link - 1);
        if (length < 0)
            return false;
        link[length] = '\0';
        errno = ENAMETOOLONG;
        if (!path_dir(w->dir, sizeof w->dir, w->target) ||
            !path_join(joined, sizeof joined, w->dir, link))
            return false;
        memcpy(w->target, joined, strlen(joined) + 1);
    }
    errno = ELOOP;
    return false;
}

/* Makes the temporary file beside the target. False: errno. */
static bool write_create(FileWrite *w)
{
    const char *name = path_base(w->target);
    size_t room = NAME_MAX - 48, length = strlen(name); /* 48: what the pattern adds */
    int shown = (int)utf8_cut(name, length, room);
    errno = ENAMETOOLONG;
    for (int n = 0; n < TEMP_TRIES; n++) {
        char temp_name[NAME_MAX + 1];
        snprintf(temp_name, sizeof temp_name, ".%.*s.attnscope-%ld-%d.tmp", shown, name,
                 (long)getpid(), n);
        if (!path_join(w->temp, sizeof w->temp, w->dir, temp_name))
            return false;
        /* The mode of what it replaces comes at the end: until then nobody else may read it. */
        w->fd = open_again(w->temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                           w->replaces ? 0600 : 0666);
        if (w->fd >= 0)
            return true;
        w->temp[0] = '\0';
        if (errno != EEXIST)
            return false;
    }
    return false;
}

/* Owner, group and mode as they were. False: errno. */
static bool write_keep_mode(const FileWrite *w)
{
    struct stat st;
    mode_t mode = w->old.st_mode & 0777;
    if (!w->replaces)
        return true;
    if (fstat(w->fd, &st) != 0)
        return false;
    if (st.st_uid != w->old.st_uid && fchown(w->fd, w->old.st_uid, (gid_t)-1) != 0)
        return false;
    /* Where the group cannot be kept, another group must not gain what this one had. */
    if (st.st_gid != w->old.st_gid && fchown(w->fd, (uid_t)-1, w->old.st_gid) != 0)
        mode &= ~(mode_t)070 | (mode & 07) << 3;
    return fchmod(w->fd, mode) == 0;
}

/* False: errno. */
static bool write_bytes(FileWrite *w, const void *data, size_t size)
{
    for (size_t done = 0; done < size;) {
        size_t step = size - done < READ_STEP ? size - done : READ_STEP;
        ssize_t n = write(w->fd, (const char *)data + done, step);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        done += (size_t)n;
    }
    return true;
}

/* Safely on the disk, closed. False: errno. */
static bool write_close(FileWrite *w)
{
    if (!write_keep_mode(w) || fsync(w->fd) != 0)
        return false;
    int fd = w->fd;
    w->fd = -1;
    /* Some file systems tell only now that the disk is full. After EINTR it is closed anyway. */
    return close(fd) == 0 || errno == EINTR;
}

/* The new name itself must reach the disk too. Folders that cannot be synced say EINVAL. */
static bool write_sync_dir(const FileWrite *w)
{
    int fd = open_again(w->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    if (fd < 0)
        return errno == EACCES; /* a folder that may be written, but not read */
    bool ok = fsync(fd) == 0 || errno == EINVAL || errno == ENOTSUP;
    int why = errno;
    close(fd);
    errno = why;
    return ok;
}

static bool error_write(Error *err, int number)
{
    return error_set(err, ERROR_IO, "cannot be written: expected a writable place, found \"%s\"",
                     file_reason(number));
}

static bool write_open(FileWrite *w, const char *path, Error *err)
{
    if (!write_resolve(w, path) || !path_dir(w->dir, sizeof w->dir, w->target))
        return error_write(err, errno);
    w->replaces = stat(w->target, &w->old) == 0;
    if (w->replaces && !S_ISREG(w->old.st_mode))
        return error_set(err, ERROR_IO, "cannot be written: expected a file, found %s",
                         file_kind(w->old.st_mode));
    /* A rename would replace a read-only file without asking. */
    if ((w->replaces && access(w->target, W_OK) != 0) || !write_create(w))
        return error_write(err, errno);
    return true;
}

FileWrite *file_write_begin(const char *path, Error *err)
{
    FileWrite *w = mem_zero(1, sizeof *w); /* three long paths are too much for a small stack */
    if (!w) {
        error_memory(err);
        return NULL;
    }
    w->fd = -1;
    if (write_open(w, path, err))
        return w;
    file_write_drop(w);
    return NULL;
}

bool file_write_some(FileWrite *w, const void *data, size_t size, Error *err)
{
    return write_bytes(w, data, size) || error_write(err, errno);
}

bool file_write_end(FileWrite *w, Error *err)
{
    bool ok = (write_close(w) && rename(w->temp, w->target) == 0) || error_write(err, errno);
    if (ok) {
        w->temp[0] = '\0';
        ok = write_sync_dir(w) ||
             error_set(err, ERROR_IO, "may be lost: expected it on the disk, found \"%s\"",
                       file_reason(errno));
    }
    file_write_drop(w);
    return ok;
}

void file_write_drop(FileWrite *w)
{
    if (!w)
        return;
    if (w->fd >= 0)
        close(w->fd);
    if (w->temp[0])
        unlink(w->temp);
    mem_free(w);
}

bool file_write_atomic(const char *path, const void *data, size_t size, Error *err)
{
    FileWrite *w = file_write_begin(path, err);
    if (!w)
        return false;
    if (file_write_some(w, data, size, err))
        return file_write_end(w, err);
    file_write_drop(w);
    return false;
}

FileLock file_lock(const char *path, int *fd)
{
    *fd = open_again(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (*fd < 0)
        return FILE_LOCK_NONE;
    int failed;
    do
        failed = flock(*fd, LOCK_EX | LOCK_NB);
    while (failed && errno == EINTR);
    if (!failed)
        return FILE_LOCK_OURS;
    bool theirs = errno == EWOULDBLOCK;
    close(*fd);
    *fd = -1;
    return theirs ? FILE_LOCK_THEIRS : FILE_LOCK_NONE;
}
