#include "app/cli_args.h"
#include "support/check.h"

#include <string.h>

enum { WORDS_MOST = 20 };

typedef struct {
    CliArgs args;
    Arena arena;
    Error err;
    bool ok;
} Parsed;

/* words end with NULL; the program's name is put before them. */
static Parsed parse(const char *const *words)
{
    static char copy[WORDS_MOST][128];
    char *argv[WORDS_MOST + 1] = {copy[0]};
    Parsed p = {.ok = false};
    int argc = 1;
    strcpy(copy[0], "attnscope");
    for (; words[argc - 1]; argc++) {
        assert_true(argc < WORDS_MOST);
        strcpy(copy[argc], words[argc - 1]);
        argv[argc] = copy[argc];
    }
    arena_init(&p.arena);
    p.ok = cli_parse(&p.args, argc, argv, &p.arena, &p.err);
    return p;
}

#define PARSE(...) parse((const char *const[]){__VA_ARGS__, NULL})

static void no_argument_is_the_window(void **state)
{
    (void)state;
    const char *const none[] = {NULL};
    Parsed p = parse(none);
    assert_true(p.ok);
    assert_int_equal(p.args.command, CLI_WINDOW);
    assert_int_equal(p.args.file_count, 0);
    arena_free(&p.arena);
}

static void the_first_word_is_a_subcommand_or_a_file(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        CliCommand command;
    } rows[] = {{"info", CLI_INFO},     {"check", CLI_CHECK},   {"dump", CLI_DUMP},
                {"render", CLI_RENDER}, {"play", CLI_PLAY},     {"doc.attn.json", CLI_WINDOW},
                {"./info", CLI_WINDOW}, {"window", CLI_WINDOW}, {"convert", CLI_CONVERT}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Parsed p = PARSE(rows[i].word, "--help");
        assert_true(p.ok);
        assert_int_equal(p.args.command, rows[i].command);
        assert_true(p.args.help);
        assert_int_equal(p.args.file_count, rows[i].command == CLI_WINDOW ? 1 : 0);
        arena_free(&p.arena);
    }
    Parsed p = PARSE("doc.json", "info");
    assert_true(p.ok);
    assert_int_equal(p.args.command, CLI_WINDOW);
    assert_int_equal(p.args.file_count, 2);
    arena_free(&p.arena);
}

static void every_subcommand_takes_how_a_file_is_to_be_read(void **state)
{
    (void)state;
    static const char *const commands[] = {"info", "check", "render", "window"};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        Parsed p = PARSE(commands[i], "--source", "a.src", "--target=a.trg", "--gold", "a.gold",
                         "--eos=keys", "--transpose", "--words", "--map=q=a,k=b", "--format",
                         "nematus", "-o", "x.png");
        if (i != 2) { /* all but render have no -o */
            assert_false(p.ok);
            arena_free(&p.arena);
            p = PARSE(commands[i], "--source", "a.src", "--target=a.trg", "--gold", "a.gold",
                      "--eos=keys", "--transpose", "--words", "--map=q=a,k=b", "--format",
                      "nematus", "f");
        }
        assert_true(p.ok);
        assert_string_equal(p.args.origin.source, "a.src");
        assert_string_equal(p.args.origin.target, "a.trg");
        assert_string_equal(p.args.origin.gold, "a.gold");
        assert_string_equal(p.args.origin.map, "q=a,k=b");
        assert_string_equal(p.args.origin.format, "nematus");
        assert_int_equal(p.args.origin.eos, EOS_KEYS);
        assert_true(p.args.origin.transpose && p.args.origin.words);
        arena_free(&p.arena);
    }
    Parsed p = PARSE("info", "f", "--eos", "some");
    assert_false(p.ok);
    assert_string_equal(p.err.what,
                        "--eos: expected auto, none, queries, keys or both, found some");
    arena_free(&p.arena);
}

static void values_follow_their_option_or_an_equals_sign(void **state)
{
    (void)state;
    Parsed p = PARSE("--mem=2G", "dump", "a.json", "--stage=scaled", "--format", "npy", "-o", "x");
    assert_true(p.ok);
    assert_true(p.args.memory == 2ull << 30);
    assert_int_equal(p.args.stage, STAGE_SCALED);
    assert_int_equal(p.args.format, DUMP_NPY);
    assert_string_equal(p.args.out, "x");
    assert_string_equal(p.args.files[0], "a.json");
    arena_free(&p.arena);
    p = PARSE("render", "--size", "640x480", "--scale=2", "--view", "window", "-o", "w.svg");
    assert_true(p.ok);
    assert_int_equal(p.args.width, 640);
    assert_int_equal(p.args.height, 480);
    assert_true(p.args.scale == 2);
    assert_int_equal(p.args.view, CLI_VIEW_WINDOW);
    arena_free(&p.arena);
}

static void the_value_of_an_option_before_the_subcommand_is_no_subcommand(void **state)
{
    (void)state;
    Parsed p = PARSE("--font-dir", "info", "check", "dump");
    assert_true(p.ok);
    assert_int_equal(p.args.command, CLI_CHECK);
    assert_string_equal(p.args.font_dir, "info");
    assert_int_equal(p.args.file_count, 1);
    assert_string_equal(p.args.files[0], "dump");
    arena_free(&p.arena);
}

static void short_forms_are_settings_in_their_place(void **state)
{
    (void)state;
    Parsed p = PARSE("info", "f", "--layer", "3", "--set", "layer=1", "--head=mean", "--theme",
                     "dark", "--sentence", "2");
    static const char *const want[] = {"layer=3", "layer=1", "head=mean", "theme=dark",
                                       "sentence=2"};
    assert_true(p.ok);
    assert_int_equal(p.args.set_count, 5);
    for (int i = 0; i < 5; i++)
        assert_string_equal(p.args.sets[i], want[i]);
    arena_free(&p.arena);
}

static void text_is_short_for_two_settings(void **state)
{
    (void)state;
    static const char *const commands[] = {"info", "check", "play"};
    for (size_t i = 0; i < 3; i++) {
        Parsed p = PARSE(commands[i], "f", "--text", "the = cat", "--text=");
        assert_true(p.ok);
        assert_int_equal(p.args.set_count, 4);
        assert_string_equal(p.args.sets[0], "text=the = cat");
        assert_string_equal(p.args.sets[1], "text.typed=true");
        assert_string_equal(p.args.sets[2], "text=");
        assert_string_equal(p.args.sets[3], "text.typed=true");
        arena_free(&p.arena);
    }
}

static void two_dashes_end_the_options_and_one_alone_is_a_file(void **state)
{
    (void)state;
    Parsed p = PARSE("check", "-", "--", "--json", "--");
    assert_true(p.ok);
    assert_int_equal(p.args.file_count, 3);
    assert_string_equal(p.args.files[0], "-");
    assert_string_equal(p.args.files[1], "--json");
    assert_string_equal(p.args.files[2], "--");
    arena_free(&p.arena);
}

static void memory_has_units_and_no_overflow(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t bytes; /* 0 = refused */
    } rows[] = {{"1", 1},
                {"4096", 4096},
                {"3K", 3072},
                {"512M", 512ull << 20},
                {"1T", 1ull << 40},
                {"0", 0},
                {"", 0},
                {"K", 0},
                {"1k", 0},
                {"-1", 0},
                {"1.5G", 0},
                {"16777216T", 0},
                {"1 G", 0},
                {"9999999999999999999999", 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Parsed p = PARSE("info", "f", "--mem", rows[i].text);
        assert_int_equal(p.ok, rows[i].bytes > 0);
        if (p.ok)
            assert_true(p.args.memory == rows[i].bytes);
        else
            assert_int_equal(p.err.kind, ERROR_USAGE);
        arena_free(&p.arena);
    }
}

static void what_is_wrong_is_told_with_what_was_expected(void **state)
{
    (void)state;
    static const struct {
        const char *words[6];
        const char *message;
    } rows[] = {
        {{"--nope"}, "option: expected one of attnscope --help, found --nope"},
        {{"-x"}, "option: expected one of attnscope --help, found -x"},
        {{"--jsonx"}, "option: expected one of attnscope --help, found --jsonx"},
        {{"info", "f", "--syntax"},
         "option: expected one of attnscope info --help, found --syntax"},
        {{"play", "s", "--view", "lines"},
         "option: expected one of attnscope play --help, found --view"},
        {{"--help=1"}, "--help: expected no value, found 1"},
        {{"--font-dir"}, "--font-dir: expected a value, found the end of the line"},
        {{"dump", "f", "--stage", ""},
         "--stage: expected scores, scaled, masked, weights, output, embedding, position, x, x_k, "
         "q, k or v, found nothing"},
        {{"render", "-o", ""}, "-o: expected a path, found nothing"},
        {{"render", "--scale", "0"}, "--scale: expected 0.1 … 16, found 0"},
        {{"render", "--size", "10x"}, "--size: expected WxH with sides 1 … 16384, found 10x"},
        {{"render", "--size", "20000x1"},
         "--size: expected WxH with sides 1 … 16384, found 20000x1"},
        {{"info", "f", "--layer", "x"}, "layer: expected an index 0 … 65535, mean or max, found x"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Parsed p = parse(rows[i].words);
        assert_false(p.ok);
        check_error(&p.err, ERROR_USAGE, rows[i].message);
        arena_free(&p.arena);
    }
}

static void questions_need_no_file(void **state)
{
    (void)state;
    static const char *const options[] = {"--help", "-h", "--version", "--limits"};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        Parsed p = PARSE("dump", options[i]);
        assert_true(p.ok);
        arena_free(&p.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_argument_is_the_window),
        cmocka_unit_test(the_first_word_is_a_subcommand_or_a_file),
        cmocka_unit_test(every_subcommand_takes_how_a_file_is_to_be_read),
        cmocka_unit_test(values_follow_their_option_or_an_equals_sign),
        cmocka_unit_test(the_value_of_an_option_before_the_subcommand_is_no_subcommand),
        cmocka_unit_test(short_forms_are_settings_in_their_place),
        cmocka_unit_test(text_is_short_for_two_settings),
        cmocka_unit_test(two_dashes_end_the_options_and_one_alone_is_a_file),
        cmocka_unit_test(memory_has_units_and_no_overflow),
        cmocka_unit_test(what_is_wrong_is_told_with_what_was_expected),
        cmocka_unit_test(questions_need_no_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
