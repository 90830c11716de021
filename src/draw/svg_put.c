#include "draw/svg_put.h"

#include "base/utf8.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void svg_put_number(Buf *out, float value)
{
    char text[64];
    double v = isfinite(value) ? round((double)value * 1000.0) / 1000.0 : 0;
    int n = snprintf(text, sizeof text, "%.3f", v + 0.0);
    while (n > 0 && text[n - 1] == '0')
        n--;
    if (n > 0 && text[n - 1] == '.')
        n--;
    text[n] = '\0';
    buf_text(out, strcmp(text, "-0") == 0 ? "0" : text);
}

void svg_put_attribute(Buf *out, const char *name, float value)
{
    buf_printf(out, " %s=\"", name);
    svg_put_number(out, value);
    buf_byte(out, '"');
}

void svg_put_paint(Buf *out, const char *name, Color color)
{
    buf_printf(out, " %s=\"#%06X\"", name, (unsigned)(color & 0xFFFFFF));
    if (color >> 24 != 255) {
        buf_printf(out, " %s-opacity=\"", name);
        svg_put_number(out, (float)(color >> 24) / 255.0f);
        buf_byte(out, '"');
    }
}

void svg_put_rect(Buf *out, Rect r)
{
    svg_put_attribute(out, "x", r.x);
    svg_put_attribute(out, "y", r.y);
    svg_put_attribute(out, "width", r.w > 0 ? r.w : 0);
    svg_put_attribute(out, "height", r.h > 0 ? r.h : 0);
}

static bool xml_allows(uint32_t c)
{
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0xFFFD) ||
           (c >= 0x10000 && c <= 0x10FFFF);
}

void svg_put_escaped(Buf *out, const char *text, size_t length)
{
    for (size_t at = 0; at < length;) {
        size_t from = at;
        uint32_t c = utf8_next(text, length, &at);
        if (c == '&')
            buf_text(out, "&amp;");
        else if (c == '<')
            buf_text(out, "&lt;");
        else if (c == '>')
            buf_text(out, "&gt;");
        else if (c == '"')
            buf_text(out, "&quot;");
        else if (c == '\'')
            buf_text(out, "&#39;");
        else if (c < 0x20 && xml_allows(c))
            buf_printf(out, "&#%u;", (unsigned)c);
        else if (c == UTF8_BAD || !xml_allows(c))
            buf_text(out, "\xEF\xBF\xBD");
        else
            buf_append(out, text + from, at - from);
    }
}
