/* Tokens: of the file, or of the files of one sentence a line that came with it. */
#include "load/foreign_read.h"

#include <string.h>

/* One text, parted at white space, as tokens. */
static bool split_text(Reader *r, const char *text, size_t length, const char *const **out,
                       int *count)
{
    Slice rest = {text, length}, word;
    int n = 0;
    while (slice_word(&rest, &word))
        n++;
    const char **tokens = reader_alloc(r, (size_t)n + 1, sizeof *tokens);
    if (!tokens)
        return false;
    rest = (Slice){text, length};
    for (int i = 0; i < n && slice_word(&rest, &word); i++) {
        tokens[i] = arena_text(&r->doc->arena, word.at, word.length);
        if (!tokens[i])
            return error_memory(r->err);
    }
    *out = tokens;
    *count = n;
    return true;
}

/* A text, or {"token": text}. */
static bool read_token(Reader *r, const cJSON *item, const char **out)
{
    const cJSON *text = cJSON_IsObject(item) ? reader_member(item, "token") : item;
    if (!text || !cJSON_IsString(text))
        return reader_expected(r, item, "text");
    *out = json_text(r->tree, text, &r->doc->arena);
    return *out || error_memory(r->err);
}

static bool read_list(Reader *r, const cJSON *list, const char *const **out, int *count)
{
    const cJSON *item;
    int n = 0, size = cJSON_GetArraySize(list);
    if (size > READER_LENGTH_MOST)
        return reader_over(r, list, LIMIT_AXIS, "expected at most %d texts, found %d",
                           READER_LENGTH_MOST, size);
    const char **tokens = reader_alloc(r, (size_t)size + 1, sizeof *tokens);
    if (!tokens)
        return false;
    cJSON_ArrayForEach(item, list)
    {
        size_t mark = reader_index(r, n);
        if (!read_token(r, item, &tokens[n++]))
            return false;
        reader_up(r, mark);
    }
    *out = tokens;
    *count = n;
    return true;
}

bool foreign_list(Foreign *f, const cJSON *item, const char *const **out, int *count)
{
    Reader *r = &f->r;
    if (cJSON_IsString(item)) {
        const char *text = json_text(r->tree, item, &r->doc->arena);
        return text ? split_text(r, text, strlen(text), out, count) : error_memory(r->err);
    }
    if (!cJSON_IsArray(item))
        return reader_expected(r, item, "a text or a list of texts");
    if (cJSON_IsArray(item->child) && !item->child->next)
        item = item->child; /* a batch of one sentence */
    return read_list(r, item, out, count);
}

bool foreign_tokens(Foreign *f, const cJSON *object, const char *key, const char *const **out,
                    int *count)
{
    const cJSON *item = reader_member(object, key);
    if (!item)
        return true;
    size_t mark = reader_key(&f->r, key);
    bool ok = foreign_list(f, item, out, count) &&
              (*count > 0 || reader_fail(&f->r, item, "expected at least one token, found none"));
    if (ok)
        reader_up(&f->r, mark);
    return ok;
}

bool foreign_tokens_any(Foreign *f, const cJSON *object, const char *const *keys,
                        const char *const **out, int *count)
{
    for (int i = 0; keys[i]; i++) {
        if (reader_member(object, keys[i]))
            return foreign_tokens(f, object, keys[i], out, count);
    }
    return true;
}

/* The line of the present entry; several sentences may be of one entry. */
static bool companion_read(Foreign *f, Companion *c, const char *path)
{
    Reader *r = &f->r;
    bool ok = c->open;
    if (!ok) {
        ok = c->open = lines_open(&c->lines, path, r->request, r->err);
        c->entry = -1;
    }
    while (ok && c->entry < f->entry) {
        ok = lines_next(&c->lines, r->err);
        if (!ok && (!r->err || r->err->kind == ERROR_NONE))
            ok = error_set(r->err, ERROR_MALFORMED, "expected a line for sentence %lld, found %lld",
                           (long long)f->entry + 1, (long long)c->entry + 1);
        c->entry += ok;
        if (ok && c->entry == f->entry)
            ok = split_text(r, c->lines.text, c->lines.length, &c->tokens, &c->count);
    }
    return ok || error_within(r->err, "%.100s", path_base(path));
}

/* What a person gives takes the place of what the file says; one of them is enough where one list
 * serves both axes. */
bool foreign_companions(Foreign *f, Record *record)
{
    const DocOrigin *origin = &f->request.origin;
    bool two = origin->source && origin->target;
    if (origin->target) {
        if (!companion_read(f, &f->target, origin->target))
            return false;
        record->queries = f->target.tokens;
        record->query_count = f->target.count;
    }
    if (origin->source) {
        const char *const **tokens = record->self && !two ? &record->queries : &record->keys;
        int *count = record->self && !two ? &record->query_count : &record->key_count;
        if (!companion_read(f, &f->source, origin->source))
            return false;
        *tokens = f->source.tokens;
        *count = f->source.count;
    }
    record->self = record->self && !two;
    return true;
}

/* Lines beyond the last sentence are those of another file. */
static bool companion_end(Foreign *f, Companion *c, const char *name)
{
    Reader *r = &f->r;
    Error why = {0};
    if (!c->open)
        return true;
    while (lines_next(&c->lines, &why)) {
        if (c->lines.length > 0)
            return error_at(r->err, ERROR_MALFORMED, name,
                            "expected %lld sentence%s as in the file, found more",
                            (long long)f->entry, f->entry == 1 ? "" : "s");
    }
    return why.kind == ERROR_NONE || error_at(r->err, why.kind, why.where, "%s", why.what);
}

bool foreign_companions_end(Foreign *f)
{
    return companion_end(f, &f->source, "source") && companion_end(f, &f->target, "target");
}

void foreign_companions_close(Foreign *f)
{
    if (f->source.open)
        lines_close(&f->source.lines);
    if (f->target.open)
        lines_close(&f->target.lines);
    f->source.open = f->target.open = false;
}
