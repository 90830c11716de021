/* "rnn": {"cell": "gru", "weight_ih_l0": M, …}: one layer, as torch.nn.RNN, GRU and LSTM name it.
 */
#include "load/load_json_heads.h"

#include <string.h>

enum { RNN_IH, RNN_HH, RNN_B_IH, RNN_B_HH, RNN_PARTS };
static const char *const NAMES[RNN_PARTS] = {"weight_ih_l0", "weight_hh_l0", "bias_ih_l0",
                                             "bias_hh_l0"};

/* "weight_ih" is "weight_ih_l0" to those who write by hand. */
static bool find(Reader *r, const cJSON *object, int part, const cJSON **item)
{
    char brief[16];
    size_t length = strlen(NAMES[part]) - strlen("_l0");
    memcpy(brief, NAMES[part], length);
    brief[length] = '\0';
    const cJSON *whole = reader_member(object, NAMES[part]), *other = reader_member(object, brief);
    if (whole && other)
        return reader_fail(r, object, "expected either %s or %s, found both", NAMES[part], brief);
    *item = whole ? whole : other;
    if (!*item && part < RNN_B_IH)
        return reader_fail(r, object, "expected the key \"%s\", found none", NAMES[part]);
    return true;
}

static bool check(Reader *r, const cJSON *item, const NumbersRef *ref, int64_t rows, int64_t cols,
                  const char *why)
{
    char shape[80];
    numbers_shape(ref->shape, 2, shape, sizeof shape);
    if (ref->shape[0] != rows)
        return reader_fail(r, item, "expected %lld rows, %s, found %lld in shape %s",
                           (long long)rows, why, (long long)ref->shape[0], shape);
    if (cols && ref->shape[1] != cols)
        return reader_fail(r, item, "expected %lld numbers, %s, found %lld", (long long)cols, why,
                           (long long)ref->shape[1]);
    return true;
}

/* Deeper and backward layers are no part of what is computed: the reader must know. */
static bool warn_layers(Reader *r, const cJSON *object)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, object)
    {
        const char *name = item->string;
        bool number = strncmp(name, "weight_", 7) == 0 || strncmp(name, "bias_", 5) == 0;
        if (number && (strstr(name, "_l1") || strstr(name, "_reverse")))
            return reader_warn(r, "%s: expected one layer, forwards, found \"%.40s\": not used",
                               r->path, name);
    }
    return true;
}

static bool read_parts(Reader *r, const cJSON *object, int gates, RnnSpec *out)
{
    static const char *const whys[] = {"", "the hidden size", "", "3 × the hidden size",
                                       "4 × the hidden size"};
    Stored *const to[RNN_PARTS] = {&out->weight_ih, &out->weight_hh, &out->bias_ih, &out->bias_hh};
    const cJSON *items[RNN_PARTS];
    NumbersRef ref;
    int64_t hidden = 0;
    static const int order[RNN_PARTS] = {RNN_HH, RNN_IH, RNN_B_IH, RNN_B_HH};
    for (int i = 0; i < RNN_PARTS; i++) {
        if (!find(r, object, i, &items[i]))
            return false;
    }
    for (int n = 0; n < RNN_PARTS; n++) {
        int i = order[n]; /* weight_hh first: its columns are the hidden size */
        bool vector = i >= RNN_B_IH;
        if (!items[i])
            continue;
        size_t mark = reader_key(r, NAMES[i]);
        if (!(vector ? reader_vector(r, items[i], false, &ref)
                     : reader_numbers(r, items[i], 2, &ref)))
            return false;
        hidden = i == RNN_HH ? ref.shape[1] : hidden;
        if (!check(r, items[i], &ref, vector ? 1 : gates * hidden, vector ? gates * hidden : 0,
                   whys[gates]))
            return false;
        *to[i] = reader_stored(r, &ref);
        reader_up(r, mark);
    }
    return warn_layers(r, object);
}

static bool read_rnn(Reader *r, const Parts *p, Part part, RnnSpec *out)
{
    const cJSON *object = p->item[part];
    static const char *const cells[] = {"tanh", "gru", "lstm", NULL};
    int cell = -1;
    *out = (RnnSpec){.cell = CELL_NONE};
    if (!object)
        return true;
    size_t mark = reader_key(r, PARTS[part]);
    if (!cJSON_IsObject(object))
        return reader_expected(r, object, "an object with a cell and its weights");
    if (!reader_choice(r, object, "cell", cells, "tanh, gru or lstm", &cell))
        return false;
    if (cell < 0)
        return reader_fail(r, object, "expected the key \"cell\", found none");
    out->cell = (CellKind)(CELL_TANH + cell);
    if (!read_parts(r, object, out->cell == CELL_TANH ? 1 : out->cell == CELL_GRU ? 3 : 4, out))
        return false;
    reader_up(r, mark);
    return true;
}

bool parts_rnn(Reader *r, Parts *p)
{
    if (p->item[PART_RNN]) {
        if (!read_rnn(r, p, PART_RNN, &p->rnn_q))
            return false;
        p->rnn_k = p->rnn_q;
        return true;
    }
    return read_rnn(r, p, PART_RNN_Q, &p->rnn_q) && read_rnn(r, p, PART_RNN_K, &p->rnn_k);
}
