/* One matrix as rows of digits, no header: `dump` writes the same of what it computes. Weights of
 * which only the columns sum to 1 would be taken for turned when they are read back: a note in
 * front, a comment for others, says that they are not.
 */
#include "load/convert_out.h"
#include "load/dump.h"
#include "base/number.h"

#include <stddef.h>

static void put_row(Buf *out, Stored m, int row)
{
    char text[NUMBER_TEXT];
    for (int j = 0; j < m.cols; j++) {
        double value = stored_value(m, row, j);
        if (m.dtype == DTYPE_F64)
            number_double(text, value);
        else
            number_float(text, (float)value); /* every half is a float */
        buf_text(out, j ? "," : "");
        buf_text(out, text);
    }
    buf_byte(out, '\n');
}

static bool put_note(ConvertOut *out, Stored m)
{
    bool turned = false;
    if (!record_seems_turned(&m, 1, &turned, out->err)) {
        out->failed = true;
        return false;
    }
    buf_text(&out->buf, turned ? DUMP_CSV_NOTE "\n" : "");
    return true;
}

bool convert_csv(ConvertOut *out, Document *doc)
{
    const ConvertPlan *plan = out->plan;
    if (plan->sentence < 0 && doc->sentence_count > 1)
        return convert_fail(out,
                            "expected one sentence for .csv, found %d: choose one with "
                            "--sentence",
                            doc->sentence_count);
    int index = plan->sentence < 0 ? 0 : plan->sentence;
    if (!document_open_sentence(doc, index, out->err)) {
        out->failed = true;
        return error_within(out->err, "sentence %d", index);
    }
    const DocSentence *s = &doc->sentences[index];
    if (!convert_place(out, s))
        return false;
    if (plan->layer < 0 && s->layer_count > 1)
        return convert_fail(out, "expected one layer for .csv, found %d: choose one with --layer",
                            s->layer_count);
    const DocLayer *layer = &s->layers[plan->layer < 0 ? 0 : plan->layer];
    if (plan->head < 0 && layer->head_count > 1)
        return convert_fail(out, "expected one head for .csv, found %d: choose one with --head",
                            layer->head_count);
    const DocHead *head = &layer->heads[plan->head < 0 ? 0 : plan->head];
    DocMatrix m = head->weights.tensor >= 0  ? head->weights
                  : head->scores.tensor >= 0 ? head->scores
                                             : head->recorded;
    if (m.tensor < 0)
        return convert_fail(out, "expected weights or scores for .csv, found vectors: "
                                 "`attnscope dump --stage weights` writes what they make");
    Stored stored = convert_stored(doc, m);
    if (!put_note(out, stored))
        return false;
    out->total = stored.rows;
    for (; out->done < stored.rows; out->done++) {
        put_row(&out->buf, stored, out->done);
        if (!convert_step(out) || !convert_flush(out, false))
            return false;
    }
    return convert_flush(out, true);
}
