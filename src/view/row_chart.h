/* The selected query's bars with entropy, effective keys, maximum and sum (look.md §5 Row bars).
 * Nothing selected: the mean of all rows. Several queries: their sum or mean, as the selection
 * says.
 */
#ifndef ATTNSCOPE_VIEW_ROW_CHART_H
#define ATTNSCOPE_VIEW_ROW_CHART_H

#include "view/scene.h"

/* Draws into area: title line with the locked pill, three key figures, bars. sorted: heaviest
 * first. The title line's right 124 points are left free for the order/sorted control when
 * `control` is set. compact: one line of figures (small windows). */
void row_chart_draw(const Scene *scene, Rect area, bool sorted, bool compact, bool control,
                    DrawList *out);
Probe row_chart_probe(const Scene *scene, Rect area, bool sorted, bool compact, bool control,
                      Vec2 at);
/* Height that shows `keys` bars. */
float row_chart_height(const Scene *scene, int keys, bool compact);

#endif
