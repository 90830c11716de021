#include "draw/textrun.h"

#include "base/utf8.h"
#include "draw/grapheme.h"

#include <fribidi.h>
#include <hb.h>

/* Below it there is neither a right-to-left character nor a bidi control (digits and marks aside).
 */
#define FIRST_RTL 0x590

typedef struct {
    FriBidiChar code_points[TEXTRUN_BYTES];
    FriBidiLevel levels[TEXTRUN_BYTES];
    uint16_t starts[TEXTRUN_BYTES]; /* byte offset of each code point */
    int count;
    bool rtl;
} Line;

static bool is_bidi_blank(FriBidiCharType type)
{
    return FRIBIDI_IS_EXPLICIT_OR_BN_OR_WS(type) || FRIBIDI_IS_SEPARATOR(type) ||
           FRIBIDI_IS_ISOLATE(type);
}

static void find_levels(Line *line)
{
    FriBidiCharType types[TEXTRUN_BYTES];
    FriBidiBracketType brackets[TEXTRUN_BYTES];
    FriBidiParType direction = FRIBIDI_PAR_ON; /* first strong character, else left to right */
    fribidi_get_bidi_types(line->code_points, line->count, types);
    fribidi_get_bracket_types(line->code_points, line->count, types, brackets);
    if (fribidi_get_par_embedding_levels_ex(types, brackets, line->count, &direction,
                                            line->levels) == 0) {
        for (int i = 0; i < line->count; i++) /* out of memory inside: logical order */
            line->levels[i] = 0;
        return;
    }
    line->rtl = FRIBIDI_IS_RTL(direction);
    /* Rule L1: white space at the end of the line stands at the line's own level. */
    for (int i = line->count; i-- > 0 && is_bidi_blank(types[i]);)
        line->levels[i] = line->rtl ? 1 : 0;
}

static size_t read_line(Line *line, const char *text, size_t length)
{
    bool plain = true;
    size_t used = utf8_cut(text, length, TEXTRUN_BYTES), at = 0;
    if (used < length) { /* a cluster cut in two would be drawn as another one */
        size_t start = grapheme_back(text, length, used);
        size_t end = grapheme_next(text, length, start);
        used = end > used && start > 0 ? start : used;
    }
    line->count = 0;
    line->rtl = false;
    while (at < used) {
        line->starts[line->count] = (uint16_t)at;
        uint32_t c = utf8_next(text, used, &at);
        line->code_points[line->count] = c == UTF8_BAD ? 0xFFFD : c;
        line->levels[line->count++] = 0;
        plain = plain && c < FIRST_RTL;
    }
    if (!plain)
        find_levels(line);
    return used;
}

static hb_script_t script_of(FriBidiChar c)
{
    hb_script_t script = hb_unicode_script(hb_unicode_funcs_get_default(), c);
    if (script == HB_SCRIPT_HIRAGANA || script == HB_SCRIPT_KATAKANA ||
        script == HB_SCRIPT_BOPOMOFO)
        return HB_SCRIPT_HAN; /* written mixed, shaped alike */
    if (script == HB_SCRIPT_INHERITED || script == HB_SCRIPT_UNKNOWN)
        return HB_SCRIPT_COMMON;
    return script;
}

/* A cluster as long as it is not yet joined with its neighbours; then a run. */
typedef struct {
    TextRun run;
    FriBidiLevel level;
} Piece;

static int find_clusters(const Line *line, const char *text, size_t used, TextrunChoose choose,
                         void *context, Piece *out)
{
    int count = 0, i = 0, font = -1;
    for (size_t at = 0; at < used;) {
        Piece *piece = &out[count++];
        size_t end = grapheme_next(text, used, at);
        hb_script_t script = HB_SCRIPT_COMMON;
        piece->level = line->levels[i];
        for (; i < line->count && line->starts[i] < end; i++)
            if (script == HB_SCRIPT_COMMON)
                script = script_of(line->code_points[i]);
        font = choose(context, text + at, end - at, font);
        piece->run =
            (TextRun){(uint32_t)script, font, (uint16_t)at, (uint16_t)end, piece->level % 2 != 0};
        at = end;
    }
    return count;
}

/* Common takes the script before it, at the head of the line the first one after it. */
static void settle_scripts(Piece *pieces, int count)
{
    uint32_t script = HB_SCRIPT_COMMON;
    for (int i = 0; i < count && script == HB_SCRIPT_COMMON; i++)
        script = pieces[i].run.script;
    for (int i = 0; i < count; i++) {
        if (pieces[i].run.script == HB_SCRIPT_COMMON)
            pieces[i].run.script = script;
        script = pieces[i].run.script;
    }
}

static int join_pieces(Piece *pieces, int count)
{
    int runs = 0;
    for (int i = 0; i < count; i++) {
        Piece *last = runs > 0 ? &pieces[runs - 1] : NULL;
        if (last && last->level == pieces[i].level && last->run.font == pieces[i].run.font &&
            last->run.script == pieces[i].run.script)
            last->run.to = pieces[i].run.to;
        else
            pieces[runs++] = pieces[i];
    }
    return runs;
}

/* Rule L2: from the highest level down to the lowest odd one, turn around every sequence of runs at
 * that level or above. */
static void reorder(Piece *runs, int count)
{
    int highest = 0;
    for (int i = 0; i < count; i++)
        highest = runs[i].level > highest ? runs[i].level : highest;
    for (int level = highest; level > 0; level--) {
        for (int i = 0; i < count; i++) {
            int end = i;
            while (end < count && runs[end].level >= level)
                end++;
            for (int a = i, b = end - 1; a < b; a++, b--) {
                Piece swap = runs[a];
                runs[a] = runs[b];
                runs[b] = swap;
            }
            i = end > i ? end : i;
        }
    }
}

int textrun_split(const char *text, size_t length, TextrunChoose choose, void *context,
                  TextRun out[TEXTRUN_MAX], bool *base_rtl)
{
    Line line;
    Piece pieces[TEXTRUN_MAX];
    size_t used = read_line(&line, text, length);
    int count = find_clusters(&line, text, used, choose, context, pieces);
    settle_scripts(pieces, count);
    count = join_pieces(pieces, count);
    reorder(pieces, count);
    for (int i = 0; i < count; i++)
        out[i] = pieces[i].run;
    if (base_rtl)
        *base_rtl = line.rtl;
    return count;
}

bool textrun_rtl(const char *text, size_t length)
{
    Line line;
    read_line(&line, text, length);
    return line.rtl;
}
