/* A file of every kind is read on a thread, again and again, while it is changed a thousand times:
 * written into, cut, made longer, replaced. Every load ends as a document or with a reason. Run
 * with preset tsan too.
 */
#include "load_test.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

enum { CHANGES = 1000 };

typedef struct {
    const char *path;
    atomic_bool stop, cancel;
    atomic_uint_fast64_t told;
    atomic_int loads, opened, without_reason;
    bool companions;
} Worker;

static void tell(void *context, uint64_t done, uint64_t total)
{
    Worker *r = context;
    atomic_store(&r->told, done < total ? done : total);
}

static void read_sentences(Worker *r, Document *doc)
{
    for (int i = 0; i < doc->sentence_count && i < 3; i++) {
        Error err = {0};
        AttnInput in;
        bool ok = document_open_sentence(doc, i, &err) && document_select(doc, i, 0, 0, &in, &err);
        atomic_fetch_add(&r->without_reason, !ok && err.kind == ERROR_NONE);
    }
}

static void *read_on(void *context)
{
    Worker *r = context;
    while (!atomic_load(&r->stop)) {
        Document doc;
        Error err = {0};
        LoadRequest request = {.path = r->path,
                               .limits = load_limits_default(),
                               .progress = tell,
                               .context = r,
                               .cancel = &r->cancel};
        if (r->companions)
            request.origin.source = request.origin.target = r->path;
        document_init(&doc);
        bool ok = load_document(&doc, &request, &err);
        if (ok)
            read_sentences(r, &doc);
        atomic_fetch_add(&r->without_reason, !ok && (err.kind == ERROR_NONE || !err.what[0]));
        atomic_fetch_add(&r->opened, ok);
        document_free(&doc);
        atomic_fetch_add(&r->loads, 1);
    }
    return NULL;
}

static unsigned next_random(unsigned *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static void put_whole(const char *path, const Buf *bytes, bool replace)
{
    Error err = {0};
    if (replace) {
        assert_true(file_write_atomic(path, bytes->data, bytes->size, &err));
        return;
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes->data, bytes->size), (ssize_t)bytes->size);
    close(fd);
}

static void change(const char *path, const Buf *bytes, unsigned *state)
{
    unsigned what = next_random(state) % 64, at = next_random(state) % (unsigned)bytes->size;
    char byte = (char)next_random(state);
    if (what <= 8) {
        put_whole(path, bytes, what == 0); /* replacing it waits for the disk: seldom */
        return;
    }
    int fd = open(path, O_WRONLY);
    assert_true(fd >= 0);
    if (what <= 16)
        assert_int_equal(ftruncate(fd, (off_t)at), 0);
    else if (what <= 24)
        assert_int_equal(ftruncate(fd, (off_t)(bytes->size + at)), 0);
    else
        assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
    close(fd);
}

static void wait_for_document(Worker *r, const char *name)
{
    int opened = atomic_load(&r->opened), loads = atomic_load(&r->loads);
    while (atomic_load(&r->opened) == opened && atomic_load(&r->loads) < loads + 50)
        usleep(100);
    if (atomic_load(&r->opened) == opened)
        fail_msg("%s: expected to be read, found it never was", name);
}

static void changed_while_it_is_read(const char *name, const Buf *bytes, bool companions)
{
    Worker r = {.path = check_path(check_temp_dir(), name), .companions = companions};
    pthread_t thread;
    unsigned state = 7;
    put_whole(r.path, bytes, false);
    assert_int_equal(pthread_create(&thread, NULL, read_on, &r), 0);
    wait_for_document(&r, name); /* as it is, it can be read */
    for (int i = 0; i < CHANGES; i++) {
        change(r.path, bytes, &state);
        atomic_store(&r.cancel, i % 50 == 49);
        if (i % 4 == 0)
            usleep(200);
    }
    atomic_store(&r.cancel, false);
    put_whole(r.path, bytes, true);
    wait_for_document(&r, name); /* and again */
    atomic_store(&r.stop, true);
    pthread_join(thread, NULL);
    assert_int_equal(atomic_load(&r.without_reason), 0);
}

static void changed_text(const char *name, const char *text, bool companions)
{
    Buf bytes;
    buf_init(&bytes, BUF_NO_LIMIT);
    for (int i = 0; i < 40; i++)
        buf_text(&bytes, text);
    changed_while_it_is_read(name, &bytes, companions);
    buf_free(&bytes);
}

static void changed_sample(const char *name)
{
    Buf bytes;
    Error err = {0};
    char path[700];
    snprintf(path, sizeof path, "%s/load/%s", TEST_DATA_DIR, name);
    buf_init(&bytes, BUF_NO_LIMIT);
    if (!file_read_all(path, 1 << 20, &bytes, NULL, &err))
        fail_msg("%s: %s", name, error_text(&err));
    changed_while_it_is_read(strrchr(path, '/') + 1, &bytes, false);
    buf_free(&bytes);
}

static void documents_of_ours(void **state)
{
    (void)state;
    changed_sample("rows.attn.json");
    changed_sample("lines.jsonl");
}

static void arrays(void **state)
{
    (void)state;
    changed_sample("npy/stack.npy");
    changed_sample("tensors/four.npz");
    changed_sample("tensors/model.safetensors");
}

static void pages_and_json_of_other_programs(void **state)
{
    (void)state;
    changed_sample("foreign/bertviz_head.html");
    changed_sample("foreign/ctranslate2.json");
}

static void dumps(void **state)
{
    (void)state;
    changed_text("n.nematus",
                 "0 ||| a b ||| 0 ||| c d ||| 3 3\n0.5 0.25 0.25\n"
                 "0.5 0.25 0.25\n0.1 0.1 0.8\n\n",
                 false);
    changed_text("m.marian", "a b ||| 0.5,0.25,0.25 0.5,0.25,0.25 0.1,0.1,0.8\n", false);
}

static void links(void **state)
{
    (void)state;
    changed_text("l.align", "0-0 1-1 2-1\n", false);
    changed_text("l.both.align", "0-0 0-0 0-0\n", true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_of_ours),
        cmocka_unit_test(arrays),
        cmocka_unit_test(pages_and_json_of_other_programs),
        cmocka_unit_test(dumps),
        cmocka_unit_test(links),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
