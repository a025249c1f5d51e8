import pytest

from shiftdown.repository.stack import Language, Purpose

from .helpers import Files, assert_evidence_holds, first, only, runs, stack

CSPROJ = (
    '<Project Sdk="Microsoft.NET.Sdk{sdk}">\n<PropertyGroup>\n<TargetFramework>{tfm}</TargetFramework>\n'
    "</PropertyGroup>\n<ItemGroup>{items}</ItemGroup>\n</Project>\n"
)


def project(sdk: str = "", tfm: str = "net9.0", *packages: str) -> str:
    return CSPROJ.format(sdk=sdk, tfm=tfm, items="".join(f'<PackageReference Include="{p}" />' for p in packages))


def test_rust_workspace() -> None:
    files: Files = {
        "Cargo.toml": '[workspace]\nmembers = ["crates/*"]\nexclude = ["crates/old"]\n',
        "Cargo.lock": "",
        "rust-toolchain.toml": '[toolchain]\nchannel = "1.82"\n',
        "crates/a/Cargo.toml": '[package]\nname = "a"\nrust-version = "1.70"\n[dependencies]\naxum = "0.8"\n',
        "crates/a/src/main.rs": "fn main() {}\n",
        "crates/a/tests/it.rs": "",
        "crates/old/Cargo.toml": '[package]\nname = "old"\n',
    }
    root, a, old = stack(files).components
    assert root.members == ("crates/a",)
    assert first(root) == {
        "install": "cargo fetch --locked",
        "lint": "cargo clippy --locked --workspace --all-targets",
        "format": "cargo fmt --all --check",
        "test": "cargo test --locked --workspace",
        "build": "cargo build --locked --workspace --release",
    }
    assert (a.commands, a.workspace_root, a.lock_file, a.kind) == ((), "", "Cargo.lock", "service")
    assert old.workspace_root is None
    assert root.runtime is not None
    assert (root.runtime.value, root.runtime_file) == ("1.82", "rust-toolchain.toml")
    assert a.runtimes == ()


def test_rust_crate_with_a_minimum() -> None:
    component = only(
        {"Cargo.toml": '[package]\nname = "a"\nrust-version = "1.70"\n', "src/lib.rs": "#[test]\nfn x() {}\n"}
    )
    assert component.runtime is not None
    assert (component.runtime.value, component.runtime_file) == ("stable", None)
    assert component.has_tests
    assert first(component)["test"] == "cargo test"


def test_dotnet_solution() -> None:
    files: Files = {
        "Shop.sln": 'Project("{X}") = "Api", "src\\Api\\Api.csproj", "{1}"\n'
        'Project("{X}") = "T", "test\\T\\T.csproj", "{2}"\n',
        "src/Api/Api.csproj": project(".Web", "net9.0", "Npgsql"),
        "src/Api/Program.cs": "options.UseNpgsql();\n",
        "src/Api/Dockerfile": "FROM x\nEXPOSE 8080\n",
        "test/T/T.csproj": project("", "net9.0", "Microsoft.NET.Test.Sdk", "xunit", "coverlet.collector"),
        "global.json": '{\n  "sdk": {\n    "version": "9.0.100"\n  }\n}\n',
    }
    root, api, tests = stack(files).components
    assert root.language is Language.DOTNET
    assert root.members == ("src/Api", "test/T")
    assert first(root) == {
        "install": "dotnet restore",
        "format": "dotnet format --verify-no-changes",
        "test": "dotnet test",
        "coverage": 'dotnet test --collect:"XPlat Code Coverage"',
        "build": "dotnet build --configuration Release",
    }
    assert root.runtime is not None
    assert (root.runtime.value, root.runtime_file, root.runtime.evidence.line) == ("9.0.100", "global.json", 3)
    assert (api.kind, api.port and api.port.value, [s.name for s in api.services]) == (
        "service",
        "8080",
        ["postgresql"],
    )
    assert tests.test_runner is not None
    assert tests.test_runner.value == "xunit"
    assert_evidence_holds(stack(files), files)


def test_dotnet_project_alone_names_itself_when_it_is_not_alone_in_its_folder() -> None:
    component = only({"App.csproj": project(), "Program.cs": ""})
    assert first(component)["build"] == "dotnet build --configuration Release"
    assert component.runtime is not None
    assert component.runtime.value == "9.0.x"
    files: Files = {"A.sln": '"a", "a/A.csproj"', "B.slnx": '<Project Path="a/A.csproj" />', "a/A.csproj": project()}
    assert first(stack(files).components[0])["build"] == "dotnet build A.sln --configuration Release"


def test_dotnet_framework_builds_anywhere_and_its_tests_do_not_run_anywhere() -> None:
    build = only({"App.csproj": project("", "net48")}).command(Purpose.BUILD)
    assert build is not None
    assert build.assumed is None
    tested = project("", "net48", "xunit")
    solution = '"T", "T\\T.csproj"\n'
    root = stack({"T.sln": solution, "T/T.csproj": tested}).components[0]
    test = root.command(Purpose.TEST)
    assert test is not None
    assert test.assumed == "its tests for net48 need Windows, or Mono"


def test_what_is_for_the_windows_desktop_is_not_built_on_linux() -> None:
    desktop = project("", "net8.0-windows")
    assert only({"App.csproj": desktop}).commands == ()
    anywhere = "<Project><PropertyGroup><EnableWindowsTargeting>true</EnableWindowsTargeting></PropertyGroup></Project>"
    assert only({"App.csproj": desktop, "Directory.Build.props": anywhere}).command(Purpose.BUILD) is not None


def test_dotnet_target_frameworks_are_set_up_together() -> None:
    component = only({"App.csproj": project("", "net8.0;net6.0").replace("TargetFramework>", "TargetFrameworks>")})
    assert component.runtime is not None
    assert (component.runtime.value, component.beside, component.runtimes) == ("8.0.x", ("6.0.x",), ())


def test_ruby_on_rails() -> None:
    files: Files = {
        "Gemfile": "source 'https://rubygems.org'\nruby '3.3.1'\ngem 'rails', '~> 8'\ngem \"pg\"\n"
        "group :test do\n  gem 'rspec-rails'\nend\ngem 'rubocop', require: false\n",
        "Gemfile.lock": "",
        "config.ru": "",
        "app/models/a.rb": "",
        "spec/a_spec.rb": "",
        "bin/rails": "",
    }
    component = only(files)
    assert first(component) == {
        "install": "bundle install",
        "lint": "bundle exec rubocop",
        "test": "bundle exec rspec",
        "start": "bin/rails server",
    }
    assert component.runtime is not None
    assert (component.runtime.value, component.runtime.evidence.line) == ("3.3.1", 2)
    assert (component.kind, component.port and component.port.value) == ("service", "3000")
    assert_evidence_holds(stack(files), files)


def test_ruby_gem_with_minitest() -> None:
    files: Files = {
        "Gemfile": "gemspec\n",
        "a.gemspec": "Gem::Specification.new do |s|\n  s.required_ruby_version = '>= 3.2'\nend\n",
        "Rakefile": "",
        "lib/a.rb": "",
        "test/test_a.rb": "",
        ".ruby-version": "3.4\n",
    }
    component = only(files)
    assert first(component) == {
        "install": "bundle install",
        "test": "bundle exec rake test",
        "build": "gem build a.gemspec",
    }
    assert component.runtimes == ("3.3", "3.4", "4.0")
    assert component.runtime_file == ".ruby-version"


def test_php() -> None:
    files: Files = {
        "composer.json": '{\n "name": "a/b",\n "require": {"php": "^8.2", "laravel/framework": "^11"},\n'
        ' "require-dev": {"phpunit/phpunit": "^11", "phpstan/phpstan": "^2", "friendsofphp/php-cs-fixer": "^3"},\n'
        ' "scripts": {"analyse": "phpstan", "test": "@php artisan test", "lint": ["phpcs src"]}\n}\n',
        "composer.lock": "{}",
        "public/index.php": "",
        "tests/ATest.php": "",
        "phpstan.neon": "",
    }
    component = only(files)
    assert first(component) == {
        "install": "composer install --no-interaction --prefer-dist",
        "lint": "composer run-script lint",
        "format": "vendor/bin/php-cs-fixer fix --dry-run --diff",
        "typecheck": "vendor/bin/phpstan analyse",
        "test": "composer run-script test",
        "start": "php artisan serve",
    }
    assert component.runtimes == ("8.2", "8.3", "8.4", "8.5")
    assert component.kind == "service"
    assert_evidence_holds(stack(files), files)


@pytest.mark.parametrize(
    ("constraint", "expected"),
    [(">=8.1", ("8.2", "8.3", "8.4", "8.5")), ("~8.3.0", ("8.3",)), ("^7.4|^8.0 <8.2", ("8.1",))],
)
def test_php_constraints(constraint: str, expected: tuple[str, ...]) -> None:
    component = only({"composer.json": f'{{"require": {{"php": "{constraint}"}}}}', "a.php": ""})
    assert component.runtimes == expected


def test_composer_file_of_a_project_without_php() -> None:
    assert stack({"composer.json": '{"require": {"php": "8"}}'}).components == ()


def test_tools_that_are_configured_but_not_installed_are_no_commands() -> None:
    component = only({"composer.json": '{"require": {"php": "^8.3"}}', "a.php": "", "psalm.xml": "<psalm/>"})
    assert [d.value for d in component.type_checkers] == ["psalm"]
    assert runs(component, Purpose.TYPECHECK) == []
