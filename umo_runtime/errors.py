"""Errors that a user can act on.

Every message is one line: what came, what was expected, what to do.
"""


class UmoError(Exception):
    """A fault of input, set-up or environment; the command line prints it and exits with 2."""


class AudioError(UmoError):
    """Sound that cannot be used: no audio, empty, not finite, too long; a missing sound device."""


class TextError(UmoError):
    """A transcript that cannot be used."""


class OutputError(UmoError):
    """A recording or an address that cannot be written to."""


class WeightsError(UmoError):
    """Bundled or given network weights that are missing, corrupted or of another version."""


class CorpusError(UmoError):
    """Training data that is missing or not in the expected format."""


class ConfigError(UmoError):
    """A configuration value outside its range."""


class ControlError(UmoError):
    """A direction that no character can follow: calmness, emotion, state or gaze out of range."""


class EngineError(UmoError):
    """A request the engine cannot serve: no free slot, an unknown stream."""


class CodedError(UmoError):
    """An error that programs tell apart as well.

    Args:
        code: kind of fault, one word, for programs.
        reason: one line for people.
    """

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class WireError(CodedError):
    """Bytes that are no message of the native protocol."""


class ServiceError(CodedError):
    """A request that a server refuses: it is full, not allowed, or knows no such stream."""


class MissingExtraError(UmoError):
    """An optional package is not installed.

    Args:
        package: the import that failed.
        extra: the extra that brings it.
    """

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f"{package} is not installed; run: pip install 'umo-runtime[{extra}]'")
