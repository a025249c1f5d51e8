"""Container files as BuildKit reads them."""

from shiftdown.repository.container_file import automatic, filled, parse, variables

WHOLE = r"""
# syntax=docker/dockerfile:1
ARG GO=1.24 BASE
FROM --platform=$BUILDPLATFORM golang:${GO} AS Build
# a comment
RUN --mount=type=cache,target=/root/.cache \
    # a comment between
    --mount=type=secret,id=token,required=true \

    go build -o /app .
COPY --chown=1:1 ["build file", "gradlew", "./"]
COPY <<EOF /etc/motd
FROM nothing
EOF
RUN <<-'SH'
	echo hello
	SH
FROM ${BASE:-scratch}
COPY --from=build /app /app
ENV PORT 80 81
EXPOSE 80/tcp
ENTRYPOINT ["/app", "serve"]
"""


def test_stages_and_instructions() -> None:
    found = parse(WHOLE)
    assert dict(found.arguments) == {"GO": "1.24", "BASE": None}
    build, last = found.stages
    assert (build.image, build.name, build.start.line) == ("golang:${GO}", "build", 4)
    run, copy, written, script = build.instructions
    assert (run.name, run.text, run.line) == ("RUN", "go build -o /app .", 6)
    assert [m["type"] for m in run.mounts] == ["cache", "secret"]
    assert copy.words == ("build file", "gradlew", "./")
    assert written.words == ("/etc/motd",)
    assert written.heredocs == ("FROM nothing",)
    assert script.heredocs == ("\techo hello",)
    assert found.built() == (build, last)
    assert found.built("build") == (build,)
    assert found.lineage() == (last,)
    entry = last.last("ENTRYPOINT")
    assert entry is not None
    assert entry.exec_form == ("/app", "serve")
    assert last.instructions[1].assignments == (("PORT", "80 81"),)


def test_the_escape_character_can_be_chosen() -> None:
    (stage,) = parse("# escape=`\nFROM windows\nRUN dir `\n  C:\\\nCOPY a b\n").stages
    assert [i.text for i in stage.instructions] == ["dir    C:\\", "a b"]


def test_stages_that_a_target_does_not_need_are_left_out() -> None:
    found = parse("FROM a AS base\nFROM base AS test\nRUN x\nFROM base\nCOPY --from=0 /x /x\n")
    assert [s.name for s in found.built()] == ["base", None]
    assert [s.name for s in found.built("test")] == ["base", "test"]
    assert [s.image for s in found.lineage()] == ["base", "a"]


def test_variables() -> None:
    assert list(variables(r"$A ${B} ${C:-d} ${E:+f} \$G ${H#x}")) == ["A", "B", "H"]
    assert filled("$A-${B:-b}-${C}-${D:+d}", {"A": "1", "D": "x"}) == "1-b-${C}-d"
    assert filled("${A:-b} ${A-b}", {"A": ""}) == "b "
    assert automatic("TARGETARCH")
    assert automatic("http_proxy")
    assert not automatic("VERSION")


def test_nothing_fails() -> None:
    for text in ("", "FROM", "FROM a AS", 'FROM a\nCOPY ["a\nRUN <<X\n', "FROM a\nRUN 'x \\\n", "\\", "ARG\nENV\n"):
        for stage in parse(text).stages:
            for instruction in stage.instructions:
                assert isinstance(instruction.words, tuple)
                assert isinstance(instruction.assignments, tuple)
