/* The first screen: cards, keys, recent files. */
#include "app/desk.h"

#include "app/state.h"

static const char SMALL[] =
    "{\"attnscope\": 1, \"title\": \"Small\", \"tokens\": [\"a\", \"b\"], \"layers\": [{\"heads\": "
    "[{\"q\": [[1, 0], [0, 1]], \"k\": [[1, 2], [3, 4]]}]}]}";
static const char *const IDS[] = {
    "one-sentence",    "translation",     "shapes",       "next-word", "three-tokens", "chinese",
    "arabic-english",  "rnn-translation", "spoken-words", "shopping",  "image-gate",   "mood",
    "type-a-sentence", "hidden-states",   "positions",    "slips"};

static void every_card_opens_its_example(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof IDS / sizeof IDS[0]; i++) {
        Desk d;
        char id[64];
        desk_start(&d, 1280, 1000, NULL);
        snprintf(id, sizeof id, "gallery/%s", IDS[i]);
        desk_click(&d, id);
        assert_true(app_scope(d.app)->open);
        assert_non_null(strstr(app_scope(d.app)->doc.path, IDS[i]));
        desk_stop(&d);
    }
}

static void every_card_shows_its_document(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 1280, 1000, NULL);
    for (int i = 0; i < (int)(sizeof IDS / sizeof IDS[0]); i++) {
        const GalleryCard *card = &d.app->gallery.cards[i];
        assert_true(card->tried);
        if (!card->ok)
            fail_msg("%s: %s", IDS[i], card->problem);
    }
    assert_false(app_scope(d.app)->open); /* cards leave nothing open */
    desk_stop(&d);
}

static void the_first_frame_does_not_wait_for_all_cards(void **state)
{
    Desk d;
    int tried = 0;
    (void)state;
    desk_init(&d);
    desk_open_app(&d);
    desk_frame(&d);
    for (int i = 0; i < GALLERY_MAX; i++)
        tried += d.app->gallery.cards[i].tried;
    assert_true(tried < 4);
    assert_true(d.out.wake > 0 && d.out.wake <= d.in.time); /* and asks for the next at once */
    desk_stop(&d);
}

static void arrows_walk_over_the_cards_and_enter_opens(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 1280, 1000, NULL);
    desk_key(&d, KEY_RIGHT, 0);
    assert_int_equal(d.app->gallery.chosen, 0);
    desk_key(&d, KEY_RIGHT, 0);
    desk_key(&d, KEY_DOWN, 0);
    int chosen = d.app->gallery.chosen;
    assert_true(chosen > 1);
    desk_key(&d, KEY_LEFT, 0);
    assert_int_equal(d.app->gallery.chosen, chosen - 1);
    desk_key(&d, KEY_ENTER, 0);
    assert_non_null(strstr(app_scope(d.app)->doc.path, IDS[chosen - 1]));
    desk_stop(&d);
}

static void pages_and_ends_walk_over_the_cards(void **state)
{
    int last = (int)(sizeof IDS / sizeof IDS[0]) - 1;
    Desk d;
    (void)state;
    desk_start(&d, 1280, 800, NULL); /* four cards across, three rows are seen */
    desk_key(&d, KEY_END, 0);
    assert_int_equal(d.app->gallery.chosen, last);
    Rect r = desk_item(&d, "gallery/slips")->rect;
    assert_true(r.y >= 0 && rect_bottom(r) <= 772);
    desk_key(&d, KEY_HOME, 0);
    assert_int_equal(d.app->gallery.chosen, 0);
    desk_key(&d, KEY_PAGE_DOWN, 0);
    assert_int_equal(d.app->gallery.chosen, 12);
    desk_key(&d, KEY_PAGE_DOWN, 0);
    assert_int_equal(d.app->gallery.chosen, last);
    desk_key(&d, KEY_PAGE_UP, 0);
    assert_int_equal(d.app->gallery.chosen, last - 12);
    desk_stop(&d);
}

static void arrows_bring_cards_into_view(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 640, 480, NULL);
    for (size_t i = 0; i < sizeof IDS / sizeof IDS[0]; i++) {
        char id[64];
        desk_key(&d, KEY_RIGHT, 0);
        snprintf(id, sizeof id, "gallery/%s", IDS[i]);
        Rect r = desk_item(&d, id)->rect;
        assert_true(r.y >= 0 && rect_bottom(r) <= 452);
    }
    desk_stop(&d);
}

static void a_card_whose_file_is_gone_says_so(void **state)
{
    Desk d;
    (void)state;
    desk_init(&d);
    d.options.examples = check_temp_dir();
    desk_open_app(&d);
    desk_settle(&d);
    assert_false(d.app->gallery.cards[0].ok);
    assert_true(d.app->gallery.cards[0].problem[0] != 0);
    desk_click(&d, "gallery/one-sentence");
    assert_false(app_scope(d.app)->open);
    assert_true(app_notice_count(d.app) == 1);
    desk_stop(&d);
}

static void recent_files_open_and_can_be_forgotten(void **state)
{
    Desk d;
    char *dir = check_temp_dir();
    (void)state;
    check_put(check_path(dir, "small.json"), SMALL);
    desk_start(&d, 1280, 1000, check_path(dir, "small.json"));
    desk_key(&d, 'w', MOD_CTRL);
    assert_true(desk_drawn(&d, "Recent"));
    assert_true(desk_drawn(&d, "1 layer × 1 head · 2 tokens"));
    desk_click(&d, "gallery/recent 0");
    assert_string_equal(app_scope(d.app)->doc.title, "Small");
    desk_key(&d, 'w', MOD_CTRL);
    desk_click(&d, "clear recent");
    assert_false(desk_drawn(&d, "Recent"));
    desk_stop(&d);
}

static void what_was_closed_is_continued(void **state)
{
    Desk d;
    char *dir = check_temp_dir();
    (void)state;
    check_put(check_path(dir, "small.json"), SMALL);
    desk_start(&d, 1280, 1000, NULL); /* its cards are made before */
    app_open(d.app, check_path(dir, "small.json"), NULL);
    desk_settle(&d);
    desk_key(&d, 'c', 0);
    desk_key(&d, 'w', MOD_CTRL);
    assert_true(desk_drawn(&d, "Continue"));
    desk_click(&d, "gallery/continue");
    assert_string_equal(app_scope(d.app)->doc.title, "Small");
    assert_true(app_settings(d.app)->attn.mask.causal);
    desk_stop(&d);
}

/* The first card of a window whose last visit had this document open. */
static const GalleryCard *continued(Desk *d, const char *path)
{
    desk_init(d);
    desk_open_app(d);
    snprintf(d->app->session.document, sizeof d->app->session.document, "%s", path);
    desk_settle(d);
    assert_true(desk_drawn(d, "Continue"));
    return &d->app->gallery.cards[0];
}

static void a_large_file_is_continued_by_name_only(void **state)
{
    Desk d;
    char *dir = check_temp_dir();
    const char *path = check_path(dir, "large.json");
    size_t size = 4 << 20;
    (void)state;
    char *text = mem_alloc(size + 1); /* no document at all: it would not load */
    memset(text, ' ', size);
    text[size] = 0;
    check_put(path, text);
    mem_free(text);
    const GalleryCard *card = continued(&d, path);
    assert_true(card->ok);
    assert_string_equal(card->title, "large.json");
    assert_null(card->weights);
    assert_true(desk_drawn(&d, "a large file"));
    desk_stop(&d);
}

static void a_card_obeys_the_limits_of_the_program(void **state)
{
    Desk d;
    char *dir = check_temp_dir();
    (void)state;
    check_put(check_path(dir, "small.json"), SMALL);
    desk_init(&d);
    d.options.limits.file_bytes = 16;
    desk_open_app(&d);
    snprintf(d.app->session.document, sizeof d.app->session.document, "%s",
             check_path(dir, "small.json"));
    desk_settle(&d);
    assert_false(d.app->gallery.cards[0].ok);
    assert_non_null(strstr(d.app->gallery.cards[0].problem, "16"));
    desk_stop(&d);
}

/* 65 tokens: no thumbnail could show the cells, so none are computed. */
static void a_long_sentence_is_told_in_words(void **state)
{
    Desk d;
    Buf text;
    char *dir = check_temp_dir();
    (void)state;
    buf_init(&text, BUF_NO_LIMIT);
    buf_text(&text, "{\"attnscope\": 1, \"title\": \"Long\", \"tokens\": [\"a\"");
    for (int i = 1; i < 65; i++)
        buf_text(&text, ", \"a\"");
    buf_text(&text, "], \"layers\": [{\"heads\": [{\"q\": [[1]");
    for (int i = 1; i < 65; i++)
        buf_text(&text, ", [1]");
    buf_text(&text, "], \"k\": [[1]");
    for (int i = 1; i < 65; i++)
        buf_text(&text, ", [1]");
    buf_text(&text, "]}]}]}");
    check_put(check_path(dir, "long.json"), buf_string(&text));
    buf_free(&text);
    const GalleryCard *card = continued(&d, check_path(dir, "long.json"));
    if (!card->ok)
        fail_msg("%s", card->problem);
    assert_string_equal(card->title, "Long");
    assert_int_equal(card->n_q, 65);
    assert_null(card->weights);
    assert_true(desk_drawn(&d, "1 layer × 1 head · 65 tokens"));
    desk_stop(&d);
}

static void the_theme_is_chosen_here_too(void **state)
{
    Desk d;
    (void)state;
    desk_start(&d, 1280, 800, NULL);
    desk_click(&d, "gallery/theme");
    desk_key(&d, KEY_DOWN, 0);
    desk_key(&d, KEY_ENTER, 0);
    assert_int_equal(app_settings(d.app)->theme, THEME_DARK);
    desk_click(&d, "gallery/one-sentence");
    assert_int_equal(app_settings(d.app)->theme, THEME_DARK); /* the person's, not the document's */
    desk_stop(&d);
}

static void cards_lie_inside_and_apart_in_every_window(void **state)
{
    static const int SIZES[][2] = {{640, 480}, {800, 600}, {1280, 800}, {1920, 1080}, {3840, 2160}};
    Desk d;
    (void)state;
    desk_start(&d, 1280, 800, NULL);
    for (size_t s = 0; s < sizeof SIZES / sizeof SIZES[0]; s++) {
        d.in.pixel_w = SIZES[s][0];
        d.in.pixel_h = SIZES[s][1];
        desk_settle(&d);
        Rect seen[sizeof IDS / sizeof IDS[0]];
        for (size_t i = 0; i < sizeof IDS / sizeof IDS[0]; i++) {
            char id[64];
            snprintf(id, sizeof id, "gallery/%s", IDS[i]);
            seen[i] = desk_item(&d, id)->rect;
            assert_true(seen[i].w >= 200 && rect_right(seen[i]) <= (float)SIZES[s][0]);
            for (size_t j = 0; j < i; j++) {
                Rect both = rect_meet(seen[i], seen[j]);
                assert_true(both.w <= 0 || both.h <= 0);
            }
        }
    }
    desk_stop(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_card_opens_its_example),
        cmocka_unit_test(every_card_shows_its_document),
        cmocka_unit_test(the_first_frame_does_not_wait_for_all_cards),
        cmocka_unit_test(arrows_walk_over_the_cards_and_enter_opens),
        cmocka_unit_test(pages_and_ends_walk_over_the_cards),
        cmocka_unit_test(arrows_bring_cards_into_view),
        cmocka_unit_test(a_card_whose_file_is_gone_says_so),
        cmocka_unit_test(recent_files_open_and_can_be_forgotten),
        cmocka_unit_test(what_was_closed_is_continued),
        cmocka_unit_test(a_large_file_is_continued_by_name_only),
        cmocka_unit_test(a_card_obeys_the_limits_of_the_program),
        cmocka_unit_test(a_long_sentence_is_told_in_words),
        cmocka_unit_test(the_theme_is_chosen_here_too),
        cmocka_unit_test(cards_lie_inside_and_apart_in_every_window),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
