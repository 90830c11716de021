#include "view/scene.h"

#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

#define LABEL_BYTES 256

typedef struct {
    char code[4];
    const char *name;
} Language;

static const Language LANGUAGES[] = {
    {"ar", "Arabic"},     {"bg", "Bulgarian"}, {"bn", "Bengali"},    {"ca", "Catalan"},
    {"cs", "Czech"},      {"da", "Danish"},    {"de", "German"},     {"el", "Greek"},
    {"en", "English"},    {"es", "Spanish"},   {"et", "Estonian"},   {"fa", "Persian"},
    {"fi", "Finnish"},    {"fr", "French"},    {"ga", "Irish"},      {"he", "Hebrew"},
    {"hi", "Hindi"},      {"hr", "Croatian"},  {"hu", "Hungarian"},  {"hy", "Armenian"},
    {"id", "Indonesian"}, {"is", "Icelandic"}, {"it", "Italian"},    {"ja", "Japanese"},
    {"ka", "Georgian"},   {"ko", "Korean"},    {"lt", "Lithuanian"}, {"lv", "Latvian"},
    {"nl", "Dutch"},      {"no", "Norwegian"}, {"pl", "Polish"},     {"pt", "Portuguese"},
    {"ro", "Romanian"},   {"ru", "Russian"},   {"sk", "Slovak"},     {"sl", "Slovene"},
    {"sr", "Serbian"},    {"sv", "Swedish"},   {"sw", "Swahili"},    {"ta", "Tamil"},
    {"th", "Thai"},       {"tr", "Turkish"},   {"uk", "Ukrainian"},  {"ur", "Urdu"},
    {"vi", "Vietnamese"}, {"zh", "Chinese"}};

static const char *language(const char *code)
{
    for (size_t i = 0; i < sizeof LANGUAGES / sizeof LANGUAGES[0]; i++)
        if (strcmp(LANGUAGES[i].code, code) == 0)
            return LANGUAGES[i].name;
    return code;
}

/* A list of the AXIS_WIDEST labels with the most code points: what layouts measure, so that a frame
 * never measures thousands of labels. */
static void note_wide(Axis *axis, int counts[AXIS_WIDEST], int index)
{
    const char *label = axis->labels[index];
    size_t length = strlen(label);
    int at = axis->widest_count;
    if (at == AXIS_WIDEST && length <= (size_t)counts[AXIS_WIDEST - 1])
        return; /* no more code points than bytes */
    int count = (int)utf8_count(label, length);
    if (at == AXIS_WIDEST && count <= counts[AXIS_WIDEST - 1])
        return;
    if (at < AXIS_WIDEST)
        axis->widest_count++;
    else
        at--;
    for (; at > 0 && counts[at - 1] < count; at--) {
        counts[at] = counts[at - 1];
        axis->widest[at] = axis->widest[at - 1];
    }
    counts[at] = count;
    axis->widest[at] = index;
}

static bool label_one(Axis *axis, const DocSentence *sentence, const DocAxis *from, bool query_axis,
                      int i)
{
    char text[LABEL_BYTES], number[TEXT_NUMBER];
    const char *token = i < from->count && from->tokens ? from->tokens[i] : NULL;
    axis->tokens[i] = token ? token : "";
    if (!axis->image && token && text_token_plain(token, sizeof text)) {
        axis->labels[i] = token; /* of a hundred thousand tokens most are */
        return true;
    }
    if (axis->image) /* "patch 2, 6", or the special token's name */
        document_token(sentence, query_axis, i, text, sizeof text);
    else if (token)
        text_token(token, text, sizeof text);
    else {
        text_count(number, i);
        snprintf(text, sizeof text, "%s", number);
    }
    axis->labels[i] = arena_text(&axis->arena, text, strlen(text));
    return axis->labels[i] != NULL;
}

bool axis_init(Axis *axis, const DocSentence *sentence, bool query_axis, int count, Error *err)
{
    const DocAxis *from = query_axis ? &sentence->queries : &sentence->keys;
    int counts[AXIS_WIDEST];
    memset(axis, 0, sizeof *axis);
    arena_init(&axis->arena);
    axis->count = count;
    axis->name = query_axis ? "query" : "key";
    if (from->lang && from->lang[0])
        axis->name = arena_text(&axis->arena, language(from->lang), strlen(language(from->lang)));
    axis->image = document_patches(sentence, query_axis, &axis->first_patch);
    axis->labels = arena_alloc(&axis->arena, (size_t)count, sizeof *axis->labels);
    axis->tokens = arena_alloc(&axis->arena, (size_t)count, sizeof *axis->tokens);
    bool ok = axis->labels && axis->tokens && axis->name;
    for (int i = 0; ok && i < count; i++) {
        ok = label_one(axis, sentence, from, query_axis, i);
        if (ok)
            note_wide(axis, counts, i);
    }
    if (ok)
        return true;
    axis_free(axis);
    return error_memory(err);
}

bool axis_init_numbers(Axis *axis, const char *name, int count, Error *err)
{
    int counts[AXIS_WIDEST];
    memset(axis, 0, sizeof *axis);
    arena_init(&axis->arena);
    axis->count = count;
    axis->numbered = count > 1;
    axis->name = name;
    axis->labels = arena_alloc(&axis->arena, (size_t)count, sizeof *axis->labels);
    axis->tokens = arena_alloc(&axis->arena, (size_t)count, sizeof *axis->tokens);
    bool ok = axis->labels && axis->tokens;
    for (int i = 0; ok && i < count; i++) {
        char text[TEXT_NUMBER];
        text_count(text, i);
        axis->tokens[i] = "";
        axis->labels[i] = count == 1 ? name : arena_text(&axis->arena, text, strlen(text));
        ok = axis->labels[i] != NULL;
        if (ok)
            note_wide(axis, counts, i);
    }
    if (ok)
        return true;
    axis_free(axis);
    return error_memory(err);
}

void axis_free(Axis *axis)
{
    arena_free(&axis->arena);
    memset(axis, 0, sizeof *axis);
}

const char *axis_label(const Axis *axis, int index)
{
    return axis && axis->labels && index >= 0 && index < axis->count ? axis->labels[index] : "";
}

const char *axis_full(const Axis *axis, int index, char buf[AXIS_FULL])
{
    const char *label = axis_label(axis, index);
    if (!axis || !axis->numbered || !label[0])
        return label;
    snprintf(buf, AXIS_FULL, "%.30s %s", axis->name, label);
    return buf;
}

Color axis_color(const Axis *axis, int index, const Theme *theme)
{
    bool unknown =
        axis && axis->unknown && index >= 0 && index < axis->count && axis->unknown[index];
    return unknown ? theme->err : theme->text1;
}

float axis_width(const Axis *axis, const TextKit *kit, FontFace face, float size)
{
    float widest = 0;
    int count = !axis || !axis->labels         ? 0
                : axis->count <= AXIS_MEASURED ? axis->count
                                               : axis->widest_count;
    for (int i = 0; i < count; i++) {
        int index = axis->count <= AXIS_MEASURED ? i : axis->widest[i];
        float width = text_width(kit, face, size, axis->labels[index]);
        widest = width > widest ? width : widest;
    }
    return widest;
}
