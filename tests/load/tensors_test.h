/* What the tests of bare arrays share: samples of tests/data/load/make_tensors.py and what must
 * come out of them.
 */
#ifndef ATTNSCOPE_TESTS_LOAD_TENSORS_TEST_H
#define ATTNSCOPE_TESTS_LOAD_TENSORS_TEST_H

#include "load_test.h"

#include "load/tensors.h"

#include <math.h>

#define TENSORS LOAD_DATA "tensors/"

static inline void list_sample(TensorList *list, const char *path)
{
    Error err = {0};
    LoadRequest request = request_of(path);
    tensors_init(list);
    if (!tensors_list(list, &path, 1, &request, &err))
        fail_msg("%s: %s", path, error_text(&err));
}

/* Item by name. */
static inline int named(const TensorList *list, const char *name)
{
    for (int i = 0; i < list->count; i++) {
        if (strcmp(tensors_name(list, i), name) == 0)
            return i;
    }
    return -1;
}

static inline double head_value(const Document *doc, const DocMatrix *m, int row, int col)
{
    return tensor_value(&doc->tensors[m->tensor], m->offset + row * m->step + col);
}

/* Softmax over 3 keys of (layer + 1)(head + 1) row col / 4, in double. */
static inline double sample_weight(int layer, int head, int row, int col)
{
    double sum = 0;
    for (int j = 0; j < 3; j++)
        sum += exp((layer + 1) * (head + 1) * row * j / 4.0);
    return exp((layer + 1) * (head + 1) * row * col / 4.0) / sum;
}

static inline double sample_q(int head, int row, int col)
{
    return (head * 12 + row * 4 + col) / 8.0;
}

#endif
