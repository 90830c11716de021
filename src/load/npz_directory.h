/* The directory at the end of a ZIP, read and held against the archive before anything of it is
 * used: two readers must never see two different archives in one file.
 */
#ifndef ATTNSCOPE_LOAD_NPZ_DIRECTORY_H
#define ATTNSCOPE_LOAD_NPZ_DIRECTORY_H

#include "load/load.h"

typedef struct {
    const char *name; /* valid UTF-8, below its folder; in the arena */
    uint64_t size, packed;
    uint64_t local, end; /* its header, and the byte behind its packed bytes */
    uint32_t crc;
    uint32_t index; /* in the order of the directory */
    uint16_t method, flags;
} ZipMember;

typedef struct {
    ZipMember *items; /* owned; in the order of the directory */
    int count;
} ZipDirectory;

/* ERROR_MALFORMED with an offset or `entry "a.npy"`; ERROR_LIMIT. */
bool zip_directory_read(ZipDirectory *out, const File *file, Arena *arena, const LoadLimits *limits,
                        Error *err);
void zip_directory_free(ZipDirectory *directory);

#endif
