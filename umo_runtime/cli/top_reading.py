"""What a server told Prometheus, as figures of the time between two readings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.error import URLError
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

from umo_runtime.errors import OutputError

NETWORKS = ("tokenizer", "predictor", "interpolator")
RINGS = ("audio", "frames")
_SHARD = "shard"
_TIMEOUT_S = 5.0

# Values by name and labels.
Reading = Mapping[tuple[str, tuple[tuple[str, str], ...]], float]


@dataclass(frozen=True, slots=True)
class NetworkLoad:
    """One network between two readings.

    Attributes:
        steps_per_s: how often it stepped.
        rows: characters in a step, on average.
        step_ms: time of a step, on average.
        busy_share: of the time between.
    """

    steps_per_s: float
    rows: float
    step_ms: float
    busy_share: float


@dataclass(frozen=True, slots=True)
class ServerLoad:
    """A server between two readings.

    Attributes:
        characters: that are open now.
        clients: now.
        sent_fps: frames a second each character is sent now.
        frames_per_s: sent to all.
        refusals_per_s: of messages.
        age_ms: p50, p95 and p99 of frames' ages; none without frames.
        networks: by name.
        engines: that serve or stand by; None where the graph is in the server's own process.
        switches: to a standby, since the server began; likewise.
        hop_ms: age of what is taken from the rings between processes, on average; likewise.
    """

    characters: int
    clients: int
    sent_fps: int
    frames_per_s: float
    refusals_per_s: float
    age_ms: Mapping[str, float]
    networks: Mapping[str, NetworkLoad]
    engines: int | None = None
    switches: int | None = None
    hop_ms: Mapping[str, float] = field(default_factory=dict)


def read(url: str) -> Reading:
    """Ask a server.

    Raises:
        OutputError: nobody answers there.
    """
    try:
        with urlopen(url, timeout=_TIMEOUT_S) as answer:
            text = answer.read().decode()
    except (URLError, OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise OutputError(
            f"no metrics at {url} ({reason}); start the server with umo serve --metrics-port 9464"
        ) from error
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def by_shard(reading: Reading) -> dict[str, Reading]:
    """What each shard told; a server without shards is one without a name."""
    shards: dict[str, dict[tuple[str, tuple[tuple[str, str], ...]], float]] = {}
    for (name, labels), value in reading.items():
        shard = dict(labels).get(_SHARD, "")
        rest = tuple(label for label in labels if label[0] != _SHARD)
        shards.setdefault(shard, {})[name, rest] = value
    if len(shards) > 1:
        shards.pop("", None)
    return dict(sorted(shards.items()))


def load_between(before: Reading, now: Reading, seconds: float) -> ServerLoad:
    """Figures of the time between two readings of one server."""

    def grown(name: str, **labels: str) -> float:
        key = name, tuple(sorted(labels.items()))
        return now.get(key, 0.0) - before.get(key, 0.0)

    def network(name: str) -> NetworkLoad:
        steps = grown("umo_step_rows_count", network=name)
        busy_s = grown("umo_step_seconds_sum", network=name)
        rows = grown("umo_step_rows_sum", network=name)
        each = max(1.0, steps)
        return NetworkLoad(steps / seconds, rows / each, 1e3 * busy_s / each, busy_s / seconds)

    def hop_ms(ring: str) -> float:
        count = grown("umo_hop_age_seconds_count", ring=ring)
        return 1e3 * grown("umo_hop_age_seconds_sum", ring=ring) / max(1.0, count)

    engines = now.get(("umo_engines", ()))
    refusals = sum(
        value - before.get(key, 0.0) for key, value in now.items() if key[0] == "umo_refusals_total"
    )
    ages = [
        (float(dict(labels)["le"]), value - before.get((name, labels), 0.0))
        for (name, labels), value in now.items()
        if name == "umo_frame_age_seconds_bucket"
    ]
    return ServerLoad(
        int(now.get(("umo_characters", ()), 0)),
        int(now.get(("umo_clients", ()), 0)),
        int(now.get(("umo_sent_fps", ()), 0)),
        grown("umo_frames_total") / seconds,
        refusals / seconds,
        {
            f"p{100 * share:g}": 1e3 * age
            for share in (0.5, 0.95, 0.99)
            if (age := quantile(ages, share))
        },
        {name: network(name) for name in NETWORKS},
        None if engines is None else int(engines),
        None if engines is None else int(now.get(("umo_engine_switches_total", ()), 0)),
        {} if engines is None else {ring: hop_ms(ring) for ring in RINGS},
    )


def quantile(buckets: Sequence[tuple[float, float]], share: float) -> float | None:
    """The value that a share of a histogram lies under, straight within a bucket.

    Args:
        buckets: upper bound and count up to it, in ascending order, the last bound infinite.
        share: 0..1.

    Returns:
        None of an empty histogram; the largest finite bound of what lies beyond it.
    """
    wanted = share * buckets[-1][1] if buckets else 0.0
    if not wanted:
        return None
    low, below = 0.0, 0.0
    for high, count in buckets:
        if count >= wanted and high != float("inf"):
            return low + (high - low) * (wanted - below) / (count - below)
        if high != float("inf"):
            low, below = high, count
    return low
