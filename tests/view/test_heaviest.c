/* Against the C library's sort, over many lengths, with ties and rows in order. */
#include "view/heaviest.h"

#include "support/check.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 300 };

typedef struct {
    double weight;
    int place, other;
} Item;

static int heavier(const void *a, const void *b)
{
    const Item *x = a, *y = b;
    if (x->weight != y->weight)
        return x->weight > y->weight ? -1 : 1;
    return x->place - y->place;
}

static void fill(Item *items, int count, int values, uint32_t *seed)
{
    for (int i = 0; i < count; i++) {
        *seed = *seed * 1664525u + 1013904223u;
        double drawn = (double)(*seed >> 16) * values / 65536;
        double weight = values == 0 ? i : values < 0 ? -i : drawn < 1 ? 0 : (double)(int)drawn;
        items[i] = (Item){weight, i, 7 * i};
    }
}

static void the_front_holds_what_a_sort_puts_first(void **state)
{
    (void)state;
    static const int VALUES[] = {0, -1, 1, 3,
                                 1000}; /* rising, falling, all equal, ties, few ties */
    uint32_t seed = 5;
    for (size_t v = 0; v < sizeof VALUES / sizeof *VALUES; v++)
        for (int count = 0; count <= MOST; count += count < 12 ? 1 : 37)
            for (int most = 0; most <= count + 1; most += most < 6 ? 1 : 41) {
                Item items[MOST + 1], want[MOST + 1];
                int front = most < count ? most : count;
                fill(items, count, VALUES[v], &seed);
                items[count] = (Item){1e9, -1, -1}; /* beyond the end: not to be touched */
                memcpy(want, items, sizeof *items * (size_t)(count + 1));
                qsort(want, (size_t)count, sizeof *want, heavier);
                heaviest_select(items, (size_t)count, sizeof *items, (size_t)most, heavier);
                assert_int_equal(items[count].place, -1);
                qsort(items, (size_t)front, sizeof *items, heavier);
                for (int i = 0; i < front; i++) {
                    assert_int_equal(items[i].place, want[i].place);
                    assert_int_equal(items[i].other, 7 * items[i].place);
                }
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_front_holds_what_a_sort_puts_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
