/* Text dumps, word links among them. The first byte chooses the dialect (0: told by content), the
 * second how it is read; U+001E parts the file from those of source, target and gold. */
#include "fuzz/fuzz.h"

#include "load/dump.h"

#include <string.h>

enum { PARTS = 4 };

static int part_of(const uint8_t *data, size_t size, const uint8_t *from[PARTS],
                   size_t length[PARTS])
{
    int count = 0;
    size_t start = 0;
    for (size_t i = 0; i <= size; i++) {
        if (i < size && (data[i] != 0x1e || count == PARTS - 1))
            continue;
        from[count] = data + start;
        length[count++] = i - start;
        start = i + 1;
    }
    return count;
}

static DocOrigin origin_of(const uint8_t *data, bool links)
{
    const DumpFormat *format = NULL;
    int wanted = data[0], at = 0;
    for (int i = 0; DUMP_FORMATS[i]; i++) {
        if (DUMP_FORMATS[i]->links == links && ++at == wanted)
            format = DUMP_FORMATS[i];
    }
    return (DocOrigin){.format = format ? format->name : NULL,
                       .transpose = data[1] & 1,
                       .words = data[1] & 2,
                       .eos = (EosChoice)((data[1] >> 2) % 5)};
}

static int fuzz_lines(const uint8_t *data, size_t size, bool links)
{
    const uint8_t *from[PARTS];
    size_t length[PARTS];
    Document doc;
    if (size < 2)
        return 0;
    DocOrigin origin = origin_of(data, links);
    int count = part_of(data + 2, size - 2, from, length);
    LoadRequest request = fuzz_request(fuzz_file("x.align", from[0], length[0]));
    origin.source = count > 1 ? fuzz_file("x.source", from[1], length[1]) : NULL;
    origin.target = count > 2 ? fuzz_file("x.target", from[2], length[2]) : NULL;
    origin.gold = count > 3 ? fuzz_file("x.gold", from[3], length[3]) : NULL;
    request.origin = origin;
    if (fuzz_open(&doc, &request)) {
        fuzz_walk(&doc);
        fuzz_save(&doc);
        document_free(&doc);
    }
    return 0;
}

#ifdef FUZZ_LINKS
static int fuzz_links(const uint8_t *data, size_t size)
{
    return fuzz_lines(data, size, true);
}
FUZZ_MAIN(fuzz_links)
#else
static int fuzz_dump(const uint8_t *data, size_t size)
{
    return fuzz_lines(data, size, false);
}
FUZZ_MAIN(fuzz_dump)
#endif
