/* Word links: as fuzz_dump.c, with the dialects of links. */
#define FUZZ_LINKS
#include "fuzz_dump.c"
