/* More bytes than a file may have that is opened: said, not refused. */
#include "same_test.h"

#include "load/convert.h"
#include "load/limits.h"

#include <sys/syscall.h>
#include <unistd.h>

static struct {
    bool on;
    uint64_t bytes;
} swallow;

/* A quarter of a gigabyte is counted, not kept. */
ssize_t write(int fd, const void *data, size_t size)
{
    if (!swallow.on)
        return syscall(SYS_write, fd, data, size);
    swallow.bytes += size;
    return (ssize_t)size;
}

int fsync(int fd)
{
    return fd < 0 ? -1 : 0;
}

static void note(void *context, const char *line)
{
    snprintf(context, 200, "%s", line);
}

static void what_needs_a_higher_limit_to_be_opened_is_told(void **state)
{
    (void)state;
    static const char text[] =
        "{\"attnscope\": 1, \"tokens\": [\"a\"], \"layers\": [{\"weights\": [[[1]]]}]}";
    char told[200] = "", want[200];
    Document doc;
    Error err = {0};
    LoadRequest request = request_of("");
    ConvertPlan plan = convert_plan();
    plan.note = note;
    plan.context = told;
    assert_true(load_text(&doc, text, strlen(text), &request, &err));
    buf_free(&doc.source);
    DocMatrix *m = &doc.sentences[0].layers[0].heads[0].weights;
    m->step = 0;
    for (int i = 0; i < 2; i++) {
        m->rows = i ? 51 << 20 : 1; /* the one row again and again: 4 bytes, 16/3 as base64 */
        swallow.on = true;
        swallow.bytes = 0;
        bool ok = convert_document(&doc, CONVERT_ATTN, &plan,
                                   check_path(check_temp_dir(), "x.attn.json"), &err);
        swallow.on = false;
        if (!ok)
            fail_msg("%s", error_text(&err));
        assert_int_equal(swallow.bytes > limits_value(NULL, LIMIT_FILE_BYTES), i);
        if (i == 0)
            assert_string_equal(told, "");
    }
    snprintf(want, sizeof want,
             "%llu bytes were written: opening them needs --limit-file-bytes %llu",
             (unsigned long long)swallow.bytes, (unsigned long long)swallow.bytes);
    assert_string_equal(told, want);
    document_free(&doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_needs_a_higher_limit_to_be_opened_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
