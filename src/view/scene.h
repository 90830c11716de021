/* What every view is given: one head's stages, its axes, the look and the selection. Lent for one
 * frame. Views turn it into drawing and tell what lies under a point; they never change anything.
 */
#ifndef ATTNSCOPE_VIEW_SCENE_H
#define ATTNSCOPE_VIEW_SCENE_H

#include "core/tiles.h"
#include "doc/document.h"
#include "draw/marks.h"
#include "view/look.h"

enum { AXIS_WIDEST = 12, AXIS_MEASURED = 48 };

/* Token labels of one axis as a reader knows them, made once per sentence. */
typedef struct {
    const char **labels;    /* count, display form */
    const char **tokens;    /* count, original, lent by the document (or "") */
    const uint8_t *unknown; /* lent: count flags, 1 = not in the vocabulary; NULL: none is */
    int count;
    const char *name; /* "query", "key", or the language */
    bool numbered;    /* labels are bare numbers of things without tokens */
    bool image;       /* the axis is image patches (after first_patch special tokens) */
    int first_patch;
    int widest[AXIS_WIDEST]; /* the labels with the most code points, longest first */
    int widest_count;
    Arena arena;
} Axis;

bool axis_init(Axis *axis, const DocSentence *sentence, bool query_axis, int count, Error *err);
/* An axis of things without tokens, such as features or channels: their numbers; a single one is
 * called as the axis. name: lent for ever. */
bool axis_init_numbers(Axis *axis, const char *name, int count, Error *err);
void axis_free(Axis *axis);
/* The label, "" outside the axis (axis may be NULL). */
const char *axis_label(const Axis *axis, int index);
/* The label as it stands alone: "feature 3" where the axis of a matrix says 3. Lent by the axis, or
 * written into buf. */
enum { AXIS_FULL = 48 };
const char *axis_full(const Axis *axis, int index, char buf[AXIS_FULL]);
/* Of its text: words that are not in the vocabulary stand out. */
Color axis_color(const Axis *axis, int index, const Theme *theme);
/* The widest label in points: of all up to AXIS_MEASURED, else of those with the most characters.
 */
float axis_width(const Axis *axis, const TextKit *kit, FontFace face, float size);

typedef struct {
    const TextKit *kit;
    const AttnResult *result; /* NULL: nothing to show yet */
    Stage stage;              /* the one shown */
    const Axis *queries, *keys;
    const DocSentence *sentence;
    const ColorLook *color;
    const LinesLook *lines;
    const PatchesLook *patches;
    Focus focus;
    int layer, head;                /* FIELD_MEAN / FIELD_MAX when reduced */
    bool head_is_one;               /* a single head: bars and ribbons in theme data colour */
    Range heads_range[STAGE_COUNT]; /* over all heads of the document, for RANGE_HEADS */
    bool has_gold;                  /* alignment drawn over it */
    double time;
    int links_most;   /* about how many lines may be drawn now (during a drag), 0 = as usual */
    Threads *threads; /* for pictures of large matrices; NULL: none */
    const double *received; /* n_k column sums of the weights, if someone has them: they and the
                               mean of all rows then cost nothing; NULL = summed when needed */
} Scene;

/* Under the pointer. query or key −1 = none (a row label has only a query, a column label only a
 * key). */
typedef struct {
    int query, key;
    Rect rect;       /* of the thing, in points */
    const char *tip; /* a cut label's full text, or NULL */
} Probe;

static inline Probe probe_none(void)
{
    return (Probe){-1, -1, {0, 0, 0, 0}, NULL};
}

/* What rows and columns of the weights are. */
static inline InputForm scene_form(const Scene *scene)
{
    return scene->result ? scene->result->form : FORM_PAIRS;
}
/* The matrix of the stage shown; at == NULL when it is absent or too large to be kept. */
Matrix scene_matrix(const Scene *scene);
/* Its rows and columns, also where it is too large to be kept; 0 when it is absent. */
void scene_size(const Scene *scene, int *rows, int *cols);
/* Is the stage shown one that comes in rows on demand? */
bool scene_tiled(const Scene *scene);
/* A row of weights, NULL where it is not at hand now. */
const float *scene_weights(const Scene *scene, int row);
/* Why scene_matrix is absent, one sentence; NULL when it is there. */
const char *scene_absent(const Scene *scene);
/* Are the rows of the stage keys (x_k, k, v)? Scene.queries and the focus are then the keys'. */
bool scene_rows_are_keys(Stage stage);
/* Are the columns of the stage keys? (Those of `output` are dimensions of v.) */
bool scene_columns_are_keys(const Scene *scene);
/* Is the cell drawn as masked? Only where masks act: stages `masked` and `weights`. */
bool scene_masked(const Scene *scene, int row, int col);
bool scene_row_masked(const Scene *scene, int row); /* all its cells are */
/* Is query row selected (locked, one of several)? */
bool scene_query_locked(const Scene *scene, int row);
/* "weight", "score" … : what a number of the stage is called. */
const char *scene_word(const Scene *scene);
/* A number of the stage in short: two decimals; weights without the leading zero. */
void scene_number(const Scene *scene, float value, char out[TEXT_NUMBER]);
/* Colour of bars and ribbons: the theme's data colour for one head, else that head's. */
Color scene_data_color(const Scene *scene);

/* The range that colours row `row` under the look (RANGE_ROW differs by row; row −1: the matrix).
 * Signed stages are symmetric about 0, weights begin at 0. Always lo < hi, both finite. */
void scene_range(const Scene *scene, int row, float *lo, float *hi);
/* Value → 0 … 1 under range and scale; NaN for anything not finite. √ is of the linear t. Log maps
 * [hi·1e-4, hi] (from lo, when that is larger). Signed maps do so on both sides of the middle. */
float scene_unit(const Scene *scene, float value, float lo, float hi);
/* The map in force: look, or the default of stage and picture. */
const Colormap *scene_colormap(const Scene *scene);
bool scene_signed(const Scene *scene); /* the stage can be negative */
/* "linear, per matrix" */
void scene_range_words(const Scene *scene, char *out, size_t cap);
/* A note for the colour bar when rows need not sum to 1, else NULL. */
const char *scene_note(const Scene *scene);

#endif
