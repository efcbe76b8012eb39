'use strict';
// What waits long shows itself: timers of more than ten seconds are told of and cut short, and the clock is put
// forward by what was cut when they ring, so that it agrees with them.
const { emit, whence, apply, construct, define, Proxy: RealProxy } = watch;
const timers = require('timers');
const promises = require('timers/promises');
const LONG = 10_000;
const SHORT = 1500;
const { now: realNow } = Date;
const RealDate = Date;
let skipped = 0;
let replaced = false;

function shorten(delay) {
  const wanted = +delay;
  if (!(wanted > LONG)) return delay;
  const from = whence();
  if (from.script === undefined) return delay;
  emit('wait', { __proto__: null, seconds: wanted / 1000, layer: from.script, stack: from.stack });
  return SHORT;
}

function advance(wanted) {
  skipped += wanted - SHORT;
  if (replaced) return;
  replaced = true;
  const now = () => apply(realNow, RealDate, []) + skipped;
  const clock = new RealProxy(RealDate, {
    __proto__: null,
    construct: (target, given, asked) => construct(target, given.length ? given : [now()], asked === clock ? target : asked),
    apply: () => apply(RealDate.prototype.toString, new RealDate(now()), []),
    get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
  });
  define(RealDate.prototype, 'constructor', { __proto__: null, value: clock, configurable: true, writable: true });
  define(globalThis, 'Date', { __proto__: null, value: clock, configurable: true, writable: true });
}

function timer(name) {
  const real = timers[name];
  return watch.stand(real, function (callback, delay) {
    const given = arguments;
    const wanted = +delay;
    const short = shorten(delay);
    if (short !== delay && typeof callback === 'function') {
      given[1] = short;
      given[0] = function () {
        advance(wanted);
        return apply(callback, this, arguments);
      };
    }
    return apply(real, this, given);
  });
}

const setTimeout = timer('setTimeout');
const setInterval = timer('setInterval');
timers.setTimeout = globalThis.setTimeout = setTimeout;
timers.setInterval = globalThis.setInterval = setInterval;

const { setTimeout: sleep } = promises;
promises.setTimeout = watch.stand(sleep, function (delay) {
  const wanted = +delay;
  const given = arguments;
  const short = shorten(delay);
  if (short === delay) return apply(sleep, this, given);
  given[0] = short;
  return apply(sleep, this, given).then((value) => { advance(wanted); return value; });
});
if (promises.scheduler) {
  const { wait } = promises.scheduler;
  promises.scheduler.wait = watch.stand(wait, function (delay) {
    const given = arguments;
    given[0] = shorten(delay);
    return apply(wait, this, given);
  });
}

const { wait } = Atomics;
Atomics.wait = watch.stand(wait, function (array, index, value, timeout) {
  const given = arguments;
  if (given.length > 3) given[3] = shorten(timeout);
  return apply(wait, this, given);
});
