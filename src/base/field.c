#include "base/field.h"
#include "base/index_set.h"
#include "base/number.h"
#include "base/text_set.h"
#include "base/utf8.h"

#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* All access goes through memcpy: the struct behind base is known by its offsets only, and an enum
 * field need not have the sign of an int. */
static double field_real(const Field *field, const void *base)
{
    double value;
    memcpy(&value, (const char *)base + field->offset, sizeof value);
    return value;
}

static int field_int(const Field *field, const void *base)
{
    int value;
    memcpy(&value, (const char *)base + field->offset, sizeof value);
    return value;
}

static unsigned char field_byte(const Field *field, const void *base)
{
    return ((const unsigned char *)base)[field->offset];
}

static void field_put_real(const Field *field, void *base, double value)
{
    memcpy((char *)base + field->offset, &value, sizeof value);
}

static void field_put_int(const Field *field, void *base, int value)
{
    memcpy((char *)base + field->offset, &value, sizeof value);
}

static void field_put_bool(const Field *field, void *base, bool value)
{
    memcpy((char *)base + field->offset, &value, sizeof value);
}

static int field_choice_count(const Field *field)
{
    int count = 0;
    while (field->choices[count])
        count++;
    return count;
}

/* The largest index of a FIELD_INDEX row: its hi, or any when the row leaves hi open. */
static int field_index_most(const Field *field)
{
    return field->hi > 0 && field->hi < INT_MAX ? (int)field->hi : INT_MAX;
}

static bool field_in_range(const Field *field, double value)
{
    bool above = (field->flags & FIELD_ABOVE_ZERO) ? value > field->lo : value >= field->lo;
    if ((field->flags & FIELD_NOT_ZERO) && value == 0)
        return false;
    return above && value <= field->hi; /* false for NaN */
}

static bool field_index_word(const Field *field, int value)
{
    return ((field->flags & FIELD_REDUCES) && (value == FIELD_MEAN || value == FIELD_MAX)) ||
           ((field->flags & FIELD_OPTIONAL) && value == FIELD_NOTHING);
}

static bool field_parse_bool(const Field *field, void *base, const char *text)
{
    bool yes = strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
    if (!yes && strcmp(text, "false") != 0 && strcmp(text, "0") != 0)
        return false;
    field_put_bool(field, base, yes);
    return true;
}

static bool field_parse_int(const Field *field, void *base, const char *text)
{
    long long value;
    if (!number_parse_int(text, strlen(text), &value) || value < INT_MIN || value > INT_MAX ||
        !field_in_range(field, (double)value))
        return false;
    field_put_int(field, base, (int)value);
    return true;
}

static bool field_parse_real(const Field *field, void *base, const char *text)
{
    double value;
    if (field->kind == FIELD_AUTO && strcmp(text, "auto") == 0)
        value = 0;
    else if (!number_parse(text, strlen(text), &value) || !field_in_range(field, value))
        return false;
    field_put_real(field, base, value == 0 ? 0 : value); /* -0 would be another value to the bit */
    return true;
}

static bool field_parse_choice(const Field *field, void *base, const char *text)
{
    for (int i = 0; field->choices[i]; i++) {
        if (strcmp(field->choices[i], text) == 0) {
            field_put_int(field, base, i);
            return true;
        }
    }
    return false;
}

static bool field_parse_index(const Field *field, void *base, const char *text)
{
    long long value;
    if (strcmp(text, "mean") == 0 || strcmp(text, "max") == 0 || strcmp(text, "none") == 0) {
        value = text[0] == 'n' ? FIELD_NOTHING : text[1] == 'e' ? FIELD_MEAN : FIELD_MAX;
        if (!field_index_word(field, (int)value))
            return false;
    } else if (!number_parse_int(text, strlen(text), &value) || value < 0 ||
               value > field_index_most(field)) {
        return false;
    }
    field_put_int(field, base, (int)value);
    return true;
}

static bool field_parse_set(const Field *field, void *base, const char *text, Error *err)
{
    int id;
    Error why = {0};
    if (!index_set_parse(text, &id, &why)) {
        if (why.kind == ERROR_LIMIT)
            error_memory(err);
        return false;
    }
    field_put_int(field, base, id);
    return true;
}

static bool field_parse_text(const Field *field, void *base, const char *text, Error *err)
{
    const char *why = NULL;
    size_t length = strlen(text);
    if (!text_set_fits(text, length, &why))
        return error_set(err, ERROR_USAGE, "expected a line of at most %d bytes of UTF-8, found %s",
                         TEXT_SET_MOST, why);
    int id = text_set_intern(text, length);
    if (id < 0)
        return error_memory(err);
    field_put_int(field, base, id);
    return true;
}

bool field_parse(const Field *field, void *base, const char *text, Error *err)
{
    bool ok = false;
    Error why = {0};
    switch (field->kind) {
    case FIELD_BOOL:
        ok = field_parse_bool(field, base, text);
        break;
    case FIELD_INT:
        ok = field_parse_int(field, base, text);
        break;
    case FIELD_REAL:
    case FIELD_AUTO:
        ok = field_parse_real(field, base, text);
        break;
    case FIELD_CHOICE:
        ok = field_parse_choice(field, base, text);
        break;
    case FIELD_INDEX:
        ok = field_parse_index(field, base, text);
        break;
    case FIELD_SET:
        ok = field_parse_set(field, base, text, &why);
        break;
    case FIELD_TEXT:
        ok = field_parse_text(field, base, text, &why);
        break;
    }
    if (ok)
        return true;
    if (why.kind != ERROR_NONE)
        return error_set(err, why.kind, "%s: %s", field->name, why.what);
    char range[200];
    field_range(field, range, sizeof range);
    size_t length = strlen(text), shown = utf8_cut(text, length, 60);
    return error_set(err, ERROR_USAGE, "%s: expected %s, found %.*s%s", field->name, range,
                     length ? (int)shown : 7, length ? text : "nothing", shown < length ? "…" : "");
}

static bool field_print_index(int value, Buf *out)
{
    switch (value) {
    case FIELD_MEAN:
        return buf_text(out, "mean");
    case FIELD_MAX:
        return buf_text(out, "max");
    case FIELD_NOTHING:
        return buf_text(out, "none");
    default:
        return buf_printf(out, "%d", value);
    }
}

bool field_print(const Field *field, const void *base, Buf *out)
{
    char number[NUMBER_TEXT];
    int value;
    switch (field->kind) {
    case FIELD_BOOL:
        return buf_text(out, field_byte(field, base) ? "true" : "false");
    case FIELD_INT:
        return buf_printf(out, "%d", field_int(field, base));
    case FIELD_AUTO:
        if (field_real(field, base) == 0)
            return buf_text(out, "auto");
        number_double(number, field_real(field, base));
        return buf_text(out, number);
    case FIELD_REAL:
        number_double(number, field_real(field, base));
        return buf_text(out, number);
    case FIELD_CHOICE:
        value = field_int(field, base);
        if (value < 0 || value >= field_choice_count(field))
            value = (int)field->def;
        return buf_text(out, field->choices[value]);
    case FIELD_INDEX:
        return field_print_index(field_int(field, base), out);
    case FIELD_SET:
        return index_set_print(field_int(field, base), out);
    case FIELD_TEXT:
        return buf_text(out, text_set(field_int(field, base)));
    }
    return false;
}

/* `0 … 1000`, `above 0 … 65536`, `≥ 1`: the bounds of a number. */
static void field_bounds(const Field *field, Buf *out)
{
    char lo[NUMBER_TEXT], hi[NUMBER_TEXT];
    bool above = (field->flags & FIELD_ABOVE_ZERO) != 0;
    bool no_lo = field->lo <= -DBL_MAX || (field->kind == FIELD_INT && field->lo <= INT_MIN);
    bool no_hi = field->hi >= DBL_MAX || (field->kind == FIELD_INT && field->hi >= INT_MAX);
    number_double(lo, field->lo);
    number_double(hi, field->hi);
    if (field->kind == FIELD_INT)
        buf_text(out, no_lo && no_hi ? "a whole number" : "a whole number ");
    else if (no_lo && no_hi)
        buf_text(out, "a number");
    if (no_lo && no_hi)
        return;
    if (no_hi)
        buf_printf(out, "%s %s", above ? ">" : "≥", lo);
    else if (no_lo)
        buf_printf(out, "≤ %s", hi);
    else
        buf_printf(out, "%s%s … %s", above ? "above " : "", lo, hi);
}

/* What a number may be. One that is any but 0 hardly needs its ends told. */
static void field_number(const Field *field, Buf *out)
{
    if (field->flags & FIELD_NOT_ZERO)
        buf_text(out, "a number that is not 0");
    else
        field_bounds(field, out);
}

static void field_words(const char *const *words, int count, Buf *out)
{
    for (int i = 0; i < count; i++)
        buf_printf(out, "%s%s", i == 0 ? "" : i == count - 1 ? " or " : ", ", words[i]);
}

static void field_index_range(const Field *field, Buf *out)
{
    char bounds[40];
    const char *words[4] = {bounds};
    int count = 1, most = field_index_most(field);
    if (most == INT_MAX)
        snprintf(bounds, sizeof bounds, "an index from 0");
    else
        snprintf(bounds, sizeof bounds, "an index 0 … %d", most);
    if (field->flags & FIELD_REDUCES) {
        words[count++] = "mean";
        words[count++] = "max";
    }
    if (field->flags & FIELD_OPTIONAL)
        words[count++] = "none";
    field_words(words, count, out);
}

void field_range(const Field *field, char *out, size_t cap)
{
    Buf text;
    buf_init(&text, 4096);
    switch (field->kind) {
    case FIELD_BOOL:
        buf_text(&text, "true or false");
        break;
    case FIELD_AUTO:
        buf_text(&text, "auto or ");
        field_number(field, &text);
        break;
    case FIELD_INT:
    case FIELD_REAL:
        field_number(field, &text);
        break;
    case FIELD_CHOICE:
        field_words(field->choices, field_choice_count(field), &text);
        break;
    case FIELD_INDEX:
        field_index_range(field, &text);
        break;
    case FIELD_SET:
        buf_text(&text, "indices such as 3,5-7");
        break;
    case FIELD_TEXT:
        buf_text(&text, "a line of text");
        break;
    }
    if (cap > 0) {
        size_t length = utf8_cut(buf_string(&text), text.size, cap - 1);
        memcpy(out, buf_string(&text), length);
        out[length] = '\0';
    }
    buf_free(&text);
}

static size_t field_size(const Field *field)
{
    switch (field->kind) {
    case FIELD_BOOL:
        return sizeof(bool);
    case FIELD_REAL:
    case FIELD_AUTO:
        return sizeof(double);
    case FIELD_INT:
    case FIELD_CHOICE:
    case FIELD_INDEX:
    case FIELD_SET:
    case FIELD_TEXT:
        break;
    }
    return sizeof(int);
}

bool field_equal(const Field *field, const void *a, const void *b)
{
    if (field->kind == FIELD_REAL || field->kind == FIELD_AUTO) {
        double x = field_real(field, a), y = field_real(field, b);
        return x == y || (isnan(x) && isnan(y));
    }
    return memcmp((const char *)a + field->offset, (const char *)b + field->offset,
                  field_size(field)) == 0;
}

void field_copy(const Field *field, void *to, const void *from)
{
    memcpy((char *)to + field->offset, (const char *)from + field->offset, field_size(field));
}

void field_reset(const Field *field, void *base)
{
    if (field->kind == FIELD_BOOL)
        field_put_bool(field, base, field->def != 0);
    else if (field->kind == FIELD_REAL || field->kind == FIELD_AUTO)
        field_put_real(field, base, field->def);
    else
        field_put_int(field, base, (int)field->def);
}

static bool field_clamp_real(const Field *field, void *base)
{
    double value = field_real(field, base);
    if (field_in_range(field, value) || (field->kind == FIELD_AUTO && value == 0))
        return false;
    /* Above an excluded bound there is no smallest number to go to. */
    bool low = value <= field->lo && !(field->flags & FIELD_ABOVE_ZERO);
    field_put_real(field, base, value > field->hi ? field->hi : low ? field->lo : field->def);
    return true;
}

bool field_clamp(const Field *field, void *base)
{
    int value = 0, fixed = 0;
    switch (field->kind) {
    case FIELD_BOOL:
        if (field_byte(field, base) <= 1)
            return false;
        field_put_bool(field, base, true);
        return true;
    case FIELD_REAL:
    case FIELD_AUTO:
        return field_clamp_real(field, base);
    case FIELD_INT:
        value = field_int(field, base);
        fixed = value < field->lo ? (int)field->lo : value > field->hi ? (int)field->hi : value;
        break;
    case FIELD_CHOICE:
        value = field_int(field, base);
        fixed = value < 0 || value >= field_choice_count(field) ? (int)field->def : value;
        break;
    case FIELD_INDEX:
        value = field_int(field, base);
        fixed = field_index_word(field, value)    ? value
                : value < 0                       ? (int)field->def
                : value > field_index_most(field) ? field_index_most(field)
                                                  : value;
        break;
    case FIELD_SET:
        value = field_int(field, base);
        fixed = index_set(value).count ? value : 0;
        break;
    case FIELD_TEXT:
        value = field_int(field, base);
        fixed = text_set_length(value) ? value : 0;
        break;
    }
    field_put_int(field, base, fixed);
    return fixed != value;
}

const Field *field_find(const Field *table, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(table[i].name, name) == 0)
            return &table[i];
    return NULL;
}
