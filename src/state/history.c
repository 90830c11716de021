#include "state/history.h"

#include "base/text_set.h"

static Settings *history_item(History *h, int i)
{
    return &h->items[(h->first + i) % HISTORY_MAX];
}

void history_reset(History *history, const Settings *now)
{
    history->first = 0;
    history->count = 1;
    history->at = 0;
    history->items[0] = *now;
}

/* Equal but for what is typed. */
static bool same_but_text(const Settings *a, const Settings *b)
{
    Settings other = *b;
    other.text = a->text;
    other.text_typed = a->text_typed;
    return settings_equal(a, &other, FIELD_NO_UNDO);
}

/* What one edit did: bytes that both texts share before and behind it, the rest is replaced. */
typedef struct {
    size_t before, removed, added;
} Edit;

static Edit edit_between(int from, int to)
{
    const char *a = text_set(from), *b = text_set(to);
    size_t n = text_set_length(from), m = text_set_length(to), head = 0, tail = 0;
    size_t least = n < m ? n : m;
    while (head < least && a[head] == b[head])
        head++;
    while (tail < least - head && a[n - 1 - tail] == b[m - 1 - tail])
        tail++;
    return (Edit){head, n - head - tail, m - head - tail};
}

/* Is now the same word going on being typed, or the same stretch being deleted, as in the newest
 * step? Then it joins that step: undo takes words back, not letters. */
static bool typing_goes_on(const Settings *before, const Settings *present, const Settings *now)
{
    enum { LETTER = 16 }; /* bytes: more at once was pasted, and stands for itself */
    if (!now->text_typed || !present->text_typed || !same_but_text(before, present) ||
        !same_but_text(present, now))
        return false;
    Edit last = edit_between(before->text, present->text);
    Edit edit = edit_between(present->text, now->text);
    if (edit.removed > 0 && edit.added == 0)
        return last.removed > 0 && last.added == 0 && edit.removed <= LETTER;
    if (edit.removed > 0 || last.removed > 0 || last.added == 0 || edit.added > LETTER)
        return false;
    const char *text = text_set(now->text), *at = text + edit.before;
    bool starts_word = at[0] != ' ' && edit.before > 0 && at[-1] == ' ';
    return !starts_word;
}

bool history_note(History *history, const Settings *now)
{
    if (settings_equal(history_item(history, history->at), now, FIELD_NO_UNDO))
        return false;
    if (history->at > 0 && history->at + 1 == history->count &&
        typing_goes_on(history_item(history, history->at - 1), history_item(history, history->at),
                       now)) {
        history_amend(history, now);
        return true;
    }
    history->count = history->at + 1;
    if (history->count == HISTORY_MAX) {
        history->first = (history->first + 1) % HISTORY_MAX;
        history->count--;
    }
    history->at = history->count++;
    *history_item(history, history->at) = *now;
    return true;
}

void history_amend(History *history, const Settings *now)
{
    *history_item(history, history->at) = *now;
}

bool history_can_undo(const History *history)
{
    return history->at > 0;
}
bool history_can_redo(const History *history)
{
    return history->at + 1 < history->count;
}

bool history_undo(History *history, Settings *now)
{
    if (!history_can_undo(history))
        return false;
    settings_copy(now, history_item(history, --history->at), FIELD_NO_UNDO);
    return true;
}

bool history_redo(History *history, Settings *now)
{
    if (!history_can_redo(history))
        return false;
    settings_copy(now, history_item(history, ++history->at), FIELD_NO_UNDO);
    return true;
}
