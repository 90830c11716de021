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

static void put_row(const float *row, int cols, int i, const Mask *mask, DumpFormat format,
                    Buf *out)
{
    if (format == DUMP_CSV)
        row_csv(row, cols, out);
    else if (format == DUMP_NPY)
        row_npy(row, cols, out);
    else
        row_json(row, cols, i, mask, out);
}

static void begin(const Settings *settings, Stage stage, DumpFormat format, int rows, int cols,
                  Buf *out)
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

static bool put_rows(Scope *scope, Stage stage, DumpFormat format, int rows, int cols,
                     const ExportSink *sink, Buf *out, Error *err)
{
    const AttnResult *r = scope->result;
    const Mask *mask = stage == STAGE_MASKED ? r->mask : NULL;
    float *cells = NULL;
    bool ok = true;
    if (!r->stage[stage].at && !(cells = mem_array(ROWS_AT_ONCE * (size_t)cols, sizeof *cells)))
        return error_memory(err);
    for (int from = 0; ok && from < rows; from += ROWS_AT_ONCE) {
        int to = rows - from < ROWS_AT_ONCE ? rows : from + ROWS_AT_ONCE;
        Matrix m = some_rows(scope, stage, cols, from, to, cells);
        ok = m.at || error_memory(err);
        for (int i = 0; i < m.rows; i++)
            put_row(matrix_row(m, i), cols, from + i, mask, format, out);
        if (ok && sink)
            ok = buf_ok(out, err) && sink->take(sink->context, out);
    }
    mem_free(cells);
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
static bool export_vectors(Scope *scope, const Settings *settings, Stage stage, DumpFormat format,
                           Buf *out, Error *err)
{
    Matrix m = file_vectors(scope, settings, stage);
    if (!m.at || (err->kind != ERROR_USAGE && err->kind != ERROR_MALFORMED))
        return false;
    error_clear(err);
    begin(settings, stage, format, m.rows, m.cols, out);
    for (int i = 0; i < m.rows; i++)
        put_row(matrix_row(m, i), m.cols, i, NULL, format, out);
    if (format == DUMP_JSON)
        buf_text(out, "]}\n");
    return buf_ok(out, err);
}

bool export_stage(Scope *scope, const Settings *settings, Stage stage, DumpFormat format,
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
    int cols = !tiled ? r->stage[stage].cols : stage == STAGE_OUTPUT ? r->d_v : r->n_k;
    uint64_t bytes = (uint64_t)rows * (uint64_t)cols * sizeof(float);
    if (tiled && !sink && bytes > scope_budget(settings))
        return error_set(err, ERROR_LIMIT,
                         "stage: expected numbers that fit into compute.memory (%llu MiB), found "
                         "%d × %d; attnscope dump writes them as they come",
                         (unsigned long long)(scope_budget(settings) >> 20), rows, cols);
    begin(settings, stage, format, rows, cols, out);
    if (!put_rows(scope, stage, format, rows, cols, sink, out, err))
        return false;
    if (format == DUMP_JSON)
        buf_text(out, "]}\n");
    return buf_ok(out, err);
}
