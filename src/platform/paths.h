/* Where the program's own files are: beside the installed binary, else in the source tree it was
 * built from.
 */
#ifndef ATTNSCOPE_PLATFORM_PATHS_H
#define ATTNSCOPE_PLATFORM_PATHS_H

typedef struct {
    char assets[1024], fonts[1024], examples[1024]; /* "" when not found */
} Paths;

void paths_find(Paths *paths, const char *argv0);

#endif
