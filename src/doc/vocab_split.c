/* Text into tokens (see vocab.h). */
#include "doc/letters.h"
#include "doc/vocab.h"

#include "base/mem.h"
#include "base/utf8.h"

#include <string.h>

enum {
    MARKED = 2 * VOCAB_WORD_MOST + 16, /* a word with its mark, bytes written as letters */
    SPACELESS_MOST = 64                /* bytes of the longest word that is looked for there */
};

typedef enum { PLACE_FIRST, PLACE_START, PLACE_INSIDE } Place; /* of the text, of a word */

typedef struct {
    const Vocab *v;
    VocabText *out;
    int most;    /* tokens */
    bool failed; /* out of memory */
} Split;

/* ---- tokens out --------------------------------------------------------- */

static bool split_over(const Split *s)
{
    return s->failed || s->out->cut;
}

static bool put_token(Split *s, int id, bool known, const char *name, size_t length)
{
    VocabText *out = s->out;
    if (out->count == s->most) {
        out->cut = true;
        return false;
    }
    if (out->count == out->room) {
        int room = out->room ? 2 * out->room : 32;
        VocabToken *grown = mem_resize(out->tokens, (size_t)room, sizeof *grown);
        if (!grown)
            return !(s->failed = true);
        out->tokens = grown;
        out->room = room;
    }
    out->tokens[out->count] = (VocabToken){id, known, out->names.size};
    if (!buf_append(&out->names, name, length) || !buf_byte(&out->names, '\0'))
        return !(s->failed = true);
    out->count++;
    return true;
}

static bool put_known(Split *s, int id)
{
    const char *name = s->v->of->tokens[id];
    return put_token(s, id, true, name, strlen(name));
}

static bool put_unknown(Split *s, const char *text, size_t n)
{
    return put_token(s, s->v->unk, false, text, n);
}

/* ---- one word in the vocabulary's own spelling -------------------------- */

static int find_marked(const Vocab *v, const char *mark, const char *text, size_t n,
                       const char *behind)
{
    char marked[MARKED];
    size_t a = strlen(mark), b = strlen(behind);
    if (a + n + b > sizeof marked)
        return -1;
    memcpy(marked, mark, a);
    memcpy(marked + a, text, n);
    memcpy(marked + a + n, behind, b);
    return vocab_find(v, marked, a + n + b);
}

/* The first of two spellings that is there. */
static int find_either(const Vocab *v, const char *one, const char *other, const char *text,
                       size_t n)
{
    int id = find_marked(v, one, text, n, "");
    return id >= 0 ? id : find_marked(v, other, text, n, "");
}

static int find_spelled(const Vocab *v, const char *text, size_t n, Place place)
{
    switch (v->style) {
    case VOCAB_WORDS:
    case VOCAB_HASHES:
    case VOCAB_AT:
        return vocab_find(v, text, n);
    case VOCAB_LOW:
        return place == PLACE_INSIDE ? find_either(v, "", "▁", text, n)
                                     : find_either(v, "▁", "", text, n);
    case VOCAB_G:
        return place == PLACE_START ? find_either(v, "Ġ", "", text, n)
                                    : find_either(v, "", "Ġ", text, n);
    }
    return -1;
}

/* Byte-level vocabularies write each byte as a printable letter: bytes that are not printable in
 * Latin-1 take the code points from U+0100 on, in order. */
static size_t bytes_as_letters(const char *text, size_t n, char out[MARKED])
{
    size_t size = 0;
    for (size_t i = 0; i < n && size + 2 < MARKED; i++) {
        uint32_t byte = (unsigned char)text[i], letter = byte;
        if (byte <= 0x20)
            letter = 0x100 + byte;
        else if (byte >= 0x7F && byte <= 0xA0)
            letter = 0x121 + (byte - 0x7F);
        else if (byte == 0xAD)
            letter = 0x143;
        size += utf8_put(out + size, letter);
    }
    return size;
}

static bool is_ascii(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)text[i] >= 0x80)
            return false;
    return true;
}

static size_t lower_text(const char *text, size_t n, char out[MARKED])
{
    size_t size = 0;
    for (size_t at = 0; at < n && size + 4 < MARKED;)
        size += utf8_put(out + size, letter_lower(utf8_next(text, n, &at)));
    return size;
}

static int find_cased(const Vocab *v, const char *text, size_t n, Place place)
{
    char letters[MARKED];
    int id = find_spelled(v, text, n, place);
    if (id < 0 && v->style == VOCAB_G && !is_ascii(text, n))
        id = find_spelled(v, letters, bytes_as_letters(text, n, letters), place);
    return id;
}

/* As it stands, else in lower case. −1. */
static int find_word(const Vocab *v, const char *text, size_t n, Place place)
{
    char lower[MARKED];
    if (n == 0 || n > VOCAB_WORD_MOST)
        return -1;
    int id = find_cased(v, text, n, place);
    return id >= 0 ? id : find_cased(v, lower, lower_text(text, n, lower), place);
}

/* ---- pieces ------------------------------------------------------------- */

static int find_piece(const Vocab *v, const char *text, size_t n, bool first, bool last,
                      Place place)
{
    switch (v->style) {
    case VOCAB_WORDS:
        return -1;
    case VOCAB_HASHES:
        return find_marked(v, first ? "" : "##", text, n, "");
    case VOCAB_AT:
        return find_marked(v, "", text, n, last ? "" : "@@");
    case VOCAB_LOW:
        return !first ? vocab_find(v, text, n) : find_spelled(v, text, n, place);
    case VOCAB_G:
        return !first ? vocab_find(v, text, n) : find_spelled(v, text, n, place);
    }
    return -1;
}

/* The longest piece first, again and again; nothing is put out unless the whole word goes up. */
static bool put_greedy(Split *s, const char *text, size_t n, Place place)
{
    int count = s->out->count;
    size_t names = s->out->names.size;
    for (size_t at = 0; at < n && !split_over(s);) {
        int id = -1;
        size_t end = n - at > s->v->longest ? at + s->v->longest : n;
        for (end = at + utf8_cut(text + at, n - at, end - at); end > at;
             end = utf8_back(text, end)) {
            id = find_piece(s->v, text + at, end - at, at == 0, end == n, place);
            if (id >= 0)
                break;
        }
        if (id < 0) {
            s->out->count = count;
            s->out->names.size = names;
            return false;
        }
        put_known(s, id);
        at = end;
    }
    return true;
}

static bool put_pieces(Split *s, const char *text, size_t n, Place place)
{
    char cased[MARKED], letters[MARKED];
    if (s->v->style == VOCAB_WORDS || n == 0 || n > VOCAB_WORD_MOST)
        return false;
    for (int lower = 0; lower < 2; lower++) {
        size_t size = n;
        if (lower)
            size = lower_text(text, n, cased);
        else
            memcpy(cased, text, n);
        const char *spelled = cased;
        if (s->v->style == VOCAB_G && !is_ascii(cased, size)) {
            size = bytes_as_letters(cased, size, letters);
            spelled = letters;
        }
        if (put_greedy(s, spelled, size, place))
            return true;
    }
    return false;
}

/* ---- punctuation -------------------------------------------------------- */

static uint32_t point_at(const char *text, size_t n, size_t at)
{
    return at < n ? utf8_next(text, n, &at) : 0;
}

static bool punctuation_before(const char *text, size_t end)
{
    return end > 0 && letter_punctuation(point_at(text, end, utf8_back(text, end)));
}

/* Marks that the vocabulary has as one ("...") stay one, the others are single. */
static void put_punctuation(Split *s, const char *text, size_t n, Place place)
{
    for (size_t at = 0; at < n && !split_over(s);) {
        size_t end = at + utf8_cut(text + at, n - at, SPACELESS_MOST), one = at;
        int id = -1;
        utf8_next(text, n, &one);
        for (; end > one; end = utf8_back(text, end)) {
            id = find_word(s->v, text + at, end - at, at ? PLACE_INSIDE : place);
            if (id >= 0)
                break;
        }
        if (id < 0) {
            end = one;
            id = find_word(s->v, text + at, end - at, at ? PLACE_INSIDE : place);
        }
        if (id >= 0)
            put_known(s, id);
        else
            put_unknown(s, text + at, end - at);
        at = end;
    }
}

static bool put_found(Split *s, const char *text, size_t n, Place place)
{
    int id = find_word(s->v, text, n, place);
    return id >= 0 ? put_known(s, id) : put_pieces(s, text, n, place);
}

/* The end of the run of marks, or of what is none, that begins at `at`. */
static size_t run_end(const char *text, size_t n, size_t at)
{
    bool mark = letter_punctuation(point_at(text, n, at));
    while (at < n && letter_punctuation(point_at(text, n, at)) == mark)
        utf8_next(text, n, &at);
    return at;
}

/* One part of a word with marks inside: 's as one token where there is such a one. */
static size_t put_part(Split *s, const char *text, size_t n, size_t at, Place place)
{
    Place here = at ? PLACE_INSIDE : place;
    size_t end = run_end(text, n, at), both = run_end(text, n, end);
    if (!letter_punctuation(point_at(text, n, at))) {
        if (!put_found(s, text + at, end - at, here))
            put_unknown(s, text + at, end - at);
        return end;
    }
    int id = find_word(s->v, text + at, both - at, here);
    if (id >= 0) {
        put_known(s, id);
        return both;
    }
    put_punctuation(s, text + at, end - at, here);
    return end;
}

/* A word with marks inside: its parts, if the vocabulary has them all. WordPiece parts words at
 * marks whatever it has. */
static bool put_parts(Split *s, const char *text, size_t n, Place place)
{
    int count = s->out->count;
    size_t names = s->out->names.size;
    bool all = true, whatever = s->v->style == VOCAB_HASHES;
    if (run_end(text, n, 0) == n)
        return false;
    for (size_t at = 0; at < n && !split_over(s);)
        at = put_part(s, text, n, at, place);
    for (int i = count; i < s->out->count; i++)
        all = all && s->out->tokens[i].known;
    if (all || whatever)
        return true;
    s->out->count = count;
    s->out->names.size = names;
    return false;
}

static void put_core(Split *s, const char *text, size_t n, Place place)
{
    if (n == 0 || put_found(s, text, n, place) || split_over(s))
        return;
    if (n <= VOCAB_WORD_MOST && put_parts(s, text, n, place))
        return;
    if (!split_over(s))
        put_unknown(s, text, n);
}

/* A word of a script with spaces: as it stands, then with less and less of what surrounds it. */
static void put_word(Split *s, const char *text, size_t n, Place place)
{
    size_t lead = 0, trail = n, from = 0, to = n;
    while (lead < n && letter_punctuation(point_at(text, n, lead)))
        utf8_next(text, n, &lead);
    while (trail > lead && punctuation_before(text, trail))
        trail = utf8_back(text, trail);
    bool found = false;
    for (to = n; n <= VOCAB_WORD_MOST; to = utf8_back(text, to)) {
        for (from = 0; !found && from <= lead && from < to; utf8_next(text, n, &from)) {
            found = find_word(s->v, text + from, to - from, from ? PLACE_INSIDE : place) >= 0;
            if (found)
                break;
        }
        if (found || to <= trail || to == 0)
            break;
    }
    if (!found) {
        from = lead;
        to = trail;
    }
    put_punctuation(s, text, from, place);
    put_core(s, text + from, to - from, from ? PLACE_INSIDE : place);
    put_punctuation(s, text + to, n - to, PLACE_INSIDE);
}

/* ---- scripts without spaces --------------------------------------------- */

static size_t longest_word(const Split *s, const char *text, size_t n, Place place, int *id)
{
    for (size_t end = utf8_cut(text, n, SPACELESS_MOST); end > 0; end = utf8_back(text, end)) {
        *id = find_word(s->v, text, end, place);
        if (*id < 0 && s->v->style == VOCAB_HASHES)
            *id = find_marked(s->v, "##", text, end, "");
        if (*id >= 0)
            return end;
    }
    return 0;
}

/* Unknown Chinese is a token a character, unknown Thai one stretch. */
static void put_spaceless(Split *s, const char *text, size_t n, Place place)
{
    size_t unknown = 0; /* the stretch [unknown, at) is not there */
    for (size_t at = 0; at < n && !split_over(s);) {
        int id = -1;
        size_t length = longest_word(s, text + at, n - at, at ? PLACE_INSIDE : place, &id);
        bool single = letter_ideograph(point_at(text, n, at));
        if ((id >= 0 || single) && at > unknown)
            put_unknown(s, text + unknown, at - unknown);
        if (id >= 0) {
            put_known(s, id);
            unknown = at += length;
        } else {
            size_t from = at;
            utf8_next(text, n, &at);
            if (single) {
                put_unknown(s, text + from, at - from);
                unknown = at;
            }
        }
    }
    if (unknown < n && !split_over(s))
        put_unknown(s, text + unknown, n - unknown);
}

/* ---- the text ----------------------------------------------------------- */

/* What stands between two spaces: found whole, or in runs of scripts with and without spaces. */
static void put_stretch(Split *s, const char *text, size_t n, Place place)
{
    int id = find_word(s->v, text, n, place);
    if (id >= 0) {
        put_known(s, id);
        return;
    }
    for (size_t at = 0; at < n && !split_over(s);) {
        size_t end = at;
        bool spaceless = letter_spaceless(point_at(text, n, at));
        while (end < n && letter_spaceless(point_at(text, n, end)) == spaceless)
            utf8_next(text, n, &end);
        Place here = at ? PLACE_INSIDE : place;
        if (spaceless)
            put_spaceless(s, text + at, end - at, here);
        else
            put_word(s, text + at, end - at, here);
        at = end;
    }
}

static bool split_done(Split *s, Error *err)
{
    if (!s->failed)
        return true;
    vocab_text_free(s->out);
    return error_memory(err);
}

static void split_begin(VocabText *out)
{
    out->count = 0;
    out->cut = false;
    buf_clear(&out->names);
}

bool vocab_split(const Vocab *v, const char *text, size_t length, VocabText *out, Error *err)
{
    Split s = {v, out, VOCAB_TOKENS_MOST, false};
    split_begin(out);
    for (size_t at = 0; at < length && !split_over(&s);) {
        size_t from = at, next = at;
        if (letter_space(utf8_next(text, length, &next))) {
            at = next;
            continue;
        }
        while (at < length && !letter_space(point_at(text, length, at)))
            utf8_next(text, length, &at);
        put_stretch(&s, text + from, at - from, out->count ? PLACE_START : PLACE_FIRST);
    }
    return split_done(&s, err);
}

bool vocab_look_up(const Vocab *v, const char *const *tokens, int count, VocabText *out, Error *err)
{
    Split s = {v, out, count, false};
    split_begin(out);
    for (int i = 0; i < count && !split_over(&s); i++) {
        int id = vocab_find(v, tokens[i], strlen(tokens[i]));
        put_token(&s, id >= 0 ? id : v->unk, id >= 0, tokens[i], strlen(tokens[i]));
    }
    return split_done(&s, err);
}
