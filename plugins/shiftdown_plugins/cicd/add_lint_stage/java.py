"""Linters for Java: Checkstyle, beside the build instead of in it."""

from collections.abc import Collection

from shiftdown.pipelines import Step, pins
from shiftdown.plugin import Component, Purpose, Snapshot, write
from shiftdown_plugins.cicd.add_lint_stage.linters import Linters

_RULES = """\
<?xml version="1.0"?>
<!DOCTYPE module PUBLIC
    "-//Checkstyle//DTD Checkstyle Configuration 1.3//EN"
    "https://checkstyle.org/dtds/configuration_1_3.dtd">
<!-- What is likely a mistake, and complexity. Layout is left alone. -->
<module name="Checker">
  <property name="charset" value="UTF-8"/>
  <property name="severity" value="error"/>
  <property name="fileExtensions" value="java"/>
  <module name="TreeWalker">
    <module name="CyclomaticComplexity">
      <property name="max" value="15"/>
    </module>
    <module name="AvoidStarImport"/>
    <module name="RedundantImport"/>
    <module name="UnusedImports"/>
    <module name="EmptyStatement"/>
    <module name="EqualsHashCode"/>
    <module name="FallThrough"/>
    <module name="MissingSwitchDefault"/>
    <module name="ModifierOrder"/>
    <module name="MultipleVariableDeclarations"/>
    <module name="NeedBraces"/>
    <module name="OneStatementPerLine"/>
    <module name="OneTopLevelClass"/>
    <module name="SimplifyBooleanExpression"/>
    <module name="SimplifyBooleanReturn"/>
    <module name="StringLiteralEquality"/>
    <module name="UpperEll"/>
  </module>
</module>
"""
_INIT = """\
// Adds Checkstyle to every project with Java code, for this call only: the build itself stays as it is.
// ./gradlew --init-script {path} checkstyleMain checkstyleTest
def rules = new File(initscript.sourceFile.parentFile, 'checkstyle.xml')

allprojects {{ project ->
    project.plugins.withId('java') {{
        project.apply plugin: 'checkstyle'
        project.checkstyle {{
            toolVersion = '{version}'
            configFile = rules
        }}
    }}
}}
"""
_OLD_SYNTAX = (
    "maven-checkstyle-plugin {version} brings Checkstyle 9.3, which knows the syntax of Java 17; for newer, declare "
    "the plugin in the POM with a newer Checkstyle among its dependencies."
)
_FOLDER = "config/checkstyle"


def java_linters(
    repo: Snapshot, component: Component, missing: Collection[Purpose], own: Collection[Purpose]
) -> Linters:
    """Checkstyle with rules for what is likely a mistake, called by the full name of its plugin or an init script."""
    if own or Purpose.LINT not in missing:
        return Linters()
    prefix = f"{component.path}/" if component.path else ""
    rules = f"{_FOLDER}/checkstyle.xml"
    files = [] if repo.exists(f"{prefix}{rules}") else [write(f"{prefix}{rules}", _RULES)]
    if component.package_manager and component.package_manager.value == "gradle":
        path = f"{_FOLDER}/init.gradle"
        files.append(write(f"{prefix}{path}", _INIT.format(path=path, version=pins.shipped().tool("checkstyle"))))
        script = f"{_wrapper(component, 'gradle')} --init-script {path} --continue checkstyleMain checkstyleTest"
        notes: tuple[str, ...] = ()
    else:
        version = pins.shipped().tool("maven-checkstyle-plugin")
        goal = f"org.apache.maven.plugins:maven-checkstyle-plugin:{version}:check"
        options = f"-Dcheckstyle.config.location={rules} -Dcheckstyle.includeTestSourceDirectory=true"
        script = f"{_wrapper(component, 'mvn')} -B {goal} {options}"
        notes = () if _knows(component) else (_OLD_SYNTAX.format(version=version),)
    step = Step(name="Lint", run=script, allow_failure=True)
    return Linters(("Checkstyle",), (step,), tuple(files), notes, installs=False)


def _wrapper(component: Component, program: str) -> str:
    """The program, by the repository's wrapper where its own commands use that."""
    command = component.command(Purpose.BUILD)
    words = command.run.split() if command else []
    if words[:1] == ["sh"]:
        return " ".join(words[:2])
    return words[0] if words and words[0].startswith("./") else program


def _knows(component: Component) -> bool:
    """Whether Checkstyle 9.3 knows the syntax of the component's Java."""
    version = component.runtime.value if component.runtime else ""
    return version.isdecimal() and int(version) <= 17
