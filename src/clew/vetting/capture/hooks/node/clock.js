'use strict';
// What waits long shows itself. Timers of more than ten seconds are told of and cut short, and the clock is put forward
// when they ring, so that it agrees with them. A date that lies ahead and is written into the code is told of, and has
// come already.
const { emit, whence, apply, construct, define, stand, Proxy: RealProxy } = watch;
const timers = require('timers');
const promises = require('timers/promises');
const LONG = 10_000;
const SHORT = 1500;
const HOUR = 3_600_000;
const YEARS = 5 * 366 * 24 * HOUR;
const RealDate = Date;
const { now: realNow, parse, UTC } = Date;
const { toString, toISOString } = Date.prototype;
let skipped = 0;

const now = stand(realNow, () => apply(realNow, RealDate, []) + skipped);

// A date given by its parts or its text, not one that was computed, lies an hour back instead.
function come(value, given) {
  const wanted = value - now();
  if (!(wanted > HOUR && wanted < YEARS) || (given.length === 1 && typeof given[0] !== 'string')) return value;
  const from = whence();
  if (from.script === undefined || from.internal) return value;
  const date = apply(toISOString, new RealDate(value), []);
  emit('read_environment', { __proto__: null, name: `date ${date}`, layer: from.script, stack: from.stack });
  return now() - HOUR;
}

function reader(real) {
  return stand(real, function () {
    const value = apply(real, RealDate, arguments);
    return come(value, arguments.length === 1 ? arguments : [0, 0]);
  });
}
const replies = { __proto__: null, now, parse: reader(parse), UTC: reader(UTC) };

const clock = new RealProxy(RealDate, {
  __proto__: null,
  construct(target, given, asked) {
    const own = asked === clock ? target : asked;
    if (given.length === 0) return construct(target, [now()], own);
    const date = construct(target, given, own);
    const value = come(+date, given);
    return value === +date || value !== value ? date : construct(target, [value], own);
  },
  apply: () => apply(toString, new RealDate(now()), []),
  get: (target, name, receiver) => (typeof name === 'string' && replies[name]) || Reflect.get(target, name, receiver),
});
watch.set(watch.wrapped, clock, RealDate);
define(RealDate.prototype, 'constructor', { __proto__: null, value: clock, configurable: true, writable: true });
define(globalThis, 'Date', { __proto__: null, value: clock, configurable: true, writable: true });

// How long to wait instead.
function shorten(delay) {
  const wanted = +delay;
  if (!(wanted > LONG)) return delay;
  const from = whence();
  if (from.script === undefined) return delay;
  emit('wait', { __proto__: null, seconds: wanted / 1000, layer: from.script, stack: from.stack });
  return SHORT;
}

function timer(name) {
  const real = timers[name];
  return stand(real, function (callback, delay) {
    const given = arguments;
    const short = shorten(delay);
    if (short !== delay && typeof callback === 'function') {
      given[1] = short;
      given[0] = function () {
        skipped += delay - short;
        return apply(callback, this, arguments);
      };
    }
    return apply(real, this, given);
  });
}
timers.setTimeout = globalThis.setTimeout = timer('setTimeout');
timers.setInterval = globalThis.setInterval = timer('setInterval');

function sleeper(owner, name) {
  const real = owner[name];
  owner[name] = stand(real, async function (delay) {
    const given = arguments;
    const short = shorten(delay);
    given[0] = short;
    const value = await apply(real, this, given);
    if (short !== delay) skipped += delay - short;
    return value;
  });
}
sleeper(promises, 'setTimeout');
if (promises.scheduler) sleeper(promises.scheduler, 'wait');

const { wait } = Atomics;
Atomics.wait = stand(wait, function (array, index, value, timeout) {
  const given = arguments;
  if (given.length > 3) given[3] = shorten(timeout);
  if (given[3] !== timeout) skipped += timeout - given[3];
  return apply(wait, this, given);
});
