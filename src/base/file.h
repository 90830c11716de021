/* Files: opened safely, read with a limit by pread (never mapped), written atomically.
 */
#ifndef ATTNSCOPE_BASE_FILE_H
#define ATTNSCOPE_BASE_FILE_H

#include "base/buf.h"

#include <stdatomic.h>

/* What a file was when it was read; compared later to see whether it changed on disk. */
typedef struct {
    uint64_t size, inode, device;
    int64_t mtime_ns;
    bool present;
} FileStamp;

typedef struct {
    int fd; /* -1 when closed */
    FileStamp stamp;
} File;

/* Opens a regular file for reading. Directories, FIFOs, devices and sockets are refused by name;
 * ERROR_IO. */
bool file_open(File *file, const char *path, Error *err);
/* Reads exactly size bytes at offset, from any thread; a shorter file is ERROR_MALFORMED "file ends
 * at byte N". */
bool file_read_at(const File *file, void *out, size_t size, uint64_t offset, Error *err);
/* False + ERROR_IO when size, mtime or inode is no longer what file_open saw. */
bool file_unchanged(const File *file, Error *err);
void file_close(File *file);

/* The whole file appended to out. Over limit: ERROR_LIMIT naming both sizes. stamp may be NULL. */
bool file_read_all(const char *path, size_t limit, Buf *out, FileStamp *stamp, Error *err);
/* The same, which may take a while: ERROR_CANCELLED soon after *cancel (may be NULL) is true. */
bool file_read_until(const char *path, size_t limit, const atomic_bool *cancel, Buf *out,
                     FileStamp *stamp, Error *err);

/* Old content or new content, never a mixture: temporary file in the same folder, fsync, rename,
 * fsync of the folder. Symbolic links are followed, the mode of an existing file is kept. ERROR_IO;
 * the message names path and reason itself, so it is shown without a file before it. */
bool file_write_atomic(const char *path, const void *data, size_t size, Error *err);
/* The same for content that comes in pieces: one of _end and _drop follows, both free. NULL, false:
 * the error is as above; after a failed _some only _drop is left. */
typedef struct FileWrite FileWrite;
FileWrite *file_write_begin(const char *path, Error *err);
bool file_write_some(FileWrite *w, const void *data, size_t size, Error *err);
bool file_write_end(FileWrite *w, Error *err);
void file_write_drop(FileWrite *w); /* what was there stays; NULL is fine */
/* Removes the temporary files that writers which no longer run left in dir. Returns how many. */
int file_sweep(const char *dir);

/* Which process works with what the file stands for; asked once, the mark goes with the process,
 * however that ends, or with close(*fd). */
typedef enum {
    FILE_LOCK_NONE, /* it cannot be marked here: nobody knows */
    FILE_LOCK_OURS,
    FILE_LOCK_THEIRS
} FileLock;
FileLock file_lock(const char *path, int *fd); /* *fd: −1 unless it is ours; path is made */

/* false (present = false) when it is not there */
bool file_stamp(const char *path, FileStamp *out);
bool file_stamp_equal(const FileStamp *a, const FileStamp *b);
/* Both are there and are one file, by whatever names (links followed). */
bool file_same(const char *a, const char *b);
bool file_make_dirs(const char *path, Error *err); /* as mkdir -p */

/* Paths. All results are NUL-ended in out (cap bytes), false when they do not fit. */
bool path_join(char *out, size_t cap, const char *dir, const char *name); /* absolute name wins */
bool path_dir(char *out, size_t cap, const char *path); /* "." when there is none */
const char *path_base(const char *path);                /* lent: behind the last '/' */
/* Against the working folder; no link is resolved. */
bool path_absolute(char *out, size_t cap, const char *path);
/* True when `relative` names something below its folder: not absolute, no ".." part, no NUL, not
 * empty. */
bool path_stays_inside(const char *relative);

/* One folder's entries, folders first, then by name; hidden ones only if asked for. Only what can
 * be opened: folders and regular files, also behind links. Names are bytes as the system has them,
 * not always UTF-8. */
typedef struct {
    char *name; /* owned by the list */
    bool is_dir;
    uint64_t size;
    int64_t mtime_ns;
} DirEntry;
typedef struct {
    DirEntry *items;
    size_t count;
} DirList;
bool dir_list(DirList *out, const char *path, bool hidden, Error *err);
void dir_list_free(DirList *list);

#endif
