/* attnscope render: a view, or the whole window, as a picture. */
#include "app/cli_args.h"

#include "draw/svg.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

enum {
    FRAMES_MOST = 10000,
    PROGRESS_ROWS = 16384, /* fewer take no second */
    PROGRESS_WIDTH = 40
};
static const float FAR_AWAY = -10000;

/* What a terminal sees of work that takes long. */
typedef struct {
    FILE *to; /* NULL: no terminal */
    bool told;
} Progress;

typedef struct {
    Cli *cli;
    Progress progress;
    const char *path; /* of the document; NULL = the gallery */
    const Font *font;
    bool svg;
    Buf bytes;
    const char *blame; /* what an error is about; NULL = it says so itself */
} Render;

static void progress_begin(Progress *p, const Cli *cli)
{
    FILE *err = cli->host->err;
    *p = (Progress){.to = err && isatty(fileno(err)) ? err : NULL};
}

static void progress_tell(void *context, int done, int all)
{
    Progress *p = context;
    if (!p->to || all < PROGRESS_ROWS)
        return;
    fprintf(p->to, "\r%d of %d rows", done, all);
    fflush(p->to);
    p->told = true;
}

static void progress_end(Progress *p)
{
    if (p->told)
        fprintf(p->to, "\r%*s\r", PROGRESS_WIDTH, "");
    p->told = false;
}

/* The list, w × h points at `scale`, as the bytes of the file. */
static bool render_list(Render *r, const DrawList *list, float w, float h, float scale,
                        Color ground, Error *err)
{
    return r->svg ? svg_write(&r->bytes, list, r->font, w, h, scale, ground, err)
                  : export_png(list, r->font, w, h, scale, ground, &r->bytes, err);
}

static bool render_view(Render *r, Scope *scope, Error *err)
{
    const CliArgs *args = &r->cli->args;
    LoadRequest request = cli_request_all(r->cli, 0);
    Settings settings;
    DrawList list;
    if (!scope_open(scope, &request, err) ||
        !cli_settings(r->cli, scope, false, false, &settings, err) ||
        !cli_out_is_free(r->cli, &scope->doc, err))
        return false;
    int view = args->view == CLI_VIEW_AUTO ? scope_view(scope, &settings, 0) : args->view;
    float scale = (float)(args->scale * settings.ui_scale);
    float w = (float)(args->width / settings.ui_scale),
          h = (float)(args->height / settings.ui_scale);
    TextKit kit = {r->font, r->svg ? 1 : scale, theme((ThemeId)settings.theme)};
    draw_list_init(&list);
    bool ok = export_view(scope, &settings, &kit, view, w, h, &list, err);
    const AttnResult *result = scope->result;
    if (ok && view == VIEW_HEATMAP && result->absent[settings.stage])
        ok = error_set(err, ERROR_USAGE, "stage: expected one that the file can give, found %s: %s",
                       STAGE_NAMES[settings.stage], result->absent[settings.stage]);
    ok = ok && render_list(r, &list, w, h, scale, kit.theme->bg, err);
    draw_list_free(&list);
    return ok;
}

/* Frames with nobody there, until nothing more appears by itself. */
static bool render_frames(Render *r, App *app, Error *err)
{
    const CliArgs *args = &r->cli->args;
    float density = r->svg ? 1 : (float)args->scale;
    Input input = {.time = 1,
                   .pixel_w = (int)lroundf((float)args->width * density),
                   .pixel_h = (int)lroundf((float)args->height * density),
                   .density = density,
                   .mouse = {FAR_AWAY, FAR_AWAY}};
    const DrawList *list = NULL;
    AppOutput out;
    for (int i = 0; i < FRAMES_MOST; i++) {
        app_frame(app, &input, &list, &out);
        if (out.wake == 0 || out.wake > input.time)
            break;
        const Scope *scope = app_scope(app);
        if (scope->tiled)
            progress_tell(&r->progress, app_rows_known(app), scope->result->n_q);
        input.time += 1.0 / 60;
    }
    float scale = r->svg ? out.scale * (float)args->scale : out.scale;
    return render_list(r, list, (float)input.pixel_w / out.scale, (float)input.pixel_h / out.scale,
                       scale, out.ground, err);
}

static bool render_window(Render *r, Error *err)
{
    Settings checked;
    AppOptions options = cli_app_options(r->cli);
    options.font = r->font;
    App *app = app_new(&options, err);
    if (!app)
        return false;
    bool ok = true;
    if (r->path) /* the window would clamp an index; here a wrong one is a mistake */
        ok = app_open_files(app, r->cli->args.files, r->cli->args.file_count, &r->cli->args.origin,
                            err) &&
             cli_settings(r->cli, app_scope(app), false, true, &checked, err) &&
             cli_out_is_free(r->cli, &app_scope(app)->doc, err);
    ok = ok && render_frames(r, app, err);
    app_free(app);
    return ok;
}

static bool ends_with(const char *text, const char *tail)
{
    size_t n = strlen(text), m = strlen(tail);
    return n >= m && strcmp(text + n - m, tail) == 0;
}

static bool render(Render *r, Error *err)
{
    const CliArgs *args = &r->cli->args;
    r->blame = "attnscope";
    r->svg = ends_with(args->out, ".svg");
    if (!r->svg && !ends_with(args->out, ".png"))
        return error_set(err, ERROR_USAGE,
                         "-o: expected a file that ends in .png or .svg, found %s", args->out);
    bool window = args->view == CLI_VIEW_WINDOW || (args->view == CLI_VIEW_AUTO && !r->path);
    if (!window && !r->path)
        return error_set(err, ERROR_USAGE, "arguments: expected a FILE for this view, found none");
    if (!cli_open_font(r->cli, &r->font, err))
        return false;
    r->blame = r->path;
    if (window)
        return render_window(r, err);
    Scope scope;
    if (!scope_init(&scope, err))
        return false;
    scope.progress = progress_tell;
    scope.progress_context = &r->progress;
    bool ok = render_view(r, &scope, err);
    scope_free(&scope);
    return ok;
}

int cli_render(Cli *cli)
{
    Error err = {0};
    Render r = {.cli = cli, .path = cli->args.file_count ? cli->args.files[0] : NULL};
    int code = 0;
    buf_init(&r.bytes, BUF_NO_LIMIT);
    progress_begin(&r.progress, cli);
    bool ok = render(&r, &err);
    progress_end(&r.progress);
    if (ok) {
        r.blame = cli->args.out;
        ok = cli_write_out(cli, &r.bytes, &err);
    }
    if (!ok)
        code = cli_fail(cli, &err, r.blame);
    buf_free(&r.bytes);
    return code;
}
