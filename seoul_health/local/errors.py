"""The one way this package gives up: a sentence for people and a non-zero exit."""


class CannotRun(Exception):
    """Something outside the program must change first; said in Korean and in English."""

    def __init__(self, korean: str, english: str) -> None:
        super().__init__(f"{korean} / {english}")
