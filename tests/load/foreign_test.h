/* What the tests of other programs' files share. */
#ifndef ATTNSCOPE_TESTS_LOAD_FOREIGN_TEST_H
#define ATTNSCOPE_TESTS_LOAD_FOREIGN_TEST_H

#include "load_test.h"

#define FOREIGN_DATA LOAD_DATA "foreign/"

static inline bool foreign_open(Document *doc, const char *path, Error *err)
{
    LoadRequest request = request_of(path);
    *err = (Error){0};
    document_init(doc);
    return load_document(doc, &request, err);
}

static inline bool foreign_text(Document *doc, const char *name, const char *text, size_t size,
                                Error *err)
{
    const char *path = check_path(check_temp_dir(), name);
    write_file(path, text, size);
    return foreign_open(doc, path, err);
}

static inline void must_open(Document *doc, const char *path)
{
    Error err;
    if (!foreign_open(doc, path, &err))
        fail_msg("%s: %s", path, error_text(&err));
}

static inline double cell(const Document *doc, DocMatrix m, int row, int col)
{
    assert_true(m.tensor >= 0 && row < m.rows && col < m.cols);
    return tensor_value(&doc->tensors[m.tensor], m.offset + row * m.step + col);
}

static inline DocMatrix matrix_named(const DocHead *head, const char *name)
{
    return strcmp(name, "q") == 0          ? head->q
           : strcmp(name, "k") == 0        ? head->k
           : strcmp(name, "recorded") == 0 ? head->recorded
                                           : head->weights;
}

/* All cells that foreign/expected.txt has of this file. */
static inline void check_numbers(const Document *doc, const char *file)
{
    char *table = check_read(FOREIGN_DATA "expected.txt", NULL);
    char name[60], part[20];
    int s, l, h, i, j, count = 0;
    double want;
    for (char *line = table; *line; line = strchr(line, '\n') + 1) {
        assert_int_equal(
            sscanf(line, "%59s %d %19s %d %d %d %d %lf", name, &s, part, &l, &h, &i, &j, &want), 8);
        if (strcmp(name, file) != 0)
            continue;
        assert_true(s < doc->sentence_count && l < doc->sentences[s].layer_count);
        assert_true(h < doc->sentences[s].layers[l].head_count);
        double got = cell(doc, matrix_named(&doc->sentences[s].layers[l].heads[h], part), i, j);
        if ((float)got != (float)want)
            fail_msg("%s %d %s[%d][%d][%d][%d]: want %.9g, got %.9g", name, s, part, l, h, i, j,
                     want, got);
        count++;
    }
    mem_free(table);
    assert_true(count > 0);
}

static inline void check_tokens(const DocAxis *axis, const char *want)
{
    char text[400] = "";
    size_t used = 0;
    for (int i = 0; i < axis->count; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", i ? "|" : "",
                                 axis->tokens[i]);
    assert_string_equal(text, want);
}

/* Each text must be refused with its line, and nothing of it may stay. */
typedef struct {
    const char *text, *want;
} Refused;
static inline void refuse_texts(const char *name, const Refused *table, size_t count)
{
    int wrong = 0;
    for (size_t i = 0; i < count; i++) {
        Document doc;
        Error err;
        int64_t live = mem_live();
        bool ok = foreign_text(&doc, name, table[i].text, strlen(table[i].text), &err);
        const char *found = ok ? "opened" : error_text(&err);
        if (strcmp(found, table[i].want) != 0) {
            print_error("%.70s\n  want %s\n  got  %s\n", table[i].text, table[i].want, found);
            wrong++;
        }
        document_free(&doc);
        assert_int_equal(mem_live(), live);
    }
    assert_int_equal(wrong, 0);
}

/* Every allocation of opening the file fails once. */
static inline void fail_every_allocation(const char *path)
{
    bool ok = false;
    for (uint64_t n = 1; !ok; n++) {
        Document doc;
        Error err = {0};
        LoadRequest request = request_of(path);
        int64_t live = mem_live();
        document_init(&doc);
        mem_fail_at(n, true);
        ok = load_document(&doc, &request, &err);
        mem_fail_at(0, false);
        if (!ok && err.kind != ERROR_LIMIT)
            fail_msg("%s: allocation %d: %s", path, (int)n, error_text(&err));
        document_free(&doc);
        assert_int_equal(mem_live(), live);
        assert_true(n < 5000);
    }
}

#endif
