/* The text of a token on all its ways out: made visible, cut and drawn, into SVG, into a document
 * and back, and as words of a table that is read again. */
#include "fuzz/fuzz.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "draw/svg.h"
#include "draw/text.h"
#include "draw/trace.h"
#include "load/convert.h"
#include "load/load_json.h"
#include "support/xml_check.h"

#include <string.h>

enum { TEXT_MOST = 4000 };

static void shown(const char *text)
{
    char out[300], tight[9];
    for (int i = 0; i < 2; i++) {
        (i ? text_token : text_visible)(text, out, sizeof out);
        (i ? text_token : text_visible)(text, tight, sizeof tight);
        FUZZ_HOLD(strlen(out) < sizeof out && strlen(tight) < sizeof tight);
        FUZZ_HOLD(utf8_valid(out, strlen(out)) == strlen(out));
        FUZZ_HOLD(utf8_valid(tight, strlen(tight)) == strlen(tight));
        for (const char *p = out; *p; p++)
            FUZZ_HOLD((unsigned char)*p >= 0x20 && *p != 0x7f);
    }
    if (text_token_plain(text, sizeof out))
        FUZZ_HOLD(strcmp(out, text) == 0);
}

static void drawn(const char *text, float width)
{
    Font font = font_fixed();
    TextKit kit = {.font = &font, .scale = 1, .theme = theme(THEME_LIGHT)};
    TextStyle style = {FACE_SANS, 12, 0xFF000000u, ALIGN_LEFT, 0};
    DrawList list;
    Buf svg;
    Error err = {0};
    size_t at = 0;
    const char *why = "";
    draw_list_init(&list);
    draw_group(&list, text);
    text_in(&list, &kit, rect(0, 0, width, 20), &style, text);
    text_wrapped(&list, &kit, rect(0, 20, width, 200), &style, 16, 5, text);
    draw_text(&list, vec2(0, 300), &style, text, strlen(text));
    draw_ungroup(&list);
    buf_init(&svg, FUZZ_MEMORY);
    FUZZ_HOLD(svg_write(&svg, &list, &font, 400, 400, 1, 0xFFFFFFFFu, &err));
    FUZZ_HOLD(xml_check(buf_string(&svg), svg.size, &at, &why));
    buf_clear(&svg);
    FUZZ_HOLD(trace_write(&svg, &list, &err));
    buf_free(&svg);
    draw_list_free(&list);
}

/* One sentence with this token on both axes, written as a document and read again. */
static void written(const char *text)
{
    static float number = 0.25f;
    const char *tokens[] = {text};
    DocHead head = {.q = {.tensor = -1},
                    .k = {.tensor = -1},
                    .v = {.tensor = -1},
                    .scores = {.tensor = -1},
                    .recorded = {.tensor = -1},
                    .mask = {.tensor = -1},
                    .weights = {.tensor = 0, .rows = 1, .cols = 1, .step = 1},
                    .entry = ENTRY_WEIGHTS};
    DocLayer layer = {.name = text, .about = text, .heads = &head, .head_count = 1};
    DocSentence sentence = {.title = text,
                            .about = "",
                            .queries = {.tokens = tokens, .count = 1, .lang = ""},
                            .keys = {.tokens = tokens, .count = 1, .lang = ""},
                            .layers = &layer,
                            .layer_count = 1};
    Tensor tensor = {.data = &number, .dtype = DTYPE_F32, .count = 1, .floats = &number};
    Document doc, again;
    Buf out;
    Error err = {0};
    ConvertPlan plan = convert_plan();
    document_init(&doc);
    doc.title = text;
    doc.sentences = &sentence;
    doc.sentence_count = doc.tensor_count = 1;
    doc.tensors = &tensor;
    buf_init(&out, FUZZ_MEMORY);
    FUZZ_HOLD(convert_to_text(&doc, &plan, &out, &err));
    FUZZ_HOLD(fuzz_text(&again, "x.attn.json", out.data, out.size, load_json));
    fuzz_same(&doc, &again);
    FUZZ_HOLD(strcmp(again.sentences[0].layers[0].name, text) == 0);
    document_free(&again);
    buf_free(&out);
}

/* A dump whose only word is this text, if it is a word, must give it back. */
static void as_word(const char *text)
{
    Buf out;
    Document doc;
    if (!text[0] || strpbrk(text, " \t\n\r|") || strncmp(text, "\xef\xbb\xbf", 3) == 0)
        return;
    buf_init(&out, FUZZ_MEMORY);
    buf_text(&out, "0 ||| ");
    buf_text(&out, text);
    buf_text(&out, " ||| 0 ||| b ||| 1 1\n1\n\n");
    LoadRequest request = fuzz_request(fuzz_file("x.align", out.data, out.size));
    request.origin.format = "nematus";
    request.origin.eos = EOS_NONE;
    if (fuzz_open(&doc, &request)) {
        if (document_open_sentence(&doc, 0, NULL))
            FUZZ_HOLD(strcmp(doc.sentences[0].queries.tokens[0], text) == 0);
        fuzz_save(&doc);
        document_free(&doc);
    }
    buf_free(&out);
}

static int fuzz_words(const uint8_t *data, size_t size)
{
    if (size < 1 || size > TEXT_MOST || memchr(data + 1, 0, size - 1))
        return 0;
    char *text = mem_string((const char *)data + 1, size - 1);
    FUZZ_HOLD(text != NULL);
    if (utf8_valid(text, size - 1) == size - 1) {
        shown(text);
        drawn(text, (float)data[0] * 2);
        written(text);
        as_word(text);
    }
    mem_free(text);
    return 0;
}

FUZZ_MAIN(fuzz_words)
