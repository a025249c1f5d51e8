from fastapi.testclient import TestClient

from {{ cookiecutter.package }}.health import Readiness


def test_healthy_while_it_runs_and_ready_until_it_stops(
    client: TestClient, readiness: Readiness
) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready"}
    readiness.stop()
    assert client.get("/healthz").json() == {"status": "ok"}
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "stopping"})
