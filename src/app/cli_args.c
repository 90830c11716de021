#include "app/cli_args.h"

#include "base/number.h"
#include "load/dump.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *const CLI_NAMES[] = {"window", "info", "check",   "dump",
                                 "render", "play", "convert", NULL};

enum { SIZE_MOST = 16384 };

typedef enum {
    OPT_HELP,
    OPT_VERSION,
    OPT_LIMITS,
    OPT_MEM,
    OPT_ALLOW_NAN,
    OPT_ALLOW_TRAILING,
    OPT_STRICT,
    OPT_FONT_DIR,
    OPT_SET,
    OPT_LAYER,
    OPT_HEAD,
    OPT_SENTENCE,
    OPT_QUERY,
    OPT_THEME,
    OPT_TEXT,
    OPT_SOURCE,
    OPT_TARGET,
    OPT_GOLD,
    OPT_MAP,
    OPT_EOS,
    OPT_TRANSPOSE,
    OPT_WORDS,
    OPT_JSON,
    OPT_SYNTAX,
    OPT_STAGE,
    OPT_FORMAT,
    OPT_OUT,
    OPT_VIEW,
    OPT_SIZE,
    OPT_SCALE,
    OPT_LIMIT /* + Limit: has to be the last */
} OptionId;

#define ONLY(command) (1u << (command))
#define EVERY         (~0u)

typedef struct {
    const char *name;
    OptionId id;
    bool value;
    unsigned commands;
} Option;

static const Option OPTIONS[] = {
    {"--help", OPT_HELP, false, EVERY},
    {"-h", OPT_HELP, false, EVERY},
    {"--version", OPT_VERSION, false, EVERY},
    {"--limits", OPT_LIMITS, false, EVERY},
    {"--mem", OPT_MEM, true, EVERY},
#define LIMIT(id, field, type, name, value, ceiling, unit, meaning)                                \
    {"--limit-" name, OPT_LIMIT + LIMIT_##id, true, EVERY},
#define FIXED(id, name, value, unit, meaning)                                                      \
    {"--limit-" name, OPT_LIMIT + LIMIT_##id, true, EVERY},
#include "load/limits.def"
#undef LIMIT
#undef FIXED
    {"--allow-nan", OPT_ALLOW_NAN, false, EVERY},
    {"--allow-trailing", OPT_ALLOW_TRAILING, false, EVERY},
    {"--strict", OPT_STRICT, false, EVERY},
    {"--font-dir", OPT_FONT_DIR, true, EVERY},
    {"--set", OPT_SET, true, EVERY},
    {"--layer", OPT_LAYER, true, EVERY},
    {"--head", OPT_HEAD, true, EVERY},
    {"--sentence", OPT_SENTENCE, true, EVERY},
    {"--query", OPT_QUERY, true, EVERY},
    {"--theme", OPT_THEME, true, EVERY},
    {"--text", OPT_TEXT, true, EVERY},
    {"--source", OPT_SOURCE, true, EVERY},
    {"--target", OPT_TARGET, true, EVERY},
    {"--gold", OPT_GOLD, true, EVERY},
    {"--map", OPT_MAP, true, EVERY},
    {"--eos", OPT_EOS, true, EVERY},
    {"--transpose", OPT_TRANSPOSE, false, EVERY},
    {"--words", OPT_WORDS, false, EVERY},
    {"--json", OPT_JSON, false, ONLY(CLI_INFO)},
    {"--syntax", OPT_SYNTAX, false, ONLY(CLI_CHECK)},
    {"--stage", OPT_STAGE, true, ONLY(CLI_DUMP)},
    {"--format", OPT_FORMAT, true, EVERY},
    {"-o", OPT_OUT, true, ONLY(CLI_DUMP) | ONLY(CLI_RENDER) | ONLY(CLI_PLAY) | ONLY(CLI_CONVERT)},
    {"--view", OPT_VIEW, true, ONLY(CLI_RENDER)},
    {"--size", OPT_SIZE, true, ONLY(CLI_RENDER) | ONLY(CLI_PLAY)},
    {"--scale", OPT_SCALE, true, ONLY(CLI_RENDER) | ONLY(CLI_PLAY)},
};
enum { OPTION_COUNT = sizeof OPTIONS / sizeof *OPTIONS };

/* ---- values ------------------------------------------------------------------------------------
 */

static bool one_of(const char *option, const char *const *names, const char *value, int *out,
                   Error *err)
{
    char list[160] = "";
    for (int i = 0; names[i]; i++) {
        if (strcmp(names[i], value) == 0) {
            *out = i;
            return true;
        }
        size_t n = strlen(list);
        snprintf(list + n, sizeof list - n, "%s%s",
                 i == 0         ? ""
                 : names[i + 1] ? ", "
                                : " or ",
                 names[i]);
    }
    return error_set(err, ERROR_USAGE, "%s: expected %s, found %s", option, list,
                     value[0] ? value : "nothing");
}

static bool parse_memory(const char *value, uint64_t *out, Error *err)
{
    static const char units[] = "KMGT";
    size_t n = strlen(value);
    const char *unit = n > 0 ? strchr(units, value[n - 1]) : NULL;
    long long count;
    uint64_t bytes;
    if (number_parse_int(value, n - (unit ? 1 : 0), &count) && count > 0 &&
        !__builtin_mul_overflow((uint64_t)count, unit ? 1ull << (10 * (unit - units + 1)) : 1ull,
                                &bytes)) {
        *out = bytes;
        return true;
    }
    return error_set(err, ERROR_USAGE,
                     "--mem: expected bytes such as 500000000, 512M or 2G, found %s",
                     value[0] ? value : "nothing");
}

static bool parse_size(const char *value, CliArgs *args, Error *err)
{
    const char *x = strchr(value, 'x');
    long long w, h;
    if (x && number_parse_int(value, (size_t)(x - value), &w) &&
        number_parse_int(x + 1, strlen(x + 1), &h) && w >= 1 && h >= 1 && w <= SIZE_MOST &&
        h <= SIZE_MOST) {
        args->width = (int)w;
        args->height = (int)h;
        return true;
    }
    return error_set(err, ERROR_USAGE, "--size: expected WxH with sides 1 … %d, found %s",
                     SIZE_MOST, value[0] ? value : "nothing");
}

static bool parse_scale(const char *value, double *out, Error *err)
{
    if (number_parse(value, strlen(value), out) && *out >= 0.1 && *out <= 16)
        return true;
    return error_set(err, ERROR_USAGE, "--scale: expected 0.1 … 16, found %s",
                     value[0] ? value : "nothing");
}

static bool parse_view(const char *value, int *out, Error *err)
{
    /* VIEW_NAMES with `window` behind them. */
    const char *names[VIEW_COUNT + 2];
    for (int i = 0; i < VIEW_COUNT; i++)
        names[i] = VIEW_NAMES[i];
    names[VIEW_COUNT] = "window";
    names[VIEW_COUNT + 1] = NULL;
    if (!one_of("--view", names, value, out, err))
        return false;
    if (*out == VIEW_COUNT)
        *out = CLI_VIEW_WINDOW;
    return true;
}

/* NAME=VALUE, tried on scratch settings so that a slip is told before any file is opened. */
static bool add_set(CliArgs *args, const char *name, const char *value, Arena *arena, Error *err)
{
    Settings scratch = settings_default();
    const char *text = value;
    if (name) {
        size_t size = strlen(name) + strlen(value) + 2;
        char *joined = arena_alloc(arena, size, 1);
        if (!joined)
            return error_memory(err);
        snprintf(joined, size, "%s=%s", name, value);
        text = joined;
    }
    args->sets[args->set_count++] = text;
    return settings_assign(&scratch, text, err);
}

/* The settings of OPT_LAYER … OPT_THEME. */
static const char *const SHORT_FOR[] = {"layer", "head", "sentence", "query", "theme"};

static bool take_text(const char *option, const char *value, const char **out, Error *err)
{
    *out = value;
    return value[0] || error_set(err, ERROR_USAGE, "%s: expected a value, found nothing", option);
}

/* `dump` writes a format and reads one: csv, json and npy are what it writes. */
static bool take_format(CliArgs *args, const char *value, Error *err)
{
    static const char *const written[] = {"csv", "json", "npy", NULL};
    int index = 0;
    if (args->command != CLI_DUMP)
        return take_text("--format", value, &args->origin.format, err);
    bool writes = false;
    for (int i = 0; written[i]; i++)
        writes = writes || strcmp(written[i], value) == 0;
    if (!writes && dump_format(value))
        return take_text("--format", value, &args->origin.format, err);
    if (!one_of("--format", written, value, &index, err))
        return false;
    args->format = (TableFormat)index;
    return true;
}

/* How the file is to be read. */
static bool take_origin(DocOrigin *origin, OptionId id, const char *value, Error *err)
{
    int index = 0;
    switch ((int)id) {
    case OPT_SOURCE:
        return take_text("--source", value, &origin->source, err);
    case OPT_TARGET:
        return take_text("--target", value, &origin->target, err);
    case OPT_GOLD:
        return take_text("--gold", value, &origin->gold, err);
    case OPT_MAP:
        return take_text("--map", value, &origin->map, err);
    case OPT_EOS:
        if (!one_of("--eos", EOS_NAMES, value, &index, err))
            return false;
        origin->eos = (EosChoice)index;
        return true;
    case OPT_TRANSPOSE:
        return origin->transpose = true;
    default:
        return origin->words = true;
    }
}

/* Those without a value; NULL for the others. */
static bool *flag_of(CliArgs *args, OptionId id)
{
    switch ((int)id) {
    case OPT_HELP:
        return &args->help;
    case OPT_VERSION:
        return &args->version;
    case OPT_LIMITS:
        return &args->limits;
    case OPT_ALLOW_NAN:
        return &args->allow_nan;
    case OPT_ALLOW_TRAILING:
        return &args->allow_trailing;
    case OPT_STRICT:
        return &args->strict;
    case OPT_JSON:
        return &args->json;
    case OPT_SYNTAX:
        return &args->syntax;
    default:
        return NULL;
    }
}

static bool take_option(CliArgs *args, OptionId id, const char *value, Arena *arena, Error *err)
{
    int index = 0;
    bool *flag = flag_of(args, id);
    if (flag)
        return *flag = true;
    if (id >= OPT_LIMIT)
        return limits_parse(&args->raised, (Limit)(id - OPT_LIMIT), value, err);
    switch ((int)id) {
    case OPT_MEM:
        return parse_memory(value, &args->memory, err);
    case OPT_FONT_DIR:
        args->font_dir = value;
        return true;
    case OPT_SET:
        return add_set(args, NULL, value, arena, err);
    case OPT_LAYER:
    case OPT_HEAD:
    case OPT_SENTENCE:
    case OPT_QUERY:
    case OPT_THEME:
        return add_set(args, SHORT_FOR[id - OPT_LAYER], value, arena, err);
    case OPT_TEXT: /* one word for two settings */
        return add_set(args, "text", value, arena, err) &&
               add_set(args, NULL, "text.typed=true", arena, err);
    case OPT_STAGE:
        args->stage_given = one_of("--stage", STAGE_NAMES, value, &index, err);
        args->stage = (Stage)index;
        return args->stage_given;
    case OPT_FORMAT:
        return take_format(args, value, err);
    case OPT_SOURCE:
    case OPT_TARGET:
    case OPT_GOLD:
    case OPT_MAP:
    case OPT_EOS:
    case OPT_TRANSPOSE:
    case OPT_WORDS:
        return take_origin(&args->origin, id, value, err);
    case OPT_OUT:
        args->out = value;
        return value[0] || error_set(err, ERROR_USAGE, "-o: expected a path, found nothing");
    case OPT_VIEW:
        return parse_view(value, &args->view, err);
    case OPT_SIZE:
        return parse_size(value, args, err);
    case OPT_SCALE:
        return parse_scale(value, &args->scale, err);
    default: /* above */
        return false;
    }
}

/* ---- the line ----------------------------------------------------------------------------------
 */

typedef struct {
    int argc, at;
    char **argv;
} Line;

static const Option *find_option(const char *text, const char **inline_value)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        size_t n = strlen(OPTIONS[i].name);
        *inline_value = NULL;
        if (strcmp(OPTIONS[i].name, text) == 0)
            return &OPTIONS[i];
        if (n > 2 && strncmp(OPTIONS[i].name, text, n) == 0 && text[n] == '=') {
            *inline_value = text + n + 1;
            return &OPTIONS[i];
        }
    }
    return NULL;
}

static const char *help_name(const CliArgs *args, char out[48])
{
    snprintf(out, 48, "attnscope%s%s --help", args->command == CLI_WINDOW ? "" : " ",
             args->command == CLI_WINDOW ? "" : CLI_NAMES[args->command]);
    return out;
}

static bool parse_option(CliArgs *args, Line *line, Arena *arena, Error *err)
{
    const char *text = line->argv[line->at], *value = NULL;
    char help[48];
    const Option *option = find_option(text, &value);
    if (!option || !(option->commands & (1u << args->command)))
        return error_set(err, ERROR_USAGE, "option: expected one of %s, found %s",
                         help_name(args, help), text);
    if (!option->value && value)
        return error_set(err, ERROR_USAGE, "%s: expected no value, found %s", option->name, value);
    if (option->value && !value) {
        if (++line->at >= line->argc)
            return error_set(err, ERROR_USAGE, "%s: expected a value, found the end of the line",
                             option->name);
        value = line->argv[line->at];
    }
    return take_option(args, option->id, value, arena, err);
}

/* The first argument that is no option names the subcommand, or is already a file. Options before
 * it are read after, because the subcommand decides which there are. */
static int find_command(CliArgs *args, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *value;
        if (strcmp(argv[i], "--") == 0)
            return 0;
        const Option *option = argv[i][0] == '-' ? find_option(argv[i], &value) : NULL;
        if (option) {
            i += option->value && !value;
            continue;
        }
        if (argv[i][0] == '-')
            return 0;
        for (int c = CLI_INFO; c < CLI_COUNT; c++) {
            if (strcmp(argv[i], CLI_NAMES[c]) == 0) {
                args->command = (CliCommand)c;
                return i;
            }
        }
        return 0;
    }
    return 0;
}

static bool check_files(const CliArgs *args, Error *err)
{
    static const struct {
        int least, most;
        const char *expected;
    } counts[] = {[CLI_WINDOW] = {0, 1 << 20, ""},
                  [CLI_INFO] = {1, 1 << 20, "at least one FILE"},
                  [CLI_CHECK] = {1, 1 << 20, "at least one FILE"},
                  [CLI_DUMP] = {1, 1 << 20, "at least one FILE"},
                  [CLI_RENDER] = {0, 1 << 20, ""},
                  [CLI_PLAY] = {1, 1 << 20, "a SCRIPT"},
                  [CLI_CONVERT] = {1, 1 << 20, "at least one FILE"}};
    char help[48], found[24] = "none";
    if (args->help || args->version || args->limits)
        return true;
    if (args->file_count < counts[args->command].least ||
        args->file_count > counts[args->command].most) {
        if (args->file_count > 0)
            snprintf(found, sizeof found, "%d", args->file_count);
        return error_set(err, ERROR_USAGE, "arguments: expected %s, found %s (see %s)",
                         counts[args->command].expected, found, help_name(args, help));
    }
    if (args->command == CLI_DUMP && !args->stage_given)
        return error_set(err, ERROR_USAGE,
                         "--stage: expected scores, scaled, masked, weights or output, found none");
    if (args->command == CLI_CONVERT && !args->out)
        return error_set(err, ERROR_USAGE,
                         "-o: expected a file that ends in .attn.json, .npz, .safetensors or "
                         ".csv, found none");
    if (args->command == CLI_RENDER && !args->out)
        return error_set(err, ERROR_USAGE,
                         "-o: expected a file that ends in .png or .svg, found none");
    return true;
}

bool cli_parse(CliArgs *args, int argc, char **argv, Arena *arena, Error *err)
{
    memset(args, 0, sizeof *args);
    args->view = CLI_VIEW_AUTO;
    args->width = 1280;
    args->height = 800;
    args->scale = 1;
    args->files = arena_alloc(arena, (size_t)argc + 1, sizeof *args->files);
    args->sets = arena_alloc(arena, 2 * (size_t)argc + 1, sizeof *args->sets);
    if (!args->files || !args->sets)
        return error_memory(err);
    Line line = {argc, 1, argv};
    int command = find_command(args, argc, argv);
    bool options = true;
    for (; line.at < argc; line.at++) {
        const char *text = argv[line.at];
        if (line.at == command && command > 0)
            continue;
        if (options && strcmp(text, "--") == 0)
            options = false;
        else if (options && text[0] == '-' && text[1])
            options = options && parse_option(args, &line, arena, err);
        else
            args->files[args->file_count++] = text;
        if (err && err->kind != ERROR_NONE)
            return false;
    }
    return check_files(args, err);
}
