#include "load/load.h"
#include "load/json_scan.h"
#include "load/load_json.h"
#include "load/sniff.h"
#include "base/mem.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    JSON_BYTES_MOST = 256 << 20,
    JSON_NODES_MOST = 8000000,
    DUMP_BYTES_MOST = 1 << 30,
    LINE_BYTES_MOST = 16 << 20,
    SENTENCES_MOST = 1000000
};

/* What the system could still give away, in bytes; 0 when it does not say. */
static uint64_t memory_available(void)
{
    char text[2048];
    int fd = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t size = read(fd, text, sizeof text - 1);
    close(fd);
    if (size <= 0)
        return 0;
    text[size] = '\0';
    const char *at = strstr(text, "MemAvailable:");
    return at ? (uint64_t)strtoull(at + strlen("MemAvailable:"), NULL, 10) * 1024 : 0;
}

LoadLimits load_limits_default(void)
{
    const uint64_t most = (uint64_t)4 << 30;
    uint64_t half = memory_available() / 2;
    return (LoadLimits){.file_bytes = JSON_BYTES_MOST,
                        .memory = half && half < most ? half : most,
                        .depth = JSON_DEPTH_MOST,
                        .nodes = JSON_NODES_MOST,
                        .dump_bytes = DUMP_BYTES_MOST,
                        .line_bytes = LINE_BYTES_MOST,
                        .sentences = SENTENCES_MOST};
}

/* What the file is decides who reads it. Adding a format is adding a row here. */
typedef struct {
    Sniff kind;
    bool (*read)(Document *doc, const LoadRequest *request, Error *err);
} Format;
static const Format FORMATS[] = {{SNIFF_JSON, load_json}, {SNIFF_UTF16, load_json}};

static bool load_as(Document *doc, const LoadRequest *request, Sniff kind, Error *err)
{
    for (size_t i = 0; i < sizeof FORMATS / sizeof *FORMATS; i++) {
        if (FORMATS[i].kind != kind)
            continue;
        return file_read_all(request->path, (size_t)request->limits.file_bytes, &doc->source,
                             &doc->stamp, err) &&
               FORMATS[i].read(doc, request, err);
    }
    bool ours = kind == SNIFF_SAFETENSORS || kind == SNIFF_NPY;
    return error_set(err, ERROR_MALFORMED,
                     "content: expected an attnscope document (JSON), found %s%s", sniff_name(kind),
                     ours ? "; a document refers to it by \"file\"" : "");
}

bool load_document(Document *out, const LoadRequest *request, Error *err)
{
    Document doc;
    Sniff kind = SNIFF_UNKNOWN;
    if (!sniff_file(request->path, &kind, err))
        return false;
    document_init(&doc);
    doc.path = mem_string(request->path, strlen(request->path));
    bool ok =
        (doc.path && origin_copy(&doc.arena, &request->origin, &doc.origin)) || error_memory(err);
    ok = ok && load_as(&doc, request, kind, err);
    if (!ok) {
        document_free(&doc);
        return false;
    }
    document_free(out);
    *out = doc;
    return true;
}

static bool is_lines(const char *path)
{
    size_t length = strlen(path);
    return length > 6 && strcmp(path + length - 6, ".jsonl") == 0;
}

bool load_check_syntax(const LoadRequest *request, Error *err)
{
    Buf text;
    buf_init(&text, BUF_NO_LIMIT);
    bool ok = file_read_all(request->path, (size_t)request->limits.file_bytes, &text, NULL, err);
    size_t at = 0;
    if (ok && is_lines(request->path)) {
        while (ok && (at == 0 || at < text.size))
            ok = json_scan_next(buf_string(&text), text.size, &at, request, NULL, err);
    } else if (ok) {
        ok = json_scan(buf_string(&text), text.size, request, NULL, err);
    }
    buf_free(&text);
    return ok;
}

const char *load_kind(const char *path)
{
    Sniff kind = SNIFF_UNKNOWN;
    File file;
    char data[SNIFF_BYTES];
    if (!file_open(&file, path, NULL))
        return "";
    size_t size = file.stamp.size < sizeof data ? (size_t)file.stamp.size : sizeof data;
    bool ok = file_read_at(&file, data, size, 0, NULL);
    uint64_t whole = file.stamp.size;
    file_close(&file);
    if (!ok)
        return "";
    kind = sniff_bytes(data, size, whole);
    switch ((int)kind) {
    case SNIFF_JSON:
        return memmem(data, size, "\"attnscope\"", 11) ? "attnscope document" : "JSON";
    case SNIFF_NPY:
        return "NumPy array";
    case SNIFF_SAFETENSORS:
        return "safetensors";
    case SNIFF_ZIP:
        return "ZIP archive";
    case SNIFF_PNG:
        return "PNG picture";
    case SNIFF_JPEG:
        return "JPEG picture";
    case SNIFF_EMPTY:
        return "empty";
    default:
        return "";
    }
}
