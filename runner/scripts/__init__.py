"""Scripts in Python and JavaScript, off unless the operator switches them on: each runs in a process of its own, in an
interpreter that reaches nothing but its variables, with little time and memory. Reading them is `runner/bpmn/`'s."""
