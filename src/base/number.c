#include "base/number.h"

#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_LONGEST 1024

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t skip_digits(const char *text, size_t length, size_t at)
{
    while (at < length && is_digit(text[at]))
        at++;
    return at;
}

/* What the grammar found; digits and power are only kept while they fit a double exactly. */
typedef struct {
    bool negative, exact;
    uint64_t digits; /* all digits, the point left out */
    int power;       /* value = digits · 10^power */
} Decimal;

static void decimal_take(Decimal *d, const char *text, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        d->digits = d->digits * 10 + (uint64_t)(text[i] - '0');
        if (d->digits >= (uint64_t)1 << 53) {
            d->exact = false;
            return;
        }
    }
}

/* The grammar of JSON with a leading '+' or point. Longer powers than a few digits are left to
 * strtod. */
static bool decimal_scan(Decimal *d, const char *text, size_t length)
{
    size_t at = 0;
    *d = (Decimal){.exact = true};
    if (at < length && (text[at] == '-' || text[at] == '+'))
        d->negative = text[at++] == '-';
    size_t start = at;
    at = skip_digits(text, length, at);
    bool bare = at == start && at < length && text[at] == '.'; /* .5, as people write it */
    if ((at == start && !bare) || (at > start + 1 && text[start] == '0'))
        return false;
    decimal_take(d, text, start, at);
    if (at < length && text[at] == '.') {
        start = ++at;
        at = skip_digits(text, length, at);
        if (at == start)
            return false;
        if (d->exact)
            decimal_take(d, text, start, at);
        d->power = -(int)(at - start);
    }
    if (at < length && (text[at] == 'e' || text[at] == 'E')) {
        bool down = false;
        if (++at < length && (text[at] == '-' || text[at] == '+'))
            down = text[at++] == '-';
        start = at;
        at = skip_digits(text, length, at);
        if (at == start)
            return false;
        int power = 0;
        d->exact = d->exact && at - start <= 4;
        for (size_t i = start; d->exact && i < at; i++)
            power = power * 10 + (text[i] - '0');
        d->power += down ? -power : power;
    }
    return at == length;
}

static bool number_word(const char *text, size_t length, double *out)
{
    bool sign = length > 0 && (text[0] == '-' || text[0] == '+');
    if (length == (sign ? 4u : 3u) && memcmp(text + sign, "inf", 3) == 0)
        *out = text[0] == '-' ? -(double)INFINITY : (double)INFINITY;
    else if (length == 3 && memcmp(text, "nan", 3) == 0)
        *out = (double)NAN;
    else
        return false;
    return true;
}

bool number_parse(const char *text, size_t length, double *out)
{
    /* Powers of ten that a double holds exactly: one correctly rounded operation on two exact
     * numbers gives the nearest double (Clinger 1990), without the long way through strtod. */
    static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                  1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    Decimal d;
    if (length == 0 || length > NUMBER_LONGEST)
        return false;
    if (!decimal_scan(&d, text, length))
        return number_word(text, length, out);
    if (d.exact && d.power >= -22 && d.power <= 22) {
        double value = (double)d.digits;
        value = d.power < 0 ? value / tens[-d.power] : value * tens[d.power];
        *out = d.negative ? -value : value;
        return true;
    }
    char copy[NUMBER_LONGEST + 1];
    memcpy(copy, text, length);
    copy[length] = '\0';
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (c_locale == (locale_t)0)
        return false;
    *out = strtod_l(copy, NULL, c_locale);
    freelocale(c_locale);
    return true;
}

bool number_parse_int(const char *text, size_t length, long long *out)
{
    size_t at = 0;
    bool negative = false;
    if (length > 0 && (text[0] == '-' || text[0] == '+'))
        negative = text[at++] == '-';
    if (at == length || (text[at] == '0' && length > at + 1))
        return false;
    long long value = 0; /* built downwards: LLONG_MIN has no positive twin */
    for (; at < length; at++) {
        if (!is_digit(text[at]) || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, text[at] - '0', &value))
            return false;
    }
    if (!negative && value == LLONG_MIN)
        return false;
    *out = negative ? value : -value;
    return true;
}

/* Prints with so many digits, whatever locale the program or a library chose. */
static void number_print(char out[NUMBER_TEXT], int digits, double value)
{
    if (isnan(value)) { /* printf would show its sign, which means nothing */
        memcpy(out, "nan", 4);
        return;
    }
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    locale_t before = uselocale(c_locale);
    snprintf(out, NUMBER_TEXT, "%.*g", digits, value);
    uselocale(before);
    freelocale(c_locale);
}

void number_float(char out[NUMBER_TEXT], float value)
{
    number_print(out, 9, (double)value);
}

void number_double(char out[NUMBER_TEXT], double value)
{
    for (int digits = 15; digits <= 17; digits++) {
        double back;
        number_print(out, digits, value);
        if (isnan(value) || (number_parse(out, strlen(out), &back) && back == value))
            return;
    }
}
