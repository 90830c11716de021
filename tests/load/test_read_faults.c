/* The n-th look into a file fails, for every n until all goes well, in each format: a disk that
 * gives nothing back, a file that is gone or cut while it is read (the linker wraps these calls).
 */
#include "same_test.h"
#include "samples_test.h"

#include "load/lines.h"
#include "load/load.h"

typedef enum { OPEN, READ, UNCHANGED, SEEK, NEXT, END, FAULTS } Fault;

static struct {
    Fault call;
    bool on;
    int left; /* calls that go well before */
} fault;

static bool now(Fault call)
{
    return fault.on && fault.call == call && fault.left-- == 0;
}

static bool broken(Error *err)
{
    return error_set(err, ERROR_IO, "cannot be read: expected its bytes, found \"%s\"",
                     "Input/output error");
}

bool __real_file_open(File *file, const char *path, Error *err);
bool __real_file_read_at(const File *file, void *out, size_t size, uint64_t offset, Error *err);
bool __real_file_unchanged(const File *file, Error *err);
bool __real_lines_seek(Lines *lines, LinesPlace place, Error *err);
bool __real_lines_next(Lines *lines, Error *err);
bool __wrap_file_open(File *file, const char *path, Error *err);
bool __wrap_file_read_at(const File *file, void *out, size_t size, uint64_t offset, Error *err);
bool __wrap_file_unchanged(const File *file, Error *err);
bool __wrap_lines_seek(Lines *lines, LinesPlace place, Error *err);
bool __wrap_lines_next(Lines *lines, Error *err);

bool __wrap_file_open(File *file, const char *path, Error *err)
{
    if (!now(OPEN))
        return __real_file_open(file, path, err);
    file->fd = -1;
    return broken(err);
}

bool __wrap_file_read_at(const File *file, void *out, size_t size, uint64_t offset, Error *err)
{
    return now(READ) ? broken(err) : __real_file_read_at(file, out, size, offset, err);
}

bool __wrap_file_unchanged(const File *file, Error *err)
{
    return now(UNCHANGED) ? error_set(err, ERROR_IO, "changed on disk while it was read")
                          : __real_file_unchanged(file, err);
}

bool __wrap_lines_seek(Lines *lines, LinesPlace place, Error *err)
{
    return now(SEEK) ? broken(err) : __real_lines_seek(lines, place, err);
}

bool __wrap_lines_next(Lines *lines, Error *err)
{
    if (now(END))
        return false; /* as after the last line */
    return now(NEXT) ? broken(err) : __real_lines_next(lines, err);
}

/* Every sentence is looked at, so that what is read late is read too. */
static bool open_all(Document *doc, const LoadRequest *request, Error *err)
{
    if (!open_and_look(doc, request, err))
        return false;
    for (int i = doc->sentence_count - 1; i >= 0; i--) {
        if (!document_open_sentence(doc, i, err) && err->kind != ERROR_MALFORMED)
            return false;
    }
    return true;
}

/* Returns how many of these calls there are. */
static int fail_each(const Sample *s, const LoadRequest *request, Fault call)
{
    int64_t live = mem_live();
    for (int n = 0;; n++) {
        Document doc;
        Error err = {0};
        document_init(&doc);
        fault.call = call;
        fault.left = n;
        fault.on = true;
        bool ok = open_all(&doc, request, &err);
        fault.on = false;
        document_free(&doc);
        if (mem_live() != live)
            fail_msg("%s, fault %d, call %d: %lld blocks are left", s->name, call, n,
                     (long long)(mem_live() - live));
        if (fault.left >= 0) { /* there are no more */
            if (!ok)
                fail_msg("%s: %s", s->name, error_text(&err));
            return n;
        }
        /* A file that ends early is another one, which may be at fault itself. */
        if (!ok && err.kind != ERROR_IO && call != END)
            fail_msg("%s, fault %d, call %d: %s", s->name, call, n, error_text(&err));
        if (!ok && !err.what[0])
            fail_msg("%s, fault %d, call %d: no message", s->name, call, n);
    }
}

static void every_look_into_a_file_may_fail(void **state)
{
    (void)state;
    const char *dir = check_temp_dir();
    int tried[FAULTS] = {0};
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        Wish w;
        wish_of(&w, &SAMPLES[i], dir);
        for (int call = 0; call < FAULTS; call++)
            tried[call] += fail_each(&SAMPLES[i], &w.request, (Fault)call);
    }
    for (int call = 0; call < FAULTS; call++)
        assert_true(tried[call] > 20);
    print_message("%d files could not be opened, %d looks failed\n", tried[OPEN], tried[READ]);
}

static void what_cannot_be_looked_at_is_of_no_kind(void **state)
{
    (void)state;
    for (int call = OPEN; call <= READ; call++) {
        fault.call = (Fault)call;
        fault.left = 0;
        fault.on = true;
        const char *kind = load_kind(LOAD_DATA "npz/two.npz");
        fault.on = false;
        assert_string_equal(kind, "");
    }
    assert_true(load_kind(LOAD_DATA "npz/two.npz")[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_look_into_a_file_may_fail),
        cmocka_unit_test(what_cannot_be_looked_at_is_of_no_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
