#include "view/heaviest.h"

#include <assert.h>
#include <string.h>

static void swap(unsigned char *a, unsigned char *b, size_t size)
{
    unsigned char kept[HEAVIEST_ITEM];
    memcpy(kept, a, size);
    memcpy(a, b, size);
    memcpy(b, kept, size);
}

/* Hoare's selection: the side that holds the border is parted again. */
void heaviest_select(void *items, size_t count, size_t size, size_t most,
                     int (*order)(const void *, const void *))
{
    assert(size <= HEAVIEST_ITEM);
    if (most == 0 || most >= count)
        return;
    unsigned char *at = items, pivot[HEAVIEST_ITEM];
    ptrdiff_t lo = 0, hi = (ptrdiff_t)count - 1, border = (ptrdiff_t)most - 1;
    ptrdiff_t step = (ptrdiff_t)size;
    while (lo < hi) {
        memcpy(pivot, at + (lo + (hi - lo) / 2) * step, size);
        ptrdiff_t i = lo, j = hi;
        while (i <= j) {
            while (order(at + i * step, pivot) < 0)
                i++;
            while (order(pivot, at + j * step) < 0)
                j--;
            if (i <= j) {
                swap(at + i * step, at + j * step, size);
                i++;
                j--;
            }
        }
        if (border <= j)
            hi = j;
        else if (border >= i)
            lo = i;
        else
            return;
    }
}
