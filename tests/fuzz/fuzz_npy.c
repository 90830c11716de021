/* .npy: the header alone, the numbers, the texts, and all of it as a document. */
#include "fuzz/fuzz.h"

#include "base/mem.h"
#include "load/load_npy.h"

static void read_texts(const char *path, const LoadRequest *request)
{
    Error err = {0};
    NpyHeader header;
    const char **texts;
    Arena arena;
    arena_init(&arena);
    if (!npy_texts(path, request, &arena, &header, &texts, &err))
        fuzz_error(&err);
    arena_free(&arena);
}

static int fuzz_npy(const uint8_t *data, size_t size)
{
    const char *path = fuzz_file("x.npy", data, size);
    LoadRequest request = fuzz_request(path);
    Error err = {0};
    Numbers numbers = {0};
    Document doc;
    request.allow_trailing = size % 2;
    if (npy_read(&numbers, path, &request, FUZZ_MEMORY, &err)) {
        int64_t count = 0;
        FUZZ_HOLD(numbers_count(numbers.shape, numbers.ndim, &count));
        FUZZ_HOLD(count == numbers.tensor.count && (uint64_t)count <= FUZZ_MEMORY);
        tensor_free(&numbers.tensor);
    } else {
        fuzz_error(&err);
    }
    read_texts(path, &request);
    if (fuzz_open(&doc, &request)) {
        fuzz_walk(&doc);
        fuzz_save(&doc);
        document_free(&doc);
    }
    return 0;
}

FUZZ_MAIN(fuzz_npy)
