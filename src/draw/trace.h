/* The drawing as text, one command a line: what goldens compare. */
#ifndef ATTNSCOPE_DRAW_TRACE_H
#define ATTNSCOPE_DRAW_TRACE_H

#include "draw/draw_list.h"

bool trace_write(Buf *out, const DrawList *list, Error *err);

#endif
