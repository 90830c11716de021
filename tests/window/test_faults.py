#!/usr/bin/env python3
"""The built program where its surroundings fail: a display that goes, signals at any moment, folders and
streams that are not there, windows of every size.

    test_faults.py PROGRAM EXAMPLES [SHIM]

SHIM is fault_sdl.so, which fails calls of SDL on demand. ATTNSCOPE_FAULT_ROUNDS multiplies the random moments.
Exits 77 and names what is missing when the tools are not installed.
"""
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

TOOLS = ("Xvfb", "xdotool")
ROUNDS = int(os.environ.get("ATTNSCOPE_FAULT_ROUNDS", "1"))
PROGRAM, EXAMPLES, SHIM = "", "", ""


def until(what, condition, seconds=40.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError(f"waited in vain for {what}")


class Server:
    """An X server without a window manager: windows get exactly the size that is asked for."""

    def __init__(self, size="1600x1200x24"):
        read, write = os.pipe()
        self.folder = tempfile.mkdtemp(prefix="attnscope-screen-")
        self.process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", size, "-nolisten", "tcp", "-noreset", "-fbdir", self.folder],
            pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as number:
            self.name = ":" + number.readline().strip()

    def end(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait()
        shutil.rmtree(self.folder, True)


class Faults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()

    @classmethod
    def tearDownClass(cls):
        cls.server.end()

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="attnscope-faults-")
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.addCleanup(os.chmod, self.folder, 0o700)
        self.state = os.path.join(self.folder, "state", "attnscope")
        self.session = os.path.join(self.state, "session.json")
        self.document = os.path.join(self.folder, "doc", "one-sentence.attn.json")
        shutil.copytree(os.path.join(EXAMPLES, "one-sentence"), os.path.join(self.folder, "doc"))

    def start(self, *arguments, changes=None, display=None, **options):
        environment = dict(os.environ, DISPLAY=display or self.server.name, LC_ALL="C.UTF-8", HOME=self.folder,
                           XDG_STATE_HOME=os.path.join(self.folder, "state"), ATTNSCOPE_READY="1",
                           XDG_CONFIG_HOME=self.folder, XDG_CACHE_HOME=self.folder)
        for name in ("WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):
            environment.pop(name, None)
        for name, value in (changes or {}).items():
            if value is None:
                environment.pop(name, None)
            else:
                environment[name] = value
        self.log = os.path.join(self.folder, "stderr")
        options.setdefault("stdout", subprocess.DEVNULL)
        with open(self.log, "w") as log:
            options.setdefault("stderr", log)
            process = subprocess.Popen([PROGRAM, *arguments], env=environment, **options)
        self.addCleanup(self.kill, process)
        return process

    @staticmethod
    def kill(process):
        if process.poll() is None:
            process.kill()
        process.wait()

    def said(self):
        with open(self.log, encoding="utf-8") as file:
            return file.read()

    def ready(self, process):
        until("ready", lambda: "ready" in self.said() or process.poll() is not None)
        self.assertIsNone(process.poll(), self.said())
        return process

    def ends(self, process, code=0):
        try:
            self.assertEqual(process.wait(30), code, self.said())
        except subprocess.TimeoutExpired:
            self.fail("it did not end: " + self.said())

    def saved(self):
        with open(self.session, encoding="utf-8") as file:
            return json.load(file)

    def window(self, process):
        """Its number; of a process that cannot say that it is ready."""
        found = until("a window", lambda: process.poll() is not None or subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--class", "attnscope"],
            env=dict(os.environ, DISPLAY=self.server.name), capture_output=True, text=True).stdout.split())
        self.assertIsNone(process.poll(), f"it ended with {process.poll()}: {self.said()}")
        return found[0]

    def hand(self, *words):
        subprocess.run(["xdotool", *map(str, words)], env=dict(os.environ, DISPLAY=self.server.name), timeout=20,
                       check=True)

    # ---- its surroundings ----

    def matrix(self):
        """Twenty surroundings: name, changes of the environment, options of the start, lines on stderr at most."""
        def limit(kind, value):
            return {"preexec_fn": lambda: resource.setrlimit(kind, (value, value))}

        def closed(*numbers):
            return {"preexec_fn": lambda: [os.close(n) for n in numbers], "stderr": subprocess.DEVNULL}

        gone = tempfile.mkdtemp()
        full = open("/dev/full", "w")
        self.addCleanup(full.close)
        read_only = os.path.join(self.folder, "read-only")
        os.mkdir(read_only, 0o500)
        file = os.path.join(self.folder, "file")
        open(file, "w").close()
        nobody = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
        return [
            ("HOME unset", {"HOME": None}, {}, 0),
            ("HOME and every XDG unset", {"HOME": None, "XDG_STATE_HOME": None, "XDG_CONFIG_HOME": None,
                                          "XDG_CACHE_HOME": None, "XDG_RUNTIME_DIR": None}, {}, 0),
            ("HOME is no folder", {"HOME": file, "XDG_STATE_HOME": None}, {}, 0),
            ("XDG_STATE_HOME is relative", {"XDG_STATE_HOME": "here"}, {}, 0),
            ("XDG_STATE_HOME is a file", {"XDG_STATE_HOME": file}, {}, 0),
            ("XDG_STATE_HOME cannot be written", {"XDG_STATE_HOME": read_only, "HOME": read_only}, nobody, 0),
            ("XDG_CACHE_HOME cannot be written", {"XDG_CACHE_HOME": read_only}, nobody, 0),
            ("TMPDIR missing", {"TMPDIR": os.path.join(self.folder, "missing")}, {}, 0),
            ("PATH unset", {"PATH": None}, {}, 0),
            ("a locale that is not installed", {"LC_ALL": "xx_YY.UTF-8", "LANG": "xx_YY"}, {}, 0),
            ("LC_ALL=C", {"LC_ALL": "C"}, {}, 0),
            ("standard output is full", {}, {"stdout": full}, 0),
            ("stdin closed", {}, closed(0), None),
            ("stdout closed", {}, closed(1), None),
            ("stderr closed", {}, closed(2), None),
            ("all three closed", {}, closed(0, 1, 2), None),
            ("16 files", {}, limit(resource.RLIMIT_NOFILE, 16), 1),
            ("a small stack", {}, limit(resource.RLIMIT_STACK, 64 << 10), 0),
            ("files may not grow", {}, limit(resource.RLIMIT_FSIZE, 300), 0),
            ("the working folder is gone", {}, {"preexec_fn": lambda: (os.chdir(gone), os.rmdir(gone))}, 0),
        ]

    def test_it_starts_and_works_in_any_surroundings(self):
        os.chmod(self.folder, 0o755)
        cases = self.matrix()
        self.assertEqual(len(cases), 20)
        for name, changes, options, lines in cases:
            with self.subTest(name):
                shutil.rmtree(os.path.join(self.folder, "state"), True)
                process = self.start(self.document, changes=changes, **options)
                if lines is None:  # it cannot say that it is ready
                    self.window(process)
                else:
                    self.ready(process)
                time.sleep(0.2)
                self.assertIsNone(process.poll(), self.said())
                process.send_signal(signal.SIGTERM)
                self.ends(process)
                if lines is not None:
                    told = [line for line in self.said().splitlines() if line != "ready"]
                    self.assertLessEqual(len(told), lines, told)

    # ---- the display goes ----

    def test_a_display_that_goes_at_any_moment_leaves_a_session(self):
        chance = random.Random(1)
        for turn in range(6 * ROUNDS):
            server = Server()
            self.addCleanup(server.end)
            shutil.rmtree(os.path.join(self.folder, "state"), True)
            process = self.ready(self.start(self.document, "--set", "mask.causal=true", display=server.name))
            time.sleep(chance.uniform(0, 1.5))
            server.end(signal.SIGKILL if turn % 2 else signal.SIGTERM)
            self.ends(process, 70)
            self.assertIn("display", self.said())
            saved = self.saved()
            self.assertFalse(saved["clean"])
            self.assertEqual(saved["document"], self.document)
            self.assertTrue(saved["settings"]["mask.causal"])
            self.assertEqual(sorted(os.listdir(self.state)), ["session.json", "session.json.lock"])

    # ---- signals ----

    def large(self):
        """A document that takes a while to be read."""
        path = os.path.join(self.folder, "doc", "large.attn.json")
        if not os.path.exists(path):
            row = "[" + ",".join(["0.12345678"] * 2000) + "]"
            with open(path, "w") as file:
                file.write('{"attnscope": 1, "queries": {"tokens": %s}, "keys": {"tokens": %s}, "layers": ['
                           % ((json.dumps(["a"] * 2000),) * 2))
                file.write(",".join('{"heads": [{"scores": [%s]}]}' % ",".join([row] * 2000) for _ in range(3)))
                file.write("]}")
        return path

    def test_a_signal_at_any_moment_saves_and_ends(self):
        chance = random.Random(2)
        for turn in range(12 * ROUNDS):
            shutil.rmtree(os.path.join(self.folder, "state"), True)
            loading = turn % 3 == 2
            process = self.ready(self.start(self.large() if loading else self.document))
            time.sleep(chance.uniform(0, 0.6 if loading else 1.5))
            begun = time.monotonic()
            process.send_signal((signal.SIGTERM, signal.SIGINT, signal.SIGHUP)[turn // (3 if loading else 1) % 3])
            self.ends(process)
            self.slowest = max(getattr(self, "slowest", 0), time.monotonic() - begun)
            self.assertTrue(self.saved()["clean"])
            if not loading:
                self.assertEqual(self.saved()["document"], self.document)
            self.assertEqual(sorted(os.listdir(self.state)), ["session.json", "session.json.lock"])
        print(f"\nthe slowest end took {self.slowest:.3f} s", file=sys.stderr)

    def test_a_fault_of_our_own_is_told_and_ends_as_the_system_says(self):
        for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS):
            process = self.ready(self.start(self.document))
            process.send_signal(number)
            self.ends(process, -number)
            self.assertIn(f"crash: {number.name}, called from:", self.said())
            self.assertIn("attnscope", self.said().split("called from:")[1])

    def test_a_signal_while_it_starts_ends_it_too(self):
        for turn in range(8 * ROUNDS):
            process = self.start(self.document)
            time.sleep(0.02 * (turn % 16))
            process.send_signal(signal.SIGTERM)
            # before it watches for signals there is nothing to be saved
            self.assertIn(process.wait(30), (0, -signal.SIGTERM), self.said())

    # ---- two windows, leftovers ----

    def test_a_second_window_leaves_the_session_alone(self):
        first = self.ready(self.start(self.document, "--set", "mask.causal=true"))
        until("the session", lambda: os.path.exists(self.session))
        before = os.stat(self.session)
        other = os.path.join(self.folder, "three-tokens")
        shutil.copytree(os.path.join(EXAMPLES, "three-tokens"), other)
        second = self.ready(self.start(os.path.join(other, "three-tokens.attn.json")))
        time.sleep(1.5)
        second.send_signal(signal.SIGTERM)
        self.ends(second)
        after = os.stat(self.session)
        self.assertEqual((after.st_ino, after.st_mtime_ns), (before.st_ino, before.st_mtime_ns))
        first.send_signal(signal.SIGTERM)
        self.ends(first)
        self.assertEqual(self.saved()["document"], self.document)
        third = self.ready(self.start(os.path.join(other, "three-tokens.attn.json")))
        third.send_signal(signal.SIGTERM)
        self.ends(third)
        self.assertIn("three-tokens", self.saved()["document"])

    def test_what_a_killed_writer_left_is_gone_after_the_next_start(self):
        dead = subprocess.Popen(["true"])
        dead.wait()
        process = self.ready(self.start(self.document))
        until("the session", lambda: os.path.exists(self.session))
        process.send_signal(signal.SIGTERM)
        self.ends(process)
        left = [os.path.join(self.state, f".session.json.attnscope-{dead.pid}-0.tmp"),
                os.path.join(os.path.dirname(self.document), f".x.attn.json.attnscope-{dead.pid}-3.tmp")]
        kept = os.path.join(self.state, f".session.json.attnscope-{os.getpid()}-0.tmp")
        for path in [*left, kept]:
            open(path, "w").close()
        self.ready(self.start())
        self.assertEqual([path for path in left if os.path.exists(path)], [])
        self.assertTrue(os.path.exists(kept))

    # ---- sizes and what SDL cannot do ----

    def picture(self):
        """What the X server shows, whole, as the file that it keeps it in."""
        with open(os.path.join(self.server.folder, "Xvfb_screen0"), "rb") as file:
            return file.read()

    def settled(self):
        last = None
        for _ in range(100):
            now = self.picture()
            if now == last:
                return now
            last = now
            time.sleep(0.1)
        self.fail("the picture never comes to rest")

    def test_windows_of_every_size_are_outlived(self):
        process = self.ready(self.start(self.document))
        window = self.window(process)
        first = self.settled()
        for w, h in ((1, 1), (1, 1200), (1600, 1), (2, 3), (31, 17), (320, 240), (1600, 1200), (8000, 60), (60, 8000),
                     (8001, 8001), (20000, 20000), (20000, 1), (1280, 800)):
            self.hand("windowsize", window, w, h)
            time.sleep(0.25)
            self.assertIsNone(process.poll(), (w, h, self.said()))
        self.hand("windowunmap", window)
        time.sleep(0.2)
        self.hand("windowmap", window)
        until("the picture from before", lambda: self.settled() == first)
        process.send_signal(signal.SIGTERM)
        self.ends(process)
        self.assertEqual(self.said().strip(), "ready")

    def test_a_renderer_that_forgets_and_fails_shows_the_same_picture(self):
        process = self.ready(self.start(self.document))
        plain = self.settled()
        process.send_signal(signal.SIGTERM)
        self.ends(process)
        if not SHIM:
            self.skipTest("not among the sanitizers")
        for faults in ({}, {"FAULT_RESETS": "1"}, {"FAULT_TEXTURE": "2"}, {"FAULT_TEXTURE": "3", "FAULT_RESETS": "1"}):
            with self.subTest(faults):
                process = self.ready(self.start(self.document, changes={
                    "LD_PRELOAD": SHIM, "FAULT_SURFACE": "1", **faults}))
                until("the same picture", lambda: self.settled() == plain, 10)
                process.send_signal(signal.SIGTERM)
                self.ends(process)
                self.assertEqual(self.said().strip(), "ready")


def main():
    global PROGRAM, EXAMPLES, SHIM
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        print("SKIPPED: not installed: " + ", ".join(missing))
        return 77
    PROGRAM, EXAMPLES = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    SHIM = os.path.abspath(sys.argv[3]) if len(sys.argv) > 3 and sys.argv[3].endswith(".so") else ""
    rest = sys.argv[4:] if SHIM else sys.argv[3:]
    return 0 if unittest.main(argv=sys.argv[:1] + rest, exit=False).result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
