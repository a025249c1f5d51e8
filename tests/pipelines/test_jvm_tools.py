"""What Maven and Gradle are run for, where linters are called with names that look like those of tests."""

import pytest

from shiftdown.pipelines.tools import purpose_of
from shiftdown.repository.stack import Purpose


@pytest.mark.parametrize(
    ("command", "purpose"),
    [
        ("mvn -B checkstyle:check", Purpose.LINT),
        ("mvn -B org.apache.maven.plugins:maven-checkstyle-plugin:3.6.0:check", Purpose.LINT),
        ("mvn com.diffplug.spotless:spotless-maven-plugin:check", Purpose.FORMAT),
        ("mvn -B checkstyle:check verify", Purpose.TEST),
        ("mvn surefire:test", Purpose.TEST),
        ("gradle checkstyleMain checkstyleTest", Purpose.LINT),
        ("gradle --init-script a/b.gradle checkstyleMain checkstyleTest", Purpose.LINT),
        ("gradle pmdMain pmdTest", Purpose.LINT),
        ("gradle spotlessCheck", Purpose.FORMAT),
        ("gradle spotlessCheck test", Purpose.TEST),
        ("gradle :app:check", Purpose.TEST),
        ("gradle integrationTest", Purpose.TEST),
    ],
)
def test_linters_are_told_from_tests(command: str, purpose: Purpose) -> None:
    program, *arguments = command.split()
    assert purpose_of(program, arguments) is purpose
