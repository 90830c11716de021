#include "ui/text_edit.h"

#include "base/utf8.h"
#include "draw/grapheme.h"

#include <string.h>

static size_t length_of(const TextEdit *e)
{
    return strlen(e->text);
}

/* The cluster boundary at or before `at`. */
static size_t settled(const TextEdit *e, size_t at)
{
    size_t length = length_of(e), edge = 0;
    if (at >= length)
        return length;
    while (edge < at) {
        size_t next = grapheme_next(e->text, length, edge);
        if (next > at || next <= edge)
            return edge;
        edge = next;
    }
    return edge;
}

void text_edit_settle(TextEdit *edit)
{
    edit->caret = settled(edit, edit->caret);
    edit->anchor = settled(edit, edit->anchor);
}

size_t text_edit_from(const TextEdit *edit)
{
    return edit->caret < edit->anchor ? edit->caret : edit->anchor;
}

size_t text_edit_to(const TextEdit *edit)
{
    return edit->caret < edit->anchor ? edit->anchor : edit->caret;
}

/* 0 = space, 1 = punctuation, 2 = part of a word. */
static int kind_at(const char *text, size_t length, size_t at)
{
    uint32_t c = utf8_next(text, length, &at);
    if (c == ' ' || c == 0xA0 || c == 0x3000 || (c >= 0x2000 && c <= 0x200A))
        return 0;
    bool word = c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                (c >= 'a' && c <= 'z') || c == '_';
    return word ? 2 : 1;
}

static size_t next_of(const TextEdit *e, size_t at)
{
    size_t length = length_of(e);
    return at < length ? grapheme_next(e->text, length, at) : length;
}

static size_t back_of(const TextEdit *e, size_t at)
{
    return at > 0 ? grapheme_back(e->text, length_of(e), at) : 0;
}

static size_t word_right(const TextEdit *e, size_t at)
{
    size_t length = length_of(e);
    while (at < length && kind_at(e->text, length, at) == 0)
        at = next_of(e, at);
    int kind = at < length ? kind_at(e->text, length, at) : 0;
    while (at < length && kind_at(e->text, length, at) == kind)
        at = next_of(e, at);
    return at;
}

static size_t word_left(const TextEdit *e, size_t at)
{
    size_t length = length_of(e);
    while (at > 0 && kind_at(e->text, length, back_of(e, at)) == 0)
        at = back_of(e, at);
    int kind = at > 0 ? kind_at(e->text, length, back_of(e, at)) : 0;
    while (at > 0 && kind_at(e->text, length, back_of(e, at)) == kind)
        at = back_of(e, at);
    return at;
}

static size_t target(const TextEdit *e, EditMove move)
{
    switch (move) {
    case EDIT_LEFT:
        return back_of(e, e->caret);
    case EDIT_RIGHT:
        return next_of(e, e->caret);
    case EDIT_WORD_LEFT:
        return word_left(e, e->caret);
    case EDIT_WORD_RIGHT:
        return word_right(e, e->caret);
    case EDIT_START:
        return 0;
    case EDIT_STOP:
        return length_of(e);
    }
    return e->caret;
}

void text_edit_move(TextEdit *edit, EditMove move, bool keep)
{
    text_edit_settle(edit);
    bool chosen = edit->caret != edit->anchor;
    if (chosen && !keep && move == EDIT_LEFT)
        edit->caret = text_edit_from(edit);
    else if (chosen && !keep && move == EDIT_RIGHT)
        edit->caret = text_edit_to(edit);
    else
        edit->caret = target(edit, move);
    if (!keep)
        edit->anchor = edit->caret;
}

static void cut(TextEdit *e, size_t from, size_t to)
{
    memmove(e->text + from, e->text + to, length_of(e) - to + 1);
    e->caret = e->anchor = from;
}

bool text_edit_delete(TextEdit *edit, bool forward, bool word)
{
    text_edit_settle(edit);
    size_t from = text_edit_from(edit), to = text_edit_to(edit);
    if (from == to && forward)
        to = word ? word_right(edit, to) : next_of(edit, to);
    else if (from == to)
        from = word ? word_left(edit, from) : back_of(edit, from);
    if (from == to)
        return false;
    cut(edit, from, to);
    return true;
}

static bool is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 || c == UTF8_BAD;
}

/* n bytes are kept and `more` (one code point) did not fit: when it belongs to the last kept
 * cluster, that cluster is left out whole. */
static size_t whole_clusters(const char *out, size_t n, const char *more, size_t more_length)
{
    char last[64];
    size_t edge = n > 0 ? grapheme_back(out, n, n) : 0, length = n - edge;
    if (length + more_length > sizeof last)
        return edge;
    memcpy(last, out + edge, length);
    memcpy(last + length, more, more_length);
    return length > 0 && grapheme_next(last, length + more_length, 0) > length ? edge : n;
}

/* Copies the printable part of text, at most room bytes, ending between clusters. */
static size_t filtered(char *out, size_t room, const char *text)
{
    size_t length = strlen(text), at = 0, n = 0;
    while (at < length) {
        size_t from = at;
        if (is_control(utf8_next(text, length, &at)))
            continue;
        if (n + (at - from) > room)
            return whole_clusters(out, n, text + from, at - from);
        memcpy(out + n, text + from, at - from);
        n += at - from;
    }
    return n;
}

bool text_edit_insert(TextEdit *edit, const char *text)
{
    text_edit_settle(edit);
    size_t from = text_edit_from(edit), to = text_edit_to(edit), length = length_of(edit);
    size_t kept = length - (to - from);
    if (edit->cap == 0 || kept + 1 > edit->cap)
        return false;
    size_t room = edit->cap - 1 - kept;
    /* The new bytes are built behind the old text's end, then rotated in: no second buffer is
     * needed when the tail is first moved to the end of the room. */
    size_t tail = length - to;
    memmove(edit->text + edit->cap - 1 - tail, edit->text + to, tail);
    size_t n = filtered(edit->text + from, room, text);
    memmove(edit->text + from + n, edit->text + edit->cap - 1 - tail, tail);
    edit->text[from + n + tail] = '\0';
    edit->caret = edit->anchor = from + n;
    return n > 0 || to > from;
}

void text_edit_word_at(TextEdit *edit, size_t at)
{
    size_t length = length_of(edit);
    at = settled(edit, at);
    if (at >= length && at > 0)
        at = back_of(edit, at);
    if (length == 0) {
        edit->caret = edit->anchor = 0;
        return;
    }
    int kind = kind_at(edit->text, length, at);
    size_t from = at, to = next_of(edit, at);
    while (from > 0 && kind_at(edit->text, length, back_of(edit, from)) == kind)
        from = back_of(edit, from);
    while (to < length && kind_at(edit->text, length, to) == kind)
        to = next_of(edit, to);
    edit->anchor = from;
    edit->caret = to;
}
