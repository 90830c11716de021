#include "load/json_lift.h"
#include "load/json_number.h"
#include "base/mem.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum {
    LIFT_DIMS = 3,
    LIFT_CHECK_EVERY = 1 << 16,
    LIFT_MANY = 1 << 20, /* numbers that are kept without a look at the rest of the text */
    LIFT_SHORT = 6       /* bytes of text for one of them */
};

typedef struct {
    const char *text;
    size_t length, at;
    const LoadRequest *request;
    JsonScan *scan; /* NULL: nothing is kept */
    JsonBlock block;
    bool keep, as_double;
    int depth, leaf; /* arrays open now; the depth at which numbers stand, 0 = not known yet */
    int64_t have[LIFT_DIMS];  /* items so far in each open array */
    size_t opened[LIFT_DIMS]; /* where each open array begins */
    size_t cap;
    int64_t numbers, underflow, rounded;
    size_t first_underflow, first_rounded;
    Error *err;
} Lift;

static LiftResult lift_over(Lift *l)
{
    char where[sizeof l->err->where];
    json_place(l->text, l->length, l->at, "", where, sizeof where);
    limits_over(&l->request->limits, LIMIT_MEMORY, l->err, where,
                "numbers: expected to fit into the memory, found more");
    return LIFT_FAILED;
}

static LiftResult lift_grow(Lift *l)
{
    size_t size = l->as_double ? sizeof(double) : sizeof(float);
    size_t cap = l->cap ? l->cap * 2 : 64, bytes;
    if (!mem_mul(cap, size, &bytes) || bytes > l->scan->memory + 64 * size)
        return lift_over(l);
    /* Short numbers take more room here than in the text. */
    if (cap > LIFT_MANY && cap / 2 * LIFT_SHORT > l->at - l->block.from &&
        !json_scan_right(l->scan, l->text, l->length, l->request, l->err))
        return LIFT_FAILED;
    void *old = l->as_double ? (void *)l->block.doubles : (void *)l->block.floats;
    void *now = mem_resize(old, cap, size);
    if (!now) {
        error_memory(l->err);
        return LIFT_FAILED;
    }
    if (l->as_double)
        l->block.doubles = now;
    else
        l->block.floats = now;
    l->cap = cap;
    return LIFT_DONE;
}

static bool lift_cancelled(Lift *l)
{
    if (l->request->progress)
        l->request->progress(l->request->context, l->at, l->length);
    return l->request->cancel && atomic_load(l->request->cancel);
}

/* Adds one number. A finite one beyond FLT_MAX is not for floats: *wide tells the caller to begin
 * again. */
static inline LiftResult lift_put(Lift *l, double value, bool *wide)
{
    if ((l->numbers & (LIFT_CHECK_EVERY - 1)) == LIFT_CHECK_EVERY - 1 && lift_cancelled(l)) {
        error_set(l->err, ERROR_CANCELLED, "cancelled");
        return LIFT_FAILED;
    }
    if (l->keep) {
        if ((size_t)l->numbers == l->cap) {
            LiftResult grown = lift_grow(l);
            if (grown != LIFT_DONE)
                return grown;
        }
        if (l->as_double) {
            l->block.doubles[l->numbers] = value;
        } else {
            if (fabs(value) > (double)FLT_MAX && isfinite(value))
                *wide = true;
            else
                l->block.floats[l->numbers] = (float)value;
        }
    }
    l->numbers++;
    return LIFT_DONE;
}

static inline size_t skip_space(const char *text, size_t at)
{
    while (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t')
        at++;
    return at;
}

/* "nan", "inf" and "-inf" in quotes, as dump writes them. */
static size_t quoted_nonfinite(const char *text, size_t at, double *out)
{
    static const char *const words[] = {"\"nan\"", "\"inf\"", "\"-inf\""};
    for (int i = 0; i < 3; i++) {
        size_t length = strlen(words[i]);
        if (strncmp(text + at, words[i], length) == 0) {
            *out = i == 0 ? (double)NAN : i == 1 ? (double)INFINITY : -(double)INFINITY;
            return length;
        }
    }
    return 0;
}

static bool lift_number(Lift *l, double *value, LiftResult *why)
{
    JsonNumber number;
    size_t end = json_number(l->text, l->at, &number);
    if (end == l->at) {
        size_t word = l->request->allow_nan ? json_nonfinite(l->text, l->at, value) : 0;
        *why = LIFT_WRONG;
        l->at += word;
        return word > 0;
    }
    *why = LIFT_WRONG; /* the ordinary scanner has the words for it */
    if (number.overflow || end - l->at > JSON_NUMBER_LONGEST)
        return false;
    if (number.underflow && l->underflow++ == 0)
        l->first_underflow = l->at;
    if (number.rounded && l->rounded++ == 0)
        l->first_rounded = l->at;
    *value = number.value;
    l->at = end;
    return true;
}

/* One item: an array that opens or a number. */
static LiftResult lift_item(Lift *l, bool *opened, bool *wide)
{
    char c = l->text[l->at];
    LiftResult why = LIFT_NOT;
    double value = 0;
    *opened = c == '[';
    if (c == '[') {
        if (l->depth == LIFT_DIMS || (l->leaf && l->depth >= l->leaf))
            return LIFT_NOT;
        l->opened[l->depth] = l->at++;
        l->have[l->depth++] = 0;
        return LIFT_DONE;
    }
    bool digit = c == '-' || (c >= '0' && c <= '9');
    if (l->leaf && l->depth != l->leaf)
        return LIFT_NOT;
    if (c == '"') {
        /* A list of words like "inf" may be a list of tokens, a list of lists may not. */
        size_t word = l->depth >= 2 ? quoted_nonfinite(l->text, l->at, &value) : 0;
        if (word == 0)
            return LIFT_NOT;
        l->at += word;
    } else if (digit || (c && strchr("NnIi", c) && l->request->allow_nan)) {
        if (!lift_number(l, &value, &why))
            return c == 'n' ? LIFT_NOT : why;
    } else {
        return c && strchr("{tfn]", c) ? LIFT_NOT : LIFT_WRONG;
    }
    l->leaf = l->depth;
    l->have[l->depth - 1]++;
    return lift_put(l, value, wide);
}

/* An array closes: its length must be that of its siblings. */
static void lift_close(Lift *l)
{
    int level = --l->depth;
    JsonBlock *b = &l->block;
    if (b->shape[level] < 0) {
        b->shape[level] = l->have[level];
    } else if (b->shape[level] != l->have[level] && !b->ragged) {
        b->ragged = true;
        b->ragged_level = level;
        for (int i = 0; i < level && i < 2; i++)
            b->ragged_at[i] = l->have[i];
        b->ragged_from = l->opened[level];
        b->ragged_expected = b->shape[level];
        b->ragged_found = l->have[level];
        l->keep = false;
    }
    if (level > 0)
        l->have[level - 1]++;
    l->at++;
}

static LiftResult lift_run(Lift *l, bool *wide)
{
    const char *text = l->text;
    bool opened = true;
    l->opened[0] = l->at++;
    l->depth = 1;
    l->have[0] = 0;
    for (;;) {
        l->at = skip_space(text, l->at);
        LiftResult item = lift_item(l, &opened, wide);
        if (item != LIFT_DONE || *wide)
            return item;
        if (opened)
            continue;
        for (;;) {
            l->at = skip_space(text, l->at);
            if (text[l->at] == ',') {
                l->at = skip_space(text, l->at + 1);
                if (text[l->at] == ']')
                    return LIFT_WRONG;
                break;
            }
            if (text[l->at] != ']')
                return LIFT_WRONG;
            lift_close(l);
            if (l->depth == 0)
                return LIFT_DONE;
        }
    }
}

static void lift_drop(Lift *l)
{
    mem_free(l->block.floats);
    mem_free(l->block.doubles);
    l->block.floats = NULL;
    l->block.doubles = NULL;
    l->cap = 0;
}

static bool lift_keep(Lift *l)
{
    JsonScan *scan = l->scan;
    JsonBlock *b = &l->block;
    if (scan->block_count == scan->block_cap) {
        int cap = scan->block_cap ? scan->block_cap * 2 : 16;
        JsonBlock *blocks = mem_resize(scan->blocks, (size_t)cap, sizeof *blocks);
        if (!blocks)
            return error_memory(l->err);
        scan->blocks = blocks;
        scan->block_cap = cap;
    }
    size_t size = l->as_double ? sizeof(double) : sizeof(float);
    if (b->ragged) {
        lift_drop(l);
    } else {
        /* Give back what doubling took too much; keeping it is no failure. */
        void *fit = mem_resize(l->as_double ? (void *)b->doubles : (void *)b->floats,
                               (size_t)l->numbers, size);
        if (fit && l->as_double)
            b->doubles = fit;
        else if (fit)
            b->floats = fit;
        uint64_t bytes = (uint64_t)l->numbers * size;
        scan->memory -= bytes < scan->memory ? bytes : scan->memory;
    }
    scan->blocks[scan->block_count++] = *b;
    return true;
}

static void lift_begin(Lift *l, size_t at)
{
    l->at = at;
    l->leaf = 0;
    l->numbers = l->underflow = l->rounded = 0;
    l->keep = l->scan != NULL;
    l->block = (JsonBlock){.shape = {-1, -1, -1}, .from = at, .wide = l->as_double};
}

LiftResult json_lift(const char *text, size_t length, size_t *at, const LoadRequest *request,
                     JsonScan *scan, Error *err)
{
    Lift l = {.text = text, .length = length, .request = request, .scan = scan, .err = err};
    bool wide = false;
    lift_begin(&l, *at);
    LiftResult result = lift_run(&l, &wide);
    if (wide) {
        lift_drop(&l);
        wide = false;
        l.as_double = true;
        lift_begin(&l, *at);
        result = lift_run(&l, &wide);
    }
    l.block.ndim = l.leaf;
    l.block.count = l.numbers;
    l.block.to = l.at;
    if (result == LIFT_DONE && scan && !lift_keep(&l))
        result = LIFT_FAILED;
    if (result != LIFT_DONE) {
        lift_drop(&l);
        return result;
    }
    if (scan) {
        if (l.underflow && scan->warnings_underflow == 0)
            scan->first_underflow = l.first_underflow;
        if (l.rounded && scan->warnings_precision == 0)
            scan->first_precision = l.first_rounded;
        scan->warnings_underflow += l.underflow;
        scan->warnings_precision += l.rounded;
    }
    *at = l.at;
    return LIFT_DONE;
}
