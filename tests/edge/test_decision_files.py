"""`runner check` and `runner deploy` with files of decisions, and folders."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import bpmn
from command_line import invoke
from unit.decisions.drafting import decision, file, literal
