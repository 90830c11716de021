/* Patches: where the marked patch looks, drawn over the picture (look.md §5 Patches). Works on the query axis,
 * the key axis or both. For pictures on the key axis only, the selected query (a word) looks at patches; on
 * the query axis only, the picture shows which patches look at the selected key.
 */
#ifndef ATTNSCOPE_VIEW_PATCHES_H
#define ATTNSCOPE_VIEW_PATCHES_H

#include "view/scene.h"

typedef struct {
    Rect area, picture, special, bar, heads; /* heads: strip below, h 0 = dropped */
    float patch;                             /* side of a patch */
} PatchesLayout;

/* The same query row in another head of the layer, for the strip below. */
typedef struct { int head; const float *row; int n_k; double entropy; } PatchesHead;

typedef struct PatchesModel PatchesModel;
PatchesModel *patches_new(void);
void patches_free(PatchesModel *model);
PatchesLayout patches_layout(const Scene *scene, Rect area, bool strip);
bool patches_update(PatchesModel *model, const Scene *scene, const PatchesLayout *layout, const PatchesHead *heads,
                    int head_count, Error *err);
void patches_draw(const PatchesModel *model, const Scene *scene, const PatchesLayout *layout, DrawList *out);
/* probe.query = the patch pointed at as a query when `asking` (a click), probe.key = as a key; strip: *head ≥ 0. */
Probe patches_probe(const Scene *scene, const PatchesLayout *layout, Vec2 at, int *head);

#endif
