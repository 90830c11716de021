#include "doc/origin.h"

#include <string.h>

const char *const EOS_NAMES[] = {"auto", "none", "queries", "keys", "both", NULL};

static bool copy_text(Arena *arena, const char *from, const char **out)
{
    *out = from ? arena_text(arena, from, strlen(from)) : NULL;
    return *out || !from;
}

bool origin_copy(Arena *arena, const DocOrigin *from, DocOrigin *out)
{
    DocOrigin copy = *from;
    const char **more = arena_alloc(arena, (size_t)from->more_count + 1, sizeof *more);
    bool ok =
        more && copy_text(arena, from->source, &copy.source) &&
        copy_text(arena, from->target, &copy.target) && copy_text(arena, from->gold, &copy.gold) &&
        copy_text(arena, from->format, &copy.format) && copy_text(arena, from->map, &copy.map);
    for (int i = 0; ok && i < from->more_count; i++)
        ok = copy_text(arena, from->more[i], &more[i]);
    copy.more = more;
    if (ok)
        *out = copy;
    return ok;
}

bool origin_is_plain(const DocOrigin *origin)
{
    return !origin->source && !origin->target && !origin->gold && !origin->format && !origin->map &&
           origin->more_count == 0 && !origin->transpose && origin->eos == EOS_AUTO &&
           !origin->words;
}
