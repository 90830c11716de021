/* Strings as a reader can see them: nothing invisible, nothing that turns its neighbours around. */
#include "draw/text_visible.h"

#include "base/utf8.h"
#include "draw/grapheme.h"

#include <hb.h>
#include <stdio.h>
#include <string.h>

#define DOTTED_CIRCLE "\u25CC"

enum { ZWNJ = 0x200C, ZWJ = 0x200D, BLACK_FLAG = 0x1F3F4, CANCEL_TAG = 0xE007F };

/* ---- writing whole units into a bounded string ---- */

Visible visible_into(char *out, size_t cap)
{
    Visible visible = {out, 0, cap, cap == 0};
    if (cap > 0)
        out[0] = '\0';
    return visible;
}

void visible_put(Visible *out, const char *unit, size_t length)
{
    if (out->full || out->size + length >= out->cap) {
        out->full = true; /* a later, shorter unit may not slip in behind the gap */
        return;
    }
    memcpy(out->at + out->size, unit, length);
    out->size += length;
    out->at[out->size] = '\0';
}

static void put_code_point(Visible *out, uint32_t code_point)
{
    char bytes[4];
    visible_put(out, bytes, utf8_put(bytes, code_point));
}

static void put_name(Visible *out, const char *format, unsigned value)
{
    char digits[16], name[32];
    snprintf(digits, sizeof digits, format[0] == 'U' ? "U+%04X" : "%02X", value);
    int length = snprintf(name, sizeof name, "\u27E8%s\u27E9", digits);
    visible_put(out, name, (size_t)length);
}

/* ---- what a code point is ---- */

static hb_unicode_general_category_t category_of(uint32_t code_point)
{
    return hb_unicode_general_category(hb_unicode_funcs_get_default(), code_point);
}

static bool is_mark(uint32_t code_point)
{
    hb_unicode_general_category_t c = category_of(code_point);
    return c == HB_UNICODE_GENERAL_CATEGORY_NON_SPACING_MARK ||
           c == HB_UNICODE_GENERAL_CATEGORY_SPACING_MARK ||
           c == HB_UNICODE_GENERAL_CATEGORY_ENCLOSING_MARK;
}

static bool is_selector(uint32_t c)
{
    return (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xE0100 && c <= 0xE01EF) ||
           (c >= 0x180B && c <= 0x180D) || c == 0x180F;
}

static bool is_tag(uint32_t c)
{
    return c >= 0xE0020 && c <= CANCEL_TAG;
}

static bool is_skin_tone(uint32_t c)
{
    return c >= 0x1F3FB && c <= 0x1F3FF;
}

/* Fillers and blanks that have a letter's or a symbol's category but no ink. */
static bool is_blank(uint32_t c)
{
    return c == 0x115F || c == 0x1160 || c == 0x3164 || c == 0xFFA0 || c == 0x034F || c == 0x17B4 ||
           c == 0x17B5 || c == 0x2065 || (c >= 0xFFF0 && c <= 0xFFFB) || c == 0xFFFC ||
           (c >= 0xE0000 && c <= 0xE0FFF && !is_selector(c));
}

/* Format characters that are drawn: Arabic, Syriac and Kaithi number signs, Egyptian joiners. */
static bool is_drawn_format(uint32_t c)
{
    return (c >= 0x600 && c <= 0x605) || c == 0x6DD || c == 0x70F || c == 0x890 || c == 0x891 ||
           c == 0x8E2 || c == 0x110BD || c == 0x110CD || (c >= 0x13430 && c <= 0x1345F);
}

static bool is_invisible(uint32_t c)
{
    if (c >= 0x20 && c < 0x7F)
        return false;
    hb_unicode_general_category_t category = category_of(c);
    if (category == HB_UNICODE_GENERAL_CATEGORY_FORMAT)
        return !is_drawn_format(c);
    return category == HB_UNICODE_GENERAL_CATEGORY_CONTROL ||
           category == HB_UNICODE_GENERAL_CATEGORY_LINE_SEPARATOR ||
           category == HB_UNICODE_GENERAL_CATEGORY_PARAGRAPH_SEPARATOR || is_blank(c) ||
           is_selector(c) || (c & 0xFFFE) == 0xFFFE;
}

bool visible_is_space(uint32_t c)
{
    return c == ' ' || c == 0x2800 || category_of(c) == HB_UNICODE_GENERAL_CATEGORY_SPACE_SEPARATOR;
}

/* Letters and marks of the scripts in which a joiner changes what is drawn. */
static bool joins_visibly(uint32_t c)
{
    if (c < 0x600)
        return false;
    hb_unicode_general_category_t category = category_of(c);
    if (category != HB_UNICODE_GENERAL_CATEGORY_OTHER_LETTER &&
        category != HB_UNICODE_GENERAL_CATEGORY_MODIFIER_LETTER && !is_mark(c))
        return false;
    switch ((int)hb_unicode_script(hb_unicode_funcs_get_default(), c)) {
    case HB_SCRIPT_HAN:
    case HB_SCRIPT_HIRAGANA:
    case HB_SCRIPT_KATAKANA:
    case HB_SCRIPT_HANGUL:
    case HB_SCRIPT_LATIN:
    case HB_SCRIPT_GREEK:
    case HB_SCRIPT_CYRILLIC:
    case HB_SCRIPT_COMMON:
    case HB_SCRIPT_INHERITED:
        return false;
    default:
        return true;
    }
}

/* ---- one string ---- */

typedef struct {
    uint32_t
        base; /* last code point that is not a mark, selector or joiner; 0 = none to stand on */
    uint32_t before; /* code point just before, 0 at the start or behind something made visible */
} Context;

/* A joiner stays where it does its work: inside an emoji, behind a virama, between joining letters.
 */
static bool joiner_stays(const Context *context, uint32_t joiner, uint32_t after)
{
    if (context->before == 0)
        return false;
    if (hb_unicode_combining_class(hb_unicode_funcs_get_default(), context->before) ==
        HB_UNICODE_COMBINING_CLASS_VIRAMA)
        return true;
    if (joiner == ZWJ && grapheme_pictographic(after) && grapheme_pictographic(context->base))
        return true;
    return joins_visibly(context->before) && joins_visibly(after);
}

/* A selector stays where it can choose: behind pictures, symbols, digits (keycaps) and letters of
 * scripts that have variants; behind a Latin letter it would only hide. */
static bool selector_stays(const Context *context)
{
    uint32_t c = context->before;
    if (c == 0 || is_selector(c) || visible_is_space(c))
        return false;
    hb_unicode_general_category_t category = category_of(c);
    return category != HB_UNICODE_GENERAL_CATEGORY_LOWERCASE_LETTER &&
           category != HB_UNICODE_GENERAL_CATEGORY_UPPERCASE_LETTER &&
           category != HB_UNICODE_GENERAL_CATEGORY_TITLECASE_LETTER;
}

static bool stays(const Context *context, uint32_t c, uint32_t after)
{
    if (c == ZWJ || c == ZWNJ)
        return joiner_stays(context, c, after);
    if (is_selector(c))
        return selector_stays(context);
    if (is_tag(c))
        return context->base == BLACK_FLAG &&
               (context->before == BLACK_FLAG || is_tag(context->before)) &&
               context->before != CANCEL_TAG;
    return !is_invisible(c);
}

void visible_mark(Visible *out, uint32_t c)
{
    if (c < 0x20)
        put_code_point(out, 0x2400 + c);
    else if (c == 0x7F)
        put_code_point(out, 0x2421);
    else
        put_name(out, "U", c);
}

void visible_text(Visible *out, const char *text, size_t length)
{
    Context context = {0, 0};
    for (size_t at = 0; at < length && !out->full;) {
        unsigned char byte = (unsigned char)text[at];
        uint32_t c = utf8_next(text, length, &at);
        size_t peek = at;
        uint32_t after = at < length ? utf8_next(text, length, &peek) : 0;
        if (c == UTF8_BAD || !stays(&context, c, after)) {
            if (c == UTF8_BAD)
                put_name(out, "byte", byte);
            else
                visible_mark(out, c);
            context = (Context){0, 0};
            continue;
        }
        bool mark = is_mark(c);
        if (mark && !is_selector(c) && (context.before == 0 || visible_is_space(context.before)))
            visible_put(out, DOTTED_CIRCLE, sizeof DOTTED_CIRCLE - 1);
        put_code_point(out, c);
        if (!mark && c != ZWJ && c != ZWNJ && !is_tag(c) && !is_skin_tone(c))
            context.base = c;
        context.before = c;
    }
}

void text_visible(const char *text, char *out, size_t cap)
{
    Visible visible = visible_into(out, cap);
    visible_text(&visible, text, strlen(text));
}
