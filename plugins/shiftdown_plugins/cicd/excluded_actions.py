"""Whether workflows use an action that is known to have been taken over."""

from shiftdown.pipelines import github_actions, pins
from shiftdown.plugin import CannotEditError, CheckResult, Evidence, FileError, Snapshot, capability_check


@capability_check("actions-are-trustworthy", question="Are the actions that workflows use free of known takeovers?")
def actions_are_trustworthy(repo: Snapshot) -> CheckResult:
    """Fail for each use of an action, tag or commit that the table of pins lists as compromised."""
    found: list[Evidence] = []
    unreadable: list[str] = []
    paths = (*github_actions.paths(repo), *repo.glob(".github/actions/*/action.yml", ".github/actions/*/action.yaml"))
    if not paths:
        return CheckResult.not_applicable("There are no workflows.")
    table = pins.shipped()
    for path in paths:
        try:
            found += table.excluded_in(repo.text(path), path)
        except (CannotEditError, FileError) as error:
            unreadable.append(f"{path}: {error}")
    if found:
        return CheckResult.failed(f"{len(found)} uses of actions that were taken over: {found[0]}.", *found)
    if unreadable:
        return CheckResult.unknown("; ".join(unreadable))
    return CheckResult.passed("They are.", *(_clean(path) for path in paths))


def _clean(path: str) -> Evidence:
    return Evidence(fact="uses no action that was taken over", path=path)
