#include "state/settings.h"
#include "base/index_set.h"
#include "support/check.h"

#include <stdio.h>
#include <string.h>

static void every_name_is_unique_and_every_default_is_in_range(void **state)
{
    (void)state;
    Settings plain = settings_default();
    for (size_t i = 0; i < SETTINGS_COUNT; i++) {
        Settings copy = plain;
        assert_non_null(SETTINGS[i].help);
        assert_ptr_equal(field_find(SETTINGS, SETTINGS_COUNT, SETTINGS[i].name), &SETTINGS[i]);
        assert_false(field_clamp(&SETTINGS[i], &copy));
        for (size_t j = 0; j < i; j++)
            assert_true(SETTINGS[i].offset != SETTINGS[j].offset);
    }
}

/* The contract of product.md section 4, row by row: names, defaults and words. */
static void names_and_defaults_are_those_of_the_contract(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
    } rows[] = {{"score.kind", "auto"},
                {"scale.mode", "auto"},
                {"scale.d_k", "auto"},
                {"scale.d_model", "auto"},
                {"scale.divisor", "auto"},
                {"temperature", "1"},
                {"mask.causal", "false"},
                {"mask.align", "top"},
                {"mask.window", "0"},
                {"mask.padding", "true"},
                {"mask.hidden", ""},
                {"mask.renormalise", "true"},
                {"normaliser", "softmax"},
                {"layer", "0"},
                {"head", "0"},
                {"query", "none"},
                {"key", "none"},
                {"sentence", "0"},
                {"stage", "weights"},
                {"view", "auto"},
                {"view2", "auto"},
                {"color.map", "auto"},
                {"color.range", "matrix"},
                {"color.scale", "linear"},
                {"lines.mass", "0.9"},
                {"lines.threshold", "0"},
                {"lines.layout", "vertical"},
                {"theme", "light"},
                {"ui.scale", "1"}};
    Settings plain = settings_default();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const Field *field = field_find(SETTINGS, SETTINGS_COUNT, rows[i].name);
        Buf text;
        buf_init(&text, BUF_NO_LIMIT);
        assert_non_null(field);
        assert_true(field_print(field, &plain, &text));
        assert_string_equal(buf_string(&text), rows[i].text);
        buf_free(&text);
    }
}

static void choices_name_every_value_of_their_enum(void **state)
{
    (void)state;
    assert_string_equal(COLOR_MAP_CHOICES[COLORMAP_COUNT], "auto");
    for (int i = 0; i < COLORMAP_COUNT; i++)
        assert_string_equal(COLOR_MAP_CHOICES[i], COLORMAP_NAMES[i]);
    for (int i = 0; i <= VIEW_COUNT; i++) {
        if (i == VIEW_COUNT) {
            assert_null(VIEW_CHOICES[1 + i]);
            assert_null(VIEW2_CHOICES[2 + i]);
        } else {
            assert_string_equal(VIEW_CHOICES[1 + i], VIEW_NAMES[i]);
            assert_string_equal(VIEW2_CHOICES[2 + i], VIEW_NAMES[i]);
        }
    }
}

static void assignments_are_name_and_value(void **state)
{
    (void)state;
    Settings s = settings_default();
    assert_true(settings_assign(&s, "temperature=0.25", NULL));
    assert_true(s.attn.scale.temperature == 0.25);
    assert_true(settings_assign(&s, "mask.hidden=3,5-7", NULL));
    assert_int_equal(index_set(s.attn.mask.hidden).count, 4);
    assert_true(settings_assign(&s, "head=mean", NULL));
    assert_int_equal(s.head, FIELD_MEAN);
    assert_true(settings_assign(&s, "mask.hidden=", NULL));
    assert_int_equal(s.attn.mask.hidden, 0);
    static const struct {
        const char *text, *message;
    } bad[] = {
        {"temperature", "setting: expected NAME=VALUE, found temperature"},
        {"=1", "setting: expected NAME=VALUE, found =1"},
        {"temprature=1", "unknown setting: expected a name such as temperature, found temprature"},
        {"mask.causl=1", "unknown setting: expected a name such as mask.causal, found mask.causl"},
        {"temperature=-1", "temperature: expected 0 … 1000, found -1"},
        {"head=-1", "head: expected an index 0 … 65535, mean or max, found -1"},
        {"sentence=mean", "sentence: expected an index 0 … 16777215, found mean"},
        {"scale.divisor=0", "scale.divisor: expected auto or > 0, found 0"},
        {"scale.d_k=0.5", "scale.d_k: expected auto or 1 … 65536, found 0.5"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        Error err = {0};
        Settings was = s;
        assert_false(settings_assign(&s, bad[i].text, &err));
        check_error(&err, ERROR_USAGE, bad[i].message);
        assert_true(settings_equal(&s, &was, 0));
    }
}

typedef struct {
    char lines[8][512];
    int count;
} Warnings;

static void collect(void *context, const char *line)
{
    Warnings *w = context;
    assert_true(w->count < 8);
    snprintf(w->lines[w->count++], sizeof w->lines[0], "%s", line);
}

static void what_a_document_says_wrongly_is_clamped_or_left_out_with_a_warning(void **state)
{
    (void)state;
    DocSetting said[] = {{"mask.causal", "true"}, {"temperature", "5000"},
                         {"mask.window", "-3"},   {"lines.mass", "1.5"},
                         {"nonsense", "1"},       {"normaliser", "softmin"},
                         {"temperature.x", "2"},  {"scale.d_k", "32"}};
    Document doc;
    document_init(&doc);
    doc.settings = said;
    doc.setting_count = sizeof said / sizeof *said;
    Settings s = settings_default();
    Warnings w = {.count = 0};
    settings_from_document(&s, &doc, collect, &w);
    assert_true(s.attn.mask.causal);
    assert_true(s.attn.scale.temperature == 1000);
    assert_int_equal(s.attn.mask.window, 0);
    assert_true(s.lines.mass == 1);
    assert_int_equal(s.attn.norm.kind, NORM_SOFTMAX);
    assert_true(s.attn.scale.d_k == 32);
    assert_int_equal(w.count, 6);
    assert_string_equal(w.lines[0],
                        "settings: temperature: expected 0 … 1000, found 5000; 1000 is used");
    assert_non_null(strstr(w.lines[1], "mask.window: expected"));
    assert_string_equal(w.lines[2], "settings: lines.mass: expected 0 … 1, found 1.5; 1 is used");
    assert_non_null(strstr(w.lines[3], "found nonsense; it is left out"));
    assert_non_null(strstr(w.lines[4], "found softmin; it is left out"));
    settings_from_document(&s, &doc, NULL, NULL); /* nobody listens */
}

static void numbers_that_are_none_are_left_out(void **state)
{
    (void)state;
    static const char *const odd[] = {"nan", "", "1,5", "true", "0x10", "1e9999999", "half"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        Settings s = settings_default(), plain = settings_default();
        assert_false(settings_restore(&s, "mask.window", odd[i], NULL));
        if (strcmp(odd[i], "1e9999999") != 0)
            assert_true(settings_equal(&s, &plain, 0));
    }
    Settings s = settings_default();
    assert_false(settings_restore(&s, "temperature", "nan", NULL));
    assert_true(s.attn.scale.temperature == 1);
    assert_false(settings_restore(&s, "temperature", "-inf", NULL));
    assert_true(s.attn.scale.temperature == 0);
    assert_false(settings_restore(&s, "scale.divisor", "-4", NULL));
    assert_true(s.attn.scale.divisor == 0);
}

static void equal_and_copy_leave_out_what_is_flagged(void **state)
{
    (void)state;
    Settings a = settings_default(), b = a;
    b.theme = THEME_DARK;
    b.query = 4;
    assert_false(settings_equal(&a, &b, 0));
    assert_true(settings_equal(&a, &b, FIELD_NO_SAVE | FIELD_NO_UNDO));
    settings_copy(&a, &b, FIELD_NO_UNDO);
    assert_int_equal(a.theme, THEME_DARK);
    assert_int_equal(a.query, FIELD_NOTHING);
}

static void what_changed_reads_back_as_the_same_settings(void **state)
{
    (void)state;
    Settings s = settings_default();
    static const char *const set[] = {"temperature=0.1",
                                      "mask.hidden=1,4-9",
                                      "head=max",
                                      "color.map=cividis",
                                      "scale.divisor=1e-300",
                                      "query=3",
                                      "lines.mass=0.3333333333333333",
                                      "gold=true",
                                      "view2=none"};
    for (size_t i = 0; i < sizeof set / sizeof *set; i++)
        assert_true(settings_assign(&s, set[i], NULL));
    s.theme = THEME_DARK; /* the person's, not the document's */
    Arena arena;
    DocSetting *list;
    arena_init(&arena);
    int count = settings_changed(&s, &arena, &list);
    assert_int_equal(count, 9);
    Document doc;
    document_init(&doc);
    doc.settings = list;
    doc.setting_count = count;
    Settings back = settings_default();
    settings_from_document(&back, &doc, NULL, NULL);
    assert_true(settings_equal(&back, &s, FIELD_NO_SAVE));
    assert_int_equal(back.theme, THEME_LIGHT);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_name_is_unique_and_every_default_is_in_range),
        cmocka_unit_test(names_and_defaults_are_those_of_the_contract),
        cmocka_unit_test(choices_name_every_value_of_their_enum),
        cmocka_unit_test(assignments_are_name_and_value),
        cmocka_unit_test(what_a_document_says_wrongly_is_clamped_or_left_out_with_a_warning),
        cmocka_unit_test(numbers_that_are_none_are_left_out),
        cmocka_unit_test(equal_and_copy_leave_out_what_is_flagged),
        cmocka_unit_test(what_changed_reads_back_as_the_same_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
