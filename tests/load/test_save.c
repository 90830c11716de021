#include "same_test.h"

#include "load/save.h"

static const char *const DOCUMENTS[] = {
    "rows.attn.json",  "padding.attn.json",   "files.attn.json", "base64.attn.json",
    "index.attn.json", "picture.attn.json",   "grid.attn.json",  "sentences.attn.json",
    "lines.jsonl",     "all_fields.attn.json"};

static void the_text_stays_but_for_the_settings(void **state)
{
    (void)state;
    Document doc;
    Buf out;
    Error err = {0};
    DocSetting settings[] = {{"temperature", "0.25"}, {"mask.hidden", "3,5-7"}};
    must_open(&doc, LOAD_DATA "rows.attn.json");
    buf_init(&out, BUF_NO_LIMIT);
    assert_true(save_text(&doc, settings, 2, LOAD_DATA "other.attn.json", &out, &err));
    const char *want = "{\"temperature\": 0.25, \"mask.hidden\": \"3,5-7\"}";
    size_t from = doc.place.from, rest = doc.source.size - doc.place.to;
    assert_memory_equal(out.data, doc.source.data, from);
    assert_memory_equal(out.data + from, want, strlen(want));
    assert_int_equal(out.size, from + strlen(want) + rest);
    assert_memory_equal(out.data + from + strlen(want), doc.source.data + doc.place.to, rest);
    assert_non_null(strstr(out.data, "\"mine\": {\n  \"kept\": [\n   1.1,"));
    buf_free(&out);
    document_free(&doc);
}

static void values_are_written_as_what_they_look_like(void **state)
{
    (void)state;
    Document doc;
    Buf out;
    Error err = {0};
    DocSetting settings[] = {
        {"a", "true"}, {"b", "-1.5e-3"}, {"c", "auto"},          {"d", "01"},
        {"e", ""},     {"f", "1,2"},     {"g", "a \"b\"\n\x01"}, {"h", "1e999"}};
    must_open(&doc, LOAD_DATA "lines.jsonl");
    buf_init(&out, BUF_NO_LIMIT);
    assert_true(save_text(&doc, settings, 8, LOAD_DATA "other.jsonl", &out, &err));
    assert_non_null(strstr(
        out.data, ", \"settings\": {\"a\": true, \"b\": -1.5e-3, \"c\": \"auto\", \"d\": \"01\", "
                  "\"e\": \"\", "
                  "\"f\": \"1,2\", \"g\": \"a \\\"b\\\"\\n\\u0001\", \"h\": \"1e999\"}}\n{"));
    buf_free(&out);
    document_free(&doc);
}

static void a_saved_document_opens_as_it_was(void **state)
{
    (void)state;
    const char *folder = check_temp_dir();
    DocSetting settings[] = {{"mask.causal", "true"}, {"temperature", "2"}, {"view", "lines"}};
    for (size_t i = 0; i < sizeof DOCUMENTS / sizeof *DOCUMENTS; i++) {
        Document doc, again;
        char path[600];
        Error err = {0};
        snprintf(path, sizeof path, "%s%s", LOAD_DATA, DOCUMENTS[i]);
        must_open(&doc, path);
        snprintf(path, sizeof path, "%s/%s", folder, DOCUMENTS[i]);
        if (!save_document(&doc, settings, 3, path,
                           &err)) /* another folder: it must stand alone there */
            fail_msg("%s", error_text(&err));
        must_open(&again, path);
        assert_int_equal(again.file_count, 0);
        assert_int_equal(again.setting_count, 3);
        assert_string_equal(again.settings[1].value, "2");
        assert_int_equal(again.jsonl, doc.jsonl);
        same_documents(&doc, &again);
        document_free(&again);
        document_free(&doc);
    }
}

static void members_beside_a_reference_survive_the_move(void **state)
{
    (void)state;
    Document doc;
    Buf out;
    Error err = {0};
    must_open(&doc, LOAD_DATA "files.attn.json");
    buf_init(&out, BUF_NO_LIMIT);
    assert_true(save_text(&doc, NULL, 0, "/elsewhere/files.attn.json", &out, &err));
    assert_null(strstr(out.data, "\"file\""));
    assert_null(strstr(out.data, "\"tensor\""));
    assert_non_null(strstr(out.data, "\"note\": \"kept\"}"));
    assert_non_null(strstr(out.data, "\"extra\": 1"));
    buf_free(&out);
    document_free(&doc);
}

static void every_failed_allocation_of_a_save_is_a_clean_error(void **state)
{
    (void)state;
    Document doc;
    DocSetting settings[] = {{"mask.causal", "true"}, {"temperature", "2"}, {"view", "lines"}};
    must_open(&doc, LOAD_DATA "files.attn.json");
    int64_t live = mem_live();
    bool ok = false;
    for (uint64_t n = 1; !ok; n++) {
        Buf out;
        Error err = {0};
        buf_init(&out, BUF_NO_LIMIT);
        mem_fail_at(n, true);
        ok = save_text(&doc, settings, 3, "/elsewhere/files.attn.json", &out, &err);
        mem_fail_at(0, false);
        assert_true(ok || err.kind == ERROR_LIMIT);
        buf_free(&out);
        assert_int_equal(mem_live(), live);
        assert_true(n < 1000);
    }
    document_free(&doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_text_stays_but_for_the_settings),
        cmocka_unit_test(values_are_written_as_what_they_look_like),
        cmocka_unit_test(a_saved_document_opens_as_it_was),
        cmocka_unit_test(members_beside_a_reference_survive_the_move),
        cmocka_unit_test(every_failed_allocation_of_a_save_is_a_clean_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
