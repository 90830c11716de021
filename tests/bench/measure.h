/* What the figures share: a clock, sorted times, lines of output. */
#ifndef ATTNSCOPE_TESTS_BENCH_MEASURE_H
#define ATTNSCOPE_TESTS_BENCH_MEASURE_H

#include <stdbool.h>
#include <stddef.h>

#include "app/app.h"
#include "draw/canvas.h"

enum { TIMES_MAX = 512 };

typedef struct {
    double ms[TIMES_MAX];
    int count;
} Times;

double now_ms(void);
double cpu_ms(void); /* processor time of the whole process: what it is when others work too */
void times_add(Times *times, double ms);
double times_median(Times *times); /* sorts */
double times_p99(Times *times);
/* "name ......  1.23 ms" with an optional bar to reach ("" = none) and whether it was missed. */
void figure(const char *name, double value, const char *unit, double bar);
/* Stops the program with the error: a figure of something that failed is worth nothing. */
void need(bool ok, const Error *err);

/* An application with fonts, drawn into memory: what a frame is without a window. */
typedef struct {
    const char *assets; /* folder */
    Font font;
    App *app;
    Canvas *canvas;
    Image target;
    Input input;
    float scale;
    double frame_ms, render_ms; /* of the last frame */
} Rig;

void rig_init(Rig *rig, const Font *font, const char *examples, int w, int h);
void rig_free(Rig *rig);
/* One frame with rig->input as it is, to finished pixels; its milliseconds. */
double rig_frame(Rig *rig);

/* made.c: documents of this shape below `folder`, q, k, v as .npy; path of the document in out. */
typedef struct {
    const char *folder;
    int tokens, depth, layers, heads;
    bool inline_numbers; /* in the JSON itself */
} MadeDocument;
void made_document(const MadeDocument *made, char *out, size_t cap);
/* Seeded numbers with about unit variance. */
void made_numbers(float *out, size_t count, unsigned seed);

/* The parts of the program; each prints its figures. */
void figures_start(const Font *(*font)(void), const char *examples, const char *folder);
void figures_drag(const Font *font, const char *folder, int only); /* n, 0 = all */
void figures_heatmap(const Font *font, const char *folder);
void figures_hover(const Font *font, const char *folder, int only);
void figures_ribbons(const Font *font);
void figures_core(void);
void figures_pool(const Font *font);
void figures_json(const char *self, const char *folder);
void figures_load(const char *self, const char *folder);
void figures_large(const Font *font, const char *folder, int n); /* 0 = 131 072 */
void figures_open(const Font *font, const char *path); /* `bench --frames FILE…` */
int open_once(const char *name, double bar, const char *path); /* the same of `bench --open` */
int load_once(const char *path); /* `bench --load FILE`, in a process of its own */

#endif
