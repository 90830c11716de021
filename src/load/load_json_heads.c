#include "load/load_json_heads.h"

#include <stdio.h>

static bool count_rows(Reader *r, DocMatrix weights)
{
    char before[READER_PATH + 2];
    size_t mark = reader_key(r, PARTS[PART_WEIGHTS]);
    snprintf(before, sizeof before, "%s[", r->path);
    reader_up(r, mark);
    return reader_count_rows(r, weights, before, "]");
}

static bool fill_head(Reader *r, const Parts *p, int index, DocHead *head)
{
    head->q = parts_matrix(p, PART_Q, index);
    head->k = parts_matrix(p, PART_K, index);
    head->v = parts_matrix(p, PART_V, index);
    head->scores = parts_matrix(p, PART_SCORES, index);
    head->weights = parts_matrix(p, PART_WEIGHTS, index);
    head->recorded = parts_matrix(p, PART_RECORDED, index);
    head->mask = p->mask.tensor >= 0 ? p->mask : r->mask;
    head->entry = p->entry;
    head->d_k = p->d_k;
    if (p->entry == ENTRY_WEIGHTS && !r->links && !count_rows(r, head->weights))
        return false;
    return parts_spec(r, p, index, &head->spec);
}

/* A score function whose parameters are missing or of another shape leaves its head without scores;
 * the others of the document can be used. */
static bool check_scores(Reader *r, const DocSentence *s, const DocLayer *layer,
                         const DocHead *head)
{
    Error err = {0};
    ScoreParams want = {.kind = SCORE_AUTO};
    if (!head->spec || head->spec->score.unknown ||
        document_check(r->doc, s, layer, head, &want, &err))
        return true;
    if (err.kind == ERROR_USAGE || err.kind == ERROR_MALFORMED)
        return reader_warn(r, "%s: %s: this head has no scores", r->path, err.what);
    return error_set(r->err, err.kind, "%s", err.what);
}

static bool read_heads(Reader *r, const cJSON *list, const DocSentence *s, DocLayer *layer)
{
    const cJSON *item;
    Parts parts;
    size_t mark = reader_key(r, "heads");
    int count = cJSON_IsArray(list) ? cJSON_GetArraySize(list) : 0;
    if (!cJSON_IsArray(list) || count == 0)
        return reader_expected(r, list, "an array of heads");
    if (count > LIMIT_MOST_HEADS)
        return reader_over(r, list, LIMIT_HEADS, "heads: expected at most %d, found %d",
                           LIMIT_MOST_HEADS, count);
    layer->heads = reader_alloc(r, (size_t)count, sizeof *layer->heads);
    if (!layer->heads)
        return false;
    cJSON_ArrayForEach(item, list)
    {
        size_t at = reader_index(r, layer->head_count);
        if (!cJSON_IsObject(item))
            return reader_expected(r, item, "an object");
        if (!parts_read(r, item, false, s, &parts) ||
            !fill_head(r, &parts, 0, &layer->heads[layer->head_count]) ||
            !check_scores(r, s, layer, &layer->heads[layer->head_count]))
            return false;
        layer->head_count++;
        reader_up(r, at);
    }
    reader_up(r, mark);
    return true;
}

static bool read_stack(Reader *r, const cJSON *object, const DocSentence *s, DocLayer *layer)
{
    Parts parts;
    if (!parts_read(r, object, true, s, &parts))
        return false;
    layer->heads = reader_alloc(r, (size_t)parts.heads, sizeof *layer->heads);
    if (!layer->heads)
        return false;
    for (; layer->head_count < parts.heads; layer->head_count++) {
        if (!fill_head(r, &parts, layer->head_count, &layer->heads[layer->head_count]))
            return false;
    }
    return check_scores(r, s, layer, &layer->heads[0]); /* all are of the same shapes */
}

static bool read_layer(Reader *r, const cJSON *item, const DocSentence *s, DocLayer *layer)
{
    layer->name = layer->about = "";
    if (!cJSON_IsObject(item))
        return reader_expected(r, item, "an object");
    if (!reader_text(r, item, "name", &layer->name) ||
        !reader_text(r, item, "about", &layer->about))
        return false;
    static const char *const others[] = {"score", "bias", "rope", "mask"};
    const cJSON *heads = reader_member(item, "heads");
    for (int i = 0; heads && i < PART_COUNT + 4; i++) {
        const char *key = i < PART_COUNT ? PARTS[i] : others[i - PART_COUNT];
        if (reader_member(item, key))
            return reader_fail(r, item, "expected either heads or a stacked %s, found both", key);
    }
    return heads ? read_heads(r, heads, s, layer) : read_stack(r, item, s, layer);
}

bool reader_layers(Reader *r, const cJSON *doc, DocSentence *s)
{
    const cJSON *list = reader_member(doc, "layers"), *item;
    if (!list)
        return reader_fail(r, doc, "expected the key \"layers\", found none");
    size_t mark = reader_key(r, "layers");
    int count = cJSON_IsArray(list) ? cJSON_GetArraySize(list) : 0;
    if (!cJSON_IsArray(list) || count == 0)
        return reader_expected(r, list, "an array of layers");
    s->layers = reader_alloc(r, (size_t)count, sizeof *s->layers);
    if (!s->layers)
        return false;
    cJSON_ArrayForEach(item, list)
    {
        size_t at = reader_index(r, s->layer_count);
        if (!read_layer(r, item, s, &s->layers[s->layer_count++]))
            return false;
        reader_up(r, at);
    }
    reader_up(r, mark);
    return true;
}
