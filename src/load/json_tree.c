#include "load/json_tree.h"
#include "load/json_number.h"
#include "load/json_string.h"
#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>

void json_tree_init(JsonTree *tree)
{
    *tree = (JsonTree){0};
    json_scan_init(&tree->scan);
}

void json_tree_free(JsonTree *tree)
{
    cJSON_Delete(tree->root);
    json_scan_free(&tree->scan);
    json_tree_init(tree);
}

/* The values that are open while the tree is walked. */
typedef struct {
    const cJSON *open[JSON_DEPTH_MOST + 1];
    int depth;
} Walk;

static void walk_path(const Walk *walk, char *out, size_t cap)
{
    size_t used = 0;
    out[0] = '\0';
    for (int i = 1; i < walk->depth && used + 1 < cap; i++) {
        const cJSON *item = walk->open[i], *before;
        int n, index = 0;
        cJSON_ArrayForEach(before, walk->open[i - 1])
        {
            if (before == item)
                break;
            index++;
        }
        if (cJSON_IsArray(walk->open[i - 1]))
            n = snprintf(out + used, cap - used, "[%d]", index);
        else
            n = snprintf(out + used, cap - used, "%s%.40s", used ? "." : "", item->string);
        if (n > 0)
            used += (size_t)n;
    }
}

static int order_keys(const void *a, const void *b)
{
    const cJSON *x = *(const cJSON *const *)a, *y = *(const cJSON *const *)b;
    int order = strcmp(x->string, y->string);
    return order ? order : (x->valueint > y->valueint) - (x->valueint < y->valueint);
}

static bool key_twice(const JsonTree *tree, const Walk *walk, const cJSON *first,
                      const cJSON *again, Error *err)
{
    char path[110], where[160], before[60];
    const JsonNode *nodes = tree->scan.nodes;
    walk_path(walk, path, sizeof path);
    json_place(tree->text, tree->length, nodes[again->valueint].key, path, where, sizeof where);
    json_place(tree->text, tree->length, nodes[first->valueint].key, "", before, sizeof before);
    return error_at(err, ERROR_MALFORMED, where,
                    "key \"%.60s\": expected once in an object, found again (first at %s)",
                    again->string, before);
}

/* The object on top of the walk holds each key once. */
static bool check_keys(const JsonTree *tree, const Walk *walk, Error *err)
{
    const cJSON *object = walk->open[walk->depth - 1], *child;
    const cJSON *few[16];
    size_t count = 0, i = 0;
    cJSON_ArrayForEach(child, object) count++;
    const cJSON **keys = count <= 16 ? few : mem_array(count, sizeof *keys);
    if (!keys)
        return error_memory(err);
    cJSON_ArrayForEach(child, object) keys[i++] = child;
    if (count > 1)
        qsort(keys, count, sizeof *keys, order_keys);
    bool ok = true;
    for (i = 1; ok && i < count; i++) {
        if (strcmp(keys[i - 1]->string, keys[i]->string) == 0)
            ok = key_twice(tree, walk, keys[i - 1], keys[i], err);
    }
    if (keys != few)
        mem_free(keys);
    return ok;
}

/* Numbers all items in the order of the text and checks the keys of every object. */
static bool tree_walk(JsonTree *tree, Error *err)
{
    Walk walk = {.depth = 0};
    cJSON *item = tree->root;
    int index = 0;
    for (;;) {
        item->valueint = index++;
        if (item->child) {
            walk.open[walk.depth++] = item;
            item = item->child;
            continue;
        }
        while (!item->next) {
            if (walk.depth == 0)
                return true;
            if (cJSON_IsObject(walk.open[walk.depth - 1]) && !check_keys(tree, &walk, err))
                return false;
            item = (cJSON *)walk.open[--walk.depth];
        }
        item = item->next;
    }
}

static void set_hooks(void)
{
    cJSON_InitHooks(&(cJSON_Hooks){.malloc_fn = mem_alloc, .free_fn = mem_free});
}

bool json_tree_read(JsonTree *tree, const char *text, size_t length, size_t *at,
                    const LoadRequest *request, uint64_t memory, Error *err)
{
    /* The library holds its hooks in globals: once, as another thread may be reading too. */
    static once_flag once = ONCE_FLAG_INIT;
    JsonScan *scan = &tree->scan;
    tree->text = text;
    tree->length = length;
    scan->memory = memory;
    if (!json_scan_next(text, length, at, request, scan, err))
        return false;
    call_once(&once, set_hooks);
    if ((uint64_t)scan->node_count * sizeof(cJSON) > memory)
        return limits_over(&request->limits, LIMIT_MEMORY, err, "",
                           "values: expected to fit into the memory, found %lld",
                           (long long)scan->node_count);
    const char *end = NULL;
    tree->root = cJSON_ParseWithLengthOpts(scan->skeleton.data, scan->skeleton.size + 1, &end, 1);
    if (!tree->root) /* the text is checked: only memory can be short */
        return error_memory(err);
    buf_free(&scan->skeleton);
    return tree_walk(tree, err);
}

size_t json_from(const JsonTree *tree, const cJSON *item)
{
    return tree->scan.nodes[item->valueint].from;
}

JsonBlock *json_block(const JsonTree *tree, const cJSON *item)
{
    int32_t block = tree->scan.nodes[item->valueint].block;
    return block < 0 ? NULL : &tree->scan.blocks[block];
}

bool json_is_number(const JsonTree *tree, const cJSON *item)
{
    return cJSON_IsNumber(item) && !json_block(tree, item);
}

bool json_real(const JsonTree *tree, const cJSON *item, double *out)
{
    JsonNumber number;
    size_t from = json_from(tree, item);
    if (!json_is_number(tree, item) || json_number(tree->text, from, &number) == from)
        return false;
    *out = number.value;
    return isfinite(number.value) != 0;
}

const char *json_text(const JsonTree *tree, const cJSON *item, Arena *arena)
{
    size_t from = json_from(tree, item);
    char *out = arena_alloc(arena, json_string_end(tree->text, from) - from, 1);
    if (out)
        out[json_string_decode(tree->text, from, out, NULL)] = '\0';
    return out;
}

const char *json_type(const JsonTree *tree, const cJSON *item)
{
    if (!item)
        return "nothing";
    if (json_block(tree, item))
        return "an array of numbers";
    if (cJSON_IsObject(item))
        return "an object";
    if (cJSON_IsArray(item))
        return cJSON_GetArraySize(item) ? "an array" : "an empty array";
    if (cJSON_IsString(item))
        return "text";
    return cJSON_IsNumber(item)  ? "a number"
           : cJSON_IsTrue(item)  ? "true"
           : cJSON_IsFalse(item) ? "false"
                                 : "null";
}

size_t json_skip_space(const char *text, size_t at)
{
    while (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t')
        at++;
    return at;
}

size_t json_value_end(const char *text, size_t at)
{
    int depth = 0;
    do {
        at = json_skip_space(text, at);
        char c = text[at];
        if (c == '"') {
            at = json_string_end(text, at);
        } else if (c == '{' || c == '[') {
            depth++;
            at++;
        } else if (c == '}' || c == ']') {
            depth--;
            at++;
        } else if (c == ',' || c == ':') {
            at++;
        } else {
            at += strcspn(text + at, " \t\r\n,]}");
        }
    } while (depth > 0);
    return at;
}

bool json_item(const char *text, size_t *at, size_t *value, size_t *value_end)
{
    size_t i = json_skip_space(text, *at);
    if (text[i] == ',')
        i = json_skip_space(text, i + 1);
    if (text[i] == ']' || text[i] == '}')
        return false;
    *value = i;
    *at = *value_end = json_value_end(text, i);
    return true;
}

bool json_member(const char *text, size_t *at, JsonMember *out)
{
    if (!json_item(text, at, &out->key, &out->key_end))
        return false;
    size_t i = json_skip_space(text, json_skip_space(text, out->key_end) + 1);
    out->value = i;
    *at = out->value_end = json_value_end(text, i);
    return true;
}
