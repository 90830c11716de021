/* A stage as CSV, JSON or npy, some rows at a time: a large one exists nowhere as a whole. */
#include "app/export.h"

#include "base/mem.h"
#include "base/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ROWS_AT_ONCE = 32 };

static void index_word(int index, Buf *out)
{
    if (index >= 0)
        buf_printf(out, "%d", index);
    else
        buf_text(out, index == FIELD_MAX ? "\"max\"" : "\"mean\"");
}

static void row_csv(const float *row, int cols, Buf *out)
{
    char number[NUMBER_TEXT];
    for (int j = 0; j < cols; j++) {
        number_float(number, row[j]);
        buf_text(out, j ? "," : "");
        buf_text(out, number);
    }
    buf_byte(out, '\n');
}

/* mask: cells that it forbids are null (only in stage `masked`); NULL otherwise. */
static void row_json(const float *row, int cols, int i, const Mask *mask, Buf *out)
{
    char number[NUMBER_TEXT];
    buf_text(out, i ? ",[" : "[");
    for (int j = 0; j < cols; j++) {
        bool plain = isfinite(row[j]);
        buf_text(out, j ? "," : "");
        if (mask && !mask_allows(mask, i, j)) {
            buf_text(out, "null");
            continue;
        }
        number_float(number, row[j]);
        buf_printf(out, plain ? "%s" : "\"%s\"", number);
    }
    buf_byte(out, ']');
}

static void head_npy(int rows, int cols, Buf *out)
{
    char header[128];
    int length =
        snprintf(header, sizeof header,
                 "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }", rows, cols);
    int padded = (10 + length + 1 + 63) / 64 * 64 - 10; /* the numbers begin at a multiple of 64 */
    buf_append(out, "\x93NUMPY\x01\x00", 8);
    buf_byte(out, (char)(padded & 0xFF));
    buf_byte(out, (char)(padded >> 8));
    buf_printf(out, "%-*s\n", padded - 1, header);
}

static void row_npy(const float *row, int cols, Buf *out)
{
    for (int j = 0; j < cols; j++) {
        uint32_t bits;
        memcpy(&bits, &row[j], sizeof bits);
        unsigned char bytes[4] = {(unsigned char)bits, (unsigned char)(bits >> 8),
                                  (unsigned char)(bits >> 16), (unsigned char)(bits >> 24)};
        buf_append(out, bytes, 4);
    }
}

static void put_row(const float *row, int cols, int i, const Mask *mask, TableFormat format,
                    Buf *out)
{
    if (format == DUMP_CSV)
        row_csv(row, cols, out);
    else if (format == DUMP_NPY)
        row_npy(row, cols, out);
    else
        row_json(row, cols, i, mask, out);
}

/* query: whose feature map it is; −1 where rows are no features. */
static void begin(const Settings *settings, Stage stage, int query, TableFormat format, int rows,
                  int cols, Buf *out)
{
    if (format == DUMP_NPY)
        head_npy(rows, cols, out);
    if (format != DUMP_JSON)
        return;
    buf_printf(out, "{\"stage\":\"%s\",\"sentence\":%d,\"layer\":", STAGE_NAMES[stage],
               settings->sentence);
    index_word(settings->layer, out);
    buf_text(out, ",\"head\":");
    index_word(settings->head, out);
    if (query >= 0)
        buf_printf(out, ",\"query\":%d", query);
    buf_printf(out, ",\"rows\":%d,\"cols\":%d,\"values\":[", rows, cols);
}

/* Rows from … to − 1 of the stage: lent by the result, or computed into cells. */
static Matrix some_rows(Scope *scope, Stage stage, int cols, int from, int to, float *cells)
{
    Matrix m = scope->result->stage[stage];
    if (m.at)
        return (Matrix){matrix_row(m, from), to - from, m.cols, m.step};
    bool ok = tiles_rows(scope->tiles, stage, from, to - from, cells, cols);
    return ok ? (Matrix){cells, to - from, cols, cols} : (Matrix){0};
}

static int stage_cols(const AttnResult *r, Stage stage)
{
    bool tiled = r->tiles && stage < STAGE_CHAIN;
    return !tiled ? r->stage[stage].cols : stage == STAGE_OUTPUT ? r->d_v : r->n_k;
}

bool export_rows(Scope *scope, Stage stage, TableFormat format, int from, int to, Buf *out,
                 Error *err)
{
    const AttnResult *r = scope->result;
    const Mask *mask = stage == STAGE_MASKED ? r->mask : NULL;
    float *cells = NULL;
    int cols = stage_cols(r, stage);
    size_t count;
    if (!r->stage[stage].at && (!mem_mul((size_t)(to - from), (size_t)cols, &count) ||
                                !(cells = mem_array(count, sizeof *cells))))
        return error_memory(err);
    Matrix m = some_rows(scope, stage, cols, from, to, cells);
    for (int i = 0; i < m.rows; i++)
        put_row(matrix_row(m, i), cols, from + i, mask, format, out);
    bool ok = m.at || error_memory(err);
    mem_free(cells);
    return ok;
}

static bool put_rows(Scope *scope, Stage stage, TableFormat format, int rows,
                     const ExportSink *sink, Buf *out, Error *err)
{
    bool ok = true;
    for (int from = 0; ok && from < rows; from += ROWS_AT_ONCE) {
        int to = rows - from < ROWS_AT_ONCE ? rows : from + ROWS_AT_ONCE;
        ok = export_rows(scope, stage, format, from, to, out, err);
        if (ok && sink)
            ok = buf_ok(out, err) && sink->take(sink->context, out);
    }
    return ok;
}

/* What the file itself holds of the chosen head; at == NULL: nothing. */
static Matrix file_vectors(Scope *scope, const Settings *settings, Stage stage)
{
    AttnInput raw;
    if (settings->layer < 0 || settings->head < 0 || !scope_raw(scope, settings, &raw))
        return (Matrix){0};
    return stage == STAGE_Q   ? raw.q
           : stage == STAGE_K ? raw.k
           : stage == STAGE_V ? raw.v
                              : (Matrix){0};
}

/* A head without scores still has the vectors that the file gives. */
static bool export_vectors(Scope *scope, const Settings *settings, Stage stage, TableFormat format,
                           Buf *out, Error *err)
{
    Matrix m = file_vectors(scope, settings, stage);
    if (!m.at || (err->kind != ERROR_USAGE && err->kind != ERROR_MALFORMED))
        return false;
    error_clear(err);
    begin(settings, stage, -1, format, m.rows, m.cols, out);
    for (int i = 0; i < m.rows; i++)
        put_row(matrix_row(m, i), m.cols, i, NULL, format, out);
    if (format == DUMP_JSON)
        buf_text(out, "]}\n");
    return buf_ok(out, err);
}

bool export_stage(Scope *scope, const Settings *settings, Stage stage, TableFormat format,
                  const ExportSink *sink, Buf *out, Error *err)
{
    if (!scope_update(scope, settings, STAGE_BIT(stage), err))
        return err && export_vectors(scope, settings, stage, format, out, err);
    const AttnResult *r = scope->result;
    bool tiled = r->tiles && stage < STAGE_CHAIN;
    if (r->absent[stage] || !(tiled || r->stage[stage].at))
        return error_set(
            err, ERROR_USAGE, "stage: expected one that the file can give, found %s: %s",
            STAGE_NAMES[stage], r->absent[stage] ? r->absent[stage] : "it was not computed");
    int rows = tiled ? r->n_q : r->stage[stage].rows;
    int cols = stage_cols(r, stage);
    uint64_t bytes = (uint64_t)rows * (uint64_t)cols * sizeof(float);
    if (tiled && !sink && bytes > scope_budget(settings))
        return error_set(err, ERROR_LIMIT,
                         "stage: expected numbers that fit into compute.memory (%llu MiB), found "
                         "%d × %d; attnscope dump writes them as they come",
                         (unsigned long long)(scope_budget(settings) >> 20), rows, cols);
    bool map = r->form == FORM_FEATURES && stage < STAGE_OUTPUT;
    begin(settings, stage, map ? scope->params.score.query : -1, format, rows, cols, out);
    if (!put_rows(scope, stage, format, rows, sink, out, err))
        return false;
    if (format == DUMP_JSON)
        buf_text(out, "]}\n");
    return buf_ok(out, err);
}
