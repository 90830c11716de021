/* Writing a document back. The source text is kept verbatim but for the settings (and, when the
 * folder changes, references to other files, which become base64 blocks so that the new file stands
 * alone), so unknown fields and the digits of every number survive.
 */
#ifndef ATTNSCOPE_LOAD_SAVE_H
#define ATTNSCOPE_LOAD_SAVE_H

#include "doc/document.h"

/* The text that save_document would write: `settings` replaces the document's settings object. */
bool save_text(const Document *doc, const DocSetting *settings, int count, const char *path,
               Buf *out, Error *err);
/* Atomic. read_only documents are refused: ERROR_USAGE. */
bool save_document(const Document *doc, const DocSetting *settings, int count, const char *path,
                   Error *err);

#endif
