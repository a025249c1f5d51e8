"""What forges with an API do alike: each call looks, and does what is missing, from there.

A request whose effect nobody knows (the connection or the answer was lost) is never simply made again: the call begins
anew with a look.
"""

from abc import ABC, abstractmethod
from typing import ClassVar, Generic, Self, TypeVar

from shiftdown.errors import ConflictError, IllegalTransitionError, InvalidInputError, RepositoryError
from shiftdown.forges.base import ChangeRequestText, DraftError, ForgeChangeRequest
from shiftdown.forges.errors import RefusedError, illegal
from shiftdown.forges.requesting import surely
from shiftdown.forges.text import check_comment, check_line, check_text
from shiftdown.model.states import ChangeRequestStatus


class ApiChangeRequest(ABC):
    """A change request as one look showed it, and the requests that change it from there.

    Each of them raises `UnsureError` when nobody knows whether it took effect, and `RepositoryError` when the
    repository is read-only.
    """

    @property
    @abstractmethod
    def request(self) -> ForgeChangeRequest:
        """What is told to others."""

    @property
    @abstractmethod
    def viewer(self) -> str:
        """The account that the token belongs to."""

    @property
    @abstractmethod
    def conflicts(self) -> bool:
        """Whether the forge knows that it cannot be merged."""

    @abstractmethod
    def again(self) -> "ApiChangeRequest":
        """The same as it is now, by another look."""

    @abstractmethod
    def bring_up_to_date(self, text: ChangeRequestText) -> ForgeChangeRequest:
        """Make it what a text says, as far as it is not; what it is then."""

    @abstractmethod
    def approve(self, by: str) -> None:
        """Approve its head by the account, in the name of somebody. Raises `InvalidInputError` if that may not."""

    @abstractmethod
    def merge(self) -> None:
        """Merge its head. Raises `RefusedError` if something is in the way."""

    @abstractmethod
    def conflict(self) -> ConflictError:
        """The error about its conflict with its base, which names the files."""

    @abstractmethod
    def not_merged(self, refused: RefusedError) -> RepositoryError:
        """The error about a merge that was refused: what is in the way, and what to do."""

    @abstractmethod
    def close(self, reason: str) -> None:
        """Say why, unless that was said already, and close it."""

    @abstractmethod
    def say(self, text: str, first: Self) -> None:
        """Say something, unless we said it last, or since the `first` look of this call."""

    @abstractmethod
    def remove_branch(self) -> bool:
        """Remove its branch if it is where it was and nobody needs it; whether it is gone."""


class ApiBranch(ABC):
    """A branch as one look showed it."""

    @property
    @abstractmethod
    def present(self) -> ApiChangeRequest | None:
        """Its open change request, else the newest one."""

    @abstractmethod
    def create(self, text: ChangeRequestText) -> ApiChangeRequest:
        """Open a change request from it.

        Raises:
            UnsureError: one may be open now.
            InvalidInputError: it has no change that its base does not have.
            NotFoundError: it, or its base, does not exist.
        """


_C = TypeVar("_C", bound=ApiChangeRequest)


class ApiForge(ABC, Generic[_C]):
    """Change requests on a forge with an API. See `ChangeRequestForge`."""

    max_body: ClassVar[int]
    """The most bytes that the text of a change request, or a comment, may have."""

    @abstractmethod
    def look_at(self, location: str, number: int) -> _C:
        """Look at a change request. Raises `NotFoundError`."""

    @abstractmethod
    def look_at_branch(self, location: str, branch: str) -> ApiBranch:
        """Look at a branch, of the repository or, where we may not push, of our fork."""

    def look_before_merge(self, location: str, number: int) -> _C:
        """Look at a change request that is to be merged, once the forge knows whether it can be."""
        return self.look_at(location, number)

    def check_text(self, text: ChangeRequestText) -> None:
        """Refuse what the forge would not take. Raises `InvalidInputError`."""
        check_text(text, self.max_body)

    @abstractmethod
    def get(self, location: str, number: int) -> ForgeChangeRequest:
        """The change request with that number. Raises `NotFoundError`."""

    def open(self, location: str, text: ChangeRequestText) -> ForgeChangeRequest:
        """Open a change request; if the branch has an open one, update and return that.

        Raises:
            InvalidInputError: the branch has no change that its base does not have, or the text cannot be used.
            NotFoundError: a branch, person, group or milestone does not exist.
        """
        self.check_text(text)

        def act() -> ForgeChangeRequest:
            branch = self.look_at_branch(location, text.branch)
            seen = branch.present
            if seen is None or not seen.request.status.is_open:
                seen = branch.create(text)
            return seen.bring_up_to_date(text)

        return surely(act)

    def update(self, location: str, number: int, text: ChangeRequestText) -> ForgeChangeRequest:
        """Replace the text of an open change request; its head follows the branch."""
        self.check_text(text)

        def act() -> ForgeChangeRequest:
            seen = self._open_one(location, number)
            if text.branch != seen.request.branch:
                raise InvalidInputError(
                    f"change request #{number} is about {seen.request.branch}; open another one for {text.branch}"
                )
            return seen.bring_up_to_date(text)

        return surely(act)

    def approve(self, location: str, number: int, *, by: str) -> ForgeChangeRequest:
        """Record an approval of the present head by the account that the token belongs to.

        Raises:
            InvalidInputError: that account may not approve it.
        """
        check_line("the name of who approves", by)

        def act() -> ForgeChangeRequest:
            seen = self._open_one(location, number)
            if seen.viewer in seen.request.approved_by:
                return seen.request
            seen.approve(by)
            return self.get(location, number)

        return surely(act)

    def merge(self, location: str, number: int, *, by: str) -> ForgeChangeRequest:
        """Merge it into its base. Again: no error.

        Raises:
            DraftError: it is a draft.
            ConflictError: it conflicts with its base; names the files that both change.
            RepositoryError: reviews, checks or rules of the base are in the way; says which.
        """
        check_line("the name of who merges", by)

        def act() -> ForgeChangeRequest:
            seen = self.look_before_merge(location, number)
            if seen.request.status is ChangeRequestStatus.MERGED:
                return seen.request
            if not seen.request.status.is_open:
                raise illegal(location, seen.request, ChangeRequestStatus.MERGED)
            if seen.request.status is ChangeRequestStatus.DRAFT:
                raise DraftError(location, number)
            if seen.conflicts:
                raise seen.conflict()
            try:
                seen.merge()
            except RefusedError as refused:
                now = seen.again()
                if now.request.status is not ChangeRequestStatus.MERGED:
                    raise (now.conflict() if now.conflicts else now.not_merged(refused)) from None
            return self.get(location, number)

        return surely(act)

    def close(self, location: str, number: int, *, reason: str) -> ForgeChangeRequest:
        """Close it without a merge, with a comment that gives the reason; its branch is kept. Again: no error."""
        check_line("the reason", reason)

        def act() -> ForgeChangeRequest:
            seen = self.look_at(location, number)
            if seen.request.status is ChangeRequestStatus.CLOSED:
                return seen.request
            if not seen.request.status.is_open:
                raise illegal(location, seen.request, ChangeRequestStatus.CLOSED)
            seen.close(reason)
            return self.get(location, number)

        return surely(act)

    def comment(self, location: str, number: int, text: str) -> None:
        """Say something on a change request, open or not. What we have said last is not said once more.

        Raises:
            InvalidInputError: the text is empty or too long.
        """
        check_comment(text, self.max_body)
        first: list[_C] = []

        def act() -> None:
            seen = self.look_at(location, number)
            first.append(seen)
            seen.say(text, first[0])

        surely(act)

    def remove_branch(self, location: str, number: int) -> bool:
        """Remove the branch of a merged or closed change request, in its repository or our fork.

        Returns:
            Whether it is gone; not when somebody has put commits on it since, another change request needs it, or it
            is the default branch or protected.

        Raises:
            IllegalTransitionError: the change request is open.
        """

        def act() -> bool:
            seen = self.look_at(location, number)
            if seen.request.status.is_open:
                subject = f"{location}: the branch of change request #{number}"
                raise IllegalTransitionError(subject, seen.request.status.value, "removed")
            return seen.remove_branch()

        return surely(act)

    def _open_one(self, location: str, number: int) -> _C:
        seen = self.look_at(location, number)
        if not seen.request.status.is_open:
            raise illegal(location, seen.request, ChangeRequestStatus.OPEN)
        return seen
