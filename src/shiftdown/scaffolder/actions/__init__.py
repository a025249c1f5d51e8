"""The actions that shiftdown brings: Backstage's, with the same ids, inputs and outputs, and its own."""

from shiftdown.scaffolder.action import Action
from shiftdown.scaffolder.actions.catalog import fetch_entity, register_location, write_entity
from shiftdown.scaffolder.actions.cookiecutter import fetch_cookiecutter
from shiftdown.scaffolder.actions.debug import debug_log, debug_wait
from shiftdown.scaffolder.actions.fetch import fetch_plain, fetch_plain_file, fetch_template, fetch_template_file
from shiftdown.scaffolder.actions.files import (
    delete_files,
    list_folder,
    read_file,
    rename_files,
    write_file,
)
from shiftdown.scaffolder.actions.github import github_actions
from shiftdown.scaffolder.actions.gitlab import gitlab_actions
from shiftdown.scaffolder.actions.program_add import add_to_program
from shiftdown.scaffolder.actions.publish_local import publish_local
from shiftdown.scaffolder.actions.transform import apply_transformation


def builtin_actions() -> tuple[Action, ...]:
    """All of them."""
    return (
        fetch_entity,
        register_location,
        write_entity,
        debug_log,
        debug_wait,
        fetch_cookiecutter,
        fetch_plain,
        fetch_plain_file,
        fetch_template,
        fetch_template_file,
        delete_files,
        list_folder,
        read_file,
        rename_files,
        write_file,
        apply_transformation,
        publish_local,
        add_to_program,
        *github_actions(),
        *gitlab_actions(),
    )
