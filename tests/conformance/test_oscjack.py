"""OscJack's own C# source, a receiver in Unity, on mono: it takes our datagrams off the socket."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message import OscMessage

from engine_bridge.vmc_template import VmcTemplate
from tests.conformance.golden_poses import POSES
from tests.conformance.lock_step import lock_step
from tests.conformance.receiver_process import ReceiverProcess, receiving
from tests.conformance.seen import UNITY, Seen
from tests.fetched import npm_packages
from umo_runtime.blendshapes import BLENDSHAPES
from umo_runtime.skeleton import BONES

pytestmark = pytest.mark.receiver

OSC_JACK = "jp.keijiro.osc-jack"
SOURCES = Path(__file__).parent / "oscjack"
UNITY_MAP = "".join(
    f'[{section}]\naddress = "/umo/{{stream}}/{address}"\n{options}\n'
    for section, address, options in (
        ("root", "root", 'space = "unity"'),
        ("bones", "bone/{name}", 'space = "unity"'),
        ("blendshapes", "face/{name}", ""),
        ("time", "time", ""),
    )
)


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Runs the receiver."""
    if not (shutil.which("mcs") and shutil.which("mono")):
        pytest.skip("no mono; apt-get install mono-mcs mono-runtime libmono-system-numerics4.0-cil")
    package = npm_packages(f"{OSC_JACK}@2.0.0") / "node_modules" / OSC_JACK / "Runtime" / "Base"
    folder = tmp_path_factory.mktemp("oscjack")
    program, skeleton = folder / "Receiver.exe", folder / "skeleton.txt"
    sources = [*package.rglob("*.cs"), *SOURCES.glob("*.cs")]
    reference = "-r:System.Numerics"  # its vectors and quaternions
    compiler = subprocess.run(
        ("mcs", "-langversion:6", "-d:UNITY_STANDALONE", reference, f"-out:{program}", *sources),
        capture_output=True,
        text=True,
        check=False,
    )
    assert compiler.returncode == 0, compiler.stdout + compiler.stderr
    skeleton.write_text(
        "".join(
            f"{name} {parent} {x!r} {y!r} {z!r}\n" for name, parent, (x, y, z) in UNITY.skeleton()
        )
    )
    return ["mono", "--debug", str(program), str(skeleton)]


@pytest.fixture
def oscjack(command: list[str], tmp_path: Path) -> Iterator[tuple[ReceiverProcess, int]]:
    with receiving(command, {"HOME": str(tmp_path)}) as process:
        yield process, process.answer()["port"]


@pytest.fixture(scope="module", params=["vmc", "osc"])
def answers(
    request: pytest.FixtureRequest, command: list[str], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Seen]:
    folder = tmp_path_factory.mktemp("osc")
    osc_map = folder / "unity.toml"
    osc_map.write_text(UNITY_MAP)
    query = {"vmc": "", "osc": f"?map={osc_map}"}[request.param]
    with receiving(command, {"HOME": str(folder)}) as process:
        url = f"{request.param}://127.0.0.1:{process.answer()['port']}{query}"
        shown = lock_step(url, process.answer)
    return {name: Seen.through(UNITY, each["bones"], each["face"]) for name, each in shown.items()}


@pytest.mark.parametrize("name", POSES)
def test_golden_poses(answers: dict[str, Seen], name: str) -> None:
    POSES[name].assert_seen(answers[name])


def test_every_bone_and_blendshape_comes_every_frame(answers: dict[str, Seen]) -> None:
    for seen in answers.values():
        assert set(seen.places) == set(BONES)
        assert set(seen.face) - {"Blink", "A", "I", "U", "E", "O"} == set(BLENDSHAPES)


def test_a_whole_frame_in_one_datagram_kills_its_thread(
    oscjack: tuple[ReceiverProcess, int],
) -> None:
    """Why no datagram of ours is longer than 1400 bytes."""
    process, port = oscjack
    datagrams = [bytes(datagram) for datagram in VmcTemplate().datagrams]
    assert max(map(len, datagrams)) <= 1400
    whole = one_bundle(datagrams)
    assert len(whole) > 7000
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for datagram in datagrams:
            sender.sendto(datagram, ("127.0.0.1", port))
        assert len(process.answer()["bones"]) == 55
        sender.sendto(whole, ("127.0.0.1", port))
    assert process.answer() == {"died": True}
    assert any("IndexOutOfRangeException" in line for line in process.noise)


def one_bundle(datagrams: list[bytes]) -> bytes:
    """The same messages as python-osc bundles them."""
    builder = OscBundleBuilder(IMMEDIATELY)
    for datagram in datagrams:
        for message in OscBundle(datagram):
            assert isinstance(message, OscMessage)
            builder.add_content(message)
    whole: bytes = builder.build().dgram
    return whole
