#include "platform/font_pieces.h"

#include "base/mem.h"
#include "draw/textrun.h"
#include "platform/font_box.h"

#include <SDL_ttf.h>
#include <limits.h>
#include <math.h>
#include <string.h>

#define OPEN_MAX 40
#define SIDE_MAX 32767 /* pixels of a mask; a longer run is not drawn */

/* Ink of one run: coverage, or colours; pixels relative to the line's origin. */
typedef struct {
    int x, y, w, h;
    uint8_t *cover;
    Color *rgba;
} Piece;

typedef struct {
    TTF_Font *font;
    int file;
    unsigned dpi;
    uint64_t used;
} Opened;

struct FontPieces {
    bool hinting_off;
    float px;
    Opened opened[OPEN_MAX];
    uint64_t clock;
    Piece items[TEXTRUN_MAX];
    int count;
    uint8_t *cover;
    Color *rgba;
};

FontPieces *font_pieces_new(bool hinting_off)
{
    FontPieces *pieces = mem_zero(1, sizeof *pieces);
    if (!pieces)
        return NULL;
    if (TTF_Init() != 0) {
        mem_free(pieces);
        return NULL;
    }
    pieces->hinting_off = hinting_off;
    return pieces;
}

static void drop_mask(FontPieces *pieces)
{
    for (int i = 0; i < pieces->count; i++) {
        mem_free(pieces->items[i].cover);
        mem_free(pieces->items[i].rgba);
    }
    mem_free(pieces->cover);
    mem_free(pieces->rgba);
    pieces->count = 0;
    pieces->cover = NULL;
    pieces->rgba = NULL;
}

void font_pieces_free(FontPieces *pieces)
{
    if (!pieces)
        return;
    drop_mask(pieces);
    for (int i = 0; i < OPEN_MAX; i++)
        if (pieces->opened[i].font)
            TTF_CloseFont(pieces->opened[i].font);
    TTF_Quit();
    mem_free(pieces);
}

void font_pieces_begin(FontPieces *pieces, float px)
{
    drop_mask(pieces);
    pieces->px = px;
}

/* ---- opened fonts ------------------------------------------------------- */

/* SDL_ttf takes whole points; one point at 72 × px dots per inch is px pixels, to 1/72. */
static TTF_Font *open_file(const FontPieces *pieces, const FontFile *file, unsigned dpi)
{
    if (file->size > INT_MAX)
        return NULL;
    SDL_RWops *bytes = SDL_RWFromConstMem(file->data, (int)file->size);
    TTF_Font *font = bytes ? TTF_OpenFontIndexDPIRW(bytes, 1, 1, file->index, dpi, dpi) : NULL;
    if (font)
        TTF_SetFontHinting(font,
                           pieces->hinting_off ? TTF_HINTING_NONE : TTF_HINTING_LIGHT_SUBPIXEL);
    return font;
}

static TTF_Font *opened_font(FontPieces *pieces, const FontRun *run)
{
    unsigned dpi = run->file->strikes ? 72 : (unsigned)lroundf(72.0f * pieces->px);
    Opened *oldest = &pieces->opened[0];
    for (int i = 0; i < OPEN_MAX; i++) {
        Opened *opened = &pieces->opened[i];
        if (opened->font && opened->file == run->file_id && opened->dpi == dpi) {
            opened->used = ++pieces->clock;
            return opened->font;
        }
        if (opened->used < oldest->used)
            oldest = opened;
    }
    TTF_Font *font = open_file(pieces, run->file, dpi);
    if (!font)
        return NULL;
    if (oldest->font)
        TTF_CloseFont(oldest->font);
    *oldest = (Opened){font, run->file_id, dpi, ++pieces->clock};
    return font;
}

/* ---- surfaces ----------------------------------------------------------- */

static SDL_Surface *render(TTF_Font *font, const FontRun *run)
{
    char script[5] = {(char)(run->script >> 24), (char)(run->script >> 16),
                      (char)(run->script >> 8), (char)run->script, '\0'};
    SDL_Color white = {255, 255, 255, 255};
    TTF_SetFontScriptName(font, script);
    TTF_SetFontDirection(font, run->rtl ? TTF_DIRECTION_RTL : TTF_DIRECTION_LTR);
    SDL_Surface *surface = TTF_RenderUTF8_Blended(font, run->text, white);
    if (surface && surface->format->format != SDL_PIXELFORMAT_ARGB8888) {
        SDL_FreeSurface(surface);
        return NULL;
    }
    return surface;
}

static const Color *surface_row(const SDL_Surface *surface, int y)
{
    return (const Color *)(const void *)((const uint8_t *)surface->pixels +
                                         (ptrdiff_t)y * surface->pitch);
}

/* The smallest rectangle around all ink; w = 0 when there is none. */
static IRect ink_of(const SDL_Surface *surface)
{
    int x0 = surface->w, x1 = 0, y0 = surface->h, y1 = 0;
    for (int y = 0; y < surface->h; y++) {
        const Color *row = surface_row(surface, y);
        for (int x = 0; x < surface->w; x++) {
            if (row[x] >> 24 == 0)
                continue;
            x0 = x < x0 ? x : x0;
            x1 = x >= x1 ? x + 1 : x1;
            y0 = y < y0 ? y : y0;
            y1 = y + 1;
        }
    }
    return x1 > x0 ? (IRect){x0, y0, x1 - x0, y1 - y0} : (IRect){0, 0, 0, 0};
}

static Piece *add_piece(FontPieces *pieces, int x, int y, int w, int h, bool color)
{
    if (pieces->count == TEXTRUN_MAX || w <= 0 || h <= 0 || w > SIDE_MAX || h > SIDE_MAX)
        return NULL;
    Piece *piece = &pieces->items[pieces->count];
    size_t size = (size_t)w * (size_t)h;
    *piece = (Piece){.x = x, .y = y, .w = w, .h = h};
    if (color)
        piece->rgba = mem_zero(size, sizeof(Color));
    else
        piece->cover = mem_zero(size, 1);
    if (!piece->rgba && !piece->cover)
        return NULL;
    pieces->count++;
    return piece;
}

/* ---- colours ------------------------------------------------------------ */

/* SDL_ttf hands out colours multiplied by their alpha; images here are not. */
static Color straight(const float sum[4], float area)
{
    if (sum[0] <= 0 || area <= 0)
        return 0;
    Color out = (Color)fminf(sum[0] / area + 0.5f, 255) << 24;
    for (int i = 1; i < 4; i++)
        out |= (Color)fminf(255 * sum[i] / sum[0] + 0.5f, 255) << (8 * (3 - i));
    return out;
}

/* Mean colour of the box x0 … x1, y0 … y1 (fractions of pixels count). */
static Color box_mean(const SDL_Surface *surface, float x0, float y0, float x1, float y1)
{
    float sum[4] = {0, 0, 0, 0};
    for (int y = (int)y0; y < surface->h && (float)y < y1; y++) {
        const Color *row = surface_row(surface, y);
        float high = fminf(y1, (float)y + 1) - fmaxf(y0, (float)y);
        for (int x = (int)x0; x < surface->w && (float)x < x1; x++) {
            float part = high * (fminf(x1, (float)x + 1) - fmaxf(x0, (float)x));
            for (int i = 0; i < 4; i++)
                sum[i] += part * (float)(row[x] >> (8 * (3 - i)) & 255);
        }
    }
    return straight(sum, (x1 - x0) * (y1 - y0));
}

static void take_ink(FontPieces *pieces, const FontRun *run, const SDL_Surface *surface, IRect ink,
                     int x, int y)
{
    Piece *piece = add_piece(pieces, x + ink.x, y + ink.y, ink.w, ink.h, run->file->color);
    for (int row = 0; piece && row < ink.h; row++) {
        const Color *from = surface_row(surface, ink.y + row) + ink.x;
        size_t to = (size_t)row * (size_t)ink.w;
        for (int col = 0; col < ink.w; col++) {
            if (piece->rgba)
                piece->rgba[to + (size_t)col] =
                    box_mean(surface, (float)(ink.x + col), (float)(ink.y + row),
                             (float)(ink.x + col + 1), (float)(ink.y + row + 1));
            else
                piece->cover[to + (size_t)col] = (uint8_t)(from[col] >> 24);
        }
    }
}

/* Bitmaps of a fixed size: the ink is boxed down to what the run measures at this text size. */
static void take_strike(FontPieces *pieces, const FontRun *run, const SDL_Surface *surface,
                        int ascent, IRect ink, float pen)
{
    float scale = run->advance * pieces->px / (float)surface->w;
    int w = (int)fmaxf(1, roundf((float)ink.w * scale));
    int h = (int)fmaxf(1, roundf((float)ink.h * scale));
    int x = (int)roundf(pen + (float)ink.x * scale);
    int y = (int)roundf((float)(ink.y - ascent) * scale);
    float step_x = (float)ink.w / (float)w, step_y = (float)ink.h / (float)h;
    Piece *piece = add_piece(pieces, x, y, w, h, true);
    for (int row = 0; piece && row < h; row++) {
        float y0 = (float)ink.y + (float)row * step_y;
        for (int col = 0; col < w; col++) {
            float x0 = (float)ink.x + (float)col * step_x;
            piece->rgba[(size_t)row * (size_t)w + (size_t)col] =
                box_mean(surface, x0, y0, x0 + step_x, y0 + step_y);
        }
    }
}

/* ---- pieces ------------------------------------------------------------- */

/* SDL_ttf makes its surface taller where ink leaves the font's height, and moves the baseline down
 * when that was at the top; it does not tell. Ink then touches that edge; when it touches both,
 * HarfBuzz's unhinted height says how much of it was on top. */
static int moved_down(TTF_Font *font, const SDL_Surface *surface, IRect ink, float top)
{
    int extra = surface->h - TTF_FontHeight(font);
    if (ink.y > 0 || extra <= 0)
        return 0;
    if (ink.y + ink.h < surface->h)
        return extra;
    return clampi((int)roundf(top) - TTF_FontAscent(font), 0, extra);
}

void font_pieces_run(FontPieces *pieces, const FontRun *run, float pen)
{
    bool drawable = run->advance * pieces->px <= (float)SIDE_MAX;
    TTF_Font *font = drawable ? opened_font(pieces, run) : NULL;
    SDL_Surface *surface = font ? render(font, run) : NULL;
    if (!surface)
        return;
    IRect ink = ink_of(surface);
    if (ink.w > 0 && run->file->strikes) {
        take_strike(pieces, run, surface, TTF_FontAscent(font), ink, pen);
    } else if (ink.w > 0) {
        int before = ink.x == 0 ? -(int)floorf(run->left * pieces->px) : 0;
        int baseline = TTF_FontAscent(font) + moved_down(font, surface, ink, run->top * pieces->px);
        take_ink(pieces, run, surface, ink, (int)roundf(pen) - (before > 0 ? before : 0),
                 -baseline);
    }
    SDL_FreeSurface(surface);
}

void font_pieces_box(FontPieces *pieces, uint32_t code_point, float pen)
{
    FontBox box = font_box_place(code_point, pieces->px);
    Piece *piece = add_piece(pieces, (int)roundf(pen) + box.left, box.top, box.w, box.h, false);
    if (piece)
        font_box_draw(code_point, pieces->px, piece->cover);
}

static IRect bounds_of(const FontPieces *pieces)
{
    int x0 = INT_MAX, y0 = INT_MAX, x1 = INT_MIN, y1 = INT_MIN;
    for (int i = 0; i < pieces->count; i++) {
        const Piece *piece = &pieces->items[i];
        x0 = piece->x < x0 ? piece->x : x0;
        y0 = piece->y < y0 ? piece->y : y0;
        x1 = piece->x + piece->w > x1 ? piece->x + piece->w : x1;
        y1 = piece->y + piece->h > y1 ? piece->y + piece->h : y1;
    }
    return (IRect){x0, y0, x1 - x0 > SIDE_MAX ? SIDE_MAX : x1 - x0, y1 - y0};
}

static void lay(const FontPieces *pieces, const Piece *piece, IRect bounds)
{
    for (int row = 0; row < piece->h; row++) {
        for (int col = 0; col < piece->w && piece->x + col < bounds.x + bounds.w; col++) {
            size_t from = (size_t)row * (size_t)piece->w + (size_t)col;
            size_t to = (size_t)(piece->y - bounds.y + row) * (size_t)bounds.w +
                        (size_t)(piece->x - bounds.x + col);
            if (piece->rgba && piece->rgba[from] >> 24 != 0)
                pieces->rgba[to] = piece->rgba[from];
            if (piece->cover) { /* where two runs touch, both have a say */
                unsigned was = pieces->cover[to], more = piece->cover[from];
                pieces->cover[to] = (uint8_t)(was + (255 - was) * more / 255);
            }
        }
    }
}

bool font_pieces_finish(FontPieces *pieces, TextMask *out)
{
    bool color = false;
    if (pieces->count == 0)
        return false;
    for (int i = 0; i < pieces->count; i++)
        color = color || pieces->items[i].rgba;
    IRect bounds = bounds_of(pieces);
    size_t size = (size_t)bounds.w * (size_t)bounds.h;
    pieces->cover = mem_zero(size, 1);
    pieces->rgba = color ? mem_zero(size, sizeof(Color)) : NULL;
    if (!pieces->cover || (color && !pieces->rgba))
        return false;
    for (int i = 0; i < pieces->count; i++)
        lay(pieces, &pieces->items[i], bounds);
    *out = (TextMask){.w = bounds.w,
                      .h = bounds.h,
                      .left = bounds.x,
                      .top = bounds.y,
                      .cover = pieces->cover,
                      .rgba = pieces->rgba};
    return true;
}
