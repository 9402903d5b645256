#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The house rules as tests: lint.py CHECK SOURCE_DIR BUILD_DIR.

Each check prints every violation as file:line: what, and exits with 1 if there was one.
"""
import pathlib
import re
import subprocess
import sys

FILE_LINES, FUNCTION_LINES, NESTING = 1000, 100, 4

# Lower knows nothing of higher (core/doc/architecture.md).
BELOW = {
    "base": set(),
    "model": {"base"},
    "store": {"base", "model"},
    "wire": {"base"},
    "plugin": {"base", "model", "wire", "store"},
    "engine": {"base", "model", "store", "plugin"},
    "render": {"base", "model"},
    "app": {"base", "model", "store", "plugin", "engine", "render"},
    "cli": {"base", "app", "render"},
    "worker": {"base", "wire"},
}

# What a foreign library's calls look like, and the only places that may make them.
WRAPPERS = [
    (r"\bsqlite3_\w+\s*\(", r"core/store/db\.c$"),
    (r"\bEVP_\w+\s*\(", r"core/base/digest\.c$"),
    (r"\bxml[A-Z]\w+\s*\(", r"core/base/xml\.c$|plugins/\w+/[\w-]*xml\.c$"),
    (r"\bjson_object_\w+\s*\(|\bjson_tokener_\w+\s*\(", r"core/(base|app|cli)/|core/plugin/|plugins/fhir/fhir-json\.c$"),
    (r"\b(dlopen|dlsym)\s*\(", r"core/worker/"),
    (r"\b(cairo|pango)_\w+\s*\(", r"core/render/"),
    (r"\bseccomp_\w+\s*\(", r"core/worker/"),
    (r"\bpcre2_\w+\s*\(", r"plugins/recommendation/"),
    (r"\bgdcm::", r"plugins/dicom/.*\.cxx$|tests/data/.*\.cxx$"),
]

faults = []


def fault(path, line, text):
    faults.append(f"{path}:{line}: {text}")


def files(root, *suffixes):
    out = subprocess.run(["git", "-C", root, "ls-files", "--cached", "--others", "--exclude-standard"],
                         capture_output=True, text=True)
    names = out.stdout.split("\n") if out.returncode == 0 else [
        str(p.relative_to(root)) for p in pathlib.Path(root).rglob("*") if "build/" not in str(p)]
    return sorted(n for n in names if n.endswith(suffixes) and (pathlib.Path(root) / n).is_file())


def code(root, *suffixes):
    for name in files(root, *suffixes):
        yield name, (pathlib.Path(root) / name).read_text(encoding="utf-8").split("\n")


def strip(line):
    """Without strings and line comments, so that a word in them is no call."""
    return re.sub(r"//.*|/\*.*?\*/", "", re.sub(r'"(\\.|[^"\\])*"', '""', line))


def layers(root, build):
    for name, lines in code(root, ".c", ".h"):
        part = name.split("/")
        if part[0] != "core" or part[1] == "include" or len(part) < 3:
            continue
        for i, line in enumerate(lines, 1):
            m = re.match(r'\s*#include "(\w+)/', line)
            if m and m[1] in BELOW and m[1] != part[1] and m[1] not in BELOW[part[1]]:
                fault(name, i, f"{part[1]} must not know {m[1]}")
    for name, lines in code(root, ".c", ".h", ".cxx"):
        if not name.startswith("plugins/"):
            continue
        for i, line in enumerate(lines, 1):
            m = re.match(r'\s*#include "(\w+)/', line)
            if m and m[1] in BELOW:
                fault(name, i, f"a plugin must not know core/{m[1]}")


def wrappers(root, build):
    for name, lines in code(root, ".c", ".h", ".cxx"):
        if name.startswith("tests/") or "/tests/" in name:
            continue
        comment = False
        for i, line in enumerate(lines, 1):
            if comment or line.lstrip().startswith(("/*", "*")):
                comment = "*/" not in line
                continue
            for call, where in WRAPPERS:
                if re.search(call, strip(line)) and not re.search(where, name):
                    fault(name, i, f"{re.search(call, strip(line))[0]} belongs into {where}")


def sizes(root, build):
    for name, lines in code(root, ".c", ".h", ".cxx"):
        if len(lines) > FILE_LINES:
            fault(name, len(lines), f"{len(lines)} lines, at most {FILE_LINES}")
        start = depth = 0
        for i, line in enumerate(lines, 1):
            if line == "{":
                start, depth = i, 0
            if start:
                bare = strip(re.sub(r"'(\\.|[^'\\])'", "", line))
                depth += bare.count("{") - bare.count("}")
                if depth - 1 > NESTING and "{" in bare and not bare.rstrip().endswith((",", "};")):
                    fault(name, i, f"nested {depth - 1} deep, at most {NESTING}")
            if line == "}" and start:
                if i - start > FUNCTION_LINES:
                    fault(name, start, f"function of {i - start} lines, at most {FUNCTION_LINES}")
                start = 0


def formatting(root, build):
    names = files(root, ".c", ".h", ".cxx")
    for at in range(0, len(names), 40):
        run = subprocess.run(["clang-format", "--dry-run", "--Werror", *names[at:at + 40]], cwd=root,
                             capture_output=True, text=True)
        for line in run.stderr.split("\n"):
            m = re.match(r"(.+?):(\d+):\d+: error", line)
            if m:
                fault(m[1], m[2], "not formatted: ./dev format")


def words(root, build):
    for name, lines in code(root, ".c", ".h", ".cxx", ".xml", ".xsd", ".sql", ".py", ".sh", ".md", ".txt"):
        head = "\n".join(lines[:6])
        if name.endswith((".c", ".h", ".cxx", ".xsd", ".sql", ".py", ".sh")) and "SPDX-License-Identifier" not in head:
            fault(name, 1, "no SPDX-License-Identifier")
        for i, line in enumerate(lines, 1):
            if re.search(r"\b(TODO|FIXME|HACK)\b", line) and not name.startswith(("tests/lint/", "CONTRIBUTING")):
                fault(name, i, "unfinished business belongs into an issue")
            if re.search(r"(^|[\s\"'(=])/(root|home|mnt|srv)/", line):
                fault(name, i, "path of one machine")
            if name.endswith((".c", ".h")) and re.search(r"\bgoto\b", strip(line)) and not line.lstrip().startswith("*"):
                fault(name, i, "goto")


def headers(root, build):
    """Each header compiles alone; the plugin ABI in C11 and C++ at the strictest level."""
    strict = ["-Wall", "-Wextra", "-pedantic", "-Wconversion", "-Werror", "-fsyntax-only"]
    abi = f"{root}/core/include/interval/plugin.h"
    for compiler, flags in (("cc", ["-std=c11", "-x", "c"]), ("c++", ["-std=c++17", "-x", "c++"])):
        run = subprocess.run([compiler, *flags, *strict, abi], capture_output=True, text=True)
        if run.returncode:
            fault("core/include/interval/plugin.h", 1, run.stderr.split("\n")[0])
    if len(pathlib.Path(abi).read_text().split("\n")) > 300:
        fault("core/include/interval/plugin.h", 1, "the ABI header has more than 300 lines")
    include = subprocess.run(["pkg-config", "--cflags", "gio-unix-2.0", "json-c", "cairo", "pangocairo"],
                             capture_output=True, text=True).stdout.split()
    for name in files(root, ".h"):
        part = name.split("/")
        if part[0] != "core" or part[1] not in BELOW:
            continue
        own = [f"-I{build}/layers/{x}" for x in BELOW[part[1]] | {part[1]}] + [f"-I{root}/core/include", f"-I{root}/core/worker"]
        run = subprocess.run(["cc", "-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-Wno-unused-function",
                              "-fsyntax-only", "-x", "c", *own, *include, f"{root}/{name}"],
                             capture_output=True, text=True)
        if run.returncode:
            fault(name, 1, "does not compile alone: " + run.stderr.split("\n")[0])


def exports(root, build):
    for so in sorted(pathlib.Path(build, "lib/interval/plugins").glob("*/*.so")):
        run = subprocess.run(["nm", "-D", "--defined-only", so], capture_output=True, text=True, check=True)
        for line in run.stdout.split("\n"):
            symbol = line.split()[-1:] or [""]
            if symbol[0] not in ("", "itv_plugin_entry"):
                fault(so.name, 1, f"exports {symbol[0]}")
    run = subprocess.run(["nm", "-D", "--defined-only", f"{build}/bin/interval-worker"], capture_output=True, text=True)
    for line in run.stdout.split("\n"):
        if " T " in line:
            fault("interval-worker", 1, f"exports {line.split()[-1]}")
    run = subprocess.run(["ldd", f"{build}/bin/interval"], capture_output=True, text=True)
    for line in run.stdout.split("\n"):
        if re.search(r"libgdcm|libdcm", line):
            fault("interval", 1, f"the core links {line.split()[0]}")


def xml(root, build):
    """Every configuration file against its schema; every schema is well-formed."""
    schema = {"interval": "interval.xsd", "protocol": "protocol.xsd", "lexicon": "lexicon.xsd", "linkage": "linkage.xsd", "fulfilment": "fulfilment.xsd",
              "guideline": "guideline.xsd", "letter": "letter.xsd", "facts": "facts.xsd",
              "exams": "exams.xsd", "codes": "codes.xsd", "records": "records.xsd", "plugin": "plugin.xsd"}
    for name in files(root, ".xml"):
        if "hostile" in name or not name.startswith(("config/", "schemas/", "plugins/")):
            continue
        text = (pathlib.Path(root) / name).read_text(encoding="utf-8")
        element = re.search(r"<(\w[\w-]*)[\s>]", re.sub(r"<!--.*?-->|<\?.*?\?>", "", text, flags=re.S))
        xsd = schema.get(element[1]) if element else None
        if not xsd:
            fault(name, 1, f"no schema for <{element and element[1]}>")
            continue
        run = subprocess.run(["xmllint", "--noout", "--nonet", "--schema", f"{root}/schemas/{xsd}", f"{root}/{name}"],
                             capture_output=True, text=True)
        if run.returncode:
            fault(name, 1, run.stderr.split("\n")[0])


def help_and_man(root, build):
    """Help, man pages and completion come from the table and are whole."""
    import tempfile
    program = f"{build}/bin/interval"
    with tempfile.TemporaryDirectory() as folder:
        for what in ("man", "bash-completion"):
            if subprocess.run([program, "generate", what, folder]).returncode:
                fault(program, 1, f"generate {what} failed")
        pages = sorted(pathlib.Path(folder).glob("*.1"))
        if len(pages) < 20:
            fault(program, 1, f"only {len(pages)} man pages")
        for page in pages:
            run = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", page], capture_output=True, text=True,
                                 env={"MANWIDTH": "80", "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})
            if run.returncode or run.stderr.strip():
                fault(page.name, 1, run.stderr.strip().split("\n")[0] or "man failed")
        if subprocess.run(["bash", "-n", f"{folder}/interval.bash"]).returncode:
            fault("interval.bash", 1, "is no bash")
        source = (pathlib.Path(folder) / "interval.bash").read_text()
        for words_, expected in ((["interval", ""], "worklist"), (["interval", "plugin", ""], "check"),
                                 (["interval", "worklist", "--"], "--as-of"), (["interval", "report", "add", "--"], "--patient")):
            script = source + f"\nCOMP_WORDS=({' '.join(repr(w) for w in words_)}); COMP_CWORD={len(words_) - 1}; _interval; printf '%s\\n' \"${{COMPREPLY[@]}}\""
            got = subprocess.run(["bash", "-c", script], capture_output=True, text=True).stdout.split()
            if expected not in got:
                fault("interval.bash", 1, f"{' '.join(words_)!r} does not offer {expected}")


CHECKS = {f.__name__.replace("_", "-"): f for f in
          (layers, wrappers, sizes, formatting, words, headers, exports, xml, help_and_man)}

if __name__ == "__main__":
    check, source, binary = sys.argv[1:4]
    CHECKS[check](source, binary)
    print("\n".join(faults))
    print(f"{check}: {len(faults)} faults")
    sys.exit(1 if faults else 0)
