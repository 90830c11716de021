/* Faults of the system while a file is written. The definitions of the including program stand
 * before those of the C library: the n-th call of one kind fails with the given errno.
 */
#ifndef ATTNSCOPE_TESTS_SUPPORT_WRITE_FAULTS_H
#define ATTNSCOPE_TESTS_SUPPORT_WRITE_FAULTS_H

#include "support/check.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef enum {
    FAULT_NONE,
    FAULT_OPEN, /* of the temporary file */
    FAULT_WRITE,
    FAULT_FCHMOD,
    FAULT_FSYNC,
    FAULT_CLOSE,
    FAULT_RENAME,
    FAULT_DIR_OPEN,
    FAULT_DIR_FSYNC,
    FAULT_COUNT
} FaultCall;

static struct {
    FaultCall call;
    int nth, why, seen;
    int short_writes;    /* at most so many bytes pass; 0: all */
    int dir;             /* the folder's descriptor */
    FaultCall order[32]; /* the calls that were made */
    int made;
} fault = {.dir = -1};

static bool fault_now(FaultCall call)
{
    if (fault.made < (int)(sizeof fault.order / sizeof *fault.order))
        fault.order[fault.made++] = call;
    if (fault.call != call || ++fault.seen != fault.nth)
        return false;
    errno = fault.why;
    return true;
}

int open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
    va_end(args);
    bool dir = (flags & O_DIRECTORY) != 0;
    if ((dir && fault_now(FAULT_DIR_OPEN)) || ((flags & O_EXCL) && fault_now(FAULT_OPEN)))
        return -1;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    fault.dir = dir ? fd : fault.dir;
    return fd;
}

ssize_t write(int fd, const void *data, size_t size)
{
    if (fault_now(FAULT_WRITE))
        return -1;
    size_t most = fault.short_writes ? (size_t)fault.short_writes : size;
    return syscall(SYS_write, fd, data, size < most ? size : most);
}

/* Nothing has to reach the disk for a test, and that takes most of the time. */
int fsync(int fd)
{
    return fault_now(fd == fault.dir ? FAULT_DIR_FSYNC : FAULT_FSYNC) ? -1 : 0;
}

int close(int fd)
{
    bool dir = fd == fault.dir;
    int done = (int)syscall(SYS_close, fd); /* a close that fails has closed all the same */
    fault.dir = dir ? -1 : fault.dir;
    return !dir && fault_now(FAULT_CLOSE) ? -1 : done;
}

int rename(const char *from, const char *to)
{
    return fault_now(FAULT_RENAME) ? -1 : (int)syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to);
}

int fchmod(int fd, mode_t mode)
{
    return fault_now(FAULT_FCHMOD) ? -1 : (int)syscall(SYS_fchmod, fd, mode);
}

/* The n-th call from now on. */
static inline void fault_set(FaultCall call, int nth, int why, int short_writes)
{
    memset(&fault, 0, sizeof fault);
    fault.dir = -1;
    fault.nth = nth;
    fault.why = why;
    fault.short_writes = short_writes;
    fault.call = call;
}

/* True: the call was made. */
static inline bool fault_end(void)
{
    bool met = fault.seen >= fault.nth && fault.call != FAULT_NONE;
    fault_set(FAULT_NONE, 0, 0, 0);
    return met;
}

/* Is this what a well-behaved writer gets over? An interrupted call is made again where that is
 * harmless; a folder that may be written but not read cannot be synced, nor can some file systems'.
 */
static inline bool fault_is_harmless(FaultCall call, int why)
{
    if (why == EINTR)
        return call == FAULT_OPEN || call == FAULT_WRITE || call == FAULT_CLOSE ||
               call == FAULT_DIR_OPEN;
    return call == FAULT_DIR_OPEN && why == EACCES;
}

static inline size_t fault_entries(const char *dir)
{
    DirList list;
    assert_true(dir_list(&list, dir, true, NULL));
    size_t count = list.count;
    dir_list_free(&list);
    return count;
}

static const int FAULT_REASONS[] = {ENOSPC, EIO, EROFS, EACCES, EDQUOT, EINTR};
enum { FAULT_REASON_COUNT = sizeof FAULT_REASONS / sizeof *FAULT_REASONS };

#endif
