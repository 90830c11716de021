/* Writing a document back. What was no document of ours is written as one (load/convert.h). The
 * source text is kept verbatim but for the settings (and, when the folder changes, references to
 * other files, which become base64 blocks so that the new file stands alone), so unknown fields and
 * the digits of every number survive.
 */
#ifndef ATTNSCOPE_LOAD_SAVE_H
#define ATTNSCOPE_LOAD_SAVE_H

#include "doc/document.h"

/* The text that save_document would write: `settings` replaces the document's settings object. A
 * corpus has another sentence open afterwards. */
bool save_text(Document *doc, const DocSetting *settings, int count, const char *path,
               Buf *out, Error *err);
/* Of a document with a source text: all that it refers to becomes part of the text. */
bool save_text_alone(const Document *doc, const DocSetting *settings, int count, Buf *out,
                     Error *err);
/* {"name": value, …} */
void save_settings(Buf *out, const DocSetting *settings, int count, const char *separator);
/* Atomic. read_only documents are refused: ERROR_USAGE. */
bool save_document(Document *doc, const DocSetting *settings, int count, const char *path,
                   Error *err);

#endif
