#include "app/cli.h"
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALL_FIELDS TEST_DATA_DIR "/load/all_fields.attn.json"

typedef struct {
    int code;
    char *out, *err; /* of open_memstream: freed with free */
} Run;

static bool open_font(void *context, const char *dir, const Font **out, Error *err)
{
    (void)context;
    (void)dir;
    (void)out;
    return error_set(err, ERROR_IO, "fonts: expected none to be asked for, found a request");
}

static Run run(const char *const *words)
{
    static char copy[8][512];
    char *argv[9] = {copy[0]};
    Run r = {0};
    size_t out_size, err_size;
    int argc = 1;
    snprintf(copy[0], sizeof copy[0], "attnscope");
    for (; words[argc - 1]; argc++) {
        assert_true(argc < 8);
        snprintf(copy[argc], sizeof copy[argc], "%s", words[argc - 1]);
        argv[argc] = copy[argc];
    }
    CliHost host = {.open_font = open_font,
                    .out = open_memstream(&r.out, &out_size),
                    .err = open_memstream(&r.err, &err_size)};
    r.code = cli_main(argc, argv, &host);
    fclose(host.out);
    fclose(host.err);
    return r;
}
#define RUN(...) run((const char *const[]){__VA_ARGS__, NULL})

static void done(Run *r)
{
    free(r->out);
    free(r->err);
}

static void contains(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("expected \"%s\" in:\n%s", part, text);
}

static const char *document(const char *heads)
{
    static char text[2000];
    const char *path = check_path(check_temp_dir(), "d.attn.json");
    snprintf(text, sizeof text,
             "{\"attnscope\": 1, \"tokens\": [\"a\", \"b\"], \"layers\": [{\"heads\": [%s]}]}",
             heads);
    check_put(path, text);
    return path;
}

#define QK "\"q\": [[1, 2], [3, 4]], \"k\": [[1, 0], [0, 1]]"

static void each_head_says_its_score_and_where_it_comes_from(void **state)
{
    (void)state;
    Run r = RUN("info", "--json", ALL_FIELDS);
    assert_int_equal(r.code, 0);
    assert_string_equal(r.err, "");
    contains(r.out, "\"heads\":[12,9,4,2]");
    contains(r.out, "\"attention\":[[{\"score\":\"dot\",\"from\":\"qk\",\"warnings\":[]},"
                    "{\"score\":\"cosine\",\"from\":\"qk\",\"warnings\":[]}");
    contains(r.out, "{\"score\":\"gate\",\"from\":\"x\",\"warnings\":[]}");
    contains(r.out, "{\"score\":\"dot\",\"from\":\"rnn\",\"warnings\":[]},"
                    "{\"score\":\"dot\",\"from\":\"vocab\",\"warnings\":[]}");
    contains(r.out, "{\"score\":null,\"from\":\"scores\",\"warnings\":[]}],");
    contains(r.out, "\"warnings\":[]}\n");
    done(&r);
}

static void words_join_heads_that_are_alike(void **state)
{
    (void)state;
    Run r = RUN("info", ALL_FIELDS);
    assert_int_equal(r.code, 0);
    contains(r.out, "  layer 1, sources: 9 heads, x 4 × 4\n"
                    "    head 0: dot of x, rope, mask\n"
                    "    head 1: dot of x, mask\n"
                    "    heads 2–4: dot of hidden states, mask\n"
                    "    head 5: dot of the vocabulary, mask\n");
    contains(r.out, "    head 7: dot of q and k, rope, 3 biases, mask\n"
                    "    head 8: scores of the file, 1 bias, mask\n");
    contains(r.out, "    heads 0–3: cosine of q and k, 2 biases, mask\n");
    done(&r);
    r = RUN("info", TEST_SOURCE_DIR "/examples/slips/slips.attn.json");
    contains(r.out, "recorded weights\n    columns sum to 1, rows do not: keys compete");
    done(&r);
    r = RUN("info", document("{" QK "}"));
    contains(r.out, "  layer 0: 1 head, q 2 × 2, k 2 × 2\nnonfinite"); /* plain: no more to say */
    done(&r);
}

static void json_says_of_each_layer_what_is_seen_in_it(void **state)
{
    (void)state;
    Run r = RUN("info", "--json", TEST_SOURCE_DIR "/examples/slips/slips.attn.json");
    contains(r.out, "\"about\":[\"softmax(");
    done(&r);
    r = RUN("info", "--json", document("{" QK "}"));
    contains(r.out, "}]],\"about\":[null],\"recorded_error\"");
    done(&r);
}

static void how_another_program_was_understood_is_told(void **state)
{
    (void)state;
    const char *path = check_path(check_temp_dir(), "out.align");
    check_put(path, "7 ||| a b ||| 0 ||| x y z ||| 4 3\n"
                    "0.7 0.1 0.1 0.1\n0.1 0.7 0.1 0.1\n0.1 0.1 0.1 0.7\n\n"
                    "8 ||| c ||| 0 ||| w ||| 2 2\n0.5 0.5\n0.5\n\n"
                    "9 ||| c ||| 0 ||| w ||| 2 2\n0.5 0.5\n0.25 0.5\n");
    Run r = RUN("info", "--json", path);
    assert_int_equal(r.code, 0);
    contains(r.out, "\"sentences\":3,\"layers\":1,\"heads\":[1],\"queries\":3,\"keys\":4,"
                    "\"entry\":\"weights\",\"file_rows\":\"queries\",\"axes_by\":\"counts\","
                    "\"eos\":{\"queries\":true,\"keys\":true}");
    contains(r.out, "\"bad_sentences\":{\"count\":1,\"first\":1,\"reason\":\"line 8: ");
    done(&r);
    r = RUN("info", "--json", "--sentence=2", path);
    contains(r.out, "\"max_row_sum_error\":0.25");
    done(&r);
    r = RUN("info", path);
    contains(r.out, "reading    rows of the file are target tokens (by counts), the last row and "
                    "column are the end of the sentence\n");
    contains(r.out, "bad        1 of 3 sentences cannot be read\n  sentence 1: line 8: ");
    done(&r);
    r = RUN("info", "--sentence=1", path);
    assert_int_equal(r.code, 0);
    contains(r.out, "problem    line 8: ");
    done(&r);
    r = RUN("dump", "--stage=weights", "--sentence=1", path);
    assert_int_equal(r.code, 2);
    contains(r.err, "line 8: ");
    done(&r);
    r = RUN("dump", "--stage=weights", "--sentence=2", "--format", "nematus", path);
    assert_int_equal(r.code, 0);
    assert_string_equal(r.out, "0.5,0.5\n0.25,0.5\n");
    done(&r);
}

static void a_head_without_scores_is_told_and_the_others_are_measured(void **state)
{
    (void)state;
    const char *path = document("{\"score\": {\"kind\": \"foo\"}, " QK "}, {" QK "}");
    Run r = RUN("info", "--json", path);
    assert_int_equal(r.code, 0);
    contains(r.out, "\"attention\":[[{\"score\":\"foo\",\"from\":\"qk\",\"warnings\":[\"score foo: "
                    "expected a kind that is known, found \\\"foo\\\"\"]},"
                    "{\"score\":\"dot\",\"from\":\"qk\",\"warnings\":[]}]]");
    contains(r.out, "\"warnings\":[\"layers[0].heads[0].score.kind: expected auto, dot, ");
    assert_null(strstr(r.out, "\"max_row_sum_error\":null"));
    done(&r);
    r = RUN("info", path);
    contains(r.out, "    head 0: foo of q and k: no scores: score foo: expected a kind");
    done(&r);
}

static void the_kind_that_is_asked_for_is_the_one_in_force(void **state)
{
    (void)state;
    const char *path = document("{" QK "}");
    Run r = RUN("info", "--json", path, "--set", "score.kind=additive");
    contains(r.out, "[[{\"score\":\"additive\",\"from\":\"qk\",\"warnings\":[\"score additive: "
                    "parameters: expected w_q [h, 2], w_k [h, 2] and v [h], found none\"]}]]");
    done(&r);
    r = RUN("info", "--json", path, "--set", "score.kind=cosine");
    contains(r.out, "[[{\"score\":\"cosine\",\"from\":\"qk\",\"warnings\":[]}]]");
    done(&r);
}

static void check_warns_beside_its_line(void **state)
{
    (void)state;
    const char *path = document("{" QK "}, {\"score\": {\"kind\": \"general\"}, " QK "}");
    char want[900];
    Run r = RUN("check", path);
    snprintf(want, sizeof want, "%s: ok: attnscope 1, 1 layer × 2 heads, 2 × 2\n", path);
    assert_int_equal(r.code, 0);
    assert_string_equal(r.out, want);
    snprintf(want, sizeof want,
             "%s: warning: layers[0].heads[1]: score general: w: expected [2, 2], found none: this "
             "head has no scores\n",
             path);
    assert_string_equal(r.err, want);
    done(&r);
}

/* Every 16th of 112 lines is no line of links; tokens and right links lie beside them. */
static void put_folder(const char *dir)
{
    Buf links, source, gold;
    buf_init(&links, BUF_NO_LIMIT);
    buf_init(&source, BUF_NO_LIMIT);
    buf_init(&gold, BUF_NO_LIMIT);
    for (int i = 0; i < 112; i++) {
        buf_text(&links, i % 16 == 3 ? "0~0\n" : "0-0 1-1\n");
        buf_text(&source, "le chat\n");
        buf_text(&gold, "1-1 2-2\n");
    }
    check_put(check_path(dir, "dev.align"), buf_string(&links));
    check_put(check_path(dir, "dev.src"), buf_string(&source));
    check_put(check_path(dir, "dev.gold"), buf_string(&gold));
    buf_free(&links);
    buf_free(&source);
    buf_free(&gold);
}

static void several_files_are_parts_of_one_document(void **state)
{
    (void)state;
    char dir[512], links[600], source[600], gold[600];
    snprintf(dir, sizeof dir, "%s", check_temp_dir());
    put_folder(dir);
    snprintf(links, sizeof links, "%s/dev.align", dir);
    snprintf(source, sizeof source, "%s/dev.src", dir);
    snprintf(gold, sizeof gold, "%s/dev.gold", dir);
    Run runs[] = {RUN("info", source, links, gold), RUN("info", dir)};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(runs[i].code, 0);
        contains(runs[i].out, "parts      dev.align with dev.src as source, dev.gold as gold\n"
                              "reading    rows of the file are target tokens (by the format), 0 "
                              "where there is no link: rows need not sum to 1; gold: numbers count "
                              "from 1\n");
        contains(runs[i].out, "bad        7 of 112 sentences cannot be read\n"
                              "  sentence 3: line 4, column 1: link: expected two numbers such as "
                              "3-4, found \"0~0\"\n"
                              "  sentence 19: line 20");
        contains(runs[i].out, "  sentence 67: line 68");
        contains(runs[i].out, "\"0~0\"\n  and 2 more\n");
        done(&runs[i]);
    }
    Run r = RUN("info", "--json", dir);
    contains(r.out, "\"parts\":\"dev.align with dev.src as source, dev.gold as gold\",\"notes\":"
                    "\"gold: numbers count from 1\",");
    contains(r.out, "\"bad_sentences\":{\"count\":7,\"first\":3,\"reason\":\"line 4, column 1: ");
    contains(r.out, "\"list\":[{\"sentence\":3,\"reason\":\"line 4, ");
    done(&r);
    r = RUN("check", dir);
    contains(r.err, "7 of 112 sentences cannot be read, the first is sentence 3: line 4");
    contains(r.err, "warning: sentence 67 cannot be read: line 68, column 1: ");
    assert_null(strstr(r.err, "sentence 83"));
    done(&r);
    r = RUN("dump", links, source, "--stage", "weights");
    assert_string_equal(r.out, "1,0\n0,1\n");
    done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_head_says_its_score_and_where_it_comes_from),
        cmocka_unit_test(words_join_heads_that_are_alike),
        cmocka_unit_test(json_says_of_each_layer_what_is_seen_in_it),
        cmocka_unit_test(how_another_program_was_understood_is_told),
        cmocka_unit_test(a_head_without_scores_is_told_and_the_others_are_measured),
        cmocka_unit_test(the_kind_that_is_asked_for_is_the_one_in_force),
        cmocka_unit_test(check_warns_beside_its_line),
        cmocka_unit_test(several_files_are_parts_of_one_document),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
