/* How a sentence was understood, in one line. */
#include "load_test.h"

#include "load/record.h"

static const struct {
    bool self;
    DocReading reading;
    const char *want;
} cases[] = {
    {false, {.axes_by = AXES_SUMS}, "rows of the file are target tokens (by sums)"},
    {false,
     {.axes_by = AXES_COUNTS, .rows_are_keys = true},
     "rows of the file are source tokens (by counts)"},
    {true, {.axes_by = AXES_DEFAULT}, "rows of the file are queries (as usual)"},
    {true,
     {.axes_by = AXES_USER, .rows_are_keys = true},
     "rows of the file are keys (as you asked for)"},
    {false,
     {.axes_by = AXES_FORMAT, .eos_queries = true},
     "rows of the file are target tokens (by the format), the last row is the end of the "
     "sentence"},
    {false,
     {.axes_by = AXES_FORMAT, .eos_keys = true},
     "rows of the file are target tokens (by the format), the last column is the end of the "
     "sentence"},
    {false,
     {.axes_by = AXES_FORMAT, .rows_are_keys = true, .eos_queries = true},
     "rows of the file are source tokens (by the format), the last column is the end of the "
     "sentence"},
    {false,
     {.axes_by = AXES_FORMAT, .rows_are_keys = true, .eos_keys = true},
     "rows of the file are source tokens (by the format), the last row is the end of the "
     "sentence"},
    {false,
     {.axes_by = AXES_FORMAT, .padding_queries = 1, .padding_keys = 2},
     "rows of the file are target tokens (by the format), 1 row of padding left out, 2 columns "
     "of padding left out"},
    {false,
     {.axes_by = AXES_FORMAT, .rows_are_keys = true, .padding_queries = 1, .padding_keys = 2},
     "rows of the file are source tokens (by the format), 2 rows of padding left out, 1 column "
     "of padding left out"},
    {false,
     {.axes_by = AXES_FORMAT, .words_queries = true},
     "rows of the file are target tokens (by the format), subwords of the target merged into "
     "words"},
    {false,
     {.axes_by = AXES_FORMAT, .words_keys = true},
     "rows of the file are target tokens (by the format), subwords of the source merged into "
     "words"},
    {false,
     {.axes_by = AXES_FORMAT, .words_queries = true, .words_keys = true},
     "rows of the file are target tokens (by the format), subwords of the source and target "
     "merged into words"},
    {true,
     {.axes_by = AXES_FORMAT, .words_queries = true, .words_keys = true},
     "rows of the file are queries (by the format), subwords of the tokens merged into words"},
};

static void every_part_of_a_reading_has_its_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char line[300];
        DocSentence s = {.self = cases[i].self, .reading = &cases[i].reading};
        record_reading(&s, line, sizeof line);
        assert_string_equal(line, cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_part_of_a_reading_has_its_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
