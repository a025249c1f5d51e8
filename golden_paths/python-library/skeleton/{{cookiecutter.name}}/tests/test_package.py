from importlib import metadata, resources

import {{ cookiecutter.package }}


def test_the_version_is_that_of_the_distribution() -> None:
    version = metadata.version("{{ cookiecutter.name }}")
    assert {{ cookiecutter.package }}.__version__ == version


def test_type_checkers_may_read_it() -> None:
    assert resources.files({{ cookiecutter.package }}).joinpath("py.typed").is_file()
