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
    PART_PAIRS, /* "source ||| target" */
    PART_TEXT,  /* one sentence a line */
    PART_MODEL, /* configuration, tokenizer, vocabulary */
    PART_COUNT
} PartKind;

typedef struct {
    const char *path;
    const char *name; /* in it: without folders */
    PartKind kind;
    const DumpFormat *format; /* of matrices, links and pairs */
    bool graded;              /* links that are sure or possible */
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
 * −1: cannot be told. */
int64_t part_misfits(const Part *links, const Part *source, const Part *target,
                     const LoadRequest *request);

#endif
