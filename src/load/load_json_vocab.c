/* "vocab" of a document, and masks of zeros and ones. */
#include "load/load_json.h"
#include "base/hash.h"
#include "base/mem.h"

#include <string.h>

/* Two equal tokens would make the row of the second unreachable. */
static bool check_tokens(Reader *r, const cJSON *list, const DocVocab *v)
{
    size_t cap = 16;
    while (cap < (size_t)v->count * 2)
        cap *= 2;
    int *slots = mem_zero(cap, sizeof *slots); /* number of the token + 1; 0 = free */
    if (!slots)
        return error_memory(r->err);
    bool ok = true;
    for (int i = 0; ok && i < v->count; i++) {
        const char *token = v->tokens[i];
        size_t at = (size_t)hash_bytes(HASH_SEED, token, strlen(token)) & (cap - 1);
        while (slots[at] && strcmp(v->tokens[slots[at] - 1], token) != 0)
            at = (at + 1) & (cap - 1);
        if (slots[at]) {
            reader_index(r, i);
            ok = reader_fail(r, cJSON_GetArrayItem(list, i),
                             "expected each token once, found \"%.60s\" at %d and %d", token,
                             slots[at] - 1, i);
        }
        slots[at] = i + 1;
    }
    mem_free(slots);
    return ok;
}

static bool read_tokens(Reader *r, const cJSON *object, DocVocab *v)
{
    const cJSON *list = reader_member(object, "tokens");
    if (!list)
        return reader_fail(r, object, "expected the key \"tokens\", found none");
    if (!reader_texts(r, object, "tokens", &v->tokens, &v->count))
        return false;
    size_t mark = reader_key(r, "tokens");
    if (v->count == 0)
        return reader_fail(r, list, "expected at least 1 token, found none");
    if (!check_tokens(r, list, v))
        return false;
    reader_up(r, mark);
    return true;
}

static bool read_embedding(Reader *r, const cJSON *object, DocVocab *v)
{
    const cJSON *item = reader_member(object, "embedding");
    NumbersRef ref;
    if (!item)
        return reader_fail(r, object, "expected the key \"embedding\", found none");
    size_t mark = reader_key(r, "embedding");
    if (!reader_numbers(r, item, 2, &ref))
        return false;
    if (ref.shape[0] != v->count)
        return reader_fail(r, item, "expected %d rows, one for each token, found %lld", v->count,
                           (long long)ref.shape[0]);
    v->embedding = reader_stored(r, &ref);
    reader_up(r, mark);
    return true;
}

static bool read_position(Reader *r, const cJSON *object, DocVocab *v)
{
    static const char *const names[] = {"sinusoidal", "none", NULL};
    const cJSON *item = reader_member(object, "position");
    int kind = POSITION_SINUSOIDAL;
    NumbersRef ref;
    if (!item) {
        v->position = POSITION_NONE;
        return true;
    }
    if (cJSON_IsString(item)) {
        if (!reader_choice(r, object, "position", names, "sinusoidal, none or rows of numbers",
                           &kind))
            return false;
        v->position = (PositionKind)kind;
        return true;
    }
    size_t mark = reader_key(r, "position");
    if (!cJSON_IsArray(item) && !cJSON_IsObject(item) && !json_block(r->tree, item))
        return reader_expected(r, item, "sinusoidal, none or rows of numbers");
    if (!reader_numbers(r, item, 2, &ref))
        return false;
    if (ref.shape[1] != v->embedding.cols)
        return reader_fail(r, item, "expected %d columns as in embedding, found %lld",
                           v->embedding.cols, (long long)ref.shape[1]);
    v->position = POSITION_GIVEN;
    v->positions = reader_stored(r, &ref);
    reader_up(r, mark);
    return true;
}

bool reader_vocab(Reader *r, const cJSON *doc)
{
    const cJSON *object = reader_member(doc, "vocab");
    if (!object)
        return true;
    size_t mark = reader_key(r, "vocab");
    if (!cJSON_IsObject(object))
        return reader_expected(r, object, "an object with tokens and embedding");
    DocVocab *v = reader_alloc(r, 1, sizeof *v);
    if (!v || !read_tokens(r, object, v) || !read_embedding(r, object, v) ||
        !read_position(r, object, v))
        return false;
    r->doc->vocab = v;
    reader_up(r, mark);
    return true;
}

static bool check_flags(Reader *r, const cJSON *item, const DocMatrix *m)
{
    const Tensor *t = &r->doc->tensors[m->tensor];
    for (int i = 0; i < m->rows; i++) {
        for (int j = 0; j < m->cols; j++) {
            double x = tensor_value(t, m->offset + i * m->step + j);
            if (x == 0 || x == 1)
                continue;
            reader_index(r, i);
            reader_index(r, j);
            return reader_fail(r, item, "expected 0 or 1, found %.15g", x);
        }
    }
    return true;
}

bool reader_mask(Reader *r, const cJSON *object, const DocSentence *s, DocMatrix *out)
{
    const cJSON *item = reader_member(object, "mask");
    NumbersRef ref;
    char shape[80];
    *out = (DocMatrix){.tensor = -1};
    if (!item)
        return true;
    size_t mark = reader_key(r, "mask");
    if (!reader_numbers(r, item, 2, &ref))
        return false;
    numbers_shape(ref.shape, 2, shape, sizeof shape);
    if (ref.shape[0] != s->queries.count || ref.shape[1] != s->keys.count)
        return reader_fail(r, item, "expected the shape [%d, %d], queries and keys, found %s",
                           s->queries.count, s->keys.count, shape);
    *out = (DocMatrix){ref.tensor, ref.offset, (int)ref.shape[0], (int)ref.shape[1], ref.shape[1]};
    if (!check_flags(r, item, out))
        return false;
    reader_up(r, mark);
    return true;
}
