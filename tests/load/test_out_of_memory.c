/* The n-th allocation fails, once or ever after, for every n until all goes well: each format that
 * is opened, each that is written. No crash, no leak, one message, and what was there is kept.
 */
#include "same_test.h"

#include "load/convert.h"
#include "load/save.h"

#include <unistd.h>

/* Nothing has to reach the disk, and that would take most of the time. */
int fsync(int fd)
{
    return fd < 0 ? -1 : 0;
}

/* An arena asks for blocks of 64 KB, so a small document would meet two failures in all: here each
 * thing that is put into one counts as an allocation (the linker wraps these two). */
void *__real_arena_alloc(Arena *arena, size_t count, size_t size);
char *__real_arena_text(Arena *arena, const char *text, size_t length);
void *__wrap_arena_alloc(Arena *arena, size_t count, size_t size);
char *__wrap_arena_text(Arena *arena, const char *text, size_t length);

static bool may_pass(void)
{
    void *one = mem_alloc(1);
    mem_free(one);
    return one != NULL;
}

void *__wrap_arena_alloc(Arena *arena, size_t count, size_t size)
{
    return may_pass() ? __real_arena_alloc(arena, count, size) : NULL;
}

char *__wrap_arena_text(Arena *arena, const char *text, size_t length)
{
    return may_pass() ? __real_arena_text(arena, text, length) : NULL;
}

/* A file of a table: a sample, or its content. */
typedef struct {
    const char *name, *content; /* NULL: below tests/data/load */
    const char *companion;      /* a second file, NAME\nCONTENT */
} Sample;

#define NEMATUS                                                                                    \
    "0 ||| b d ||| -1.5 ||| a c ||| 3 3\n0.7 0.2 0.1 \n0.1 0.8 0.1 \n0.1 0.1 0.8 \n\n"             \
    "1 ||| x@@ z ||| -2 ||| y ||| 3 2\n0.25 0.75\n0.5 0.5\n0.5 0.5\n\n"
#define BASE64_PNG                                                                                 \
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="

static const Sample SAMPLES[] = {
    {"rows.attn.json", NULL, NULL},
    {"all_fields.attn.json", NULL, NULL},
    {"base64.attn.json", NULL, NULL},
    {"files.attn.json", NULL, NULL},
    {"index.attn.json", NULL, NULL},
    {"padding.attn.json", NULL, NULL},
    {"picture.attn.json", NULL, NULL},
    {"sentences.attn.json", NULL, NULL},
    {"lines.jsonl", NULL, NULL},
    {"picture.json",
     "{\"attnscope\": 1, \"image\": {\"rows\": 1, \"cols\": 1, \"base64\": \"" BASE64_PNG
     "\"}, \"layers\": [{\"weights\": [[[1]]]}]}",
     NULL},
    {"tensors/model.safetensors", NULL, NULL},
    {"tensors/model.safetensors.index.json", NULL, NULL},
    {"tensors/qkv.npz", NULL, NULL},
    {"tensors/recorded.npz", NULL, NULL},
    {"tensors/batch.npz", NULL, NULL},
    {"tensors/series.npz", NULL, NULL},
    {"tensors/savez.npz", NULL, NULL},
    {"npz/two_deflated.npz", NULL, NULL},
    {"tensors/alignments.npy", NULL, NULL},
    {"foreign/bertviz_head.html", NULL, NULL},
    {"foreign/bertviz_model.html", NULL, NULL},
    {"foreign/bertviz_neuron.html", NULL, NULL},
    {"foreign/circuitsvis.html", NULL, NULL},
    {"foreign/inspectus.html", NULL, NULL},
    {"foreign/ctranslate2.json", NULL, NULL},
    {"foreign/nematus_lines.json", NULL, NULL},
    {"foreign/seq2seq_vis.json", NULL, NULL},
    {"foreign/five_levels.json", NULL, NULL},
    {"dump.nematus", NEMATUS, NULL},
    {"dump.sockeye", "0 ||| b d ||| -1.5 ||| a ||| 1 ||| 2\n0.7 0.3\n\n", NULL},
    {"dump.marian", "b d ||| 0.7,0.2,0.1 0.1,0.8,0.1 0.1,0.1,0.8\n", "dump.src\na c\n"},
    {"dump.pharaoh", "0-0 1-1\n0-1 1p0\n", "dump.pairs\na c ||| b d\ne f ||| g h\n"},
    {"dump.a3",
     "# Sentence pair (1) source length 2 target length 2 alignment score : 0.1\n"
     "b d\nNULL ({ }) a ({ 1 }) c ({ 2 })\n",
     NULL},
    {"dump.fairseq", "S-0\ta c\nH-0\t-1\tb d\nD-0\t-1\tb d\nP-0\t-1 -1 -1\nA-0\t0-0 1-1\n", NULL},
};
enum { SAMPLE_COUNT = sizeof SAMPLES / sizeof *SAMPLES };

typedef struct {
    LoadRequest request;
    const char *path, *source;
} Wish;

static Wish wish_of(const Sample *s, const char *dir)
{
    Wish w = {.source = NULL};
    if (!s->content) {
        static char path[600];
        snprintf(path, sizeof path, "%s%s", LOAD_DATA, s->name);
        w.path = path;
    } else {
        w.path = check_path(dir, s->name);
        check_put(w.path, s->content);
    }
    if (s->companion) {
        char name[64];
        size_t length = strcspn(s->companion, "\n");
        snprintf(name, sizeof name, "%.*s", (int)length, s->companion);
        w.source = check_path(dir, name);
        check_put(w.source, s->companion + length + 1);
    }
    w.request = (LoadRequest){.path = w.path, .limits = load_limits_default()};
    w.request.origin.source = w.source;
    return w;
}

/* What a person does first: opens it, looks at the first sentence. */
static bool open_and_look(Document *doc, const LoadRequest *request, Error *err)
{
    AttnInput input;
    if (!load_document(doc, request, err) || !document_open_sentence(doc, 0, err))
        return false;
    Error other = {0}; /* heads that have no scores say so, which is no fault */
    if (!document_select(doc, 0, 0, 0, &input, &other) && other.kind == ERROR_LIMIT)
        return error_set(err, other.kind, "%s", other.what);
    return true;
}

static int unclean; /* answers: all are shown before the test fails */

/* A clean answer: it went well all the same, or memory is what was short. */
static void expect_clean(const char *name, uint64_t n, bool ok, const Error *err)
{
    if (ok || (err->kind == ERROR_LIMIT && strstr(err->what, "memory")))
        return;
    print_error("%s, allocation %llu: %s\n", name, (unsigned long long)n, error_text(err));
    unclean++;
}

/* Returns how many allocations it takes; 0: it does not open at all. */
static uint64_t fail_opening(const Sample *s, const LoadRequest *request, bool ever_after)
{
    int64_t start = mem_live();
    for (uint64_t n = 1;; n++) {
        Document doc;
        Error err = {0};
        document_init(&doc);
        uint64_t before = mem_count();
        mem_fail_at(n, ever_after);
        bool ok = open_and_look(&doc, request, &err);
        mem_fail_at(0, false);
        bool over = mem_count() - before < n;
        document_free(&doc);
        if (mem_live() != start)
            fail_msg("%s, allocation %llu: %lld blocks are left", s->name, (unsigned long long)n,
                     (long long)(mem_live() - start));
        if (over && !ok)
            fail_msg("%s: %s", s->name, error_text(&err));
        if (over)
            return n - 1;
        expect_clean(s->name, n, ok, &err);
    }
}

static void every_format_is_opened_without_memory(void **state)
{
    (void)state;
    const char *dir = check_temp_dir();
    uint64_t tried = 0;
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        Wish w = wish_of(&SAMPLES[i], dir);
        for (int ever_after = 0; ever_after < 2; ever_after++) {
            uint64_t count = fail_opening(&SAMPLES[i], &w.request, ever_after);
            assert_true(count >= 5);
            tried += count;
        }
    }
    assert_int_equal(unclean, 0);
    print_message("%llu allocations of %d samples\n", (unsigned long long)tried, SAMPLE_COUNT);
}

/* A document that is open stays as it is when another cannot be opened beside it. */
static void the_open_document_is_kept(void **state)
{
    (void)state;
    const char *dir = check_temp_dir();
    Document doc;
    must_open(&doc, LOAD_DATA "rows.attn.json");
    uint64_t key = doc.key;
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        Wish w = wish_of(&SAMPLES[i], dir);
        for (uint64_t n = 1; n < 400; n = n * 3 / 2 + 1) {
            Error err = {0};
            mem_fail_at(n, true);
            bool ok = load_document(&doc, &w.request, &err);
            mem_fail_at(0, false);
            if (ok) {
                document_free(&doc);
                must_open(&doc, LOAD_DATA "rows.attn.json");
                key = doc.key;
                break;
            }
            assert_true(doc.key == key && doc.sentence_count == 1);
        }
    }
    document_free(&doc);
}

static void fail_writing(Document *doc, const char *name, int kind, const char *path,
                         bool ever_after)
{
    ConvertPlan plan = convert_plan();
    plan.sentence = kind == CONVERT_ATTN || kind == CONVERT_COUNT ? -1 : 0;
    plan.layer = plan.head = kind == CONVERT_CSV ? 0 : -1;
    int64_t start = mem_live();
    for (uint64_t n = 1;; n++) {
        Error err = {0};
        check_put(path, "old");
        uint64_t before = mem_count();
        mem_fail_at(n, ever_after);
        bool ok = kind == CONVERT_COUNT ? save_document(doc, NULL, 0, path, &err)
                                        : convert_document(doc, (Convert)kind, &plan, path, &err);
        mem_fail_at(0, false);
        bool over = mem_count() - before < n;
        if (!doc->corpus.self && mem_live() != start) /* a corpus keeps another sentence */
            fail_msg("%s to %s, allocation %llu: %lld blocks are left", name, path,
                     (unsigned long long)n, (long long)(mem_live() - start));
        if (!ok)
            check_content(path, "old");
        if (over)
            return;
        if (err.kind != ERROR_USAGE) /* a head that the format cannot hold */
            expect_clean(name, n, ok, &err);
    }
}

static void every_format_is_written_without_memory(void **state)
{
    (void)state;
    static const char *const names[] = {"x.attn.json", "x.npz", "x.safetensors", "x.csv",
                                        "s.attn.json"};
    char dir[400];
    snprintf(dir, sizeof dir, "%s", check_temp_dir());
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        Wish w = wish_of(&SAMPLES[i], dir);
        Document doc;
        Error err = {0};
        int64_t start = mem_live();
        document_init(&doc);
        if (!open_and_look(&doc, &w.request, &err))
            fail_msg("%s: %s", SAMPLES[i].name, error_text(&err));
        for (int kind = 0; kind <= CONVERT_COUNT; kind++) {
            const char *path = check_path(dir, names[kind]);
            fail_writing(&doc, SAMPLES[i].name, kind, path, false);
            fail_writing(&doc, SAMPLES[i].name, kind, path, true);
        }
        document_free(&doc);
        assert_int_equal(mem_live(), start);
    }
    assert_int_equal(unclean, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_is_opened_without_memory),
        cmocka_unit_test(the_open_document_is_kept),
        cmocka_unit_test(every_format_is_written_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
