/* Tokens as a reader knows them: the marks by which tokenizers say where words begin are taken off.
 */
#include "draw/text_visible.h"

#include "base/utf8.h"

#include <string.h>

#define SPACE_MARK "\u2423"
#define EMPTY_MARK "\u2205"

#define TOKEN_BYTES 512

/* Byte-level vocabularies (GPT-2's) write every byte as a printable character: the printable ones
 * of Latin-1 as themselves, the other 68, in order, as U+0100 … U+0143. −1: not such a character.
 */
static int byte_of(uint32_t c)
{
    if ((c >= 0x21 && c <= 0x7E) || (c >= 0xA1 && c <= 0xAC) || (c >= 0xAE && c <= 0xFF))
        return (int)c;
    if (c >= 0x100 && c <= 0x120)
        return (int)(c - 0x100);
    if (c >= 0x121 && c <= 0x142)
        return (int)(c - 0x121 + 0x7F);
    return c == 0x143 ? 0xAD : -1;
}

/* Quotation marks, degree sign, superscripts: what may stand behind a word in any language. */
static bool is_tail(unsigned char byte)
{
    return byte == 0xAB || byte == 0xBB || byte == 0xB0 || byte == 0xB2 || byte == 0xB3 ||
           byte == 0xB9;
}

/* Real words can look like bytes of UTF-8: Turkish Çıkar, German Spaß», Slovak kráľ». A sequence is
 * believed when its characters, read as text, are not what such words are made of. */
static bool believable(const unsigned char *sequence, size_t length)
{
    unsigned char lead = sequence[0];
    if (length == 2) {
        bool other_script = lead == 0xC2 || lead == 0xC3 || (lead >= 0xCE && lead <= 0xD1) ||
                            (lead >= 0xD7 && lead <= 0xDB);
        return other_script || ((lead == 0xC4 || lead == 0xC5) && !is_tail(sequence[1]));
    }
    bool letter = sequence[1] < 0xA1 || sequence[1] == 0xAD;
    return length != 3 || !letter || !is_tail(sequence[2]);
}

/* `âĢ`, `ðŁ`: the beginning of a punctuation mark or an emoji, cut by the tokenizer. Other
 * beginnings are ends of real words (açı, kráľ). */
static bool is_beginning(const unsigned char *bytes, size_t length)
{
    if (length < 2 || length > 3 || (bytes[0] != 0xE2 && bytes[0] != 0xF0))
        return false;
    if (bytes[1] < (bytes[0] == 0xF0 ? 0x90 : 0x80) || bytes[1] > 0x9F)
        return false;
    return length == 2 || (bytes[0] == 0xF0 && (bytes[2] & 0xC0) == 0x80);
}

/* The bytes are UTF-8 with something beyond ASCII in it; the last character may be cut. Controls
 * say no: čas and ciąg would hold some. */
static bool spells_utf8(const char *bytes, size_t length)
{
    bool beyond_ascii = false;
    for (size_t at = 0; at < length;) {
        size_t start = at;
        const unsigned char *sequence = (const unsigned char *)bytes + start;
        uint32_t c = utf8_next(bytes, length, &at);
        if (c == UTF8_BAD)
            return is_beginning(sequence, length - start);
        if (c < 0x20 || (c >= 0x7F && c < 0xA0))
            return false;
        if (c >= 0x80 && !believable(sequence, at - start))
            return false;
        beyond_ascii = beyond_ascii || c >= 0x80;
    }
    return beyond_ascii;
}

/* Decodes token into bytes (TOKEN_BYTES) where it is surely byte-level, else returns false. Ġ, Ċ, ĉ
 * are white space when there is nothing else; č, a Czech word, only together with one of them. */
static bool decode_bytes(const char *token, size_t length, char *bytes, size_t *size)
{
    bool blank = true, sure = false;
    *size = 0;
    for (size_t at = 0; at < length;) {
        uint32_t c = utf8_next(token, length, &at);
        int byte = c == UTF8_BAD ? -1 : byte_of(c);
        if (byte < 0 || *size == TOKEN_BYTES)
            return false;
        sure = sure || c == 0x109 || c == 0x10A || c == 0x120;
        blank = blank && (c == 0x109 || c == 0x10A || c == 0x10D || c == 0x120);
        bytes[(*size)++] = (char)byte;
    }
    size_t skip = *size > 0 && bytes[0] == ' ' ? 1 : 0;
    return (blank && sure) || spells_utf8(bytes + skip, *size - skip);
}

/* Bytes of a word-start mark at the head of text: a space, `▁`, `Ġ`; else 0. */
static size_t start_mark(const char *text, size_t length)
{
    static const char LOWER_BLOCK[] = "\u2581", G_DOT[] = "\u0120";
    if (length >= 1 && text[0] == ' ')
        return 1;
    if (length >= 3 && memcmp(text, LOWER_BLOCK, 3) == 0)
        return 3;
    return length >= 2 && memcmp(text, G_DOT, 2) == 0 ? 2 : 0;
}

/* Only white space: each is shown, since it is all there is to see. */
static bool put_blanks(Visible *out, const char *text, size_t length)
{
    for (size_t at = 0; at < length;) {
        size_t mark = start_mark(text + at, length - at);
        if (mark > 0) {
            at += mark;
            continue;
        }
        uint32_t c = utf8_next(text, length, &at);
        if (c == UTF8_BAD || (!visible_is_space(c) && c != '\n' && c != '\t' && c != '\r'))
            return false;
    }
    for (size_t at = 0; at < length;) {
        size_t mark = start_mark(text + at, length - at);
        if (mark > 0) {
            visible_put(out, SPACE_MARK, sizeof SPACE_MARK - 1);
            at += mark;
        } else {
            visible_mark(out, utf8_next(text, length, &at));
        }
    }
    return true;
}

/* `▁` inside a token is a space (`New▁York`); so is Ġ where the token began with one. */
static void put_word(Visible *out, const char *text, size_t length, bool byte_level)
{
    char word[TOKEN_BYTES];
    size_t size = 0;
    for (size_t at = 0; at < length && size + 4 <= sizeof word;) {
        size_t mark = start_mark(text + at, length - at);
        if (mark == 3 || (mark == 2 && byte_level)) {
            word[size++] = ' ';
            at += mark;
            continue;
        }
        size_t start = at;
        utf8_next(text, length, &at);
        memcpy(word + size, text + start, at - start);
        size += at - start;
    }
    visible_text(out, word, size);
}

bool text_token_plain(const char *token, size_t cap)
{
    size_t length = 0;
    for (; token[length]; length++) {
        char c = token[length];
        if (c <= ' ' || c > '~' || c == '#' || c == '@' || length + 1 >= cap)
            return false;
    }
    return length > 0 && length < TOKEN_BYTES;
}

void text_token(const char *token, char *out, size_t cap)
{
    char bytes[TOKEN_BYTES];
    const char *text = token;
    size_t length = utf8_cut(token, strlen(token), TOKEN_BYTES), size = 0, mark;
    Visible visible = visible_into(out, cap);
    if (length == 0) {
        visible_put(&visible, EMPTY_MARK, sizeof EMPTY_MARK - 1);
        return;
    }
    bool byte_level = length >= 2 && memcmp(token, "\u0120", 2) == 0;
    if (decode_bytes(token, length, bytes, &size)) {
        text = bytes;
        length = size;
        byte_level = false;
    }
    if (put_blanks(&visible, text, length))
        return;
    while ((mark = start_mark(text, length)) > 0) {
        text += mark;
        length -= mark;
    }
    if (length > 2 && text[0] == '#' && text[1] == '#' && text[2] != '#') {
        text += 2;
        length -= 2;
    } else if (length > 2 && text[length - 1] == '@' && text[length - 2] == '@' &&
               text[length - 3] != '@') {
        length -= 2;
    }
    put_word(&visible, text, length, byte_level);
}
