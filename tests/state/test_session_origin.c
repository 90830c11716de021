#include "state/session.h"
#include "base/mem.h"
#include "support/check.h"

#include <stdio.h>
#include <string.h>

static void nothing_said_is_no_text(void **state)
{
    (void)state;
    char text[SESSION_ORIGIN] = "old";
    const DocOrigin plain = {0};
    DocOrigin back = {.words = true};
    Arena arena;
    arena_init(&arena);
    assert_true(session_origin_write(&plain, text, sizeof text));
    assert_string_equal(text, "");
    assert_true(session_origin_read("", &arena, &back));
    assert_true(origin_is_plain(&back));
    arena_free(&arena);
}

static void what_was_said_is_read_back(void **state)
{
    (void)state;
    char text[SESSION_ORIGIN];
    const char *const more[] = {"/a/two \"quoted\".src", "/a/trois é"};
    const DocOrigin said = {.source = "/a/dev.src",
                            .target = "/a/dev.trg",
                            .gold = "/a/dev.gold",
                            .format = "nematus",
                            .map = "q=a,k=b",
                            .more = more,
                            .more_count = 2,
                            .transpose = true,
                            .eos = EOS_KEYS,
                            .words = true};
    DocOrigin back;
    Arena arena;
    arena_init(&arena);
    assert_true(session_origin_write(&said, text, sizeof text));
    assert_true(session_origin_read(text, &arena, &back));
    assert_string_equal(back.source, said.source);
    assert_string_equal(back.target, said.target);
    assert_string_equal(back.gold, said.gold);
    assert_string_equal(back.format, said.format);
    assert_string_equal(back.map, said.map);
    assert_int_equal(back.more_count, 2);
    assert_string_equal(back.more[0], more[0]);
    assert_string_equal(back.more[1], more[1]);
    assert_int_equal(back.eos, EOS_KEYS);
    assert_true(back.transpose && back.words);
    arena_free(&arena);
}

static void one_word_alone_needs_no_comma(void **state)
{
    (void)state;
    const char *const more[] = {"b"};
    const DocOrigin said[] = {{.transpose = true},
                              {.words = true},
                              {.eos = EOS_NONE},
                              {.more = more, .more_count = 1},
                              {.map = "q=x"}};
    const char *const expected[] = {"{\"transpose\": true}", "{\"words\": true}",
                                    "{\"eos\": \"none\"}", "{\"more\": [\"b\"]}",
                                    "{\"map\": \"q=x\"}"};
    char text[SESSION_ORIGIN];
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        assert_true(session_origin_write(&said[i], text, sizeof text));
        assert_string_equal(text, expected[i]);
    }
}

static void what_cannot_be_kept_is_left_out_whole(void **state)
{
    (void)state;
    char text[64] = "old", longer[100];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = 0;
    const char *const latin = "a\xff";
    const DocOrigin odd[] = {{.source = latin}, {.target = latin},
                             {.gold = latin},   {.format = latin},
                             {.map = latin},    {.more = &latin, .more_count = 1},
                             {.source = longer}};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        strcpy(text, "old");
        assert_false(session_origin_write(&odd[i], text, sizeof text));
        assert_string_equal(text, "");
    }
    /* {"eos": "both"} are 15 bytes; with their end they need one more. */
    const DocOrigin both = {.eos = EOS_BOTH};
    assert_false(session_origin_write(&both, text, 15));
    assert_string_equal(text, "");
    assert_true(session_origin_write(&both, text, 16));
}

static void memory_that_runs_out_is_nothing_said(void **state)
{
    (void)state;
    bool done = false;
    for (uint64_t n = 1; !done && n < 100; n++) {
        DocOrigin back;
        Arena arena;
        arena_init(&arena);
        mem_fail_at(n, true);
        done = session_origin_read("{\"words\": true, \"more\": [\"a\"], \"map\": \"q=x\"}", &arena,
                                   &back);
        mem_fail_at(0, false);
        assert_int_equal(back.words, done);
        arena_free(&arena);
    }
    assert_true(done);
}

static void what_is_odd_is_nothing(void **state)
{
    (void)state;
    static const char *const odd[] = {"[]",
                                      "{",
                                      "{} x",
                                      "{\"source\": 1, \"eos\": \"some\"}",
                                      "{\"more\": 1, \"eos\": 2}",
                                      "{\"more\": [\"\"]}",
                                      "{\"more\": [1, 2], \"words\": 3, \"other\": {}}"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        DocOrigin back = {.words = true};
        Arena arena;
        arena_init(&arena);
        bool ok = session_origin_read(odd[i], &arena, &back);
        assert_int_equal(ok, i >= 3);
        assert_true(origin_is_plain(&back));
        arena_free(&arena);
    }
}

static void the_session_keeps_it_of_the_document_and_of_recent_files(void **state)
{
    (void)state;
    Error err = {0};
    Session *s = mem_zero(1, sizeof *s), *back = mem_zero(1, sizeof *back);
    const DocOrigin said = {.source = "/a/dev.src", .eos = EOS_BOTH};
    const char *path = check_path(check_temp_dir(), "session.json");
    session_init(s);
    strcpy(s->document, "/a/dev.align");
    session_recent(s, "/a/other", "");
    session_recent(s, "/a/dev.align", "3 sentences");
    assert_true(session_origin_write(&said, s->origin, sizeof s->origin));
    assert_true(session_origin_write(&said, s->recent[0].origin, sizeof s->origin));
    assert_true(session_write(s, path, &err));
    assert_true(session_read(back, path, NULL, NULL, &err));
    assert_string_equal(back->origin, "{\"source\": \"/a/dev.src\", \"eos\": \"both\"}");
    assert_string_equal(back->recent[0].origin, back->origin);
    assert_string_equal(back->recent[1].origin, "");
    session_recent(back, "/a/dev.align", "again, by its content");
    assert_string_equal(back->recent[0].origin, "");
    mem_free(s);
    mem_free(back);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_said_is_no_text),
        cmocka_unit_test(what_was_said_is_read_back),
        cmocka_unit_test(one_word_alone_needs_no_comma),
        cmocka_unit_test(what_cannot_be_kept_is_left_out_whole),
        cmocka_unit_test(memory_that_runs_out_is_nothing_said),
        cmocka_unit_test(what_is_odd_is_nothing),
        cmocka_unit_test(the_session_keeps_it_of_the_document_and_of_recent_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
