/* What arrays are by their names and shapes. */
#include "load/tensors.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

static const char TOO_DEEP[] = "expected at most 5 dimensions (np.squeeze takes away those of 1)";

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Equal but for their numbers: the arrays of different layers. */
static bool alike(const char *a, const char *b)
{
    while (*a && *b) {
        if (digit(*a) && digit(*b)) {
            while (digit(*a))
                a++;
            while (digit(*b))
                b++;
        } else if (*a++ != *b++) {
            return false;
        }
    }
    return *a == *b;
}

static bool same_shape(const TensorItem *a, const TensorItem *b)
{
    return a->ndim == b->ndim && memcmp(a->shape, b->shape, sizeof a->shape) == 0;
}

static void doubt(TensorMap *map, const char *what)
{
    if (!map->doubt[0])
        utf8_format(map->doubt, sizeof map->doubt, "%s", what);
    map->clear = false;
}

static bool is_matrix(const TensorItem *t)
{
    return t->numbers && t->ndim >= 2;
}

/* The role that an item's name, or that of its file, stands for. */
static TensorRole role_of(const TensorList *list, int i, int *layer)
{
    const TensorItem *t = &list->items[i];
    if (t->source == TENSOR_LINES)
        return ROLE_NONE; /* by the companions */
    if (!t->texts && !is_matrix(t))
        return ROLE_NONE;
    return tensors_role(tensors_name(list, i), t->texts, layer);
}

/* Puts item i where its layer belongs in the order of the layers. */
static void insert_layer(const TensorList *list, int *items, int count, int i, int layer)
{
    int at = count;
    for (; at > 0; at--) {
        int before = -1;
        (void)tensors_role(tensors_name(list, items[at - 1]), false, &before);
        if (before <= layer)
            break;
        items[at] = items[at - 1];
    }
    items[at] = i;
}

typedef struct {
    TensorRole role; /* ROLE_NONE: all matrices, whatever they are called */
    int first, count;
    int series[TENSOR_LAYERS], series_count; /* those that differ in their number only */
} Found;

static void find(const TensorList *list, Found *f)
{
    f->first = -1;
    for (int i = 0; i < list->count; i++) {
        int layer = -1;
        TensorRole role = role_of(list, i, &layer);
        bool fits = f->role ? role == f->role : is_matrix(&list->items[i]);
        if (!fits)
            continue;
        f->count++;
        if (f->first < 0)
            f->first = i;
        bool next = f->series_count < TENSOR_LAYERS && is_matrix(&list->items[i]) &&
                    alike(tensors_name(list, i), tensors_name(list, f->first)) &&
                    same_shape(&list->items[i], &list->items[f->first]);
        if (!next)
            continue;
        if (f->role == ROLE_NONE)
            (void)tensors_role(tensors_name(list, i), false, &layer);
        insert_layer(list, f->series, f->series_count++, i, layer);
    }
}

static void take(const TensorList *list, TensorMap *map, TensorRole role, const Found *f)
{
    char what[TENSOR_DOUBT];
    if (f->count == 0)
        return;
    map->item[role] = f->first;
    if (f->count == 1)
        return;
    bool numbers = role >= ROLE_Q && role <= ROLE_SCORES;
    bool series = numbers && f->series_count == f->count;
    bool fits = map->layer_count == 0 || map->layer_count == f->count;
    if (series && fits) {
        map->layer_count = f->count;
        memcpy(map->layers[role], f->series, sizeof f->series);
        map->item[role] = f->series[0];
        return;
    }
    utf8_format(what, sizeof what, "%d arrays could be the %s, the first is \"%.60s\"", f->count,
                ROLE_NAMES[role], tensors_name(list, f->first));
    doubt(map, what);
}

/* Token files, one sentence a line: source and target, or both of one. */
static void take_lines(const TensorList *list, TensorMap *map)
{
    int lines[3] = {-1, -1, -1}, count = 0;
    for (int i = 0; i < list->count && count < 3; i++) {
        if (list->items[i].source == TENSOR_LINES && list->items[i].texts)
            lines[count++] = i;
    }
    if (count == 1 && map->item[ROLE_TOKENS] < 0)
        map->item[ROLE_TOKENS] = lines[0];
    if (count > 2)
        doubt(map, "more than two files of sentences were given");
    if (count != 2)
        return;
    int layer;
    TensorRole first = tensors_role(path_base(list->items[lines[0]].file), true, &layer);
    TensorRole second = tensors_role(path_base(list->items[lines[1]].file), true, &layer);
    bool turned = first == ROLE_QUERIES || second == ROLE_KEYS;
    map->item[ROLE_KEYS] = lines[turned]; /* the source comes first, as with --source, --target */
    map->item[ROLE_QUERIES] = lines[!turned];
}

/* How many sentences the token lists are of; 0: they do not say. */
static int64_t token_sentences(const TensorList *list, const TensorMap *map)
{
    for (int role = ROLE_TOKENS; role <= ROLE_KEYS; role++) {
        if (map->item[role] < 0)
            continue;
        const TensorItem *t = &list->items[map->item[role]];
        if (t->source == TENSOR_LINES || t->ndim == 2)
            return t->shape[0];
    }
    return 0;
}

/* What one name tells beyond its role. */
static bool mentions(const TensorList *list, int item, const char *word)
{
    return strcasestr(tensors_name(list, item), word) != NULL;
}

static void set(int dims[3], TensorDim a, int b, int c)
{
    dims[0] = (int)a;
    dims[1] = b;
    dims[2] = c;
}

static void guess_dims(const TensorList *list, TensorMap *map, TensorRole role)
{
    const TensorItem *t = &list->items[map->item[role]];
    int extra = t->ndim - 2, *dims = map->dims[role];
    int64_t sentences = token_sentences(list, map);
    bool batch = sentences > 0 && t->shape[0] == sentences;
    set(dims, DIM_COUNT, -1, -1);
    dims[0] = -1;
    if (tensors_is_series(map, role) && extra <= 2) {
        if (extra == 1)
            set(dims, batch && sentences > 1 ? DIM_SENTENCES : DIM_HEADS, -1, -1);
        else if (extra == 2)
            set(dims, DIM_SENTENCES, DIM_HEADS, -1);
    } else if (extra == 1) {
        bool dump = role == ROLE_WEIGHTS && mentions(list, map->item[role], "alignment");
        set(dims, dump || (batch && sentences > 1) ? DIM_SENTENCES : DIM_HEADS, -1, -1);
    } else if (extra == 2) {
        set(dims, t->shape[0] == 1 || batch ? DIM_SENTENCES : DIM_LAYERS, DIM_HEADS, -1);
    } else if (extra == 3) {
        bool outer = t->shape[0] == 1 || (batch && t->shape[1] != sentences);
        set(dims, outer ? DIM_SENTENCES : DIM_LAYERS, outer ? DIM_LAYERS : DIM_SENTENCES,
            DIM_HEADS);
        bool told = t->shape[0] == 1 || t->shape[1] == 1 || sentences > 0;
        if (!told)
            doubt(map, "5 dimensions can be layers, sentences, heads or sentences, layers, heads");
    } else if (extra > 3 || extra < 0) {
        doubt(map, TOO_DEEP);
    }
}

/* Tokens of one side, as far as weights or a list tell; 0: they do not. */
static int64_t known_length(const TensorList *list, const TensorMap *map, bool queries)
{
    for (int role = ROLE_WEIGHTS; role <= ROLE_SCORES; role++) {
        if (map->item[role] >= 0) {
            const TensorItem *t = &list->items[map->item[role]];
            return t->shape[t->ndim - (queries ? 2 : 1)];
        }
    }
    int item = map->item[queries ? ROLE_QUERIES : ROLE_KEYS];
    item = item < 0 ? map->item[ROLE_TOKENS] : item;
    if (item < 0 || list->items[item].source == TENSOR_LINES || list->items[item].ndim == 0)
        return 0;
    return list->items[item].shape[list->items[item].ndim - 1];
}

/* [.., heads, n, d] unless lengths, or the two sides, leave only [.., n, heads, d]. */
static bool heads_stand_last(const TensorList *list, const TensorMap *map)
{
    const TensorItem *q = &list->items[map->item[ROLE_Q]], *k = &list->items[map->item[ROLE_K]];
    if (q->ndim < 3 || k->ndim != q->ndim)
        return false;
    int64_t qa = q->shape[q->ndim - 3], qb = q->shape[q->ndim - 2];
    int64_t ka = k->shape[k->ndim - 3], kb = k->shape[k->ndim - 2];
    int64_t n_q = known_length(list, map, true), n_k = known_length(list, map, false);
    if (n_q > 0 && n_k > 0) {
        bool first = qb == n_q && kb == n_k, last = qa == n_q && ka == n_k;
        if (first != last)
            return last;
    }
    if (mentions(list, map->item[ROLE_Q], "hook_"))
        return true; /* recorders of hooks see them before they are turned */
    return qb == kb && qa != ka && qa % ka != 0;
}

void tensors_shapes(const TensorList *list, TensorMap *map)
{
    bool alone = map->item[ROLE_WEIGHTS] >= 0 || map->item[ROLE_SCORES] >= 0;
    map->heads_last = false;
    for (int role = ROLE_Q; role <= ROLE_SCORES; role++) {
        if (map->item[role] >= 0)
            guess_dims(list, map, (TensorRole)role);
    }
    if (map->item[ROLE_Q] >= 0 && map->item[ROLE_K] >= 0)
        map->heads_last = heads_stand_last(list, map);
    if (map->heads_last && map->layer_count == 0 && list->items[map->item[ROLE_Q]].ndim == 4 &&
        token_sentences(list, map) == 0 && mentions(list, map->item[ROLE_Q], "hook_")) {
        for (int role = ROLE_Q; role <= ROLE_SCORES; role++)
            set(map->dims[role], DIM_SENTENCES, DIM_HEADS, -1);
    }
    map->padded = tensors_size(list, map, alone ? ROLE_WEIGHTS : ROLE_Q).sentences > 1;
}

/* Names say nothing: one array, or one for each layer, of square matrices is taken for weights. */
static void take_nameless(const TensorList *list, TensorMap *map)
{
    Found f = {.role = ROLE_NONE};
    find(list, &f);
    if (f.count == 0) {
        doubt(map, "there is no array of numbers with rows and columns");
        return;
    }
    const TensorItem *t = &list->items[f.first];
    bool square = t->shape[t->ndim - 1] == t->shape[t->ndim - 2];
    if ((square || map->item[ROLE_QUERIES] >= 0) && (f.count == 1 || f.series_count == f.count)) {
        take(list, map, ROLE_WEIGHTS, &f);
        return;
    }
    if (f.count == 1 && t->ndim > 5)
        doubt(map, TOO_DEEP);
    doubt(map, f.count == 1 ? "the name does not say what the array is"
                            : "the names do not say what the arrays are");
}

void tensors_guess(const TensorList *list, TensorMap *map)
{
    *map = (TensorMap){.clear = true};
    for (int role = 0; role < ROLE_COUNT; role++) {
        map->item[role] = -1;
        set(map->dims[role], DIM_SENTENCES, -1, -1);
        map->dims[role][0] = -1;
    }
    for (int role = ROLE_Q; role < ROLE_COUNT; role++) {
        Found f = {.role = (TensorRole)role};
        find(list, &f);
        take(list, map, (TensorRole)role, &f);
    }
    take_lines(list, map);
    bool any = false;
    for (int role = ROLE_Q; role <= ROLE_SCORES; role++)
        any = any || map->item[role] >= 0;
    if (!any)
        take_nameless(list, map);
    bool pair = map->item[ROLE_Q] >= 0 && map->item[ROLE_K] >= 0;
    bool alone = map->item[ROLE_WEIGHTS] >= 0 || map->item[ROLE_SCORES] >= 0;
    if (any && !pair && (!alone || map->item[ROLE_Q] >= 0 || map->item[ROLE_K] >= 0))
        doubt(map, "there is not both q and k");
    tensors_shapes(list, map);
    Error err = {0};
    if (map->clear && !tensors_check(list, map, &err))
        doubt(map, err.what);
}
