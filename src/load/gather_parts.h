/* What one file among several is; for gather*.c alone. */
#ifndef ATTNSCOPE_LOAD_GATHER_PARTS_H
#define ATTNSCOPE_LOAD_GATHER_PARTS_H

#include "load/dump.h"
#include "load/gather.h"

typedef enum {
    PART_OTHER,    /* nothing that we open */
    PART_OURS,     /* a document of ours */
    PART_FOREIGN,  /* JSON or a page of another program */
    PART_MATRICES, /* a dump with weights */
    PART_ARRAYS,   /* .npy, .npz, .safetensors */
    PART_SHARDS,   /* the index of a model in several .safetensors */
    PART_LINKS,
    PART_PAIRS,   /* "source ||| target" */
    PART_WEIGHTS, /* of links: nothing else tells these from a matrix */
    PART_TEXT,    /* one sentence a line */
    PART_MODEL,   /* configuration, tokenizer, vocabulary */
    PART_COUNT
} PartKind;

typedef struct {
    const char *path;
    const char *name; /* in it: without folders */
    PartKind kind;
    const DumpFormat *format; /* of matrices, links and pairs */
    bool graded;              /* links that are sure or possible */
    bool numbers;             /* nothing but them in the text */
    const char *what;         /* "a PNG picture": of what is nothing to us */
} Part;

/* Reads the first bytes. ERROR_IO. */
bool part_look(Part *part, const char *path, Error *err);
/* By its name: README, LICENSE, a script: no part of a document unless it is asked for. */
bool part_is_beside(const char *name);
/* By its name the parameters of a model: "model-00001-of-00002.safetensors". */
bool part_is_model(const char *name);

/* −1: the name says source (".src", "source"), 1: target, 0: neither. */
int part_side(const char *name);
bool part_says_gold(const char *name);
/* Both end in the same language or extension: "out.lv", "ref.lv". Endings of formats do not count.
 */
bool part_same_tail(const char *a, const char *b);

/* In how many of the first sentences the links do not fit when `source` and `target` are its texts.
 * −1: cannot be told; with err set when memory, the disk or a person is to blame. */
int64_t part_misfits(const Part *links, const Part *source, const Part *target,
                     const LoadRequest *request, Error *err);
/* Is there a number for each link, in at least half of the first lines? false with err as above. */
bool part_weighs(const Part *links, const Part *numbers, const LoadRequest *request, Error *err);

typedef struct {
    const LoadRequest *in;
    Arena *arena;
    Error *err;
    const char *folder; /* that was given; NULL: files were */
    const char **paths; /* in the order they were given */
    int path_count, path_cap;
    int left_out; /* files of a folder beyond those that are looked at */
    Part *parts;  /* path_count of them */
    /* The outcome: indices, −1 = none. */
    int primary, gold, pairs, source, target, weights;
    const char **arrays; /* beside the primary */
    int array_count;
} Gather;

/* Sets of kinds. */
unsigned gather_bit(PartKind kind);
int gather_count(const Gather *g, PartKind kind);

/* ERROR_USAGE: "folder: expected WHAT, found " and all files of these kinds. Always false. */
bool gather_fail(const Gather *g, const char *what, unsigned kinds);
/* The same when nothing can be opened; models by what they lack. */
bool gather_fail_nothing(const Gather *g);
/* As gather_request tells it. */
void gather_explain(const Gather *g, char *out, size_t cap);

#endif
