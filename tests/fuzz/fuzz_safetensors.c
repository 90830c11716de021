/* .safetensors: header, every tensor, and all of it as a document. The mutator keeps the length of
 * the header right. */
#include "fuzz/fuzz.h"

#include "base/mem.h"
#include "load/load_safetensors.h"

#include <string.h>

static void read_all(const Safetensors *st)
{
    for (int i = 0; i < st->count && i < 40; i++) {
        Error err = {0};
        Numbers numbers = {0};
        const SafeTensor *tensor = &st->items[i];
        FUZZ_HOLD(tensor->begin <= tensor->end && tensor->end <= st->file.stamp.size - st->data);
        FUZZ_HOLD(safetensors_find(st, tensor->name) == tensor);
        if (safetensors_read(st, tensor, &numbers, FUZZ_MEMORY, &err))
            tensor_free(&numbers.tensor);
        else
            fuzz_error(&err);
    }
}

static int fuzz_safetensors(const uint8_t *data, size_t size)
{
    const char *path = fuzz_file("x.safetensors", data, size);
    LoadRequest request = fuzz_request(path);
    Error err = {0};
    Safetensors st;
    Document doc;
    safetensors_init(&st);
    if (safetensors_open(&st, path, &request, &err))
        read_all(&st);
    else
        fuzz_error(&err);
    safetensors_free(&st);
    if (fuzz_open(&doc, &request)) {
        fuzz_walk(&doc);
        fuzz_save(&doc);
        document_free(&doc);
    }
    return 0;
}

#ifdef FUZZ_ENGINE
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    size = LLVMFuzzerMutate(data, size, max_size);
    if (seed % 8 == 0 || size < 10)
        return size;
    const uint8_t *last = NULL; /* the last closing brace with only spaces behind, or the last */
    for (size_t i = 8; i < size && i < 8192; i++) {
        if (data[i] == '}' && (!last || i + 1 == size || data[i + 1] < 0x20 || data[i + 1] > 0x7e))
            last = data + i;
    }
    if (!last)
        return size;
    size_t length = (size_t)(last - data) - 7;
    memset(data, 0, 8);
    data[0] = (uint8_t)length;
    data[1] = (uint8_t)(length >> 8);
    return size;
}
#endif

FUZZ_MAIN(fuzz_safetensors)
