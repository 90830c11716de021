#include "load/limits.h"

#include "base/number.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const LimitRow LIMITS[LIMIT_COUNT] = {
#define LIMIT(id, field, type, name, value, ceiling, unit, meaning)                                \
    {name, unit, meaning, value, ceiling, true},
#define FIXED(id, name, value, unit, meaning) {name, unit, meaning, value, value, false},
#include "load/limits.def"
#undef LIMIT
#undef FIXED
};

/* The member of a row, 0 for those that have none. */
static uint64_t member(const LoadLimits *limits, Limit id)
{
    switch ((int)id) {
#define LIMIT(id, field, type, name, value, ceiling, unit, meaning)                                \
    case LIMIT_##id:                                                                               \
        return (uint64_t)limits->field;
#define FIXED(id, name, value, unit, meaning)
#include "load/limits.def"
#undef LIMIT
#undef FIXED
    default:
        return 0;
    }
}

static void member_set(LoadLimits *limits, Limit id, uint64_t number)
{
    switch ((int)id) {
#define LIMIT(id, field, type, name, value, ceiling, unit, meaning)                                \
    case LIMIT_##id:                                                                               \
        limits->field = (type)number;                                                              \
        break;
#define FIXED(id, name, value, unit, meaning)
#include "load/limits.def"
#undef LIMIT
#undef FIXED
    default:
        break;
    }
}

/* What the system could still give away, in bytes; 0 when it does not say. */
static uint64_t memory_available(void)
{
    char text[2048];
    int fd = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t size = read(fd, text, sizeof text - 1);
    close(fd);
    if (size <= 0)
        return 0;
    text[size] = '\0';
    const char *at = strstr(text, "MemAvailable:");
    return at ? (uint64_t)strtoull(at + strlen("MemAvailable:"), NULL, 10) * 1024 : 0;
}

LoadLimits load_limits_default(void)
{
    LoadLimits limits = {
#define LIMIT(id, field, type, name, value, ceiling, unit, meaning) .field = value,
#define FIXED(id, name, value, unit, meaning)
#include "load/limits.def"
#undef LIMIT
#undef FIXED
    };
    uint64_t half = memory_available() / 2;
    if (half && half < limits.memory)
        limits.memory = half;
    return limits;
}

uint64_t limits_value(const LoadLimits *limits, Limit id)
{
    uint64_t own = limits ? member(limits, id) : 0;
    return own ? own : LIMITS[id].value;
}

void limits_merge(LoadLimits *limits, const LoadLimits *from)
{
    for (Limit id = 0; id < LIMIT_COUNT; id++)
        if (LIMITS[id].request && member(from, id))
            member_set(limits, id, member(from, id));
}

bool limits_parse(LoadLimits *limits, Limit id, const char *text, Error *err)
{
    static const char units[] = "KMGT";
    const LimitRow *row = &LIMITS[id];
    size_t n = strlen(text);
    const char *unit = n > 0 ? strchr(units, text[n - 1]) : NULL;
    long long count;
    uint64_t value;
    if (row->ceiling == row->value)
        return error_set(err, ERROR_USAGE,
                         "--limit-%s: expected a limit that can be raised, found one that is fixed",
                         row->name);
    if (number_parse_int(text, n - (unit ? 1 : 0), &count) && count > 0 &&
        !__builtin_mul_overflow((uint64_t)count, unit ? 1ull << (10 * (unit - units + 1)) : 1ull,
                                &value) &&
        value <= row->ceiling) {
        member_set(limits, id, value);
        return true;
    }
    return error_set(
        err, ERROR_USAGE, "--limit-%s: expected 1 … %llu %s, also as 512K, 64M or 2G, found %.60s",
        row->name, (unsigned long long)row->ceiling, row->unit, text[0] ? text : "nothing");
}

const char *limits_note(const LoadLimits *limits, Limit id, char out[LIMITS_NOTE])
{
    unsigned long long value = limits_value(limits, id);
    if (LIMITS[id].value < LIMITS[id].ceiling && value < LIMITS[id].ceiling)
        snprintf(out, LIMITS_NOTE, "(limit %llu, raise with --limit-%s)", value, LIMITS[id].name);
    else
        snprintf(out, LIMITS_NOTE, "(limit %llu)", value);
    return out;
}

bool limits_over(const LoadLimits *limits, Limit id, Error *err, const char *where, const char *fmt,
                 ...)
{
    char note[LIMITS_NOTE], what[240];
    va_list args;
    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    return error_at(err, ERROR_LIMIT, where, "%s %s", what, limits_note(limits, id, note));
}

bool limits_read_file(const LoadLimits *limits, Limit id, const char *path,
                      const atomic_bool *cancel, Buf *out, FileStamp *stamp, Error *err)
{
    Error own = {0};
    uint64_t most = limits_value(limits, id);
    if (file_read_until(path, (size_t)most, cancel, out, stamp, &own))
        return true;
    if (own.kind == ERROR_LIMIT && strncmp(own.what, "file is too large", 17) == 0)
        return limits_over(limits, id, err, own.where, "%s", own.what);
    return error_at(err, own.kind, own.where, "%s", own.what);
}

bool limits_print(const LoadLimits *limits, Buf *out)
{
    buf_printf(out, "%-15s %13s %-10s  %-36s  %s\n", "NAME", "VALUE", "UNIT", "RAISE WITH", "OF");
    for (Limit id = 0; id < LIMIT_COUNT; id++) {
        const LimitRow *row = &LIMITS[id];
        char how[80] = "fixed";
        if (row->ceiling > row->value)
            snprintf(how, sizeof how, "--limit-%s (≤ %llu)", row->name,
                     (unsigned long long)row->ceiling);
        /* printf counts bytes, and ≤ has two more of them than columns. */
        buf_printf(out, "%-15s %13llu %-10s  %-*s  %s\n", row->name,
                   (unsigned long long)limits_value(limits, id), row->unit,
                   row->ceiling > row->value ? 38 : 36, how, row->meaning);
    }
    return buf_ok(out, NULL);
}
