#include "draw/grapheme.h"

#include "base/utf8.h"

#include <hb.h>

/* The values of Grapheme_Cluster_Break that the rules speak of. */
typedef enum {
    BREAK_OTHER,
    BREAK_CR,
    BREAK_LF,
    BREAK_CONTROL,
    BREAK_EXTEND,
    BREAK_ZWJ,
    BREAK_FLAG_HALF, /* Regional_Indicator */
    BREAK_PREPEND,
    BREAK_SPACING,
    BREAK_L,
    BREAK_V,
    BREAK_T,
    BREAK_LV,
    BREAK_LVT,
    BREAK_PICTURE /* Extended_Pictographic, which is Other for the rest of the rules */
} BreakClass;

typedef struct {
    uint32_t lo, hi;
} CodeRange;

#define IN_TABLE(code_point, table) in_ranges(code_point, table, sizeof(table) / sizeof(table)[0])

static const CodeRange PREPEND[] = {
    {0x600, 0x605},     {0x6DD, 0x6DD},     {0x70F, 0x70F},     {0x890, 0x891},
    {0x8E2, 0x8E2},     {0xD4E, 0xD4E},     {0x110BD, 0x110BD}, {0x110CD, 0x110CD},
    {0x111C2, 0x111C3}, {0x1193F, 0x1193F}, {0x11941, 0x11941}, {0x11A3A, 0x11A3A},
    {0x11A84, 0x11A89}, {0x11D46, 0x11D46},
};

/* Spacing marks (Mc) that extend like non-spacing ones: canonical equivalence asks for it. */
static const CodeRange SPACING_EXTENDS[] = {
    {0x9BE, 0x9BE},     {0x9D7, 0x9D7},     {0xB3E, 0xB3E},     {0xB57, 0xB57},
    {0xBBE, 0xBBE},     {0xBD7, 0xBD7},     {0xCC2, 0xCC2},     {0xCD5, 0xCD6},
    {0xD3E, 0xD3E},     {0xD57, 0xD57},     {0xDCF, 0xDCF},     {0xDDF, 0xDDF},
    {0x1B35, 0x1B35},   {0x302E, 0x302F},   {0x1133E, 0x1133E}, {0x11357, 0x11357},
    {0x114B0, 0x114B0}, {0x114BD, 0x114BD}, {0x115AF, 0x115AF}, {0x11930, 0x11930},
    {0x1D165, 0x1D165}, {0x1D16E, 0x1D172},
};

/* Spacing marks (Mc) that do not join their base: Myanmar, Tai Tham, Ahom. */
static const CodeRange SPACING_STANDS[] = {
    {0x102B, 0x102C}, {0x1038, 0x1038}, {0x1062, 0x1064},   {0x1067, 0x106D}, {0x1083, 0x1083},
    {0x1087, 0x108C}, {0x108F, 0x108F}, {0x109A, 0x109C},   {0x1A61, 0x1A61}, {0x1A63, 0x1A64},
    {0xAA7B, 0xAA7B}, {0xAA7D, 0xAA7D}, {0x11720, 0x11721},
};

/* Default ignorable but unassigned. */
static const CodeRange IGNORABLE[] = {
    {0x2065, 0x2065},   {0xFFF0, 0xFFF8},   {0xE0000, 0xE0000},
    {0xE0002, 0xE001F}, {0xE0080, 0xE00FF}, {0xE01F0, 0xE0FFF},
};

static const CodeRange PICTOGRAPHIC[] = {
    {0xA9, 0xA9},       {0xAE, 0xAE},       {0x203C, 0x203C},   {0x2049, 0x2049},
    {0x2122, 0x2122},   {0x2139, 0x2139},   {0x2194, 0x2199},   {0x21A9, 0x21AA},
    {0x231A, 0x231B},   {0x2328, 0x2328},   {0x2388, 0x2388},   {0x23CF, 0x23CF},
    {0x23E9, 0x23F3},   {0x23F8, 0x23FA},   {0x24C2, 0x24C2},   {0x25AA, 0x25AB},
    {0x25B6, 0x25B6},   {0x25C0, 0x25C0},   {0x25FB, 0x25FE},   {0x2600, 0x2605},
    {0x2607, 0x2612},   {0x2614, 0x2685},   {0x2690, 0x2705},   {0x2708, 0x2712},
    {0x2714, 0x2714},   {0x2716, 0x2716},   {0x271D, 0x271D},   {0x2721, 0x2721},
    {0x2728, 0x2728},   {0x2733, 0x2734},   {0x2744, 0x2744},   {0x2747, 0x2747},
    {0x274C, 0x274C},   {0x274E, 0x274E},   {0x2753, 0x2755},   {0x2757, 0x2757},
    {0x2763, 0x2767},   {0x2795, 0x2797},   {0x27A1, 0x27A1},   {0x27B0, 0x27B0},
    {0x27BF, 0x27BF},   {0x2934, 0x2935},   {0x2B05, 0x2B07},   {0x2B1B, 0x2B1C},
    {0x2B50, 0x2B50},   {0x2B55, 0x2B55},   {0x3030, 0x3030},   {0x303D, 0x303D},
    {0x3297, 0x3297},   {0x3299, 0x3299},   {0x1F000, 0x1F0FF}, {0x1F10D, 0x1F10F},
    {0x1F12F, 0x1F12F}, {0x1F16C, 0x1F171}, {0x1F17E, 0x1F17F}, {0x1F18E, 0x1F18E},
    {0x1F191, 0x1F19A}, {0x1F1AD, 0x1F1E5}, {0x1F201, 0x1F20F}, {0x1F21A, 0x1F21A},
    {0x1F22F, 0x1F22F}, {0x1F232, 0x1F23A}, {0x1F23C, 0x1F23F}, {0x1F249, 0x1F3FA},
    {0x1F400, 0x1F53D}, {0x1F546, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F774, 0x1F77F},
    {0x1F7D5, 0x1F7FF}, {0x1F80C, 0x1F80F}, {0x1F848, 0x1F84F}, {0x1F85A, 0x1F85F},
    {0x1F888, 0x1F88F}, {0x1F8AE, 0x1F8FF}, {0x1F90C, 0x1F93A}, {0x1F93C, 0x1F945},
    {0x1F947, 0x1FAFF}, {0x1FC00, 0x1FFFD},
};

/* Pictographs of the basic plane that are emoji without being asked (Emoji_Presentation). */
static const CodeRange EMOJI_BELOW_1F000[] = {
    {0x231A, 0x231B}, {0x23E9, 0x23EC}, {0x23F0, 0x23F0}, {0x23F3, 0x23F3}, {0x25FD, 0x25FE},
    {0x2614, 0x2615}, {0x2648, 0x2653}, {0x267F, 0x267F}, {0x2693, 0x2693}, {0x26A1, 0x26A1},
    {0x26AA, 0x26AB}, {0x26BD, 0x26BE}, {0x26C4, 0x26C5}, {0x26CE, 0x26CE}, {0x26D4, 0x26D4},
    {0x26EA, 0x26EA}, {0x26F2, 0x26F3}, {0x26F5, 0x26F5}, {0x26FA, 0x26FA}, {0x26FD, 0x26FD},
    {0x2705, 0x2705}, {0x270A, 0x270B}, {0x2728, 0x2728}, {0x274C, 0x274C}, {0x274E, 0x274E},
    {0x2753, 0x2755}, {0x2757, 0x2757}, {0x2795, 0x2797}, {0x27B0, 0x27B0}, {0x27BF, 0x27BF},
    {0x2B1B, 0x2B1C}, {0x2B50, 0x2B50}, {0x2B55, 0x2B55},
};

static bool in_ranges(uint32_t code_point, const CodeRange *ranges, size_t count)
{
    size_t lo = 0, hi = count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (code_point > ranges[mid].hi)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < count && code_point >= ranges[lo].lo;
}

bool grapheme_pictographic(uint32_t code_point)
{
    return IN_TABLE(code_point, PICTOGRAPHIC);
}

static bool is_flag_half(uint32_t code_point)
{
    return code_point >= 0x1F1E6 && code_point <= 0x1F1FF;
}

static BreakClass hangul_class(uint32_t code_point)
{
    if ((code_point >= 0x1100 && code_point <= 0x115F) ||
        (code_point >= 0xA960 && code_point <= 0xA97C))
        return BREAK_L;
    if ((code_point >= 0x1160 && code_point <= 0x11A7) ||
        (code_point >= 0xD7B0 && code_point <= 0xD7C6))
        return BREAK_V;
    if ((code_point >= 0x11A8 && code_point <= 0x11FF) ||
        (code_point >= 0xD7CB && code_point <= 0xD7FB))
        return BREAK_T;
    if (code_point >= 0xAC00 && code_point <= 0xD7A3) /* 28 syllables share a leading pair */
        return (code_point - 0xAC00) % 28 == 0 ? BREAK_LV : BREAK_LVT;
    return BREAK_OTHER;
}

static BreakClass category_class(uint32_t code_point)
{
    hb_unicode_general_category_t category =
        hb_unicode_general_category(hb_unicode_funcs_get_default(), code_point);
    if (category == HB_UNICODE_GENERAL_CATEGORY_NON_SPACING_MARK ||
        category == HB_UNICODE_GENERAL_CATEGORY_ENCLOSING_MARK)
        return BREAK_EXTEND;
    if (category == HB_UNICODE_GENERAL_CATEGORY_SPACING_MARK) {
        if (IN_TABLE(code_point, SPACING_EXTENDS))
            return BREAK_EXTEND;
        return IN_TABLE(code_point, SPACING_STANDS) ? BREAK_OTHER : BREAK_SPACING;
    }
    if (category == HB_UNICODE_GENERAL_CATEGORY_CONTROL ||
        category == HB_UNICODE_GENERAL_CATEGORY_FORMAT ||
        category == HB_UNICODE_GENERAL_CATEGORY_LINE_SEPARATOR ||
        category == HB_UNICODE_GENERAL_CATEGORY_PARAGRAPH_SEPARATOR ||
        IN_TABLE(code_point, IGNORABLE))
        return BREAK_CONTROL;
    return BREAK_OTHER;
}

static BreakClass break_class(uint32_t code_point)
{
    if (code_point >= 0x20 && code_point < 0x7F)
        return BREAK_OTHER;
    if (code_point == '\r')
        return BREAK_CR;
    if (code_point == '\n')
        return BREAK_LF;
    if (code_point == UTF8_BAD)
        return BREAK_CONTROL;
    if (code_point == 0x200D)
        return BREAK_ZWJ;
    if (code_point == 0x200C || code_point == 0xFF9E || code_point == 0xFF9F ||
        (code_point >= 0x1F3FB && code_point <= 0x1F3FF) ||
        (code_point >= 0xE0020 && code_point <= 0xE007F))
        return BREAK_EXTEND;
    if (code_point == 0xE33 || code_point == 0xEB3) /* Thai and Lao sara am, letters by category */
        return BREAK_SPACING;
    if (is_flag_half(code_point))
        return BREAK_FLAG_HALF;
    BreakClass hangul = hangul_class(code_point);
    if (hangul != BREAK_OTHER)
        return hangul;
    if (IN_TABLE(code_point, PREPEND))
        return BREAK_PREPEND;
    if (grapheme_pictographic(code_point))
        return BREAK_PICTURE;
    return category_class(code_point);
}

static bool hangul_joins(BreakClass before, BreakClass after)
{
    if (before == BREAK_L)
        return after == BREAK_L || after == BREAK_V || after == BREAK_LV || after == BREAK_LVT;
    if (before == BREAK_LV || before == BREAK_V)
        return after == BREAK_V || after == BREAK_T;
    return (before == BREAK_LVT || before == BREAK_T) && after == BREAK_T;
}

/* What the rules remember of a cluster besides its last class. */
typedef struct {
    BreakClass last;
    bool flag_open;      /* an unpaired flag half ends here */
    bool picture;        /* … Extended_Pictographic Extend* */
    bool picture_joiner; /* … and a ZWJ behind it */
} ClusterState;

static bool joins(const ClusterState *state, BreakClass after)
{
    BreakClass before = state->last;
    if (before == BREAK_CR)
        return after == BREAK_LF;
    if (before == BREAK_LF || before == BREAK_CONTROL)
        return false;
    if (after == BREAK_CR || after == BREAK_LF || after == BREAK_CONTROL)
        return false;
    if (after == BREAK_EXTEND || after == BREAK_ZWJ || after == BREAK_SPACING ||
        before == BREAK_PREPEND)
        return true;
    if (after == BREAK_PICTURE)
        return state->picture_joiner;
    if (after == BREAK_FLAG_HALF)
        return state->flag_open;
    return hangul_joins(before, after);
}

static void state_add(ClusterState *state, BreakClass next)
{
    state->picture_joiner = next == BREAK_ZWJ && state->picture;
    state->picture = next == BREAK_PICTURE || (next == BREAK_EXTEND && state->picture);
    state->flag_open = next == BREAK_FLAG_HALF && !state->flag_open;
    state->last = next;
}

size_t grapheme_next(const char *text, size_t length, size_t at)
{
    if (at >= length)
        return length;
    ClusterState state = {0};
    state_add(&state, break_class(utf8_next(text, length, &at)));
    while (at < length) {
        size_t behind = at;
        BreakClass next = break_class(utf8_next(text, length, &behind));
        if (!joins(&state, next))
            break;
        state_add(&state, next);
        at = behind;
    }
    return at;
}

/* The nearest place before `at` that is a boundary whatever stands around it: a printable ASCII
 * character joins nothing before it but a prepended sign. Keeps long texts from being walked from
 * their start. */
static size_t sure_boundary(const char *text, size_t length, size_t at)
{
    while (at > 0) {
        at = utf8_back(text, at);
        unsigned char byte = (unsigned char)text[at];
        if (byte < 0x20 || byte >= 0x7F)
            continue;
        if (at == 0)
            return 0;
        size_t before = utf8_back(text, at);
        if (break_class(utf8_next(text, length, &before)) != BREAK_PREPEND)
            return at;
    }
    return 0;
}

size_t grapheme_back(const char *text, size_t length, size_t at)
{
    if (at > length)
        at = length;
    if (at == 0)
        return 0;
    size_t start = sure_boundary(text, length, at);
    for (;;) {
        size_t next = grapheme_next(text, length, start);
        if (next >= at)
            return start;
        start = next;
    }
}

bool grapheme_emoji(const char *cluster, size_t length)
{
    size_t at = 0;
    if (length == 0)
        return false;
    uint32_t first = utf8_next(cluster, length, &at);
    uint32_t second = at < length ? utf8_next(cluster, length, &at) : 0;
    uint32_t third = at < length ? utf8_next(cluster, length, &at) : 0;
    if (second == 0xFE0E)
        return false;
    if (is_flag_half(first))
        return is_flag_half(second);
    if (second == 0x20E3 || third == 0x20E3)
        return (first >= '0' && first <= '9') || first == '#' || first == '*';
    if (first >= 0x1F3FB && first <= 0x1F3FF)
        return true;
    if (!grapheme_pictographic(first))
        return false;
    return first >= 0x1F000 || second == 0xFE0F || (second >= 0x1F3FB && second <= 0x1F3FF) ||
           second == 0x200D || IN_TABLE(first, EMOJI_BELOW_1F000);
}
