"""The pages and the JSON API over the commands of the runner. Nothing in `runner` imports this package."""

from web.app import create_app

__all__ = ["create_app"]
