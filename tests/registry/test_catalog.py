import pytest

from shiftdown.errors import AlreadyExistsError, InvalidInputError, NotFoundError
from shiftdown.registry import Registry

from .making import START, Clock, platform


def test_an_organization_is_recorded_once(registry: Registry) -> None:
    acme = registry.ensure_organization("acme")
    assert registry.ensure_organization("  acme ") == acme
    assert registry.organization(acme.id) == acme
    other = registry.ensure_organization("Acme")
    assert [o.name for o in registry.organizations()] == ["Acme", "acme"]
    assert other.id != acme.id
    assert len(registry.events(subject_id=acme.id)) == 1


def test_a_repository_is_recorded_once(registry: Registry) -> None:
    acme = registry.ensure_organization("acme")
    one = registry.ensure_repository("https://git.example/acme/one", acme.id)
    assert registry.ensure_repository("https://git.example/acme/one") == one
    alone = registry.ensure_repository("/srv/git/ä ö.git")
    assert (one.organization_id, alone.organization_id) == (acme.id, None)
    assert registry.repositories() == [alone, one]
    assert registry.repositories(acme.id) == [one]
    assert registry.find_repository(alone.location) == registry.repository(alone.id) == alone
    assert registry.find_repository("/nowhere") is None


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "a\0b"])
def test_what_cannot_be_a_name_changes_nothing(registry: Registry, name: str) -> None:
    with pytest.raises(InvalidInputError):
        registry.ensure_organization(name)
    assert registry.organizations() == []
    assert registry.events() == []


def test_a_repository_of_nobody_known_is_refused(registry: Registry) -> None:
    with pytest.raises(InvalidInputError, match="refers to a record that does not exist"):
        registry.ensure_repository("/r", "nobody")
    assert registry.repositories() == []
    assert registry.events() == []


@pytest.mark.parametrize("kind", ["organization", "repository", "platform", "program", "transformation", "activity"])
def test_what_is_not_there(registry: Registry, kind: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        getattr(registry, "record" if kind == "transformation" else kind)("nope")
    assert (caught.value.kind, caught.value.key) == (kind, "nope")


def test_a_platform_and_what_is_measured_about_it(registry: Registry, clock: Clock) -> None:
    acme = registry.ensure_organization("acme")
    made = registry.create_platform(platform(acme))
    assert made == registry.platform(made.id)
    assert (made.active_users, made.daily_deployments) == (None, None)
    later = clock.advance(days=2)
    changed = registry.change_platform(
        made.id, {"active_users": 0, "platform_uptime": 99.95, "portal_tool": "Cortex", "capabilities": []}
    )
    assert (changed.active_users, changed.platform_uptime, changed.portal_tool) == (0, 99.95, "Cortex")
    assert (changed.capabilities, changed.created_at, changed.updated_at) == ((), START, later)
    assert registry.platforms() == registry.platforms(acme.id) == [registry.platform(made.id)] == [changed]
    assert registry.platforms("nobody") == []


def test_platforms_of_one_organization_have_different_names(registry: Registry) -> None:
    acme, other = registry.ensure_organization("acme"), registry.ensure_organization("other")
    registry.create_platform(platform(acme))
    registry.create_platform(platform(other))
    with pytest.raises(AlreadyExistsError, match="there is already a platform Paved road") as caught:
        registry.create_platform(platform(acme))
    assert (caught.value.kind, caught.value.key) == ("platform", "Paved road")


@pytest.mark.parametrize(
    "changes",
    [
        {"platform_uptime": 101},
        {"active_users": -1},
        {"active_users": 2**63},
        {"organization_id": "other"},
        {"nonsense": 1},
        {"portal_tool": "a\0b"},
        {"capabilities": [{"name": "X"}]},
    ],
)
def test_what_a_platform_cannot_be_changes_nothing(registry: Registry, changes: dict[str, object]) -> None:
    made = registry.create_platform(platform(registry.ensure_organization("acme")))
    before = registry.events()
    with pytest.raises(InvalidInputError):
        registry.change_platform(made.id, changes)  # type: ignore[arg-type]
    assert registry.platform(made.id) == made
    assert registry.events() == before
