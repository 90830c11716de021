/* JSON that other programs wrote, bare or inside a page of HTML.
 *
 * foreign_json: a text whose root has no "attnscope" key: Nematus -j, plain {"matrix" |
 * "attention", tokens…}, CTranslate2 ("attention" [hypothesis][tgt][src]), NMT-Visualizer,
 * Seq2Seq-Vis, Transformer-Explainer-like recordings (raw, scaled, masked, softmax), one value or
 * one a line. foreign_html: BertViz (head, model and neuron view), CircuitsVis, Inspectus pages:
 * the literal is found in the script and read by the same strict scanner; nothing is ever run.
 */
#ifndef ATTNSCOPE_LOAD_FOREIGN_H
#define ATTNSCOPE_LOAD_FOREIGN_H

#include "load/json_tree.h"
#include "load/record.h"

/* doc->source holds the text of the file; it is given back (freed) before success. */
bool foreign_json(Document *doc, const LoadRequest *request, Error *err);
bool foreign_html(Document *doc, const LoadRequest *request, Error *err);
/* Does this JSON text look like a document of ours: a key "attnscope" at the root? */
bool foreign_is_ours(const char *text, size_t size);

/* What both share: numbers nested 2 to 5 deep, [..][rows][cols], into one tensor of the document.
 * NaN literals and null (in masked scores: −Inf) are accepted and counted. Ragged ones are refused
 * with their path. *block has 1 for missing dims; of five, the first is left to `skip`. */
bool foreign_block(Document *doc, const JsonTree *tree, const cJSON *item, RecordBlock *block,
                   const LoadRequest *request, Error *err);

#endif
