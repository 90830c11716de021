#include "load/sniff.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static const char *const NAMES[SNIFF_COUNT] = {
    [SNIFF_UNKNOWN] = "unknown content",
    [SNIFF_EMPTY] = "an empty file",
    [SNIFF_JSON] = "JSON text",
    [SNIFF_BRACKET] = "JSON text",
    [SNIFF_NPY] = "a NumPy array (.npy)",
    [SNIFF_SAFETENSORS] = "a safetensors file",
    [SNIFF_ZIP] = "a ZIP archive (.npz)",
    [SNIFF_TORCH_ZIP] = "a PyTorch checkpoint (pickle: never opened; convert it to safetensors)",
    [SNIFF_PICKLE] = "a Python pickle (never opened; convert it to safetensors)",
    [SNIFF_PNG] = "a PNG picture",
    [SNIFF_JPEG] = "a JPEG picture",
    [SNIFF_GIF] = "a GIF picture",
    [SNIFF_WEBP] = "a WebP picture",
    [SNIFF_TIFF] = "a TIFF picture",
    [SNIFF_BMP] = "a BMP picture",
    [SNIFF_SVG] = "an SVG picture",
    [SNIFF_PDF] = "a PDF document",
    [SNIFF_GZIP] = "gzip-compressed data (unpack it first)",
    [SNIFF_HTML] = "an HTML page",
    [SNIFF_XML] = "an XML file",
    [SNIFF_LFS] = "a git-LFS pointer (fetch the file itself with git lfs pull)",
    [SNIFF_HDF5] = "an HDF5 file",
    [SNIFF_GGUF] = "a GGUF model",
    [SNIFF_ELF] = "a program",
    [SNIFF_UTF16] = "UTF-16 or UTF-32 text",
};

const char *sniff_name(Sniff kind)
{
    return NAMES[kind];
}

/* Viewers save the inside of a page, too. */
static const char *const PAGES[] = {"<!doctype html", "<html",  "<head", "<body",
                                    "<script",        "<style", "<div",  "<!--"};

/* Case-blind, behind white space: how pages and drawings begin. */
static bool begins(const char *data, size_t size, const char *word)
{
    size_t length = strlen(word);
    return size >= length && strncasecmp(data, word, length) == 0;
}

static bool contains(const char *data, size_t size, const char *word)
{
    return memmem(data, size, word, strlen(word)) != NULL;
}

static Sniff sniff_magic(const char *d, size_t size)
{
    static const struct {
        const char *magic;
        size_t size;
        Sniff kind;
    } table[] = {
        {"\x93NUMPY", 6, SNIFF_NPY},
        {"\x89PNG\r\n\x1a\n", 8, SNIFF_PNG},
        {"\xFF\xD8\xFF", 3, SNIFF_JPEG},
        {"GIF8", 4, SNIFF_GIF},
        {"II*\0", 4, SNIFF_TIFF},
        {"MM\0*", 4, SNIFF_TIFF},
        {"%PDF-", 5, SNIFF_PDF},
        {"\x1f\x8b", 2, SNIFF_GZIP},
        {"\x89HDF\r\n\x1a\n", 8, SNIFF_HDF5},
        {"GGUF", 4, SNIFF_GGUF},
        {"\x7f"
         "ELF",
         4, SNIFF_ELF},
        {"PK\5\6", 4, SNIFF_ZIP},
        {"version https://git-lfs", 23, SNIFF_LFS},
        {"\xFF\xFE", 2, SNIFF_UTF16},
        {"\xFE\xFF", 2, SNIFF_UTF16},
        {"\0\0\xFE\xFF", 4, SNIFF_UTF16},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (size >= table[i].size && memcmp(d, table[i].magic, table[i].size) == 0)
            return table[i].kind;
    }
    if (size >= 4 && memcmp(d, "PK\3\4", 4) == 0)
        return contains(d, size, "data.pkl") ? SNIFF_TORCH_ZIP : SNIFF_ZIP;
    if (size >= 12 && memcmp(d, "RIFF", 4) == 0 && memcmp(d + 8, "WEBP", 4) == 0)
        return SNIFF_WEBP;
    if (size >= 2 && d[0] == '\x80' && d[1] >= 2 && d[1] <= 5)
        return SNIFF_PICKLE;
    if (size >= 14 && memcmp(d, "BM", 2) == 0 && memcmp(d + 6, "\0\0\0\0", 4) == 0)
        return SNIFF_BMP;
    return SNIFF_UNKNOWN;
}

/* A word that may stand for a value, or as much of it as is there. */
static bool is_word(const char *d, size_t size)
{
    static const char *const words[] = {"true", "false", "null", "NaN", "Infinity"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t length = strlen(words[i]);
        if (memcmp(d, words[i], length < size ? length : size) == 0)
            return true;
    }
    return false;
}

/* "[2020-01-31 10:00:00 INFO]" of a log, "[ applause ] ||| …": JSON has a value or a key there. */
static bool goes_on(const char *d, size_t size)
{
    size_t i = 1;
    while (i < size && strchr(" \t\r\n", d[i]) && d[i])
        i++;
    if (i == size)
        return true;
    if (d[0] == '{')
        return strchr("\"}", d[i]) && d[i];
    if (!strchr("-0123456789", d[i]) || !d[i])
        return (strchr("[]{\"", d[i]) && d[i]) || is_word(d + i, size - i);
    for (i++; i < size && d[i] >= '0' && d[i] <= '9';)
        i++;
    return i == size || (strchr(" \t\r\n,].eEIN", d[i]) && d[i]);
}

/* Text of two or four bytes a character without a mark: of the first ASCII characters every other
 * byte is 0, and always the same one. */
static bool is_wide(const char *d, size_t size)
{
    enum { LOOK = 64 };
    size_t zeros[2] = {0, 0}, pairs = (size < LOOK ? size : LOOK) / 2;
    for (size_t i = 0; i < 2 * pairs; i++) {
        bool text = (d[i] >= ' ' && d[i] <= '~') || (d[i] && strchr("\t\r\n", d[i]));
        if (d[i] != '\0' && !text)
            return false;
        zeros[i % 2] += d[i] == '\0';
    }
    return pairs >= 3 && zeros[0] != zeros[1] && (zeros[0] == pairs || zeros[1] == pairs);
}

Sniff sniff_bytes(const void *data, size_t size, uint64_t file_size)
{
    const char *d = data;
    if (file_size == 0 || size == 0)
        return SNIFF_EMPTY;
    if (size >= 9 && d[8] == '{') { /* first: a length may begin as a pickle does */
        uint64_t length = 0;
        for (int i = 0; i < 8; i++)
            length |= (uint64_t)(unsigned char)d[i] << (8 * i);
        if (length >= 2 && length <= 100000000)
            return SNIFF_SAFETENSORS;
    }
    Sniff kind = sniff_magic(d, size);
    if (kind != SNIFF_UNKNOWN)
        return kind;
    if (size >= 3 && memcmp(d, "\xEF\xBB\xBF", 3) == 0) {
        d += 3;
        size -= 3;
    }
    while (size > 0 && strchr(" \t\r\n", *d) && *d) {
        d++;
        size--;
    }
    if (size > 0 && (*d == '{' || *d == '['))
        return size > 1 && d[1] == '\0' ? SNIFF_UTF16
               : goes_on(d, size)       ? SNIFF_JSON
                                        : SNIFF_BRACKET;
    if (size > 1 && *d == '\0' && (d[1] == '{' || d[1] == '['))
        return SNIFF_UTF16;
    if (begins(d, size, "<svg") || (begins(d, size, "<?xml") && contains(d, size, "<svg")))
        return SNIFF_SVG;
    for (size_t i = 0; i < sizeof PAGES / sizeof *PAGES; i++) {
        if (begins(d, size, PAGES[i]))
            return SNIFF_HTML;
    }
    if (begins(d, size, "<?xml"))
        return SNIFF_XML;
    return is_wide(d, size) ? SNIFF_UTF16 : SNIFF_UNKNOWN;
}

bool sniff_file(const char *path, Sniff *out, Error *err)
{
    File file;
    char data[SNIFF_BYTES];
    if (!file_open(&file, path, err))
        return false;
    size_t size = file.stamp.size < sizeof data ? (size_t)file.stamp.size : sizeof data;
    /* The system's own, such as those of /proc: there is no saying how much is in them. */
    if (size == 0 && pread(file.fd, data, 1, 0) > 0) {
        file_close(&file);
        return error_set(err, ERROR_IO, "expected a file that tells its size, found one without");
    }
    bool ok = file_read_at(&file, data, size, 0, err);
    if (ok)
        *out = sniff_bytes(data, size, file.stamp.size);
    file_close(&file);
    return ok;
}

/* What the ending of a name promises; NULL: nothing, or what was found. */
typedef struct {
    const char *ending;
    Sniff kind;
} Promise;

static const Promise *broken_promise(const char *path, Sniff found)
{
    static const Promise promises[] = {
        {".npy", SNIFF_NPY},   {".npz", SNIFF_ZIP},  {".safetensors", SNIFF_SAFETENSORS},
        {".html", SNIFF_HTML}, {".htm", SNIFF_HTML}, {".json", SNIFF_JSON},
    };
    size_t length = strlen(path);
    for (size_t i = 0; i < sizeof promises / sizeof *promises; i++) {
        size_t n = strlen(promises[i].ending);
        if (length > n && strcasecmp(path + length - n, promises[i].ending) == 0)
            return promises[i].kind == found ? NULL : &promises[i];
    }
    return NULL;
}

bool sniff_misnamed(const char *path, Sniff found, const char *content, char *out, size_t cap)
{
    const Promise *promise = broken_promise(path, found);
    if (promise)
        snprintf(out, cap, "named %s, content is %s", promise->ending, content);
    return promise != NULL;
}

bool sniff_refuse(const char *path, Sniff found, Error *err)
{
    const char *hint = found == SNIFF_UNKNOWN ? " (--format NAME says which it is)"
                       : found == SNIFF_PNG || found == SNIFF_JPEG
                           ? " (a document shows it behind its patches)"
                           : "";
    const Promise *promise = broken_promise(path, found);
    if (promise)
        return error_set(err, ERROR_MALFORMED, "content: expected %s, as it is named, found %s%s",
                         sniff_name(promise->kind), sniff_name(found), hint);
    return error_set(err, ERROR_MALFORMED,
                     "content: expected an attnscope document (JSON), arrays, a dump of alignments "
                     "or a page of another viewer, found %s%s",
                     sniff_name(found), hint);
}
