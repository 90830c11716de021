/* One small file of every kind that is read: what the tests share that try failures everywhere. */
#ifndef ATTNSCOPE_TESTS_LOAD_SAMPLES_TEST_H
#define ATTNSCOPE_TESTS_LOAD_SAMPLES_TEST_H

#include "load_test.h"

/* A file of a table: a sample, or its content. */
typedef struct {
    const char *name, *content; /* NULL: below tests/data/load */
    const char *companions[2];  /* more files, NAME\nCONTENT; .gold and .tgt are what they say */
} Sample;

#define NEMATUS                                                                                    \
    "0 ||| b d ||| -1.5 ||| a c ||| 3 3\n0.7 0.2 0.1 \n0.1 0.8 0.1 \n0.1 0.1 0.8 \n\n"             \
    "1 ||| x@@ z ||| -2 ||| y ||| 3 2\n0.25 0.75\n0.5 0.5\n0.5 0.5\n\n"
#define BASE64_PNG                                                                                 \
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="

#define SPECIAL                                                                                    \
    "{\"attnscope\": 2, \"title\": \"t\", \"about\": \"o\", \"queries\": {\"tokens\": [\"a\", "    \
    "\"b\"], \"lang\": \"de\", "                                                                   \
    "\"segments\": [0, 1]}, \"keys\": {\"tokens\": [\"c\", \"d\"], \"segments\": [0, 1], "         \
    "\"padding\": [false, true], "                                                                 \
    "\"lang\": \"en\"}, "                                                                          \
    "\"alignment\": {\"sure\": [[0, 0]], \"possible\": [[1, 1]]}, \"layers\": [{\"about\": "       \
    "\"l\", \"heads\": ["                                                                          \
    "{\"score\": {\"kind\": \"gate\", \"w\": [[1]]}, \"q\": [[1], [2]], \"k\": [[3], [4]], "       \
    "\"bias\": [{\"kind\": \"alibi\", \"slope\": 0.5}]}, "                                         \
    "{\"score\": {\"kind\": \"what\"}, \"weights\": [[0.5, 0.25], [1, 0]]}, "                      \
    "{\"score\": {\"kind\": \"dot\"}, \"scores\": {\"dtype\": \"f32\", \"shape\": [2, 2], "        \
    "\"base64\": \"AADAfwAAwH8AAIA\\/AACAPw==\"}}, "                                               \
    "{\"scores\": [[1, 2], [3, 4]], \"mask\": [[1, 0], [1, 1]]}]}], "                              \
    "\"settings\": {\"temperature\": 0.5, \"mask.global\": [0, 1], \"scale.mode\": \"none\"}, "    \
    "\"y\": [1e-400, 9007199254740993]}"

#define BASE64_JPEG                                                                                \
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAFA3PEY8MlBGQUZaVVBfeMiCeG5uePWvuZHI////////////////"         \
    "////////////////////////////////////wAALCAACAAIBAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAEC"         \
    "AwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAk"         \
    "M2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJ"         \
    "ipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3"         \
    "+Pn6/9oACAEBAAA/ACv/2Q=="

#define TEN_WORDS "a b c d e f g h i j "
#define MANY_KEYS                                                                                  \
    "{\"a\": 1, \"b\": 1, \"c\": 1, \"d\": 1, \"e\": 1, \"f\": 1, \"g\": 1, \"h\": 1, \"i\": 1, "  \
    "\"j\": 1, \"k\": 1, \"l\": 1, \"m\": 1, \"n\": 1, \"o\": 1, \"attnscope\": 1, "               \
    "\"tokens\": [\"a\"], \"layers\": [{\"weights\": [[[1]]]}]}"

static const Sample SAMPLES[] = {
    {"rows.attn.json", NULL, {NULL}},
    {"all_fields.attn.json", NULL, {NULL}},
    {"base64.attn.json", NULL, {NULL}},
    {"files.attn.json", NULL, {NULL}},
    {"index.attn.json", NULL, {NULL}},
    {"padding.attn.json", NULL, {NULL}},
    {"picture.attn.json", NULL, {NULL}},
    {"sentences.attn.json", NULL, {NULL}},
    {"lines.jsonl", NULL, {NULL}},
    {"picture.json",
     "{\"attnscope\": 1, \"image\": {\"rows\": 1, \"cols\": 1, \"base64\": \"" BASE64_PNG
     "\"}, \"layers\": [{\"weights\": [[[1]]]}]}",
     {NULL}},
    {"picture_jpeg.json",
     "{\"attnscope\": 1, \"image\": {\"rows\": 1, \"cols\": 1, \"base64\": \"" BASE64_JPEG
     "\"}, \"layers\": [{\"weights\": [[[1]]]}]}",
     {NULL}},
    {"tensors/model.safetensors", NULL, {NULL}},
    {"tensors/model.safetensors.index.json", NULL, {NULL}},
    {"tensors/qkv.npz", NULL, {NULL}},
    {"tensors/recorded.npz", NULL, {NULL}},
    {"tensors/batch.npz", NULL, {NULL}},
    {"tensors/series.npz", NULL, {NULL}},
    {"tensors/savez.npz", NULL, {NULL}},
    {"npz/two_deflated.npz", NULL, {NULL}},
    {"tensors/alignments.npy", NULL, {NULL}},
    {"foreign/bertviz_head.html", NULL, {NULL}},
    {"foreign/bertviz_model.html", NULL, {NULL}},
    {"foreign/bertviz_neuron.html", NULL, {NULL}},
    {"foreign/circuitsvis.html", NULL, {NULL}},
    {"foreign/inspectus.html", NULL, {NULL}},
    {"foreign/ctranslate2.json", NULL, {NULL}},
    {"foreign/nematus_lines.json", NULL, {NULL}},
    {"foreign/nematus_lines.json",
     NULL,
     {"j.src\nein neues Haus\nein neues Haus\n", "j.tgt\na new house now\na new house now\n"}},
    {"foreign/seq2seq_vis.json", NULL, {NULL}},
    {"foreign/five_levels.json", NULL, {NULL}},
    {"dump.nematus", NEMATUS, {NULL}},
    {"dump.sockeye", "0 ||| b d ||| -1.5 ||| a ||| 1 ||| 2\n0.7 0.3\n\n", {NULL}},
    {"dump.marian", "b d ||| 0.7,0.2,0.1 0.1,0.8,0.1 0.1,0.1,0.8\n", {"dump.src\na c\n"}},
    {"dump.pharaoh", "0-0 1-1\n0-1 1p0\n", {"dump.pairs\na c ||| b d\ne f ||| g h\n"}},
    {"dump.a3",
     "# Sentence pair (1) source length 2 target length 2 alignment score : 0.1\n"
     "b d\nNULL ({ }) a ({ 1 }) c ({ 2 })\n",
     {NULL}},
    {"dump.fairseq", "S-0\ta c\nH-0\t-1\tb d\nD-0\t-1\tb d\nP-0\t-1 -1 -1\nA-0\t0-0 1-1\n", {NULL}},
    {"weighted.align",
     "1-1 0-1\n0-0\n",
     {"w.pairs\na b ||| c d\ne ||| f\n", "w.prob\n0.5 0.25\n.75\n"}},
    {"gold.align", "0-0 1-1\n0-0\n", {"g.pairs\na b ||| c d\ne ||| f\n", "g.gold\n1-1 2p2\n1-1\n"}},
    {"none.pairs", "a b ||| c d\ne ||| f\n", {"n.gold\na b ||| c d\ne ||| f\n"}},
    {"dump.naacl", "1 1 1 S 0.5\n1 2 2\n2 1 1 P\n", {"n.pairs\na c ||| b d\ne f ||| g h\n"}},
    {"dump.hard", "das Haus ||| 0-0 1-1\nja ||| 0-0\n", {"h.src\nthe house\nyes\n"}},
    {"dump.nbest",
     "0 ||| a ||| 0.5,0.5 0.25,0.75 ||| F0= -1 ||| -1\n"
     "0 ||| b ||| 0.6,0.4 0.25,0.75 ||| F0= -2 ||| -2\n"
     "1 ||| c ||| 0.5,0.25,0.25 0,0,1 ||| F0= -1 ||| -1\n",
     {"b.src\nx\ny z\n"}},
    {"head.csv", "x,a,\"c,d\"\nb,0.7,0.3\n\"e\"\"f\",0.2,0.9\n\na,b\n0.5,0.5\n", {NULL}},
    {"plain.csv", "0.7\t0.3\n0.2\t0.8\n\n1 0\n0.25 0.75\n", {NULL}},
    {"table.log",
     "PRED 1: the\n            das       Haus \n       the *0.8763441  0.1236559 \n"
     "      </s>  0.2500000 *0.7500000 \n\n             ja \n     yes *1.0000000 \n",
     {NULL}},
    {"bad.nematus",
     NEMATUS
     "2 ||| a ||| -1 ||| b c ||| 3 2\n0.5\n\n3 ||| a ||| -1 ||| b ||| 2 2\nnan 1\n0.5 0.6\n\n",
     {NULL}},
    {"tensors/alignments.npy",
     NULL,
     {"a.src\ndas ist gut\nja bitte sehr oft hier noch mal\n", "a.tgt\nx y\nz\n"}},
    {"tensors/masked.npz", NULL, {NULL}},
    {"npy/odd.npy", NULL, {NULL}},
    {"npy/rounded.npy", NULL, {NULL}},
    {"unclear.nematus", "0 ||| a ||| 0 ||| x y z ||| 0 0\n0.9 0.25 0.25 0 0 0 0\n", {NULL}},
    {"special.json", SPECIAL, {NULL}},
    {"nan.json",
     "{\"attnscope\": 1, \"tokens\": [\"a\"], \"layers\": [{\"scores\": {\"dtype\": \"f32\", "
     "\"shape\": [1, 1, 1], \"base64\": \"AADAfw==\"}}]}",
     {NULL}},
    {"npz/two_zip64.npz", NULL, {NULL}},
    {"labels.csv", "a,0.7,0.3\nb,0.2,0.8\n", {NULL}},
    {"rounded.json",
     "{\"attnscope\": 1, \"tokens\": [\"a\"], \"layers\": [{\"scores\": "
     "[[[9007199254740993]]]}]}",
     {NULL}},
    {"quoted.csv", "x;a;b\nc;\"0,5\";0,5\nd;\"0,25\";0,75\n", {NULL}},
    {"keys.json", MANY_KEYS, {NULL}},
    {"long.align",
     "0-0\n",
     {"l.pairs\n" TEN_WORDS TEN_WORDS TEN_WORDS TEN_WORDS TEN_WORDS TEN_WORDS TEN_WORDS "||| x\n"}},
    {"triples.align", "1 0:0:sure\n2 0:0:sure\n", {"t.src\n1\na\nx\n2\nb\ny\n"}},
};
enum { SAMPLE_COUNT = sizeof SAMPLES / sizeof *SAMPLES };

typedef struct {
    LoadRequest request;
    char path[600], more[2][600];
    const char *list[2];
} Wish;

/* An own file of a sample; content: NAME\nCONTENT. */
static inline void sample_put(char out[600], const char *dir, const char *content)
{
    size_t length = strcspn(content, "\n");
    snprintf(out, 600, "%s/%.*s", dir, (int)length, content);
    check_put(out, content + length + 1);
}

static inline bool sample_ends(const char *path, const char *end)
{
    size_t length = strlen(path), size = strlen(end);
    return length > size && strcmp(path + length - size, end) == 0;
}

static inline void wish_of(Wish *w, const Sample *s, const char *dir)
{
    *w = (Wish){.request = {.limits = load_limits_default()}};
    snprintf(w->path, sizeof w->path, "%s%s%s", s->content ? dir : LOAD_DATA, s->content ? "/" : "",
             s->name);
    if (s->content)
        check_put(w->path, s->content);
    w->request.path = w->path;
    w->request.origin.more = w->list;
    for (int i = 0; i < 2 && s->companions[i]; i++) {
        sample_put(w->more[i], dir, s->companions[i]);
        if (sample_ends(w->more[i], ".gold"))
            w->request.origin.gold = w->more[i];
        else if (sample_ends(w->more[i], ".src"))
            w->request.origin.source = w->more[i];
        else if (sample_ends(w->more[i], ".tgt"))
            w->request.origin.target = w->more[i];
        else
            w->list[w->request.origin.more_count++] = w->more[i];
    }
}

/* What a person does first: opens it, looks at the first sentence. */
static inline bool open_and_look(Document *doc, const LoadRequest *request, Error *err)
{
    AttnInput input;
    if (!load_document(doc, request, err) || !document_open_sentence(doc, 0, err))
        return false;
    Error other = {0}; /* heads that have no scores say so, which is no fault */
    if (!document_select(doc, 0, 0, 0, &input, &other) && other.kind == ERROR_LIMIT)
        return error_set(err, other.kind, "%s", other.what);
    return true;
}

#endif
