#include "state/settings.h"

#include "base/number.h"

#include <float.h>
#include <limits.h>
#include <math.h>
#include <string.h>

const char *const PANEL_NAMES[] = {"auto", "open", "folded", NULL};
const char *const VIEW_CHOICES[] = {"auto", "heatmap", "lines", "patches", "heads", NULL};
const char *const VIEW2_CHOICES[] = {"auto", "none", "heatmap", "lines", "patches", "heads", NULL};
const char *const COLOR_MAP_CHOICES[] = {"viridis",     "cividis", "magma", "greys",
                                         "blue-orange", "auto",    NULL};

#define ROW(name, member, kind, lo, hi, def, choices, flags, help)                                 \
    {name, help, kind, offsetof(Settings, member), lo, hi, def, choices, flags},
const Field SETTINGS[] = {
#include "state/settings.def"
};
#undef ROW
const size_t SETTINGS_COUNT = sizeof SETTINGS / sizeof SETTINGS[0];

Settings settings_default(void)
{
    Settings out;
    memset(&out, 0,
           sizeof out); /* padding too: copies are compared field by field, but hashed nowhere */
    for (size_t i = 0; i < SETTINGS_COUNT; i++)
        field_reset(&SETTINGS[i], &out);
    return out;
}

/* Letters that differ when the shorter name is laid over the longer: enough to guess a slip of the
 * fingers. */
static size_t name_distance(const char *a, const char *b)
{
    size_t la = strlen(a), lb = strlen(b), same = 0;
    size_t n = la < lb ? la : lb;
    while (same < n && a[same] == b[same])
        same++;
    size_t tail = 0;
    while (tail < n - same && a[la - 1 - tail] == b[lb - 1 - tail])
        tail++;
    return (la > lb ? la : lb) - same - tail;
}

bool settings_set(Settings *settings, const char *name, const char *value, Error *err)
{
    const Field *field = field_find(SETTINGS, SETTINGS_COUNT, name);
    if (field)
        return field_parse(field, settings, value, err);
    const char *nearest = SETTINGS[0].name;
    for (size_t i = 1; i < SETTINGS_COUNT; i++)
        if (name_distance(name, SETTINGS[i].name) < name_distance(name, nearest))
            nearest = SETTINGS[i].name;
    return error_set(err, ERROR_USAGE, "unknown setting: expected a name such as %s, found %s",
                     nearest, name);
}

bool settings_assign(Settings *settings, const char *text, Error *err)
{
    const char *equals = strchr(text, '=');
    char name[64];
    if (!equals || equals == text || (size_t)(equals - text) >= sizeof name)
        return error_set(err, ERROR_USAGE, "setting: expected NAME=VALUE, found %s", text);
    memcpy(name, text, (size_t)(equals - text));
    name[equals - text] = 0;
    return settings_set(settings, name, equals + 1, err);
}

/* A number outside the range goes to the nearest end of it. False: no number at all. */
static bool settings_clamp(Settings *settings, const Field *field, const char *value)
{
    double number;
    char *at = (char *)settings + field->offset;
    bool whole = field->kind == FIELD_INT || field->kind == FIELD_INDEX;
    bool real = field->kind == FIELD_REAL || field->kind == FIELD_AUTO;
    if ((!whole && !real) || !number_parse(value, strlen(value), &number) || isnan(number))
        return false;
    if (whole) {
        int index = (int)fmax(0, fmin(number, INT_MAX));
        if (number != floor(number) || (field->kind == FIELD_INDEX && number < 0))
            return false;
        memcpy(at, &index, sizeof index);
    } else {
        memcpy(at, &number, sizeof number);
    }
    return field_clamp(field, settings);
}

bool settings_restore(Settings *settings, const char *name, const char *value, Error *err)
{
    Error own = {0};
    if (settings_set(settings, name, value, &own))
        return true;
    const Field *field = field_find(SETTINGS, SETTINGS_COUNT, name);
    Settings was = *settings;
    Buf text;
    buf_init(&text, BUF_NO_LIMIT);
    if (!field) {
        error_set(err, own.kind, "%s; it is left out", own.what);
    } else if (settings_clamp(settings, field, value) && field_print(field, settings, &text)) {
        error_set(err, own.kind, "%s; %s is used", own.what, buf_string(&text));
    } else {
        field_copy(field, settings, &was);
        error_set(err, own.kind, "%s; it is left out", own.what);
    }
    buf_free(&text);
    return false;
}

void settings_from_document(Settings *settings, const Document *doc,
                            void (*warn)(void *, const char *), void *context)
{
    for (int i = 0; i < doc->setting_count; i++) {
        Error err = {0};
        char line[512];
        if (settings_restore(settings, doc->settings[i].name, doc->settings[i].value, &err) ||
            !warn)
            continue;
        error_line(&err, "settings", line, sizeof line);
        warn(context, line);
    }
}

bool settings_equal(const Settings *a, const Settings *b, int without)
{
    for (size_t i = 0; i < SETTINGS_COUNT; i++)
        if (!(SETTINGS[i].flags & without) && !field_equal(&SETTINGS[i], a, b))
            return false;
    return true;
}

void settings_copy(Settings *to, const Settings *from, int without)
{
    for (size_t i = 0; i < SETTINGS_COUNT; i++)
        if (!(SETTINGS[i].flags & without))
            field_copy(&SETTINGS[i], to, from);
}

void settings_copy_flagged(Settings *to, const Settings *from, int flagged)
{
    for (size_t i = 0; i < SETTINGS_COUNT; i++)
        if (SETTINGS[i].flags & flagged)
            field_copy(&SETTINGS[i], to, from);
}

int settings_changed(const Settings *settings, Arena *arena, DocSetting **out)
{
    Settings plain = settings_default();
    DocSetting *list = arena_alloc(arena, SETTINGS_COUNT, sizeof *list);
    int count = 0;
    *out = list;
    if (!list)
        return -1;
    for (size_t i = 0; i < SETTINGS_COUNT; i++) {
        const Field *field = &SETTINGS[i];
        if ((field->flags & FIELD_NO_SAVE) || field_equal(field, settings, &plain))
            continue;
        Buf text;
        buf_init(&text, BUF_NO_LIMIT);
        char *value = field_print(field, settings, &text)
                          ? arena_text(arena, buf_string(&text), text.size)
                          : NULL;
        buf_free(&text);
        if (!value)
            return -1;
        list[count++] = (DocSetting){field->name, value};
    }
    return count;
}
