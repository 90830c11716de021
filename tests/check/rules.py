#!/usr/bin/env python3
"""The house rules as tests: rules.py ROOT RULE prints one line per breach and exits 1 when there is one.

Needs the standard library only. What may be broken, and why, stands in exceptions.txt beside this
file, one line each; a line that excuses nothing is itself a breach (but for
mirror), so the list stays true.
"""
import os
import re
import sys

FLOORS = {"base": 0, "image": 1, "core": 1, "doc": 2, "draw": 2, "load": 3, "ui": 3, "view": 3,
          "state": 4, "app": 5, "platform": 6}
# Which folder or file may see a library of others; the C library is not listed.
LIBRARIES = [
    (r"SDL(_ttf)?\.h", r"platform/(window_sdl|title_sdl|keys_sdl|font_ttf|font_pieces)\.[ch]"),
    (r"SDL_syswm\.h", r"platform/title_sdl\.c"),
    (r"png\.h", r"image/png\.c"),
    (r"turbojpeg\.h", r"image/jpeg\.c"),
    (r"cjson/.*", r"load/.*"),
    (r"zip\.h", r"load/npz\.c"),
    (r"hb(-.*)?\.h", r"(draw|platform)/.*"),
    (r"fribidi.*", r"draw/.*"),
    (r"fontconfig/.*", r"platform/.*"),
    (r"dlfcn\.h", r"platform/(window|title)_sdl\.c"),
    (r"pthread\.h", r"(core|app|platform)/.*"),
    (r"threads\.h", r"load/json_tree\.c"),
    (r"[a-z]*mmintrin\.h", r"(core|draw|view)/.*"),
]
C_LIBRARY = set("""assert ctype dirent errno fcntl float inttypes limits locale math setjmp signal stdalign
    stdarg stdatomic stdbool stddef stdint stdio stdlib string strings threads time unistd sys/stat sys/types
    sys/file sys/mman sys/resource sys/time sys/wait poll execinfo""".split())

# Calls, and the files that wrap them ("" = nobody may).
CALLS = [
    ("strcpy strcat sprintf vsprintf gets atoi atol atof alloca setlocale system popen", ""),
    ("execl execlp execle execv execve execvp fork vfork socket connect", ""),
    ("dlopen", r"platform/(window|title)_sdl\.c"),
    ("cJSON_GetObjectItem strncpy strncat strtok rand srand", ""),
    ("malloc calloc realloc reallocarray aligned_alloc posix_memalign free strdup strndup asprintf vasprintf",
     r"base/mem\.c"),
    ("strtod strtof strtold", r"base/number\.c"),
    ("fopen freopen fdopen open openat creat mkstemp mmap", r"base/file\.c"),
    ("rename unlink remove mkdir rmdir truncate ftruncate", r"base/(file|path)\.c"),
    ("printf puts putchar perror vprintf", r"platform/main\.c|platform/window_sdl\.c"),
    ("fprintf fputs fputc vfprintf fwrite", r"app/cli(_[a-z]+)?\.c|platform/(main|window_sdl)\.c"),
    ("exit _exit quick_exit abort", r"platform/(main|window_sdl)\.c"),
    ("time clock gettimeofday clock_gettime localtime gmtime", r"platform/.*"),
]
PATTERNS = [
    (r"\bpng_image_\w+", "png_image_* (the simplified libpng interface)"),
    (r"\bIMG_\w+", "IMG_* (SDL_image)"),
    (r"\bTTF_\w*_Wrapped\b", "TTF_*_Wrapped"),
    (r"\bcJSON_Print\w*", "cJSON_Print*"),
]
LINE_MAX, FUNCTION_MAX, FILE_MAX = 100, 60, 500
# Hosts that texts may name; anything else would tie the project to where it was made.
HOSTS = {"www.w3.org", "www.debian.org", "dejavu-fonts.github.io", "git-lfs", "json-schema.org",
         "git-lfs.github.com", "creativecommons.org", "github.com", "freedesktop.org",
         "www.freedesktop.org", "example.org"}
# The first character of each is in brackets so that this file does not break its own rule.
WORDS = [r"[/]root/", r"[/]home/\w", r"[/]Users/\w", r"[/]work/\w", r"[/]workspace/", r"[/]mnt/\w",
         r"[/]tmp/\w", r"\b[l]ocalhost:\d", r"\b[T]ODO\b", r"\b[F]IXME\b", r"\b[X]XX\b", r"\b[H]ACK\b"]
TEXT = (".c", ".h", ".def", ".py", ".sh", ".md", ".txt", ".cmake", ".json", ".jsonl", ".xml", ".svg",
        ".desktop", ".1", ".sabotage")


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def files_under(root, *folders, ends=(".c", ".h")):
    found = []
    for folder in folders:
        for at, names, files in os.walk(os.path.join(root, folder)):
            names[:] = sorted(n for n in names if n not in ("build", ".git", "__pycache__"))
            found += [os.path.relpath(os.path.join(at, f), root) for f in sorted(files) if f.endswith(ends)]
    return found


def blank_out(match):
    return re.sub(r"[^\n]", " ", match.group(0))


def code_of(text):
    """The text with comments and literals blanked, line numbers kept."""
    pattern = r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'"
    return re.sub(pattern, blank_out, text, flags=re.S)


def line_of(text, at):
    return text.count("\n", 0, at) + 1


def include_breach(path, folder, name, root):
    """What is wrong with #include "name" in a file of this folder; None when nothing is."""
    other, _, rest = name.partition("/")
    if not rest or other not in FLOORS:
        return f'includes "{name}": expected a path from src, such as "core/mask.h"'
    if not os.path.exists(os.path.join(root, "src", name)):
        return f'includes "{name}", which is not in src'
    if other == folder:
        return None
    if FLOORS[other] == FLOORS[folder]:
        return f'includes "{name}": {folder} and {other} are siblings on floor {FLOORS[folder]}'
    if FLOORS[other] > FLOORS[folder]:
        return f'includes "{name}": floor {FLOORS[other]} from floor {FLOORS[folder]}'
    return None


def library_breach(inside, name):
    if name.endswith(".h") and name[:-2] in C_LIBRARY:
        return None
    for pattern, where in LIBRARIES:
        if re.fullmatch(pattern, name):
            return None if re.fullmatch(where, inside) else f"includes <{name}>, which belongs to {where}"
    return f"includes <{name}>: not in the list of libraries"


def rule_layering(root):
    for path in files_under(root, "src", ends=(".c", ".h", ".def")):
        inside = path[len("src/"):]
        folder = inside.partition("/")[0]
        if folder not in FLOORS:
            yield path, 1, f"folder {folder} has no floor"
            continue
        for number, line in enumerate(read(os.path.join(root, path)).split("\n"), 1):
            match = re.match(r'\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', line)
            if not match:
                continue
            breach = include_breach(path, folder, match[1], root) if match[1] else library_breach(inside, match[2])
            if breach:
                yield path, number, breach


def rule_calls(root):
    for path in files_under(root, "src"):
        inside = path[len("src/"):]
        code = code_of(read(os.path.join(root, path)))
        for names, where in CALLS:
            if where and re.fullmatch(where, inside):
                continue
            for match in re.finditer(r"(?<![\w.>])(%s)\s*\(" % "|".join(names.split()), code):
                yield path, line_of(code, match.start()), f"{match[1]}() belongs to {where or 'nobody'}"
        for pattern, what in PATTERNS:
            for match in re.finditer(pattern, code):
                yield path, line_of(code, match.start()), f"{what} is banned"


def functions_of(lines):
    """(first line, length, name) of every function; its braces stand alone in the first column."""
    start = None
    for i, line in enumerate(lines):
        if line == "{":
            start = i
            while start > 0 and lines[start - 1].strip() and not re.search(r"[;}/]$|^#", lines[start - 1]):
                start -= 1
        elif line == "}" and start is not None:
            head = " ".join(lines[start:i])
            name = re.search(r"(\w+)\s*\(", head)
            yield start + 1, i - start + 1, name[1] if name else "?"
            start = None


def rule_size(root):
    for path in files_under(root, "src", "tests"):
        lines = read(os.path.join(root, path)).split("\n")
        if len(lines) - 1 > FILE_MAX:
            yield path, FILE_MAX + 1, f"{len(lines) - 1} lines, at most {FILE_MAX}"
        for number, line in enumerate(lines, 1):
            if len(line) > LINE_MAX:
                yield path, number, f"{len(line)} columns, at most {LINE_MAX}"
            if "\t" in line or line != line.rstrip():
                yield path, number, "a tab or blanks at the end"
        for number, length, name in functions_of(lines):
            if length > FUNCTION_MAX:
                yield path, number, f"{name}() has {length} lines, at most {FUNCTION_MAX}"


def rule_words(root):
    top = [f for f in sorted(os.listdir(root)) if os.path.isfile(os.path.join(root, f)) and f.endswith(TEXT)]
    folders = ["src", "tests", "scripts", "cmake", "assets", "examples", ".ci"]
    for path in top + files_under(root, *folders, ends=TEXT):
        text = read(os.path.join(root, path))
        for word in WORDS:
            for match in re.finditer(word, text):
                yield path, line_of(text, match.start()), f"says '{match[0]}'"
        for match in re.finditer(r"https?://([A-Za-z0-9.-]+)", text):
            if match[1].rstrip(".") not in HOSTS:
                yield path, line_of(text, match.start()), f"names the host {match[1]}"


def has_test(root, folder, name):
    """A module is a file and its parts: heatmap.c, heatmap_draw.c … are tested by test_heatmap.c."""
    while name:
        if os.path.exists(os.path.join(root, "tests", folder, f"test_{name}.c")):
            return True
        name = name.rpartition("_")[0]
    return False


def rule_mirror(root):
    for folder in sorted(os.listdir(os.path.join(root, "src"))):
        if not os.path.isdir(os.path.join(root, "src", folder)):
            continue
        if not os.path.exists(os.path.join(root, "src", folder, "README.md")):
            yield f"src/{folder}", 1, "has no README.md"
    for path in files_under(root, "src", ends=(".c",)):
        _, folder, file = path.split("/")
        if not has_test(root, folder, file[:-2]):
            yield path, 1, f"has no tests/{folder}/test_{file}"


RULES = {"layering": rule_layering, "calls": rule_calls, "size": rule_size, "words": rule_words,
         "mirror": rule_mirror}


def exceptions_of(root, rule):
    """{(path, word): [line, used]}: `RULE PATH WORD: why`, WORD being part of the breach's text."""
    found = {}
    path = os.path.join(root, "tests/check/exceptions.txt")
    if not os.path.exists(path):
        return found
    for number, line in enumerate(read(path).split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = re.fullmatch(r"(\w+) (\S+) (\S+): (\S.{9,})", line)
        if not match or match[1] not in RULES:
            raise SystemExit(f"tests/check/exceptions.txt:{number}: expected `RULE PATH WORD: why`, found {line!r}")
        if match[1] == rule:
            found[(match[2], match[3])] = [number, False]
    return found


def breaches(root, rule):
    excused = exceptions_of(root, rule)
    for path, line, what in RULES[rule](root):
        excuse = next((e for (p, word), e in excused.items() if p == path and word in what), None)
        if excuse:
            excuse[1] = True
        else:
            yield f"{path}:{line}: {what}"
    for (path, _), (number, used) in excused.items():
        if not used and rule != "mirror":  # whoever writes the missing test need not know of this list
            yield f"tests/check/exceptions.txt:{number}: excuses nothing in {path} any more"


def main():
    if len(sys.argv) != 3 or sys.argv[2] not in RULES:
        raise SystemExit(f"usage: rules.py ROOT {'|'.join(RULES)}")
    found = list(breaches(sys.argv[1], sys.argv[2]))
    for line in found:
        print(line)
    print(f"{sys.argv[2]}: {len(found)} breaches")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
