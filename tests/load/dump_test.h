/* What the tests of dumps share: a text or a file opened through load_document, sentence by
 * sentence.
 */
#ifndef ATTNSCOPE_TESTS_LOAD_DUMP_TEST_H
#define ATTNSCOPE_TESTS_LOAD_DUMP_TEST_H

#include "load_test.h"

#include "load/dump.h"

static inline LoadRequest dump_request(const char *path)
{
    return (LoadRequest){.path = path, .limits = load_limits_default()};
}

/* A file of this text in the test's own folder; lent. */
static inline const char *dump_file(const char *name, const char *text)
{
    static char *dir;
    if (!dir)
        dir = check_temp_dir();
    const char *path = check_path(dir, name);
    write_file(path, text, strlen(text));
    return path;
}

static inline bool dump_open_text(Document *doc, const char *text, const DocOrigin *origin,
                                  Error *err)
{
    LoadRequest request = dump_request(dump_file("dump.txt", text));
    if (origin)
        request.origin = *origin;
    document_init(doc);
    *err = (Error){0};
    return load_document(doc, &request, err);
}

static inline const DocSentence *dump_sentence(Document *doc, int n)
{
    Error err = {0};
    if (!document_open_sentence(doc, n, &err))
        fail_msg("sentence %d: %s", n, error_text(&err));
    return &doc->sentences[n];
}

static inline double dump_at(const Document *doc, const DocSentence *s, int row, int col)
{
    DocMatrix m = s->layers[0].heads[0].weights;
    assert_true(row < m.rows && col < m.cols);
    return tensor_value(&doc->tensors[m.tensor], m.offset + row * m.step + col);
}

static inline double dump_row_sum(const Document *doc, const DocSentence *s, int row)
{
    double sum = 0;
    for (int j = 0; j < s->keys.count; j++)
        sum += dump_at(doc, s, row, j);
    return sum;
}

static inline const char *dump_reading(const DocSentence *s)
{
    static char line[300];
    record_reading(s, line, sizeof line);
    return line;
}

/* All tokens of an axis, parted by spaces. */
static inline const char *dump_tokens(const DocAxis *axis)
{
    static char lines[4][600];
    static int next;
    char *line = lines[next++ % 4];
    line[0] = '\0';
    for (int i = 0; i < axis->count; i++) {
        size_t used = strlen(line);
        snprintf(line + used, sizeof lines[0] - used, "%s%s", i ? " " : "", axis->tokens[i]);
    }
    return line;
}

static inline bool dump_warned(const Document *doc, const char *words)
{
    for (int i = 0; i < doc->warning_count; i++) {
        if (strstr(doc->warnings[i], words))
            return true;
    }
    return false;
}

#endif
