"""Speech files of a folder, and where the motion of each belongs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine_bridge import RECORDING_SUFFIXES
from umo_runtime.errors import AudioError, ConfigError, OutputError

SPEECH_SUFFIXES = (
    *(".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3"),
    *(".aif", ".aiff", ".au", ".caf", ".w64", ".rf64"),
)
_TRANSCRIPT_SUFFIXES = (".TextGrid", ".txt")  # the first that is there: it tells times, too


@dataclass(frozen=True, slots=True)
class Take:
    """One speech file.

    Attributes:
        speech: the file.
        transcript: what is said in it, a file beside it with the same name; None without.
        targets: the recordings to make of it.
    """

    speech: Path
    transcript: Path | None
    targets: tuple[Path, ...]

    def outdated(self) -> tuple[Path, ...]:
        """The targets that are missing, or older than the speech or the transcript.

        Raises:
            AudioError: the speech is gone, or lies where nobody may look.
        """
        sources = (self.speech, self.transcript) if self.transcript else (self.speech,)
        try:
            newest_s = max(source.stat().st_mtime for source in sources)
        except OSError as error:
            raise AudioError(
                f"{self.speech} cannot be read ({error.strerror}); check the path"
            ) from error
        return tuple(
            target
            for target in self.targets
            if not target.exists() or target.stat().st_mtime < newest_s
        )


def read_formats(given: str) -> tuple[str, ...]:
    """Suffixes out of a list such as `vrma,csv`.

    Raises:
        ConfigError: one is unknown, or there is none.
    """
    suffixes = [f".{name.strip().lstrip('.').lower()}" for name in given.split(",")]
    for suffix in suffixes:
        if suffix not in RECORDING_SUFFIXES:
            known = ", ".join(name.lstrip(".") for name in RECORDING_SUFFIXES)
            raise ConfigError(
                f"--format has {suffix.lstrip('.')!r}; give some of {known}, such as vrma,csv"
            )
    return tuple(dict.fromkeys(suffixes))


def find_takes(source: Path, out: Path, suffixes: Sequence[str]) -> list[Take]:
    """Find the speech in a folder and in those below it, which the output mirrors.

    Args:
        source: a folder, or one speech file.
        out: the folder of the recordings; need not exist.
        suffixes: of the recordings.

    Raises:
        AudioError: there is no speech, or not even the folder.
        OutputError: the output is a file.
        ConfigError: two speech files would be recorded to the same file.
    """
    if not source.exists():
        raise AudioError(f"{source} does not exist; give a speech file, or a folder of them")
    if out.exists() and not out.is_dir():
        raise OutputError(f"{str(out)!r} is a file; give --out a folder, new or old")
    speeches = sorted(_speech_files(source)) if source.is_dir() else [source]
    if not speeches:
        raise AudioError(
            f"{str(source)!r} holds no speech; expected files that end in "
            f"{', '.join(SPEECH_SUFFIXES)}, in it or in folders below"
        )
    root = source if source.is_dir() else source.parent
    named: dict[Path, Path] = {}
    for speech in speeches:
        name = out / speech.relative_to(root).with_suffix("")
        if name in named:
            raise ConfigError(
                f"{str(named[name])!r} and {str(speech)!r} would become the same recording; "
                "rename one"
            )
        named[name] = speech
    return [
        Take(
            speech,
            _find_transcript(speech),
            tuple(name.parent / (name.name + suffix) for suffix in suffixes),
        )
        for name, speech in named.items()
    ]


def _speech_files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        is_hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() in SPEECH_SUFFIXES and not is_hidden and path.is_file():
            yield path


def _find_transcript(speech: Path) -> Path | None:
    beside = (speech.with_suffix(suffix) for suffix in _TRANSCRIPT_SUFFIXES)
    return next((path for path in beside if path.is_file()), None)
