/* The inside of the ribbons, shared by ribbons.c (tiles and pixels) and ribbons_sweep.c (one ribbon
 * over one tile).
 *
 * Terms: the run is the axis along which the curves go, across the other one. A step is one pixel
 * of the run, a cell one pixel across. STEPS steps are swept together so that their transmittance
 * rows stay in the first-level cache; BAND cells at a time so that a tall picture needs no more
 * memory.
 */
#ifndef ATTNSCOPE_DRAW_RIBBONS_PARTS_H
#define ATTNSCOPE_DRAW_RIBBONS_PARTS_H

#include "draw/ribbons.h"

enum {
    RIBBONS_STEPS = 16,
    RIBBONS_BAND = 1024,
    RIBBONS_LANES = 8, /* cells per group */
    RIBBONS_PAD = 8,   /* cells that a group may stick out of the band before it */
    RIBBONS_ROW = RIBBONS_BAND + RIBBONS_PAD + 2 * RIBBONS_LANES /* two groups at a time, behind */
};
#define RIBBONS_FAR 1000000.0f /* pixels */

/* One ribbon over one tile, ready for the integer loop. Distances have `bits` fraction bits. It
 * lies in the tile: a local one would be cleared for every ribbon in a hardened build. */
typedef struct {
    int32_t first[RIBBONS_STEPS]; /* first cell that can be touched */
    int32_t last[RIBBONS_STEPS];  /* behind the last one */
    int32_t start[RIBBONS_STEPS]; /* distance of the first cell, some more fraction bits */
    int32_t leap[RIBBONS_STEPS];  /* distance of LANES cells, as many */
    int32_t step[RIBBONS_STEPS];  /* distance of one cell */
    int32_t alpha[RIBBONS_STEPS]; /* 0 … 65 535 */
    int32_t cell[RIBBONS_STEPS];  /* AVX2: first cell in the band */
    int32_t base[RIBBONS_STEPS];  /* AVX2: distances of two groups, 16 bits each */
    int32_t reach;                /* half width plus half a pixel */
    int bits;
} RibbonWork;

typedef struct {
    uint16_t light[RIBBONS_STEPS][RIBBONS_ROW]; /* transmittance, 65 535 = nothing in the way */
    float bend[RIBBONS_STEPS];                  /* smoothstep at the step's centre */
    float rise[RIBBONS_STEPS];                  /* its slope per pixel of the run */
    float share[RIBBONS_STEPS]; /* part of the step between from and to, × 65 535 */
    int from;                   /* first cell of the band */
    int cells;                  /* in the band */
    RibbonWork sweep;
} RibbonTile;

/* What a ribbon is in pixels. */
typedef struct {
    float a0, da, reach, alpha;
} RibbonCurve;

/* Takes the light that the curve covers. */
typedef void (*RibbonSweep)(RibbonTile *tile, const RibbonCurve *curve);
/* Those that this processor can run, fastest first, the plain reference last; how many. All give
 * the same bits. */
enum { RIBBONS_SWEEPS = 3 };
int ribbon_sweeps(RibbonSweep out[RIBBONS_SWEEPS]);

#endif
