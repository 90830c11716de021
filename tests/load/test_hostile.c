/* What is no file, what may not be read, and what changes while it is read: each an error by name,
 * at once, and nothing is left behind. */
#include "load_test.h"

#include "load/load.h"
#include "load/load_npy.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define SMALL "{\"attnscope\":1,\"tokens\":[\"a\"],\"layers\":[{\"heads\":[{\"weights\":[[1]]}]}]}"

static const char *open_line(const char *path)
{
    Document doc;
    Error err = {0};
    LoadRequest request = request_of(path);
    document_init(&doc);
    bool ok = load_document(&doc, &request, &err);
    document_free(&doc);
    return ok ? "opened" : error_text(&err);
}

static void what_is_no_file_is_refused_and_never_waited_for(void **state)
{
    (void)state;
    char dir[400];
    snprintf(dir, sizeof dir, "%s", check_temp_dir());
    const char *pipe_path = check_path(dir, "pipe.json"), *link = check_path(dir, "link.json"),
               *round = check_path(dir, "round.json"), *to_pipe = check_path(dir, "to-pipe.json"),
               *bound = check_path(dir, "s.json");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", bound);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    assert_int_equal(symlink("nowhere.json", link), 0);
    assert_int_equal(symlink("round.json", round), 0);
    assert_int_equal(symlink(pipe_path, to_pipe), 0);
    const struct {
        const char *path, *want;
    } cases[] = {
        {pipe_path, "4 expected a file, found a named pipe"},
        {to_pipe, "4 expected a file, found a named pipe"},
        {bound, "4 expected a file, found a socket"},
        {"/dev/null", "4 expected a file, found a device"},
        {"/dev/zero", "4 expected a file, found a device"},
        {link, "4 cannot be opened: expected a readable file, found \"No such file or directory\""},
        {round, "4 cannot be opened: expected a readable file, found \"Too many levels of symbolic "
                "links\""},
    };
    int64_t live = mem_live();
    alarm(20); /* a reader that waits is killed */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_string_equal(open_line(cases[i].path), cases[i].want);
        LoadRequest request = request_of(cases[i].path);
        Error err = {0};
        assert_false(load_check_syntax(&request, &err));
        assert_string_equal(error_text(&err), cases[i].want);
        assert_string_equal(load_kind(cases[i].path), "");
    }
    alarm(0);
    assert_int_equal(mem_live(), live);
    close(fd);
}

static void what_a_document_refers_to_is_held_to_the_same(void **state)
{
    (void)state;
    char dir[400];
    snprintf(dir, sizeof dir, "%s", check_temp_dir());
    const char *document = check_path(dir, "d.attn.json"), *part = check_path(dir, "q.npy");
    check_put(document, "{\"attnscope\":1,\"tokens\":[\"a\"],\"layers\":[{\"heads\":[{\"weights\":"
                        "{\"file\":\"q.npy\"}}]}]}");
    alarm(20);
    assert_int_equal(mkfifo(part, 0600), 0);
    assert_non_null(strstr(open_line(document), "expected a file, found a named pipe"));
    assert_int_equal(unlink(part), 0);
    assert_int_equal(mkdir(part, 0700), 0);
    assert_non_null(strstr(open_line(document), "expected a file, found a directory"));
    assert_int_equal(rmdir(part), 0);
    assert_non_null(strstr(open_line(document), "No such file or directory"));
    alarm(0);
}

static void what_may_not_be_read_is_told(void **state)
{
    (void)state;
    char dir[400];
    snprintf(dir, sizeof dir, "%s", check_temp_dir());
    const char *path = check_path(dir, "secret.attn.json");
    bool root = geteuid() == 0;
    check_put(path, SMALL);
    assert_int_equal(chmod(dir, 0755), 0);
    assert_int_equal(chmod(path, 0), 0);
    if (root && seteuid(65534) != 0) {
        print_message("SKIPPED: needs a user who is not root\n");
        skip();
    }
    char line[600];
    snprintf(line, sizeof line, "%s", open_line(path));
    if (root)
        assert_int_equal(seteuid(0), 0);
    /* The folder of temporary files may itself be closed to others. */
    assert_string_equal(
        line, "4 cannot be opened: expected a readable file, found \"Permission denied\"");
    assert_int_equal(chmod(path, 0600), 0);
    assert_string_equal(open_line(path), "opened");
}

/* Changes the file in the middle of a read. */
typedef struct {
    const char *path;
    off_t size; /* what it becomes */
    bool done;
} Meddler;

static void meddle(void *context, uint64_t done, uint64_t total)
{
    Meddler *m = context;
    if (m->done || done == 0 || done >= total)
        return;
    m->done = true;
    assert_int_equal(truncate(m->path, m->size), 0);
}

static void a_file_that_changes_while_it_is_read_is_no_document(void **state)
{
    (void)state;
    static const char header[] =
        "\x93NUMPY\1\0\x76\0{'descr': '|u1', 'fortran_order': False, 'shape': (2048, 4096)}"
        "                                                      \n";
    enum { START = 128, SIZE = 8 << 20 };
    static const struct {
        off_t size;
        ErrorKind kind;
        const char *part;
    } cases[] = {{START + SIZE + 1, ERROR_IO, "changed on disk while it was read"},
                 {START + SIZE / 2, ERROR_MALFORMED, "file ends at byte"},
                 {0, ERROR_MALFORMED, "file ends at byte"}};
    char path[500];
    snprintf(path, sizeof path, "%s/big.npy", check_temp_dir());
    assert_int_equal(sizeof header - 1, START);
    int64_t live = mem_live();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Numbers numbers;
        Error err = {0};
        Meddler meddler = {.path = path, .size = cases[i].size};
        LoadRequest request = request_of(path);
        request.progress = meddle;
        request.context = &meddler;
        write_file(path, header, START);
        assert_int_equal(truncate(path, START + SIZE), 0);
        assert_false(npy_read(&numbers, path, &request, 1 << 30, &err));
        assert_true(meddler.done);
        assert_int_equal(err.kind, cases[i].kind);
        assert_non_null(strstr(err.what, cases[i].part));
        assert_int_equal(mem_live(), live);
    }
}

typedef struct {
    char dir[400];
    atomic_bool stop;
} Mutator;

/* The name is by turns a short document, a long one, a part of one, a pipe, a folder, nothing. */
static void *mutate(void *context)
{
    Mutator *m = context;
    char path[500], other[500], text[2000];
    snprintf(path, sizeof path, "%s/x.attn.json", m->dir);
    snprintf(other, sizeof other, "%s/other", m->dir);
    snprintf(text, sizeof text, "%s%1500s", SMALL, "");
    for (unsigned i = 0; !atomic_load(&m->stop); i++) {
        int fd;
        switch (i % 6) {
        case 0:
        case 1:
            fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK, 0600);
            if (fd >= 0 && write(fd, text, i % 6 ? sizeof SMALL - 1 : strlen(text)) < 0)
                errno = 0;
            close(fd);
            break;
        case 2:
            if (truncate(path, 20) != 0)
                errno = 0;
            break;
        case 3:
            unlink(path);
            mkfifo(path, 0600);
            break;
        case 4:
            mkdir(other, 0700);
            unlink(path);
            rename(other, path);
            break;
        default:
            rmdir(path);
            break;
        }
    }
    return NULL;
}

static void a_name_that_is_ever_something_else_gives_a_document_or_an_error(void **state)
{
    (void)state;
    Mutator m = {.stop = false};
    pthread_t thread;
    char path[500];
    int opened = 0, refused = 0;
    snprintf(m.dir, sizeof m.dir, "%s", check_temp_dir());
    snprintf(path, sizeof path, "%s/x.attn.json", m.dir);
    int64_t live = mem_live();
    assert_int_equal(pthread_create(&thread, NULL, mutate, &m), 0);
    alarm(60);
    for (int i = 0; i < 10000; i++) {
        Document doc;
        Error err = {0};
        LoadRequest request = request_of(path);
        document_init(&doc);
        if (load_document(&doc, &request, &err)) {
            assert_int_equal(doc.sentence_count, 1);
            opened++;
        } else {
            /* ERROR_USAGE: a folder without anything in it. */
            if (err.kind != ERROR_IO && err.kind != ERROR_MALFORMED && err.kind != ERROR_USAGE)
                fail_msg("%s", error_text(&err));
            assert_true(err.what[0] != '\0');
            refused++;
        }
        document_free(&doc);
    }
    alarm(0);
    atomic_store(&m.stop, true);
    pthread_join(thread, NULL);
    rmdir(path);
    unlink(path);
    assert_int_equal(opened + refused, 10000);
    assert_int_equal(mem_live(), live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_file_is_refused_and_never_waited_for),
        cmocka_unit_test(what_a_document_refers_to_is_held_to_the_same),
        cmocka_unit_test(what_may_not_be_read_is_told),
        cmocka_unit_test(a_file_that_changes_while_it_is_read_is_no_document),
        cmocka_unit_test(a_name_that_is_ever_something_else_gives_a_document_or_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
