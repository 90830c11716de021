/* The tables of a mask, made once: mask.c asks them.
 */
#ifndef ATTNSCOPE_CORE_MASK_BUILD_H
#define ATTNSCOPE_CORE_MASK_BUILD_H

#include "core/mask.h"

enum { MASK_BITS = 64 };

static inline bool mask_bit(const uint64_t *bits, int64_t index)
{
    return (bits[index / MASK_BITS] >> (index % MASK_BITS)) & 1;
}
static inline void mask_set_bit(uint64_t *bits, int64_t index)
{
    bits[index / MASK_BITS] |= (uint64_t)1 << (index % MASK_BITS);
}

/* Makes the tables of what acts (mask->params) on these heads. False: out of memory; what was made
 * is in the mask, for mask_free. */
bool mask_build(Mask *mask, const AttnInput *heads, int count);

#endif
