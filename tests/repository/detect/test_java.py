import pytest

from shiftdown.repository.stack import Language, Purpose

from .helpers import Files, assert_evidence_holds, first, only, runs, stack


def pom(body: str = "", artifact: str = "shop") -> str:
    return (
        '<?xml version="1.0"?>\n<project xmlns="http://maven.apache.org/POM/4.0.0">\n'
        f"<groupId>com.example</groupId>\n<artifactId>{artifact}</artifactId>\n{body}\n</project>\n"
    )


BOOT = (
    "<parent><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-parent</artifactId>"
    "<version>3.3.0</version></parent>\n"
)
WEB = (
    "<dependencies><dependency><groupId>org.springframework.boot</groupId>"
    "<artifactId>spring-boot-starter-web</artifactId></dependency>\n"
    "<dependency><groupId>org.postgresql</groupId><artifactId>postgresql</artifactId></dependency>\n"
    "<dependency><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-test</artifactId>"
    "</dependency></dependencies>"
)
MAVEN_WRAPPER: Files = {
    "mvnw": "",
    ".mvn/wrapper/maven-wrapper.properties": "x=1\n"
    "distributionUrl=https://repo.maven.apache.org/maven2/apache-maven/3.9.9/apache-maven-3.9.9-bin.zip\n",
}
GRADLE_WRAPPER: Files = {
    "gradlew": "",
    "gradle/wrapper/gradle-wrapper.jar": b"\x00",
    "gradle/wrapper/gradle-wrapper.properties": "distributionUrl=https\\://services.gradle.org/gradle-8.10.2-bin.zip\n",
}


def test_spring_boot_service() -> None:
    files: Files = {
        "pom.xml": pom(BOOT + "<properties>\n<java.version>21</java.version>\n</properties>\n" + WEB),
        **MAVEN_WRAPPER,
        "src/main/java/com/example/ShopApplication.java": "package x;\n@SpringBootApplication\nclass A {}\n",
        "src/main/resources/application.yml": "server:\n  # public\n  port: ${PORT:8090}\n",
        "src/test/java/com/example/ShopTests.java": "",
    }
    component = only(files, executable=("mvnw",))
    assert component.language is Language.JAVA
    assert first(component) == {
        "test": "./mvnw -B test",
        "build": "./mvnw -B -DskipTests package",
        "start": "./mvnw -B spring-boot:run",
    }
    assert component.runtime is not None
    assert (component.runtime.value, component.runtime.evidence.line) == ("21", 7)
    assert component.package_manager_version is not None
    assert component.package_manager_version.value == "3.9.9"
    assert component.framework is not None
    assert component.framework.value == "spring-boot"
    assert (component.kind, component.port and component.port.value) == ("service", "8090")
    assert [s.name for s in component.services] == ["postgresql"]
    assert component.entry_point is not None
    assert component.entry_point.evidence.line == 2
    assert component.test_runner is not None
    assert component.test_runner.value == "junit"
    assert_evidence_holds(stack(files), files)


@pytest.mark.parametrize(
    ("files", "executable", "run"),
    [
        ({}, (), "mvn -B test"),
        ({"mvnw": ""}, ("mvnw",), "mvn -B test"),
        (MAVEN_WRAPPER, (), "sh mvnw -B test"),
        (MAVEN_WRAPPER, ("mvnw",), "./mvnw -B test"),
    ],
)
def test_maven_wrapper(files: Files, executable: tuple[str, ...], run: str) -> None:
    component = only({"pom.xml": pom(), "src/test/java/ATest.java": "", **files}, executable=executable)
    assert first(component)["test"] == run


def compiler(body: str) -> str:
    return (
        "<build><plugins><plugin><artifactId>maven-compiler-plugin</artifactId><configuration>"
        f"{body}</configuration></plugin></plugins></build>"
    )


@pytest.mark.parametrize(
    ("body", "version"),
    [
        ("<properties><maven.compiler.release>17</maven.compiler.release></properties>", "17"),
        ("<properties><maven.compiler.source>1.8</maven.compiler.source></properties>", "8"),
        ("<properties><j>21</j><java.version>${j}</java.version></properties>", "21"),
        ("<properties><java.version>${java.version}</java.version></properties>", None),
        (compiler("<release>11</release>"), "11"),
        (compiler("<source>1.8</source>"), "8"),
        (BOOT, "17"),
        (BOOT.replace("3.3.0", "2.7.1"), "8"),
        (
            "<properties><java.version>8</java.version></properties><build><plugins><plugin>"
            "<artifactId>maven-enforcer-plugin</artifactId><executions><execution><configuration><rules>"
            "<requireJavaVersion><version>[17,)</version></requireJavaVersion>"
            "</rules></configuration></execution></executions></plugin></plugins></build>",
            "17",
        ),
        ("", None),
    ],
)
def test_java_version_of_maven(body: str, version: str | None) -> None:
    component = only({"pom.xml": pom(body)})
    assert (component.runtime.value if component.runtime else None) == version


@pytest.mark.parametrize(
    ("name", "text", "version"),
    [
        (".java-version", "21\n", "21"),
        (".java-version", "temurin-17.0.2\n", "17"),
        (".tool-versions", "java temurin-21.0.1\n", "21"),
        (".sdkmanrc", "java=17.0.9-tem\n", "17"),
    ],
)
def test_java_version_files(name: str, text: str, version: str) -> None:
    component = only({"pom.xml": pom(), name: text})
    assert component.runtime is not None
    assert (component.runtime.value, component.runtime_file) == (version, name)


def test_plugins_that_check() -> None:
    names = ("maven-checkstyle-plugin", "spotless-maven-plugin", "jacoco-maven-plugin")
    plugins = "\n".join(f"<plugin><artifactId>{n}</artifactId></plugin>" for n in names)
    component = only(
        {"pom.xml": pom(f"<build><plugins>\n{plugins}\n</plugins></build>"), "src/test/java/ATest.java": ""}
    )
    assert first(component) == {
        "lint": "mvn -B checkstyle:check",
        "format": "mvn -B spotless:check",
        "test": "mvn -B test",
        "coverage": "mvn -B test jacoco:report",
        "build": "mvn -B -DskipTests package",
    }
    assert component.coverage_tool is not None
    assert component.coverage_tool.evidence.line == 8


def executions(artifact: str, *inside: str) -> str:
    found = "".join(f"<execution>{text}</execution>" for text in inside)
    plugin = f"<artifactId>{artifact}</artifactId><executions>{found}</executions>"
    return f"<build><plugins><plugin>{plugin}</plugin></plugins></build>"


PREPARED = "<goals><goal>prepare-agent</goal></goals>"
REPORTED = "<phase>verify</phase><goals><goal>report</goal></goals>"


@pytest.mark.parametrize(
    ("body", "test", "coverage"),
    [
        pytest.param(executions("jacoco-maven-plugin", PREPARED, REPORTED), "test", "test jacoco:report", id="report"),
        pytest.param(
            executions("jacoco-maven-plugin", PREPARED, "<goals><goal>check</goal></goals>"),
            "verify",
            "verify",
            id="coverage-threshold",
        ),
        pytest.param(
            executions("jacoco-maven-plugin", PREPARED + "<configuration><destFile>x</destFile></configuration>"),
            "verify",
            "verify",
            id="coverage-in-another-place",
        ),
        pytest.param(executions("maven-failsafe-plugin"), "verify", None, id="integration-tests"),
        pytest.param(
            executions("exec-maven-plugin", "<phase>integration-test</phase>"),
            "verify",
            None,
            id="bound-to-a-later-phase",
        ),
        pytest.param(executions("maven-checkstyle-plugin", "<phase>validate</phase>"), "test", None, id="earlier"),
    ],
)
def test_tests_that_need_more_than_the_phase_test(body: str, test: str, coverage: str | None) -> None:
    component = only({"pom.xml": pom(body), "src/test/java/ATest.java": ""})
    found = first(component)
    assert (found["test"], found.get("coverage")) == (f"mvn -B {test}", coverage and f"mvn -B {coverage}")


def test_modules_are_built_by_their_root() -> None:
    inherits = "<parent><groupId>com.example</groupId><artifactId>shop</artifactId></parent>"
    files: Files = {
        "pom.xml": pom(
            "<properties><java.version>17</java.version></properties>\n"
            "<modules><module>api</module><module>core/pom.xml</module>"
            "<module>../out</module><module>gone</module></modules>"
        ),
        "api/pom.xml": pom(inherits + "<modules><module>..</module><module>../core</module></modules>" + WEB, "api"),
        "core/pom.xml": pom(inherits, "core"),
        "core/src/test/java/CoreTest.java": "",
        "core/src/test/resources/project/pom.xml": pom(),
        "core/src/it/sample/pom.xml": pom(),
    }
    root, api, core = stack(files).components
    assert root.members == ("api", "core")
    assert (root.has_tests, core.has_tests, api.has_tests) == (True, True, False)
    assert [c.run for c in root.commands if c.purpose is Purpose.TEST] == ["mvn -B verify"]
    assert (api.commands, api.workspace_root, api.kind) == ((), "", "service")
    assert core.runtime is not None
    assert (core.runtime.value, core.runtime.evidence.path) == ("17", "pom.xml")


def test_one_build_where_maven_and_gradle_are_both() -> None:
    both: Files = {"pom.xml": pom(), "build.gradle": ""}
    assert first(only({**both, **MAVEN_WRAPPER}))["build"] == "sh mvnw -B -DskipTests package"
    assert first(only({**both, **GRADLE_WRAPPER}))["build"] == "sh gradlew assemble"
    assert first(only(both))["build"] == "mvn -B -DskipTests package"


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("java { toolchain { languageVersion = JavaLanguageVersion.of(21) } }", "21"),
        ("kotlin { jvmToolchain(17) }", "17"),
        ("sourceCompatibility = '11'", "17"),  # without a wrapper Gradle 9 runs it, which needs 17
        ("sourceCompatibility = JavaVersion.VERSION_1_8", "17"),
        ("java.sourceCompatibility = JavaVersion.VERSION_17", "17"),
        ("tasks.withType<JavaCompile> { options.release.set(17) }", "17"),
        ("compileKotlin { kotlinOptions.jvmTarget = '1.8' }", "17"),
        ("", None),
    ],
)
@pytest.mark.parametrize("name", ["build.gradle", "build.gradle.kts"])
def test_java_version_of_gradle(name: str, text: str, version: str | None) -> None:
    component = only({name: text})
    assert (component.runtime.value if component.runtime else None) == version


def test_gradle_service_with_plugins_and_catalog() -> None:
    files: Files = {
        "settings.gradle.kts": 'rootProject.name = "orders"\n',
        "build.gradle.kts": 'plugins {\n  java\n  jacoco\n  id("com.diffplug.spotless") version "6"\n'
        "  alias(libs.plugins.spring.boot)\n}\n"
        'checkstyle {\n}\ndependencies {\n  implementation(libs.web)\n  runtimeOnly("org.postgresql:postgresql:42")\n'
        '  testImplementation("org.junit.jupiter:junit-jupiter:5")\n}\n',
        "gradle/libs.versions.toml": '[versions]\njava = "21"\n[libraries]\n'
        'web = { module = "org.springframework.boot:spring-boot-starter-web" }\n'
        '[plugins]\nspring-boot = { id = "org.springframework.boot", version = "3.3.0" }\n',
        "src/main/kotlin/OrdersApplication.kt": "fun main() {}\n",
        "src/test/kotlin/OrdersTest.kt": "",
        "src/main/resources/application.properties": "server.port=9001\n",
        **GRADLE_WRAPPER,
    }
    component = only(files, executable=("gradlew",))
    assert component.name == "orders"
    assert first(component) == {
        "lint": "./gradlew checkstyleMain checkstyleTest",
        "format": "./gradlew spotlessCheck",
        "test": "./gradlew test",
        "coverage": "./gradlew test jacocoTestReport",
        "build": "./gradlew assemble",
        "start": "./gradlew bootRun",
    }
    assert component.package_manager_version is not None
    assert component.package_manager_version.value == "8.10.2"
    assert component.runtime is not None
    assert (component.runtime.value, component.runtime.evidence.path) == ("21", "gradle/libs.versions.toml")
    assert (component.kind, component.port and component.port.value) == ("service", "9001")
    assert_evidence_holds(stack(files), files)


@pytest.mark.parametrize(
    "settings",
    ["include 'api', 'core:model'\n", 'include("api")\ninclude(":core:model")\n', "include 'api',\n  ':core:model'\n"],
)
def test_gradle_subprojects(settings: str) -> None:
    files: Files = {
        "settings.gradle": settings,
        "api/build.gradle": "",
        "core/model/model.gradle": "",
        "buildSrc/build.gradle": "java { toolchain { languageVersion = JavaLanguageVersion.of(17) } }\n",
    }
    root, api, model = stack(files).components
    assert (root.path, root.members) == ("", ("api", "core/model"))
    assert (api.workspace_root, model.manifest) == ("", "core/model/model.gradle")
    assert api.commands == ()
    assert runs(root, Purpose.BUILD) == ["gradle assemble"]
