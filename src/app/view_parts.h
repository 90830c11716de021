/* What panes, navigator and export do alike around the views: thumbnails, strips of heads, the
 * patch that is asked when none is.
 */
#ifndef ATTNSCOPE_APP_VIEW_PARTS_H
#define ATTNSCOPE_APP_VIEW_PARTS_H

#include "app/scope.h"
#include "view/head_grid.h"
#include "view/patches.h"

enum { VIEW_STRIP_MAX = 64 };

/* Heads of the layer that has the most. */
int view_most_heads(const DocSentence *sentence);
/* Makes at most `most` thumbnails that are out of date (0 = all), `side` pixels square. Returns how
 * many it made: `most` means that there may be more. */
int view_thumbnails(Scope *scope, const Settings *settings, HeadGrid *grid, int most, int side,
                    const Colormap *map);
/* How many thumbnails one pass may make without being felt: all of a short sentence, one of a long
 * one, and none of a long one while a widget is held. */
int view_thumbnail_share(const Scope *scope, bool held);
/* The selected query's row in every head of the layer. *rows is freed by the caller with mem_free.
 * Returns how many; 0 when there is nothing to compare. */
int view_strip(Scope *scope, const Settings *settings, PatchesHead out[VIEW_STRIP_MAX],
               float **rows);
/* The query that a picture is asked from when none is selected: its middle. */
int view_middle_query(const DocSentence *sentence);

#endif
