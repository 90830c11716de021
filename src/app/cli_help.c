/* attnscope --help: the settings come from their table, so that nothing is told twice. */
#include "app/cli_args.h"

#include <string.h>

static const char *const GLOBAL_HELP =
    "Options of every subcommand:\n"
    "  --set NAME=VALUE    a setting, see below; from left to right, over those of the document\n"
    "  --layer L, --head H, --sentence N, --query I, --theme T\n"
    "                      short for --set layer=L and so on\n"
    "  --text SENTENCE     its tokens in place of the document's, where that has a vocabulary\n"
    "  --mem N             memory for numbers and pictures, in bytes or with K, M, G\n"
    "  --limit-NAME N      another limit of the table that --limits prints\n"
    "  --allow-nan         take NaN and Infinity in documents\n"
    "  --allow-trailing    take bytes behind the data of a .npy file\n"
    "  --strict            refuse damaged pictures\n"
    "  --font-dir DIR      only the fonts of this folder\n"
    "  --help, --version, --limits\n"
    "How a file of another program is read, where its content leaves it open:\n"
    "  --source F, --target F\n"
    "                      its tokens, a sentence a line; --gold F: word links that are right\n"
    "  --format NAME       its format, such as nematus or pharaoh\n"
    "  --transpose         rows and columns the other way\n"
    "  --eos WHICH         the last row or column is the end of sentence: auto, none, queries,\n"
    "                      keys or both\n"
    "  --words             pieces of words merged into words\n"
    "  --map TEXT          which array is what: q=NAME,k=NAME,attention=NAME,tokens=NAME\n";

static const char *const USAGE[] = {
    [CLI_WINDOW] =
        "attnscope [OPTION]… [FILE…]                 the window; the gallery without FILE;\n"
        "                                            several files or a folder: parts of one\n"
        "                                            document\n"
        "attnscope info FILE… [--json]               what a file holds\n"
        "attnscope check [--syntax] FILE…            can these files be opened?\n"
        "attnscope dump FILE… --stage S [--format F] one stage of one head as numbers\n"
        "attnscope render [FILE…] -o OUT             a view as .png or .svg\n"
        "attnscope play SCRIPT [FILE…] [-o DIR]      scripted input\n"
        "attnscope convert FILE… -o OUT              the document as .attn.json, .npz,\n"
        "                                            .safetensors or .csv\n",
    [CLI_INFO] = "attnscope info FILE… [--json] [--sentence N]\n\n"
                 "Tells what a file holds, how it was understood, and the largest difference from\n"
                 "recorded weights. Several files or a folder are parts of one document.\n"
                 "  --json              one line of JSON\n",
    [CLI_CHECK] =
        "attnscope check [--syntax] FILE…\n\n"
        "Tries every file: one line `FILE: ok: FORMAT, L layers × H heads, Q × K` on standard\n"
        "output or one line on standard error. The exit code is the largest of all.\n"
        "With --source, --target or --gold, all files are parts of one document.\n"
        "  --syntax            the JSON scanner alone\n",
    [CLI_DUMP] =
        "attnscope dump FILE… --stage S [--layer L --head H --sentence N] [--format F] [-o OUT]\n\n"
        "Writes one stage of one head. Layer, head and sentence are 0 unless given.\n"
        "  --stage S           scores, scaled, masked, weights, output; or what went in:\n"
        "                      embedding, position, x, x_k, q, k, v\n"
        "  --format F          csv (default), json or npy; any other name: that of FILE\n"
        "  -o OUT              a file instead of standard output\n",
    [CLI_RENDER] =
        "attnscope render [FILE…] -o OUT.png|OUT.svg [--view V] [--size WxH] [--scale S]\n\n"
        "Draws one view with labels and colour bar, or the whole window.\n"
        "  -o OUT              the picture; its ending decides the format\n"
        "  --view V            heatmap, lines, patches, heads or window (default without FILE)\n"
        "  --size WxH          in points; default 1280x800\n"
        "  --scale S           pixels per point; default 1\n",
    [CLI_PLAY] = "attnscope play SCRIPT [FILE…] [-o DIR] [--size WxH] [--scale S]\n\n"
                 "Plays scripted input against the real application, without a display.\n"
                 "  -o DIR              folder of the pictures that `snap` takes; default .\n"
                 "  --size WxH          of the window, in points; default 1280x800\n"
                 "  --scale S           pixels per point; default 1\n",
    [CLI_CONVERT] =
        "attnscope convert FILE… -o OUT [--sentence N] [--layer L] [--head H]\n\n"
        "Writes what a file holds, the numbers bit by bit, in another format. What the format has\n"
        "no place for is told. Several files are parts of one document.\n"
        "  -o OUT              .attn.json holds all of a document; .npz and .safetensors hold q,\n"
        "                      k, v, scores, attention and tokens of one sentence; .csv the\n"
        "                      weights or scores of one head\n"
        "  --sentence N, --layer L, --head H\n"
        "                      that one alone\n",
};

static const char *const CODES =
    "Exit code: 0 ok, 1 usage, 2 malformed file, 3 over a limit, 4 input or output, 5 no display,\n"
    "70 display lost.\n";

static void settings_help(Buf *out)
{
    Settings plain = settings_default();
    buf_text(out, "Settings (name, default, values):\n");
    for (size_t i = 0; i < SETTINGS_COUNT; i++) {
        const Field *field = &SETTINGS[i];
        char range[400];
        Buf value;
        buf_init(&value, BUF_NO_LIMIT);
        field_print(field, &plain, &value);
        field_range(field, range, sizeof range);
        buf_printf(out, "  %-19s %-10s %s\n", field->name, value.size ? buf_string(&value) : "-",
                   range);
        buf_printf(out, "  %-19s            %s\n", "", field->help);
        buf_free(&value);
    }
}

bool cli_help(const Cli *cli, Buf *out)
{
    CliCommand command = cli->args.command;
    if (command == CLI_WINDOW)
        buf_text(out, "attnscope: an instrument for looking at attention\n\n");
    buf_text(out, USAGE[command]);
    buf_byte(out, '\n');
    buf_text(out, GLOBAL_HELP);
    buf_byte(out, '\n');
    if (command == CLI_WINDOW) {
        settings_help(out);
        buf_byte(out, '\n');
    }
    buf_text(out, CODES);
    return buf_ok(out, NULL);
}

bool cli_limits(const Cli *cli, Buf *out)
{
    LoadRequest request = cli_request(cli, "");
    return limits_print(&request.limits, out);
}
