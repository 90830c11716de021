/* Files that were given together, or a folder of them: which is the one to open, and what the
 * others are to it: token files, links that are right, further arrays.
 */
#ifndef ATTNSCOPE_LOAD_GATHER_H
#define ATTNSCOPE_LOAD_GATHER_H

#include "load/load.h"

enum { GATHER_MOST = LIMIT_MOST_FOLDER }; /* files of a folder that are looked at */

/* *out is *in with path, origin.source, .target, .gold and .more set; told by content, names only
 * break ties. What the person said in `in` stays. Texts are lent from `in` and the arena. A lone
 * file stays as it is. explain: "m.align with m.en as source and m.gold as gold", "" when there was
 * nothing to decide; NUL-ended.
 *
 * ERROR_USAGE with what was found when nothing, or more than one, could be opened; folders of
 * models are refused by what they lack. ERROR_IO. */
bool gather_request(const LoadRequest *in, LoadRequest *out, Arena *arena, char *explain,
                    size_t cap, Error *err);

#endif
