#include "state/history.h"

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

bool history_note(History *history, const Settings *now)
{
    if (settings_equal(history_item(history, history->at), now, FIELD_NO_UNDO))
        return false;
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
