/* What the tests of bare arrays share: samples of tests/data/load/make_tensors.py and what must
 * come out of them.
 */
#ifndef ATTNSCOPE_TESTS_LOAD_TENSORS_TEST_H
#define ATTNSCOPE_TESTS_LOAD_TENSORS_TEST_H

#include "load_test.h"

#include "load/tensors.h"

#include <math.h>
#include <stdlib.h>

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

/* "q 2,3,4;k 2,3,4": arrays of float32 that count 0, 1, 2 … in all; metadata: one text, its value
 * as JSON. */
static inline const char *arrays(const char *name, const char *what, const char *metadata)
{
    Buf head, data;
    uint64_t count = 0;
    buf_init(&head, BUF_NO_LIMIT);
    buf_init(&data, BUF_NO_LIMIT);
    buf_text(&head, "{");
    if (metadata)
        buf_printf(&head, "\"__metadata__\": {\"tokens\": \"%s\"}%s", metadata, *what ? ", " : "");
    for (const char *at = what; *at;) {
        size_t length = strcspn(at, " "), size = strcspn(at + length + 1, ";");
        uint64_t n = 1, from = count;
        for (const char *s = at + length; s < at + length + 1 + size; s++) {
            if (*s == ' ' || *s == ',')
                n *= strtoull(s + 1, NULL, 10);
        }
        count += n;
        buf_printf(&head,
                   "%s\"%.*s\": {\"dtype\": \"F32\", \"shape\": [%.*s], \"data_offsets\": "
                   "[%llu, %llu]}",
                   at == what ? "" : ", ", (int)length, at, (int)size, at + length + 1,
                   (unsigned long long)from * 4, (unsigned long long)count * 4);
        at += length + 1 + size;
        at += *at == ';';
    }
    buf_text(&head, "}");
    uint64_t header = head.size;
    buf_append(&data, &header, 8);
    buf_append(&data, head.data, head.size);
    for (uint64_t i = 0; i < count; i++) {
        float value = (float)i;
        buf_append(&data, &value, sizeof value);
    }
    assert_true(buf_ok(&head, NULL) && buf_ok(&data, NULL));
    static char dir[400];
    if (!dir[0])
        snprintf(dir, sizeof dir, "%s", check_temp_dir());
    const char *path = check_path(dir, name);
    write_file(path, data.data, data.size);
    buf_free(&head);
    buf_free(&data);
    return path;
}

#endif
