"""`program:add`: a repository joins a program."""

from pydantic import Field

from shiftdown.errors import InvalidInputError
from shiftdown.scaffolder.action import ActionContext, ActionModel, Effect, action


class AddInput(ActionModel):
    """Which repository joins which program."""

    program: str = Field(min_length=1)
    """Id of the program, its beginning, or its name."""
    repository: str = Field(min_length=1)
    """URL or path of the repository."""


class AddOutput(ActionModel):
    """What was recorded."""

    program_id: str
    """Id of the program."""
    added: int
    """How many transformation records were added; 0 when the repository was in the program already, or in a dry-run."""


@action("program:add", title="Add a repository to a program")
def add_to_program(given: AddInput, context: ActionContext) -> AddOutput:
    """Add a repository to a program: a record for each transformation of its phases; the next run includes it."""
    lent = context.services.programs
    if lent is None:
        raise InvalidInputError("program:add: there is no registry of programs here")
    programs = lent()
    id_ = programs.find(given.program)
    context.effect(Effect(action="program:add", kind="program", target=id_, details={"repository": given.repository}))
    if context.dry_run:
        return AddOutput(program_id=id_, added=0)
    added = context.checkpoint(f"{id_} {given.repository}", lambda: programs.add_repository(id_, given.repository))
    context.log(f"Added {given.repository} to program {id_}: {added} records")
    return AddOutput(program_id=id_, added=added)
