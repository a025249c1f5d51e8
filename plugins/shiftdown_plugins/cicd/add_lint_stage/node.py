"""Linters for Node.js: ESLint with a flat configuration, Prettier, the TypeScript compiler."""

import re
from collections.abc import Collection

from shiftdown.edits import json
from shiftdown.kits import Style, chosen_style, editorconfig_indent, node_manifest, style_of
from shiftdown.pipelines import Step, pins
from shiftdown.plugin import Component, FileChange, Purpose, Snapshot, editing, stack_of, write
from shiftdown_plugins.cicd.add_lint_stage.linters import Linters
from shiftdown_plugins.cicd.add_lint_stage.source_files import sample, sources

COMPLEXITY = 15
"""The most paths through a function: McCabe's measure. ESLint's own default of 20 is lenient, 10 strict."""

_RUN = {"npm": "npx --no-install", "pnpm": "pnpm exec", "yarn": "yarn run", "bun": "bun run"}
_ADD = {"npm": "npm install --no-save", "pnpm": "pnpm add --save-dev", "yarn": "yarn add --dev", "bun": "bun add --dev"}
_RECORD = {**_ADD, "npm": "npm install --save-dev"}
_BROWSER = frozenset(
    (
        *("react", "next", "vue", "nuxt", "svelte", "sveltekit", "angular", "vite", "preact", "solid", "astro"),
        *("remix", "react-dom", "jquery", "jsdom"),
    )
)
"""Frameworks and libraries whose code runs in a browser."""
_TEST_GLOBALS = {"jest": "jest", "mocha": "mocha", "vitest": "vitest", "jasmine": "jasmine"}


def node_obstacle(repo: Snapshot, component: Component) -> str | None:
    """Why ESLint cannot be added; `None` when it can."""
    node = _node(component)
    if node and node[0] < 18:
        return f"{component.runtime and component.runtime.evidence}: ESLint needs Node.js 18.18 or newer"
    version = _range(repo, component, "typescript")
    found = [int(n) for n in re.findall(r"\d+", version)[:2]]
    if component.typescript and len(found) == 2 and not [4, 8] <= found <= [6, 0]:
        return (
            f"{component.manifest}: typescript-eslint {pins.shipped().tool('typescript-eslint')} works with TypeScript "
            f"4.8 to 6.0, and this is {version}"
        )
    return None


def node_linters(
    repo: Snapshot, component: Component, missing: Collection[Purpose], own: Collection[Purpose]
) -> Linters:
    """ESLint, and Prettier where there is no formatter, and the type check of TypeScript code.

    What is missing and not the repository's own is added. Existing code was not written for it, so that it warns.
    """
    manager = component.package_manager.value if component.package_manager else "npm"
    texts = sample(repo, sources(repo, component, stack_of(repo)))
    style = chosen_style(repo, component) or style_of(texts)
    lints = Purpose.LINT in missing and Purpose.LINT not in own
    formats = lints and not component.formatters
    typechecks = Purpose.TYPECHECK in missing and Purpose.TYPECHECK not in own
    packages = _eslint(component) if lints else {}
    if formats:
        packages["prettier"] = pins.shipped().tool("prettier")
    if (typechecks or (lints and component.typescript)) and "typescript" not in component.dependencies:
        packages["typescript"] = pins.shipped().tool("typescript")
    if not packages and not typechecks:
        return Linters()
    files: list[FileChange] = []
    if lints:
        files.append(_config(repo, component, texts, style))
    if formats:
        files += _prettier_files(repo, component, style)
    steps: list[Step] = []
    notes: list[str] = []
    if component.lock_file or component.workspace_root is not None:
        exact = " ".join(f"{name}@{version}" for name, version in sorted(packages.items()))
        add = _add(component, manager)
        if packages:
            steps.append(Step(name="Install the linters", run=f"{add} {exact}", allow_failure=True))
            notes.append(
                f"The lock file can only be changed by {manager}, so the job installs the linters itself. To record "
                f"them, run `{add.replace(_ADD[manager], _RECORD[manager])} {exact}` in "
                f"{component.path or 'the root'}, commit what it changes, and remove that step."
            )
    elif packages:
        files.append(_manifest(repo, component, packages))
    run = _RUN[manager]
    if lints:
        steps.append(Step(name="Lint", run=f"{run} eslint .", allow_failure=True))
    if formats:
        steps.append(Step(name="Check the format", run=f"{run} prettier --check .", allow_failure=True))
    if typechecks:
        steps.append(Step(name="Check the types", run=f"{run} tsc --noEmit", allow_failure=True))
    if any(re.search(r"\.(?:vue|svelte|astro)$", path) for path in repo.files()):
        notes.append(
            "Single-file components (.vue, .svelte, .astro) need a plugin of ESLint: only the others are linted."
        )
    tools = [n for n, used in (("ESLint", lints), ("Prettier", formats), ("tsc", typechecks)) if used]
    return Linters(
        tuple(tools),
        tuple(steps),
        tuple(files),
        tuple(notes),
        single_quotes=formats and style.single_quotes and not component.path,
    )


def _add(component: Component, manager: str) -> str:
    """How packages are added without changing what is committed; the job's checkout is thrown away."""
    if component.members and manager == "pnpm":
        return f"{_ADD[manager]} --workspace-root"
    classic = (
        not re.match(r"[2-9]", component.package_manager_version.value) if component.package_manager_version else 1
    )
    if component.members and manager == "yarn" and classic:
        return f"{_ADD[manager]} --ignore-workspace-root-check"
    return _ADD[manager]


def _eslint(component: Component) -> dict[str, str]:
    """ESLint and what its configuration imports, in versions that the component's Node.js can run."""
    table = pins.shipped()
    old = _is_old(component)
    packages = {
        "eslint": table.tool("eslint-old" if old else "eslint"),
        "@eslint/js": table.tool("eslint-old" if old else "eslint-js"),
        "globals": table.tool("globals"),
    }
    if component.typescript:
        packages["typescript-eslint"] = table.tool("typescript-eslint")
    return packages


def _node(component: Component) -> list[int]:
    """Major and minor version of the Node.js that the job runs on, as far as they are said."""
    version = component.runtime.value if component.runtime else next(reversed(component.runtimes), "")
    return [int(n) for n in re.findall(r"\d+", version)[:2]]


def _is_old(component: Component) -> bool:
    """Whether ESLint 10 does not run: it needs Node.js 20.19, 22.13 or 24."""
    version = _node(component)
    if len(version) < 2:
        return bool(version) and version[0] not in (20, 22) and version[0] < 24
    return version < {20: [20, 19], 22: [22, 13]}.get(version[0], [24])


def _config(repo: Snapshot, component: Component, texts: list[str], style: Style) -> FileChange:
    module = node_manifest(repo, component).get("type") == "module"
    name = "eslint.config.js" if module else "eslint.config.mjs"
    path = f"{component.path}/{name}".lstrip("/")
    names = _globals(component, texts)
    runner = component.test_runner.value if component.test_runner else ""
    if runner in _TEST_GLOBALS:
        names.append(_TEST_GLOBALS[runner])
    lines = [
        'import js from "@eslint/js";',
        'import { defineConfig, globalIgnores } from "eslint/config";',
        'import globals from "globals";',
        *(['import tseslint from "typescript-eslint";'] if component.typescript else []),
        "",
        "export default defineConfig([",
        f"  globalIgnores([{', '.join(_quoted(_ignored(repo, component)))}]),",
        "  js.configs.recommended,",
        *(["  tseslint.configs.recommended,"] if component.typescript else []),
        *([_COMMONJS] if not module and _is_commonjs(texts) else []),
        "  {",
        f"    languageOptions: {{ globals: {{ {', '.join(f'...globals.{n}' for n in names)} }} }},",
        f'    rules: {{ complexity: ["error", {COMPLEXITY}] }},',
        "  },",
        "]);",
    ]
    return write(path, style.write("\n".join(lines) + "\n"))


def _globals(component: Component, texts: list[str]) -> list[str]:
    """Where the code runs, by what it uses: a script of a page has no `process`, and a server no `document`."""
    framework = component.framework.value if component.framework else ""
    pages = bool({framework, *component.dependencies} & _BROWSER) or any(_IN_A_PAGE.search(t) for t in texts)
    programs = not pages or framework in _SERVED or any(_IN_NODE.search(t) for t in texts)
    jquery = pages and any(_JQUERY.search(t) for t in texts)
    return [n for n, used in (("browser", pages), ("jquery", jquery), ("node", programs)) if used]


_SERVED = frozenset(("next", "nuxt", "remix", "astro", "sveltekit"))
"""Frameworks of the browser that run on Node.js, too."""
_IN_A_PAGE = re.compile(
    r"(?<![\w.'\"])(?:document\.(?:\w+\(|body|cookie|location)|window\.\w|localStorage\.|sessionStorage\.|customElements\.)"
)
_IN_NODE = re.compile(r"(?<![\w.'\"])(?:require\(|module\.exports|process\.\w|__dirname|Buffer\.\w)|from [\"']node:")
_JQUERY = re.compile(r"(?<![\w.$])(?:\$|jQuery)(?:\(|\.(?:ajax|get|post|each|extend)\b)")
_COMMONJS = '  { files: ["**/*.js"], languageOptions: { sourceType: "commonjs" } },'


def _is_commonjs(texts: list[str]) -> bool:
    """Whether modules are loaded by `require`, and none by `import`."""
    imports = any(re.search(r"^(?:import[\s{*]|export[\s{*])", t, re.M) for t in texts)
    return not imports and any(re.search(r"\brequire\(|\bmodule\.exports|^exports\.\w", t, re.M) for t in texts)


def _ignored(repo: Snapshot, component: Component) -> list[str]:
    """What is built or copied, not written: ESLint does not read `.gitignore`."""
    names = ["build/", "coverage/", "dist/"]
    names += [f"{d}/" for d in ("public", "vendor", "out", ".next") if repo.exists(f"{component.path}/{d}".lstrip("/"))]
    if component.framework and component.framework.value == "next" and ".next/" not in names:
        names.append(".next/")
    prefix = f"{component.path}/" if component.path else ""
    shipped = [p[len(prefix) :] for p in repo.files() if p.startswith(prefix) and _BUNDLED.search(p)]
    names += ["**/*.min.*"] if any(".min." in p for p in shipped) else []
    names += ["**/vendor/"] if any("/vendor/" in p for p in shipped) else []
    left = [p for p in shipped if ".min." not in p and not p.startswith(tuple(names)) and "/vendor/" not in p]
    return sorted([*names, *left[:_MAX_BUNDLED]])


_BUNDLED = re.compile(
    r"(?<!node_modules)/vendor/.*\.[cm]?js$|\.min\.[cm]?js$|[.-]bundle\.[cm]?js$|(?:^|/)bundle\.[cm]?js$"
    r"|(?:^|/)(?:jquery|bootstrap|lodash|underscore|d3|moment|modernizr|popper|highlight|prism|require)"
    r"(?:[.-][\w.-]+)?\.js$"
)
"""Files that were built or copied, by their names."""
_MAX_BUNDLED = 20


def _quoted(names: list[str]) -> list[str]:
    return [f'"{name}"' for name in names]


def _prettier_files(repo: Snapshot, component: Component, style: Style) -> list[FileChange]:
    prefix = f"{component.path}/" if component.path else ""
    files = []
    options: dict[str, object] = {}
    if style.single_quotes:
        options["singleQuote"] = True
    if not style.semicolons:
        options["semi"] = False
    if not editorconfig_indent(repo, component):
        if style.tabs:
            options["useTabs"] = True
        elif style.width != 2:
            options["tabWidth"] = style.width
    body = ",\n".join(f'{style.indent}"{k}": {str(v).lower()}' for k, v in sorted(options.items()))
    files.append(write(f"{prefix}.prettierrc.json", f"{{\n{body}\n}}\n" if options else "{}\n"))
    if not repo.exists(f"{prefix}.prettierignore"):
        ignored = [*_ignored(repo, component), *_locks(component)]
        files.append(write(f"{prefix}.prettierignore", "\n".join(ignored) + "\n"))
    return files


def _locks(component: Component) -> list[str]:
    """Lock files that Prettier would look at: it leaves the others alone by itself."""
    return ["pnpm-lock.yaml"] if component.lock_file and component.lock_file.endswith("pnpm-lock.yaml") else []


def _manifest(repo: Snapshot, component: Component, packages: dict[str, str]) -> FileChange:
    """`package.json` with the packages among its development dependencies."""
    path = component.manifest
    with editing(path):
        text = repo.text(path)
        present = node_manifest(repo, component).get("devDependencies")
        known = present if isinstance(present, dict) else {}
        added = {name: f"^{version}" for name, version in sorted(packages.items()) if name not in known}
        both = {**known, **added}
        text = json.set(text, ["devDependencies"], dict(sorted(both.items())) if sorted(known) == [*known] else both)
    return write(path, text)


def _range(repo: Snapshot, component: Component, name: str) -> str:
    data = node_manifest(repo, component)
    sections = [data.get(s) for s in ("dependencies", "devDependencies")]
    return next((str(s[name]) for s in sections if isinstance(s, dict) and name in s), "")
