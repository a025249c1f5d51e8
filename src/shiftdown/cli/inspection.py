"""What `inspect` prints for people."""

from shiftdown.assessment import Inspection
from shiftdown.cli.output import say, table
from shiftdown.pipelines.setups import SetupFact
from shiftdown.repository.stack import Component, Stack


def print_inspection(seen: Inspection) -> None:
    """Print each component with its tools and commands, what concerns the whole repository, and what its CI runs."""
    say(f"{seen.repository}: changes go to {seen.default_branch}\n")
    _stack(seen.stack)
    rows = [
        (workflow.path, job.id, i.purpose, " ".join((i.tool, *i.args)), f"{i.path}:{i.line}")
        for workflow in seen.workflows
        for job in workflow.jobs
        for i in job.invocations
    ]
    if rows:
        say("")
        table(("WORKFLOW", "JOB", "PURPOSE", "RUNS", "EVIDENCE"), rows, empty="")
    around = [
        (workflow.path, job.id, f.kind.value, _named(f), f"{f.evidence.path}:{f.evidence.line}")
        for workflow in seen.workflows
        for job in workflow.jobs
        for f in job.setup
    ]
    if around:
        say("")
        table(("WORKFLOW", "JOB", "SET UP", "VALUE", "EVIDENCE"), around, empty="")


def _named(fact: SetupFact) -> str:
    lines = fact.value.splitlines() or [""]
    value = lines[0] if len(lines) == 1 else f"{lines[0]} …"
    return f"{fact.name}: {value}" if fact.name else value


def _stack(stack: Stack) -> None:
    if not stack.components:
        say("No component of a known language was found.")
    for component in stack.components:
        _component(component)
    rows = [
        *(("container file", path, "") for path in stack.container_files),
        *(("compose file", path, "") for path in stack.compose_files),
        *(("infrastructure", d.value, d.evidence) for d in stack.infrastructure),
        *(("CI", d.value, d.evidence) for d in stack.ci),
        *(("could not be read", e.path or "", e.fact) for e in stack.problems),
    ]
    table(("REPOSITORY", "WHAT", "EVIDENCE"), rows, empty="")


def _component(component: Component) -> None:
    say(f"{component.name} ({component.path or '.'}): {component.language}, {component.kind}\n")
    single = ("package_manager", "runtime", "framework", "entry_point", "test_runner", "coverage_tool", "port")
    several = ("linters", "formatters", "type_checkers")
    facts = [(name, getattr(component, name)) for name in single if getattr(component, name)]
    facts += [(name, d) for name in several for d in getattr(component, name)]
    rows = [(name.replace("_", " "), d.value, d.evidence) for name, d in facts]
    rows += [("service", s.name, s.evidence) for s in component.services]
    rows += [(c.purpose, c.run, c.evidence) for c in component.commands]
    table(("WHAT", "VALUE", "EVIDENCE"), rows, empty="Nothing more can be told.")
    say("")
