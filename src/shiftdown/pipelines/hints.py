"""What words suggest that something of which nothing is known may be for."""

import re
from collections.abc import Mapping

from shiftdown.pipelines._words import each
from shiftdown.pipelines.tools import TOOLS
from shiftdown.repository.stack import Language, Purpose

P = Purpose

WORK = (P.TEST, P.LINT, P.FORMAT, P.TYPECHECK, P.BUILD)
"""What a pipeline does for a change whose words suggest no more than that it looks at it."""
_QUALITY = (P.LINT, P.FORMAT, P.TYPECHECK)


_TOPICS = each(
    """
    spelling spell spellcheck json markdown editorconfig branch branches change changed changes
    conflict conflicts file files prevent acknowledge announce chart charts helm k8s kubernetes manifest manifests
    terraform approve approval assign assignee assignees automerge backport badge badges bot bump changelog
    changelogs changeset changesets cherry cla codeowners comment comments commit commitlint commits contributor
    contributors conventional copyright dco dependabot deploy deployment deployments description dispatch discord
    doc docs documentation email freeze greet greeting greetings i18n issue issues label labeler labeller labels
    licence licences license licenses link links linkcheck lock log mergify metrics milestone milestones netlify
    news notice notify notification pages pin preview previews project projects publish readme rebase release
    releaser releases renovate review reviewers roadmap schedule semantic site size slack sponsor sponsors stale
    stats sync tag tags teams telegram title toc todo translation translations triage typo typos unlock vercel
    version versions website welcome wiki
    """
)
"""Words of what is no check of the code: whatever stands beside them is about that."""
_PREPARES = each(
    """
    add allow apt authenticate bootstrap cache cancel changed changes checkout clean cleanup clear clone collect
    configure copy create debug detect determine disk download dump echo enable env environment export extract fetch
    filter find free generate get init initialise initialize install list load login matrix maximize mount move
    output outputs post prepare print prune pull push read remove report reports resolve restore save set setup show
    sleep start stop store summary swap switch trust unpack update upload use wait write
    """
)
"""Words that begin what only prepares or cleans up."""
_CHECKS: Mapping[tuple[Purpose, ...], frozenset[str]] = {
    WORK: each(
        "ci check checks checker verify verification validate validation all everything gate presubmit precommit "
        "premerge pipeline"
    ),
    (P.TEST,): each(
        "test tests testing tester unit spec specs unittest unittests unittesting integration coverage cov"
    ),
    (P.E2E, P.TEST): each("e2e browser acceptance"),
    _QUALITY: each("lint linter linters linting style"),
    (*_QUALITY, P.SCAN): each("quality static analysis analyse analyze"),
    (P.LINT, P.FORMAT): each("trunk mago megalinter superlinter"),
    (P.FORMAT,): each("format formatting formatter fmt"),
    (P.TYPECHECK,): each("type types typing typecheck typechecker"),
    (P.BUILD,): each("build builds builder building compile bundle package packaging image images"),
    (P.SCAN,): each("security scan scanner scanning audit sast secrets vulnerabilities"),
}
"""Words of what checks the code, by what for."""
_WORDS: Mapping[str, tuple[Purpose, ...]] = {word: purposes for purposes, words in _CHECKS.items() for word in words}


def hints_of(text: str) -> tuple[Purpose, ...] | None:
    """What the words of a text suggest; empty: something else than work on the code; `None`: they do not tell.

    A word that says what for (test, lint) outweighs one that only says that something is looked at (check, ci). A word
    about something else (labels, releases, documentation) outweighs all others; a word of preparation
    (install, upload, wait) does when it comes first.
    """
    found: dict[Purpose, None] = {}
    prepares = anything = False
    words = words_of(text)
    if not _TOPICS.isdisjoint(words):
        return ()
    for word in words:
        told = _WORDS.get(word) or _of_tool(word)
        if told and prepares:
            return ()
        if told is WORK:
            anything = True
        else:
            found |= dict.fromkeys(told)
        prepares = prepares or (word in _PREPARES and not found and not anything)
    if not found and anything:
        return WORK
    if not found:
        return () if prepares else None
    return tuple(found)


def language_of(text: str) -> Language | None:
    """The stack of the tools that a text names; `None`: none, or several."""
    found = {TOOLS[w].language for w in words_of(text) if w in TOOLS and w not in _WORDS}
    return next(iter(found)) if len(found) == 1 else None


def words_of(text: str) -> list[str]:
    """The words of a text in lower case; `runTests` is two."""
    return [w for w in re.split(r"[^a-z0-9]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).lower()) if w]


def _of_tool(word: str) -> tuple[Purpose, ...]:
    known = TOOLS.get(word)
    return (known.purpose,) if known and isinstance(known.purpose, Purpose) else ()
