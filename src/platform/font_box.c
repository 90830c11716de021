#include "platform/font_box.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define SIGN_W 3
#define SIGN_H 5

/* 0–9 A–Z, five rows of three bits, top row in the highest bits. */
static const uint16_t SIGNS[36] = {
    075557, 026227, 071747, 071717, 055711, 074717, 074757, 071111, 075757, 075717, /* 0 … 9 */
    025755, 065656, 034443, 065556, 074647, 074644, 034553, 055755, 072227, 011152, /* A … J */
    055655, 044447, 057755, 057775, 025552, 065644, 025573, 065655, 034216, 072222, /* K … T */
    055557, 055552, 055775, 055255, 055222, 071247,                                 /* U … Z */
};

static const char *const CONTROL_NAMES[] = {
    "NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS",  "HT",  "LF",  "VT",
    "FF",  "CR",  "SO",  "SI",  "DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB",
    "CAN", "EM",  "SUB", "ESC", "FS",  "GS",  "RS",  "US",  "SP",  "DEL"};

bool font_box_is_control_picture(uint32_t code_point)
{
    return code_point >= 0x2400 && code_point <= 0x2421;
}

/* The signs in the frame: rows × columns, row by row. */
typedef struct {
    char signs[8];
    int rows, columns;
} Label;

static Label label_of(uint32_t code_point)
{
    Label label = {.rows = 2, .columns = 2};
    if (font_box_is_control_picture(code_point)) {
        label.rows = 1;
        snprintf(label.signs, sizeof label.signs, "%s", CONTROL_NAMES[code_point - 0x2400]);
        label.columns = (int)strlen(label.signs);
        return label;
    }
    bool wide = code_point > 0xFFFF;
    label.columns = wide ? 3 : 2;
    snprintf(label.signs, sizeof label.signs, wide ? "%06X" : "%04X",
             (unsigned)(code_point & 0xFFFFFF));
    return label;
}

/* Pixels of a sign's dot, and of the ground between frame and signs. */
static int dot_of(float px)
{
    return px < 24.0f ? 1 : (int)(px / 12.0f);
}

static int inset_of(float px)
{
    return px < 11.0f ? dot_of(px) : 2 * dot_of(px);
}

float font_box_advance(uint32_t code_point)
{
    return label_of(code_point).columns == 2 ? 1.08f : 1.42f;
}

FontBox font_box_place(uint32_t code_point, float px)
{
    Label label = label_of(code_point);
    int dot = dot_of(px), inset = inset_of(px);
    FontBox box;
    box.w = (label.columns * (SIGN_W + 1) - 1) * dot + 2 * inset;
    box.h = (label.rows * (SIGN_H + 1) - 1) * dot + 2 * inset;
    box.left = (int)lroundf((font_box_advance(code_point) * px - (float)box.w) / 2);
    /* centred where look.md centres a line of text: 0.36 em above the baseline */
    box.top = (int)lroundf(-0.36f * px - (float)box.h / 2);
    return box;
}

static void fill(uint8_t *cover, int stride, int x, int y, int w, int h, uint8_t value)
{
    for (int row = y; row < y + h; row++)
        memset(cover + (size_t)row * (size_t)stride + (size_t)x, value, (size_t)w);
}

static void draw_sign(uint8_t *cover, int stride, int x, int y, int dot, char sign)
{
    unsigned bits = SIGNS[sign <= '9' ? sign - '0' : sign - 'A' + 10];
    for (int i = 0; i < SIGN_W * SIGN_H; i++)
        if (bits >> (SIGN_W * SIGN_H - 1 - i) & 1)
            fill(cover, stride, x + i % SIGN_W * dot, y + i / SIGN_W * dot, dot, dot, 255);
}

void font_box_draw(uint32_t code_point, float px, uint8_t *cover)
{
    Label label = label_of(code_point);
    FontBox box = font_box_place(code_point, px);
    int dot = dot_of(px), inset = inset_of(px), edge = dot > 1 ? dot / 2 : 1;
    fill(cover, box.w, 0, 0, box.w, box.h, 130);
    fill(cover, box.w, edge, edge, box.w - 2 * edge, box.h - 2 * edge, 0);
    for (int i = 0; i < label.rows * label.columns; i++)
        draw_sign(cover, box.w, inset + i % label.columns * (SIGN_W + 1) * dot,
                  inset + i / label.columns * (SIGN_H + 1) * dot, dot, label.signs[i]);
}
