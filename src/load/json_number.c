#include "load/json_number.h"
#include "base/number.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

enum { POWER_LEAST = -64, POWER_MOST = 40, DIGITS_KEPT = 19, POWER_CAP = 1000000 };

/* The upper 64 bits of 10^p for p = -64 … 40, highest bit set, cut off, not rounded:
 * floor(10^p · 2^(63 − floor(log2 10^p))). */
static const uint64_t TENS[POWER_MOST - POWER_LEAST + 1] = {
    0xa87fea27a539e9a5u, 0xd29fe4b18e88640eu, 0x83a3eeeef9153e89u, 0xa48ceaaab75a8e2bu,
    0xcdb02555653131b6u, 0x808e17555f3ebf11u, 0xa0b19d2ab70e6ed6u, 0xc8de047564d20a8bu,
    0xfb158592be068d2eu, 0x9ced737bb6c4183du, 0xc428d05aa4751e4cu, 0xf53304714d9265dfu,
    0x993fe2c6d07b7fabu, 0xbf8fdb78849a5f96u, 0xef73d256a5c0f77cu, 0x95a8637627989aadu,
    0xbb127c53b17ec159u, 0xe9d71b689dde71afu, 0x9226712162ab070du, 0xb6b00d69bb55c8d1u,
    0xe45c10c42a2b3b05u, 0x8eb98a7a9a5b04e3u, 0xb267ed1940f1c61cu, 0xdf01e85f912e37a3u,
    0x8b61313bbabce2c6u, 0xae397d8aa96c1b77u, 0xd9c7dced53c72255u, 0x881cea14545c7575u,
    0xaa242499697392d2u, 0xd4ad2dbfc3d07787u, 0x84ec3c97da624ab4u, 0xa6274bbdd0fadd61u,
    0xcfb11ead453994bau, 0x81ceb32c4b43fcf4u, 0xa2425ff75e14fc31u, 0xcad2f7f5359a3b3eu,
    0xfd87b5f28300ca0du, 0x9e74d1b791e07e48u, 0xc612062576589ddau, 0xf79687aed3eec551u,
    0x9abe14cd44753b52u, 0xc16d9a0095928a27u, 0xf1c90080baf72cb1u, 0x971da05074da7beeu,
    0xbce5086492111aeau, 0xec1e4a7db69561a5u, 0x9392ee8e921d5d07u, 0xb877aa3236a4b449u,
    0xe69594bec44de15bu, 0x901d7cf73ab0acd9u, 0xb424dc35095cd80fu, 0xe12e13424bb40e13u,
    0x8cbccc096f5088cbu, 0xafebff0bcb24aafeu, 0xdbe6fecebdedd5beu, 0x89705f4136b4a597u,
    0xabcc77118461cefcu, 0xd6bf94d5e57a42bcu, 0x8637bd05af6c69b5u, 0xa7c5ac471b478423u,
    0xd1b71758e219652bu, 0x83126e978d4fdf3bu, 0xa3d70a3d70a3d70au, 0xccccccccccccccccu,
    0x8000000000000000u, 0xa000000000000000u, 0xc800000000000000u, 0xfa00000000000000u,
    0x9c40000000000000u, 0xc350000000000000u, 0xf424000000000000u, 0x9896800000000000u,
    0xbebc200000000000u, 0xee6b280000000000u, 0x9502f90000000000u, 0xba43b74000000000u,
    0xe8d4a51000000000u, 0x9184e72a00000000u, 0xb5e620f480000000u, 0xe35fa931a0000000u,
    0x8e1bc9bf04000000u, 0xb1a2bc2ec5000000u, 0xde0b6b3a76400000u, 0x8ac7230489e80000u,
    0xad78ebc5ac620000u, 0xd8d726b7177a8000u, 0x878678326eac9000u, 0xa968163f0a57b400u,
    0xd3c21bcecceda100u, 0x84595161401484a0u, 0xa56fa5b99019a5c8u, 0xcecb8f27f4200f3au,
    0x813f3978f8940984u, 0xa18f07d736b90be5u, 0xc9f2c9cd04674edeu, 0xfc6f7c4045812296u,
    0x9dc5ada82b70b59du, 0xc5371912364ce305u, 0xf684df56c3e01bc6u, 0x9a130b963a6c115cu,
    0xc097ce7bc90715b3u, 0xf0bdc21abb48db20u, 0x96769950b50d88f4u, 0xbc143fa4e250eb31u,
    0xeb194f8e1ae525fdu,
};

/* The upper half of the 128-bit product, by halves of 32 bits. */
static uint64_t multiply_high(uint64_t a, uint64_t b)
{
    uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
    uint64_t middle = a1 * b0 + (a0 * b0 >> 32);
    uint64_t other = a0 * b1 + (uint32_t)middle;
    return a1 * b1 + (middle >> 32) + (other >> 32);
}

/* digits · 10^power as the nearest double. The product with the cut-off power lies less than two
 * units of its 64 bits below the truth; false when that leaves open which way to round (one in
 * about 700). */
static bool nearest(uint64_t digits, int power, double *out)
{
    int zeros = __builtin_clzll(digits);
    uint64_t high = multiply_high(digits << zeros, TENS[power - POWER_LEAST]);
    unsigned shift = high >> 63 ? 11 : 10;
    uint64_t rest = high & (((uint64_t)1 << shift) - 1), half = (uint64_t)1 << (shift - 1);
    if (rest == half || rest == half - 1)
        return false;
    uint64_t mantissa = (high >> shift) + (rest > half);
    int log2_power = (int)(((int64_t)power * 217706) >> 16);
    int exponent = (int)shift - zeros + log2_power + 1 + 52 + 1023;
    if (mantissa >> 53) {
        mantissa >>= 1;
        exponent++;
    }
    uint64_t bits = (mantissa & (((uint64_t)1 << 52) - 1)) | (uint64_t)exponent << 52;
    memcpy(out, &bits, sizeof bits);
    return true;
}

/* Powers of ten that a double holds exactly: one rounded operation on two exact numbers. */
static const double EXACT_TENS[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static bool digits_value(uint64_t digits, int64_t power, double *out)
{
    if (digits == 0) {
        *out = 0;
        return true;
    }
    if (digits <= (uint64_t)1 << 53 && power >= -22 && power <= 22) {
        *out = power < 0 ? (double)digits / EXACT_TENS[-power] : (double)digits * EXACT_TENS[power];
        return true;
    }
    return power >= POWER_LEAST && power <= POWER_MOST && nearest(digits, (int)power, out);
}

static bool is_digit(char c)
{
    return (unsigned)(c - '0') < 10;
}

/* Has any digit of the mantissa but 0: tells a number that became 0 from one that is. */
static bool has_digit(const char *p, const char *end)
{
    for (; p < end && *p != 'e' && *p != 'E'; p++) {
        if (*p >= '1' && *p <= '9')
            return true;
    }
    return false;
}

static void slow_value(JsonNumber *out, const char *from, const char *end)
{
    if (end - from > JSON_NUMBER_LONGEST || !number_parse(from, (size_t)(end - from), &out->value))
        out->value = 0;
    out->overflow = isinf(out->value) != 0;
    out->underflow = out->value == 0.0 && has_digit(from, end);
}

static size_t wrong(JsonNumber *out, const char *text, size_t at, const char *p,
                    const char *expected)
{
    out->expected = expected;
    out->bad = (size_t)(p - text);
    return at;
}

/* The digits behind the e; false when there are none. */
static bool read_power(const char **p, int64_t *power)
{
    bool down = **p == '-';
    int64_t value = 0;
    *p += down || **p == '+';
    if (!is_digit(**p))
        return false;
    for (; is_digit(**p); ++*p)
        value = value < POWER_CAP ? value * 10 + (**p - '0') : POWER_CAP;
    *power += down ? -value : value;
    return true;
}

size_t json_number(const char *text, size_t at, JsonNumber *out)
{
    const char *from = text + at, *p = from;
    bool negative = *p == '-', whole = true;
    uint64_t digits = 0;
    int64_t power = 0;
    p += negative;
    const char *first = p;
    out->overflow = out->underflow = out->rounded = false;
    for (; is_digit(*p); p++)
        digits = digits * 10 + (uint64_t)(*p - '0');
    if (p == first)
        return wrong(out, text, at, p, "a digit");
    if (*first == '0' && p > first + 1)
        return wrong(out, text, at, first + 1, "no digit behind a leading 0");
    int64_t count = p - first;
    if (*p == '.') {
        const char *fraction = ++p;
        for (; is_digit(*p); p++)
            digits = digits * 10 + (uint64_t)(*p - '0');
        if (p == fraction)
            return wrong(out, text, at, p, "a digit behind the point");
        power = -(p - fraction);
        count -= power;
        whole = false;
    }
    if (count > DIGITS_KEPT) { /* zeros in front do not count: 0.00012 */
        for (const char *zero = first; *zero == '0' || *zero == '.'; zero++)
            count -= *zero == '0';
    }
    if (*p == 'e' || *p == 'E') {
        p++;
        if (!read_power(&p, &power))
            return wrong(out, text, at, p, "a digit of the exponent");
        whole = false;
    }
    if (count > DIGITS_KEPT || !digits_value(digits, power, &out->value))
        slow_value(out, first, p);
    out->rounded = whole && (count > DIGITS_KEPT || digits > (uint64_t)1 << 53);
    if (negative)
        out->value = -out->value;
    return (size_t)(p - text);
}

size_t json_nonfinite(const char *text, size_t at, double *out)
{
    static const char *const words[] = {"NaN", "nan", "Infinity", "infinity", "Inf", "inf"};
    const char *p = text + at;
    bool negative = *p == '-';
    p += negative;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t length = strlen(words[i]);
        if (strncmp(p, words[i], length) != 0)
            continue;
        *out = i < 2 ? (double)NAN : negative ? -(double)INFINITY : (double)INFINITY;
        return length + negative;
    }
    return 0;
}
