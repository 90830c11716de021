#include "load/load.h"
#include "load/dump.h"
#include "load/foreign.h"
#include "load/gather.h"
#include "load/json_scan.h"
#include "load/load_json.h"
#include "load/sniff.h"
#include "load/tensors.h"
#include "base/mem.h"

#include <stdatomic.h>
#include <string.h>
#include <strings.h>

/* What the file is decides who reads it. Adding a format is adding a row here. */
typedef struct {
    Sniff kind;
    bool (*read)(Document *doc, const LoadRequest *request, Error *err);
} Format;
static bool read_json(Document *doc, const LoadRequest *request, Error *err)
{
    bool ours = foreign_is_ours(buf_string(&doc->source), doc->source.size);
    if (!ours && tensors_is_index(buf_string(&doc->source), doc->source.size)) {
        buf_free(&doc->source);
        return tensors_load(doc, request, err);
    }
    return ours ? load_json(doc, request, err) : foreign_json(doc, request, err);
}

static const Format FORMATS[] = {{SNIFF_JSON, read_json},
                                 {SNIFF_BRACKET, read_json},
                                 {SNIFF_UTF16, load_json},
                                 {SNIFF_HTML, foreign_html}};

static bool read_text(Document *doc, const LoadRequest *request, Error *err)
{
    const DumpFormat *other;
    Error why = {0};
    if (request->origin.format || dump_sniff_file(request->path, &other, &why))
        return dump_open(doc, request, err);
    return why.kind == ERROR_MALFORMED ? sniff_refuse(request->path, SNIFF_UNKNOWN, err)
                                       : error_at(err, why.kind, why.where, "%s", why.what);
}

/* A bracket may begin a sentence as well as JSON; what is neither is bad JSON. Who names a dump
 * gets it. */
static bool is_dump(const LoadRequest *request, Sniff kind)
{
    const DumpFormat *other;
    if (request->origin.format && (kind == SNIFF_JSON || kind == SNIFF_BRACKET))
        return true;
    return kind == SNIFF_UNKNOWN ||
           (kind == SNIFF_BRACKET && dump_sniff_file(request->path, &other, NULL));
}

/* What other content says of itself is not for a person to name. */
static bool check_format(const LoadRequest *request, Sniff kind, Error *err)
{
    const char *name = request->origin.format;
    if (!name || is_dump(request, kind))
        return true;
    return dump_check_name(name, err) &&
           error_set(err, ERROR_USAGE, "format: expected a dump of text for \"%.40s\", found %s",
                     name, sniff_name(kind));
}

static bool named(const char *path, const char *ending)
{
    size_t length = strlen(path), n = strlen(ending);
    return length > n && strcasecmp(path + length - n, ending) == 0;
}

static bool load_as(Document *doc, const LoadRequest *request, Sniff kind, Error *err)
{
    if (!check_format(request, kind, err))
        return false;
    if (kind != SNIFF_UNKNOWN && is_dump(request, kind))
        return read_text(doc, request, err);
    /* What a server said in place of the file. */
    if (kind == SNIFF_HTML && (named(request->path, ".npy") || named(request->path, ".npz") ||
                               named(request->path, ".safetensors")))
        return sniff_refuse(request->path, kind, err);
    for (size_t i = 0; i < sizeof FORMATS / sizeof *FORMATS; i++) {
        if (FORMATS[i].kind != kind)
            continue;
        return limits_read_file(&request->limits, LIMIT_FILE_BYTES, request->path, request->cancel,
                                &doc->source, &doc->stamp, err) &&
               FORMATS[i].read(doc, request, err);
    }
    bool arrays = named(request->path, ".safetensors");
    if (kind == SNIFF_UNKNOWN && arrays && !request->origin.format)
        return tensors_load(doc, request, err); /* which says what is wrong with its header */
    if (kind == SNIFF_UNKNOWN)
        return read_text(doc, request, err);
    if (kind == SNIFF_NPY || kind == SNIFF_ZIP || kind == SNIFF_SAFETENSORS)
        return tensors_load(doc, request, err);
    return sniff_refuse(request->path, kind, err);
}

/* A name that promises something else is told, whether the content opens or not. */
static bool tell_misnamed(Document *doc, Sniff kind, bool ok, Error *err)
{
    char line[160];
    bool text = kind == SNIFF_UNKNOWN || kind == SNIFF_BRACKET;
    const char *content = text ? doc->format : sniff_name(kind);
    if (kind == SNIFF_UTF16 || (!ok && text)) /* the message says enough */
        return ok;
    if (!sniff_misnamed(doc->path, kind, content, line, sizeof line))
        return ok;
    if (!ok)
        return err && err->kind == ERROR_MALFORMED && strncmp(err->what, "content:", 8) != 0
                   ? error_within(err, "%s", line)
                   : false;
    size_t count = (size_t)doc->warning_count;
    const char **list = arena_alloc(&doc->arena, count + 1, sizeof *list);
    const char *kept = arena_text(&doc->arena, line, strlen(line));
    if (!list || !kept)
        return error_memory(err);
    list[0] = kept;
    if (count)
        memcpy(list + 1, doc->warnings, count * sizeof *list);
    doc->warnings = list;
    doc->warning_count++;
    return true;
}

static bool load_file(Document *out, const LoadRequest *request, Error *err)
{
    static atomic_uint_fast64_t loads; /* makes keys unique; says nothing about any document */
    Document doc;
    Sniff kind = SNIFF_UNKNOWN;
    if (!sniff_file(request->path, &kind, err))
        return false;
    document_init(&doc);
    doc.path = mem_string(request->path, strlen(request->path));
    bool ok =
        (doc.path && origin_copy(&doc.arena, &request->origin, &doc.origin)) || error_memory(err);
    ok = ok && tell_misnamed(&doc, kind, load_as(&doc, request, kind, err), err);
    if (!ok) {
        document_free(&doc);
        return false;
    }
    doc.key = (uint64_t)atomic_fetch_add(&loads, 1) + 1;
    document_free(out);
    *out = doc;
    return true;
}

/* What the others of several files are to it. */
static bool tell_files(Document *doc, const char *explain, Error *err)
{
    doc->parts = arena_text(&doc->arena, explain, strlen(explain));
    return doc->parts || error_memory(err);
}

bool load_document(Document *out, const LoadRequest *request, Error *err)
{
    char explain[400];
    LoadRequest whole;
    Document doc;
    Arena arena;
    arena_init(&arena);
    document_init(&doc);
    bool ok = gather_request(request, &whole, &arena, explain, sizeof explain, err) &&
              load_file(&doc, &whole, err) && (!explain[0] || tell_files(&doc, explain, err));
    arena_free(&arena);
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
    bool ok = limits_read_file(&request->limits, LIMIT_FILE_BYTES, request->path, request->cancel,
                               &text, NULL, err);
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
    char data[SNIFF_BYTES + 1];
    const DumpFormat *dump = NULL, *other;
    if (!file_open(&file, path, NULL))
        return "";
    size_t size = file.stamp.size < SNIFF_BYTES ? (size_t)file.stamp.size : SNIFF_BYTES;
    bool ok = file_read_at(&file, data, size, 0, NULL);
    data[size] = '\0';
    uint64_t whole = file.stamp.size;
    file_close(&file);
    if (!ok)
        return "";
    kind = sniff_bytes(data, size, whole);
    switch ((int)kind) {
    case SNIFF_BRACKET:
        dump = dump_sniff(data, size, size == whole, &other);
        return dump ? dump->title : "JSON";
    case SNIFF_JSON:
        return memmem(data, size, "\"attnscope\"", 11) ? "attnscope document" : "JSON";
    case SNIFF_HTML:
        return "HTML page";
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
    case SNIFF_UNKNOWN:
        dump = dump_sniff(data, size, size == whole, &other);
        return dump ? dump->title : "";
    default:
        return "";
    }
}
