"""Which element template an element was drawn with, and whether that is still the template of its handler.

What a handler's template is now is said by `runner/templates/`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from lxml import etree

from runner.bpmn.diagram import AppliedTemplate, Element
from runner.bpmn.dialects import camunda7, camunda8
from runner.bpmn.dialects.vendor import attribute
from runner.bpmn.findings import warning
from runner.errors import Finding

# Does a version of a template (by its id) fit its handler as it is now? None: that is a template of somebody else.
TemplateFits = Callable[[str, int], bool | None]


def read_template(node: etree._Element) -> AppliedTemplate | None:
    """Read `modelerTemplate` and its version, which Camunda's Modeler leaves on what was drawn with a template."""
    for namespaces in (camunda8.NAMESPACES, camunda7.NAMESPACES):
        id = attribute(node, "modelerTemplate", *namespaces)
        if id is not None:
            version = attribute(node, "modelerTemplateVersion", *namespaces) or ""
            return AppliedTemplate(id, int(version) if version.isdecimal() and len(version) < 16 else 0)
    return None


def check_templates(elements: Iterable[Element], fits: TemplateFits) -> Iterator[Finding]:
    """Warn of each element that was drawn with another version of its handler's template than the present one."""
    for element in elements:
        if element.template is not None and fits(element.template.id, element.template.version) is False:
            message = (
                f"Expected '{element.name or element.id}' to be drawn with its handler's element template as it is "
                f"now, but it carries an older version, {element.template.version or 'without a number'}: fields may "
                "be missing or too many. Run `runner templates build`, then press 'Update' in the modeler."
            )
            yield warning(element, "template_old", message=message)
