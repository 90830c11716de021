/* What opening costs: files of every kind, made here, each opened in a process of its own so that
 * its peak memory is its own; from the page cache, as they were just written.
 */
#include "bench/measure.h"

#include "base/mem.h"
#include "load/convert.h"
#include "load/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARRAY_HEADS = 16, ARRAY_TOKENS = 2048 }; /* 256 MiB of float32 */

static FILE *made_file(const char *folder, const char *name, char *path, size_t cap)
{
    snprintf(path, cap, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (!file) {
        fprintf(stderr, "bench: cannot write %s\n", path);
        exit(1);
    }
    return file;
}

static void put_numbers(FILE *file)
{
    enum { ROW = ARRAY_TOKENS };
    static float row[ROW];
    for (int i = 0; i < ROW; i++)
        row[i] = 1.0f / ROW;
    for (int i = 0; i < ARRAY_HEADS * ARRAY_TOKENS; i++)
        fwrite(row, sizeof *row, ROW, file);
}

static void put_npy(FILE *file)
{
    char head[128];
    int n = snprintf(head, sizeof head,
                     "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d, %d), }",
                     ARRAY_HEADS, ARRAY_TOKENS, ARRAY_TOKENS);
    while ((n + 11) % 64 != 0)
        head[n++] = ' ';
    head[n++] = '\n';
    const unsigned char lead[10] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (unsigned char)n, 0};
    fwrite(lead, 1, sizeof lead, file);
    fwrite(head, 1, (size_t)n, file);
    put_numbers(file);
}

static void put_safetensors(FILE *file)
{
    char head[200];
    uint64_t bytes = (uint64_t)ARRAY_HEADS * ARRAY_TOKENS * ARRAY_TOKENS * sizeof(float);
    uint64_t n = (uint64_t)snprintf(
        head, sizeof head,
        "{\"attention\":{\"dtype\":\"F32\",\"shape\":[%d,%d,%d],\"data_offsets\":[0,%llu]}}",
        ARRAY_HEADS, ARRAY_TOKENS, ARRAY_TOKENS, (unsigned long long)bytes);
    while (n % 8 != 0)
        head[n++] = ' ';
    fwrite(&n, sizeof n, 1, file);
    fwrite(head, 1, (size_t)n, file);
    put_numbers(file);
}

/* Sentences of 10 to 40 tokens a side. */
static int tokens_of(int sentence, int side)
{
    return 10 + (sentence * (side ? 7 : 11)) % 31;
}

static void put_words(FILE *file, int count)
{
    for (int i = 0; i < count; i++)
        fprintf(file, "%sword%d", i ? " " : "", i);
}

static void put_row(FILE *file, int count, int at, char mark)
{
    for (int j = 0; j < count; j++)
        fprintf(file, "%s%.8f",
                j == 0        ? ""
                : mark == ' ' ? " "
                              : ",",
                j == at % count ? 1 - 0.01 * (count - 1) : 0.01);
}

static void put_nematus(FILE *file)
{
    for (int s = 0; s < 3000; s++) {
        int target = tokens_of(s, 0), source = tokens_of(s, 1);
        fprintf(file, "%d ||| ", s);
        put_words(file, target);
        fprintf(file, " ||| 0 ||| ");
        put_words(file, source);
        fprintf(file, " ||| %d %d\n", source + 1, target + 1);
        for (int i = 0; i <= target; i++) {
            put_row(file, source + 1, i, ' ');
            fprintf(file, "\n");
        }
        fprintf(file, "\n");
    }
}

static void put_marian(FILE *file)
{
    for (int s = 0; s < 3000; s++) {
        int target = tokens_of(s, 0), source = tokens_of(s, 1);
        put_words(file, target);
        fprintf(file, " |||");
        for (int i = 0; i <= target; i++) {
            fprintf(file, " ");
            put_row(file, source + 1, i, ',');
        }
        fprintf(file, "\n");
    }
}

static void put_links(FILE *file)
{
    for (int s = 0; s < 1000000; s++) {
        int count = tokens_of(s, 0) / 2 + 6;
        for (int i = 0; i < count; i++)
            fprintf(file, "%s%d-%d", i ? " " : "", i, (i * 5 + s) % count);
        fprintf(file, "\n");
    }
}

/* In a process of its own, whose peak memory the file's is; once before, so that it is cached. */
static void open_apart(const char *self, const char *name, double bar, const char *path)
{
    char text[32];
    snprintf(text, sizeof text, "%g", bar);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        execl(self, self, "--open", name, text, path, (char *)NULL);
        _exit(127);
    }
    int status = 0;
    waitpid(child, &status, 0);
}

/* The same numbers as float32 of a document, without compression. */
static void to_npz(const char *from, const char *to)
{
    Document doc;
    Error err = {0};
    LoadRequest request = {.path = from, .limits = load_limits_default()};
    ConvertPlan plan = convert_plan();
    Convert kind;
    document_init(&doc);
    need(load_document(&doc, &request, &err), &err);
    need(convert_kind(to, &kind, &err), &err);
    need(convert_document(&doc, kind, &plan, to, &err), &err);
    document_free(&doc);
}

int open_once(const char *name, double bar, const char *path)
{
    Document doc;
    Error err = {0};
    struct stat info;
    struct rusage used;
    char line[100];
    LoadRequest request = {.path = path, .limits = load_limits_default()};
    document_init(&doc);
    if (stat(path, &info) != 0)
        return 1;
    double ms = 0, spent = 0, start;
    for (int i = 0; i < 3; i++) { /* others work on the machine too: the best of three */
        double cpu = cpu_ms();
        start = now_ms();
        need(load_document(&doc, &request, &err), &err);
        double took = now_ms() - start, used_cpu = cpu_ms() - cpu;
        ms = i == 0 || took < ms ? took : ms;
        spent = i == 0 || used_cpu < spent ? used_cpu : spent;
        if (i < 2)
            document_free(&doc);
    }
    start = now_ms();
    need(document_open_sentence(&doc, 0, &err), &err);
    double first = now_ms() - start;
    getrusage(RUSAGE_SELF, &used);
    double megabytes = (double)info.st_size / 1e6;
    snprintf(line, sizeof line, "opening %s of %.0f MB, of them %.0f ms processor time", name,
             megabytes, spent);
    figure(line, ms, "ms", 0);
    snprintf(line, sizeof line, "  its rate");
    figure(line, megabytes / spent * 1e3, "MB/s", bar);
    if (doc.corpus.self) {
        snprintf(line, sizeof line, "  the first of its %d sentences", doc.sentence_count);
        figure(line, first, "ms", 0);
    }
    figure("  peak memory of the process", (double)used.ru_maxrss / 1024, "MiB", 0);
    document_free(&doc);
    return 0;
}

static bool numpy_try(const char *python, const char *npy, const char *npz)
{
    char command[4096];
    snprintf(
        command, sizeof command,
        "%s -c \"import numpy as n, time, os\n"
        "for path in ('%s', '%s'):\n"
        " spent = []\n"
        " for i in range(3):\n"
        "  t = time.process_time(); a = n.load(path)\n"
        "  b = [a[k] for k in a.files] if path.endswith('npz') else [a]\n"
        "  spent.append(time.process_time() - t)\n"
        " print('%%-58s %%9.2f MB/s' %% ('NumPy opening ' + path[-4:] + ', looking at nothing', "
        "os.path.getsize(path) / min(spent) / 1e6))\" 2>/dev/null",
        python, npy, npz);
    return system(command) == 0;
}

void figures_load(const char *self, const char *folder)
{
    static const struct {
        const char *file, *name;
        double bar;
        void (*put)(FILE *file);
    } kinds[] = {
        {"a.npy", ".npy", 1000, put_npy},
        {"a.safetensors", ".safetensors", 1000, put_safetensors},
        {"a.nematus", "Nematus", 0, put_nematus},
        {"a.marian", "Marian", 0, put_marian},
        {"a.align", "word links", 100, put_links},
    };
    char path[1200], npy[1200], npz[1200];
    MadeDocument made = {folder, 1024, 64, 1, 10, true};
    made_document(&made, path, sizeof path);
    open_apart(self, "JSON", 300, path);
    unlink(path);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        FILE *file = made_file(folder, kinds[i].file, path, sizeof path);
        kinds[i].put(file);
        fclose(file);
        open_apart(self, kinds[i].name, kinds[i].bar, path);
        if (i > 0)
            unlink(path);
    }
    snprintf(npy, sizeof npy, "%s/a.npy", folder);
    snprintf(npz, sizeof npz, "%s/a.npz", folder);
    to_npz(npy, npz);
    open_apart(self, ".npz, stored", 1000, npz);
    fflush(stdout);
    if (!numpy_try("python3", npy, npz) && !numpy_try("/usr/bin/python3", npy, npz))
        printf("SKIPPED: opening beside NumPy: needs python3-numpy\n");
    unlink(npy);
    unlink(npz);
}
