#include "draw/ribbons_parts.h"

#include <math.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#endif

#define STEPS RIBBONS_STEPS
#define PAD   RIBBONS_PAD
#define LANES RIBBONS_LANES
#define FINE  8 /* extra fraction bits of a group's first distance */
#define FAR   RIBBONS_FAR

typedef RibbonWork Sweep;

/* ---- floats: the same operations in the same order in C, SSE2 and AVX2 ---- */

/* Most fraction bits with which reach and a group beyond it fit 15 bits. */
static int sweep_bits(float reach)
{
    int bits = 11;
    while (bits > 4 && reach + LANES + 2 > (float)(1 << (15 - bits)))
        bits--;
    return bits;
}

static void sweep_begin(Sweep *w, const RibbonCurve *c)
{
    w->bits = sweep_bits(c->reach);
    w->reach = (int32_t)lrintf(c->reach * (float)(1 << w->bits));
}

static void sweep_scalar(Sweep *w, const RibbonTile *tile, const RibbonCurve *c)
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
static void sweep_simd(Sweep *w, const RibbonTile *tile, const RibbonCurve *c)
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

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2")))

/* Steps i … i + 7. */
AVX2 static void sweep_eight(Sweep *w, const RibbonTile *tile, const RibbonCurve *c, int i)
{
    float unit = (float)(1 << w->bits), fine = unit * (float)(1 << FINE);
    const __m256 one = _mm256_set1_ps(1.0f), da = _mm256_set1_ps(c->da);
    __m256 centre =
        _mm256_add_ps(_mm256_set1_ps(c->a0), _mm256_mul_ps(da, _mm256_loadu_ps(tile->bend + i)));
    __m256 slope = _mm256_mul_ps(da, _mm256_loadu_ps(tile->rise + i));
    __m256 stretch = _mm256_sqrt_ps(_mm256_add_ps(one, _mm256_mul_ps(slope, slope)));
    __m256 q = _mm256_div_ps(one, stretch);
    __m256 half = _mm256_mul_ps(_mm256_set1_ps(c->reach), stretch);
    __m256 lo = _mm256_max_ps(_mm256_sub_ps(centre, half), _mm256_set1_ps(-FAR));
    __m256 hi = _mm256_min_ps(_mm256_add_ps(centre, half), _mm256_set1_ps(FAR));
    __m256i first = _mm256_cvtps_epi32(lo);
    __m256 cell = _mm256_add_ps(_mm256_cvtepi32_ps(first), _mm256_set1_ps(0.5f));
    __m256 distance = _mm256_mul_ps(_mm256_sub_ps(cell, centre), q);
    __m256 alpha = _mm256_mul_ps(_mm256_set1_ps(c->alpha), _mm256_loadu_ps(tile->share + i));
    _mm256_storeu_si256((__m256i *)(w->first + i), first);
    _mm256_storeu_si256((__m256i *)(w->last + i), _mm256_cvtps_epi32(hi));
    _mm256_storeu_si256((__m256i *)(w->start + i),
                        _mm256_cvtps_epi32(_mm256_mul_ps(distance, _mm256_set1_ps(fine))));
    _mm256_storeu_si256((__m256i *)(w->leap + i),
                        _mm256_cvtps_epi32(_mm256_mul_ps(q, _mm256_set1_ps(fine * (float)LANES))));
    _mm256_storeu_si256((__m256i *)(w->step + i),
                        _mm256_cvtps_epi32(_mm256_mul_ps(q, _mm256_set1_ps(unit))));
    _mm256_storeu_si256((__m256i *)(w->alpha + i), _mm256_cvtps_epi32(alpha));
}

/* The same for every step of a ribbon; apart from Sweep, so that the compiler may keep them in
 * registers while light is written. */
typedef struct {
    __m256i reach, full;
    __m128i up;
} Wide;

/* The first two groups of a step as one: base = their distances side by side. */
AVX2 static inline __attribute__((always_inline)) void
two_groups(uint16_t *light, int base, int step, int alpha, const Wide *w)
{
    const __m256i twice = _mm256_setr_epi8(0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 2, 3, 2,
                                           3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3);
    const __m256i count = _mm256_setr_epi16(0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7);
    __m256i ramp = _mm256_mullo_epi16(count, _mm256_set1_epi16((short)step));
    __m256i distance = _mm256_adds_epi16(_mm256_shuffle_epi8(_mm256_set1_epi32(base), twice), ramp);
    __m256i cover =
        _mm256_min_epi16(_mm256_subs_epu16(w->reach, _mm256_abs_epi16(distance)), w->full);
    __m256i taken =
        _mm256_mulhi_epu16(_mm256_sll_epi16(cover, w->up), _mm256_set1_epi16((short)alpha));
    __m256i *at = (__m256i *)(void *)light, was = _mm256_loadu_si256(at);
    _mm256_storeu_si256(
        at, _mm256_sub_epi16(was, _mm256_mulhi_epu16(was, _mm256_add_epi16(taken, taken))));
}

/* What the integer loop needs of eight steps: first cell in the band, distances of the first two
 * groups. A second group that step_simd would not reach is put out of reach. Bits of *live: steps
 * that touch the band; of *rest: those of them that two groups from the first cell on are not
 * enough for. */
AVX2 static void sweep_plan(Sweep *w, int i, int from, int cells, unsigned *live, unsigned *rest)
{
    const __m256i low = _mm256_set1_epi32(0xFFFF), group = _mm256_set1_epi32(LANES);
    __m256i origin = _mm256_set1_epi32(from);
    __m256i cell = _mm256_sub_epi32(_mm256_loadu_si256((__m256i *)(w->first + i)), origin);
    __m256i end = _mm256_sub_epi32(_mm256_loadu_si256((__m256i *)(w->last + i)), origin);
    end = _mm256_min_epi32(end, _mm256_set1_epi32(cells));
    __m256i start = _mm256_loadu_si256((__m256i *)(w->start + i));
    __m256i next = _mm256_add_epi32(start, _mm256_loadu_si256((__m256i *)(w->leap + i)));
    __m256i second = _mm256_add_epi32(cell, group), behind = _mm256_add_epi32(second, group);
    next = _mm256_blendv_epi8(_mm256_set1_epi32(32767), _mm256_srai_epi32(next, FINE),
                              _mm256_cmpgt_epi32(end, second));
    __m256i base = _mm256_or_si256(_mm256_and_si256(_mm256_srai_epi32(start, FINE), low),
                                   _mm256_slli_epi32(next, 16));
    __m256i any = _mm256_cmpgt_epi32(end, cell);
    __m256i more = _mm256_or_si256(_mm256_cmpgt_epi32(end, behind),
                                   _mm256_cmpgt_epi32(_mm256_set1_epi32(1 - LANES), cell));
    _mm256_storeu_si256((__m256i *)(w->cell + i), cell);
    _mm256_storeu_si256((__m256i *)(w->base + i), base);
    *live |= (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(any)) << i;
    *rest |= (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_and_si256(any, more))) << i;
}

/* A step that needs more than two groups, or whose first ones lie before the band. */
AVX2 static void step_avx2(uint16_t *row, const Sweep *w, int i, int cells, const Wide *wide)
{
    int cell = w->cell[i], end = cell + w->last[i] - w->first[i], start = w->start[i];
    if (cell <= -LANES) {
        int skipped = -cell / LANES;
        cell += skipped * LANES;
        start += skipped * w->leap[i];
    }
    end = end < cells ? end : cells;
    for (; cell < end; cell += 2 * LANES, start += 2 * w->leap[i]) {
        int next = cell + LANES < end ? (start + w->leap[i]) >> FINE : 32767;
        int base = (int)((unsigned)next << 16 | ((unsigned)(start >> FINE) & 0xFFFFu));
        two_groups(row + PAD + cell, base, w->step[i], w->alpha[i], wide);
    }
}

/* Most ribbons touch every step of the tile with two groups at most: sixteen times the same without
 * a branch that nobody can foresee. */
AVX2 static void ribbon_sweep_avx2(RibbonTile *tile, const RibbonCurve *c)
{
    Sweep *w = &tile->sweep;
    unsigned live = 0, rest = 0;
    sweep_begin(w, c);
    for (int i = 0; i < STEPS; i += 8) {
        sweep_eight(w, tile, c, i);
        sweep_plan(w, i, tile->from, tile->cells, &live, &rest);
    }
    live &= ~rest;
    const Wide wide = {_mm256_set1_epi16((short)w->reach), _mm256_set1_epi16((short)(1 << w->bits)),
                       _mm_cvtsi32_si128(15 - w->bits)};
    for (; rest; rest &= rest - 1) {
        int i = __builtin_ctz(rest);
        step_avx2(tile->light[i], w, i, tile->cells, &wide);
    }
    if (live == (1u << STEPS) - 1) {
        for (int i = 0; i < STEPS; i++)
            two_groups(tile->light[i] + PAD + w->cell[i], w->base[i], w->step[i], w->alpha[i],
                       &wide);
        return;
    }
    for (; live; live &= live - 1) {
        int i = __builtin_ctz(live);
        two_groups(tile->light[i] + PAD + w->cell[i], w->base[i], w->step[i], w->alpha[i], &wide);
    }
}
#endif

/* ---- one ribbon ---- */

static void ribbon_sweep_scalar(RibbonTile *tile, const RibbonCurve *c)
{
    Sweep *w = &tile->sweep;
    sweep_begin(w, c);
    sweep_scalar(w, tile, c);
    for (int i = 0; i < STEPS; i++)
        step_scalar(tile->light[i], w, i, tile->from, tile->cells);
}

#if defined(__SSE2__)
static void ribbon_sweep_simd(RibbonTile *tile, const RibbonCurve *c)
{
    Sweep *w = &tile->sweep;
    sweep_begin(w, c);
    sweep_simd(w, tile, c);
    for (int i = 0; i < STEPS; i++)
        step_simd(tile->light[i], w, i, tile->from, tile->cells);
}
#endif

int ribbon_sweeps(RibbonSweep out[RIBBONS_SWEEPS])
{
    int count = 0;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2"))
        out[count++] = ribbon_sweep_avx2;
#endif
#if defined(__SSE2__)
    out[count++] = ribbon_sweep_simd;
#endif
    out[count++] = ribbon_sweep_scalar;
    return count;
}
