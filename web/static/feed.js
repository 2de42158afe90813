// One event stream for all tabs of a browser: the tab that holds a lock reads it and passes hints on to the others.
// (A browser opens six connections to a server; six tabs with a stream each would leave none for anything else.)
// Where there is no stream, because the server has none left or the browser cannot, a tab asks every two seconds.

const ADDRESS = '/events';
const NAME = 'runner-feed';
const PAUSE = 2000;
const AGAIN = 30_000;

/** Call `onHint(hint)` when something may have changed (an empty hint: look), `onState` with live, polling or offline. */
export function follow(onHint, onState) {
  const feed = new Feed(onHint, onState);
  if (navigator.locks && 'BroadcastChannel' in self && 'EventSource' in self) feed.share();
  else feed.poll();
}

class Feed {
  constructor(onHint, onState) {
    this.onHint = onHint;
    this.onState = onState;
    this.timer = null;
  }

  share() {
    this.channel = new BroadcastChannel(NAME);
    this.channel.onmessage = ({ data }) => this.hear(data);
    this.onState('live');
    // What happened between the making of this page and now is in no hint.
    this.onHint({});
    this.lead();
  }

  // Waits until no other tab reads the stream: for most tabs, until that one is closed.
  lead() {
    navigator.locks.request(NAME, () => new Promise((done) => { this.read(done); }));
  }

  read(done) {
    const source = new EventSource(ADDRESS);
    source.onopen = () => {
      this.tell({ state: 'live' });
      this.tell({});
    };
    source.onmessage = (event) => this.tell(JSON.parse(event.data));
    source.onerror = () => {
      // The browser connects again by itself, unless the server has refused the stream.
      if (source.readyState !== EventSource.CLOSED) return this.tell({ state: 'offline' });
      this.poll();
      setTimeout(() => this.lead(), AGAIN);
      return done();
    };
  }

  tell(message) {
    this.hear(message);
    this.channel.postMessage(message);
  }

  hear(message) {
    if (!message.state) return this.onHint(message);
    if (message.state === 'live') this.stopPolling();
    return this.onState(message.state);
  }

  poll() {
    this.stopPolling();
    this.timer = setInterval(() => document.hidden || this.onHint({}), PAUSE);
    this.onState('polling');
  }

  stopPolling() {
    clearInterval(this.timer);
    this.timer = null;
  }
}
