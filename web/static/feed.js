// One event stream for all tabs of a browser: the tab that holds a lock reads it and passes hints on to the others.
// (A browser opens six connections to a server; six tabs with a stream each would leave none for anything else.)
// Where that is impossible, or the server has no stream left, each tab asks every two seconds.

const ADDRESS = '/events';
const PAUSE = 2000;
const TROUBLE = 3;

/** Call `onHint(hint)` when something may have changed; an empty hint means: look. `onState` hears live, polling, offline. */
export function follow(onHint, onState) {
  const feed = { onHint, onState, polling: false };
  addEventListener('offline', () => onState('offline'));
  if (!navigator.locks || !('BroadcastChannel' in self) || !('EventSource' in self)) return poll(feed);
  feed.channel = new BroadcastChannel('runner-feed');
  feed.channel.onmessage = ({ data }) => (data.state ? onState(data.state) : onHint(data));
  onState('live');
  onHint({});
  navigator.locks.request('runner-feed', () => read(feed));
}

function read(feed) {
  return new Promise((done) => {
    const source = new EventSource(ADDRESS);
    let failures = 0;
    source.onopen = () => {
      failures = 0;
      // Whatever happened while nobody listened is not in the stream.
      tell(feed, {});
      tell(feed, { state: 'live' });
    };
    source.onmessage = (event) => tell(feed, JSON.parse(event.data));
    source.onerror = () => {
      failures += 1;
      tell(feed, { state: 'offline' });
      if (source.readyState !== EventSource.CLOSED && failures < TROUBLE) return;
      source.close();
      poll(feed);
      done();
    };
  });
}

function tell(feed, message) {
  if (message.state) feed.onState(message.state);
  else feed.onHint(message);
  feed.channel.postMessage(message);
}

function poll(feed) {
  if (feed.polling) return;
  feed.polling = true;
  setInterval(() => document.hidden || feed.onHint({ poll: true }), PAUSE);
  feed.onState('polling');
}
