#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The lint checks notice what they are for: each is shown a small tree with one fault."""
import pathlib
import subprocess
import sys
import tempfile

LINT = pathlib.Path(__file__).with_name("lint.py")
HEAD = "/* SPDX-License-Identifier: Apache-2.0 */\n"

FAULTS = [
    ("layers", "core/base/a.c", HEAD + '#include "store/db.h"\n', "base must not know store"),
    ("layers", "core/store/a.c", HEAD + '#include "plugin/job.h"\n', "store must not know plugin"),
    ("layers", "plugins/x/a.c", HEAD + '#include "base/date.h"\n', "a plugin must not know core/base"),
    ("wrappers", "core/engine/a.c", HEAD + "void f(void)\n{\n  sqlite3_open(0, 0);\n}\n", "sqlite3_open("),
    ("wrappers", "core/plugin/a.c", HEAD + "void f(void)\n{\n  dlopen(0, 0);\n}\n", "dlopen("),
    ("wrappers", "core/app/a.c", HEAD + "void f(void)\n{\n  cairo_fill(0);\n}\n", "cairo_fill("),
    ("sizes", "core/base/a.c", HEAD + "int x;\n" * 1001, "lines, at most 1000"),
    ("sizes", "core/base/a.c", HEAD + "void\nf(void)\n{\n" + "  g();\n" * 101 + "}\n", "function of"),
    ("sizes", "core/base/a.c", HEAD + "void\nf(void)\n{\n" + "  if (a) {\n" * 5 + "  }\n" * 5 + "}\n", "nested 5 deep"),
    ("formatting", "core/base/a.c", HEAD + "int   x ;\n", "not formatted"),
    ("words", "core/base/a.c", "int x;\n", "no SPDX"),
    ("words", "core/base/a.c", HEAD + "/* TO" + "DO later */\n", "unfinished business"),
    ("words", "core/base/a.c", HEAD + "void f(void)\n{\n  go" + "to end;\nend:;\n}\n", "goto"),
    ("words", "core/base/a.c", HEAD + "/* see /ho" + "me/me/notes */\n", "path of one machine"),
    ("xml", "config/x.xml", "<unknown/>\n", "no schema"),
]

bad = 0
for check, name, text, expected in FAULTS:
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, name)
        path.parent.mkdir(parents=True)
        path.write_text(text)
        subprocess.run(["cp", LINT.parent.parent.parent / ".clang-format", folder], check=True)
        subprocess.run(["git", "init", "-q", folder], check=True)
        run = subprocess.run([sys.executable, LINT, check, folder, folder], capture_output=True, text=True)
        if run.returncode != 1 or expected not in run.stdout:
            bad += 1
            print(f"{check} did not notice {expected!r}: {run.stdout}{run.stderr}")
print(f"{len(FAULTS) - bad} passed, {bad} failed")
sys.exit(1 if bad else 0)
