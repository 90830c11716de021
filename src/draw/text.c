#include "draw/text.h"

#include "base/utf8.h"
#include "draw/grapheme.h"

#include <math.h>
#include <string.h>

#define ELLIPSIS       "\u2026"
#define ELLIPSIS_BYTES 3
#define LINE_BYTES     512 /* a font looks at no more of one line */

/* Widths are sums of floats: a line must not be cut because its own width lost a rounding. */
#define WIDTH_SLACK 0.01f

float text_width_n(const TextKit *kit, FontFace face, float size, const char *text, size_t length)
{
    return font_width(kit->font, kit->scale, face, size, text, length);
}

float text_width(const TextKit *kit, FontFace face, float size, const char *text)
{
    return text_width_n(kit, face, size, text, strlen(text));
}

float text_baseline(const TextKit *kit, float top, float height, float size)
{
    return roundf((top + 0.5f * height + 0.36f * size) * kit->scale) / kit->scale;
}

static bool fits(const TextKit *kit, FontFace face, float size, const char *text, size_t length,
                 float width)
{
    return text_width_n(kit, face, size, text, length) <= width + WIDTH_SLACK;
}

/* Bytes of the longest run of whole clusters from the start of text that fits `width`. With `tail`
 * the ellipsis is measured behind it, as it will be drawn: shaping and kerning count. */
static size_t clusters_that_fit(const TextKit *kit, FontFace face, float size, const char *text,
                                size_t length, float width, bool tail)
{
    uint16_t ends[LINE_BYTES + 1];
    char line[LINE_BYTES + ELLIPSIS_BYTES + 1];
    size_t count = 0, max = tail ? LINE_BYTES - ELLIPSIS_BYTES : LINE_BYTES;
    ends[0] = 0;
    for (size_t at = 0; at < length;) {
        at = grapheme_next(text, length, at);
        if (at > max)
            break;
        ends[++count] = (uint16_t)at;
    }
    size_t lo = 0, hi = count; /* ends[lo] fits, beyond ends[hi] it does not */
    while (lo < hi) {
        size_t mid = lo + (hi - lo + 1) / 2, bytes = ends[mid];
        memcpy(line, text, bytes);
        if (tail) {
            memcpy(line + bytes, ELLIPSIS, ELLIPSIS_BYTES);
            bytes += ELLIPSIS_BYTES;
        }
        if (fits(kit, face, size, line, bytes, width))
            lo = mid;
        else
            hi = mid - 1;
    }
    return ends[lo];
}

static bool put_line(char *out, size_t cap, const char *text, size_t length)
{
    if (length >= cap)
        length = utf8_cut(text, length, cap - 1);
    memcpy(out, text, length);
    out[length] = '\0';
    return true;
}

/* As text_ellipsis for length bytes; `force` writes the ellipsis even where all of it fits. */
static bool ellipsis_n(const TextKit *kit, FontFace face, float size, const char *text,
                       size_t length, float width, bool force, char *out, size_t cap)
{
    if (cap == 0)
        return length > 0;
    out[0] = '\0';
    if (!force && length < cap && length <= LINE_BYTES &&
        fits(kit, face, size, text, length, width)) {
        put_line(out, cap, text, length);
        return false;
    }
    if (cap <= ELLIPSIS_BYTES || !fits(kit, face, size, ELLIPSIS, ELLIPSIS_BYTES, width))
        return true;
    size_t keep = clusters_that_fit(kit, face, size, text, length, width, true);
    while (keep + ELLIPSIS_BYTES >= cap)
        keep = grapheme_back(text, length, keep);
    while (keep > 0 && text[keep - 1] == ' ')
        keep--;
    memcpy(out, text, keep);
    memcpy(out + keep, ELLIPSIS, ELLIPSIS_BYTES + 1);
    return true;
}

bool text_ellipsis(const TextKit *kit, FontFace face, float size, const char *text, float width,
                   char *out, size_t cap)
{
    return ellipsis_n(kit, face, size, text, strlen(text), width, false, out, cap);
}

/* The pen point of one line in its box, for the way it is aligned and turned. */
static Vec2 pen_in(const TextKit *kit, Rect box, const TextStyle *style)
{
    float part = style->align == ALIGN_LEFT ? 0.0f : style->align == ALIGN_RIGHT ? 1.0f : 0.5f;
    if (style->rotate == 90) /* the line runs upward, its baseline on the right of its middle */
        return vec2(text_baseline(kit, box.x, box.w, style->size), rect_bottom(box) - part * box.h);
    return vec2(box.x + part * box.w, text_baseline(kit, box.y, box.h, style->size));
}

bool text_in(DrawList *list, const TextKit *kit, Rect box, const TextStyle *style, const char *text)
{
    char line[LINE_BYTES + 1];
    float room = style->rotate == 90 ? box.h : box.w;
    if (text[0] == '\0')
        return false;
    bool cut = text_ellipsis(kit, style->face, style->size, text, room, line, sizeof line);
    if (line[0] != '\0')
        draw_text(list, pen_in(kit, box, style), style, line, strlen(line));
    return cut;
}

bool text_label(DrawList *list, const TextKit *kit, Rect box, const char *text, Color color)
{
    TextStyle style = {.face = FACE_SANS, .size = kit->theme->body, .color = color};
    return text_in(list, kit, box, &style, text);
}

typedef struct {
    size_t bytes; /* to draw */
    size_t step;  /* to the start of the next line */
} WrappedLine;

/* The next line of text (never empty: length > 0): as many words as fit, else as many clusters, at
 * least one of them. A newline ends a line. */
static WrappedLine wrap_line(const TextKit *kit, const TextStyle *style, float width,
                             const char *text, size_t length)
{
    WrappedLine line = {0, 0};
    for (size_t at = 0; at < length;) {
        size_t end = at;
        while (end < length && text[end] == ' ')
            end++;
        while (end < length && text[end] != ' ' && text[end] != '\n')
            end++;
        if (end > LINE_BYTES || !fits(kit, style->face, style->size, text, end, width))
            break;
        line.bytes = line.step = at = end;
        if (at < length && text[at] == '\n') {
            line.step++;
            return line;
        }
    }
    if (line.step == 0) {
        size_t bytes = clusters_that_fit(kit, style->face, style->size, text, length, width, false);
        line.bytes = line.step = bytes > 0 ? bytes : grapheme_next(text, length, 0);
    }
    while (line.step < length && text[line.step] == ' ')
        line.step++;
    return line;
}

int text_wrapped(DrawList *list, const TextKit *kit, Rect box, const TextStyle *style, float line,
                 int max_lines, const char *text)
{
    char out[LINE_BYTES + 1];
    size_t length = strlen(text), at = 0;
    int count = 0;
    while (at < length && count < max_lines) {
        WrappedLine next = wrap_line(kit, style, box.w, text + at, length - at);
        bool more = count + 1 == max_lines && at + next.step < length;
        size_t bytes = next.bytes;
        while (bytes > 0 && text[at + bytes - 1] == ' ')
            bytes--;
        if (list && more)
            ellipsis_n(kit, style->face, style->size, text + at, next.bytes, box.w, true, out,
                       sizeof out);
        else if (list)
            put_line(out, sizeof out, text + at, bytes);
        if (list && out[0] != '\0') {
            Rect row = {box.x, box.y + (float)count * line, box.w, line};
            draw_text(list, pen_in(kit, row, style), style, out, strlen(out));
        }
        at += next.step;
        count++;
    }
    return count;
}
