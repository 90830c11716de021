#include "platform/font_ttf.h"

#include "base/hash.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "draw/grapheme.h"
#include "draw/textrun.h"
#include "platform/font_box.h"
#include "platform/font_pieces.h"

#include <hb-ot.h>
#include <math.h>
#include <string.h>

#define WIDTH_SLOTS 16384 /* power of two */
#define WIDTH_WAYS  4
#define PX_MIN      1.0f
#define PX_MAX      512.0f

/* Widths in em: HarfBuzz measures without hinting, so one answer serves every size. */
typedef struct {
    uint64_t key; /* 0 = free */
    float em;
} WidthSlot;

typedef struct {
    char text[TEXTRUN_BYTES + 1];
    size_t length;
    TextRun runs[TEXTRUN_MAX];
    int count;
} Line;

struct FontTtf {
    FontFiles *files;
    FontPieces *pieces;
    hb_buffer_t *buffer;
    WidthSlot widths[WIDTH_SLOTS];
    unsigned turn; /* which of the ways is given up next */
    Line line;     /* the one that is measured or drawn: too much for a small stack */
};

/* ---- lines -------------------------------------------------------------- */

typedef struct {
    FontFiles *files;
    FontFace face;
    HanStyle han;
} Choice;

static int choose(void *context, const char *cluster, size_t length, int previous)
{
    const Choice *choice = context;
    return font_files_choose(choice->files, choice->face, choice->han, cluster, length, previous);
}

/* Only whole, valid characters reach the libraries: broken bytes become U+FFFD, controls a space.
 */
static void line_copy(Line *line, const char *text, size_t length)
{
    line->length = 0;
    for (size_t at = 0; at < length;) {
        char bytes[4];
        uint32_t c = utf8_next(text, length, &at);
        if (c == UTF8_BAD)
            c = 0xFFFD;
        size_t size = utf8_put(bytes, c < 0x20 || c == 0x7F ? ' ' : c);
        if (line->length + size > TEXTRUN_BYTES)
            break;
        memcpy(line->text + line->length, bytes, size);
        line->length += size;
    }
    line->text[line->length] = '\0';
}

static HanStyle han_style(const Line *line)
{
    HanStyle style = HAN_CHINESE;
    for (size_t at = 0; at < line->length;) {
        uint32_t c = utf8_next(line->text, line->length, &at);
        if (c >= 0x3041 && c <= 0x30FF)
            return HAN_JAPANESE;
        if ((c >= 0xAC00 && c <= 0xD7A3) || (c >= 0x1100 && c <= 0x11FF))
            style = HAN_KOREAN;
    }
    return style;
}

static const Line *line_split(FontTtf *ttf, FontFace face, const char *text, size_t length)
{
    Line *line = &ttf->line;
    line_copy(line, text, length);
    Choice choice = {ttf->files, face, han_style(line)};
    line->count = textrun_split(line->text, line->length, choose, &choice, line->runs, NULL);
    return line;
}

/* ---- measuring ---------------------------------------------------------- */

static void shape(FontTtf *ttf, const FontFile *file, const Line *line, const TextRun *run)
{
    hb_buffer_clear_contents(ttf->buffer);
    hb_buffer_add_utf8(ttf->buffer, line->text + run->from, (int)(run->to - run->from), 0, -1);
    hb_buffer_set_direction(ttf->buffer, run->rtl ? HB_DIRECTION_RTL : HB_DIRECTION_LTR);
    hb_buffer_set_script(ttf->buffer, (hb_script_t)run->script);
    hb_buffer_guess_segment_properties(ttf->buffer);
    hb_shape(file->shaper, ttf->buffer, NULL, 0);
}

static float box_advance(const Line *line, const TextRun *run)
{
    float advance = 0;
    for (size_t at = run->from; at < run->to;) {
        size_t end = grapheme_next(line->text, run->to, at);
        advance += font_box_advance(font_files_first(line->text + at, end - at));
        at = end;
    }
    return advance;
}

static float run_advance(FontTtf *ttf, const Line *line, const TextRun *run)
{
    if (run->font == FONT_FILES_BOX)
        return box_advance(line, run);
    unsigned count;
    int64_t advance = 0;
    const FontFile *file = font_files_at(ttf->files, run->font);
    shape(ttf, file, line, run);
    const hb_glyph_position_t *at = hb_buffer_get_glyph_positions(ttf->buffer, &count);
    for (unsigned i = 0; i < count; i++)
        advance += at[i].x_advance;
    return (float)advance * file->unit;
}

/* Where the ink of the shaped run begins, and how high it goes. */
static void run_ink(FontTtf *ttf, const FontFile *file, FontRun *out)
{
    unsigned count;
    int64_t pen = 0, left = 0, top = 0;
    const hb_glyph_position_t *at = hb_buffer_get_glyph_positions(ttf->buffer, &count);
    const hb_glyph_info_t *glyphs = hb_buffer_get_glyph_infos(ttf->buffer, &count);
    for (unsigned i = 0; i < count; i++) {
        hb_glyph_extents_t extents;
        if (hb_font_get_glyph_extents(file->shaper, glyphs[i].codepoint, &extents)) {
            int64_t x = pen + at[i].x_offset + extents.x_bearing;
            int64_t y = (int64_t)at[i].y_offset + extents.y_bearing;
            left = x < left ? x : left;
            top = y > top ? y : top;
        }
        pen += at[i].x_advance;
    }
    out->advance = (float)pen * file->unit;
    out->left = (float)left * file->unit;
    out->top = (float)top * file->unit;
}

static float clamp_px(float px)
{
    return px >= PX_MIN ? fminf(px, PX_MAX) : PX_MIN; /* NaN too */
}

static WidthSlot *width_slot(FontTtf *ttf, uint64_t key)
{
    /* FNV leaves the last bytes of a short text in its low bits: spread them. */
    uint64_t spread = (key ^ key >> 32) * 0x9E3779B97F4A7C15ull;
    WidthSlot *set = &ttf->widths[(spread >> 40) & (WIDTH_SLOTS - WIDTH_WAYS)];
    for (int i = 0; i < WIDTH_WAYS; i++)
        if (set[i].key == key)
            return &set[i];
    WidthSlot *slot = &set[ttf->turn++ % WIDTH_WAYS];
    for (int i = 0; i < WIDTH_WAYS; i++)
        if (set[i].key == 0)
            slot = &set[i];
    *slot = (WidthSlot){key, -1};
    return slot;
}

static float ttf_width(void *self, FontFace face, float px, const char *text, size_t length)
{
    FontTtf *ttf = self;
    if (length == 0)
        return 0;
    size_t used = utf8_cut(text, length, TEXTRUN_BYTES);
    uint64_t key = hash_bytes(HASH_SEED + (uint64_t)face + 1, text, used);
    WidthSlot *slot = width_slot(ttf, key | 1);
    if (slot->em < 0) {
        float em = 0;
        const Line *line = line_split(ttf, face, text, used);
        for (int i = 0; i < line->count; i++)
            em += run_advance(ttf, line, &line->runs[i]);
        slot->em = fmaxf(em, 0);
    }
    return slot->em * clamp_px(px);
}

/* ---- drawing ------------------------------------------------------------ */

static float draw_boxes(FontTtf *ttf, const Line *line, const TextRun *run, float px, float pen)
{
    for (size_t at = run->from; at < run->to;) {
        size_t end = grapheme_next(line->text, run->to, at);
        uint32_t c = font_files_first(line->text + at, end - at);
        font_pieces_box(ttf->pieces, c, pen);
        pen += font_box_advance(c) * px;
        at = end;
    }
    return pen;
}

static float draw_run(FontTtf *ttf, const Line *line, const TextRun *run, float px, float pen)
{
    char text[TEXTRUN_BYTES + 1];
    size_t length = run->to - run->from;
    memcpy(text, line->text + run->from, length);
    text[length] = '\0';
    const FontFile *file = font_files_at(ttf->files, run->font);
    FontRun out = {
        .file = file, .file_id = run->font, .text = text, .script = run->script, .rtl = run->rtl};
    shape(ttf, file, line, run);
    run_ink(ttf, file, &out);
    if (out.advance > 0)
        font_pieces_run(ttf->pieces, &out, pen);
    return pen + out.advance * px;
}

static bool ttf_render(void *self, FontFace face, float px, const char *text, size_t length,
                       TextMask *out)
{
    FontTtf *ttf = self;
    float pen = 0;
    px = clamp_px(px);
    const Line *line = line_split(ttf, face, text, utf8_cut(text, length, TEXTRUN_BYTES));
    font_pieces_begin(ttf->pieces, px);
    for (int i = 0; i < line->count; i++) {
        const TextRun *run = &line->runs[i];
        pen = run->font == FONT_FILES_BOX ? draw_boxes(ttf, line, run, px, pen)
                                          : draw_run(ttf, line, run, px, pen);
    }
    if (!font_pieces_finish(ttf->pieces, out))
        return false;
    out->advance = pen;
    return true;
}

static float ttf_ascent(void *self, FontFace face, float px)
{
    const FontTtf *ttf = self;
    const FontFile *file = font_files_at(ttf->files, (int)face);
    hb_font_extents_t extents = {0};
    hb_font_get_h_extents(file->shaper, &extents);
    return (float)extents.ascender * file->unit * clamp_px(px);
}

static uint32_t ttf_uncovered(void *self, const char *text, size_t length)
{
    FontTtf *ttf = self;
    const Line *line = line_split(ttf, FACE_SANS, text, utf8_cut(text, length, TEXTRUN_BYTES));
    uint32_t found = 0;
    size_t place = TEXTRUN_BYTES;
    for (int i = 0; i < line->count; i++) {
        const TextRun *run = &line->runs[i];
        if (run->font != FONT_FILES_BOX)
            continue;
        for (size_t at = run->from; at < run->to && at < place;) {
            size_t end = grapheme_next(line->text, run->to, at);
            uint32_t c = font_files_first(line->text + at, end - at);
            if (!font_box_is_control_picture(c)) {
                found = c;
                place = at;
            }
            at = end;
        }
    }
    return found;
}

static bool ttf_rtl(void *self, const char *text, size_t length)
{
    (void)self;
    return textrun_rtl(text, length);
}

/* ---- the provider ------------------------------------------------------- */

FontTtf *font_ttf_new(const FontTtfOptions *options, Error *err)
{
    FontTtf *ttf = mem_zero(1, sizeof *ttf);
    if (!ttf) {
        error_memory(err);
        return NULL;
    }
    ttf->buffer = hb_buffer_create();
    ttf->files = font_files_new(options, err);
    ttf->pieces = ttf->files ? font_pieces_new(options->hinting_off) : NULL;
    if (!ttf->pieces) {
        error_set(err, ERROR_IO, "fonts: expected a working font library, found none");
        font_ttf_free(ttf);
        return NULL;
    }
    return ttf;
}

void font_ttf_free(FontTtf *ttf)
{
    if (!ttf)
        return;
    font_pieces_free(ttf->pieces);
    font_files_free(ttf->files);
    hb_buffer_destroy(ttf->buffer);
    mem_free(ttf);
}

Font font_ttf_font(FontTtf *ttf)
{
    return (Font){ttf, ttf_width, ttf_render, ttf_ascent, ttf_uncovered, ttf_rtl};
}

size_t font_ttf_missing(const FontTtf *ttf, uint32_t *out, size_t cap)
{
    return font_files_missing(ttf->files, out, cap);
}

const char *font_ttf_package(uint32_t code_point)
{
    char bytes[4];
    size_t length = utf8_put(bytes, code_point);
    hb_script_t script = hb_unicode_script(hb_unicode_funcs_get_default(), code_point);
    if (script == HB_SCRIPT_HAN || script == HB_SCRIPT_HIRAGANA || script == HB_SCRIPT_KATAKANA ||
        script == HB_SCRIPT_HANGUL || script == HB_SCRIPT_BOPOMOFO ||
        (code_point >= 0x3000 && code_point <= 0x33FF) ||
        (code_point >= 0xFF00 && code_point <= 0xFFEF))
        return "fonts-noto-cjk";
    if ((code_point >= 0x1F1E6 && code_point <= 0x1F1FF) || grapheme_emoji(bytes, length))
        return "fonts-noto-color-emoji";
    return "fonts-noto-core";
}
