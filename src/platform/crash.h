/* A fault of our own: one line of where it was, then the end that the system gives to such faults.
 * Nothing is saved by then: what is in memory may be what broke. The session of a second ago is.
 */
#ifndef ATTNSCOPE_PLATFORM_CRASH_H
#define ATTNSCOPE_PLATFORM_CRASH_H

/* Leaves signals alone that somebody watches already, as sanitizers do. */
void crash_watch(void);

#endif
