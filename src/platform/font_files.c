#include "platform/font_files.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "draw/grapheme.h"
#include "platform/font_box.h"

#include <fontconfig/fontconfig.h>
#include <hb-ot.h>
#include <string.h>
#include <strings.h>

#define ASKED_SLOTS    8192 /* power of two */
#define ASKED_PROBES   8
#define MISSING_MAX    4096
#define COLLECTION_MAX 64 /* fonts looked at in one .ttc */

static const char *const BUNDLED[FACE_COUNT] = {"DejaVuSans.ttf", "DejaVuSans-Bold.ttf",
                                                "DejaVuSansMono.ttf"};
static const char *const HAN_LANGUAGES[] = {"zh-cn", "ja", "ko"};

/* What fontconfig (or the folder) answered. Bounded; a forgotten answer is asked for again. */
typedef struct {
    uint32_t what; /* a code point or a script tag, 0 = free */
    uint8_t how;   /* face and Han style */
    int16_t file;  /* −1: none */
} Asked;

struct FontFiles {
    FontFile items[FONT_FILES_MAX];
    int count;
    bool fixed;       /* a folder was given: no fontconfig */
    FcConfig *config; /* loaded at the first look-up */
    bool config_tried;
    int emoji; /* −1: none */
    bool emoji_tried;
    Asked asked[ASKED_SLOTS];
    uint32_t missing[MISSING_MAX];
    size_t missing_count;
};

/* ---- files -------------------------------------------------------------- */

static int add_file(FontFiles *files, const char *path, int index)
{
    for (int i = 0; i < files->count; i++)
        if (files->items[i].index == index && strcmp(files->items[i].path, path) == 0)
            return i;
    if (files->count == FONT_FILES_MAX)
        return -1;
    File probe; /* it refuses what is not a regular file: opening a FIFO would wait for ever */
    if (!file_open(&probe, path, NULL))
        return -1;
    file_close(&probe);
    hb_blob_t *blob = hb_blob_create_from_file_or_fail(path);
    if (!blob)
        return -1;
    FontFile *file = &files->items[files->count];
    *file = (FontFile){.index = index};
    file->data = hb_blob_get_data(blob, &file->size);
    hb_face_t *face = hb_face_create(blob, (unsigned)index);
    hb_blob_destroy(blob); /* the face keeps it */
    if (hb_face_get_glyph_count(face) > 0)
        file->path = mem_string(path, strlen(path));
    if (!file->path) {
        hb_face_destroy(face);
        return -1;
    }
    file->strikes = hb_ot_color_has_png(face);
    file->color = file->strikes || hb_ot_color_has_layers(face);
    file->unit = 1.0f / (float)hb_face_get_upem(face);
    file->shaper = hb_font_create(face);
    hb_face_destroy(face); /* the font keeps it */
    return files->count++;
}

static void add_folder(FontFiles *files, const char *dir)
{
    DirList list;
    if (!dir_list(&list, dir, false, NULL))
        return;
    for (size_t i = 0; i < list.count; i++) {
        char path[4096];
        const char *name = list.items[i].name, *dot = strrchr(name, '.');
        if (list.items[i].is_dir || !dot || !path_join(path, sizeof path, dir, name))
            continue;
        if (strcasecmp(dot, ".ttf") == 0 || strcasecmp(dot, ".otf") == 0)
            add_file(files, path, 0);
        else if (strcasecmp(dot, ".ttc") == 0)
            for (int index = 0; index < COLLECTION_MAX; index++)
                if (add_file(files, path, index) < 0)
                    break;
    }
    dir_list_free(&list);
}

FontFiles *font_files_new(const FontTtfOptions *options, Error *err)
{
    FontFiles *files = mem_zero(1, sizeof *files);
    if (!files) {
        error_memory(err);
        return NULL;
    }
    files->emoji = -1;
    files->fixed = options->font_dir != NULL;
    for (int face = 0; face < FACE_COUNT; face++) {
        char path[4096];
        if (!path_join(path, sizeof path, options->bundled_dir, BUNDLED[face]) ||
            add_file(files, path, 0) != face) {
            error_at(err, ERROR_IO, BUNDLED[face],
                     "font: expected a readable font in %s, found none", options->bundled_dir);
            font_files_free(files);
            return NULL;
        }
    }
    if (files->fixed)
        add_folder(files, options->font_dir);
    return files;
}

void font_files_free(FontFiles *files)
{
    if (!files)
        return;
    for (int i = 0; i < files->count; i++) {
        hb_font_destroy(files->items[i].shaper);
        mem_free(files->items[i].path);
    }
    if (files->config)
        FcConfigDestroy(files->config);
    mem_free(files);
}

const FontFile *font_files_at(const FontFiles *files, int file)
{
    return &files->items[file];
}

/* ---- what a font covers ------------------------------------------------- */

/* Draws nothing by itself: no font needs it, and shapers know what it means. */
static bool is_ignorable(uint32_t c)
{
    return c == 0xAD || c == 0x34F || c == 0x61C || (c >= 0x180B && c <= 0x180F) ||
           (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2060 && c <= 0x206F) || (c >= 0xFE00 && c <= 0xFE0F) || c == 0xFEFF ||
           (c >= 0xE0000 && c <= 0xE0FFF);
}

static bool has_glyph(const FontFile *file, uint32_t c)
{
    hb_codepoint_t glyph;
    return is_ignorable(c) || hb_font_get_nominal_glyph(file->shaper, c, &glyph);
}

static bool covers(const FontFile *file, const char *cluster, size_t length)
{
    for (size_t at = 0; at < length;)
        if (!has_glyph(file, utf8_next(cluster, length, &at)))
            return false;
    return true;
}

uint32_t font_files_first(const char *cluster, size_t length)
{
    size_t at = 0;
    uint32_t first = utf8_next(cluster, length, &at);
    for (uint32_t c = first; at < length && is_ignorable(c);) {
        c = utf8_next(cluster, length, &at);
        if (!is_ignorable(c))
            return c;
    }
    return first;
}

/* ---- asking fontconfig -------------------------------------------------- */

static FcConfig *config_of(FontFiles *files)
{
    if (!files->config_tried) {
        files->config_tried = true;
        files->config = FcInitLoadConfigAndFonts();
    }
    return files->config;
}

static int take_match(FontFiles *files, FcConfig *config, FcPattern *wanted)
{
    FcResult result;
    FcChar8 *path = NULL;
    int index = 0, file = -1;
    FcConfigSubstitute(config, wanted, FcMatchPattern);
    FcDefaultSubstitute(wanted);
    FcPattern *match = FcFontMatch(config, wanted, &result);
    if (!match)
        return -1;
    if (FcPatternGetString(match, FC_FILE, 0, &path) == FcResultMatch &&
        FcPatternGetInteger(match, FC_INDEX, 0, &index) == FcResultMatch)
        file = add_file(files, (const char *)path, index & 0xFFFF);
    FcPatternDestroy(match);
    return file;
}

/* family may be NULL: any sans-serif one. */
static int ask_fontconfig(FontFiles *files, uint32_t c, FontFace face, const char *language,
                          const char *family)
{
    FcConfig *config = config_of(files);
    FcPattern *wanted = config ? FcPatternCreate() : NULL;
    FcCharSet *set = wanted ? FcCharSetCreate() : NULL;
    int file = -1;
    if (set && FcCharSetAddChar(set, c)) {
        FcPatternAddCharSet(wanted, FC_CHARSET, set);
        FcPatternAddString(wanted, FC_FAMILY, (const FcChar8 *)(family ? family : "sans-serif"));
        FcPatternAddBool(wanted, FC_COLOR, family ? FcTrue : FcFalse);
        FcPatternAddInteger(wanted, FC_WEIGHT,
                            face == FACE_BOLD ? FC_WEIGHT_BOLD : FC_WEIGHT_REGULAR);
        if (language)
            FcPatternAddString(wanted, FC_LANG, (const FcChar8 *)language);
        file = take_match(files, config, wanted);
    }
    if (set)
        FcCharSetDestroy(set);
    if (wanted)
        FcPatternDestroy(wanted);
    return file >= 0 && has_glyph(&files->items[file], c) ? file : -1;
}

static int find_in_folder(const FontFiles *files, uint32_t c, bool color)
{
    for (int i = FACE_COUNT; i < files->count; i++)
        if (files->items[i].color == color && has_glyph(&files->items[i], c))
            return i;
    return -1;
}

/* The remembered answer; a free slot with file −2 when there is none yet. */
static Asked *asked_slot(FontFiles *files, uint32_t what, uint8_t how)
{
    uint32_t hash = (what * 2654435761u ^ how * 40503u) >> 12;
    Asked *slot = NULL;
    for (uint32_t i = 0; i < ASKED_PROBES; i++) {
        slot = &files->asked[(hash + i) & (ASKED_SLOTS - 1)];
        if (slot->what == what && slot->how == how)
            return slot;
        if (slot->what == 0)
            break;
    }
    *slot = (Asked){what, how, -2};
    return slot;
}

/* The file for a code point outside the bundled fonts, −1 = none. A script is asked for once: most
 * of its characters stand in one font, and a look-up costs half a millisecond. */
static int find_file(FontFiles *files, uint32_t c, FontFace face, HanStyle han)
{
    if (files->fixed)
        return find_in_folder(files, c, false);
    hb_script_t script = hb_unicode_script(hb_unicode_funcs_get_default(), c);
    bool is_han = script == HB_SCRIPT_HAN;
    const char *language = is_han ? HAN_LANGUAGES[han] : NULL;
    uint8_t how = (uint8_t)((face == FACE_BOLD ? 1 : 0) + (is_han ? 2 * (int)han : 0));
    if (script != HB_SCRIPT_COMMON && script != HB_SCRIPT_INHERITED &&
        script != HB_SCRIPT_UNKNOWN) {
        Asked *whole = asked_slot(files, (uint32_t)script, how);
        if (whole->file == -2)
            whole->file = (int16_t)ask_fontconfig(files, c, face, language, NULL);
        if (whole->file >= 0 && has_glyph(&files->items[whole->file], c))
            return whole->file;
    }
    Asked *one = asked_slot(files, c, how);
    if (one->file == -2)
        one->file = (int16_t)ask_fontconfig(files, c, face, language, NULL);
    return one->file;
}

static int emoji_file(FontFiles *files)
{
    enum { GRINNING = 0x1F600 };
    if (!files->emoji_tried) {
        files->emoji_tried = true;
        files->emoji = files->fixed
                           ? find_in_folder(files, GRINNING, true)
                           : ask_fontconfig(files, GRINNING, FACE_SANS, NULL, "Noto Color Emoji");
        if (files->emoji >= 0 && !files->items[files->emoji].color)
            files->emoji = -1;
    }
    return files->emoji;
}

/* ---- choosing ----------------------------------------------------------- */

static void note_missing(FontFiles *files, uint32_t c)
{
    for (size_t i = 0; i < files->missing_count; i++)
        if (files->missing[i] == c)
            return;
    if (files->missing_count < MISSING_MAX)
        files->missing[files->missing_count++] = c;
}

size_t font_files_missing(const FontFiles *files, uint32_t *out, size_t cap)
{
    for (size_t i = 0; i < files->missing_count && i < cap; i++)
        out[i] = files->missing[i];
    return files->missing_count;
}

static bool is_space(const char *cluster, size_t length)
{
    size_t at = 0;
    uint32_t c = utf8_next(cluster, length, &at);
    return at == length && (c == ' ' || c == 0xA0 || is_ignorable(c));
}

/* The first code point that the file lacks; 0 when there is none. */
static uint32_t first_lacking(const FontFile *file, const char *cluster, size_t length)
{
    for (size_t at = 0; at < length;) {
        uint32_t c = utf8_next(cluster, length, &at);
        if (!has_glyph(file, c))
            return c;
    }
    return 0;
}

static int search(FontFiles *files, FontFace face, HanStyle han, const char *cluster, size_t length)
{
    uint32_t lacking = first_lacking(&files->items[face], cluster, length);
    uint32_t first = font_files_first(cluster, length);
    int whole = find_file(files, lacking, face, han);
    if (whole >= 0 && covers(&files->items[whole], cluster, length))
        return whole;
    /* No font has all of it: the one that has its base draws what it can. */
    if (whole < 0)
        note_missing(files, lacking);
    if (has_glyph(&files->items[face], first))
        return (int)face;
    whole = find_file(files, first, face, han);
    if (whole >= 0)
        return whole;
    note_missing(files, first);
    return FONT_FILES_BOX;
}

int font_files_choose(FontFiles *files, FontFace face, HanStyle han, const char *cluster,
                      size_t length, int previous)
{
    bool follows = previous >= 0 && previous < FONT_FILES_BOX && !files->items[previous].color;
    if (font_box_is_control_picture(font_files_first(cluster, length)))
        return FONT_FILES_BOX;
    if (is_space(cluster, length))
        return follows ? previous : (int)face;
    if (grapheme_emoji(cluster, length)) {
        int emoji = emoji_file(files);
        if (emoji >= 0 && covers(&files->items[emoji], cluster, length))
            return emoji;
    }
    if (covers(&files->items[face], cluster, length))
        return (int)face;
    if (face != FACE_SANS && covers(&files->items[FACE_SANS], cluster, length))
        return FACE_SANS;
    if (follows && previous >= FACE_COUNT && covers(&files->items[previous], cluster, length))
        return previous;
    return search(files, face, han, cluster, length);
}
