/* What a file is, by its first bytes. */
#ifndef ATTNSCOPE_LOAD_SNIFF_H
#define ATTNSCOPE_LOAD_SNIFF_H

#include "base/file.h"

typedef enum {
    SNIFF_UNKNOWN,
    SNIFF_EMPTY,
    SNIFF_JSON,
    SNIFF_BRACKET, /* text that begins as JSON does, but does not go on as JSON can */
    SNIFF_NPY,
    SNIFF_SAFETENSORS,
    SNIFF_ZIP,
    SNIFF_TORCH_ZIP,
    SNIFF_PICKLE,
    SNIFF_PNG,
    SNIFF_JPEG,
    SNIFF_GIF,
    SNIFF_WEBP,
    SNIFF_TIFF,
    SNIFF_BMP,
    SNIFF_SVG,
    SNIFF_PDF,
    SNIFF_GZIP,
    SNIFF_HTML,
    SNIFF_XML,
    SNIFF_LFS,
    SNIFF_HDF5,
    SNIFF_GGUF,
    SNIFF_ELF,
    SNIFF_UTF16,
    SNIFF_COUNT
} Sniff;

#define SNIFF_BYTES 4096

/* size bytes (at most SNIFF_BYTES) from the start of a file of file_size bytes. */
Sniff sniff_bytes(const void *data, size_t size, uint64_t file_size);
/* Opens the file, reads at most SNIFF_BYTES. */
bool sniff_file(const char *path, Sniff *out, Error *err);
/* "a PNG picture", "an empty file"; "unknown content". */
const char *sniff_name(Sniff kind);
/* "named .npy, content is a ZIP archive (.npz)", where the name promises something else than
 * `found`, which is called `content`. False: it does not. */
bool sniff_misnamed(const char *path, Sniff found, const char *content, char *out, size_t cap);
/* `content: expected X, found Y`: Y is not opened; X is what the name of the file promises. Always
 * false. */
bool sniff_refuse(const char *path, Sniff found, Error *err);

#endif
