#include "load_test.h"

#include "load/limits.h"
#include "load/lines.h"
#include "load/load.h"
#include "load/load_npy.h"

#include <unistd.h>

/* Each limit at N and at N + 1. What is large by default is tried with a lowered limit;
 * test_limits.c has the defaults. */

static const char *temp(const char *name)
{
    static const char *folder;
    if (!folder)
        folder = check_temp_dir();
    return check_path(folder, name);
}

static const char *open_line(const char *path, const LoadRequest *from, Error *err)
{
    Document doc;
    LoadRequest request = *from;
    request.path = path;
    *err = (Error){0};
    document_init(&doc);
    bool ok = load_document(&doc, &request, err);
    document_free(&doc);
    return ok ? "opened" : error_text(err);
}

static const char *open_text(const char *text, const LoadRequest *request, Error *err)
{
    Document doc;
    *err = (Error){0};
    bool ok = load_text(&doc, text, strlen(text), request, err);
    if (ok)
        document_free(&doc);
    return ok ? "opened" : error_text(err);
}

/* `before` once, `piece` n times with commas between, `after` once; lent until the next call. */
static const char *repeat(const char *before, const char *piece, int n, const char *after)
{
    static Buf text;
    buf_clear(&text);
    if (!text.limit)
        buf_init(&text, BUF_NO_LIMIT);
    buf_text(&text, before);
    for (int i = 0; i < n; i++)
        buf_printf(&text, "%s%s", i ? "," : "", piece);
    buf_text(&text, after);
    return buf_string(&text);
}

#define SMALL "{\"attnscope\":1,\"tokens\":[\"a\"],\"layers\":[{\"heads\":[{\"weights\":[[1]]}]}]}"

static void try_file_bytes(void)
{
    Error err;
    const char *path = temp("small.attn.json");
    LoadRequest request = request_of(path);
    check_put(path, SMALL);
    request.limits.file_bytes = sizeof SMALL - 1;
    assert_string_equal(open_line(path, &request, &err), "opened");
    assert_true(load_check_syntax(&request, &err));
    request.limits.file_bytes--;
    char want[200];
    snprintf(want, sizeof want,
             "3 file is too large: expected at most %zu bytes, found %zu (limit %zu, raise with "
             "--limit-file-bytes)",
             sizeof SMALL - 2, sizeof SMALL - 1, sizeof SMALL - 2);
    assert_string_equal(open_line(path, &request, &err), want);
    assert_false(load_check_syntax(&request, &err));
}

/* An .npy of one-byte numbers whose header and size are as asked for; all numbers are 0. */
static void put_npy(const char *path, const char *shape, int header, off_t count)
{
    char *text = mem_alloc((size_t)header + 1);
    int n = snprintf(text, (size_t)header + 1,
                     "{'descr': '|u1', 'fortran_order': False, 'shape': %s}", shape);
    memset(text + n, ' ', (size_t)(header - n));
    text[header - 1] = '\n';
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    unsigned char start[12] = {0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0};
    for (int i = 0; i < 4; i++)
        start[8 + i] = (unsigned char)(header >> (8 * i));
    fwrite(start, 1, sizeof start, file);
    fwrite(text, 1, (size_t)header, file);
    fclose(file);
    mem_free(text);
    assert_int_equal(truncate(path, 12 + header + count), 0);
}

static const char *npy_line(const char *path, uint64_t memory)
{
    Numbers numbers;
    Error err = {0};
    LoadRequest request = request_of(path);
    request.limits.memory = memory;
    bool ok = npy_read(&numbers, path, &request, memory, &err);
    if (ok)
        tensor_free(&numbers.tensor);
    return ok ? "read" : error_text(&err);
}

static void try_memory(void)
{
    const char *path = temp("six.npy");
    put_npy(path, "(2, 3)", 64, 6); /* six floats of four bytes each */
    assert_string_equal(npy_line(path, 24), "read");
    assert_string_equal(npy_line(path, 23),
                        "3 data: memory: expected at most 23 bytes, found 24 (limit 23, raise with "
                        "--limit-memory)");
}

static void try_depth(void)
{
    for (int depth = 64; depth <= 65; depth++) {
        Buf text;
        Error err = {0};
        LoadRequest request = request_of("");
        buf_init(&text, BUF_NO_LIMIT);
        for (int i = 0; i < depth; i++)
            buf_byte(&text, '[');
        buf_text(&text, "null");
        for (int i = 0; i < depth; i++)
            buf_byte(&text, ']');
        bool ok = json_scan(buf_string(&text), text.size, &request, NULL, &err);
        assert_true(ok == (depth == 64));
        if (!ok)
            assert_string_equal(err.what,
                                "nesting: expected at most 64 levels, found more (limit 64)");
        buf_free(&text);
    }
}

static void try_nodes(void)
{
    Error err = {0};
    LoadRequest request = request_of("");
    request.limits.nodes = 4;
    assert_true(json_scan("[null,null,null]", 16, &request, NULL, &err));
    assert_false(json_scan("[null,null,null,null]", 21, &request, NULL, &err));
    assert_string_equal(err.what, "values: expected at most 4, found more (limit 4, raise with "
                                  "--limit-nodes)");
}

static void try_keys(void)
{
    for (int more = 0; more <= 1; more++) {
        Buf text;
        Error err = {0};
        JsonTree tree;
        LoadRequest request = request_of("");
        size_t at = 0;
        buf_init(&text, BUF_NO_LIMIT);
        buf_byte(&text, '{');
        for (int i = 0; i < 4096 + more; i++)
            buf_printf(&text, "%s\"k%d\":null", i ? "," : "", i);
        buf_byte(&text, '}');
        json_tree_init(&tree);
        bool ok = json_tree_read(&tree, buf_string(&text), text.size, &at, &request, 1 << 30, &err);
        assert_true(ok == !more);
        if (more)
            assert_string_equal(
                err.what, "keys: expected at most 4096 in an object, found more (limit 4096)");
        json_tree_free(&tree);
        /* The check of the syntax makes no tree, and has no reason to count. */
        error_clear(&err);
        assert_true(json_scan(buf_string(&text), text.size, &request, NULL, &err));
        buf_free(&text);
    }
}

static const char *lines_text(const char *path, const LoadRequest *request)
{
    Lines lines;
    Error err = {0};
    if (lines_open(&lines, path, request, &err)) {
        while (lines_next(&lines, &err))
            ;
        lines_close(&lines);
    }
    return err.kind == ERROR_NONE ? "read" : error_text(&err);
}

static void try_dump_bytes(void)
{
    const char *path = temp("dump.txt");
    LoadRequest request = request_of(path);
    check_put(path, "0-0 1-1\n");
    request.limits.dump_bytes = 8;
    assert_string_equal(lines_text(path, &request), "read");
    request.limits.dump_bytes = 7;
    assert_string_equal(lines_text(path, &request),
                        "3 file is too large: expected at most 7 bytes, found 8 (limit 7, raise "
                        "with --limit-dump-bytes)");
}

static void try_line_bytes(void)
{
    const char *path = temp("line.txt");
    LoadRequest request = request_of(path);
    check_put(path, "0-0\n0-0 1-1\n");
    request.limits.line_bytes = 7;
    assert_string_equal(lines_text(path, &request), "read");
    request.limits.line_bytes = 6;
    assert_string_equal(lines_text(path, &request),
                        "3 line 2: line: expected at most 6 bytes, found more (limit 6, raise with "
                        "--limit-line-bytes)");
}

static void try_sentences(void)
{
    Error err;
    LoadRequest request = request_of("");
    const char *one = "{\"tokens\":[\"a\"],\"layers\":[{\"heads\":[{\"weights\":[[1]]}]}]}";
    request.limits.sentences = 3;
    assert_string_equal(
        open_text(repeat("{\"attnscope\":1,\"sentences\":[", one, 3, "]}"), &request, &err),
        "opened");
    assert_string_equal(
        open_text(repeat("{\"attnscope\":1,\"sentences\":[", one, 4, "]}"), &request, &err),
        "3 sentences: expected at most 3, found more (limit 3, raise with --limit-sentences)");
}

static void try_picture_bytes(void)
{
    Error err;
    FileStamp stamp;
    char want[200];
    LoadRequest request = request_of("");
    assert_true(file_stamp(LOAD_DATA "picture.png", &stamp));
    request.limits.picture_bytes = stamp.size;
    assert_string_equal(open_line(LOAD_DATA "picture.attn.json", &request, &err), "opened");
    request.limits.picture_bytes = stamp.size - 1;
    snprintf(want, sizeof want,
             "3 image: picture.png: file is too large: expected at most %d bytes, found %d (limit "
             "%d, raise with --limit-picture-bytes)",
             (int)stamp.size - 1, (int)stamp.size, (int)stamp.size - 1);
    assert_string_equal(open_line(LOAD_DATA "picture.attn.json", &request, &err), want);
}

static const char *safetensors_line(const LoadLimits *limits)
{
    /* Two tensors of one float each in a header of 114 bytes. */
    static const char header[] =
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
        "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}       ";
    const char *path = temp("two.safetensors");
    char bytes[8 + sizeof header - 1 + 8] = {0};
    assert_int_equal(sizeof header - 1, 114);
    bytes[0] = sizeof header - 1;
    memcpy(bytes + 8, header, sizeof header - 1);
    write_file(path, bytes, sizeof bytes);
    Safetensors st;
    Error err = {0};
    LoadRequest request = request_of(path);
    request.limits = *limits;
    safetensors_init(&st);
    bool ok = safetensors_open(&st, path, &request, &err);
    safetensors_free(&st);
    return ok ? "read" : error_text(&err);
}

static void try_header_bytes(void)
{
    LoadLimits limits = {.header_bytes = 114};
    assert_string_equal(safetensors_line(&limits), "read");
    limits.header_bytes = 113;
    assert_string_equal(safetensors_line(&limits),
                        "3 byte 0x0 (header length): expected at most 113, found 114 (limit 113, "
                        "raise with --limit-header-bytes)");
}

static void try_tensors(void)
{
    LoadLimits limits = {.tensors = 2};
    assert_string_equal(safetensors_line(&limits), "read");
    limits.tensors = 1;
    assert_string_equal(safetensors_line(&limits),
                        "3 header: tensors: expected at most 1, found more (limit 1, raise with "
                        "--limit-tensors)");
}

static void try_npy_header(void)
{
    const char *path = temp("header.npy");
    put_npy(path, "(2, 3)", 65535, 6);
    assert_string_equal(npy_line(path, 1000), "read");
    put_npy(path, "(2, 3)", 65536, 6);
    assert_string_equal(npy_line(path, 1000),
                        "3 byte 0x8 (header length): expected at most 65535, found 65536 (limit "
                        "65535)");
}

static void try_dims(void)
{
    const char *path = temp("dims.npy");
    put_npy(path, "(1, 1, 1, 1, 1, 1, 2, 3)", 96, 6);
    assert_string_equal(npy_line(path, 1000), "read");
    put_npy(path, "(1, 1, 1, 1, 1, 1, 1, 2, 3)", 96, 6);
    assert_non_null(strstr(npy_line(path, 1000), "at most 8"));
}

static void try_axis(void)
{
    Error err;
    LoadRequest request = request_of("");
    const char *path = temp("axis.attn.json"), *npy = temp("axis.npy");
    check_put(path, "{\"attnscope\":1,\"tokens\":[\"a\"],\"layers\":[{\"heads\":[{\"weights\":"
                    "{\"file\":\"axis.npy\"}}]}]}");
    /* At N the width is fine, and only too many for one token. */
    put_npy(npy, "(1, 16777216)", 96, 16777216);
    assert_null(strstr(open_line(path, &request, &err), "limit"));
    assert_int_equal(err.kind, ERROR_MALFORMED);
    put_npy(npy, "(1, 16777217)", 96, 16777217);
    assert_non_null(strstr(open_line(path, &request, &err),
                           "shape: expected at most 16777216 in each dimension, found"));
    assert_int_equal(err.kind, ERROR_LIMIT);
    assert_non_null(strstr(err.what, "(limit 16777216)"));
}

static void try_heads(void)
{
    Error err;
    LoadRequest request = request_of("");
    const char *before = "{\"attnscope\":1,\"tokens\":[\"a\"],\"layers\":[{\"heads\":[";
    const char *head = "{\"weights\":[[1]]}";
    assert_string_equal(open_text(repeat(before, head, 4096, "]}]}"), &request, &err), "opened");
    assert_non_null(strstr(open_text(repeat(before, head, 4097, "]}]}"), &request, &err),
                           "heads: expected at most 4096, found 4097 (limit 4096)"));
    assert_int_equal(err.kind, ERROR_LIMIT);
}

static void try_biases(void)
{
    Error err;
    LoadRequest request = request_of("");
    const char *before = "{\"attnscope\":1,\"tokens\":[\"a\"],\"layers\":[{\"heads\":[{\"q\":[[1]],"
                         "\"k\":[[1]],\"bias\":[";
    const char *bias = "{\"kind\":\"alibi\",\"slope\":1}";
    assert_string_equal(open_text(repeat(before, bias, 16, "]}]}]}"), &request, &err), "opened");
    assert_non_null(strstr(open_text(repeat(before, bias, 17, "]}]}]}"), &request, &err),
                           "expected at most 16 terms, found 17 (limit 16)"));
    assert_int_equal(err.kind, ERROR_LIMIT);
}

static void try_number(void)
{
    for (int more = 0; more <= 1; more++) {
        char text[1100];
        Error err = {0};
        LoadRequest request = request_of("");
        int size = 1024 + more;
        memset(text, '1', sizeof text);
        memcpy(text, "[0.", 3);
        memcpy(text + 1 + size, "]", 2);
        assert_true(json_scan(text, (size_t)size + 2, &request, NULL, &err) == !more);
        if (more)
            assert_string_equal(
                err.what, "number: expected at most 1024 characters, found more (limit 1024)");
    }
}

static void try_warnings(void)
{
    for (int n = 31; n <= 34; n++) {
        Document doc;
        Error err = {0};
        LoadRequest request = request_of("");
        const char *text =
            repeat("{\"attnscope\":1,\"tokens\":[\"a\"],\"layers\":[{\"heads\":[",
                   "{\"q\":[[1]],\"k\":[[1]],\"score\":{\"kind\":\"gate\"}}", n, "]}]}");
        assert_true(load_text(&doc, text, strlen(text), &request, &err));
        assert_int_equal(doc.warning_count, n < 32 ? n : 32);
        document_free(&doc);
    }
}

static void try_patches(void)
{
    Error err;
    LoadRequest request = request_of("");
    for (int more = 0; more <= 1; more++) {
        char text[300];
        snprintf(text, sizeof text,
                 "{\"attnscope\":1,\"tokens\":[\"a\"],\"image\":{\"file\":\"picture.png\","
                 "\"rows\":1,\"cols\":%d},\"layers\":[{\"heads\":[{\"weights\":[[1]]}]}]}",
                 4096 + more);
        /* At N it is only not the number of tokens. */
        const char *line = open_text(text, &request, &err);
        assert_true((strstr(line, "expected 1 … 4096, found 4097") != NULL) == more);
    }
}

static void try_picture_side(void)
{
    Image image;
    Error err = {0};
    assert_true(image_init(&image, 16384, 1, &err));
    image_free(&image);
    assert_true(image_init(&image, 1, 16384, &err));
    image_free(&image);
    assert_false(image_init(&image, 1, 16385, &err));
    check_error(&err, ERROR_LIMIT,
                "picture size: expected at most 16384 a side, found 1 × 16385 (limit 16384)");
}

static void try_picture_pixels(void)
{
    Image image;
    Error err = {0};
    assert_true(image_init(&image, 16384, 4096, &err));
    image_free(&image);
    assert_false(image_init(&image, 16384, 4097, &err));
    check_error(&err, ERROR_LIMIT,
                "picture size: expected at most 67108864 pixels, found 16384 × "
                "4097 (limit 67108864)");
}

static void elsewhere(void) {}

/* Every row of the table: and what tries it. */
static const struct {
    const char *name;
    void (*try_it)(void);
} TRIED[] = {
    {"file-bytes", try_file_bytes},
    {"memory", try_memory},
    {"depth", try_depth},
    {"nodes", try_nodes},
    {"keys", try_keys},
    {"dump-bytes", try_dump_bytes},
    {"line-bytes", try_line_bytes},
    {"sentences", try_sentences},
    {"picture-bytes", try_picture_bytes},
    {"header-bytes", try_header_bytes},
    {"tensors", try_tensors},
    {"zip-entries", elsewhere},   /* test_limits_zip.c */
    {"zip-name", elsewhere},      /* test_limits_zip.c */
    {"zip-directory", elsewhere}, /* test_limits_zip.c */
    {"shards", elsewhere},        /* test_limits_zip.c */
    {"folder", elsewhere},        /* test_gather.c */
    {"npy-texts", elsewhere},     /* test_limits_zip.c */
    {"npy-header", try_npy_header},
    {"dims", try_dims},
    {"axis", try_axis},
    {"heads", try_heads},
    {"biases", try_biases},
    {"number", try_number},
    {"warnings", try_warnings},
    {"patches", try_patches},
    {"picture-side", try_picture_side},
    {"picture-pixels", try_picture_pixels},
    {"png-chunk", elsewhere},    /* tests/image/test_png_chunks.c */
    {"png-chunks", elsewhere},   /* tests/image/test_png_chunks.c */
    {"jpeg-scans", elsewhere},   /* tests/image/test_jpeg.c */
    {"script", elsewhere},       /* tests/cli/test_options.py */
    {"session", elsewhere},      /* tests/state/test_session.c */
    {"typed", elsewhere},        /* tests/base/test_text_set.c */
    {"typed-tokens", elsewhere}, /* tests/doc/test_vocab.c */
};

static void every_limit_holds_at_n_and_not_at_one_more(void **state)
{
    (void)state;
    assert_int_equal(sizeof TRIED / sizeof *TRIED, LIMIT_COUNT);
    for (size_t i = 0; i < LIMIT_COUNT; i++) {
        assert_string_equal(LIMITS[i].name, TRIED[i].name);
        TRIED[i].try_it();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_limit_holds_at_n_and_not_at_one_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
