/* Documents written while the system fails, or while the writer is killed. */
#include "support/write_faults.h"

#include "same_test.h"

#include "load/convert.h"
#include "load/save.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static const char *const NAMES[] = {"x.attn.json", "x.npz", "x.safetensors", "x.csv"};
enum { SAVE = CONVERT_COUNT, WRITERS };

static void open_small(Document *doc, bool source)
{
    must_open(doc, TEST_SOURCE_DIR "/examples/three-tokens/three-tokens.attn.json");
    if (!source)
        buf_free(&doc->source);
}

static bool write_as(Document *doc, int writer, const char *path, bool *unwritten, Error *err)
{
    ConvertPlan plan = convert_plan();
    DocSetting settings[] = {{"temperature", "0.5"}};
    plan.unwritten = unwritten;
    *unwritten = true;
    return writer == SAVE ? save_document(doc, settings, 1, path, err)
                          : convert_document(doc, (Convert)writer, &plan, path, err);
}

static const char *name_of(const char *dir, int writer)
{
    return check_path(dir, NAMES[writer == SAVE ? CONVERT_ATTN : writer]);
}

static bool try_fault(Document *doc, const char *dir, int writer, FaultCall call, int nth, int why)
{
    const char *path = name_of(dir, writer);
    Error err = {0};
    bool unwritten = false, late = call == FAULT_DIR_OPEN || call == FAULT_DIR_FSYNC;
    check_put(path, "old");
    fault_set(call, nth, why, 977);
    bool ok = write_as(doc, writer, path, &unwritten, &err);
    if (!fault_end())
        return false;
    assert_int_equal(ok, fault_is_harmless(call, why));
    assert_int_equal(fault_entries(dir), 1);
    if (!ok) {
        assert_true(unwritten);
        assert_int_equal(err.kind, ERROR_IO);
        assert_non_null(strstr(err.what, strerror(why)));
    }
    if (!ok && !late)
        check_content(path, "old");
    unlink(path);
    return true;
}

static void every_fault_leaves_the_old_document(void **state)
{
    (void)state;
    const char *dir = check_temp_dir();
    Document doc;
    open_small(&doc, false);
    int64_t live = mem_live();
    for (int writer = 0; writer < WRITERS; writer++) {
        for (int call = FAULT_OPEN; call < FAULT_COUNT; call++) {
            for (int i = 0; i < FAULT_REASON_COUNT; i++) {
                int nth = 1;
                while (try_fault(&doc, dir, writer, (FaultCall)call, nth, FAULT_REASONS[i]))
                    nth++;
                assert_true(nth > 1);
                unlink(name_of(dir, writer));
            }
        }
    }
    assert_int_equal(mem_live(), live);
    document_free(&doc);
}

static void a_file_that_may_not_grow_keeps_the_old_document(void **state)
{
    (void)state;
    const char *dir = check_temp_dir();
    struct rlimit before, small = {64, 64};
    Document doc;
    open_small(&doc, true);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small.rlim_max = before.rlim_max;
    for (int writer = 0; writer < WRITERS; writer++) {
        Error err = {0};
        bool unwritten = false;
        const char *path = name_of(dir, writer);
        check_put(path, "old");
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        bool ok = write_as(&doc, writer, path, &unwritten, &err);
        setrlimit(RLIMIT_FSIZE, &before);
        assert_false(ok);
        assert_true(unwritten);
        assert_non_null(strstr(err.what, "found \"File too large\""));
        check_content(path, "old");
        assert_int_equal(fault_entries(dir), 1);
        unlink(path);
    }
    signal(SIGXFSZ, SIG_DFL);
    document_free(&doc);
}

/* A matrix of more than a megabyte passes in pieces: nothing is made of it after the first failed.
 */
static void a_large_matrix_ends_with_the_first_write_that_fails(void **state)
{
    (void)state;
    const char *path = check_path(check_temp_dir(), "x.attn.json");
    Document doc;
    ConvertPlan plan = convert_plan();
    Error err = {0};
    open_small(&doc, false);
    DocMatrix *m = &doc.sentences[0].layers[0].heads[0].q;
    m->rows = 1 << 20; /* one row again and again */
    m->step = 0;
    fault_set(FAULT_WRITE, 1, ENOSPC, 0);
    assert_false(convert_document(&doc, CONVERT_ATTN, &plan, path, &err));
    assert_int_equal(fault.seen, 1);
    assert_true(fault_end());
    assert_int_equal(err.kind, ERROR_IO);
    assert_false(file_stamp(path, &(FileStamp){0}));
    document_free(&doc);
}

/* Writes two documents of the same name by turns until it is killed. */
static void write_for_ever(const char *path, bool save)
{
    Document a, b;
    ConvertPlan plan = convert_plan();
    DocSetting other[] = {{"temperature", "0.5"}};
    must_open(&a, TEST_SOURCE_DIR "/examples/arabic-english/arabic-english.attn.json");
    must_open(&b, TEST_SOURCE_DIR "/examples/shopping/shopping.attn.json");
    for (;;) {
        if (save) {
            save_document(&a, other, 1, path, NULL);
            save_document(&b, other, 1, path, NULL);
        } else {
            convert_document(&a, CONVERT_ATTN, &plan, path, NULL);
            convert_document(&b, CONVERT_ATTN, &plan, path, NULL);
        }
    }
}

static void two_hundred_killed_writers_tear_nothing(void **state)
{
    (void)state;
    enum { KILLS = 200 };
    const char *dir = check_temp_dir(), *path = check_path(dir, "f.attn.json");
    uint32_t random = 12345;
    int changed = 0;
    uint64_t size = 0;
    check_put(path, "{\"attnscope\": 1, \"tokens\": [\"a\"], \"layers\": [{\"heads\": "
                    "[{\"weights\": [[1]]}]}]}");
    for (int i = 0; i < KILLS; i++) {
        Document doc;
        FileStamp stamp;
        pid_t child = fork();
        if (child == 0)
            write_for_ever(path, i % 2);
        random = random * 1664525u + 1013904223u;
        usleep(1000 + (random >> 8) % 9000);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        must_open(&doc, path); /* whole: it opens */
        document_free(&doc);
        assert_true(file_stamp(path, &stamp));
        changed += stamp.size != size;
        size = stamp.size;
        file_sweep(dir);
        assert_int_equal(fault_entries(dir), 1);
    }
    print_message("%d of %d found another size\n", changed, KILLS);
    assert_true(changed > 10); /* else they were killed before they wrote */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fault_leaves_the_old_document),
        cmocka_unit_test(a_file_that_may_not_grow_keeps_the_old_document),
        cmocka_unit_test(a_large_matrix_ends_with_the_first_write_that_fails),
        cmocka_unit_test(two_hundred_killed_writers_tear_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
