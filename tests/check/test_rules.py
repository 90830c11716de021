#!/usr/bin/env python3
"""Each house rule can fail: small trees with one breach each, and one without any."""
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import hardening  # noqa: E402
import rules  # noqa: E402

GOOD = {
    "src/base/README.md": "base\n",
    "src/base/mem.h": "void *mem_new(int n);\n",
    "src/base/mem.c": '#include "base/mem.h"\n#include <stdlib.h>\n\nvoid *mem_new(int n)\n{\n'
                      '    return malloc(n); /* strcpy( is only named here */\n}\n',
    "tests/base/test_mem.c": "int main(void)\n{\n    return 0;\n}\n",
}


class Tree(unittest.TestCase):
    def found(self, rule, **changed):
        """Breaches of the good tree with some files added; __ stands for / and _dot_ for a dot."""
        with tempfile.TemporaryDirectory() as root:
            files = dict(GOOD)
            files.update({k.replace("__", "/").replace("_dot_", "."): v for k, v in changed.items()})
            for path, text in files.items():
                os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
                with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                    file.write(text)
            return list(rules.breaches(root, rule))

    def only(self, breaches, *words):
        self.assertEqual(len(breaches), 1, breaches)
        for word in words:
            self.assertIn(word, breaches[0])

    def test_a_good_tree_breaks_nothing(self):
        for rule in rules.RULES:
            self.assertEqual(self.found(rule), [], rule)

    def test_an_include_of_a_higher_floor_is_found(self):
        self.only(self.found("layering", src__base__up_dot_c='\n#include "ui/ui.h"\n', src__ui__ui_dot_h="\n"),
                  "src/base/up.c:2:", "floor 3 from floor 0")

    def test_an_include_of_a_sibling_is_found(self):
        self.only(self.found("layering", src__view__v_dot_c='#include "ui/ui.h"\n', src__ui__ui_dot_h="\n"),
                  "siblings on floor 3")

    def test_an_include_of_a_missing_file_or_without_folder_is_found(self):
        self.only(self.found("layering", src__base__a_dot_c='#include "base/none.h"\n'), "not in src")
        self.only(self.found("layering", src__base__a_dot_c='#include "mem.h"\n'), "expected a path from src")

    def test_sdl_outside_its_files_is_found(self):
        self.only(self.found("layering", src__ui__a_dot_c="#include <SDL.h>\n"), "SDL.h", "belongs to")
        self.assertEqual(self.found("layering", src__platform__keys_sdl_dot_c="#include <SDL.h>\n"), [])

    def test_an_unknown_library_is_found(self):
        self.only(self.found("layering", src__core__a_dot_c="#include <curl/curl.h>\n"), "not in the list")

    def test_a_banned_call_is_found_but_not_in_a_comment_or_a_string(self):
        self.only(self.found("calls", src__base__a_dot_c='/* gets( */\nchar *a = "atoi(1)";\n\nint b = atoi(c);\n'),
                  "src/base/a.c:4:", "atoi()", "nobody")

    def test_every_banned_call_is_found(self):
        for names, _ in rules.CALLS:
            for name in names.split():
                self.only(self.found("calls", src__core__a_dot_c=f"x = {name} (y);\n"), f"{name}()")
        for text in ("png_image_free(x)", "IMG_Load(x)", "TTF_RenderText_Blended_Wrapped(x)", "cJSON_Print(x)"):
            self.only(self.found("calls", src__core__a_dot_c=text + ";\n"), "is banned")

    def test_names_that_only_end_like_a_banned_call_pass(self):
        self.assertEqual(self.found("calls", src__core__a_dot_c="my_malloc(1); cJSON_GetObjectItemCaseSensitive(a);\n"
                                    "host->free(x); snprintf(a, 1, b);\n"), [])

    def test_a_long_line_is_measured_in_characters(self):
        self.only(self.found("size", src__base__a_dot_c="x" * 101 + "\n"), "101 columns")
        self.assertEqual(self.found("size", src__base__a_dot_c="é" * 100 + "\n"), [])

    def test_a_tab_and_a_blank_at_the_end_are_found(self):
        self.only(self.found("size", src__base__a_dot_c="int a;\n\tint b;\n"), "a.c:2:")
        self.only(self.found("size", src__base__a_dot_c="int a; \n"), "blanks")

    def test_a_long_function_is_found_and_named(self):
        body = "    a();\n" * 58
        self.only(self.found("size", src__base__a_dot_c=f"int before;\n\nstatic int f(int x,\n        int y)\n{{\n{body}}}\n"),
                  "a.c:3:", "f() has 62 lines")
        self.assertEqual(self.found("size", src__base__a_dot_c=f"int f(int x)\n{{\n{body[9:]}}}\n"), [])

    def test_a_long_file_is_found(self):
        self.only(self.found("size", tests__base__t_dot_c="int a;\n" * 501), "501 lines")

    def test_paths_of_one_machine_and_unknown_hosts_are_found(self):
        self.only(self.found("words", src__base__a_dot_c='open("%shome/me/x");\n' % "/"), "/ho" + "me/m")
        self.only(self.found("words", README_dot_md="see " + "https" + "://packages.invalid/x\n"), "packages.invalid")
        self.only(self.found("words", src__base__a_dot_c="\n/* TO" + "DO later */\n"), "a.c:2:")

    def test_a_module_without_test_and_a_folder_without_readme_are_found(self):
        self.only(self.found("mirror", src__base__buf_dot_c="\n"), "tests/base/test_buf.c")
        self.only(self.found("mirror", src__ui__ui_dot_h="\n"), "src/ui", "README.md")

    def test_a_part_of_a_tested_module_needs_no_test_of_its_own(self):
        self.assertEqual(self.found("mirror", src__base__mem_pool_dot_c="\n"), [])

    def test_an_exception_excuses_one_breach_and_must_be_needed(self):
        line = "mirror src/base/buf.c test_buf: only a table of constants\n"
        self.assertEqual(self.found("mirror", src__base__buf_dot_c="\n", tests__check__exceptions_dot_txt=line), [])
        self.assertEqual(self.found("mirror", tests__check__exceptions_dot_txt=line), [])
        line = line.replace("mirror", "calls").replace("test_buf", "fopen()")
        self.only(self.found("calls", tests__check__exceptions_dot_txt=line), "excuses nothing")

    def test_an_exception_without_reason_is_refused(self):
        with self.assertRaises(SystemExit):
            self.found("mirror", tests__check__exceptions_dot_txt="mirror src/base/buf.c test_buf:\n")


class Hardening(unittest.TestCase):
    def test_a_plain_program_lacks_every_protection(self):
        try:
            found = hardening.breaches_of_flags(["-no-pie", "-fno-stack-protector", "-U_FORTIFY_SOURCE", "-fcf-protection=none",
                                                 "-Wl,-z,norelro,-z,lazy,-z,execstack"])
        except FileNotFoundError as missing:
            self.skipTest(f"{missing.filename} is not installed")
        for word in ("PIE", "RELRO", "BIND_NOW", "stack is executable", "stack protector", "fortified"):
            self.assertTrue(any(word in line for line in found), (word, found))


if __name__ == "__main__":
    unittest.main()
