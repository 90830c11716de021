/* What the files of the patches view share. */
#ifndef ATTNSCOPE_VIEW_PATCHES_PARTS_H
#define ATTNSCOPE_VIEW_PATCHES_PARTS_H

#include "view/patches.h"

typedef struct {
    int head;
    double entropy;
    Image image; /* cols × rows */
} PatchesThumb;

struct PatchesModel {
    Image picture; /* as drawn: resized down, grey */
    uint64_t picture_key;
    Image overlay; /* colours of the map, or the dark of the spotlight */
    uint64_t overlay_key;
    Colorbar bar;
    float *values;   /* one per place on the picture's axis */
    uint8_t *masked; /* the same places */
    int count;
    float lo, hi; /* what the colours mean */
    PatchesThumb *thumbs;
    int thumb_count, thumb_cap;
    uint64_t thumbs_key;
};

/* Does the picture lie on the keys (or else on the queries)? */
bool patches_on_keys(const Scene *scene);
int patches_first(const Scene *scene); /* index of the first patch on that axis */
/* The row that is asked about, or the key when the picture is on the queries; −1 = all. */
int patches_asked(const Scene *scene);
/* Marks: locked and pointed place on the picture's axis, −1 = none. */
int patches_locked(const Scene *scene);
int patches_pointed(const Scene *scene);
/* Thumb i of the strip: its square. */
Rect patches_thumb(const Scene *scene, const PatchesLayout *layout, int i);
int patches_thumbs_fit(const Scene *scene, const PatchesLayout *layout);
/* Channels of a gate; 0 = it is none. */
int patches_channels(const Scene *scene);
/* What thumb i of a gate's strip shows: −1 the mean, else a channel; from the count on: nothing. */
int patches_thumb_channel(const Scene *scene, const PatchesLayout *layout, int i);

void patches_draw_marks(const PatchesModel *model, const Scene *scene, const PatchesLayout *layout,
                        DrawList *out);
void patches_draw_special(const PatchesModel *model, const Scene *scene,
                          const PatchesLayout *layout, DrawList *out);
void patches_draw_strip(const PatchesModel *model, const Scene *scene, const PatchesLayout *layout,
                        DrawList *out);

#endif
