"""The safe, Python-like language of plain BPMN: read by `ast`, a white list of nodes, closures; nothing is executed."""
