/* Editing one line of UTF-8 in a caller's buffer: pure functions of text, caret and selection, so
 * that they are tested without a frame. Movement and deletion go by grapheme clusters; the text
 * stays valid UTF-8 and NUL-ended within its capacity whatever is done.
 */
#ifndef ATTNSCOPE_UI_TEXT_EDIT_H
#define ATTNSCOPE_UI_TEXT_EDIT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    char *text; /* NUL-ended, cap bytes */
    size_t cap;
    size_t caret, anchor; /* byte offsets; equal = no selection */
} TextEdit;

typedef enum {
    EDIT_LEFT,
    EDIT_RIGHT,
    EDIT_WORD_LEFT,
    EDIT_WORD_RIGHT,
    EDIT_START,
    EDIT_STOP
} EditMove;

/* Puts caret and anchor on cluster boundaries of the text as it is now. */
void text_edit_settle(TextEdit *edit);
/* keep = Shift: the anchor stays. Without it an arrow first collapses a selection to its side. */
void text_edit_move(TextEdit *edit, EditMove move, bool keep);
/* Deletes the selection, or one cluster (whole word) before or behind the caret. True when text
 * changed. */
bool text_edit_delete(TextEdit *edit, bool forward, bool word);
/* Replaces the selection by text: invalid bytes and control characters are dropped, what does not
 * fit is cut between clusters. True when text changed. */
bool text_edit_insert(TextEdit *edit, const char *text);
void text_edit_word_at(TextEdit *edit, size_t at); /* selects it */
size_t text_edit_from(const TextEdit *edit);       /* lower and upper end of the selection */
size_t text_edit_to(const TextEdit *edit);

#endif
