import io
import json

from actors.cluster.event_log import new_event, write_events


def test_events_are_written_in_order_for_people_or_programs() -> None:
    events = [new_event("first", shard="s0", process=7), new_event("second")]
    text, lines = io.StringIO(), io.StringIO()
    write_events(reversed(events), "text", text)
    first, second = text.getvalue().splitlines()
    assert first.endswith(" first shard=s0 process=7") and second.endswith(" second")
    write_events(reversed(events), "json", lines)
    told = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [each["event"] for each in told] == ["first", "second"]
    assert told[0]["shard"] == "s0" and told[0]["time"].endswith("+00:00")
