/* The command line as a struct, and what its subcommands share. */
#ifndef ATTNSCOPE_APP_CLI_ARGS_H
#define ATTNSCOPE_APP_CLI_ARGS_H

#include "app/cli.h"
#include "app/export.h"

typedef enum {
    CLI_WINDOW,
    CLI_INFO,
    CLI_CHECK,
    CLI_DUMP,
    CLI_RENDER,
    CLI_PLAY,
    CLI_CONVERT,
    CLI_COUNT
} CliCommand;
extern const char *const CLI_NAMES[]; /* "window" "info" …, NULL */

enum { CLI_VIEW_AUTO = -2, CLI_VIEW_WINDOW = -1 }; /* else a ViewKind */

typedef struct {
    CliCommand command;
    const char **files; /* file_count of them; for play the script is the first */
    int file_count;
    const char **sets; /* NAME=VALUE from left to right, the short forms too */
    int set_count;
    bool help, version, limits;
    uint64_t memory;   /* 0 = not given */
    LoadLimits raised; /* by --limit-NAME; 0 = not given */
    bool allow_nan, allow_trailing, strict;
    const char *font_dir;
    bool json, syntax;
    Stage stage;
    bool stage_given;
    TableFormat format; /* that dump writes */
    DocOrigin origin;   /* how the file is to be read */
    const char *out;    /* file, or folder of play; NULL = not given */
    int view;
    int width, height; /* points */
    double scale;
} CliArgs;

typedef struct {
    const CliHost *host;
    CliArgs args;
    Arena arena;     /* of the arguments */
    int write_errno; /* of the first write to standard output that failed */
} Cli;

/* argv[1 …]. Wrong: ERROR_USAGE. */
bool cli_parse(CliArgs *args, int argc, char **argv, Arena *arena, Error *err);

int cli_info(Cli *cli);
int cli_check(Cli *cli);
int cli_dump(Cli *cli);
int cli_render(Cli *cli);
int cli_play(Cli *cli);
int cli_convert(Cli *cli);
int cli_window(Cli *cli);
bool cli_help(const Cli *cli, Buf *out);
bool cli_limits(const Cli *cli, Buf *out);

/* One line on stderr; returns the exit code. */
int cli_fail(const Cli *cli, const Error *err, const char *file);
void cli_warn(const Cli *cli, const char *file, const char *line);
/* To standard output; failures are noticed at the end of the program. */
void cli_put(Cli *cli, const Buf *text);
/* Writes the file of -o atomically. */
bool cli_write_out(const Cli *cli, const Buf *data, Error *err);
/* False when -o names one of the inputs or what the document refers to. */
bool cli_out_is_free(const Cli *cli, const Document *doc, Error *err);

/* The fonts; a folder of --font-dir that is not there is refused. */
bool cli_open_font(const Cli *cli, const Font **font, Error *err);
LoadRequest cli_request(const Cli *cli, const char *path);
/* The files from `first` on as parts of one document. */
LoadRequest cli_request_all(const Cli *cli, int first);
enum { CLI_BAD_SHOWN = 5 };
/* The first sentences that are known not to be readable, by their `problem`; returns how many. */
int cli_bad_sentences(const Document *doc, int out[CLI_BAD_SHOWN]);
AppOptions cli_app_options(const Cli *cli);
/* Defaults < document < --set; the indices are checked. plain_place: layer, head and sentence are 0
 * unless given. quiet: no warnings. */
bool cli_settings(const Cli *cli, Scope *scope, bool plain_place, bool quiet, Settings *out,
                  Error *err);

#endif
