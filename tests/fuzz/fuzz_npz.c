/* .npz: directory, every member, and all of it as a document. The mutator mends the sums of stored
 * members, in the local header and in the directory. */
#include "fuzz/fuzz.h"

#include "base/mem.h"
#include "load/npz.h"

#include <string.h>

static void read_item(const Npz *npz, const NpzItem *item)
{
    Error err = {0};
    Numbers numbers = {0};
    Arena arena;
    const char **texts;
    int count = 0;
    arena_init(&arena);
    if (item->texts) {
        if (!npz_texts(npz, item, &arena, &texts, &count, &err))
            fuzz_error(&err);
    } else if (npz_read(npz, item, &numbers, FUZZ_MEMORY, &err)) {
        tensor_free(&numbers.tensor);
    } else {
        fuzz_error(&err);
    }
    arena_free(&arena);
}

static int fuzz_npz(const uint8_t *data, size_t size)
{
    const char *path = fuzz_file("x.npz", data, size);
    LoadRequest request = fuzz_request(path);
    Error err = {0};
    Npz npz;
    Document doc;
    npz_init(&npz);
    if (npz_open(&npz, path, &request, &err)) {
        for (int i = 0; i < npz.count && i < 40; i++)
            read_item(&npz, &npz.items[i]);
    } else {
        fuzz_error(&err);
    }
    npz_free(&npz);
    if (fuzz_open(&doc, &request)) {
        fuzz_walk(&doc);
        fuzz_save(&doc);
        document_free(&doc);
    }
    return 0;
}

#ifdef FUZZ_ENGINE
static uint32_t little(const uint8_t *at, int bytes)
{
    uint32_t value = 0;
    for (int i = bytes - 1; i >= 0; i--)
        value = value << 8 | at[i];
    return value;
}

static void put(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    size = LLVMFuzzerMutate(data, size, max_size);
    for (size_t i = 0; seed % 8 && i + 46 < size; i++) {
        if (memcmp(data + i, "PK\1\2", 4) != 0)
            continue;
        size_t from = little(data + i + 42, 4), length = little(data + i + 20, 4);
        if (from + 30 > size || memcmp(data + from, "PK\3\4", 4) != 0)
            continue;
        size_t at = from + 30 + little(data + from + 26, 2) + little(data + from + 28, 2);
        if (little(data + i + 10, 2) != 0 || at > size || length > size - at)
            continue;
        uint32_t crc = fuzz_crc(0, data + at, length);
        put(data + i + 16, crc);
        put(data + from + 14, crc);
    }
    return size;
}
#endif

FUZZ_MAIN(fuzz_npz)
