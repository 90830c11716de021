#include "support/check.h"
#include "base/file.h"
#include "base/mem.h"

#include <ftw.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_ROOM = 1024, TEMP_MOST = 64, GOLDEN_MOST = 64 << 20 };

bool shared_data(char *out, size_t cap, const char *relative)
{
    struct stat st;
    if (path_join(out, cap, TEST_SHARED_DIR, relative) && stat(out, &st) == 0)
        return true;
    printf("SKIPPED: needs %s\n", relative);
    return false;
}

char *check_read(const char *path, size_t *size)
{
    Buf buf;
    Error err = {0};
    buf_init(&buf, GOLDEN_MOST);
    if (!file_read_all(path, GOLDEN_MOST, &buf, NULL, &err) || !buf_reserve(&buf, 0))
        fail_msg("%s: %s", path, err.what);
    if (size)
        *size = buf.size;
    return buf.data;
}

const char *check_path(const char *dir, const char *name)
{
    static char paths[8][PATH_MAX];
    static int next;
    char *out = paths[next++ % 8];
    assert_true(path_join(out, PATH_MAX, dir, name));
    return out;
}

void check_put(const char *path, const char *text)
{
    Error err = {0};
    if (!file_write_atomic(path, text, strlen(text), &err))
        fail_msg("%s", err.what);
}

void check_content(const char *path, const char *want)
{
    size_t size = 0;
    char *text = check_read(path, &size);
    assert_int_equal(size, strlen(want));
    assert_string_equal(text, want);
    mem_free(text);
}

static void check_write(const char *path, const char *text, size_t length)
{
    char dir[PATH_ROOM];
    Error err = {0};
    if (!path_dir(dir, sizeof dir, path) || !file_make_dirs(dir, &err) ||
        !file_write_atomic(path, text, length, &err))
        fail_msg("%s: %s", path, err.what);
}

/* Length of the line at text, without its end. */
static int line_length(const char *text, const char *end)
{
    const char *stop = memchr(text, '\n', (size_t)(end - text));
    return (int)((stop ? stop : end) - text);
}

/* ---- the difference, as a unified diff of one hunk ------------------------- */

enum { DIFF_AROUND = 3, DIFF_LINES = 40 };

typedef struct {
    const char *text, *end;
    size_t lines;
} DiffSide;

static const char *next_line(const char *at, const char *end)
{
    at += line_length(at, end);
    return at < end ? at + 1 : at;
}

static DiffSide diff_side(const char *text, size_t length)
{
    DiffSide side = {text, text + length, 0};
    for (const char *at = side.text; at < side.end; at = next_line(at, side.end))
        side.lines++;
    return side;
}

static const char *diff_line(const DiffSide *side, size_t index)
{
    const char *at = side->text;
    while (index-- > 0)
        at = next_line(at, side->end);
    return at;
}

static bool diff_same(const DiffSide *a, size_t i, const DiffSide *b, size_t j)
{
    const char *x = diff_line(a, i), *y = diff_line(b, j);
    int n = line_length(x, a->end);
    return n == line_length(y, b->end) && memcmp(x, y, (size_t)n) == 0;
}

static void diff_put(Buf *out, char sign, const DiffSide *side, size_t first, size_t end)
{
    size_t stop = end - first > DIFF_LINES ? first + DIFF_LINES : end;
    const char *at = diff_line(side, first);
    for (size_t i = first; i < stop; i++, at = next_line(at, side->end)) {
        buf_byte(out, sign);
        buf_append(out, at, (size_t)line_length(at, side->end));
        buf_byte(out, '\n');
    }
    if (stop < end)
        buf_printf(out, "\\ %zu more lines with %c\n", end - stop, sign);
}

/* From the first to the last line that differs, each side cut after DIFF_LINES. */
static void diff_text(Buf *out, const char *name, const DiffSide *a, const DiffSide *b)
{
    size_t least = a->lines < b->lines ? a->lines : b->lines, head = 0, tail = 0;
    while (head < least && diff_same(a, head, b, head))
        head++;
    while (tail < least - head && diff_same(a, a->lines - 1 - tail, b, b->lines - 1 - tail))
        tail++;
    size_t from = head > DIFF_AROUND ? head - DIFF_AROUND : 0,
           after = tail < DIFF_AROUND ? tail : DIFF_AROUND;
    buf_printf(out, "--- golden %s\n+++ actual %s\n@@ -%zu,%zu +%zu,%zu @@\n", name, name, from + 1,
               a->lines - tail + after - from, from + 1, b->lines - tail + after - from);
    diff_put(out, ' ', a, from, head);
    diff_put(out, '-', a, head, a->lines - tail);
    diff_put(out, '+', b, head, b->lines - tail);
    diff_put(out, ' ', a, a->lines - tail, a->lines - tail + after);
}

static void write_diff(const char *actual, const char *name, const char *want, size_t want_length,
                       const char *got, size_t got_length)
{
    char path[PATH_ROOM];
    Buf out;
    DiffSide a = diff_side(want, want_length), b = diff_side(got, got_length);
    assert_true(snprintf(path, sizeof path, "%s.diff", actual) < (int)sizeof path);
    buf_init(&out, BUF_NO_LIMIT);
    diff_text(&out, name, &a, &b);
    check_write(path, out.data, out.size);
    buf_free(&out);
}

static void report_difference(const char *name, const char *want, size_t want_length,
                              const char *got, size_t got_length, const char *actual)
{
    size_t same = 0, start = 0;
    int line = 1;
    while (same < want_length && same < got_length && want[same] == got[same]) {
        if (want[same++] == '\n') {
            line++;
            start = same;
        }
    }
    fail_msg("golden %s differs in line %d:\n  expected: %.*s%s\n  found:    %.*s%s\n"
             "  actual text: %s (UPDATE_GOLDEN=1 accepts it)",
             name, line, line_length(want + start, want + want_length), want + start,
             same == want_length ? "[the end]" : "", line_length(got + start, got + got_length),
             got + start, same == got_length ? "[the end]" : "", actual);
}

void check_text_golden(const char *name, const char *text, size_t length)
{
    char path[PATH_ROOM], actual[PATH_ROOM];
    FileStamp stamp;
    size_t want_length = 0;
    assert_true(path_join(path, sizeof path, TEST_GOLDEN_DIR, name));
    assert_true(path_join(actual, sizeof actual, TEST_BINARY_DIR "/golden", name));
    const char *update = getenv("UPDATE_GOLDEN");
    if (update && strcmp(update, "1") == 0) {
        check_write(path, text, length);
        return;
    }
    if (!file_stamp(path, &stamp)) {
        check_write(actual, text, length);
        fail_msg("golden %s is missing: look at %s, then run with UPDATE_GOLDEN=1", name, actual);
    }
    char *want = check_read(path, &want_length);
    if (want_length != length || (length > 0 && memcmp(want, text, length) != 0)) {
        check_write(actual, text, length);
        write_diff(actual, name, want, want_length, text, length);
        report_difference(name, want, want_length, text, length, actual);
    }
    mem_free(want);
}

/* The folders made so far; static because atexit hands over no argument. */
static char temp_dirs[TEMP_MOST][PATH_ROOM];
static int temp_count;

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *walk)
{
    (void)st;
    (void)kind;
    (void)walk;
    return remove(path);
}

static void remove_temp_dirs(void)
{
    for (int i = 0; i < temp_count; i++)
        nftw(temp_dirs[i], remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

char *check_temp_dir(void)
{
    const char *root = getenv("TMPDIR");
    assert_true(temp_count < TEMP_MOST);
    char *dir = temp_dirs[temp_count];
    snprintf(dir, PATH_ROOM, "%s/attnscope-test-XXXXXX", root && root[0] ? root : "/tmp");
    if (!mkdtemp(dir))
        fail_msg("cannot make the folder %s", dir);
    if (temp_count++ == 0)
        atexit(remove_temp_dirs);
    return dir;
}

void check_close_at(double got, double want, double tol, const char *what, const char *file,
                    int line)
{
    bool same = got == want || (isnan(got) && isnan(want));
    double size = fabs(want) > 1 ? fabs(want) : 1;
    if (same || (isfinite(got) && isfinite(want) && fabs(got - want) <= tol * size))
        return;
    print_error("%s is %.17g: expected %.17g within %g\n", what, got, want, tol);
    _fail(file, line);
}

void check_error_at(const Error *err, ErrorKind kind, const char *want, const char *file, int line)
{
    char got[sizeof *err];
    error_line(err, NULL, got, sizeof got);
    if (err->kind == kind && strcmp(got, want) == 0)
        return;
    print_error("error %d \"%s\": expected %d \"%s\"\n", (int)err->kind, got, (int)kind, want);
    _fail(file, line);
}
