/* Pages of other viewers. */
#include "fuzz/fuzz.h"

#include "load/foreign.h"

static int fuzz_html(const uint8_t *data, size_t size)
{
    Document doc;
    static const char *path;
    if (!path)
        path = fuzz_file("x.html", "", 0);
    if (fuzz_text(&doc, path, data, size, foreign_html)) {
        fuzz_walk(&doc);
        fuzz_save(&doc);
        document_free(&doc);
    }
    return 0;
}

FUZZ_MAIN(fuzz_html)
