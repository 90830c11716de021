/* PyTorch, in a process of its own that waits for one word a line: see peer_torch.py. */
#include "bench/peers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
    FILE *to, *from;
    pid_t child;
    char words[300]; /* what it says of itself */
} torch;

static bool torch_try(const char *python, int threads)
{
    int down[2], up[2];
    char count[16];
    snprintf(count, sizeof count, "%d", threads);
    if (pipe(down) != 0 || pipe(up) != 0)
        return false;
    torch.child = fork();
    if (torch.child == 0) {
        dup2(down[0], 0);
        dup2(up[1], 1);
        close(down[0]), close(down[1]), close(up[0]), close(up[1]);
        execlp(python, python, BENCH_SOURCE_DIR "/tests/bench/peer_torch.py", count, (char *)NULL);
        _exit(127);
    }
    close(down[0]);
    close(up[1]);
    torch.to = fdopen(down[1], "w");
    torch.from = fdopen(up[0], "r");
    if (torch.to && torch.from && fgets(torch.words, sizeof torch.words, torch.from)) {
        torch.words[strcspn(torch.words, "\n")] = '\0';
        return true;
    }
    waitpid(torch.child, NULL, 0);
    return false;
}

static const char *missing(void)
{
    static bool asked, here;
    const char *threads = getenv("OMP_NUM_THREADS");
    if (!asked) {
        int count = threads ? (int)strtol(threads, NULL, 10) : 1;
        here = torch_try("python3", count) || torch_try("/usr/bin/python3", count);
        if (here)
            printf("%s\n", torch.words);
        asked = true;
    }
    return here ? NULL : "not found (python3-torch)";
}

static double ask(const char *word)
{
    char line[64];
    if (fprintf(torch.to, "%s\n", word) < 0 || fflush(torch.to) != 0 ||
        !fgets(line, sizeof line, torch.from)) {
        fprintf(stderr, "bench: PyTorch stopped\n");
        exit(1);
    }
    return strtod(line, NULL);
}

static void begin(const PeerCase *c)
{
    char word[32];
    snprintf(word, sizeof word, "n %d", c->n);
    ask(word);
}

static double run(const PeerCase *c, PeerTask task)
{
    static const char *const WORDS[TASK_COUNT] = {"full", "slider", "causal"};
    (void)c;
    return ask(WORDS[task]);
}

static void end(void) {}

const Peer PEER_TORCH = {"PyTorch", missing, begin, run, end};
