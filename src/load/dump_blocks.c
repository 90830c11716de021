#include "load/dump_blocks.h"

#include <string.h>

Head head_of(const char *text, size_t size, bool whole)
{
    bool mark = size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0;
    return (Head){text + (mark ? 3 : 0), size - (mark ? 3 : 0), whole};
}

bool head_line(Head *head, Slice *out)
{
    size_t n = 0;
    if (head->left == 0)
        return false;
    while (n < head->left && head->at[n] != '\n' && head->at[n] != '\r')
        n++;
    if (n == head->left && !head->whole)
        return false;
    *out = (Slice){head->at, n};
    bool pair = n + 1 < head->left && head->at[n] == '\r' && head->at[n + 1] == '\n';
    size_t step = n + (n < head->left) + (pair ? 1 : 0);
    head->at += step;
    head->left -= step;
    return true;
}

bool head_filled(Head *head, Slice *out)
{
    while (head_line(head, out)) {
        if (slice_trim(*out).length > 0)
            return true;
    }
    return false;
}

int slice_numbers(Slice s, char comma)
{
    int count = 0;
    s = slice_trim(s);
    while (s.length > 0) {
        size_t n = 0;
        double value;
        while (n < s.length && s.at[n] != ' ' && s.at[n] != '\t' && s.at[n] != comma)
            n++;
        if (!slice_number((Slice){s.at, n}, &value))
            return -1;
        count++;
        s = slice_trim((Slice){s.at + n, s.length - n});
        if (comma && s.length > 0 && s.at[0] == comma)
            s = slice_trim((Slice){s.at + 1, s.length - 1});
    }
    return count;
}

int slice_words(Slice s)
{
    Slice word;
    int count = 0;
    while (slice_word(&s, &word))
        count++;
    return count;
}

int slice_parts(Slice s, const char *mark)
{
    Slice part;
    int count = 0;
    while (slice_part(&s, mark, &part))
        count++;
    return count;
}

static bool is_blank(const Lines *lines)
{
    return slice_trim((Slice){lines->text, lines->length}).length == 0;
}

DumpStep lines_filled(Lines *lines, Error *err)
{
    while (lines_next(lines, err)) {
        if (!is_blank(lines))
            return DUMP_ENTRY;
        lines_skip_empty(lines);
    }
    return err->kind == ERROR_NONE ? DUMP_END : DUMP_FAILED;
}

DumpStep lines_leave(Lines *lines, bool (*begins)(Slice line))
{
    Error err = {0};
    while (lines_next(lines, &err)) {
        if (begins((Slice){lines->text, lines->length})) {
            lines_back(lines);
            return DUMP_BAD;
        }
        if (is_blank(lines))
            return DUMP_BAD;
    }
    return DUMP_BAD; /* what ends the file is found again by the next entry */
}
