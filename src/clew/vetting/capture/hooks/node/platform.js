'use strict';
// Another system where the run asks for one; and who asks which system this is.
const { emit, whence, define, platform } = watch;
const os = require('os');
const SYSTEMS = {
  __proto__: null,
  win32: { __proto__: null, type: 'Windows_NT', release: '10.0.22631', version: 'Windows 11 Pro' },
  darwin: { __proto__: null, type: 'Darwin', release: '24.6.0', version: 'Darwin Kernel Version 24.6.0' },
};
const system = SYSTEMS[platform];
const real = process.platform;
let asked = false;

// Node's own modules look once which system they run on: they are told the truth.
const LOOKING = ['child_process', 'cluster', 'dgram', 'dns', 'fs', 'http', 'https', 'http2', 'module', 'net', 'path',
  'readline', 'stream', 'tls', 'tty', 'url', 'util', 'vm', 'worker_threads', 'zlib'];
if (system) for (let i = 0; i < LOOKING.length; i += 1) require(LOOKING[i]);

function ask(value) {
  if (!asked) {
    const from = whence();
    if (from.script !== undefined && !from.internal) {
      asked = true;
      emit('read_environment', { __proto__: null, name: 'process.platform', layer: from.script, stack: from.stack });
    }
  }
  return value;
}

define(process, 'platform', {
  __proto__: null, get: () => ask(system ? platform : real), set: undefined, enumerable: true, configurable: true,
});
const answers = { __proto__: null, type: '', release: '', version: '', ...system, platform: system ? platform : real };
for (const name in answers) {
  const was = os[name];
  const answer = answers[name] || was();
  const reply = watch.stand(was, () => ask(answer));
  define(reply, Symbol.toPrimitive, { __proto__: null, value: () => answer });
  os[name] = reply;
}
if (platform === 'win32') define(os, 'EOL', { __proto__: null, value: '\r\n', enumerable: true, configurable: true });
