/* How a file was asked to be read, as a line of JSON in the session. */
#include "state/session.h"

#include "base/utf8.h"
#include "load/json_string.h"
#include "load/json_tree.h"

#include <stdio.h>
#include <string.h>

enum { ORIGIN_MEMORY = 1 << 20, ORIGIN_NODES = 10000 };

/* ---- writing ------------------------------------------------------------ */

static bool put_member(Buf *out, const char *name, const char *value)
{
    if (!value)
        return true;
    if (utf8_valid(value, strlen(value)) != strlen(value))
        return false;
    buf_printf(out, "%s\"%s\": ", out->size > 1 ? ", " : "", name);
    json_string_write(out, value, strlen(value));
    return true;
}

static bool put_more(Buf *out, const DocOrigin *origin)
{
    for (int i = 0; i < origin->more_count; i++) {
        const char *path = origin->more[i];
        if (utf8_valid(path, strlen(path)) != strlen(path))
            return false;
        buf_text(out, i > 0 ? ", " : out->size > 1 ? ", \"more\": [" : "\"more\": [");
        json_string_write(out, path, strlen(path));
    }
    if (origin->more_count > 0)
        buf_byte(out, ']');
    return true;
}

bool session_origin_write(const DocOrigin *origin, char *out, size_t cap)
{
    Buf text;
    out[0] = '\0';
    if (origin_is_plain(origin))
        return true;
    buf_init(&text, cap);
    buf_byte(&text, '{');
    bool ok =
        put_member(&text, "source", origin->source) &&
        put_member(&text, "target", origin->target) && put_member(&text, "gold", origin->gold) &&
        put_member(&text, "format", origin->format) && put_member(&text, "map", origin->map) &&
        put_member(&text, "eos", origin->eos == EOS_AUTO ? NULL : EOS_NAMES[origin->eos]) &&
        put_more(&text, origin);
    if (origin->transpose)
        buf_printf(&text, "%s\"transpose\": true", text.size > 1 ? ", " : "");
    if (origin->words)
        buf_printf(&text, "%s\"words\": true", text.size > 1 ? ", " : "");
    buf_byte(&text, '}');
    ok = ok && buf_ok(&text, NULL) && text.size < cap;
    if (ok)
        snprintf(out, cap, "%s", buf_string(&text));
    buf_free(&text);
    return ok;
}

/* ---- reading ------------------------------------------------------------ */

static void take_eos(const char *value, EosChoice *out)
{
    for (int i = 0; value && EOS_NAMES[i]; i++)
        if (strcmp(value, EOS_NAMES[i]) == 0)
            *out = (EosChoice)i;
}

static bool take_more(const JsonTree *tree, const cJSON *list, Arena *arena, DocOrigin *out)
{
    const cJSON *item;
    int count = cJSON_GetArraySize(list), at = 0;
    const char **more = arena_alloc(arena, (size_t)count + 1, sizeof *more);
    if (!more)
        return false;
    cJSON_ArrayForEach(item, list)
    {
        const char *path = cJSON_IsString(item) ? json_text(tree, item, arena) : NULL;
        if (path && path[0])
            more[at++] = path;
    }
    out->more = more;
    out->more_count = at;
    return true;
}

static bool take_member(const JsonTree *tree, const cJSON *item, Arena *arena, DocOrigin *out)
{
    const struct {
        const char *name;
        const char **text;
    } texts[] = {{"source", &out->source},
                 {"target", &out->target},
                 {"gold", &out->gold},
                 {"format", &out->format},
                 {"map", &out->map}};
    const char *name = item->string ? item->string : "";
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strcmp(name, texts[i].name) == 0 && cJSON_IsString(item))
            *texts[i].text = json_text(tree, item, arena);
    if (strcmp(name, "eos") == 0 && cJSON_IsString(item))
        take_eos(json_text(tree, item, arena), &out->eos);
    if (strcmp(name, "transpose") == 0)
        out->transpose = cJSON_IsTrue(item) != 0;
    if (strcmp(name, "words") == 0)
        out->words = cJSON_IsTrue(item) != 0;
    return strcmp(name, "more") != 0 || !cJSON_IsArray(item) || take_more(tree, item, arena, out);
}

bool session_origin_read(const char *text, Arena *arena, DocOrigin *out)
{
    LoadRequest request = {.limits = {.file_bytes = SESSION_ORIGIN,
                                      .memory = ORIGIN_MEMORY,
                                      .depth = 8,
                                      .nodes = ORIGIN_NODES}};
    JsonTree tree;
    const cJSON *item;
    size_t at = 0, length = strlen(text);
    *out = (DocOrigin){0};
    if (length == 0)
        return true;
    json_tree_init(&tree);
    bool ok = json_tree_read(&tree, text, length, &at, &request, ORIGIN_MEMORY, NULL) &&
              at == length && cJSON_IsObject(tree.root);
    if (ok)
        cJSON_ArrayForEach(item, tree.root) ok = ok && take_member(&tree, item, arena, out);
    json_tree_free(&tree);
    if (!ok)
        *out = (DocOrigin){0};
    return ok;
}
