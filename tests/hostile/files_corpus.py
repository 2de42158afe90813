"""Files that try to read what is not theirs, to grow, to nest or to crash: BPMN and DMN, each as (kind, text)."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from unit.decisions.drafting import DMN

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
VALID = (
    f'<definitions xmlns="{BPMN}"><process id="p" isExecutable="true"><startEvent id="s"/>'
    '<sequenceFlow id="f" sourceRef="s" targetRef="e"/><endEvent id="e"/></process></definitions>'
)
DECISION = (
    f'<definitions xmlns="{DMN}" name="d"><decision id="d" name="d"><literalExpression><text>1</text>'
    "</literalExpression></decision></definitions>"
)
_LAUGHS = '<!ENTITY a "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1 or str()};" * 10}">' for n in range(1, 10))

# What stands before a document: each must be refused, whatever the document is.
PROLOGS = (
    f"<!DOCTYPE x [{_LAUGHS}]>",
    '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">',
    '<!DOCTYPE x PUBLIC "-//X//Y" "file:///etc/passwd">',
    '<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>',
    "<!DOCTYPE x [<!ENTITY % p \"<!ENTITY a SYSTEM 'file:///dev/random'>\"> %p;]>",
    '<!DOCTYPE x [<!ATTLIST process id CDATA "' + "x" * 1_000_000 + '">]>',
    "<!DOCTYPE x>",
    "<!-- --><!DOCTYPE x [<!ENTITY a 'b'>]>",
    "<?pi?>\n<!DOCTYPE x []>",
    "<!DOCTYPE " + "x" * 1_000_000 + ">",
    "<!-- x -->" * 100_000 + "<!DOCTYPE x>",
    "<!--" + "-" * 1_000_000,
    "<?" + "x" * 1_000_000,
    "\x00",
    "\ufeff\ufeff",
    "<?xml version='1.0' encoding='UTF-7'?>",
    "<?xml version='1.0' encoding='no-such'?>",
    "<?xml version='9.9'?>",
)
# What stands inside a process; read or refused, nothing else.
INSIDE = (
    "<subProcess>" * 300 + "</subProcess>" * 300,
    "<subProcess>" * 100_000,
    "<task/>" * 60_000,
    "<a>" * 200_000,
    "&#0;",
    "&#xD800;",
    "&#x110000;",
    "&undefined;",
    "<![CDATA[" + "x" * 2_000_000 + "]]>",
    "<task id='" + "x" * 2_000_000 + "'/>",
    "<task " + " ".join(f"a{n}='x'" for n in range(20_000)) + "/>",
    "<task " + " ".join(f"xmlns:n{n}='urn:n{n}'" for n in range(20_000)) + "/>",
    "".join(f"<task xmlns:n{n}='urn:n{n}' n{n}:a='x'/>" for n in range(10_000)),
    "<task xmlns='" + "x" * 1_000_000 + "'/>",
    "<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='file:///etc/passwd' parse='text'/>",
    "<documentation>" + "x" * 3_000_000 + "</documentation>",
    "<task name='" + "é" * 1_000_000 + "'/>",
    "<task id='t' id='t'/>",
    "<task id='p'/>",
    "<task/>" + "<sequenceFlow sourceRef='s' targetRef='s'/>" * 20_000,
    "<sequenceFlow id='g' sourceRef='nowhere' targetRef='e'/>",
    "<subProcess id='a'><subProcess id='a'/></subProcess>",
    "<boundaryEvent id='b' attachedToRef='b'/>",
    "<callActivity id='c' calledElement='p'/>",
    "<callActivity id='c' calledElement='../../etc/passwd'/>",
    "<dataObject id='d'/><dataObjectReference id='d' dataObjectRef='d'/>",
    "<lane/><laneSet/><laneSet><lane><childLaneSet>" + "<lane>" * 250,
    "<task id='t'/>"
    + "".join(f"<task id='t{n}'/><sequenceFlow id='f{n}' sourceRef='t' targetRef='t{n}'/>" for n in range(8_000)),
    "<exclusiveGateway id='g'/>"
    + "".join(f"<sequenceFlow id='g{n}' sourceRef='g' targetRef='g'/>" for n in range(8_000)),
    "<extensionElements>" + "<x:y xmlns:x='urn:x'/>" * 40_000 + "</extensionElements>",
    "<extensionElements>" + "<x:y xmlns:x='urn:x'>" * 250,
    "\x0b",
    "]]>",
    "<!-- -- -->",
    "<?xml version='1.0'?>",
)
# Texts that an element's expression, timer or attribute may have.
_TEXTS = (
    "9**9**9",
    "(" * 30_000,
    "[" * 30_000,
    "x" * 1_000_000,
    "${" * 30_000,
    "=" * 30_000,
    "R999999999999/PT0S",
    "R/P9999999999Y",
    "P" + "9" * 100_000 + "D",
    "0 0 0 0 0 0 0 0",
    "* * * * * " * 10_000,
    "9999999999999-01-01T00:00:00Z",
    "../../../../etc/passwd",
    "file:///etc/passwd",
    "__import__('os').system('id')",
    "${''.getClass()}",
    "=" + "a.b" * 10_000,
    "-1",
    "1e400",
    "NaN",
)
_PLACES = (
    "<timeDuration>{0}</timeDuration>",
    "<timeCycle>{0}</timeCycle>",
    "<timeDate>{0}</timeDate>",
)


def _timers() -> list[str]:
    event = "<intermediateCatchEvent id='c'><timerEventDefinition>{0}</timerEventDefinition></intermediateCatchEvent>"
    return [event.format(place.format(escape(text))) for text in _TEXTS for place in _PLACES]


def _expressions() -> list[str]:
    forms = (
        "<sequenceFlow id='x' sourceRef='s' targetRef='e'>"
        "<conditionExpression>{0}</conditionExpression></sequenceFlow>",
        "<scriptTask id='t'><script>{0}</script></scriptTask>",
        "<userTask id='t'><multiInstanceLoopCharacteristics><loopCardinality>{0}</loopCardinality>"
        "</multiInstanceLoopCharacteristics></userTask>",
    )
    return [form.format(escape(text)) for text in _TEXTS for form in forms]


def _attributes() -> list[str]:
    forms = ("<task id={0}/>", "<callActivity id='c' calledElement={0}/>", "<serviceTask id='t' implementation={0}/>")
    return [form.format(quoteattr(text)) for text in _TEXTS for form in forms]


def _decisions() -> list[str]:
    cells = [
        f"<decision id='d' name='d'><literalExpression><text>{escape(text)}</text></literalExpression></decision>"
        for text in _TEXTS
    ]
    row = "<inputEntry><text>{0}</text></inputEntry><outputEntry><text>1</text></outputEntry>"
    cells += [
        "<decision id='d' name='d'><decisionTable hitPolicy='COLLECT'><input><inputExpression><text>1</text>"
        f"</inputExpression></input><output/><rule>{row.format(escape(text))}</rule></decisionTable></decision>"
        for text in _TEXTS
    ]
    itself = "<informationRequirement><requiredDecision href='#d'/></informationRequirement>"
    loop = f"<decision id='d' name='d'>{itself}</decision>"
    import_ = "<import namespace='urn:x' locationURI='file:///etc/passwd' name='x' importType='urn:x'/>"
    deep = (
        "<decision id='d' name='d'>"
        + "<context><contextEntry>" * 120
        + "</contextEntry></context>" * 120
        + "</decision>"
    )
    many = "".join(f"<decision id='d{n}' name='d{n}'/>" for n in range(20_000))
    return [*cells, loop, import_, deep, many, "<decision/>" * 60_000, "<itemDefinition name='a'>" * 250]


FILES: tuple[tuple[str, str], ...] = (
    *(("bpmn", prolog + VALID) for prolog in PROLOGS),
    *(("dmn", prolog + DECISION) for prolog in PROLOGS),
    *(
        ("bpmn", VALID.replace("</process>", f"{inside}</process>"))
        for inside in (*INSIDE, *_timers(), *_expressions(), *_attributes())
    ),
    *(
        ("dmn", f'<definitions xmlns="{DMN}" name="d">{inside}</definitions>')
        for inside in (*INSIDE[:20], *_decisions())
    ),
    # A file of 100 MB: it is made where it is judged.
    ("large", "bpmn"),
    ("large", "dmn"),
)
