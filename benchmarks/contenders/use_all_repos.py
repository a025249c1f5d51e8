"""The change made with all-repos, as its documentation says: a fixer on top of `autofix_lib`."""

import argparse
from collections.abc import Iterable
from pathlib import Path

from all_repos import autofix_lib
from all_repos.config import Config
from change import ADDED, CONTENT, MESSAGE, WORKFLOW


def find_repos(config: Config) -> Iterable[str]:
    return [str(Path(config.output_dir, name)) for name in config.get_cloned_repos()]


def apply_fix() -> None:
    workflow = Path(WORKFLOW)
    workflow.parent.mkdir(parents=True)
    workflow.write_text(CONTENT)
    readme = Path("README.md")
    readme.write_text(readme.read_text() + ADDED)
    autofix_lib.run("git", "add", WORKFLOW)


def main() -> None:
    parser = argparse.ArgumentParser()
    autofix_lib.add_fixer_args(parser)
    parser.add_argument("--branch", required=True)
    args = parser.parse_args()
    repos, config, commit, settings = autofix_lib.from_cli(
        args, find_repos=find_repos, msg=MESSAGE, branch_name=args.branch
    )
    autofix_lib.fix(repos, apply_fix=apply_fix, config=config, commit=commit, autofix_settings=settings)


if __name__ == "__main__":
    main()
