/* What the tests of the loaders share: text as a document below tests/data/load, errors as lines.
 */
#ifndef ATTNSCOPE_TESTS_LOAD_LOAD_TEST_H
#define ATTNSCOPE_TESTS_LOAD_LOAD_TEST_H

#include "support/check.h"
#include "load/load_json.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

#define LOAD_DATA TEST_DATA_DIR "/load/"

static inline LoadRequest request_of(const char *path)
{
    return (LoadRequest){
        .path = path,
        .limits = {.file_bytes = 256 << 20, .memory = 1 << 30, .depth = 64, .nodes = 8000000}};
}

/* The text as if it stood in tests/data/load, so that it can name the files there. */
static inline bool load_text(Document *doc, const char *text, size_t length,
                             const LoadRequest *request, Error *err)
{
    const char *path = LOAD_DATA "case.attn.json";
    document_init(doc);
    doc->path = mem_string(path, strlen(path));
    bool ok = (doc->path || error_memory(err)) &&
              (buf_append(&doc->source, text, length) || buf_ok(&doc->source, err)) &&
              load_json(doc, request, err);
    if (!ok)
        document_free(doc);
    return ok;
}

static inline void write_file(const char *path, const void *data, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    fclose(file);
}

/* `CODE WHERE: WHAT` */
static inline const char *error_text(const Error *err)
{
    static char line[700];
    char rest[600];
    error_line(err, NULL, rest, sizeof rest);
    snprintf(line, sizeof line, "%d %s", error_exit_code(err->kind), rest);
    return line;
}

/* Cuts the next case out of the table: "== name", text, "-- line". */
static inline bool next_case(char **at, char **name, char **text, char **want)
{
    char *start = strstr(*at, "== ");
    if (!start)
        return false;
    *name = start + 3;
    char *line = strchr(start, '\n');
    *line = '\0';
    *text = line + 1;
    char *end = strstr(*text, "\n-- ");
    assert_non_null(end);
    *end = '\0';
    *want = end + 4;
    line = strchr(*want, '\n');
    *line = '\0';
    *at = line + 1;
    return true;
}

/* Every document of a table must be refused with its line, and nothing of it may stay. Returns how
 * many there are. */
static inline int refuse_all(const char *path)
{
    char *table = check_read(path, NULL), *at = table, *name, *text, *want;
    LoadRequest request = request_of("");
    int count = 0, wrong = 0;
    for (; next_case(&at, &name, &text, &want); count++) {
        Document doc;
        Error err = {0};
        int64_t live = mem_live();
        bool ok = load_text(&doc, text, strlen(text), &request, &err);
        const char *found = ok ? "opened" : error_text(&err);
        if (strcmp(found, want) != 0) {
            print_error("%s\n  want %s\n  got  %s\n", name, want, found);
            wrong++;
        }
        if (ok)
            document_free(&doc);
        assert_int_equal(mem_live(), live);
    }
    mem_free(table);
    assert_int_equal(wrong, 0);
    return count;
}

#endif
