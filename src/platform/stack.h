/* Room to run in: libraries (FreeType, Xlib, font configuration) want more stack than a strict
 * limit leaves, and a process that meets the end of its stack is killed.
 */
#ifndef ATTNSCOPE_PLATFORM_STACK_H
#define ATTNSCOPE_PLATFORM_STACK_H

/* Runs it to its end: here, or on a larger stack where this one may not grow to a mebibyte. */
void stack_run(void (*body)(void *context), void *context);

#endif
