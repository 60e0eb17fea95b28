"""Which takes are kept from training, to tell what was learnt from what was learnt by heart."""

from collections import defaultdict
from collections.abc import Sequence

from umo_runtime.training.take import Take

_SHARE = 0.03  # of the takes


def hold_out(takes: Sequence[Take]) -> tuple[list[Take], list[Take]]:
    """Split takes into those to train on and at least one in thirty-three to validate on.

    Whole speakers are held out, those with the fewest takes first; of a single speaker, all
    performances of some of the speech. Filmed faces are few and always trained on. Where there is
    but one recording, nothing is held out.
    """
    spoken = [take for take in takes if not take.is_capture]
    has_speakers = len({take.speaker for take in spoken}) > 1
    groups: dict[str, int] = defaultdict(int)
    for take in spoken:
        groups[take.speaker if has_speakers else take.name] += 1
    held: set[str] = set()
    count = 0
    for group in sorted(groups, key=lambda name: (groups[name], name))[:-1]:
        if count >= _SHARE * len(spoken):
            break
        held.add(group)
        count += groups[group]

    def is_held_out(take: Take) -> bool:
        return not take.is_capture and (take.speaker if has_speakers else take.name) in held

    return [t for t in takes if not is_held_out(t)], [t for t in takes if is_held_out(t)]
