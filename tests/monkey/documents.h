/* Documents made for the monkey: the odd shapes and numbers that files of strangers have, and files
 * that must be refused. Written as text into a folder.
 */
#ifndef ATTNSCOPE_TESTS_MONKEY_DOCUMENTS_H
#define ATTNSCOPE_TESTS_MONKEY_DOCUMENTS_H

#include "base/buf.h"
#include "base/file.h"
#include "support/reference.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MONKEY_FILES_MAX = 64 };

typedef struct {
    char path[MONKEY_FILES_MAX][512];
    int count;
} MonkeyFiles;

static inline void monkey_put(MonkeyFiles *files, const char *dir, const char *name,
                              const void *data, size_t size)
{
    Error err = {0};
    char *path = files->path[files->count];
    if (files->count == MONKEY_FILES_MAX || !path_join(path, sizeof files->path[0], dir, name) ||
        !file_write_atomic(path, data, size, &err)) {
        printf("cannot write %s: %s\n", name, err.what);
        return;
    }
    files->count++;
}

typedef enum { FILL_PLAIN, FILL_HUGE, FILL_TINY, FILL_EQUAL, FILL_ODD, FILL_WEIGHTS } MonkeyFill;

static inline void monkey_matrix(Buf *out, RefRandom *r, int rows, int cols, MonkeyFill fill)
{
    static const char *const ODD[] = {"\"nan\"", "\"inf\"", "\"-inf\""};
    buf_text(out, "[");
    for (int i = 0; i < rows; i++) {
        buf_text(out, i ? ",[" : "[");
        for (int j = 0; j < cols; j++) {
            const char *comma = j ? "," : "";
            double x = ref_normal(r);
            if (fill == FILL_ODD && ref_range(r, 0, 9) == 0)
                buf_printf(out, "%s%s", comma, ODD[ref_range(r, 0, 2)]);
            else if (fill == FILL_HUGE)
                buf_printf(out, "%s%.9g", comma, x * 1e37);
            else if (fill == FILL_TINY)
                buf_printf(out, "%s%.9g", comma, x * 1e-40);
            else if (fill == FILL_EQUAL)
                buf_printf(out, "%s0.5", comma);
            else if (fill == FILL_WEIGHTS)
                buf_printf(out, "%s%.9g", comma, 1.0 / cols);
            else
                buf_printf(out, "%s%.6g", comma, x);
        }
        buf_text(out, "]");
    }
    buf_text(out, "]");
}

static inline void monkey_tokens(Buf *out, const char *name, int count, const char *const *words,
                                 int word_count)
{
    buf_printf(out, "\"%s\": [", name);
    for (int i = 0; i < count; i++) {
        if (word_count > 0)
            buf_printf(out, "%s\"%s\"", i ? "," : "", words[i % word_count]);
        else
            buf_printf(out, "%s\"t%d\"", i ? "," : "", i);
    }
    buf_text(out, "]");
}

/* Layers × heads of q, k and v. */
static inline void monkey_heads(Buf *out, RefRandom *r, int layers, int heads, int n_q, int n_k,
                                int d, MonkeyFill fill)
{
    buf_text(out, "\"layers\": [");
    for (int l = 0; l < layers; l++) {
        int here = heads > 1 && l % 2 ? heads - 1 : heads; /* layers of unlike shape */
        buf_text(out, l ? ",{\"heads\": [" : "{\"heads\": [");
        for (int h = 0; h < here; h++) {
            buf_text(out, h ? ",{\"q\": " : "{\"q\": ");
            monkey_matrix(out, r, n_q, d, fill);
            buf_text(out, ", \"k\": ");
            monkey_matrix(out, r, n_k, d, fill);
            if (h % 2 == 0) {
                buf_text(out, ", \"v\": ");
                monkey_matrix(out, r, n_k, 3, fill);
            }
            buf_text(out, "}");
        }
        buf_text(out, "]}");
    }
    buf_text(out, "]");
}

static const char *const MONKEY_WORDS[] = {
    "the",        "",          "\u0120animal", "\u2581street", "##ing",    "un@@",
    "\u0627\u0644\u0639\u0631\u0628\u064a\u0629", "\u05e9\u05dc\u05d5\u05dd", "\u65e5\u672c\u8a9e",
    "e\u0301\u0302\u0303\u0304", "\U0001F469\u200D\U0001F4BB", "\u202Eevil\u202C", "a\\tb\\nc",
    "\u0e01\u0e33\u0e41\u0e1e\u0e07", "\u0915\u094d\u0937\u093f", "<&>'\\\"",
    "a very long token that nobody would ever make but somebody will hand in one day anyway",
    "\ufeff", "\U0010FFFD", "\u200b"};
enum { MONKEY_WORD_COUNT = sizeof MONKEY_WORDS / sizeof MONKEY_WORDS[0] };

static inline void monkey_doc(MonkeyFiles *files, const char *dir, const char *name, Buf *text)
{
    monkey_put(files, dir, name, text->data, text->size);
    buf_clear(text);
}

static inline void monkey_plain_documents(MonkeyFiles *f, const char *dir, RefRandom *r, Buf *b)
{
    static const struct {
        const char *name;
        int n_q, n_k, d, layers, heads;
        MonkeyFill fill;
        bool words;
    } DOCS[] = {{"one.json", 1, 1, 1, 1, 1, FILL_PLAIN, false},
                {"wide.json", 2, 40, 4, 2, 3, FILL_PLAIN, true},
                {"tall.json", 30, 3, 2, 1, 5, FILL_PLAIN, true},
                {"huge.json", 5, 5, 4, 1, 2, FILL_HUGE, false},
                {"tiny.json", 5, 6, 4, 1, 2, FILL_TINY, false},
                {"equal.json", 6, 6, 4, 3, 2, FILL_EQUAL, true},
                {"odd.json", 9, 8, 3, 2, 2, FILL_ODD, true},
                {"many-heads.json", 4, 4, 2, 9, 30, FILL_PLAIN, false},
                {"long.json", 150, 150, 4, 1, 1, FILL_PLAIN, true}};
    for (size_t i = 0; i < sizeof DOCS / sizeof DOCS[0]; i++) {
        const char *const *words = MONKEY_WORDS;
        buf_text(b, "{\"attnscope\": 1, \"queries\": {");
        monkey_tokens(b, "tokens", DOCS[i].n_q, words, DOCS[i].words ? MONKEY_WORD_COUNT : 0);
        buf_text(b, "}, \"keys\": {");
        monkey_tokens(b, "tokens", DOCS[i].n_k, words, DOCS[i].words ? MONKEY_WORD_COUNT : 0);
        buf_text(b, "}, ");
        monkey_heads(b, r, DOCS[i].layers, DOCS[i].heads, DOCS[i].n_q, DOCS[i].n_k, DOCS[i].d,
                     DOCS[i].fill);
        buf_text(b, "}");
        monkey_doc(f, dir, DOCS[i].name, b);
    }
}

/* Files that enter at a later stage, with padding, pictures, several sentences. */
static inline void monkey_special_documents(MonkeyFiles *f, const char *dir, RefRandom *r, Buf *b)
{
    buf_text(b,
             "{\"attnscope\": 1, \"title\": \"weights only\", \"tokens\": [\"a\", \"b\", \"c\"], "
             "\"layers\": [{\"heads\": [{\"weights\": ");
    monkey_matrix(b, r, 3, 3, FILL_WEIGHTS);
    buf_text(b, "}, {\"weights\": ");
    monkey_matrix(b, r, 3, 3, FILL_ODD);
    buf_text(b, "}]}]}");
    monkey_doc(f, dir, "weights.json", b);

    buf_text(b, "{\"attnscope\": 1, \"queries\": {\"tokens\": [\"a\", \"b\"], \"lang\": \"fr\"}, "
                "\"keys\": {\"tokens\": [\"c\", \"d\", \"e\"], \"padding\": [1, 1, 1]}, "
                "\"layers\": [{\"heads\": [{\"d_k\": 64, \"scores\": ");
    monkey_matrix(b, r, 2, 3, FILL_PLAIN);
    buf_text(b, "}]}], \"alignment\": {\"sure\": [[0, 0]], \"possible\": [[2, 1], [1, 0]]}}");
    monkey_doc(f, dir, "padding.json", b);

    buf_text(
        b, "{\"attnscope\": 1, \"image\": {\"rows\": 3, \"cols\": 5, \"special\": [\"[CLS]\"]}, ");
    monkey_heads(b, r, 2, 3, 16, 16, 4, FILL_PLAIN);
    buf_text(b, "}");
    monkey_doc(f, dir, "no-picture.json", b);

    buf_text(b, "{\"attnscope\": 1, \"image\": {\"rows\": 1, \"cols\": 7, \"axis\": \"keys\"}, "
                "\"queries\": {\"tokens\": [\"what\", \"is\", \"it\"]}, ");
    monkey_heads(b, r, 1, 2, 3, 7, 4, FILL_PLAIN);
    buf_text(b, "}");
    monkey_doc(f, dir, "picture-keys.json", b);

    buf_text(b, "{\"attnscope\": 1, \"sentences\": [");
    for (int s = 0; s < 12; s++) {
        int n = s == 0 ? 9 : ref_range(r, 1, 12);
        buf_text(b, s ? ",{" : "{");
        if (s == 5)
            buf_printf(b, "\"image\": {\"rows\": 1, \"cols\": %d}, ", n);
        else
            monkey_tokens(b, "tokens", n, MONKEY_WORDS + s, MONKEY_WORD_COUNT - s);
        if (s != 5)
            buf_text(b, ", ");
        monkey_heads(b, r, ref_range(r, 1, 3), ref_range(r, 1, 4), n, n, ref_range(r, 1, 5),
                     s == 3 ? FILL_ODD : FILL_PLAIN);
        buf_text(b, "}");
    }
    buf_text(b,
             "], \"settings\": {\"mask.causal\": true, \"view\": \"lines\", \"temperature\": 1e9, "
             "\"nonsense\": 1, \"mask.hidden\": [0, 2, 40]}}");
    monkey_doc(f, dir, "sentences.json", b);
}

static inline void monkey_good(MonkeyFiles *files, const char *dir, uint64_t seed)
{
    static const char *const EXAMPLES[] = {"one-sentence", "translation",  "shapes",
                                           "next-word",    "three-tokens", "chinese",
                                           "arabic-english"};
    RefRandom r = {seed | 1};
    Buf b;
    buf_init(&b, BUF_NO_LIMIT);
    monkey_plain_documents(files, dir, &r, &b);
    monkey_special_documents(files, dir, &r, &b);
    buf_free(&b);
    for (size_t i = 0; i < sizeof EXAMPLES / sizeof EXAMPLES[0]; i++)
        snprintf(files->path[files->count++], sizeof files->path[0], "%s/examples/%s/%s.attn.json",
                 dir, EXAMPLES[i], EXAMPLES[i]);
}

static inline void monkey_bad(MonkeyFiles *files, const char *dir)
{
    static const struct {
        const char *name, *text;
    } BAD[] = {
        {"empty.json", ""},
        {"cut.json",
         "{\"attnscope\": 1, \"tokens\": [\"a\", \"b\"], \"layers\": [{\"heads\": [{\"q\": [[1"},
        {"ragged.json", "{\"attnscope\": 1, \"tokens\": [\"a\", \"b\"], \"layers\": [{\"heads\": "
                        "[{\"weights\": [[1, 0], [1]]}]}]}"},
        {"rows.json", "{\"attnscope\": 1, \"tokens\": [\"a\"], \"layers\": [{\"heads\": "
                      "[{\"weights\": [[1, 0], [1, 2]]}]}]}"},
        {"ref.json", "{\"attnscope\": 1, \"tokens\": [\"a\"], \"layers\": [{\"heads\": "
                     "[{\"weights\": {\"file\": \"missing.npy\"}}]}]}"},
        {"big.json", "{\"attnscope\": 1, \"tokens\": [\"a\"], \"layers\": [{\"heads\": [{\"q\": "
                     "[[1e999]], \"k\": [[1]]}]}]}"},
        {"picture.json", "{\"attnscope\": 1, \"image\": {\"file\": \"none.png\", \"rows\": 1, "
                         "\"cols\": 1}, \"layers\": [{\"heads\": [{\"scores\": [[1]]}]}]}"},
        {"page.html", "<html><body>not this</body></html>"},
        {"bytes.npy", "\x93NUMPY\x01"},
        {"n.safetensors", "\xff\xff\xff\xff\xff\xff\xff\x7f{"},
        {"latin1.json", "{\"attnscope\": 1, \"tokens\": [\"\xe9\"]}"},
    };
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
        monkey_put(files, dir, BAD[i].name, BAD[i].text, strlen(BAD[i].text));
    snprintf(files->path[files->count++], sizeof files->path[0], "%s/nothing-here.json", dir);
    snprintf(files->path[files->count++], sizeof files->path[0], "%s", dir);
    snprintf(files->path[files->count++], sizeof files->path[0], "/dev/null");
}

static inline void monkey_remove(const char *path)
{
    DirList list = {0};
    char inner[1024];
    if (!dir_list(&list, path, true, NULL))
        return;
    for (size_t i = 0; i < list.count; i++) {
        if (!path_join(inner, sizeof inner, path, list.items[i].name))
            continue;
        if (list.items[i].is_dir)
            monkey_remove(inner);
        else
            unlink(inner);
    }
    dir_list_free(&list);
    rmdir(path);
}

#endif
