#include "load_test.h"

#include "load/record.h"

#include <math.h>

/* One matrix, two lists of tokens parted by spaces (NULL: not in the file), and what comes of it.
 */
typedef struct {
    Document doc;
    Record record;
    RecordPlace place;
    DocOrigin origin;
    char texts[2][200];
    const char *lists[2][40];
    DocSentence out;
    Error err;
} Fixture;

static int list_of(Fixture *f, int side, const char *text)
{
    int count = 0;
    snprintf(f->texts[side], sizeof f->texts[side], "%s", text);
    for (char *at = f->texts[side]; *at; count++) {
        char *end = strchr(at, ' ');
        f->lists[side][count] = at;
        if (end)
            *end = '\0';
        at = end ? end + 1 : at + strlen(at);
    }
    return count;
}

static RecordBlock block_of(Fixture *f, const float *numbers, int heads, int rows, int cols)
{
    size_t count = (size_t)heads * (size_t)rows * (size_t)cols;
    Tensor t = {.dtype = DTYPE_F32, .count = (int64_t)count};
    t.data = mem_array(count, sizeof *numbers);
    assert_non_null(t.data);
    memcpy(t.data, numbers, count * sizeof *numbers);
    tensor_measure(&t);
    int index = record_add_tensor(&f->doc, &t, NULL);
    return (RecordBlock){.tensor = index, .layers = 1, .heads = heads, .rows = rows, .cols = cols};
}

static void begin(Fixture *f, const char *queries, const char *keys)
{
    *f = (Fixture){.err = {0}};
    document_init(&f->doc);
    record_init(&f->record);
    f->place = (RecordPlace){&f->doc, &f->origin, &f->doc.arena, record_add_tensor, &f->doc};
    if (queries) {
        f->record.query_count = list_of(f, 0, queries);
        f->record.queries = f->lists[0];
    }
    if (keys) {
        f->record.key_count = list_of(f, 1, keys);
        f->record.keys = f->lists[1];
    }
}

static bool settle(Fixture *f)
{
    DocReading reading;
    Error err = {0};
    f->err = (Error){0};
    bool checked = record_check(&f->place, &f->record, &reading, &err);
    bool ok = record_settle(&f->place, &f->record, &f->out, &f->err);
    assert_int_equal(ok, checked); /* the listing pass must say what the reading says */
    assert_string_equal(err.what, f->err.what);
    return ok;
}

static double at(const Fixture *f, DocMatrix m, int row, int col)
{
    return tensor_value(&f->doc.tensors[m.tensor], m.offset + row * m.step + col);
}

static const char *reading(const Fixture *f)
{
    static char line[300];
    record_reading(&f->out, line, sizeof line);
    return line;
}

static DocMatrix weights(const Fixture *f)
{
    return f->out.layers[0].heads[0].weights;
}

static const float SIX[] = {0.5f, 0.25f, 0.25f, 0.125f, 0.625f, 0.25f}; /* rows sum to 1 */

static void counts_decide_first(void **state)
{
    (void)state;
    Fixture f;
    begin(&f, "a b", "x y z");
    f.record.weights = block_of(&f, SIX, 1, 2, 3);
    f.record.rows = ROWS_ARE_KEYS; /* what the format says comes last */
    assert_true(settle(&f));
    assert_string_equal(reading(&f), "rows of the file are target tokens (by counts)");
    assert_int_equal(weights(&f).rows, 2);
    assert_float_equal(at(&f, weights(&f), 1, 1), 0.625, 0);
    document_free(&f.doc);
    begin(&f, "a b c", "x y");
    f.record.weights = block_of(&f, SIX, 1, 2, 3);
    assert_true(settle(&f));
    assert_string_equal(reading(&f), "rows of the file are source tokens (by counts)");
    assert_int_equal(weights(&f).rows, 3);
    assert_int_equal(weights(&f).cols, 2);
    assert_float_equal(at(&f, weights(&f), 1, 1), 0.625, 0);
    assert_float_equal(at(&f, weights(&f), 2, 0), 0.25, 0);
    assert_float_equal(at(&f, weights(&f), 0, 1), 0.125, 0);
    document_free(&f.doc);
}

static void sums_decide_where_counts_do_not(void **state)
{
    (void)state;
    static const float columns[] = {0.9f, 0.3f, 0.1f, 0.7f};
    static const float both[] = {0.9f, 0.1f, 0.1f, 0.9f};
    static const float neither[] = {0.9f, 0.3f, 0.2f, 0.7f};
    static const float nan[] = {NAN, 0.3f, 0.1f, 0.7f};
    static const struct {
        const float *numbers;
        RowsAre rows;
        const char *want;
    } table[] = {
        {columns, ROWS_ARE_QUERIES, "rows of the file are source tokens (by sums)"},
        {both, ROWS_ARE_QUERIES, "rows of the file are target tokens (as usual)"},
        {both, ROWS_ARE_KEYS, "rows of the file are source tokens (as usual)"},
        {neither, ROWS_UNSURE, "rows of the file are target tokens (as usual)"},
        {nan, ROWS_UNSURE, "rows of the file are source tokens (by sums)"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        Fixture f;
        begin(&f, "a b", "x y");
        f.record.weights = block_of(&f, table[i].numbers, 1, 2, 2);
        f.record.rows = table[i].rows;
        assert_true(settle(&f));
        assert_string_equal(reading(&f), table[i].want);
        bool turned = strstr(table[i].want, "source") != NULL;
        assert_float_equal(at(&f, weights(&f), 0, 1), table[i].numbers[turned ? 2 : 1], 0);
        document_free(&f.doc);
    }
}

static void a_format_that_is_certain_is_not_asked_again(void **state)
{
    (void)state;
    static const float columns[] = {0.9f, 0.3f, 0.1f, 0.7f};
    Fixture f;
    begin(&f, "a b", "x y");
    f.record.weights = block_of(&f, columns, 1, 2, 2);
    f.record.rows = ROWS_ARE_QUERIES;
    f.record.certain = true;
    assert_true(settle(&f));
    assert_string_equal(reading(&f), "rows of the file are target tokens (by the format)");
    f.origin.transpose = true;
    assert_true(settle(&f));
    assert_string_equal(reading(&f), "rows of the file are source tokens (as you asked for)");
    assert_float_equal(at(&f, weights(&f), 0, 1), 0.1f, 0);
    document_free(&f.doc);
}

static void one_entry_more_is_the_end_of_the_sentence(void **state)
{
    (void)state;
    static const struct {
        const char *queries, *keys;
        EosChoice eos;
        const char *want; /* the reading, or the error */
    } table[] = {
        {"a", "x y", EOS_AUTO,
         "rows of the file are target tokens (by counts), the last row and column are the end of "
         "the sentence"},
        {"a b", "x y", EOS_AUTO,
         "rows of the file are target tokens (by sums), the last column is the end of the "
         "sentence"},
        {"a", "x y </s>", EOS_AUTO,
         "rows of the file are target tokens (by counts), the last row is the end of the "
         "sentence"},
        {"a b", "x y z", EOS_NONE, "rows of the file are target tokens (by counts)"},
        {"a b", "x y", EOS_KEYS,
         "rows of the file are target tokens (by counts), the last column is the end of the "
         "sentence"},
        {"a </s>", "x y", EOS_BOTH,
         "line 7: expected 3 rows of weights (2 target tokens and the end of sentence), found 2"},
        {"a b", "x y", EOS_NONE, "line 7: expected 2 weights in a row (2 source tokens), found 3"},
        {"a b c", "x y", EOS_QUERIES,
         "line 7: expected 4 rows of weights (3 target tokens and the end of sentence), found 2"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        Fixture f;
        begin(&f, table[i].queries, table[i].keys);
        f.record.weights = block_of(&f, SIX, 1, 2, 3);
        f.record.line = 7;
        f.origin.eos = table[i].eos;
        bool ok = settle(&f);
        char line[600];
        error_line(&f.err, NULL, line, sizeof line);
        assert_string_equal(ok ? reading(&f) : line, table[i].want);
        if (ok) {
            assert_int_equal(f.out.queries.count, 2);
            assert_int_equal(f.out.keys.count, 3);
            assert_string_equal(f.out.keys.tokens[2], strchr(table[i].keys, 'z') ? "z" : "</s>");
        }
        document_free(&f.doc);
    }
}

static void padding_is_cut_and_counted(void **state)
{
    (void)state;
    static const float zeros[] = {0.5f, 0.25f, 0.25f, 0, 0, 0.125f, 0.625f, 0.25f, 0, 0};
    Fixture f;
    begin(&f, "a", "x y");
    f.record.weights = block_of(&f, zeros, 1, 2, 5);
    assert_true(settle(&f));
    assert_string_equal(reading(&f), "rows of the file are target tokens (by counts), the last row "
                                     "and column are the end of the sentence, 2 columns of padding "
                                     "left out");
    assert_int_equal(weights(&f).cols, 3);
    assert_int_equal(weights(&f).step, 5);
    assert_int_equal(f.out.reading->padding_keys, 2);
    assert_float_equal(at(&f, weights(&f), 1, 1), 0.625, 0);
    document_free(&f.doc);
    /* rows and columns are those of the file, whichever are the queries */
    static const float tall[] = {0.5f, 0.125f, 0.25f, 0.625f, 0.25f, 0.25f, 0, 0, 0, 0};
    begin(&f, "a", "x y");
    f.record.weights = block_of(&f, tall, 1, 5, 2);
    assert_true(settle(&f));
    assert_string_equal(reading(&f), "rows of the file are source tokens (by counts), the last row "
                                     "and column are the end of the sentence, 2 rows of padding "
                                     "left out");
    assert_int_equal(f.out.reading->padding_keys, 2);
    document_free(&f.doc);
    /* not zero: a mistake, but in batches */
    static const float full[] = {0.5f, 0.2f, 0.1f, 0.1f, 0.1f, 0.2f, 0.5f, 0.1f, 0.1f, 0.1f};
    begin(&f, "a b", "x y");
    f.record.weights = block_of(&f, full, 1, 2, 5);
    assert_false(settle(&f));
    assert_string_equal(error_text(&f.err),
                        "2 expected 2 weights in a row (2 source tokens), found 5");
    f.record.padded = true;
    assert_true(settle(&f));
    assert_string_equal(reading(&f), "rows of the file are target tokens (by sums), 3 columns of "
                                     "padding left out");
    document_free(&f.doc);
}

static void lists_that_are_missing_are_numbered(void **state)
{
    (void)state;
    Fixture f;
    begin(&f, NULL, NULL);
    f.record.weights = block_of(&f, SIX, 1, 2, 3);
    assert_true(settle(&f));
    assert_string_equal(f.out.keys.tokens[2], "2");
    assert_string_equal(f.out.queries.tokens[1], "1");
    assert_string_equal(reading(&f), "rows of the file are target tokens (by sums)");
    f.origin.eos = EOS_KEYS;
    assert_true(settle(&f));
    assert_string_equal(f.out.keys.tokens[2], "</s>");
    document_free(&f.doc);
    begin(&f, NULL, "x y");
    f.record.weights = block_of(&f, SIX, 1, 2, 3); /* 2 × 3: x y are the rows, or have an end */
    f.origin.eos = EOS_NONE;
    assert_true(settle(&f));
    assert_string_equal(reading(&f), "rows of the file are source tokens (by counts)");
    document_free(&f.doc);
}

/* By hand: keys x1 x2 | y, queries p | q1 q2. Sums over x1 x2, means over q1 q2. */
static void words_are_sums_over_keys_and_means_over_queries(void **state)
{
    (void)state;
    static const float m[] = {0.5f, 0.25f, 0.25f, 0.1f, 0.2f, 0.7f, 0.3f, 0.0f, 0.7f};
    Fixture f;
    begin(&f, "p q@@ r", "x@@ y z");
    f.record.weights = block_of(&f, m, 1, 3, 3);
    f.origin.words = true;
    static DocLink links[] = {{0, 0}, {1, 0}, {2, 1}, {2, 2}, {1, 2}};
    f.record.sure = links;
    f.record.sure_count = 5;
    assert_true(settle(&f));
    assert_string_equal(reading(&f), "rows of the file are target tokens (by sums), subwords of "
                                     "the source and target merged into words");
    assert_int_equal(weights(&f).rows, 2);
    assert_int_equal(weights(&f).cols, 2);
    assert_string_equal(f.out.queries.tokens[1], "qr");
    assert_string_equal(f.out.keys.tokens[0], "xy");
    static const double want[] = {0.75, 0.25, 0.3, 0.7};
    for (int i = 0; i < 4; i++)
        assert_float_equal(at(&f, weights(&f), i / 2, i % 2), want[i], 1e-7);
    assert_int_equal(f.out.sure_count, 3); /* 0-0, 1-1, 0-1 */
    assert_int_equal(f.out.sure[0].key, 0);
    assert_int_equal(f.out.sure[1].key, 0);
    assert_int_equal(f.out.sure[1].query, 1);
    document_free(&f.doc);
    /* the same numbers, turned in the file */
    static const float turned[] = {0.5f, 0.1f, 0.3f, 0.25f, 0.2f, 0.0f, 0.25f, 0.7f, 0.7f};
    begin(&f, "p q@@ r", "x@@ y z");
    f.record.weights = block_of(&f, turned, 1, 3, 3);
    f.origin.words = true;
    assert_true(settle(&f));
    assert_true(f.out.reading->rows_are_keys);
    for (int i = 0; i < 4; i++)
        assert_float_equal(at(&f, weights(&f), i / 2, i % 2), want[i], 1e-7);
    document_free(&f.doc);
}

static void self_attention_has_one_list(void **state)
{
    (void)state;
    static const float m[] = {1, 0, 0.25f, 0.75f, 0.5f, 0.5f, 0, 1};
    Fixture f;
    begin(&f, "a b", NULL);
    f.record.self = true;
    f.record.weights = block_of(&f, m, 2, 2, 2);
    assert_true(settle(&f));
    assert_true(f.out.self);
    assert_string_equal(f.out.keys.tokens[1], "b");
    assert_string_equal(reading(&f), "rows of the file are queries (by sums)");
    assert_int_equal(f.out.layers[0].head_count, 2);
    assert_float_equal(at(&f, f.out.layers[0].heads[1].weights, 0, 1), 0.5, 0);
    assert_float_equal(at(&f, f.out.layers[0].heads[1].weights, 1, 1), 1, 0);
    document_free(&f.doc);
    begin(&f, "a b c", NULL);
    f.record.self = true;
    f.record.weights = block_of(&f, m, 2, 2, 2);
    assert_false(settle(&f));
    assert_string_equal(error_text(&f.err), "2 expected 3 rows of weights (3 tokens), found 2");
    document_free(&f.doc);
}

static void vectors_stand_beside_what_was_recorded(void **state)
{
    (void)state;
    Fixture f;
    static const float q[] = {1, 2, 3, 4}, k[] = {1, 2, 3, 4, 5, 6};
    begin(&f, "a b", "x y z");
    f.record.q = block_of(&f, q, 1, 2, 2);
    f.record.k = block_of(&f, k, 1, 3, 2);
    f.record.v = block_of(&f, k, 1, 3, 2);
    f.record.weights = block_of(&f, SIX, 1, 2, 3);
    assert_true(settle(&f));
    DocHead *head = &f.out.layers[0].heads[0];
    assert_int_equal(head->entry, ENTRY_QK);
    assert_int_equal(head->weights.tensor, -1);
    assert_int_equal(head->recorded.rows, 2);
    assert_int_equal(head->v.rows, 3);
    assert_float_equal(at(&f, head->k, 2, 1), 6, 0);
    f.record.k = block_of(&f, k, 1, 2, 3);
    assert_false(settle(&f));
    assert_string_equal(error_text(&f.err), "2 k: expected 3 rows, found 2");
    document_free(&f.doc);
    begin(&f, NULL, NULL);
    f.record.q = block_of(&f, q, 1, 2, 2);
    f.record.k = block_of(&f, k, 1, 3, 2);
    assert_true(settle(&f));
    assert_int_equal(f.out.keys.count, 3);
    f.record.k = block_of(&f, k, 1, 2, 3);
    assert_false(settle(&f));
    assert_string_equal(error_text(&f.err), "2 k: expected vectors of 2 numbers, found 3");
    document_free(&f.doc);
}

static void links_must_meet_tokens(void **state)
{
    (void)state;
    Fixture f;
    static DocLink links[] = {{2, 1}, {3, 0}};
    begin(&f, "a b", "x y z");
    f.record.weights = block_of(&f, SIX, 1, 2, 3);
    f.record.possible = links;
    f.record.possible_count = 1;
    assert_true(settle(&f));
    assert_int_equal(f.out.possible_count, 1);
    f.record.possible_count = 2;
    f.record.line = 3;
    assert_false(settle(&f));
    assert_string_equal(error_text(&f.err),
                        "2 line 3: link 3-0: expected a source token from 0 to 2, found 3");
    document_free(&f.doc);
}

/* What settles with one part changed; the reason names the part. */
static const char *with_part(RecordBlock (*change)(Fixture *f, RecordBlock part), int which)
{
    static char said[400];
    Fixture f;
    begin(&f, "a b", "x y");
    f.record.weights = block_of(&f, SIX, 1, 2, 2);
    f.record.q = block_of(&f, SIX, 1, 2, 3);
    f.record.k = block_of(&f, SIX, 1, 2, 3);
    f.record.v = block_of(&f, SIX, 1, 2, 2);
    f.record.recorded = block_of(&f, SIX, 1, 2, 2);
    RecordBlock *const parts[] = {&f.record.weights, &f.record.q, &f.record.k, &f.record.v,
                                  &f.record.recorded};
    *parts[which] = change(&f, *parts[which]);
    bool ok = settle(&f);
    snprintf(said, sizeof said, "%s", ok ? "" : f.err.what);
    document_free(&f.doc);
    return said;
}

static RecordBlock two_heads(Fixture *f, RecordBlock part)
{
    (void)part;
    return block_of(f, SIX, 2, 1, 3);
}

static RecordBlock no_rows(Fixture *f, RecordBlock part)
{
    (void)f;
    part.rows = 0;
    return part;
}

static RecordBlock three_rows(Fixture *f, RecordBlock part)
{
    (void)part;
    return block_of(f, SIX, 1, 3, 2);
}

static void parts_must_fit_each_other(void **state)
{
    (void)state;
    static const char *const names[] = {"weights", "q", "k", "v", "recorded"};
    char want[120];
    for (int i = 0; i < 5; i++) {
        snprintf(want, sizeof want, "%s: expected at least one row and column, found 0 × %d",
                 names[i], i == 1 || i == 2 ? 3 : 2);
        assert_string_equal(with_part(no_rows, i), want);
    }
    assert_string_equal(with_part(two_heads, 2), "k: expected 1 layers of 1 heads, found 1 of 2");
    assert_string_equal(with_part(two_heads, 4),
                        "recorded: expected 1 layers of 1 heads, found 1 of 2");
    assert_string_equal(with_part(three_rows, 1), "q: expected 2 rows, found 3");
    assert_string_equal(with_part(three_rows, 2), "k: expected 2 rows, found 3");
    assert_string_equal(with_part(three_rows, 4), "recorded: expected 2 × 2 numbers, found 3 × 2");
}

static void vectors_alone_must_meet_their_tokens(void **state)
{
    (void)state;
    Fixture f;
    begin(&f, "a b", "x y z");
    f.record.q = block_of(&f, SIX, 1, 2, 3);
    f.record.k = block_of(&f, SIX, 1, 2, 3);
    assert_false(settle(&f));
    assert_string_equal(f.err.what, "expected 3 rows of k (3 source tokens), found 2");
    document_free(&f.doc);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        Fixture f;
        int64_t live = mem_live();
        begin(&f, "p q@@ r", "x@@ y");
        static const float m[] = {0.5f, 0.1f, 0.3f, 0.5f, 0.9f, 0.7f};
        f.record.weights = block_of(&f, m, 1, 2, 3);
        f.origin.words = true;
        mem_fail_at(n, false);
        bool ok = record_settle(&f.place, &f.record, &f.out, &f.err);
        mem_fail_at(0, false);
        if (!ok)
            assert_int_equal(f.err.kind, ERROR_LIMIT);
        document_free(&f.doc);
        assert_int_equal(mem_live(), live);
        if (ok)
            break;
        assert_true(n < 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_decide_first),
        cmocka_unit_test(sums_decide_where_counts_do_not),
        cmocka_unit_test(a_format_that_is_certain_is_not_asked_again),
        cmocka_unit_test(one_entry_more_is_the_end_of_the_sentence),
        cmocka_unit_test(padding_is_cut_and_counted),
        cmocka_unit_test(lists_that_are_missing_are_numbered),
        cmocka_unit_test(words_are_sums_over_keys_and_means_over_queries),
        cmocka_unit_test(self_attention_has_one_list),
        cmocka_unit_test(vectors_stand_beside_what_was_recorded),
        cmocka_unit_test(links_must_meet_tokens),
        cmocka_unit_test(parts_must_fit_each_other),
        cmocka_unit_test(vectors_alone_must_meet_their_tokens),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
