#include "load_test.h"

#include "load/gather.h"

#include <sys/stat.h>

/* A fresh folder, below the temporary one. */
static const char *folder(void)
{
    static int count;
    static char path[500];
    snprintf(path, sizeof path, "%s/folder-%d", check_temp_dir(), ++count);
    assert_int_equal(mkdir(path, 0700), 0);
    return path;
}

typedef struct {
    const char *name, *text;
} Given;

#define LINKS   "0-0 1-1\n"
#define GRADED  "0-0 1p1\n"
#define MARIAN  "x y ||| 0.5,0.5 0.5,0.5 0.1,0.9\n"
#define OURS    "{\"attnscope\": 1}"
#define FOREIGN "{\"matrix\": [[1]]}"
#define ARRAY   "\x93NUMPY\x01"
#define CONFIG  "{\"model_type\": \"bert\"}"

static void put_files(const char *dir, const Given *files, int count)
{
    for (int i = 0; i < count; i++)
        check_put(check_path(dir, files[i].name), files[i].text);
}

static const char *base(const char *path)
{
    return path ? path_base(path) : "-";
}

/* "primary source target gold more… | explain", or the error. */
static const char *outcome(const LoadRequest *in)
{
    static char out[900];
    char explain[400];
    Arena arena;
    LoadRequest whole;
    Error err = {0};
    arena_init(&arena);
    int64_t live = mem_live();
    if (gather_request(in, &whole, &arena, explain, sizeof explain, &err)) {
        const DocOrigin *o = &whole.origin;
        snprintf(out, sizeof out, "%s %s %s %s", base(whole.path), base(o->source), base(o->target),
                 base(o->gold));
        for (int i = 0; i < o->more_count; i++)
            snprintf(out + strlen(out), sizeof out - strlen(out), " +%s", base(o->more[i]));
        snprintf(out + strlen(out), sizeof out - strlen(out), " | %s", explain);
    } else {
        snprintf(out, sizeof out, "%s", error_text(&err));
    }
    arena_free(&arena);
    assert_true(mem_live() <= live);
    return out;
}

static const char *of_folder(const Given *files, int count)
{
    LoadRequest in = {.path = folder(), .limits = load_limits_default()};
    put_files(in.path, files, count);
    return outcome(&in);
}

/* The files as they would be named on the command line. */
static const char *of_files(const Given *files, int count, const DocOrigin *origin)
{
    const char *dir = folder(), *more[8];
    static char paths[8][600];
    LoadRequest in = {.limits = load_limits_default()};
    put_files(dir, files, count);
    for (int i = 0; i < count; i++) {
        snprintf(paths[i], sizeof paths[i], "%s", check_path(dir, files[i].name));
        more[i] = paths[i];
    }
    if (origin)
        in.origin = *origin;
    in.path = more[0];
    in.origin.more = more + 1;
    in.origin.more_count = count - 1;
    return outcome(&in);
}

#define FOLDER(...)                                                                                \
    of_folder((const Given[]){__VA_ARGS__}, sizeof((const Given[]){__VA_ARGS__}) / sizeof(Given))
#define FILES(...)                                                                                 \
    of_files((const Given[]){__VA_ARGS__}, sizeof((const Given[]){__VA_ARGS__}) / sizeof(Given),   \
             NULL)

static void a_lone_file_stays_as_it_is(void **state)
{
    (void)state;
    assert_string_equal(FILES({"a.txt", "words\n"}), "a.txt - - - | ");
    LoadRequest in = {.path = "not-there"}, out;
    char explain[40];
    assert_true(gather_request(&in, &out, NULL, explain, sizeof explain, NULL));
    assert_ptr_equal(out.path, in.path);
}

static void token_files_go_to_what_has_the_weights(void **state)
{
    (void)state;
    assert_string_equal(FILES({"marian.out.lv", MARIAN}, {"marian.src.en", "a\n"}),
                        "marian.out.lv marian.src.en - - | marian.out.lv with marian.src.en as "
                        "source");
    assert_string_equal(FILES({"dev.en", "a\n"}, {"dev.align", MARIAN}),
                        "dev.align dev.en - - | dev.align with dev.en as source");
    assert_string_equal(
        FILES({"alignments.npy", ARRAY}, {"src.en.bpe", "a\n"}, {"out.lv.bpe", "b\n"}),
        "alignments.npy src.en.bpe out.lv.bpe - | alignments.npy with src.en.bpe "
        "as source, out.lv.bpe as target");
    assert_string_equal(FILES({"m.npy", ARRAY}, {"out.lv", "b\n"}, {"in.en", "a\n"}),
                        "m.npy in.en out.lv - | m.npy with in.en as source, out.lv as target");
    /* Nothing tells: the order in which they were named. */
    assert_string_equal(FILES({"m.npy", ARRAY}, {"one", "b\n"}, {"two", "a\n"}),
                        "m.npy one two - | m.npy with one as source, two as target");
    assert_string_equal(FILES({"m.npy", ARRAY}, {"x.tgt", "b\n"}),
                        "m.npy - x.tgt - | m.npy with x.tgt as target");
}

static void content_comes_before_names(void **state)
{
    (void)state;
    /* Links 0-2: the source has at most two tokens here, whatever the files are called. */
    assert_string_equal(FILES({"l.align", "0-2\n"}, {"a.src", "a b c\n"}, {"b.tgt", "x y\n"}),
                        "l.align b.tgt a.src - | l.align with b.tgt as source, a.src as target");
    assert_string_equal(
        FILES({"l.align", "1-1\n0-0\n"}, {"b.tgt", "x y\nz\n"}, {"a.src", "a b c\nz\n"}),
        "l.align a.src b.tgt - | l.align with a.src as source, b.tgt as target");
    assert_string_equal(FILES({"l.lv", "0-0\n"}, {"b.lv", "x y\n"}, {"a.en", "a b\n"}),
                        "l.lv a.en b.lv - | l.lv with a.en as source, b.lv as target");
}

static void links_beside_weights_are_gold(void **state)
{
    (void)state;
    assert_string_equal(FILES({"m", MARIAN}, {"l", LINKS}, {"s", "a\n"}),
                        "m s - l | m with s as source, l as gold");
    assert_string_equal(FILES({"a", LINKS}, {"b", GRADED}), "a - - b | a with b as gold");
    assert_string_equal(FILES({"b", GRADED}, {"a", LINKS}), "a - - b | a with b as gold");
    assert_string_equal(FILES({"x.gold", LINKS}, {"x.out", LINKS}),
                        "x.out - - x.gold | x.out with x.gold as gold");
    assert_string_equal(FILES({"one", LINKS}, {"two", LINKS}),
                        "one - - two | one with two as gold");
    assert_string_equal(FILES({"x.out", LINKS}, {"x.pairs", "a b ||| c d\n"}, {"x.gold", LINKS}),
                        "x.out x.pairs - x.gold | x.out with x.pairs as source and target, x.gold "
                        "as gold");
}

static void arrays_are_taken_together(void **state)
{
    (void)state;
    assert_string_equal(FILES({"q.npy", ARRAY}, {"k.npy", ARRAY}, {"v.npy", ARRAY}),
                        "q.npy - - - +k.npy +v.npy | q.npy and k.npy, v.npy");
    assert_string_equal(FOLDER({"k.npy", ARRAY}, {"q.npy", ARRAY}, {"README", "x"}),
                        "k.npy - - - +q.npy | k.npy and q.npy");
}

static void numbers_alone_are_weights_of_links(void **state)
{
    (void)state;
    assert_string_equal(FILES({"l", LINKS}, {"p", "0.5 0.5\n"}),
                        "l - - - +p | l with p as weights");
    assert_string_equal(FOLDER({"l", LINKS}, {"p", "0.5 0.5\n"}, {"q", "0.5 0.5\n"}),
                        "l - - - | l; not used: p, q");
    assert_string_equal(FILES({"l", LINKS}, {"p", "0.5 0.5\n"}, {"q", "0.5 0.5\n"}),
                        "1 files: expected parts of one document, found l (links), p (numbers), q "
                        "(numbers)");
    assert_string_equal(FILES({"m.npy", ARRAY}, {"p", "0.5 0.5\n"}),
                        "1 files: expected the parts of one document, found m.npy (arrays), p "
                        "(weights)");
}

static void what_the_person_said_stays(void **state)
{
    (void)state;
    const Given both[] = {{"l", LINKS}, {"t", "a b\n"}};
    const DocOrigin source = {.source = "s.txt"}, target = {.target = "t.txt"};
    assert_string_equal(of_files(both, 2, &source), "l s.txt t - | l with t as target");
    assert_string_equal(of_files(both, 2, &target), "l t t.txt - | l with t as source");
    const DocOrigin all = {.source = "s", .target = "t"};
    assert_string_equal(of_files(both, 2, &all),
                        "1 files: expected no more files of text, found t (text)");
    const DocOrigin gold = {.gold = "g"};
    const Given links[] = {{"a", LINKS}, {"b", LINKS}};
    assert_string_equal(of_files(links, 2, &gold),
                        "1 files: expected at most two files of links, found a (links), b (links)");
    /* A format that is asked for is that of the first file. */
    const DocOrigin format = {.format = "nematus"};
    const Given odd[] = {{"x", "who knows\n"}, {"s", "a\n"}};
    assert_string_equal(of_files(odd, 2, &format), "x s - - | x with s as source");
}

static void a_folder_is_one_document(void **state)
{
    (void)state;
    assert_string_equal(FOLDER({"dev.align", LINKS}, {"dev.src", "a b\n"}, {"dev.tgt", "c d\n"},
                               {"dev.gold", LINKS}, {"LICENSE", "free\n"}),
                        "dev.align dev.src dev.tgt dev.gold | dev.align with dev.src as source, "
                        "dev.tgt as target, dev.gold as gold");
    assert_string_equal(FOLDER({"only.attn.json", OURS}), "only.attn.json - - - | ");
    assert_string_equal(FILES({"a.index.json", "{\"weight_map\": {}}"}, {"t.src", "a\n"}),
                        "a.index.json t.src - - | a.index.json with t.src as source");
    assert_string_equal(FOLDER({"m.json", FOREIGN}, {"1", "a\n"}, {"2", "a\n"}, {"3", "a\n"},
                               {"4", "a\n"}, {"5", "a\n"}, {"6", "a\n"}, {"7", "a\n"}, {"8", "a\n"},
                               {"9", "a\n"}),
                        "m.json - - - | m.json; not used: 1, 2, 3, 4, 5, 6, 7, 8 and 1 more");
    assert_string_equal(FOLDER({"d.attn.json", OURS}, {"q.npy", ARRAY}, {"t.txt", "words\n"}),
                        "d.attn.json - - - | d.attn.json; not used: t.txt");
    assert_string_equal(FOLDER({"m.json", FOREIGN}, {"p.gif", "GIF89a"}),
                        "m.json - - - | m.json; not used: p.gif");
    assert_string_equal(FOLDER({"pairs", "a ||| b\n"}), "pairs - - - | ");
}

static void what_is_unclear_is_refused_with_what_was_found(void **state)
{
    (void)state;
    assert_string_equal(FOLDER({"README", "x"}),
                        "1 folder: expected a file with weights, links or a document, found no "
                        "files");
    assert_string_equal(FOLDER({"p.gif", "GIF89a"}, {"t.txt", "words\n"}),
                        "1 folder: expected a file with weights, links or a document, found p.gif "
                        "(a GIF picture), t.txt (text)");
    assert_string_equal(FOLDER({"a.json", OURS}, {"b.json", OURS}),
                        "1 folder: expected one document, found a.json (a document), b.json (a "
                        "document)");
    assert_string_equal(FOLDER({"a.json", FOREIGN}, {"b.npy", ARRAY}, {"m", MARIAN}),
                        "1 folder: expected the parts of one document, found a.json (JSON or "
                        "HTML), b.npy (arrays), m (weights)");
    assert_string_equal(FOLDER({"a", LINKS}, {"b", LINKS}),
                        "1 folder: expected one file of links and one that is called gold, found "
                        "a (links), b (links)");
    assert_string_equal(FOLDER({"a", LINKS}, {"b", LINKS}, {"c", LINKS}),
                        "1 folder: expected at most two files of links, found a (links), b "
                        "(links), c (links)");
    assert_string_equal(FILES({"m", MARIAN}, {"a", LINKS}, {"b", LINKS}),
                        "1 files: expected at most one file of links beside the weights, found a "
                        "(links), b (links)");
    assert_string_equal(FILES({"l", LINKS}, {"a", "a\n"}, {"b", "b\n"}, {"c", "c\n"}),
                        "1 files: expected at most two files of text, source and target, found a "
                        "(text), b (text), c (text)");
    assert_string_equal(FILES({"l", LINKS}, {"p", "a ||| b\n"}, {"q", "a ||| b\n"}),
                        "1 files: expected at most one file of sentence pairs, found p (sentence "
                        "pairs), q (sentence pairs)");
    assert_string_equal(FILES({"l", LINKS}, {"p.gif", "GIF89a"}),
                        "1 files: expected parts of one document, found l (links), p.gif (a GIF "
                        "picture)");
    assert_string_equal(FILES({"d", OURS}, {"t", "a\n"}),
                        "1 files: expected nothing beside a document, found d (a document), t "
                        "(text)");
    assert_string_equal(FILES({"t", "a\n"}, {"u", "a\n"}),
                        "1 files: expected a file with weights, links or a document, found t "
                        "(text), u (text)");
}

static void folders_of_models_are_refused_by_what_they_lack(void **state)
{
    (void)state;
    assert_string_equal(FOLDER({"config.json", CONFIG}, {"merges.txt", "a b\n"}),
                        "1 folder: expected recorded attention (weights, or q and k, with their "
                        "tokens), found the parameters of a model: config.json (a model's part), "
                        "merges.txt (a model's part)");
    /* Recorded beside the model: that is what is opened. */
    assert_string_equal(FOLDER({"config.json", CONFIG}, {"attention.npy", ARRAY}),
                        "attention.npy - - - | attention.npy; not used: config.json");
    char path[600];
    static const char *const real[] = {"models/tiny_bert", "models/tiny_gpt2"};
    for (int i = 0; i < 2; i++) {
        if (!shared_data(path, sizeof path, real[i]))
            continue;
        LoadRequest in = {.path = path, .limits = load_limits_default()};
        assert_non_null(strstr(outcome(&in), "found the parameters of a model: config.json"));
        assert_non_null(strstr(outcome(&in), "model.safetensors (a model's part)"));
    }
}

static void a_large_folder_is_looked_into_as_far_as_64_files(void **state)
{
    (void)state;
    LoadRequest in = {.path = folder(), .limits = load_limits_default()};
    for (int i = 0; i < GATHER_MOST + 3; i++) {
        char name[20];
        snprintf(name, sizeof name, "f%02d.npy", i);
        check_put(check_path(in.path, name), ARRAY);
    }
    LoadRequest out;
    Arena arena;
    Error err = {0};
    char explain[2000];
    arena_init(&arena);
    assert_true(gather_request(&in, &out, &arena, explain, sizeof explain, &err));
    assert_int_equal(out.origin.more_count, GATHER_MOST - 1);
    assert_non_null(strstr(explain, "; 3 more files of the folder were not looked at"));
    assert_string_equal(path_base(out.path), "f00.npy");
    arena_free(&arena);
}

static void names_need_not_be_text(void **state)
{
    (void)state;
    assert_string_equal(FILES({"l\xFF", LINKS}, {"s\xFE", "a b\n"}),
                        "l\xFF s\xFE - - | l? with s? as source");
    const char *text = FILES({"l\xFF", OURS}, {"s\xFE", OURS});
    assert_non_null(strstr(text, "1 files: expected one document, found l"));
}

static void what_cannot_be_read_is_named(void **state)
{
    (void)state;
    const char *more[] = {"absent-too"};
    LoadRequest in = {.path = "absent", .limits = load_limits_default()};
    in.origin.more = more;
    in.origin.more_count = 1;
    assert_string_equal(outcome(&in), "4 absent: cannot be opened: expected a readable file, found "
                                      "\"No such file or directory\"");
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    LoadRequest in = {.path = folder(), .limits = load_limits_default()};
    const Given files[] = {
        {"l", LINKS}, {"a.src", "a b\n"}, {"b.tgt", "a b\n"}, {"g.gold", LINKS}, {"x", "GIF89a"}};
    put_files(in.path, files, 5);
    for (uint64_t n = 1; n < 400; n++) {
        Arena arena;
        LoadRequest out;
        Error err = {0};
        char explain[300];
        int64_t live = mem_live();
        arena_init(&arena);
        uint64_t before = mem_count();
        mem_fail_at(n, false);
        bool ok = gather_request(&in, &out, &arena, explain, sizeof explain, &err);
        bool failed = mem_count() - before >= n;
        mem_fail_at(0, false);
        arena_free(&arena);
        assert_int_equal(mem_live(), live);
        assert_true(ok || err.kind == ERROR_LIMIT);
        if (!failed) {
            assert_true(ok);
            return;
        }
    }
    fail_msg("never succeeded");
}

static void samples_open_by_their_folders(void **state)
{
    (void)state;
    static const struct {
        const char *folder;
        int sentences;
        const char *explain;
    } table[] = {
        {"gold/kftt-jaen", 582,
         "jaen.awesome-align.out with jaen.src-tgt as source and target, jaen.gold as gold"},
        {"nmt/marian", 5, "marian.out.lv with marian.src.en as source"},
        {"nmt/neuralmonkey", 5, "alignments.npy with src.en.bpe as source, out.lv.bpe as target"},
        {"nmt/marian-hard", 25, "align.expected with text.in as source"},
    };
    char path[600];
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        Document doc;
        Error err = {0};
        if (!shared_data(path, sizeof path, table[i].folder))
            continue;
        LoadRequest in = {.path = path, .limits = load_limits_default()};
        document_init(&doc);
        if (!load_document(&doc, &in, &err))
            fail_msg("%s: %s", table[i].folder, error_text(&err));
        assert_int_equal(doc.sentence_count, table[i].sentences);
        assert_int_equal(doc.bad_count, 0);
        assert_string_equal(doc.parts, table[i].explain);
        assert_int_equal(doc.warning_count, 0); /* nothing in it is wrong */
        document_free(&doc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lone_file_stays_as_it_is),
        cmocka_unit_test(token_files_go_to_what_has_the_weights),
        cmocka_unit_test(content_comes_before_names),
        cmocka_unit_test(links_beside_weights_are_gold),
        cmocka_unit_test(arrays_are_taken_together),
        cmocka_unit_test(numbers_alone_are_weights_of_links),
        cmocka_unit_test(what_the_person_said_stays),
        cmocka_unit_test(a_folder_is_one_document),
        cmocka_unit_test(what_is_unclear_is_refused_with_what_was_found),
        cmocka_unit_test(folders_of_models_are_refused_by_what_they_lack),
        cmocka_unit_test(a_large_folder_is_looked_into_as_far_as_64_files),
        cmocka_unit_test(names_need_not_be_text),
        cmocka_unit_test(what_cannot_be_read_is_named),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(samples_open_by_their_folders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
