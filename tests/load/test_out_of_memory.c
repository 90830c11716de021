/* The n-th allocation fails, once or ever after, for every n until all goes well: each format that
 * is opened, each that is written. No crash, no leak, one message, and what was there is kept.
 */
#include "same_test.h"
#include "samples_test.h"

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
        Wish w;
        wish_of(&w, &SAMPLES[i], dir);
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
        Wish w;
        wish_of(&w, &SAMPLES[i], dir);
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

static void leave_out(void *context, const char *text)
{
    int *count = context;
    *count += text[0] != '\0';
}

typedef struct {
    Document *doc;
    const Wish *wish;
    const char *name, *path;
    int kind, left_out;
} Writing;

static bool write_once(Writing *w, Error *err)
{
    ConvertPlan plan = convert_plan();
    plan.sentence = w->kind == CONVERT_ATTN || w->kind == CONVERT_COUNT ? -1 : 0;
    plan.layer = plan.head = w->kind == CONVERT_CSV ? 0 : -1;
    plan.note = leave_out;
    plan.context = &w->left_out;
    w->left_out = 0;
    return w->kind == CONVERT_COUNT
               ? save_document(w->doc, NULL, 0, w->path, err)
               : convert_document(w->doc, (Convert)w->kind, &plan, w->path, err);
}

/* A sentence of a corpus that could not be read for want of memory says so until another one was
 * shown: it is opened anew. */
static void open_again(const Writing *w)
{
    Error err = {0};
    check_put(w->path, "old");
    if (!w->doc->corpus.self)
        return;
    document_free(w->doc);
    document_init(w->doc);
    if (!open_and_look(w->doc, &w->wish->request, &err))
        fail_msg("%s: %s", w->name, error_text(&err));
}

static void fail_writing(Writing *w, bool ever_after)
{
    Error usual = {0}; /* a head that the format cannot hold, a sentence that cannot be read */
    (void)write_once(w, &usual);
    int left_out = w->left_out;
    int64_t start = mem_live();
    for (uint64_t n = 1;; n++) {
        Error err = {0};
        open_again(w);
        uint64_t before = mem_count();
        mem_fail_at(n, ever_after);
        bool ok = write_once(w, &err);
        mem_fail_at(0, false);
        bool over = mem_count() - before < n;
        if (!w->doc->corpus.self && mem_live() != start) /* a corpus keeps another sentence */
            fail_msg("%s to %s, allocation %llu: %lld blocks are left", w->name, w->path,
                     (unsigned long long)n, (long long)(mem_live() - start));
        if (!ok)
            check_content(w->path, "old");
        else if (w->left_out != left_out)
            fail_msg("%s to %s, allocation %llu: %d sentences are left out, not %d", w->name,
                     w->path, (unsigned long long)n, w->left_out, left_out);
        if (over)
            return;
        if (err.kind != usual.kind || strcmp(err.what, usual.what) != 0)
            expect_clean(w->name, n, ok, &err);
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
        Wish w;
        wish_of(&w, &SAMPLES[i], dir);
        Document doc;
        Error err = {0};
        int64_t start = mem_live();
        document_init(&doc);
        if (!open_and_look(&doc, &w.request, &err))
            fail_msg("%s: %s", SAMPLES[i].name, error_text(&err));
        for (int kind = 0; kind <= CONVERT_COUNT; kind++) {
            Writing writing = {.doc = &doc,
                               .wish = &w,
                               .name = SAMPLES[i].name,
                               .path = check_path(dir, names[kind]),
                               .kind = kind};
            fail_writing(&writing, false);
            fail_writing(&writing, true);
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
