/* What every view is given: one head's stages, its axes, the look and the selection. Lent for one frame.
 * Views turn it into drawing and tell what lies under a point; they never change anything.
 */
#ifndef ATTNSCOPE_VIEW_SCENE_H
#define ATTNSCOPE_VIEW_SCENE_H

#include "core/pipeline.h"
#include "doc/document.h"
#include "draw/marks.h"
#include "view/look.h"

/* Token labels of one axis as a reader knows them, made once per sentence. */
typedef struct {
    const char **labels; /* count, display form */
    const char **tokens; /* count, original, lent by the document (or "") */
    int count;
    const char *name;    /* "query", "key", or the language */
    bool image;          /* the axis is image patches (after first_patch special tokens) */
    int first_patch;
    Arena arena;
} Axis;

bool axis_init(Axis *axis, const DocSentence *sentence, bool query_axis, int count, Error *err);
void axis_free(Axis *axis);

typedef struct {
    const TextKit *kit;
    const AttnResult *result;
    Stage stage;                 /* the one shown */
    const Axis *queries, *keys;
    const DocSentence *sentence;
    const ColorLook *color;
    const LinesLook *lines;
    const PatchesLook *patches;
    Focus focus;
    int layer, head;             /* FIELD_MEAN / FIELD_MAX when reduced */
    bool head_is_one;            /* a single head: bars and ribbons in theme data colour */
    Range heads_range;           /* over all heads of the document, for RANGE_HEADS */
    bool has_gold;               /* alignment drawn over it */
    double time;
} Scene;

/* Under the pointer. query or key −1 = none (a row label has only a query, a column label only a key). */
typedef struct {
    int query, key;
    Rect rect;                   /* of the thing, in points */
    const char *tip;             /* a cut label's full text, or NULL */
} Probe;

/* The range that colours row `row` under the look (RANGE_ROW differs by row). Signed stages are symmetric. */
void scene_range(const Scene *scene, int row, float *lo, float *hi);
/* Value → 0 … 1 under range and scale; NaN stays NaN. Log maps [hi·1e-4, hi]; sqrt is of the linear t. */
float scene_unit(const Scene *scene, float value, float lo, float hi);
/* The map in force: look, or the default of stage and picture. */
const Colormap *scene_colormap(const Scene *scene);
bool scene_signed(const Scene *scene); /* the stage can be negative */
/* "linear, per matrix" */
void scene_range_words(const Scene *scene, char *out, size_t cap);

#endif
