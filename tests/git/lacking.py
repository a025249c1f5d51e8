"""`git http-backend` without some of its abilities: a CGI program, run with their names and the true program.

python lacking.py shallow,filter git http-backend
"""

import os
import re
import subprocess
import sys

TYPE = b"Content-Type: application/x-git-upload-pack-result\r\n\r\n"
ASKED = {"shallow": rb"[0-9a-f]{4}deepen \d", "filter": rb"[0-9a-f]{4}filter "}
"""How clients ask for them: patterns."""


def packet(line: bytes) -> bytes:
    return b"%04x%s" % (len(line) + 4, line)


def without(advertisement: bytes, abilities: list[str]) -> bytes:
    """An advertisement, of any protocol version, that does not name them."""
    done, at = b"", 0
    while at < len(advertisement):
        size = int(advertisement[at : at + 4], 16)
        if size < 4:
            done += advertisement[at : at + 4]
        else:
            start, nul, words = advertisement[at + 4 : at + size].rpartition(b"\0")
            if nul or words.startswith(b"fetch="):
                name, equals, words = words.rpartition(b"fetch=")
                kept = [w for w in words.rstrip(b"\n").split(b" ") if not lacks(w, abilities)]
                words = name + equals + b" ".join(kept) + b"\n"
            done += packet(start + nul + words)
        at += max(size, 4)
    return done


def lacks(word: bytes, abilities: list[str]) -> bool:
    text = word.decode()
    return any(text == a or (a == "shallow" and text.startswith("deepen")) for a in abilities)


def main() -> None:
    names, *backend = sys.argv[1:]
    # A name with `!` is advertised, but refused.
    abilities = [name.strip("!") for name in names.split(",")]
    body = sys.stdin.buffer.read()
    if os.environ["PATH_INFO"].endswith("/git-upload-pack") and (
        wrong := next((a for a in abilities if re.search(ASKED[a], body)), None)
    ):
        sys.stdout.buffer.write(TYPE + packet(b"ERR upload-pack: no " + wrong.encode() + b" here"))
        return
    answer = subprocess.run(backend, input=body, stdout=subprocess.PIPE, check=True).stdout
    head, gap, content = answer.partition(b"\r\n\r\n")
    if b"-advertisement" in head and "!" not in names:
        content = without(content, abilities)
    sys.stdout.buffer.write(head + gap + content)


if __name__ == "__main__":
    main()
