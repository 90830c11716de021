/* JSON of other programs, and what it becomes as a document of ours. */
#include "fuzz/fuzz.h"

#include "load/foreign.h"
#include "load/tensors.h"

static int fuzz_foreign_json(const uint8_t *data, size_t size)
{
    Document doc;
    Buf text;
    static const char *path;
    if (!path)
        path = fuzz_file("x.json", "", 0);
    buf_init(&text, BUF_NO_LIMIT);
    if (buf_append(&text, data, size)) {
        foreign_is_ours(buf_string(&text), size);
        tensors_is_index(buf_string(&text), size);
    }
    buf_free(&text);
    if (fuzz_text(&doc, path, data, size, foreign_json)) {
        fuzz_walk(&doc);
        fuzz_save(&doc);
        document_free(&doc);
    }
    return 0;
}

FUZZ_MAIN(fuzz_foreign_json)
