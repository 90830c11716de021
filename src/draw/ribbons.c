#include "draw/ribbons.h"

#include "draw/raster.h"

#include <math.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* Terms: the run is the axis along which the curves go, across the other one. A step is one pixel
 * of the run, a cell one pixel across. STEPS steps are swept together so that their transmittance
 * rows stay in the first-level cache; BAND cells at a time so that a tall picture needs no more
 * memory. */
#define STEPS 16
#define BAND  1024
#define PAD   8 /* cells that a group of eight may stick out of the band */
#define ROW   (BAND + 2 * PAD)
#define LANES 8            /* cells per group */
#define FINE  8            /* extra fraction bits of a group's first distance */
#define FAINT (1.0f / 512) /* less alpha than this cannot change a pixel */
#define FAR   1000000.0f   /* pixels */

typedef struct {
    uint16_t light[STEPS][ROW]; /* transmittance, 65 535 = nothing in the way */
    float bend[STEPS];          /* smoothstep at the step's centre */
    float rise[STEPS];          /* its slope per pixel of the run */
    float share[STEPS];         /* part of the step between from and to, × 65 535 */
    int from;                   /* first cell of the band */
    int cells;                  /* in the band */
} Tile;

/* One ribbon over one tile, ready for the integer loop. Distances have `bits` fraction bits. */
typedef struct {
    int32_t first[STEPS]; /* first cell that can be touched */
    int32_t last[STEPS];  /* behind the last one */
    int32_t start[STEPS]; /* distance of the first cell, FINE more bits */
    int32_t leap[STEPS];  /* distance of LANES cells, FINE more bits */
    int32_t step[STEPS];  /* distance of one cell */
    int32_t alpha[STEPS]; /* 0 … 65 535 */
    int32_t reach;        /* half width plus half a pixel */
    int bits;
} Sweep;

/* What a ribbon is in pixels. */
typedef struct {
    float a0, da, reach, alpha;
} Curve;

/* ---- floats: the same operations in the same order in C and in SSE2 ---- */

/* Most fraction bits with which reach and a group beyond it fit 15 bits. */
static int sweep_bits(float reach)
{
    int bits = 11;
    while (bits > 4 && reach + LANES + 2 > (float)(1 << (15 - bits)))
        bits--;
    return bits;
}

static void sweep_scalar(Sweep *w, const Tile *tile, const Curve *c)
{
    float unit = (float)(1 << w->bits), fine = unit * (float)(1 << FINE);
    for (int i = 0; i < STEPS; i++) {
        float centre = c->a0 + c->da * tile->bend[i], slope = c->da * tile->rise[i];
        float stretch = sqrtf(1.0f + slope * slope), q = 1.0f / stretch, half = c->reach * stretch;
        float lo = centre - half, hi = centre + half;
        lo = lo > -FAR ? lo : -FAR;
        hi = hi < FAR ? hi : FAR;
        w->first[i] = (int32_t)lrintf(lo);
        w->last[i] = (int32_t)lrintf(hi);
        float distance = ((float)w->first[i] + 0.5f - centre) * q;
        w->start[i] = (int32_t)lrintf(distance * fine);
        w->leap[i] = (int32_t)lrintf(q * (fine * (float)LANES));
        w->step[i] = (int32_t)lrintf(q * unit);
        w->alpha[i] = (int32_t)lrintf(c->alpha * tile->share[i]);
    }
}

#if defined(__SSE2__)
static void sweep_simd(Sweep *w, const Tile *tile, const Curve *c)
{
    float unit = (float)(1 << w->bits), fine = unit * (float)(1 << FINE);
    const __m128 one = _mm_set1_ps(1.0f), reach = _mm_set1_ps(c->reach), da = _mm_set1_ps(c->da);
    for (int i = 0; i < STEPS; i += 4) {
        __m128 centre =
            _mm_add_ps(_mm_set1_ps(c->a0), _mm_mul_ps(da, _mm_loadu_ps(tile->bend + i)));
        __m128 slope = _mm_mul_ps(da, _mm_loadu_ps(tile->rise + i));
        __m128 stretch = _mm_sqrt_ps(_mm_add_ps(one, _mm_mul_ps(slope, slope)));
        __m128 q = _mm_div_ps(one, stretch), half = _mm_mul_ps(reach, stretch);
        __m128 lo = _mm_max_ps(_mm_sub_ps(centre, half), _mm_set1_ps(-FAR));
        __m128 hi = _mm_min_ps(_mm_add_ps(centre, half), _mm_set1_ps(FAR));
        __m128i first = _mm_cvtps_epi32(lo);
        __m128 cell = _mm_add_ps(_mm_cvtepi32_ps(first), _mm_set1_ps(0.5f));
        __m128 distance = _mm_mul_ps(_mm_sub_ps(cell, centre), q);
        __m128 alpha = _mm_mul_ps(_mm_set1_ps(c->alpha), _mm_loadu_ps(tile->share + i));
        _mm_storeu_si128((__m128i *)(w->first + i), first);
        _mm_storeu_si128((__m128i *)(w->last + i), _mm_cvtps_epi32(hi));
        _mm_storeu_si128((__m128i *)(w->start + i),
                         _mm_cvtps_epi32(_mm_mul_ps(distance, _mm_set1_ps(fine))));
        _mm_storeu_si128((__m128i *)(w->leap + i),
                         _mm_cvtps_epi32(_mm_mul_ps(q, _mm_set1_ps(fine * (float)LANES))));
        _mm_storeu_si128((__m128i *)(w->step + i),
                         _mm_cvtps_epi32(_mm_mul_ps(q, _mm_set1_ps(unit))));
        _mm_storeu_si128((__m128i *)(w->alpha + i), _mm_cvtps_epi32(alpha));
    }
}
#endif

/* ---- integers: coverage, and the light that it takes away ---- */

static int32_t saturate(int32_t v)
{
    return v > 32767 ? 32767 : v < -32768 ? -32768 : v;
}

/* One group of LANES cells at `light`; base = distance of its first cell. */
static void group_scalar(uint16_t *light, int32_t base, int32_t step, const Sweep *w, int32_t alpha)
{
    for (int k = 0; k < LANES; k++) {
        int32_t distance = saturate((int16_t)base + (int16_t)(k * step));
        distance = distance < 0 ? saturate(-distance) : distance;
        int32_t cover = w->reach > distance ? w->reach - distance : 0;
        cover = cover < 1 << w->bits ? cover : 1 << w->bits;
        uint32_t taken = ((uint32_t)cover << (15 - w->bits)) * (uint32_t)alpha >> 16;
        light[k] = (uint16_t)(light[k] - (light[k] * (taken * 2) >> 16));
    }
}

/* Groups of one step that lie in the band: from the first cell on, in leaps, whole groups only; so
 * the bits do not depend on where the band or the clip begins. */
static void step_scalar(uint16_t *row, const Sweep *w, int i, int from, int cells)
{
    int cell = w->first[i] - from, end = w->last[i] - from;
    int32_t start = w->start[i];
    if (cell <= -LANES) {
        int skipped = -cell / LANES;
        cell += skipped * LANES;
        start += skipped * w->leap[i];
    }
    end = end < cells ? end : cells;
    for (; cell < end; cell += LANES, start += w->leap[i])
        group_scalar(row + PAD + cell, start >> FINE, w->step[i], w, w->alpha[i]);
}

#if defined(__SSE2__)
static void step_simd(uint16_t *row, const Sweep *w, int i, int from, int cells)
{
    int cell = w->first[i] - from, end = w->last[i] - from;
    int32_t start = w->start[i];
    if (cell <= -LANES) {
        int skipped = -cell / LANES;
        cell += skipped * LANES;
        start += skipped * w->leap[i];
    }
    end = end < cells ? end : cells;
    const __m128i zero = _mm_setzero_si128(), reach = _mm_set1_epi16((short)w->reach);
    const __m128i full = _mm_set1_epi16((short)(1 << w->bits)),
                  up = _mm_cvtsi32_si128(15 - w->bits);
    const __m128i alpha = _mm_set1_epi16((short)w->alpha[i]);
    const __m128i ramp =
        _mm_mullo_epi16(_mm_set_epi16(7, 6, 5, 4, 3, 2, 1, 0), _mm_set1_epi16((short)w->step[i]));
    for (; cell < end; cell += LANES, start += w->leap[i]) {
        __m128i *at = (__m128i *)(void *)(row + PAD + cell);
        __m128i distance = _mm_adds_epi16(_mm_set1_epi16((short)(start >> FINE)), ramp);
        distance = _mm_max_epi16(distance, _mm_subs_epi16(zero, distance));
        __m128i cover = _mm_min_epi16(_mm_subs_epu16(reach, distance), full);
        __m128i taken = _mm_mulhi_epu16(_mm_sll_epi16(cover, up), alpha);
        __m128i light = _mm_loadu_si128(at);
        light = _mm_sub_epi16(light, _mm_mulhi_epu16(light, _mm_add_epi16(taken, taken)));
        _mm_storeu_si128(at, light);
    }
}
#endif

/* ---- tiles ---- */

static float smooth(float t)
{
    return t * t * (3.0f - 2.0f * t);
}

/* The part of step `at` inside from … to, and the curve's shape there. */
static void tile_steps(Tile *tile, int at, float from, float to)
{
    float span = to - from;
    for (int i = 0; i < STEPS; i++) {
        float lo = (float)(at + i), hi = lo + 1.0f;
        float a = lo > from ? lo : from, b = hi < to ? hi : to;
        float t = (0.5f * (a + b) - from) / span;
        t = t > 0 ? t : 0;
        t = t < 1 ? t : 1;
        tile->share[i] = b > a ? (b - a) * 65535.0f : 0;
        tile->bend[i] = smooth(t);
        tile->rise[i] = 6.0f * t * (1.0f - t) / span;
    }
}

static bool curve_make(Curve *c, const Ribbon *r, float scale, float width_factor)
{
    float width = r->width * scale * width_factor;
    c->a0 = r->a0 * scale;
    c->da = (r->a1 - r->a0) * scale;
    c->alpha = clampf(r->alpha, 0, 1);
    if (!isfinite(c->a0) || !isfinite(c->da) || !(width > 0) || !(width < 4000))
        return false;
    if (width < 1) {
        /* Thinner than a pixel: one pixel wide and fainter. */
        c->alpha *= width;
        width = 1;
    }
    c->reach = 0.5f * width + 0.5f;
    return c->alpha >= FAINT && fabsf(c->a0) < FAR && fabsf(c->da) < FAR;
}

/* True when the curve may touch the band: it is monotone, so its two ends in the tile bound it. */
static bool curve_meets(const Curve *c, const Tile *tile)
{
    float a = c->a0 + c->da * tile->bend[0], b = c->a0 + c->da * tile->bend[STEPS - 1];
    float steep = fabsf(c->da) * (tile->rise[0] + tile->rise[STEPS - 1] + tile->rise[STEPS / 2]);
    float pad = c->reach * (1.0f + steep) + 2.0f, lo = a < b ? a : b, hi = a < b ? b : a;
    return hi + pad > (float)tile->from && lo - pad < (float)(tile->from + tile->cells);
}

typedef struct {
    const RibbonBatch *batch;
    float scale, factor; /* factor: of the ribbons' width, for the core */
    bool core, plain;    /* plain: the scalar reference */
    Color color;
} Pass;

static void tile_sweep(Tile *tile, const Pass *pass)
{
    for (int n = 0; n < pass->batch->count; n++) {
        Curve c;
        Sweep w;
        if (!curve_make(&c, &pass->batch->items[n], pass->scale, pass->factor) ||
            !curve_meets(&c, tile))
            continue;
        /* Over a faint ribbon a core of the same alpha would hardly show. */
        if (pass->core)
            c.alpha *= 2.0f - c.alpha;
        w.bits = sweep_bits(c.reach);
        w.reach = (int32_t)lrintf(c.reach * (float)(1 << w.bits));
#if defined(__SSE2__)
        if (!pass->plain) {
            sweep_simd(&w, tile, &c);
            for (int i = 0; i < STEPS; i++)
                step_simd(tile->light[i], &w, i, tile->from, tile->cells);
            continue;
        }
#endif
        sweep_scalar(&w, tile, &c);
        for (int i = 0; i < STEPS; i++)
            step_scalar(tile->light[i], &w, i, tile->from, tile->cells);
    }
}

/* ---- pixels ---- */

/* Light to the 8-bit alpha of what stands in it: (1 − light)·255 rounded, in 16 bits. */
static uint32_t light_alpha(uint32_t light)
{
    uint32_t taken = 65535u - light;
    return (taken - (taken >> 8) + 128) >> 8;
}

static void pixel_put(Color *px, uint32_t light, Color color)
{
    uint32_t alpha = light_alpha(light);
    if (alpha)
        *px = alpha == 255 ? color : raster_blend(*px, color, alpha);
}

typedef struct {
    Color *pixels; /* of the picture's corner (x0, y0) */
    int stride, x0, y0;
    int at, steps; /* first step of the tile and how many of them are drawn */
    bool vertical, plain;
    Color color;
} Target;

static Color *target_pixel(const Target *t, int x, int y)
{
    return t->pixels + (ptrdiff_t)(y - t->y0) * t->stride + (x - t->x0);
}

static void write_plain(const Tile *tile, const Target *t, int cell0, int cell1)
{
    for (int k = cell0; k < cell1; k++) {
        for (int i = 0; i < t->steps; i++) {
            int x = t->vertical ? tile->from + k : t->at + i;
            int y = t->vertical ? t->at + i : tile->from + k;
            if (tile->light[i][PAD + k] != 65535)
                pixel_put(target_pixel(t, x, y), tile->light[i][PAD + k], t->color);
        }
    }
}

#if defined(__SSE2__)
/* raster_blend for two pixels as 16-bit channels. */
static __m128i blend_pair(__m128i dst, __m128i src, __m128i alpha)
{
    __m128i rest = _mm_sub_epi16(_mm_set1_epi16(255), alpha);
    __m128i v = _mm_add_epi16(_mm_mullo_epi16(src, alpha), _mm_mullo_epi16(dst, rest));
    v = _mm_add_epi16(v, _mm_set1_epi16(128));
    return _mm_srli_epi16(_mm_add_epi16(v, _mm_srli_epi16(v, 8)), 8);
}

/* Eight pixels in a row under eight lights; false: the ground is not opaque, nothing done. */
static bool blend_eight(Color *px, __m128i light, Color color)
{
    const __m128i zero = _mm_setzero_si128(), ones = _mm_set1_epi8(-1);
    __m128i taken = _mm_xor_si128(light, ones);
    __m128i alpha = _mm_sub_epi16(taken, _mm_srli_epi16(taken, 8));
    alpha = _mm_srli_epi16(_mm_add_epi16(alpha, _mm_set1_epi16(128)), 8);
    if (_mm_movemask_epi8(_mm_cmpeq_epi16(alpha, zero)) == 0xFFFF)
        return true;
    __m128i a = _mm_loadu_si128((const __m128i *)(const void *)px);
    __m128i b = _mm_loadu_si128((const __m128i *)(const void *)(px + 4));
    int opaque = _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_and_si128(a, b), ones));
    if ((opaque & 0x8888) != 0x8888)
        return false;
    __m128i src = _mm_unpacklo_epi8(_mm_set1_epi32((int)color), zero);
    __m128i lo = _mm_unpacklo_epi16(alpha, alpha), hi = _mm_unpackhi_epi16(alpha, alpha);
    a = _mm_packus_epi16(blend_pair(_mm_unpacklo_epi8(a, zero), src, _mm_unpacklo_epi32(lo, lo)),
                         blend_pair(_mm_unpackhi_epi8(a, zero), src, _mm_unpackhi_epi32(lo, lo)));
    b = _mm_packus_epi16(blend_pair(_mm_unpacklo_epi8(b, zero), src, _mm_unpacklo_epi32(hi, hi)),
                         blend_pair(_mm_unpackhi_epi8(b, zero), src, _mm_unpackhi_epi32(hi, hi)));
    _mm_storeu_si128((__m128i *)(void *)px, a);
    _mm_storeu_si128((__m128i *)(void *)(px + 4), b);
    return true;
}

static void transpose_eight(__m128i m[8])
{
    __m128i a[8], b[8];
    for (int i = 0; i < 4; i++) {
        a[2 * i] = _mm_unpacklo_epi16(m[2 * i], m[2 * i + 1]);
        a[2 * i + 1] = _mm_unpackhi_epi16(m[2 * i], m[2 * i + 1]);
    }
    for (int i = 0; i < 2; i++) {
        b[4 * i] = _mm_unpacklo_epi32(a[4 * i], a[4 * i + 2]);
        b[4 * i + 1] = _mm_unpackhi_epi32(a[4 * i], a[4 * i + 2]);
        b[4 * i + 2] = _mm_unpacklo_epi32(a[4 * i + 1], a[4 * i + 3]);
        b[4 * i + 3] = _mm_unpackhi_epi32(a[4 * i + 1], a[4 * i + 3]);
    }
    for (int i = 0; i < 4; i++) {
        m[2 * i] = _mm_unpacklo_epi64(b[i], b[i + 4]);
        m[2 * i + 1] = _mm_unpackhi_epi64(b[i], b[i + 4]);
    }
}

static void eight_plain(Color *px, __m128i light, Color color)
{
    uint16_t lights[LANES];
    _mm_storeu_si128((__m128i *)(void *)lights, light);
    for (int i = 0; i < LANES; i++)
        pixel_put(px + i, lights[i], color);
}

static void write_block(const Tile *tile, const Target *t, int step, int cell)
{
    __m128i m[8], any = _mm_set1_epi8(-1);
    for (int i = 0; i < 8; i++) {
        m[i] = _mm_loadu_si128((const __m128i *)(const void *)&tile->light[step + i][PAD + cell]);
        any = _mm_and_si128(any, m[i]);
    }
    if (_mm_movemask_epi8(_mm_cmpeq_epi16(any, _mm_set1_epi8(-1))) == 0xFFFF)
        return;
    if (!t->vertical)
        transpose_eight(m);
    for (int i = 0; i < 8; i++) {
        int x = t->vertical ? tile->from + cell : t->at + step;
        int y = t->vertical ? t->at + step + i : tile->from + cell + i;
        Color *px = target_pixel(t, x, y);
        if (!blend_eight(px, m[i], t->color))
            eight_plain(px, m[i], t->color);
    }
}
#endif

static void tile_write(const Tile *tile, const Target *t)
{
    int done = 0;
#if defined(__SSE2__)
    if (!t->plain && t->steps == STEPS)
        for (; done + LANES <= tile->cells; done += LANES)
            for (int i = 0; i < STEPS; i += LANES)
                write_block(tile, t, i, done);
#endif
    write_plain(tile, t, done, tile->cells);
}

/* Steps that fall into a gap of the dash pattern get no core. */
static void tile_dash(Tile *tile, int at, const Pass *pass)
{
    float on = pass->batch->dash_on * pass->scale, off = pass->batch->dash_off * pass->scale;
    for (int i = 0; i < STEPS; i++) {
        float along = (float)(at + i) + 0.5f - pass->batch->from * pass->scale;
        float phase = along - (on + off) * floorf(along / (on + off));
        if (phase >= on)
            tile->share[i] = 0;
    }
}

typedef struct {
    Color *pixels;
    int stride, x0, y0; /* the corner of the picture */
} Picture;

static void render_pass(const Picture *picture, IRect clip, const Pass *pass)
{
    const RibbonBatch *batch = pass->batch;
    float from = batch->from * pass->scale, to = batch->to * pass->scale;
    int run0 = batch->vertical ? clip.y : clip.x, run1 = run0 + (batch->vertical ? clip.h : clip.w);
    int cell0 = batch->vertical ? clip.x : clip.y;
    int cell1 = cell0 + (batch->vertical ? clip.w : clip.h);
    int first = raster_floor(from), last = raster_ceil(to);
    first = first > run0 ? first : run0;
    last = last < run1 ? last : run1;
    for (int at = first; at < last; at += STEPS) {
        Tile tile;
        tile_steps(&tile, at, from, to);
        if (pass->core)
            tile_dash(&tile, at, pass);
        for (int cell = cell0; cell < cell1; cell += BAND) {
            tile.from = cell;
            tile.cells = cell1 - cell < BAND ? cell1 - cell : BAND;
            memset(tile.light, 0xFF, sizeof tile.light);
            tile_sweep(&tile, pass);
            tile_write(&tile, &(Target){.pixels = picture->pixels,
                                        .stride = picture->stride,
                                        .x0 = picture->x0,
                                        .y0 = picture->y0,
                                        .at = at,
                                        .steps = last - at < STEPS ? last - at : STEPS,
                                        .vertical = batch->vertical,
                                        .plain = pass->plain,
                                        .color = pass->color});
        }
    }
}

static void render(const Picture *picture, IRect clip, const RibbonBatch *batch, float scale,
                   bool plain)
{
    Pass pass = {
        .batch = batch, .scale = scale, .factor = 1, .plain = plain, .color = batch->color};
    bool sane =
        isfinite(batch->from * scale) && isfinite(batch->to * scale) && batch->to > batch->from;
    if (!sane || clip.w < 1 || clip.h < 1)
        return;
    pass.color |= 0xFF000000u;
    render_pass(picture, clip, &pass);
    bool dashed = batch->dash_on > 0 && batch->dash_off > 0 &&
                  isfinite((batch->dash_on + batch->dash_off) * scale);
    if (!dashed)
        return;
    pass.core = true;
    pass.factor = RIBBONS_CORE;
    pass.color = batch->dash_color | 0xFF000000u;
    render_pass(picture, clip, &pass);
}

void ribbons_render(Color *pixels, int stride, IRect clip, const RibbonBatch *batch, float scale)
{
    render(&(Picture){pixels, stride, 0, 0}, clip, batch, scale, false);
}

void ribbons_render_at(Color *pixels, int stride, IRect clip, const RibbonBatch *batch, float scale)
{
    render(&(Picture){pixels, stride, clip.x, clip.y}, clip, batch, scale, false);
}

void ribbons_render_scalar(Color *pixels, int stride, IRect clip, const RibbonBatch *batch,
                           float scale)
{
    render(&(Picture){pixels, stride, 0, 0}, clip, batch, scale, true);
}

float ribbon_distance(const RibbonBatch *batch, const Ribbon *ribbon, Vec2 p)
{
    float run = batch->vertical ? p.y : p.x, across = batch->vertical ? p.x : p.y;
    if (!(run >= batch->from) || !(run <= batch->to) || !(batch->to > batch->from))
        return RIBBONS_OUTSIDE;
    float t = (run - batch->from) / (batch->to - batch->from);
    return fabsf(across - (ribbon->a0 + (ribbon->a1 - ribbon->a0) * smooth(t)));
}
