/* What to do when arrays are not clear by themselves: lines of --map that were tried and work, or
 * why none would help.
 */
#include "load/tensors.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <string.h>

enum { PROPOSALS_MOST = 3, PROPOSAL_MOST = 130, ASK_MOST = 150 };

static bool is_matrix(const TensorItem *t)
{
    return t->numbers && t->ndim >= 2;
}

static bool ends_with(const char *text, const char *tail)
{
    size_t length = strlen(text), size = strlen(tail);
    return length >= size && strcmp(text + length - size, tail) == 0;
}

/* Most arrays are what a model learned. */
static bool is_model(const TensorList *list)
{
    int learned = 0;
    for (int i = 0; i < list->count; i++) {
        const char *name = list->items[i].name;
        learned += ends_with(name, ".weight") || ends_with(name, ".bias");
    }
    return learned > 1 && learned * 2 > list->count;
}

/* Each further word was asked alone, with one key more: what generate() of Hugging Face gives. */
static bool is_steps(const TensorList *list)
{
    int64_t rows_most = 0, cols_least = INT64_MAX, cols_most = 0;
    int count = 0, single = 0;
    for (int i = 0; i < list->count; i++) {
        const TensorItem *t = &list->items[i];
        if (!is_matrix(t) || t->ndim < 4)
            continue;
        int64_t rows = t->shape[t->ndim - 2], cols = t->shape[t->ndim - 1];
        count++;
        single += rows == 1;
        rows_most = rows > rows_most ? rows : rows_most;
        cols_least = cols < cols_least ? cols : cols_least;
        cols_most = cols > cols_most ? cols : cols_most;
    }
    return single > 0 && cols_most > cols_least && (single == count || rows_most == cols_least);
}

/* ---- lines of --map ---- */

typedef struct {
    const TensorList *list;
    TensorMap *map; /* owned: what a line would make */
    Buf *out;
    int count;
} Proposals;

/* Needs no quotes in a shell. */
static bool is_plain(const char *text)
{
    for (; *text; text++) {
        char c = *text;
        bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!word && !strchr("_./=,@-", c))
            return false;
    }
    return true;
}

/* The line is read as it would be on the command line. */
static void propose(Proposals *p, const char *text)
{
    Error err = {0};
    const char *quote = is_plain(text) ? "" : "'";
    bool room = p->count < PROPOSALS_MOST && p->out->size + strlen(text) < ASK_MOST;
    if (!room || strchr(text, '\'') || !tensors_map(p->list, text, p->map, &err) ||
        !tensors_check(p->list, p->map, &err))
        return;
    buf_printf(p->out, "%s%s%s%s", p->count++ ? " or " : "; say it with --map ", quote, text,
               quote);
}

/* Three dimensions before the last two can stand in two orders. */
static void propose_orders(Proposals *p, const TensorMap *map)
{
    static const int orders[][3] = {{DIM_LAYERS, DIM_SENTENCES, DIM_HEADS},
                                    {DIM_SENTENCES, DIM_LAYERS, DIM_HEADS}};
    TensorMap *turned = mem_alloc(sizeof *turned);
    for (size_t i = 0; turned && i < 2; i++) {
        char text[PROPOSAL_MOST];
        *turned = *map;
        for (int role = ROLE_Q; role <= ROLE_SCORES; role++) {
            if (map->item[role] >= 0 && map->dims[role][2] >= 0)
                memcpy(turned->dims[role], orders[i], sizeof orders[i]);
        }
        tensors_map_text(p->list, turned, text, sizeof text);
        propose(p, text);
    }
    mem_free(turned);
}

/* The name, or that of all that differ in the last number only. */
static const char *series_of(Proposals *p, int item, char *out, size_t cap)
{
    const char *name = tensors_name(p->list, item);
    char text[PROPOSAL_MOST];
    Error err = {0};
    size_t length = strlen(name), end = length, from;
    while (end > 0 && !(name[end - 1] >= '0' && name[end - 1] <= '9'))
        end--;
    for (from = end; from > 0 && name[from - 1] >= '0' && name[from - 1] <= '9';)
        from--;
    utf8_format(out, cap, "%.*s*%s", (int)from, name, name + end);
    utf8_format(text, sizeof text, "attention=%s", out);
    if (end == 0 || !tensors_map(p->list, text, p->map, &err) || p->map->layer_count < 2)
        utf8_format(out, cap, "%s", name);
    return out;
}

static void propose_attention(Proposals *p, int item, char *last)
{
    char text[PROPOSAL_MOST], name[PROPOSAL_MOST - 20];
    int layer;
    TensorRole role = tensors_role(tensors_name(p->list, item), false, &layer);
    if (role != ROLE_NONE && role != ROLE_WEIGHTS && role != ROLE_SCORES)
        return;
    utf8_format(text, sizeof text, "%s=%s",
                ROLE_NAMES[role == ROLE_SCORES ? ROLE_SCORES : ROLE_WEIGHTS],
                series_of(p, item, name, sizeof name));
    if (strcmp(text, last) != 0)
        propose(p, text);
    utf8_format(last, PROPOSAL_MOST, "%s", text);
}

/* The first of a role, else the first two of which names say nothing. */
static void propose_pair(Proposals *p)
{
    int pair[2] = {-1, -1}, layer;
    char text[PROPOSAL_MOST], q[PROPOSAL_MOST / 2], k[PROPOSAL_MOST / 2];
    for (int want = 0; want < 2; want++) {
        for (int i = 0; pair[want] < 0 && i < p->list->count; i++) {
            const TensorItem *t = &p->list->items[i];
            TensorRole role =
                is_matrix(t) ? tensors_role(tensors_name(p->list, i), false, &layer) : ROLE_COUNT;
            if (role == (want ? ROLE_K : ROLE_Q) || (role == ROLE_NONE && i != pair[0]))
                pair[want] = i;
        }
    }
    if (pair[0] < 0 || pair[1] < 0)
        return;
    utf8_format(text, sizeof text, "q=%s,k=%s", series_of(p, pair[0], q, sizeof q),
                series_of(p, pair[1], k, sizeof k));
    int before = p->count;
    if (strcmp(q, k) != 0)
        propose(p, text);
    utf8_format(text, sizeof text, "q=%s,k=%s", tensors_name(p->list, pair[0]),
                tensors_name(p->list, pair[1]));
    if (p->count == before)
        propose(p, text);
}

static void propose_all(Proposals *p, const TensorMap *map)
{
    char last[PROPOSAL_MOST] = "";
    bool weights = map->item[ROLE_WEIGHTS] >= 0;
    if (weights || (map->item[ROLE_Q] >= 0 && map->item[ROLE_K] >= 0)) {
        const int *dims = map->dims[weights ? ROLE_WEIGHTS : ROLE_Q];
        if (dims[2] >= 0)
            propose_orders(p, map);
        if (p->count > 0)
            return;
    }
    if (!weights)
        propose_pair(p);
    for (int i = 0; i < p->list->count && p->count < PROPOSALS_MOST; i++) {
        if (is_matrix(&p->list->items[i]))
            propose_attention(p, i, last);
    }
}

bool tensors_ask(const TensorList *list, const TensorMap *map, Buf *out, Error *err)
{
    Proposals p = {.list = list, .out = out};
    if (is_model(list)) {
        buf_text(out, "; these are parameters of a model: expected what it computed");
        return buf_ok(out, err);
    }
    if (is_steps(list)) {
        buf_text(out, "; these are steps of generate(): run the model once over all tokens");
        return buf_ok(out, err);
    }
    p.map = mem_alloc(sizeof *p.map);
    if (!p.map)
        return error_memory(err);
    propose_all(&p, map);
    mem_free(p.map);
    return buf_ok(out, err);
}
