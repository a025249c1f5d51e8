"""Change requests as most tools make them: clone, edit, commit, push, create. `clone_and_push.py FILES DEPTH URL...`

Prints the seconds of each as JSON. The token is in the environment variable TOKEN.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

from github import Auth, Github

CONTENT = "line\n" * 100


def change(url: str, files: int, depth: str, api: Github) -> None:
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder) / "work"
        address = urlsplit(url)
        with_token = address._replace(netloc=f"token:{os.environ['TOKEN']}@{address.netloc}").geturl()
        shallow = ["--depth", depth] if depth != "all" else []
        run("git", "clone", "--quiet", *shallow, with_token, str(work))
        (work / "added").mkdir()
        for n in range(files - 1):
            (work / f"added/{n}.txt").write_text(CONTENT)
        with (work / "README.md").open("a") as readme:
            readme.write("\nMore.\n")
        for command in (["checkout", "-qb", "peer"], ["add", "."], ["commit", "-qm", "Add files"]):
            run("git", "-C", str(work), *command)
        run("git", "-C", str(work), "push", "--quiet", "origin", "peer")
    repository = api.get_repo(address.path.strip("/"), lazy=True)
    repository.create_pull("main", "peer", title="Add files", body="Files.")


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


def main(files: str, depth: str, *urls: str) -> None:
    base = urls[0].rpartition("/")[0].rpartition("/")[0]
    api = Github(auth=Auth.Token(os.environ["TOKEN"]), base_url=f"{base}/api/v3", seconds_between_writes=0)
    seconds = []
    for url in urls:
        start = time.perf_counter()
        change(url, int(files), depth, api)
        seconds.append(time.perf_counter() - start)
    print(json.dumps(seconds))


if __name__ == "__main__":
    main(*sys.argv[1:])
