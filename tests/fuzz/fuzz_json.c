/* The scanner and documents of ours. What is accepted is written and read back the same. */
#include "fuzz/fuzz.h"

#include "load/json_scan.h"
#include "load/load_json.h"

#include <string.h>

static void only_scan(const char *text, size_t size)
{
    Error err = {0};
    LoadRequest request = fuzz_request("x.json");
    size_t at = 0;
    bool ok = json_scan(text, size, &request, NULL, &err);
    if (!ok)
        fuzz_error(&err);
    err = (Error){0};
    if (json_scan_next(text, size, &at, &request, NULL, &err))
        FUZZ_HOLD(at <= size);
    else
        FUZZ_HOLD(!ok);
}

static int fuzz_json(const uint8_t *data, size_t size)
{
    static const char *path;
    Document doc;
    Buf text;
    if (!path)
        path = fuzz_file("x.attn.json", "", 0);
    buf_init(&text, BUF_NO_LIMIT);
    if (buf_append(&text, data, size) && buf_string(&text))
        only_scan(buf_string(&text), size);
    buf_free(&text);
    bool lines = memmem(data, size, "}\n{", 3) != NULL;
    if (fuzz_text(&doc, lines ? "x.jsonl" : path, data, size, load_json)) {
        fuzz_walk(&doc);
        fuzz_save(&doc);
        document_free(&doc);
    }
    return 0;
}

FUZZ_MAIN(fuzz_json)
