"""The manifests are well-formed and start the command with options that it has."""

from pathlib import Path
from typing import Any

import pytest
import typer

from umo_runtime.cli.commands.serve import command

yaml = pytest.importorskip("yaml")
DEPLOY = Path(__file__).parents[2] / "deploy"


def load(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((DEPLOY / name).read_text(encoding="utf-8")))


def options() -> set[str]:
    app = typer.Typer()
    app.command()(command)
    return {name for each in typer.main.get_command(app).params for name in each.opts}


def test_compose_has_two_nodes() -> None:
    (compose,) = load("compose.yaml")
    head, node = compose["services"]["head"], compose["services"]["node"]
    assert head["build"] == node["build"]
    script = head["command"][-1]
    used = {word.partition("=")[0] for word in script.split("umo serve")[1].split()}
    assert {word for word in used if word.startswith("--")} <= options()
    assert "--address=head:6379" in node["command"]
    assert {port.rpartition(":")[2] for port in head["ports"]} == {"7601", "7602", "9464"}


def test_kuberay_has_a_front_door_and_workers() -> None:
    cluster, service = load("kuberay.yaml")
    assert (cluster["apiVersion"], cluster["kind"]) == ("ray.io/v1", "RayCluster")
    head = cluster["spec"]["headGroupSpec"]["template"]
    _, door = head["spec"]["containers"]
    words = [*door["command"], *door["args"]]
    used = {word.partition("=")[0] for word in words if word.startswith("--")}
    assert used <= options() and {"--runner", "--address", "--shard-port"} <= used
    assert service["spec"]["selector"].items() <= head["metadata"]["labels"].items()
    named = {port["name"] for port in door["ports"]}
    assert {port["targetPort"] for port in service["spec"]["ports"]} <= named
    (workers,) = cluster["spec"]["workerGroupSpecs"]
    assert workers["minReplicas"] <= workers["replicas"] <= workers["maxReplicas"]
