/* Numbers as look.md §7 wants them. printf writes in the C locale (nobody calls setlocale). */
#include "draw/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define MINUS      "\u2212"
#define INFINITE   "\u221E"
#define THIN_SPACE "\u2009"

/* Longest plain number that still fits TEXT_NUMBER with its separators; beyond it, an exponent. */
#define PLAIN_LIMIT 1e15

typedef struct {
    char *at;
    size_t size;
} NumberText;

static void put(NumberText *out, const char *text, size_t length)
{
    if (out->size + length >= TEXT_NUMBER)
        return;
    memcpy(out->at + out->size, text, length);
    out->size += length;
    out->at[out->size] = '\0';
}

static void put_text(NumberText *out, const char *text)
{
    put(out, text, strlen(text));
}

/* NaN and infinities; false when the value is a finite one. */
static bool put_special(NumberText *out, double value)
{
    if (isfinite(value))
        return false;
    if (isnan(value))
        put_text(out, "NaN");
    else
        put_text(out, value < 0 ? MINUS INFINITE : INFINITE);
    return true;
}

/* Digits of a whole number in groups of three. */
static void put_grouped(NumberText *out, const char *digits, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0)
            put_text(out, THIN_SPACE);
        put(out, digits + i, 1);
    }
}

static bool all_zero(const char *digits)
{
    return strspn(digits, "0.") == strlen(digits);
}

/* `1.5e-07` → `1.5e−7`, `123.` → `123`. */
static void put_scientific(NumberText *out, const char *text)
{
    const char *e = strchr(text, 'e');
    size_t mantissa = e ? (size_t)(e - text) : strlen(text);
    if (mantissa > 0 && text[mantissa - 1] == '.')
        mantissa--;
    put(out, text, mantissa);
    if (!e)
        return;
    put_text(out, e[1] == '-' ? "e" MINUS : "e");
    e += 2;
    put_text(out, e + strspn(e, "0"));
}

/* A weight without its leading zero; what would round to nothing says so with the smallest step,
 * where one is given. */
static void put_weight(NumberText *out, double weight, int decimals, const char *least)
{
    char digits[TEXT_NUMBER];
    if (put_special(out, weight))
        return;
    if (weight == 0) {
        put_text(out, "0");
        return;
    }
    if (fabs(weight) >= PLAIN_LIMIT) {
        text_fixed(out->at, weight, decimals);
        return;
    }
    snprintf(digits, sizeof digits, "%.*f", decimals, fabs(weight));
    if (least && all_zero(digits)) {
        put_text(out, weight < 0 ? ">" MINUS : "<");
        put_text(out, least);
        return;
    }
    if (weight < 0)
        put_text(out, MINUS);
    put_text(out, digits[0] == '0' ? digits + 1 : digits);
}

void text_weight(char out[TEXT_NUMBER], double weight)
{
    NumberText text = {out, 0};
    out[0] = '\0';
    put_weight(&text, weight, 3, ".001");
}

void text_weight_cell(char out[TEXT_NUMBER], double weight)
{
    NumberText text = {out, 0};
    out[0] = '\0';
    put_weight(&text, weight, 2, NULL); /* a field of "<.01" would drown the few that count */
}

void text_exact(char out[TEXT_NUMBER], double value)
{
    char digits[TEXT_NUMBER];
    NumberText text = {out, 0};
    out[0] = '\0';
    if (put_special(&text, value))
        return;
    if (value == 0) {
        put_text(&text, "0");
        return;
    }
    snprintf(digits, sizeof digits, "%#.9g", fabs(value));
    if (value < 0)
        put_text(&text, MINUS);
    put_scientific(&text, digits);
}

void text_fixed(char out[TEXT_NUMBER], double value, int decimals)
{
    char digits[TEXT_NUMBER];
    NumberText text = {out, 0};
    out[0] = '\0';
    if (put_special(&text, value))
        return;
    decimals = decimals < 0 ? 0 : decimals > 12 ? 12 : decimals;
    if (fabs(value) >= PLAIN_LIMIT) {
        snprintf(digits, sizeof digits, "%.*e", decimals, fabs(value));
        if (value < 0)
            put_text(&text, MINUS);
        put_scientific(&text, digits);
        return;
    }
    snprintf(digits, sizeof digits, "%.*f", decimals, fabs(value));
    if (value < 0 && !all_zero(digits))
        put_text(&text, MINUS);
    size_t whole = strcspn(digits, ".");
    put_grouped(&text, digits, whole);
    put_text(&text, digits + whole);
}

void text_count(char out[TEXT_NUMBER], int64_t count)
{
    char digits[TEXT_NUMBER];
    NumberText text = {out, 0};
    out[0] = '\0';
    uint64_t magnitude = count < 0 ? 0 - (uint64_t)count : (uint64_t)count;
    snprintf(digits, sizeof digits, "%" PRIu64, magnitude);
    if (count < 0)
        put_text(&text, MINUS);
    put_grouped(&text, digits, strlen(digits));
}
