/* JSON text as a tree: cJSON holds the structure, the scan holds where each value stands in the
 * text, and the numbers. Duplicate keys are refused here.
 */
#ifndef ATTNSCOPE_LOAD_JSON_TREE_H
#define ATTNSCOPE_LOAD_JSON_TREE_H

#include "load/json_scan.h"

#include <cjson/cJSON.h>

typedef struct {
    const char *text; /* lent */
    size_t length;
    JsonScan scan;
    cJSON *root; /* owned; valueint of each item is its index into scan.nodes */
} JsonTree;

void json_tree_init(JsonTree *tree);
void json_tree_free(JsonTree *tree);

/* One value from *at on, as json_scan_next. `memory`: bytes of numbers that it may keep. */
bool json_tree_read(JsonTree *tree, const char *text, size_t length, size_t *at,
                    const LoadRequest *request, uint64_t memory, Error *err);

size_t json_from(const JsonTree *tree, const cJSON *item);            /* where the value begins */
JsonBlock *json_block(const JsonTree *tree, const cJSON *item);       /* NULL: no lifted numbers */
bool json_is_number(const JsonTree *tree, const cJSON *item);         /* one number */
bool json_real(const JsonTree *tree, const cJSON *item, double *out); /* false: no finite number */
/* The string's text from the arena, NUL-ended; NULL when out of memory. */
const char *json_text(const JsonTree *tree, const cJSON *item, Arena *arena);
const char *json_type(const JsonTree *tree,
                      const cJSON *item); /* "an object", "a number", "text" … */

/* Walking checked text without a tree. */
size_t json_skip_space(const char *text, size_t at);
size_t json_value_end(const char *text, size_t at); /* behind the value at text[at] */
/* The next member of an object: *at is at first the index behind '{', then handed on. False at the
 * end. */
typedef struct {
    size_t key, key_end, value, value_end;
} JsonMember;
bool json_member(const char *text, size_t *at, JsonMember *out);
/* The next item of an array: *at is at first the index behind '['. False at the end. */
bool json_item(const char *text, size_t *at, size_t *value, size_t *value_end);

#endif
