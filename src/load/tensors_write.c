/* A mapping kept as a document of ours that refers to the arrays where they are. */
#include "load/tensors.h"
#include "load/json_string.h"
#include "base/mem.h"

#include <string.h>

/* The file's path from the folder in which the document will stand; NULL: it lies outside. */
static const char *below(const char *file, const char *folder)
{
    char here[4096], there[4096];
    if (!path_absolute(here, sizeof here, folder) || !path_absolute(there, sizeof there, file))
        return NULL;
    size_t length = strlen(here);
    while (length > 0 && here[length - 1] == '/')
        length--;
    if (strncmp(there, here, length) != 0 || there[length] != '/')
        return NULL;
    size_t rest = strlen(there) - length - 1, given = strlen(file);
    /* The tail of what was given is the same text, and lives as long as the list. */
    return rest <= given && strcmp(file + given - rest, there + length + 1) == 0
               ? file + given - rest
               : NULL;
}

static bool cannot(Error *err, const char *expected, const char *found)
{
    return error_set(err, ERROR_USAGE,
                     "map: expected %s, found %s: convert it to a document instead", expected,
                     found);
}

/* By reference nothing can be turned, cut or put together. */
static bool check_plain(const TensorMap *map, const Document *doc, Error *err)
{
    bool heads = map->dims[ROLE_Q][0] >= 0;
    if (map->heads_last && heads)
        return cannot(err, "q and k of [heads, tokens, numbers]", "[tokens, heads, numbers]");
    for (int i = 0; i < doc->sentence_count; i++) {
        const DocReading *reading = doc->sentences[i].reading;
        if (doc->sentences[i].problem)
            return cannot(err, "sentences that can be read", "one that cannot");
        if (reading && reading->rows_are_keys)
            return cannot(err, "rows that are queries", "rows that are keys");
        if (reading && (reading->padding_keys || reading->padding_queries))
            return cannot(err, "arrays without padding", "padding");
    }
    return true;
}

typedef struct {
    const TensorList *list;
    const TensorMap *map;
    const char *folder;
    Buf *out;
} Writer;

/* "q": {"file": "m.npz", "tensor": "q", "index": [0, 1]} */
static bool put_matrix(const Writer *w, TensorRole role, const char *key, int sentence, int layer,
                       Error *err)
{
    bool series = tensors_is_series(w->map, role);
    const TensorItem *t =
        &w->list->items[series ? w->map->layers[role][layer] : w->map->item[role]];
    const int *dims = w->map->dims[role];
    const char *file = below(t->file, w->folder);
    int count = 0;
    if (!file)
        return error_set(err, ERROR_USAGE,
                         "map: expected arrays below the folder of the document, found \"%.160s\"",
                         t->file);
    buf_printf(w->out, "\"%s\": {\"file\": ", key);
    json_string_write(w->out, file, strlen(file));
    if (t->name[0]) {
        buf_text(w->out, ", \"tensor\": ");
        json_string_write(w->out, t->name, strlen(t->name));
    }
    for (int i = 0; i < 3 && dims[i] >= 0; i++) {
        if (dims[i] == DIM_HEADS)
            continue;
        int64_t at = dims[i] == DIM_SENTENCES ? sentence : series ? 0 : layer;
        buf_printf(w->out, count++ ? ", %lld" : ", \"index\": [%lld", (long long)at);
    }
    buf_text(w->out, count ? "]}" : "}");
    return true;
}

static bool has_heads(const TensorMap *map, TensorRole role)
{
    for (int i = 0; i < 3 && map->dims[role][i] >= 0; i++) {
        if (map->dims[role][i] == DIM_HEADS)
            return true;
    }
    return false;
}

static bool put_layer(const Writer *w, int sentence, int layer, Error *err)
{
    static const TensorRole roles[] = {ROLE_Q, ROLE_K, ROLE_V, ROLE_SCORES, ROLE_WEIGHTS};
    const TensorMap *map = w->map;
    bool beside = map->item[ROLE_Q] >= 0 || map->item[ROLE_SCORES] >= 0;
    bool stacked = false;
    int count = 0;
    for (int i = 0; i < 5; i++)
        stacked = stacked || (map->item[roles[i]] >= 0 && has_heads(map, roles[i]));
    buf_text(w->out, stacked ? "{" : "{\"heads\": [{");
    for (int i = 0; i < 5; i++) {
        TensorRole role = roles[i];
        if (map->item[role] < 0)
            continue;
        if (has_heads(map, role) != stacked)
            return cannot(err, "heads in all arrays or in none", "some with and some without");
        const char *key = role == ROLE_WEIGHTS ? beside ? "recorded" : "weights" : ROLE_NAMES[role];
        buf_text(w->out, count++ ? ", " : "");
        if (!put_matrix(w, role, key, sentence, layer, err))
            return false;
    }
    buf_text(w->out, stacked ? "}" : "}]}");
    return true;
}

static void put_tokens(Buf *out, const DocAxis *axis)
{
    buf_text(out, "\"tokens\": [");
    for (int i = 0; i < axis->count; i++) {
        buf_text(out, i ? ", " : "");
        json_string_write(out, axis->tokens[i], strlen(axis->tokens[i]));
    }
    buf_text(out, "]");
}

static bool put_sentence(const Writer *w, const DocSentence *s, int index, Error *err)
{
    if (s->self) {
        put_tokens(w->out, &s->queries);
    } else {
        buf_text(w->out, "\"queries\": {");
        put_tokens(w->out, &s->queries);
        buf_text(w->out, "}, \"keys\": {");
        put_tokens(w->out, &s->keys);
        buf_text(w->out, "}");
    }
    buf_text(w->out, ", \"layers\": [");
    for (int i = 0; i < s->layer_count; i++) {
        buf_text(w->out, i ? ",\n  " : "\n  ");
        if (!put_layer(w, index, i, err))
            return false;
    }
    buf_text(w->out, "]");
    return true;
}

static bool put_document(const Writer *w, const Document *doc, Error *err)
{
    bool several = doc->sentence_count > 1;
    buf_text(w->out, several ? "{\"attnscope\": 1, \"sentences\": [" : "{\"attnscope\": 1, ");
    for (int i = 0; i < doc->sentence_count; i++) {
        buf_text(w->out, !several ? "" : i ? ",\n {" : "\n {");
        if (!put_sentence(w, &doc->sentences[i], i, err))
            return false;
        buf_text(w->out, several ? "}" : "");
    }
    buf_text(w->out, several ? "]}\n" : "}\n");
    return buf_ok(w->out, err);
}

bool tensors_write_map(const TensorList *list, const TensorMap *map, const char *path, Buf *out,
                       Error *err)
{
    char folder[4096];
    Document doc;
    LoadRequest request = {.limits = load_limits_default()};
    Writer w = {list, map, folder, out};
    document_init(&doc);
    bool ok = path_dir(folder, sizeof folder, path) ||
              error_set(err, ERROR_USAGE, "map: expected a shorter path");
    ok = ok && tensors_document(&doc, list, map, &request, err) && check_plain(map, &doc, err) &&
         put_document(&w, &doc, err);
    document_free(&doc);
    return ok;
}
