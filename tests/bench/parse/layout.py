#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The same labelled reports in another layout, as JSON Lines on stdout: what a parser should not mind.

layouts: capitals, wrapped (64 columns), crlf, tight (no blank lines), oneline (no line ends at all)

usage: layout.py LAYOUT FILE.jsonl...
"""
import json
import re
import sys
import textwrap

LAYOUTS = {
    "capitals": str.upper,
    "wrapped": lambda t: "\n".join("\n".join(textwrap.wrap(line, 64)) if line.strip() else line for line in t.split("\n")),
    "crlf": lambda t: t.replace("\n", "\r\n"),
    "tight": lambda t: re.sub(r"\n\s*\n", "\n", t),
    "oneline": lambda t: re.sub(r"\s+", " ", t),
}


def main():
    change = LAYOUTS[sys.argv[1]]
    for name in sys.argv[2:]:
        for line in open(name, encoding="utf-8"):
            doc = json.loads(line)
            doc["text"] = change(doc["text"])
            for r in doc["recommendations"]:
                quote = change(r["quote"]) if sys.argv[1] == "capitals" else r["quote"]
                found = re.search(r"\s+".join(map(re.escape, quote.split())), doc["text"])
                if not found:
                    break
                r["quote"] = found.group(0)
            else:
                print(json.dumps(doc, ensure_ascii=False))


main()
