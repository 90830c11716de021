/* Pieces of a line: words, parts between marks, numbers. */
#include "load/lines.h"
#include "load/json_number.h"
#include "base/number.h"

#include <float.h>
#include <math.h>
#include <string.h>
#include <strings.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_digit(char c)
{
    return (unsigned)(c - '0') < 10;
}

bool slice_word(Slice *rest, Slice *out)
{
    const char *p = rest->at, *end = p + rest->length;
    while (p < end && is_blank(*p))
        p++;
    const char *from = p;
    while (p < end && !is_blank(*p))
        p++;
    *out = (Slice){from, (size_t)(p - from)};
    *rest = (Slice){p, (size_t)(end - p)};
    return p > from;
}

Slice slice_trim(Slice s)
{
    while (s.length > 0 && is_blank(s.at[0])) {
        s.at++;
        s.length--;
    }
    while (s.length > 0 && is_blank(s.at[s.length - 1]))
        s.length--;
    return s;
}

bool slice_part(Slice *rest, const char *mark, Slice *out)
{
    size_t length = strlen(mark);
    if (!rest->at)
        return false;
    const char *found = memmem(rest->at, rest->length, mark, length);
    size_t size = found ? (size_t)(found - rest->at) : rest->length;
    *out = slice_trim((Slice){rest->at, size});
    *rest = found ? (Slice){found + length, rest->length - size - length} : (Slice){NULL, 0};
    return true;
}

bool slice_is(Slice s, const char *text)
{
    return s.length == strlen(text) && memcmp(s.at, text, s.length) == 0;
}

static bool word_is(const char *p, size_t length, const char *word)
{
    return length == strlen(word) && strncasecmp(p, word, length) == 0;
}

/* As C's scanf reads it: a sign, zeros in front, a point at either end, words in any case. Written
 * anew in the grammar that number_parse takes. */
static bool number_slow(Slice s, double *out)
{
    char text[JSON_NUMBER_LONGEST + 8];
    size_t used = 0, i = 0;
    if (s.length == 0 || s.length > JSON_NUMBER_LONGEST)
        return false;
    bool negative = s.at[0] == '-';
    i += negative || s.at[0] == '+';
    if (word_is(s.at + i, s.length - i, "nan")) {
        *out = (double)NAN;
        return true;
    }
    if (word_is(s.at + i, s.length - i, "inf") || word_is(s.at + i, s.length - i, "infinity")) {
        *out = negative ? -(double)INFINITY : (double)INFINITY;
        return true;
    }
    if (i < s.length && !is_digit(s.at[i]) && s.at[i] != '.')
        return false;
    while (i + 1 < s.length && s.at[i] == '0' && is_digit(s.at[i + 1]))
        i++;
    if (negative)
        text[used++] = '-';
    for (; i < s.length; i++) {
        bool point = s.at[i] == '.', digit_before = used > 0 && is_digit(text[used - 1]);
        bool digit_behind = i + 1 < s.length && is_digit(s.at[i + 1]);
        if (point && !digit_before && !digit_behind)
            return false;
        if (point && !digit_before)
            text[used++] = '0';
        text[used++] = s.at[i];
        if (point && !digit_behind)
            text[used++] = '0';
        if (used + 3 > sizeof text)
            return false;
    }
    return number_parse(text, used, out) && isfinite(*out);
}

bool slice_number(Slice s, double *out)
{
    JsonNumber number;
    if (s.length > 0 && s.length <= JSON_NUMBER_LONGEST && (is_digit(s.at[0]) || s.at[0] == '-') &&
        json_number(s.at, 0, &number) == s.length) {
        *out = number.value;
        return !number.overflow;
    }
    return number_slow(s, out);
}

bool slice_int(Slice s, int64_t *out)
{
    long long value;
    if (s.length > 1 && s.at[0] == '+')
        return false;
    if (!number_parse_int(s.at, s.length, &value))
        return false;
    *out = value;
    return true;
}
