'use strict';
// Loaded by NODE_OPTIONS=--require before the first line of a package, in every process and every worker.
// The parts are compiled under names of Node's own, so that a stack shows nothing strange.
const key = 'node:worker_threads/settings';
const settings = process.env.CAPTURE || require('worker_threads').getEnvironmentData(key);
if (settings) {
  const fs = require('fs');
  const vm = require('vm');
  const path = require('path');
  const watch = { __proto__: null, settings, key, hook: __filename };
  const parts = ['primordials', 'log', 'scripts', 'stack', 'clock', 'environment', 'files', 'network', 'processes',
    'engine', 'platform', 'disguise'];
  for (let i = 0; i < parts.length; i += 1) {
    try {
      const text = fs.readFileSync(path.join(__dirname, 'node', `${parts[i]}.js`), 'utf8');
      const part = vm.compileFunction(text, ['watch', 'require'], { filename: `node:internal/util/watch/${parts[i]}` });
      part(watch, require);
    } catch (error) {
      // A part that does not fit this Node is a witness lost, and the log says so.
      if (!watch.emit) break;
      watch.emit('fault', { __proto__: null, what: `${parts[i]}: ${error && error.message}` });
    }
  }
  delete require.cache[__filename];
}
