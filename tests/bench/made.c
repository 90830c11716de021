/* Documents as large as a figure needs them, from seeded numbers. */
#include "bench/measure.h"

#include "base/mem.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void made_numbers(float *out, size_t count, unsigned seed)
{
    uint64_t state = seed * 0x9E3779B97F4A7C15u + 1;
    for (size_t i = 0; i < count; i++) {
        double sum = 0; /* of twelve uniform numbers: close enough to normal */
        for (int j = 0; j < 12; j++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            sum += (double)(state >> 40) / 16777216.0;
        }
        out[i] = (float)(sum - 6);
    }
}

static FILE *open_in(const char *folder, const char *name, char *path, size_t cap)
{
    snprintf(path, cap, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (!file) {
        fprintf(stderr, "bench: cannot write %s\n", path);
        exit(1);
    }
    return file;
}

static void put_npy(const MadeDocument *made, const char *name, unsigned seed)
{
    char path[1200], header[160];
    size_t count = (size_t)made->heads * (size_t)made->tokens * (size_t)made->depth;
    float *numbers = mem_array(count, sizeof *numbers);
    if (!numbers)
        exit(1);
    made_numbers(numbers, count, seed);
    FILE *file = open_in(made->folder, name, path, sizeof path);
    int n = snprintf(header, sizeof header,
                     "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d, %d), }",
                     made->heads, made->tokens, made->depth);
    while ((n + 11) % 64 != 0)
        header[n++] = ' ';
    header[n++] = '\n';
    unsigned char lead[10] = {
        0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (unsigned char)(n & 255), (unsigned char)(n >> 8)};
    fwrite(lead, 1, sizeof lead, file);
    fwrite(header, 1, (size_t)n, file);
    fwrite(numbers, sizeof *numbers, count, file);
    fclose(file);
    mem_free(numbers);
}

static void put_inline(FILE *file, const MadeDocument *made, const char *name, unsigned seed)
{
    size_t count = (size_t)made->tokens * (size_t)made->depth;
    float *numbers = mem_array(count, sizeof *numbers);
    if (!numbers)
        exit(1);
    made_numbers(numbers, count, seed);
    fprintf(file, "\"%s\": [", name);
    for (int r = 0; r < made->tokens; r++)
        for (int c = 0; c < made->depth; c++)
            fprintf(file, "%s%.7f%s",
                    c   ? ","
                    : r ? ",\n["
                        : "[",
                    (double)numbers[(size_t)r * (size_t)made->depth + (size_t)c],
                    c + 1 < made->depth ? "" : "]");
    fprintf(file, "]");
    mem_free(numbers);
}

static void put_layer(FILE *file, const MadeDocument *made, int layer)
{
    static const char *const NAMES[] = {"q", "k", "v"};
    fprintf(file, "%s{", layer ? ", " : "");
    if (made->inline_numbers)
        fprintf(file, "\"heads\": [");
    for (int h = 0; h < (made->inline_numbers ? made->heads : 1); h++) {
        fprintf(file, "%s", made->inline_numbers ? h ? ", {" : "{" : "");
        for (int t = 0; t < 3; t++) {
            char name[64];
            unsigned seed = (unsigned)((layer * 1000 + h) * 3 + t + 1);
            fprintf(file, "%s", t ? ", " : "");
            if (made->inline_numbers) {
                put_inline(file, made, NAMES[t], seed);
                continue;
            }
            snprintf(name, sizeof name, "n%d-l%d-%s.npy", made->tokens, layer, NAMES[t]);
            put_npy(made, name, seed);
            fprintf(file, "\"%s\": {\"file\": \"%s\"}", NAMES[t], name);
        }
        fprintf(file, "%s", made->inline_numbers ? "}" : "");
    }
    fprintf(file, "%s}", made->inline_numbers ? "]" : "");
}

void made_document(const MadeDocument *made, char *out, size_t cap)
{
    char name[64];
    snprintf(name, sizeof name, "n%d-l%d-h%d.attn.json", made->tokens, made->layers, made->heads);
    FILE *file = open_in(made->folder, name, out, cap);
    fprintf(file, "{\"attnscope\": 1, \"title\": \"n = %d\", \"tokens\": [", made->tokens);
    for (int i = 0; i < made->tokens; i++)
        fprintf(file, "%s\"word%d\"", i ? ", " : "", i);
    fprintf(file, "], \"layers\": [");
    for (int l = 0; l < made->layers; l++)
        put_layer(file, made, l);
    fprintf(file, "]}\n");
    fclose(file);
}
