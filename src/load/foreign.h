/* JSON that other programs wrote, bare or inside a page of HTML.
 *
 * foreign_json: a text whose root has no "attnscope" key: NMT-Visualizer, recordings of
 * Transformer Explainer (raw, scaled, masked, softmax), Nematus -j, CTranslate2, Seq2Seq-Vis, plain
 * {"matrix" | "attention", tokens…}, one value, a list of them or one a line. foreign_html: pages
 * of BertViz (head, model and neuron view), CircuitsVis and Inspectus: the literal is found in the
 * script and read by the same strict scanner; nothing is ever run.
 *
 * NaN and Infinity literals are let through, counted and told.
 */
#ifndef ATTNSCOPE_LOAD_FOREIGN_H
#define ATTNSCOPE_LOAD_FOREIGN_H

#include "load/json_tree.h"
#include "load/record.h"

/* doc->source holds the text of the file; it is given back (freed) before success. */
bool foreign_json(Document *doc, const LoadRequest *request, Error *err);
bool foreign_html(Document *doc, const LoadRequest *request, Error *err);
/* Does this JSON text look like a document of ours: a key "attnscope" at the root? The text is not
 * checked yet. */
bool foreign_is_ours(const char *text, size_t size);

#endif
