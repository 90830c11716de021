/* Whether a text is well-formed XML 1.0, as far as a writer of drawings can go wrong: tags that
 * match, attributes quoted and named once, references known, characters allowed, one root. No DTD.
 */
#ifndef ATTNSCOPE_TESTS_SUPPORT_XML_CHECK_H
#define ATTNSCOPE_TESTS_SUPPORT_XML_CHECK_H

#include <stdbool.h>
#include <stddef.h>

/* False with the byte where it goes wrong and why. */
bool xml_check(const char *text, size_t length, size_t *at, const char **why);

#endif
