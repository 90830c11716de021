/* Every small sample that is text, with every byte changed in turn: one that no text has, a line
 * cut in two, another number, a cut file. A document or a reason comes out, each of
 * its sentences opens or has one, and nothing stays behind.
 */
#include "samples_test.h"

enum { LONGEST = 400, SENTENCES = 4 };

static int opened, refused;

static void look(const LoadRequest *request, const char *name, size_t at, char now)
{
    Document doc;
    Error err = {0};
    int64_t live = mem_live();
    document_init(&doc);
    bool ok = load_document(&doc, request, &err);
    if (ok == (err.kind != ERROR_NONE) || (!ok && !err.what[0]))
        fail_msg("%s, byte %zu as %d: %s", name, at, now, error_text(&err));
    for (int i = 0; ok && i < doc.sentence_count && i < SENTENCES; i++) {
        AttnInput input;
        Error why = {0};
        if (!document_open_sentence(&doc, i, &why)) {
            if (!doc.sentences[i].problem || !why.what[0])
                fail_msg("%s, byte %zu as %d: sentence %d: no reason", name, at, now, i);
            continue;
        }
        if (!document_select(&doc, i, 0, 0, &input, &why) && !why.what[0])
            fail_msg("%s, byte %zu as %d: sentence %d: no reason", name, at, now, i);
    }
    opened += ok;
    refused += !ok;
    document_free(&doc);
    if (mem_live() != live)
        fail_msg("%s, byte %zu as %d: %lld blocks are left", name, at, now,
                 (long long)(mem_live() - live));
}

/* Bytes of a file in the place of others, '\0': nothing, and the file ends there. */
static void change_each(const LoadRequest *request, const char *path, const char *name)
{
    static const char others[] = {'\xFF', '\n', '9', '\0'};
    size_t size;
    char *bytes = check_read(path, &size);
    if (size <= LONGEST && memchr(bytes, '\0', size) == NULL) {
        for (size_t at = 0; at < size; at++) {
            char own = bytes[at];
            for (size_t i = 0; i < sizeof others; i++) {
                bytes[at] = others[i];
                if (own != others[i]) {
                    write_file(path, bytes, others[i] ? size : at);
                    look(request, name, at, others[i]);
                }
            }
            bytes[at] = own;
        }
        write_file(path, bytes, size);
    }
    mem_free(bytes);
}

static void every_byte_may_be_another(void **state)
{
    (void)state;
    const char *dir = check_temp_dir();
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        Wish w;
        wish_of(&w, &SAMPLES[i], dir);
        if (!SAMPLES[i].content) { /* a copy: the sample itself stays */
            size_t size;
            char *bytes = check_read(w.path, &size);
            snprintf(w.path, sizeof w.path, "%s/copy_%zu%s", dir, i, strrchr(SAMPLES[i].name, '.'));
            write_file(w.path, bytes, size);
            mem_free(bytes);
        }
        change_each(&w.request, w.path, SAMPLES[i].name);
        for (int k = 0; k < 2 && SAMPLES[i].companions[k]; k++)
            change_each(&w.request, w.more[k], SAMPLES[i].name);
    }
    print_message("%d opened, %d refused\n", opened, refused);
    assert_true(opened > 1000 && refused > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_may_be_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
