"""Pipelines for the tests of rendering."""

from shiftdown.pipelines import (
    Area,
    Artefact,
    CiValue,
    Container,
    Environment,
    Job,
    Part,
    Permission,
    Pipeline,
    Report,
    ReportKind,
    Runtime,
    Service,
    Stage,
    Step,
    Submodules,
    Trigger,
)
from shiftdown.repository import SecretReference
from shiftdown.repository.stack import Language

NODE = Runtime(language=Language.NODE, version_file=".nvmrc", package_manager="npm", cache_files=("package-lock.json",))
INSTALL = Step(name="Install dependencies", run="npm ci")

SIMPLE = Pipeline(
    jobs=(
        Job(
            id="lint",
            name="Lint",
            stage=Stage.CODE_QUALITY,
            setup=(NODE,),
            steps=(INSTALL, Step(name="Lint", run="npm run lint")),
        ),
        Job(
            id="build",
            name="Build",
            stage=Stage.BUILD,
            needs=("lint",),
            setup=(NODE,),
            steps=(INSTALL, Step(name="Build", run="npm run build")),
            artefacts=(Artefact(name="dist", paths=("dist/",)),),
        ),
    )
)

FULL = Pipeline(
    name="Orders",
    default_branch="trunk",
    triggers=(Trigger.DEFAULT_BRANCH, Trigger.CHANGE_REQUEST, Trigger.SCHEDULE, Trigger.MANUAL),
    cron="17 3 * * 1",
    env={"CI": "true"},
    jobs=(
        Job(
            id="test",
            name="Test",
            stage=Stage.TEST,
            matrix={"python": ("3.10", "3.13"), "database": ("16", "17")},
            setup=(
                Runtime(
                    language=Language.PYTHON, version_axis="python", package_manager="uv", cache_files=("uv.lock",)
                ),
            ),
            services=(
                Service(
                    name="postgres",
                    image="postgres:17.2",
                    ports=(5432,),
                    env={"POSTGRES_PASSWORD": "test"},
                    health_command='pg_isready -U "postgres"',
                ),
            ),
            env={"DATABASE_URL": "postgresql://postgres:test@localhost:5432/postgres"},
            steps=(
                Step(name="Install dependencies", run="uv sync --locked"),
                Step(name="Test", run="uv run pytest --cov --cov-report=xml \\\n  --junitxml=report.xml\n"),
                Step(name="Show the log", run="cat log", always=True, allow_failure=True, working_directory=""),
            ),
            reports=(
                Report(kind=ReportKind.JUNIT, path="report.xml"),
                Report(kind=ReportKind.COBERTURA, path="coverage.xml"),
            ),
            timeout_minutes=20,
        ),
        Job(
            id="scan",
            name="Scan",
            stage=Stage.SECURITY,
            full_history=True,
            steps=(Step(name="Scan", run="semgrep scan --sarif > semgrep.sarif"),),
            reports=(Report(kind=ReportKind.SARIF, path="semgrep.sarif", name="semgrep"),),
        ),
        Job(
            id="image",
            name="Image",
            stage=Stage.BUILD,
            needs=("test", "scan"),
            only=Trigger.DEFAULT_BRANCH,
            permissions=frozenset({Permission.WRITE_PACKAGES, Permission.ATTEST}),
            steps=(
                Step(
                    name="Log in",
                    key="login",
                    run="docker login",
                    parts={
                        "github-actions": Part(
                            name="docker/login-action",
                            inputs={"registry": CiValue.REGISTRY, "username": CiValue.REGISTRY_USER, "logout": True},
                        )
                    },
                ),
            ),
        ),
        Job(
            id="deploy",
            name="Deploy",
            stage=Stage.DEPLOY,
            needs=("image",),
            only=Trigger.DEFAULT_BRANCH,
            environment=Environment(name="production", url="https://orders.example"),
            keep_credentials=False,
            steps=(Step(name="Deploy", run="./deploy.sh", secrets={"DEPLOY_TOKEN": "ORDERS_DEPLOY_TOKEN"}),),
        ),
    ),
)

MONOREPO = Pipeline(
    jobs=(
        Job(
            id="api-test",
            name="api: test",
            stage=Stage.TEST,
            area="api",
            working_directory="services/api",
            setup=(
                Runtime(language=Language.GO, version_file="services/api/go.mod", cache_files=("services/api/go.sum",)),
            ),
            steps=(Step(name="Test", run="go test ./..."),),
        ),
        Job(
            id="web-test",
            name="web: test",
            stage=Stage.TEST,
            area="web",
            working_directory="web",
            setup=(NODE,),
            steps=(INSTALL, Step(name="Test", run="npm test")),
        ),
        Job(
            id="docs",
            name="Docs",
            stage=Stage.CODE_QUALITY,
            steps=(Step(name="Check", run="make docs"),),
        ),
        Job(
            id="image",
            name="Image",
            stage=Stage.BUILD,
            needs=("api-test", "docs"),
            steps=(Step(name="Build", run="docker build ."),),
        ),
    ),
    areas=(Area(key="api", paths=("services/api/",)), Area(key="web", paths=("web/", "**/*.css", "a b/"))),
    shared_paths=("package-lock.json",),
)

PREPARED = Pipeline(
    jobs=(
        Job(
            id="test",
            name="Test",
            stage=Stage.TEST,
            runner=("self-hosted", "linux"),
            container=Container(image="node:24-bookworm", env={"CI_IMAGE": "node"}),
            full_history=True,
            submodules=Submodules.RECURSIVE,
            lfs=True,
            preparation=(
                Step(name="Install packages", run="sudo apt-get update\nsudo apt-get install --yes libcairo2-dev"),
            ),
            secrets=(SecretReference(name="NPM_TOKEN", purpose="reads packages", where="repository secret"),),
            steps=(
                Step(name="Install dependencies", run="npm ci", secrets={"NODE_AUTH_TOKEN": "NPM_TOKEN"}),
                Step(name="Test", run="npm test"),
            ),
        ),
        Job(
            id="lint",
            name="Lint",
            stage=Stage.CODE_QUALITY,
            container=Container(image="node:24"),
            submodules=Submodules.DIRECT,
            steps=(Step(name="Lint", run="npm run lint"),),
        ),
    )
)
"""What a job needs around its commands."""
