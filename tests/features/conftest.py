"""The databases and processes of `tests/durability/`, for features."""

from durability.conftest import attendant, lasting_url

__all__ = ["attendant", "lasting_url"]
