/* Prints the figures of attnscope: what a frame, a drag, a file costs, and ratios that mean the
 * same on any machine. Not a test: machines are noisy, so nothing here can fail but by not working.
 *
 *   bench [start|drag|drag=N|hover|hover=N|heatmap|ribbons|core|pool|json|load|large|large=N]…
 *                              all but large without arguments
 *   bench --load FILE
 *   bench --open NAME BAR FILE
 *   bench --frames FILE…
 */
#include "bench/measure.h"

#include "platform/font_ttf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const Font *open_font(void)
{
    static Font font;
    static FontTtf *ttf;
    Error err = {0};
    FontTtfOptions options = {.bundled_dir = BENCH_SOURCE_DIR "/assets/fonts"};
    if (!ttf)
        ttf = font_ttf_new(&options, &err);
    need(ttf != NULL, &err);
    font = font_ttf_font(ttf);
    return &font;
}

static bool asked(int argc, char **argv, const char *name)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return true;
    return argc == 1;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--load") == 0)
        return load_once(argv[2]);
    if (argc == 5 && strcmp(argv[1], "--open") == 0)
        return open_once(argv[2], strtod(argv[3], NULL), argv[4]);
    for (int i = 2; i < argc && strcmp(argv[1], "--frames") == 0; i++)
        figures_open(open_font(), argv[i]);
    if (argc > 1 && strcmp(argv[1], "--frames") == 0)
        return 0;
    const char *base = getenv("TMPDIR");
    char folder[600], clean[700];
    snprintf(folder, sizeof folder, "%s/attnscope-bench-XXXXXX", base && base[0] ? base : P_tmpdir);
    if (!mkdtemp(folder)) {
        fprintf(stderr, "bench: cannot make a folder in %s\n", base ? base : P_tmpdir);
        return 1;
    }
    if (asked(argc, argv, "start"))
        figures_start(open_font, BENCH_SOURCE_DIR "/examples", folder);
    if (asked(argc, argv, "drag"))
        figures_drag(open_font(), folder, 0);
    if (asked(argc, argv, "hover"))
        figures_hover(open_font(), folder, 0);
    for (int i = 1; i < argc; i++) /* minutes: only when asked for */
        if (strncmp(argv[i], "large", 5) == 0)
            figures_large(open_font(), folder,
                          argv[i][5] == '=' ? (int)strtol(argv[i] + 6, NULL, 10) : 0);
    for (int i = 1; i < argc; i++) { /* one alone, to be profiled */
        if (strncmp(argv[i], "drag=", 5) == 0)
            figures_drag(open_font(), folder, (int)strtol(argv[i] + 5, NULL, 10));
        if (strncmp(argv[i], "hover=", 6) == 0)
            figures_hover(open_font(), folder, (int)strtol(argv[i] + 6, NULL, 10));
    }
    if (asked(argc, argv, "heatmap"))
        figures_heatmap(open_font(), folder);
    if (asked(argc, argv, "ribbons"))
        figures_ribbons(open_font());
    if (asked(argc, argv, "core"))
        figures_core();
    if (asked(argc, argv, "pool"))
        figures_pool(open_font());
    if (asked(argc, argv, "json"))
        figures_json(argv[0], folder);
    if (asked(argc, argv, "load"))
        figures_load(argv[0], folder);
    snprintf(clean, sizeof clean, "rm -r '%s'", folder);
    return system(clean) == 0 ? 0 : 1;
}
