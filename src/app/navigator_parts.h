/* The column that navigator*.c fill from the top; for these alone. */
#ifndef ATTNSCOPE_APP_NAVIGATOR_PARTS_H
#define ATTNSCOPE_APP_NAVIGATOR_PARTS_H

#include "app/state.h"

typedef struct {
    App *app;
    Rect panel;
    float y, offset; /* offset: how far the column is scrolled */
    bool old;        /* the head's numbers are of settings before */
} Column;

Rect column_row(Column *c, float height);
bool column_section(Column *c, int id, const char *name, const char *title, const char *summary);
/* The list of sentences, in at most so much height. */
void navigator_sentences(Column *c, float room);

#endif
