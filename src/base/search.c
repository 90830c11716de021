#include "base/search.h"

/* Not the locale's: the same text is found everywhere. */
static char small(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

const char *search_caseless(const char *text, const char *word, size_t length)
{
    for (;; text++) {
        size_t i = 0;
        while (i < length && text[i] && small(text[i]) == small(word[i]))
            i++;
        if (i == length)
            return text;
        if (!*text)
            return NULL;
    }
}
