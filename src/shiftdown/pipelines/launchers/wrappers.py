"""Programs that run the command in their arguments."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from shiftdown.pipelines.resolve import Call, Found, Launcher, Resolver
from shiftdown.pipelines.tools import purpose_of
from shiftdown.repository.stack import Purpose


def rest(words: Sequence[str], with_value: str = "") -> tuple[str, ...]:
    """The words after leading options; `with_value` lists the options that take the next word, in one string."""
    takers = set(with_value.split())
    position = 0
    while position < len(words) and words[position].startswith("-") and words[position] != "-":
        if words[position] == "--":
            return tuple(words[position + 1 :])
        position += 2 if words[position] in takers else 1
    return tuple(words[position:])


def option(words: Sequence[str], names: str) -> str | None:
    """The value of an option, from `--name value` or `--name=value`; `names` in one string."""
    wanted = names.split()
    for word, following in zip(words, [*words[1:], ""], strict=False):
        if word in wanted:
            return following
        if "=" in word and word.partition("=")[0] in wanted:
            return word.partition("=")[2]
    return None


def wrapper(with_value: str = "", skip: int = 0) -> Launcher:
    """A program that runs what follows its options, and after them `skip` words of its own."""

    def run(resolver: Resolver, call: Call) -> Iterator[Found] | None:
        return resolver.resolve(call.become(rest(call.words[1:], with_value)[skip:]))

    return run


def subcommand(command: str, with_value: str = "") -> Launcher:
    """A program that runs the command after one of its subcommands, such as `poetry run`."""

    def run(resolver: Resolver, call: Call) -> Iterator[Found] | None:
        words = rest(call.words[1:], with_value)
        if words[:1] != (command,):
            return None
        return resolver.resolve(call.become(rest(words[1:], with_value)))

    return run


def _env(resolver: Resolver, call: Call) -> Iterator[Found] | None:
    words = rest(call.words[1:], "-u -C --unset --chdir -f -e")
    env = dict(call.env)
    while words and re.match(r"\w+=", words[0]):
        name, _, value = words[0].partition("=")
        env[name], words = value, words[1:]
    if words[:1] == ("--",):
        words = words[1:]
    return resolver.resolve(replace(call, words=words, env=env))


def measured(resolver: Resolver, call: Call) -> Iterator[Found]:
    """A program that measures the coverage of the command in its arguments, which begins at a known program."""
    words = call.words[1:]
    while words and (words[0].startswith("-") or not resolver.knows(words[0])):
        words = words[1:]
    for found in resolver.resolve(call.become(words)):
        yield replace(found, purpose=Purpose.COVERAGE) if found.purpose is Purpose.TEST else found


def _shell_word(resolver: Resolver, call: Call) -> Iterator[Found]:
    """A program that is given commands as words, to be run one after the other or together."""
    for word in rest(call.words[1:], "-n --names -c --prefix-colors --prefix -l --tries -t"):
        yield from resolver.script(re.sub(r"^npm:", "npm run ", word), call.inside(call.words[0]))


def _docker(resolver: Resolver, call: Call) -> Iterator[Found] | None:
    """`docker compose run|exec SERVICE COMMAND`: the service is taken to have the checkout."""
    words = call.words[1:]
    if words[:1] == ("compose",):
        words = words[1:]
    words = rest(words, "-f --file -p --project-name --env-file --profile")
    if words[:1] not in (("run",), ("exec",)) or call.words[1:2] not in (("compose",), ("-f",), ("run",), ("exec",)):
        return None
    if call.words[1:2] in (("run",), ("exec",)):
        return None  # an image of which nothing is known
    command = rest(words[1:], "-e --env --name -u --user -v --volume -w --workdir --entrypoint -p --publish --index")[
        1:
    ]
    return resolver.resolve(replace(call, words=command)) if command else None


def elsewhere(names: str) -> Launcher:
    """A program with an option for the directory, or for a manifest in the directory, that it works in."""

    def run(resolver: Resolver, call: Call) -> Iterator[Found] | None:
        place = option(call.words[1:], names)
        if not place:
            return None
        if place.endswith((".toml", ".xml")):
            place = place.rpartition("/")[0] or "."
        first, *others = call.words
        if others[0] in names.split():  # `go -C DIR test`
            others = others[2:]
        directory = resolver.join(call.directory, place)
        return iter([Found(replace(call, directory=directory, words=(first, *others)), purpose_of(first, others))])

    return run


_go_elsewhere = elsewhere("-C")


def _go(resolver: Resolver, call: Call) -> Iterator[Found] | None:
    """`go tool NAME` and `go run MODULE@VERSION` run a program that Go builds first."""
    words = call.words[1:]
    if words[:1] in (("tool",), ("run",)):
        words = rest(words[1:], "-exec -modfile -tags")
        module = words[0].partition("@")[0] if words else ""
        name = re.sub(r"/v\d+$", "", module).rpartition("/")[2]  # a major version is no part of the name
        return resolver.resolve(call.become([name, *words[1:]])) if resolver.knows(name) else None
    return _go_elsewhere(resolver, call)


LAUNCHERS: Mapping[str, Launcher] = {
    "cargo": elsewhere("--manifest-path"),
    "go": _go,
    "gradle": elsewhere("-p --project-dir"),
    "sudo": wrapper("-u -g -C -h -p"),
    "env": _env,
    "cross-env": _env,
    "cross-env-shell": _env,
    "dotenv": wrapper("-e -c -v -f"),
    "time": wrapper("-f -o"),
    "nohup": wrapper(),
    "exec": wrapper("-a"),
    "command": wrapper(),
    "nice": wrapper("-n"),
    "stdbuf": wrapper(),
    "timeout": wrapper("-s -k --signal --kill-after", skip=1),
    "gtimeout": wrapper("-s -k --signal --kill-after", skip=1),
    "xvfb-run": wrapper("-s --server-args -n --server-num -e -f -p -w"),
    "dbus-run-session": wrapper("--config-file"),
    "retry": wrapper("-t --times -d -s -n"),
    "unbuffer": wrapper(),
    "xargs": wrapper("-n -P -I -L -d -E -s"),
    "nyc": measured,
    "c8": measured,
    "concurrently": _shell_word,
    "run-script-os": wrapper(),
    "bundle": subcommand("exec"),
    "php": wrapper("-d -c -z"),
    "docker": _docker,
    "devbox": subcommand("run"),
    "direnv": wrapper(skip=2),
    "with-server": wrapper(),
    "start-server-and-test": _shell_word,
}
"""By name."""
