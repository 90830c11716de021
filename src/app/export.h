/* Pictures and tables out: the view as PNG, SVG or CSV, rows and cells as TSV, stages as CSV, JSON
 * or npy. Used by the window (Ctrl+E, Ctrl+C), `render` and `dump`. The same input gives the same
 * bytes.
 */
#ifndef ATTNSCOPE_APP_EXPORT_H
#define ATTNSCOPE_APP_EXPORT_H

#include "app/scope.h"
#include "draw/canvas.h"

typedef enum { DUMP_CSV, DUMP_JSON, DUMP_NPY } TableFormat;

/* Takes what was written so far and empties the buffer; false ends the writing. */
typedef struct {
    bool (*take)(void *context, Buf *out);
    void *context;
} ExportSink;
/* One stage of the selected head. sink: given some rows at a time; NULL: all stays in out.
 * ERROR_USAGE when the file cannot give the stage. */
bool export_stage(Scope *scope, const Settings *settings, Stage stage, TableFormat format,
                  const ExportSink *sink, Buf *out, Error *err);
/* Rows from … to − 1 of a stage of the present result, as export_stage writes them. */
bool export_rows(Scope *scope, Stage stage, TableFormat format, int from, int to, Buf *out,
                 Error *err);
/* One view with labels and colour bar, no panels, w × h points, into list. */
bool export_view(Scope *scope, const Settings *settings, const TextKit *kit, int view, float w,
                 float h, DrawList *list, Error *err);
/* A list as PNG or SVG bytes. */
bool export_png(const DrawList *list, const Font *font, float w, float h, float scale, Color ground,
                Buf *out, Error *err);
/* TSV of the hovered cell (key ≥ 0) or of the whole row: header line, then token, score, scaled,
 * weight (9 digits). */
bool export_tsv(Scope *scope, const Settings *settings, int query, int key, Buf *out, Error *err);

#endif
