"""What `umo eval` is asked to do, and what it refuses."""

from dataclasses import dataclass
from pathlib import Path

from umo_runtime.errors import ConfigError

MODEL = "model"
LIP_BASELINES = ("ridge", "loudness", "shut", "teacher")
BODY_BASELINES = ("choreographer", "retrieval", "gestures", "still")
SPEECH, CAPTURE, MOTION, BEAT2 = "librispeech-test", "facegood-test", "smartbody-test", "beat2"

# Who performs what. The teacher must be told the phones, and the capture has none.
_SUBJECTS = {
    SPEECH: (MODEL, *LIP_BASELINES, *BODY_BASELINES),
    CAPTURE: (MODEL, "ridge", "loudness", "shut"),
    MOTION: (MODEL,),
    BEAT2: (MODEL,),
}
_DRAWN = (MODEL, "choreographer", "retrieval", "gestures")  # by chance, from --seed
_RECORDING = ".npz"


@dataclass(frozen=True, slots=True)
class EvaluationJob:
    """What to do; the fields are the options of `umo eval`."""

    subject: str = MODEL
    data: Path = Path()
    split: str = SPEECH
    utterances: int | None = None
    recordings: tuple[str, ...] = ()
    speech: Path | None = None
    run: Path | None = None
    gesture_encoder: Path | None = None
    with_body: bool = True
    weights: Path | None = None
    seed: int = 0
    num_seeds: int = 1
    report: Path | None = None
    as_json: bool = False

    @property
    def is_recording(self) -> bool:
        """Whether the subject is a file rather than a name."""
        return self.subject.endswith(_RECORDING)

    @property
    def has_bodies(self) -> bool:
        """Whether bodies are measured: where there is enough speech, and somebody who has one."""
        if self.is_recording or self.split != SPEECH:
            return False
        return self.subject in BODY_BASELINES or (self.with_body and self.subject == MODEL)

    def folders(self) -> list[tuple[str, Path]]:
        """Names and folders of the recordings made elsewhere."""
        parts = (named.partition("=") for named in self.recordings)
        return [(name, Path(folder)) for name, _, folder in parts]

    def check(self) -> None:
        """Refuse what does not go together, before anything is read.

        Raises:
            ConfigError: it does not.
        """
        self._check_subject()
        for given, (name, folder) in zip(self.recordings, self.folders(), strict=True):
            if not name or folder == Path() or not folder.is_dir():
                raise ConfigError(f"--recording is {given!r}; give NAME=FOLDER, one that exists")
        if self.run is not None and self.split != MOTION:
            raise ConfigError(f"--run is measured on motion; give --split {MOTION} with it")
        if self.report is not None and self.report.suffix != ".png":
            raise ConfigError(f"--report is {str(self.report)!r}; give a name that ends in .png")
        speaks = self.is_recording or self.split in (SPEECH, CAPTURE)
        if not speaks and (self.report is not None or self.recordings):
            raise ConfigError(f"{self.split} takes neither --report nor --recording; leave it out")
        if self.num_seeds > 1 and (self.split == MOTION or self.subject not in _DRAWN):
            what = self.subject if self.split != MOTION else MOTION
            raise ConfigError(f"nothing is drawn at random for {what}; leave --seeds out")

    def _check_subject(self) -> None:
        if self.is_recording:
            if self.speech is None:
                raise ConfigError(f"{self.subject} has no speech; add --speech FILE, its sound")
        elif self.speech is not None:
            raise ConfigError("--speech belongs to a recording; give one, such as take.npz")
        elif self.subject not in _SUBJECTS[self.split]:
            raise ConfigError(
                f"the subject of {self.split} is {self.subject!r}; give one of "
                f"{', '.join(_SUBJECTS[self.split])} or a .npz recording"
            )
