#include "support/check.h"

#include "doc/document.h"
#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A document without a file: n numbers of one type, lent to two heads of one layer. */
typedef struct {
    Document doc;
    DocSentence sentence;
    DocLayer layer;
    DocHead heads[2];
    Tensor tensor;
} Sample;

static const DocMatrix NONE = {.tensor = -1};

static void sample_init(Sample *s, DType dtype, const void *data, int64_t count)
{
    static const char *const tokens[] = {"a", "b\xC3\xA4", "c"};
    *s = (Sample){.sentence = {.title = "", .layer_count = 1},
                  .layer = {.name = "", .head_count = 2}};
    document_init(&s->doc);
    size_t size = (size_t)count * dtype_size(dtype);
    s->doc.tensors = mem_zero(1, sizeof *s->doc.tensors);
    s->doc.tensors[0] = (Tensor){.data = mem_alloc(size), .dtype = dtype, .count = count};
    memcpy(s->doc.tensors[0].data, data, size);
    tensor_measure(&s->doc.tensors[0]);
    s->doc.tensor_count = 1;
    s->doc.memory = 1000;
    s->doc.key = 7;
    s->sentence.queries = s->sentence.keys =
        (DocAxis){.tokens = (const char **)tokens, .count = 2, .lang = ""};
    s->sentence.layers = &s->layer;
    s->layer.heads = s->heads;
    s->doc.sentences = &s->sentence;
    s->doc.sentence_count = 1;
    for (int i = 0; i < 2; i++)
        s->heads[i] = (DocHead){NONE, NONE, NONE, {0, i * 4, 2, 2, 2}, NONE,
                                NONE, NONE, NULL, ENTRY_SCORES,        16};
}

static const double EIGHT[] = {1, 2, 3, 4, 5, 6, 7, 8};

static void each_head_is_lent_its_own_numbers(void **state)
{
    (void)state;
    Sample s;
    AttnInput a, b;
    Error err = {0};
    sample_init(&s, DTYPE_F64, EIGHT, 8);
    assert_true(document_select(&s.doc, 0, 0, 0, &a, &err));
    assert_true(document_select(&s.doc, 0, 0, 1, &b, &err));
    assert_float_equal(a.given.at[3], 4, 0);
    assert_float_equal(matrix_row(b.given, 1)[0], 7, 0);
    assert_float_equal(stored_value(b.stored_given, 1, 1), 8, 0);
    assert_true(a.key && b.key && a.key != b.key);
    assert_float_equal(a.d_k, 16, 0);
    assert_float_equal(a.d_model, 32, 0); /* heads × d_k */
    assert_null(a.q.at);
    assert_null(a.padding);
    assert_ptr_equal(a.given.at + 4, b.given.at); /* converted once */
    document_free(&s.doc);
}

static void what_the_file_lacks_is_told_with_its_range(void **state)
{
    (void)state;
    static const struct {
        int sentence, layer, head;
        const char *want;
    } table[] = {{1, 0, 0, "sentence: expected 0, found 1"},
                 {-1, 0, 0, "sentence: expected 0, found -1"},
                 {0, 1, 0, "layer: expected 0, found 1"},
                 {0, 0, 2, "head: expected 0 … 1, found 2"}};
    Sample s;
    sample_init(&s, DTYPE_F64, EIGHT, 8);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        AttnInput in;
        Error err = {0};
        assert_false(
            document_select(&s.doc, table[i].sentence, table[i].layer, table[i].head, &in, &err));
        check_error(&err, ERROR_USAGE, table[i].want);
    }
    document_free(&s.doc);
}

static void only_the_head_with_a_wide_number_is_wide(void **state)
{
    (void)state;
    double numbers[8];
    Sample s;
    AttnInput in;
    Error err = {0};
    memcpy(numbers, EIGHT, sizeof numbers);
    numbers[6] = -1e39;
    numbers[7] = INFINITY;
    sample_init(&s, DTYPE_F64, numbers, 8);
    assert_true(s.doc.tensors[0].wide);
    assert_int_equal(s.doc.tensors[0].nonfinite, 1);
    assert_true(document_select(&s.doc, 0, 0, 0, &in, &err));
    assert_false(in.wide);
    assert_true(document_select(&s.doc, 0, 0, 1, &in, &err));
    assert_true(in.wide);
    document_free(&s.doc);
}

static void padding_is_lent_only_when_some_key_has_it(void **state)
{
    (void)state;
    uint8_t flags[] = {0, 0};
    Sample s;
    AttnInput in;
    Error err = {0};
    sample_init(&s, DTYPE_F64, EIGHT, 8);
    s.sentence.keys.padding = flags;
    assert_true(document_select(&s.doc, 0, 0, 0, &in, &err));
    assert_null(in.padding);
    flags[1] = 1;
    assert_true(document_select(&s.doc, 0, 0, 0, &in, &err));
    assert_ptr_equal(in.padding, flags);
    document_free(&s.doc);
}

static void copies_stay_inside_the_memory_limit(void **state)
{
    (void)state;
    Sample s;
    AttnInput in;
    Error err = {0};
    sample_init(&s, DTYPE_F64, EIGHT, 8);
    s.doc.memory = 31;
    assert_false(document_select(&s.doc, 0, 0, 0, &in, &err));
    assert_int_equal(err.kind, ERROR_LIMIT);
    err = (Error){0};
    s.doc.memory = 32;
    mem_fail_at(1, false);
    assert_false(document_select(&s.doc, 0, 0, 0, &in, &err));
    mem_fail_at(0, false);
    check_error(&err, ERROR_LIMIT, "out of memory");
    err = (Error){0};
    assert_true(document_select(&s.doc, 0, 0, 0, &in, &err));
    assert_int_equal(s.doc.memory, 0);
    document_free(&s.doc);
}

static void tokens_and_patches_have_names(void **state)
{
    (void)state;
    const char *special[] = {"[CLS]"};
    DocSentence s = {.queries = {.count = 5}, .keys = {.count = 5}};
    char name[24];
    int first = 0;
    s.image =
        (DocImage){.present = true, .rows = 2, .cols = 2, .special = special, .special_count = 1};
    static const char *const want[] = {
        "[CLS]", "patch 0, 0", "patch 0, 1", "patch 1, 0", "patch 1, 1", "", ""};
    for (int i = 0; i < 7; i++) {
        document_token(&s, true, i < 6 ? i : -1, name, sizeof name);
        assert_string_equal(name, want[i]);
    }
    s.image.axis = IMAGE_KEYS;
    assert_false(document_patches(&s, true, &first));
    assert_true(document_patches(&s, false, &first));
    assert_int_equal(first, 1);
}

static void a_token_is_cut_between_characters(void **state)
{
    (void)state;
    Sample s;
    char name[3];
    sample_init(&s, DTYPE_F64, EIGHT, 8);
    document_token(&s.sentence, true, 1, name, sizeof name);
    assert_string_equal(name, "b");
    document_free(&s.doc);
}

static void rows_that_do_not_sum_to_one_are_counted_by_type(void **state)
{
    (void)state;
    static const double rows[] = {0.5, 0.5, 0.5, 0.5001, NAN, 1, 0, 0};
    static const uint16_t halves[] = {0x3C00, 0x0000, 0x3C00, 0x1400}; /* 1 + 0; 1 + 2^-10 */
    Sample s;
    int first = -1;
    double sum = 0, worst = 0;
    sample_init(&s, DTYPE_F64, rows, 8);
    assert_int_equal(document_odd_rows(&s.doc, (DocMatrix){0, 0, 4, 2, 2}, &first, &sum, &worst),
                     2);
    assert_int_equal(first, 1);
    check_close(sum, 1.0001, 1e-15);
    check_close(worst, 1, 0);
    document_free(&s.doc);
    sample_init(&s, DTYPE_F16, halves, 4);
    assert_int_equal(document_odd_rows(&s.doc, (DocMatrix){0, 0, 2, 2, 2}, &first, &sum, &worst),
                     0);
    check_close(worst, 1.0 / 1024, 0);
    document_free(&s.doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_head_is_lent_its_own_numbers),
        cmocka_unit_test(what_the_file_lacks_is_told_with_its_range),
        cmocka_unit_test(only_the_head_with_a_wide_number_is_wide),
        cmocka_unit_test(padding_is_lent_only_when_some_key_has_it),
        cmocka_unit_test(copies_stay_inside_the_memory_limit),
        cmocka_unit_test(tokens_and_patches_have_names),
        cmocka_unit_test(a_token_is_cut_between_characters),
        cmocka_unit_test(rows_that_do_not_sum_to_one_are_counted_by_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
