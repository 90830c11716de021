#include "draw/ribbons_parts.h"

#include "draw/raster.h"

#include <math.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define STEPS RIBBONS_STEPS
#define PAD   RIBBONS_PAD
#define LANES RIBBONS_LANES
#define FAINT (1.0f / 512) /* less alpha than this cannot change a pixel */

/* ---- tiles ---- */

static float smooth(float t)
{
    return t * t * (3.0f - 2.0f * t);
}

/* The part of step `at` inside from … to, and the curve's shape there. */
static void tile_steps(RibbonTile *tile, int at, float from, float to)
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

static bool curve_make(RibbonCurve *c, const Ribbon *r, float scale, float width_factor)
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
    return c->alpha >= FAINT && fabsf(c->a0) < RIBBONS_FAR && fabsf(c->da) < RIBBONS_FAR;
}

/* True when the curve may touch the band: it is monotone, so its two ends in the tile bound it. */
static bool curve_meets(const RibbonCurve *c, const RibbonTile *tile)
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

static void tile_sweep(RibbonTile *tile, const Pass *pass)
{
    RibbonSweep sweeps[RIBBONS_SWEEPS];
    int ways = ribbon_sweeps(sweeps);
    RibbonSweep sweep = sweeps[pass->plain ? ways - 1 : 0];
    RibbonCurve c;
    for (int n = 0; n < pass->batch->count; n++) {
        if (!curve_make(&c, &pass->batch->items[n], pass->scale, pass->factor) ||
            !curve_meets(&c, tile))
            continue;
        /* Over a faint ribbon a core of the same alpha would hardly show. */
        if (pass->core)
            c.alpha *= 2.0f - c.alpha;
        sweep(tile, &c);
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

static void write_plain(const RibbonTile *tile, const Target *t, int cell0, int cell1)
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

static void write_block(const RibbonTile *tile, const Target *t, int step, int cell)
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

static void tile_write(const RibbonTile *tile, const Target *t)
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
static void tile_dash(RibbonTile *tile, int at, const Pass *pass)
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

/* A pass cut into blocks of whole tiles: no two touch the same pixel. */
typedef struct {
    const Picture *picture;
    const Pass *pass;
    float from, to;
    int cell0, cell1, first, last; /* pixels across and along the run */
    int tiles;                     /* per block */
} Job;

static void render_tile(const Job *job, RibbonTile *tile, int at)
{
    const Pass *pass = job->pass;
    Target target = {.pixels = job->picture->pixels,
                     .stride = job->picture->stride,
                     .x0 = job->picture->x0,
                     .y0 = job->picture->y0,
                     .at = at,
                     .steps = job->last - at < STEPS ? job->last - at : STEPS,
                     .vertical = pass->batch->vertical,
                     .plain = pass->plain,
                     .color = pass->color};
    tile_steps(tile, at, job->from, job->to);
    if (pass->core)
        tile_dash(tile, at, pass);
    for (int cell = job->cell0; cell < job->cell1; cell += RIBBONS_BAND) {
        tile->from = cell;
        tile->cells = job->cell1 - cell < RIBBONS_BAND ? job->cell1 - cell : RIBBONS_BAND;
        for (int i = 0; i < STEPS; i++)
            memset(tile->light[i], 0xFF, (size_t)(tile->cells + PAD) * sizeof tile->light[i][0]);
        tile_sweep(tile, pass);
        tile_write(tile, &target);
    }
}

static void render_block(void *context, int block)
{
    const Job *job = context;
    RibbonTile tile;
    int at = job->first + block * job->tiles * STEPS;
    for (int t = 0; t < job->tiles && at < job->last; t++, at += STEPS)
        render_tile(job, &tile, at);
}

static void render_pass(const Picture *picture, IRect clip, const Pass *pass, Threads *threads)
{
    const RibbonBatch *batch = pass->batch;
    Job job = {.picture = picture,
               .pass = pass,
               .from = batch->from * pass->scale,
               .to = batch->to * pass->scale};
    int run0 = batch->vertical ? clip.y : clip.x, run1 = run0 + (batch->vertical ? clip.h : clip.w);
    job.cell0 = batch->vertical ? clip.x : clip.y;
    job.cell1 = job.cell0 + (batch->vertical ? clip.w : clip.h);
    job.first = raster_floor(job.from);
    job.last = raster_ceil(job.to);
    job.first = job.first > run0 ? job.first : run0;
    job.last = job.last < run1 ? job.last : run1;
    if (job.last <= job.first)
        return;
    int tiles = (job.last - job.first - 1) / STEPS + 1, parts = 4 * threads_count(threads);
    job.tiles = threads ? (tiles - 1) / parts + 1 : tiles;
    threads_run(threads, (tiles - 1) / job.tiles + 1, render_block, &job);
}

static void render(const Picture *picture, IRect clip, const RibbonBatch *batch, float scale,
                   bool plain, Threads *threads)
{
    Pass pass = {
        .batch = batch, .scale = scale, .factor = 1, .plain = plain, .color = batch->color};
    bool sane =
        isfinite(batch->from * scale) && isfinite(batch->to * scale) && batch->to > batch->from;
    if (!sane || clip.w < 1 || clip.h < 1)
        return;
    pass.color |= 0xFF000000u;
    render_pass(picture, clip, &pass, threads);
    bool dashed = batch->dash_on > 0 && batch->dash_off > 0 &&
                  isfinite((batch->dash_on + batch->dash_off) * scale);
    if (!dashed)
        return;
    pass.core = true;
    pass.factor = RIBBONS_CORE;
    pass.color = batch->dash_color | 0xFF000000u;
    render_pass(picture, clip, &pass, threads);
}

void ribbons_render(Color *pixels, int stride, IRect clip, const RibbonBatch *batch, float scale)
{
    render(&(Picture){pixels, stride, 0, 0}, clip, batch, scale, false, NULL);
}

void ribbons_render_at(Color *pixels, int stride, IRect clip, const RibbonBatch *batch, float scale,
                       Threads *threads)
{
    render(&(Picture){pixels, stride, clip.x, clip.y}, clip, batch, scale, false, threads);
}

void ribbons_render_scalar(Color *pixels, int stride, IRect clip, const RibbonBatch *batch,
                           float scale)
{
    render(&(Picture){pixels, stride, 0, 0}, clip, batch, scale, true, NULL);
}

float ribbon_distance(const RibbonBatch *batch, const Ribbon *ribbon, Vec2 p)
{
    float run = batch->vertical ? p.y : p.x, across = batch->vertical ? p.x : p.y;
    if (!(run >= batch->from) || !(run <= batch->to) || !(batch->to > batch->from))
        return RIBBONS_OUTSIDE;
    float t = (run - batch->from) / (batch->to - batch->from);
    return fabsf(across - (ribbon->a0 + (ribbon->a1 - ribbon->a0) * smooth(t)));
}
