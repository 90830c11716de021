/* --map as text, and whether what it says fits together. */
#include "load/tensors.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

bool tensors_is_series(const TensorMap *map, TensorRole role)
{
    const int *items = map->layers[role]; /* two layers are never one array */
    return map->layer_count > 1 && map->item[role] >= 0 && items[0] == map->item[role] &&
           items[0] != items[1];
}

static bool is_vectors(TensorRole role)
{
    return role == ROLE_Q || role == ROLE_K || role == ROLE_V;
}

static bool is_numbers(TensorRole role)
{
    return role >= ROLE_Q && role <= ROLE_SCORES;
}

static int dims_count(const int dims[3])
{
    int count = 0;
    while (count < 3 && dims[count] >= 0)
        count++;
    return count;
}

TensorSize tensors_size(const TensorList *list, const TensorMap *map, TensorRole role)
{
    TensorSize size = {1, 1, 1, 0, 0};
    if (map->item[role] < 0)
        return size;
    const TensorItem *t = &list->items[map->item[role]];
    const int *dims = map->dims[role];
    int count = dims_count(dims);
    if (!is_numbers(role) || t->ndim < 2 || count + 2 > t->ndim)
        return size;
    bool last = is_vectors(role) && map->heads_last && count > 0 && dims[count - 1] == DIM_HEADS;
    int64_t *const slots[] = {&size.sentences, &size.layers, &size.heads};
    for (int i = 0; i < count; i++)
        *slots[dims[i]] *= t->shape[last && i == count - 1 ? i + 1 : i];
    size.rows = t->shape[last ? t->ndim - 3 : t->ndim - 2];
    size.cols = t->shape[t->ndim - 1];
    if (map->transpose && !is_vectors(role)) {
        int64_t rows = size.rows;
        size.rows = size.cols;
        size.cols = rows;
    }
    if (tensors_is_series(map, role))
        size.layers *= map->layer_count;
    return size;
}

static bool expect(TensorRole role, const char *what, int64_t want, const char *as, int64_t found,
                   Error *err)
{
    return want == found ||
           error_set(err, ERROR_USAGE, "%s: expected %lld %s as %s has, found %lld",
                     ROLE_NAMES[role], (long long)want, what, as, (long long)found);
}

/* Arrays of one role must be of numbers (texts), with as many dimensions as its dims say. */
static bool check_role(const TensorList *list, const TensorMap *map, TensorRole role, Error *err)
{
    if (map->item[role] < 0)
        return true;
    const TensorItem *t = &list->items[map->item[role]];
    if (is_numbers(role) ? !t->numbers : !t->texts)
        return error_set(err, ERROR_USAGE, "%s: expected %s, found %s in \"%.80s\"",
                         ROLE_NAMES[role], is_numbers(role) ? "numbers" : "texts",
                         t->why[0]    ? t->why
                         : t->numbers ? "numbers"
                                      : "texts",
                         tensors_name(list, map->item[role]));
    if (!is_numbers(role))
        return t->ndim <= 2 ||
               error_set(err, ERROR_USAGE, "%s: expected at most 2 dimensions, found %d",
                         ROLE_NAMES[role], t->ndim);
    int want = dims_count(map->dims[role]) + 2;
    return t->ndim == want || error_set(err, ERROR_USAGE, "%s: expected %d dimensions, found %d",
                                        ROLE_NAMES[role], want, t->ndim);
}

static bool check_pair(const TensorList *list, const TensorMap *map, Error *err)
{
    TensorSize q = tensors_size(list, map, ROLE_Q), k = tensors_size(list, map, ROLE_K);
    TensorSize v = tensors_size(list, map, ROLE_V);
    bool has_v = map->item[ROLE_V] >= 0;
    if (map->item[ROLE_Q] < 0)
        return true;
    if (map->item[ROLE_K] < 0)
        return error_set(err, ERROR_USAGE, "k: expected it beside q, found none");
    if (q.heads % k.heads != 0) /* several heads of q may share one of k */
        return expect(ROLE_K, "heads", q.heads, "q", k.heads, err);
    return expect(ROLE_K, "columns", q.cols, "q", k.cols, err) &&
           expect(ROLE_K, "layers", q.layers, "q", k.layers, err) &&
           expect(ROLE_K, "sentences", q.sentences, "q", k.sentences, err) &&
           (!has_v || (expect(ROLE_V, "rows", k.rows, "k", v.rows, err) &&
                       expect(ROLE_V, "heads", k.heads, "k", v.heads, err) &&
                       expect(ROLE_V, "layers", k.layers, "k", v.layers, err) &&
                       expect(ROLE_V, "sentences", k.sentences, "k", v.sentences, err)));
}

static bool check_scores(const TensorList *list, const TensorMap *map, TensorRole role, Error *err)
{
    TensorSize m = tensors_size(list, map, role), q = tensors_size(list, map, ROLE_Q);
    TensorSize k = tensors_size(list, map, ROLE_K), s = tensors_size(list, map, ROLE_SCORES);
    if (map->item[role] < 0)
        return true;
    if (role == ROLE_WEIGHTS && map->item[ROLE_SCORES] >= 0)
        return expect(role, "rows", s.rows, "scores", m.rows, err) &&
               expect(role, "columns", s.cols, "scores", m.cols, err) &&
               expect(role, "heads", s.heads, "scores", m.heads, err) &&
               expect(role, "layers", s.layers, "scores", m.layers, err) &&
               expect(role, "sentences", s.sentences, "scores", m.sentences, err);
    if (map->item[ROLE_Q] < 0)
        return true;
    return expect(role, "rows", q.rows, "q", m.rows, err) &&
           expect(role, "columns", k.rows, "k", m.cols, err) &&
           expect(role, "heads", q.heads, "q", m.heads, err) &&
           expect(role, "layers", q.layers, "q", m.layers, err) &&
           expect(role, "sentences", q.sentences, "q", m.sentences, err);
}

bool tensors_check(const TensorList *list, const TensorMap *map, Error *err)
{
    bool any = false;
    for (int role = ROLE_Q; role < ROLE_COUNT; role++) {
        if (!check_role(list, map, (TensorRole)role, err))
            return false;
    }
    for (int role = ROLE_Q; role <= ROLE_SCORES; role++)
        any = any || (role != ROLE_K && role != ROLE_V && map->item[role] >= 0);
    if (!any)
        return error_set(err, ERROR_USAGE,
                         "map: expected q and k, attention or scores, found none of them");
    return check_pair(list, map, err) && check_scores(list, map, ROLE_SCORES, err) &&
           check_scores(list, map, ROLE_WEIGHTS, err);
}

/* A name with one '*' for a number, against a whole name. */
static bool matches(const char *pattern, size_t length, const char *name, int *number)
{
    const char *star = memchr(pattern, '*', length);
    size_t size = strlen(name);
    *number = 0;
    if (!star)
        return size == length && memcmp(pattern, name, length) == 0;
    size_t before = (size_t)(star - pattern), after = length - before - 1, end = size - after;
    if (size < before + after + 1 || memcmp(pattern, name, before) != 0 ||
        memcmp(star + 1, name + end, after) != 0)
        return false;
    for (size_t i = before; i < end; i++) {
        if (name[i] < '0' || name[i] > '9')
            return false;
        *number = *number < 100000 ? *number * 10 + (name[i] - '0') : *number;
    }
    return true;
}

static bool unknown_name(const TensorList *list, const char *name, size_t length, Error *err)
{
    char names[170] = "";
    int shown = 0;
    for (int i = 0; i < list->count && strlen(names) < 120; i++, shown++) {
        size_t used = strlen(names);
        utf8_format(names + used, sizeof names - used, "%s%.60s", i ? ", " : "",
                    tensors_name(list, i));
    }
    return error_set(err, ERROR_USAGE, "map: expected one of %s%s, found \"%.*s\"", names,
                     shown < list->count ? ", …" : "",
                     (int)utf8_cut(name, length < 80 ? length : 80, 80), name);
}

/* The items of a name; several stand in the order of their numbers. */
static bool find_items(const TensorList *list, const char *name, size_t length, int *items,
                       int *count, Error *err)
{
    int numbers[TENSOR_LAYERS], number;
    bool star = memchr(name, '*', length) != NULL;
    *count = 0;
    for (int i = 0; i < list->count; i++) {
        if (!matches(name, length, tensors_name(list, i), &number) &&
            (list->items[i].name[0] ||
             !matches(name, length, path_base(list->items[i].file), &number)))
            continue;
        if (*count == TENSOR_LAYERS || (*count > 0 && !star))
            return error_set(err, ERROR_USAGE, "map: expected one array \"%.*s\", found several",
                             (int)utf8_cut(name, length, 80), name);
        int at = (*count)++;
        for (; at > 0 && numbers[at - 1] > number; at--) {
            numbers[at] = numbers[at - 1];
            items[at] = items[at - 1];
        }
        numbers[at] = number;
        items[at] = i;
    }
    return *count > 0 || unknown_name(list, name, length, err);
}

/* slhqk, slnhd: one letter for each dimension. */
static bool take_letters(const TensorItem *t, TensorRole role, const char *text, size_t length,
                         TensorMap *map, Error *err)
{
    static const char outer[] = "slh";
    const char *tail = is_vectors(role) ? "nd" : "qk";
    int dims[3] = {-1, -1, -1}, count = 0;
    size_t inner = length < 2 ? 0 : length - 2;
    bool last = is_vectors(role) && length > 2 && memcmp(text + length - 3, "nhd", 3) == 0;
    bool turned = !is_vectors(role) && length > 1 && memcmp(text + inner, "kq", 2) == 0;
    bool ok = length == (size_t)t->ndim && length >= 2 && length <= 5 &&
              (last || turned || memcmp(text + inner, tail, 2) == 0);
    for (size_t i = 0; ok && i < inner; i++) {
        const char *at = strchr(outer, last && i + 1 == inner ? 'h' : text[i]);
        ok = at != NULL && text[i] != '\0';
        for (int k = 0; ok && k < count; k++)
            ok = dims[k] != (int)(at - outer);
        if (ok)
            dims[count++] = (int)(at - outer);
    }
    if (!ok)
        return error_set(err, ERROR_USAGE,
                         "map: %s: expected %d letters of s, l, h and %s at the end, found "
                         "\"%.*s\"",
                         ROLE_NAMES[role], t->ndim, is_vectors(role) ? "nd or nhd" : "qk or kq",
                         (int)utf8_cut(text, length, 20), text);
    memcpy(map->dims[role], dims, sizeof dims);
    if (is_vectors(role))
        map->heads_last = last;
    else
        map->transpose = turned;
    return true;
}

static TensorRole role_named(const char *text, size_t length)
{
    for (int role = ROLE_Q; role < ROLE_COUNT; role++) {
        if (strlen(ROLE_NAMES[role]) == length && memcmp(ROLE_NAMES[role], text, length) == 0)
            return (TensorRole)role;
    }
    return ROLE_NONE;
}

/* One "role=name@letters". */
typedef struct {
    TensorRole role;
    const char *name, *letters;
    size_t name_length, letters_length; /* 0: no letters */
} Part;

static bool cut_part(const char **at, Part *out, Error *err)
{
    const char *start = *at, *end = strchr(start, ',');
    end = end ? end : start + strlen(start);
    const char *equals = memchr(start, '=', (size_t)(end - start));
    *at = *end ? end + 1 : end;
    *out = (Part){.role = role_named(start, (size_t)((equals ? equals : end) - start))};
    if (!equals || !out->role)
        return error_set(err, ERROR_USAGE,
                         "map: expected q, k, v, attention, scores, tokens, queries or keys and "
                         "'=', found \"%.*s\"",
                         (int)utf8_cut(start, (size_t)(end - start), 60), start);
    out->name = equals + 1;
    const char *mark = memrchr(out->name, '@', (size_t)(end - out->name));
    out->name_length = (size_t)((mark ? mark : end) - out->name);
    out->letters = mark ? mark + 1 : end;
    out->letters_length = (size_t)(end - out->letters);
    return true;
}

static bool take_part(const TensorList *list, const Part *p, TensorMap *map, Error *err)
{
    int items[TENSOR_LAYERS], count;
    if (!find_items(list, p->name, p->name_length, items, &count, err))
        return false;
    if (count > 1 && (!is_numbers(p->role) || (map->layer_count && map->layer_count != count)))
        return error_set(err, ERROR_USAGE, "map: %s: expected %d arrays, found %d",
                         ROLE_NAMES[p->role], is_numbers(p->role) ? map->layer_count : 1, count);
    for (int i = 1; i < count; i++) {
        const TensorItem *a = &list->items[items[0]], *b = &list->items[items[i]];
        if (a->ndim != b->ndim || memcmp(a->shape, b->shape, sizeof a->shape) != 0)
            return error_set(err, ERROR_USAGE,
                             "map: %s: expected layers of one shape, found another in \"%.80s\"",
                             ROLE_NAMES[p->role], tensors_name(list, items[i]));
    }
    map->item[p->role] = items[0];
    memset(map->layers[p->role], 0, sizeof map->layers[p->role]);
    if (count > 1) {
        map->layer_count = count;
        memcpy(map->layers[p->role], items, (size_t)count * sizeof *items);
    }
    return true;
}

/* What is named takes the place of all that was guessed of its kind. */
static void forget(TensorMap *map, bool numbers)
{
    for (int role = numbers ? ROLE_Q : ROLE_TOKENS; role <= (numbers ? ROLE_SCORES : ROLE_KEYS);
         role++)
        map->item[role] = -1;
    if (numbers)
        map->layer_count = 0;
}

bool tensors_map(const TensorList *list, const char *text, TensorMap *map, Error *err)
{
    bool named[2] = {false, false};
    Part part;
    tensors_guess(list, map);
    for (const char *at = text; *at;) {
        if (!cut_part(&at, &part, err))
            return false;
        bool numbers = is_numbers(part.role);
        if (!named[numbers])
            forget(map, numbers);
        named[numbers] = true;
        if (!take_part(list, &part, map, err))
            return false;
    }
    for (int role = ROLE_Q; role < ROLE_COUNT; role++) {
        if (!check_role(list, map, (TensorRole)role, NULL) && map->item[role] >= 0) {
            const TensorItem *t = &list->items[map->item[role]];
            if (is_numbers((TensorRole)role) ? !t->numbers || t->ndim < 2 : !t->texts)
                return check_role(list, map, (TensorRole)role, err);
        }
    }
    map->doubt[0] = '\0';
    tensors_shapes(list, map);
    map->clear = true;
    map->doubt[0] = '\0';
    for (const char *at = text; *at;) {
        if (!cut_part(&at, &part, err))
            return false;
        if (part.letters_length && !is_numbers(part.role))
            return error_set(err, ERROR_USAGE, "map: %s: expected no letters, found \"%.*s\"",
                             ROLE_NAMES[part.role],
                             (int)utf8_cut(part.letters, part.letters_length, 20), part.letters);
        if (part.letters_length && !take_letters(&list->items[map->item[part.role]], part.role,
                                                 part.letters, part.letters_length, map, err))
            return false;
    }
    return true;
}

/* The name with its last number as '*'. */
static void put_series(Buf *out, const char *name)
{
    size_t length = strlen(name), end = length;
    while (end > 0 && !(name[end - 1] >= '0' && name[end - 1] <= '9'))
        end--;
    size_t from = end;
    while (from > 0 && name[from - 1] >= '0' && name[from - 1] <= '9')
        from--;
    buf_append(out, name, from);
    buf_byte(out, '*');
    buf_append(out, name + end, length - end);
}

static void put_letters(const TensorMap *map, TensorRole role, Buf *out)
{
    const int *dims = map->dims[role];
    int count = dims_count(dims);
    bool last = is_vectors(role) && map->heads_last && count > 0 && dims[count - 1] == DIM_HEADS;
    if (count == 0 && !map->transpose)
        return;
    buf_byte(out, '@');
    for (int i = 0; i < count - (int)last; i++)
        buf_byte(out, "slh"[dims[i]]);
    buf_text(out, last ? "nhd" : is_vectors(role) ? "nd" : map->transpose ? "kq" : "qk");
}

void tensors_map_text(const TensorList *list, const TensorMap *map, char *out, size_t cap)
{
    Buf text;
    buf_init(&text, cap > 0 ? cap - 1 : 0);
    for (int role = ROLE_Q; role < ROLE_COUNT; role++) {
        if (map->item[role] < 0)
            continue;
        const char *name = tensors_name(list, map->item[role]);
        buf_printf(&text, "%s%s=", text.size ? "," : "", ROLE_NAMES[role]);
        if (tensors_is_series(map, (TensorRole)role))
            put_series(&text, name);
        else
            buf_text(&text, name);
        if (is_numbers((TensorRole)role))
            put_letters(map, (TensorRole)role, &text);
    }
    utf8_format(out, cap, "%s", buf_string(&text));
    buf_free(&text);
}
