'use strict';
// The environment: what loads us is taken out of the package's sight, and who reads which variable is told.
const { emit, whence, described, ownKeys, get, set, has } = watch;
const real = process.env;
watch.nodeOptions = real.NODE_OPTIONS || '';
delete real.NODE_OPTIONS;
delete real.CAPTURE;
// What of NODE_OPTIONS is not ours stays.
const ours = watch.nodeOptions.indexOf(watch.hook);
const own = ours < 0 ? '' : watch.nodeOptions.slice(ours + watch.hook.length).replace(/^"?\s*/, '');
if (own) real.NODE_OPTIONS = own;

const LIMIT = 500;
const told = new watch.Map();
let count = 0;
let listed = '';

function tell(name) {
  if (typeof name !== 'string' || has(told, name) || count >= LIMIT) return;
  const from = whence();
  // Node itself reads it for a child, and who lists all of it reads each in the same place.
  if (from.script === undefined || from.internal || from.place === listed) return;
  set(told, name, true);
  count += 1;
  emit('read_environment', { __proto__: null, name, layer: from.script, stack: from.stack });
}

function list(names) {
  const from = whence();
  if (from.script === undefined || from.internal) return names;
  listed = from.place;
  if (!has(told, '*')) {
    set(told, '*', true);
    emit('read_environment', { __proto__: null, name: '*', layer: from.script, stack: from.stack });
  }
  return names;
}

process.env = new watch.Proxy(real, {
  __proto__: null,
  get: (target, name) => { tell(name); return target[name]; },
  has: (target, name) => { tell(name); return name in target; },
  set: (target, name, value) => { target[name] = value; return true; },
  defineProperty: (target, name, told) => { target[name] = told.value; return true; },
  deleteProperty: (target, name) => delete target[name],
  getOwnPropertyDescriptor: (target, name) => described(target, name),
  ownKeys: (target) => list(ownKeys(target)),
});
