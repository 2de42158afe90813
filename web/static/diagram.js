// A diagram that can be zoomed, selected and marked: bpmn-js in the place of the server's picture. If bpmn-js cannot
// show the file, the picture stays. Nothing here knows how states come about.

/* global BpmnJS */

const STATUSES = ['done', 'active', 'waiting', 'retrying', 'failed'];
const SIGNS = { active: '●', waiting: '●', retrying: '↻', failed: '⚠' };
const LARGEST = 1.5;
const HOP = 420;

/** Show the figure's diagram. Gives null where only the picture can be shown. */
export async function showDiagram(figure) {
  if (typeof BpmnJS === 'undefined') return null;
  const diagram = new Diagram(figure);
  try {
    await diagram.load();
    return diagram;
  } catch (error) {
    console.warn('The picture stays, because the diagram cannot be shown:', error);
    diagram.giveUp();
    return null;
  }
}

class Diagram {
  constructor(figure) {
    this.figure = figure;
    this.picture = figure.querySelector('.diagram__picture');
    this.place = figure.querySelector('.diagram__canvas');
    this.shown = new Map();
    this.badges = new Map();
    this.still = matchMedia('(prefers-reduced-motion: reduce)');
    this.onSelect = () => {};
  }

  async load() {
    const answer = await fetch(this.figure.dataset.xml);
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    this.reveal();
    this.viewer = new BpmnJS({
      container: this.place,
      zoomScroll: { enabled: false },
      bpmnRenderer: {
        defaultFillColor: 'var(--bpmn-paper)',
        defaultStrokeColor: 'var(--bpmn-ink)',
        defaultLabelColor: 'var(--bpmn-ink)',
      },
      textRenderer: { defaultStyle: { fontFamily: 'system-ui, "DejaVu Sans", sans-serif' } },
    });
    await this.viewer.importXML(await answer.text());
    this.canvas = this.viewer.get('canvas');
    this.registry = this.viewer.get('elementRegistry');
    this.overlays = this.viewer.get('overlays');
    this.compare();
    this.fit();
    this.openToKeyboard();
    this.bind();
  }

  // bpmn-js draws what the file draws. Where that leaves elements out, the picture has them: no token may be unseen.
  compare() {
    const drawn = [...this.picture.querySelectorAll('[data-element-id]')].map((group) => group.dataset.elementId);
    const missing = drawn.filter((id) => !this.registry.get(id));
    if (missing.length) throw new Error(`the file draws no ${missing.join(', ')}`);
  }

  reveal() {
    const box = this.picture.querySelector('svg')?.viewBox.baseVal;
    const scale = box?.width ? Math.min(this.figure.clientWidth / box.width, LARGEST) : 1;
    const wanted = (box?.height || 200) * scale + 110;
    this.place.hidden = false;
    // A property set by a script is no style attribute in the page, so the CSP lets it pass.
    this.place.style.height = `${Math.round(Math.min(Math.max(wanted, 230), 560))}px`;
    this.picture.hidden = true;
    this.figure.querySelector('.diagram__tools').hidden = false;
  }

  giveUp() {
    this.viewer?.destroy();
    this.place.hidden = true;
    this.picture.hidden = false;
    this.picture.dataset.live = '';
    this.figure.querySelector('.diagram__tools').hidden = true;
  }

  bind() {
    for (const tool of this.figure.querySelectorAll('[data-zoom]')) {
      tool.addEventListener('click', () => this.zoom(tool.dataset.zoom));
    }
    // The wheel scrolls the page; with Ctrl, which is also what pinching sends, it zooms.
    this.place.addEventListener('wheel', (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      this.zoom(event.deltaY < 0 ? 'in' : 'out');
    }, { passive: false });
    this.viewer.get('eventBus').on('element.click', ({ element }) => this.choose(element));
    new ResizeObserver(() => this.canvas.resized()).observe(this.place);
  }

  zoom(way) {
    if (way === 'fit') this.fit();
    else this.canvas.zoom(this.canvas.zoom() * (way === 'in' ? 1.25 : 0.8));
  }

  fit() {
    const { inner, outer } = this.canvas.viewbox();
    const room = Math.min((outer.width - 48) / inner.width, (outer.height - 84) / inner.height);
    const scale = Math.max(0.2, Math.min(room, LARGEST));
    const [width, height] = [outer.width / scale, outer.height / scale];
    // Notes hang below elements and the watermark stands in the corner: a little more room below than above.
    const y = inner.y + inner.height / 2 - height / 2 + 12 / scale;
    this.canvas.viewbox({ x: inner.x + inner.width / 2 - width / 2, y, width, height });
  }

  // Tab goes from element to element in the order in which tokens do, Enter selects.
  openToKeyboard() {
    this.place.setAttribute('role', 'group');
    this.place.setAttribute('aria-label', this.figure.dataset.label);
    const nodes = this.registry.filter((element) => !element.labelTarget && isFlowNode(element));
    // A boundary event is painted over its host, and so comes after it.
    const column = (node) => (node.host ? node.host.x + 0.5 : node.x);
    nodes.sort((one, other) => column(one) - column(other) || one.y - other.y);
    for (const node of nodes) {
      const graphics = this.registry.getGraphics(node);
      graphics.setAttribute('tabindex', '0');
      graphics.setAttribute('role', 'button');
      graphics.setAttribute('aria-label', this.describe(node.id));
      graphics.addEventListener('keydown', (event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        this.choose(node);
      });
    }
    // Focus order is document order, and bpmn-js draws in the order of the file.
    for (const node of nodes) {
      const group = this.registry.getGraphics(node).parentNode;
      group.parentNode.append(group);
    }
  }

  describe(id) {
    const mark = this.shown.get(id);
    const name = this.nameOf(id);
    if (!mark) return name;
    const tokens = mark.tokens ? `, ${mark.tokens} ${mark.tokens === 1 ? 'token' : 'tokens'}` : '';
    return `${name}: ${mark.status}${tokens}`;
  }

  nameOf(id) {
    return this.registry.get(id)?.businessObject.name || id;
  }

  choose(element) {
    const target = element.labelTarget || element;
    if (isFlowNode(target)) this.onSelect(target.id);
  }

  select(id) {
    if (this.selected) this.canvas.removeMarker(this.selected, 'is-selected');
    this.selected = this.registry.get(id) ? id : null;
    if (this.selected) this.canvas.addMarker(id, 'is-selected');
  }

  /** Show these marks and no others; only what differs is touched. */
  apply(marks) {
    for (const id of [...this.shown.keys()]) if (!(id in marks)) this.mark(id, null);
    for (const [id, mark] of Object.entries(marks)) this.mark(id, mark);
  }

  mark(id, mark) {
    if (!this.registry.get(id) || JSON.stringify(this.shown.get(id)) === JSON.stringify(mark ?? undefined)) return;
    for (const status of STATUSES) this.canvas.removeMarker(id, `is-${status}`);
    for (const badge of this.badges.get(id) ?? []) this.overlays.remove(badge);
    this.badges.delete(id);
    if (mark) {
      this.canvas.addMarker(id, `is-${mark.status}`);
      this.shown.set(id, mark);
      this.badges.set(id, this.badgesOf(id, mark));
    } else {
      this.shown.delete(id);
    }
    const graphics = this.registry.getGraphics(id);
    if (graphics.hasAttribute('aria-label')) graphics.setAttribute('aria-label', this.describe(id));
  }

  badgesOf(id, mark) {
    const added = [];
    if (mark.tokens) {
      const badge = piece(`badge badge--${mark.status}`, `${SIGNS[mark.status] ?? '●'} ${mark.tokens}`);
      added.push(this.add(id, badge, { top: -13, right: 18 }));
    }
    if (mark.note) {
      const bubble = piece(`bubble bubble--${mark.status}`, '');
      bubble.append(piece('bubble__words', mark.note));
      bubble.title = mark.note;
      const left = this.registry.get(id).width / 2;
      added.push(this.add(id, bubble, { bottom: -8, left }));
    }
    return added;
  }

  add(id, html, position) {
    return this.overlays.add(id, { position, html, scale: { min: 0.85, max: 1.15 } });
  }

  /** Move a token along a flow; at once where motion is not wanted. */
  async hop(flow) {
    const path = this.registry.getGraphics(flow)?.querySelector('.djs-visual > path');
    if (!path || this.still.matches || document.hidden) return;
    const circle = document.createElementNS('http://www.w3.org/2000/svg', 'circle');
    circle.setAttribute('r', 9);
    circle.setAttribute('class', 'mover');
    this.canvas.getLayer('movers', 5).append(circle);
    const length = path.getTotalLength();
    await frames(HOP, (part) => {
      const eased = part < 0.5 ? 2 * part * part : 1 - 2 * (1 - part) ** 2;
      const point = path.getPointAtLength(length * eased);
      circle.setAttribute('cx', point.x);
      circle.setAttribute('cy', point.y);
    });
    circle.remove();
  }
}

function isFlowNode(element) {
  return element.businessObject?.$instanceOf?.('bpmn:FlowNode') ?? false;
}

function piece(classes, text) {
  const element = document.createElement('div');
  element.className = classes;
  element.textContent = text;
  return element;
}

function frames(duration, draw) {
  return new Promise((done) => {
    const begun = performance.now();
    const frame = (now) => {
      const part = Math.min(1, Math.max(0, (now - begun) / duration));
      draw(part);
      if (part < 1) requestAnimationFrame(frame);
      else done();
    };
    requestAnimationFrame(frame);
    // A tab in the background is given no frames: what waits for the end must not wait for the person.
    setTimeout(done, duration * 2);
  });
}

/** Tie the diagram and the elements of the page that stand for the same element: selecting one selects all. */
export function tie(diagram) {
  const select = (id, { scroll = false } = {}) => {
    diagram?.select(id);
    for (const place of document.querySelectorAll('[data-element]')) {
      place.classList.toggle('is-selected', place.dataset.element === id);
    }
    if (scroll) document.querySelector(`[data-element="${CSS.escape(id)}"]`)?.scrollIntoView({ block: 'nearest' });
    history.replaceState(null, '', `#element=${encodeURIComponent(id)}`);
  };
  if (diagram) diagram.onSelect = (id) => select(id, { scroll: true });
  document.addEventListener('click', (event) => {
    const link = event.target.closest('[data-select]');
    if (!link) return;
    event.preventDefault();
    select(link.dataset.select);
  });
  const named = /^#element=(.+)$/.exec(location.hash);
  if (named) select(decodeURIComponent(named[1]));
}
