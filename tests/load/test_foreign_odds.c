/* Texts of other programs with one member of an unusual kind each: opened, or refused for that
 * member; and the same texts while memory ends anywhere.
 */
#include "foreign_test.h"

#include "base/mem.h"

typedef struct {
    const char *text, *want; /* want: part of the reason; NULL: it opens */
} Odd;

static const char *put_odd(const char *text)
{
    static const char *dir;
    if (!dir)
        dir = check_temp_dir();
    const char *path = check_path(dir, text[0] == '<' ? "odd.html" : "odd.json");
    write_file(path, text, strlen(text));
    return path;
}

static bool open_odd(const char *text, Error *err)
{
    Document doc;
    bool ok = foreign_open(&doc, put_odd(text), err);
    document_free(&doc);
    return ok;
}

#define PAGE(more)                                                                                 \
    "<div>params = {\"attention\": [{\"attn\": [[[[1]]]], \"left_text\": [\"a\"]" more "}]}</div>"
#define MAPS(maps) "<div>chartsEmbed('x', {\"attention\": [" maps "]})"
#define AT(info)   "{\"values\": [[1]], \"shape\": [1, 1], \"info\": " info "}"

static const Odd table[] = {
    {"{\"title\": 7, \"matrix\": [[1]]}", NULL},
    {"{\"title\": \"x\", \"weights\": [[1]]}", NULL},
    {"{\"title\": null, \"matrix\": [[1]]}", NULL},
    {"{\"title\": [], \"matrix\": [[1]]}", NULL},
    {"{\"q\": [[1]], \"k\": [[1]], \"v\": [[1]]}", NULL},
    {"{\"q\": [[1]], \"k\": [[1]], \"weights\": [[1]]}", NULL},
    {"{\"scores\": [[1]], \"weights\": [[1]]}", NULL},
    {"{\"scores\": [[1]], \"d_k\": 4}", NULL},
    {"{\"scores\": [[1]], \"d_k\": -4}", "d_k"},
    {"{\"scores\": 1}", "scores"},
    {"{\"q\": 1, \"k\": [[1]]}", "(q)"},
    {"{\"q\": [[1]], \"k\": 1}", "(k)"},
    {"{\"q\": [[1]], \"k\": [[1]], \"v\": 1}", "(v)"},
    {"{\"weights\": [[1]], \"k\": [[1]]}", "found only \"k\""},
    {"{\"weights\": [[1]], \"q\": [[1]]}", "found only \"q\""},
    {"{\"scores\": [[1]], \"weights\": \"x\"}", "weights"},
    {"{\"attention_matrix\": \"x\"}", "attention_matrix"},
    {"{\"layer_0-head_0\": [[1]]}", NULL},
    {"{\"layer_0-head_0\": [[1]], \"source\": [\"a\"]}", NULL},
    {"{\"layer_0-head_0\": [[1]], \"source\": [\"a\"], \"target\": [\"b\"]}", NULL},
    {"{\"layer_0-head_0\": \"x\"}", "layer_0-head_0"},
    {"{\"layer_1-head_0\": [[1]]}", "expected"},
    {"{\"outputs\": 3}", "expected"},
    {"{\"q\": [[1]]}", "expected"},
    {"{\"attn\": [[1]], \"encoder\": [\"a\"]}", NULL},
    {"{\"attn\": [[[1]]], \"encoder\": [\"a\"], \"decoder\": [[\"b\"]]}", NULL},
    {"{\"layer_0\": 1}", "expected"},
    {"{\"matrix\": [[1]], \"source\": 5}", "source"},
    {"{\"matrix\": [[1]], \"tokens\": []}", "tokens): expected at least one token, found none"},
    {"{\"matrix\": [[1]], \"tokens\": [{\"x\": 1}]}", "expected"},
    {"{\"matrix\": [[1]], \"tokens\": [null]}", "expected"},
    {"{\"layer_0-head_0\": [[1]], \"layer_0-head_1\": [[1, 2]]}", "expected"},
    {"{\"attention\": 3}", "expected"},
    {"{\"attention\": {}}", "expected"},
    {"{\"attention\": [{\"x\": 1}]}", "expected"},
    {PAGE(", \"right_text\": [\"a\"]"), NULL},
    {PAGE(", \"name\": 4"), NULL},
    {PAGE(", \"name\": \"Encoder\""), NULL},
    {PAGE(", \"queries\": [[[[1]]]]"), "found only \"queries\""},
    {PAGE(", \"keys\": [[[[1]]]]"), "found only \"keys\""},
    {PAGE(", \"queries\": [[[[1]]]], \"keys\": [[[[1]]]]"), NULL},
    {PAGE(", \"queries\": [[[[1]]]], \"keys\": 1"), "keys"},
    {PAGE(", \"right_text\": 1"), "right_text"},
    {"<div>params = {\"attention\": [{\"attn\": [[[[1]]]]}], \"total_heads\": 1}</div>", NULL},
    {"<div>params = {\"attention\": [{\"attn\": [[[[1]]]]}], \"display_mode\": \"x\"}</div>", NULL},
    {"<div>params = {\"attention\": [{\"attn\": [[[[1]]]]}], \"display_mode\": \"x\", \"head\": "
     "0}</div>",
     NULL},
    {MAPS("3"), "a list of maps"},
    {MAPS(AT("3") ", 3"), "an object with"},
    {MAPS("{\"shape\": [1, 1]}"), "an object with"},
    {MAPS(AT("{\"layer\": 0, \"head\": 0}") ", " AT("{\"layer\": 0, \"head\": 1}")), NULL},
    {MAPS(AT("{\"layer\": 0, \"head\": 0}") ", " AT("{\"layer\": 0, \"head\": 0}")), NULL},
    {MAPS(AT("{\"layer\": 1, \"head\": 0}")), NULL},
    {MAPS(AT("{\"layer\": -1}")), NULL},
    {MAPS(AT("{\"layer\": 0.5}")), NULL},
    {MAPS(AT("{\"layer\": 1e9}")), NULL},
    {MAPS(AT("{\"layer\": \"x\"}")), NULL},
    {MAPS(AT("3")), NULL},
    {MAPS("{\"values\": \"AACAPw==\"}"), "expected the key \"shape\""},
    {MAPS("{\"values\": \"AACAPw==\", \"shape\": [99999999, 1]}"), "at most"},
    {MAPS("{\"values\": \"AACAPw==\", \"shape\": [1, 99999999]}"), "at most"},
    {MAPS("{\"values\": \"AACAPw==\", \"shape\": [1, 2]}"), "expected 8 bytes"},
    {MAPS("{\"values\": \"AAA\", \"shape\": [1, 1]}"), "expected 4 bytes"},
    {MAPS("{\"values\": \"AACAPw==\", \"shape\": [1, 1]}"), NULL},
    {MAPS("{\"values\": \"AACAPw==\", \"shape\": [1, 1]}, {\"values\": \"AACAPwAAgD8=\", "
          "\"shape\": [1, 2]}"),
     "as in the first map"},
    {MAPS("{\"values\": \"AACAPw==\", \"shape\": [1, 1]}, {\"values\": \"AACAPwAAgD8=\", "
          "\"shape\": [2, 1]}"),
     "as in the first map"},
    {"<div>chartsEmbed('x', {\"attention\": 4})", "expected"},
    {"<div>chartsEmbed('x', {\"attention\": []})", "expected"},
};

static void members_of_any_kind_are_taken_or_named(void **state)
{
    (void)state;
    int wrong = 0;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        Error err;
        bool ok = open_odd(table[i].text, &err);
        const char *said = ok ? "" : error_text(&err);
        if (ok == !table[i].want && (ok || strstr(said, table[i].want)))
            continue;
        wrong++;
        print_error("%s\n    expected %s, found %s\n", table[i].text,
                    table[i].want ? table[i].want : "it to open", ok ? "it opened" : said);
    }
    assert_int_equal(wrong, 0);
}

static void memory_may_end_anywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const char *path = put_odd(table[i].text);
        int64_t live = mem_live();
        for (uint64_t n = 1; !table[i].want; n++) {
            Document doc;
            Error err;
            mem_fail_at(n, false);
            bool ok = foreign_open(&doc, path, &err);
            mem_fail_at(0, false);
            document_free(&doc);
            assert_int_equal(mem_live(), live);
            if (ok)
                break;
            assert_int_equal(err.kind, ERROR_LIMIT);
            assert_true(n < 2000);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_of_any_kind_are_taken_or_named),
        cmocka_unit_test(memory_may_end_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
