/* Inside of text_visible and text_token: whole units written into a bounded string.
 */
#ifndef ATTNSCOPE_DRAW_TEXT_VISIBLE_H
#define ATTNSCOPE_DRAW_TEXT_VISIBLE_H

#include "draw/text.h"

typedef struct {
    char *at;
    size_t size, cap;
    bool full; /* a unit did not fit: nothing is written any more */
} Visible;

Visible visible_into(char *out, size_t cap); /* empty, NUL-ended; cap 0 is fine */
void visible_put(Visible *out, const char *unit, size_t length);
void visible_text(Visible *out, const char *text, size_t length); /* all of text, made visible */
void visible_mark(Visible *out, uint32_t code_point); /* the visible stand-in of an invisible one */
bool visible_is_space(uint32_t code_point);

#endif
