/* Patches: where the marked patch looks, drawn over the picture (look.md §5 Patches). Works on the
 * query axis, the key axis or both. For pictures on the key axis only, the selected query (a word)
 * looks at patches; on the query axis only, the picture shows which patches look at the selected
 * key. Nothing selected: the mean over all. A gate: the rows are the patches, the columns channels;
 * the selected key is a channel, else their mean is shown, and the strip shows them all.
 */
#ifndef ATTNSCOPE_VIEW_PATCHES_H
#define ATTNSCOPE_VIEW_PATCHES_H

#include "view/colorbar.h"
#include "view/scene.h"

typedef struct {
    Rect area, picture, special, bar, heads; /* heads: strip below, h 0 = dropped */
    float patch;                             /* side of a patch */
    int rows, cols;                          /* of the grid; 0 = no picture in this document */
    int special_shown;                       /* how many special tokens fit */
    float special_pitch;
    BarKind bar_kind;
} PatchesLayout;

/* The same query row in another head of the layer, for the strip below. */
typedef struct {
    int head;
    const float *row;
    int n_k;
    double entropy;
} PatchesHead;

typedef struct PatchesModel PatchesModel;
PatchesModel *patches_new(void);
void patches_free(PatchesModel *model);
/* Stages that lie over a picture: those of patches and keys, and what a gate lets through. */
bool patches_can_show(const Scene *scene, Stage stage);
PatchesLayout patches_layout(const Scene *scene, Rect area, bool strip);
/* The square of a patch, by its place on the axis (special tokens have none: w 0). */
Rect patches_cell(const Scene *scene, const PatchesLayout *layout, int index);
/* The swatch of a special token (w 0 when it is not shown). */
Rect patches_swatch(const Scene *scene, const PatchesLayout *layout, int index);
bool patches_update(PatchesModel *model, const Scene *scene, const PatchesLayout *layout,
                    const PatchesHead *heads, int head_count, Error *err);
void patches_draw(const PatchesModel *model, const Scene *scene, const PatchesLayout *layout,
                  DrawList *out);
/* What is under the pointer: with the picture on both axes it is given as query and as key (a click
 * asks from it, pointing asks about it); else on its own axis. A head of the strip: *head ≥ 0. In
 * the strip of a gate 0 is the mean and 1 + c channel c. */
Probe patches_probe(const Scene *scene, const PatchesLayout *layout, Vec2 at, int *head);

#endif
