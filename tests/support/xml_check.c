#include "support/xml_check.h"

#include "base/utf8.h"

#include <string.h>

enum { DEPTH = 256, ATTRIBUTES = 32 };

typedef struct {
    const char *text;
    size_t length, at;
    const char *why;
} Xml;

typedef struct {
    const char *text;
    size_t length;
} Piece;

static bool refuse(Xml *x, const char *why)
{
    if (!x->why)
        x->why = why;
    return false;
}

static bool takes(Xml *x, const char *word)
{
    size_t n = strlen(word);
    if (x->length - x->at < n || memcmp(x->text + x->at, word, n) != 0)
        return false;
    x->at += n;
    return true;
}

static bool blank(Xml *x)
{
    size_t from = x->at;
    while (x->at < x->length && strchr(" \t\r\n", x->text[x->at]) && x->text[x->at])
        x->at++;
    return x->at > from;
}

static bool name_char(char c, bool first)
{
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
    return letter || (!first && ((c >= '0' && c <= '9') || c == '-' || c == '.'));
}

static bool name(Xml *x, Piece *out)
{
    size_t from = x->at;
    while (x->at < x->length && name_char(x->text[x->at], x->at == from))
        x->at++;
    *out = (Piece){x->text + from, x->at - from};
    return out->length > 0 || refuse(x, "a name is missing");
}

static bool same(Piece a, Piece b)
{
    return a.length == b.length && memcmp(a.text, b.text, a.length) == 0;
}

static bool allowed(uint32_t c)
{
    return c == 9 || c == 10 || c == 13 || (c >= 0x20 && c <= 0xD7FF) ||
           (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
}

static bool reference(Xml *x)
{
    static const char *const known[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"};
    for (size_t i = 0; i < 5; i++)
        if (takes(x, known[i]))
            return true;
    uint32_t c = 0;
    int digits = 0;
    if (!takes(x, "&#"))
        return refuse(x, "an unknown reference");
    for (; x->at < x->length && x->text[x->at] >= '0' && x->text[x->at] <= '9'; x->at++, digits++)
        c = c < 0x200000 ? c * 10 + (uint32_t)(x->text[x->at] - '0') : c;
    return (digits > 0 && allowed(c) && takes(x, ";")) || refuse(x, "a wrong character reference");
}

/* Characters up to `stop`, which is not taken. */
static bool characters(Xml *x, char stop)
{
    while (x->at < x->length && x->text[x->at] != stop) {
        if (x->text[x->at] == '<')
            return refuse(x, "< inside a value");
        if (x->text[x->at] == '&') {
            if (!reference(x))
                return false;
            continue;
        }
        if (x->length - x->at >= 3 && memcmp(x->text + x->at, "]]>", 3) == 0)
            return refuse(x, "]]> inside text");
        size_t at = x->at;
        uint32_t c = utf8_next(x->text, x->length, &at);
        if (c == UTF8_BAD || !allowed(c))
            return refuse(x, "a character that XML does not allow");
        x->at = at;
    }
    return true;
}

static bool attributes(Xml *x)
{
    Piece seen[ATTRIBUTES];
    for (int count = 0; blank(x);) {
        Piece key;
        if (x->at < x->length && strchr("/>?", x->text[x->at]))
            return true;
        if (!name(x, &key))
            return false;
        for (int i = 0; i < count; i++)
            if (same(seen[i], key))
                return refuse(x, "an attribute twice");
        if (count == ATTRIBUTES)
            return refuse(x, "too many attributes");
        seen[count++] = key;
        if (!takes(x, "=\""))
            return refuse(x, "=\" is missing");
        if (!characters(x, '"'))
            return false;
        if (!takes(x, "\""))
            return refuse(x, "an attribute does not end");
    }
    return true;
}

/* One tag at '<'; opens or closes elements on the stack. */
static bool tag(Xml *x, Piece *stack, int *depth)
{
    Piece element;
    if (takes(x, "</")) {
        if (!name(x, &element))
            return false;
        blank(x);
        if (*depth == 0 || !same(stack[*depth - 1], element) || !takes(x, ">"))
            return refuse(x, "an end tag does not match");
        --*depth;
        return true;
    }
    if (!takes(x, "<") || !name(x, &element) || !attributes(x))
        return refuse(x, "a tag is wrong");
    if (takes(x, "/>"))
        return true;
    if (!takes(x, ">") || *depth == DEPTH)
        return refuse(x, "a tag does not end");
    stack[(*depth)++] = element;
    return true;
}

static bool document(Xml *x)
{
    Piece stack[DEPTH];
    int depth = 0;
    if (takes(x, "<?xml") && !(attributes(x) && takes(x, "?>")))
        return refuse(x, "the declaration is wrong");
    blank(x);
    if (!tag(x, stack, &depth))
        return false;
    while (depth > 0) {
        if (!characters(x, '<') || !tag(x, stack, &depth))
            return refuse(x, "the file ends inside an element");
    }
    blank(x);
    return x->at == x->length || refuse(x, "something behind the root");
}

bool xml_check(const char *text, size_t length, size_t *at, const char **why)
{
    Xml x = {.text = text, .length = length};
    bool ok = document(&x);
    *at = x.at;
    *why = x.why;
    return ok;
}
