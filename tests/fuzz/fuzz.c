#include "fuzz/fuzz.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "load/load_json.h"
#include "load/record.h"
#include "load/save.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void fuzz_broken(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    abort();
}

/* ---- files ------------------------------------------------------------------ */

static char folder[128];

static void remove_folder(void)
{
    DirList list = {0};
    char path[300];
    if (!folder[0] || !dir_list(&list, folder, true, NULL))
        return;
    for (size_t i = 0; i < list.count; i++) {
        if (path_join(path, sizeof path, folder, list.items[i].name))
            unlink(path);
    }
    dir_list_free(&list);
    rmdir(folder);
    folder[0] = '\0';
}

static void make_folder(void)
{
    struct stat shm;
    bool memory = stat("/dev/shm", &shm) == 0 && S_ISDIR(shm.st_mode);
    snprintf(folder, sizeof folder, "%s/attnscope-fuzz-XXXXXX", memory ? "/dev/shm" : ".");
    FUZZ_HOLD(mkdtemp(folder) != NULL);
    atexit(remove_folder);
}

const char *fuzz_file(const char *name, const void *data, size_t size)
{
    static char paths[8][200];
    static int next;
    if (!folder[0])
        make_folder();
    char *path = paths[next++ % 8];
    FUZZ_HOLD(path_join(path, sizeof paths[0], folder, name));
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FUZZ_HOLD(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    close(fd);
    return path;
}

static int run_file(FuzzTarget *target, const char *path)
{
    Buf data;
    Error err = {0};
    buf_init(&data, BUF_NO_LIMIT);
    bool ok = file_read_all(path, 1 << 28, &data, NULL, &err);
    int64_t live = mem_live();
    /* Behind the bytes of an own block, so that a sanitizer sees who reads over their end. */
    uint8_t *bytes = ok ? mem_alloc(data.size) : NULL;
    ok = ok && bytes;
    if (ok) {
        if (data.size > 0)
            memcpy(bytes, data.data, data.size);
        target(bytes, data.size);
    } else {
        fprintf(stderr, "%s: %s\n", path, err.what);
    }
    mem_free(bytes);
    if (mem_live() != live) {
        fprintf(stderr, "%s: leaves %d blocks\n", path, (int)(mem_live() - live));
        ok = false;
    }
    buf_free(&data);
    return ok ? 0 : 1;
}

int fuzz_files(FuzzTarget *target, int argc, char **argv)
{
    int wrong = 0, count = 0;
    target((const uint8_t *)"", 0); /* what is made once is made now */
    for (int i = 1; i < argc; i++) {
        struct stat there;
        DirList list = {0};
        if (stat(argv[i], &there) != 0 || !S_ISDIR(there.st_mode)) {
            wrong += run_file(target, argv[i]);
            count++;
            continue;
        }
        if (!dir_list(&list, argv[i], false, NULL))
            return 1;
        for (size_t k = 0; k < list.count; k++) {
            char path[1000];
            if (!list.items[k].is_dir && path_join(path, sizeof path, argv[i], list.items[k].name))
                wrong += run_file(target, path);
        }
        count += (int)list.count;
        dir_list_free(&list);
    }
    printf("%d files, %d wrong\n", count, wrong);
    return wrong > 0;
}

/* ---- documents -------------------------------------------------------------- */

LoadRequest fuzz_request(const char *path)
{
    /* A few bytes may say much: what that costs is bounded, so that time is spent on other bytes.
     */
    return (LoadRequest){.path = path,
                         .limits = {.memory = FUZZ_MEMORY / 8,
                                    .file_bytes = FUZZ_MEMORY,
                                    .nodes = 200000,
                                    .sentences = 20000}};
}

void fuzz_error(const Error *err)
{
    char line[700];
    FUZZ_HOLD(err->kind != ERROR_NONE && err->what[0] != '\0');
    error_line(err, "file", line, sizeof line);
    for (const char *p = line; *p; p++)
        FUZZ_HOLD((unsigned char)*p >= 0x20 && *p != 0x7f);
    FUZZ_HOLD(utf8_valid(line, strlen(line)) == strlen(line));
}

bool fuzz_open(Document *doc, const LoadRequest *request)
{
    Error err = {0};
    document_init(doc);
    bool ok = load_document(doc, request, &err);
    if (ok)
        FUZZ_HOLD(err.kind == ERROR_NONE && doc->sentence_count > 0);
    else
        fuzz_error(&err);
    if (!ok)
        document_free(doc);
    return ok;
}

static void walk_sentence(Document *doc, int n)
{
    char text[400];
    AttnInput input;
    Error err = {0};
    if (!document_open_sentence(doc, n, &err)) {
        fuzz_error(&err);
        return;
    }
    const DocSentence *s = &doc->sentences[n];
    FUZZ_HOLD(s->layer_count > 0);
    for (int l = 0; l < s->layer_count && l < 40; l++) {
        for (int h = 0; h < s->layers[l].head_count && h < 40; h++) {
            err = (Error){0};
            if (!document_select(doc, n, l, h, &input, &err))
                fuzz_error(&err);
        }
    }
    for (int i = 0; i < s->queries.count && i < 40; i++)
        document_token(s, true, i, text, sizeof text);
    if (s->reading)
        record_reading(s, text, sizeof text);
}

void fuzz_walk(Document *doc)
{
    for (int i = 0; i < doc->warning_count; i++)
        FUZZ_HOLD(doc->warnings[i][0] && !strchr(doc->warnings[i], '\n'));
    int step = doc->sentence_count / FUZZ_SENTENCES + 1;
    for (int i = 0; i < doc->sentence_count; i += step)
        walk_sentence(doc, i);
    walk_sentence(doc, 0);
}

/* ---- written and read back ---------------------------------------------------- */

static void same_axis(const DocAxis *a, const DocAxis *b)
{
    FUZZ_HOLD(a->count == b->count && (a->tokens != NULL) == (b->tokens != NULL));
    for (int i = 0; a->tokens && i < a->count; i++) /* patches have none */
        FUZZ_HOLD(strcmp(a->tokens[i], b->tokens[i]) == 0);
}

static void same_matrix(const Document *a, const DocMatrix *m, const Document *b,
                        const DocMatrix *n)
{
    FUZZ_HOLD((m->tensor >= 0) == (n->tensor >= 0));
    if (m->tensor < 0)
        return;
    FUZZ_HOLD(m->rows == n->rows && m->cols == n->cols);
    for (int i = 0; i < m->rows; i++) {
        for (int j = 0; j < m->cols; j++) {
            double x = tensor_value(&a->tensors[m->tensor], m->offset + i * m->step + j);
            double y = tensor_value(&b->tensors[n->tensor], n->offset + i * n->step + j);
            FUZZ_HOLD((x != x && y != y) || memcmp(&x, &y, sizeof x) == 0);
        }
    }
}

static void same_head(const Document *a, const DocHead *g, const Document *b, const DocHead *h)
{
    const DocMatrix *m[] = {&g->q, &g->k, &g->v, &g->scores, &g->weights, &g->recorded, &g->mask};
    const DocMatrix *n[] = {&h->q, &h->k, &h->v, &h->scores, &h->weights, &h->recorded, &h->mask};
    FUZZ_HOLD(g->entry == h->entry && (g->spec != NULL) == (h->spec != NULL));
    for (size_t i = 0; i < sizeof m / sizeof *m; i++)
        same_matrix(a, m[i], b, n[i]);
}

static void same_links(const DocLink *a, int count, const DocLink *b, int other)
{
    FUZZ_HOLD(count == other);
    for (int i = 0; i < count; i++)
        FUZZ_HOLD(a[i].key == b[i].key && a[i].query == b[i].query);
}

/* Large matrices are written and read as small ones are, only slower than a fuzzer may wait. */
static bool is_small(const Document *doc)
{
    int64_t count = 0;
    for (int i = 0; i < doc->tensor_count; i++)
        count += doc->tensors[i].count;
    return count < 1 << 17;
}

void fuzz_same(Document *a, Document *b)
{
    FUZZ_HOLD(a->sentence_count == b->sentence_count);
    int step = a->sentence_count / FUZZ_SENTENCES + 1;
    for (int i = 0; i < a->sentence_count; i += step) {
        if (!document_open_sentence(a, i, NULL))
            continue;
        if (!is_small(a))
            return;
        FUZZ_HOLD(document_open_sentence(b, i, NULL));
        const DocSentence *s = &a->sentences[i], *t = &b->sentences[i];
        same_axis(&s->queries, &t->queries);
        same_axis(&s->keys, &t->keys);
        same_links(s->sure, s->sure_count, t->sure, t->sure_count);
        same_links(s->possible, s->possible_count, t->possible, t->possible_count);
        FUZZ_HOLD(s->layer_count == t->layer_count);
        for (int l = 0; l < s->layer_count; l++) {
            FUZZ_HOLD(s->layers[l].head_count == t->layers[l].head_count);
            for (int h = 0; h < s->layers[l].head_count; h++)
                same_head(a, &s->layers[l].heads[h], b, &t->layers[l].heads[h]);
        }
    }
}

bool fuzz_text(Document *doc, const char *path, const void *data, size_t size,
               bool (*read)(Document *doc, const LoadRequest *request, Error *err))
{
    Error err = {0};
    LoadRequest request = fuzz_request(path);
    request.allow_nan = true;
    request.limits.memory = FUZZ_MEMORY; /* base64 takes more than what it says */
    document_init(doc);
    doc->path = mem_string(path, strlen(path));
    bool ok = doc->path && buf_append(&doc->source, data, size) && buf_string(&doc->source) &&
              read(doc, &request, &err);
    if (ok)
        FUZZ_HOLD(err.kind == ERROR_NONE && doc->sentence_count > 0);
    else
        fuzz_error(&err);
    if (!ok)
        document_free(doc);
    return ok;
}

void fuzz_save(Document *doc)
{
    if (doc->sentence_count > 10 * FUZZ_SENTENCES)
        return;
    for (int i = 0; i < doc->sentence_count; i++) {
        document_open_sentence(doc, i, NULL);
        if (!is_small(doc))
            return;
    }
    static const DocSetting settings[] = {{"temperature", "2"}, {"view", "\"lines\""}};
    Buf text;
    Document again;
    Error err = {0};
    buf_init(&text, 2 * FUZZ_MEMORY);
    /* A place in the same folder, so that references stay what they are. */
    if (save_text(doc, settings, 2, doc->path, &text, &err)) {
        bool read = fuzz_text(&again, doc->path, text.data, text.size, load_json);
        FUZZ_HOLD(read || doc->bad_count > 0);
        if (read && doc->bad_count == 0)
            fuzz_same(doc, &again);
        if (read)
            document_free(&again);
    } else {
        fuzz_error(&err);
    }
    buf_free(&text);
}

uint32_t fuzz_crc(uint32_t crc, const uint8_t *data, size_t size)
{
    crc = ~crc;
    for (size_t i = 0; i < size; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (0xEDB88320u & (0u - (crc & 1)));
    }
    return ~crc;
}
