/* What all fuzz targets share. A target is one function of some bytes: it may refuse them in any
 * way that an Error can tell, but must not crash, leak, hang, take more than its limits or break
 * what FUZZ_HOLD says. FUZZ_MAIN makes of it either a target of libFuzzer or a program that runs on
 * plain files, which is how the kept findings run as tests.
 */
#ifndef ATTNSCOPE_TESTS_FUZZ_FUZZ_H
#define ATTNSCOPE_TESTS_FUZZ_FUZZ_H

#include "load/load.h"

#include <stddef.h>
#include <stdint.h>

enum { FUZZ_MEMORY = 64 << 20, FUZZ_SENTENCES = 40 };

typedef int FuzzTarget(const uint8_t *data, size_t size);

#define FUZZ_HOLD(what)                                                                            \
    do {                                                                                           \
        if (!(what))                                                                               \
            fuzz_broken(__FILE__, __LINE__, #what);                                                \
    } while (0)
_Noreturn void fuzz_broken(const char *file, int line, const char *what);

#ifdef FUZZ_ENGINE
#define FUZZ_MAIN(target)                                                                          \
    int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);                                  \
    int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)                                   \
    {                                                                                              \
        return target(data, size);                                                                 \
    }
#else
#define FUZZ_MAIN(target)                                                                          \
    int main(int argc, char **argv)                                                                \
    {                                                                                              \
        return fuzz_files(target, argc, argv);                                                     \
    }
#endif
/* Runs the target on files, and on all in folders. 1 when one cannot be read or leaves blocks. */
int fuzz_files(FuzzTarget *target, int argc, char **argv);

/* Writes a file of this name into a folder in memory, which goes at the end; lent until the same
 * name is written again. */
const char *fuzz_file(const char *name, const void *data, size_t size);
LoadRequest fuzz_request(const char *path);

/* The message must be one line of UTF-8 with a kind. */
void fuzz_error(const Error *err);
/* load_document, held to the above. */
bool fuzz_open(Document *doc, const LoadRequest *request);
/* Opens sentences, selects all their heads, says how they were read. */
void fuzz_walk(Document *doc);
/* Both must say the same, but for how they came about. */
void fuzz_same(Document *a, Document *b);
/* save_text, and what is read back must be the same. */
void fuzz_save(Document *doc);
/* Text in memory through load_json, foreign_json or foreign_html. */
bool fuzz_text(Document *doc, const char *path, const void *data, size_t size,
               bool (*read)(Document *doc, const LoadRequest *request, Error *err));

/* CRC-32 as PNG and ZIP have it: mutators mend it, or little would come behind the check. */
uint32_t fuzz_crc(uint32_t crc, const uint8_t *data, size_t size);

#ifdef FUZZ_ENGINE
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
#endif

#endif
