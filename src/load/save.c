#include "load/save.h"
#include "load/convert.h"
#include "load/json_number.h"
#include "load/json_string.h"
#include "load/json_tree.h"
#include "base/mem.h"

#include <string.h>

/* A number of JSON, all of it. */
static bool is_number(const char *text)
{
    JsonNumber number;
    size_t length = strlen(text);
    return length > 0 && length <= JSON_NUMBER_LONGEST && json_number(text, 0, &number) == length &&
           !number.overflow;
}

void save_settings(Buf *out, const DocSetting *settings, int count, const char *separator)
{
    buf_byte(out, '{');
    for (int i = 0; i < count; i++) {
        const char *value = settings[i].value;
        buf_text(out, i ? "," : "");
        buf_text(out, i ? separator : "");
        json_string_write(out, settings[i].name, strlen(settings[i].name));
        buf_text(out, ": ");
        if (strcmp(value, "true") == 0 || strcmp(value, "false") == 0 || is_number(value))
            buf_text(out, value);
        else
            json_string_write(out, value, strlen(value));
    }
    buf_byte(out, '}');
}

/* Replaces [from, to) of the source text by other text; the pieces come in the order of the text.
 */
typedef struct {
    const Document *doc;
    Buf *out;
    size_t done; /* of the source */
} Splice;

static void splice_to(Splice *s, size_t from, size_t to)
{
    buf_append(s->out, s->doc->source.data + s->done, from - s->done);
    s->done = to;
}

/* The members of a reference that mean nothing to us, as they stand. */
static void keep_members(Splice *s, const DocReference *ref)
{
    static const char *const ours[] = {"\"file\"", "\"tensor\"", "\"index\"", "\"dtype\"",
                                       "\"shape\""};
    const char *text = s->doc->source.data;
    size_t at = ref->from + 1;
    JsonMember m;
    while (json_member(text, &at, &m)) {
        bool known = false;
        for (size_t i = 0; i < sizeof ours / sizeof *ours && ref->tensor >= 0; i++)
            known = known || (m.key_end - m.key == strlen(ours[i]) &&
                              memcmp(text + m.key, ours[i], m.key_end - m.key) == 0);
        if (ref->tensor < 0)
            known = m.key_end - m.key == 6 && memcmp(text + m.key, "\"file\"", 6) == 0;
        if (known)
            continue;
        buf_text(s->out, ", ");
        buf_append(s->out, text + m.key, m.value_end - m.key);
    }
}

static bool embed_picture(Splice *s, const DocReference *ref, Error *err)
{
    Buf bytes;
    buf_init(&bytes, (size_t)256 << 20);
    bool ok = file_read_all(s->doc->files[ref->file], bytes.limit, &bytes, NULL, err);
    if (!ok)
        error_within(err, "%s", s->doc->files[ref->file]);
    buf_text(s->out, "{\"base64\": \"");
    if (ok)
        buf_base64(s->out, bytes.data, bytes.size);
    buf_byte(s->out, '"');
    buf_free(&bytes);
    return ok;
}

/* What another file holds, as text of this one: the same numbers in the same type. */
static bool embed(Splice *s, const DocReference *ref, Error *err)
{
    splice_to(s, ref->from, ref->to);
    if (ref->tensor < 0) {
        if (!embed_picture(s, ref, err))
            return false;
    } else {
        const Tensor *t = &s->doc->tensors[ref->tensor];
        size_t size = dtype_size(t->dtype), count = 1;
        buf_printf(s->out, "{\"dtype\": \"%s\", \"shape\": [", dtype_name(t->dtype));
        for (int i = 0; i < ref->ndim; i++) {
            buf_printf(s->out, "%s%lld", i ? ", " : "", (long long)ref->shape[i]);
            count *= (size_t)ref->shape[i]; /* checked when it was loaded */
        }
        buf_text(s->out, "], \"base64\": \"");
        buf_base64(s->out, (const char *)t->data + (size_t)ref->offset * size, count * size);
        buf_byte(s->out, '"');
    }
    keep_members(s, ref);
    return buf_byte(s->out, '}') || buf_ok(s->out, err);
}

static void settings_piece(Splice *s, const DocSetting *settings, int count)
{
    const DocPlace *place = &s->doc->place;
    const char *text = s->doc->source.data;
    const char *separator = s->doc->jsonl || count < 3 ? " " : "\n    "; /* JSON lines stay lines */
    if (place->to) {
        splice_to(s, place->from, place->to);
        save_settings(s->out, settings, count, separator);
    } else if (count) {
        /* Behind the last member, before the white space that leads to the closing brace. */
        size_t end = place->end;
        while (end > 0 && text[end - 1] && strchr(" \t\r\n", text[end - 1]))
            end--;
        bool lines = memchr(text + end, '\n', place->end - end) != NULL;
        splice_to(s, end, end);
        buf_text(s->out, lines ? ",\n  \"settings\": " : ", \"settings\": ");
        save_settings(s->out, settings, count, separator);
    }
}

static bool same_folder(const char *a, const char *b)
{
    char from[4096], to[4096], full[4096];
    return path_absolute(full, sizeof full, a) && path_dir(from, sizeof from, full) &&
           path_absolute(full, sizeof full, b) && path_dir(to, sizeof to, full) &&
           strcmp(from, to) == 0;
}

static bool splice(const Document *doc, const DocSetting *settings, int count, bool alone, Buf *out,
                   Error *err)
{
    Splice s = {.doc = doc, .out = out};
    bool placed = false;
    size_t place = doc->place.to ? doc->place.from : doc->place.end;
    for (int i = 0; alone && i < doc->reference_count; i++) {
        if (!placed && doc->references[i].from > place) {
            settings_piece(&s, settings, count);
            placed = true;
        }
        if (!embed(&s, &doc->references[i], err))
            return false;
    }
    if (!placed)
        settings_piece(&s, settings, count);
    splice_to(&s, doc->source.size, doc->source.size);
    return buf_ok(out, err);
}

bool save_text_alone(const Document *doc, const DocSetting *settings, int count, Buf *out,
                     Error *err)
{
    return splice(doc, settings, count, true, out, err);
}

bool save_text(Document *doc, const DocSetting *settings, int count, const char *path, Buf *out,
               Error *err)
{
    static const DocSetting none = {"", ""};
    if (doc->source.size > 0)
        return splice(doc, settings, count, !same_folder(doc->path, path), out, err);
    ConvertPlan plan = convert_plan();
    plan.settings = settings ? settings : &none;
    plan.setting_count = count;
    return convert_to_text(doc, &plan, out, err);
}

static bool save_converted(Document *doc, const DocSetting *settings, int count, const char *path,
                           Error *err)
{
    static const DocSetting none = {"", ""};
    ConvertPlan plan = convert_plan();
    plan.settings = settings ? settings : &none;
    plan.setting_count = count;
    return convert_document(doc, CONVERT_ATTN, &plan, path, err);
}

bool save_document(Document *doc, const DocSetting *settings, int count, const char *path,
                   Error *err)
{
    Buf text;
    if (doc->read_only)
        return error_set(err, ERROR_USAGE,
                         "document: expected a version that this program knows, found a newer "
                         "one, which is opened read-only");
    if (doc->source.size == 0)
        return save_converted(doc, settings, count, path, err);
    buf_init(&text, BUF_NO_LIMIT);
    bool ok = save_text(doc, settings, count, path, &text, err) &&
              file_write_atomic(path, text.data, text.size, err);
    buf_free(&text);
    return ok;
}
